"""What one hospital asks alone and what the pool of all computes agree, and the pool is shared out to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import vbc_rules as vbc
from vbc_rules.frames import read_rows

DATA = Path(__file__).parents[2] / "examples" / "data"
CHOICES = {"preference": "sponsor_first", "share_if_not_prequalified": "0%"}
OPEN = {
    "base_of_unpaid": ("counted", "left_out"),
    "redistribution": ("component", "program"),
    "cap_after_redistribution": ("none", "five_percent"),
}
READINGS = [dict(zip(OPEN, words, strict=True)) for words in product(*OPEN.values())]


@cache
def pool() -> vbc.Program:
    return vbc.load("bcbsm/hospital-p4p/pg1-4@2021")


@cache
def alone() -> dict[str, tuple[Mapping[str, Any], vbc.Result]]:
    """Return the inputs and the result of each sample hospital that can be computed."""
    program = vbc.load("bcbsm/hospital-p4p/pg1-4-scoring@2021", parameters=CHOICES)
    rows = [dict(one.inputs) for one in read_rows(None, DATA, program.resolved).participants]
    results = zip(rows, program.evaluate_many(rows), strict=True)
    return {str(row["hospital"]): (row, result) for row, result in results if isinstance(result, vbc.Result)}


def row_of_pool(given: Mapping[str, Any], result: vbc.Result) -> dict[str, object]:
    """Return a hospital's inputs as the pool takes them: MVC points as they were scored, each CQI recruited for."""
    kept = {name: given[name] for name in given if name in pool().Inputs.model_fields}
    cqis = [{**one, "recruited": True} for one in given.get("cqi_taken_part", [])]
    return {**kept, "cqi_eligible": cqis, "mvc_points": str(result["mvc_points"])}


def money(amount: object) -> Decimal:
    assert isinstance(amount, Decimal)
    return amount


def together(readings: Mapping[str, str], *, backwards: bool = False) -> vbc.CohortResult:
    rows = [row_of_pool(*one) for one in alone().values()]
    return pool().evaluate_cohort(rows[::-1] if backwards else rows, parameters={**CHOICES, **readings})


@pytest.mark.parametrize("readings", READINGS, ids=lambda readings: " ".join(readings.values()))
def test_scores_and_what_is_earned_are_those_of_the_hospital_alone(readings: dict[str, str]) -> None:
    cohort = together(readings)
    assert len(cohort) == len(alone()) == 11
    for hospital, (_, result) in alone().items():
        assert cohort[hospital]["total_score"] == result["total_score"]
        assert cohort[hospital]["earned"] == result["earned"]


@pytest.mark.parametrize("readings", READINGS, ids=lambda readings: " ".join(readings.values()))
def test_the_pool_is_paid_out_to_the_cent(readings: dict[str, str]) -> None:
    cohort = together(readings)
    hospitals = [one for one in cohort if one.in_program]
    assert len(hospitals) == 10
    not_paid_out = money(cohort.value("not_paid_out"))
    assert sum((money(one["payment"]) for one in hospitals), not_paid_out) == cohort.value("pool")
    if readings["cap_after_redistribution"] == "none":
        assert not_paid_out == 0
    else:
        assert all(20 * money(one["payment"]) <= money(one["operating_payments"]) for one in hospitals)


def test_the_order_of_rows_changes_no_payment() -> None:
    forwards, backwards = together(READINGS[0]), together(READINGS[0], backwards=True)
    assert all(forwards[hospital]["payment"] == backwards[hospital]["payment"] for hospital in alone())


def test_a_hospital_alone_is_told_that_the_pool_needs_all() -> None:
    row = row_of_pool(*alone()["Sample Hospital A"])
    with pytest.raises(vbc.UsageError, match="evaluate_cohort"):
        pool().evaluate(row, parameters={**CHOICES, **READINGS[0]})
