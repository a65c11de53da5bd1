"""What an explanation says of absences, gates and sources, how deep it goes, and that it checks the engine."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from fractions import Fraction

import pytest

from tests.explain.checking import redo
from tests.explain.programs import GIVEN_MEASURES, GIVEN_P4P, HOSPITAL_P4P, MEASURES, load, run
from tests.run.building import Building, Given, oracle
from tests.run.writing import formula, higher_of, of, policy, read
from vbc_rules.errors import EvaluationError
from vbc_rules.explain import Explanation, explain
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import MONEY, PERCENT, YES_NO
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.run.trace import Trace

EARNED = Ref("hospital", "earned")


def hospital(**given: Given) -> Explanation:
    program = load(HOSPITAL_P4P)
    return explain(program, run(program, {**GIVEN_P4P, **given}), EARNED)


def part(explanation: Explanation, name: str) -> Explanation:
    return next(each for each in explanation.walk() if each.name == name and not each.repeated)


# --- absences


def test_an_absence_is_followed_to_where_it_arose() -> None:
    program = load(MEASURES)
    found = explain(program, run(program, GIVEN_MEASURES), Ref("group", "strict"))
    assert found.value is Absent("below_minimum")
    assert found.absence is not None
    assert found.absence.trail == ("strict", "band of retired", "rate of retired")
    assert found.absence.cause == "`eligible >= 30` does not hold"


def test_a_payment_that_pays_nothing_for_an_absence_still_says_why() -> None:
    found = hospital(hie_points="0", readmission_score=Absent("below_minimum"))
    assert found.absence is None
    program = load(MEASURES)
    held = explain(program, run(program, GIVEN_MEASURES), Ref("group", "held"))
    assert held.value == 0
    assert held.absence is not None
    assert held.absence.trail == ("held", "strict", "band of retired", "rate of retired")
    assert "  why:      below minimum, from strict from band of retired from rate of retired" in str(held)


def test_where_all_items_are_absent_the_first_one_s_reason_is_told() -> None:
    b = Building()
    first = b.input("first", MONEY, reasons=("lost",))
    second = b.input("second", MONEY, reasons=("never_kept",))
    b.value("found", MONEY, higher_of(first, second, absent=policy("ignore")))
    given: dict[str, Given] = {"first": Absent("lost"), "second": Absent("never_kept")}
    found = explain(b.program(), oracle(b, given), Ref("hospital", "found"))
    assert found.text == "absent (lost)"
    assert [line.text for line in found.lines] == [
        "first: absent (lost), left out; second: absent (never kept), left out"
    ]
    assert found.absence is not None
    assert (found.absence.trail, found.absence.cause) == (("found", "first"), "given so")


# --- gates


def gated(*, member: bool = True, signed: bool = True, on_time: bool = True) -> Explanation:
    b = Building()
    payments = b.input("payments", MONEY)
    b.gate("in_program", b.input("member", YES_NO))
    b.gate("attested", b.input("signed", YES_NO), pays="$0", on=[read("earned", MONEY)])
    b.gate("prompt", b.input("on_time", YES_NO), pays="$5", on=[read("earned", MONEY)])
    b.payment("earned", MONEY, formula(of("5%", payments)))
    given: dict[str, Given] = {"payments": "$1,000", "member": member, "signed": signed, "on_time": on_time}
    found = explain(b.program(), oracle(b, given), EARNED)
    redo(found)
    return found


def gate_lines(found: Explanation) -> list[str]:
    return [line.text for line in found.lines if line.kind == "gate" or line.label == "before"]


def test_gates_that_held_are_told() -> None:
    found = gated()
    assert found.text == "$50.00"
    assert gate_lines(found) == ["in_program held", "attested held", "prompt held"]


def test_a_failed_gate_says_what_would_have_been_paid() -> None:
    found = gated(on_time=False)
    assert found.text == "$5.00"
    assert gate_lines(found) == [
        "would have been $50.00",
        "in_program held",
        "attested held",
        "prompt failed: pays $5.00",
    ]


def test_every_failed_gate_is_told_and_the_first_in_the_file_decides() -> None:
    found = gated(signed=False, on_time=False)
    assert found.text == "$0.00"
    assert gate_lines(found)[2:] == [
        "attested failed: pays nothing",
        "prompt failed: pays $5.00, had an earlier gate not decided",
    ]


def test_who_is_not_in_the_program_has_no_payment() -> None:
    found = gated(member=False)
    assert found.value is Absent("not_in_program")
    assert gate_lines(found)[:2] == ["would have been $50.00", "in_program failed: is not in the program"]
    assert found.absence is not None
    assert found.absence.trail == ("earned", "in_program")


# --- where numbers come from


def test_a_source_has_its_title_publisher_and_page() -> None:
    (origin,) = hospital().origins
    assert origin.to_dict() == {
        "kind": "source",
        "key": "page",
        "title": "BCBSM Value Partnerships page",
        "publisher": "BCBSM",
        "place": "p. 2",
    }


def test_derived_and_required_numbers_say_so() -> None:
    found = hospital()
    weight = part(found, "weight of hie").origins[0]
    assert (weight.kind, weight.place, weight.by) == (
        "derived",
        "p. 15",
        "15% in 2020 plus the 5 points added in 2021",
    )
    assert [origin.kind for origin in part(found, "ceiling").origins] == ["required"]


def test_illustrative_numbers_are_told_at_the_top_wherever_they_lie() -> None:
    found = hospital()
    assert found.uses_illustrative
    assert found.illustrative == ("weight of readmissions", "attested")
    assert str(found).startswith("uses illustrative numbers: weight of readmissions, attested\n\nearned  ")
    assert not part(found, "component_score of hie").uses_illustrative


def test_an_illustrative_number_that_is_not_used_is_not_told() -> None:
    found = hospital(readmission_score=Absent("below_minimum"))
    assert found.illustrative == ("attested",)


def test_a_place_is_file_and_line() -> None:
    line = HOSPITAL_P4P.splitlines().index("    earned:") + 1
    assert hospital().place == f"rules.yaml:{line}"


# --- the tree


def test_the_rule_stands_in_the_words_of_its_author() -> None:
    assert hospital().rule == (
        "cap of total_score of operating_payments, at most ceiling, rounded down to 2 decimals, "
        "nothing where it is absent"
    )
    assert part(hospital(), "in_program").rule == "peer_group in (pg1, pg2)"


def test_a_name_is_opened_once_and_referred_to_after() -> None:
    program = load(MEASURES)
    found = explain(program, run(program, GIVEN_MEASURES), Ref("group", "reward"))
    seen = [each for each in found.walk() if each.name == "panel"]
    assert [each.repeated for each in seen] == [False, True]
    for text in (str(found), found.full_text()):
        assert text.count("panel  700  (input") == 1
        assert "explained above" not in text


def test_depth_limits_what_is_opened_but_not_what_is_said_at_the_top() -> None:
    program = load(HOSPITAL_P4P)
    trace = run(program, GIVEN_P4P)
    top = explain(program, trace, EARNED, depth=0)
    assert (top.parts, top.cut) == ((), True)
    assert top.illustrative == ("weight of readmissions", "attested")
    one = explain(program, trace, EARNED, depth=1)
    assert [each.name for each in one.parts if each.cut] == ["total_score", "in_program", "attested"]
    assert one.parts[0].lines
    assert not any(each.parts for each in one.parts)


def test_a_repr_shows_no_value() -> None:
    found = hospital()
    assert repr(found) == "<Explanation of hospital.earned>"
    assert [line for line in found.lines if line.text in repr(line)] == []


def test_an_explanation_can_be_pickled() -> None:
    found = hospital()
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 (its own)


def test_a_name_that_is_not_there_is_refused() -> None:
    program = load(HOSPITAL_P4P)
    trace = run(program, GIVEN_P4P)
    with pytest.raises(KeyError):
        explain(program, trace, Ref("hospital", "nothing_such"))
    with pytest.raises(KeyError):
        explain(program, trace, Ref("component", "component_score"), ("nobody",))


# --- the explanation checks the engine


@dataclass(frozen=True)
class Off:
    """A trace that is off by a cent in one value."""

    right: Trace
    wrong: Ref

    def value(self, ref: Ref, path: Path) -> Datum:
        found = self.right.value(ref, path)
        return found + Fraction(1, 100) if ref == self.wrong and isinstance(found, Fraction) else found

    def count(self, level: str, path: Path) -> int:
        return self.right.count(level, path)

    @property
    def warnings(self) -> tuple[str, ...]:
        return ("carried past its stated span",)


# A wrong part shows where it is first read: its reader does not arrive either.
@pytest.mark.parametrize(
    ("wrong", "where"), [("hospital.earned", "earned"), ("component.component_score", "total_score")]
)
def test_a_value_that_the_workings_do_not_arrive_at_is_an_error(wrong: str, where: str) -> None:
    program = load(HOSPITAL_P4P)
    level, name = wrong.split(".")
    trace = Off(run(program, {**GIVEN_P4P, "readmission_score": Absent("below_minimum")}), Ref(level, name))
    with pytest.raises(EvaluationError) as error:
        explain(program, trace, EARNED)
    assert error.value.to_dict() == {
        "error": "EvaluationError",
        "code": "VBC950",
        "message": f"{where}: the explanation does not arrive at the engine's value [VBC950]",
        "where": where,
        "row": None,
    }


def test_warnings_of_the_trace_stand_at_the_top() -> None:
    program = load(HOSPITAL_P4P)
    found = explain(program, Off(run(program, GIVEN_P4P), Ref("hospital", "other")), EARNED, header={"edition": "2021"})
    assert str(found).splitlines()[:5] == [
        "edition: 2021",
        "Incentive earned before redistribution: $41,666.66",
        "in one line: round(5% * 83 1/3% * $1,000,000.01, 2, down) = $41,666.66",
        "warning: carried past its stated span",
        "uses illustrative numbers: weight of readmissions, attested",
    ]
    assert found.to_dict()["warnings"] == ["carried past its stated span"]


def test_a_percent_parameter_in_a_small_program_shows_every_digit() -> None:
    b = Building()
    b.payment("earned", MONEY, formula(of(b.parameter("cap", "5.125%", PERCENT), b.input("payments", MONEY))))
    found = explain(b.program(), oracle(b, {"payments": "$1,234,567.89"}), EARNED)
    assert [line.text for line in found.lines] == ["5.125% * $1,234,567.89 = $63,271.6043625"]
