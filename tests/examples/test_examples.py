"""The examples run as their readers run them, and print what was accepted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
RUNS = {
    "hospital_p4p": ("hospital_p4p.py",),
    "hospital_p4p_refused": ("hospital_p4p.py", "Sample Hospital G"),
    "notebook_style": ("notebook_style.py",),
    "service": ("service.py",),
}


def printed(script: str, *arguments: str, folder: Path) -> str:
    paths = os.pathsep.join(filter(None, (str(ROOT / "src"), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "examples" / script), *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("name", RUNS)
def test_an_example_prints_what_was_accepted(name: str, tmp_path: Path) -> None:
    """ACCEPT_GOLDEN=1 writes the text anew, to be read before it is kept."""
    script, *arguments = RUNS[name]
    text = printed(script, *arguments, folder=tmp_path)
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("ACCEPT_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_script_is_run() -> None:
    assert {path.name for path in (ROOT / "examples").glob("*.py")} == {script for script, *_ in RUNS.values()}


def test_the_first_example_answers_its_three_questions(tmp_path: Path) -> None:
    text = printed("hospital_p4p.py", folder=tmp_path)
    table = text[text.index("hospital  ") :].splitlines()[:13]
    assert len([line for line in table if line.startswith("Sample Hospital")]) == 12
    assert len({line.index("$") + len(line[line.index("$") :].split()[0]) for line in table if "$" in line}) == 1
    assert "Illustrative, and so not the payer's own:" in text
    assert "How the payment of Sample Hospital A came about" in text
    assert "$3,171,499.48" in text


def test_the_explanation_of_one_hospital_opens_everything(tmp_path: Path) -> None:
    text = printed("hospital_p4p.py", "Sample Hospital E", folder=tmp_path)
    assert "payment" in text.splitlines()[0].lower() or "Hospital Pay-for-Performance" in text
    assert "index of cqi_keystone" in text or "cqi_keystone" in text


def test_what_was_not_earned_and_what_was_make_five_percent() -> None:
    """The analyst's table of dollars not earned is complete: with what was earned, it is the most that can be."""
    from decimal import Decimal
    from runpy import run_path

    names = run_path(str(ROOT / "examples" / "notebook_style.py"))
    unearned, computed = names["unearned"], names["computed"]
    for result in computed:
        kept = [value for key, value in unearned(result).items() if key != "hospital" and value != "no score"]
        most = result["operating_payments"] * Decimal("0.05")
        assert abs(sum(int(value.replace(",", "")) for value in kept) + result["earned"] - most) < len(kept)
