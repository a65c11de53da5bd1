"""The compiled program finds what the oracle finds, for every construct; hand-picked cases, ties and absences first."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Mapping
from fractions import Fraction

import pytest

from tests.run.building import Building, Given, encode
from tests.run.sameness import assert_same
from tests.run.writing import (
    add,
    apply,
    by_member,
    choose,
    compare,
    divide,
    every,
    formula,
    gain,
    gather,
    gathered,
    higher_of,
    if_else,
    interpolate,
    is_absent,
    negation,
    no_outcome,
    of,
    one_of,
    outcome,
    policy,
    rounded,
    rounding,
    some,
    subtract,
    tiers,
    times,
    top,
)
from vbc_rules.errors import EvaluationError, InputError, UsageError
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import COUNT, DATE, IDENTIFIER, MONEY, NUMBER, PERCENT, YES_NO, Type
from vbc_rules.plan.layout import NOT_GIVEN, make_layout
from vbc_rules.resolve.expressions import Expr, Read, Ref, Rounding
from vbc_rules.run.oracle import evaluate as evaluate_by_oracle
from vbc_rules.run.scalar import ScalarTrace, compile_scalar

LOST, NEW = Absent("lost"), Absent("new")
MODES = ("half_up", "half_even", "down", "up", "floor", "ceiling")


def same(building: Building, *given: Mapping[str, Given]) -> list[ScalarTrace | None]:
    """Compare the engines on rows, and return the traces."""
    program = building.program()
    engine = compile_scalar(program, make_layout(program))
    return [assert_same(program, encode(program, row), engine) for row in given]


# --- rounding


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("unit", ["1", "0.01", "0.5", "25", "0.0003"])
def test_rounding_ties_and_negatives(mode: str, unit: str) -> None:
    b = Building()
    x, d = b.input("x", NUMBER, decimals=4), b.input("d", NUMBER, decimals=2)
    whole = Rounding(Fraction(unit), mode, "", rounding("1").span)  # type: ignore[arg-type]
    b.value("decimal", NUMBER, formula(x), rounding=whole)
    b.value("third", NUMBER, formula(divide(x, "3")), rounding=whole)
    b.value("fourth", NUMBER, formula(divide(x, "4")), rounding=whole)
    b.value("quotient", NUMBER, formula(outcome(divide(x, d), round_to=whole)))
    b.value("inside", NUMBER, formula(add(rounded(times(x, d), unit, mode), "1")))  # type: ignore[arg-type]
    ties = ["0", "0.5", "1.5", "2.5", "0.005", "0.015", "0.25", "0.75", "12.5", "37.5", "0.0001", "0.00015", "7.0003"]
    numbers = [t for t in ties if len(t.partition(".")[2]) <= 4]
    same(b, *({"x": sign + n, "d": d} for n in numbers for sign in ("", "-") for d in ("1", "-2", "0.5", "-3.07")))


def test_a_quantity_that_cannot_be_negative_is_rounded_without_a_sign_test() -> None:
    b = Building()
    x = b.input("x", MONEY, low="$0", high="$100")
    b.payment("paid", MONEY, formula(of("5%", x)), rounding=rounding("0.01", "half_up"))
    program = b.program()
    engine = compile_scalar(program, make_layout(program))
    assert engine.source.splitlines()[-3:] == ["    # hospital.paid", "    v1 = (i1 + 10) // 20", "    return ((v1,),)"]
    assert engine.evaluate_without_trace(("1", 1050)) == (53,)


# --- expressions


def test_arithmetic_of_quotients() -> None:
    b = Building()
    x, y = b.input("x", NUMBER, decimals=2), b.input("y", PERCENT, decimals=1)
    q = b.value("q", NUMBER, formula(divide(x, y)))
    b.value("sum", NUMBER, formula(add(q, x)))
    b.value("twice", NUMBER, formula(add(q, q)))
    b.value("product", NUMBER, formula(times(q, q)))
    b.value("back", NUMBER, formula(divide(x, q)))
    b.value("less", YES_NO, formula(compare(q, "<", x)))
    b.value("equal", YES_NO, formula(compare(q, "=", times(q, "1"))))
    b.value("most", NUMBER, formula(apply("max", q, x, "2")))
    b.value("least", NUMBER, formula(apply("min", q, x, "2")))
    b.value("clamped", NUMBER, formula(apply("clamp", q, "-1", "1")))
    b.value("size", NUMBER, formula(apply("abs", subtract(x, q))))
    b.value("one", NUMBER, formula(if_else(compare(x, ">", "1"), q, x)))
    b.value("two", NUMBER, formula(if_else(compare(x, ">", "1"), x, "0.125")))
    b.value("chosen", NUMBER, choose((compare(x, "=", "1"), q), (compare(x, "<", "0"), "0.001"), otherwise=x))
    b.value("floor", NUMBER, formula(apply("floor", q)))
    b.value("root", NUMBER, formula(apply("sqrt", apply("abs", q), "5")))
    b.value("power", NUMBER, formula(apply("exp", x, "4")))
    same(b, *({"x": x, "y": y} for x in ("0.01", "1", "-3", "2.5", "7") for y in ("5%", "-12.5%", "100%")))
    (found,) = same(b, {"x": "1", "y": "0%"})
    assert found is None


def test_a_divisor_of_zero_is_the_oracles_error() -> None:
    b = Building()
    b.value("q", NUMBER, formula(divide("1", b.input("x", NUMBER))))
    program = b.program()
    with pytest.raises(EvaluationError) as error:
        compile_scalar(program, make_layout(program)).evaluate(encode(program, {"x": "0"}))
    assert str(error.value) == "q: a divisor is zero (rules.yaml:1) [VBC950]"


def test_what_prepares_an_operand_runs_only_where_the_operand_is_evaluated() -> None:
    b = Building()
    x, y = b.input("x", NUMBER), b.input("y", NUMBER)
    safe = compare(y, "!=", "0")
    over = compare(divide(x, y), ">", "1")
    b.value("both", YES_NO, formula(every(compare(x, ">", "0"), safe, over, compare(x, "<", "9"))))
    b.value("either", YES_NO, formula(some(compare(y, "=", "0"), compare(x, "<", "0"), over)))
    b.value(
        "third", YES_NO, formula(every(some(negation(safe), over), some(compare(x, "=", "2"), compare(y, "=", "0"))))
    )
    b.value("picked", NUMBER, formula(if_else(safe, divide(x, y), "0")))
    same(b, *({"x": x, "y": y} for x in ("0", "2", "-2", "10") for y in ("0", "1", "-1", "3")))


def test_words_dates_and_directions() -> None:
    b = Building()
    kind = b.input("kind", Type("category", ("a", "b", "c'\n")))
    other = b.input("other", Type("category", ("a", "b", "c'\n")), reasons=("lost",))
    day = b.input("day", DATE, reasons=("lost",))
    way = b.input("way", Type("direction"))
    x = b.input("x", NUMBER)
    b.value("in", YES_NO, formula(one_of(kind, "a", "c'\n")))
    b.value("not_in", YES_NO, formula(one_of(kind, "a", negated=True)))
    b.value("same", YES_NO, formula(compare(kind, "=", other)), needs=(other,))
    b.value("quoted", YES_NO, formula(compare(kind, "=", "c'\n")))
    b.value("gain", NUMBER, formula(gain(x, "0.5", way)))
    b.value("copy", DATE, formula(day))
    b.value("later", DATE, formula(apply("add_months", day, "1")), needs=(day,))
    b.value("latest", DATE, formula(apply("max", day, "2024-03-01")), needs=(day,))
    b.value("months", COUNT, formula(apply("months_between", day, "2024-03-31", type_=COUNT)), needs=(day,))
    b.value("days", COUNT, formula(apply("days_between", "2024-01-01", day, type_=COUNT)), needs=(day,))
    b.value("year", COUNT, formula(apply("year", day, type_=COUNT)), needs=(day,))
    for kind_ in ("a", "b", "c'\n"):
        same(
            b,
            *(
                {"kind": kind_, "other": o, "day": d, "way": w, "x": "0.25"}
                for o in ("a", LOST)
                for d in ("2024-01-31", "2024-05-01", LOST)
                for w in ("higher", "lower")
            ),
        )


# --- absences


def test_absence_is_carried_cleared_and_clamped() -> None:
    b = Building()
    x, y = b.input("x", NUMBER, reasons=("lost", "new")), b.input("y", NUMBER, decimals=2, reasons=("lost",))
    copy = b.value("copy", NUMBER, formula(x))
    clamped = b.value(
        "clamped", NUMBER, formula(outcome(x, at_least="0", at_most=y)), needs=(y,), rounding=rounding("1")
    )
    b.value("total", NUMBER, formula(add(copy, clamped)), needs=(copy, clamped))
    b.value("mixed", NUMBER, choose((is_absent("x", "lost"), no_outcome("gone")), (is_absent("x"), y), otherwise=copy))
    b.value("half", NUMBER, choose((is_absent("y"), divide("1", "3")), otherwise=x))
    b.value("known", NUMBER, formula(if_else(is_absent("x"), "0", times(x, "2"))))
    b.value("both", YES_NO, formula(every(is_absent("x", negated=True), compare(x, ">", "1"))))
    b.value("only", NUMBER, formula(x), only_if=is_absent("x", negated=True), otherwise="excluded")
    b.payment("paid", NUMBER, formula(x), pays_nothing=True, rounding=rounding("1"))
    b.value("read", NUMBER, formula(add(b.read("paid"), "1")))
    same(b, *({"x": x, "y": y} for x in ("-1.5", "2.5", LOST, NEW) for y in ("1.01", LOST)))


@pytest.mark.parametrize("action", ["ignore", "zero", "absent", "mixed"])
def test_the_higher_of_quotients_decimals_and_absences(action: str) -> None:
    b = Building()
    x, y, z = (b.input(name, NUMBER, decimals=1, reasons=("lost", "new")) for name in "xyz")
    q = b.value("q", NUMBER, formula(divide(x, y)), needs=(x, y), only_if=compare(y, "!=", "0"), otherwise="too_small")
    absent = policy(None, lost="zero", new="ignore", too_small="absent") if action == "mixed" else policy(action)
    b.value("best", NUMBER, higher_of(x, y, z, absent=absent))
    b.value("worst", NUMBER, higher_of(q, z, "0.5", absent=absent, lower=True))
    b.value("quotient", NUMBER, higher_of(z, q, absent=absent))
    numbers = ("1.5", "-2", "0", LOST, NEW)
    same(b, *({"x": x, "y": y, "z": z} for x in numbers for y in numbers for z in numbers))


# --- levels

FUNCTIONS = ("sum", "count", "mean", "min", "max", "weighted_mean", "variance", "standard_deviation", "quantile")


def aggregates(b: Building, level: str, item: Read, weight: Read, absent: str, within: str, value: str) -> None:
    rule = policy(None, lost="zero", new="ignore", none_present="absent") if absent == "mixed" else policy(absent)
    for function in FUNCTIONS:
        definition = {"quantile": "hyndman_fan_7"}.get(function, "sample")
        shape = gather(
            function,
            level,
            item,
            within=within,
            weight=weight if function == "weighted_mean" else None,
            absent=rule,
            definition=definition,
            at="30%" if function == "quantile" else None,
        )
        b.value(f"{value}{function}", NUMBER, shape)
    b.value(f"{value}few", NUMBER, gather("sum", level, item, within=within, absent=rule, needed_present="2"))
    met = compare(weight, ">", "1")
    for function in ("any", "all", "at_least_of"):
        shape = gather(
            function,
            level,
            met,
            within=within,
            needed="2",
            if_none=False,
            where=every(is_absent(item, negated=True), compare(item, ">", "0")),
        )
        b.value(f"{value}{function}", YES_NO, shape)
    b.value(f"{value}present", COUNT, formula(gathered("count", level, item, present=True, within=within)))
    b.value(f"{value}of", NUMBER, formula(times("2", gathered("sum", level, item, present=True, within=within))))


@pytest.mark.parametrize("absent", ["ignore", "zero", "absent", "mixed"])
@pytest.mark.parametrize("quotient", [False, True])
def test_aggregates_of_listed_members(absent: str, quotient: bool) -> None:  # noqa: FBT001
    b = Building()
    b.members("domain", {"weight": NUMBER}, {"one": {"weight": "1"}, "two": {"weight": "2"}})
    b.members(
        "measure",
        {"weight": NUMBER},
        {"a": {"in": "one", "weight": "0.5"}, "b": {"in": "one", "weight": "2"}, "c": {"in": "two", "weight": "3"}},
        within="domain",
    )
    x = b.input("measure.x", NUMBER, decimals=2, reasons=("lost", "new"))
    item = x
    if quotient:
        n = b.input("measure.n", COUNT)
        item = b.value("measure.rate", NUMBER, formula(divide(x, n)), needs=(x,))
    weight = b.read("measure.weight")
    aggregates(b, "measure", item, weight, absent, "domain", "domain.")
    aggregates(b, "measure", item, weight, absent, "hospital", "")
    b.value("share", NUMBER, gather("sum", "domain", b.read("domain.mean"), absent=policy("ignore")))
    b.value(
        "measure.part", NUMBER, formula(add(gathered("sum", "measure", item, present=True, within="domain"), weight))
    )
    b.value("domain.named", NUMBER, by_member("domain", one=b.read("domain.weight"), two=outcome("7", at_most="6")))
    values = ("1.25", "-2", LOST, NEW)
    given = ({"one.a.x": a, "one.b.x": b_, "two.c.x": c} for a in values for b_ in values for c in values)
    counts = {f"{m}.n": str(n) for n, m in enumerate(("one.a", "one.b", "two.c"), 1)} if quotient else {}
    same(b, *({**row, **counts} for row in given))


@pytest.mark.parametrize("absent", ["ignore", "zero", "absent", "mixed"])
@pytest.mark.parametrize("quotient", [False, True])
def test_aggregates_of_lists(absent: str, quotient: bool) -> None:  # noqa: FBT001
    b = Building()
    b.members("domain", {"weight": NUMBER}, {"one": {"weight": "1"}, "two": {"weight": "2"}})
    b.items("case", key="name", at_most=4, within="domain")
    b.input("case.name", IDENTIFIER)
    x = b.input("case.x", NUMBER, decimals=2, reasons=("lost", "new"))
    w = b.input("case.w", COUNT)
    item = b.value("case.rate", NUMBER, formula(divide(x, w)), needs=(x,)) if quotient else x
    aggregates(b, "case", item, w, absent, "domain", "domain.")
    aggregates(b, "case", item, w, absent, "hospital", "")
    b.value("case.over", YES_NO, formula(compare(w, ">", gathered("mean", "case", w, within="domain"))))
    b.value("case.weighted", NUMBER, formula(times(w, b.read("domain.weight"))))
    b.value(
        "case.first",
        YES_NO,
        top(
            "2", "case", item, w, within="domain", ties=Ref("case", "name"), absent=policy(None, lost="last", new="out")
        ),
    )
    b.value("case.all_in", YES_NO, top("50%", "case", w, is_share=True, round_count=rounding("1", "up")))
    b.value("firsts", COUNT, gather("count", "case", where=b.read("case.first")))
    one: list[dict[str, Given]] = [
        {"name": "p", "x": "1.5", "w": 2},
        {"name": "q", "x": LOST, "w": 3},
        {"name": "r", "x": NEW, "w": 2},
    ]
    two: list[dict[str, Given]] = [
        {"name": "p", "x": "-1", "w": 1},
        {"name": "q", "x": "-1", "w": 1},
        {"name": "r", "x": "2.25", "w": 5},
    ]
    traces = same(
        b,
        {},
        {"one.case": one},
        {"two.case": two},
        {"one.case": one, "two.case": two},
        {"one.case": two[:1], "two.case": one[1:]},
        {"one.case": one[1:2]},
    )
    last = traces[3]
    assert last is not None
    assert last.value(Ref("case", "case"), ("two", 2)) == "r"
    with pytest.raises(KeyError):
        last.value(Ref("case", "w"), ("two", 3))
    with pytest.raises(KeyError):
        last.value(Ref("case", "w"), ("three", 0))


def test_lists_within_lists_and_members_within_items() -> None:
    b = Building()
    b.items("site", key="name", at_most=3)
    b.input("site.name", IDENTIFIER)
    b.members("part", {"weight": NUMBER}, {"early": {"weight": "1"}, "late": {"weight": "2"}}, within="site")
    y = b.input("part.y", NUMBER, decimals=1, reasons=("lost",))
    b.items("visit", at_most=3, within="part")
    v = b.input("visit.v", NUMBER, decimals=1, reasons=("lost",))
    share = b.value("visit.share", NUMBER, formula(times(v, b.read("part.weight"))), needs=(v,))
    b.value("visit.ratio", NUMBER, formula(divide("1", v)), needs=(v,))
    total = b.value("part.total", NUMBER, gather("sum", "visit", share, within="part", absent=policy("ignore")))
    b.value("part.rank", NUMBER, formula(add(total, y)), needs=(y,))
    score = b.value(
        "site.score", NUMBER, gather("mean", "part", b.read("part.rank"), within="site", absent=policy("ignore"))
    )
    b.value("site.best", NUMBER, gather("max", "visit", b.read("visit.ratio"), within="site", absent=policy("ignore")))
    b.value("visit.top", YES_NO, top("1", "visit", share, within="site", absent=policy("last")))
    b.value("mean", NUMBER, gather("weighted_mean", "site", score, weight=total_of(b), absent=policy("redistribute")))
    b.value("all", NUMBER, gather("sum", "visit", share, absent=policy("zero")))
    visits: list[dict[str, Given]] = [{"v": "1.5"}, {"v": LOST}, {"v": "-2"}]
    same(
        b,
        {},
        {"site": [{"name": "a", "early.y": "1", "late.y": LOST}]},
        {
            "site": [
                {"name": "a", "early.y": "1", "late.y": LOST, "early.visit": visits, "late.visit": visits[:1]},
                {"name": "b", "early.y": LOST, "late.y": "3", "late.visit": visits[1:]},
            ]
        },
    )


def total_of(b: Building) -> Expr:
    return gathered("sum", "part", b.read("part.total"), within="site")


# --- tiers, lines, gates, parameters


def test_tiers_and_lines() -> None:
    b = Building()
    x = b.input("x", NUMBER, decimals=2)
    b.value("tier", PERCENT, tiers(x, ("at_least", "5", "5%"), ("more_than", "2", "0.25%"), otherwise="0%"))
    b.value(
        "line", NUMBER, interpolate(x, ("0", "1"), ("3", "2"), ("10", "7.5"), below=no_outcome("too_small"), above=x)
    )
    b.value("to", NUMBER, interpolate(x, ("0", "1"), ("3", x), ("7", "7"), below="1", above="7"))
    same(b, *({"x": x} for x in ("-0.01", "0", "1", "2", "2.01", "3", "3.01", "5", "6.99", "7", "10", "10.01")))


def test_gates_stop_payments_at_their_level_and_below() -> None:
    b = Building()
    b.members("part", {}, {"one": {}, "two": {}})
    signed, size = b.input("signed", YES_NO), b.input("size", COUNT)
    met = b.input("part.met", YES_NO)
    pay = b.input("part.pay", MONEY, reasons=("lost",))
    paid = b.read  # read once added
    b.gate("in_program", compare(size, ">=", "2"))
    b.gate("part.met_it", met, pays="$1", on=[ref_of("part.paid")])
    b.gate("signed_it", signed, pays="$0", on=[ref_of("part.paid"), ref_of("total")])
    b.payment("part.paid", MONEY, formula(of("50%", pay)), needs=(pay,), rounding=rounding("0.01"))
    b.payment("total", MONEY, gather("sum", "part", paid("part.paid"), absent=policy("zero")))
    same(
        b,
        *(
            {"signed": s, "size": n, "one.met": m, "two.met": True, "one.pay": p, "two.pay": "$3.33"}
            for s in (True, False)
            for n in (1, 2)
            for m in (True, False)
            for p in ("$1.01", LOST)
        ),
    )


def ref_of(name: str) -> Read:
    from tests.run.writing import read

    return read(name, MONEY)


def test_parameters_of_every_kind() -> None:
    b = Building()
    rate, cap = b.parameter("rate", "2.5%"), b.required("cap", MONEY)
    b.codes("list", "10001 to 10010", "A1")
    code, day = b.input("code", IDENTIFIER), b.input("day", DATE)
    b.dated(
        "due",
        PERCENT,
        ("2023-01-01", "2023-12-31", "1%"),
        ("2024-01-01", "2024-06-30", "2.5%"),
        stated_through="2024-06-30",
        carry_after=True,
    )
    from tests.run.writing import in_codes, on_date

    b.value("is_code", YES_NO, formula(in_codes(code, "list")))
    b.value("no_code", YES_NO, formula(in_codes(code, "list", negated=True)))
    b.value("now", PERCENT, formula(on_date("due", day)))
    b.value("capped", MONEY, formula(times(rate, cap)))
    given = [
        {"cap": "$10.10", "code": c, "day": d}
        for c in ("10005", "A1", "1000", "10011")
        for d in ("2023-01-01", "2024-03-03", "2024-07-01")
    ]
    traces = same(b, *given)
    assert traces[0] is not None
    assert traces[2] is not None
    assert traces[0].warnings == ()
    assert traces[2].warnings == ("`due` is stated through 2024-06-30; its last value was carried past that day",)
    assert same(b, {"cap": "$1.00", "code": "A1", "day": "2022-01-01"}) == [None]


# --- inputs


def test_inputs_are_settled_and_refused_as_by_the_oracle() -> None:
    b = Building()
    is_open = b.input("open", YES_NO)
    x = b.input("x", NUMBER, reasons=("lost",), only_if=is_open, otherwise="closed")
    b.input("y", NUMBER, only_if=every(is_absent("x", negated=True), compare(x, ">", "1")), otherwise="low")
    n = b.input("n", COUNT, reasons=("lost",))
    b.items("case", key="name", at_most=2)
    b.input("case.name", IDENTIFIER, reasons=("lost",))
    w = b.input("case.w", COUNT)
    b.input("case.z", COUNT, only_if=compare(w, ">", "1"), otherwise="closed")
    b.expect(compare(n, ">=", "1"), "n >= 1")
    b.expect(every(compare(n, "<", "9"), compare(x, "<", "5")), "n < 9 and x < 5")
    b.expect(some(compare(n, "=", "2"), compare(x, ">", "0")), "n = 2 or x > 0")
    b.expect(compare(w, "<=", n), "w <= n", "case")
    b.value("seen", NUMBER, formula(x))
    b.value("cases", COUNT, gather("sum", "case", b.read("case.z"), absent=policy("ignore")))
    case = {"name": "a", "w": 1}
    rows = [
        {"open": True, "x": "2", "y": "1", "n": 3, "case": [case, {"name": "b", "w": 2, "z": 4}]},
        {"open": True, "x": "1", "n": 3},
        {"open": False, "n": 3},
        {"open": False, "n": LOST},
        {"open": True, "x": LOST, "n": 1},
        {"open": True, "x": LOST, "n": 9},
        {"open": True, "x": "-1", "n": 2},
        {"open": True, "x": "-1", "n": 3},
        {"open": True, "n": 3},
        {"open": False, "x": "1", "n": 3},
        {"open": False, "x": Absent("closed"), "n": 3},
        {"open": True, "x": NEW, "n": 3},
        {"n": 3},
        {"open": True, "x": "6", "y": "1", "n": 3},
        {"open": False, "n": 0},
        {"open": False, "n": 3, "case": [case, case]},
        {"open": False, "n": 3, "case": [{**case, "name": LOST}] * 2},
        {"open": False, "n": 3, "case": [case, {"name": "b", "w": 1}, {"name": "c", "w": 1}]},
        {"open": False, "n": 3, "case": [{**case, "z": 1}]},
        {"open": False, "n": 3, "case": [{"name": "a", "w": 2}]},
        {"open": False, "n": 1, "case": [{"name": "a", "w": 2, "z": 1}]},
        {"open": False, "n": 1, "case": [{"name": "a"}]},
    ]
    program = b.program()
    engine = compile_scalar(program, make_layout(program))
    for row in rows:
        encoded = encode(program, row)  # type: ignore[arg-type]
        # A refusal that the oracle does not share is slow, not wrong.
        try:
            expected = evaluate_by_oracle(program, make_layout(program), encoded)
        except InputError as error:
            wanted = error.to_dict()
        else:
            assert engine.evaluate(encoded).value(Ref("hospital", "cases"), ()) == expected.value(
                Ref("hospital", "cases")
            )
            continue
        with pytest.raises(InputError) as found:
            engine.evaluate(encoded)
        assert found.value.to_dict() == wanted


def test_a_row_without_its_inputs_is_refused() -> None:
    b = Building()
    b.value("copy", NUMBER, formula(b.input("x", NUMBER)))
    program = b.program()
    with pytest.raises(InputError) as error:
        compile_scalar(program, make_layout(program)).evaluate(("010001", NOT_GIVEN))
    assert error.value.to_dict()["code"] == "VBC901"


# --- the engine itself


def test_the_generated_text_names_each_rule_and_shows_in_tracebacks() -> None:
    b = Building()
    b.value("q", NUMBER, formula(divide("1", b.input("x", NUMBER))))
    program = b.program()
    engine = compile_scalar(program, make_layout(program))
    assert engine.name == "<vbc_rules test/program@2024>"
    assert "    # hospital.q\n" in engine.source
    with pytest.raises(EvaluationError) as error:
        engine._evaluate(("1", 0))
    shown = "".join(traceback.format_exception(error.value))
    assert "signed(" in shown
    assert '<vbc_rules test/program@2024>", line' in shown


def test_an_engine_survives_pickling() -> None:
    b = Building()
    b.payment("paid", MONEY, formula(of("5%", b.input("x", MONEY))), rounding=rounding("0.01", "down"))
    program = b.program()
    engine = pickle.loads(pickle.dumps(compile_scalar(program, make_layout(program))))  # noqa: S301 (our own bytes)
    assert engine.evaluate(("1", 12345)).value(Ref("hospital", "paid"), ()) == Fraction("6.17")
    assert engine.evaluate_without_trace(("1", 12345)) == (617,)


def test_a_program_over_the_cohort_is_refused() -> None:
    b = Building()
    b.value("cohort.total", MONEY, gather("sum", "hospital", b.input("x", MONEY), within="cohort"))
    program = b.program()
    with pytest.raises(UsageError) as error:
        compile_scalar(program, make_layout(program))
    assert error.value.code == "VBC970"
