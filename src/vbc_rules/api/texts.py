"""One value at a time as JSON text, from the whole numbers that the scalar engine holds."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from fractions import Fraction
from json.encoder import encode_basestring
from math import gcd
from typing import Final

from vbc_rules.api.values import text_value
from vbc_rules.language.absence import Absent
from vbc_rules.language.numerals import at_scale, decimals_below
from vbc_rules.language.types import Type
from vbc_rules.resolve.expressions import Datum

quoted: Final[Callable[[str], str]] = encode_basestring
"""A text as JSON writes it, by the encoder's own function."""


def data_text(data: object) -> str:
    """Return plain data as JSON text."""
    return json.dumps(data, ensure_ascii=False)


def datum_text(value: Datum, type_: Type) -> str:
    """Return any value as JSON text."""
    return data_text(text_value(value, type_))


def absence_text(absence: Absent) -> str:
    """Return an absence as JSON text."""
    return f'{{"absent": {quoted(absence.reason)}}}'


def word_text(word: str | Absent) -> str:
    """Return a word, or its absence, as JSON text."""
    return absence_text(word) if isinstance(word, Absent) else quoted(word)


def date_text(day: int | Absent) -> str:
    """Return a date from its ordinal, or its absence, as JSON text."""
    return absence_text(day) if isinstance(day, Absent) else f'"{datetime.date.fromordinal(day).isoformat()}"'


def units_text(factor: int, scale: int, type_: Type) -> Callable[[int | Absent], str]:
    """Return what writes quantities that are `factor` units of `scale` decimals each; see `in_units`."""
    least, sign = least_decimals(type_), "%" if type_.kind == "percent" else ""

    def text(number: int | Absent) -> str:
        if isinstance(number, Absent):
            return absence_text(number)
        return f'"{at_scale(number * factor, scale, least=least)}{sign}"'

    return text


def quotient_text(divisor: int, type_: Type) -> Callable[..., str]:
    """Return what writes quantities that are whole numbers over `divisor` times another."""

    def text(number: int | Absent, below: int = 1) -> str:
        if isinstance(number, Absent):
            return absence_text(number)
        return f'"{text_value(Fraction(number, divisor * below), type_)}"'

    return text


def least_decimals(type_: Type) -> int:
    """Return how many decimals a quantity is written with at least."""
    return 2 if type_.kind == "money" else 0


def in_units(divisor: int, type_: Type) -> tuple[int, int] | None:
    """Return how many units of how many decimals a whole number over `divisor` is, as it is written.

    None where its decimals may never end. A percent is written in hundredths.
    """
    factor = 100 if type_.kind == "percent" else 1
    common = gcd(factor, divisor)
    factor, below = factor // common, divisor // common
    scale = decimals_below(below)
    return None if scale is None else (factor * 10**scale // below, scale)
