"""Exact numbers as people write them."""

from __future__ import annotations

from fractions import Fraction

_MOST_SHOWN = 40


def decimals_of(value: Fraction) -> int | None:
    """Return how many decimals a number needs, None where they never end."""
    return decimals_below(value.denominator)


def decimals_below(denominator: int) -> int | None:
    """Return how many decimals every quotient of a whole number by `denominator` fits in, None where some never end."""
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def in_decimals(value: Fraction, *, least: int = 0, separate: bool = False) -> str | None:
    """Return every digit of a number, with at least `least` decimals; None where its decimals never end.

    With `separate`, thousands are set apart by commas.
    """
    needed = decimals_of(value)
    if needed is None:
        return None
    digits = max(needed, least)
    whole, rest = divmod(abs(value.numerator) * 10**digits // value.denominator, 10**digits)
    body = f"{whole:,}" if separate else str(whole)
    return f"{'-' if value.numerator < 0 else ''}{body}" + (f".{rest:0{digits}d}" if digits else "")


def at_scale(number: int, scale: int, *, least: int = 0) -> str:
    """Return what `in_decimals` does of a whole number of units of `scale` decimals."""
    whole, rest = divmod(abs(number), 10**scale)
    after = f"{rest:0{scale}d}".rstrip("0").ljust(least, "0") if scale else "0" * least
    return f"{'-' if number < 0 else ''}{whole}" + (f".{after}" if after else "")


def plain(value: Fraction) -> str:
    """Return a number in decimals where they end soon enough to be read, else as a fraction."""
    if (decimals_of(value) or 0) <= _MOST_SHOWN:
        text = in_decimals(value, separate=True)
        if text is not None:
            return text
    return f"{value.numerator}/{value.denominator}"
