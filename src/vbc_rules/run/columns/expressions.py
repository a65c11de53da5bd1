"""Expressions as columns: every branch is computed for all rows, and what a row takes is chosen."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from threading import Lock
from typing import Any, Final, Protocol

import numpy as np

from vbc_rules.check.interval import Interval
from vbc_rules.check.keys import key_of
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import (
    Apply,
    Arithmetic,
    Compare,
    CompareOp,
    Constant,
    Datum,
    Every,
    Expr,
    Gain,
    Gather,
    IfElse,
    InCodes,
    IsAbsent,
    Negate,
    Not,
    OnDate,
    OneOf,
    Read,
    Ref,
    Round,
    Rounding,
    Some,
    children,
)
from vbc_rules.resolve.program import Parameter, Program
from vbc_rules.run import settle
from vbc_rules.run.columns import arithmetic
from vbc_rules.run.columns.forms import Array, Column, Env, Unsupported, Vector, absence, number, shared
from vbc_rules.run.columns.geometry import Geometry
from vbc_rules.run.columns.linear import Fact, Factors
from vbc_rules.run.columns.rounding import rounded


@dataclass(slots=True)
class Words:
    """The words met so far, each with its number; absences have numbers of their own, from 1.

    They belong to the engine, so runs of several threads add to them: a number is given under the lock, and told only
    once its word stands in its place.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)
    absences: list[Absent] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def number(self, text: str) -> int:
        """Return the number of a word."""
        found = self.numbers.get(text)
        if found is not None:
            return found
        with self.lock:
            found = self.numbers.get(text)
            if found is None:
                found = len(self.texts)
                self.texts.append(text)
                self.numbers[text] = found
        return found

    def code(self, reason: str) -> int:
        """Return the code of an absence; 0 stands for what is present. Raises Unsupported beyond 255 reasons."""
        found = self.reasons.get(reason)
        if found is not None:
            return found
        with self.lock:
            found = self.reasons.get(reason)
            if found is None:
                found = len(self.absences) + 1
                if found > 255:
                    raise Unsupported("more than 255 reasons for absence")
                self.absences.append(Absent(reason))
                self.reasons[reason] = found
        return found


class Slots(Protocol):
    """Where names are read."""

    def read(self, ref: Ref, here: str) -> Column:
        """Return the column of a name as the instances of level `here` see it."""
        ...

    def signs(self, direction: Expr, here: str) -> Factors | None:
        """Return 1 for each listed member of which higher is better, else -1; None where the file does not list it."""
        ...

    def irregular(self, what: str, rows: Callable[[Env], Array]) -> None:
        """Have the run given to another engine where any of `rows` is so: that one knows what to say."""
        ...


