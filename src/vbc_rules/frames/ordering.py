"""Published figures that stand in the same order as the computed ones, whatever their digits.

A rank among all hospitals of a country cannot be computed from half of them; but from any part of them, whoever has the
higher published figure must have the higher computed one, and equal ones must be equal. That is compared here.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Generic, TypeAlias, TypeVar

Quantity: TypeAlias = Fraction | datetime.date
"""What goes up and down. All figures of one comparison are of one of the two kinds."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """One participant's published and computed figure; `one` is whatever the caller knows it by."""

    row: int
    published: Quantity
    computed: Quantity
    one: T


@dataclass(frozen=True, slots=True)
class Misplaced(Generic[T]):
    """A figure that does not stand to the one published just below it, or equal to it, as it should.

    `equal`: the two are published as equal, and are not computed as equal; else it is not computed as the higher one.
    """

    figure: Placed[T]
    before: Placed[T]
    equal: bool


def in_order(figures: Iterable[Placed[T]]) -> Sequence[Placed[T]]:
    """Return figures by what is published, equal ones by their rows."""
    return sorted(figures, key=lambda figure: (_key(figure.published), figure.row))


def misplaced(figures: Iterable[Placed[T]]) -> Iterator[Misplaced[T]]:
    """Yield each figure that is out of order with the one before it; where there is none, all are in order."""
    for before, figure in pairwise(in_order(figures)):
        if figure.published == before.published:
            if figure.computed != before.computed:
                yield Misplaced(figure, before, equal=True)
        elif _key(figure.computed) <= _key(before.computed):
            yield Misplaced(figure, before, equal=False)


def _key(quantity: Quantity) -> Fraction | int:
    return quantity.toordinal() if isinstance(quantity, datetime.date) else quantity
