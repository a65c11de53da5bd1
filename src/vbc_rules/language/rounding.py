"""Rounding: the six ways a file can name, and what each gives."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal, TypeAlias, get_args

RoundingMode: TypeAlias = Literal["half_up", "half_even", "down", "up", "floor", "ceiling"]

ROUNDING_MODES: Final[tuple[RoundingMode, ...]] = get_args(RoundingMode)


def round_to(value: Fraction, unit: Fraction, mode: RoundingMode) -> Fraction:
    """Return the multiple of `unit` that `mode` gives for `value`.

    `down` is toward zero, `up` away from it, `floor` and `ceiling` toward the smaller and the larger. The half modes
    take the nearer multiple and mirror negatives: on a tie `half_up` goes away from zero, `half_even` to the even one.

    Raises ValueError for a unit that is not above zero, or another mode.
    """
    if unit <= 0:
        raise ValueError("write a unit above zero to round to")
    if value < 0:
        mirrored: dict[RoundingMode, RoundingMode] = {"floor": "ceiling", "ceiling": "floor"}
        return -round_to(-value, unit, mirrored.get(mode, mode))
    below, rest = divmod(value, unit)
    twice = 2 * rest
    match mode:
        case "down" | "floor":
            further = False
        case "up" | "ceiling":
            further = rest > 0
        case "half_up":
            further = twice >= unit
        case "half_even":
            further = twice > unit or (twice == unit and below % 2 == 1)
        case _:
            raise ValueError("write half_up, half_even, down, up, floor or ceiling")
    return (below + further) * unit
