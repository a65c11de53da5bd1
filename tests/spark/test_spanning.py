"""Programs that compute across participants, whose rows are anywhere: aggregates, groups, ranks and pools."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import vbc_rules as vbc
from tests.frames.columns.conftest import load_text
from tests.frames.columns.tables import in_order
from vbc_rules.errors import EvaluationError, InputError, UsageError
from vbc_rules.frames.columns import evaluate_table, read_table, to_frame

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SHARED = """
program: acme/shared
edition: 2024
language: 1
title: A fund shared out among the practices of organizations
participant: {level: practice, identifier: public}
in_force: {from: 2024-01-01, through: 2024-12-31}
levels:
  organization: {groups: practice, by: organization_id}
inputs:
  practice:
    organization_id: {type: identifier, may_be: not_applicable}
    patients: {type: count, range: 0 to 100000}
    rate: {type: percent, decimals: 2, range: 0% to 100%, may_be: not_reported}
  organization:
    board: {type: yes_no}
  cohort:
    fund: {type: money, range: "$0 to $1,000,000"}
expected:
  practice:
    - patients <= 50000
values:
  organization:
    practices: {count: practice}
    patients_of_all: {sum: practice.patients}
  cohort:
    mean_rate: {mean: practice.rate, absent: ignore}
    highest: {max: practice.rate, absent: ignore}
  practice:
    place: {needs: rate, rank: rate, within: cohort, better: higher, ties: competition}
    share_of_all:
      needs: organization_id
      only_if: patients_of_all > 0
      otherwise: not_applicable
      formula: patients / patients_of_all
      type: percent
      illustrative: yes
    above: {needs: [rate, mean_rate], formula: rate - mean_rate, type: percent, illustrative: yes}
    weight:
      formula: if rate is missing or organization_id is missing then 0 else if board then 2 * patients else patients
      type: count
      illustrative: yes
payments:
  practice:
    reward: {allocate: fund, in_proportion_to: weight, remainder: largest, ties: practice, if_none: error}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> vbc.Program:
    return load_text(tmp_path_factory.mktemp("shared"), SHARED)


ORGANIZATIONS = [{"organization_id": f"org {number}", "board": number % 2 == 0} for number in range(12)]


def practices(count: int) -> dict[str, list[Any]]:
    """Return practices in no order: some in no organization, some without a rate, many alike."""
    numbers = [number * 7919 % count for number in range(count)]
    return {
        "practice": [f"P{number:04}é" for number in numbers],
        "organization_id": ["not_applicable" if number % 11 == 0 else f"org {number % 12}" for number in numbers],
        "patients": [number % 40 for number in numbers],
        "rate": ["not_reported" if number % 5 == 0 else f"{number % 17}.25%" for number in numbers],
    }


def found_here(program: vbc.Program, columns: Mapping[str, Sequence[Any]], fund: str) -> Any:  # noqa: ANN401 (a table of Arrow)
    people = read_table(pa.table(dict(columns)), program)
    found = evaluate_table(program, people, cohort={"fund": fund}, groups={"organization": ORGANIZATIONS})
    return in_order(to_frame(found, "pyarrow").drop_columns(["row"]), program)


def found_there(spark: SparkSession, program: vbc.Program, columns: Mapping[str, Sequence[Any]], fund: str) -> Any:  # noqa: ANN401 (a table of Arrow)
    table = spark.createDataFrame(pa.table(dict(columns))).repartition(5, "patients")
    results = program.evaluate_spark(table, cohort={"fund": fund}, groups={"organization": ORGANIZATIONS})
    return in_order(results.toArrow(), program)


@pytest.fixture
def _nothing_is_left_to_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vbc_rules.frames.spark.spanning.MOST_WHOLE", 0)


