"""Sums of columns times whole numbers, kept as such until they are read: what cancels is not computed.

A factor is one number for all members of a level, or one for each: `gain(rate, benchmark)` is `rate * 1 - benchmark`
where higher is better, `rate * -1 + benchmark` where lower is, and both are one sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from vbc_rules.run.columns import bounds
from vbc_rules.run.columns.forms import Column, Run

Factors: TypeAlias = tuple[int, ...]
"""A whole number for all members, alone, or one for each."""

_MOST: int = 4
"""A sum of more columns than this is computed as it is written."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Columns (by what computes them) times factors, none of which is zero for all, and what is added to them."""

    parts: tuple[tuple[Run, Factors], ...]
    rest: Factors
    ranges: tuple[bounds.Range, ...]
    """Between which numbers each column lies."""
    _hash: int = field(init=False, compare=False)
    """Sums are looked up for every lot of rows."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.parts, self.rest)))

    def __hash__(self) -> int:
        return self._hash

    @property
    def is_table(self) -> bool:
        """Whether nothing in it depends on the data."""
        return not self.parts

    def range(self) -> bounds.Range:
        """Return between which numbers the sum lies, for any member."""
        return _hull(self._ranges())

    def _ranges(self) -> Iterator[bounds.Range]:
        for member in range(self.members):
            rest = _at(self.rest, member)
            found: bounds.Range = (rest, rest)
            for (_, factors), own in zip(self.parts, self.ranges, strict=True):
                found = bounds.sum_of(found, bounds.times(own, _at(factors, member)))
            yield found

    @property
    def members(self) -> int:
        """For how many members the factors differ; 1 where they do not."""
        return max(len(self.rest), *(len(factors) for _, factors in self.parts), 1)


def table(values: Factors) -> Linear:
    """Return numbers of the members themselves."""
    return Linear((), _short(values), ())


def atom(column: Column) -> Linear:
    """Return a column as it is."""
    return Linear(((column.run, (1,)),), (0,), ((column.low, column.high),))


def scale(linear: Linear, factors: Factors) -> Linear:
    """Return a sum times factors."""
    found = tuple((run, _times(own, factors)) for run, own in linear.parts)
    return _made(found, _times(linear.rest, factors), linear.ranges)


def plus(one: Linear, two: Linear, factor: int = 1) -> Linear:
    """Return `one + factor * two`."""
    parts = dict(one.parts)
    ranges = dict(zip(parts, one.ranges, strict=True))
    for (run, factors), own in zip(two.parts, two.ranges, strict=True):
        parts[run] = _plus(parts.get(run, (0,)), _times(factors, (factor,)))
        ranges[run] = own
    return _made(tuple(parts.items()), _plus(one.rest, _times(two.rest, (factor,))), tuple(ranges.values()))


def is_worth_it(linear: Linear) -> bool:
    """Return whether a sum is short enough to be kept."""
    return len(linear.parts) <= _MOST


def over(linears: Iterable[Linear]) -> int:
    """Return the greatest whole number that divides every factor of some sums."""
    return math.gcd(*(value for linear in linears for factors in _all(linear) for value in factors))


def divided(linear: Linear, by: int) -> Linear:
    """Return a sum divided by a whole number that divides every factor."""
    parts = tuple((run, tuple(value // by for value in factors)) for run, factors in linear.parts)
    return Linear(parts, tuple(value // by for value in linear.rest), linear.ranges)


def common(linear: Linear) -> tuple[Linear, Factors] | None:
    """Return a sum of columns times numbers that are the same for all members, and by what it is multiplied.

    None where there is no such sum: `rest` is left out of it.
    """
    first = linear.parts[0][1]
    shared = math.gcd(*(value for _, factors in linear.parts for value in factors[:1]))
    if shared == 0 or 0 in first:
        return None
    numbers = [factors[0] // shared for _, factors in linear.parts]
    by = tuple(value * shared // first[0] if value * shared % first[0] == 0 else 0 for value in first)
    if 0 in by or any(
        _short(factors) != _short(_times(by, (number,)))
        for number, (_, factors) in zip(numbers, linear.parts, strict=True)
    ):
        return None
    if numbers[0] < 0:
        numbers, by = [-number for number in numbers], _times(by, (-1,))
    parts = tuple((run, (number,)) for number, (run, _) in zip(numbers, linear.parts, strict=True))
    return Linear(parts, (0,), linear.ranges), by


def whole_part(above: Linear, below: Linear) -> tuple[Linear, Linear]:
    """Return a quotient with the same whole part (rounded down) and small numbers."""
    common = over((above, below))
    if common > 1:
        above, below = divided(above, common), divided(below, common)
    if not below.is_table or 0 in below.rest:
        return above, below
    # The columns add whole multiples of what their factors share: what the rest has beyond one never counts.
    members = max(above.members, below.members)
    shares = tuple(
        math.gcd(_at(below.rest, member), *(_at(factors, member) for _, factors in above.parts))
        for member in range(members)
    )
    parts = tuple((run, _over(factors, shares)) for run, factors in above.parts)
    return _made(parts, _over(above.rest, shares), above.ranges), table(_over(below.rest, shares))


def _over(factors: Factors, by: Factors) -> Factors:
    members = max(len(factors), len(by))
    return tuple(_at(factors, member) // _at(by, member) for member in range(members))


# --- what is known


@dataclass(frozen=True, slots=True)
class Fact:
    """A sum that is known to be more than zero, or (not `strict`) not less."""

    linear: Linear
    strict: bool


def proves(linear: Linear, known: tuple[Fact, ...], *, strict: bool) -> bool:
    """Return whether ranges and at most two facts prove a sum to be more than zero (not `strict`: not less)."""
    return _proves(linear, known, strict=strict, depth=2)


def _proves(linear: Linear, known: tuple[Fact, ...], *, strict: bool, depth: int) -> bool:
    low, _ = linear.range()
    if low is not None and (low > 0 if strict else low >= 0):
        return True
    if not depth or linear.is_table:
        return False
    run, factors = linear.parts[0]
    for fact in known:
        other = dict(fact.linear.parts).get(run)
        if other is None:
            continue
        members = max(len(factors), len(other))
        pairs = [(_at(factors, member), _at(other, member)) for member in range(members)]
        if all(a * b > 0 for a, b in pairs):
            # For each member |other| * sum = |factor| * fact + left.
            left = plus(
                scale(linear, tuple(abs(b) for _, b in pairs)), scale(fact.linear, tuple(abs(a) for a, _ in pairs)), -1
            )
            if _proves(left, known, strict=strict and not fact.strict, depth=depth - 1):
                return True
    return False


def most_of(above: Linear, below: Linear, known: tuple[Fact, ...]) -> int | None:
    """Return the most that the whole part of a quotient can be, where what divides it tells."""
    factors = dict(below.parts)
    for run, own in above.parts:
        if run not in factors:
            continue
        members = max(len(own), len(factors[run]))
        pairs = [(_at(own, member), _at(factors[run], member)) for member in range(members)]
        most = max((-(-abs(a) // abs(b)) for a, b in pairs if b), default=0)
        if most and proves(plus(scale(below, (most,)), above, -1), known, strict=True):
            return most - 1
    return None


# --- factors


def _made(parts: tuple[tuple[Run, Factors], ...], rest: Factors, ranges: tuple[bounds.Range, ...]) -> Linear:
    kept = [(part, own) for part, own in zip(parts, ranges, strict=True) if any(part[1])]
    return Linear(
        tuple((run, _short(factors)) for (run, factors), _ in kept), _short(rest), tuple(own for _, own in kept)
    )


def _all(linear: Linear) -> list[Factors]:
    return [*(factors for _, factors in linear.parts), linear.rest]


def _at(factors: Factors, member: int) -> int:
    return factors[member] if len(factors) > 1 else factors[0]


def _times(one: Factors, other: Factors) -> Factors:
    members = max(len(one), len(other))
    return tuple(_at(one, member) * _at(other, member) for member in range(members))


def _plus(one: Factors, other: Factors) -> Factors:
    members = max(len(one), len(other))
    return tuple(_at(one, member) + _at(other, member) for member in range(members))


def _short(factors: Factors) -> Factors:
    return factors[:1] if len(set(factors)) == 1 else factors


def _hull(ranges: Iterable[bounds.Range]) -> bounds.Range:
    found: bounds.Range | None = None
    for one in ranges:
        found = one if found is None else bounds.hull_of(found, one)
    return found or (0, 0)
