"""One participant's row to the value of every slot: the definition of what a program means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from vbc_rules.errors import EvaluationError
from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.plan.layout import Layout, Path, Row
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Definition, Gate, Program
from vbc_rules.run import settle
from vbc_rules.run.oracle.expressions import AbsentRead, holds, read_parameter
from vbc_rules.run.oracle.inputs import instances_of, settle_inputs
from vbc_rules.run.oracle.instances import Instance, NotSettled, Whole
from vbc_rules.run.oracle.kinds import there
from vbc_rules.run.oracle.shapes import evaluate_definition
from vbc_rules.source.span import Span

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class OracleTrace:
    """The exact value of every slot at every instance."""

    whole: Whole

    def value(self, ref: Ref, path: Path = ()) -> Datum:
        """Return a value as `run.trace.Trace` says; a dated parameter's is that of the first day in force."""
        level = ref.level or self.whole.program.participant
        instance = self.whole.instances[level, path]
        if ref.level == "":
            return read_parameter(ref.name, instance)
        try:
            return instance.values[ref.name] if ref.name in instance.values else instance.value(ref)
        except NotSettled:
            raise KeyError(str(ref)) from None

    def count(self, level: str, path: Path = ()) -> int:
        """Return how many items list level `level` has under the instance `path` of its parent level."""
        parent = there(self.whole.program.levels[level].parent)
        return len(self.whole.instances[parent, path].below[level])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be shown beside every figure of this result."""
        return tuple(self.whole.warnings)


def evaluate(program: Program, layout: Layout, row: Row) -> OracleTrace:
    """Return every value of one participant, from its inputs in `row`.

    Raises InputError with every problem of the inputs, EvaluationError where a value cannot be computed or a guarantee
    does not hold, UsageError for a program that needs the whole cohort.
    """
    whole = settle_inputs(program, layout, row)
    for step in program.steps:
        for instance in instances_of(whole, step.ref.level):
            instance.values[step.ref.name] = _evaluate_step(step, instance)
    _assert_guarantees(whole)
    return OracleTrace(whole)


def _evaluate_step(step: Definition | Gate, here: Instance) -> Datum:
    where = settle.place(here.program, step.ref, here.path)
    if isinstance(step, Gate):
        return _located(where, step.span, lambda: holds(step.require, here))
    decided = None if step.role == "value" else decided_by_gates(step, here)
    return _located(where, step.span, lambda: evaluate_definition(step, here)) if decided is None else decided


def decided_by_gates(payment: Definition, here: Instance) -> Datum | None:
    """Return what the gates at the payment's instance, and at those above it, make of it; None where all hold.

    Then the payment is not evaluated: it may read what only a gate that holds makes present. A gate that acts on other
    payments only may not be settled yet, and is not looked at.
    """
    above = here.program.chain(payment.ref.level)
    acting = [
        gate for gate in here.program.gates if gate.ref.level in above and (gate.pays is None or payment.ref in gate.on)
    ]
    failed = [gate for gate in acting if here.value(gate.ref) is False]
    if any(gate.pays is None for gate in failed):
        return Absent(NOT_IN_PROGRAM)
    return min(failed, key=lambda gate: (gate.span.line, gate.span.column)).pays if failed else None


def _located(where: str, span: Span, evaluation: Callable[[], T]) -> T:
    """Return the evaluation's value; what it raises says where it happened."""
    try:
        return evaluation()
    except AbsentRead:
        raise settle.impossible("reads a value that is absent", span, where) from None
    except EvaluationError as error:
        if error.where:
            raise
        raise EvaluationError(error.code, error.message, where) from None


def _assert_guarantees(whole: Whole) -> None:
    """Raise EvaluationError for a guarantee that does not hold. What reads an absent value does not apply."""
    for guarantee in whole.program.guarantees:
        for instance in instances_of(whole, guarantee.level):
            try:
                kept = holds(guarantee.condition, instance)
            except AbsentRead:
                continue
            if not kept:
                where = settle.place(whole.program, Ref(guarantee.level, guarantee.level), instance.path)
                raise settle.violated(where, guarantee)
