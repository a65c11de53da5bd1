"""What is known about quantities at one place of the file: where it stands, and the comparisons that hold there."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

from vbc_rules.check.interval import ZERO, Interval
from vbc_rules.check.polynomial import MINUS, Atom, Polynomial, RangeOf, add, is_not_negative, sum_of_ranges
from vbc_rules.resolve.expressions import Datum

_COMBINED = 24
"""So many comparisons at most are combined in pairs; more do not occur in one branch of a real file."""


@dataclass(frozen=True, slots=True)
class Fact:
    """`polynomial` is zero or more; with `strict` more than zero."""

    polynomial: Polynomial
    strict: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a formula stands: the listed member of each level (`members`), and what holds there.

    `narrowed` are ranges tighter than the declared ones; `words` are categories known to have one word; `holds` are
    conditions known to hold or not. `in_program`: whether the participant is in the program, if that is settled.
    `at` is the level that stands there (empty: not known).
    """

    members: Mapping[str, str] = field(default_factory=dict)
    narrowed: Mapping[Atom, Interval] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    words: Mapping[Atom, frozenset[Datum]] = field(default_factory=dict)
    holds: Mapping[Hashable, bool] = field(default_factory=dict)
    impossible: bool = False
    in_program: bool | None = None
    at: str = ""

    def with_range(self, atom: Atom, interval: Interval) -> Place:
        """Return the place with a tighter range; an empty one shows that the place is never reached."""
        return replace(
            self, narrowed={**self.narrowed, atom: interval}, impossible=self.impossible or interval.is_empty
        )

    def with_fact(self, fact: Fact) -> Place:
        """Return the place with one more comparison, and without those that it makes needless."""
        kept = (known for known in self.facts if not _follows(known, fact))
        return replace(self, facts=(*kept, fact))


def _follows(known: Fact, fact: Fact) -> bool:
    """Whether `known` says no more than `fact`, in that they differ by a constant alone."""
    old, new = known.polynomial, fact.polynomial
    if old.keys() - {()} != new.keys() - {()} or any(old[key] != new[key] for key in new if key):
        return False
    more = old.get((), ZERO) - new.get((), ZERO)
    return more > 0 or (more == 0 and (fact.strict or not known.strict))


def sign_from_facts(polynomial: Polynomial, place: Place, range_of: RangeOf) -> tuple[bool, bool]:
    """Return (zero or more, more than zero) as far as the facts show it.

    From p > b and B > p follows B > b: the sum of one or two facts that leaves a remainder of zero or more.
    """
    facts = place.facts[-_COMBINED:]
    at_least_zero = False
    for fact in facts:
        rest = add(polynomial, fact.polynomial, MINUS)
        if len(rest) <= len(polynomial) + 1 and _fits(rest, range_of):
            if fact.strict:
                return True, True
            at_least_zero = True
    names = {atom for monomial in polynomial for atom in monomial}
    near = [
        fact for fact in facts if not names or any(atom in names for monomial in fact.polynomial for atom in monomial)
    ]
    for index, first in enumerate(near):
        for second in facts:
            if second is first or second in near[:index]:
                continue
            if not range_of.effort.spend():
                return at_least_zero, False
            both = add(first.polynomial, second.polynomial)
            if len(both) > len(first.polynomial) + len(second.polynomial) - 2:
                continue  # nothing cancelled: the pair says no more than each alone
            rest = add(polynomial, both, MINUS)
            if len(rest) <= len(polynomial) + 1 and _fits(rest, range_of):
                if first.strict or second.strict:
                    return True, True
                at_least_zero = True
    return at_least_zero, False


def _fits(rest: Polynomial, range_of: RangeOf) -> bool:
    if not rest:
        return True
    return range_of.effort.spend() and (
        sum_of_ranges(rest, range_of).is_not_negative or is_not_negative(rest, range_of)
    )
