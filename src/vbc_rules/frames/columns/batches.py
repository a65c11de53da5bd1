"""Batches of participants, each computed by itself: read, computed and brought out, what is wrong collected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from vbc_rules.api.engines import why_cohort
from vbc_rules.errors import Code, EvaluationError, InputError, UsageError
from vbc_rules.frames.columns.arrow import ArrowArray, frame_of
from vbc_rules.frames.columns.computing import Computed
from vbc_rules.frames.columns.out import to_arrow
from vbc_rules.frames.columns.reading import read_frames
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.plain import needed_files
from vbc_rules.frames.problems import MAX_TOLD, Problems
from vbc_rules.frames.results import OutputColumn
from vbc_rules.plan.layout import Population, Row
from vbc_rules.run.columns import ColumnEngine
from vbc_rules.run.columns.table import Table
from vbc_rules.run.oracle import evaluate_cohort
from vbc_rules.run.reading.numbers import Floats
from vbc_rules.run.scalar import CohortEngine
from vbc_rules.run.trace import CohortTrace

if TYPE_CHECKING:
    from vbc_rules.api.program import Program

_FEW: Final = 256
"""So few rows that columns do not compute are computed row by row, which says why."""


def check_batches(program: Program, mapping: ColumnMapping | None, missing: Mapping[str, str] | None) -> None:
    """Raise UsageError where rows of one table cannot be computed in batches."""
    resolved = program.resolved
    why = why_cohort(resolved)
    if why:
        message = (
            f"`{why}` is known only for a whole cohort, so rows cannot be computed in batches; "
            "read the whole table with `read_table`, and compute it with `evaluate_table`"
        )
        raise UsageError(Code.USAGE, message)
    if missing and mapping is not None:
        raise UsageError(Code.USAGE, "the mapping says what missing cells mean; leave `missing` out")
    lists = needed_files(resolved)
    if lists:
        message = f"items of `{lists[0]}` stand in a table of their own, and one file is read here; use `read_table`"
        raise UsageError(Code.USAGE, message)
    if mapping is not None and len(mapping.tables) > 1:
        message = f"the mapping reads {len(mapping.tables)} tables, and one file is read here; use `read_table`"
        raise UsageError(Code.USAGE, message)
    if mapping is not None and mapping.tables[0].where:
        message = "the mapping counts only some rows (`where`), which batches may lack; use `read_table`"
        raise UsageError(Code.USAGE, message)


def needed_columns(mapping: ColumnMapping) -> tuple[str, ...]:
    """Return the columns that are read of a mapping's one table, the identifier's first."""
    needed = [mapping.tables[0].key]
    needed += [one.column for place in mapping.placements for one in place.fields if one.role == "input"]
    needed += [place.member_column for place in mapping.placements if place.member_column]
    return tuple(dict.fromkeys(needed))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Batches:
    """What computes batches of one table's rows. `cohort` is the row of the cohort; `problems` collects all of them."""

    program: Program
    mapping: ColumnMapping
    wanted: tuple[OutputColumn, ...]
    floats: Floats
    cohort: Row
    engine: ColumnEngine | CohortEngine
    problems: Problems

    def results(self, table: ArrowArray, first_row: int) -> Iterator[ArrowArray]:
        """Yield what comes of a batch, in parts, the rows in the order given; nothing once there are problems.

        `table` is a table of Arrow with at least one row, the first of them row `first_row` (from 1) of all.
        """
        population = self._read(table, first_row)
        if population is not None:
            for trace, part in self._computed(population):
                if not self.problems:
                    yield to_arrow(Computed(self.program, trace, part), self.wanted)

    def _read(self, table: ArrowArray, first_row: int) -> Population | None:
        """Return the rows of a batch; None where some cannot be read, which stands in the problems."""
        before = self.problems.total
        frames = {self.mapping.tables[0].name: frame_of(table)}
        batch = Problems()
        try:
            found = read_frames(frames, self.program.resolved, self.mapping, self.floats, batch, first_row)
            batch.raise_if_any()
        except InputError:
            for one in batch.told:
                self.problems.add(one.code, one.where, one.message, one.row)
            self.problems.total += batch.total - len(batch.told)
        return (
            None if self.problems.total > before else Population(self.cohort, found.table, found.numbers.tolist(), {})
        )

    def _computed(self, population: Population) -> Iterator[tuple[CohortTrace, Population]]:
        """Yield what is found, in parts: where columns meet rows that they do not compute, these are set apart."""
        engine = self.engine
        count = len(population.participants)
        try:
            if isinstance(engine, ColumnEngine):
                yield engine.compute(population, keep=frozenset(one.ref for one in self.wanted)), population
                return
        except Exception:  # noqa: BLE001, S110 (whatever it was, fewer rows or the oracle say what it means)
            pass
        if count > _FEW and isinstance(population.participants, Table):
            # The parts are in the order of the file, so that what is written stays in it.
            order = np.argsort(np.asarray(population.numbers), kind="stable")
            for half in (order[: count // 2], order[count // 2 :]):
                rows = population.participants.taken(np.sort(half))
                numbers: list[int] = np.asarray(population.numbers)[np.sort(half)].tolist()
                yield from self._computed(Population(population.cohort, rows, numbers, {}))
                if self.problems.total >= MAX_TOLD:
                    return
            return
        try:
            yield self._by_rows(population), population
        except InputError as error:
            for one in error.problems:
                self.problems.add(one.code, one.where, one.message, one.row)
        except EvaluationError as error:
            row = None if error.row is None else int(error.row)
            self.problems.add(error.code, error.where, error.message, row)

    def _by_rows(self, population: Population) -> CohortTrace:
        """Return what is found without columns. Raises what `Program.evaluate_cohort` does."""
        if isinstance(self.engine, ColumnEngine):
            return evaluate_cohort(self.program.resolved, self.program.layouts, population)
        return self.engine.evaluate(population)
