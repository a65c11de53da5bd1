"""The examples run as their readers run them, and print what was accepted."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from decimal import Decimal
from pathlib import Path
from runpy import run_path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
GOLDEN = Path(__file__).parent / "golden"
RUNS = {
    "hospital_p4p": ("hospital_p4p.py",),
    "hospital_p4p_refused": ("hospital_p4p.py", "Sample Hospital G"),
    "notebook_style": ("notebook_style.py",),
    "service": ("service.py",),
    "statewide": ("statewide.py", "--scale", "0.05"),
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in another folder: an example finds its data and its modules wherever it is run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(EXAMPLES)


def printed(script: str, *arguments: str) -> str:
    path = str(EXAMPLES / script)
    before, sys.argv = sys.argv, [path, *arguments]
    try:
        with contextlib.redirect_stdout(io.StringIO()) as found:
            run_path(path, run_name="__main__")
    finally:
        sys.argv = before
    return found.getvalue()


@pytest.mark.parametrize("name", RUNS)
def test_an_example_prints_what_was_accepted(name: str) -> None:
    """ACCEPT_GOLDEN=1 writes the text anew, to be read before it is kept."""
    text = printed(*RUNS[name])
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("ACCEPT_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_script_is_run() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {script for script, *_ in RUNS.values()}


def test_the_first_example_answers_its_three_questions() -> None:
    text = printed("hospital_p4p.py")
    rows = re.findall(r"^(Sample Hospital [A-L]) .*$", text, re.MULTILINE)
    assert rows == [f"Sample Hospital {letter}" for letter in "ABCDEFGHIJKL"]
    assert "Illustrative, and so not the payer's own:" in text
    explanation = text[text.index("How the payment of Sample Hospital A came about") :]
    assert "100% * 5% * 57.95% * $109,456,410.02 = $3,171,499.4803295" in explanation


def test_a_hospital_that_is_asked_for_is_opened_to_its_last_input() -> None:
    text = printed("hospital_p4p.py", "Sample Hospital E")
    assert "episode_points of" in text
    assert "cqi_keystone" in text


def test_what_was_earned_and_what_was_not_make_five_percent() -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        names = run_path(str(EXAMPLES / "notebook_style.py"))
    assert len(names["computed"]) == 10
    for result in names["computed"]:
        dollars = {key: value for key, value in names["unearned"](result).items() if key != "hospital"}
        not_earned = sum(int(value.replace(",", "")) for value in dollars.values() if value != "no score")
        most = result["operating_payments"] * Decimal("0.05")
        assert abs(not_earned + result["earned"] - most) < len(dollars)  # each is shown to the dollar
