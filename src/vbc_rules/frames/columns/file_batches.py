"""The rows of a Parquet file as participants, batch by batch, as often as they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from vbc_rules.frames.columns.arrow import ArrowArray, Frame, joined
from vbc_rules.frames.columns.batches import Batches, needed_columns
from vbc_rules.frames.columns.files import ParquetBatch, ParquetFile
from vbc_rules.frames.columns.keys import check_keys, in_order, is_ascending
from vbc_rules.frames.columns.progress import Progress
from vbc_rules.frames.columns.quantities import Array
from vbc_rules.frames.columns.reading import check_frame
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.problems import MAX_TOLD, Problems
from vbc_rules.plan.layout import Population
from vbc_rules.run.reading.numbers import Floats

if TYPE_CHECKING:
    from vbc_rules.api.program import Program


class FileBatches(Batches):
    """The participants of a file. `length` counts its rows."""

    def __init__(
        self, program: Program, file: ParquetFile, mapping: ColumnMapping, floats: Floats, given: Population, rows: int
    ) -> None:
        """Take `rows` rows at a time. Raises InputError where the file lacks a column of the mapping."""
        super().__init__(program, mapping, floats, given)
        self.length = file.length
        self._file = file
        self._rows = rows
        self._ranks: Array = None
        check_frame(mapping.tables[0], Frame(file.names, file.length, None), mapping, self.problems)
        self.problems.raise_if_any()

    # --- identifiers

    def check_identifiers(self) -> None:
        """Find in what order the rows stand. Raises InputError with all that have no identifier, or that of another."""
        column, name = self.mapping.tables[0].key, self.program.resolved.participant
        last: ArrowArray = None
        is_in_turn = True
        for batch in self._file.batches(self._rows, [column]):
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
        chunks = [joined(batch.table[column]) for batch in self._file.batches(self._rows, [column])]
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
        # The next batch is read while this one is computed.
        with Progress(what, self.length) as progress, ThreadPoolExecutor(1) as ahead:
            batches = self._file.batches(self._rows, needed_columns(self.mapping))
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
        if batch is None:
            return None
        return batch.first_row + len(batch.table) - 1, *self.read(batch.table, batch.first_row)

    def whole(self) -> Population:
        """Return all rows as one batch."""
        tables = [batch.table for batch in self._file.batches(self._rows)]
        population, problems = self.read(pa.concat_tables(tables), 1)
        problems.raise_if_any()
        if population is None:
            raise ValueError("what cannot be read stands in the problems")
        return population
