"""What is known to be there: which values can be absent, for which reasons, under which facts."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

from vbc_rules.check.keys import key_of
from vbc_rules.check.paths import all_joined, joined, way_up
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import Every, Expr, Gather, IsAbsent, Not, Read, Ref, Some, children
from vbc_rules.resolve.program import Definition, Expectation, FormulaShape, Gate, Program

_STEPS = 3
"""How many tested values deep a fact is followed; more would make findings hard to foresee."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One way a value comes to be absent.

    It cannot happen where `unless_present` is known to be there (with several: where one of them is), or where `unless`
    is known to hold.
    """

    reason: str
    unless_present: tuple[Ref, ...] = ()
    unless: Expr | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Facts at one place of the file: names that are there, conditions that hold, conditions that do not.

    `at` has the level that stands there (inside a gathering the gathered level first); empty: any level.
    """

    at: tuple[str, ...] = ()
    present: frozenset[Ref] = frozenset()
    true: Mapping[Hashable, frozenset[str]] = field(default_factory=dict)
    false: Mapping[Hashable, frozenset[str]] = field(default_factory=dict)
    not_for: frozenset[tuple[Ref, str]] = frozenset()

    def seen_from(self, levels: frozenset[str]) -> Known:
        """Return the facts that concern only `levels`: those that still hold inside a gathering."""
        return Known(
            self.at,
            frozenset(ref for ref in self.present if ref.level in levels),
            {key: on for key, on in self.true.items() if on <= levels},
            {key: on for key, on in self.false.items() if on <= levels},
            frozenset(pair for pair in self.not_for if pair[0].level in levels),
        )

    def and_also(self, other: Known) -> Known:
        """Return these facts and others."""
        return Known(
            self.at,
            self.present | other.present,
            {**self.true, **other.true},
            {**self.false, **other.false},
            self.not_for | other.not_for,
        )

    def seen_at(self, *levels: str) -> Known:
        """Return the same facts at another level."""
        return replace(self, at=levels)


@dataclass(frozen=True, slots=True)
class Slips:
    """Reasons that are misspelt or cannot be, each reported at its place: what they entail is not reported as well.

    `meant` has the reason a misspelt one is one letter from; `asked` the questions for reasons that a name never has.
    """

    meant: Mapping[str, str] = field(default_factory=dict)
    asked: frozenset[tuple[Ref, str]] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.meant or self.asked)

    def reason(self, word: str) -> str:
        """Return the reason that is meant."""
        return self.meant.get(word, word)


