"""Guarantees: proven from ranges, branch facts and the definitions of what they name, or refused.

Code: VBC808 a guarantee is not proven.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from vbc_rules.check import polynomial as poly
from vbc_rules.check.adding import adds_up, substitute, with_substituted_facts, written_out
from vbc_rules.check.cases import Alternative, cases_of, cases_of_formula
from vbc_rules.check.conditions import OPPOSITE
from vbc_rules.check.estimate import Estimator
from vbc_rules.check.facts import Fact, Place, sign_from_facts
from vbc_rules.check.paths import is_of_participants
from vbc_rules.check.polynomial import Atom, Effort, Polynomial, TooLarge
from vbc_rules.check.ranges import RangeWalk
from vbc_rules.check.scales import is_multiple
from vbc_rules.check.show import span_of
from vbc_rules.check.sums import sums_in
from vbc_rules.resolve.expressions import (
    Compare,
    Every,
    Expr,
    Gather,
    IfElse,
    IsAbsent,
    Not,
    OneOf,
    Read,
    Ref,
    Some,
    children,
)
from vbc_rules.resolve.program import Guarantee
from vbc_rules.source.diagnostic import Findings, Related

_DEPTH = 8
_GOALS = 400
_GOALS_BELOW = 60
"""So many goals are looked at in showing one comparison of sums member by member."""
_TRIES = 6000


@dataclass(slots=True)
class _Budget:
    """What one guarantee may cost: how many goals are looked at, and how many sums of ranges are tried."""

    left: int = _GOALS
    effort: Effort = field(default_factory=lambda: Effort(_TRIES))


def prove_guarantees(estimator: Estimator, findings: Findings) -> None:
    """Record every guarantee that does not follow from the file."""
    # What a formula's own place must show (a divisor above zero) has been reported there.
    estimator = replace(estimator, findings=Findings(), _reported=set())
    walk = RangeWalk(estimator)
    order = {definition.ref: index for index, definition in enumerate(estimator.program.definitions)}
    proven: list[Guarantee] = []
    for guarantee in estimator.program.guarantees:
        budget, more = _Budget(), _Budget()
        for place in _places(guarantee, walk):
            if _Proof(estimator, walk, budget, order).condition(guarantee.condition, place):
                continue
            helped = _helped(guarantee, proven, place, estimator)
            if not _Proof(estimator, walk, more, order, goes_on=True).condition(guarantee.condition, helped):
                _report(guarantee, place, estimator, findings)
                break
        else:
            proven.append(guarantee)


def _helped(guarantee: Guarantee, proven: list[Guarantee], place: Place, estimator: Estimator) -> Place:
    """Return a place where the guarantees that are proven already hold."""
    if place.in_program is False:
        return place  # one that reads an absent value says nothing there
    for earlier in proven:
        if earlier.level == guarantee.level:
            place = estimator.assume(place, earlier.condition, truth=True)
    return place


def _places(guarantee: Guarantee, walk: RangeWalk) -> Iterator[Place]:
    """Yield where a guarantee must hold: for participants of the program, and for those that fail each of its gates."""
    yield from walk.places(guarantee.level, payment=True)
    if not is_of_participants(walk.program, guarantee.level):
        return
    for gate in walk.program.gates:
        if gate.pays is None:
            for place in walk.places(guarantee.level):
                yield walk.estimator.assume(replace(place, in_program=False), gate.require, truth=False)


def _report(guarantee: Guarantee, place: Place, estimator: Estimator, findings: Findings) -> None:
    found: list[str] = []
    related: list[Related] = []
    for name in _names(guarantee.condition):
        if name.type.is_numeric:
            interval = estimator.read_range(name.ref, place)
            found.append(f"`{name.ref.name}` was found to be {span_of(interval, name.type)}")
        definition = estimator.definitions.get(name.ref)
        if definition is not None:
            related.append(Related(f"`{name.ref.name}` comes from here", definition.span))
    at = ", ".join(f"`{member}`" for member in place.members.values())
    findings.error(
        "VBC808",
        "the guarantee is not proven" + (f" at {at}" if at else "") + (f": {', '.join(found)}" if found else ""),
        guarantee.span,
        "let the rules make it so (a cap, a floor, a condition, rounding down), or promise less",
        *related,
    )


def _names(expr: Expr) -> Iterator[Read]:
    seen = set()
    waiting = [expr]
    while waiting:
        here = waiting.pop(0)
        if isinstance(here, Read) and here.ref not in seen:
            seen.add(here.ref)
            yield here
        waiting.extend(children(here))


@dataclass(slots=True)
class _Proof:
    """One attempt: cases are tried until all are shown or the budget is spent.

    With `goes_on` values that are a sum of others are written out first, and several comparisons that hold are added.
    """

    estimator: Estimator
    walk: RangeWalk
    budget: _Budget
    order: Mapping[Ref, int]
    goes_on: bool = False

    def condition(self, expr: Expr, place: Place) -> bool:
        """Whether `expr` is shown to hold at `place`."""
        if place.impossible or self.estimator.truth(expr, place) is True:
            return True
        if place.in_program is False and self._reads_payment(expr):
            return True  # what reads an absent value says nothing
        match expr:
            case Every():
                for operand in expr.operands:
                    if not self.condition(operand, place):
                        return False
                    place = self.estimator.assume(place, operand, truth=True)
                return True
            case Some():
                return self._some(expr, place)
            case Not(operand=Compare() as inner):
                return self.condition(replace(inner, op=OPPOSITE[inner.op]), place)
            case Not(operand=Every() as inner):
                parts = tuple(Not(part.span, part.type, part) for part in inner.operands)
                return self._some(Some(inner.span, inner.type, parts), place)
            case Compare() if expr.left.type.is_numeric:
                return self._compare(expr, place)
            case _:
                return False

    def _reads_payment(self, expr: Expr) -> bool:
        """Whether evaluating a condition always reads a payment."""
        match expr:
            case Read():
                return self.estimator.is_for_members(expr.ref)
            case Every() | Some():
                return self._reads_payment(expr.operands[0])
            case IfElse():
                return self._reads_payment(expr.condition)
            case Gather() | OneOf():
                return False
            case _:
                return any(self._reads_payment(part) for part in children(expr))

    def _some(self, expr: Some, place: Place) -> bool:
        """One of several: each is tried on the supposition that the others do not hold."""
        for index, operand in enumerate(expr.operands):
            if isinstance(operand, IsAbsent) and not operand.negated:
                continue
            supposed = place
            for other, alternative in enumerate(expr.operands):
                if other != index:
                    supposed = self.estimator.assume(supposed, alternative, truth=False)
            if self.condition(operand, supposed):
                return True
        return False

    def _compare(self, expr: Compare, place: Place) -> bool:
        try:
            left, right = self.estimator.polynomial(expr.left, place), self.estimator.polynomial(expr.right, place)
            rising = poly.add(left, right, poly.MINUS)
            if self.goes_on:
                rising, place = written_out(rising, place, self.estimator, self._cases, self._rank)
        except TooLarge:
            return False
        falling = poly.negate(rising)
        match expr.op:
            case ">=" | ">":
                return self.at_least_zero(rising, place, strict=expr.op == ">")
            case "<=" | "<":
                return self.at_least_zero(falling, place, strict=expr.op == "<")
            case "=":
                return self.at_least_zero(rising, place) and self.at_least_zero(falling, place)
            case _:
                return self.at_least_zero(rising, place, strict=True) or self.at_least_zero(falling, place, strict=True)

    def at_least_zero(
        self,
        goal: Polynomial,
        place: Place,
        *,
        strict: bool = False,
        depth: int = 0,
        opened: frozenset[Atom] = frozenset(),
    ) -> bool:
        """Whether `goal` is shown to be zero or more (with `strict` more than zero)."""
        self.budget.left -= 1
        if place.impossible or self._directly(goal, place, strict=strict):
            return True
        if depth >= _DEPTH or self.budget.left <= 0 or self.budget.effort.left <= 0:
            return False
        if self.goes_on and depth == 0 and self._is_added_up(goal, place, strict=strict):
            return True
        if self._member_by_member(goal, place, strict=strict, depth=depth):
            return True
        for atom in self._worth_opening(goal, place, opened):
            cases = self._cases(atom, place)
            if cases is None:
                continue
            return all(self._in_case(goal, atom, case, strict, depth, opened | {atom}) for case in cases)
        return False

    def _is_added_up(self, goal: Polynomial, place: Place, *, strict: bool) -> bool:
        try:
            return self._adds_up(goal, place, strict=strict)
        except TooLarge:
            return False

    def _adds_up(self, goal: Polynomial, place: Place, *, strict: bool) -> bool:
        """Whether comparisons that hold add up to a goal, or to it before the rounding down of what is in it."""
        range_of = self.estimator.range_of(place, self.budget.effort)
        if adds_up(goal, place, range_of, strict=strict):
            return True
        for atom in () if strict else poly.atoms(goal):
            parts = poly.split(goal, atom)
            cases = self._cases(atom, place) if parts is not None and parts[1] == poly.constant(poly.ONE) else None
            if parts is None or cases is None or len(cases) != 1 or cases[0].floor_of is None:
                continue
            if self._is_whole(parts[0], cases[0].unit):
                unrounded = poly.add(parts[0], cases[0].floor_of)
                unrounded, place = written_out(unrounded, place, self.estimator, self._cases, self._rank)
                return adds_up(unrounded, place, range_of, strict=False)
        return False

    def _member_by_member(self, goal: Polynomial, place: Place, *, strict: bool, depth: int) -> bool:
        """Whether sums over the same members are shown to be in order because they are at each member."""
        for sums in sums_in(goal, self.estimator):
            if (strict or sums.rest) and not self._directly(sums.rest, place, strict=strict):
                continue
            outer = self.budget.left
            self.budget.left = min(outer, _GOALS_BELOW)
            try:
                goals = sums.goals(place, self.estimator, self.walk)
                shown = goals is not None and all(
                    self.at_least_zero(below, here, depth=depth + 1) for here, below in goals
                )
            except TooLarge:
                shown = False
            self.budget.left = outer - (min(outer, _GOALS_BELOW) - self.budget.left)
            if shown:
                return True
        return False

    def _directly(self, goal: Polynomial, place: Place, *, strict: bool) -> bool:
        range_of = self.estimator.range_of(place, self.budget.effort)
        found = poly.sum_of_ranges(goal, range_of)
        if found.is_positive or (not strict and found.is_not_negative):
            return True
        at_least_zero, above = sign_from_facts(goal, place, range_of)
        if above or (at_least_zero and not strict):
            return True
        if not strict and poly.is_not_negative(goal, range_of):
            return True
        return sign_from_facts({}, place, range_of)[1]  # zero above zero: the case never happens

    def _worth_opening(self, goal: Polynomial, place: Place, opened: frozenset[Atom]) -> list[Atom]:
        """Return what goal and facts name and has not been opened on this way: formulas first, then late values.

        A payment is opened before the values it is made of, so that proofs stay near the words of the guarantee.
        """
        found = dict.fromkeys(poly.atoms(goal))
        for fact in place.facts:
            found.update(dict.fromkeys(poly.atoms(fact.polynomial)))
        return sorted((atom for atom in found if atom not in opened), key=self._rank)

    def _rank(self, atom: Atom) -> int:
        if isinstance(atom, tuple) and atom and atom[0] == "read":
            return len(self.order) - self.order.get(Ref(atom[1], atom[2]), 0)
        return 0

    def _cases(self, atom: Atom, place: Place) -> tuple[Alternative, ...] | None:
        try:
            found = cases_of(atom, place, self.estimator, self.walk)
            return found if found is not None else cases_of_formula(atom, place, self.estimator, self.walk)
        except TooLarge:
            return None

    def _in_case(
        self,
        goal: Polynomial,
        atom: Atom,
        case: Alternative,
        strict: bool,  # noqa: FBT001 - handed through
        depth: int,
        opened: frozenset[Atom],
    ) -> bool:
        if case.place.impossible:
            return True
        try:
            return self._in_possible_case(goal, atom, case, strict, depth, opened)
        except TooLarge:
            return False

    def _in_possible_case(
        self,
        goal: Polynomial,
        atom: Atom,
        case: Alternative,
        strict: bool,  # noqa: FBT001 - handed through
        depth: int,
        opened: frozenset[Atom],
    ) -> bool:
        if case.exact is not None:
            place = with_substituted_facts(case.place, atom, case.exact)
            return self.at_least_zero(
                substitute(goal, atom, case.exact), place, strict=strict, depth=depth + 1, opened=opened
            )
        parts = poly.split(goal, atom)
        bounds: tuple[Polynomial, ...] = ()
        if parts is not None and parts[1]:
            factor = poly.sum_of_ranges(parts[1], self.estimator.range_of(case.place))
            bounds = case.above if factor.is_not_positive else case.below if factor.is_not_negative else ()
        place = case.place
        for bound in case.above:
            place = place.with_fact(Fact(poly.add(bound, poly.variable(atom), poly.MINUS), strict=False))
        for bound in case.below:
            place = place.with_fact(Fact(poly.add(poly.variable(atom), bound, poly.MINUS), strict=False))
        if case.floor_of is not None and not strict and parts is not None and parts[1] == poly.constant(poly.ONE):
            # What is a whole multiple itself is at most x rounded down where it is at most x.
            unrounded = poly.add(parts[0], case.floor_of)
            whole = self._is_whole(parts[0], case.unit)
            if whole and self.at_least_zero(unrounded, place, depth=depth + 1, opened=opened):
                return True
        return any(
            self.at_least_zero(substitute(goal, atom, bound), place, strict=strict, depth=depth + 1, opened=opened)
            for bound in bounds
        ) or self.at_least_zero(goal, place, strict=strict, depth=depth + 1, opened=opened)

    def _is_whole(self, polynomial: Polynomial, unit: Fraction) -> bool:
        """Whether a formula is certainly a whole multiple of `unit`."""
        for monomial, value in polynomial.items():
            if len(monomial) > 1:
                return False
            grid = self._grid(monomial[0]) if monomial else Fraction(1)
            if grid is None or not is_multiple(abs(value) * grid, unit):
                return False
        return True

    def _grid(self, atom: Atom) -> Fraction | None:
        if isinstance(atom, tuple) and atom and atom[0] == "read":
            return self.walk.grids.of_name(Ref(atom[1], atom[2]))
        expr = self.estimator.formula_of(atom)
        return None if expr is None else self.walk.grids.of(expr)
