"""Numbers that are whole, or fractions of different denominators: put in order and added up exactly, and fast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd, isqrt
from typing import TypeAlias

from vbc_rules.language.rounding import RoundingMode

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
    parts = sorted(((below, number) for below, number in by_below.items()), key=lambda part: part[0])
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


def rounded_root(number: int, below: int, unit: Fraction, mode: RoundingMode, *, negative: bool) -> int:
    """Return the root of `number / below` in units of `unit`, correctly rounded; below zero where `negative`."""
    number, below = number * unit.denominator**2, below * unit.numerator**2
    root = isqrt(number // below)
    is_exact = root * root * below == number
    # Twice the root of the quotient against twice what was found and one more: which half it lies in.
    half = 4 * number - (2 * root + 1) ** 2 * below
    match mode:
        case "down":
            further = False
        case "up":
            further = not is_exact
        case "floor":
            further = negative and not is_exact
        case "ceiling":
            further = not negative and not is_exact
        case "half_up":
            further = half >= 0
        case "half_even":
            further = half > 0 or (half == 0 and root % 2 == 1)
    found = root + further
    return -found if negative else found
