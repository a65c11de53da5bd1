"""Exact values in the forms callers see."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from vbc_rules.language.absence import Absent
from vbc_rules.language.numerals import decimals_of, in_decimals
from vbc_rules.language.types import Type
from vbc_rules.resolve.expressions import Datum

Value: TypeAlias = Decimal | Fraction | bool | str | datetime.date | Absent


def exact_decimal(value: Fraction, places: int) -> Decimal:
    """Return a number whose decimals end within `places` as a Decimal of that many places."""
    scaled = value.numerator * 10**places // value.denominator
    return Decimal((1 if scaled < 0 else 0, tuple(int(digit) for digit in str(abs(scaled))), -places))


def public_value(value: Datum, type_: Type, places: int | None) -> Value:
    """Return a value as callers see it: quantities as Decimal, or as Fraction where `places` is None.

    `places` are the decimals every value of this name fits in; a percent is its fraction (5% is 0.05).
    """
    if not isinstance(value, Fraction):
        return value
    if places is None:
        return value
    needed = decimals_of(value) or 0
    shown = 2 if type_.kind == "money" else 0
    return exact_decimal(value, max(needed, min(places, shown)))


def text_value(value: Datum, type_: Type) -> str | bool | dict[str, str]:
    """Return a value for JSON: quantities as text (a percent with its sign), an absence as {"absent": reason}."""
    if isinstance(value, Absent):
        return {"absent": value.reason}
    if isinstance(value, bool | str):
        return value
    if isinstance(value, datetime.date):
        return value.isoformat()
    number = value * 100 if type_.kind == "percent" else value
    text = in_decimals(number, least=2 if type_.kind == "money" else 0) or f"{number.numerator}/{number.denominator}"
    return f"{text}%" if type_.kind == "percent" else text
