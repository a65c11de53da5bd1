"""Between what numbers a formula lies at one place of the file, and which conditions are settled there."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from vbc_rules.check import polynomial as poly
from vbc_rules.check.facts import Fact, Place, sign_from_facts
from vbc_rules.check.interval import EVERYTHING, NOTHING, ZERO, Interval
from vbc_rules.check.keys import key_of
from vbc_rules.check.polynomial import Atom, Polynomial, TooLarge
from vbc_rules.check.presence import Known, Presence
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import (
    Apply,
    Arithmetic,
    Compare,
    CompareOp,
    Constant,
    Datum,
    Every,
    Expr,
    Gain,
    Gather,
    IfElse,
    InCodes,
    IsAbsent,
    Negate,
    Not,
    OnDate,
    OneOf,
    Read,
    Ref,
    Round,
    Some,
)
from vbc_rules.resolve.program import Definition, FormulaShape, Parameter, Program
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.span import Span

OPPOSITE: Mapping[CompareOp, CompareOp] = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_STEPS = 3
_NOT_ZERO = "VBC801"


@dataclass(frozen=True, slots=True)
class Instance:
    """Members met by a gathering: one listed member, or the items of a list (`least` to `most` of them, all alike)."""

    place: Place
    least: int
    most: int


@dataclass(slots=True)
class Estimator:
    """Answers for one program; `ranges` fills in the order the values are computed."""

    program: Program
    presence: Presence
    findings: Findings
    ranges: dict[tuple[Ref, str | None], Interval] = field(default_factory=dict)
    definitions: dict[Ref, Definition] = field(default_factory=dict)
    _opaque: dict[Atom, Interval] = field(default_factory=dict)
    _formulas: dict[Atom, Expr] = field(default_factory=dict)
    _keys: dict[int, tuple[Expr, Hashable]] = field(default_factory=dict)
    _reported: set[Span] = field(default_factory=set)

    # --- what a name holds ---------------------------------------------------------------------------------------------

    def datum(self, ref: Ref, place: Place) -> Datum | None:
        """Return the one thing a name holds whatever the data say: a cell, a member's name, a parameter; else None."""
        if ref.level == "":
            parameter = self.program.parameters[ref.name]
            return parameter.value if not parameter.dated else _in_force(self.program, parameter)
        member = place.members.get(ref.level)
        if member is None:
            return None
        slot = self.program.slots.get(ref)
        if slot is None:
            return None
        if slot.kind == "name":
            return member
        return self.program.cell(ref, member) if slot.kind == "cell" else None

    def read_range(self, ref: Ref, place: Place) -> Interval:
        """Return the range of a quantity that is read."""
        known = self.datum(ref, place)
        if isinstance(known, Fraction):
            return Interval.point(known)
        atom = self.atom_of_read(ref, place)
        narrowed = place.narrowed.get(atom)
        declared = self._declared(ref, place)
        return declared if narrowed is None else declared.meet(narrowed)

    def _declared(self, ref: Ref, place: Place) -> Interval:
        if ref.level == "":
            return _parameter_range(self.program.parameters[ref.name])
        slot = self.program.slots[ref]
        if slot.kind == "input":
            domain = self.program.inputs[ref].domain
            low, high = domain.low, domain.high
            return Interval(low if isinstance(low, Fraction) else None, high if isinstance(high, Fraction) else None)
        if slot.kind == "cell":
            values = [member.cells.get(ref.name) for member in self.program.levels[ref.level].members]
            numbers = [value for value in values if isinstance(value, Fraction)]
            return Interval(min(numbers), max(numbers)) if numbers else EVERYTHING
        member = place.members.get(ref.level)
        found = self.ranges.get((ref, member))
        if found is not None:
            return found
        hull = NOTHING
        for (other, _), interval in self.ranges.items():
            if other == ref:
                hull = hull.hull(interval)
        return EVERYTHING if hull.is_empty else hull

    def atom_of_read(self, ref: Ref, place: Place) -> Atom:
        """Return the name of what is read, told apart by member."""
        return ("read", ref.level, ref.name, place.members.get(ref.level))

    def atom_of(self, expr: Expr, place: Place) -> Atom:
        """Return the name of a formula taken as a whole."""
        if isinstance(expr, Read):
            return self.atom_of_read(expr.ref, place)
        return ("formula", self._key(expr), tuple(sorted(place.members.items())))

    def _key(self, expr: Expr) -> Hashable:
        found = self._keys.get(id(expr))
        if found is None:
            found = (expr, key_of(expr))
            self._keys[id(expr)] = found
        return found[1]

    def range_of(self, place: Place) -> _RangeOf:
        """Return the function from an atom to its range at `place`."""
        return _RangeOf(self, place)

    def atom_range(self, atom: Atom, place: Place) -> Interval:
        """Return the range of an atom."""
        if isinstance(atom, tuple) and atom and atom[0] == "read":
            inner = place if place.members.get(atom[1]) == atom[3] else _at(place, atom[1], atom[3])
            return self.read_range(Ref(atom[1], atom[2]), inner)
        found = self._opaque.get(atom, EVERYTHING)
        narrowed = place.narrowed.get(atom)
        return found if narrowed is None else found.meet(narrowed)

    # --- formulas as polynomials ---------------------------------------------------------------------------------------

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
                return poly.add({}, self.polynomial(expr.operand, place), Fraction(-1))
            case Arithmetic(op="+"):
                return poly.add(self.polynomial(expr.left, place), self.polynomial(expr.right, place))
            case Arithmetic(op="-"):
                return poly.add(self.polynomial(expr.left, place), self.polynomial(expr.right, place), Fraction(-1))
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
                    return poly.add(self.polynomial(better, place), self.polynomial(worse, place), Fraction(-1))
            case IfElse():
                settled = self.truth(expr.condition, place)
                if settled is not None:
                    return self.polynomial(expr.then if settled else expr.otherwise, place)
        atom = self.atom_of(expr, place)
        if atom not in self._opaque:
            self._opaque[atom] = self._unguarded(expr, place)
            self._formulas[atom] = expr
        return poly.variable(atom)

    def formula_of(self, atom: Atom) -> Expr | None:
        """Return the formula an atom stands for as a whole, if it stands for one."""
        return self._formulas.get(atom)

    def name_formula(self, atom: Atom, interval: Interval) -> None:
        """Give a range to an atom made up for a proof."""
        self._opaque[atom] = interval

    def _unguarded(self, expr: Expr, place: Place) -> Interval:
        """Return the range of a formula wherever it stands; what its own place must show is reported there, not here."""
        reported = self._reported
        self._reported = _Everything()
        try:
            return self.bounds(expr, Place(members=place.members))
        finally:
            self._reported = reported

    def gain_sides(self, expr: Gain, place: Place) -> tuple[Expr, Expr] | None:
        """Return (better, worse) of a gain whose direction is settled here."""
        direction = self.datum(expr.direction.ref, place) if isinstance(expr.direction, Read) else None
        if isinstance(direction, str):
            return (expr.left, expr.right) if direction == "higher" else (expr.right, expr.left)
        return None

    # --- ranges --------------------------------------------------------------------------------------------------------

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
                return _parameter_range(self.program.parameters[expr.parameter])
            case Gather():
                return self._gather(expr, place)
            case _:
                self.truth(expr, place)
                return EVERYTHING

    def _signed(self, expr: Expr, found: Interval, place: Place) -> Interval:
        """Tighten a difference by the comparisons that hold here."""
        if not place.facts or found.is_positive or found.is_negative:
            return found
        try:
            difference = self.polynomial(expr, place)
        except TooLarge:
            return found
        range_of = self.range_of(place)
        at_least_zero, strict = sign_from_facts(difference, place, range_of)
        if at_least_zero:
            found = found.meet(Interval(ZERO, None, low_open=strict))
        at_most_zero, strict = sign_from_facts(poly.add({}, difference, Fraction(-1)), place, range_of)
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
        if below.is_point or not below.is_positive or not place.facts:
            return found
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
            gap = poly.add(poly.add({}, below, ratio), above, Fraction(-1))
            at_least_zero, strict = sign_from_facts(gap, place, self.range_of(place))
            if at_least_zero or poly.is_not_negative(gap, self.range_of(place)):
                found = found.meet(Interval(None, ratio, high_open=strict))
        return found

    def _report_divisor(self, expr: Arithmetic, found: Interval, place: Place) -> None:
        if expr.right.span in self._reported:
            return
        self._reported.add(expr.right.span)
        from vbc_rules.check.show import span_of

        text = text_of(expr.right.span)
        zero = {"money": "$0", "percent": "0%"}.get(expr.right.type.kind, "0")
        members = ", ".join(f"`{name}`" for name in place.members.values())
        self.findings.error(
            _NOT_ZERO,
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
        from vbc_rules.check.show import span_of

        self.findings.error(
            "VBC802",
            f"the root of a negative number: it was found to be {span_of(found, expr.arguments[0].type)}",
            expr.span,
            "write `only_if: .. >= 0` with an `otherwise` before the formula",
        )

    # --- gatherings ----------------------------------------------------------------------------------------------------

    def instances(self, level: str, within: str, place: Place) -> Iterator[Instance]:
        """Yield the members of `level` under the instance of `within` at `place`."""
        chain = self.program.chain(level)
        if within not in chain:
            return
        outer = {name: member for name, member in place.members.items() if name in self.program.chain(within)}
        found = [Instance(Place(members=outer), 1, 1)]
        for name in reversed(chain[: chain.index(within)]):
            here = self.program.levels[name]
            if here.kind == "list":
                most = here.at_most or 0
                found = [Instance(one.place, 0, one.most * most) for one in found]
                continue
            found = [
                Instance(Place(members={**one.place.members, name: member.name}), one.least, one.most)
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
        for instance in self.instances(expr.level, expr.within, place):
            inner = instance.place
            settled = self.truth(expr.where, inner) if expr.where is not None else True
            if settled is False:
                continue
            if expr.where is not None:
                inner = self.assume(inner, expr.where, truth=True)
            certain = settled is True and not (
                expr.present and isinstance(expr.item, Read) and self.presence.reasons(expr.item.ref, Known())
            )
            least = instance.least if certain else 0
            if expr.function == "count":
                total = total + Interval(Fraction(least), Fraction(instance.most))
                continue
            if expr.item is None or not expr.item.type.is_numeric:
                continue
            item = self.bounds(expr.item, inner)
            if item.is_empty:
                continue
            hull = hull.hull(item)
            times = Interval(Fraction(least), Fraction(instance.most))
            total = total + (item if least == instance.most == 1 else item * times)
        if expr.function in ("sum", "count"):
            return total
        return EVERYTHING if hull.is_empty else hull

    # --- conditions ----------------------------------------------------------------------------------------------------

    def truth(self, expr: Expr, place: Place) -> bool | None:
        """Return whether a condition is settled at `place`: yes, no, or None where the data decide."""
        known = place.holds.get(self._key(expr)) if place.holds else None
        match expr:
            case Constant():
                return expr.value if isinstance(expr.value, bool) else None
            case Read():
                value = self.datum(expr.ref, place)
                return value if isinstance(value, bool) else known
            case Not():
                inner = self.truth(expr.operand, place)
                return None if inner is None else not inner
            case Every():
                return self._chain(expr.operands, place, stops_at=False)
            case Some():
                return self._chain(expr.operands, place, stops_at=True)
            case Compare():
                found = self._compare(expr, place)
                return known if found is None else found
            case OneOf():
                return self._one_of(expr, place)
            case IsAbsent():
                return self._is_absent(expr, place)
            case IfElse():
                self.truth(expr.condition, place)
                self.truth(expr.then, self.assume(place, expr.condition, truth=True))
                self.truth(expr.otherwise, self.assume(place, expr.condition, truth=False))
                return known
            case Gather():
                for instance in self.instances(expr.level, expr.within, place):
                    if expr.where is not None:
                        self.truth(expr.where, instance.place)
                return known
            case InCodes():
                return known
            case _:
                return known

    def _chain(self, operands: tuple[Expr, ...], place: Place, *, stops_at: bool) -> bool | None:
        settled: bool | None = not stops_at
        for operand in operands:
            found = self.truth(operand, place)
            if found is stops_at:
                return stops_at
            if found is None:
                settled = None
            place = self.assume(place, operand, truth=not stops_at)
            if place.impossible:
                return stops_at
        return settled

    def _compare(self, expr: Compare, place: Place) -> bool | None:
        if not expr.left.type.is_numeric:
            left, right = self._word(expr.left, place), self._word(expr.right, place)
            if left is None or right is None:
                return None
            if expr.op in ("=", "!="):
                if not left & right:
                    return expr.op == "!="
                return (expr.op == "=") if len(left) == len(right) == 1 else None
            return None
        found = self._difference(expr, place)
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

    def _difference(self, expr: Compare, place: Place) -> Interval:
        return self.bounds(expr.left, place) - self.bounds(expr.right, place)

    def _word(self, expr: Expr, place: Place) -> frozenset[Datum] | None:
        """Return the words (or dates, or yes/no) an expression can be, if that is known."""
        if isinstance(expr, Constant):
            return frozenset({expr.value})
        if isinstance(expr, Read):
            value = self.datum(expr.ref, place)
            if value is not None and not isinstance(value, Absent):
                return frozenset({value})
            return place.words.get(self.atom_of_read(expr.ref, place))
        return None

    def _one_of(self, expr: OneOf, place: Place) -> bool | None:
        subject = self._word(expr.subject, place)
        if expr.subject.type.is_numeric:
            self.bounds(expr.subject, place)
        options = [self._word(option, place) for option in expr.options]
        if subject is None or any(option is None for option in options):
            return None
        allowed = frozenset().union(*(option for option in options if option is not None))
        if subject <= allowed:
            return not expr.negated
        return expr.negated if not subject & allowed else None

    def _is_absent(self, expr: IsAbsent, place: Place) -> bool | None:
        value = self.datum(expr.ref, place)
        if value is not None:
            there = not isinstance(value, Absent)
            matches = (
                (not there) if expr.reason is None else (isinstance(value, Absent) and value.reason == expr.reason)
            )
            return matches != expr.negated
        if not self.presence.causes.get(expr.ref):
            return expr.negated
        return place.holds.get(self._key(expr)) if place.holds else None

    # --- facts ---------------------------------------------------------------------------------------------------------

    def assume(self, place: Place, expr: Expr, *, truth: bool, steps: int = _STEPS) -> Place:
        """Return `place` where `expr` also holds (or does not)."""
        settled = self.truth(expr, place) if isinstance(expr, IsAbsent | Read | OneOf) else None
        if settled is not None and settled is not truth:
            return replace(place, impossible=True)
        place = replace(place, holds={**place.holds, self._key(expr): truth})
        match expr:
            case Constant(value=bool() as value) if value is not truth:
                return replace(place, impossible=True)
            case Not():
                return self.assume(place, expr.operand, truth=not truth, steps=steps)
            case Every() if truth:
                for operand in expr.operands:
                    place = self.assume(place, operand, truth=True, steps=steps)
            case Some() if not truth:
                for operand in expr.operands:
                    place = self.assume(place, operand, truth=False, steps=steps)
            case Compare():
                return self._assume_compare(place, expr, expr.op if truth else OPPOSITE[expr.op])
            case OneOf() if truth != expr.negated and isinstance(expr.subject, Read):
                words = [self._word(option, place) for option in expr.options]
                if all(word is not None for word in words):
                    atom = self.atom_of_read(expr.subject.ref, place)
                    joined: frozenset[Datum] = frozenset().union(*(w for w in words if w is not None))
                    return replace(place, words={**place.words, atom: joined})
            case Read() if steps > 0:
                definition = self.definitions.get(expr.ref)
                if definition is not None and isinstance(definition.shape, FormulaShape):
                    inner = definition.shape.outcome.expr
                    if inner is not None and not isinstance(inner, Read) and (truth or not definition.needs):
                        return self.assume(place, inner, truth=truth, steps=steps - 1)
        return place

    def _assume_compare(self, place: Place, expr: Compare, op: CompareOp) -> Place:
        if not expr.left.type.is_numeric:
            if op == "=":
                for side, other in ((expr.left, expr.right), (expr.right, expr.left)):
                    words = self._word(other, place)
                    if isinstance(side, Read) and words is not None:
                        atom = self.atom_of_read(side.ref, place)
                        place = replace(place, words={**place.words, atom: words})
            return place
        try:
            difference = poly.add(self.polynomial(expr.left, place), self.polynomial(expr.right, place), Fraction(-1))
        except TooLarge:
            return place
        if op == "!=":
            found = self._difference(expr, place)
            op = ">" if found.is_not_negative else "<" if found.is_not_positive else "!="
        if op == "!=":
            return place
        if not difference:
            return replace(place, impossible=place.impossible or op in ("<", ">"))
        turned = poly.add({}, difference, Fraction(-1))
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
            place = self._narrow(place, fact, moved)
        if moved:
            for fact in place.facts:
                if any(len(monomial) == 1 and monomial[0] in moved for monomial in fact.polynomial):
                    place = self._narrow(place, fact, moved)
        return place

    def _narrow(self, place: Place, fact: Fact, moved: set[Atom]) -> Place:
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
            limit = poly.sum_of_ranges(rest, self.range_of(place)).times(-1 / factor)
            present = self.atom_range(atom, place)
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


class _Everything(set[Span]):
    """A set that holds every place, so that nothing is reported twice or at all."""

    def __contains__(self, place: object) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class _RangeOf:
    estimator: Estimator
    place: Place

    def __call__(self, atom: Atom) -> Interval:
        return self.estimator.atom_range(atom, self.place)


def _at(place: Place, level: str, member: str | None) -> Place:
    members = {name: value for name, value in place.members.items() if name != level}
    if member is not None:
        members[level] = member
    return replace(place, members=members)


def _parameter_range(parameter: Parameter) -> Interval:
    if isinstance(parameter.value, Fraction):
        return Interval.point(parameter.value)
    if parameter.domain is not None:
        low, high = parameter.domain.low, parameter.domain.high
        return Interval(low if isinstance(low, Fraction) else None, high if isinstance(high, Fraction) else None)
    numbers = [step.value for step in parameter.dated if isinstance(step.value, Fraction)]
    return Interval(min(numbers), max(numbers)) if numbers else EVERYTHING


def _in_force(program: Program, parameter: Parameter) -> Datum | None:
    """Return the one value a dated parameter has over the whole time the program is in force; None if it changes."""
    first, last = program.document.in_force.first, program.document.in_force.last
    covering = [
        step
        for step in parameter.dated
        if (step.first or datetime.date.min) <= (first or datetime.date.min)
        and (last or datetime.date.max) <= (step.last or datetime.date.max)
    ]
    return covering[0].value if len(covering) == 1 else None


def text_of(span: Span) -> str:
    """Return the text of a one-line stretch of a file as its author wrote it."""
    if span.line != span.end_line:
        return "the divisor"
    return span.file.line(span.line)[span.column - 1 : span.end_column - 1]
