"""Participants in columns computed, where the program has columns for it, else row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from vbc_rules.frames.columns.reading import Participants
from vbc_rules.plan.layout import Population
from vbc_rules.run.columns import ColumnEngine, Unsupported, compile_columns
from vbc_rules.run.scalar import CohortEngine, compile_cohort
from vbc_rules.run.trace import CohortTrace

if TYPE_CHECKING:
    from vbc_rules.api.program import Program


class Found(Protocol):
    """What was found for a whole cohort: a `CohortResult`, or what `evaluate_table` returns."""

    @property
    def program(self) -> Program: ...

    @property
    def trace(self) -> CohortTrace: ...

    @property
    def population(self) -> Population: ...


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Computed:
    """What was found for participants in columns; `to_frame` brings it out."""

    program: Program
    trace: CohortTrace
    population: Population


def evaluate_table(
    program: Program,
    participants: Participants,
    *,
    cohort: Mapping[str, object] | None = None,
    groups: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    parameters: Mapping[str, object] | None = None,
) -> Computed:
    """Return what comes of participants read by `read_table`; the rest is that of `Program.evaluate_cohort`.

    Raises InputError with every problem, by the rows of the table, and EvaluationError as `evaluate_cohort` does.
    """
    # Read without participants: theirs are in columns already.
    given = program.read_cohort((), cohort=cohort, groups=groups, parameters=parameters)
    population = participants.population(given.cohort, given.groups)
    return Computed(program, engine_of(program).evaluate(population), population)


def engine_of(program: Program) -> ColumnEngine | CohortEngine:
    """Return the columnar engine of a program, or that of rows where columns do not compute it."""
    try:
        return compile_columns(program.resolved, program.layouts, program.plan.ranges)
    except Unsupported:
        return compile_cohort(program.resolved, program.layouts)
