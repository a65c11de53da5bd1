"""The ways in which a named value comes about: each case with what holds there and what the value then is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from vbc_rules.check import polynomial as poly
from vbc_rules.check.estimate import Estimator
from vbc_rules.check.facts import Fact, Place
from vbc_rules.check.interval import Interval
from vbc_rules.check.paths import is_of_participants
from vbc_rules.check.polynomial import Atom, Polynomial
from vbc_rules.check.ranges import RangeWalk
from vbc_rules.check.scales import is_multiple
from vbc_rules.check.sums import bounds_of_sum
from vbc_rules.resolve.expressions import Apply, Expr, Gather, IfElse, Negate, Read, Ref, Round, Rounding
from vbc_rules.resolve.program import (
    AllocateShape,
    ByMemberShape,
    ChooseShape,
    Definition,
    FormulaShape,
    GatherShape,
    HigherOfShape,
    Outcome,
    TableShape,
    TiersShape,
)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One case: what the value is exactly, or what it lies `above` / `below` of (each list may be empty).

    `floor_of`: the value is that rounded down to a multiple of `unit`.
    """

    place: Place
    exact: Polynomial | None
    below: tuple[Polynomial, ...] = ()
    above: tuple[Polynomial, ...] = ()
    floor_of: Polynomial | None = None
    unit: Fraction = Fraction(1)


def cases_of(atom: Atom, place: Place, estimator: Estimator, walk: RangeWalk) -> tuple[Alternative, ...] | None:
    """Return the cases of a value that is read; None where nothing more is known than its range."""
    if not (isinstance(atom, tuple) and atom and atom[0] == "read"):
        return None
    ref = Ref(atom[1], atom[2])
    definition = estimator.definitions.get(ref)
    if definition is None:
        return None
    own = _own_place(ref.level, atom[3], place, estimator)
    if own is None:
        return None
    found: list[Alternative] = []
    inner = walk.guarded(definition, own)
    if inner is not None:
        is_whole = definition.rounding is not None and is_multiple(
            walk.grids.before_rounding(definition), definition.rounding.unit
        )
        for here, exact in _shape_cases(definition, inner, estimator):
            found += _finished(definition, here, exact, estimator, is_whole=is_whole)
            if len(found) > 64:
                return None
        if not found:
            return None
    if definition.role == "payment":
        if definition.pays_nothing_if_absent:
            found.append(Alternative(own, {}))
        for gate in estimator.program.gates:
            if gate.pays is not None and ref in gate.on:
                found.append(Alternative(estimator.assume(own, gate.require, truth=False), poly.constant(gate.pays)))
    return tuple(replace(case, place=_back_at(case.place, place)) for case in found)


def _back_at(place: Place, start: Place) -> Place:
    """Return what holds at `place`, seen from where the proof stands."""
    return replace(place, members=start.members, in_program=start.in_program, at=start.at)


def _own_place(level: str, member: str | None, place: Place, estimator: Estimator) -> Place | None:
    """Return `place` as seen from the instance a value stands on."""
    program = estimator.program
    members: dict[str, str] = {}
    for name in program.chain(level):
        here = program.levels[name]
        if here.kind == "list":
            if name not in place.members and name != level:
                return None
            continue
        if here.kind != "members":
            continue
        if member is None:
            member = place.members.get(name)
        if member is None:
            return None
        members[name] = member
        member = next(entry.parent for entry in here.members if entry.name == member)
    in_program = place.in_program if is_of_participants(program, level) else True
    return replace(place, members=members, in_program=in_program, at=level)


def _finished(
    definition: Definition, place: Place, exact: Polynomial, estimator: Estimator, *, is_whole: bool
) -> Iterator[Alternative]:
    """Yield the cases after the definition's floor, cap and rounding; with `is_whole` the rounding changes nothing."""
    for here, value in _clamped(definition.at_least, definition.at_most, place, exact, estimator):
        yield _rounded(None if is_whole else definition.rounding, here, value, estimator)


def _clamped(
    at_least: Expr | None, at_most: Expr | None, place: Place, exact: Polynomial, estimator: Estimator
) -> Iterator[tuple[Place, Polynomial]]:
    ways = [(place, exact)]
    for bound, sign in ((at_least, 1), (at_most, -1)):
        if bound is None:
            continue
        held: list[tuple[Place, Polynomial]] = []
        for here, value in ways:
            limit = estimator.polynomial(bound, here)
            gap = poly.add({}, poly.add(value, limit, poly.MINUS), Fraction(sign))
            held.append((here.with_fact(Fact(gap, strict=False)), value))
            held.append((here.with_fact(Fact(poly.negate(gap), strict=True)), limit))
        ways = held
    yield from ways


