"""A cohort whose figures rest on each other, in a Spark table: what spans participants is settled on the driver.

Each time that figures rest on others, the workers compute every batch up to there. Aggregates are added up by Spark, as
whole decimals of 38 digits; of what is ranked, shared out or grouped, each participant's own figures come to the
driver. What was found of all then travels with the next job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException, PythonException
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from vbc_rules.errors import Code, InputError, UsageError
from vbc_rules.frames.columns.arrow import ArrowArray
from vbc_rules.frames.columns.computing import Computed, engine_of
from vbc_rules.frames.columns.out import ROW, to_arrow
from vbc_rules.frames.columns.reading import read_table
from vbc_rules.frames.columns.running import MOST_WHOLE
from vbc_rules.frames.columns.travelling import Travelling
from vbc_rules.frames.results import OutputColumn
from vbc_rules.frames.spark.columns import spark_schema
from vbc_rules.frames.spark.handing import Handing
from vbc_rules.frames.spark.identifiers import Places, places_of
from vbc_rules.frames.spark.parts import ADDED, NOT_COMPUTED, NOT_HERE, AddedPart, Columns, HandedPart, ResultPart, Sent
from vbc_rules.plan.layout import Population
from vbc_rules.plan.stages import Gathering
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.columns import ColumnEngine
from vbc_rules.run.columns.aggregates import Partial, brought_together
from vbc_rules.run.columns.batched import BatchedRun, Batches
from vbc_rules.run.columns.forms import Vector

if TYPE_CHECKING:
    from vbc_rules.api.program import Program


class SparkBatches(Batches):
    """The participants of a Spark table, computed where they are."""

    def __init__(self, program: Program, table: DataFrame, columns: Columns, places: Places) -> None:
        """Take a table of the columns that are read; `places` are those of its rows."""
        super().__init__(len(places.keys), adds_up=True)
        self._travelling = Travelling.of(program)
        self._table = table
        self._columns = columns
        self._places = places

    def _sent(self, run: BatchedRun) -> Sent:
        return Sent.of(self._travelling, run, self._places, self._columns)

    def handed(self, run: BatchedRun, number: int, refs: Sequence[Ref]) -> Mapping[Ref, Vector]:
        """Return what all participants have, by a job. Raises UsageError for a table that comes out differently."""
        handing = Handing(run.engine, refs)
        part = HandedPart(self._sent(run), number, frozenset(refs), tuple(refs))
        return handing.taken(self._table.mapInArrow(part, spark_schema(handing.schema())).toArrow(), self.length)

    def gathered(self, run: BatchedRun, number: int, stages: Sequence[Gathering]) -> Mapping[Ref, list[Any]]:
        """Return the aggregates, by a job that adds up what every batch adds."""
        part = AddedPart(self._sent(run), number, frozenset(), tuple(stage.ref for stage in stages))
        added = self._table.mapInArrow(part, spark_schema(ADDED))
        totals = [f.sum("total"), f.sum("weight"), f.sum("size"), f.min("total"), f.max("total")]
        rows = added.groupBy("stage", "instance").agg(*totals).collect()
        not_here = {row[0] for row in rows if row[1] == NOT_HERE}
        found: dict[Ref, list[Any]] = {}
        for place, stage in enumerate(stages):
            if place not in not_here:
                own = {row[1]: row for row in rows if row[0] == place}
                found[stage.ref] = brought_together(stage, [_partial(stage, own, run.frame.size(stage.within))])
        return found

    def results(self, run: BatchedRun, wanted: Sequence[OutputColumn], schema: ArrowArray) -> DataFrame:
        """Return the figures wanted, a row for each participant, computed when they are used."""
        keep = frozenset(column.ref for column in wanted)
        part = ResultPart(self._sent(run), len(run.engine.stages), keep, tuple(wanted))
        return self._table.mapInArrow(part, spark_schema(schema))


def _partial(stage: Gathering, rows: Mapping[int, Any], count: int) -> Partial:
    """Return what all batches add, of the rows by instance: their stage, instance, sums, least and greatest total."""
    total = {"min": 5, "max": 6}.get(stage.function, 2)
    none = (0,) * 7
    found = [rows.get(number, none) for number in range(count)]
    weights = [int(row[3]) for row in found] if stage.function == "weighted_mean" else []
    return Partial([int(row[total]) for row in found], weights, [int(row[4]) for row in found])


def evaluate_spanning(
    program: Program,
    table: DataFrame,
    columns: Columns,
    given: Population,
    wanted: Sequence[OutputColumn],
    schema: ArrowArray,
) -> DataFrame:
    """Return the figures wanted of a cohort whose figures rest on each other.

    `table` has the `columns` that are read, `given` the cohort's row and the groups', `schema` the columns of the
    results. Where columns do not compute it, it is computed on the driver: up to 200,000 participants, else UsageError.
    Raises InputError and EvaluationError as `Program.evaluate_cohort` does, and Spark's PythonException for rows.
    """
    engine = engine_of(program)
    places = places_of(table.select(table.columns[0]))
    if isinstance(engine, ColumnEngine):
        batches = SparkBatches(program, table, columns, places)
        try:
            run = BatchedRun(engine, given.cohort, given.groups, batches)
            run.evaluate()
            return batches.results(run, wanted, schema)
        except (InputError, UsageError, PySparkException, Py4JError) as error:
            if not (isinstance(error, PythonException) and NOT_COMPUTED in str(error)):
                raise
        except Exception:  # noqa: BLE001, S110 (whatever it was, the oracle says what it means)
            pass
    if len(places.keys) > MOST_WHOLE:
        message = (
            "columns do not compute this cohort, and it is too large to be computed on the driver; "
            "read the table with `read_table` and compute it with `evaluate_table`, which says what is wrong"
        )
        raise UsageError(Code.USAGE, message)
    whole = table.toArrow().rename_columns(list(columns.names))
    people = read_table(whole, program, mapping=columns.mapping, floats=columns.floats)
    population = people.population(given.cohort, given.groups)
    found = to_arrow(Computed(program, engine.evaluate(population), population), wanted)
    return table.sparkSession.createDataFrame(found.drop_columns([ROW]), spark_schema(schema))
