"""What is accepted as input, what is refused, and in which words."""

from __future__ import annotations

import pytest

from tests.run.building import (
    Building,
    Given,
    add,
    compare,
    divide,
    formula,
    gathered,
    oracle,
    read,
    span,
)
from vbc_rules.errors import EvaluationError, InputError, InputProblem
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import COUNT, IDENTIFIER, MONEY, NUMBER, YES_NO
from vbc_rules.resolve.expressions import Ref

LOST = Absent("lost")


def problems(building: Building, given: dict[str, Given]) -> tuple[InputProblem, ...]:
    with pytest.raises(InputError) as error:
        oracle(building, given)
    return error.value.problems


def test_values_are_decoded_and_read_back() -> None:
    b = Building()
    b.input("payments", MONEY)
    b.members("domain", {"weight": NUMBER}, {"safety": {"weight": "2"}})
    b.input("domain.points", COUNT, reasons=("lost",))
    b.items("visit", key="name", within="domain")
    b.input("visit.name", IDENTIFIER)
    trace = oracle(b, {"payments": "$12.34", "safety.points": LOST, "safety.visit": [{"name": "x"}, {"name": "y"}]})
    assert trace.value(Ref("hospital", "hospital"), ()) == "010001"
    assert str(trace.value(Ref("hospital", "payments"), ())) == "617/50"
    assert trace.value(Ref("domain", "points"), ("safety",)) is LOST
    assert trace.value(Ref("domain", "weight"), ("safety",)) == 2
    assert trace.value(Ref("visit", "visit"), ("safety", 1)) == "y"
    assert trace.count("visit", ("safety",)) == 2
    assert trace.warnings == ()
    for unknown, path in (
        (Ref("hospital", "other"), ()),
        (Ref("domain", "points"), ("other",)),
        (Ref("", "other"), ()),
    ):
        with pytest.raises(KeyError):
            trace.value(unknown, path)


def test_what_is_missing_or_wrongly_absent_is_told_all_at_once() -> None:
    b = Building()
    b.required("pool", MONEY)
    b.input("payments", MONEY)
    b.members("domain", {}, {"safety": {}})
    b.input("domain.points", COUNT, reasons=("lost", "new"))
    b.items("visit")
    b.input("visit.cost", MONEY)
    found = problems(b, {"safety.points": Absent("other"), "visit": [{"cost": "$1"}, {"cost": LOST}]})
    assert [str(problem) + f" [{problem.code}]" for problem in found] == [
        "pool: is not given; give its value, or a reason for its absence that is permitted [VBC901]",
        "payments: is not given; give its value, or a reason for its absence that is permitted [VBC901]",
        "domain.points (safety): may not be absent for this reason; give its value, or one of lost, new [VBC908]",
        "visit.cost (item 2): may not be absent for this reason; give its value [VBC908]",
    ]


def conditional() -> Building:
    b = Building()
    open_ = b.input("is_open", YES_NO)
    beds = b.input("beds", COUNT, only_if=open_, otherwise="closed", reasons=("lost",))
    b.value("found", COUNT, formula(beds))
    return b


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"is_open": True, "beds": 5}, 5),
        ({"is_open": True, "beds": LOST}, LOST),
        ({"is_open": False}, Absent("closed")),
        ({"is_open": False, "beds": Absent("closed")}, Absent("closed")),
    ],
)
def test_an_input_that_is_expected_only_sometimes(given: dict[str, Given], found: object) -> None:
    assert oracle(conditional(), given).value(Ref("hospital", "found"), ()) == found


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"is_open": True}, "beds: is not given; give its value, or a reason for its absence that is permitted"),
        (
            {"is_open": True, "beds": Absent("closed")},
            "beds: may not be absent for this reason; give its value, or one of lost",
        ),
        ({"is_open": False, "beds": 7}, "beds: is not expected here; leave it out (it is absent: closed)"),
        ({"is_open": False, "beds": LOST}, "beds: is not expected here; leave it out (it is absent: closed)"),
        ({"beds": 7}, "is_open: is not given; give its value, or a reason for its absence that is permitted"),
    ],
)
def test_a_conditional_input_that_is_wrong(given: dict[str, Given], message: str) -> None:
    assert [str(problem) for problem in problems(conditional(), given)] == [message]


def test_conditions_may_depend_on_inputs_declared_later() -> None:
    b = Building()
    b.input("wards", COUNT, only_if=compare(read("beds"), ">", "10"), otherwise="small")
    b.input("beds", COUNT, only_if=read("is_open"), otherwise="closed", reasons=())
    b.input("is_open", YES_NO)
    b.value("found", COUNT, formula(read("wards")))
    assert oracle(b, {"is_open": True, "beds": 11, "wards": 2}).value(Ref("hospital", "found"), ()) == 2
    assert oracle(b, {"is_open": True, "beds": 10}).value(Ref("hospital", "found"), ()) is Absent("small")