def _rounded(rounding: Rounding | None, place: Place, exact: Polynomial, estimator: Estimator) -> Alternative:
    if rounding is None:
        return Alternative(place, exact)
    range_of = estimator.range_of(place)
    found = estimator.signed(poly.sum_of_ranges(exact, range_of), exact, place)
    if not found.is_not_negative and poly.is_not_negative(exact, range_of):
        found = found.meet(Interval(Fraction(0), None))
    unit = poly.constant(rounding.unit)
    half = poly.constant(rounding.unit / 2)
    minus_unit, minus_half = poly.add(exact, unit, poly.MINUS), poly.add(exact, half, poly.MINUS)
    mode = rounding.mode
    if mode == "down":
        mode = "floor" if found.is_not_negative else "ceiling" if found.is_not_positive else mode
    if mode == "up":
        mode = "ceiling" if found.is_not_negative else "floor" if found.is_not_positive else mode
    match mode:
        case "floor":
            below, above = [minus_unit], [exact]
        case "ceiling":
            below, above = [exact], [poly.add(exact, unit)]
        case "half_up" | "half_even":
            below, above = [minus_half], [poly.add(exact, half)]
        case _:
            below, above = [minus_unit], [poly.add(exact, unit)]
    ends = found.rounded(rounding)
    if ends.low is not None:
        below.append(poly.constant(ends.low))
    if ends.high is not None:
        above.append(poly.constant(ends.high))
    floor_of = exact if mode == "floor" else None
    return Alternative(place, None, tuple(below), tuple(above), floor_of, rounding.unit)


# --- shapes -----------------------------------------------------------------------------------------------------------


def _shape_cases(definition: Definition, place: Place, estimator: Estimator) -> Iterator[tuple[Place, Polynomial]]:
    """Yield (what holds, what the shape gives) for each case of a shape whose cases are formulas."""
    shape = definition.shape
    match shape:
        case FormulaShape():
            yield from _outcome_cases(shape.outcome, place, estimator)
        case ChooseShape():
            for case in shape.cases:
                yield from _outcome_cases(case.outcome, estimator.assume(place, case.when, truth=True), estimator)
                place = estimator.assume(place, case.when, truth=False)
            yield from _outcome_cases(shape.otherwise, place, estimator)
        case TiersShape():
            for step in shape.steps:
                yield from _outcome_cases(step.outcome, estimator.assume(place, step.test, truth=True), estimator)
                place = estimator.assume(place, step.test, truth=False)
            yield from _outcome_cases(shape.otherwise, place, estimator)
        case TableShape():
            for row in shape.rows:
                here = place
                for test in row.tests:
                    if test is not None:
                        here = estimator.assume(here, test, truth=True)
                yield from _outcome_cases(row.outcome, here, estimator)
        case ByMemberShape():
            member = place.members.get(shape.level)
            for name, outcome in shape.outcomes:
                if name == member:
                    yield from _outcome_cases(outcome, place, estimator)
        case HigherOfShape() if not _zero_counts(shape):
            for item in shape.items:
                yield place, estimator.polynomial(item, place)
        case GatherShape(function="sum", item=Read() as item):
            total = _sum(shape.level, shape.within, item, shape.where, place, estimator)
            if total is None:
                args = (shape.level, shape.within, item, shape.where)
                total = estimator.polynomial(Gather(shape.span, item.type, "sum", *args, present=True), place)
            yield place, total
        case AllocateShape():
            yield _share(definition.ref, shape, place, estimator)


def _share(ref: Ref, shape: AllocateShape, place: Place, estimator: Estimator) -> tuple[Place, Polynomial]:
    """Return a share under a name of its own, and that it keeps to its floor, its cap and the pool."""
    atom = ("share", ref.level, ref.name, tuple(sorted(place.members.items())))
    named = poly.variable(atom)
    place = place.with_range(atom, Interval(Fraction(0), None))
    for high in (shape.pool, shape.at_most):
        if high is not None:
            gap = poly.add(estimator.polynomial(high, place), named, poly.MINUS)
            place = place.with_fact(Fact(gap, strict=False))
    if shape.at_least is not None:
        gap = poly.add(named, estimator.polynomial(shape.at_least, place), poly.MINUS)
        place = place.with_fact(Fact(gap, strict=False))
    return place, named


def _zero_counts(shape: HigherOfShape) -> bool:
    policy = shape.policy
    return policy is not None and (policy.every == "zero" or any(action == "zero" for _, action in policy.by_reason))


