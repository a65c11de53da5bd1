"""A program over a Spark table: columns and identifiers checked here, every batch of rows computed where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, get_args

from pyspark.sql import DataFrame

from vbc_rules.api.engines import why_cohort
from vbc_rules.errors import Code, UsageError
from vbc_rules.frames.columns.batches import check_batches
from vbc_rules.frames.columns.kernel import BatchKernel
from vbc_rules.frames.columns.naming import plain_columns
from vbc_rules.frames.columns.out import wanted_of
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.spark.columns import check_columns, spark_schema
from vbc_rules.frames.spark.identifiers import check_identifiers
from vbc_rules.frames.spark.kernel import Kernel
from vbc_rules.frames.spark.parts import Columns
from vbc_rules.frames.spark.spanning import evaluate_spanning
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
    if mapping is None:
        mapping = plain_columns(resolved, {resolved.participant: table.columns}, missing)
    needed = check_columns(resolved, table.schema, mapping, floats)
    # Read without participants: theirs are on the workers.
    given = program.read_cohort((), cohort=cohort, groups=groups, parameters=parameters)
    kernel = BatchKernel.of(program, mapping, needed, wanted, floats, given.cohort)
    read = _only(table, needed)
    check_identifiers(read.select(read.columns[0]), resolved, needed[0])
    if why_cohort(resolved):
        return evaluate_spanning(program, read, Columns(needed, mapping, floats), given, wanted, kernel.schema)
    return read.mapInArrow(Kernel(kernel), spark_schema(kernel.schema))


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