def test_conditions_that_cannot_be_evaluated_stop_the_evaluation() -> None:
    b = Building()
    b.input("one", YES_NO, only_if=read("two"), otherwise="closed")
    b.input("two", YES_NO, only_if=read("one"), otherwise="closed")
    with pytest.raises(EvaluationError) as error:
        oracle(b, {"one": True, "two": True})
    assert str(error.value) == "inputs are expected only if each other are (rules.yaml:1) [VBC950]"
    b = Building()
    one = b.input("one", YES_NO, reasons=("lost",))
    b.input("two", YES_NO, only_if=one, otherwise="closed")
    with pytest.raises(EvaluationError) as error:
        oracle(b, {"one": LOST, "two": True})
    assert str(error.value) == "two: `only_if` reads a value that is absent (rules.yaml:1) [VBC950]"


def list_of(*names: str) -> dict[str, Given]:
    return {"safety.visit": [{"name": name} for name in names]}


def with_list() -> Building:
    b = Building()
    b.members("domain", {}, {"safety": {}, "cost": {}})
    b.items("visit", key="name", at_most=2, within="domain")
    b.input("visit.name", IDENTIFIER)
    return b


def test_a_list_that_is_too_long() -> None:
    assert [p.to_dict() for p in problems(with_list(), list_of("x", "y", "z"))] == [
        {
            "code": "VBC911",
            "where": "visit (safety)",
            "message": "has more than 2 items, the most that the program allows",
            "row": None,
        }
    ]


def test_items_of_one_list_have_keys_of_their_own() -> None:
    assert [p.to_dict() for p in problems(with_list(), list_of("x", "x"))] == [
        {
            "code": "VBC910",
            "where": "visit.name (safety, item 2)",
            "message": "has the same key as an earlier item of its list; give each key once",
            "row": None,
        }
    ]
    oracle(with_list(), {"safety.visit": [{"name": "x"}], "cost.visit": [{"name": "x"}]})


def expecting() -> Building:
    b = Building()
    met = b.input("met", COUNT, reasons=("lost",))
    eligible = b.input("eligible", COUNT)
    b.expect(compare(met, "<=", eligible), "met <= eligible")
    b.expect(compare(eligible, "<", "100"), "eligible < 100")
    return b


def test_data_that_break_what_is_expected_are_refused_with_the_rule() -> None:
    assert [str(p) for p in problems(expecting(), {"met": 102, "eligible": 101})] == [
        "met: does not meet what the program expects: `met <= eligible` (rules.yaml:3)",
        "eligible: does not meet what the program expects: `eligible < 100` (rules.yaml:4)",
    ]


def test_what_reads_an_absent_value_is_expected_of_nobody() -> None:
    trace = oracle(expecting(), {"met": LOST, "eligible": 5})
    assert trace.value(Ref("hospital", "met")) is Absent("lost")


def test_expectations_are_told_beside_other_problems_where_they_can_be() -> None:
    assert [p.code for p in problems(expecting(), {"eligible": 100})] == ["VBC901", "VBC909"]


def test_an_expectation_of_a_member_says_which() -> None:
    b = with_list()
    cost = b.input("visit.cost", MONEY)
    b.expect(compare(cost, ">", "$0"), "cost > $0", level="visit")
    b.expect(compare(gathered("sum", "visit", cost), "<", "$5"), "sum(cost) < $5")
    given: dict[str, Given] = {"safety.visit": [{"name": "x", "cost": "$9"}, {"name": "y", "cost": "$0"}]}
    assert [(p.where, p.code) for p in problems(b, given)] == [
        ("visit.cost (safety, item 2)", "VBC909"),
        ("visit.cost", "VBC909"),
    ]


# --- guarantees


def guaranteeing() -> Building:
    b = Building()
    met = b.input("met", COUNT, reasons=("lost",))
    b.value("found", COUNT, formula(met))
    b.guarantee(compare(b.read("found"), "<=", "10"), "found <= 10")
    return b


def test_a_guarantee_that_does_not_hold_stops_the_evaluation() -> None:
    oracle(guaranteeing(), {"met": 10})
    oracle(guaranteeing(), {"met": LOST})
    with pytest.raises(EvaluationError) as error:
        oracle(guaranteeing(), {"met": 11})
    assert str(error.value) == "hospital: the guarantee does not hold: `found <= 10` (rules.yaml:3) [VBC950]"


def test_no_message_holds_what_was_supplied() -> None:
    b = Building()
    secret = b.input("secret", NUMBER)
    b.value("found", NUMBER, formula(divide("1", add(secret, "-31337"))))
    with pytest.raises(EvaluationError) as error:
        oracle(b, {"secret": "31337"})
    assert "31337" not in str(error.value)
    assert error.value.__cause__ is None
    assert span().file.name == "rules.yaml"
