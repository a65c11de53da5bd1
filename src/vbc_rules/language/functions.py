"""The functions of the formula language: how each is written, and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Function:
    """A function that computes: how it is written, and how many arguments it takes (None: any number)."""

    written: str
    at_least: int
    at_most: int | None


def _fixed(written: str) -> Function:
    count = written.count(",") + 1
    return Function(written, count, count)


FUNCTIONS: Final[Mapping[str, Function]] = {
    "min": Function("min(a, b)", 2, None),
    "max": Function("max(a, b)", 2, None),
    "abs": _fixed("abs(x)"),
    "clamp": _fixed("clamp(x, low, high)"),
    "round": _fixed("round(x, digits, mode)"),
    "floor": _fixed("floor(x)"),
    "ceiling": _fixed("ceiling(x)"),
    "gain": _fixed("gain(a, b)"),
    "sqrt": _fixed("sqrt(x, digits)"),
    "exp": _fixed("exp(x, digits)"),
    "days_between": _fixed("days_between(from_date, to_date)"),
    "months_between": _fixed("months_between(from_date, to_date)"),
    "years_between": _fixed("years_between(from_date, to_date)"),
    "add_months": _fixed("add_months(date, months)"),
    "year": _fixed("year(date)"),
}
"""The functions that compute, by name."""

GATHERS: Final[Mapping[str, str | None]] = {
    "sum": "write `a + b`",
    "count": "write `count(name where condition)`",
    "mean": "write `(a + b) / 2`",
    "any": "write `a or b`",
    "all": "write `a and b`",
    "min": None,
    "max": None,
}
"""The functions that gather one name, and what to write instead where several arguments are given (None: allowed)."""
