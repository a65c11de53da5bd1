"""The functions that numbers and dates go through, exactly: rounding, roots, powers of e, months."""

from __future__ import annotations

import datetime
import decimal
from calendar import monthrange
from fractions import Fraction
from math import isqrt
from typing import Final

from vbc_rules.language.rounding import RoundingMode, round_to

__all__ = [
    "RoundingMode",
    "add_months",
    "days_between",
    "exponential",
    "months_between",
    "round_root",
    "round_to",
    "square_root",
    "year",
    "years_between",
]

MOST_DIGITS: Final = 100
"""The most decimals that a root or a power of e may be asked for."""

LARGEST_EXPONENT: Final = 1000
"""The largest exponent of e, either side of zero; e to the 1000th has 435 digits before its point."""


def square_root(value: Fraction, digits: int) -> Fraction:
    """Return the square root of `value`, correctly rounded half even to `digits` decimals.

    Raises ValueError for a negative value, or digits outside 0 to MOST_DIGITS.
    """
    _check_digits(digits)
    if value < 0:
        raise ValueError("a square root is taken of a number that is not below zero")
    # The whole number below the root in units of the last digit, then which half of the unit the root lies in.
    squared = value * 100**digits
    below = isqrt(squared.numerator // squared.denominator)
    half = Fraction((2 * below + 1) ** 2, 4)
    further = squared > half or (squared == half and below % 2 == 1)
    return Fraction(below + further, 10**digits)


def round_root(squared: Fraction, unit: Fraction, mode: RoundingMode, *, negative: bool = False) -> Fraction:
    """Return the root of `squared` (with `negative`, what is as far below zero), correctly rounded to `unit` by `mode`.

    Raises ValueError for a negative `squared`.
    """
    if squared < 0:
        raise ValueError("a square root is taken of a number that is not below zero")
    units = squared / unit**2
    below = isqrt(units.numerator // units.denominator)
    near = Fraction(below)
    if near**2 != units:
        # Which quarter stands for the root is enough: no mode tells apart what lies on one side of the half.
        half = Fraction(2 * below + 1, 2)
        near += Fraction(2 + (units > half**2) - (units < half**2), 4)
    return round_to(-near * unit if negative else near * unit, unit, mode)


def exponential(value: Fraction, digits: int) -> Fraction:
    """Return e to the power of `value`, correctly rounded half even to `digits` decimals.

    Raises ValueError for a power further than LARGEST_EXPONENT from zero, or digits outside 0 to MOST_DIGITS.
    """
    _check_digits(digits)
    if abs(value) > LARGEST_EXPONENT:
        raise ValueError(f"e is raised to a power from -{LARGEST_EXPONENT:,} to {LARGEST_EXPONENT:,}")
    if value == 0:
        return Fraction(1)
    # Except at 0, e to a rational power is irrational: never a tie, so enough digits always settle the rounding.
    unit = Fraction(1, 10**digits)
    precision = digits + max(0, int(value * 4343 / 10000)) + 10
    while True:
        low, high = _exponential_between(value, precision)
        rounded = round_to(low, unit, "half_even")
        if rounded == round_to(high, unit, "half_even"):
            return rounded
        precision *= 2


def _exponential_between(value: Fraction, precision: int) -> tuple[Fraction, Fraction]:
    """Return a number below and one above e to the power of `value`, about `precision` significant digits apart."""
    ends = []
    for rounding in (decimal.ROUND_FLOOR, decimal.ROUND_CEILING):
        context = decimal.Context(
            prec=precision,
            rounding=rounding,
            Emin=-999_999,
            Emax=999_999,
            traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
        )
        power = context.divide(decimal.Decimal(value.numerator), decimal.Decimal(value.denominator))
        # `exp` is within half a unit in the last place whatever the context's rounding; one step further is a bound.
        near = context.exp(power)
        ends.append(context.next_minus(near) if rounding == decimal.ROUND_FLOOR else context.next_plus(near))
    return Fraction(ends[0]), Fraction(ends[1])


def _check_digits(digits: int) -> None:
    if not 0 <= digits <= MOST_DIGITS:
        raise ValueError(f"write a whole number of digits from 0 to {MOST_DIGITS}")


def days_between(first: datetime.date, last: datetime.date) -> int:
    """Return the days from `first` to `last`; below zero where `last` is earlier."""
    return (last - first).days


def months_between(first: datetime.date, last: datetime.date) -> int:
    """Return the whole months from `first` to `last`: the most that can be added to `first` without passing `last`.

    From January 31 to February 28 (of a common year) is one month, since `add_months` ends there. Where `last` is
    earlier, the months from `last` to `first`, below zero.
    """
    if last < first:
        return -months_between(last, first)
    months = 12 * (last.year - first.year) + last.month - first.month
    return months if last.day >= min(first.day, _last_day(last.year, last.month)) else months - 1


def years_between(first: datetime.date, last: datetime.date) -> int:
    """Return the whole years (twelve whole months each) from `first` to `last`; below zero where `last` is earlier."""
    months = months_between(first, last)
    return months // 12 if months >= 0 else -(-months // 12)


def add_months(date: datetime.date, months: int) -> datetime.date:
    """Return the same day `months` later (earlier for a negative number), or the month's last day if it has none such.

    Raises ValueError outside the years 1 to 9999.
    """
    year, month = divmod(12 * date.year + date.month - 1 + months, 12)
    if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
        raise ValueError("the date lies outside the years 1 to 9999")
    return datetime.date(year, month + 1, min(date.day, _last_day(year, month + 1)))


def year(date: datetime.date) -> int:
    """Return the calendar year of `date`."""
    return date.year


def _last_day(year_: int, month: int) -> int:
    return monthrange(year_, month)[1]
