"""Members settled together: who is among the first, where each stands, what each has of a pool."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from vbc_rules.language.absence import NONE_PRESENT, TOO_FEW_PRESENT, Absent
from vbc_rules.resolve.program import AllocateShape, Collective, Policy, StandingShape, TopShape
from vbc_rules.run import exact
from vbc_rules.run.scalar.allocation import Claims, Unshareable, share_out
from vbc_rules.run.scalar.ordering import Number, ordered_keys
from vbc_rules.run.scalar.scores import z_scores

Answer: TypeAlias = Any
"""What a member has: yes or no; whole numbers; quotients as Fraction; or an absence."""


def acted(policy: Policy | None, absent: Absent) -> str:
    """Return what is done with an absent value. Raises Unshareable where the file says nothing about it."""
    action = None if policy is None else policy.every or dict(policy.by_reason).get(absent.reason)
    if action is None:
        raise Unshareable
    return action


# --- the first members


def top_answers(
    shape: TopShape, keys: Sequence[Sequence[Any]], ties: Sequence[Any], limits: Sequence[Number | Absent]
) -> list[bool]:
    """Return whether each member is among the first; `keys` has a column of values for each key of the order."""
    count = len(limits)
    out = [False] * count
    for column in keys:
        for place, value in enumerate(column):
            if value.__class__ is Absent and acted(shape.policy, value) == "out":
                out[place] = True
    columns = [_standing(column) for column in keys]
    standings = list(zip(*columns, strict=True))
    part = [place for place in range(count) if not out[place]]
    if shape.ties is not None:
        if any(ties[place].__class__ is Absent for place in part):
            raise Unshareable
        part.sort(key=ties.__getitem__)
    part.sort(key=standings.__getitem__, reverse=True)
    found = [False] * count
    last_of: dict[Number | Absent, int] = {}
    for rank, place in enumerate(part, 1):
        limit = limits[place]
        last = last_of.get(limit)
        if last is None:
            last = last_of[limit] = _last(shape, limit, len(part))
        found[place] = rank <= last or (
            shape.ties is None and last > 0 and standings[place] == standings[part[last - 1]]
        )
    return found


def _last(shape: TopShape, limit: Number | Absent, taking_part: int) -> int:
    """Return the rank of the last one in."""
    if isinstance(limit, Absent):
        raise Unshareable
    whole = limit * taking_part if shape.is_share else limit
    if shape.rounding is not None:
        whole = exact.round_to(Fraction(whole), shape.rounding.unit, shape.rounding.mode)
    return min(taking_part, whole.numerator // whole.denominator)


def _standing(column: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return what members are ordered by: an absent one stands behind all present ones."""
    present = [value for value in column if value.__class__ is not Absent]
    keys: Sequence[Any] = present
    if any(value.__class__ is Fraction for value in present):
        keys = ordered_keys(present)
    waiting = iter(keys)
    return [(False,) if value.__class__ is Absent else (True, next(waiting)) for value in column]


# --- standings


def standing_answers(shape: StandingShape, values: Sequence[Any], higher: Sequence[bool]) -> list[Answer]:
    """Return where each member stands; quotients as Fraction, z-scores in units of the rounding."""
    if shape.policy is not None:
        values = [
            0 if value.__class__ is Absent and acted(shape.policy, value) == "zero" else value for value in values
        ]
    places = [place for place, value in enumerate(values) if value.__class__ is not Absent]
    present = [values[place] for place in places]
    if shape.function == "z_score":
        answers = z_scores(shape, present, [higher[place] for place in places])
    else:
        answers = _among(shape, ordered_keys(present), [higher[place] for place in places])
    found = list(values)
    for place, answer in zip(places, answers, strict=True):
        found[place] = answer
    return found


