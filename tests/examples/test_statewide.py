"""The statewide example: every cent is accounted for, the same state is drawn every time, and it is soon done."""

# ruff: noqa: ANN401 (the example's own types are not among what is type-checked)

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTHING = Decimal("0.00")
SECONDS = 60
"""So long may the whole state take, on a machine that has other things to do."""


@pytest.fixture(scope="module")
def portfolio() -> Iterator[Any]:
    """Return what all programs come to in a small state."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(EXAMPLES)
        from statewide.draws import Draws  # type: ignore[import-not-found]
        from statewide.population import make_state  # type: ignore[import-not-found]
        from statewide.run import run  # type: ignore[import-not-found]

        draws = Draws(1)
        yield run(make_state(Decimal("0.05"), draws), draws)


def test_every_program_is_run(portfolio: Any) -> None:
    assert list(portfolio.lines) == [
        "bcbsm/hospital-p4p/pg1-4@2021",
        "bcbsm/pgip/reward-pool@2023",
        "bcbsm/pgip/practice-distribution@2020",
        "bcbsm/pcmh/designation@2020",
        "bcbsm/vbr/professional@2018",
        "bcbsm/vbr/cqi@2026",
    ]
    assert all(line.result.program.identifier == name for name, line in portfolio.lines.items())


def test_every_pool_comes_out_even(portfolio: Any) -> None:
    for line in portfolio.lines.values():
        assert line.money is None or line.money.difference == NOTHING
        for pool in line.result.pools:
            assert pool.pool == pool.paid + pool.not_placed


def test_hospitals_are_paid_five_percent_of_all_operating_payments(portfolio: Any) -> None:
    result = portfolio.result("bcbsm/hospital-p4p/pg1-4@2021")
    taking_part = [one for one in result if one.in_program]
    assert len(taking_part) < len(result)
    base = sum(one["counted_payments"] for one in taking_part)
    paid = sum(one["payment"] for one in taking_part)
    assert 0 <= base * Decimal("0.05") - paid < Decimal("0.01")


def test_what_an_organization_is_paid_is_what_it_keeps_hands_on_or_cannot_place(portfolio: Any) -> None:
    rewards = portfolio.result("bcbsm/pgip/reward-pool@2023")
    handed = portfolio.result("bcbsm/pgip/practice-distribution@2020")
    rewarded = [one for one in rewards if one.in_program]
    assert len(rewarded) > 1
    for one in rewarded:
        paydays = [handed.groups("payday")[one.participant, name] for name in ("first", "second")]
        practices = handed.groups("organization")[one.participant].members
        got = sum(handed[practice]["paid_in_the_year"] for practice in practices)
        left = sum(payday["kept"] + payday["left_over"] for payday in paydays)
        assert got + left == one["reward_of_the_year"] > 0


def test_designation_reaches_the_fees_of_the_practice(portfolio: Any) -> None:
    designation = portfolio.result("bcbsm/pcmh/designation@2020")
    practices = portfolio.result("bcbsm/vbr/professional@2018").groups("practice")
    designated = [one.participant for one in designation if one["designated"]]
    assert 0 < len(designated) < len(designation)
    for name in designated:
        assert practices[name]["way"]["designation"]["earned"] == Decimal("0.1")


def test_another_seed_is_another_state_and_the_same_seed_the_same(portfolio: Any) -> None:
    from statewide.draws import Draws
    from statewide.population import make_state

    one, same, other = (make_state(Decimal("0.05"), Draws(seed)) for seed in (1, 1, 2))
    assert one == same == portfolio.state
    assert one != other
    people = (*one.hospitals, *one.organizations, *one.practices, *one.physicians)
    assert all(somebody.name.startswith("Synthetic ") for somebody in people)


@pytest.mark.parametrize("scale", ["0.04", "1.01", "small", "NaN"])
def test_a_size_that_makes_no_sense_is_refused(scale: str) -> None:
    found = statewide("--scale", scale)
    assert found.returncode == 2
    assert found.stderr.splitlines()[-1].endswith("argument --scale: write a number from 0.05 to 1")


@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") == "quick", reason="measured once, not on every Python")
def test_the_whole_state_is_done_within_a_minute() -> None:
    found = statewide()
    assert found.returncode == 0, found.stderr
    assert "130 hospitals, 40 physician organizations, 1,700 practices, 20,000 physicians" in found.stdout
    assert found.stderr.splitlines()[-1].endswith(" s  in all")


def statewide(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / "statewide.py"), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS)
