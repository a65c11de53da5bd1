"""A program over a Parquet file larger than memory: read, computed and written batch by batch."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from vbc_rules.api.engines import why_cohort
from vbc_rules.api.standing import Status, check_standing, standing_data
from vbc_rules.errors import Code, InputError, UsageError
from vbc_rules.frames.columns.batches import Found, check_batches
from vbc_rules.frames.columns.computing import Computed, engine_of
from vbc_rules.frames.columns.file_batches import FileBatches
from vbc_rules.frames.columns.files import ParquetFile, table_writer
from vbc_rules.frames.columns.naming import plain_columns
from vbc_rules.frames.columns.out import schema_of, to_arrow, wanted_of
from vbc_rules.frames.columns.spanning import Spanning
from vbc_rules.frames.columns.totals import Totals, payments_of
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.results import OutputColumn
from vbc_rules.frames.running import RunSummary
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.columns import ColumnEngine
from vbc_rules.run.reading.numbers import Floats
from vbc_rules.run.scalar import CohortEngine

if TYPE_CHECKING:
    from vbc_rules.api.program import Program

BATCH_ROWS: Final = 100_000
KEPT_BYTES: Final = 2**28
"""What is kept of participants whose figures rest on others': about as much as a batch of 100,000 rows takes."""
MOST_WHOLE: Final = 200_000
"""So many participants, whose figures rest on each other and are not computed in batches, are computed in memory."""


def run_parquet(
    program: Program,
    path_in: str | Path,
    path_out: str | Path,
    *,
    batch_rows: int = BATCH_ROWS,
    mapping: ColumnMapping | None = None,
    columns: Sequence[str] | None = None,
    cohort: Mapping[str, object] | None = None,
    groups: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    parameters: Mapping[str, object] | None = None,
    floats: Floats = "refuse",
    missing: Mapping[str, str] | None = None,
    kept_bytes: int = KEPT_BYTES,
    as_of: datetime.date | None = None,
    status: Status | None = None,
) -> RunSummary:
    """Compute a program over the rows of a Parquet file, and write the results of `to_frame` as Parquet (or CSV).

    Only a batch of rows is in memory at a time, and the next one. Where figures rest on other participants (pools,
    ranks, groups), what those rest on is kept of each, a few bytes, and what else is wanted if all of it fits in
    `kept_bytes`; if not, the file is read once more for each time that figures rest on others. Where identifiers do not
    stand in ascending order, all of them are in memory, once, to tell them apart, then 8 bytes each.

    `mapping`, `floats` and `missing` are those of `read_table`, `columns` those of `to_frame`, `cohort`, `groups` and
    `parameters` those of `Program.evaluate_cohort`, `as_of` and `status` too, which stand in every row, as `data_as_of`
    and `data_status`. After two seconds a bar on standard error says how far it is, if that is a terminal. The summary
    has the total of each payment.

    Raises InputError with the problems of all rows (nothing is then written), EvaluationError, OSError where a file
    cannot be written, UsageError for several tables, and for more than 200,000 participants of a program that spans
    them and is not computed in columns.
    """
    if batch_rows < 1:
        raise UsageError(Code.USAGE, "a batch has at least one row; write a greater number for `batch_rows`")
    resolved = program.resolved
    check_standing(as_of, status)
    check_batches(program, mapping, missing)
    standing = {f"data_{name}": text for name, text in standing_data(as_of, status).items() if text is not None}
    output = _Output(program, wanted_of(program, columns), Path(path_out), standing)
    file = ParquetFile(Path(path_in))
    try:
        if mapping is None:
            mapping = plain_columns(resolved, {resolved.participant: file.names}, missing)
        given = program.read_cohort((), cohort=cohort, groups=groups, parameters=parameters)
        batches = FileBatches(program, file, mapping, floats, given, batch_rows)
        engine = engine_of(program)
        batches.check_identifiers()
        if why_cohort(resolved):
            return _spanning(engine, batches, output, kept_bytes)
        keep = frozenset((*(one.ref for one in output.wanted), *payments_of(resolved)))
        return output.written(_each(engine, batches, keep))
    finally:
        file.close()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Output:
    """Where the figures that are wanted are written, with what stands in every row beside them."""

    program: Program
    wanted: tuple[OutputColumn, ...]
    path: Path
    standing: Mapping[str, str]

    def written(self, found: Found) -> RunSummary:
        """Write what is found of each batch."""
        count, totals, warnings = 0, Totals(self.program), dict[str, None]()
        schema = schema_of(self.program, self.wanted)
        for name in self.standing:
            schema = schema.append(pa.field(name, pa.large_string()))
        own = self.program.resolved.participant
        texts = [one.name for one in schema if pa.types.is_large_string(one.type) and one.name != own]
        with table_writer(self.path, schema, repeated=texts) as writer:
            for trace, population in found:
                table = to_arrow(Computed(self.program, trace, population), self.wanted)
                for name, text in self.standing.items():
                    table = table.append_column(name, pa.repeat(pa.scalar(text, pa.large_string()), len(table)))
                writer.write_table(table)
                totals.add(trace)
                count += len(population.participants)
                warnings.update(dict.fromkeys(trace.warnings))
        return RunSummary(self.program.identifier, count, 0, (), totals.texts(), (), tuple(warnings))


# --- participants that need no other


def _each(engine: ColumnEngine | CohortEngine, batches: FileBatches, keep: frozenset[Ref]) -> Found:
    """Yield what is found of each batch; after the first problem the batches are only asked for theirs."""
    for population in batches.populations(batches.program.identifier):
        for found in batches.computed(engine, population, keep):
            if not batches.problems:
                yield found


# --- participants whose figures rest on others'


def _spanning(
    engine: ColumnEngine | CohortEngine, batches: FileBatches, output: _Output, kept_bytes: int
) -> RunSummary:
    """Compute and write a whole cohort: in batches where columns compute it, else in memory if it is small."""
    if isinstance(engine, ColumnEngine):
        try:
            return output.written(Spanning(engine, batches, output.wanted, kept_bytes).found())
        except (InputError, UsageError, OSError):
            raise
        except Exception:  # noqa: BLE001, S110 (whatever it was, the oracle says what it means)
            pass
    if batches.length > MOST_WHOLE:
        message = (
            "columns do not compute this cohort, and it is too large to be computed here in memory; "
            "read the table with `read_table` and compute it with `evaluate_table`, which says what is wrong"
        )
        raise UsageError(Code.USAGE, message)
    population = batches.whole()
    return output.written(iter([(engine.evaluate(population), population)]))