def _among(shape: StandingShape, keys: list[int], higher: Sequence[bool]) -> list[Answer]:
    ordered, count = sorted(keys), len(keys)
    distinct = sorted(set(keys))
    known: dict[tuple[int, bool], Answer] = {}
    found: list[Answer] = []
    for key, up in zip(keys, higher, strict=True):
        answer = known.get((key, up))
        if answer is None:
            below = bisect_left(ordered, key)
            equal = bisect_right(ordered, key) - below
            worse = below if up else count - below - equal
            if shape.function == "rank" and shape.ties == "dense":
                smaller = bisect_left(distinct, key)
                answer = len(distinct) - smaller if up else smaller + 1
            elif shape.function == "rank":
                answer = 1 + count - worse - equal
            else:
                answer = _percentile(shape, worse, equal, count)
            known[key, up] = answer
        found.append(answer)
    return found


def _percentile(shape: StandingShape, worse: int, equal: int, count: int) -> Answer:
    match shape.definition:
        case "inclusive":
            return Absent(TOO_FEW_PRESENT) if count == 1 else Fraction(worse, count - 1)
        case "exclusive":
            return Fraction(worse + 1, count + 1)
        case "midpoint":
            return Fraction(2 * worse + equal, 2 * count)
        case _:
            raise Unshareable


# --- shares of a pool


def share_answers(
    shape: AllocateShape,
    pool: Number | Absent,
    basis: Sequence[Any],
    floors: Sequence[Any] | None,
    caps: Sequence[Any] | None,
    keys: Sequence[Any],
) -> list[int]:
    """Return each member's cents. `pool`, `floors` and `caps` are in cents (fractions of them are rounded here)."""
    if isinstance(pool, Absent) or pool.denominator != 1:
        raise Unshareable
    for column in (basis, floors or (), caps or (), keys):
        if any(value.__class__ is Absent for value in column):
            raise Unshareable
    claims = Claims(
        basis,
        None if floors is None else [-(-value.numerator // value.denominator) for value in floors],
        None if caps is None else [value.numerator // value.denominator for value in caps],
        keys,
    )
    return share_out(int(pool), claims, basis_is_needed=shape.if_none == "error")


def answers_of(
    shape: Collective, columns: Sequence[Sequence[Any]], divisors: Sequence[int], pool: Number | None = None
) -> list[Answer]:
    """Return what each member that takes part has, as whole numbers (or fractions) over the divisor of its form.

    The columns are for `top` the keys of its order, the key of ties and how many; for a standing what is compared and
    which direction is better; for an allocation the basis, floors, caps and the key of ties. Quantities are whole
    numbers or fractions over the column's divisor. `pool` is in cents. Raises Unshareable.
    """
    match shape:
        case TopShape():
            # One limit for many members is worked out once.
            limits, divisor = columns[-1], divisors[-1]
            if divisor != 1:
                exact_limits = {
                    limit: limit if limit.__class__ is Absent else Fraction(limit) / divisor for limit in set(limits)
                }
                limits = [exact_limits[limit] for limit in limits]
            return top_answers(shape, columns[:-2], columns[-2], limits)
        case StandingShape():
            higher = [shape.better is None or direction == "higher" for direction in columns[1]]
            found = standing_answers(shape, columns[0], higher)
            if shape.function == "z_score" and shape.rounding is not None and shape.rounding.unit.numerator != 1:
                times = shape.rounding.unit.numerator
                return [value if value.__class__ is Absent else value * times for value in found]
            return found
        case AllocateShape():
            basis, floors, caps, keys = columns
            return share_answers(
                shape,
                Absent(NONE_PRESENT) if pool is None else pool,
                basis,
                None if shape.at_least is None else _in_cents(floors, divisors[1]),
                None if shape.at_most is None else _in_cents(caps, divisors[2]),
                keys,
            )


def _in_cents(column: Sequence[Any], divisor: int) -> Sequence[Any]:
    if divisor == 100:
        return column
    return [value if value.__class__ is Absent else Fraction(value * 100) / divisor for value in column]
