"""Sums over any number of members: written as sums of what is summed, held below by it, and proven member by member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Final

from vbc_rules.check import polynomial as poly
from vbc_rules.check.estimate import Estimator
from vbc_rules.check.facts import Place
from vbc_rules.check.polynomial import Atom, Monomial, Polynomial
from vbc_rules.check.ranges import RangeWalk
from vbc_rules.resolve.expressions import Expr, Gather, Read, Ref, Rounding
from vbc_rules.resolve.program import AllocateShape, Definition, FormulaShape

_UNSURE: Final = 3
"""So many sums may leave members out by a condition or for an absence; each doubles what must be shown."""

Linear = Mapping[tuple[Monomial, Ref], Fraction]
"""Values of one member, each with what it is multiplied by: names of levels above, and a number."""


def bounds_of_sum(expr: Gather, place: Place, estimator: Estimator, walk: RangeWalk) -> tuple[Polynomial, ...]:
    """Return what a sum is never above: the pool its shares come from, or sums of what its values are made of."""
    if not isinstance(expr.item, Read):
        return ()
    definition = estimator.definitions.get(expr.item.ref)
    if definition is None or definition.at_least is not None or not _pays_nothing_else(definition, estimator):
        return ()
    found: list[Polynomial] = []
    if isinstance(definition.shape, AllocateShape):
        if definition.rounding is None or definition.rounding.mode in ("down", "floor"):
            found += _pools(expr, definition.shape, place, estimator)
        highest = [definition.shape.at_most, definition.at_most]
    elif isinstance(definition.shape, FormulaShape):
        outcome = definition.shape.outcome
        plain = outcome.at_least is None and outcome.at_most is None and outcome.rounding is None
        highest = [outcome.expr if plain else None, definition.at_most]
    else:
        return ()
    for part in highest:
        if part is not None and (total := _summed(part, expr, definition, place, estimator, walk)) is not None:
            found.append(total)
    return tuple(found)


def _pays_nothing_else(definition: Definition, estimator: Estimator) -> bool:
    gates = (gate for gate in estimator.program.gates if gate.pays is not None and definition.ref in gate.on)
    return all(gate.pays == 0 for gate in gates)


def _pools(expr: Gather, shape: AllocateShape, place: Place, estimator: Estimator) -> Iterator[Polynomial]:
    """Yield the pool that shares add up to at most; over several pools, their sum."""
    program = estimator.program
    if shape.within in (expr.within, *program.above(expr.within)):
        yield estimator.polynomial(shape.pool, place)
    elif expr.within in program.above(shape.within):
        pools = replace(expr, level=shape.within, item=shape.pool, where=None, present=True)
        yield estimator.polynomial(pools, place)


def _summed(
    part: Expr, expr: Gather, definition: Definition, place: Place, estimator: Estimator, walk: RangeWalk
) -> Polynomial | None:
    """Return the sum of `part` over the members: no less than the sum of values that are `part` or nothing."""
    found: Linear | None = None
    for instance in estimator.instances(expr.level, expr.within, place):
        here = walk.guarded(definition, walk.as_known(instance.place, expr.level))
        if here is None:
            continue
        exact = estimator.polynomial(part, here)
        linear = _linear(exact, expr, estimator)
        if linear is None or found not in (None, linear):
            return None
        if not _never_negative(exact, here, estimator) or not _rounds_down(definition.rounding, exact, here, estimator):
            return None
        found = linear
    if found is None:
        return None
    total: Polynomial = {}
    for (above, ref), factor in found.items():
        item = Read(expr.span, estimator.program.slots[ref].type, ref)
        whole = estimator.polynomial(replace(expr, item=item, present=True), place)
        total = poly.add(total, poly.multiply({above: factor}, whole))
    return total


def _never_negative(exact: Polynomial, place: Place, estimator: Estimator) -> bool:
    """Whether each part alone is zero or more: then so it is where the others are absent."""
    range_of = estimator.range_of(place)
    return all(poly.sum_of_ranges({monomial: value}, range_of).is_not_negative for monomial, value in exact.items())


def _rounds_down(rounding: Rounding | None, exact: Polynomial, place: Place, estimator: Estimator) -> bool:
    if rounding is None or rounding.mode == "floor":
        return True
    return rounding.mode == "down" and poly.is_not_negative(exact, estimator.range_of(place))


def _linear(exact: Polynomial, expr: Gather, estimator: Estimator) -> Linear | None:
    """Return a formula as values of the member times what stands above; None where it is not made so."""
    found: dict[tuple[Monomial, Ref], Fraction] = {}
    for monomial, value in exact.items():
        above = tuple(atom for atom in monomial if is_above(atom, expr.within, estimator))
        own = [atom for atom in monomial if not is_above(atom, expr.within, estimator)]
        if len(own) != 1:
            return None
        atom = own[0]
        if not (isinstance(atom, tuple) and atom[0] == "read" and atom[1] == expr.level):
            return None
        found[above, Ref(atom[1], atom[2])] = value
    return found


def is_above(atom: Atom, within: str, estimator: Estimator) -> bool:
    """Whether an atom is one and the same for all members under an instance of `within`."""
    if not (isinstance(atom, tuple) and atom and atom[0] == "read"):
        return False
    return atom[1] in ("", within, *estimator.program.above(within))


# --- member by member -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over the same members, each with what multiplies it, and the `rest` of a formula they stand in."""

    level: str
    within: str
    members: tuple[tuple[str, str], ...]
    terms: tuple[tuple[Polynomial, Gather], ...]
    rest: Polynomial

    def goals(self, place: Place, estimator: Estimator, walk: RangeWalk) -> Iterator[tuple[Place, Polynomial]] | None:
        """Return what must be zero or more at each member so that the sums are; None where that is too much to show."""
        start = Place(members=dict(self.members), in_program=place.in_program, at=self.within)
        unsure = list(dict.fromkeys(gather for _, gather in self.terms if _may_leave_out(gather, start, estimator)))
        return None if len(unsure) > _UNSURE else self._goals(start, unsure, estimator, walk)

    def _goals(
        self, start: Place, unsure: list[Gather], estimator: Estimator, walk: RangeWalk
    ) -> Iterator[tuple[Place, Polynomial]]:
        for instance in estimator.instances(self.level, self.within, start):
            for ways in product((True, False), repeat=len(unsure)):
                counted = dict(zip(unsure, ways, strict=True))
                here = walk.as_known(instance.place, self.level)
                for gather, counts in counted.items():
                    if gather.where is not None and (counts or not _may_be_absent(gather, here, estimator)):
                        here = estimator.assume(here, gather.where, truth=counts)
                goal: Polynomial = {}
                for factor, gather in self.terms:
                    if counted.get(gather, True):
                        ones = poly.constant(poly.ONE)
                        item = ones if gather.item is None else estimator.polynomial(gather.item, here)
                        goal = poly.add(goal, poly.multiply(factor, item))
                yield here, goal