@pytest.mark.usefixtures("_nothing_is_left_to_the_driver")
@pytest.mark.parametrize("count", [1, 2, 500])
def test_figures_are_those_of_the_local_run(spark: SparkSession, program: vbc.Program, count: int) -> None:
    columns = practices(count)
    columns["rate"][0], columns["organization_id"][0], columns["patients"][0] = "90.00%", "org 0", 1
    for fund in ("0", "1000.07", "999999.99"):
        assert found_there(spark, program, columns, fund).equals(found_here(program, columns, fund))


@pytest.mark.usefixtures("_nothing_is_left_to_the_driver")
def test_what_is_only_added_up_does_not_come_to_the_driver(
    spark: SparkSession, program: vbc.Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vbc_rules.frames.spark.spanning import SparkBatches

    handed: list[str] = []
    added: list[str] = []
    hand, add = SparkBatches.handed, SparkBatches.gathered

    def handing(self: Any, run: Any, number: int, refs: Any) -> Any:  # noqa: ANN401 (as the method's)
        handed.extend(ref.name for ref in refs)
        return hand(self, run, number, refs)

    def adding(self: Any, run: Any, number: int, stages: Any) -> Any:  # noqa: ANN401 (as the method's)
        found = add(self, run, number, stages)
        added.extend(stage.function for stage in stages if stage.ref in found)
        return found

    monkeypatch.setattr(SparkBatches, "handed", handing)
    monkeypatch.setattr(SparkBatches, "gathered", adding)
    found_there(spark, program, practices(100), "100.00")
    assert sorted(added) == ["count", "max", "mean", "sum"]
    assert "patients" not in handed
    assert {"organization_id", "rate", "weight"} <= set(handed)


def test_a_row_that_is_wrong_is_told_at_once(spark: SparkSession, program: vbc.Program) -> None:
    errors = pytest.importorskip("pyspark.errors")
    columns = practices(50)
    place = columns["practice"].index("P0039é")
    columns["patients"][place] = 60_000
    table = spark.createDataFrame(pa.table(columns))
    with pytest.raises(errors.PythonException) as caught:
        program.evaluate_spark(table, cohort={"fund": "1"}, groups={"organization": ORGANIZATIONS})
    assert str(caught.value).strip().splitlines()[-1] == (
        "vbc_rules.errors.InputError: patients: does not meet what the program expects: `patients <= 50000` "
        "(program.yaml:21) (practice P0039é) [VBC909]"
    )


def test_what_only_the_whole_cohort_tells_is_told(
    spark: SparkSession, program: vbc.Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = practices(20)
    columns["rate"] = ["not_reported"] * 20
    with pytest.raises(EvaluationError, match="nobody"):
        found_there(spark, program, columns, "100.00")
    monkeypatch.setattr("vbc_rules.frames.spark.spanning.MOST_WHOLE", 19)
    with pytest.raises(UsageError, match="too large to be computed on the driver"):
        found_there(spark, program, columns, "100.00")


def test_groups_and_the_cohort_are_checked(spark: SparkSession, program: vbc.Program) -> None:
    table = spark.createDataFrame(pa.table(practices(30)))
    with pytest.raises(InputError, match="fund: not given"):
        program.evaluate_spark(table)
    with pytest.raises(InputError, match="organization"):
        program.evaluate_spark(table, cohort={"fund": "1"}, groups={"organization": ORGANIZATIONS[:5]})


def test_a_table_that_comes_out_differently_each_time_is_refused(
    spark: SparkSession, program: vbc.Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions = pytest.importorskip("pyspark.sql.functions")
    errors = pytest.importorskip("pyspark.errors")
    monkeypatch.setattr("vbc_rules.frames.spark.spanning.MOST_WHOLE", 0)
    name = functions.udf(lambda: uuid.uuid4().hex).asNondeterministic()
    table = spark.createDataFrame(pa.table(practices(10))).withColumn("practice", name())
    with pytest.raises(errors.PythonException, match=r"persist\(\)"):
        program.evaluate_spark(table, cohort={"fund": "1"}, groups={"organization": ORGANIZATIONS})
