"""Exact arithmetic on columns: sums, products, quotients as pairs, comparisons across denominators, rounding."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from vbc_rules.check.interval import EVERYTHING, Interval
from vbc_rules.resolve.expressions import CompareOp
from vbc_rules.run.columns import bounds, linear
from vbc_rules.run.columns.forms import (
    Array,
    Column,
    Env,
    Run,
    Vector,
    Width,
    cast,
    from_interval,
    number,
    one_in,
    widest,
    width_of,
)
from vbc_rules.run.columns.linear import Fact, Factors, Linear
from vbc_rules.run.columns.selecting import full, select, select_code, select_truth
from vbc_rules.run.columns.sums import Quotient, Sum, block, compared, linear_of, quotient, summed, summing


def negate(column: Column) -> Column:
    """Return the opposite."""
    if column.quantity is not None:
        return number(-column.quantity)
    own = linear_of(column)
    found = None if own is None else summed(linear.scale(own, (-1,)), column.divisor, -column.interval)
    if found is not None:
        return found
    low, high = (None if column.high is None else -column.high), (None if column.low is None else -column.low)
    numbers = with_absence(column, -1, column.width)
    return replace(column, run=numbers, interval=-column.interval, low=low, high=high)


def signed(column: Column, signs: Factors) -> Column:
    """Return a column times 1 or -1 for each member."""
    own, interval = linear_of(column), column.interval.hull(-column.interval)
    found = None if own is None else summed(linear.scale(own, signs), column.divisor, interval)
    if found is not None:
        return found
    low, high = bounds.either_sign(column.low, column.high)
    width = width_of(low, high)
    numbers, by = with_absence(column, 1, width), block(signs, width)

    def turned(env: Env) -> Vector:
        above, below, _ = numbers(env)
        return above * by, below, None

    return replace(column, run=turned, low=low, high=high, interval=interval, constant=None)


def add(left: Column, right: Column, sign: int = 1) -> Column:
    """Return left + right, or with `sign` -1 left - right."""
    if left.quantity is not None and right.quantity is not None:
        return number(left.quantity + sign * right.quantity)
    if right.quantity == 0:
        return left
    divisor = math.lcm(left.divisor, right.divisor)
    ours, theirs = divisor // left.divisor, sign * (divisor // right.divisor)
    interval = left.interval + right.interval.times(Fraction(sign))
    found = _sum(left, right, (ours, theirs), divisor, interval)
    if found is not None:
        return found
    low, high = bounds.sum_of(
        bounds.times((left.low, left.high), ours, right.below),
        bounds.times((right.low, right.high), theirs, left.below),
    )
    if not (left.has_denominator or right.has_denominator):
        width = widest(
            width_of(*bounds.times((left.low, left.high), ours)),
            width_of(*bounds.times((right.low, right.high), theirs)),
            width_of(low, high),
        )
        a, b = lifted(left, ours, width), lifted(right, theirs, width)
        return made(lambda env: (a(env) + b(env), None, None), divisor, interval, low, high)
    below = bounds.most_of(left.below, right.below)
    width = widest(
        width_of(low, high),
        width_of(1, below),
        width_of(*bounds.times((left.low, left.high), ours, right.below)),
        width_of(*bounds.times((right.low, right.high), theirs, left.below)),
    )
    a, b = lifted(left, ours, width), lifted(right, theirs, width)
    p, q = lifted_below(left, width), lifted_below(right, width)

    def added(env: Env) -> Vector:
        d, e = p(env), q(env)
        if d is None:
            return a(env) * e + b(env), e, None
        if e is None:
            return a(env) + b(env) * d, d, None
        return a(env) * e + b(env) * d, d * e, None

    return made(added, divisor, interval, low, high, below)


def _sum(left: Column, right: Column, factors: tuple[int, int], divisor: int, interval: Interval) -> Column | None:
    """Return `left * factors[0] + right * factors[1]` where both are kept as sums, or one is a quotient of such."""
    one, other = linear_of(left), linear_of(right)
    if one is not None and other is not None:
        return summed(linear.plus(linear.scale(one, factors[:1]), other, factors[1]), divisor, interval)
    if isinstance(right.run, Quotient):
        left, right, one, other, factors = right, left, other, one, factors[::-1]
    if isinstance(left.run, Quotient) and right.quantity is not None:
        above, below = left.run.above, left.run.below
        added = right.quantity.numerator * factors[1]
        return quotient(linear.plus(linear.scale(above, factors[:1]), below, added), below, divisor, interval)
    return None


def multiply(left: Column, right: Column) -> Column:
    """Return the product."""
    if left.quantity is not None and right.quantity is not None:
        return number(left.quantity * right.quantity)
    if left.quantity is not None:
        left, right = right, left
    interval = left.interval * right.interval
    if right.quantity is not None:
        return _scaled(left, right.quantity, interval)
    one, other = linear_of(left), linear_of(right)
    if one is not None and other is not None and (one.is_table or other.is_table):
        one, other = (other, one) if one.is_table else (one, other)
        found = summed(linear.scale(one, other.rest), left.divisor * right.divisor, interval)
        if found is not None:
            return found
    low, high = bounds.product_of((left.low, left.high), (right.low, right.high))
    below = bounds.most_of(left.below, right.below)
    width = widest(width_of(low, high), left.width, right.width)
    a, b = lifted(left, 1, width), lifted(right, 1, width)
    divisor = left.divisor * right.divisor
    if not (left.has_denominator or right.has_denominator):
        return made(lambda env: (a(env) * b(env), None, None), divisor, interval, low, high)
    narrow = width_of(1, below)
    p, q = lifted_below(left, narrow), lifted_below(right, narrow)
    return made(lambda env: (a(env) * b(env), _both(p(env), q(env)), None), divisor, interval, low, high, below)


def _scaled(column: Column, factor: Fraction, interval: Interval) -> Column:
    if factor == 0:
        return number(factor)
    above, below = factor.as_integer_ratio()
    common = math.gcd(above, column.divisor)
    above, divisor = above // common, column.divisor // common * below
    own, found = linear_of(column), None
    if own is not None:
        found = summed(linear.scale(own, (above,)), divisor, interval)
    elif isinstance(column.run, Quotient):
        found = quotient(linear.scale(column.run.above, (above,)), column.run.below, divisor, interval)
    if found is not None:
        return found
    low, high = bounds.times((column.low, column.high), above)
    a = lifted(column, above, widest(width_of(low, high), column.width))
    q = lifted_below(column, column.width_below)
    return replace(
        made(lambda env: (a(env), q(env), None), divisor, interval, low, high, column.below),
        has_denominator=column.has_denominator,
    )


def divide(left: Column, right: Column, known: tuple[Fact, ...] = ()) -> Column:
    """Return the exact quotient; where the divisor is zero, which a rule never reads, it is taken as 1.

    `known` is what holds wherever it is read.
    """
    if right.quantity:
        return multiply(left, number(1 / right.quantity))
    common = math.gcd(left.divisor, right.divisor)
    times, divisor = right.divisor // common, left.divisor // common
    interval = EVERYTHING
    if right.interval.is_positive or right.interval.is_negative:
        interval = left.interval * right.interval.inverse()
    elif left.interval.is_not_negative and right.interval.is_not_negative:
        interval = Interval(Fraction(0), None)
    one, other = linear_of(left), linear_of(right)
    if one is not None and other is not None and _is_positive(other, known):
        found = quotient(linear.scale(one, (times,)), other, divisor, interval)
        if found is not None:
            return found
    low, high = bounds.times((left.low, left.high), times, right.below)
    most = None if right.low is None or right.high is None else max(abs(right.low), abs(right.high), 1)
    below = bounds.most_of(left.below, most)
    positive = right.low is not None and right.low > 0
    if not (positive or right.never_negative):
        low, high = bounds.either_sign(low, high)
    width = widest(width_of(low, high), left.width)
    narrow = widest(width_of(1, below), right.width)
    a, e = lifted(left, times, width), lifted_below(right, width)
    d, b = lifted_below(left, narrow), lifted(right, 1, narrow)

    def divided(env: Env) -> Vector:
        above, under, by = a(env), b(env), e(env)
        if by is not None:
            above = above * by
        if not (positive or right.never_negative):
            above, under = _turned(above, under)
        # Also where it is proven to be above zero: a row that does not read the quotient may hold anything.
        return above, _both(d(env), np.maximum(under, full(one_in(1, narrow), under))), None

    return made(divided, divisor, interval, low, high, below)


def _is_positive(divisor: Linear, known: tuple[Fact, ...]) -> bool:
    """Whether a divisor has a sign that is known: above zero, or of a number of each member."""
    return 0 not in divisor.rest if divisor.is_table else linear.proves(divisor, known, strict=True)


def _turned(above: Array, under: Array) -> tuple[Array, Array]:
    """Return the same quotient with a denominator that is not below zero."""
    negative = np.asarray(under < 0)
    if object in (np.asarray(above).dtype, np.asarray(under).dtype):
        return np.where(negative, -above, above), np.where(negative, -under, under)
    sign = np.int8(1) - np.int8(2) * negative.view(np.int8)
    return above * sign, under * sign


def compare(op: CompareOp, left: Column, right: Column) -> Column:
    """Return `left op right` of two quantities, dates or words."""
    if left.kind != "number":
        a, b = left.run, right.run
        test = _OPERATORS[op]
        return Column("yes_no", lambda env: (test(a(env)[0], b(env)[0]), None, None))
    divisor = math.lcm(left.divisor, right.divisor)
    ours, theirs = divisor // left.divisor, divisor // right.divisor
    found = _difference(op, left, right, (ours, theirs))
    if found is not None:
        return found
    one = bounds.times((left.low, left.high), ours, right.below)
    other = bounds.times((right.low, right.high), theirs, left.below)
    width = widest(width_of(*one), width_of(*other))
    x, y = lifted(left, ours, width), lifted(right, theirs, width)
    p, q = lifted_below(left, width), lifted_below(right, width)
    test = _OPERATORS[op]

    def compared(env: Env) -> Vector:
        d, e = p(env), q(env)
        one, other = x(env), y(env)
        return test(one if e is None else one * e, other if d is None else other * d), None, None

    return Column("yes_no", compared)


def _difference(op: CompareOp, left: Column, right: Column, factors: tuple[int, int]) -> Column | None:
    one, other = linear_of(left), linear_of(right)
    if one is None or other is None:
        return None
    return compared(op, linear.plus(linear.scale(one, factors[:1]), other, -factors[1]))


def fact(op: CompareOp, left: Column, right: Column) -> Fact | None:
    """Return what `left op right` says of a sum, where it says that one is not below zero."""
    if op in ("<", "<="):
        left, right = right, left
    one, other = linear_of(left), linear_of(right)
    if op in ("=", "!=") or one is None or other is None:
        return None
    divisor = math.lcm(left.divisor, right.divisor)
    difference = linear.plus(linear.scale(one, (divisor // left.divisor,)), other, -(divisor // right.divisor))
    return None if difference.is_table else Fact(difference, strict=op in ("<", ">"))


_OPERATORS: dict[CompareOp, Callable[[Array, Array], Array]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def extreme(left: Column, right: Column, *, lower: bool) -> Column:
    """Return the higher (or the lower) of two present quantities or dates."""
    if left.kind == "number" and not (left.has_denominator or right.has_denominator):
        divisor = math.lcm(left.divisor, right.divisor)
        ours, theirs = divisor // left.divisor, divisor // right.divisor
        one, other = bounds.times((left.low, left.high), ours), bounds.times((right.low, right.high), theirs)
        width = widest(width_of(*one), width_of(*other))
        a, b = lifted(left, ours, width), lifted(right, theirs, width)
        interval = left.interval.at_most(right.interval) if lower else left.interval.at_least(right.interval)
        if _is_first(other, one) if lower else _is_first(one, other):
            return _rescaled(right, theirs)
        if _is_first(one, other) if lower else _is_first(other, one):
            return _rescaled(left, ours)
        low, high = bounds.extreme_of(one, other, lower=lower)
        pick = np.minimum if lower else np.maximum

        def picked(env: Env) -> Vector:
            one, other = a(env), b(env)
            return pick(full(one, other), full(other, one)), None, None

        return made(picked, divisor, interval, low, high)
    test = compare("<=" if lower else ">=", left, right).run
    found = either(Column("yes_no", test), left, right)
    if found.kind != "number":
        return found
    interval = left.interval.at_most(right.interval) if lower else left.interval.at_least(right.interval)
    return replace(found, interval=interval)


def _rescaled(column: Column, factor: int) -> Column:
    """Return the same quantity in smaller units: the unit of a value must not depend on what ranges prove."""
    if factor == 1:
        return column
    low, high = bounds.times((column.low, column.high), factor)
    numbers = with_absence(column, factor, width_of(low, high))
    return replace(column, run=numbers, divisor=column.divisor * factor, low=low, high=high, constant=None)


def _is_first(one: bounds.Range, other: bounds.Range) -> bool:
    """Whether nothing in one range is above anything in another."""
    return one[1] is not None and other[0] is not None and one[1] <= other[0]


def either(condition: Column, then: Column, otherwise: Column) -> Column:
    """Return what `then` gives where the condition holds, elsewhere what `otherwise` gives; absences with them."""
    test, absent = condition.run, then.may_be_absent or otherwise.may_be_absent
    kind = otherwise.kind if _is_absence(then) else then.kind
    if kind != "number":
        a, b = then.run, otherwise.run
        empty: Array = np.False_ if kind == "yes_no" else 0
        lacks, has = _is_absence(then), not _is_absence(otherwise)
        # Words and days may be plain numbers, which have no bits to choose from.
        pick = select_truth if kind == "yes_no" else np.where

        def chosen(env: Env) -> Vector:
            holds, one, other = test(env)[0], a(env), b(env)
            first, second = empty if lacks else one[0], other[0] if has else empty
            codes = select_code(holds, one[2], other[2]) if absent else None
            return pick(holds, first, second), None, codes

        return Column(kind, chosen, may_be_absent=absent)
    divisor = math.lcm(then.divisor, otherwise.divisor)
    ours, theirs = divisor // then.divisor, divisor // otherwise.divisor
    one = bounds.times((then.low, then.high), ours)
    other = bounds.times((otherwise.low, otherwise.high), theirs)
    low, high = bounds.hull_of(one, other)
    width = widest(width_of(low, high), then.width, otherwise.width)
    a, b = with_absence(then, ours, width), with_absence(otherwise, theirs, width)
    below = None if then.below is None or otherwise.below is None else max(then.below, otherwise.below)
    narrow = width_of(1, below)
    has_below = then.has_denominator or otherwise.has_denominator
    if _is_absence(then):
        interval = otherwise.interval
    elif _is_absence(otherwise):
        interval = then.interval
    else:
        interval = then.interval.hull(otherwise.interval)

    is_or_is_not = _is_absence(otherwise)

    def selected(env: Env) -> Vector:
        holds, (x, d, m), (y, e, n) = test(env)[0], a(env), b(env)
        if is_or_is_not:
            # What the absent hold is never read.
            return x, d, select_code(holds, m, n)
        under = None
        if has_below:
            under = select(holds, cast(1 if d is None else d, narrow), cast(1 if e is None else e, narrow))
        return select(holds, x, y), under, select_code(holds, m, n) if absent else None

    found = made(selected, divisor, interval, low, high, below)
    return replace(found, has_denominator=has_below, may_be_absent=absent)


def _is_absence(column: Column) -> bool:
    return column.constant is not None and column.may_be_absent


# --- carrying


def lifted(column: Column, factor: int, width: Width) -> Callable[[Env], Array]:
    """Return what gives the numbers times a factor, in a width."""
    run = column.run
    if isinstance(run, Sum):
        return summing(linear.scale(run.linear, (factor,)), width)
    if factor == 1:
        return lambda env: cast(run(env)[0], width)
    by = one_in(factor, width)
    return lambda env: cast(run(env)[0], width) * by


def lifted_below(column: Column, width: Width) -> Callable[[Env], Array]:
    """Return what gives the denominators in a width (None: none)."""
    if not column.has_denominator:
        return lambda _: None
    run = column.run
    return lambda env: cast(run(env)[1], width)


def with_absence(column: Column, factor: int, width: Width) -> Run:
    """Return what gives the whole vector with its numbers times a factor, in a width."""
    run = column.run
    by = one_in(factor, width)

    def lifted_whole(env: Env) -> Vector:
        above, below, absent = run(env)
        above = cast(above, width)
        return (above if factor == 1 else above * by), below, absent

    return lifted_whole


def made(
    run: Run, divisor: int, interval: Interval, low: int | None, high: int | None, below: int | None = 1
) -> Column:
    """Return the column of a quantity computed by `run`, within what is known of its range both ways."""
    found = Column("number", run, divisor, below != 1, interval=interval, low=low, high=high, below=below)
    if found.has_denominator:
        return found
    least, most = from_interval(interval, divisor)
    return replace(
        found,
        low=low if least is None else least if low is None else max(low, least),
        high=high if most is None else most if high is None else min(high, most),
    )


def _both(one: Array, other: Array) -> Array:
    return other if one is None else one if other is None else one * other
