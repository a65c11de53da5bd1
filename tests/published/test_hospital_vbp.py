"""Hospital Value-Based Purchasing, fiscal year 2024: every figure that CMS published, digit for digit."""

from __future__ import annotations

import json

import pytest

from tests.published.data import published
from vbc_rules.cli import main


def test_every_published_figure_is_computed(capsys: pytest.CaptureFixture[str]) -> None:
    data = published("hospital-vbp-fy2024")
    code = main(["validate", "cms/hospital-vbp@fy2024", "--data", str(data), "--format", "json"])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["matched_by_interval"] == found["matched_by_order"] == 0
    assert found["checked"] == found["matched"] == 156_572
    assert found["known"] == 0
    assert sum(count["checked"] for count in found["figures"].values()) == 156_572
