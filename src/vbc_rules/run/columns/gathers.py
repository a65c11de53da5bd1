"""Aggregates over listed members and items: blocks reduced row by row, items by where each one's root begins."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

import numpy as np

from vbc_rules.check.interval import NOTHING, ZERO, Interval
from vbc_rules.language.absence import NONE_PRESENT, TOO_FEW_PRESENT, Absent
from vbc_rules.plan.rebuilding import walk
from vbc_rules.resolve.expressions import Expr, Gather, IsAbsent, Read
from vbc_rules.resolve.program import GatherShape, Policy
from vbc_rules.run.columns import arithmetic
from vbc_rules.run.columns.expressions import Expressions, Words
from vbc_rules.run.columns.forms import (
    Array,
    Column,
    Env,
    Unsupported,
    Vector,
    absence,
    cast,
    number,
    one_in,
    shared,
    widest,
    width_of,
)
from vbc_rules.run.columns.selecting import first_code, select


class Carrying(Protocol):
    """Where columns of one level are read from another."""

    def carried(self, column: Column, level: str, here: str) -> Column:
        """Return a column of `level` as the instances of `here`, at or below it, see it."""
        ...

    def reduction(self, level: str, within: str) -> Reduction:
        """Return what reduces columns of `level` to columns of `within` above it."""
        ...


class Reduction(Protocol):
    """Reduces arrays of a level to arrays of a level above. `most`: members of one instance at most."""

    @property
    def most(self) -> int | None: ...

    def total(self, env: Env, array: Array) -> Array:
        """Return the sums."""
        ...

    def least(self, env: Env, array: Array, empty: float) -> Array:
        """Return the smallest; `empty` where there are none."""
        ...

    def rows(self, column: Column) -> list[list[Column]] | None:
        """Return, for each row of the result, the columns to be combined; None where they are items."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What is gathered: which members count, which of these are present, and what makes the whole absent."""

    item: Column
    counted: Callable[[Env], Array]
    present: Callable[[Env], Array]
    missing: Callable[[Env], Array] | None


