"""Ranges of exact numbers, with open and closed ends."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from vbc_rules.language.rounding import round_to
from vbc_rules.resolve.expressions import Rounding

ZERO: Final = Fraction(0)


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`; None for an end that is not bounded; an open end is itself left out."""

    low: Fraction | None
    high: Fraction | None
    low_open: bool = False
    high_open: bool = False

    @staticmethod
    def point(value: Fraction) -> Interval:
        """Return the range of one number."""
        return Interval(value, value)

    @property
    def is_empty(self) -> bool:
        """Whether no number lies within: a case that cannot happen."""
        if self.low is None or self.high is None:
            return False
        order = _order(self.low, self.high)
        return order > 0 or (order == 0 and (self.low_open or self.high_open))

    @property
    def is_point(self) -> bool:
        """Whether exactly one number lies within."""
        return self.low is not None and (self.low is self.high or self.low == self.high)

    @property
    def is_positive(self) -> bool:
        """Whether every number within is above zero."""
        return self.low is not None and (self.low.numerator > 0 or (self.low.numerator == 0 and self.low_open))

    @property
    def is_negative(self) -> bool:
        """Whether every number within is below zero."""
        return self.high is not None and (self.high.numerator < 0 or (self.high.numerator == 0 and self.high_open))

    @property
    def is_not_negative(self) -> bool:
        """Whether no number within is below zero."""
        return self.low is not None and self.low.numerator >= 0

    @property
    def is_not_positive(self) -> bool:
        """Whether no number within is above zero."""
        return self.high is not None and self.high.numerator <= 0

    def __contains__(self, value: Fraction) -> bool:
        below = self.low is None or value > self.low or (value == self.low and not self.low_open)
        return below and (self.high is None or value < self.high or (value == self.high and not self.high_open))

    def __neg__(self) -> Interval:
        return Interval(
            None if self.high is None else -self.high,
            None if self.low is None else -self.low,
            self.high_open,
            self.low_open,
        )

    def __add__(self, other: Interval) -> Interval:
        low = None if self.low is None or other.low is None else self.low + other.low
        high = None if self.high is None or other.high is None else self.high + other.high
        return Interval(low, high, self.low_open or other.low_open, self.high_open or other.high_open)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        if self.is_point and self.low is not None:
            return other.times(self.low)
        if other.is_point and other.low is not None:
            return self.times(other.low)
        ends = [
            _end_product(a, a_open, a_sign, b, b_open, b_sign)
            for a, a_open, a_sign in ((self.low, self.low_open, -1), (self.high, self.high_open, 1))
            for b, b_open, b_sign in ((other.low, other.low_open, -1), (other.high, other.high_open, 1))
        ]
        low = _extreme(ends, least=True)
        high = _extreme(ends, least=False)
        return Interval(low[0], high[0], low[1], high[1])

    def times(self, factor: Fraction) -> Interval:
        """Return the range of a multiple."""
        if factor == 0:
            return Interval(ZERO, ZERO)
        if factor == 1:
            return self
        if factor == -1:
            return -self
        low = None if self.low is None else self.low * factor
        high = None if self.high is None else self.high * factor
        if factor > 0:
            return Interval(low, high, self.low_open, self.high_open)
        return Interval(high, low, self.high_open, self.low_open)

    def inverse(self) -> Interval:
        """Return the range of 1/x. Every number within is above zero, or every one below (else ValueError)."""
        if not (self.is_positive or self.is_negative):
            raise ValueError("zero lies within the range")
        low = None if self.high is None else (1 / self.high if self.high != 0 else None)
        high = None if self.low is None else (1 / self.low if self.low != 0 else None)
        low_open, high_open = self.high_open, self.low_open
        if self.high is None:
            low, low_open = ZERO, True
        if self.low is None:
            high, high_open = ZERO, True
        return Interval(low, high, low_open, high_open)

    def hull(self, other: Interval) -> Interval:
        """Return the smallest range that holds both."""
        if self.is_empty:
            return other
        if other.is_empty:
            return self
        low = _outer(self.low, self.low_open, other.low, other.low_open, least=True)
        high = _outer(self.high, self.high_open, other.high, other.high_open, least=False)
        return Interval(low[0], high[0], low[1], high[1])

    def meet(self, other: Interval) -> Interval:
        """Return what lies in both (possibly empty)."""
        low = _inner(self.low, self.low_open, other.low, other.low_open, larger=True)
        high = _inner(self.high, self.high_open, other.high, other.high_open, larger=False)
        return Interval(low[0], high[0], low[1], high[1])

    def at_least(self, other: Interval) -> Interval:
        """Return the range of max(x, y)."""
        low = _inner(self.low, self.low_open, other.low, other.low_open, larger=True)
        high = _outer(self.high, self.high_open, other.high, other.high_open, least=False)
        return Interval(low[0], high[0], low[1], high[1])

    def at_most(self, other: Interval) -> Interval:
        """Return the range of min(x, y)."""
        return -((-self).at_least(-other))

    def rounded(self, rounding: Rounding) -> Interval:
        """Return the range of the rounded number. An open end that is a tie is approached from within."""
        low = (
            None
            if self.low is None
            else round_to(self._within(self.low, self.low_open, rounding, 1), rounding.unit, rounding.mode)
        )
        high = (
            None
            if self.high is None
            else round_to(self._within(self.high, self.high_open, rounding, -1), rounding.unit, rounding.mode)
        )
        if low is not None and high is not None and low > high:
            low = high
        return Interval(low, high)

    def _within(self, end: Fraction, is_open: bool, rounding: Rounding, inward: int) -> Fraction:
        """Return a number just inside an open end: rounding is constant between multiples of half a unit."""
        if not is_open or (end / rounding.unit * 2).denominator != 1:
            return end
        inner = end + inward * rounding.unit / 4
        return inner if inner in self else end


