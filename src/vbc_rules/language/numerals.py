"""Exact numbers as people write them."""

from __future__ import annotations

from fractions import Fraction


def plain(value: Fraction) -> str:
    """Return a number in decimals where they end, else as a fraction."""
    denominator = value.denominator
    digits = 0
    while denominator != 1 and digits <= 40:
        denominator = (value * 10 ** (digits + 1)).denominator
        digits += 1
    if denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    scaled = abs(value.numerator * 10**digits // value.denominator)
    whole, rest = divmod(scaled, 10**digits)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:0{digits}d}" if digits else "")
