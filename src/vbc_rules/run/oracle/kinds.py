"""What kind a value is where a checked program leaves only one: anything else is a fault of the library, and loud."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from fractions import Fraction
from typing import TypeVar

from vbc_rules.resolve.expressions import Datum, Expr

T = TypeVar("T")


def quantity(value: Datum) -> Fraction:
    """Return `value`, a quantity. Raises TypeError for anything else."""
    if not isinstance(value, Fraction):
        raise TypeError("a quantity is wanted here")
    return value


def quantities(values: Iterable[Datum]) -> list[Fraction]:
    """Return `values`, all of them quantities. Raises TypeError for anything else."""
    return [quantity(value) for value in values]


def yes_no(value: Datum) -> bool:
    """Return `value`, a yes/no. Raises TypeError for anything else."""
    if not isinstance(value, bool):
        raise TypeError("a yes/no is wanted here")
    return value


def day(value: Datum) -> datetime.date:
    """Return `value`, a date. Raises TypeError for anything else."""
    if not isinstance(value, datetime.date):
        raise TypeError("a date is wanted here")
    return value


def written(expr: Expr | None) -> Expr:
    """Return an expression that this form of the language always has. Raises TypeError where it is missing."""
    if expr is None:
        raise TypeError("an expression of the resolved program is missing")
    return expr


def there(part: T | None) -> T:
    """Return a part that this form of the language always has. Raises TypeError where it is missing."""
    if part is None:
        raise TypeError("a part of the resolved program is missing")
    return part