EVERYTHING: Final = Interval(None, None)
NOTHING: Final = Interval(Fraction(1), ZERO)


_End = tuple[Fraction | None, bool, int]


def _end_product(a: Fraction | None, a_open: bool, a_sign: int, b: Fraction | None, b_open: bool, b_sign: int) -> _End:
    """Return one product of ends: the number (None: unbounded, towards `sign`), and whether it is left out."""
    if (a == 0 and a is not None) or (b == 0 and b is not None):
        touched = (a == 0 and not a_open) or (b == 0 and not b_open)
        return (ZERO, not touched, 0)
    if a is None or b is None:
        sign_a = a_sign if a is None else (1 if a > 0 else -1)
        sign_b = b_sign if b is None else (1 if b > 0 else -1)
        return (None, False, sign_a * sign_b)
    return (a * b, a_open or b_open, 0)


def _extreme(ends: list[_End], *, least: bool) -> tuple[Fraction | None, bool]:
    if any(value is None and sign == (-1 if least else 1) for value, _, sign in ends):
        return None, False
    finite = [(value, is_open) for value, is_open, _ in ends if value is not None]
    if not finite:
        return None, False
    best = min(value for value, _ in finite) if least else max(value for value, _ in finite)
    return best, all(is_open for value, is_open in finite if value == best)


def _outer(
    a: Fraction | None, a_open: bool, b: Fraction | None, b_open: bool, *, least: bool
) -> tuple[Fraction | None, bool]:
    if a is None or b is None:
        return None, False
    order = _order(a, b)
    if order == 0:
        return a, a_open and b_open
    return (a, a_open) if (order < 0) == least else (b, b_open)


def _inner(
    a: Fraction | None, a_open: bool, b: Fraction | None, b_open: bool, *, larger: bool
) -> tuple[Fraction | None, bool]:
    if a is None:
        return b, b_open
    if b is None:
        return a, a_open
    order = _order(a, b)
    if order == 0:
        return a, a_open or b_open
    return (a, a_open) if (order > 0) == larger else (b, b_open)


def _order(a: Fraction, b: Fraction) -> int:
    """Return a number that is below zero where a < b, zero where a = b, above zero where a > b."""
    above, below = a.as_integer_ratio()
    other_above, other_below = b.as_integer_ratio()
    return above * other_below - other_above * below
