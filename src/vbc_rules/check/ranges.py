"""The range of every value, inferred from the inputs' ranges and the facts of the branch taken.

Codes: VBC801 a divisor may be zero; VBC802 the root of a negative number; VBC804 a weight may be negative;
VBC806 too many digits. Of shares of a pool (`together`): VBC810 to VBC812.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Final

from vbc_rules.check.absence import is_asked
from vbc_rules.check.conditions import key_of_absence
from vbc_rules.check.estimate import Estimator
from vbc_rules.check.facts import Place
from vbc_rules.check.interval import EVERYTHING, NOTHING, ZERO, Interval
from vbc_rules.check.parts import parts_of, walk
from vbc_rules.check.paths import is_of_participants, may_be_empty
from vbc_rules.check.presence import Known, Presence
from vbc_rules.check.scales import Grids
from vbc_rules.check.show import span_of
from vbc_rules.check.sizes import Sizes
from vbc_rules.check.together import Shares, standing_range
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import Expr, IsAbsent, Read, Ref
from vbc_rules.resolve.program import (
    AllocateShape,
    ByMemberShape,
    ChooseShape,
    Definition,
    FormulaShape,
    Gate,
    GatherShape,
    HigherOfShape,
    InterpolateShape,
    Outcome,
    Program,
    Shape,
    StandingShape,
    TableShape,
    TiersShape,
    TopShape,
)
from vbc_rules.source.diagnostic import Findings

MAX_DIGITS: Final = 1_000
"""Digits of a value before and after its decimal point: multiplying values with values doubles them each time."""

MAX_SIZE: Final = 100_000
"""A quotient's two whole numbers are carried exactly: with more digits than this in sight, the file is refused."""

_MAX_BITS: Final = MAX_DIGITS * 10 // 3  # a digit is a little less than 10/3 bits


def infer_ranges(program: Program, presence: Presence, findings: Findings) -> Estimator | None:
    """Return the estimator with the range of every value at every listed member; None where one has endless digits.

    Where absences were found wrong, what they leave unclear is passed over, with all that reads it.
    """
    estimator = Estimator(program, presence, findings)
    estimator.definitions.update((definition.ref, definition) for definition in program.definitions)
    walk = RangeWalk(estimator)
    unclear = set(presence.unclear)
    for step in program.steps:
        if unclear and (step.ref in unclear or any(ref in unclear for ref in _names_in(step))):
            unclear.add(step.ref)
            if isinstance(step, Gate):
                unclear.update(one.ref for one in program.definitions if one.role == "payment")
        elif isinstance(step, Gate):
            for place in walk.places_of(step):
                estimator.truth(step.require, place)
        elif not walk.definition(step):
            return None  # what reads it would need even more digits
    return estimator


def _names_in(step: Definition | Gate) -> Iterator[Ref]:
    for part in parts_of(step):
        yield from (inner.ref for inner in walk(part.expr) if isinstance(inner, Read))


