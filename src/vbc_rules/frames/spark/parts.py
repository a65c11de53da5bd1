"""What workers do with rows whose figures rest on others': go on from what the driver found of all, batch by batch."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pyarrow as pa
from pyspark import TaskContext

from vbc_rules.frames.columns.arriving import Arriving
from vbc_rules.frames.columns.arrow import ArrowArray
from vbc_rules.frames.columns.batches import Batches, explain
from vbc_rules.frames.columns.computing import Computed
from vbc_rules.frames.columns.out import ROW, identifiers_of, to_arrow
from vbc_rules.frames.columns.travelling import Travelling
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.results import OutputColumn
from vbc_rules.frames.spark.handing import WHOLE, Handing
from vbc_rules.frames.spark.identifiers import Places
from vbc_rules.plan.layout import Population
from vbc_rules.plan.stages import Gathering
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.columns import compile_columns
from vbc_rules.run.columns.across import NotHere
from vbc_rules.run.columns.aggregates import partial
from vbc_rules.run.columns.batched import BatchedRun, BatchRun
from vbc_rules.run.columns.forms import Array
from vbc_rules.run.columns.snapshot import Snapshot
from vbc_rules.run.reading.numbers import Floats
from vbc_rules.run.scalar.cohort_trace import ScalarCohortTrace

if TYPE_CHECKING:
    from vbc_rules.api.program import Program

ADDED: Final = pa.schema(
    [("stage", pa.int32()), ("instance", pa.int64()), ("total", WHOLE), ("weight", WHOLE), ("size", WHOLE)]
)
"""What a batch adds to an aggregate: of the stage so many after the first, to the instance of that number."""
NOT_COMPUTED: Final = "columns do not compute these rows, and nothing is wrong with them by themselves"
NOT_HERE: Final = -1
"""The instance of an aggregate that columns do not compute."""


@dataclass(frozen=True, slots=True)
class Columns:
    """How columns are read: by their `names`, in the order in which they arrive."""

    names: tuple[str, ...]
    mapping: ColumnMapping
    floats: Floats


@dataclass(frozen=True, slots=True)
class Sent:
    """What was found so far, as it travels with whose rows there are, and how they are read.

    `token` is the hash of `packed`: a worker opens it once.
    """

    program: Travelling
    packed: bytes
    token: str

    @staticmethod
    def of(program: Travelling, run: BatchedRun, places: Places, columns: Columns) -> Sent:
        """Return what a run has found, ready to travel."""
        packed = pickle.dumps((Snapshot.of(run), places, columns))
        return Sent(program, packed, hashlib.sha256(packed).hexdigest())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Opened:
    """What was sent, as a worker holds it."""

    program: Program
    run: BatchedRun
    places: Places
    columns: Columns


_OPENED: Final[dict[str, _Opened]] = {}


def _opened(sent: Sent) -> _Opened:
    if sent.token not in _OPENED:
        # What was found before is not asked for again: only the last is kept.
        _OPENED.clear()
        program = sent.program.arrived().program
        snapshot, places, columns = pickle.loads(sent.packed)  # noqa: S301 (who sends it sends code in any case)
        engine = compile_columns(program.resolved, program.layouts, program.plan.ranges, snapshot.numbering())
        _OPENED[sent.token] = _Opened(program, snapshot.restored(engine), places, columns)
    return _OPENED[sent.token]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Part:
    """Computes a partition up to the stage `number`. It travels to the workers; its kinds say what they find.

    `keep` are the names whose values are kept, beside what stages need of each other.
    """

    sent: Sent
    number: int
    keep: frozenset[Ref]

    def __call__(self, arriving: Iterable[ArrowArray]) -> Iterator[ArrowArray]:
        """Yield what is found of a partition's batches.

        Raises InputError once all rows are read, with the problems of the whole partition, up to a thousand;
        ArithmeticError where columns do not compute rows with which nothing is wrong by themselves; UsageError where
        the table comes out differently each time.
        """
        own = _opened(self.sent)
        snapshot = own.run.population
        given = Population(snapshot.cohort, (), (), snapshot.groups)
        arrived = Arriving(
            Batches(own.program, own.columns.mapping, own.columns.floats, given),
            f"row of partition {TaskContext.get().partitionId()}",
        )
        odd = False
        for batch in arriving:
            if not batch.num_rows:
                continue
            table = pa.Table.from_batches([batch]).rename_columns(list(own.columns.names))
            population = arrived.read(table)
            if population is not None:
                run = self._computed(own, arrived.batches, population)
                odd = odd or run is None
                if run is not None and not arrived.batches.problems:
                    yield from self.found(own.program, run).to_batches()
            arrived.passed(table)
            if arrived.is_full:
                break
        arrived.raise_if_any()
        if odd:
            raise ArithmeticError(NOT_COMPUTED)

    def _computed(self, own: _Opened, batches: Batches, population: Population) -> BatchRun | None:
        """Return a batch computed; None where that fails, what is wrong with its rows noted."""

        def computed(rows: Population, places: Array) -> BatchRun:
            return BatchRun(own.run, rows, places, self.keep).up_to(self.number)

        places = own.places.of(identifiers_of(population))
        try:
            return computed(population, places)
        except Exception:  # noqa: BLE001 (what it was is asked of fewer rows)
            explain(batches, population, lambda rows: computed(rows, own.places.of(identifiers_of(rows))))
            return None

    def found(self, program: Program, run: BatchRun) -> ArrowArray:
        """Return what is found of a batch, as a table."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HandedPart(Part):
    """Hands over what each participant has of some names."""

    refs: tuple[Ref, ...]

    def found(self, program: Program, run: BatchRun) -> ArrowArray:  # noqa: ARG002 (as the others)
        """Return the columns of `Handing`."""
        return Handing(run.engine, self.refs).given(run.places, {ref: run.vector(ref) for ref in self.refs})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AddedPart(Part):
    """Says what the participants add to aggregates, by what receives them."""

    refs: tuple[Ref, ...]

    def found(self, program: Program, run: BatchRun) -> ArrowArray:  # noqa: ARG002 (as the others)
        """Return the rows of `ADDED`: none for an instance that nobody here counts for."""
        stages = {one.ref: one for one in run.engine.stages if isinstance(one, Gathering)}
        rows: list[tuple[int, int, int, int, int]] = []
        for number, ref in enumerate(self.refs):
            try:
                part = partial(run, stages[ref])
            except NotHere:
                rows.append((number, NOT_HERE, 0, 0, 0))
                continue
            weights = part.weights or [0] * len(part.sizes)
            found = enumerate(zip(part.totals, weights, part.sizes, strict=True))
            rows += [(number, place, *added) for place, added in found if added[2]]
        columns = list(zip(*rows, strict=True)) or [()] * 5
        whole = [pa.array([Decimal(number) for number in column], WHOLE) for column in columns[2:]]
        places = [pa.array(columns[0], pa.int32()), pa.array(columns[1], pa.int64())]
        return pa.Table.from_arrays([*places, *whole], schema=ADDED)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ResultPart(Part):
    """Brings out the figures that are wanted."""

    wanted: tuple[OutputColumn, ...]

    def found(self, program: Program, run: BatchRun) -> ArrowArray:
        """Return the table of `to_frame`, without its rows' numbers."""
        trace = ScalarCohortTrace(run.engine, run)
        return to_arrow(Computed(program, trace, run.population), self.wanted).drop_columns([ROW])
