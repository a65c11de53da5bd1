"""Comparisons that hold added up, and formulas in which names are replaced by what they stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Final

from vbc_rules.check import polynomial as poly
from vbc_rules.check.cases import Alternative
from vbc_rules.check.estimate import Estimator
from vbc_rules.check.facts import Fact, Place
from vbc_rules.check.polynomial import Atom, Polynomial, RangeOf
from vbc_rules.resolve.expressions import Gather, Ref
from vbc_rules.resolve.program import Definition, FormulaShape, GatherShape, Outcome

_FACTS: Final = 12
"""So many comparisons at most are added up.."""
_MOST: Final = 4
""".. in sums of so many."""


def adds_up(goal: Polynomial, place: Place, range_of: RangeOf, *, strict: bool) -> bool:
    """Whether a sum of comparisons that hold leaves of `goal` what is zero or more (with `strict` more than zero)."""
    return _adds_up(goal, place.facts[-_FACTS:], range_of, strict=strict, added=0)


def _adds_up(goal: Polynomial, facts: tuple[Fact, ...], range_of: RangeOf, *, strict: bool, added: int) -> bool:
    if not range_of.effort.spend():
        return False
    found = poly.sum_of_ranges(goal, range_of)
    if found.is_positive or (not strict and (found.is_not_negative or poly.is_not_negative(goal, range_of))):
        return True
    for index, fact in enumerate(facts if added < _MOST else ()):
        rest = poly.add(goal, fact.polynomial, poly.MINUS)
        if len(rest) >= len(goal) + len(fact.polynomial):
            continue  # nothing cancelled: the sum would say no more
        if _adds_up(rest, facts[index + 1 :], range_of, strict=strict and not fact.strict, added=added + 1):
            return True
    return False


def written_out(
    goal: Polynomial,
    place: Place,
    estimator: Estimator,
    cases_of: Callable[[Atom, Place], tuple[Alternative, ...] | None],
    rank: Callable[[Atom], int],
) -> tuple[Polynomial, Place]:
    """Return a goal and the facts of a place in which values that are sums are written out. Raises TooLarge."""
    named = dict.fromkeys(poly.atoms(goal))
    for fact in place.facts:
        named.update(dict.fromkeys(poly.atoms(fact.polynomial)))
    for atom in sorted(named, key=rank):
        if not (isinstance(atom, tuple) and atom and atom[0] == "read"):
            continue
        definition = estimator.definitions.get(Ref(atom[1], atom[2]))
        if definition is None or not _is_a_sum(definition):
            continue
        cases = cases_of(atom, place)
        if cases is not None and len(cases) == 1 and cases[0].exact is not None:
            goal = substitute(goal, atom, cases[0].exact)
            place = with_substituted_facts(place, atom, cases[0].exact)
    return goal, place


def _is_a_sum(definition: Definition) -> bool:
    """Whether a value is nothing but a sum of others, wherever it is read."""
    if definition.role == "payment" or definition.needs or definition.only_if or definition.rounding:
        return False
    if definition.at_least is not None or definition.at_most is not None:
        return False
    match definition.shape:
        case GatherShape(function="sum", where=None, policy=None):
            return True
        case FormulaShape(outcome=Outcome(expr=Gather(function="sum"), at_least=None, at_most=None, rounding=None)):
            return True
        case _:
            return False


def substitute(polynomial: Polynomial, atom: Atom, value: Polynomial) -> Polynomial:
    """Return the polynomial with `value` in the place of an atom. Raises TooLarge."""
    parts = poly.split(polynomial, atom)
    if parts is None:
        return polynomial
    rest, factor = parts
    return poly.add(rest, poly.multiply(factor, value)) if factor else polynomial


def with_substituted_facts(place: Place, atom: Atom, value: Polynomial) -> Place:
    """Return the place whose facts speak of `value` instead of `atom`."""
    facts = tuple(
        Fact(substitute(fact.polynomial, atom, value), fact.strict)
        if any(atom in monomial for monomial in fact.polynomial)
        else fact
        for fact in place.facts
    )
    return replace(place, facts=facts, impossible=place.impossible or any(_cannot_hold(fact) for fact in facts))


def _cannot_hold(fact: Fact) -> bool:
    """Whether a comparison of numbers alone is false: the case never happens."""
    if any(monomial for monomial in fact.polynomial):
        return False
    value = fact.polynomial.get((), Fraction(0))
    return value < 0 or (value == 0 and fact.strict)
