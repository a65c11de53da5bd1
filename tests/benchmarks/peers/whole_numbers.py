"""The workload as formulas over whole numbers, every scale worked out by hand: for peers without exact decimals.

Rates are in ten-thousandths, scores in points, domain scores in ten-thousandths, the weighted score in millionths,
tiers in thousandths and payments in cents. A score or a domain score of -1 is none.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.benchmarks.peers.terms import CAP, MINIMUM_CASES, TIERS, Measure, Terms

Choice = Callable[[str, str, str], str]
Quotient = Callable[[str, str], str]


def achievement(measure: Measure, rate: str, choice: Choice, quotient: Quotient) -> str:
    """Return achievement points."""
    span = measure.sign * (measure.benchmark - measure.threshold)
    gained = f"({rate} - {measure.threshold})" if not measure.lower else f"({measure.threshold} - {rate})"
    return choice(
        reaches(measure, rate), "10", choice(f"{gained} < 0", "0", quotient(f"9 * {gained} + {span}", str(span)))
    )


def improvement(measure: Measure, rate: str, before: str, choice: Choice, quotient: Quotient) -> str:
    """Return improvement points."""
    gained, whole = f"({rate} - {before})", f"({measure.benchmark} - {before})"
    if measure.lower:
        gained, whole = f"({before} - {rate})", f"({before} - {measure.benchmark})"
    return choice(f"{gained} <= 0", "0", choice(reaches(measure, rate), "9", quotient(f"10 * {gained}", whole)))


def reaches(measure: Measure, rate: str) -> str:
    """Return whether a rate reaches the benchmark."""
    return f"{rate} {'<=' if measure.lower else '>='} {measure.benchmark}"


def enough(cases: str) -> str:
    """Return whether there are enough cases."""
    return f"{cases} >= {MINIMUM_CASES}"


def domain_score(terms: Terms, place: int, score: Callable[[int], str], choice: Choice, quotient: Quotient) -> str:
    """Return a domain score from those of its measures."""
    members = [(score(member), terms.measures[member].share) for member in terms.domains[place].places]
    points = " + ".join(choice(f"{one} >= 0", f"{share} * {one}", "0") for one, share in members)
    shares = " + ".join(choice(f"{one} >= 0", str(share), "0") for one, share in members)
    none = " + ".join(one for one, _ in members)
    rounded = quotient(f"20000 * ({points}) + ({shares})", f"(2 * ({shares}))")
    return choice(f"{none} > -{len(members)}", rounded, "-1")


def weighted(terms: Terms, score: Callable[[int], str], choice: Choice) -> str:
    """Return the weighted score."""
    return " + ".join(
        f"{domain.weight} * {choice(f'{score(place)} > 0', score(place), '0')}"
        for place, domain in enumerate(terms.domains)
    )


def tier(score: str, choice: Choice) -> str:
    """Return the tier of a weighted score."""
    found = "0"
    for reached, paid in reversed(TIERS):
        found = choice(f"{score} >= {reached * 100_000}", str(paid), found)
    return found


def earned(share: str, choice: Choice, quotient: Quotient) -> str:
    """Return what is paid."""
    capped = choice(f"{share} > {CAP}", str(CAP), share)
    return choice("attested", quotient(f"payments * {capped}", "1000"), "0")
