"""Exact values as people write them: no digit is ever dropped, a quotient that does not end stays a fraction."""

from __future__ import annotations

import datetime
import re
from fractions import Fraction
from typing import Final

from vbc_rules.language.absence import Absent
from vbc_rules.language.numerals import decimals_of, in_decimals
from vbc_rules.language.types import Kind, Type
from vbc_rules.resolve.expressions import Datum

_PLAIN_WORD: Final = re.compile(r"[A-Za-z]\w*")
_RESERVED: Final = frozenset({"yes", "no", "and", "or", "not", "in", "is", "to", "absent", "missing"})
_ABOUT_DIGITS: Final = 6
_UNWIELDY_BITS: Final = 200


def ends(value: Fraction) -> bool:
    """Return whether the decimals of `value` come to an end."""
    return decimals_of(value) is not None


def quantity_text(value: Fraction, kind: Kind) -> str:
    """Return an exact quantity as it stands on a checked line.

    Money has thousands separated and at least two decimals, a percent is written in percent; every digit is there. A
    value whose decimals do not end is a whole number and a fraction: `38 1/3`, `$0 1/3`, `66 2/3%`.
    """
    shown = abs(value) * (100 if kind == "percent" else 1)
    sign = "-" if value < 0 else ""
    if is_unwieldy(value):
        return f"≈{_about(value, kind)}"
    body = in_decimals(shown, least=2 if kind == "money" else 0, separate=kind == "money" or shown >= 10_000)
    if body is None:
        whole, rest = divmod(shown, 1)
        separated = f"{whole:,}" if kind == "money" or whole >= 10_000 else str(whole)
        body = f"{separated} {rest}" if whole or kind == "money" else str(rest)
    return f"{sign}{'$' if kind == 'money' else ''}{body}{'%' if kind == 'percent' else ''}"


def is_unwieldy(value: Fraction) -> bool:
    """Return whether a fraction has so many digits that nobody reads them, as means of many rates may have.

    It is written as `≈` and a decimal, and a line on which it stands is no checked line.
    """
    return value.denominator.bit_length() > _UNWIELDY_BITS


def is_exact(line: str) -> bool:
    """Return whether every number on a line stands there with all its digits."""
    return "≈" not in line


def value_text(value: Datum, type_: Type) -> str:
    """Return a value for reading: as on a checked line, with a decimal beside a fraction that does not end."""
    if isinstance(value, str):
        return value
    if isinstance(value, Fraction) and is_unwieldy(value):
        return f"about {_about(value, type_.kind)}"
    beside = about(value, type_)
    return f"{literal(value, type_)} ({beside})" if beside else literal(value, type_)


def about(value: Datum, type_: Type) -> str:
    """Return what stands beside a fraction that does not end, `115/3, about 38.333333`; empty for any other value."""
    if not isinstance(value, Fraction) or is_unwieldy(value) or ends(value):
        return ""
    fraction = f"{value}, " if type_.kind not in ("percent", "money") and abs(value) > 1 else ""
    return f"{fraction}about {_about(value, type_.kind)}"


def literal(value: Datum, type_: Type) -> str:
    """Return a value as it stands on a checked line; a text that is not a plain word stands in quotes."""
    match value:
        case Absent():
            return str(value)
        case bool():
            return "yes" if value else "no"
        case Fraction():
            return quantity_text(value, type_.kind)
        case datetime.date():
            return value.isoformat()
        case _:
            return word(value)


def word(text: str) -> str:
    """Return a word of a category as it is, any other text in quotes."""
    if _PLAIN_WORD.fullmatch(text) and text not in _RESERVED:
        return text
    return "'" + text.replace("'", "''") + "'"


def exact_text(value: Datum) -> str | bool | None:
    """Return a value for data: a quantity as `45000` or `115/3`, a date in ISO form, None where it is absent."""
    match value:
        case Absent():
            return None
        case bool():
            return value
        case Fraction() if is_unwieldy(value):
            return f"{_digits(value.numerator)}/{_digits(value.denominator)}"
        case Fraction():
            return in_decimals(value) or str(value)
        case datetime.date():
            return value.isoformat()
        case _:
            return value


def _digits(whole: int) -> str:
    """Return a whole number in digits, however many: the interpreter itself stops at some thousands."""
    part = 10**1000
    found: list[str] = []
    rest = abs(whole)
    while rest >= part:
        rest, low = divmod(rest, part)
        found.append(f"{low:01000}")
    return ("-" if whole < 0 else "") + "".join([str(rest), *reversed(found)])


def _about(value: Fraction, kind: Kind) -> str:
    scale: int = 10 ** (_ABOUT_DIGITS + (2 if kind == "percent" else 0))
    near = Fraction(round(value * scale), scale)
    if near == 0:
        return "0"
    text = quantity_text(abs(near), kind).rstrip("%")
    whole, _, decimals = text.partition(".")
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{decimals.ljust(_ABOUT_DIGITS, '0')}{'%' if kind == 'percent' else ''}"
