"""A participant's row, or a whole population, to the value of every slot: the definition of what a program means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from vbc_rules.errors import EvaluationError
from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.plan.layout import Layout, Path, Population, Row
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Collective, Definition, Gate, Program
from vbc_rules.run import settle
from vbc_rules.run.oracle.expressions import AbsentRead, holds
from vbc_rules.run.oracle.inputs import instances_of, place_of, settle_inputs
from vbc_rules.run.oracle.instances import Instance, NotSettled, Whole, members_under
from vbc_rules.run.oracle.kinds import there
from vbc_rules.run.oracle.population import settle_population
from vbc_rules.run.oracle.shapes import completed, evaluate_definition, lacking
from vbc_rules.run.oracle.together import AtMember, settle_together
from vbc_rules.source.span import Span

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class OracleTrace:
    """The exact value of every slot at every instance of one participant's evaluation."""

    whole: Whole

    def value(self, ref: Ref, path: Path = ()) -> Datum:
        """Return a value as `run.trace.Trace` says; a dated parameter's is that of the first day in force."""
        return _value(self.whole, ref, path)

    def count(self, level: str, path: Path = ()) -> int:
        """Return how many items list level `level` has under the instance `path` of its parent level."""
        return len(self.whole.instances[there(self.whole.program.levels[level].parent), path].below[level])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be shown beside every figure of this result."""
        return tuple(self.whole.warnings)


@dataclass(frozen=True, slots=True, repr=False)
class OracleCohortTrace:
    """The exact value of every slot at every instance of a cohort (a `run.trace.CohortTrace`)."""

    whole: Whole

    def value(self, ref: Ref, path: Path = ()) -> Datum:
        """Return the value of `ref` at an instance of its level. Raises KeyError where there is none."""
        return _value(self.whole, ref, path)

    def count(self, level: str, path: Path = ()) -> int:
        """Return how many instances of a root there are (`path` empty), or how many items a list level has."""
        here = self.whole.program.levels[level]
        if here.kind in ("cohort", "participant", "groups"):
            return len(instances_of(self.whole, level))
        return len(self.whole.instances[there(here.parent), path].below[level])

    def group_of(self, group: str, path: Path) -> Path | Absent:
        """Return the path of the group that a member is in; Absent where it is in none."""
        gathered = there(self.whole.program.levels[group].groups)
        found = self.whole.instances[gathered, path].groups[group]
        return found if isinstance(found, Absent) else found.path

    def gathered(self, level: str, within: str, path: Path) -> tuple[Path, ...]:
        """Return the paths of the members of `level` under the instance `path` of `within`, in order."""
        return tuple(member.path for member in members_under(self.whole.instances[within, path], level))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be shown beside every figure of this result."""
        return tuple(self.whole.warnings)


def _value(whole: Whole, ref: Ref, path: Path) -> Datum:
    level = ref.level or whole.program.roots[0]
    instance = whole.instances[level, path if ref.level else ()]
    if ref.level == "":
        parameter = whole.program.parameters[ref.name]
        if parameter.dated:
            # Looking at it is no use of it by a rule, which alone would be warned of.
            return settle.stated(parameter, *settle.start_of(whole.program)).value
        return instance.value(ref)
    try:
        return instance.values[ref.name] if ref.name in instance.values else instance.value(ref)
    except NotSettled:
        raise KeyError(str(ref)) from None


def evaluate(program: Program, layout: Layout, row: Row) -> OracleTrace:
    """Return every value of one participant, from its inputs in `row`.

    Raises InputError with every problem of the inputs, EvaluationError where a value cannot be computed or a guarantee
    does not hold, UsageError for a program that needs the whole cohort.
    """
    if program.needs_cohort:
        raise settle.needs_cohort(program)
    whole = settle_inputs(program, layout, row)
    for step in program.steps:
        _take(step, whole, None)
    _assert_guarantees(whole)
    return OracleTrace(whole)


def evaluate_cohort(program: Program, layouts: Mapping[str, Layout], population: Population) -> OracleCohortTrace:
    """Return every value of every participant, group and of the cohort.

    Raises InputError with every problem of the inputs, EvaluationError where a value cannot be computed or a guarantee
    does not hold.
    """
    whole, forming = settle_population(program, layouts, population)
    for step in program.steps:
        if not isinstance(step, Gate) or step.pays is not None:
            _take(step, whole, population)
            forming.go_on(step.ref)
    _assert_guarantees(whole)
    return OracleCohortTrace(whole)


