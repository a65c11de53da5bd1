"""Where the numbers of a program come from, counted; and which of them are examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from vbc_rules.check.checks.vbc601_number_without_source import numerals
from vbc_rules.check.parts import outcomes_of, parts_of
from vbc_rules.language import document as doc
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import Expr
from vbc_rules.resolve.program import Definition, Gate, InterpolateShape, Parameter, Program
from vbc_rules.source.span import Span

_KINDS: Final[Mapping[str, str]] = {
    "source": "public",
    "derived": "derived",
    "required": "required",
    "illustrative": "illustrative",
}


def illustrative_names(program: Program) -> tuple[str, ...]:
    """Return what is marked illustrative: parameters, members, values, gates and payments, by name."""
    found = [parameter.name for parameter in program.parameters.values() if _is_illustrative(parameter.provenance)]
    for parameter in program.parameters.values():
        found += [parameter.name for step in parameter.dated if _is_illustrative(step.provenance)]
    for level in program.levels.values():
        found += [f"{level.name} {member.name}" for member in level.members if _is_illustrative(member.provenance)]
    for step in program.steps:
        if _is_illustrative(step.provenance) or any(map(_is_illustrative, _branch_provenances(step))):
            found.append(step.ref.name)
    return tuple(dict.fromkeys(found))


def _is_illustrative(provenance: doc.Provenance | None) -> bool:
    return provenance is not None and provenance.kind == "illustrative"


def _branch_provenances(step: Definition | Gate) -> Iterator[doc.Provenance | None]:
    """Yield the provenance of each case and each point of a value."""
    if isinstance(step, Gate):
        return
    yield from (outcome.provenance for outcome in outcomes_of(step.shape))
    if isinstance(step.shape, InterpolateShape):
        yield from (point.provenance for point in step.shape.points)


def provenance_counts(program: Program) -> Mapping[str, int]:
    """Return how many numbers of a file are public (cited), derived, required and illustrative.

    Counted is every number that must say where it comes from: each parameter (a dated one by its spans), each cell of a
    member, each numeral in a formula, once where it is written, and each amount that a gate pays.
    """
    counts = dict.fromkeys(_KINDS.values(), 0)
    for provenance in _numbers(program):
        if provenance is not None:
            counts[_KINDS[provenance.kind]] += 1
    counts["required"] += sum(
        parameter.required and parameter.provenance is None for parameter in program.parameters.values()
    )
    return counts


def _numbers(program: Program) -> Iterator[doc.Provenance | None]:
    """Yield the provenance of every number."""
    for parameter in program.parameters.values():
        yield from _of_parameter(parameter)
    for level in program.levels.values():
        for member in level.members:
            yield from (member.provenance for cell in member.cells.values() if not isinstance(cell, Absent))
    seen: set[Span] = set()
    for step in program.steps:
        for part in parts_of(step):
            for span in _written(part.expr):
                if span not in seen:
                    seen.add(span)
                    yield part.provenance or step.provenance
        if isinstance(step, Gate) and step.pays not in (None, 0, 1):
            yield step.provenance


def _of_parameter(parameter: Parameter) -> Iterator[doc.Provenance | None]:
    if not parameter.dated:
        yield parameter.provenance
    for step in parameter.dated:
        if step.value is not None:
            yield step.provenance or parameter.provenance


def _written(expr: Expr) -> Iterator[Span]:
    yield from (constant.span for constant in numerals(expr))