class Expressions:
    """Compiles expressions to columns."""

    def __init__(self, program: Program, geometry: Geometry, words: Words, slots: Slots) -> None:
        """Read names through `slots`."""
        self.program = program
        self.geometry = geometry
        self.words = words
        self.slots = slots
        self.gather: Callable[[Gather, str], Column]
        self.focus: tuple[str, int] | None = None
        self.counts: Mapping[Hashable, int] = {}
        self.known: dict[Hashable, Column] = {}
        self.facts: tuple[Fact, ...] = ()

    @contextmanager
    def knowing(self, facts: tuple[Fact, ...]) -> Iterator[None]:
        """Compile what is read only where some facts hold."""
        before, self.facts = self.facts, (*self.facts, *facts)
        try:
            yield
        finally:
            self.facts = before

    def learned(self, condition: Expr, here: str, *, holds: bool) -> tuple[Fact, ...]:
        """Return what is known of sums where a condition holds, or where it does not."""
        match condition:
            case Compare() if condition.left.type.is_numeric and condition.right.type.is_numeric:
                op = condition.op if holds else _OPPOSITE[condition.op]
                fact = arithmetic.fact(op, self.present(condition.left, here), self.present(condition.right, here))
                return () if fact is None else (fact,)
            case Not():
                return self.learned(condition.operand, here, holds=not holds)
            case Every() | Some() if holds == isinstance(condition, Every):
                return tuple(fact for part in condition.operands for fact in self.learned(part, here, holds=holds))
        return ()

    @contextmanager
    def focused(self, level: str, row: int) -> Iterator[None]:
        """Compile for one listed member of a level for a while."""
        before, self.focus = self.focus, (level, row)
        try:
            yield
        finally:
            self.focus = before

    def constant(self, value: Datum) -> Column:
        """Return the column of a value that every row has."""
        if isinstance(value, Absent):
            return absence(value, self.words.code(value.reason))
        if isinstance(value, Fraction):
            return number(value)
        if isinstance(value, bool):
            held: Any = np.bool_(value)
            return Column("yes_no", lambda _: (held, None, None), constant=value)
        if isinstance(value, datetime.date):
            day = float(value.toordinal())
            return Column("date", lambda _: (day, None, None), low=int(day), high=int(day), constant=value)
        word = self.words.number(value)
        return Column("word", lambda _: (word, None, None), constant=value)

    def expr(self, expr: Expr, here: str) -> Column:
        """Return the column of an expression at the instances of level `here`; one that is written twice once."""
        if isinstance(expr, Constant | Read):
            return self._expr(expr, here)
        key = (key_of(expr), here, self.focus, self.facts if _divides(expr) else ())
        if self.counts.get(key[0], 0) < 2:
            return self._expr(expr, here)
        if key not in self.known:
            self.known[key] = shared(self._expr(expr, here))
        return self.known[key]

    def _expr(self, expr: Expr, here: str) -> Column:
        match expr:
            case Constant():
                return self.constant(expr.value)
            case Read():
                return self.parameter(expr.ref) if expr.ref.level == "" else self.slots.read(expr.ref, here)
            case Negate():
                return arithmetic.negate(self.expr(expr.operand, here))
            case Arithmetic():
                return self._arithmetic(expr, here)
            case Compare():
                left, right = self.expr(expr.left, here), self.expr(expr.right, here)
                return arithmetic.compare(expr.op, left, right)
            case OneOf():
                return self._one_of(expr, here)
            case InCodes():
                return self._in_codes(expr, here)
            case Every() | Some():
                return self._connected(expr, here)
            case Not():
                return _inverted(self.expr(expr.operand, here))
            case IfElse():
                return self._if_else(expr, here)
            case IsAbsent():
                return self._is_absent(expr, here)
            case Gain():
                return self._gain(expr, here)
            case Apply():
                return self._apply(expr, here)
            case Round():
                return rounded(self.present(expr.operand, here), expr.rounding, self.facts)
            case OnDate():
                return self._on_date(expr, here)
            case Gather():
                return self.gather(expr, here)

    def present(self, expr: Expr, here: str) -> Column:
        """Return the column of an expression that is read where it is present."""
        found = self.expr(expr, here)
        if not found.may_be_absent:
            return found
        # One and the same wherever it is read, so that sums tell what cancels.
        key = ("present", found.run)
        if key not in self.known:
            self.known[key] = _there(found)
        return self.known[key]

    def holds(self, expr: Expr, here: str) -> Column:
        """Return the column of a condition."""
        return self.expr(expr, here)

    # --- names

    def parameter(self, ref: Ref) -> Column:
        """Return the column of a parameter."""
        parameter = self.program.parameters[ref.name]
        if parameter.value is not None:
            return self.constant(parameter.value)
        if parameter.required:
            return self.slots.read(ref, self.program.roots[0])
        return self.constant(self._stated(parameter))

    def _stated(self, parameter: Parameter) -> Datum:
        found = settle.stated(parameter, *settle.start_of(self.program))
        if found.carried:
            raise Unsupported("a dated parameter is carried past what is stated")
        return found.value

    # --- operators

    def _arithmetic(self, expr: Arithmetic, here: str) -> Column:
        left, right = self.present(expr.left, here), self.present(expr.right, here)
        match expr.op:
            case "+":
                return arithmetic.add(left, right)
            case "-":
                return arithmetic.add(left, right, -1)
            case "*":
                return arithmetic.multiply(left, right)
            case "/":
                return arithmetic.divide(left, right, self.facts)

    def _one_of(self, expr: OneOf, here: str) -> Column:
        subject = self.expr(expr.subject, here)
        tests = [arithmetic.compare("=", subject, self.expr(option, here)).run for option in expr.options]
        negated = expr.negated

        def run(env: Env) -> Vector:
            found = tests[0](env)[0]
            for test in tests[1:]:
                found = found | test(env)[0]
            return np.logical_not(found) if negated else found, None, None

        return Column("yes_no", run)

    def _in_codes(self, expr: InCodes, here: str) -> Column:
        subject = self.expr(expr.subject, here).run
        codes = tuple(code.partition(" to ") for code in self.program.parameters[expr.parameter].codes)
        words, negated = self.words, expr.negated
        known: list[tuple[int, Array]] = [(0, np.zeros(0, dtype=np.bool_))]

        def is_one(text: str) -> bool:
            return any(
                len(first) == len(text) == len(last or first) and first <= text <= (last or first)
                for first, _, last in codes
            )

        def run(env: Env) -> Vector:
            size, table = known[0]
            if size < len(words.texts):
                texts = tuple(words.texts)
                table = np.array([is_one(text) != negated for text in texts], dtype=np.bool_)
                known[0] = (len(texts), table)
            return table[subject(env)[0]], None, None

        return Column("yes_no", run)

    def _connected(self, expr: Every | Some, here: str) -> Column:
        parts = [self.expr(operand, here).run for operand in expr.operands]
        is_every = isinstance(expr, Every)

        def run(env: Env) -> Vector:
            found = parts[0](env)[0]
            for part in parts[1:]:
                other = part(env)[0]
                found = found & other if is_every else found | other
            return found, None, None

        return Column("yes_no", run)

    def _if_else(self, expr: IfElse, here: str) -> Column:
        condition = self.expr(expr.condition, here)
        if isinstance(condition.constant, bool):
            return self.expr(expr.then if condition.constant else expr.otherwise, here)
        with self.knowing(self.learned(expr.condition, here, holds=True)):
            then = self.present(expr.then, here)
        with self.knowing(self.learned(expr.condition, here, holds=False)):
            otherwise = self.present(expr.otherwise, here)
        return arithmetic.either(condition, then, otherwise)

    def _is_absent(self, expr: IsAbsent, here: str) -> Column:
        found = self.slots.read(expr.ref, here)
        if not found.may_be_absent:
            return self.constant(expr.negated)
        run, negated = found.run, expr.negated
        if expr.reason is None:
            return Column("yes_no", lambda env: ((_codes(run(env)) == 0) == negated, None, None))
        code = self.words.code(expr.reason)
        return Column("yes_no", lambda env: ((_codes(run(env)) == code) != negated, None, None))

    def _gain(self, expr: Gain, here: str) -> Column:
        left, right = self.present(expr.left, here), self.present(expr.right, here)
        direction = self.expr(expr.direction, here)
        if direction.constant is not None:
            first, second = (left, right) if direction.constant == "higher" else (right, left)
            return arithmetic.add(first, second, -1)
        signs = self.slots.signs(expr.direction, here)
        if signs is not None:
            one = self._signed(expr.left, left, signs, here)
            return arithmetic.add(one, self._signed(expr.right, right, signs, here), -1)
        difference = shared(arithmetic.add(left, right, -1))
        higher, sign = self.words.number("higher"), direction.run
        turned = arithmetic.negate(difference)
        return arithmetic.either(Column("yes_no", lambda env: (sign(env)[0] == higher, None, None)), difference, turned)

    def _signed(self, expr: Expr, column: Column, signs: Factors, here: str) -> Column:
        """Return a quantity, its sign turned where lower is better; of a name once for all its gains."""
        if not isinstance(expr, Read):
            return arithmetic.signed(column, signs)
        key = ("signed", key_of(expr), here)
        if key not in self.known:
            self.known[key] = shared(arithmetic.signed(column, signs))
        return self.known[key]

    # --- functions

    def _apply(self, expr: Apply, here: str) -> Column:
        arguments = [self.present(argument, here) for argument in expr.arguments]
        first = arguments[0]
        match expr.function:
            case "min" | "max":
                for other in arguments[1:]:
                    first = arithmetic.extreme(first, other, lower=expr.function == "min")
                return first
            case "clamp":
                return arithmetic.extreme(
                    arithmetic.extreme(first, arguments[1], lower=False), arguments[2], lower=True
                )
            case "abs":
                return _absolute(first)
            case "floor" | "ceiling":
                unit = Fraction(1, 100) if expr.type.kind == "percent" else Fraction(1)
                return rounded(first, Rounding(unit, expr.function, expr.function, expr.span))
            case "year":
                return self._year(first)
            case "days_between":
                return _days_between(arguments)
            case _:
                return self._row_by_row(expr, arguments)

    def _year(self, date: Column) -> Column:
        run = date.run

        def years(env: Env) -> Vector:
            days = np.asarray(run(env)[0]).astype(np.int64) - _EPOCH
            return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970, None, None

        return Column("number", years, interval=Interval(Fraction(1), Fraction(9999)), low=1, high=9999)

    def _row_by_row(self, expr: Apply, arguments: list[Column]) -> Column:
        """Compute what has no arithmetic of its own once for each different argument."""
        from vbc_rules.run.columns.functions import row_by_row  # noqa: PLC0415 (few programs need it)

        return row_by_row(expr, arguments)

    def _on_date(self, expr: OnDate, here: str) -> Column:
        parameter = self.program.parameters[expr.parameter]
        when = self.expr(expr.when, here)
        if isinstance(when.constant, datetime.date):
            found = settle.stated(parameter, when.constant, settle.date_role(expr.when))
            if found.carried:
                raise Unsupported("a dated parameter is carried past what is stated")
            return self.constant(found.value)
        end = parameter.stated_through or parameter.dated[-1].last
        if parameter.carry_after:
            raise Unsupported("a dated parameter may be carried past what is stated")
        starts = [0 if entry.first is None else entry.first.toordinal() for entry in parameter.dated]
        values = [entry.value for entry in parameter.dated]
        stated = [value for value in values if value is not None]
        if not all(isinstance(value, Fraction) for value in stated):
            raise Unsupported("a dated parameter that is no quantity")
        divisor = np.lcm.reduce([value.denominator for value in stated if isinstance(value, Fraction)])
        tops = [int(value * int(divisor)) if isinstance(value, Fraction) else 0 for value in values]
        silent = np.array([value is None for value in values])
        first, last = np.array(starts, dtype=np.float64), np.array(tops, dtype=np.float64)
        final = float("inf") if end is None else float(end.toordinal())
        run = when.run

        def at(env: Env) -> tuple[Array, Array]:
            days = run(env)[0]
            return days, np.searchsorted(first, days, side="right") - 1

        def outside(env: Env) -> Array:
            days, place = at(env)
            return (place < 0) | (days > final) | silent[np.maximum(place, 0)]

        self.slots.irregular(f"`{parameter.name}` on a day", outside)
        quantities = [value for value in stated if isinstance(value, Fraction)]
        interval = Interval(min(quantities), max(quantities))
        return Column(
            "number", lambda env: (last[np.maximum(at(env)[1], 0)], None, None), int(divisor), interval=interval,
            low=min(tops), high=max(tops),
        )  # fmt: skip


