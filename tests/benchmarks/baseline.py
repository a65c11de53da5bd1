"""The benchmark's program as somebody would write it by hand, with `decimal` and for this program alone: twice.

`evaluate` does what the program says, each rule as it stands, and returns every value that the program names. It is
written with care for speed: constants are made once, everything inside the loop is a local name, a measure that is
better when lower has its signs turned so that one comparison serves both directions, one context is set for good, and
nothing is rounded that the program does not round.

`evaluate_tuned` is what somebody might make of it who needs nothing but the domain scores and the payment: points that
cannot count are not computed, and rounding is rewritten (`round(x + 0.5)`, half up, is one more than the whole part of
x, `round(x - 0.5)` the whole part), so points cost one whole division. It cannot say how a score came about.

Both are exact. A quotient is rounded to 28 digits before it is rounded as the program says; it cannot come so near a
tie without being one, for the divisors have at most six digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from typing import NamedTuple

from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program

NOT_REPORTED = Absent("not_reported")

Reading = tuple[int, Decimal, "Decimal | None"]
"""Cases, rate and last year's rate of one measure."""


class Inputs(NamedTuple):
    """One hospital, already read: `measures` holds the readings domain by domain."""

    operating_payments: Decimal
    attested: bool
    measures: tuple[tuple[Reading, ...], ...]


class Outcome(NamedTuple):
    """What the program finds; None where a score is absent."""

    domain_scores: tuple[Decimal | None, ...]
    total_score: Decimal | None
    tier: Decimal | None
    payment: Decimal


class Points(NamedTuple):
    """What the program finds for one measure; None where it is absent."""

    scored_rate: Decimal | None
    achievement: Decimal | None
    improvement: Decimal | None
    score: Decimal | None


class Values(NamedTuple):
    """Every value of the program; None where it is absent."""

    points: tuple[Points, ...]
    domain_scores: tuple[Decimal | None, ...]
    measures_scored: int
    total_score: Decimal | None
    tier: Decimal | None
    attested: bool
    enough_measures: bool
    payment: Decimal


class Measure(NamedTuple):
    """What the program says of one measure; signs are turned where lower is better."""

    name: str
    lower: bool
    minimum: int
    threshold: Decimal
    benchmark: Decimal
    span: Decimal
    share: Decimal


Domains = tuple[tuple[Decimal, tuple[Measure, ...]], ...]
"""The domains: weight and measures."""

_ZERO, _HALF, _ONE, _NINE, _TEN, _EIGHT = (Decimal(text) for text in ("0", "0.5", "1", "9", "10", "8"))
_SEVEN, _SIX, _FIVE = Decimal(7), Decimal(6), Decimal(5)
_TIERS = tuple(Decimal(text) for text in ("0.06", "0.045", "0.03", "0.015", "0"))
_CAP = Decimal("0.05")
_NEEDED = 8
_BELOW_MINIMUM = Points(None, None, None, None)
_CENT, _FOUR, _SIX_PLACES = Decimal("0.01"), Decimal("0.0001"), Decimal("0.000001")
_MOST = Decimal(5_000_000_000)
_MOST_CASES = 1_000_000


def constants(program: Program) -> Domains:
    """Return the program's tables. They are from its file, so that both sides compute with the same numbers."""

    def cell(name: str, level: str, member: str) -> Decimal:
        found = program.cell(Ref(level, name), member)
        return Decimal(found.numerator) / Decimal(found.denominator)  # type: ignore[union-attr]

    domains = []
    for domain in program.levels["domain"].members:
        measures = []
        for member in program.levels["measure"].members:
            if member.parent != domain.name:
                continue
            lower = program.cell(Ref("measure", "better"), member.name) == "lower"
            threshold, benchmark = (cell(name, "measure", member.name) for name in ("threshold", "benchmark"))
            if lower:
                threshold, benchmark = -threshold, -benchmark
            minimum = int(cell("minimum", "measure", member.name))
            share = cell("share", "measure", member.name)
            measures.append(Measure(member.name, lower, minimum, threshold, benchmark, benchmark - threshold, share))
        domains.append((cell("weight", "domain", domain.name), tuple(measures)))
    return tuple(domains)


def evaluate(inputs: Inputs, domains: Domains) -> Values:
    """Return every value of one hospital."""
    zero, half, nine, ten = _ZERO, _HALF, _NINE, _TEN
    half_up, four = ROUND_HALF_UP, _FOUR
    operating_payments, attested, all_readings = inputs
    points: list[Points] = []
    domain_scores: list[Decimal | None] = []
    scored = 0
    weighted = weights = zero
    for (weight, measures), readings in zip(domains, all_readings):  # noqa: B905 (the quicker form)
        earned = shares = zero
        for (_, lower, minimum, threshold, benchmark, span, share), (cases, rate, before) in zip(measures, readings):  # noqa: B905
            if cases < minimum:
                points.append(_BELOW_MINIMUM)
                continue
            directed = -rate if lower else rate
            if directed >= benchmark:
                achievement = ten
            elif directed < threshold:
                achievement = zero
            else:
                achievement = (nine * (directed - threshold) / span + half).to_integral_value(half_up)
            score = achievement
            if before is None:
                improvement = None
            else:
                directed_before = -before if lower else before
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
                if improvement > score:  # noqa: PLR1730 (quicker than max)
                    score = improvement
            points.append(Points(rate, achievement, improvement, score))
            scored += 1
            earned += share * score
            shares += share
        if shares:
            domain_score = (earned / shares).quantize(four, half_up)
            weighted += weight * domain_score
            weights += weight
        else:
            domain_score = None
        domain_scores.append(domain_score)
    enough = scored >= _NEEDED
    if not weights:
        return Values(tuple(points), tuple(domain_scores), scored, None, None, attested, enough, zero)
    total = (weighted / weights).quantize(_SIX_PLACES, half_up)
    tier = _tier(total)
    payment = zero
    if attested and enough:
        payment = min(tier * (total / _EIGHT) * operating_payments, _CAP * operating_payments).quantize(
            _CENT, ROUND_DOWN
        )
    return Values(tuple(points), tuple(domain_scores), scored, total, tier, attested, enough, payment)


