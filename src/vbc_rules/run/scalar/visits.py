"""Visiting the members of a level: where the code of each runs, and what is done where it is absent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from vbc_rules.errors import Code, UsageError
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import Expr
from vbc_rules.resolve.program import Policy
from vbc_rules.run.scalar.emit import Block, For, If
from vbc_rules.run.scalar.expressions import Expressions
from vbc_rules.run.scalar.representation import Carrier, constant
from vbc_rules.run.scalar.scope import Instance, Loop, Place, chain_below, place_of
from vbc_rules.run.scalar.terms import Fact
from vbc_rules.run.scalar.values import bounds

ZERO = constant(Fraction(0))
ONE = constant(Fraction(1))
IGNORE = "ignore"


@dataclass(slots=True)
class Visit:
    """One member, or the items of one list: the block that runs there, and what it contributes.

    `counted` are conditions under which it counts, `present` those under which it is also present; `missing` is the
    condition under which its absence makes the whole absent.
    """

    block: Block
    place: Place
    item: Carrier
    weight: Carrier
    counted: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    missing: str | None = None
    never_present: bool = False
    nested: bool = False
    guards: dict[tuple[str, ...], If] = field(default_factory=dict)


@dataclass(slots=True)
class Gathered:
    """All visits. `root` holds their code, `start` what must come before; `plain`: there is none, only expressions."""

    start: Block
    root: Block
    visits: list[Visit]
    plain: bool
    counts: dict[str, Carrier] = field(default_factory=dict)


@dataclass(slots=True)
class Wanted:
    """An aggregate asked for, by a shape or inside a formula."""

    function: str
    level: str
    within: str
    item: Expr | None
    where: Expr | None
    weight: Expr | None = None
    policy: Policy | None = None
    ignores: bool = False


class Visits:
    """Writes the visits of an aggregate."""

    def __init__(self, expressions: Expressions) -> None:
        self.of = expressions
        self.writer = expressions.writer
        self.program = expressions.program

    def gather(self, wanted: Wanted, place: Place) -> Gathered:
        """Visit every member of the level under the place's instance of `within`."""
        found = Gathered(Block(), Block(), [], plain=True)
        start = place.instances[wanted.within]
        chain = chain_below(self.program, wanted.level)
        if not chain or self.program.root(wanted.level) != self.program.root(wanted.within):
            raise UsageError(Code.USAGE, f"`{wanted.level}` is gathered across participants; evaluate the whole cohort")
        with self.writer.inside(found.root):
            self._walk(wanted, place, start, chain[len(start) :], found)
        found.plain = found.plain and not found.root.entries
        quotients = any(visit.item.denominator or visit.weight.denominator for visit in found.visits)
        guarded = any(visit.counted or visit.present for visit in found.visits)
        if found.plain and (quotients or wanted.function in ("min", "max", "weighted_mean")) and guarded:
            self._unplain(found)
        if not found.plain:
            self.writer.block.entries.extend((found.start, found.root))
        return found

    def _unplain(self, found: Gathered) -> None:
        """Give every member a block, for contributions that need statements."""
        found.plain = False
        for visit in found.visits:
            visit.block = Block()
            found.root.entries.append(visit.block)

    def make_statements(self, found: Gathered) -> None:
        """Place what was gathered as expressions, so that every member has a block."""
        self._unplain(found)
        self.writer.block.entries.extend((found.start, found.root))

    def _walk(self, wanted: Wanted, place: Place, instance: Instance, rest: tuple[str, ...], found: Gathered) -> None:
        if not rest:
            self._member(wanted, place, instance, found)
            return
        level = self.program.levels[rest[0]]
        if level.kind == "members":
            for member in level.members:
                if member.parent is None or (instance and instance[-1] == member.parent):
                    self._walk(wanted, place, (*instance, member.name), rest[1:], found)
            return
        loop = Loop(self.of.store.items(level.name, instance), Block())
        self.writer.block.entries.append(For(loop.header, loop.body))
        with self.writer.inside(loop.body):
            self._walk(wanted, place, (*instance, loop), rest[1:], found)

    def _member(self, wanted: Wanted, place: Place, instance: Instance, found: Gathered) -> None:
        own = place_of(self.program, wanted.level, instance)
        member = Place(wanted.level, {**place.instances, **own.instances})
        known: frozenset[str | Fact] = frozenset()
        conditions: list[str] = []
        before = self.writer.block
        if wanted.where is not None:
            test = self.of.present_value(wanted.where, member)
            if test.constant is False:
                return
            if test.constant is None:
                conditions.append(test.code)
            known = self.of.facts(wanted.where, True, member)  # noqa: FBT003 (as `it is true`)
        inner = Block()
        with self.writer.inside(inner), self.of.knowing(known):
            item = ONE if wanted.item is None else self.of.expr(wanted.item, member)
            weight = ONE if wanted.weight is None else self.of.expr(wanted.weight, member)
            visit = Visit(before, member, item, weight, conditions)
            visit.nested = any(isinstance(key, Loop) for key in instance)
            if item.is_absent or item.maybe_absent:
                self._absent(wanted, visit)
        if visit.never_present and visit.missing is None and visit.counted == ["False"]:
            return
        if inner.entries:
            self._prepared(visit, inner)
        found.visits.append(visit)

    def _prepared(self, visit: Visit, inner: Block) -> None:
        """Put what prepares a visit's item behind its conditions."""
        if visit.counted and not visit.missing and not visit.present:
            then, _ = self.writer.branch(f"({' and '.join(visit.counted)})")
            visit.counted = []
            then.entries.extend(inner.entries)
            visit.block, visit.nested = then, True
        else:
            visit.block.entries.extend(inner.entries)

    def _absent(self, wanted: Wanted, visit: Visit) -> None:
        """Settle what is done where the item is absent."""
        item = visit.item
        zero = constant(value=False) if wanted.item is not None and wanted.item.type.kind == "yes_no" else ZERO
        every = IGNORE if wanted.ignores else None if wanted.policy is None else wanted.policy.every
        by_reason = () if wanted.policy is None else wanted.policy.by_reason
        every = IGNORE if every == "redistribute" else every
        if isinstance(item.constant, Absent):
            visit.never_present = True
            action = every or dict(by_reason).get(item.constant.reason)
            if action == "zero":
                visit.item = zero
                visit.present = ["False"]
            elif action == "absent":
                visit.missing = "True"
            elif action is None:
                self.writer.add(self.of.refusal or "raise Refused")
                visit.item = zero
            else:
                visit.counted = ["False"]
            return
        absent = self.writer.is_absent(item.code)
        present = self.writer.is_absent(item.code, negated=True)
        if every is None and not by_reason:
            self.writer.branch(f"({absent})")[0].add(self.of.refusal or "raise Refused")
            return
        if every == IGNORE:
            visit.counted.append(present)
        elif every == "absent":
            visit.missing = absent
        elif every == "zero":
            visit.present = [present]
            visit.item = self._zeroed(item, absent, zero)
        else:
            self._by_reason(visit, dict(by_reason), zero)
            return
        if every in (IGNORE, "absent"):
            visit.item = replace(item, maybe_absent=every == "absent")

    def _by_reason(self, visit: Visit, actions: dict[str, str], zero: Carrier) -> None:
        item = visit.item
        code = item.code

        def any_of(*wanted: str) -> str:
            names = [self.writer.absence(reason) for reason, action in actions.items() if action in wanted]
            return " or ".join(f"{code} is {name}" for name in names)

        if left_out := any_of(IGNORE, "redistribute"):
            visit.counted.append(f"not ({left_out})" if " or " in left_out else left_out.replace(" is ", " is not "))
        if missing := any_of("absent"):
            visit.missing = f"({missing})"
        if zeros := any_of("zero"):
            visit.present = [self.writer.is_absent(code, negated=True)]
            visit.item = self._zeroed(item, zeros, zero)

    def _zeroed(self, item: Carrier, condition: str, zero: Carrier) -> Carrier:
        # An absent quotient's denominator is 1, so zero over it is zero.
        low, high = bounds(item, ZERO) if item.kind == "number" else (None, None)
        code = f"({zero.code} if {condition} else {item.code})"
        return replace(item, code=code, maybe_absent=False, low=low, high=high)

    def guarded(self, visit: Visit, conditions: list[str]) -> Block:
        """Return the block of a visit that runs where all conditions hold."""
        made = self._guard(visit, conditions)
        return visit.block if made is None else made.then

    def otherwise(self, visit: Visit, conditions: list[str]) -> Block:
        """Return the block of a visit that runs where a condition does not hold."""
        made = self._guard(visit, conditions)
        return Block() if made is None else made.otherwise

    def _guard(self, visit: Visit, conditions: list[str]) -> If | None:
        key = tuple(condition for condition in conditions if condition != "True")
        if not key:
            return None
        if key not in visit.guards:
            visit.guards[key] = If(f"({' and '.join(key)})", Block(), Block())
            visit.block.entries.append(visit.guards[key])
        return visit.guards[key]