_OPPOSITE: Final[Mapping[CompareOp, CompareOp]] = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _divides(expr: Expr) -> bool:
    """Whether what is known where an expression is read may change how it is computed."""
    return (
        isinstance(expr, Round | Apply | Gather)
        or (isinstance(expr, Arithmetic) and expr.op == "/")
        or any(_divides(child) for child in children(expr))
    )


_EPOCH = datetime.date(1970, 1, 1).toordinal()


def _there(column: Column) -> Column:
    """Return a column that is read where it is present: its absences are not carried."""
    if not column.may_be_absent:
        return column
    run = column.run

    def present(env: Env) -> Vector:
        above, below, _ = run(env)
        return above, below, None

    return replace(column, run=present, may_be_absent=False, constant=None)


def _inverted(column: Column) -> Column:
    run = column.run
    held = None if column.constant is None else not column.constant
    return Column("yes_no", lambda env: (np.logical_not(run(env)[0]), None, None), constant=held)


def _codes(vector: Vector) -> Array:
    return np.uint8(0) if vector[2] is None else vector[2]


def _absolute(column: Column) -> Column:
    if column.never_negative:
        return column
    ends = [end for end in (column.low, column.high) if end is not None]
    high = max(abs(end) for end in ends) if len(ends) == 2 else None
    run = arithmetic.with_absence(column, 1, column.width)

    def absolute(env: Env) -> Vector:
        above, below, _ = run(env)
        return np.abs(above), below, None

    interval = column.interval.at_least(-column.interval).at_least(Interval.point(Fraction(0)))
    return replace(column, run=absolute, interval=interval, low=0, high=high, constant=None)


def _days_between(dates: list[Column]) -> Column:
    first, last = dates[0].run, dates[1].run
    most = 3_652_059
    interval = Interval(Fraction(-most), Fraction(most))
    return Column(
        "number", lambda env: (last(env)[0] - first(env)[0], None, None), interval=interval, low=-most, high=most
    )
