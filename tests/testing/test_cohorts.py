"""Rule tests of whole cohorts: what passes, what a failure says, what is wrong with a file of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.testing.cohorts import RULES
from tests.testing.programs import write
from vbc_rules.errors import RuleFileError
from vbc_rules.testing import Verdict, run_tests

HEAD = "program: acme/pool@2024\ntests:\n"

GIVEN = """\
    parameters: {share: 100%}
    cohort: {fund: $100.01}
    groups:
      organization:
        X: {bonus: $5, quarter: {first: {visits: 1}, second: {visits: 2}}, site: [{number: '1', beds: 3}]}
        Y: {bonus: $6, quarter: {first: {visits: 1}, second: {visits: 2}}, site: []}
    given: {payments: $100, enrolled: yes, signed: yes, measure: {screening: {met: 3}, follow_up: {met: 4}}}
    participants:
      '010001': {organization_id: X}
      B: {organization_id: Y, payments: $200, measure: {screening: {met: 1}}}
      C: {organization_id: X, enrolled: no}
      D: {organization_id: not_reported, signed: no}
"""

TEST = f"""\
  - name: Everything
    because: "the pool is the whole fund, and 1/3 of $100.01 is $33.336.."
{GIVEN}\
    expect:
      participants:
        '010001': {{reward: $33.34, place: 1, size: 1, mean_met: 19/3, measure: {{screening: {{met: 3}}}}}}
        B: {{reward: $66.67, total_met: 5, bonus: $6}}
        C: {{reward: not_in_program, size: not_in_program}}
        D: {{size: not_reported, reward: $0}}
      groups:
        organization:
          X: {{size: 1, group_bonus: $5, quarter: {{first: {{visits: 1}}}}, site: [{{beds: 3}}], pool: $100.01}}
          Y: {{group_bonus: $6, site: []}}
      cohort: {{pool: $100.01, mean_met: 19/3}}
"""


def run(folder: Path, test: str, rules: str = RULES) -> Verdict:
    (verdict,) = run_tests(write(folder, test, rules=rules, head=HEAD))
    return verdict


def findings(folder: Path, test: str) -> list[str]:
    with pytest.raises(RuleFileError) as caught:
        run(folder, test)
    return [
        f"{one.span.line}:{one.span.column} {one.code} {one.message}; {one.help}" for one in caught.value.diagnostics
    ]


def test_participants_groups_and_the_cohort_are_expected_exactly(tmp_path: Path) -> None:
    assert run(tmp_path, TEST).passed


@pytest.mark.parametrize(
    ("right", "wrong", "failure"),
    [
        ("reward: $33.34", "reward: $33.33", "19:28: 010001: reward: expected $33.33, found $33.34"),
        ("size: 1, mean", "size: 2, mean", "19:52: 010001: organization.size: expected 2, found 1"),
        ("D: {size: not_reported", "D: {size: 1", "22:19: D: organization.size: expected 1, found not_reported"),
        ("X: {size: 1, group", "X: {size: 3, group", "25:21: organization X: organization.size: expected 3, found 1"),
        (
            "          Y: {group",
            "          Z: {group",
            "26:28: organization Z: expected a group, found no group that goes by this",
        ),
        (
            "site: []}\n      cohort",
            "site: [{}]}\n      cohort",
            "26:38: organization Y: `site`: expected 1 items, found 0 items",
        ),
        (
            "{pool: $100.01, mean_met: 19/3}\n",
            "{pool: $100}\n",
            "27:22: cohort: cohort.pool: expected $100, found $100.01",
        ),
    ],
)
def test_what_differs_is_told_with_whose_it_is(right: str, wrong: str, failure: str, tmp_path: Path) -> None:
    assert TEST.count(right) == 1
    found = run(tmp_path, TEST.replace(right, wrong)).failures
    told = [str(one).splitlines()[0].removeprefix(f"{tmp_path}/2024.tests.yaml:") for one in found]
    assert told == [f"{failure} [oracle, scalar, columns]"]


def test_groups_are_written_as_rows_too(tmp_path: Path) -> None:
    rows = TEST.replace("        X: {bonus", "        - {organization_id: X, bonus").replace(
        "        Y: {bonus", "        - {organization_id: Y, bonus"
    )
    rows = rows.replace("          X: {size", "          - {organization_id: X, size").replace(
        "          Y: {group", "          - {organization_id: Y, group"
    )
    assert rows.count("- {organization_id") == 4
    assert run(tmp_path, rows).passed


def test_nobody_at_all(tmp_path: Path) -> None:
    test = """\
  - name: Empty
    because: nobody is there, so nothing is paid
    parameters: {share: 100%}
    cohort: {fund: $100.01}
    participants: {}
    expect: {cohort: {pool: $100.01, mean_met: none_present}}
