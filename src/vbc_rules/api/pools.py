"""What was shared out: each pool beside what was paid from it, to the cent; and the totals of all payments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from vbc_rules.api.values import exact_decimal, public_value, text_value
from vbc_rules.api.views import climb, instances_of, key_of
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import Type
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import AllocateShape, Definition
from vbc_rules.resolve.program import Program as Resolved
from vbc_rules.run.oracle import evaluate_expression
from vbc_rules.run.trace import CohortTrace

if TYPE_CHECKING:
    from vbc_rules.api.program import Program

_MONEY = Type("money")


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool and what became of it: `paid` and `not_placed` add up to `pool`, to the cent.

    `payment` is the payment that shares it out, `within` the level that has the pool, `key` which group it is the pool
    of (empty for the cohort's, and where `within` lies in the participant: then all participants' pools are added up).
    `taking_part` counts who was considered: in the program, not held back by a gate, with what the payment needs.
    `not_placed` is what caps, or a basis of zero, did not let be paid. A pool that is absent has none of it.
    """

    payment: str
    within: str
    key: tuple[object, ...]
    pool: Decimal | Absent
    paid: Decimal
    not_placed: Decimal
    taking_part: int

    def to_dict(self) -> dict[str, object]:
        """Return the pool as plain data, amounts as text."""
        return {
            "payment": self.payment,
            "within": self.within,
            "key": [str(part) for part in self.key],
            "pool": {"absent": self.pool.reason} if isinstance(self.pool, Absent) else str(self.pool),
            "paid": str(self.paid),
            "not_placed": str(self.not_placed),
            "taking_part": self.taking_part,
        }

    def __repr__(self) -> str:
        return f"<Pool of {self.payment}>"


def pools_of(program: Program, trace: CohortTrace) -> tuple[Pool, ...]:
    """Return every pool of a cohort, in the order in which the program pays them."""
    return tuple(
        pool
        for definition in program.resolved.definitions
        if isinstance(definition.shape, AllocateShape)
        for pool in _shared(program, trace, definition, definition.shape)
    )


@dataclass(slots=True)
class _Sum:
    pool: Fraction | Absent = Fraction(0)
    paid: Fraction = Fraction(0)
    taking_part: int = 0


def _shared(program: Program, trace: CohortTrace, definition: Definition, shape: AllocateShape) -> Iterator[Pool]:
    resolved = program.resolved
    apart = resolved.levels[resolved.root(shape.within)].kind != "participant"
    found: dict[Path, _Sum] = {}
    places: dict[Path, Path] = {}
    for within in instances_of(resolved, trace, shape.within):
        places[within] = within if apart else ()
        own = found.setdefault(places[within], _Sum())
        pool = _pool(resolved, trace, shape, within)
        if isinstance(pool, Fraction) and isinstance(own.pool, Fraction):
            own.pool += pool
        elif apart:
            own.pool = pool
    for member in instances_of(resolved, trace, shape.level):
        under = climb(resolved, trace, shape.level, member, shape.within)
        if isinstance(under, Absent) or not _takes_part(resolved, trace, definition, member):
            continue
        own = found[places[under]]
        own.taking_part += 1
        share = trace.value(definition.ref, member)
        own.paid += share if isinstance(share, Fraction) else 0
    for place, own in found.items():
        key = _key(program, trace, shape.within, place) if apart else ()
        left = Fraction(0) if isinstance(own.pool, Absent) else own.pool - own.paid
        pool_ = own.pool if isinstance(own.pool, Absent) else exact_decimal(own.pool, 2)
        yield Pool(
            _name(resolved, definition.ref),
            shape.within,
            key,
            pool_,
            exact_decimal(own.paid, 2),
            exact_decimal(left, 2),
            own.taking_part,
        )


def _pool(resolved: Resolved, trace: CohortTrace, shape: AllocateShape, within: Path) -> Fraction | Absent:
    ref = shape.pool.ref
    at: Path | Absent = () if ref.level == "" else climb(resolved, trace, shape.within, within, ref.level)
    found = at if isinstance(at, Absent) else trace.value(ref, at)
    if not isinstance(found, Fraction | Absent):
        raise TypeError("a pool is an amount of money")
    return found