class Presence:
    """Answers which absences a name can have; filled in the order the values are computed.

    `in_program` is what is known of a participant that is in the program.
    """

    def __init__(self, program: Program, slips: Slips | None = None) -> None:
        self.program = program
        self.slips = slips or Slips()
        self._definitions = {definition.ref: definition for definition in program.definitions}
        self.in_program = Known()
        self.causes: dict[Ref, tuple[Cause, ...]] = {}
        self._asked: tuple[Known, dict[Ref, tuple[str, ...]]] = (Known(), {})
        self.always_asked: list[Expectation] = []
        """The expectations that hold of every participant: one that reads an absent input asks nothing."""
        self.asked_at_times: list[Expectation] = []
        self.unguarded: dict[Ref, frozenset[Ref]] = {}
        """What each definition was found to read that may be absent; reported, and from then on taken as there."""
        self.unclear: set[Ref] = set()
        """The definitions of which it is not said, as they should, what they do with an absent member."""
        for ref, entry in program.inputs.items():
            causes = [Cause(self.slips.reason(reason)) for reason in entry.domain.reasons]
            if entry.only_if is not None and entry.otherwise is not None:
                causes.append(Cause(self.slips.reason(entry.otherwise), unless=entry.only_if))
            self.causes[ref] = tuple(causes)
        for level in program.levels.values():
            for member in level.members:
                for name, value in member.cells.items():
                    if isinstance(value, Absent):
                        found = self.causes.get(Ref(level.name, name), ())
                        cause = Cause(self.slips.reason(value.reason))
                        self.causes[Ref(level.name, name)] = found if cause in found else (*found, cause)

    def for_members(self, level: str) -> Known:
        """Return what is known where only who is in the program counts."""
        return self.in_program.seen_at(level)

    def at_step(self, step: Definition | Gate) -> Known:
        """Return what is known where a value, payment or gate is computed."""
        only_members = step.ref in self.program.membership or (isinstance(step, Definition) and step.role == "payment")
        return self.for_members(step.ref.level) if only_members else Known(at=(step.ref.level,))

    def reasons(self, ref: Ref, known: Known) -> tuple[str, ...]:
        """Return the reasons for which `ref` may be absent under `known`; none if it is there."""
        if ref in known.present:
            return ()
        if self._asked[0] is not known:
            self._asked = (known, {})
        told = self._asked[1].get(ref)
        if told is None:
            own = self._as_declared(ref)
            found = [cause.reason for cause in self.causes.get(own, ()) if self._can_happen(cause, own, known)]
            outside = self.reasons_to_be_outside(own.level, known)
            found += [reason for reason in outside if (ref, reason) not in known.not_for]
            told = tuple(dict.fromkeys(found))
            if self._asked[0] is known:
                self._asked[1][ref] = told
        return told

    def settle(self, ref: Ref, causes: tuple[Cause, ...]) -> None:
        """Keep how a value or payment comes to be absent."""
        self.causes[ref] = causes
        self._asked = (Known(), {})

    def reasons_to_be_outside(self, upper: str, known: Known) -> tuple[str, ...]:
        """Return the reasons for which no instance of `upper` may be above: those of the keys of its groups."""
        keys = self.keys_of_groups(upper, known)
        return tuple(dict.fromkeys(reason for key in keys for reason in self.reasons(key, known)))

    def keys_of_groups(self, upper: str, known: Known) -> tuple[Ref, ...]:
        """Return what must be there for an instance of `upper` to be above: the keys of the groups to be in."""
        return tuple(key for group in self._joined(upper, known) for key in self.program.levels[group].by)

    def possible_reasons(self, ref: Ref) -> tuple[str, ...]:
        """Return every reason for which `ref` may be absent, wherever it is read."""
        found = [cause.reason for cause in self.causes.get(self._as_declared(ref), ())]
        return tuple(dict.fromkeys((*found, *self.reasons_to_be_outside(ref.level, Known()))))

    def _as_declared(self, ref: Ref) -> Ref:
        """Return the input that is the name of a list's items; any other name as it is."""
        here = self.program.levels.get(ref.level)
        return Ref(ref.level, here.key) if here is not None and ref.name == ref.level and here.key is not None else ref

    def _joined(self, upper: str, known: Known) -> tuple[str, ...]:
        program = self.program
        if upper not in program.levels or program.levels[program.root(upper)].kind != "groups":
            return ()
        for start in known.at:
            if way_up(program, start, program.root(upper)):
                return joined(program, start, upper)
        return all_joined(program, upper)

    def _can_happen(self, cause: Cause, ref: Ref, known: Known) -> bool:
        if (ref, cause.reason) in known.not_for:
            return False
        if any(not self.reasons(other, known) for other in cause.unless_present):
            return False
        return cause.unless is None or not self.holds(cause.unless, known)

    def holds(self, expr: Expr, known: Known) -> bool:
        """Whether a condition is known to hold."""
        if key_of(expr) in known.true:
            return True
        match expr:
            case Every():
                return all(self.holds(operand, known) for operand in expr.operands)
            case Some():
                return any(self.holds(operand, known) for operand in expr.operands)
            case Not():
                return key_of(expr.operand) in known.false
            case IsAbsent(reason=None, negated=True):
                return not self.reasons(expr.ref, known)
            case _:
                return False

    def assume(self, known: Known, expr: Expr, truth: bool, steps: int = _STEPS) -> Known:  # noqa: FBT001 - read as `assume x is true`
        """Return `known` and that `expr` holds (or, with `truth` no, does not)."""
        on = levels_in(expr)
        if truth:
            known = replace(known, true={**known.true, key_of(expr): on})
        else:
            known = replace(known, false={**known.false, key_of(expr): on})
        match expr:
            case Every() if truth:
                for operand in expr.operands:
                    known = self.assume(known, operand, truth, steps)
            case Some() if not truth:
                for operand in expr.operands:
                    known = self.assume(known, operand, truth, steps)
            case Not():
                known = self.assume(known, expr.operand, not truth, steps)
            case IsAbsent(reason=None) if expr.negated == truth:
                known = self.is_there(known, expr.ref, steps)
            case IsAbsent(reason=str() as reason) if (expr.ref, reason) in self.slips.asked:
                known = self.is_there(known, expr.ref, steps)
            case IsAbsent(reason=str() as reason) if expr.negated == truth:
                known = replace(known, not_for=known.not_for | {(expr.ref, self.slips.reason(reason))})
            case Read() if steps > 0 and truth:
                known = self._through(known, expr.ref, steps)
        return known

    def _through(self, known: Known, ref: Ref, steps: int) -> Known:
        """Add what a tested yes/no value says, one step through its definition."""
        definition = self._definitions.get(ref)
        if definition is None:
            return known
        known = self.is_there(known, ref, steps - 1)
        if isinstance(definition.shape, FormulaShape) and definition.shape.outcome.expr is not None:
            known = self.assume(known, definition.shape.outcome.expr, True, steps - 1)  # noqa: FBT003 - as above
        return known

    def is_there(self, known: Known, ref: Ref, steps: int = _STEPS) -> Known:
        """Return `known` and that `ref` is there, with what had to hold for it to be."""
        known = replace(known, present=known.present | {ref})
        for key in self.keys_of_groups(ref.level, known):
            if key not in known.present:
                known = self.is_there(known, key, steps - 1)
        definition = self._definitions.get(ref)
        if definition is None:
            entry = self.program.inputs.get(ref)
            if entry is not None and entry.only_if is not None and steps > 0:
                known = self.assume(known, entry.only_if, True, steps - 1)  # noqa: FBT003 - as above
            return known
        if steps <= 0 or definition.pays_nothing_if_absent:
            return known
        for need in definition.needs:
            if need.ref not in known.present:
                known = self.is_there(known, need.ref, steps - 1)
        if definition.only_if is not None:
            known = self.assume(known, definition.only_if, True, steps - 1)  # noqa: FBT003 - as above
        carried = carried_name(definition)
        if carried is not None and carried not in known.present:
            known = self.is_there(known, carried, steps - 1)
        return known


def carried_name(definition: Definition) -> Ref | None:
    """Return the name whose absence a bare-name formula carries along, if that is what the definition is."""
    if isinstance(definition.shape, FormulaShape) and isinstance(definition.shape.outcome.expr, Read):
        return definition.shape.outcome.expr.ref
    return None


def levels_in(expr: Expr) -> frozenset[str]:
    """Return the levels whose current instance an expression reads."""
    found: set[str] = set()
    waiting = [expr]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Read | IsAbsent):
            found.add(here.ref.level)
        elif isinstance(here, Gather):
            found.add(here.within)
        waiting.extend(children(here))
    return frozenset(found)
