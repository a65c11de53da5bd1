"""A pool shared out in whole cents: exact, in one sweep over where floors end and caps begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, TypeAlias

from vbc_rules.run.scalar.ordering import Number, ordered_keys


class Unshareable(Exception):  # noqa: N818 (a signal to ask the oracle, which knows what to say)
    """The pool cannot be shared out as the file says."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What the members that take part may have of a pool, in their order, all in cents.

    A share lies from the floor to the cap (None: none at all) and goes by the basis, in any unit; `keys` are in the
    order in which odd cents go to members whose fractions are equal.
    """

    basis: Sequence[Number]
    floors: Sequence[int] | None
    caps: Sequence[int] | None
    keys: Sequence[Any]


Weights: TypeAlias = Sequence[int]


def share_out(pool: int, claims: Claims, *, basis_is_needed: bool) -> list[int]:
    """Return each member's cents.

    Raises Unshareable for a pool or a basis below zero, floors above the pool, a floor below zero or above its cap,
    and (with `basis_is_needed`) where a pool above zero meets no basis above zero.
    """
    common = _common(claims.basis)
    weights = [value.numerator * (common // value.denominator) for value in claims.basis]
    count = len(weights)
    floors, caps = claims.floors, claims.caps
    if pool < 0 or any(weight < 0 for weight in weights):
        raise Unshareable
    if floors is not None and (min(floors, default=0) < 0 or sum(floors) > pool):
        raise Unshareable
    if caps is not None and any(
        cap < floor for cap, floor in zip(caps, floors if floors is not None else [0] * count, strict=True)
    ):
        raise Unshareable
    if pool and basis_is_needed and not any(weights):
        raise Unshareable
    number, below = _factor(pool, claims, weights, common)
    shares, rests = _at_factor(number, below, weights, floors, caps)
    _place_odd_cents(shares, rests, below, claims.keys)
    _assert_kept(pool, shares, weights, floors, caps)
    return shares


def _common(basis: Sequence[Number]) -> int:
    """Return a denominator that all have."""
    return lcm(*{value.denominator for value in basis})


def _factor(pool: int, claims: Claims, weights: Weights, common: int) -> tuple[int, int]:
    """Return the cents for each unit of weight, as a quotient, at which the shares spend the pool.

    What is spent rises with the factor, along straight lines between the factors at which a member leaves its floor or
    reaches its cap. From one to the next, `fixed` cents are spent by those held, and `free` is the weight of the rest.
    Where the pool is never spent, a factor at which all are held.
    """
    floors, caps = claims.floors, claims.caps
    fixed = 0 if floors is None else sum(floors)
    free = 0
    # The cents for each unit of basis at which a member turns; what is held from there on, what becomes free.
    turns: list[tuple[Fraction, int, int]] = []
    for place, (basis, weight) in enumerate(zip(claims.basis, weights, strict=True)):
        if not weight:
            continue
        floor = 0 if floors is None else floors[place]
        if floor:
            turns.append((Fraction(floor) / basis, -floor, weight))
        else:
            free += weight
        if caps is not None:
            turns.append((Fraction(caps[place]) / basis, caps[place], -weight))
    order = ordered_keys([turn[0] for turn in turns])
    last = Fraction(0)
    for place in sorted(range(len(turns)), key=order.__getitem__):
        last, now_fixed, now_free = turns[place]
        if free and free * last.numerator >= (pool - fixed) * last.denominator * common:
            return pool - fixed, free
        fixed += now_fixed
        free += now_free
    return (pool - fixed, free) if free else (last.numerator, last.denominator * common)


def _at_factor(
    number: int, below: int, weights: Weights, floors: Sequence[int] | None, caps: Sequence[int] | None
) -> tuple[list[int], list[int]]:
    """Return the shares at a factor rounded down to cents, and what was left off each, in parts of `below`."""
    shares: list[int] = []
    rests: list[int] = []
    for place, weight in enumerate(weights):
        share, rest = divmod(number * weight, below)
        if floors is not None and share < floors[place]:
            share, rest = floors[place], 0
        if caps is not None and share >= caps[place]:
            share, rest = caps[place], 0
        shares.append(share)
        rests.append(rest)
    return shares, rests


def _place_odd_cents(shares: list[int], rests: list[int], below: int, keys: Sequence[Any]) -> None:
    """Give the cents left over, one each, by the largest fraction; among equal ones in the order of the keys."""
    left = sum(rests) // below
    if left:
        order = sorted(range(len(shares)), key=keys.__getitem__)
        order.sort(key=rests.__getitem__, reverse=True)
        for place in order[:left]:
            shares[place] += 1


def _assert_kept(
    pool: int, shares: Sequence[int], weights: Weights, floors: Sequence[int] | None, caps: Sequence[int] | None
) -> None:
    """Raise Unshareable where the shares break a law of allocation: a fault of the library, never paid out."""
    spent = sum(shares)
    if floors is not None and any(share < floor for share, floor in zip(shares, floors, strict=True)):
        raise Unshareable
    if caps is not None and any(share > cap for share, cap in zip(shares, caps, strict=True)):
        raise Unshareable
    room = any(weight and (caps is None or shares[place] < caps[place]) for place, weight in enumerate(weights))
    if spent > pool or (room and spent != pool):
        raise Unshareable
