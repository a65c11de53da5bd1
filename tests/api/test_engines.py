"""Which engine computes a cohort: as asked, or by its size; the figures are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

import vbc_rules as vbc
from vbc_rules.api import engines

PROGRAM = """
program: acme/pool
edition: 2024
language: 1
title: A pool
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
inputs:
  cohort: {pool: {type: money, range: "$0 to $1,000"}}
  hospital: {members: {type: count}}
payments:
  hospital:
    reward: {allocate: pool, in_proportion_to: members, remainder: largest, ties: hospital, if_none: not_paid}
"""
ROWS = [{"hospital": f"{number:03}", "members": number % 7} for number in range(40)]


@pytest.fixture
def program(tmp_path: Path) -> vbc.Program:
    (tmp_path / "pool.yaml").write_text(PROGRAM)
    return vbc.load(tmp_path / "pool.yaml")


@pytest.mark.parametrize("engine", ["scalar", "columns", "oracle"])
def test_every_engine_finds_the_same_and_says_who_it_is(program: vbc.Program, engine: str) -> None:
    pytest.importorskip("numpy", reason="the extra `columns` brings it")
    cohort = program.evaluate_cohort(ROWS, cohort={"pool": "100.00"}, engine=engine)  # type: ignore[arg-type]
    assert cohort.engine == engine
    expected = program.evaluate_cohort(ROWS, cohort={"pool": "100.00"}, engine="oracle")
    assert [result["reward"] for result in cohort] == [result["reward"] for result in expected]
    assert cohort.to_rows() == expected.to_rows()


def test_many_participants_are_computed_in_columns(program: vbc.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numpy", reason="the extra `columns` brings it")
    assert program.evaluate_cohort(ROWS, cohort={"pool": "1.00"}).engine == "scalar"
    monkeypatch.setattr(engines, "MANY", 40)
    assert program.evaluate_cohort(ROWS, cohort={"pool": "1.00"}).engine == "columns"


def test_an_engine_there_is_not_is_refused(program: vbc.Program) -> None:
    with pytest.raises(vbc.UsageError, match="write 'auto', 'scalar', 'columns' or 'oracle'"):
        program.evaluate_cohort(ROWS, cohort={"pool": "1.00"}, engine="numpy")  # type: ignore[arg-type]


def test_columns_refuse_what_they_do_not_compute_and_say_why() -> None:
    pytest.importorskip("numpy", reason="the extra `columns` brings it")
    program = vbc.load("evaluation/population-insights@2020")
    assert program.why_no_columns == "the items of `stratum` lie below `partnership`, not directly below a root"
    with pytest.raises(vbc.UsageError, match="cannot be computed in columns: the items of `stratum`"):
        program.evaluate_cohort([], engine="columns", parameters=dict.fromkeys(program.required_parameters, 1))
