"""Columns that are sums of other columns times whole numbers, or quotients of such: computed in few steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from vbc_rules.check.interval import Interval
from vbc_rules.resolve.expressions import CompareOp
from vbc_rules.run.columns import linear
from vbc_rules.run.columns.forms import (
    MOST_IN_INT,
    Array,
    Column,
    Env,
    Vector,
    Width,
    cast,
    from_interval,
    one_in,
    widest,
    width_of,
)
from vbc_rules.run.columns.linear import Factors, Linear
from vbc_rules.run.columns.selecting import full


@dataclass(frozen=True)
class Sum:
    """Computes a sum."""

    linear: Linear
    is_kept: ClassVar[bool] = True

    def __call__(self, env: Env) -> Vector:
        """Return its numbers, computed once for the rows of an environment."""
        found = env.slots.get(self)
        if found is None:
            found = env.slots[self] = (self._numbers(env), None, None)
        return found

    @cached_property
    def _numbers(self) -> Callable[[Env], Array]:
        return summing(self.linear, width_of(*self.linear.range()))


@dataclass(frozen=True)
class Quotient:
    """Computes a quotient of two sums, the lower of which is above zero wherever it is read."""

    above: Linear
    below: Linear
    is_kept: ClassVar[bool] = True

    def __call__(self, env: Env) -> Vector:
        """Return its numbers and denominators, computed once for the rows of an environment."""
        found = env.slots.get(self)
        if found is None:
            found = env.slots[self] = self._above(env), self._below(env), None
        return found

    @cached_property
    def _above(self) -> Callable[[Env], Array]:
        return summing(self.above, width_of(*self.above.range()))

    @cached_property
    def _below(self) -> Callable[[Env], Array]:
        return dividing(self.below, width_of(1, self.below.range()[1]))


def linear_of(column: Column) -> Linear | None:
    """Return a quantity as a sum; None where nothing is known of its range."""
    if column.kind != "number" or column.has_denominator or column.may_be_absent:
        return None
    if isinstance(column.run, Sum):
        return column.run.linear
    if column.low is None or column.high is None or max(abs(column.low), abs(column.high)) > MOST_IN_INT:
        return None
    return linear.table((column.low,)) if column.quantity is not None else linear.atom(column)


def summed(total: Linear, divisor: int, interval: Interval) -> Column | None:
    """Return the column of a sum; None where it is better computed as it is written, or may need many bits."""
    low, high = total.range()
    if not linear.is_worth_it(total) or width_of(low, high) == "object":
        return None
    least, most = from_interval(interval, divisor)
    if low is not None and high is not None:
        low, high = max(low, low if least is None else least), min(high, high if most is None else most)
    return Column("number", Sum(total), divisor, interval=interval, low=low, high=high)


def quotient(above: Linear, below: Linear, divisor: int, interval: Interval) -> Column | None:
    """Return the column of a quotient whose denominator is above zero where it is read; None as for a sum."""
    if below.is_table:
        # A denominator that is below zero for some members gives its sign to their numerators.
        above = linear.scale(above, tuple(1 if value > 0 else -1 for value in below.rest))
        below = linear.table(tuple(abs(value) for value in below.rest))
    if below == linear.table((1,)):
        return summed(above, divisor, interval)
    low, high = above.range()
    most = below.range()[1]
    if not (linear.is_worth_it(above) and linear.is_worth_it(below)) or most is None:
        return None
    if "object" in (width_of(low, high), width_of(1, most)):
        return None
    run = Quotient(above, below)
    return Column("number", run, divisor, has_denominator=True, interval=interval, low=low, high=high, below=most)


# --- computing


def summing(total: Linear, width: Width) -> Callable[[Env], Array]:
    """Return what computes a sum in a width that holds it."""
    if total.is_table:
        held = block(total.rest, width)
        return lambda _: held
    found = linear.common(total)
    if found is None:
        return _one_by_one(total, width)
    whole, factors = found
    parts = (total, whole, linear.scale(whole, factors), linear.table(total.rest))
    wide = widest(width, *(_width(part) for part in parts))
    core, by, rest = _core(whole), block(factors, wide), block(total.rest, wide)
    once, opposite, alone = factors == (1,), factors == (-1,), total.rest == (0,)

    def numbers(env: Env) -> Array:
        array = cast(core(env), wide)
        if opposite:
            return cast(-array if alone else rest - array, width)
        array = array if once else array * by
        return cast(array if alone else array + rest, width)

    return numbers


def dividing(total: Linear, width: Width) -> Callable[[Env], Array]:
    """Return what computes a denominator: a row that does not read the quotient may hold anything, and gets 1."""
    numbers = summing(total, width)
    if total.is_table:
        return numbers
    one = one_in(1, width)

    def positive(env: Env) -> Array:
        found = numbers(env)
        return np.maximum(found, full(one, found))

    return positive


def block(factors: Factors, width: Width) -> Array:
    """Return factors as numbers of a width: one, or one a row."""
    if len(factors) == 1:
        return one_in(factors[0], width)
    return np.array([[one_in(factor, width)] for factor in factors], dtype=width)


def _width(part: Linear) -> Width:
    return width_of(*part.range())


def _core(whole: Linear) -> Callable[[Env], Array]:
    """Return what computes a sum of columns times the same numbers for all members, once for all sums made of it."""
    runs = [run for run, _ in whole.parts]
    factors = [own[0] for _, own in whole.parts]
    if factors == [1]:
        only = runs[0]
        return lambda env: only(env)[0]
    width = _widest_of_parts(whole)
    key = Sum(whole)
    by = [one_in(factor, width) for factor in factors]

    def added(env: Env) -> Array:
        kept = env.slots.get(key)
        if kept is not None:
            return kept[0]
        found = _first(cast(runs[0](env)[0], width), factors[0], by[0])
        for run, factor, one in zip(runs[1:], factors[1:], by[1:], strict=True):
            array = cast(run(env)[0], width)
            found = found - array if factor == -1 else found + _first(array, factor, one)
        env.slots[key] = found, None, None
        return found

    return added


def _first(array: Array, factor: int, by: Array) -> Array:
    return array if factor == 1 else array * by


def _one_by_one(total: Linear, width: Width) -> Callable[[Env], Array]:
    wide = widest(width, _widest_of_parts(total))
    parts = [(run, block(factors, wide)) for run, factors in total.parts]
    rest, alone = block(total.rest, wide), total.rest == (0,)

    def numbers(env: Env) -> Array:
        found = None if alone else rest
        for run, by in parts:
            part = cast(run(env)[0], wide) * by
            found = part if found is None else found + part
        return cast(found, width)

    return numbers


def _widest_of_parts(total: Linear) -> Width:
    """Return a width that holds every part of a sum and all that is added up on the way."""
    low = high = 0
    for part in (*(Linear((one,), (0,), (own,)) for one, own in zip(total.parts, total.ranges, strict=True)),):
        least, most = part.range()
        if least is None or most is None:
            return "object"
        low, high = low + min(least, 0), high + max(most, 0)
    least, most = linear.table(total.rest).range()
    return width_of(low + min(least or 0, 0), high + max(most or 0, 0))


# --- comparing


def compared(op: CompareOp, difference: Linear) -> Column | None:
    """Return whether a sum is below zero, zero or above; None where two columns are better compared as they are.

    `factor * columns + rest >= 0` is `columns >= bound` where the factor is above zero, else its opposite.
    """
    if difference.is_table:
        return _of_members([_OPERATORS[op](value) for value in difference.rest])
    found = linear.common(difference)
    if found is None:
        return None
    whole, factors = found
    low, high = whole.range()
    if low is None or high is None or (len(whole.parts) > 1 and len(set(factors)) == 1):
        return None
    members = max(len(factors), len(difference.rest))
    tests = [
        _bound(op, factors[member % len(factors)], difference.rest[member % len(difference.rest)], high)
        for member in range(members)
    ]
    width = width_of(min(low, 0), high + 1)
    if width == "object":
        return None
    limit = block(_short(tuple(max(low, min(bound, high + 1)) for bound, _ in tests)), width)
    flips = [flip for _, flip in tests]
    core, equal = _core(whole), op in ("=", "!=")
    if equal:
        limit = block(_short(tuple(bound if low <= bound <= high else high + 1 for bound, _ in tests)), width)
    flip = np.array([[value] for value in flips])
    always, sometimes = all(flips), any(flips)

    def test(env: Env) -> Vector:
        array = cast(core(env), width)
        if always:
            return (array != limit if equal else array < limit), None, None
        holds = array == limit if equal else array >= limit
        return (holds ^ flip if sometimes else holds), None, None

    return Column("yes_no", test)


def _bound(op: CompareOp, factor: int, rest: int, high: int) -> tuple[int, bool]:
    """Return the least number for which a comparison with zero turns (or the only one), and whether it turns to no."""
    if op in ("=", "!="):
        is_whole = rest % factor == 0
        return (-rest // factor if is_whole else high + 1), op == "!="
    # More than zero is at least one; below zero is not at least zero.
    least = rest - 1 if op in (">", "<=") else rest
    negated = op in ("<", "<=")
    if factor > 0:
        return -(least // factor), negated
    return least // -factor + 1, not negated


_OPERATORS: dict[CompareOp, Callable[[int], bool]] = {
    "=": lambda value: value == 0,
    "!=": lambda value: value != 0,
    "<": lambda value: value < 0,
    "<=": lambda value: value <= 0,
    ">": lambda value: value > 0,
    ">=": lambda value: value >= 0,
}


def _of_members(holds: list[bool]) -> Column:
    if len(set(holds)) == 1:
        one = np.bool_(holds[0])
        return Column("yes_no", lambda _: (one, None, None))
    held = np.array([[value] for value in holds])
    return Column("yes_no", lambda _: (held, None, None))


def _short(values: Factors) -> Factors:
    return values[:1] if len(set(values)) == 1 else values