def _takes_part(resolved: Resolved, trace: CohortTrace, definition: Definition, member: Path) -> bool:
    """Whether a member is considered: no gate holds it back, and what the payment needs is there."""
    ref = definition.ref
    value = trace.value(ref, member)
    if isinstance(value, Absent):
        return False
    above = (ref.level, *resolved.above(ref.level))
    for gate in resolved.gates:
        if gate.ref.level in above and (gate.pays is None or ref in gate.on):
            at = climb(resolved, trace, ref.level, member, gate.ref.level)
            # A gate of a group holds nobody back who is in no such group.
            if not isinstance(at, Absent) and trace.value(gate.ref, at) is False:
                return False
    here = _Here(resolved, trace, ref.level, member)
    if any(isinstance(here.value(read.ref), Absent) for read in definition.needs):
        return False
    return definition.only_if is None or evaluate_expression(definition.only_if, here) is True


@dataclass(frozen=True, slots=True)
class _Here:
    """One instance of a cohort, as expressions are evaluated at it."""

    program: Resolved
    trace: CohortTrace
    level: str
    path: Path

    def value(self, ref: Ref) -> Datum:
        """Return the value of `ref` at this instance or the one above that its level names."""
        if ref.level == "":
            return self.trace.value(ref, ())
        at = climb(self.program, self.trace, self.level, self.path, ref.level)
        return at if isinstance(at, Absent) else self.trace.value(ref, at)

    def members(self, level: str, within: str) -> tuple[_Here, ...]:
        """Return the members of `level` under the current instance of `within`."""
        at = climb(self.program, self.trace, self.level, self.path, within)
        paths = () if isinstance(at, Absent) else self.trace.gathered(level, within, at)
        return tuple(_Here(self.program, self.trace, level, path) for path in paths)

    def warn(self, message: str) -> None:
        """Do nothing: the trace has kept its warnings."""


def _key(program: Program, trace: CohortTrace, level: str, path: Path) -> tuple[object, ...]:
    """Return what tells an instance apart: what its group goes by, then the names of members."""
    resolved = program.resolved
    root = resolved.root(level)
    if resolved.levels[root].kind != "groups":
        return path
    return (*public_key(program, trace, root, int(path[0])), *path[1:])


def public_key(program: Program, trace: CohortTrace, level: str, number: int) -> tuple[object, ...]:
    """Return what a group goes by, as callers see values."""
    by = program.resolved.levels[level].by
    values = key_of(program.resolved, trace, level, number)
    slots = program.resolved.slots
    return tuple(
        public_value(value, slots[ref].type, program.places(ref)) for value, ref in zip(values, by, strict=True)
    )


def totals_of(program: Program, trace: CohortTrace) -> Mapping[str, Decimal | Fraction]:
    """Return the sum of each payment of money over all who have it; what is absent adds nothing."""
    resolved = program.resolved
    found: dict[str, Decimal | Fraction] = {}
    for definition in resolved.definitions:
        if definition.role != "payment" or definition.type.kind != "money":
            continue
        ref = definition.ref
        values = (trace.value(ref, path) for path in instances_of(resolved, trace, ref.level))
        total = _sum(values)
        shown = public_value(total, definition.type, program.places(ref))
        found[_name(resolved, ref)] = shown if isinstance(shown, Decimal | Fraction) else total
    return found


def _sum(values: Iterable[Datum]) -> Fraction:
    total = Fraction(0)
    for value in values:
        if isinstance(value, Fraction):
            total += value
    return total


def _name(resolved: Resolved, ref: Ref) -> str:
    """Return a payment's name; with its level where it is not the participant's."""
    return ref.name if ref.level == resolved.participant else str(ref)


def text_totals(totals: Mapping[str, Decimal | Fraction]) -> dict[str, object]:
    """Return totals as text."""
    return {name: text_value(Fraction(total), _MONEY) for name, total in totals.items()}
