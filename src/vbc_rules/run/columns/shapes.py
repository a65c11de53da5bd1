"""The shapes of values as columns: what comes before them, their cases, their bounds, and the gates on payments."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np

from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Expr, Read, Ref, Rounding
from vbc_rules.resolve.program import (
    ByMemberShape,
    ChooseShape,
    Definition,
    FormulaShape,
    Gate,
    GatherShape,
    HigherOfShape,
    InterpolateShape,
    Outcome,
    Policy,
    Shape,
    TableShape,
    TiersShape,
)
from vbc_rules.run.columns import arithmetic
from vbc_rules.run.columns.expressions import Expressions
from vbc_rules.run.columns.forms import Array, Column, Env, Run, Unsupported, Vector, number, shared
from vbc_rules.run.columns.gathers import Gathers, best, stacked
from vbc_rules.run.columns.linear import Fact
from vbc_rules.run.columns.rounding import rounded
from vbc_rules.run.columns.selecting import first_code, select_code

NOTHING_PAID = number(Fraction(0))


class Shapes:
    """Compiles definitions."""

    def __init__(self, expressions: Expressions, gathers: Gathers) -> None:
        """Compile with these."""
        self.of = expressions
        self.gathers = gathers

    def definition(self, definition: Definition, gates: list[Gate]) -> Column:
        """Return the column of a definition; `gates` are those on being in the program, then those on this payment."""
        here = definition.ref.level
        found = self.finish(
            self.shape(definition.shape, here), definition.at_least, definition.at_most, definition.rounding, here
        )
        if definition.only_if is not None:
            condition = self.of.expr(definition.only_if, here)
            found = arithmetic.either(condition, found, self.of.constant(Absent(definition.otherwise or "")))
        for needed in reversed(definition.needs):
            found = self._behind(needed, found, here)
        if definition.pays_nothing_if_absent:
            found = _zero_where_absent(found)
        for gate in reversed(gates):
            paid = self.of.constant(Absent(NOT_IN_PROGRAM)) if gate.pays is None else number(gate.pays)
            held = shared(self.of.slots.read(gate.ref, here))
            found = arithmetic.either(_holds_or_absent(held), found, paid)
        return found

    def _behind(self, needed: Read, found: Column, here: str) -> Column:
        column = self.of.expr(needed, here)
        if not column.may_be_absent:
            return found
        codes, run = shared(column).run, found.run

        def guarded(env: Env) -> Vector:
            above, below, own = run(env)
            code = codes(env)[2]
            if code is None:
                return above, below, own
            return above, below, first_code(code, own)

        return replace(found, run=guarded, may_be_absent=True, constant=None)

    def finish(
        self, found: Column, at_least: Expr | None, at_most: Expr | None, rounding: Rounding | None, here: str
    ) -> Column:
        """Return the column within its floor and cap, rounded; absences stay as they are."""
        if at_least is None and at_most is None and rounding is None:
            return found
        if found.constant is not None and found.may_be_absent:
            return found
        whole = shared(found) if found.may_be_absent else found
        kept = replace(whole, may_be_absent=False, constant=None if whole.may_be_absent else whole.constant)
        if at_least is not None:
            kept = arithmetic.extreme(shared(kept), shared(self.of.present(at_least, here)), lower=False)
        if at_most is not None:
            kept = arithmetic.extreme(shared(kept), shared(self.of.present(at_most, here)), lower=True)
        if rounding is not None:
            kept = rounded(kept, rounding, self.of.facts)
        if not found.may_be_absent:
            return kept
        run, codes = kept.run, whole.run

        def finished(env: Env) -> Vector:
            above, below, _ = run(env)
            return above, below, codes(env)[2]

        return replace(kept, run=finished, may_be_absent=True, constant=None)

    # --- shapes

    def shape(self, shape: Shape, here: str) -> Column:
        """Return the column of a shape."""
        match shape:
            case FormulaShape():
                return self.outcome(shape.outcome, here)
            case ChooseShape():
                return self._cases([(case.when, case.outcome) for case in shape.cases], shape.otherwise, here)
            case TiersShape():
                return self._cases([(step.test, step.outcome) for step in shape.steps], shape.otherwise, here)
            case TableShape():
                return self._table(shape, here)
            case InterpolateShape():
                return self._interpolate(shape, here)
            case ByMemberShape():
                return self._by_member(shape, here)
            case HigherOfShape():
                return self._higher_of(shape, here)
            case GatherShape():
                return self.gathers.shape(shape, here)
            case _:
                raise Unsupported("members of one participant that are settled together")

    def outcome(self, outcome: Outcome, here: str) -> Column:
        """Return the column of a case."""
        if outcome.expr is None:
            return self.of.constant(Absent(outcome.absent or ""))
        found = self.of.expr(outcome.expr, here)
        if not isinstance(outcome.expr, Read):
            found = replace(found, may_be_absent=False)
        return self.finish(found, outcome.at_least, outcome.at_most, outcome.rounding, here)

    def _cases(self, cases: list[tuple[Expr, Outcome]], otherwise: Outcome, here: str) -> Column:
        outcomes: list[tuple[Column, Column]] = []
        before: tuple[Fact, ...] = ()
        for when, outcome in cases:
            with self.of.knowing(before):
                condition = self.of.expr(when, here)
                with self.of.knowing(self.of.learned(when, here, holds=True)):
                    outcomes.append((condition, self.outcome(outcome, here)))
                before = (*before, *self.of.learned(when, here, holds=False))
        with self.of.knowing(before):
            found = self.outcome(otherwise, here)
        for condition, column in reversed(outcomes):
            found = arithmetic.either(condition, column, found)
        return found

    def _table(self, shape: TableShape, here: str) -> Column:
        found = self.outcome(shape.rows[-1].outcome, here)
        for row in reversed(shape.rows[:-1]):
            tests = [self.of.expr(test, here).run for test in row.tests if test is not None]
            found = arithmetic.either(_all(tests), self.outcome(row.outcome, here), found)
        return found

    def _interpolate(self, shape: InterpolateShape, here: str) -> Column:
        x = shared(self.of.present(shape.subject, here))
        points = [(self.of.present(point.at, here), self.of.present(point.value, here)) for point in shape.points]
        found = points[-1][1]
        for (x0, y0), (x1, y1) in reversed(list(itertools.pairwise(points))):
            rise, run = arithmetic.add(y1, y0, -1), arithmetic.add(x1, x0, -1)
            line = arithmetic.add(y0, arithmetic.multiply(arithmetic.divide(rise, run), arithmetic.add(x, x0, -1)))
            line = replace(line, interval=y0.interval.hull(y1.interval))
            found = arithmetic.either(arithmetic.compare("<", x, x1), line, found)
        for op, bound, outside in ((">", points[-1][0], shape.above), ("<", points[0][0], shape.below)):
            if outside is not None:
                beyond = arithmetic.compare(">" if op == ">" else "<", x, bound)
                found = arithmetic.either(beyond, self.outcome(outside, here), found)
        return found

    def _by_member(self, shape: ByMemberShape, here: str) -> Column:
        outcomes = dict(shape.outcomes)
        place = self.of.geometry.place(shape.level)
        if place.members is None:
            return self._by_group(outcomes, here)
        rows: list[Column] = []
        for row, path in enumerate(place.members):
            with self.of.focused(here, row):
                rows.append(self.outcome(outcomes[_name(path)], here))
        return stacked(rows) if len(rows) > 1 else rows[0]

    def _by_group(self, outcomes: dict[str, Outcome], here: str) -> Column:
        name = self.of.slots.read(Ref(here, here), here)
        entries = list(outcomes.items())
        found = self.outcome(entries[-1][1], here)
        for word, outcome in reversed(entries[:-1]):
            is_it = arithmetic.compare("=", name, self.of.constant(word))
            found = arithmetic.either(is_it, self.outcome(outcome, here), found)
        return found

    def _higher_of(self, shape: HigherOfShape, here: str) -> Column:
        kept: list[Column] = []
        whole: list[Column] = []
        for item in shape.items:
            column = self.of.expr(item, here)
            if not isinstance(item, Read):
                column = replace(column, may_be_absent=False)
            if column.may_be_absent:
                column = shared(column)
                column = self._acted(column, shape.policy, whole)
            kept.append(column)
        found = best(kept, lower=shape.lower)
        for column in reversed(whole):
            found = self._absent_with(column, found)
        return found

    def _acted(self, column: Column, policy: Policy | None, whole: list[Column]) -> Column:
        """Return an item as the policy leaves it: with `zero` counted, with `absent` noted in `whole`."""
        if policy is None:
            return replace(column, may_be_absent=False)
        actions = {action for _, action in policy.by_reason} | ({policy.every} if policy.every else set())
        if "absent" in actions:
            whole.append(_only(column, policy, self, "absent"))
        if "zero" not in actions:
            return column
        zeroed = self._test(column, policy, "zero")
        return arithmetic.either(zeroed, NOTHING_PAID, column)

    def _test(self, column: Column, policy: Policy, action: str) -> Column:
        run = column.run
        if policy.every == action:
            return Column("yes_no", lambda env: (_codes(run(env)) != 0, None, None))
        codes = [self.of.words.code(reason) for reason, done in policy.by_reason if done == action]
        return Column("yes_no", lambda env: (np.isin(_codes(run(env)), codes), None, None))

    def _absent_with(self, column: Column, found: Column) -> Column:
        run, codes = found.run, column.run

        def absent(env: Env) -> Vector:
            above, below, own = run(env)
            code = codes(env)[2]
            return above, below, first_code(code, own)

        return replace(found, run=absent, may_be_absent=True, constant=None)


def _only(column: Column, policy: Policy, shapes: Shapes, action: str) -> Column:
    run, test = column.run, shapes._test(column, policy, action).run  # noqa: SLF001 (a part of it)

    def codes(env: Env) -> Vector:
        return 0.0, None, select_code(test(env)[0], _codes(run(env)), None)

    return Column("number", codes, may_be_absent=True, low=0, high=0)


def _all(tests: list[Run]) -> Column:
    def holds(env: Env) -> Vector:
        found: Array = np.True_
        for test in tests:
            found = found & test(env)[0]
        return found, None, None

    return Column("yes_no", holds)


def _codes(vector: Vector) -> Array:
    return np.uint8(0) if vector[2] is None else vector[2]


def _holds_or_absent(column: Column) -> Column:
    if not column.may_be_absent:
        return column
    run = column.run
    return Column("yes_no", lambda env: (run(env)[0] | (_codes(run(env)) != 0), None, None))


def _zero_where_absent(column: Column) -> Column:
    if not column.may_be_absent:
        return column
    whole = shared(column)
    run = whole.run
    absent = Column("yes_no", lambda env: (_codes(run(env)) != 0, None, None))
    there = replace(whole, may_be_absent=False, constant=None)
    if column.constant is not None:
        return NOTHING_PAID
    found = arithmetic.either(absent, NOTHING_PAID, there)
    return replace(found, may_be_absent=False)


def _name(path: Path) -> str:
    return str(path[-1])