"""
    assert run(tmp_path, test).passed


REFUSED = """\
  - name: Refused
    because: that is wrong
    parameters: {share: 100%}
    cohort: {fund: $100.01}
    groups: {organization: {X: {bonus: $5, quarter: {first: {visits: 1}, second: {visits: 2}}, site: []}}}
    given: {payments: $100, enrolled: yes, signed: yes, measure: {screening: {met: 3}, follow_up: {met: 4}}}
    participants:
      A: {organization_id: X}
    refused: WHAT
"""


@pytest.mark.parametrize(
    ("right", "wrong", "refused"),
    [
        ("A: {organization_id: X}", "A: {organization_id: X, payments: $2000000}", "payments"),
        ("A: {organization_id: X}", "A: {organization_id: Y}", "organization"),
        ("bonus: $5", "bonus: $5000", "organization.bonus"),
        ("fund: $100.01", "fund: $100.011", "fund"),
        ("visits: 1", "visits: 11", "visits"),
    ],
)
def test_what_is_refused(right: str, wrong: str, refused: str, tmp_path: Path) -> None:
    verdict = run(tmp_path, REFUSED.replace(right, wrong).replace("WHAT", refused))
    assert verdict.passed, str(verdict)


def test_a_pool_that_cannot_be_shared_is_refused(tmp_path: Path) -> None:
    rules = RULES.replace("if_none: not_paid", "if_none: error")
    test = REFUSED.replace("payments: $100", "payments: $0").replace("WHAT", "reward")
    assert run(tmp_path, test, rules).passed
    failed = run(tmp_path, test.replace("payments: $0", "payments: $1"), rules).failures
    assert [one.found for one in failed] == ["a result"]


HOSPITAL = "`organization_id`, `payments`, `enrolled`, `signed`, `measure`"
X = "      organization:\n        X: {b"
EXPECTED = "      groups:\n        organization:\n          X"


@pytest.mark.parametrize(
    ("right", "wrong", "finding"),
    [
        ("cohort: {fund", "cohort: {funt", "6:14 `cohort` has no `funt`; write `fund`"),
        (X, X.replace("organiz", "organis"), "8:7 `groups` has no `organisation`; write `organization`"),
        ("X: {bonus", "X: {bonos", "9:13 `organization` has no `bonos`; write `bonus`"),
        ("B: {organization_id: Y", "B: {hospital: B", f"14:11 the hospital has no `hospital`; write one of {HOSPITAL}"),
        ("        B: {reward", "        BB: {reward", "20:9 `participants` has no `BB`; write `B`"),
        ("size: 1, mean", "sise: 1, mean", "19:46 the hospital has no `sise`; write `size`"),
        (EXPECTED, EXPECTED.replace("iz", "is"), "24:9 `groups` has no `organisation`; write `organization`"),
        ("      cohort: {pool", "      cohart: {pool", "27:7 `expect` of a cohort has no `cohart`; write `cohort`"),
        (
            "cohort: {pool: $100.01",
            "cohort: {reward: $100.01",
            "27:16 the cohort has no `reward`; write one of `fund`, `mean_met`, `pool`",
        ),
    ],
)
def test_a_name_the_program_does_not_have_is_told_at_its_place(
    right: str, wrong: str, finding: str, tmp_path: Path
) -> None:
    assert TEST.count(right) == 1
    assert finding.replace(" ", " VBC961 ", 1) in findings(tmp_path, TEST.replace(right, wrong))


def test_a_test_of_one_participant_does_not_fit(tmp_path: Path) -> None:
    test = """\
  - name: Alone
    because: it is one
    given: {payments: $100}
    expect: {reward: $100}
"""
    message = "the program needs a whole cohort, and this test has one participant"
    help = "write `participants: {'A': {..}, 'B': {..}}` with the inputs of each"
    assert findings(tmp_path, test) == [f"3:11 VBC964 {message}; {help}"]


def test_groups_belong_to_participants(tmp_path: Path) -> None:
    test = """\
  - name: Alone
    because: it is one
    groups: {}
    given: {payments: $100}
    expect: {reward: $100}
"""
    found = findings(tmp_path, test)
    assert [one.partition(";")[0].partition(" ")[2] for one in found] == ["VBC109 `groups` needs `participants`"]