class Gathers:
    """Compiles aggregates within one root."""

    def __init__(self, expressions: Expressions, carrying: Carrying) -> None:
        """Gather what `expressions` compiles."""
        self.of = expressions
        self.carrying = carrying
        expressions.gather = self.expression

    @property
    def words(self) -> Words:
        """The words of the run."""
        return self.of.words

    def expression(self, gather: Gather, here: str) -> Column:
        """Return an aggregate inside a formula."""
        taken = self._taken(gather.level, gather.item, gather.where, None)
        found = self.aggregate(gather.function, taken, gather.level, gather.within)
        return self.carrying.carried(found, gather.within, here)

    def shape(self, shape: GatherShape, here: str) -> Column:
        """Return the column of a gathering."""
        taken = self._taken(shape.level, shape.item, shape.where, shape.policy)
        function = shape.function
        weights: tuple[Column, Column] | None = None
        if function == "weighted_mean":
            weights = self._weights(shape, taken)
            found = self._weighted(weights, taken)
        elif function == "at_least_of":
            found = self._at_least_of(shape, taken, here)
        elif function in ("variance", "standard_deviation", "quantile"):
            raise Unsupported(f"{function} within a participant")
        else:
            found = self.aggregate(function, taken, shape.level, shape.within)
        nothing = shared(arithmetic.compare("=", self._count(taken.counted, shape.level, shape.within), number(ZERO)))
        if function in ("any", "all", "at_least_of") and shape.if_none is not None:
            found = arithmetic.either(nothing, self.of.constant(shape.if_none), found)
        elif function not in ("sum", "count", "any", "all", "at_least_of"):
            none = self.of.constant(Absent(NONE_PRESENT))
            if weights is not None:
                nothing = arithmetic.compare("=", weights[0], number(ZERO))
            if self._may_be_nothing(shape.level, shape.where, taken) or weights is not None:
                found = arithmetic.either(nothing, none, found)
        if shape.needed_present is not None:
            needed = self.of.present(shape.needed_present, here)
            enough = arithmetic.compare(">=", self._count(taken.present, shape.level, shape.within), needed)
            found = arithmetic.either(enough, found, self.of.constant(Absent(TOO_FEW_PRESENT)))
        if taken.missing is not None:
            found = self._missing(taken.missing, found, shape.level, shape.within)
        return self.carrying.carried(found, shape.within, here)

    # --- what is taken

    def _taken(self, level: str, item: Expr | None, where: Expr | None, policy: Policy | None) -> Taken:
        self._assert_own(level, item, where)
        column = self.of.constant(True) if item is None else shared(self.of.expr(item, level))  # noqa: FBT003 (a value)
        condition = None if where is None else shared(self.of.expr(where, level)).run
        if not column.may_be_absent:

            def all_of(env: Env) -> Array:
                return np.bool_(True) if condition is None else condition(env)[0]  # noqa: FBT003 (a value)

            return Taken(column, all_of, all_of, None)
        zero, whole = acted(self.words, policy, "zero"), acted(self.words, policy, "absent")
        run = column.run

        def codes(env: Env) -> Array:
            absent = run(env)[2]
            return np.uint8(0) if absent is None else absent

        def found_present(env: Env) -> Vector:
            there = codes(env) == 0
            return (there if condition is None else there & condition(env)[0]), None, None

        is_present = shared(Column("yes_no", found_present)).run

        def present(env: Env) -> Array:
            return is_present(env)[0]

        def counted(env: Env) -> Array:
            there = codes(env)
            found = (there == 0) | zero()[there]
            return found if condition is None else found & condition(env)[0]

        def missing(env: Env) -> Array:
            there = codes(env)
            found = there * whole()[there]
            return found if condition is None else found * condition(env)[0]

        has_whole = policy is not None and (
            policy.every == "absent" or any(action == "absent" for _, action in policy.by_reason)
        )
        has_zero = policy is not None and (
            policy.every == "zero" or any(action == "zero" for _, action in policy.by_reason)
        )
        return Taken(column, counted if has_zero else present, present, missing if has_whole else None)

    def _assert_own(self, level: str, *exprs: Expr | None) -> None:
        """Raise Unsupported where what is asked of a member reads what only the gathering one sees."""
        program = self.of.program
        seen = (level, *program.uppers[level], "")
        read = [part.ref.level for part in walk(exprs) if isinstance(part, Read | IsAbsent)]
        if any(other not in seen and level not in program.uppers[other] for other in read):
            raise Unsupported(f"members of `{level}` gathered by a condition on who gathers them")

    # --- aggregates

    def aggregate(self, function: str, taken: Taken, level: str, within: str) -> Column:
        """Return a sum, count, mean, extreme, any or all; where nothing counts, what it gives is not read."""
        match function:
            case "count":
                return self._count(taken.counted, level, within)
            case "sum":
                return self.sum(taken.item, taken.present, level, within)
            case "mean":
                total = self.sum(taken.item, taken.present, level, within)
                count = self._count(taken.counted, level, within)
                found = arithmetic.divide(total, replace(count, interval=Interval(Fraction(1), count.interval.high)))
                return replace(found, interval=self._hull(taken))
            case "any" | "all":
                return self._truth(function, taken, level, within)
            case "min" | "max":
                return self._extreme(taken, level, within, lower=function == "min")
        raise Unsupported(function)

    def _hull(self, taken: Taken) -> Interval:
        return (
            taken.item.interval.hull(Interval.point(ZERO))
            if taken.counted is not taken.present
            else taken.item.interval
        )

    def _count(self, which: Callable[[Env], Array], level: str, within: str) -> Column:
        reduction = self.carrying.reduction(level, within)
        most = reduction.most
        high = None if most is None else Fraction(most)
        width = "int64" if most is None else width_of(0, most)

        def counted(env: Env) -> Vector:
            return reduction.total(env, np.asarray(which(env), dtype=width)), None, None

        return Column("number", counted, interval=Interval(ZERO, high), low=0, high=most)

    def sum(self, item: Column, which: Callable[[Env], Array], level: str, within: str) -> Column:
        """Return the sum of the items for which `which` holds."""
        reduction = self.carrying.reduction(level, within)
        if item.has_denominator:
            return self._sum_of_quotients(item, which, reduction)
        most = reduction.most
        low = None if item.low is None or most is None else min(item.low, 0) * most
        high = None if item.high is None or most is None else max(item.high, 0) * most
        width = width_of(low, high)
        lifted, nothing = arithmetic.lifted(item, 1, width), one_in(0, width)

        def total(env: Env) -> Vector:
            return reduction.total(env, select(which(env), lifted(env), nothing)), None, None

        interval = item.interval.hull(Interval.point(ZERO))
        interval = interval * Interval(ZERO, None if most is None else Fraction(most))
        return Column("number", total, item.divisor, interval=interval, low=low, high=high)

    def _sum_of_quotients(self, item: Column, which: Callable[[Env], Array], reduction: Reduction) -> Column:
        counted = Column("yes_no", lambda env: (which(env), None, None))
        masked = shared(arithmetic.either(counted, item, number(ZERO)))
        rows = reduction.rows(masked)
        if rows is None:
            raise Unsupported("a sum of quotients over items")
        found: list[Column] = []
        for parts in rows:
            total = parts[0] if parts else number(ZERO)
            for part in parts[1:]:
                total = arithmetic.add(total, part)
            found.append(total)
        return stacked(found)

    def _truth(self, function: str, taken: Taken, level: str, within: str) -> Column:
        reduction = self.carrying.reduction(level, within)
        run, ends = taken.item.run, function == "any"

        def found(env: Env) -> Vector:
            holds = np.logical_and(taken.present(env), run(env)[0] if ends else np.logical_not(run(env)[0]))
            if not ends and taken.counted is not taken.present:
                # An absence that counts as zero is a no.
                holds = holds | (taken.counted(env) & ~taken.present(env))
            total = reduction.total(env, np.asarray(holds, dtype=np.int64))
            return (total > 0) if ends else (total == 0), None, None

        return Column("yes_no", found)

    def _extreme(self, taken: Taken, level: str, within: str, *, lower: bool) -> Column:
        reduction = self.carrying.reduction(level, within)
        item = taken.item
        if item.has_denominator:
            return self._extreme_of_quotients(taken, reduction, lower=lower)
        width = "float64" if item.kind == "date" else widest(item.width, "float32")
        if width == "object":
            raise Unsupported("the least or greatest of numbers without bounds")
        lifted = arithmetic.lifted(item, 1, width)
        sign, nothing = one_in(1 if lower else -1, width), one_in(0, width)
        empty = one_in(2**62, width)
        zeroed = taken.counted is not taken.present

        def found(env: Env) -> Vector:
            values = lifted(env)
            if zeroed:
                values = select(taken.present(env), values, nothing)
            values = np.where(taken.counted(env), sign * values, empty)
            least = reduction.least(env, values, empty)
            return np.where(least == empty, nothing, sign * least), None, None

        interval = self._hull(taken)
        low = None if item.low is None else min(item.low, 0)
        high = None if item.high is None else max(item.high, 0)
        return replace(item, run=found, interval=interval, low=low, high=high, may_be_absent=False, constant=None)

    def _extreme_of_quotients(self, taken: Taken, reduction: Reduction, *, lower: bool) -> Column:
        counted = Column("yes_no", lambda env: (taken.counted(env), None, None))
        left_out = absence(Absent(NONE_PRESENT), self.words.code(NONE_PRESENT))
        masked = shared(arithmetic.either(counted, taken.item, left_out))
        rows = reduction.rows(masked)
        if rows is None:
            raise Unsupported("the least or greatest of quotients over items")
        return stacked([best(parts, lower=lower) for parts in rows])

    def _weighted(self, weights: tuple[Column, Column], taken: Taken) -> Column:
        by, total = weights
        found = arithmetic.divide(total, by)
        return replace(found, interval=self._hull(taken)) if by.interval.is_not_negative else found

    def _weights(self, shape: GatherShape, taken: Taken) -> tuple[Column, Column]:
        if shape.weight is None:
            raise Unsupported("a weighted mean without weights")
        weight = shared(self.of.present(shape.weight, shape.level))
        weights = shared(self.sum(weight, taken.counted, shape.level, shape.within))
        product = arithmetic.multiply(replace(taken.item, may_be_absent=False), weight)
        return weights, self.sum(product, taken.present, shape.level, shape.within)

    def _at_least_of(self, shape: GatherShape, taken: Taken, here: str) -> Column:
        if shape.needed is None:
            raise Unsupported("at_least_of without a number")
        run = taken.item.run

        def holding(env: Env) -> Array:
            return np.logical_and(taken.present(env), run(env)[0])

        needed = self.of.present(shape.needed, here)
        return arithmetic.compare(">=", self._count(holding, shape.level, shape.within), needed)

    def _may_be_nothing(self, level: str, where: Expr | None, taken: Taken) -> bool:
        is_list = self.of.program.levels[level].kind == "list"
        return where is not None or taken.item.may_be_absent or is_list

    def _missing(self, missing: Callable[[Env], Array], found: Column, level: str, within: str) -> Column:
        """Return what is found, absent where a member's absence makes the whole absent: for the first one's reason."""
        reduction = self.carrying.reduction(level, within)
        rows = reduction.rows(Column("number", lambda env: (missing(env), None, None)))
        if rows is None:
            raise Unsupported("an absent item that makes the whole absent")
        first = stacked([_first([part.run for part in parts]) for parts in rows], codes=True)
        run, codes = found.run, first.run

        def absent(env: Env) -> Vector:
            above, below, own = run(env)
            code = codes(env)[0]
            return above, below, first_code(code, own)

        return replace(found, run=absent, may_be_absent=True, constant=None)


