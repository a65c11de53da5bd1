"""What members have by comparison with each other: a place among the first, a standing, a share of a pool."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from vbc_rules.errors import EvaluationError
from vbc_rules.language.absence import NO_VARIATION, TOO_FEW_PRESENT, Absent
from vbc_rules.resolve.expressions import Datum, Plain
from vbc_rules.resolve.program import AllocateShape, Collective, StandingShape, TopShape
from vbc_rules.run import exact, settle
from vbc_rules.run.oracle.expressions import AbsentRead, Environment, datum, evaluate_expression, number, read
from vbc_rules.run.oracle.kinds import quantity, there
from vbc_rules.run.oracle.shapes import action_on, zero_of

CENT: Final = Fraction(1, 100)


def settle_together(shape: Collective, taking_part: Sequence[Environment], within: Environment) -> list[Datum]:
    """Return what the shape gives each member that takes part, all under the one instance `within`.

    Raises EvaluationError where a pool cannot be shared as the file says, AtMember where one member is what is wrong.
    """
    match shape:
        case TopShape():
            return _on_top(shape, taking_part)
        case StandingShape():
            return _standings(shape, taking_part)
        case AllocateShape():
            return [*_shares(shape, taking_part, within)]


# --- the first members

Standing: TypeAlias = tuple[tuple[bool, Plain], ...]
"""The order values of a member, each behind whether it is present: an absent one stands behind all present ones."""


def _on_top(shape: TopShape, taking_part: Sequence[Environment]) -> list[Datum]:
    ordered = [
        (standing, place, member)
        for place, member in enumerate(taking_part)
        if (standing := _standing(shape, member)) is not None
    ]
    if shape.ties is not None:
        key = shape.ties
        ordered.sort(key=lambda entry: _tie_key(entry[2].value(key)))
    # Sorting keeps the order by key among members that stand equal.
    ordered.sort(key=lambda entry: entry[0], reverse=True)
    found: list[Datum] = [False] * len(taking_part)
    for rank, (standing, place, member) in enumerate(ordered, 1):
        limit = _how_many(shape, len(ordered), member)
        last = min(len(ordered), limit.numerator // limit.denominator)
        shares_the_last = shape.ties is None and last > 0 and standing == ordered[last - 1][0]
        found[place] = rank <= limit or shares_the_last
    return found


def _how_many(shape: TopShape, taking_part: int, member: Environment) -> Fraction:
    limit = number(shape.how_many, member)
    if shape.is_share:
        limit *= taking_part
    return limit if shape.rounding is None else exact.round_to(limit, shape.rounding.unit, shape.rounding.mode)


def _standing(shape: TopShape, member: Environment) -> Standing | None:
    """Return what a member is ordered by; None where it does not take part."""
    found: list[tuple[bool, Plain]] = []
    for key in shape.order:
        value = datum(key, member)
        if not isinstance(value, Absent):
            found.append((True, value))
        elif action_on(shape.policy, value) == "out":
            return None
        else:
            found.append((False, False))
    return tuple(found)


def _tie_key(found: Datum) -> Plain:
    if isinstance(found, Absent):
        raise AbsentRead(found)
    return found


# --- standings


def _standings(shape: StandingShape, taking_part: Sequence[Environment]) -> list[Datum]:
    values: list[Fraction | Absent] = []
    for member in taking_part:
        value = read(shape.subject, member)
        if not isinstance(value, Absent):
            values.append(quantity(value))
        elif shape.policy is not None and action_on(shape.policy, value) == "zero":
            values.append(quantity(zero_of(shape.subject)))
        else:
            values.append(value)
    compared = sorted(value for value in values if not isinstance(value, Absent))
    if shape.function == "z_score":
        return _z_scores(shape, values, compared, taking_part)
    distinct = sorted(set(compared))
    return [
        value
        if isinstance(value, Absent)
        else _among(shape, value, compared, distinct, higher=_higher_is_better(shape, member))
        for value, member in zip(values, taking_part, strict=True)
    ]


def _higher_is_better(shape: StandingShape, member: Environment) -> bool:
    return shape.better is None or evaluate_expression(shape.better, member) == "higher"


def _among(
    shape: StandingShape, value: Fraction, compared: Sequence[Fraction], distinct: Sequence[Fraction], *, higher: bool
) -> Datum:
    """Return the rank or percentile rank of one value among those `compared` (sorted), itself one of them."""
    count, below = len(compared), bisect_left(compared, value)
    equal = bisect_right(compared, value) - below
    worse = below if higher else count - below - equal
    if shape.function == "rank":
        if shape.ties == "dense":
            smaller = bisect_left(distinct, value)
            return Fraction(len(distinct) - smaller if higher else smaller + 1)
        return Fraction(1 + count - worse - equal)
    match shape.definition:
        case "inclusive":
            return Absent(TOO_FEW_PRESENT) if count == 1 else Fraction(worse, count - 1)
        case "exclusive":
            return Fraction(worse + 1, count + 1)
        case "midpoint":
            return (worse + Fraction(equal, 2)) / count
        case _:
            raise settle.impossible("write inclusive, exclusive or midpoint as the definition", shape.span)


def _z_scores(
    shape: StandingShape,
    values: Sequence[Fraction | Absent],
    compared: Sequence[Fraction],
    taking_part: Sequence[Environment],
) -> list[Datum]:
    """Return how many standard deviations each value is from the mean of those compared, correctly rounded."""
    divisor = len(compared) - (1 if shape.definition == "sample" else 0)
    if not compared or divisor == 0:
        return [value if isinstance(value, Absent) else Absent(TOO_FEW_PRESENT) for value in values]
    mean = sum(compared, Fraction(0)) / len(compared)
    variance = sum(((other - mean) ** 2 for other in compared), Fraction(0)) / divisor
    rounding = there(shape.rounding)
    found: list[Datum] = []
    for value, member in zip(values, taking_part, strict=True):
        if isinstance(value, Absent):
            found.append(value)
        elif variance == 0:
            found.append(Absent(NO_VARIATION))
        else:
            distance = value - mean if _higher_is_better(shape, member) else mean - value
            found.append(exact.round_root(distance**2 / variance, rounding.unit, rounding.mode, negative=distance < 0))
    return found


# --- shares of a pool


@dataclass(slots=True, eq=False)
class _Claim:
    """What one member may have of a pool, in cents: between `floor` and `cap` (None: no cap), by its `basis`."""

    basis: Fraction
    floor: int
    cap: int | None
    key: Plain
    share: Fraction = Fraction(0)
    is_free: bool = False


def _shares(shape: AllocateShape, taking_part: Sequence[Environment], within: Environment) -> list[Fraction]:
    if not taking_part and (shape.if_none == "not_paid" or isinstance(read(shape.pool, within), Absent)):
        return []
    pool = number(shape.pool, within)
    if pool < 0 or (pool / CENT).denominator != 1:
        raise settle.unshareable("a pool is shared that is not whole cents, or below zero", shape.span)
    cents = int(pool / CENT)
    claims = [_claim_of(shape, place, member) for place, member in enumerate(taking_part)]
    floors = sum(claim.floor for claim in claims)
    if floors > cents:
        message = (
            "what all are promised at least is more than the pool; add to the pool, or lower what `at_least` gives"
        )
        raise settle.unshareable(message, shape.span)
    if cents and shape.if_none == "error" and not any(claim.basis for claim in claims):
        message = "nobody has a basis above zero, so the pool is shared with no one; where that may be, the file says"
        raise settle.unshareable(f"{message} `if_none: not_paid`", shape.span)
    _solve(claims, cents)
    shares = _in_cents(claims)
    _assert_kept(claims, shares, cents, shape)
    return [share * CENT for share in shares]


class AtMember(Exception):  # noqa: N818 (a signal: whoever evaluates says which member it is)
    """What is wrong with one of the members that share a pool."""

    def __init__(self, place: int, error: EvaluationError) -> None:
        """Keep which of the members taking part it is, and its error."""
        super().__init__(place)
        self.place = place
        self.error = error


def _claim_of(shape: AllocateShape, place: int, member: Environment) -> _Claim:
    try:
        return _claim(shape, member)
    except EvaluationError as error:
        raise AtMember(place, error) from None


def _claim(shape: AllocateShape, member: Environment) -> _Claim:
    basis = number(shape.basis, member)
    if basis < 0:
        raise settle.unshareable("a basis is below zero", shape.span)
    floor, cap = 0, None
    if shape.at_least is not None:
        floor = int(exact.round_to(number(shape.at_least, member) / CENT, Fraction(1), "ceiling"))
    if shape.at_most is not None:
        cap = int(exact.round_to(number(shape.at_most, member) / CENT, Fraction(1), "floor"))
    if floor < 0 or (cap is not None and cap < floor):
        message = "what a member has at least is below zero, or above what it has at most"
        raise settle.unshareable(message, shape.span)
    return _Claim(basis, floor, cap, _tie_key(member.value(shape.ties)))


def _solve(claims: Sequence[_Claim], cents: int) -> None:
    """Set each share to its basis times one factor, held within floor and cap, so that all the cents are spent.

    In each round the factor is what spends the cents among those still free. Where holding shares within their bounds
    would then spend too much, those raised to their floor stay there (the factor will only fall); where too little,
    those lowered to their cap stay there. Each round settles one member or more, so the rounds end. Where all are
    settled before the cents are spent, the rest cannot be placed.
    """
    for claim in claims:
        claim.share = Fraction(claim.floor)
        claim.is_free = claim.basis > 0
    while free := [claim for claim in claims if claim.is_free]:
        settled = sum((claim.share for claim in claims if not claim.is_free), Fraction(0))
        factor = (cents - settled) / sum((claim.basis for claim in free), Fraction(0))
        for claim in free:
            claim.share = factor * claim.basis
        raised = [claim for claim in free if claim.share < claim.floor]
        lowered = [claim for claim in free if claim.cap is not None and claim.share > claim.cap]
        too_much = sum((claim.floor - claim.share for claim in raised), Fraction(0)) - sum(
            (claim.share - there(claim.cap) for claim in lowered), Fraction(0)
        )
        now = raised if too_much > 0 else lowered if too_much < 0 else [*raised, *lowered]
        for claim in now:
            claim.share = Fraction(claim.floor if claim.share < claim.floor else there(claim.cap))
            claim.is_free = False
        if not now:
            return


def _in_cents(claims: Sequence[_Claim]) -> list[int]:
    """Return the shares in whole cents: each rounded down, then the cents left one each by largest fraction, then key.

    A share at its cap or floor is whole, so no odd cent passes a cap; there are fewer odd cents than fractions.
    """
    shares = [claim.share.numerator // claim.share.denominator for claim in claims]
    left = int(sum((claim.share for claim in claims), Fraction(0))) - sum(shares)
    order = sorted(range(len(claims)), key=lambda place: claims[place].key)
    order.sort(key=lambda place: claims[place].share - shares[place], reverse=True)
    for place in order[:left]:
        shares[place] += 1
    return shares


def _assert_kept(claims: Sequence[_Claim], shares: Sequence[int], cents: int, shape: AllocateShape) -> None:
    """Raise EvaluationError where the shares break a law of allocation: a fault of the library, never paid out."""
    within = all(
        claim.floor <= share and (claim.cap is None or share <= claim.cap)
        for claim, share in zip(claims, shares, strict=True)
    )
    room = any(
        claim.basis > 0 and (claim.cap is None or share < claim.cap)
        for claim, share in zip(claims, shares, strict=True)
    )
    if not within or sum(shares) > cents or (room and sum(shares) != cents):
        raise settle.impossible("the shares of a pool do not keep its laws", shape.span)
