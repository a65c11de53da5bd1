"""However a table is cut into partitions and batches, and whatever its types, Spark finds what the local run finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import vbc_rules as vbc
from tests.frames.columns.tables import NULL, TEXTS, TYPED, Given, computed_here, hospitals, in_order
from vbc_rules.frames import read_mapping
from vbc_rules.frames.columns import evaluate_table, read_table, to_frame

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BATCH = "spark.sql.execution.arrow.maxRecordsPerBatch"


@contextmanager
def setting(spark: SparkSession, name: str, value: str) -> Iterator[None]:
    before = spark.conf.get(name)
    spark.conf.set(name, value)
    try:
        yield
    finally:
        spark.conf.set(name, before)


@pytest.mark.parametrize(("partitions", "batch"), [(1, 10_000), (7, 1), (40, 3), (3, 8)])
def test_partitions_and_batches_change_nothing(
    spark: SparkSession, alone: vbc.Program, partitions: int, batch: int
) -> None:
    # Of 40 partitions some are empty: 23 hospitals are dealt out by their share.
    table = pa.table(hospitals(23))
    with setting(spark, BATCH, str(batch)):
        given = spark.createDataFrame(table)
        cut = given.repartition(partitions, "share") if partitions > 23 else given.repartition(partitions)
        found = in_order(alone.evaluate_spark(cut).toArrow(), alone)
    assert found.equals(computed_here(alone, Given(table)))


def test_a_row_comes_to_one_row(spark: SparkSession, alone: vbc.Program) -> None:
    table = pa.table(hospitals(2)).slice(1)
    found = alone.evaluate_spark(spark.createDataFrame(table)).collect()
    assert [row.asDict() for row in found] == [
        {
            "hospital": "00001",
            "part": Decimal("0.0100"),
            "part_absent": None,
            "reward": Decimal("0.01"),
            "reward_absent": None,
        }
    ]


def test_results_are_a_table_of_named_and_typed_columns(spark: SparkSession, program: vbc.Program) -> None:
    results = program.evaluate_spark(every_type(spark), columns=["reward", "total", "third", "since", "early", "kind"])
    assert [(field.name, field.dataType.simpleString()) for field in results.schema] == [
        ("hospital", "string"),
        ("reward", "decimal(38,2)"),
        ("reward_absent", "string"),
        ("total", "decimal(38,4)"),
        ("total_absent", "string"),
        ("third", "string"),
        ("third_absent", "string"),
        ("since", "date"),
        ("since_absent", "string"),
        ("early", "boolean"),
        ("early_absent", "string"),
        ("kind", "string"),
        ("kind_absent", "string"),
    ]


def every_type(spark: SparkSession, **columns: list[Any]) -> DataFrame:
    """Return a table with every type of input as text, `columns` in other types."""
    return spark.createDataFrame(pa.table({**TEXTS, **columns}))


def test_values_of_every_type_are_taken(spark: SparkSession, program: vbc.Program) -> None:
    table = pa.table(TYPED)
    people = read_table(table, program, missing=NULL)
    here = in_order(to_frame(evaluate_table(program, people), "pyarrow").drop_columns(["row"]), program)
    found = program.evaluate_spark(spark.createDataFrame(table).repartition(2), missing=NULL)
    assert in_order(found.toArrow(), program).equals(here)


@pytest.mark.parametrize(
    ("column", "kind"),
    [("payments", "int"), ("payments", "bigint"), ("payments", "decimal(38,10)"), ("beds", "smallint"),
     ("beds", "tinyint"), ("joined", "timestamp_ntz"), ("signed", "boolean"), ("note", "varchar(9)")],
)  # fmt: skip
def test_types_of_spark_are_taken(spark: SparkSession, program: vbc.Program, column: str, kind: str) -> None:
    plain = {"payments": ["1000", "2000", "300"], "beds": ["12", "7", "5"]}
    table = every_type(spark, **plain)
    typed = table.withColumn(column, table[column].cast(kind))
    here, found = (in_order(program.evaluate_spark(one).toArrow(), program) for one in (table, typed))
    assert found.equals(here)


def test_binary_floats_are_taken_where_asked_for(spark: SparkSession, alone: vbc.Program) -> None:
    table = pa.table(hospitals(9, payments=[number + 0.25 for number in range(9)]))
    found = alone.evaluate_spark(spark.createDataFrame(table), floats="shortest")
    people = read_table(table, alone, floats="shortest")
    here = to_frame(evaluate_table(alone, people), "pyarrow").drop_columns(["row"])
    assert in_order(found.toArrow(), alone).equals(in_order(here, alone))


def test_a_mapping_says_which_columns_are_read(spark: SparkSession, alone: vbc.Program, tmp_path: Path) -> None:
    # Beside what is read stand a list, and a column whose name differs by case alone.
    path = tmp_path / "own.mapping.yaml"
    path.write_text("""\
mapping: example/alone@2024
tables: {hospitals: {file: any.csv, key: Facility `ID`}}
missing: {none: not_reported}
columns:
  hospital:
    - from: hospitals
      inputs:
        payments: Pay.ments
        share: {column: Share, reading: bare_percent}
        cases: cases
        kept: kept
""")
    table = pa.table(
        {
            "list": [[1, 2], [3]],
            "Facility `ID`": ["b", "a"],
            "Pay.ments": ["$10.00", "20"],
            "Share": ["50", "none"],
            "share": ["1", "2"],
            "cases": [5, 6],
            "kept": [4, 6],
        }
    )
    mapping = read_mapping(path, alone.resolved)
    results = alone.evaluate_spark(spark.createDataFrame(table), mapping=mapping, columns=["reward"])
    assert [tuple(row) for row in results.orderBy("hospital").collect()] == [
        ("a", Decimal("0.00"), None),
        ("b", Decimal("5.00"), None),
    ]


def test_nothing_is_computed_before_it_is_used(spark: SparkSession, alone: vbc.Program) -> None:
    table = pa.table(hospitals(3, cases=[50, 5000, 50]))
    results = alone.evaluate_spark(spark.createDataFrame(table))
    assert results.columns[0] == "hospital"
