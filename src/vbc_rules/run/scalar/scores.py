"""How many standard deviations values are from their mean, correctly rounded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import isqrt
from typing import TypeAlias

from vbc_rules.language.absence import NO_VARIATION, TOO_FEW_PRESENT, Absent
from vbc_rules.language.rounding import RoundingMode
from vbc_rules.resolve.program import StandingShape
from vbc_rules.run.scalar.ordering import Number, total, total_of_squares

Score: TypeAlias = int | Absent


def z_scores(shape: StandingShape, values: Sequence[Number], higher: Sequence[bool]) -> list[Score]:
    """Return (value - mean) / deviation of each value, in units of the rounding; the other way where lower is better.

    With n values and their sums S and Q (of the squares), the mean is S / n and the variance (n Q - S S) / (n d), where
    d is n, or n - 1 for a sample.
    """
    count = len(values)
    divisor = count - 1 if shape.definition == "sample" else count
    if divisor < 1 or shape.rounding is None:
        return [Absent(TOO_FEW_PRESENT)] * count
    mean = Fraction(total(values)) / count
    variance = Fraction(total_of_squares(values) - count * mean * mean) / divisor
    if variance == 0:
        return [Absent(NO_VARIATION)] * count
    unit, mode = shape.rounding.unit, shape.rounding.mode
    near = _near(mean, variance * unit * unit)
    known: dict[tuple[Number, bool], int] = {}
    found: list[Score] = []
    for value, up in zip(values, higher, strict=True):
        answer = known.get((value, up))
        if answer is None:
            halves = near(value)
            if halves is None:
                distance = value - mean if up else mean - value
                answer = rounded_root(distance * distance / variance, unit, mode, negative=distance < 0)
            else:
                answer = _rounded(*halves, mode, is_mirrored=not up)
            known[value, up] = answer
        found.append(answer)
    return found


def _near(mean: Fraction, squared_unit: Fraction) -> Callable[[Number], tuple[int, bool] | None]:
    """Return a function that tells in which half unit the score of a value lies, and whether it is below zero.

    It computes with whole numbers of a fixed size, rounded down, and knows by how much that may be wrong. Where the
    score might stand on the end of a half unit it returns None. `squared_unit` is the square of a unit, in the unit of
    the values.
    """
    inverse = 1 / squared_unit
    bits = 96 + (inverse.numerator // inverse.denominator).bit_length()
    slope = isqrt((inverse.numerator << 2 * bits) // inverse.denominator)
    middle = (mean.numerator << bits) // mean.denominator
    shift = 2 * bits - 1

    def near(value: Number) -> tuple[int, bool] | None:
        distance = (value.numerator << bits) // value.denominator - middle
        is_negative = distance < 0
        if is_negative:
            distance = -distance
        if distance <= 1:
            return None
        low = (distance - 1) * slope
        halves = low >> shift
        # Both ends lie inside the same half unit, the lower one not on its end: so does the score itself.
        inside = low > halves << shift and (distance + 1) * (slope + 1) >> shift == halves
        return (halves, is_negative) if inside else None

    return near


def _rounded(halves: int, is_negative: bool, mode: RoundingMode, *, is_mirrored: bool) -> int:  # noqa: FBT001 (a sign)
    """Return what lies inside a half unit, rounded to whole units."""
    is_negative = is_negative is not is_mirrored
    root, further = divmod(halves, 2)
    match mode:
        case "down":
            further = 0
        case "up":
            further = 1
        case "floor":
            further = int(is_negative)
        case "ceiling":
            further = int(not is_negative)
        case _:
            pass
    return -(root + further) if is_negative else root + further


def rounded_root(squared: Fraction, unit: Fraction, mode: RoundingMode, *, negative: bool) -> int:
    """Return the root of a number in units, correctly rounded; below zero where `negative`."""
    number, below = squared.numerator * unit.denominator**2, squared.denominator * unit.numerator**2
    root = isqrt(number // below)
    is_exact = root * root * below == number
    # The number of squared units against the square of what was found and a half: which half of a unit it lies in.
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
