"""A program over a Parquet file larger than memory: read, computed and written batch by batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from vbc_rules.errors import Code, UsageError
from vbc_rules.frames.columns.arrow import ArrowArray, Frame, joined
from vbc_rules.frames.columns.batches import Batches, check_batches, needed_columns
from vbc_rules.frames.columns.computing import engine_of
from vbc_rules.frames.columns.files import ParquetFile, table_writer
from vbc_rules.frames.columns.keys import check_keys, in_order, is_ascending
from vbc_rules.frames.columns.naming import plain_columns
from vbc_rules.frames.columns.out import schema_of, wanted_of
from vbc_rules.frames.columns.progress import Progress
from vbc_rules.frames.columns.reading import check_frame
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.problems import MAX_TOLD, Problems
from vbc_rules.frames.results import OutputColumn
from vbc_rules.frames.running import RunSummary
from vbc_rules.run.reading.numbers import Floats

if TYPE_CHECKING:
    from vbc_rules.api.program import Program

BATCH_ROWS: Final = 100_000


def run_parquet(
    program: Program,
    path_in: str | Path,
    path_out: str | Path,
    *,
    batch_rows: int = BATCH_ROWS,
    mapping: ColumnMapping | None = None,
    columns: Sequence[str] | None = None,
    cohort: Mapping[str, object] | None = None,
    parameters: Mapping[str, object] | None = None,
    floats: Floats = "refuse",
    missing: Mapping[str, str] | None = None,
) -> RunSummary:
    """Compute a program over the rows of a Parquet file, and write the results of `to_frame` as Parquet (or CSV).

    Only a batch of rows is in memory at a time; where identifiers do not stand in ascending order, all of them are,
    once, to tell them apart. `mapping`, `floats` and `missing` are those of `read_table`, `columns` those of
    `to_frame`. After two seconds a bar on standard error says how far it is, if that is a terminal.

    Raises InputError with the problems of all rows (nothing is then written), EvaluationError, OSError where a file
    cannot be written, UsageError for a program that needs the whole cohort, or several tables.
    """
    if batch_rows < 1:
        raise UsageError(Code.USAGE, "a batch has at least one row; write a greater number for `batch_rows`")
    check_batches(program, mapping, missing)
    file = ParquetFile(Path(path_in))
    try:
        run = _Run.of(program, file, mapping, missing, wanted_of(program, columns), floats, cohort, parameters)
        run.check_identifiers(file, batch_rows)
        count = run.write(file, Path(path_out), batch_rows)
    finally:
        file.close()
    return RunSummary(program.identifier, count, 0, ())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Run:
    """One run over one file."""

    batches: Batches
    schema: ArrowArray

    @staticmethod
    def of(
        program: Program,
        file: ParquetFile,
        mapping: ColumnMapping | None,
        missing: Mapping[str, str] | None,
        wanted: tuple[OutputColumn, ...],
        floats: Floats,
        cohort: Mapping[str, object] | None,
        parameters: Mapping[str, object] | None,
    ) -> _Run:
        resolved = program.resolved
        if mapping is None:
            mapping = plain_columns(resolved, {resolved.participant: file.names}, missing)
        problems = Problems()
        header = Frame(file.names, file.length, None)
        check_frame(mapping.tables[0], header, mapping, problems)
        problems.raise_if_any()
        row = program.read_cohort((), cohort=cohort, parameters=parameters).cohort
        schema = schema_of(program, wanted)
        return _Run(Batches(program, mapping, wanted, floats, row, engine_of(program), problems), schema)

    # --- identifiers

    def check_identifiers(self, file: ParquetFile, batch_rows: int) -> None:
        """Raise InputError with every row that has no identifier, or that of another row."""
        column, name = self.batches.mapping.tables[0].key, self.batches.program.resolved.participant
        problems = self.batches.problems
        last: ArrowArray = None
        is_in_turn = True
        for batch in file.batches(batch_rows, [column]):
            keys = joined(batch.table[column])
            numbers = np.arange(batch.first_row, batch.first_row + len(keys))
            if check_keys(keys, numbers, name, column, problems) and is_in_turn:
                # What ascends is told apart from the last one alone, and need not be kept.
                is_in_turn = is_ascending(keys if last is None else pa.concat_arrays([last, keys]))
                last = keys.slice(len(keys) - 1)
        problems.raise_if_any()
        if not is_in_turn:
            chunks = [joined(batch.table[column]) for batch in file.batches(batch_rows, [column])]
            keys = pa.concat_arrays(chunks)
            in_order(keys, np.arange(1, len(keys) + 1), name, problems)
            problems.raise_if_any()

    # --- batches

    def write(self, file: ParquetFile, path: Path, batch_rows: int) -> int:
        """Compute and write all rows, and return how many."""
        count = 0
        name = self.batches.program.identifier
        with Progress(name, file.length) as progress, table_writer(path, self.schema) as writer:
            for batch in file.batches(batch_rows, needed_columns(self.batches.mapping)):
                for found in self.batches.results(batch.table, batch.first_row):
                    writer.write_table(found)
                    count += len(found)
                progress.at(batch.first_row + len(batch.table) - 1)
                if self.batches.problems.total >= MAX_TOLD:
                    break
            self.batches.problems.raise_if_any()
        return count