def best(parts: list[Column], *, lower: bool) -> Column:
    """Return the best of the columns that are there; absent for the first one's reason where none is."""
    found = parts[0]
    for part in parts[1:]:
        found = _better(shared(found), shared(part), lower=lower)
    return found


def _better(best_: Column, other: Column, *, lower: bool) -> Column:
    if not (best_.may_be_absent or other.may_be_absent):
        return arithmetic.extreme(best_, other, lower=lower)
    test = arithmetic.compare(
        "<" if lower else ">", replace(other, may_be_absent=False), replace(best_, may_be_absent=False)
    ).run
    one, two = best_.run, other.run

    def takes(env: Env) -> Vector:
        mine, theirs = one(env)[2], two(env)[2]
        better = test(env)[0]
        if mine is theirs:
            return better, None, None
        if mine is not None:
            better = better | (mine != 0)
        return better if theirs is None else better & (theirs == 0), None, None

    found = arithmetic.either(Column("yes_no", takes), other, best_)
    if best_.may_be_absent and other.may_be_absent:
        return found
    run = found.run

    def there(env: Env) -> Vector:
        above, below, _ = run(env)
        return above, below, None

    return replace(found, run=there, may_be_absent=False)


def _first(runs: list[Callable[[Env], Vector]]) -> Column:
    def found(env: Env) -> Vector:
        codes = runs[-1](env)[0]
        for run in reversed(runs[:-1]):
            own = run(env)[0]
            codes = first_code(own, codes)
        return codes, None, None

    return Column("number", found, low=0, high=255)