def _tier(total: Decimal) -> Decimal:
    if total >= _EIGHT:
        return _TIERS[0]
    if total >= _SEVEN:
        return _TIERS[1]
    if total >= _SIX:
        return _TIERS[2]
    return _TIERS[3] if total >= _FIVE else _TIERS[4]


def evaluate_tuned(
    inputs: Inputs,
    domains: Domains,
    zero: Decimal = _ZERO,
    one: Decimal = _ONE,
    nine: Decimal = _NINE,
    ten: Decimal = _TEN,
    half_up: str = ROUND_HALF_UP,
    four: Decimal = _FOUR,
) -> Outcome:
    """Return what one hospital is paid, and how."""
    operating_payments, attested, all_readings = inputs
    scored = 0
    scores: list[Decimal | None] = []
    weighted = whole = zero
    for (weight, measures), readings in zip(domains, all_readings):  # noqa: B905 (the quicker form)
        points = shares = zero
        found = 0
        for (_, lower, minimum, threshold, benchmark, span, share), (cases, rate, before) in zip(measures, readings):  # noqa: B905
            if cases < minimum:
                continue
            if lower:
                rate = -rate  # noqa: PLW2901 (a name more is a step more)
            if rate >= benchmark:
                score = ten
            else:
                score = zero if rate < threshold else nine * (rate - threshold) // span + one
                if before is not None:
                    if lower:
                        before = -before  # noqa: PLW2901 (as above)
                    if rate > before:
                        improvement = ten * (rate - before) // (benchmark - before)
                        if improvement > score:  # noqa: PLR1730 (quicker than max)
                            score = improvement
            found += 1
            points += share * score
            shares += share
        if found:
            scored += found
            # All shares together are 1.
            domain_score = (points if found == len(measures) else points / shares).quantize(four, half_up)
            scores.append(domain_score)
            weighted += weight * domain_score
            whole += weight
        else:
            scores.append(None)
    if not scored:
        return Outcome(tuple(scores), None, None, zero)
    total = (weighted if whole == one else weighted / whole).quantize(_SIX_PLACES, half_up)
    tier = _tier(total)
    if attested and scored >= _NEEDED:
        share = tier * total / _EIGHT
        payment = (min(share, _CAP) * operating_payments).quantize(_CENT, ROUND_DOWN)
    else:
        payment = zero
    return Outcome(tuple(scores), total, tier, payment)


def exact_context() -> Context:
    """Return the context in which inputs are read: what does not fit is refused."""
    return Context(prec=28, traps=[Inexact, InvalidOperation])


def context() -> Context:
    """Return the context in which the program is evaluated; it is set once."""
    return Context(prec=28)


class Refused(Exception):  # noqa: N818 (as the library's own)
    """The inputs are not as the program declares them."""


def read(given: Mapping[str, object], domains: Domains, zero: Decimal = _ZERO, one: Decimal = _ONE) -> Inputs:
    """Return a hospital's inputs, checked as the library checks them: names, types, decimals, ranges, absences.

    Run in the exact context. Raises Refused, KeyError or decimal's Inexact and InvalidOperation.
    """
    payments, attested, by_measure = given["operating_payments"], given["attestation_signed"], given["measure"]
    if len(given) != 4 or given["hospital"].__class__ is not str or payments.__class__ is not Decimal:
        raise Refused
    payments = payments.quantize(_CENT)  # inexact: too many decimals
    if not zero <= payments <= _MOST or attested.__class__ is not bool or by_measure.__class__ is not dict:
        raise Refused
    if len(by_measure) != sum([len(measures) for _, measures in domains]):
        raise Refused
    four, most, decimal, whole = _FOUR, _MOST_CASES, Decimal, int
    found = []
    for _, measures in domains:
        readings = []
        for measure in measures:
            inside = by_measure[measure[0]]
            if inside.__class__ is not dict or len(inside) != 3:
                raise Refused
            cases, rate, before = inside["cases"], inside["rate"], inside["baseline"]
            if cases.__class__ is not whole or not 0 <= cases <= most or rate.__class__ is not decimal:
                raise Refused
            rate = rate.quantize(four)
            if not zero <= rate <= one:
                raise Refused
            if before is NOT_REPORTED:
                before = None
            else:
                if before.__class__ is not decimal:
                    raise Refused
                before = before.quantize(four)
                if not zero <= before <= one:
                    raise Refused
            readings.append((cases, rate, before))
        found.append(tuple(readings))
    return Inputs(payments, attested, tuple(found))
