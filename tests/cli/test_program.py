"""show, inputs, types: commands about one program."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from tests.testing.programs import TEST, write
from vbc_rules.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("description", "Guarantees, proven from the file"),
        ("document", "edition: fy2024"),
        ("resolved", "participant: hospital"),
        ("plan", "plan of cms/hospital-vbp@fy2024"),
        ("python", "def evaluate("),
    ],
)
def test_show_prints_every_stage(stage: str, expected: str, capsys: Capture) -> None:
    assert main(["show", "cms/hospital-vbp@fy2024", "--stage", stage]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert expected in out
    assert len(out) < 2_000_000


def test_show_describes_unless_told_otherwise(capsys: Capture) -> None:
    assert main(["show", "cms/hospital-vbp@fy2024"]) == 0
    assert capsys.readouterr().out.startswith("Hospital Value-Based Purchasing, fiscal year 2024\n")


def test_inputs_as_a_schema(capsys: Capture) -> None:
    assert main(["inputs", "cms/hospital-vbp@fy2024"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert set(schema["properties"]) == {"hospital", "combined_ssi_score", "measure"}


def test_inputs_as_the_header_of_a_table(tmp_path: Path, capsys: Capture) -> None:
    write(tmp_path, TEST)
    call = ["inputs", str(tmp_path / "2024.yaml"), "--format", "csv"]
    assert main(call) == 0
    assert capsys.readouterr().out == (
        "hospital,payments,signed,measure.screening.met,measure.screening.eligible,measure.follow_up.met,"
        "measure.follow_up.eligible\n"
    )
    assert main([*call, "--table", "stay"]) == 0
    assert capsys.readouterr().out == "hospital,number,days\n"
    assert main([*call, "--table", "stays"]) == 2
    assert capsys.readouterr().err == (
        "vbc-rules: there is no table `stays`; write one of `hospital`, `stay` [VBC970]\n"
    )


def test_types_is_a_python_module(capsys: Capture) -> None:
    assert main(["types", "cms/hospital-vbp@fy2024"]) == 0
    module = ast.parse(capsys.readouterr().out)
    assert "Inputs" in {node.name for node in module.body if isinstance(node, ast.ClassDef)}
