"""What the names of a program hold: ranges of quantities, settled words, and the names proofs give them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from fractions import Fraction

from vbc_rules.check.facts import Place
from vbc_rules.check.interval import EVERYTHING, NOTHING, Interval
from vbc_rules.check.keys import key_of
from vbc_rules.check.paths import is_of_participants
from vbc_rules.check.polynomial import Atom, Effort
from vbc_rules.check.presence import Known, Presence
from vbc_rules.resolve.declarations import steady_value
from vbc_rules.resolve.expressions import Datum, Expr, Gather, IsAbsent, Read, Ref, children
from vbc_rules.resolve.program import Definition, Program
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.span import Span


@dataclass(slots=True)
class Names:
    """What is known of one program's names; `ranges` fills in the order the values are computed."""

    program: Program
    presence: Presence
    findings: Findings
    ranges: dict[tuple[Ref, str | None], Interval] = field(default_factory=dict)
    definitions: dict[Ref, Definition] = field(default_factory=dict)
    _formulas: dict[Atom, Expr] = field(default_factory=dict)
    _keys: dict[int, _Key] = field(default_factory=dict)
    _stated: dict[Atom, Interval] = field(default_factory=dict)
    _reported: set[Span] = field(default_factory=set)

    def datum(self, ref: Ref, place: Place) -> Datum | None:
        """Return the one thing a name holds whatever the data say: a cell, a member's name, a parameter; else None."""
        if ref.level == "":
            parameter = self.program.parameters[ref.name]
            return parameter.value if not parameter.dated else steady_value(parameter, self.program.document.in_force)
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
        return self.atom_range(self.atom_of_read(ref, place), place)

    def _found(self, atom: tuple[str, str, str, str | None]) -> Interval:
        ref, member = Ref(atom[1], atom[2]), atom[3]
        found = self._declared(ref, member)
        if ref not in self.definitions:
            self._stated[atom] = found
        return found

    def _declared(self, ref: Ref, member: str | None) -> Interval:
        """Return the range of what is read, whatever holds where it is read."""
        if ref.level == "":
            value = self.datum(ref, Place())
            return Interval.point(value) if isinstance(value, Fraction) else parameter_range(self.program, ref.name)
        slot = self.program.slots[ref]
        if slot.kind == "input":
            domain = self.program.inputs[ref].domain
            low, high = domain.low, domain.high
            return Interval(low if isinstance(low, Fraction) else None, high if isinstance(high, Fraction) else None)
        if slot.kind == "cell":
            cells = (
                one.cells.get(ref.name) for one in self.program.levels[ref.level].members if member in (None, one.name)
            )
            numbers = [value for value in cells if isinstance(value, Fraction)]
            return Interval(min(numbers), max(numbers)) if numbers else EVERYTHING
        hull = NOTHING
        for (other, _), interval in self.ranges.items():
            if other == ref:
                hull = hull.hull(interval)
        return EVERYTHING if hull.is_empty else hull

    def settle(self, ref: Ref, place: Place, found: Interval) -> None:
        """Keep the range of a value at `place`: items of a list under several members share one."""
        key = (ref, place.members.get(ref.level))
        earlier = self.ranges.get(key)
        self.ranges[key] = found if earlier is None else earlier.hull(found)
        self._stated[self.atom_of_read(ref, place)] = self.ranges[key]

    def reasons(self, ref: Ref, place: Place) -> tuple[str, ...]:
        """Return the reasons for which a name may be absent at `place`, whatever was asked before it is read."""
        return self.presence.reasons(ref, self.known_at(place))

    def known_at(self, place: Place) -> Known:
        """Return what is known to be there at `place` before anything is asked."""
        known = self.presence.in_program if place.in_program else Known()
        return known.seen_at(place.at) if place.at else known.seen_at()

    def is_for_members(self, ref: Ref) -> bool:
        """Whether a name is absent to whoever is not in the program: a payment, or what is compared across members."""
        slot = self.program.slots.get(ref)
        if slot is None or slot.kind == "name":
            return False
        if is_of_participants(self.program, ref.level):
            return slot.kind == "payment" or ref in self.program.membership
        return self.program.levels[self.program.root(ref.level)].kind == "groups"

    # --- names of what is read, and of formulas -----------------------------------------------------------------------

    def atom_of_read(self, ref: Ref, place: Place) -> Atom:
        """Return the name of what is read, told apart by member."""
        return ("read", ref.level, ref.name, place.members.get(ref.level))

    def atom_of(self, expr: Expr, place: Place) -> Atom:
        """Return the name of a formula taken as a whole."""
        if isinstance(expr, Read):
            return self.atom_of_read(expr.ref, place)
        return ("formula", self._key(expr).key, tuple(sorted(place.members.items())))

    def key_at(self, expr: Expr, place: Place) -> Hashable:
        """Return what tells a condition from others and from itself at other members."""
        found = self._key(expr)
        return (found.key, tuple([place.members.get(level) for level in found.levels]))

    def _key(self, expr: Expr) -> _Key:
        found = self._keys.get(id(expr))
        if found is None:
            found = _Key(expr, key_of(expr), _levels_of(expr))
            self._keys[id(expr)] = found
        return found

    def range_of(self, place: Place, effort: Effort | None = None) -> RangeAt:
        """Return the function from an atom to its range at `place`."""
        return RangeAt(self, place, effort or Effort())

    def atom_range(self, atom: Atom, place: Place) -> Interval:
        """Return the range of an atom."""
        found = self._stated.get(atom)
        if found is None:
            found = self._found(atom) if isinstance(atom, tuple) and atom and atom[0] == "read" else EVERYTHING
        narrowed = place.narrowed.get(atom)
        return found if narrowed is None or found.is_point else found.meet(narrowed)

    def formula_of(self, atom: Atom) -> Expr | None:
        """Return the formula an atom stands for as a whole, if it stands for one."""
        return self._formulas.get(atom)

    def name_formula(self, atom: Atom, interval: Interval) -> None:
        """Give a range to an atom made up for a proof."""
        self._stated[atom] = interval


@dataclass(frozen=True, slots=True)
class RangeAt:
    """The range of each atom at one place, and how much may still be tried with them."""

    names: Names
    place: Place
    effort: Effort

    def __call__(self, atom: Atom) -> Interval:
        """Return the range of an atom."""
        return self.names.atom_range(atom, self.place)


@dataclass(frozen=True, slots=True)
class _Key:
    """An expression, what it says, and the levels whose members it speaks of."""

    expr: Expr  # kept, so that its identity is not given to another
    key: Hashable
    levels: tuple[str, ...]


def _levels_of(expr: Expr) -> tuple[str, ...]:
    found: set[str] = set()
    waiting = [expr]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Read | IsAbsent):
            found.add(here.ref.level)
        elif isinstance(here, Gather):
            found.add(here.within)
        waiting.extend(children(here))
    return tuple(sorted(found - {""}))


def parameter_range(program: Program, name: str) -> Interval:
    """Return the range of a parameter's number at any date."""
    parameter = program.parameters[name]
    if isinstance(parameter.value, Fraction):
        return Interval.point(parameter.value)
    if parameter.domain is not None:
        low, high = parameter.domain.low, parameter.domain.high
        return Interval(low if isinstance(low, Fraction) else None, high if isinstance(high, Fraction) else None)
    numbers = [step.value for step in parameter.dated if isinstance(step.value, Fraction)]
    return Interval(min(numbers), max(numbers)) if numbers else EVERYTHING
