"""Skilled Nursing Facility Value-Based Purchasing, fiscal year 2025: each score, multiplier and rank CMS published."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from itertools import pairwise

import pytest

import vbc_rules as vbc
from tests.published.data import published
from vbc_rules.cli import main

FIGURES = {
    "facility.achievement": 5_278,
    "facility.improvement": 5_031,
    "facility.performance": 5_278,
    "facility.multiplier": 5_278,
}
"""Published figures of 5,278 facilities; 247 of them have no baseline rate, and so no improvement score."""

FILE = "FY_2025_SNF_VBP_Facility_Performance.half.csv"
RANK = "SNF VBP Program Ranking"


def test_every_published_figure_is_computed(capsys: pytest.CaptureFixture[str]) -> None:
    data = published("snf-vbp-fy2025")
    code = main(["validate", "cms/snf-vbp@fy2025", "--data", str(data), "--format", "json"])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    found = json.loads(out)
    ranks = found["figures"].pop("facility.rank")
    assert {figure: (count["checked"], count["matched"]) for figure, count in found["figures"].items()} == {
        figure: (count, count) for figure, count in FIGURES.items()
    }
    assert sum(FIGURES.values()) == 20_865
    assert (ranks["checked"], ranks["matched"], ranks["matched_by_order"]) == (5_278, 5_278, 5_278)
    assert found["checked"] == found["matched"] == 20_865 + 5_278
    assert found["known"] == 0


def test_the_ranks_of_half_of_the_facilities_are_in_the_order_of_the_ranks_of_all() -> None:
    # The published ranks are those among 10,533 facilities, so half of them cannot have the same.
    with (published("snf-vbp-fy2025") / FILE).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    cohort = vbc.load("cms/snf-vbp@fy2025").evaluate_cohort(map(inputs_of, rows))
    ranks = sorted((int(row[RANK]), cohort[row["CMS Certification Number (CCN)"]]["rank"]) for row in rows)
    assert len(ranks) == 5_278
    assert ranks[0][1] == 1
    for (published_before, before), (published_here, here) in pairwise(ranks):
        assert isinstance(before, Decimal)
        assert isinstance(here, Decimal)
        assert (published_before == published_here) == (before == here)
        assert before <= here <= published_here


def inputs_of(row: dict[str, str]) -> dict[str, object]:
    """Return the inputs of one row, read by hand and not through the mapping."""
    too_few = vbc.Absent("below_minimum")
    rates = {
        "performance_rate": row["Performance Period: FY 2023 Risk-Standardized Readmission Rate"],
        "baseline_rate": row["Baseline Period: FY 2019 Risk-Standardized Readmission Rate"],
    }
    return {
        "facility": row["CMS Certification Number (CCN)"],
        **{name: too_few if rate == "---" else rate for name, rate in rates.items()},
    }
