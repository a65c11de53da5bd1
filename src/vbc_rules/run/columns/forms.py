"""What a column holds, known before any data: its unit, its range, and so the width its numbers need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from vbc_rules.check.interval import EVERYTHING, Interval
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import Datum

Array: TypeAlias = Any
"""A numpy array, or one number that stands for all rows."""

Vector: TypeAlias = tuple[Array, Array, Array]
"""Numbers, denominators (None: 1) and codes of absences (None: all present; 0 where one is present)."""

Width: TypeAlias = Literal["int8", "int16", "float32", "float64", "int64", "object"]
"""How whole numbers are carried, from the narrowest: as numpy's types, in floats only where these are exact, or as
Python's own. Processors divide floats many at a time, and whole numbers one by one."""

Kind: TypeAlias = Literal["number", "yes_no", "word", "date"]

MOST_IN_FLOAT: Final = 2**53
MOST_IN_INT: Final = 2**63 - 1

MOST: Final[Mapping[Width, int]] = {
    "int8": 2**7 - 1, "int16": 2**15 - 1, "float32": 2**24, "float64": MOST_IN_FLOAT, "int64": MOST_IN_INT,
}  # fmt: skip
"""What is carried exactly in each width, and its opposite; from the narrowest."""

_TYPES: Final[Mapping[Width, Any]] = {width: np.dtype(width) for width in (*MOST, "object")}
_WIDTHS: Final[tuple[Width, ...]] = (*MOST, "object")


class Unsupported(Exception):  # noqa: N818 (a signal: another engine computes such a program)
    """Columns do not compute this; the message says what."""


@dataclass(frozen=True, slots=True)
class Env:
    """The rows a stage is evaluated for.

    `slots` holds what was found for them; `spans` which rows of each base they are, first and after the last; `parents`
    for each list the row of the root (counted from the first) that each item lies in, and `starts` where the items of
    each row begin (and end).
    """

    slots: dict[object, Vector]
    spans: Mapping[str, tuple[int, int]]
    parents: Mapping[str, Array]
    starts: Mapping[str, Array]

    def length(self, base: str) -> int:
        """Return how many rows of a base there are."""
        first, last = self.spans[base]
        return last - first


Run: TypeAlias = Callable[[Env], Vector]


@dataclass(frozen=True, slots=True)
class Column:
    """What computes a column, and what is known of it.

    A quantity is number / (divisor * denominator). `interval` is the range of the quantity where it is there;
    `low` and `high` bound the numbers and `below` the denominators, which are above zero (1 where there are none).
    Words are numbers of a table, dates days. `constant` is the value that every row has.
    """

    kind: Kind
    run: Run
    divisor: int = 1
    has_denominator: bool = False
    may_be_absent: bool = False
    interval: Interval = EVERYTHING
    low: int | None = None
    high: int | None = None
    below: int | None = 1
    constant: Datum | None = None

    @property
    def width(self) -> Width:
        """The width of the numbers."""
        return "int64" if self.kind == "word" else width_of(self.low, self.high)

    @property
    def width_below(self) -> Width:
        """The width of the denominators."""
        return width_of(1, self.below)

    @property
    def never_negative(self) -> bool:
        """Whether no number is below zero."""
        return self.low is not None and self.low >= 0

    @property
    def quantity(self) -> Fraction | None:
        """The number that every row has."""
        return self.constant if isinstance(self.constant, Fraction) else None


def width_of(low: int | None, high: int | None) -> Width:
    """Return the narrowest width that holds every number from `low` to `high`."""
    if low is None or high is None:
        return "object"
    most = max(abs(low), abs(high))
    return next((width for width, held in MOST.items() if most <= held), "object")


def widest(*widths: Width) -> Width:
    """Return the widest of several."""
    return max(widths, key=_WIDTHS.index)


def for_quotients(width: Width) -> Width:
    """Return a width in which whole numbers are divided many at a time, no narrower than this one."""
    return widest(width, "float32")


def cast(array: Array, width: Width) -> Array:
    """Return whole numbers carried in another width; those of rows that nothing reads may become others."""
    if not isinstance(array, np.ndarray):
        return int(array) if width == "object" else one_in(int(array), width)
    kind = _TYPES[width]
    if array.dtype == kind:
        return array
    if array.dtype == object:
        return _fitted(array, width)
    return array.astype(np.int64).astype(object) if width == "object" else array.astype(kind)


def one_in(value: int, width: Width) -> Array:
    """Return one whole number in a width; in whole numbers of some bits as these wrap."""
    if width.startswith("int"):
        most = MOST[width] + 1
        value = (value + most) % (2 * most) - most
    return value if width == "object" else _TYPES[width].type(value)


def _fitted(array: Array, width: Width) -> Array:
    """Return Python's own whole numbers in a width; those of rows that nothing reads may not fit, and become 0."""
    try:
        return array.astype(width)
    except OverflowError:
        return np.where(np.abs(array) <= MOST[width], array, 0).astype(width)


def number(value: Fraction) -> Column:
    """Return the column of one number."""
    above, below = value.as_integer_ratio()
    return Column(
        "number",
        lambda _: (above, None, None),
        divisor=below,
        interval=Interval.point(value),
        low=above,
        high=above,
        constant=value,
    )


def from_interval(interval: Interval, divisor: int) -> tuple[int | None, int | None]:
    """Return between which whole numbers a quantity lies in units of 1 / `divisor`."""
    low = None if interval.low is None else -((-interval.low * divisor).__floor__())
    high = None if interval.high is None else (interval.high * divisor).__floor__()
    return low, high


def narrowed(column: Column, interval: Interval) -> Column:
    """Return a column with what is also known of the range of its quantity."""
    if column.kind != "number":
        return column
    met = column.interval.meet(interval)
    if met.is_empty:
        return column
    if column.has_denominator:
        return replace(column, interval=met)
    low, high = from_interval(met, column.divisor)
    return replace(
        column,
        interval=met,
        low=low if column.low is None else column.low if low is None else max(low, column.low),
        high=high if column.high is None else column.high if high is None else min(high, column.high),
    )


def absence(datum: Absent, code: int) -> Column:
    """Return the column of an absence that every row has."""
    held = np.uint8(code)
    return Column("number", lambda _: (0, None, held), may_be_absent=True, low=0, high=0, constant=datum)


def shared(column: Column) -> Column:
    """Return a column that is computed once however often it is read."""
    if column.constant is not None or getattr(column.run, "is_kept", False):
        return column
    key, run = object(), column.run

    def once(env: Env) -> Vector:
        found = env.slots.get(key)
        if found is None:
            found = env.slots[key] = run(env)
        return found

    return replace(column, run=once)