def _outcome_cases(outcome: Outcome, place: Place, estimator: Estimator) -> Iterator[tuple[Place, Polynomial]]:
    if outcome.expr is None or place.impossible:
        return
    for here, expr in _ways(outcome.expr, place, estimator):
        exact = estimator.polynomial(expr, here)
        for kept, value in _clamped(outcome.at_least, outcome.at_most, here, exact, estimator):
            if outcome.rounding is None:
                yield kept, value
                continue
            atom = ("rounded", outcome.span.line, outcome.span.column, tuple(sorted(place.members.items())))
            rounded = _rounded(outcome.rounding, kept, value, estimator)
            found = estimator.signed(poly.sum_of_ranges(value, estimator.range_of(kept)), value, kept)
            found = found.rounded(outcome.rounding)
            held = kept.with_range(atom, found)
            named = poly.variable(atom)
            for bound in rounded.above:
                held = held.with_fact(Fact(poly.add(bound, named, poly.MINUS), strict=False))
            for bound in rounded.below:
                held = held.with_fact(Fact(poly.add(named, bound, poly.MINUS), strict=False))
            yield held, named


def _ways(expr: Expr, place: Place, estimator: Estimator) -> Iterator[tuple[Place, Expr]]:
    """Yield the ways of an `if .. then .. else` that stands outermost."""
    if isinstance(expr, IfElse):
        yield from _ways(expr.then, estimator.assume(place, expr.condition, truth=True), estimator)
        yield from _ways(expr.otherwise, estimator.assume(place, expr.condition, truth=False), estimator)
    elif not place.impossible:
        yield place, expr


# --- formulas taken as a whole ----------------------------------------------------------------------------------------


def cases_of_formula(atom: Atom, place: Place, estimator: Estimator, walk: RangeWalk) -> tuple[Alternative, ...] | None:
    """Return the cases of a formula that stands in a polynomial as a whole (`max(a, b)`, `if ..`, `sum(..)`)."""
    expr = estimator.formula_of(atom)
    if expr is None or not isinstance(atom, tuple):
        return None
    found = _ways_of_formula(expr, replace(place, members=dict(atom[2])), estimator, walk)
    if found is None:
        return None
    return tuple(replace(case, place=_back_at(case.place, place)) for case in found)


def _ways_of_formula(expr: Expr, place: Place, estimator: Estimator, walk: RangeWalk) -> tuple[Alternative, ...] | None:
    match expr:
        case Apply(function="max" | "min") if len(expr.arguments) == 2:
            first, second = (estimator.polynomial(part, place) for part in expr.arguments)
            gap = poly.add(first, second, poly.MINUS)
            if expr.function == "min":
                gap = poly.negate(gap)
            return (
                Alternative(place.with_fact(Fact(gap, strict=False)), first),
                Alternative(place.with_fact(Fact(poly.negate(gap), strict=False)), second),
            )
        case Apply(function="abs"):
            inner = estimator.polynomial(expr.arguments[0], place)
            turned = poly.negate(inner)
            return (
                Alternative(place.with_fact(Fact(inner, strict=False)), inner),
                Alternative(place.with_fact(Fact(turned, strict=False)), turned),
            )
        case IfElse():
            return tuple(
                Alternative(here, estimator.polynomial(way, here)) for here, way in _ways(expr, place, estimator)
            )
        case Round():
            return (_rounded(expr.rounding, place, estimator.polynomial(expr.operand, place), estimator),)
        case Gather(function="sum", item=Read() as item):
            total = _sum(expr.level, expr.within, item, expr.where, place, estimator)
            above = bounds_of_sum(expr, place, estimator, walk)
            if total is None:
                return (Alternative(place, None, above=above),) if above else None
            for bound in above:
                place = place.with_fact(Fact(poly.add(bound, total, poly.MINUS), strict=False))
            return (Alternative(place, total),)
        case Negate():
            return (Alternative(place, poly.negate(estimator.polynomial(expr.operand, place))),)
        case _:
            return None


def _sum(
    level: str, within: str, item: Read, where: Expr | None, place: Place, estimator: Estimator
) -> Polynomial | None:
    """Return a sum written out over listed members; None where it cannot be.

    A member that may be left out stands as a quantity of its own between zero and its range.
    """
    total: Polynomial = {}
    for instance in estimator.instances(level, within, place):
        if instance.most != 1:
            return None
        inner = instance.place
        if place.in_program is False and estimator.is_for_members(item.ref):
            continue
        settled = estimator.truth(where, inner) if where is not None else True
        if settled is False:
            continue
        atom = estimator.atom_of_read(item.ref, inner)
        if settled is None or estimator.reasons(item.ref, inner):
            found = estimator.read_range(item.ref, inner).hull(Interval.point(Fraction(0)))
            atom = ("perhaps", atom, None if where is None else estimator.key_at(where, inner))
            estimator.name_formula(atom, found)
        total = poly.add(total, poly.variable(atom))
    return total
