"""The benchmark's program as somebody would write it by hand for speed, with `decimal` and for this program alone.

It is meant to be hard to beat. Constants are made once; a measure that is better when lower has all its signs turned, so one
comparison serves both directions; points are found by one whole division each (`round(x + 0.5)`, half up, is one more than
the whole part of x, and `round(x - 0.5)` the whole part); nothing is rounded that the program does not round; weights are only
summed where a score is absent; everything inside the loop is a local name. Quotients that are rounded half up are first
divided to 28 digits: they cannot be so near a tie without being one, for their divisors have at most six digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, Inexact
from typing import NamedTuple

from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program

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

_ZERO, _ONE, _NINE, _TEN, _EIGHT = Decimal(0), Decimal(1), Decimal(9), Decimal(10), Decimal(8)
_SEVEN, _SIX, _FIVE = Decimal(7), Decimal(6), Decimal(5)
_TIERS = tuple(Decimal(text) for text in ("0.06", "0.045", "0.03", "0.015", "0"))
_CAP = Decimal("0.05")
_NEEDED = 8
_CENT, _FOUR, _SIX_PLACES = Decimal("0.01"), Decimal("0.0001"), Decimal("0.000001")
_MOST = Decimal(5_000_000_000)
_MOST_CASES = 1_000_000


def constants(program: Program) -> Domains:
    """Return the program's tables. They are taken from its file, so that both sides surely compute with the same numbers."""

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
            measures.append(
                Measure(member.name, lower, minimum, threshold, benchmark, benchmark - threshold, share)
            )
        domains.append((cell("weight", "domain", domain.name), tuple(measures)))
    return tuple(domains)


def evaluate(
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
                        if improvement > score:
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
    tiers = _TIERS
    tier = (
        tiers[0]
        if total >= _EIGHT
        else tiers[1]
        if total >= _SEVEN
        else tiers[2]
        if total >= _SIX
        else tiers[3]
        if total >= _FIVE
        else tiers[4]
    )
    if attested and scored >= _NEEDED:
        share = tier * total / _EIGHT
        payment = ((share if share < _CAP else _CAP) * operating_payments).quantize(_CENT, ROUND_DOWN)
    else:
        payment = zero
    return Outcome(tuple(scores), total, tier, payment)


class Refused(Exception):  # noqa: N818 (as the library's own)
    """The inputs are not as the program declares them."""


def read(given: Mapping[str, object], domains: Domains, zero: Decimal = _ZERO, one: Decimal = _ONE) -> Inputs:
    """Return a hospital's inputs, checked as the library checks them: names, types, decimals, ranges, absences.

    Run in the exact context. Raises Refused, KeyError or decimal's Inexact and InvalidOperation.
    """
    payments, attested, by_measure = given["operating_payments"], given["attestation_signed"], given["measure"]
    if len(given) != 4 or given["hospital"].__class__ is not str or payments.__class__ is not Decimal:
        raise Refused
    payments = payments.quantize(_CENT)  # type: ignore[attr-defined]  # inexact: too many decimals
    if not zero <= payments <= _MOST or attested.__class__ is not bool or by_measure.__class__ is not dict:
        raise Refused
    if len(by_measure) != sum([len(measures) for _, measures in domains]):  # type: ignore[arg-type]
        raise Refused
    four, most, decimal, whole = _FOUR, _MOST_CASES, Decimal, int
    found = []
    for _, measures in domains:
        readings = []
        for measure in measures:
            inside = by_measure[measure[0]]  # type: ignore[index]
            if inside.__class__ is not dict or len(inside) != 3:
                raise Refused
            cases, rate, before = inside["cases"], inside["rate"], inside["baseline"]
            if cases.__class__ is not whole or not 0 <= cases <= most or rate.__class__ is not decimal:
                raise Refused
            rate = rate.quantize(four)
            if not zero <= rate <= one:
                raise Refused
            if before is not None:
                if before.__class__ is not decimal:
                    raise Refused
                before = before.quantize(four)
                if not zero <= before <= one:
                    raise Refused
            readings.append((cases, rate, before))
        found.append(tuple(readings))
    return Inputs(payments, attested, tuple(found))  # type: ignore[arg-type]


EXACT_TRAPS = [Inexact]
"""What must be trapped while inputs are read."""
