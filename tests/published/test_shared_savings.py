"""Medicare Shared Savings Program, performance year 2023: what CMS published of 453 accountable care organizations."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from decimal import Decimal

import pytest

import vbc_rules as vbc
from tests.published.data import published
from vbc_rules.cli import main

FOLDER = "shared-savings-py2023"
FILE = "PY2023_ACO_Results_PUF.csv"

RATES = {
    "aco.savings_rate": (453, 453),
    "aco.sharing_rate": (453, 453),
    "aco.minimum_savings_rate": (151, 151),
    "aco.minimum_loss_rate": (302, 302),
}
"""Checked and matched, digit for digit."""

LOSS_RATES = 302
"""Checked and matched by interval: of six exact halves of a hundredth, CMS has four rounded down and two up."""

DOLLARS = {
    "aco.difference": {"more_than_zero": (383, 383), "less_than_zero": (70, 70)},
    "aco.generated": {"more_than_zero": (313, 313), "zero": (120, 120), "less_than_zero": (20, 20)},
    "aco.earned_or_owed": {"more_than_zero": (313, 313), "zero": (120, 120), "less_than_zero": (20, 17)},
}
"""Checked and matched by interval. `generated` is the gate: savings and losses count, or they do not."""

KNOWN = {
    ("A1241", "aco.earned_or_owed"): "-1149065",
    ("A4627", "aco.earned_or_owed"): "-138360",
    ("A5293", "aco.earned_or_owed"): "-98453",
}


def test_every_published_figure_is_computed(capsys: pytest.CaptureFixture[str]) -> None:
    data = published(FOLDER)
    code = main(["validate", "cms/shared-savings@py2023", "--data", str(data), "--format", "json"])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    found = json.loads(out)
    figures = found["figures"]
    assert set(figures) == {*RATES, *DOLLARS, "aco.loss_rate"}
    assert {name: (figures[name]["checked"], figures[name]["matched"]) for name in RATES} == RATES
    assert {name: figures[name]["matched_by_interval"] for name in RATES} == dict.fromkeys(RATES, 0)
    loss_rates = figures["aco.loss_rate"]
    assert (loss_rates["checked"], loss_rates["matched"], loss_rates["matched_by_interval"]) == (LOSS_RATES,) * 3
    assert {
        name: {sign: (tally["checked"], tally["matched"]) for sign, tally in figures[name]["by_sign"].items()}
        for name in DOLLARS
    } == DOLLARS
    assert (found["checked"], found["matched"], found["known"]) == (3_020, 3_017, 3)
    assert found["matched_by_interval"] == 1_658
    known = found["known_differences"]
    assert {(one["participant"], one["figure"]): one["published"] for one in known} == KNOWN
    assert all(one["because"] for one in known)


def test_the_command_says_how_figures_match_and_why_some_differ(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "cms/shared-savings@py2023", "--data", str(published(FOLDER))]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = [" ".join(line.split()) for line in lines]
    assert "aco.earned_or_owed 450 of 453 match by interval, 3 known to differ" in told
    assert "less than zero 17 of 20, 3 known to differ" in told
    assert "all figures 3,017 of 3,020 match, 1,658 of them by interval, 3 known to differ" in told
    at = next(number for number, line in enumerate(lines) if line.startswith("  A4627, row "))
    assert lines[at].endswith(": aco.earned_or_owed: published -138360, computed -564554.90 to -564553.30")
    assert lines[at + 1] == "    because: its losses stop at the limit by revenue, which is not public"


@pytest.fixture(scope="module")
def rows() -> Mapping[str, Mapping[str, str]]:
    with (published(FOLDER) / FILE).open(encoding="utf-8-sig", newline="") as stream:
        return {row["ACO_ID"]: row for row in csv.DictReader(stream)}


def test_what_the_file_never_exercises(rows: Mapping[str, Mapping[str, str]]) -> None:
    # These are the rules that only the rule tests beside the program hold; once the file has them, say so here.
    assert {row["Met_QPS"] for row in rows.values()} == {"1"}
    assert {row["Met_AltQPS"] for row in rows.values()} == {"-"}
    program = vbc.load("cms/shared-savings@py2023")
    for row in rows.values():
        result = program.evaluate(inputs_of(row))
        assert amount(result, "earned") < amount(result, "savings_limit")


def test_losses_said_to_stop_at_the_limit_by_revenue_do_stop_below_the_other_limit(
    rows: Mapping[str, Mapping[str, str]],
) -> None:
    program = vbc.load("cms/shared-savings@py2023")
    for aco in ("A1241", "A4627", "A5293"):
        row = rows[aco]
        result = program.evaluate(inputs_of(row))
        published_before_offset = -Decimal(row["EarnSaveLoss"]) - Decimal(row["DisAdj"])
        assert published_before_offset < amount(result, "losses_before_offset")
        assert published_before_offset < amount(result, "loss_limit_by_benchmark")


def amount(result: vbc.Result, name: str) -> Decimal:
    found = result[name]
    assert isinstance(found, Decimal)
    return found


TRACKS = {"A": "basic_a", "B": "basic_b", "C": "basic_c", "D": "basic_d", "E": "basic_e", "EN": "enhanced"}
ELECTED = {"0.00%": "0%", "0.50%": "0.5%", "1.00%": "1%", "1.50%": "1.5%", "2.00%": "2%"}


def inputs_of(row: Mapping[str, str]) -> dict[str, object]:
    """Return the inputs of one row, read by hand and not through the mapping."""
    track = TRACKS[row["Current_Track"]]
    found: dict[str, object] = {
        "aco": row["ACO_ID"],
        "track": track,
        "beneficiaries": row["N_AB"],
        "benchmark": row["ABtotBnchmk"],
        "expenditure": row["ABtotExp"],
        "standard_met": row["Met_QPS"] == "1",
        "quality_score": row["QualScore"],
    }
    if row["Risk_Model"] == "Two-Sided":
        found["elected_rate"] = ELECTED.get(row["MinSavPerc"], vbc.Absent("by_size"))
        found["disaster_offset"] = row["DisAdj"]
    if track in ("basic_c", "basic_d", "basic_e"):
        found["participant_revenue"] = vbc.Absent("not_reported")
    return found