def stacked(columns: list[Column], *, codes: bool = False) -> Column:
    """Return the rows of a block as one column; one row alone is a column of the base."""
    if len(columns) == 1:
        return columns[0]
    if codes:
        runs = [column.run for column in columns]
        return Column("number", lambda env: (_block([run(env)[0] for run in runs]), None, None), low=0, high=255)
    kinds = {column.kind for column in columns if not (column.constant is not None and column.may_be_absent)}
    kind = kinds.pop() if kinds else "number"
    absent = any(column.may_be_absent for column in columns)
    divisor = math.lcm(*(column.divisor for column in columns)) if kind == "number" else 1
    has_below = any(column.has_denominator for column in columns)
    interval = NOTHING
    low: int | None = None
    high: int | None = None
    if kind == "number":
        for column in columns:
            if not (column.constant is not None and column.may_be_absent):
                interval = interval.hull(column.interval)
        lows = [None if c.low is None else c.low * (divisor // c.divisor) for c in columns]
        highs = [None if c.high is None else c.high * (divisor // c.divisor) for c in columns]
        low = None if None in lows else min(value for value in lows if value is not None)
        high = None if None in highs else max(value for value in highs if value is not None)
    below = None if any(c.below is None for c in columns) else max(c.below or 1 for c in columns)
    width, narrow = width_of(low, high), width_of(1, below)
    parts = [arithmetic.with_absence(c, divisor // c.divisor, width) if kind == "number" else c.run for c in columns]

    def whole(env: Env) -> Vector:
        found = [part(env) for part in parts]
        under = _block([1 if b is None else cast(b, narrow) for _, b, _ in found]) if has_below else None
        codes_ = _block([np.uint8(0) if a is None else a for _, _, a in found]) if absent else None
        return _block([above for above, _, _ in found]), under, codes_

    return Column(kind, whole, divisor, has_below, absent, interval, low, high, below)


def _block(rows: list[Array]) -> Array:
    """Return rows of one base as a block."""
    flat = [row[0] if getattr(row, "ndim", 0) == 2 else row for row in rows]
    length = max((row.shape[0] for row in flat if getattr(row, "ndim", 0) == 1), default=1)
    return np.stack([np.broadcast_to(row, (length,)) for row in flat])


def acted(words: Words, policy: Policy | None, action: str) -> Callable[[], Array]:
    """Return what gives the codes of absence that the policy does this with; code 0 is no absence."""
    named = () if policy is None else tuple(reason for reason, done in policy.by_reason if done == action)
    every = policy is not None and policy.every == action
    codes = [words.code(reason) for reason in named]

    def table() -> Array:
        found = np.full(256, every)
        found[0] = False
        found[codes] = True
        return found

    return table