def _take(step: Definition | Gate, whole: Whole, population: Population | None) -> None:
    """Evaluate one step at every instance of its level."""
    if isinstance(step, Definition) and isinstance(step.shape, Collective):
        _take_together(step, step.shape, whole, population)
        return
    only_members = step.ref in whole.program.membership
    for instance in instances_of(whole, step.ref.level):
        here = _Place(step.ref, step.span, instance, population)
        if only_members and instance.is_outside:
            instance.values[step.ref.name] = Absent(NOT_IN_PROGRAM)
        elif isinstance(step, Gate):
            instance.values[step.ref.name] = here.located(lambda: holds(step.require, instance))  # noqa: B023 (called at once)
        else:
            instance.values[step.ref.name] = here.located(lambda: _defined(step, instance))  # noqa: B023 (called at once)


def _defined(definition: Definition, here: Instance) -> Datum:
    decided = decided_by_gates(definition, here) if definition.role == "payment" else None
    return evaluate_definition(definition, here) if decided is None else decided


def _take_together(definition: Definition, shape: Collective, whole: Whole, population: Population | None) -> None:
    """Evaluate a step that settles all members under one instance of `within` together."""
    name = definition.ref.name
    across = definition.ref in whole.program.membership
    taking_part: dict[Path, list[Instance]] = {}
    for member in instances_of(whole, definition.ref.level):
        here = _Place(definition.ref, definition.span, member, population)
        if across and member.is_outside:
            member.values[name] = Absent(NOT_IN_PROGRAM)
            continue
        under = member.at(shape.within)
        given = here.located(lambda: _without(definition, member, under))  # noqa: B023 (called at once)
        if given is not None:
            member.values[name] = given
        elif not isinstance(under, Absent):
            taking_part.setdefault(under.path, []).append(member)
    for within in instances_of(whole, shape.within):
        members = taking_part.get(within.path, [])
        if within.is_outside and not members:
            continue
        here = _Place(Ref(shape.within, name), definition.span, within, population)
        try:
            found = here.located(lambda: settle_together(shape, members, within))  # noqa: B023 (called at once)
        except AtMember as fault:
            wrong = _Place(definition.ref, definition.span, members[fault.place], population)
            wrong.located(partial(_again, fault.error))
            raise
        for member, share in zip(members, found, strict=True):
            here = _Place(definition.ref, definition.span, member, population)
            member.values[name] = here.located(lambda: completed(definition, share, member))  # noqa: B023 (called at once)


def _again(error: EvaluationError) -> None:
    raise error


def _without(definition: Definition, member: Instance, under: Instance | Absent) -> Datum | None:
    """Return what a member has that takes no part: by a gate, by what it lacks, by being in no group; else None."""
    decided = decided_by_gates(definition, member) if definition.role == "payment" else None
    if decided is not None:
        return decided
    missing = lacking(definition, member)
    if missing is None and isinstance(under, Absent):
        missing = under
    return None if missing is None else completed(definition, missing, member)


def decided_by_gates(payment: Definition, here: Instance) -> Datum | None:
    """Return what the gates at the payment's instance, and at those above it, make of it; None where all hold.

    Then the payment is not evaluated: it may read what only a gate that holds makes present. A gate that acts on other
    payments only may not be settled yet, and is not looked at.
    """
    above = (payment.ref.level, *here.program.uppers[payment.ref.level])
    acting = [
        gate for gate in here.program.gates if gate.ref.level in above and (gate.pays is None or payment.ref in gate.on)
    ]
    failed = [gate for gate in acting if here.value(gate.ref) is False]
    if any(gate.pays is None for gate in failed):
        return Absent(NOT_IN_PROGRAM)
    return min(failed, key=lambda gate: (gate.span.line, gate.span.column)).pays if failed else None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a step is evaluated, for errors to say."""

    ref: Ref
    span: Span
    instance: Instance
    population: Population | None

    def located(self, evaluation: Callable[[], T]) -> T:
        """Return the evaluation's value; what it raises says where it happened."""
        try:
            return evaluation()
        except AbsentRead:
            raise settle.impossible("reads a value that is absent", self.span, self._where()) from None
        except EvaluationError as error:
            if error.where:
                raise
            raise EvaluationError(error.code, error.message, self._where(), self._row()) from None

    def _where(self) -> str:
        return place_of(self.instance.program, self.ref, self.instance.path)

    def _row(self) -> int | None:
        program, path = self.instance.program, self.instance.path
        if self.population is None or program.root(self.instance.level.name) != program.participant:
            return None
        number = path[0]
        return self.population.numbers[number] if isinstance(number, int) else None


def _assert_guarantees(whole: Whole) -> None:
    """Raise EvaluationError for a guarantee that does not hold. What reads an absent value does not apply."""
    for guarantee in whole.program.guarantees:
        for instance in instances_of(whole, guarantee.level):
            try:
                kept = holds(guarantee.condition, instance)
            except AbsentRead:
                continue
            if not kept:
                own = Ref(guarantee.level, guarantee.level)
                raise settle.violated(place_of(whole.program, own, instance.path), guarantee)
