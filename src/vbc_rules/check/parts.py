"""The pieces of definitions that several checks look at: outcomes, formulas and their provenance, what is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vbc_rules.language.document import Provenance
from vbc_rules.resolve.expressions import Expr, Gather, InCodes, IsAbsent, OnDate, Read, Ref, children
from vbc_rules.resolve.program import (
    AllocateShape,
    ByMemberShape,
    ChooseShape,
    Definition,
    FormulaShape,
    Gate,
    GatherShape,
    HigherOfShape,
    InterpolateShape,
    Outcome,
    Program,
    Shape,
    StandingShape,
    TableShape,
    TiersShape,
    TopShape,
)
from vbc_rules.source.span import Span


@dataclass(frozen=True, slots=True)
class Part:
    """One formula of a definition, and what its own branch says about where its numbers come from."""

    expr: Expr
    provenance: Provenance | None = None


def text_of(span: Span) -> str:
    """Return what stands in a one-line stretch of a file; of a longer one its first line and two dots."""
    if span.line == span.end_line:
        return span.file.line(span.line)[span.column - 1 : span.end_column - 1]
    return f"{span.file.line(span.line)[span.column - 1 :].rstrip()} .."


def walk(expr: Expr) -> Iterator[Expr]:
    """Yield `expr` and everything inside it, from the outside in."""
    yield expr
    for child in children(expr):
        yield from walk(child)


def outcomes_of(shape: Shape) -> tuple[Outcome, ...]:
    """Return what the cases of a shape give, in the order written; a shape without cases gives none."""
    match shape:
        case FormulaShape():
            return (shape.outcome,)
        case ChooseShape():
            return (*(case.outcome for case in shape.cases), shape.otherwise)
        case TiersShape():
            return (*(step.outcome for step in shape.steps), shape.otherwise)
        case InterpolateShape():
            return tuple(end for end in (shape.below, shape.above) if end is not None)
        case TableShape():
            return tuple(row.outcome for row in shape.rows)
        case ByMemberShape():
            return tuple(outcome for _, outcome in shape.outcomes)
        case HigherOfShape() | GatherShape() | TopShape() | StandingShape() | AllocateShape():
            return ()


def parts_of(step: Definition | Gate) -> Iterator[Part]:
    """Yield every formula of a value, payment or gate, in the order of its fields."""
    if isinstance(step, Gate):
        yield Part(step.require)
        return
    yield from (Part(read) for read in step.needs)
    if step.only_if is not None:
        yield Part(step.only_if)
    yield from _parts_of_shape(step.shape)
    yield from _some(step.at_least, step.at_most)


def _parts_of_shape(shape: Shape) -> Iterator[Part]:
    match shape:
        case FormulaShape():
            yield from _parts_of_outcome(shape.outcome)
        case ChooseShape():
            for case in shape.cases:
                yield Part(case.when, case.outcome.provenance)
                yield from _parts_of_outcome(case.outcome)
            yield from _parts_of_outcome(shape.otherwise)
        case TiersShape():
            yield Part(shape.subject)
            for step in shape.steps:
                yield Part(step.test, step.outcome.provenance)
                yield from _parts_of_outcome(step.outcome)
            yield from _parts_of_outcome(shape.otherwise)
        case InterpolateShape():
            yield Part(shape.subject)
            for point in shape.points:
                yield Part(point.at, point.provenance)
                yield Part(point.value, point.provenance)
            for end in outcomes_of(shape):
                yield from _parts_of_outcome(end)
        case TableShape():
            yield from (Part(column) for column in shape.columns)
            for row in shape.rows:
                yield from (Part(test, row.outcome.provenance) for test in row.tests if test is not None)
                yield from _parts_of_outcome(row.outcome)
        case ByMemberShape():
            for outcome in outcomes_of(shape):
                yield from _parts_of_outcome(outcome)
        case HigherOfShape():
            yield from (Part(item) for item in shape.items)
        case GatherShape():
            yield from _some(shape.item, shape.where, shape.weight, shape.needed_present, shape.needed, shape.at)
        case TopShape():
            yield from _some(shape.how_many, *shape.order)
        case StandingShape():
            yield from _some(shape.subject, shape.better)
        case AllocateShape():
            yield from _some(shape.pool, shape.basis, shape.at_most, shape.at_least)


def _parts_of_outcome(outcome: Outcome) -> Iterator[Part]:
    for part in _some(outcome.expr, outcome.at_least, outcome.at_most):
        yield Part(part.expr, outcome.provenance)


def _some(*exprs: Expr | None) -> Iterator[Part]:
    yield from (Part(expr) for expr in exprs if expr is not None)


@dataclass(frozen=True, slots=True)
class Used:
    """What is read anywhere: names, and levels whose members are gathered or counted."""

    refs: frozenset[Ref]
    levels: frozenset[str]


def used_by(program: Program) -> Used:
    """Return everything that values, payments, gates, inputs, expectations and guarantees read."""
    refs: set[Ref] = set()
    levels: set[str] = set()
    for expr in _every_formula(program):
        for inner in walk(expr):
            match inner:
                case Read() | IsAbsent():
                    refs.add(inner.ref)
                case InCodes() | OnDate():
                    refs.add(Ref("", inner.parameter))
                case Gather():
                    levels.add(inner.level)
                case _:
                    pass
    for definition in program.definitions:
        levels.add(definition.ref.level)
        match definition.shape:
            case GatherShape(level=level):
                levels.add(level)
            case TopShape(ties=Ref() as ties) | AllocateShape(ties=ties):
                refs.add(ties)
            case _:
                pass
    for here in program.levels.values():
        if here.key is not None:
            refs.add(Ref(here.name, here.key))
        if here.groups is not None:
            levels.add(here.groups)
            refs.update(here.by)
    return Used(frozenset(refs), frozenset(levels))


def _every_formula(program: Program) -> Iterable[Expr]:
    for step in program.steps:
        yield from (part.expr for part in parts_of(step))
    for given in program.inputs.values():
        if given.only_if is not None:
            yield given.only_if
    yield from (told.condition for told in (*program.expected, *program.member_expectations))
    yield from (told.condition for told in program.guarantees)
