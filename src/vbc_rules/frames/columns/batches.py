"""The rows of a Parquet file as participants, batch by batch, as often as they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from vbc_rules.errors import EvaluationError, InputError
from vbc_rules.frames.columns.arrow import ArrowArray, Frame, frame_of, joined
from vbc_rules.frames.columns.files import ParquetBatch, ParquetFile
from vbc_rules.frames.columns.joining import Readers
from vbc_rules.frames.columns.keys import check_keys, in_order, is_ascending
from vbc_rules.frames.columns.progress import Progress
from vbc_rules.frames.columns.quantities import Array
from vbc_rules.frames.columns.reading import check_frame, read_frames
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.problems import MAX_TOLD, Problems
from vbc_rules.plan.layout import Population, Row
from vbc_rules.run.oracle import evaluate_cohort
from vbc_rules.run.reading.numbers import Floats

if TYPE_CHECKING:
    from vbc_rules.api.program import Program


class Batches:
    """The participants of a file. What is wrong with any of them stands in `problems`.

    `cohort` and `groups` are those of every batch's `Population`. `length` counts the rows of the file.
    """

    def __init__(
        self, program: Program, file: ParquetFile, mapping: ColumnMapping, floats: Floats, given: Population, rows: int
    ) -> None:
        """Take `rows` rows at a time. Raises InputError where the file lacks a column of the mapping."""
        self.program = program
        self.file = file
        self.mapping = mapping
        self.floats: Floats = floats
        self.cohort: Row = given.cohort
        self.groups = given.groups
        self.rows = rows
        self.length = file.length
        self.problems = Problems()
        self._ranks: Array = None
        self._readers: Readers = {}
        check_frame(mapping.tables[0], Frame(file.names, file.length, None), mapping, self.problems)
        self.problems.raise_if_any()

    # --- identifiers

    def check_identifiers(self) -> None:
        """Find in what order the rows stand. Raises InputError with all that have no identifier, or that of another."""
        column, name = self.mapping.tables[0].key, self.program.resolved.participant
        last: ArrowArray = None
        is_in_turn = True
        for batch in self.file.batches(self.rows, [column]):
            keys = joined(batch.table[column])
            numbers = np.arange(batch.first_row, batch.first_row + len(keys))
            if check_keys(keys, numbers, name, column, self.problems) and is_in_turn:
                # What ascends is told apart from the last one alone, and need not be kept.
                is_in_turn = is_ascending(keys if last is None else pa.concat_arrays([last, keys]))
                last = keys.slice(len(keys) - 1)
        self.problems.raise_if_any()
        if not is_in_turn:
            self._rank(column, name)

    def _rank(self, column: str, name: str) -> None:
        chunks = [joined(batch.table[column]) for batch in self.file.batches(self.rows, [column])]
        order = in_order(pa.concat_arrays(chunks), np.arange(1, self.length + 1), name, self.problems)
        self.problems.raise_if_any()
        if order is not None:
            self._ranks = np.empty(len(order), dtype=np.int64)
            self._ranks[order] = np.arange(len(order))

    def places(self, population: Population) -> Array:
        """Return where each row of a batch stands among all, in the order of identifiers, counted from 0."""
        numbers = np.asarray(population.numbers, dtype=np.int64) - 1
        return numbers if self._ranks is None else self._ranks[numbers]

    # --- rows

    def populations(self, what: str) -> Iterator[Population]:
        """Yield the batches in the file's order; at the end raise InputError if anything was wrong with any.

        A batch that cannot be read is left out, and after it the others are only read.
        """
        needed = [self.mapping.tables[0].key]
        needed += [one.column for place in self.mapping.placements for one in place.fields if one.role == "input"]
        needed += [place.member_column for place in self.mapping.placements if place.member_column]
        # The next batch is read while this one is computed.
        with Progress(what, self.length) as progress, ThreadPoolExecutor(1) as ahead:
            batches = self.file.batches(self.rows, list(dict.fromkeys(needed)))
            waiting = ahead.submit(self._next, batches)
            while (read := waiting.result()) is not None:
                last, population, problems = read
                waiting = ahead.submit(self._next, batches)
                self.problems.take(problems)
                if population is not None:
                    yield population
                progress.at(last)
                if self.problems.total >= MAX_TOLD:
                    break
        self.problems.raise_if_any()

    def _next(self, batches: Iterator[ParquetBatch]) -> tuple[int, Population | None, Problems] | None:
        """Return the number of a batch's last row, its rows (None where some cannot be read), and its problems."""
        batch = next(batches, None)
        return None if batch is None else (batch.first_row + len(batch.table) - 1, *self._read(batch))

    def whole(self) -> Population:
        """Return all rows as one batch."""
        tables = [batch.table for batch in self.file.batches(self.rows)]
        population, problems = self._read(ParquetBatch(1, pa.concat_tables(tables)))
        problems.raise_if_any()
        if population is None:
            raise ValueError("what cannot be read stands in the problems")
        return population

    def _read(self, batch: ParquetBatch) -> tuple[Population | None, Problems]:
        frames = {self.mapping.tables[0].name: frame_of(batch.table)}
        problems, resolved = Problems(), self.program.resolved
        try:
            found = read_frames(frames, resolved, self.mapping, self.floats, problems, batch.first_row, self._readers)
            problems.raise_if_any()
        except InputError:
            return None, problems
        return Population(self.cohort, found.table, found.numbers.tolist(), self.groups), problems

    # --- what is wrong with rows that could be read

    def tell(self, error: InputError | EvaluationError) -> None:
        """Note what an engine says of rows of the file."""
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


def halves(population: Population) -> Iterator[Population]:
    """Yield the rows of a batch in two parts, each in the order of the file, so that what is written stays in it."""
    numbers = np.asarray(population.numbers)
    order = np.argsort(numbers, kind="stable")
    count = len(order)
    rows: Any = population.participants
    for half in (order[: count // 2], order[count // 2 :]):
        places = np.sort(half)
        yield Population(population.cohort, rows.taken(places), numbers[places].tolist(), population.groups)
