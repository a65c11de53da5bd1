"""What passes, and what a failure says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.testing.programs import GIVEN, RULES, TEST, write
from vbc_rules.plan.layout import Layout, Row
from vbc_rules.resolve.program import Program
from vbc_rules.run.oracle import OracleTrace, evaluate
from vbc_rules.testing import run_tests
from vbc_rules.testing.runner import ENGINES


def told(path: Path) -> list[str]:
    """Return the failures of the only test, without what explains them."""
    (verdict,) = run_tests(path)
    return [str(failure).splitlines()[0].removeprefix(f"{path}:") for failure in verdict.failures]


def test_a_test_passes_when_every_engine_gives_exactly_what_it_expects(tmp_path: Path) -> None:
    path = write(tmp_path, TEST)
    (verdict,) = run_tests(path)
    assert verdict.passed
    assert verdict.to_dict() == {"file": str(path), "line": 3, "name": "Everything", "passed": True, "failures": []}
    assert ENGINES == ("oracle", "scalar")


@pytest.mark.parametrize(
    ("right", "wrong", "failure"),
    [
        ("reward: $123.45", "reward: $123.46", "24:15: reward: expected $123.46, found $123.45 [oracle, scalar]"),
        ("score: 1/3", "score: 0.3333333333", "20:14: score: expected 0.3333333333, found 1/3 [oracle, scalar]"),
        ("agreement: yes", "agreement: no", "22:18: agreement: expected no, found yes [oracle, scalar]"),
        ("{rate: 1/3}", "{rate: 2/3}", "17:27: measure.rate (screening): expected 2/3, found 1/3 [oracle, scalar]"),
        (
            "{rate: not_reported}",
            "{rate: 0}",
            "18:27: measure.rate (follow_up): expected 0, found not_reported [oracle, scalar]",
        ),
        (
            "{rate: not_reported}",
            "{rate: excluded}",
            "18:27: measure.rate (follow_up): expected excluded, found not_reported [oracle, scalar]",
        ),
        ("{long: no}", "{long: yes}", "19:34: stay.long (item 2): expected yes, found no [oracle, scalar]"),
        (", {long: no}]", "]", "19:13: `stay`: expected 1 items, found 2 items [oracle, scalar]"),
    ],
)
def test_what_differs_is_told_with_its_place(tmp_path: Path, right: str, wrong: str, failure: str) -> None:
    assert told(write(tmp_path, TEST.replace(right, wrong))) == [failure]


def test_a_difference_is_explained(tmp_path: Path) -> None:
    (verdict,) = run_tests(write(tmp_path, TEST.replace("reward: $123.45", "reward: $123.46")))
    (failure,) = verdict.failures
    assert failure.explanation.startswith("uses illustrative numbers: ")
    assert "rule:     share of payments" in failure.explanation
    assert "numbers:  10% * $1,234.56 = $123.456" in failure.explanation
    assert str(verdict).startswith(
        f"{verdict.file}:3: Everything\n  because 10% of $1,234.56 is $123.456, which is rounded down\n"
    )


def test_inputs_that_are_refused_fail_a_test_that_expects_a_result(tmp_path: Path) -> None:
    problem = "does not meet what the program expects: `met <= eligible` (2024.yaml:36) [VBC909]"
    assert told(write(tmp_path, TEST.replace("met: 1,", "met: 4,"))) == [
        f"3:11: the inputs: expected a result, found measure.met (screening): {problem} [oracle, scalar]"
    ]


def test_engines_that_disagree_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_a_dollar_more(program: Program, layout: Layout, row: Row) -> OracleTrace:
        return evaluate(program, layout, tuple(123_556 if cell == 123_456 else cell for cell in row))

    path = write(tmp_path, TEST)
    monkeypatch.setattr("vbc_rules.api.engines.evaluate_by_oracle", with_a_dollar_more)
    assert told(path) == ["24:15: reward: expected $123.45, found $123.55 [oracle]"]


def refusal(name: str, given: str = GIVEN) -> str:
    return f"  - name: Refused\n    because: it must be\n{given}    refused: {name}\n"


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("$1,234.56", "$1,000,000.01", "payments"),
        ("met: 1,", "met: 1001,", "met"),
        ("met: 1,", "met: 1001,", "measure.met"),
        ("met: 1,", "met: 4,", "met"),
        ("met: 1,", "met: 4,", "eligible"),  # what is expected of two inputs is about both
        ("days: 31", "days: 0", "stay.days"),
        ("number: '2'", "number: '1'", "number"),
        ("share: 10%", "share: 101%", "share"),
        ("trend: not_reported", "trend: 11%", "trend"),
        ("signed: yes", "signed: not_reported", "signed"),
        ("      payments: $1,234.56\n", "", "payments"),
    ],
)
def test_inputs_that_must_be_refused(tmp_path: Path, right: str, wrong: str, name: str) -> None:
    assert right in GIVEN
    assert told(write(tmp_path, refusal(name, GIVEN.replace(right, wrong)))) == []


@pytest.mark.parametrize("name", ["stay", "most_stays"])
def test_more_items_than_are_expected(tmp_path: Path, name: str) -> None:
    rules = RULES.replace("parameters:\n", "parameters:\n  most_stays: {type: count, is: 1, illustrative: yes}\n")
    rules = rules.replace("expected:\n", "expected:\n  hospital:\n    - count(stay) <= most_stays\n")
    assert told(write(tmp_path, refusal(name), rules=rules)) == []


def test_inputs_that_are_not_refused(tmp_path: Path) -> None:
    assert told(write(tmp_path, refusal("payments"))) == [
        "15:14: the inputs: expected `payments` refused, found a result [oracle, scalar]"
    ]


def test_other_inputs_refused_than_expected(tmp_path: Path) -> None:
    bad = GIVEN.replace("signed: yes", "signed: maybe_not").replace("signed: maybe_not", "signed: '1'")
    problem = "signed: is neither yes nor no; pass True, False, `yes` or `no`"
    assert told(write(tmp_path, refusal("payments", bad))) == [
        f"15:14: the inputs: expected `payments` refused, found {problem} [VBC903] [oracle, scalar]"
    ]
    both = bad.replace("$1,234.56", "$1,000,000.01")
    assert told(write(tmp_path, refusal("payments", both))) == [
        f"15:14: the inputs: expected only `payments` refused, found {problem} [oracle, scalar]"
    ]
    assert told(write(tmp_path, refusal("[payments, signed]", both))) == []


def test_others_stands_for_every_input_not_given(tmp_path: Path) -> None:
    given = GIVEN.replace(
        "screening: {met: 1, eligible: 3}\n        follow_up: {met: not_reported, eligible: 3}",
        "screening: {met: 1, eligible: 3}\n        follow_up: {eligible: 3}\n        others: excluded",
    )
    expect = "    expect: {measure: {follow_up: {rate: excluded}}}\n"
    assert told(write(tmp_path, f"  - name: Others\n    because: it is left out\n{given}{expect}")) == []


def test_several_verdicts_stand_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, TEST, refusal("payments"))
    assert [(verdict.line, verdict.name, verdict.passed) for verdict in run_tests(path)] == [
        (3, "Everything", True),
        (26, "Refused", False),
    ]
    assert run_tests(tmp_path) == run_tests(path) == run_tests(tmp_path / "2024.yaml")