def sums_in(goal: Polynomial, estimator: Estimator) -> Iterator[Sums]:
    """Yield, for each kind of members, the sums over them that stand in a formula; a count is a sum of ones."""
    gathers: dict[Atom, Gather] = {}
    for atom in poly.atoms(goal):
        expr = estimator.formula_of(atom)
        is_sum = isinstance(expr, Gather) and expr.function == "sum" and isinstance(expr.item, Read)
        if isinstance(expr, Gather) and (is_sum or (expr.function == "count" and expr.item is None)):
            gathers[atom] = expr
    kinds = dict.fromkeys((one.level, one.within, _members_of(atom)) for atom, one in gathers.items())
    for level, within, members in kinds:
        own = {
            atom: one
            for atom, one in gathers.items()
            if (one.level, one.within, _members_of(atom)) == (level, within, members)
        }
        terms: list[tuple[Polynomial, Gather]] = []
        rest: dict[Monomial, Fraction] = {}
        for monomial, value in goal.items():
            here = [atom for atom in monomial if atom in own]
            if not here:
                rest[monomial] = value
                continue
            above = tuple(atom for atom in monomial if atom not in own)
            if len(here) > 1 or not all(is_above(atom, within, estimator) for atom in above):
                break
            terms.append(({above: value}, own[here[0]]))
        else:
            yield Sums(level, within, members, tuple(terms), rest)


def _members_of(atom: Atom) -> tuple[tuple[str, str], ...]:
    return atom[2] if isinstance(atom, tuple) else ()


def _may_leave_out(gather: Gather, start: Place, estimator: Estimator) -> bool:
    places = (one.place for one in estimator.instances(gather.level, gather.within, start))
    return gather.where is not None or any(_may_be_absent(gather, place, estimator) for place in places)


def _may_be_absent(gather: Gather, place: Place, estimator: Estimator) -> bool:
    return isinstance(gather.item, Read) and bool(estimator.reasons(gather.item.ref, place))
