"""Skilled Nursing Facility Value-Based Purchasing, fiscal year 2025: every score and multiplier that CMS published."""

from __future__ import annotations

import json

import pytest

from tests.published.data import published
from vbc_rules.cli import main

FIGURES = {
    "facility.achievement": 5_278,
    "facility.improvement": 5_031,
    "facility.performance": 5_278,
    "facility.multiplier": 5_278,
}
"""Published figures of 5,278 facilities; 247 of them have no baseline rate, and so no improvement score."""


def test_every_published_figure_is_computed(capsys: pytest.CaptureFixture[str]) -> None:
    data = published("snf-vbp-fy2025")
    code = main(["validate", "cms/snf-vbp@fy2025", "--data", str(data), "--format", "json"])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert {figure: (count["checked"], count["matched"]) for figure, count in found["figures"].items()} == {
        figure: (count, count) for figure, count in FIGURES.items()
    }
    assert found["checked"] == found["matched"] == 20_865
    assert found["known"] == 0
