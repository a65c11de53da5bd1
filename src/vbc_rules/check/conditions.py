"""Which conditions are settled at one place of the file, and what holds there once a condition does."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from vbc_rules.check import polynomial as poly
from vbc_rules.check.facts import Fact, Place
from vbc_rules.check.interval import Interval
from vbc_rules.check.polynomial import Atom, TooLarge
from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.resolve.expressions import (
    Compare,
    CompareOp,
    Constant,
    Datum,
    Every,
    Expr,
    Gather,
    IfElse,
    InCodes,
    IsAbsent,
    Not,
    OneOf,
    Read,
    Ref,
    Some,
)
from vbc_rules.resolve.program import FormulaShape

if TYPE_CHECKING:  # the estimator asks for conditions, and conditions ask it for ranges
    from vbc_rules.check.estimate import Estimator

OPPOSITE: Mapping[CompareOp, CompareOp] = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
STEPS = 3
"""How many tested values deep a fact is followed; more would make findings hard to foresee."""


def truth(estimator: Estimator, expr: Expr, place: Place) -> bool | None:
    """Return whether a condition is settled at `place`: yes, no, or None where the data decide."""
    known = place.holds.get(estimator.key_at(expr, place)) if place.holds else None
    match expr:
        case Constant():
            return expr.value if isinstance(expr.value, bool) else None
        case Read():
            value = estimator.datum(expr.ref, place)
            return value if isinstance(value, bool) else known
        case Not():
            inner = truth(estimator, expr.operand, place)
            return None if inner is None else not inner
        case Every():
            return _chain(estimator, expr.operands, place, stops_at=False)
        case Some():
            return _chain(estimator, expr.operands, place, stops_at=True)
        case Compare():
            found = _compare(estimator, expr, place)
            return known if found is None else found
        case OneOf():
            found = _one_of(estimator, expr, place)
            return known if found is None else found
        case IsAbsent():
            return _is_absent(estimator, expr, place)
        case IfElse():
            truth(estimator, expr.condition, place)
            truth(estimator, expr.then, assume(estimator, place, expr.condition, truth=True))
            truth(estimator, expr.otherwise, assume(estimator, place, expr.condition, truth=False))
            return known
        case Gather():
            for instance in estimator.instances(expr.level, expr.within, place):
                if expr.where is not None:
                    truth(estimator, expr.where, instance.place)
            return known
        case InCodes():
            _visit(estimator, expr.subject, place)
            return known
        case _:
            return known


def _chain(estimator: Estimator, operands: tuple[Expr, ...], place: Place, *, stops_at: bool) -> bool | None:
    settled: bool | None = not stops_at
    for operand in operands:
        found = truth(estimator, operand, place)
        if found is stops_at:
            return stops_at
        if found is None:
            settled = None
        place = assume(estimator, place, operand, truth=not stops_at)
        if place.impossible:
            return stops_at
    return settled


def _compare(estimator: Estimator, expr: Compare, place: Place) -> bool | None:
    if not expr.left.type.is_numeric:
        for side in (expr.left, expr.right):
            _visit(estimator, side, place)
        left, right = _word(estimator, expr.left, place), _word(estimator, expr.right, place)
        if left is None or right is None:
            return None
        if expr.op in ("=", "!="):
            if not left & right:
                return expr.op == "!="
            return (expr.op == "=") if len(left) == len(right) == 1 else None
        return None
    found = _difference(estimator, expr, place)
    match expr.op:
        case ">":
            return True if found.is_positive else False if found.is_not_positive else None
        case ">=":
            return True if found.is_not_negative else False if found.is_negative else None
        case "<":
            return True if found.is_negative else False if found.is_not_negative else None
        case "<=":
            return True if found.is_not_positive else False if found.is_positive else None
        case _:
            equal = expr.op == "="
            if found.is_point and found.low == 0:
                return equal
            return not equal if found.is_positive or found.is_negative else None


def _visit(estimator: Estimator, expr: Expr, place: Place) -> None:
    """Let the estimator see what is divided inside a word or a date."""
    if not isinstance(expr, Constant | Read):
        estimator.bounds(expr, place)


def _difference(estimator: Estimator, expr: Compare, place: Place) -> Interval:
    return estimator.bounds(expr.left, place) - estimator.bounds(expr.right, place)


def _word(estimator: Estimator, expr: Expr, place: Place) -> frozenset[Datum] | None:
    """Return the words (or dates, or yes/no) an expression can be, if that is known."""
    if isinstance(expr, Constant):
        return frozenset({expr.value})
    if isinstance(expr, Read):
        value = estimator.datum(expr.ref, place)
        if value is not None and not isinstance(value, Absent):
            return frozenset({value})
        return place.words.get(estimator.atom_of_read(expr.ref, place))
    return None


def _held_to(estimator: Estimator, place: Place, expr: Expr, words: frozenset[Datum], *, among: bool) -> Place:
    """Return `place` where a category is one of `words` (or, with `among` no, none of them)."""
    if not isinstance(expr, Read):
        return place
    known = _word(estimator, expr, place)
    if known is None:
        known = _all_words(expr)
    if known is not None:
        words = known & words if among else known - words
    elif not among:
        return place
    if not words:
        return replace(place, impossible=True)
    return replace(place, words={**place.words, estimator.atom_of_read(expr.ref, place): words})


def _all_words(expr: Expr) -> frozenset[Datum] | None:
    """Return every word an expression can be by its type; None where any text can be."""
    match expr.type.kind:
        case "category":
            return frozenset(expr.type.options)
        case "direction":
            return frozenset(("higher", "lower"))
        case "yes_no":
            return frozenset((True, False))
        case _:
            return None


def _one_of(estimator: Estimator, expr: OneOf, place: Place) -> bool | None:
    subject = _word(estimator, expr.subject, place)
    for part in (expr.subject, *expr.options):
        _visit(estimator, part, place)
    options = [_word(estimator, option, place) for option in expr.options]
    if subject is None or any(option is None for option in options):
        return None
    allowed = frozenset().union(*(option for option in options if option is not None))
    if subject <= allowed:
        return not expr.negated
    return expr.negated if not subject & allowed else None


def _is_absent(estimator: Estimator, expr: IsAbsent, place: Place) -> bool | None:
    value = estimator.datum(expr.ref, place)
    if value is not None:
        there = not isinstance(value, Absent)
        matches = (not there) if expr.reason is None else (isinstance(value, Absent) and value.reason == expr.reason)
        return matches != expr.negated
    if place.in_program is False and estimator.is_for_members(expr.ref):
        return (expr.reason in (None, NOT_IN_PROGRAM)) != expr.negated
    if not estimator.reasons(expr.ref, place):
        return expr.negated
    if not place.holds:
        return None
    missing = place.holds.get(key_of_absence(expr.ref, place))
    if missing is not None and (expr.reason is None or not missing):
        return missing != expr.negated
    return place.holds.get(estimator.key_at(expr, place))


def key_of_absence(ref: Ref, place: Place) -> Hashable:
    """Return what tells whether a name is missing among the conditions that hold at a place."""
    return ("missing", ref, place.members.get(ref.level))


def assume(estimator: Estimator, place: Place, expr: Expr, *, truth: bool, steps: int = STEPS) -> Place:
    """Return `place` where `expr` also holds (or does not)."""
    settled = estimator.truth(expr, place) if isinstance(expr, IsAbsent | Read | OneOf) else None
    if settled is not None and settled is not truth:
        return replace(place, impossible=True)
    place = replace(place, holds={**place.holds, estimator.key_at(expr, place): truth})
    match expr:
        case Constant(value=bool() as value) if value is not truth:
            return replace(place, impossible=True)
        case Not():
            return assume(estimator, place, expr.operand, truth=not truth, steps=steps)
        case Every() if truth:
            for operand in expr.operands:
                place = assume(estimator, place, operand, truth=True, steps=steps)
        case Some() if not truth:
            for operand in expr.operands:
                place = assume(estimator, place, operand, truth=False, steps=steps)
        case Every() | Some():
            # All but one are settled the other way: the last one must be as is said.
            open_ = [operand for operand in expr.operands if estimator.truth(operand, place) is not (not truth)]
            if not open_:
                return replace(place, impossible=True)
            if len(open_) == 1:
                return assume(estimator, place, open_[0], truth=truth, steps=steps)
        case IsAbsent(reason=None):
            missing = truth != expr.negated
            return replace(place, holds={**place.holds, key_of_absence(expr.ref, place): missing})
        case Compare():
            return _assume_compare(estimator, place, expr, expr.op if truth else OPPOSITE[expr.op])
        case OneOf() if isinstance(expr.subject, Read) and not expr.subject.type.is_numeric:
            words = [_word(estimator, option, place) for option in expr.options]
            among = truth != expr.negated
            if all(word is not None and (among or len(word) == 1) for word in words):
                joined: frozenset[Datum] = frozenset().union(*(word for word in words if word is not None))
                return _held_to(estimator, place, expr.subject, joined, among=among)
        case Read() if steps > 0:
            definition = estimator.definitions.get(expr.ref)
            if definition is not None and isinstance(definition.shape, FormulaShape):
                inner = definition.shape.outcome.expr
                if inner is not None and not isinstance(inner, Read) and (truth or not definition.needs):
                    return assume(estimator, place, inner, truth=truth, steps=steps - 1)
    return place


def _assume_compare(estimator: Estimator, place: Place, expr: Compare, op: CompareOp) -> Place:
    if not expr.left.type.is_numeric:
        for side, other in ((expr.left, expr.right), (expr.right, expr.left)):
            words = _word(estimator, other, place)
            if words is not None and (op == "=" or (op == "!=" and len(words) == 1)):
                place = _held_to(estimator, place, side, words, among=op == "=")
        return place
    try:
        difference = poly.add(
            estimator.polynomial(expr.left, place), estimator.polynomial(expr.right, place), poly.MINUS
        )
    except TooLarge:
        return place
    if op == "!=":
        found = _difference(estimator, expr, place)
        op = ">" if found.is_not_negative else "<" if found.is_not_positive else "!="
    if op == "!=":
        return place
    if not difference:
        return replace(place, impossible=place.impossible or op in ("<", ">"))
    turned = poly.negate(difference)
    facts = {
        ">": [Fact(difference, strict=True)],
        ">=": [Fact(difference, strict=False)],
        "<": [Fact(turned, strict=True)],
        "<=": [Fact(turned, strict=False)],
        "=": [Fact(difference, strict=False), Fact(turned, strict=False)],
    }[op]
    for fact in facts:
        place = place.with_fact(fact)
    moved: set[Atom] = set()
    for fact in facts:
        place = _narrow(estimator, place, fact, moved)
    if moved:
        for fact in place.facts:
            if any(len(monomial) == 1 and monomial[0] in moved for monomial in fact.polynomial):
                place = _narrow(estimator, place, fact, moved)
    return place


def _narrow(estimator: Estimator, place: Place, fact: Fact, moved: set[Atom]) -> Place:
    """Tighten the range of each atom that stands alone in a comparison; add those that moved to `moved`."""
    if len(fact.polynomial) > 6:
        return place
    for monomial, factor in fact.polynomial.items():
        if len(monomial) != 1:
            continue
        atom = monomial[0]
        rest = {other: value for other, value in fact.polynomial.items() if other != monomial}
        if any(atom in other for other in rest):
            continue
        limit = poly.sum_of_ranges(rest, estimator.range_of(place)).times(-1 / factor)
        present = estimator.atom_range(atom, place)
        if factor > 0 and limit.low is not None:
            tighter = Interval(limit.low, None, low_open=fact.strict or limit.low_open)
        elif factor < 0 and limit.high is not None:
            tighter = Interval(None, limit.high, high_open=fact.strict or limit.high_open)
        else:
            continue
        met = present.meet(tighter)
        if met != present:
            place = place.with_range(atom, met)
            moved.add(atom)
    return place
