"""What an evaluation really went through: every construct the oracle met on the way, by name.

The oracle's functions are wrapped while it runs, so a construct counts where it was evaluated, not where it was
written. Names: `Arithmetic /`, `Compare < yes`, `round half_even tie`, `policy zero by reason`, `absent excluded` ..
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from tests.conformance.running import Expected
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import (
    Apply,
    Arithmetic,
    Compare,
    Expr,
    Gain,
    Gather,
    InCodes,
    IsAbsent,
    OneOf,
    Read,
    Round,
)
from vbc_rules.resolve.program import (
    Definition,
    GatherShape,
    HigherOfShape,
    InterpolateShape,
    Program,
    Shape,
    TiersShape,
    TopShape,
)
from vbc_rules.run import exact, settle
from vbc_rules.run.oracle import evaluate, expressions, shapes, together


@contextmanager
def watching(found: set[str]) -> Iterator[None]:
    """Add to `found` what the oracle goes through."""
    module = sys.modules[evaluate.__module__]  # the package's own `evaluate` is the function
    wrapped: list[tuple[object, str, object]] = []

    def wrap(owner: object, name: str, make: Callable[[Any], Any]) -> None:
        before = getattr(owner, name)
        wrapped.append((owner, name, before))
        setattr(owner, name, make(before))

    def of_expression(inner: Any) -> Any:  # noqa: ANN401 (wraps whatever the oracle has)
        def evaluate_expression(expr: Expr, here: Any) -> Any:  # noqa: ANN401
            given = inner(expr, here)
            _expression(expr, given, found)
            return given

        return evaluate_expression

    def of_rounding(inner: Any) -> Any:  # noqa: ANN401
        def round_to(value: Fraction, unit: Fraction, mode: str) -> Fraction:
            found.add(f"round {mode}")
            if value < 0:
                found.add(f"round {mode} negative")
            if (value / unit).denominator == 2:
                found.add(f"round {mode} tie")
                if value < 0:
                    found.add(f"round {mode} negative tie")
            given: Fraction = inner(value, unit, mode)
            return given

        return round_to

    def of_shape(inner: Any) -> Any:  # noqa: ANN401
        def evaluate_shape(shape: Shape, here: Any) -> Any:  # noqa: ANN401
            given = inner(shape, here)
            _shape(shape, given, here, found)
            return given

        return evaluate_shape

    def of_action(inner: Any) -> Any:  # noqa: ANN401
        def action(policy: Any, absent: Absent) -> str:  # noqa: ANN401
            given: str = inner(policy, absent)
            found.add(f"policy {given} {'for every reason' if policy.every is not None else 'by reason'}")
            return given

        return action

    def of_finish(inner: Any) -> Any:  # noqa: ANN401
        def finish(value: Any, at_least: Any, at_most: Any, rounding: Any, here: Any) -> Any:  # noqa: ANN401
            given = inner(value, at_least, at_most, rounding, here)
            if not isinstance(value, Absent):
                if at_least is not None:
                    low = expressions.evaluate_expression(at_least, here)
                    found.add("at_least raises" if low > value else "at_least leaves")
                if at_most is not None:
                    high = expressions.evaluate_expression(at_most, here)
                    found.add("at_most lowers" if high < value else "at_most leaves")
                if rounding is not None:
                    found.add("round of a value")
            elif at_least is not None or at_most is not None or rounding is not None:
                found.add("absence past caps")
            return given

        return finish

    def of_definition(inner: Any) -> Any:  # noqa: ANN401
        def evaluate_definition(definition: Definition, here: Any) -> Any:  # noqa: ANN401
            given = inner(definition, here)
            _definition(definition, given, here, found)
            return given

        return evaluate_definition

    def of_stated(inner: Any) -> Any:  # noqa: ANN401
        def stated(parameter: Any, date: datetime.date | None, role: str) -> Any:  # noqa: ANN401
            given = inner(parameter, date, role)
            found.add("dated carried" if given.carried else "dated stated")
            found.add("dated bare" if role.startswith("the first day") else "dated on a date")
            return given

        return stated

    def of_together(inner: Any) -> Any:  # noqa: ANN401
        def settle_together(shape: Any, taking_part: Any, within: Any) -> Any:  # noqa: ANN401
            given = inner(shape, taking_part, within)
            for one in given:
                _shape(shape, one, within, found)
            return given

        return settle_together

    owners: tuple[object, ...] = (expressions, shapes, together, module)
    for owner in owners:
        for name, make in (
            ("evaluate_expression", of_expression),
            ("evaluate_shape", of_shape),
            ("action_on", of_action),
            ("_finish", of_finish),
            ("evaluate_definition", of_definition),
            ("settle_together", of_together),
        ):
            if hasattr(owner, name):
                wrap(owner, name, make)
    wrap(exact, "round_to", of_rounding)
    wrap(settle, "stated", of_stated)
    try:
        yield
    finally:
        for held, name, before in reversed(wrapped):
            setattr(held, name, before)


def _expression(expr: Expr, given: object, found: set[str]) -> None:
    name = type(expr).__name__
    found.add(name)
    match expr:
        case Arithmetic():
            found.add(f"Arithmetic {'of' if expr.is_of else expr.op}")
        case Compare():
            kind = "quantity" if expr.left.type.is_numeric else expr.left.type.kind
            found.add(f"Compare {expr.op}")
            found.add(f"Compare of {kind}")
            found.add(f"Compare {expr.op} {'yes' if given else 'no'}")
        case Apply():
            found.add(f"{expr.function}")
        case Gather():
            found.add(f"Gather {expr.function}")
            found.add(f"Gather {'present' if expr.present else 'plain'}")
            if expr.where is not None:
                found.add("Gather where")
        case OneOf() | InCodes() | IsAbsent():
            found.add(f"{name} {'negated' if expr.negated else 'plain'} {'yes' if given else 'no'}")
            if isinstance(expr, IsAbsent):
                found.add("IsAbsent for a reason" if expr.reason is not None else "IsAbsent for any reason")
        case Gain():
            found.add("Gain")
        case Round():
            found.add("Round in a formula")
        case Read():
            if expr.ref.level == "":
                found.add("Read of a parameter")


def _shape(shape: Shape, given: object, here: Any, found: set[str]) -> None:  # noqa: ANN401
    found.add(type(shape).__name__)
    absent = isinstance(given, Absent)
    match shape:
        case TiersShape():
            found.update(f"step {step.kind}" for step in shape.steps)
        case InterpolateShape():
            x = expressions.evaluate_expression(shape.subject, here)
            at = [expressions.evaluate_expression(point.at, here) for point in shape.points]
            where = "below" if x < at[0] else "above" if x > at[-1] else "at a point" if x in at else "between points"  # type: ignore[operator]
            found.add(f"interpolate {where}")
        case HigherOfShape():
            found.add("lower_of" if shape.lower else "higher_of")
            if absent:
                found.add("higher_of absent")
        case GatherShape():
            found.add(f"gather {shape.function}")
            if shape.definition is not None:
                found.add(f"gather {shape.function} {shape.definition}")
            for part in ("where", "needed_present", "if_none"):
                if getattr(shape, part) is not None:
                    found.add(f"gather {part}")
        case TopShape():
            found.add("top share" if shape.is_share else "top count")
            found.add("top ties by key" if shape.ties is not None else "top ties all in")
            found.add(f"top {'yes' if given else 'no'}")


def _definition(definition: Definition, given: object, here: Any, found: set[str]) -> None:  # noqa: ANN401
    if any(isinstance(expressions.read(need, here), Absent) for need in definition.needs):
        found.add("needs not there")
    elif definition.needs:
        found.add("needs there")
    if definition.only_if is not None and isinstance(given, Absent) and given.reason == definition.otherwise:
        found.add("only_if does not hold")
    elif definition.only_if is not None:
        found.add("only_if holds")
    if definition.role == "payment":
        found.add("payment")
        if definition.pays_nothing_if_absent and given == 0:
            found.add("payment of nothing")


def outcomes(program: Program, expected: Expected, found: set[str]) -> None:
    """Add what stands in the result: absences and their reasons, gates that fail, levels with instances, refusals."""
    if expected.error is not None:
        found.add(f"error {expected.error.code}")
        return
    found.update(f"level {level.kind}" for level in program.levels.values())
    for (ref, path), value in expected.slots.items():
        if isinstance(value, Absent):
            found.add(f"absent {value.reason}")
        if isinstance(value, Absent) and ref in program.inputs and program.inputs[ref].only_if is not None:
            found.add("conditional input not expected")
        elif ref in program.inputs and program.inputs[ref].only_if is not None:
            found.add("conditional input given")
        if len(path) > 1:
            found.add("level within a level")
    for gate in program.gates:
        for (ref, _), value in expected.slots.items():
            if ref == gate.ref:
                kind = "not_in_program" if gate.pays is None else "pays nothing" if gate.pays == 0 else "pays an amount"
                found.add(f"gate {kind} {'holds' if value else 'fails'}")
    found.update(f"expected of {entry.level}" for entry in program.expected)
    if expected.warnings:
        found.add("warning")
