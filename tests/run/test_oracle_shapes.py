"""What each shape gives, and what it does with what is absent."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.run.building import (
    Building,
    add,
    by_member,
    choose,
    compare,
    datum,
    divide,
    expr,
    formula,
    gather,
    higher_of,
    interpolate,
    negate,
    no_outcome,
    oracle,
    outcome,
    policy,
    rounding,
    table,
    tiers,
    top,
)
from vbc_rules.errors import EvaluationError
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import COUNT, DATE, IDENTIFIER, NUMBER, PERCENT, YES_NO
from vbc_rules.resolve.expressions import Datum, Expr, Ref
from vbc_rules.resolve.program import Shape

LOST, NEW = Absent("lost"), Absent("new")
X = Ref("hospital", "found")


def of_rate(shape_of_rate: Shape, rate: str) -> Datum:
    """Return what a shape that reads the input `rate` gives."""
    b = with_rate()
    b.value("found", NUMBER, shape_of_rate)
    return oracle(b, {"rate": rate}).value(X, ())


def with_rate() -> Building:
    b = Building()
    b.input("rate", NUMBER)
    return b


RATE: Expr = with_rate().read("rate")


# --- outcomes and cases


@pytest.mark.parametrize(("rate", "found"), [("-4", "1"), ("2.345", "2.35"), ("7", "5")])
def test_an_outcome_is_raised_lowered_then_rounded(rate: str, found: str) -> None:
    shape = formula(outcome(RATE, at_least="1", at_most="5", round_to=rounding("0.01")))
    assert of_rate(shape, rate) == datum(found)


def test_where_the_bounds_cross_the_upper_one_wins_and_rounding_acts_last() -> None:
    assert of_rate(formula(outcome(RATE, at_least="9", at_most="5")), "7") == 5
    assert of_rate(formula(outcome(RATE, at_most="5.5", round_to=rounding("1"))), "7") == 6


@pytest.mark.parametrize(("rate", "found"), [("3", 30), ("2", 20), ("1", LOST)])
def test_choose_takes_the_first_case_that_holds(rate: str, found: Datum) -> None:
    shape = choose((compare(RATE, ">=", "3"), "30"), (compare(RATE, ">=", "2"), "20"), otherwise=no_outcome("lost"))
    assert of_rate(shape, rate) == found


@pytest.mark.parametrize(("rate", "found"), [("90", 5), ("89.9", 3), ("75", 3), ("0", 0)])
def test_tiers_take_the_first_step_reached(rate: str, found: int) -> None:
    assert of_rate(tiers(RATE, ("at_least", "90", "5"), ("at_least", "75", "3"), otherwise="0"), rate) == found


@pytest.mark.parametrize(
    ("n", "found"),
    [
        ("499", Absent("too_small")),
        ("500", "12.2%"),
        ("750", "10.2%"),
        ("1000", "8.2%"),
        ("1500", "5.2%"),
        ("2000", "2.2%"),
        ("2001", "2%"),
    ],
)
def test_interpolation(n: str, found: str | Absent) -> None:
    points = (("500", "12.2%"), ("1000", "8.2%"), ("2000", "2.2%"))
    shape = interpolate(RATE, *points, below=no_outcome("too_small"), above="2.0%")
    assert of_rate(shape, n) == datum(found)


def test_interpolation_divides_once_and_exactly() -> None:
    assert of_rate(interpolate(RATE, ("0", "0"), ("3", "1")), "1") == Fraction(1, 3)


def test_interpolation_outside_its_points_where_nothing_is_stated() -> None:
    with pytest.raises(EvaluationError) as error:
        of_rate(interpolate(RATE, ("0", "0"), ("3", "1")), "4")
    assert str(error.value) == (
        "found: what is interpolated lies above the last point, where nothing is stated (rules.yaml:1) [VBC950]"
    )


def test_a_table_takes_the_row_where_all_cells_match() -> None:
    shape = table(
        [RATE],
        ([compare(RATE, ">=", "85")], "40%"),
        ([compare(RATE, ">=", "50")], "20%"),
    )
    assert of_rate(shape, "85") == Fraction(2, 5)
    assert of_rate(shape, "50") == Fraction(1, 5)
    with pytest.raises(EvaluationError) as error:
        of_rate(shape, "49")
    assert str(error.value) == "found: no row of the table matches (rules.yaml:1) [VBC950]"


def test_a_cell_that_says_any_matches_everything() -> None:
    assert of_rate(table([RATE], ([None], "1")), "49") == 1


def test_by_member_takes_the_outcome_of_the_current_member() -> None:
    b = Building()
    b.members("domain", {}, {"safety": {}, "cost": {}})
    b.value("domain.found", NUMBER, by_member("domain", cost="2", safety=outcome("1.25", round_to=rounding("1"))))
    trace = oracle(b)
    assert [trace.value(Ref("domain", "found"), (name,)) for name in ("safety", "cost")] == [1, 2]


# --- higher of


def best(*points: str | Absent, absent: str | None = "ignore", lower: bool = False, **by_reason: str) -> Datum:
    b = Building()
    for number in range(len(points)):
        b.input(f"p{number}", NUMBER, reasons=("lost", "new"))
    items = [b.read(f"p{number}") for number in range(len(points))]
    said = policy(**by_reason) if by_reason else None if absent is None else policy(absent)
    b.value("found", NUMBER, higher_of(*items, absent=said, lower=lower))
    return oracle(b, {f"p{number}": point for number, point in enumerate(points)}).value(X, ())


def test_higher_and_lower_of() -> None:
    assert best("3", "8", "5") == 8
    assert best("3", "8", "5", lower=True) == 3


def test_higher_of_with_something_absent() -> None:
    assert best("-3", LOST) == -3
    assert best("-3", LOST, absent="zero") == 0
    assert best("-3", LOST, absent="absent") is LOST
    assert best(NEW, LOST) is NEW
    assert best(LOST, NEW, lost="ignore", new="zero") == 0
    assert best("1", NEW, LOST, lost="ignore", new="absent") is NEW
    with pytest.raises(EvaluationError, match="reads a value that is absent"):
        best("1", LOST, absent=None)


# --- gathering


def gathering(
    function: str,
    *points: str | Absent,
    absent: str | None = None,
    weights: tuple[str, ...] = (),
    where_above: str | None = None,
    needed_present: str | None = None,
    needed: str | None = None,
    at: str | None = None,
    definition: str | None = None,
    if_none: bool | None = None,
    **by_reason: str,
) -> Datum:
    b = Building()
    b.items("visit", at_most=20)
    is_yes_no = function in ("any", "all", "at_least_of")
    item = b.input("visit.points", YES_NO if is_yes_no else NUMBER, reasons=("lost", "new"))
    weight = b.input("visit.weight", NUMBER)
    b.value(
        "found",
        YES_NO if is_yes_no else NUMBER,
        gather(
            function,
            "visit",
            item,
            where=None if where_above is None else compare(weight, ">", where_above),
            weight=weight if function == "weighted_mean" else None,
            absent=policy(**by_reason) if by_reason else None if absent is None else policy(absent),
            needed_present=needed_present,
            needed=needed,
            at=at,
            definition=definition,
            if_none=if_none,
        ),
    )
    given = weights or tuple("1" for _ in points)
    items = [{"points": p, "weight": w} for p, w in zip(points, given, strict=True)]
    return oracle(b, {"visit": items}).value(X, ())


@pytest.mark.parametrize(("function", "found"), [("sum", 12), ("count", 4), ("mean", 3), ("min", 1), ("max", 6)])
def test_simple_aggregates(function: str, found: int) -> None:
    assert gathering(function, "6", "1", "3", "2") == found


@pytest.mark.parametrize(
    ("function", "ignored", "as_zero"),
    [("sum", 9, 9), ("count", 2, 3), ("mean", Fraction(9, 2), 3), ("min", 3, 0), ("max", 6, 6)],
)
def test_an_absent_item_is_left_out_or_zero_or_makes_the_whole_absent(
    function: str, ignored: Fraction, as_zero: Fraction
) -> None:
    assert gathering(function, "6", LOST, "3", absent="ignore") == ignored
    assert gathering(function, "6", LOST, "3", absent="redistribute") == ignored
    assert gathering(function, "6", LOST, "3", absent="zero") == as_zero
    assert gathering(function, "6", LOST, "3", NEW, absent="absent") is LOST
    with pytest.raises(EvaluationError, match="reads a value that is absent"):
        gathering(function, "6", LOST)


def test_by_reason_each_has_its_own_action() -> None:
    assert gathering("mean", "6", LOST, NEW, lost="zero", new="ignore") == 3
    assert gathering("mean", "6", LOST, NEW, lost="zero", new="absent") is NEW
    assert gathering("mean", NEW, "1", LOST, lost="absent", new="absent") is NEW


def test_over_nothing() -> None:
    assert gathering("sum") == 0
    assert gathering("count", LOST, absent="ignore") == 0
    for function in ("mean", "min", "max", "weighted_mean"):
        assert gathering(function, LOST, absent="ignore") is Absent("none_present")
    assert gathering("variance", definition="population") is Absent("none_present")
    assert gathering("quantile", at="50%", definition="nearest_rank") is Absent("none_present")


@pytest.mark.parametrize("function", ["any", "all", "at_least_of"])
def test_yes_no_over_nothing_is_what_the_file_says(function: str) -> None:
    assert gathering(function, if_none=True, needed="1") is True
    assert gathering(function, LOST, absent="ignore", if_none=False, needed="1") is False


def test_any_all_and_at_least_of() -> None:
    assert gathering("any", "no", "yes") is True
    assert gathering("all", "no", "yes") is False
    assert gathering("at_least_of", "no", "yes", "yes", needed="2") is True
    assert gathering("at_least_of", "no", "no", "yes", needed="2") is False
    assert gathering("all", "yes", LOST, absent="zero") is False
    assert gathering("all", "yes", LOST, absent="ignore") is True


def test_where_chooses_the_members() -> None:
    assert gathering("sum", "1", "2", "4", weights=("1", "2", "3"), where_above="1") == 6


def test_too_few_present_counts_only_what_is_present() -> None:
    assert gathering("mean", "6", "3", LOST, absent="zero", needed_present="2") == 3
    assert gathering("mean", "6", "3", LOST, absent="zero", needed_present="3") is Absent("too_few_present")
    assert gathering("mean", LOST, absent="ignore", needed_present="1") is Absent("too_few_present")
    assert gathering("mean", LOST, absent="absent", needed_present="1") is LOST


def test_a_weighted_mean_leaves_out_the_weight_too_or_keeps_it() -> None:
    weights = ("40", "40", "20")
    assert gathering("weighted_mean", "10", "5", "1", weights=weights) == Fraction(31, 5)
    assert gathering("weighted_mean", "10", LOST, "1", weights=weights, absent="redistribute") == 7
    assert gathering("weighted_mean", "10", LOST, "1", weights=weights, absent="zero") == Fraction(21, 5)
    assert gathering("weighted_mean", "10", "5", weights=("0", "0")) is Absent("none_present")


def test_variance_and_standard_deviation() -> None:
    points = ("2", "4", "4", "4", "5", "5", "7", "9")
    assert gathering("variance", *points, definition="population") == 4
    assert gathering("variance", *points, definition="sample") == Fraction(32, 7)
    assert gathering("standard_deviation", *points, definition="population") == 2
    assert gathering("standard_deviation", *points, definition="sample") == Fraction("2.138089935299")
    assert gathering("variance", "2", definition="sample") is Absent("too_few_present")
    assert gathering("variance", "2", definition="population") == 0


@pytest.mark.parametrize(
    ("definition", "at", "found"),
    [
        ("nearest_rank", "0%", "15"),
        ("nearest_rank", "30%", "20"),
        ("nearest_rank", "40%", "20"),
        ("nearest_rank", "50%", "35"),
        ("nearest_rank", "100%", "50"),
        ("hyndman_fan_6", "40%", "26"),
        ("hyndman_fan_6", "5%", "15"),
        ("hyndman_fan_6", "95%", "50"),
        ("hyndman_fan_7", "40%", "29"),
        ("hyndman_fan_7", "0%", "15"),
        ("hyndman_fan_7", "100%", "50"),
    ],
)
def test_quantiles(definition: str, at: str, found: str) -> None:
    assert gathering("quantile", "40", "15", "50", "20", "35", at=at, definition=definition) == datum(found)


# --- top


def ranked(
    how_many: str,
    *members: tuple[str, bool, str | Absent],
    ties: bool = True,
    sponsor_first: bool = False,
    is_share: bool = False,
    round_count: str | None = None,
    **by_reason: str,
) -> list[str]:
    """Return the keys of those on top, of members (key, sponsored, index)."""
    b = Building()
    b.items("cqi", key="name", at_most=20)
    b.input("cqi.name", IDENTIFIER)
    sponsored = b.input("cqi.sponsored", YES_NO)
    index = b.input("cqi.index", NUMBER, reasons=("lost", "new"))
    b.value(
        "cqi.counts",
        YES_NO,
        top(
            how_many,
            "cqi",
            *([sponsored] if sponsor_first else []),
            index,
            ties=Ref("cqi", "name") if ties else None,
            absent=policy(**by_reason) if by_reason else None,
            is_share=is_share,
            round_count=None if round_count is None else rounding("1", round_count),  # type: ignore[arg-type]
        ),
    )
    trace = oracle(b, {"cqi": [{"name": n, "sponsored": s, "index": i} for n, s, i in members]})
    return [n for at, (n, _, _) in enumerate(members) if trace.value(Ref("cqi", "counts"), (at,))]


THREE = (("b", False, "5"), ("a", False, "5"), ("c", False, "9"))


def test_top_orders_best_first_and_breaks_ties_by_key_ascending() -> None:
    assert ranked("0", *THREE) == []
    assert ranked("1", *THREE) == ["c"]
    assert ranked("2", *THREE) == ["a", "c"]
    assert ranked("9", *THREE) == ["b", "a", "c"]


def test_top_with_all_in_takes_everyone_equal_to_the_last_one_in() -> None:
    assert ranked("1", *THREE, ties=False) == ["c"]
    assert ranked("2", *THREE, ties=False) == ["b", "a", "c"]
    assert ranked("0", *THREE, ties=False) == []


def test_top_orders_by_the_first_value_then_the_next() -> None:
    members = (("a", False, "9"), ("b", True, "1"), ("c", True, "2"))
    assert ranked("1", *members, sponsor_first=True) == ["c"]
    assert ranked("2", *members, sponsor_first=True) == ["b", "c"]


def test_top_with_something_absent() -> None:
    members = (("a", False, LOST), ("b", False, NEW), ("c", False, "-1"))
    assert ranked("1", *members, lost="last", new="out") == ["c"]
    assert ranked("3", *members, lost="last", new="out") == ["a", "c"]
    with pytest.raises(EvaluationError, match="reads a value that is absent"):
        ranked("1", *members)


def test_an_absent_order_value_stands_behind_present_ones_of_the_same_standing() -> None:
    members = (("a", True, LOST), ("b", True, "0"), ("c", False, "9"))
    assert ranked("2", *members, sponsor_first=True, lost="last", new="out") == ["a", "b"]


@pytest.mark.parametrize(("mode", "found"), [("down", ["c"]), ("up", ["a", "c"])])
def test_a_share_is_of_those_that_take_part_and_rounded_as_the_file_says(mode: str, found: list[str]) -> None:
    members = (*THREE, ("d", False, NEW))
    assert ranked("50%", *members, is_share=True, round_count=mode, lost="last", new="out") == found


def test_top_counts_within_each_instance_of_a_level() -> None:
    b = Building()
    b.members("domain", {}, {"safety": {}, "cost": {}})
    b.members("measure", {}, {"m1": {"in": "safety"}, "m2": {"in": "cost"}, "m3": {"in": "cost"}}, within="domain")
    done = b.input("measure.done", DATE)
    b.value("measure.last", YES_NO, top("1", "measure", done, ties=Ref("measure", "measure"), within="domain"))
    given = {"safety.m1.done": "2024-01-01", "cost.m2.done": "2024-01-02", "cost.m3.done": "2024-01-03"}
    trace = oracle(b, given)
    paths = (("safety", "m1"), ("cost", "m2"), ("cost", "m3"))
    assert [trace.value(Ref("measure", "last"), path) for path in paths] == [True, False, True]


# --- definitions


def test_the_parts_of_a_definition_act_in_their_order() -> None:
    b = Building()
    one, two = (b.input(name, COUNT, reasons=("lost", "new")) for name in ("one", "two"))
    b.value(
        "found",
        NUMBER,
        formula(divide("1", two)),
        needs=(one, two),
        only_if=compare(two, ">", "0"),
        otherwise="below_minimum",
        at_least="0.1",
        at_most="0.4",
        rounding=rounding("0.01"),
    )

    def found(first: int | Absent, second: int | Absent) -> Datum:
        return oracle(b, {"one": first, "two": second}).value(X, ())

    assert found(LOST, NEW) is LOST
    assert found(1, NEW) is NEW
    assert found(1, 0) is Absent("below_minimum")
    assert found(1, 3) == Fraction("0.33")
    assert found(1, 2) == Fraction("0.4")
    assert found(1, 20) == Fraction("0.1")


def test_an_absent_shape_is_neither_capped_nor_rounded() -> None:
    b = Building()
    rate = b.input("rate", NUMBER, reasons=("lost",))
    b.value("found", NUMBER, formula(rate), at_least="1", at_most="2", rounding=rounding("1"))
    assert oracle(b, {"rate": LOST}).value(X, ()) is LOST


def test_negatives_round_as_mirror_images() -> None:
    b = Building()
    b.value("found", PERCENT, formula(negate(expr("2.5"))), rounding=rounding("1"))
    assert oracle(b).value(X, ()) == -3


def test_an_error_says_which_member_or_item() -> None:
    b = Building()
    b.members("domain", {}, {"safety": {}})
    b.items("visit", within="domain")
    points = b.input("visit.points", NUMBER)
    b.value("visit.found", NUMBER, formula(divide("1", add(points, "0"))))
    with pytest.raises(EvaluationError) as error:
        oracle(b, {"safety.visit": [{"points": "1"}, {"points": "0"}]})
    assert error.value.where == "visit.found (safety, item 2)"
