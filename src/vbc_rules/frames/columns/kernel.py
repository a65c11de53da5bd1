"""Batches of Arrow computed wherever they are: what travels to the workers of an engine that hands them over."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, get_args

import pyarrow as pa

from vbc_rules.api.engines import why_cohort
from vbc_rules.errors import Code, UsageError
from vbc_rules.frames.columns.arriving import Arriving
from vbc_rules.frames.columns.arrow import ArrowArray, frame_of
from vbc_rules.frames.columns.batches import Batches, check_batches
from vbc_rules.frames.columns.computing import Computed
from vbc_rules.frames.columns.joining import Readers
from vbc_rules.frames.columns.naming import plain_columns
from vbc_rules.frames.columns.out import ROW, schema_of, to_arrow, wanted_of
from vbc_rules.frames.columns.schema import check_schema
from vbc_rules.frames.columns.travelling import Arrived, Travelling
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.results import OutputColumn
from vbc_rules.plan.layout import Population, Row
from vbc_rules.run.reading.numbers import Floats

if TYPE_CHECKING:
    from vbc_rules.api.program import Program


def batch_kernel(
    program: Program,
    arriving: ArrowArray,
    *,
    mapping: ColumnMapping | None = None,
    columns: Sequence[str] | None = None,
    cohort: Mapping[str, object] | None = None,
    parameters: Mapping[str, object] | None = None,
    floats: Floats = "refuse",
    missing: Mapping[str, str] | None = None,
) -> BatchKernel:
    """Return what computes batches of participants' rows, each batch by itself, on whatever machine it is.

    `arriving` is the `pyarrow.Schema` of the batches: by it names and types of columns are checked now. `mapping`,
    `floats` and `missing` are those of `read_table`, `columns` those of `to_frame`, `cohort` and `parameters` those of
    `Program.evaluate_cohort`. That no two batches have the same participant is for the engine to check.

    Raises InputError for columns that are not there or of a type that is not read, for a type of binary floats unless
    `floats="shortest"`, and for what is wrong with `cohort` and `parameters`; UsageError for what is no schema, for a
    program that needs the whole cohort, and for one that reads several tables.
    """
    if not isinstance(arriving, pa.Schema):
        message = "that says nothing of the batches; give their `pyarrow.Schema`, as a table has in `table.schema`"
        raise UsageError(Code.USAGE, message)
    if floats not in get_args(Floats):
        raise UsageError(Code.USAGE, "`floats` is one of two words; write 'refuse' or 'shortest'")
    resolved = program.resolved
    why = why_cohort(resolved)
    if why:
        message = (
            f"`{why}` is known only for a whole cohort, and a batch is computed by itself; compute the cohort with "
            "`evaluate_table`, `run_parquet` or `evaluate_spark`"
        )
        raise UsageError(Code.USAGE, message)
    check_batches(program, mapping, missing)
    wanted = wanted_of(program, columns)
    frame = frame_of(arriving.empty_table())
    if mapping is None:
        mapping = plain_columns(resolved, {resolved.participant: frame.names}, missing)
    arrives = {name: frame.column(name).type for name in frame.names}
    names = check_schema(resolved, arrives, mapping, floats)
    # Read without participants: theirs come with the batches.
    row = program.read_cohort((), cohort=cohort, parameters=parameters).cohort
    return BatchKernel.of(program, mapping, names, wanted, floats, row)


@dataclass(frozen=True, slots=True, repr=False)
class BatchKernel:
    """Computes batches of participants' rows, in any process; `batch_kernel` makes it. It is pickled as plain data.

    `schema` is the `pyarrow.Schema` of the results, whatever the batch; `names` are the columns that are read of a
    batch, the identifier's first; `wanted` names the figures. `sent` is the program and `packed` the rest of what is
    needed to compute it: both are opened once in a process, which keeps what it made of them.
    """

    sent: Travelling
    packed: bytes
    names: tuple[str, ...]
    wanted: tuple[str, ...]
    schema: ArrowArray = field(compare=False)

    @staticmethod
    def of(
        program: Program,
        mapping: ColumnMapping,
        names: Sequence[str],
        wanted: Sequence[OutputColumn],
        floats: Floats,
        cohort: Row,
    ) -> BatchKernel:
        """Return the kernel of what has been checked; `cohort` is the row of required parameters and cohort's inputs.

        Raises UsageError where two columns of the results would have one name.
        """
        schema = schema_of(program, wanted)
        return BatchKernel(
            Travelling.of(program),
            pickle.dumps((mapping, floats, cohort)),
            tuple(names),
            tuple(one.name for one in wanted),
            schema.remove(schema.get_field_index(ROW)),
        )

    def __call__(self, batch: ArrowArray) -> ArrowArray:
        """Return the results of a `pyarrow.Table` or `RecordBatch`, as a table with a row for each of its rows.

        It has the columns of `to_frame` without `row`: the participant, each figure, and beside it its absence. Columns
        of the batch that are not read may be any. A batch without rows gives a table without rows.

        Raises InputError with every problem of the batch, up to a thousand: with its participant where the rule file
        says `identifier: public`, else with its row in the batch (from 1), and no value. Raises UsageError for what is
        no batch of Arrow, and where the process has another version of the library, or makes another plan of the file.
        """
        if isinstance(batch, pa.RecordBatch):
            batch = pa.Table.from_batches([batch])
        if not isinstance(batch, pa.Table):
            raise UsageError(Code.USAGE, "that is no batch of Arrow; give a `pyarrow.Table` or `pyarrow.RecordBatch`")
        reading = self.begin("row of the batch")
        parts = list(reading.results(batch))
        reading.raise_if_any()
        return pa.concat_tables(parts) if parts else self.schema.empty_table()

    def __repr__(self) -> str:
        return f"<BatchKernel {self.sent.identifier} {self.sent.content_hash[:12]}>"

    def begin(self, counted: str) -> Reading:
        """Return one reading of batches, whose rows are counted through; `counted` says what their numbers are.

        Raises UsageError as a call does.
        """
        return Reading(_opened(self), counted)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Opened:
    """What a process has made of a kernel. Several threads may read it: readers are only ever added to."""

    arrived: Arrived
    mapping: ColumnMapping
    names: tuple[str, ...]
    wanted: tuple[OutputColumn, ...]
    floats: Floats
    cohort: Row
    readers: Readers


@lru_cache(maxsize=8)
def _opened(kernel: BatchKernel) -> _Opened:
    # First, since it tells whether the rest can be opened by this version of the library.
    arrived = kernel.sent.arrived()
    mapping, floats, cohort = pickle.loads(kernel.packed)  # noqa: S301 (who sends it sends code in any case)
    return _Opened(arrived, mapping, kernel.names, wanted_of(arrived.program, kernel.wanted), floats, cohort, {})


class Reading(Arriving):
    """Batches computed one after another, each by itself."""

    def __init__(self, opened: _Opened, counted: str) -> None:
        """Begin with row 1; `counted` says what the numbers of rows are."""
        given = Population(opened.cohort, (), (), {})
        super().__init__(Batches(opened.arrived.program, opened.mapping, opened.floats, given, opened.readers), counted)
        self._opened = opened
        self._keep = frozenset(one.ref for one in opened.wanted)

    def results(self, table: ArrowArray) -> Iterator[ArrowArray]:
        """Yield the results of a batch, in parts, in the order of its rows; none after the first problem."""
        if not table.num_rows:
            return
        own, batches = self._opened, self.batches
        wanted = set(own.names)
        table = table.select([place for place, name in enumerate(table.schema.names) if name in wanted])
        population = self.read(table)
        if population is not None:
            for trace, part in batches.computed(own.arrived.engine(), population, self._keep):
                if not batches.problems:
                    computed = to_arrow(Computed(own.arrived.program, trace, part), own.wanted)
                    yield computed.drop_columns([ROW])
        self.passed(table)