class RangeWalk:
    """Walks the definitions in order and fills in their ranges."""

    def __init__(self, estimator: Estimator) -> None:
        self.estimator = estimator
        self.program = estimator.program
        self.gates = self.program.gates
        self.grids = Grids(self.program)
        self.sizes = Sizes(self.program, self.grids)
        self.shares = Shares(self.estimator, self.grids)
        self.asking_first = [
            expectation
            for expectation in estimator.presence.always_asked
            if any(isinstance(inner, IsAbsent) for inner in walk(expectation.condition))
        ]
        """Expectations that ask whether something is missing; they say more where it is known to be there."""

    def places(self, level: str, *, payment: bool = False) -> Iterator[Place]:
        """Yield the place of each listed member of `level` (one for a list), with what is expected of inputs there."""
        program = self.program
        of_participants = is_of_participants(program, level)
        for instance in self.estimator.instances(level, program.root(level), Place()):
            in_program = self._is_in_program(payment=payment or not of_participants)
            yield self.as_known(replace(instance.place, in_program=in_program), level, payment=payment)

    def places_of(self, step: Definition | Gate) -> Iterator[Place]:
        """Yield the places where a value, payment or gate is computed: some for those in the program only."""
        only_members = step.ref in self.program.membership or (isinstance(step, Definition) and step.role == "payment")
        return self.places(step.ref.level, payment=only_members)

    def as_known(self, place: Place, level: str, *, payment: bool = True) -> Place:
        """Return the place of a member with what is expected of its inputs, and (with `payment`) that it is in."""
        above = self._surely_above(level, place)
        for expectation in self.estimator.presence.always_asked:
            if expectation.level in above:
                place = self.estimator.assume(place, expectation.condition, truth=True)
        if payment and place.in_program and is_of_participants(self.program, level):
            for gate in self.gates:
                if gate.pays is None:
                    place = self.estimator.assume(place, gate.require, truth=True)
        return place

    def _surely_above(self, level: str, place: Place) -> frozenset[str]:
        """Return the levels of which every member of `level` has one instance above: not groups it may be outside."""
        if not place.in_program:
            return frozenset(self.program.chain(level))
        presence, known = self.estimator.presence, Known().seen_at(level)
        uppers = (level, *self.program.above(level))
        return frozenset(upper for upper in uppers if not presence.reasons_to_be_outside(upper, known))

    def _is_in_program(self, *, payment: bool) -> bool | None:
        """Whether what stands here is computed for participants of the program only."""
        return True if payment or all(gate.pays is not None for gate in self.gates) else None

    def definition(self, definition: Definition) -> bool:
        """Find the range of a definition; return whether its digits stay within what can be computed with."""
        for place in self.places_of(definition):
            found = self.at_place(definition, place)
            if definition.type.is_numeric:
                if _is_endless(found.low) or _is_endless(found.high):
                    return self._too_many_digits(definition)
                self.estimator.settle(definition.ref, place, found)
        if definition.type.is_numeric and (
            _is_endless(self.grids.of_name(definition.ref)) or self.sizes.add(definition) > MAX_SIZE
        ):
            return self._too_many_digits(definition)
        return True

    def _too_many_digits(self, definition: Definition) -> bool:
        self.estimator.findings.error(
            "VBC806",
            f"`{definition.ref.name}` may have more than {MAX_DIGITS:,} digits",
            definition.span,
            "write `round` with digits and a mode on what it multiplies, as in `round: 12 half_up`, or `at_most`",
        )
        return False

    def at_place(self, definition: Definition, place: Place) -> Interval:
        """Return the range of a definition at one member."""
        inner = self.guarded(definition, place)
        if inner is None:
            found = NOTHING
        else:
            found = self.shape(definition.shape, inner)
            found = self.finish(definition, found, inner)
        if definition.role == "payment" and definition.type.is_numeric:
            if definition.pays_nothing_if_absent:
                found = found.hull(Interval.point(ZERO))
            for gate in self.gates:
                if gate.pays is not None and definition.ref in gate.on:
                    found = found.hull(Interval.point(gate.pays))
        return found

    def guarded(self, definition: Definition, place: Place) -> Place | None:
        """Return the place behind the gates on it, `needs` and `only_if`; None where it is never reached."""
        above = self._surely_above(definition.ref.level, place)
        for gate in self.gates:
            if gate.pays is not None and definition.ref in gate.on and gate.ref.level in above:
                place = self.estimator.assume(place, gate.require, truth=True)
        needed = (*(need.ref for need in definition.needs), *self.estimator.presence.unguarded.get(definition.ref, ()))
        if any(isinstance(self.estimator.datum(ref, place), Absent) for ref in needed):
            return None
        if definition.only_if is not None:
            if self.estimator.truth(definition.only_if, place) is False:
                return None
            place = self.estimator.assume(place, definition.only_if, truth=True)
        place = self._as_expected(definition, place)
        return None if place.impossible else place

    def _as_expected(self, definition: Definition, place: Place) -> Place:
        """Return the place with what is expected of inputs that are there because the definition asks for them."""
        presence = self.estimator.presence
        if not presence.asked_at_times and not self.asking_first:
            return place
        known = self.estimator.known_at(place)
        for need in definition.needs:
            known = presence.is_there(known, need.ref)
        if definition.only_if is not None:
            known = presence.assume(known, definition.only_if, True)  # noqa: FBT003 - read as `assume it is true`
        for ref in presence.unguarded.get(definition.ref, ()):
            known = presence.is_there(known, ref)
        above = self._surely_above(definition.ref.level, place)
        for expectation in presence.asked_at_times:
            if expectation.level in above and is_asked(expectation, presence, known):
                place = self.estimator.assume(place, expectation.condition, truth=True)
        if self.asking_first and known.present:
            there = {key_of_absence(ref, place): False for ref in known.present}
            place = replace(place, holds={**place.holds, **there})
            for expectation in self.asking_first:
                if expectation.level in above:
                    place = self.estimator.assume(place, expectation.condition, truth=True)
        return place

    def finish(self, definition: Definition, found: Interval, place: Place) -> Interval:
        """Return the range after the definition's floor, cap and rounding."""
        if definition.at_least is not None:
            found = found.at_least(self.estimator.bounds(definition.at_least, place))
        if definition.at_most is not None:
            found = found.at_most(self.estimator.bounds(definition.at_most, place))
        if definition.rounding is not None and not found.is_empty:
            found = found.rounded(definition.rounding)
        return found

    # --- shapes ----------------------------------------------------------------------------------------------------

    def shape(self, shape: Shape, place: Place) -> Interval:
        match shape:
            case FormulaShape():
                return self.outcome(shape.outcome, place)
            case ChooseShape():
                cases = [(case.when, case.outcome) for case in shape.cases]
                return self._first_that_holds(cases, shape.otherwise, place)
            case TiersShape():
                self._visit(shape.subject, place)
                cases = [(step.test, step.outcome) for step in shape.steps]
                return self._first_that_holds(cases, shape.otherwise, place)
            case InterpolateShape():
                return self._interpolate(shape, place)
            case TableShape():
                found = NOTHING
                for row in shape.rows:
                    inner = place
                    for test in row.tests:
                        if test is not None:
                            settled = self.estimator.truth(test, inner)
                            inner = self.estimator.assume(inner, test, truth=True)
                            if settled is False:
                                inner = self.estimator.assume(inner, test, truth=False)
                    if not inner.impossible:
                        found = found.hull(self.outcome(row.outcome, inner))
                return found
            case ByMemberShape():
                member = place.members.get(shape.level)
                found = NOTHING
                for name, outcome in shape.outcomes:
                    if member is None or name == member:
                        found = found.hull(self.outcome(outcome, place))
                return found
            case HigherOfShape():
                return self._higher_of(shape, place)
            case GatherShape():
                return self._gather(shape, place)
            case TopShape():
                for expr in (shape.how_many, *shape.order):
                    self._visit(expr, place)
                return EVERYTHING
            case StandingShape():
                return standing_range(shape, place, self.estimator)
            case AllocateShape():
                return self.shares.range(shape, place)

    def outcome(self, outcome: Outcome, place: Place) -> Interval:
        """Return the range of what a case gives."""
        if outcome.expr is None:
            return NOTHING
        found = self._visit(outcome.expr, place)
        if outcome.at_least is not None:
            found = found.at_least(self.estimator.bounds(outcome.at_least, place))
        if outcome.at_most is not None:
            found = found.at_most(self.estimator.bounds(outcome.at_most, place))
        return found if outcome.rounding is None or found.is_empty else found.rounded(outcome.rounding)

    def _visit(self, expr: Expr, place: Place) -> Interval:
        if expr.type.is_numeric:
            return self.estimator.bounds(expr, place)
        self.estimator.truth(expr, place)
        return EVERYTHING

    def _first_that_holds(self, cases: list[tuple[Expr, Outcome]], otherwise: Outcome, place: Place) -> Interval:
        found = NOTHING
        for when, outcome in cases:
            settled = self.estimator.truth(when, place)
            if settled is not False:
                inner = self.estimator.assume(place, when, truth=True)
                if not inner.impossible:
                    found = found.hull(self.outcome(outcome, inner))
            if settled is True:
                return found
            place = self.estimator.assume(place, when, truth=False)
            if place.impossible:
                return found
        return found.hull(self.outcome(otherwise, place))

    def _interpolate(self, shape: InterpolateShape, place: Place) -> Interval:
        self._visit(shape.subject, place)
        found = NOTHING
        for point in shape.points:
            found = found.hull(self.estimator.bounds(point.value, place))
        for end in (shape.below, shape.above):
            if end is not None:
                found = found.hull(self.outcome(end, place))
        return found

    def _higher_of(self, shape: HigherOfShape, place: Place) -> Interval:
        parts: list[Interval] = []
        always_there = True
        for item in shape.items:
            found = self._visit(item, place)
            reasons = self.estimator.reasons(item.ref, place) if isinstance(item, Read) else ()
            if reasons:
                always_there = False
                if shape.policy is not None and any(shape.policy.action(reason) == "zero" for reason in reasons):
                    found = found.hull(Interval.point(ZERO))
            parts.append(found)
        result, hull = parts[0], parts[0]
        for part in parts[1:]:
            hull = hull.hull(part)
            if not (result.is_empty or part.is_empty):
                result = result.at_most(part) if shape.lower else result.at_least(part)
        return result if always_there else hull

    def _gather(self, shape: GatherShape, place: Place) -> Interval:
        total, hull = Interval.point(ZERO), NOTHING
        all_counted = not may_be_empty(self.program, shape.level, shape.within)
        for instance in self.estimator.instances(shape.level, shape.within, place):
            inner = instance.place
            settled = self.estimator.truth(shape.where, inner) if shape.where is not None else True
            if settled is False:
                all_counted = False
                continue
            if shape.where is not None:
                inner = self.estimator.assume(inner, shape.where, truth=True)
            if shape.weight is not None:
                self._weight(shape.weight, inner)
            item = Interval.point(Fraction(1)) if shape.item is None else self._visit(shape.item, inner)
            reasons = self._reasons(shape, inner)
            if any(shape.policy is not None and shape.policy.action(reason) == "zero" for reason in reasons):
                item = item.hull(Interval.point(ZERO))
            certain = settled is True and not reasons
            all_counted = all_counted and certain
            if item.is_empty:
                continue
            counted = replace(instance, least=instance.least if certain else 0).count
            hull = hull.hull(item)
            total = total + (counted if shape.function == "count" else item * counted)
        for expr in (shape.needed_present, shape.needed, shape.at):
            if expr is not None:
                self.estimator.bounds(expr, place)
        match shape.function:
            case "count" if all_counted:
                return total.meet(Interval(Fraction(1), None))
            case "sum" | "count":
                return total
            case "variance" | "standard_deviation":
                return Interval(ZERO, None)
            case _:
                return hull

    def _reasons(self, shape: GatherShape, place: Place) -> tuple[str, ...]:
        if not isinstance(shape.item, Read):
            return ()
        presence = self.estimator.presence
        known = self.estimator.known_at(place)
        if shape.where is not None:
            known = presence.assume(known, shape.where, True)  # noqa: FBT003 - read as `assume it is true`
        return presence.reasons(shape.item.ref, known)

    def _weight(self, weight: Expr, place: Place) -> None:
        found = self.estimator.bounds(weight, place)
        if not found.is_empty and not found.is_not_negative:
            self.estimator.findings.error(
                "VBC804",
                f"a weight may be negative: it was found to be {span_of(found, weight.type)}",
                weight.span,
                "declare a range for the weight that does not go below zero",
            )


def _is_endless(number: Fraction | None) -> bool:
    return number is not None and max(number.numerator.bit_length(), number.denominator.bit_length()) > _MAX_BITS
