"""The workload as formulas over plain names, for peers that evaluate expressions one after another.

Every rule becomes named steps: (name, formula). The spelling of what differs among languages is a `Spelling`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks.peers.terms import CAP, MINIMUM_CASES, TIERS, Terms


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a language writes a number, a choice, a downward rounding, an input, a step already computed."""

    number: Callable[[int, int], str]
    """A whole number and the decimals it has."""
    choice: Callable[[str, str, str], str]
    """What is chosen where a condition holds, and what otherwise."""
    floor: Callable[[str], str]
    step: Callable[[str], str] = str
    given: Callable[[str], str] = str


def half_up(spelling: Spelling, value: str, places: int) -> str:
    """Return the rounding of what is not negative."""
    if not places:
        return spelling.floor(f"{value} + {spelling.number(5, 1)}")
    scale = spelling.number(10**places, 0)
    return f"{spelling.floor(f'({value}) * {scale} + {spelling.number(5, 1)}')} / {scale}"


def steps(terms: Terms, spelling: Spelling) -> list[tuple[str, str]]:
    """Return the steps of one participant, in an order in which they can be computed."""
    number, choice, step, given = spelling.number, spelling.choice, spelling.step, spelling.given
    zero = number(0, 0)
    found: list[tuple[str, str]] = []
    for place, measure in enumerate(terms.measures):
        rate, before = given(f"r{place}"), given(f"b{place}")
        threshold, benchmark = number(measure.threshold, 4), number(measure.benchmark, 4)
        span = number(abs(measure.benchmark - measure.threshold), 4)
        gain = _lower_gain if measure.lower else _higher_gain
        best = f"{gain(rate, benchmark)} >= {zero}"
        achieved = half_up(spelling, f"{number(9, 0)} * {gain(rate, threshold)} / {span} + {number(5, 1)}", 0)
        found.append(
            (
                f"a{place}",
                choice(best, number(10, 0), choice(f"{gain(rate, threshold)} < {zero}", zero, achieved)),
            )
        )
        # Rounded half up, x - 0.5 is the whole part of x; it lies between 0 and 9, for the rate is below the benchmark.
        improved = spelling.floor(f"{number(10, 0)} * {gain(rate, before)} / {gain(benchmark, before)}")
        found.append(
            (
                f"i{place}",
                choice(f"{gain(rate, before)} <= {zero}", zero, choice(best, number(9, 0), improved)),
            )
        )
        achievement, improvement = step(f"a{place}"), step(f"i{place}")
        found.append((f"s{place}", choice(f"{achievement} >= {improvement}", achievement, improvement)))
        enough = f"{given(f'd{place}')} >= {number(MINIMUM_CASES, 0)}"
        found.append((f"w{place}", choice(enough, number(measure.share, 2), zero)))
    for place, domain in enumerate(terms.domains):
        points = " + ".join(f"{step(f'w{member}')} * {step(f's{member}')}" for member in domain.places)
        shares = " + ".join(step(f"w{member}") for member in domain.places)
        found.append((f"shares{place}", shares))
        mean = half_up(spelling, f"({points}) / {step(f'shares{place}')}", 4)
        found.append((f"domain{place}", choice(f"{step(f'shares{place}')} > {zero}", mean, f"{zero} - {number(1, 0)}")))
    weighted = " + ".join(
        f"{number(domain.weight, 2)} * "
        "(" + choice(f"{step(f'domain{place}')} > {zero}", step(f"domain{place}"), zero) + ")"
        for place, domain in enumerate(terms.domains)
    )
    found.append(("weighted", weighted))
    found.append(("total", f"{number(10, 0)} * {step('weighted')}"))
    tier = zero
    for reached, paid in reversed(TIERS):
        tier = choice(f"{step('total')} >= {number(reached, 0)}", number(paid, 3), tier)
    found.append(("tier", tier))
    capped = choice(f"{step('tier')} > {number(CAP, 3)}", number(CAP, 3), step("tier"))
    cents = spelling.floor(f"({capped}) * {given('payments')} * {number(100, 0)}")
    found.append(("earned", choice(given("attested"), f"{cents} / {number(100, 0)}", zero)))
    return found


def few_steps(terms: Terms, spelling: Spelling, larger: Callable[[str, str], str]) -> list[tuple[str, str]]:
    """Return the steps with as few names as can be, for speed: a score of each measure, domain scores, the rest."""
    number, choice, step, given = spelling.number, spelling.choice, spelling.step, spelling.given
    every, zero, none = dict(steps(terms, spelling)), number(0, 0), number(-1, 0)
    found = []
    for place, measure in enumerate(terms.measures):
        gain = _lower_gain if measure.lower else _higher_gain
        best = f"{gain(given(f'r{place}'), number(measure.benchmark, 4))} >= {zero}"
        score = choice(best, number(10, 0), larger(every[f"a{place}"], every[f"i{place}"]))
        enough = f"{given(f'd{place}')} >= {number(MINIMUM_CASES, 0)}"
        found.append((f"s{place}", choice(enough, score, none)))
    for place, domain in enumerate(terms.domains):
        members = [(step(f"s{member}"), number(terms.measures[member].share, 2)) for member in domain.places]
        points = " + ".join(choice(f"{score} >= {zero}", f"{share} * {score}", zero) for score, share in members)
        shares = " + ".join(choice(f"{score} >= {zero}", share, zero) for score, share in members)
        some = f"{' + '.join(score for score, _ in members)} > {number(-len(members), 0)}"
        found.append((f"domain{place}", choice(some, half_up(spelling, f"({points}) / ({shares})", 4), none)))
    total = f"({every['total']})"
    tier = every["tier"].replace(step("total"), total)
    return [*found, ("weighted", every["weighted"]), ("tier", tier), ("earned", every["earned"])]


def _higher_gain(one: str, other: str) -> str:
    return f"({one} - {other})"


def _lower_gain(one: str, other: str) -> str:
    return f"({other} - {one})"
