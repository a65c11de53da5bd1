"""What each shape of a value means at one instance."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, TypeAlias

from vbc_rules.language.absence import NONE_PRESENT, TOO_FEW_PRESENT, Absent
from vbc_rules.resolve.expressions import Datum, Expr, Plain, Ref, Rounding
from vbc_rules.resolve.program import (
    AllocateShape,
    ByMemberShape,
    ChooseShape,
    Definition,
    FormulaShape,
    GatherShape,
    HigherOfShape,
    InterpolateShape,
    Outcome,
    Policy,
    Shape,
    StandingShape,
    TableShape,
    TiersShape,
    TopShape,
)
from vbc_rules.run import exact, settle
from vbc_rules.run.oracle.expressions import (
    AbsentRead,
    Environment,
    aggregate,
    datum,
    evaluate_expression,
    holds,
    number,
    read,
)
from vbc_rules.run.oracle.kinds import quantities, quantity, there, written

DEVIATION_DIGITS: Final = 12
"""Decimals to which a standard deviation is correctly rounded."""


def evaluate_definition(definition: Definition, here: Environment) -> Datum:
    """Return the value of a definition at the instance `here`, before any gate acts on it.

    Raises AbsentRead where an expression reads an absent value (a checked program never does), EvaluationError where
    there is no value.
    """
    missing = lacking(definition, here)
    return completed(definition, evaluate_shape(definition.shape, here) if missing is None else missing, here)


def lacking(definition: Definition, here: Environment) -> Absent | None:
    """Return why a definition has no value here, by its `needs` and `only_if`; None where it is evaluated."""
    for needed in definition.needs:
        found = read(needed, here)
        if isinstance(found, Absent):
            return found
    if definition.only_if is not None and not holds(definition.only_if, here):
        return Absent(there(definition.otherwise))
    return None


def completed(definition: Definition, found: Datum, here: Environment) -> Datum:
    """Return what the shape gave within the definition's floor and cap, rounded; what is paid where it is absent."""
    found = _finish(found, definition.at_least, definition.at_most, definition.rounding, here)
    return Fraction(0) if isinstance(found, Absent) and definition.pays_nothing_if_absent else found


def evaluate_shape(shape: Shape, here: Environment) -> Datum:
    """Return what a shape gives at the instance `here`."""
    match shape:
        case FormulaShape():
            return evaluate_outcome(shape.outcome, here)
        case ChooseShape():
            return evaluate_outcome(_chosen(shape, here), here)
        case TiersShape():
            return evaluate_outcome(_tier(shape, here), here)
        case InterpolateShape():
            return _interpolated(shape, here)
        case TableShape():
            return evaluate_outcome(_row(shape, here), here)
        case ByMemberShape():
            member = here.value(Ref(shape.level, shape.level))
            return evaluate_outcome(dict(shape.outcomes)[str(member)], here)
        case HigherOfShape():
            return _higher(shape, here)
        case GatherShape():
            return _gathered(shape, here)
        case TopShape() | StandingShape() | AllocateShape():
            raise TypeError("members that are settled together are not evaluated one by one")


def evaluate_outcome(outcome: Outcome, here: Environment) -> Datum:
    """Return what a case gives: its expression, clamped and rounded in that order, or its absence."""
    if outcome.absent is not None:
        return Absent(outcome.absent)
    return _finish(datum(written(outcome.expr), here), outcome.at_least, outcome.at_most, outcome.rounding, here)


def _finish(
    found: Datum, at_least: Expr | None, at_most: Expr | None, rounding: Rounding | None, here: Environment
) -> Datum:
    """Return `found` raised to `at_least`, then lowered to `at_most`, then rounded; an absence as it is."""
    if isinstance(found, Absent):
        return found
    if at_least is not None:
        low = evaluate_expression(at_least, here)
        found = _larger(found, low)
    if at_most is not None:
        high = evaluate_expression(at_most, here)
        found = high if _larger(found, high) == found else found
    if rounding is not None:
        found = exact.round_to(quantity(found), rounding.unit, rounding.mode)
    return found


def _larger(one: Plain, other: Plain) -> Plain:
    if isinstance(one, datetime.date) and isinstance(other, datetime.date):
        return max(one, other)
    return max(quantity(one), quantity(other))


# --- one case of several


def _chosen(shape: ChooseShape, here: Environment) -> Outcome:
    for case in shape.cases:
        if holds(case.when, here):
            return case.outcome
    return shape.otherwise


def _tier(shape: TiersShape, here: Environment) -> Outcome:
    for step in shape.steps:
        if holds(step.test, here):
            return step.outcome
    return shape.otherwise


def _row(shape: TableShape, here: Environment) -> Outcome:
    for row in shape.rows:
        if all(test is None or holds(test, here) for test in row.tests):
            return row.outcome
    raise settle.impossible("no row of the table matches", shape.span)


def _interpolated(shape: InterpolateShape, here: Environment) -> Datum:
    x = number(shape.subject, here)
    points = [(number(point.at, here), point.value) for point in shape.points]
    if x < points[0][0]:
        return _outside(shape.below, "below the first point", shape, here)
    if x > points[-1][0]:
        return _outside(shape.above, "above the last point", shape, here)
    for at, value in points:
        if x == at:
            return evaluate_expression(value, here)
    after = next(index for index, (at, _) in enumerate(points) if x < at)
    (x0, first), (x1, second) = points[after - 1], points[after]
    y0, y1 = number(first, here), number(second, here)
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def _outside(outcome: Outcome | None, side: str, shape: InterpolateShape, here: Environment) -> Datum:
    if outcome is None:
        raise settle.impossible(f"what is interpolated lies {side}, where nothing is stated", shape.span)
    return evaluate_outcome(outcome, here)


