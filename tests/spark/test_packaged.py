"""The packaged programs: Spark finds every digit that the local run finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import vbc_rules as vbc
from tests.frames.columns.tables import Given, computed_here, given_of, in_order
from tests.run.cohort_populations import make_population
from vbc_rules.frames.plain import needed_files

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SIZE = 30
ALONE = (
    "bcbsa/total-care@2020",
    "bcbsm/cqi-performance-index@2024",
    "bcbsm/osc/cost-share@2016",
    "bcbsm/osc@2016",
    "bcbsm/pdcm/outcomes@2022",
    "bcbsm/pgip/quality-improvement@2024",
    "bcbst/medical-home-partnership@2021",
    "cms/hospital-vbp@fy2024",
    "cms/shared-savings@py2023",
    "evaluation/comparison@2020",
    "evaluation/savings@2020",
)
"""The packaged programs that compute each participant alone, from one table."""
SPANNING = (
    "bcbsm/mvc@2020-21",
    "bcbsm/mvc@2022-23",
    "bcbsm/mvc@2024-25",
    "bcbsm/mvc@2026-27",
    "bcbsm/pcmh/designation@2020",
    "bcbsm/pgip/practice-distribution@2020",
    "bcbsm/pgip/reward-pool@2023",
    "cms/snf-vbp@fy2025",
)
"""Those that compute across participants, from one table."""


def test_these_are_the_programs_that_spark_computes() -> None:
    programs = {name: vbc.load(name) for name in vbc.list_packaged()}
    served = {name: program for name, program in programs.items() if not needed_files(program.resolved)}
    assert tuple(name for name, program in served.items() if not program.needs_cohort) == ALONE
    assert tuple(name for name, program in served.items() if program.needs_cohort) == SPANNING


@pytest.mark.parametrize("name", [*ALONE, *SPANNING])
def test_spark_finds_what_the_local_run_finds(spark: SparkSession, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is left to the driver.
    monkeypatch.setattr("vbc_rules.frames.spark.spanning.MOST_WHOLE", 0)
    program = vbc.load(name)
    for seed in range(20):
        given = given_of(program, make_population(program.resolved, program.layouts, SIZE, seed))
        here = computed_here(program, given)
        if here is not None:
            assert found(spark, program, given).equals(here)
            return
    pytest.fail("no population has a result")


def found(spark: SparkSession, program: vbc.Program, given: Given) -> Any:  # noqa: ANN401 (a table of Arrow)
    table = spark.createDataFrame(given.table).repartition(3)
    results = program.evaluate_spark(table, cohort=given.cohort, groups=given.groups, parameters=given.parameters)
    return in_order(results.toArrow(), program)
