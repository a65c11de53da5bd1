"""A program over a Parquet file larger than memory: read, computed and written batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from vbc_rules.api.engines import why_cohort
from vbc_rules.errors import Code, EvaluationError, InputError, UsageError
from vbc_rules.frames.columns.arrow import ArrowArray, Frame, frame_of, joined
from vbc_rules.frames.columns.computing import Computed, engine_of
from vbc_rules.frames.columns.files import ParquetFile, table_writer
from vbc_rules.frames.columns.keys import check_keys, in_order, is_ascending
from vbc_rules.frames.columns.naming import plain_columns
from vbc_rules.frames.columns.out import schema_of, to_arrow, wanted_of
from vbc_rules.frames.columns.progress import Progress
from vbc_rules.frames.columns.reading import check_frame, read_frames
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.plain import needed_files
from vbc_rules.frames.problems import MAX_TOLD, Problems
from vbc_rules.frames.results import OutputColumn
from vbc_rules.frames.running import RunSummary
from vbc_rules.plan.layout import Population, Row
from vbc_rules.run.columns import ColumnEngine
from vbc_rules.run.columns.table import Table
from vbc_rules.run.oracle import evaluate_cohort
from vbc_rules.run.reading.numbers import Floats
from vbc_rules.run.scalar import CohortEngine
from vbc_rules.run.trace import CohortTrace

if TYPE_CHECKING:
    from vbc_rules.api.program import Program

BATCH_ROWS: Final = 100_000
_FEW: Final = 256
"""So few rows that columns do not compute are computed row by row, which says why."""


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
    _check_program(program, mapping, missing)
    file = ParquetFile(Path(path_in))
    try:
        run = _Run.of(program, file, mapping, missing, wanted_of(program, columns), floats, cohort, parameters)
        run.check_identifiers(file, batch_rows)
        count = run.write(file, Path(path_out), batch_rows)
    finally:
        file.close()
    return RunSummary(program.identifier, count, 0, ())


def _check_program(program: Program, mapping: ColumnMapping | None, missing: Mapping[str, str] | None) -> None:
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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Run:
    """One run over one file."""

    program: Program
    mapping: ColumnMapping
    wanted: tuple[OutputColumn, ...]
    schema: ArrowArray
    floats: Floats
    cohort: Row
    engine: ColumnEngine | CohortEngine
    problems: Problems

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
        return _Run(program, mapping, wanted, schema, floats, row, engine_of(program), problems)

    # --- identifiers

    def check_identifiers(self, file: ParquetFile, batch_rows: int) -> None:
        """Raise InputError with every row that has no identifier, or that of another row."""
        column, name = self.mapping.tables[0].key, self.program.resolved.participant
        last: ArrowArray = None
        is_in_turn = True
        for batch in file.batches(batch_rows, [column]):
            keys = joined(batch.table[column])
            numbers = np.arange(batch.first_row, batch.first_row + len(keys))
            if check_keys(keys, numbers, name, column, self.problems) and is_in_turn:
                # What ascends is told apart from the last one alone, and need not be kept.
                is_in_turn = is_ascending(keys if last is None else pa.concat_arrays([last, keys]))
                last = keys.slice(len(keys) - 1)
        self.problems.raise_if_any()
        if not is_in_turn:
            self._check_doubles(file, batch_rows, column, name)

    def _check_doubles(self, file: ParquetFile, batch_rows: int, column: str, name: str) -> None:
        chunks = [joined(batch.table[column]) for batch in file.batches(batch_rows, [column])]
        keys = pa.concat_arrays(chunks)
        in_order(keys, np.arange(1, len(keys) + 1), name, self.problems)
        self.problems.raise_if_any()

    # --- batches

    def write(self, file: ParquetFile, path: Path, batch_rows: int) -> int:
        """Compute and write all rows, and return how many."""
        table = self.mapping.tables[0]
        needed = [table.key]
        needed += [one.column for place in self.mapping.placements for one in place.fields if one.role == "input"]
        needed += [place.member_column for place in self.mapping.placements if place.member_column]
        count = 0
        name = self.program.identifier
        with Progress(name, file.length) as progress, table_writer(path, self.schema) as writer:
            for batch in file.batches(batch_rows, list(dict.fromkeys(needed))):
                population = self._read(batch.table, batch.first_row)
                if population is not None:
                    for trace, part in self._computed(population):
                        if not self.problems:
                            writer.write_table(to_arrow(Computed(self.program, trace, part), self.wanted))
                    count += len(population.participants)
                progress.at(batch.first_row + len(batch.table) - 1)
                if self.problems.total >= MAX_TOLD:
                    break
            self.problems.raise_if_any()
        return count

    def _read(self, table: Any, first_row: int) -> Population | None:  # noqa: ANN401 (a table of Arrow)
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