# --- several items


def action_on(policy: Policy | None, absent: Absent) -> str:
    """Return what is done with an absent item. Raises AbsentRead where the file says nothing about it."""
    if policy is None:
        raise AbsentRead(absent)
    try:
        return policy.action(absent.reason)
    except KeyError:
        raise AbsentRead(absent) from None


def zero_of(item: Expr | None) -> Plain:
    """Return what an absent item counts as under `zero`: nothing of a quantity, no of a yes/no."""
    return False if item is not None and item.type.kind == "yes_no" else Fraction(0)


def _higher(shape: HigherOfShape, here: Environment) -> Datum:
    kept: list[Plain] = []
    left_out: list[Absent] = []
    for item in shape.items:
        found = datum(item, here)
        if not isinstance(found, Absent):
            kept.append(found)
            continue
        match action_on(shape.policy, found):
            case "zero":
                kept.append(zero_of(item))
            case "absent":
                return found
            case _:
                left_out.append(found)
    if not kept:
        return left_out[0]
    return aggregate("min" if shape.lower else "max", kept)


Weighted: TypeAlias = tuple[Plain, Environment]
"""An item that counts, and the member it is of."""


def _gathered(shape: GatherShape, here: Environment) -> Datum:
    counted: list[Weighted] = []
    present = 0
    missing: Absent | None = None
    for member in here.members(shape.level, shape.within):
        if shape.where is not None and not holds(shape.where, member):
            continue
        found: Datum = True if shape.item is None else datum(shape.item, member)
        if not isinstance(found, Absent):
            present += 1
            counted.append((found, member))
            continue
        match action_on(shape.policy, found):
            case "zero":
                counted.append((zero_of(shape.item), member))
            case "absent":
                missing = found if missing is None else missing
            case _:  # redistribute and ignore leave it out
                pass
    if missing is not None:
        return missing
    if shape.needed_present is not None and present < number(shape.needed_present, here):
        return Absent(TOO_FEW_PRESENT)
    return _aggregated(shape, counted, here)


def _aggregated(shape: GatherShape, counted: Sequence[Weighted], here: Environment) -> Datum:
    items = [item for item, _ in counted]
    match shape.function:
        case "any" | "all" | "at_least_of" if not items:
            if shape.if_none is None:
                raise settle.impossible(f"{shape.function} gathers nothing; write `if_none`", shape.span)
            return shape.if_none
        case "at_least_of":
            return sum(item is True for item in items) >= number(written(shape.needed), here)
        case "sum" | "count" | "mean" | "min" | "max" | "any" | "all":
            return aggregate(shape.function, items)
    if not items:
        return Absent(NONE_PRESENT)
    match shape.function:
        case "weighted_mean":
            return _weighted_mean(shape, counted)
        case "variance":
            return _variance(shape, quantities(items))
        case "standard_deviation":
            found = _variance(shape, quantities(items))
            return exact.square_root(found, DEVIATION_DIGITS) if isinstance(found, Fraction) else found
        case "quantile":
            return _quantile(shape, sorted(quantities(items)), number(written(shape.at), here))
        case _:
            raise settle.impossible(f"no such aggregate: {shape.function}", shape.span)


def _weighted_mean(shape: GatherShape, counted: Sequence[Weighted]) -> Datum:
    items = quantities(item for item, _ in counted)
    weights = [number(written(shape.weight), member) for _, member in counted]
    total = sum(weights, Fraction(0))
    if total == 0:
        return Absent(NONE_PRESENT)
    return sum((item * weight for item, weight in zip(items, weights, strict=True)), Fraction(0)) / total


def _variance(shape: GatherShape, items: list[Fraction]) -> Datum:
    """Return the mean squared distance from the mean; `sample` divides by one less, and so needs two items."""
    match shape.definition:
        case "sample":
            divisor = len(items) - 1
        case "population":
            divisor = len(items)
        case _:
            raise settle.impossible(f"write sample or population as the definition of {shape.function}", shape.span)
    if divisor == 0:
        return Absent(TOO_FEW_PRESENT)
    mean = sum(items, Fraction(0)) / len(items)
    return sum(((item - mean) ** 2 for item in items), Fraction(0)) / divisor


def _quantile(shape: GatherShape, items: list[Fraction], at: Fraction) -> Fraction:
    """Return the quantile of sorted items.

    `nearest_rank`: the item of rank at * n, rounded up (at least the first). Hyndman and Fan's definitions interpolate
    at the rank at * (n + 1) (6) or at * (n - 1) + 1 (7), kept within the first and the last.
    """
    count = len(items)
    if not 0 <= at <= 1:
        raise settle.impossible("a quantile lies from 0% to 100%", shape.span)
    match shape.definition:
        case "nearest_rank":
            rank = exact.round_to(at * count, Fraction(1), "ceiling")
        case "hyndman_fan_6":
            rank = at * (count + 1)
        case "hyndman_fan_7":
            rank = at * (count - 1) + 1
        case _:
            raise settle.impossible(
                "write nearest_rank, hyndman_fan_6 or hyndman_fan_7 as the definition of quantile", shape.span
            )
    rank = min(max(rank, Fraction(1)), Fraction(count))
    below = rank.numerator // rank.denominator
    if below == rank:
        return items[below - 1]
    return items[below - 1] + (rank - below) * (items[below] - items[below - 1])
