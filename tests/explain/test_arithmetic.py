"""Every form of the formula language with its numbers put in; each line can be worked out again."""

from __future__ import annotations

import pytest

from tests.explain.checking import redo
from tests.run.building import Building, encode
from tests.run.writing import (
    add,
    apply,
    compare,
    divide,
    every,
    expr,
    formula,
    gain,
    gather,
    gathered,
    higher_of,
    if_else,
    in_codes,
    is_absent,
    literal,
    negate,
    negation,
    of,
    on_date,
    one_of,
    policy,
    read,
    rounded,
    rounding,
    some,
    subtract,
    times,
    top,
)
from vbc_rules.explain import Explanation, explain
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import COUNT, DATE, IDENTIFIER, MONEY, NUMBER, PERCENT, YES_NO, Type
from vbc_rules.plan.layout import make_layout
from vbc_rules.resolve.expressions import Expr, Ref
from vbc_rules.resolve.program import Shape
from vbc_rules.run.oracle import evaluate

FOUND = Ref("hospital", "found")
CASE = read("case.cost", NUMBER)
LOST = read("case.late", NUMBER)
GOOD = read("case.good", YES_NO)
NAME = read("case.name", IDENTIFIER)
THREE, MINUS, THIRD = read("three"), read("minus"), read("third")
RATE, FEE = read("rate", PERCENT), read("fee", MONEY)
MISSING, SEEN, CODE = read("missing"), read("seen", DATE), read("code", IDENTIFIER)


def explained(type_: Type, shape: Shape, cases: int = 3, **also: object) -> Explanation:
    """Explain a value of that shape over some inputs and a list of cases."""
    b = Building()
    b.items("case", key="name", at_most=9)
    for name, kind in (("three", NUMBER), ("minus", NUMBER), ("nine", NUMBER), ("rate", PERCENT), ("fee", MONEY)):
        b.input(name, kind)
    b.input("missing", NUMBER, reasons=("not_reported",))
    b.input("seen", DATE)
    b.input("code", IDENTIFIER)
    b.input("case.name", IDENTIFIER)
    b.input("case.cost", NUMBER)
    b.input("case.good", YES_NO)
    b.input("case.late", NUMBER, reasons=("lost",))
    b.codes("visits", "99202 to 99215", "99417")
    b.dated("share", PERCENT, ("2024-01-01", "2024-06-30", "5%"), ("2024-07-01", None, "7%"))
    b.value("third", NUMBER, formula(divide(read("three"), read("nine"))))
    b.value("found", type_, shape, **also)
    program = b.program()
    names = ("ann", "bob", "o'hara", "dee")
    items = [
        {"name": names[i], "cost": (4, 2, 4, 1)[i], "good": i != 1, "late": Absent("lost") if i == 1 else i + 1}
        for i in range(cases)
    ]
    given = {
        "three": "3", "minus": "-2.5", "nine": "9", "rate": "77.497%", "fee": "$1,234.5",
        "missing": Absent("not_reported"), "seen": "2024-07-31", "code": "99213", "case": items,
    }  # fmt: skip
    trace = evaluate(program, make_layout(program), encode(program, given))  # type: ignore[arg-type]  # plain data
    return explain(program, trace, FOUND)


def lines(explanation: Explanation) -> list[str]:
    """Return the checked lines of the value itself, after working out all that are printed."""
    redo(explanation)
    return [line.text for line in explanation.lines if line.checked]


