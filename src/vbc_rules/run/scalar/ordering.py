"""Numbers that are whole, or fractions of different denominators: put in order and added up exactly, and fast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import gcd
from typing import TypeAlias

Number: TypeAlias = int | Fraction


def ordered_keys(numbers: Sequence[Number]) -> list[int]:
    """Return whole numbers that stand in the same order as `numbers`, equal exactly where those are.

    Two different fractions lie at least one over the product of their denominators apart. Scaled by twice the square of
    the largest denominator they lie two or more apart, so rounding them down keeps them apart.
    """
    largest = max((number.denominator for number in numbers), default=1)
    if largest == 1:
        return [int(number) for number in numbers]
    bits = 2 * largest.bit_length() + 1
    return [(number.numerator << bits) // number.denominator for number in numbers]


def total(numbers: Iterable[Number]) -> Number:
    """Return the sum: numbers of one denominator first, then the few that are left, the smallest together."""
    by_below: dict[int, int] = {}
    for number in numbers:
        below = number.denominator
        by_below[below] = by_below.get(below, 0) + number.numerator
    return _joined(by_below)


def total_of_squares(numbers: Iterable[Number]) -> Number:
    """Return the sum of the squares."""
    by_below: dict[int, int] = {}
    for number in numbers:
        below, above = number.denominator, number.numerator
        by_below[below] = by_below.get(below, 0) + above * above
    return _joined({below * below: number for below, number in by_below.items()})


def _joined(by_below: Mapping[int, int]) -> Number:
    """Return the sum of quotients by their denominators."""
    parts = sorted(by_below.items())
    while len(parts) > 1:
        paired = [_added(parts[place], parts[place + 1]) for place in range(0, len(parts) - 1, 2)]
        parts = [*paired, *parts[2 * len(paired) :]]
    if not parts:
        return 0
    below, number = parts[0]
    return number if below == 1 else Fraction(number, below)


def _added(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    (a, x), (b, y) = one, other
    common = gcd(a, b)
    return a // common * b, x * (b // common) + y * (a // common)
