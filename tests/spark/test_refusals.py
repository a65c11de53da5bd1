"""What is wrong with a table is told in the words of the local run: at once, or when the result is used."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import vbc_rules as vbc
from tests.frames.columns.conftest import EVERY_TYPE
from tests.frames.columns.tables import hospitals
from vbc_rules.errors import InputError, UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FLOAT = "is a binary float, which cannot carry exact digits; pass Decimal or text, or load with floats='shortest'"
Told = list[tuple[str, int | None, str, str]]


def refused(spark: SparkSession, program: vbc.Program, columns: dict[str, list[Any]], **given: Any) -> Told:  # noqa: ANN401 (as it is)
    """Return what is told at once."""
    with pytest.raises(InputError) as caught:
        program.evaluate_spark(spark.createDataFrame(pa.table(columns)), **given)
    assert json.dumps(caught.value.to_dict())
    return [(str(one.code), one.row, one.where, one.message) for one in caught.value.problems]


def told(spark: SparkSession, program: vbc.Program, columns: dict[str, list[Any]], partitions: int = 1) -> list[str]:
    """Return the last lines of what Spark tells when the result is used, from where the error begins."""
    errors = pytest.importorskip("pyspark.errors")
    table = spark.createDataFrame(pa.table(columns)).repartitionByRange(partitions, "hospital")
    results = program.evaluate_spark(table)
    with pytest.raises(errors.PythonException) as caught:
        results.collect()
    text = str(caught.value)
    start = text.index("vbc_rules.errors.")
    return [line for line in text[start:].splitlines() if line]


# --- at once


def test_columns_that_are_not_there_are_told(spark: SparkSession, alone: vbc.Program) -> None:
    columns = hospitals(3)
    del columns["kept"]
    assert refused(spark, alone, {**columns, "keept": [1, 2, 3]}) == [
        ("VBC923", None, "", "the table of hospital has the unknown column `keept`; write `kept`"),
        ("VBC922", None, "", "the table of hospital has no column `kept`"),
    ]
    assert refused(spark, alone, {"other": [1]}) == [
        ("VBC922", None, "", "the table of hospital has no column of the program; name its columns, or give a mapping")
    ]


def test_types_that_are_not_read_are_told(spark: SparkSession, alone: vbc.Program) -> None:
    columns = hospitals(3, payments=[1.5, 2.5, 3.5], share=[[1], [2], [3]], cases=[True, False, True])
    assert [(code, message) for code, _, _, message in refused(spark, alone, columns)] == [
        ("VBC904", f"column `payments` {FLOAT}"),
        ("VBC903", "column `share` is a column of array<bigint>, which is not read for a percent; give it as text"),
        ("VBC903", "column `cases` is yes or no where a count is declared; pass Decimal or text"),
    ]
    (problem,) = refused(spark, alone, hospitals(3, hospital=[1, 2, 3]))
    assert problem[3] == "column `hospital` is not text; write the identifier as text, with its leading zeros"


def test_identifiers_of_two_rows_are_told(spark: SparkSession, alone: vbc.Program, private: vbc.Program) -> None:
    columns = hospitals(9)
    columns["hospital"][3:7] = ["00001", "00002", "00001", "A"]
    columns["hospital"][8] = "a"  # another one
    assert refused(spark, alone, columns) == [
        ("VBC910", None, "hospital", "the same hospital stands in 3 rows; keep one (hospital 00001)"),
        ("VBC910", None, "hospital", "the same hospital stands in 2 rows; keep one (hospital 00002)"),
    ]
    assert refused(spark, private, columns) == [
        ("VBC910", None, "hospital", "the same hospital stands in 3 rows; keep one"),
        ("VBC910", None, "hospital", "the same hospital stands in 2 rows; keep one"),
    ]


def test_rows_without_an_identifier_are_told(spark: SparkSession, alone: vbc.Program) -> None:
    columns = hospitals(5)
    columns["hospital"][1:4] = [None, " ", None]
    assert refused(spark, alone, columns) == [
        ("VBC929", None, "hospital", "column `hospital` is empty in 2 rows; write the identifier"),
        ("VBC929", None, "hospital", "column `hospital` is empty in one row; write the identifier"),
    ]


def test_a_table_without_rows_is_told(spark: SparkSession, alone: vbc.Program) -> None:
    columns = spark.createDataFrame(pa.table(hospitals(1))).where("hospital is null")
    with pytest.raises(InputError, match="the table of hospital has column names and no rows"):
        alone.evaluate_spark(columns)


def test_inputs_of_the_cohort_are_checked_at_once(spark: SparkSession) -> None:
    program = vbc.load("bcbsa/total-care@2020")
    columns = spark.createDataFrame([("a",)], ["practice"])
    with pytest.raises((InputError, UsageError)):
        program.evaluate_spark(columns, cohort={"nothing": 1})


# --- when the result is used


def test_a_row_is_told_with_its_participant(spark: SparkSession, alone: vbc.Program) -> None:
    columns = hospitals(20)
    columns["cases"][3] = 5000
    columns["payments"][12] = Decimal(-1)
    columns["kept"][15] = 1000
    assert told(spark, alone, columns) == [
        "vbc_rules.errors.InputError: 2 problems with the inputs",
        "  cases: column `cases` is out of range; write 0 to 1,000 (hospital 00003) [VBC906]",
        "  payments: column `payments` is out of range; write $0 to $1,000,000 (hospital 00012) [VBC906]",
    ]


def test_where_identifiers_are_not_shown_the_row_of_the_partition_is(spark: SparkSession, private: vbc.Program) -> None:
    columns = hospitals(20)
    columns["cases"][17] = 5000
    (line,) = told(spark, private, columns, partitions=2)
    assert line == (
        "vbc_rules.errors.InputError: row 8, cases: column `cases` is out of range; write 0 to 1,000 "
        "(row of partition 1) [VBC906]"
    )


def test_what_is_not_as_expected_is_told(spark: SparkSession, alone: vbc.Program) -> None:
    columns = hospitals(20)
    columns["kept"][15] = 1000
    (line,) = told(spark, alone, columns)
    assert line == (
        "vbc_rules.errors.InputError: kept: does not meet what the program expects: `kept <= cases` (program.yaml:16) "
        "(hospital 00015) [VBC909]"
    )


def test_identifiers_that_cannot_be_seen_are_told(spark: SparkSession, alone: vbc.Program) -> None:
    columns = hospitals(3)
    columns["hospital"][1] = " 0001"
    (line,) = told(spark, alone, columns)
    assert "column `hospital` has spaces around it, or characters that cannot be seen" in line
    assert "VBC929" in line


def test_no_value_is_told(spark: SparkSession, private: vbc.Program) -> None:
    columns = hospitals(5, share=["7317%", "81.2345%", "7318", "secret", "x"])
    columns["hospital"] = [f"patient {number}" for number in range(5)]
    text = "\n".join(told(spark, private, columns))
    for value in ("7317", "81.2345", "7318", "secret", "patient"):
        assert value not in text


# --- what is not served


def test_what_is_no_table_of_spark_is_refused(spark: SparkSession, alone: vbc.Program) -> None:
    table = pa.table(hospitals(3))
    with pytest.raises(UsageError, match="that is no Spark table; give a DataFrame of Spark"):
        alone.evaluate_spark(table)
    frame = spark.createDataFrame(table)
    twice = frame.select("*", frame["kept"])
    with pytest.raises(UsageError, match="a table has the column `kept` 2 times; keep one"):
        alone.evaluate_spark(twice)
    with pytest.raises(UsageError, match="a table that streams has no end"):
        alone.evaluate_spark(spark.readStream.format("rate").load())
    with pytest.raises(UsageError, match="write 'refuse' or 'shortest'"):
        alone.evaluate_spark(frame, floats="nearest")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="there is no such figure"):
        alone.evaluate_spark(frame, columns=["rewards"])


def test_programs_with_lists_are_refused(spark: SparkSession, tmp_path: Any) -> None:  # noqa: ANN401 (a path)
    table = spark.createDataFrame(pa.table(hospitals(3)))
    (tmp_path / "program.yaml").write_text(EVERY_TYPE)
    with pytest.raises(UsageError, match="items of `grant` stand in a table"):
        vbc.load(tmp_path / "program.yaml").evaluate_spark(table)
