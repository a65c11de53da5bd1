"""A program over a Spark table: columns and identifiers checked here, every batch of rows computed where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, get_args

from pyspark.errors import PythonException
from pyspark.sql import DataFrame

from vbc_rules.api.engines import why_cohort
from vbc_rules.errors import Code, InputError, UsageError
from vbc_rules.frames.columns.arrow import ArrowArray
from vbc_rules.frames.columns.batches import check_batches
from vbc_rules.frames.columns.computing import Computed, engine_of
from vbc_rules.frames.columns.naming import plain_columns
from vbc_rules.frames.columns.out import ROW, schema_of, to_frame, wanted_of
from vbc_rules.frames.columns.reading import read_table
from vbc_rules.frames.columns.running import MOST_WHOLE
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.spark.columns import check_columns, spark_schema
from vbc_rules.frames.spark.identifiers import check_identifiers, places_of
from vbc_rules.frames.spark.kernel import Kernel
from vbc_rules.frames.spark.parts import Columns
from vbc_rules.frames.spark.spanning import SparkBatches
from vbc_rules.frames.spark.travelling import Travelling
from vbc_rules.plan.layout import Population
from vbc_rules.run.columns import ColumnEngine
from vbc_rules.run.columns.batched import BatchedRun
from vbc_rules.run.reading.numbers import Floats

if TYPE_CHECKING:
    from vbc_rules.api.program import Program


def evaluate_spark(
    program: Program,
    table: DataFrame,
    *,
    mapping: ColumnMapping | None = None,
    columns: Sequence[str] | None = None,
    cohort: Mapping[str, object] | None = None,
    groups: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    parameters: Mapping[str, object] | None = None,
    floats: Floats = "refuse",
    missing: Mapping[str, str] | None = None,
) -> DataFrame:
    """Return the results of a program over a Spark table, as a Spark table with a row for each participant.

    Its columns are named and typed as those of `to_frame`, without `row`: rows of Spark have no numbers, so results are
    brought together with other columns by the participant. `mapping`, `floats` and `missing` are those of `read_table`,
    `columns` those of `to_frame`, `cohort`, `groups` and `parameters` those of `Program.evaluate_cohort`.

    Names and types of columns are checked at once. So are identifiers, by a job that counts them: a table that is
    expensive to make, or comes out differently each time, is persisted first. Where figures rest on other participants
    (pools, ranks, groups), a job more computes each figure that others rest on, and what is found of all travels with
    the rest. All else is computed when the result is used, and only columns that are read travel to the workers.

    Raises InputError for columns that are not there or of a type that is not read, for a type of binary floats unless
    `floats="shortest"`, for rows without an identifier, for two with the same one, and for a table without rows;
    UsageError for what is no Spark table, for one that streams, for a program that reads several tables, and for more
    than 200,000 participants of one that spans them and is not computed in columns. What is wrong with a row is told
    when it is computed: Spark then raises its own PythonException, which ends in the text of the InputError, with each
    participant's row in its partition, or its identifier where the rule file says that it is public, and no value.
    """
    _check_table(table)
    if floats not in get_args(Floats):
        raise UsageError(Code.USAGE, "`floats` is one of two words; write 'refuse' or 'shortest'")
    resolved = program.resolved
    check_batches(program, mapping, missing)
    wanted = wanted_of(program, columns)
    schema = schema_of(program, wanted)
    if mapping is None:
        mapping = plain_columns(resolved, {resolved.participant: table.columns}, missing)
    needed = check_columns(resolved, table.schema, mapping, floats)
    # Read without participants: theirs are on the workers.
    given = program.read_cohort((), cohort=cohort, groups=groups, parameters=parameters)
    read = _only(table, needed)
    check_identifiers(read.select(read.columns[0]), resolved, needed[0])
    schema = schema.remove(schema.get_field_index(ROW))
    figures = tuple(column.name for column in wanted)
    if why_cohort(resolved):
        return _spanning(program, read, Columns(needed, mapping, floats), given, figures, schema)
    kernel = Kernel(Travelling.of(program), mapping, needed, figures, floats, given.cohort)
    return read.mapInArrow(kernel, spark_schema(schema))


def _spanning(
    program: Program, table: DataFrame, columns: Columns, given: Population, wanted: Sequence[str], schema: ArrowArray
) -> DataFrame:
    """Compute a cohort whose figures rest on each other: where its rows are, or here if columns do not compute it."""
    engine = engine_of(program)
    places = places_of(table.select(table.columns[0]))
    if isinstance(engine, ColumnEngine):
        batches = SparkBatches(program, table, columns, places)
        try:
            run = BatchedRun(engine, given.cohort, given.groups, batches)
            run.evaluate()
            return batches.results(run, wanted, schema)
        except (InputError, UsageError):
            raise
        except PythonException as error:
            if InputError.__qualname__ in str(error):
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
    found = to_frame(Computed(program, engine.evaluate(population), population), "pyarrow", wanted)
    return table.sparkSession.createDataFrame(found.drop_columns([ROW]), spark_schema(schema))


def _check_table(table: object) -> None:
    if not isinstance(table, DataFrame):
        raise UsageError(Code.USAGE, "that is no Spark table; give a DataFrame of Spark")
    if table.isStreaming:
        raise UsageError(Code.USAGE, "a table that streams has no end, so its identifiers cannot be told apart")
    names = table.columns
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(Code.USAGE, f"a table has the column `{twice}` {names.count(twice)} times; keep one")


def _only(table: DataFrame, needed: Sequence[str]) -> DataFrame:
    """Return some columns of a table, named by their places: a name may have dots, or differ from another by case."""
    names = table.columns
    numbered = table.toDF(*(f"c{number}" for number in range(len(names))))
    return numbered.select(*(f"c{names.index(name)}" for name in needed))
