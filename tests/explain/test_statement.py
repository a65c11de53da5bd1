"""The statement, which `str()` gives: brief, with all arithmetic that led to the amount; and its full text."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

import vbc_rules as vbc
from tests.explain.calculator import WrongError, check, reading
from tests.explain.checking import redo
from tests.explain.programs import GIVEN_P4P, HEADER, HOSPITAL_P4P, load, run
from tests.run.building import Building, Given, oracle
from tests.run.writing import formula, higher_of, if_else, policy
from vbc_rules.explain import Explanation, explain
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import MONEY, NUMBER, YES_NO
from vbc_rules.resolve.expressions import Ref

EARNED = Ref("hospital", "earned")
CONDITIONS = ("copd", "colectomy", "chf", "cabg", "joint_replacement", "pneumonia", "spine_surgery")


@pytest.fixture(scope="module")
def result() -> vbc.Result:
    program = vbc.load(
        "bcbsm/hospital-p4p/pg1-4-scoring@2021",
        parameters={"preference": "sponsor_first", "share_if_not_prequalified": "0%"},
    )
    conditions: dict[str, dict[str, object]] = {name: {"chosen": False} for name in CONDITIONS}
    conditions["copd"] = {
        "chosen": True, "improvement_points": "3.5", "achievement_points": "4", "cohort_reduced_spending": True,
    }  # fmt: skip
    conditions["chf"] = {
        "chosen": True, "improvement_points": vbc.Absent("below_minimum"), "achievement_points": "2",
        "cohort_reduced_spending": False,
    }  # fmt: skip
    given: Mapping[str, object] = {
        "hospital": "h1", "peer_group": "pg2", "inpatient_operating_payments": "12,345,678.90",
        "outpatient_operating_payments": "8,000,000.10", "prequalifying_condition_met": True, "hie_points": "17.5",
        "readmission_score": "66.6667%", "semiannual_meetings_attended": 2, "condition": conditions,
        "cqi_taken_part": [
            {"name": "bmc2", "sponsor": "bcbsm", "index": "95%"},
            {"name": "msqc", "sponsor": "bcbsm", "index": "88.5%"},
            {"name": "obi", "sponsor": "mha", "index": vbc.Absent("declined")},
        ],
    }  # fmt: skip
    return program.evaluate(given)


def hospital(header: Mapping[str, str] = HEADER, **given: Given) -> Explanation:
    program = load(HOSPITAL_P4P)
    return explain(program, run(program, {**GIVEN_P4P, **given}), EARNED, header=header)


# --- a payment of a program in the catalogue


def test_a_real_payment_takes_less_than_half_of_its_full_text(result: vbc.Result) -> None:
    found = result.explain("earned")
    assert redo(found) > 0
    statement, full = str(found).splitlines(), found.full_text().splitlines()
    assert len(statement) < 130
    assert len(statement) < 0.6 * len(full)


def test_every_value_of_a_real_program_can_be_redone(result: vbc.Result) -> None:
    for step in result.program.resolved.steps:
        if step.ref.level == "hospital":
            redo(result.explain(step.ref.name))


@pytest.mark.parametrize(
    "line",
    [
        (
            "absent:   episode_points, bonus_points of colectomy, cabg, joint_replacement, pneumonia, spine_surgery: "
            "not chosen, because chosen is no"
        ),
        "of:       improvement_points is absent (below minimum), so achievement_points alone: 2",
        "if:       preference is sponsor_first: yes",
        "if:       prequalifying_condition_met is yes",
        "counts of msqc  yes, because 2 <= 10 is yes   (place in the order)",
        "sponsor  bmc2: bcbsm; msqc: bcbsm; obi: mha  (input; 2021.yaml:",
        "rule file: rules/bcbsm/hospital-p4p/pg1-4-scoring/2021.yaml",
    ],
)
def test_a_real_payment_says(result: vbc.Result, line: str) -> None:
    assert any(told.strip().startswith(line) for told in str(result.explain("earned")).splitlines())


def test_what_is_absent_is_opened_in_the_full_text_and_in_the_data(result: vbc.Result) -> None:
    found = result.explain("earned")
    assert "\n        episode_points of cabg  absent" not in str(found)
    assert "\n        episode_points of cabg  absent (not chosen)  (" in found.full_text()
    assert any(part.name == "improvement_points of cabg" and not part.repeated for part in found.walk())


# --- the head and the sources


def test_the_head_says_program_amount_and_the_arithmetic_in_one_line() -> None:
    found = hospital({"program": "test/program@2021", "title": "A title", "hospital": "h1"})
    assert str(found).splitlines()[:4] == [
        "A title (test/program@2021); hospital: h1",
        "Incentive earned before redistribution: $41,666.66",
        "in one line: round(5% * 83 1/3% * $1,000,000.01, 2, down) = $41,666.66",
        "uses illustrative numbers: weight of readmissions, attested",
    ]


def test_a_cap_that_acted_stands_in_the_one_line() -> None:
    assert "\nin one line: min(5% * 83 1/3% * $1,000,000.01, $30,000.50) = $30,000.50\n" in str(
        hospital(ceiling="$30,000.50")
    )


def test_the_head_of_a_payment_that_a_gate_decided_says_which() -> None:
    assert str(hospital(attestation_signed="no")).splitlines()[1:3] == [
        "Incentive earned before redistribution: $0.00",
        "attested failed: pays nothing; would have been $41,666.66",
    ]


def test_each_source_is_listed_once_with_its_pages() -> None:
    registries: list[dict[str, Given]] = [{"name": "alpha", "sponsor": "mha", "index": "50%"}]
    text = str(hospital(registry=registries))
    assert text.partition("\n\nSources\n")[2].splitlines() == [
        "  page: BCBSM Value Partnerships page, BCBSM, p. 2",
        "  guide_2020: 2020 program guide, p. 3, p. 15",
    ]


def test_a_source_s_link_is_listed() -> None:
    linked = HOSPITAL_P4P.replace("page: {title", "page: {link: example.org/page, title")
    program = load(linked)
    found = explain(program, run(program, GIVEN_P4P), EARNED)
    assert "  page: BCBSM Value Partnerships page, BCBSM, p. 2, example.org/page" in str(found).splitlines()
    assert found.origins[0].to_dict()["link"] == "example.org/page"


# --- conditions


def test_a_yes_or_no_name_is_read_off() -> None:
    b = Building()
    met = b.input("met", YES_NO)
    b.value("found", NUMBER, formula(if_else(met, "1", "0")))
    found = explain(b.program(), oracle(b, {"met": False}), Ref("hospital", "found"))
    redo(found)
    assert [line.text for line in found.lines] == ["met is no"]


def test_one_that_is_left_of_several_stands_alone() -> None:
    b = Building()
    first, second = b.input("first", MONEY, reasons=("lost",)), b.input("second", MONEY)
    b.value("found", MONEY, higher_of(first, second, absent=policy("ignore")))
    found = explain(b.program(), oracle(b, {"first": Absent("lost"), "second": "$5"}), Ref("hospital", "found"))
    assert [line.text for line in found.lines] == ["first is absent (lost), so second alone: $5.00"]


@pytest.mark.parametrize("line", ["track is basic, not enhanced: no", "track is basic: yes", "chosen is no"])
def test_what_is_read_off_is_no_arithmetic(line: str) -> None:
    check(line)
    name, _, value, *_ = line.replace(",", "").replace(":", "").split()
    assert reading(line) == (name, value)


@pytest.mark.parametrize("line", ["track is basic: no", "track is basic, not basic: no", "track is a, not b: yes"])
def test_what_cannot_be_so_is_refused(line: str) -> None:
    with pytest.raises(WrongError):
        check(line)
