"""What each form of expression means."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.run.building import (
    Building,
    Given,
    Written,
    add,
    apply,
    category,
    compare,
    datum,
    divide,
    every,
    expr,
    formula,
    gain,
    gathered,
    if_else,
    in_codes,
    is_absent,
    negate,
    negation,
    of,
    on_date,
    one_of,
    oracle,
    rounded,
    some,
    subtract,
    times,
)
from vbc_rules.errors import EvaluationError
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import COUNT, DATE, MONEY, NUMBER, PERCENT, TEXT, YES_NO
from vbc_rules.resolve.expressions import Datum, Expr, Ref

DIVIDED_BY_ZERO = divide("1", subtract("1", "1"))


def found(expression: Written, building: Building | None = None, **given: str | int | bool | Absent) -> Datum:
    """Return the value of an expression at the participant."""
    b = building or Building()
    written = expr(expression)
    b.value("found", written.type, formula(written))
    return oracle(b, given).value(Ref("hospital", "found"), ())


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (expr("5%"), Fraction(1, 20)),
        (expr("$1,250.50"), Fraction(2501, 2)),
        (add("0.1", "0.2"), Fraction(3, 10)),
        (subtract("1", "3"), -2),
        (times("3", "0.5"), Fraction(3, 2)),
        (divide("1", "3"), Fraction(1, 3)),
        (of("5%", "$200"), 10),
        (negate("2"), -2),
        (gain("3", "5", "higher"), -2),
        (gain("3", "5", "lower"), 2),
        (rounded("2.345", "0.01", "half_even"), Fraction("2.34")),
        (apply("min", "3", "1", "2"), 1),
        (apply("max", "3", "1", "2"), 3),
        (apply("min", "2024-01-02", "2024-01-01"), datum("2024-01-01")),
        (apply("max", "2024-01-02", "2024-01-01"), datum("2024-01-02")),
        (apply("abs", "-3"), 3),
        (apply("clamp", "7", "0", "5"), 5),
        (apply("clamp", "-7", "0", "5"), 0),
        (apply("floor", "-2.5"), -3),
        (apply("ceiling", "-2.5"), -2),
        (apply("floor", "5.9%"), Fraction(5, 100)),
        (apply("sqrt", "2", "3"), Fraction("1.414")),
        (apply("exp", "1", "3"), Fraction("2.718")),
        (apply("days_between", "2024-02-28", "2024-03-01", type_=COUNT), 2),
        (apply("months_between", "2024-01-31", "2024-02-29", type_=COUNT), 1),
        (apply("years_between", "2000-06-15", "2018-06-14", type_=COUNT), 17),
        (apply("add_months", "2024-01-31", "1"), datum("2024-02-29")),
        (apply("year", "2024-01-31", type_=COUNT), 2024),
    ],
)
def test_arithmetic_and_functions(expression: Expr, value: Datum) -> None:
    assert found(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (compare("1", "=", "1.00"), True),
        (compare("1", "!=", "1.00"), False),
        (compare("1", "<", "2"), True),
        (compare("2", "<=", "2"), True),
        (compare("2", ">", "2"), False),
        (compare("2", ">=", "2"), True),
        (compare("2024-01-01", "<", "2024-01-02"), True),
        (compare("2024-01-01", ">=", "2024-01-02"), False),
        (compare("pg1", "=", "pg1"), True),
        (compare("pg1", "!=", "pg1"), False),
        (compare(divide("1", "3"), "=", divide("2", "6")), True),
        (one_of(expr("pg2"), "pg1", "pg2"), True),
        (one_of(expr("pg2"), "pg1", "pg2", negated=True), False),
        (negation("no"), True),
        (every("yes", "yes"), True),
        (some("no", "no"), False),
    ],
)
def test_conditions(expression: Expr, value: bool) -> None:  # noqa: FBT001
    assert found(expression) is value


def test_and_or_and_if_stop_at_what_decides() -> None:
    broken = compare(DIVIDED_BY_ZERO, "=", "1")
    assert found(every("no", broken)) is False
    assert found(some("yes", broken)) is True
    assert found(if_else("yes", "1", DIVIDED_BY_ZERO)) == 1
    assert found(if_else("no", DIVIDED_BY_ZERO, "2")) == 2


def test_a_divisor_of_zero_says_where() -> None:
    with pytest.raises(EvaluationError) as error:
        found(DIVIDED_BY_ZERO)
    assert str(error.value) == "found: a divisor is zero (rules.yaml:1) [VBC950]"


def test_a_root_of_a_negative_says_where() -> None:
    with pytest.raises(EvaluationError) as error:
        found(apply("sqrt", "-1", "2"))
    assert str(error.value) == (
        "found: sqrt: a square root is taken of a number that is not below zero (rules.yaml:1) [VBC950]"
    )


@pytest.mark.parametrize(
    ("code", "is_in"),
    [
        ("99202", True),
        ("99210", True),
        ("99215", True),
        ("99216", False),
        ("9921", False),
        ("G0438", True),
        ("g0438", False),
    ],
)
def test_lists_of_codes_hold_spans_of_equal_length(code: str, is_in: bool) -> None:  # noqa: FBT001
    for negated in (False, True):
        b = Building()
        b.codes("visits", "99202 to 99215", "G0438")
        service = b.input("service", TEXT)
        assert found(in_codes(service, "visits", negated=negated), b, service=code) is (is_in != negated)


@pytest.mark.parametrize(
    ("rate", "missing", "too_new"),
    [(Absent("too_new"), True, True), (Absent("not_reported"), True, False), ("5", False, False)],
)
def test_is_missing_and_is_a_reason(rate: str | Absent, missing: bool, too_new: bool) -> None:  # noqa: FBT001
    for negated in (False, True):
        for reason, holds in ((None, missing), ("too_new", too_new)):
            b = Building()
            read = b.input("rate", NUMBER, reasons=("too_new", "not_reported"))
            assert found(is_absent(read, reason, negated=negated), b, rate=rate) is (holds != negated)


def test_a_bare_name_carries_absence_and_nothing_else_does() -> None:
    b = Building()
    rate = b.input("rate", NUMBER, reasons=("too_new",))
    assert found(rate, b, rate=Absent("too_new")) is Absent("too_new")
    b = Building()
    rate = b.input("rate", NUMBER, reasons=("too_new",))
    with pytest.raises(EvaluationError) as error:
        found(add(rate, "1"), b, rate=Absent("too_new"))
    assert str(error.value) == "found: reads a value that is absent (rules.yaml:2) [VBC950]"


def test_plain_and_required_parameters() -> None:
    b = Building()
    cap = b.parameter("cap", "5%")
    money = b.required("money", MONEY)
    assert found(of(cap, money), b, money="$80") == 4


# --- dated parameters


def dated(paid_on: str, *, carry_after: bool = False) -> Datum:
    b = Building()
    b.dated(
        "share",
        PERCENT,
        ("2005-01-01", "2005-12-31", "0.5%"),
        ("2006-01-01", "2010-12-31", None),
        ("2011-01-01", None, "7%"),
        stated_through="2023-12-31",
        carry_after=carry_after,
    )
    day = b.input("paid_on", DATE)
    b.value("found", PERCENT, formula(on_date("share", day)))
    trace = oracle(b, {"paid_on": paid_on})
    expected = ("`share` is stated through 2023-12-31; its last value was carried past that day",)
    assert trace.warnings == (expected if paid_on > "2023-12-31" else ())
    return trace.value(Ref("hospital", "found"), ())


@pytest.mark.parametrize(
    ("paid_on", "value"), [("2005-01-01", "0.5%"), ("2005-12-31", "0.5%"), ("2011-01-01", "7%"), ("2023-12-31", "7%")]
)
def test_a_dated_parameter_on_a_day_that_is_stated(paid_on: str, value: str) -> None:
    assert dated(paid_on) == datum(value)


@pytest.mark.parametrize("paid_on", ["2004-12-31", "2006-01-01", "2010-12-31", "2024-01-01"])
def test_a_dated_parameter_on_a_day_that_is_not_stated(paid_on: str) -> None:
    with pytest.raises(EvaluationError) as error:
        dated(paid_on)
    assert str(error.value) == (
        "found: `share` is not stated for `hospital.paid_on` (rules.yaml:1); state it in the rule file [VBC951]"
    )


def test_a_dated_parameter_carried_past_what_is_stated_warns() -> None:
    assert dated("2024-01-01", carry_after=True) == Fraction(7, 100)


def test_a_dated_parameter_that_names_no_date_is_that_of_the_first_day_in_force() -> None:
    b = Building()
    share = b.dated("share", PERCENT, (None, "2023-12-31", "5%"), ("2024-01-01", None, "7%"))
    assert found(share, b) == Fraction(7, 100)
    assert oracle(b).value(Ref("", "share"), ()) == Fraction(7, 100)


# --- gathering


def gather_in_formula(function: str, *points: str | Absent, present: bool = True) -> Datum:
    b = Building()
    b.items("visit", at_most=9)
    read = b.input("visit.points", NUMBER, reasons=("lost",))
    b.value("found", NUMBER, formula(gathered(function, "visit", read, present=present)))
    return oracle(b, {"visit": [{"points": p} for p in points]}).value(Ref("hospital", "found"), ())


@pytest.mark.parametrize(("function", "value"), [("sum", 9), ("count", 3), ("mean", 3), ("min", 1), ("max", 5)])
def test_gathering_what_is_present(function: str, value: int) -> None:
    assert gather_in_formula(function, "5", "1", Absent("lost"), "3") == value


def test_gathering_nothing() -> None:
    assert gather_in_formula("sum") == 0
    assert gather_in_formula("count", Absent("lost")) == 0
    with pytest.raises(EvaluationError, match="reads a value that is absent"):
        gather_in_formula("mean", Absent("lost"))


def test_gathering_without_present_reads_every_item() -> None:
    with pytest.raises(EvaluationError, match="reads a value that is absent"):
        gather_in_formula("sum", "1", Absent("lost"), present=False)


def test_gathering_where_and_members_themselves() -> None:
    b = Building()
    b.items("visit", at_most=9)
    met = b.input("visit.met", YES_NO)
    points = b.input("visit.points", NUMBER)
    least = b.input("least", NUMBER)
    enough = compare(points, ">=", least)
    b.value("visits", COUNT, formula(gathered("count", "visit")))
    b.value("enough", COUNT, formula(gathered("count", "visit", where=enough)))
    b.value("any_met", YES_NO, formula(gathered("any", "visit", met, where=enough)))
    b.value("all_met", YES_NO, formula(gathered("all", "visit", met, where=enough)))
    given: dict[str, Given] = {
        "least": "2",
        "visit": [{"met": m, "points": p} for m, p in (("no", 1), ("yes", 2), ("no", 3))],
    }
    trace = oracle(b, given)
    assert [trace.value(Ref("hospital", name), ()) for name in ("visits", "enough", "any_met", "all_met")] == [
        3,
        2,
        True,
        False,
    ]


def test_reading_upward_and_gathering_a_sibling_within_one_parent() -> None:
    b = Building()
    b.members("domain", {"factor": NUMBER}, {"safety": {"factor": "2"}, "cost": {"factor": "3"}})
    b.members("measure", {}, {"m1": {"in": "safety"}, "m2": {"in": "cost"}, "m3": {"in": "cost"}}, within="domain")
    points = b.input("measure.points", NUMBER)
    b.value("measure.scaled", NUMBER, formula(times(b.read("domain.factor"), points)))
    b.value(
        "measure.of_domain",
        NUMBER,
        formula(
            divide(b.read("measure.scaled"), gathered("sum", "measure", b.read("measure.scaled"), within="domain"))
        ),
    )
    trace = oracle(b, {"safety.m1.points": 1, "cost.m2.points": 1, "cost.m3.points": 3})
    read = {
        p[-1]: trace.value(Ref("measure", "of_domain"), p) for p in (("safety", "m1"), ("cost", "m2"), ("cost", "m3"))
    }
    assert read == {"m1": 1, "m2": Fraction(1, 4), "m3": Fraction(3, 4)}
    assert trace.value(Ref("measure", "measure"), ("cost", "m2")) == "m2"


def test_the_word_of_a_category_is_compared_as_it_is() -> None:
    b = Building()
    group = b.input("group", category("pg1", "pg5"))
    assert found(one_of(group, "pg1"), b, group="pg5") is False
