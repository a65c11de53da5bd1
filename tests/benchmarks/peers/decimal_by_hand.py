"""The workload in plain Python with `decimal`, written with care for speed: every value that the rule file names."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any, TypeAlias

import numpy as np

from tests.benchmarks.peers.rows import Outcomes, Rows
from tests.benchmarks.peers.terms import CAP, MINIMUM_CASES, POOL_POINTS, TIERS, Terms
from tests.benchmarks.peers.way import Way

NAME = "Decimal by hand"
DISTRIBUTION = ""
CANNOT = (
    "Nothing: any program can be written so, one at a time. It has no check of units or ranges, no explanation "
    "and no proof."
)

Given: TypeAlias = tuple[Decimal, bool, tuple[tuple[int, Decimal, Decimal], ...]]
Found: TypeAlias = tuple[Any, ...]

_ZERO, _HALF, _NINE, _TEN = Decimal(0), Decimal("0.5"), Decimal(9), Decimal(10)
_CENT, _FOUR, _SIX = Decimal("0.01"), Decimal("0.0001"), Decimal("0.000001")


def setup(terms: Terms) -> tuple[Way, ...]:
    """Return the one way."""
    domains = tuple(
        (
            Decimal(domain.weight).scaleb(-2),
            tuple(
                (
                    measure.lower,
                    Decimal(measure.sign * measure.threshold).scaleb(-4),
                    Decimal(measure.sign * measure.benchmark).scaleb(-4),
                    Decimal(measure.sign * (measure.benchmark - measure.threshold)).scaleb(-4),
                    Decimal(measure.share).scaleb(-2),
                )
                for measure in (terms.measures[place] for place in domain.places)
            ),
            slice(domain.places[0], domain.places[-1] + 1),
        )
        for domain in terms.domains
    )
    tiers = tuple((Decimal(points), Decimal(paid).scaleb(-3)) for points, paid in TIERS)
    cap, pool_points, minimum = Decimal(CAP).scaleb(-3), Decimal(POOL_POINTS), MINIMUM_CASES

    def evaluate(given: Given) -> Found:
        zero, half, nine, ten = _ZERO, _HALF, _NINE, _TEN
        half_up = ROUND_HALF_UP
        payments, attested, all_readings = given
        points: list[tuple[Decimal | None, ...]] = []
        domain_scores: list[Decimal | None] = []
        weighted = zero
        for weight, measures, places in domains:
            earned = shares = zero
            for (lower, threshold, benchmark, span, share), (cases, rate, before) in zip(  # noqa: B905 (quicker)
                measures, all_readings[places]
            ):
                if cases < minimum:
                    points.append((None, None, None, None))
                    continue
                directed, directed_before = (-rate, -before) if lower else (rate, before)
                if directed >= benchmark:
                    achievement = ten
                elif directed < threshold:
                    achievement = zero
                else:
                    achievement = (nine * (directed - threshold) / span + half).to_integral_value(half_up)
                if directed <= directed_before:
                    improvement = zero
                elif directed >= benchmark:
                    improvement = nine
                else:
                    improvement = (
                        ten * (directed - directed_before) / (benchmark - directed_before) - half
                    ).to_integral_value(half_up)
                    if improvement < zero:
                        improvement = zero
                    elif improvement > nine:
                        improvement = nine
                score = max(achievement, improvement)
                points.append((rate, achievement, improvement, score))
                earned += share * score
                shares += share
            if shares:
                domain_score = (earned / shares).quantize(_FOUR, half_up)
                weighted += weight * domain_score
            else:
                domain_score = None
            domain_scores.append(domain_score)
        weighted = weighted.quantize(_SIX, half_up)
        total = ten * weighted
        tier = zero
        for reached, paid in tiers:
            if total >= reached:
                tier = paid
                break
        part = payments if total >= pool_points else zero
        paid = min(tier, cap) * payments if attested else zero
        return points, domain_scores, weighted, total, tier, attested, part, paid.quantize(_CENT, ROUND_DOWN)

    def whole(given: list[Given]) -> tuple[list[Found], list[Decimal]]:
        with localcontext(Context(prec=28)):
            found = [evaluate(one) for one in given]
        with localcontext(Context(prec=60)):
            return found, _shared(given, found, cap)

    def outcomes(found: list[Found], shared: list[Decimal] | None = None) -> Outcomes:
        return Outcomes(
            np.array([[_int(score, 4) for score in one[1]] for one in found], np.int64).T,
            np.array([_int(one[2], 6) for one in found], np.int64),
            np.array([_int(one[4], 3) for one in found], np.int64),
            np.array([_int(one[7], 2) for one in found], np.int64),
            None if shared is None else np.array([_int(share, 2) for share in shared], np.int64),
        )

    return (
        Way("a participant at a time, every value", "one", read, evaluate, outcomes),
        Way("every value, with the pool", "columns", read, whole, lambda found: outcomes(*found)),
    )


def _shared(given: list[Given], found: list[Found], cap: Decimal) -> list[Decimal]:
    """Share what was not earned in proportion to the payments of those in the pool; odd cents by largest fraction."""
    most = (cap * sum(payments for payments, _, _ in given)).quantize(_CENT, ROUND_DOWN)
    pool = max(most - sum(one[7] for one in found), _ZERO)
    parts = [one[6] if one[5] else _ZERO for one in found]
    whole = sum(parts, _ZERO)
    if not whole:
        return parts
    shares = [(pool * part / whole).quantize(_CENT, ROUND_DOWN) for part in parts]
    odd = int((pool - sum(shares)).scaleb(2))
    # The remainders are whole: dividing would round them.
    left = [-(pool * part - share * whole) for part, share in zip(parts, shares, strict=True)]
    for place in sorted(range(len(left)), key=left.__getitem__)[:odd]:
        shares[place] += _CENT
    return shares


def read(rows: Rows) -> list[Given]:
    """Return participants as tuples of Decimals."""
    return [
        (
            Decimal(payments).scaleb(-2),
            attested,
            tuple(
                (cases, Decimal(rate).scaleb(-4), Decimal(before).scaleb(-4))
                for cases, rate, before in zip(denominators, rates, baselines, strict=True)
            ),
        )
        for payments, attested, _, denominators, rates, baselines in rows.each()
    ]


def _int(value: Decimal | None, places: int) -> int:
    return -1 if value is None else int(value.scaleb(places))
