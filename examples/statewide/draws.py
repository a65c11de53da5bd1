"""Seeded draws in whole numbers and decimals: the same on every machine, since no binary fraction is involved."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from random import Random
from typing import Final, TypeVar

_CENT: Final = Decimal("0.01")
_CONTEXT: Final = Context(prec=28, rounding=ROUND_HALF_EVEN)
_FACES: Final = 1024
"""Coins thrown for one normal draw: their number of heads has a standard deviation of 16."""

Item = TypeVar("Item")


class Draws:
    """A source of draws. Standings are in thousandths of a standard deviation: 1500 is one and a half above average."""

    def __init__(self, seed: int) -> None:
        """Start anew from a seed."""
        self._random = Random(seed)  # noqa: S311 (made-up data, not secrets)

    def standing(self, *shared: tuple[int, int]) -> int:
        """Return a normal draw; of each `shared` (percent, standing), that percent is common with another standing."""
        heads = self._random.getrandbits(_FACES).bit_count() - _FACES // 2
        own = (heads * 1000 + self._random.randrange(1000) - 500) // 16
        left = 100 - sum(percent for percent, _ in shared)
        return (own * left + sum(percent * other for percent, other in shared)) // 100

    def below(self, end: int) -> int:
        """Return a whole number from 0 to below `end`, each as likely."""
        return self._random.randrange(end)

    def one_of(self, items: Sequence[Item]) -> Item:
        """Return one of the items, each as likely."""
        return items[self.below(len(items))]

    def happens(self, percent: int) -> bool:
        """Return yes in so many of a hundred cases."""
        return self.below(100) < percent

    def skewed(self, median: int, spread: str, standing: int) -> Decimal:
        """Return what stands so in a lognormal distribution, to the cent; `spread` is that of its logarithm."""
        exponent = Decimal(standing) * Decimal(spread) / 1000
        return (median * exponent.exp(_CONTEXT)).quantize(_CENT, context=_CONTEXT)


def between(low: int, value: int, high: int) -> int:
    """Return the value, no lower than `low` and no higher than `high`."""
    return max(low, min(value, high))
