"""Rounding of columns: whole numbers divided, and the quotient taken to a whole number by its mode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import gcd

import numpy as np

from vbc_rules.check.interval import Interval
from vbc_rules.resolve.expressions import Rounding
from vbc_rules.run.columns import bounds, linear
from vbc_rules.run.columns.arithmetic import lifted, lifted_below, made
from vbc_rules.run.columns.forms import Array, Column, Env, Vector, Width, cast, for_quotients, one_in, widest, width_of
from vbc_rules.run.columns.linear import Fact
from vbc_rules.run.columns.sums import Quotient, dividing, linear_of, summing


def rounded(column: Column, rounding: Rounding, known: tuple[Fact, ...] = ()) -> Column:
    """Return a quantity rounded to a multiple of the unit by the mode; `known` is what holds wherever it is read."""
    above, below = rounding.unit.as_integer_ratio()
    times, under = below, column.divisor * above
    common = gcd(times, under)
    times, under = times // common, under // common
    interval = column.interval.rounded(rounding) if not column.interval.is_empty else column.interval
    if under == 1 and not column.has_denominator:
        low, high = bounds.times((column.low, column.high), times * above)
        a = lifted(column, times * above, widest(width_of(low, high), column.width))
        return made(lambda env: (a(env), None, None), below, interval, low, high)
    found = _whole_part(column, times, under, rounding, known)
    if found is not None:
        return replace(found, interval=found.interval if interval.is_empty else found.interval.meet(interval))
    low, high = bounds.times((column.low, column.high), times)
    most = bounds.most_of(column.below, under)
    doubled = bounds.times((low, high), 2)
    room = None if most is None else 2 * most
    width = for_quotients(
        widest(width_of(*bounds.sum_of(doubled, (None if room is None else -room, room))), width_of(1, room))
    )
    a, d = lifted(column, times, width), lifted_below(column, width)
    divide_down = _floor_of(width)
    never_negative = column.never_negative
    mode = rounding.mode
    at_low, at_high = _rounded_bounds(interval, rounding.unit, low, high)
    found_low, found_high = bounds.times((at_low, at_high), above)
    narrow, whole_unit = width_of(found_low, found_high), one_in(under, width)

    def run(env: Env) -> Vector:
        over, by = a(env), d(env)
        by = whole_unit if by is None else by if under == 1 else by * whole_unit
        found = cast(_round(over, by, mode, divide_down, never_negative=never_negative), narrow)
        return (found * one_in(above, narrow) if above != 1 else found), None, None

    return made(run, below, interval, found_low, found_high)


def _whole_part(column: Column, times: int, under: int, rounding: Rounding, known: tuple[Fact, ...]) -> Column | None:
    """Return the whole part of a quotient of sums that is the rounded number; None where it is not known to be that."""
    if isinstance(column.run, Quotient):
        above, below = column.run.above, column.run.below
    else:
        own = linear_of(column)
        if own is None:
            return None
        above, below = own, linear.table((1,))
    above, below = linear.scale(above, (times,)), linear.scale(below, (under,))
    mode = rounding.mode
    if mode == "half_up":
        # One half more, and down: so too for what lies between minus one half and zero, which becomes zero.
        above, below = linear.plus(linear.scale(above, (2,)), below), linear.scale(below, (2,))
    never_negative = linear.proves(above, known, strict=mode == "half_up")
    if not (mode == "floor" or (mode in ("half_up", "down") and never_negative)):
        return None
    most = linear.most_of(above, below, known)
    above, below = linear.whole_part(above, below)
    low, high = above.range()
    least, room = below.range()
    if low is None or high is None or least is None or room is None or not linear.is_worth_it(above):
        return None
    low, high = 0 if never_negative else min(low, 0), max(high, 0) // max(least, 1)
    high = high if most is None else min(high, most)
    unit, per_unit = rounding.unit.as_integer_ratio()
    interval = Interval(low * rounding.unit, high * rounding.unit)
    width = for_quotients(width_of(*bounds.sum_of(above.range(), (-room, room))))
    narrow = width_of(low * unit, high * unit)
    if "object" in (width, narrow):
        return None
    over, by, divide_down = summing(above, width), dividing(below, width), _floor_of(width)
    factor = one_in(unit, narrow)

    def run(env: Env) -> Vector:
        found = cast(divide_down(over(env), by(env)), narrow)
        return (found if unit == 1 else found * factor), None, None

    return made(run, per_unit, interval, low * unit, high * unit)


def _rounded_bounds(interval: Interval, unit: Fraction, low: int | None, high: int | None) -> bounds.Range:
    least = None if interval.low is None else int(interval.low / unit)
    most = None if interval.high is None else int(interval.high / unit)
    # A quotient is no larger than its numerator.
    if low is not None:
        least = min(low, 0) - 1 if least is None else least
    if high is not None:
        most = max(high, 0) + 1 if most is None else most
    return least, most


def _round(
    over: Array, by: Array, mode: str, divide_down: Callable[[Array, Array], Array], *, never_negative: bool
) -> Array:
    """Return over / by rounded to a whole number; `by` is above zero."""
    if mode == "floor" or (mode == "down" and never_negative):
        return divide_down(over, by)
    if mode == "ceiling" or (mode == "up" and never_negative):
        return -divide_down(-over, by)
    if mode == "half_even":
        twice = 2 * by
        shifted = 2 * over + by
        near = divide_down(shifted, twice)
        tie = shifted == near * twice
        odd = near != 2 * divide_down(near, 2)
        return near - (tie & odd)
    if mode == "half_up" and never_negative:
        return divide_down(2 * over + by, 2 * by)
    negative = np.asarray(over < 0)
    if mode == "half_up":
        # Of two as near, the one further from zero: below zero the lower one.
        shifted, twice = 2 * over + by, 2 * by
        found = divide_down(shifted, twice)
        return found - (negative & (found * twice == shifted))
    found = divide_down(over, by)
    inexact = found * by != over
    return found + (inexact & (negative if mode == "down" else ~negative))


def _floor_of(width: Width) -> Callable[[Array, Array], Array]:
    """Return division rounded down.

    In floats the quotient of whole numbers whose sum they carry exactly never rounds up to a whole number it does not
    reach: it is further from it than half a unit in the last place.
    """
    if width in ("float32", "float64"):
        return lambda over, by: np.floor(over / by)
    if width == "int64":
        return lambda over, by: over // by
    # A row that nothing reads may hold a denominator of zero, which Python's own numbers refuse.
    return lambda over, by: over // np.where(by == 0, 1, by)
