"""Programs made up at random, on random rows: the compiled program finds what the oracle finds."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.run.building import Building, encode
from tests.run.sameness import assert_same
from tests.run.writing import (
    add,
    apply,
    choose,
    compare,
    divide,
    every,
    formula,
    gather,
    gathered,
    if_else,
    negate,
    negation,
    outcome,
    policy,
    read,
    rounded,
    rounding,
    some,
    subtract,
    times,
)
from vbc_rules.language.absence import Absent
from vbc_rules.language.rounding import ROUNDING_MODES, RoundingMode
from vbc_rules.language.types import NUMBER, YES_NO
from vbc_rules.plan.layout import make_layout
from vbc_rules.resolve.expressions import Expr
from vbc_rules.run.scalar import compile_scalar

MODES: st.SearchStrategy[RoundingMode] = st.sampled_from(ROUNDING_MODES)
UNITS = st.sampled_from(["1", "0.01", "0.5", "3"])
LITERALS = st.sampled_from(["0", "1", "2", "0.5", "-1", "7", "0.25", "-3.5", "100"])


def leaves(level: str) -> st.SearchStrategy[Expr]:
    own = {"item": ["item.v", "item.u"], "part": ["part.w", "part.v"]}.get(level, [])
    names = ["x", "y", "q", *own]
    return st.sampled_from([read(name, NUMBER) for name in names]) | LITERALS.map(lambda text: add(text, "0"))


def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    pair = st.tuples(inner, inner)
    ops = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    test = st.tuples(inner, ops, inner).map(lambda found: compare(*found))  # type: ignore[arg-type]
    tests = (
        test
        | test.map(negation)
        | st.tuples(test, test).map(lambda found: every(*found))
        | st.tuples(test, test, test).map(lambda found: some(*found))
    )
    total = st.tuples(st.sampled_from(["item", "part"]), st.sampled_from(["sum", "count"])).map(
        lambda found: gathered(found[1], found[0], read(f"{found[0]}.v"), present=True)
    )
    return (
        pair.map(lambda found: add(*found))
        | pair.map(lambda found: subtract(*found))
        | pair.map(lambda found: times(*found))
        | pair.map(lambda found: divide(found[0], found[1]))
        | pair.map(lambda found: divide(found[0], add(apply("abs", found[1]), "1")))
        | pair.map(lambda found: apply("max", *found))
        | pair.map(lambda found: apply("min", *found))
        | inner.map(negate)
        | st.tuples(inner, UNITS, MODES).map(lambda found: rounded(*found))
        | st.tuples(tests, inner, inner).map(lambda found: if_else(*found))
        | total
    )


def expressions(level: str) -> st.SearchStrategy[Expr]:
    return st.recursive(leaves(level), grown, max_leaves=8)


VALUES = st.sampled_from(["0", "1", "-1", "2.5", "-0.5", "0.01", "3", "12.34"])
ABSENT = VALUES | st.just(Absent("lost"))


@st.composite
def programs(draw: st.DrawFn) -> Building:
    b = Building()
    b.members("part", {"w": NUMBER}, {"one": {"w": "1"}, "two": {"w": "0.5"}})
    b.items("item")
    for name in ("x", "y", "item.u", "item.v", "part.v"):
        b.input(name, NUMBER, decimals=2)
    for name in ("z", "item.a", "part.a"):
        b.input(name, NUMBER, decimals=2, reasons=("lost",))
    b.value("q", NUMBER, formula(divide(b.read("x"), "3")))
    for level in ("item", "part", "hospital"):
        prefix = "" if level == "hospital" else f"{level}."
        needed = b.read("z" if level == "hospital" else f"{level}.a")
        one = draw(expressions(level))
        made = b.value(
            f"{prefix}made",
            NUMBER,
            formula(outcome(one, at_most=draw(LITERALS))),
            needs=(needed,),
            only_if=compare(one, "!=", "1"),
            otherwise="excluded",
        )
        cases = choose((compare(draw(expressions(level)), ">", "1"), made), otherwise=draw(expressions(level)))
        last = b.value(f"{prefix}last", NUMBER, cases, rounding=rounding(draw(UNITS), draw(MODES)))
        if level != "hospital":
            function = draw(st.sampled_from(["sum", "mean", "max", "weighted_mean", "count", "variance"]))
            weight = b.read(f"{level}.v") if function == "weighted_mean" else None
            b.value(
                f"{level}_all",
                NUMBER,
                gather(
                    function,
                    level,
                    draw(st.sampled_from([made, last])),
                    weight=weight,
                    absent=policy(draw(st.sampled_from(["ignore", "zero", "absent"]))),
                    definition="population",
                ),
            )
    b.value("sign", YES_NO, formula(compare(draw(expressions("hospital")), "<", draw(expressions("hospital")))))
    return b


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(), st.data())
def test_made_up_programs(building: Building, data: st.DataObject) -> None:
    program = building.program()
    engine = compile_scalar(program, make_layout(program))
    for _ in range(4):
        row = {name: data.draw(VALUES) for name in ("x", "y", "one.v", "two.v")}
        absent = {name: data.draw(ABSENT) for name in ("z", "one.a", "two.a")}
        items = [
            {"u": data.draw(VALUES), "v": data.draw(VALUES), "a": data.draw(ABSENT)}
            for _ in range(data.draw(st.integers(0, 3)))
        ]
        assert_same(program, encode(program, {**row, **absent, "item": items}), engine)
