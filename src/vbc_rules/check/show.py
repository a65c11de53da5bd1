"""Exact numbers in words for people who read findings."""

from __future__ import annotations

from fractions import Fraction

from vbc_rules.check.interval import Interval
from vbc_rules.language.numerals import plain
from vbc_rules.language.types import Type


def amount(value: Fraction, type_: Type) -> str:
    """Return a number in its unit: `$1,250`, `5%`, `38.5`."""
    if type_.kind == "percent":
        return f"{plain(value * 100)}%"
    if type_.kind == "money":
        return f"-${plain(-value)}" if value < 0 else f"${plain(value)}"
    return plain(value)


def span_of(interval: Interval, type_: Type) -> str:
    """Return a range in words: `$0 to $5,000`, `more than 0 to 10`, `0% or more`."""
    low, high = interval.low, interval.high
    below = "more than " if interval.low_open else ""
    above = "less than " if interval.high_open else ""
    if low is None and high is None:
        return "any number"
    if low is None and high is not None:
        return f"less than {amount(high, type_)}" if interval.high_open else f"{amount(high, type_)} or less"
    if high is None and low is not None:
        return f"more than {amount(low, type_)}" if interval.low_open else f"{amount(low, type_)} or more"
    assert low is not None  # noqa: S101 - both ends are there once the cases above are past
    assert high is not None  # noqa: S101 - as above
    if interval.is_point:
        return amount(low, type_)
    return f"{below}{amount(low, type_)} to {above}{amount(high, type_)}"