@pytest.mark.parametrize(
    ("type_", "formula_", "line"),
    [
        (NUMBER, subtract(THREE, MINUS), "3 - (-2.5) = 5.5"),
        (NUMBER, subtract(THREE, subtract(THREE, 1)), "3 - (3 - 1) = 1"),
        (NUMBER, times(add(THREE, 1), MINUS), "(3 + 1) * (-2.5) = -10"),
        (NUMBER, divide(THREE, THIRD), "3 / (1/3) = 9"),
        (NUMBER, divide(THREE, times(THREE, 7)), "3 / (3 * 7) = 1/7"),
        (NUMBER, negate(MINUS), "-(-2.5) = 2.5"),
        (NUMBER, add(times(THREE, THIRD), 12345), "3 * 1/3 + 12,345 = 12,346"),
        (MONEY, of(RATE, FEE), "77.497% * $1,234.50 = $956.700465"),
        (MONEY, divide(FEE, 7), "$1,234.50 / 7 = $176 5/14"),
        (PERCENT, divide(THREE, 9), "3 / 9 = 33 1/3%"),
        (PERCENT, rounded(RATE, "0.0001"), "round(77.497%, 2, half up) = 77.5%"),
        (PERCENT, rounded(of(RATE, RATE), "0.0001", "down"), "round(77.497% * 77.497%, to 0.01%, down) = 60.05%"),
        (NUMBER, rounded(MINUS, "0.5", "ceiling"), "round(-2.5, to 0.5, ceiling) = -2.5"),
        (NUMBER, rounded(MINUS, "1", "half_even"), "round(-2.5, 0, half even) = -2"),
        (NUMBER, apply("floor", MINUS), "round(-2.5, 0, floor) = -3"),
        (NUMBER, apply("max", MINUS, THIRD, "0"), "max(-2.5, 1/3, 0) = 1/3"),
        (NUMBER, apply("clamp", MINUS, "-1", "1"), "clamp(-2.5, -1, 1) = -1"),
        (NUMBER, apply("abs", MINUS), "abs(-2.5) = 2.5"),
        (NUMBER, apply("sqrt", THREE, "4"), "sqrt(3, 4) = 1.7321"),
        (NUMBER, apply("exp", THREE, "4"), "exp(3, 4) = 20.0855"),
        (COUNT, apply("year", SEEN, type_=COUNT), "year(2024-07-31) = 2024"),
        (COUNT, apply("days_between", SEEN, "2024-12-31", type_=COUNT), "days_between(2024-07-31, 2024-12-31) = 153"),
        (DATE, apply("add_months", SEEN, "7", type_=DATE), "add_months(2024-07-31, 7) = 2025-02-28"),
        (NUMBER, gain(THREE, MINUS, "higher"), "3 - (-2.5) = 5.5"),
        (NUMBER, gain(THREE, MINUS, "lower"), "-2.5 - 3 = -5.5"),
        (YES_NO, compare(THIRD, "<=", MINUS), "1/3 <= -2.5 is no"),
        (YES_NO, one_of(CODE, "99213", "99214"), "'99213' in ('99213', '99214') is yes"),
        (YES_NO, in_codes(CODE, "visits"), "'99213' in ('99202' to '99215', '99417') is yes"),
        (YES_NO, is_absent("missing"), "absent (not reported) is missing is yes"),
        (YES_NO, is_absent("three", "not_reported", negated=True), "3 is not not_reported is yes"),
        (YES_NO, negation(compare(THREE, "=", "3")), "not 3 = 3 is no"),
        # What was not needed is not there: `missing` is absent.
        (YES_NO, every(compare(THREE, ">", "5"), compare(MISSING, ">", "1")), "3 > 5 is no"),
        (YES_NO, some(compare(THREE, "<", "2"), compare(THREE, "<", "5"), compare(MISSING, ">", "1")),
         "3 < 2 or 3 < 5 is yes"),
        (NUMBER, gathered("sum", "case", CASE), "4 + 2 + 4 = 10"),
        (NUMBER, times(2, gathered("sum", "case", CASE)), "2 * (4 + 2 + 4) = 20"),
        (NUMBER, gathered("mean", "case", CASE, where=GOOD), "(4 + 4) / 2 = 4"),
        (NUMBER, gathered("max", "case", CASE), "max(4, 2, 4) = 4"),
        (NUMBER, gathered("sum", "case", LOST, present=True), "1 + 3 = 4"),
        (COUNT, gathered("count", "case"), "count(ann, bob, 'o''hara') = 3"),
        (YES_NO, gathered("any", "case", GOOD), "yes or no or yes is yes"),
        (YES_NO, gathered("all", "case", GOOD), "yes and no and yes is no"),
    ],
)  # fmt: skip
def test_a_formula_with_its_numbers(type_: Type, formula_: Expr, line: str) -> None:
    assert lines(explained(type_, formula(formula_))) == [line]


def test_an_if_shows_its_test_and_the_way_taken_only() -> None:
    found = explained(NUMBER, formula(if_else(is_absent("missing"), add(THREE, 1), MISSING)))
    assert lines(found) == ["absent (not reported) is missing is yes", "3 + 1 = 4"]


