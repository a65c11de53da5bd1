"""Between what whole numbers something lies, and what follows for what is computed from it."""

from __future__ import annotations

from typing import TypeAlias

Range: TypeAlias = tuple[int | None, int | None]
"""The lowest and the highest whole number; None for an end that is not known."""


def times(bounds: Range, factor: int, by: int | None = 1) -> Range:
    """Return bounds times a factor, then times anything from 1 to `by`."""
    low, high = bounds
    if factor < 0:
        low, high = high, low
    low, high = (None if low is None else low * factor), (None if high is None else high * factor)
    if by == 1:
        return low, high
    if low is not None and low < 0:
        low = None if by is None else low * by
    if high is not None and high > 0:
        high = None if by is None else high * by
    return low, high


def sum_of(one: Range, other: Range) -> Range:
    """Return the bounds of a sum."""
    low = None if one[0] is None or other[0] is None else one[0] + other[0]
    high = None if one[1] is None or other[1] is None else one[1] + other[1]
    return low, high


def product_of(one: Range, other: Range) -> Range:
    """Return the bounds of a product."""
    if None in one or None in other:
        positive = one[0] is not None and one[0] >= 0 and other[0] is not None and other[0] >= 0
        return (one[0] * other[0] if positive and one[0] is not None and other[0] is not None else None), None
    ends = [a * b for a in one for b in other if a is not None and b is not None]
    return min(ends), max(ends)


def most_of(one: int | None, other: int | None) -> int | None:
    """Return the most a product of two numbers from 1 on can be."""
    return None if one is None or other is None else one * other


def hull_of(one: Range, other: Range) -> Range:
    """Return bounds that hold for either of two."""
    low = None if one[0] is None or other[0] is None else min(one[0], other[0])
    high = None if one[1] is None or other[1] is None else max(one[1], other[1])
    return low, high


def extreme_of(one: Range, other: Range, *, lower: bool) -> Range:
    """Return bounds of the lower (or the higher) of two."""
    if lower:
        low, high = extreme_of(
            (opposite(one[1]), opposite(one[0])), (opposite(other[1]), opposite(other[0])), lower=False
        )
        return opposite(high), opposite(low)
    lows = [end for end in (one[0], other[0]) if end is not None]
    high = None if one[1] is None or other[1] is None else max(one[1], other[1])
    return (max(lows) if lows else None), high


def opposite(end: int | None) -> int | None:
    """Return the opposite of an end."""
    return None if end is None else -end


def either_sign(low: int | None, high: int | None) -> Range:
    """Return bounds of a number whose sign may be turned."""
    if low is None or high is None:
        return None, None
    most = max(abs(low), abs(high))
    return -most, most
