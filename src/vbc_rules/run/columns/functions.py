"""Functions without arithmetic of their own on columns: computed once for each different argument."""

from __future__ import annotations

import datetime
from fractions import Fraction

import numpy as np

from vbc_rules.check.interval import EVERYTHING, Interval
from vbc_rules.resolve.expressions import Apply
from vbc_rules.run import exact
from vbc_rules.run.columns.forms import Array, Column, Env, Unsupported, Vector, width_of


def row_by_row(expr: Apply, arguments: list[Column]) -> Column:
    """Return the column of a root, a power of e, months or a later date. Raises Unsupported for other functions."""
    first = arguments[0]
    match expr.function:
        case "sqrt" | "exp":
            return _irrational(expr.function, first, arguments[1])
        case "months_between" | "years_between":
            return _between(expr.function, first, arguments[1])
        case "add_months":
            return _later(first, arguments[1])
        case _:
            raise Unsupported(expr.function)


def _irrational(function: str, value: Column, digits: Column) -> Column:
    if digits.quantity is None:
        raise Unsupported(f"{function} to digits that are computed")
    places = int(digits.quantity)
    compute = exact.square_root if function == "sqrt" else exact.exponential
    unit, divisor = 10**places, value.divisor
    run = value.run
    interval = EVERYTHING
    if value.interval.low is not None and value.interval.high is not None and function == "exp":
        interval = Interval(Fraction(0), compute(value.interval.high, 0) + 1)
    if function == "sqrt":
        high = value.interval.high
        interval = Interval(Fraction(0), None if high is None else compute(max(high, Fraction(0)), 0) + 1)
    most = None if interval.high is None else int(interval.high * unit)
    width = width_of(0, most)

    def computed(env: Env) -> Vector:
        above, below, _ = run(env)
        pairs = np.stack(np.broadcast_arrays(above, 1 if below is None else below), axis=-1)
        shape = pairs.shape[:-1]
        known: dict[tuple[int, int], int] = {}
        found = np.empty(shape, dtype=object)
        flat = found.reshape(-1)
        for place, (over, under) in enumerate(pairs.reshape(-1, 2).tolist()):
            key = (int(over), int(under))
            if key not in known:
                known[key] = _whole(compute, key, divisor, places, unit)
            flat[place] = known[key]
        return (found if width == "object" else found.astype(width)), None, None

    return Column("number", computed, unit, interval=interval, low=0, high=most)


def _whole(compute: object, key: tuple[int, int], divisor: int, places: int, unit: int) -> int:
    try:
        return int(compute(Fraction(key[0], divisor * key[1]), places) * unit)  # type: ignore[operator]
    except (ValueError, ZeroDivisionError):  # a row that nothing reads
        return 0


def _between(function: str, first: Column, last: Column) -> Column:
    compute = exact.months_between if function == "months_between" else exact.years_between
    one, other = first.run, last.run

    def computed(env: Env) -> Vector:
        a, b = np.broadcast_arrays(one(env)[0], other(env)[0])
        return _by_pair(a, b, lambda x, y: compute(_day(x), _day(y))), None, None

    return Column(
        "number", computed, interval=Interval(Fraction(-120_000), Fraction(120_000)), low=-120_000, high=120_000
    )


def _later(date: Column, months: Column) -> Column:
    one, other = date.run, months.run

    def computed(env: Env) -> Vector:
        a, b = np.broadcast_arrays(one(env)[0], other(env)[0])
        return _by_pair(a, b, lambda x, y: exact.add_months(_day(x), y).toordinal()), None, None

    return Column("date", computed)


def _by_pair(a: Array, b: Array, compute: object) -> Array:
    known: dict[tuple[int, int], int] = {}
    found = np.empty(a.shape, dtype=np.float64)
    flat = found.reshape(-1)
    for place, (x, y) in enumerate(zip(a.reshape(-1).tolist(), b.reshape(-1).tolist(), strict=True)):
        key = (int(x), int(y))
        if key not in known:
            try:
                known[key] = compute(*key)  # type: ignore[operator]
            except (ValueError, OverflowError):  # a row that nothing reads
                known[key] = 0
        flat[place] = known[key]
    return found


def _day(ordinal: int) -> datetime.date:
    return datetime.date.fromordinal(ordinal)