def test_a_dated_number_names_its_date_and_its_part_is_the_number_on_that_date() -> None:
    found = explained(MONEY, formula(times(on_date("share", SEEN), FEE)))
    assert lines(found) == ["7% * $1,234.50 = $86.415"]
    assert ("share on 2024-07-31", "7%") in [(part.name, part.text) for part in found.parts]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (gather("sum", "case", CASE), ["4 + 2 + 4 = 10"]),
        (gather("min", "case", LOST, absent=policy("zero")), ["min(1, 0, 3) = 0"]),
        (gather("weighted_mean", "case", CASE, weight=CASE), ["(4 * 4 + 2 * 2 + 4 * 4) / (4 + 2 + 4) = 3.6"]),
        (gather("weighted_mean", "case", CASE, weight=subtract(CASE, 1)),
         ["((4 - 1) * 4 + (2 - 1) * 2 + (4 - 1) * 4) / (4 - 1 + 2 - 1 + 4 - 1) = 3 5/7"]),
        (gather("variance", "case", CASE, definition="sample"),
         ["(4 + 2 + 4) / 3 = 3 1/3",
          "((4 - 3 1/3) * (4 - 3 1/3) + (2 - 3 1/3) * (2 - 3 1/3) + (4 - 3 1/3) * (4 - 3 1/3)) / 2 = 1 1/3"]),
        (gather("quantile", "case", CASE, at=expr("25%"), definition="hyndman_fan_7"),
         ["min(max(25% * (3 - 1) + 1, 1), 3) = 1.5", "2 + (1.5 - 1) * (4 - 2) = 3"]),
        (gather("quantile", "case", CASE, at=expr("25%"), definition="nearest_rank"),
         ["min(max(round(25% * 3, 0, ceiling), 1), 3) = 1"]),
        (higher_of(MINUS, MISSING, THIRD, absent=policy("ignore")), ["max(-2.5, 1/3) = 1/3"]),
        (higher_of(MINUS, THIRD, lower=True), ["min(-2.5, 1/3) = -2.5"]),
    ],
)  # fmt: skip
def test_a_shape_over_members(shape: Shape, expected: list[str]) -> None:
    assert lines(explained(NUMBER, shape)) == expected


def test_a_standard_deviation_shows_its_root() -> None:
    found = explained(NUMBER, gather("standard_deviation", "case", CASE, definition="population"))
    assert lines(found)[-1] == "sqrt(8/9, 12) = 0.942809041582"


def test_at_least_of_counts_one_for_each_yes() -> None:
    found = explained(YES_NO, gather("at_least_of", "case", GOOD, needed=2, if_none=False))
    assert lines(found) == ["1 + 0 + 1 >= 2 is yes"]


def test_nothing_gathered_is_said_so() -> None:
    found = explained(YES_NO, gather("all", "case", GOOD, if_none=True), cases=0)
    assert (found.text, [line.text for line in found.lines]) == ("yes", ["no case", "nothing is gathered: yes"])


def test_caps_floors_and_rounding_have_before_and_after() -> None:
    found = explained(MONEY, formula(divide(FEE, 7)), at_least=literal("$200"), rounding=rounding("0.01", "down"))
    assert lines(found) == ["$1,234.50 / 7 = $176 5/14", "max($176 5/14, $200.00) = $200.00"]
    floor = found.lines[-1]
    assert (floor.kind, floor.before, floor.after) == ("floor", "$176 5/14", "$200.00")


def test_a_share_of_those_who_take_part_is_rounded_on_its_own_line() -> None:
    b = Building()
    b.items("case", key="name")
    b.input("case.name", IDENTIFIER)
    b.input("case.cost", NUMBER)
    b.value("case.found", YES_NO, top("50%", "case", CASE, is_share=True, round_count=rounding("1", "up")))
    program = b.program()
    items = [{"name": name, "cost": cost} for name, cost in (("ann", 4), ("bob", 2), ("cy", 4))]
    trace = evaluate(program, make_layout(program), encode(program, {"case": items}))  # type: ignore[dict-item]
    found = explain(program, trace, Ref("case", "found"), (2,))
    assert lines(found) == ["50% * 3 = 1.5", "round(1.5, 0, up) = 2", "2 <= 2 is yes"]
    assert found.name == "found of cy"
    assert [(line.label, line.text, line.note) for line in found.lines if line.kind == "order"] == [
        ("1.", "ann: 4", ""),
        ("2.", "cy: 4", "here"),
        ("3.", "bob: 2", ""),
    ]
