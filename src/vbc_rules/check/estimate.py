"""Between what numbers a formula lies at one place of the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from vbc_rules.check import conditions
from vbc_rules.check import polynomial as poly
from vbc_rules.check.facts import Place, sign_from_facts
from vbc_rules.check.interval import EVERYTHING, NOTHING, ZERO, Interval
from vbc_rules.check.names import Names, parameter_range
from vbc_rules.check.paths import gathers, is_across, may_be_empty, way_up
from vbc_rules.check.polynomial import Polynomial, TooLarge
from vbc_rules.check.show import span_of
from vbc_rules.resolve.expressions import (
    Apply,
    Arithmetic,
    Constant,
    Expr,
    Gain,
    Gather,
    IfElse,
    Negate,
    OnDate,
    Read,
    Round,
)
from vbc_rules.source.span import Span


@dataclass(frozen=True, slots=True)
class Instance:
    """Members met by a gathering: one listed member, or `least` to `most` (None: any number) that are all alike."""

    place: Place
    least: int
    most: int | None

    @property
    def count(self) -> Interval:
        """How many there are."""
        return Interval(Fraction(self.least), None if self.most is None else Fraction(self.most))


@dataclass(slots=True)
class Estimator(Names):
    """Answers for one program: the ranges of its formulas, and which of its conditions are settled."""

    def truth(self, expr: Expr, place: Place) -> bool | None:
        """Return whether a condition is settled at `place`: yes, no, or None where the data decide."""
        return conditions.truth(self, expr, place)

    def assume(self, place: Place, expr: Expr, *, truth: bool) -> Place:
        """Return `place` where `expr` also holds (or does not)."""
        return conditions.assume(self, place, expr, truth=truth)

    # --- formulas as polynomials --------------------------------------------------------------------------------------

    def polynomial(self, expr: Expr, place: Place) -> Polynomial:
        """Return a formula multiplied out; what is no sum or product stands in it as a whole. Raises TooLarge."""
        match expr:
            case Constant(value=Fraction() as value):
                return poly.constant(value)
            case Read():
                known = self.datum(expr.ref, place)
                if isinstance(known, Fraction):
                    return poly.constant(known)
                return poly.variable(self.atom_of_read(expr.ref, place))
            case Negate():
                return poly.negate(self.polynomial(expr.operand, place))
            case Arithmetic(op="+"):
                return poly.add(self.polynomial(expr.left, place), self.polynomial(expr.right, place))
            case Arithmetic(op="-"):
                return poly.add(self.polynomial(expr.left, place), self.polynomial(expr.right, place), poly.MINUS)
            case Arithmetic(op="*"):
                return poly.multiply(self.polynomial(expr.left, place), self.polynomial(expr.right, place))
            case Arithmetic(op="/"):
                divisor = self.bounds(expr.right, place)
                if divisor.is_point and divisor.low:
                    return poly.add({}, self.polynomial(expr.left, place), 1 / divisor.low)
            case Gain():
                sides = self.gain_sides(expr, place)
                if sides is not None:
                    better, worse = sides
                    return poly.add(self.polynomial(better, place), self.polynomial(worse, place), poly.MINUS)
            case IfElse():
                settled = self.truth(expr.condition, place)
                if settled is not None:
                    return self.polynomial(expr.then if settled else expr.otherwise, place)
            case Gather(function="sum", present=True, item=Read(ref=ref)):
                met = self.instances(expr.level, expr.within, place)
                if not any(self.reasons(ref, instance.place) for instance in met):
                    expr = replace(expr, present=False)  # a sum of what is always there has one name
        atom = self.atom_of(expr, place)
        if atom not in self._stated:
            self._stated[atom] = self._unguarded(expr, place)
            self._formulas[atom] = expr
        return poly.variable(atom)

    def _unguarded(self, expr: Expr, place: Place) -> Interval:
        """Return the range of a formula wherever it stands; what its own place must show is reported there."""
        reported = self._reported
        self._reported = _Everything()
        try:
            return self.bounds(expr, Place(members=place.members, at=place.at))
        finally:
            self._reported = reported

    def gain_sides(self, expr: Gain, place: Place) -> tuple[Expr, Expr] | None:
        """Return (better, worse) of a gain whose direction is settled here."""
        direction = self.datum(expr.direction.ref, place) if isinstance(expr.direction, Read) else None
        if isinstance(direction, str):
            return (expr.left, expr.right) if direction == "higher" else (expr.right, expr.left)
        return None

    # --- ranges -------------------------------------------------------------------------------------------------------

    def bounds(self, expr: Expr, place: Place) -> Interval:
        """Return the range of a quantity, recording every divisor that may be zero."""
        found = self._bounds(expr, place)
        if place.narrowed and not isinstance(expr, Constant | Read | Negate):
            narrowed = place.narrowed.get(self.atom_of(expr, place))
            if narrowed is not None:
                return found.meet(narrowed)
        return found

    def _bounds(self, expr: Expr, place: Place) -> Interval:
        match expr:
            case Constant():
                return Interval.point(expr.value) if isinstance(expr.value, Fraction) else EVERYTHING
            case Read():
                return self.read_range(expr.ref, place)
            case Negate():
                return -self.bounds(expr.operand, place)
            case Arithmetic(op="+"):
                return self.bounds(expr.left, place) + self.bounds(expr.right, place)
            case Arithmetic(op="-"):
                return self._signed(expr, self.bounds(expr.left, place) - self.bounds(expr.right, place), place)
            case Arithmetic(op="*"):
                return self.bounds(expr.left, place) * self.bounds(expr.right, place)
            case Arithmetic():
                return self._quotient(expr, place)
            case Gain():
                left, right = self.bounds(expr.left, place), self.bounds(expr.right, place)
                sides = self.gain_sides(expr, place)
                if sides is None:
                    return (left - right).hull(right - left)
                return self._signed(expr, left - right if sides[0] is expr.left else right - left, place)
            case IfElse():
                return self._if_else(expr, place)
            case Apply():
                return self._apply(expr, place)
            case Round():
                return self.bounds(expr.operand, place).rounded(expr.rounding)
            case OnDate():
                self.bounds(expr.when, place)
                return parameter_range(self.program, expr.parameter)
            case Gather():
                return self._gather(expr, place)
            case _:
                self.truth(expr, place)
                return EVERYTHING

    def _signed(self, expr: Expr, found: Interval, place: Place) -> Interval:
        """Tighten the range of a formula by the comparisons that hold here."""
        if not place.facts or found.is_positive or found.is_negative:
            return found
        try:
            return self.signed(found, self.polynomial(expr, place), place)
        except TooLarge:
            return found

    def signed(self, found: Interval, polynomial: Polynomial, place: Place) -> Interval:
        """Tighten the range of a polynomial by the comparisons that hold here, as far as they show its sign."""
        if not place.facts or found.is_positive or found.is_negative or found.is_empty:
            return found
        range_of = self.range_of(place)
        at_least_zero, strict = sign_from_facts(polynomial, place, range_of)
        if at_least_zero:
            found = found.meet(Interval(ZERO, None, low_open=strict))
        at_most_zero, strict = sign_from_facts(poly.negate(polynomial), place, range_of)
        if at_most_zero:
            found = found.meet(Interval(None, ZERO, high_open=strict))
        return found

    def _quotient(self, expr: Arithmetic, place: Place) -> Interval:
        above, below = self.bounds(expr.left, place), self.bounds(expr.right, place)
        if not (below.is_positive or below.is_negative):
            below = self._signed(expr.right, below, place)
        if place.impossible or above.is_empty or below.is_empty:
            return NOTHING
        if not (below.is_positive or below.is_negative):
            self._report_divisor(expr, below, place)
            return EVERYTHING
        found = above * below.inverse()
        if below.is_point or not below.is_positive:
            return found
        if isinstance(expr.left, Apply) and expr.left.function in ("min", "max"):
            # the least of several, divided, is the least of the quotients
            parts = [self._quotient(replace(expr, left=argument), place) for argument in expr.left.arguments]
            together = parts[0]
            for part in parts[1:]:
                together = together.at_most(part) if expr.left.function == "min" else together.at_least(part)
            return found.meet(together)
        return self._correlated(expr, found, place)

    def _correlated(self, expr: Arithmetic, found: Interval, place: Place) -> Interval:
        """Tighten a quotient whose numerator cannot outgrow its divisor."""
        try:
            above, below = self.polynomial(expr.left, place), self.polynomial(expr.right, place)
        except TooLarge:
            return found
        if not above or not below:
            return found
        ratio = max(abs(value) for value in above.values()) / max(abs(value) for value in below.values())
        if found.high is None or found.high > ratio:
            gap = poly.add(poly.add({}, below, ratio), above, poly.MINUS)
            at_least_zero, strict = sign_from_facts(gap, place, self.range_of(place))
            if at_least_zero or poly.is_not_negative(gap, self.range_of(place)):
                found = found.meet(Interval(None, ratio, high_open=strict))
        return found

    def _report_divisor(self, expr: Arithmetic, found: Interval, place: Place) -> None:
        if expr.right.span in self._reported:
            return
        self._reported.add(expr.right.span)

        text = text_of(expr.right.span)
        zero = {"money": "$0", "percent": "0%"}.get(expr.right.type.kind, "0")
        members = ", ".join(f"`{name}`" for name in place.members.values())
        self.findings.error(
            "VBC801",
            f"the divisor may be zero: `{text}` was found to be {span_of(found, expr.right.type)}"
            + (f" at {members}" if members else ""),
            expr.right.span,
            f"write `only_if: {text} > {zero}` with an `otherwise` before the formula, or `when: {text} > {zero}`",
        )

    def _if_else(self, expr: IfElse, place: Place) -> Interval:
        settled = self.truth(expr.condition, place)
        found = NOTHING
        if settled is not False:
            inner = self.assume(place, expr.condition, truth=True)
            if not inner.impossible:
                found = found.hull(self.bounds(expr.then, inner))
        if settled is not True:
            inner = self.assume(place, expr.condition, truth=False)
            if not inner.impossible:
                found = found.hull(self.bounds(expr.otherwise, inner))
        return found

    def _apply(self, expr: Apply, place: Place) -> Interval:
        parts = [self.bounds(argument, place) for argument in expr.arguments]
        match expr.function:
            case "min":
                found = parts[0]
                for part in parts[1:]:
                    found = found.at_most(part)
                return found
            case "max":
                found = parts[0]
                for part in parts[1:]:
                    found = found.at_least(part)
                return found
            case "clamp":
                return parts[0].at_least(parts[1]).at_most(parts[2])
            case "abs":
                return parts[0] if parts[0].is_not_negative else parts[0].hull(-parts[0]).meet(Interval(ZERO, None))
            case "sqrt":
                if not parts[0].is_not_negative:
                    self._report_root(expr, parts[0])
                return Interval(ZERO, None)
            case "exp":
                return Interval(ZERO, None)
            case "year":
                return Interval(Fraction(1), Fraction(9999))
            case _:
                return EVERYTHING

    def _report_root(self, expr: Apply, found: Interval) -> None:
        if expr.span in self._reported:
            return
        self._reported.add(expr.span)

        self.findings.error(
            "VBC802",
            f"the root of a negative number: it was found to be {span_of(found, expr.arguments[0].type)}",
            expr.span,
            "write `only_if: .. >= 0` with an `otherwise` before the formula",
        )

    # --- gatherings ---------------------------------------------------------------------------------------------------

    def instances(self, level: str, within: str, place: Place) -> Iterator[Instance]:
        """Yield the members of `level` under the instance of `within` at `place`.

        Nothing that is known of the gathering one's own values is known of them; of several participants only those in
        the program are met.
        """
        program = self.program
        way = way_up(program, level, within)
        if not way:
            return
        kept = {within, *program.above(within)}
        outer = {name: member for name, member in place.members.items() if name in kept}
        in_program = True if is_across(program, level, within) else place.in_program
        found = [Instance(Place(members=outer, in_program=in_program, at=level), 1, 1)]
        for upper, name in pairwise(reversed(way)):
            here = program.levels[name]
            if gathers(program, upper, name):
                alike = [one.place.members for one in self.instances(name, program.root(name), Place())]
                found = [
                    Instance(
                        replace(one.place, members={**one.place.members, **members}),
                        one.least if len(alike) == 1 else 0,
                        None,
                    )
                    for one in found
                    for members in alike
                ]
            elif here.kind in ("list", "participant", "groups"):
                most = here.at_most if here.kind == "list" else None
                found = [
                    Instance(one.place, 0, None if one.most is None or most is None else one.most * most)
                    for one in found
                ]
            else:
                found = [
                    Instance(replace(one.place, members={**one.place.members, name: member.name}), one.least, one.most)
                    for one in found
                    for member in here.members
                    if member.parent is None
                    or here.parent is None
                    or one.place.members.get(here.parent) in (member.parent, None)
                ]
        yield from found

    def _gather(self, expr: Gather, place: Place) -> Interval:
        total = Interval.point(ZERO)
        hull = NOTHING
        all_counted = not may_be_empty(self.program, expr.level, expr.within)
        for instance in self.instances(expr.level, expr.within, place):
            inner = instance.place
            settled = self.truth(expr.where, inner) if expr.where is not None else True
            if settled is False:
                all_counted = False
                continue
            if expr.where is not None:
                inner = self.assume(inner, expr.where, truth=True)
            certain = settled is True and not (
                expr.present and isinstance(expr.item, Read) and self.reasons(expr.item.ref, inner)
            )
            counted = replace(instance, least=instance.least if certain else 0).count
            all_counted = all_counted and certain
            if expr.function == "count":
                total = total + counted
                continue
            if expr.item is None or not expr.item.type.is_numeric:
                continue
            if inner.in_program is False and isinstance(expr.item, Read) and self.is_for_members(expr.item.ref):
                continue
            item = self.bounds(expr.item, inner)
            if item.is_empty:
                continue
            hull = hull.hull(item)
            total = total + item * counted
        if expr.function == "count" and all_counted:
            return total.meet(Interval(Fraction(1), None))
        if expr.function in ("sum", "count"):
            return total
        return EVERYTHING if hull.is_empty else hull


class _Everything(set[Span]):
    """A set that holds every place, so that nothing is reported twice or at all."""

    def __contains__(self, place: object) -> bool:
        return True


def text_of(span: Span) -> str:
    """Return the text of a one-line stretch of a file as its author wrote it."""
    if span.line != span.end_line:
        return "the divisor"
    return span.file.line(span.line)[span.column - 1 : span.end_column - 1]
