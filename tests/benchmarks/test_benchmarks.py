"""The benchmarks compare like with like: everything they run computes the same values. No times are asserted."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest

import vbc_rules as vbc
from tests.benchmarks import baseline
from tests.benchmarks.__main__ import data, main, show
from tests.benchmarks.agreement import differences
from tests.benchmarks.measuring import PROGRAM, Figure
from tests.benchmarks.population import make_forced, make_population


@pytest.fixture(scope="module")
def program() -> vbc.Program:
    return vbc.load(PROGRAM)


def test_the_program_has_no_findings() -> None:
    assert vbc.check_file(PROGRAM) == ()


def test_all_versions_agree_on_plausible_hospitals(program: vbc.Program) -> None:
    assert differences(program, make_population(program.resolved, 300)) == []


def test_all_versions_agree_on_ties_and_ends_of_ranges(program: vbc.Program) -> None:
    assert differences(program, make_forced(program.resolved, 700)) == []


def test_the_forced_hospitals_hit_ties_absences_and_the_cap(program: vbc.Program) -> None:
    domains = baseline.constants(program.resolved)
    found = set()
    for given in (*make_population(program.resolved, 300), *make_forced(program.resolved, 700)):
        with localcontext(baseline.exact_context()):
            inputs = baseline.read(given, domains)
        with localcontext(baseline.context()):
            values = baseline.evaluate(inputs, domains)
        found |= {"no total"} if values.total_score is None else set()
        found |= {"no domain"} if None in values.domain_scores else set()
        found |= {"capped"} if values.payment and values.tier == Decimal("0.06") else set()
        found |= {"paid below the cap"} if values.payment and values.tier == Decimal("0.045") else set()
        found |= {"too few measures"} if values.total_score is not None and not values.enough_measures else set()
    assert found == {"no total", "no domain", "capped", "paid below the cap", "too few measures"}


def _spoiled(program: vbc.Program, **changes: object) -> dict[str, object]:
    given = make_population(program.resolved, 1)[0]
    measures = dict(given["measure"])  # type: ignore[call-overload]
    measures["nurses"] = {**measures["nurses"], **changes}
    return {**given, "measure": measures}


@pytest.mark.parametrize(
    "changes",
    [
        {"rate": Decimal("1.0001")},
        {"rate": Decimal("0.12345")},
        {"rate": Decimal("-0.0001")},
        {"rate": Decimal("NaN")},
        {"rate": None},
        {"rate": 0.5},
        {"baseline": Decimal("0.98765")},
        {"cases": -1},
        {"cases": 1_000_001},
        {"unknown": 1},
    ],
    ids=str,
)
def test_both_sides_refuse_the_same(program: vbc.Program, changes: dict[str, object]) -> None:
    given = _spoiled(program, **changes)
    with pytest.raises(vbc.InputError):
        program.read(given)
    with localcontext(baseline.exact_context()), pytest.raises((baseline.Refused, ArithmeticError)):
        baseline.read(given, baseline.constants(program.resolved))


def test_a_small_run_measures_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quick"]) == 0
    printed = capsys.readouterr().out
    for name in ("with trace, against plain", "vbc.load of", "import vbc_rules, over that"):
        assert name in printed


def test_a_bar_is_a_least_ratio_or_a_greatest_time() -> None:
    figures = [Figure("speed", 3.0, "times", 3.5), Figure("load", 140.0, "ms", 150), Figure("plain", 27.0, "us")]
    assert [figure.is_kept for figure in figures] == [False, True, None]
    assert "speed  3.00 times  at least 3.5 times    NO" in show(figures)
    assert data(figures)["figures"][1]["kept"] is True  # type: ignore[index]
