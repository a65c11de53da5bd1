"""Participants that come batch by batch: each batch read, and computed by itself, what is wrong with any collected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from vbc_rules.errors import Code, EvaluationError, InputError, UsageError
from vbc_rules.frames.columns.arrow import ArrowArray, frame_of
from vbc_rules.frames.columns.held import RowNumbers
from vbc_rules.frames.columns.joining import Readers
from vbc_rules.frames.columns.reading import read_frames
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.plain import needed_files
from vbc_rules.frames.problems import MAX_TOLD, Problems
from vbc_rules.plan.layout import Population
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.columns import ColumnEngine
from vbc_rules.run.columns.table import Table
from vbc_rules.run.oracle import evaluate_cohort
from vbc_rules.run.reading.numbers import Floats
from vbc_rules.run.scalar import CohortEngine
from vbc_rules.run.trace import CohortTrace

if TYPE_CHECKING:
    from vbc_rules.api.program import Program

FEW: Final = 256
"""So few rows that columns do not compute are computed row by row, which says why."""

Found: TypeAlias = Iterator[tuple[CohortTrace, Population]]
"""What is found of batches, and whose it is."""


def check_batches(program: Program, mapping: ColumnMapping | None, missing: Mapping[str, str] | None) -> None:
    """Raise UsageError where the rows of one table, batch by batch, are not all that a program reads."""
    if missing and mapping is not None:
        raise UsageError(Code.USAGE, "the mapping says what missing cells mean; leave `missing` out")
    lists = needed_files(program.resolved)
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


class Batches:
    """The participants of one table, batch by batch. What is wrong with any of them stands in `problems`.

    `given` has the cohort and the groups of every batch's `Population`; `readers` are those made for the mapping's
    fields before, and are added to.
    """

    def __init__(
        self,
        program: Program,
        mapping: ColumnMapping,
        floats: Floats,
        given: Population,
        readers: Readers | None = None,
    ) -> None:
        """Begin without having read any."""
        self.program = program
        self.mapping = mapping
        self.cohort = given.cohort
        self.groups = given.groups
        self.problems = Problems()
        self._floats: Floats = floats
        self._readers: Readers = {} if readers is None else readers

    def read(self, table: ArrowArray, first_row: int) -> tuple[Population | None, Problems]:
        """Return the rows of a batch (None where some cannot be read), and what is wrong with them.

        `table` is a table of Arrow, the first of its rows row `first_row` (from 1) of all. Nothing is noted in
        `problems`: another batch may be read before this one is computed.
        """
        frames = {self.mapping.tables[0].name: frame_of(table)}
        problems, resolved = Problems(), self.program.resolved
        try:
            found = read_frames(frames, resolved, self.mapping, self._floats, problems, first_row, self._readers)
            problems.raise_if_any()
        except InputError:
            return None, problems
        return Population(self.cohort, found.table, RowNumbers(found.numbers), self.groups), problems

    def computed(self, engine: ColumnEngine | CohortEngine, population: Population, keep: frozenset[Ref]) -> Found:
        """Yield what is found of a batch whose participants need no other, in parts, in the order of the rows.

        Where columns meet rows that they do not compute, these are set apart, and what is wrong with them is noted.
        """
        try:
            if isinstance(engine, ColumnEngine):
                yield engine.compute(population, keep=keep), population
                return
        except Exception:  # noqa: BLE001, S110 (whatever it was, fewer rows or the oracle say what it means)
            pass
        if len(population.participants) > FEW and isinstance(population.participants, Table):
            for half in halves(population):
                yield from self.computed(engine, half, keep)
                if self.problems.total >= MAX_TOLD:
                    return
            return
        try:
            yield self._by_rows(engine, population), population
        except (InputError, EvaluationError) as error:
            self.tell(error)

    def _by_rows(self, engine: ColumnEngine | CohortEngine, population: Population) -> CohortTrace:
        """Return what is found without columns. Raises what `Program.evaluate_cohort` does."""
        if isinstance(engine, ColumnEngine):
            return evaluate_cohort(self.program.resolved, self.program.layouts, population)
        return engine.evaluate(population)

    # --- what is wrong with rows that could be read

    def tell(self, error: InputError | EvaluationError) -> None:
        """Note what an engine says of rows of the table."""
        if isinstance(error, InputError):
            for one in error.problems:
                self.problems.add(one.code, one.where, one.message, one.row)
            return
        row = None if error.row is None else int(error.row)
        self.problems.add(error.code, error.where, error.message, row)

    def tell_inputs(self, population: Population) -> None:
        """Note what is wrong with the inputs of some participants; what only a whole cohort tells is not told."""
        try:
            evaluate_cohort(self.program.resolved, self.program.layouts, population)
        except InputError as error:
            self.tell(error)
        except EvaluationError:
            pass


def explain(batches: Batches, population: Population, attempt: Callable[[Population], object]) -> None:
    """Note what is wrong with the inputs of rows for which an attempt fails, as few of them as can be asked."""
    if batches.problems.total >= MAX_TOLD:
        return
    try:
        attempt(population)
    except Exception:  # noqa: BLE001 (fewer rows, or the oracle, say what it means)
        if len(population.participants) <= FEW:
            batches.tell_inputs(population)
            return
        for half in halves(population):
            explain(batches, half, attempt)


def halves(population: Population) -> Iterator[Population]:
    """Yield the rows of a batch in two parts, each in the order of the table, so that what is written stays in it."""
    rows = population.participants
    if not isinstance(rows, Table):
        raise TypeError("only rows in columns are parted")
    numbers = np.asarray(population.numbers)
    order = np.argsort(numbers, kind="stable")
    middle = len(order) // 2
    for half in (order[:middle], order[middle:]):
        places = np.sort(half)
        yield Population(population.cohort, rows.taken(places), RowNumbers(numbers[places]), population.groups)
