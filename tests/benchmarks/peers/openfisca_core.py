"""The workload as a country of openfisca-core: each named value a variable, computed for a whole population at once."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from tests.benchmarks.peers.rows import Array, Outcomes, Rows
from tests.benchmarks.peers.terms import CAP, MINIMUM_CASES, POOL_POINTS, TIERS, Domain, Measure, Terms
from tests.benchmarks.peers.way import Way

NAME = "openfisca-core"
DISTRIBUTION = "openfisca-core"
CANNOT = (
    "Exact numbers: a float is a binary one of 32 bits (7 digits), so no payment above $131,072 holds its cents. "
    "Rounding modes, absences and the pool are whatever numpy code says in a formula; nothing checks it, and a "
    "domain without a score is written as -1."
)

_PERIOD = "2025"

Formula: TypeAlias = Callable[[Any, Any], Array]


def setup(terms: Terms) -> tuple[Way, ...]:
    """Return the one way. Raises ModuleNotFoundError where it is not installed."""
    entities = importlib.import_module("openfisca_core.entities")
    periods = importlib.import_module("openfisca_core.periods")
    systems = importlib.import_module("openfisca_core.taxbenefitsystems")
    variables = importlib.import_module("openfisca_core.variables")
    builders = importlib.import_module("openfisca_core.simulation_builder")
    hospital = entities.Entity("hospital", "hospitals", "A hospital", "")
    system = systems.TaxBenefitSystem([hospital])

    def add(name: str, formula: Any = None, type: type = float) -> None:  # noqa: ANN401 (a function of its own kind)
        parts = {"value_type": type, "entity": hospital, "definition_period": periods.DateUnit.YEAR, "label": name}
        if formula is not None:
            parts["formula"] = formula
        system.add_variable(__import__("builtins").type(name, (variables.Variable,), parts))

    _declare(terms, add)

    def prepare(rows: Rows) -> SimpleNamespace:
        given: dict[str, Array] = {"payments": (rows.payments / 100).astype(np.float32), "attested": rows.attested}
        for place in range(len(terms.measures)):
            given[f"d{place}"] = rows.denominator[place].astype(np.int32)
            given[f"r{place}"] = (rows.rate[place] / 10_000).astype(np.float32)
            given[f"b{place}"] = (rows.baseline[place] / 10_000).astype(np.float32)
        return SimpleNamespace(given=given, count=len(rows), simulation=None)

    def before(prepared: SimpleNamespace) -> None:
        simulation = builders.SimulationBuilder().build_default_simulation(system, prepared.count)
        for name, values in prepared.given.items():
            simulation.set_input(name, _PERIOD, values)
        prepared.simulation = simulation

    def asked(*names: str) -> Any:  # noqa: ANN401 (a way's `run`)
        every = (*(f"domain{place}" for place in range(len(terms.domains))), "weighted", "tier", *names)

        def run(prepared: SimpleNamespace) -> dict[str, Array]:
            return {name: prepared.simulation.calculate(name, _PERIOD) for name in every}

        return run

    def outcomes(found: dict[str, Array]) -> Outcomes:
        def column(name: str, scale: int) -> Array:
            values = found[name].astype(np.float64)
            return np.where(values < 0, -1, np.rint(values * scale)).astype(np.int64)

        return Outcomes(
            np.array([column(f"domain{place}", 10_000) for place in range(len(terms.domains))]),
            column("weighted", 1_000_000),
            column("tier", 1000),
            column("earned", 100),
            column("shared", 100) if "shared" in found else None,
        )

    return (
        Way("float32, without the pool", "columns", prepare, asked("earned"), outcomes, before),
        Way("float32, with the pool", "columns", prepare, asked("earned", "shared"), outcomes, before),
    )


def _declare(terms: Terms, add: Any) -> None:  # noqa: ANN401 (a local function)
    """Add the variables: every one is kept once computed, so each is also its own trace."""
    add("payments")
    add("attested", type=bool)
    for place, measure in enumerate(terms.measures):
        add(f"d{place}", type=int)
        add(f"r{place}")
        add(f"b{place}")
        add(f"a{place}", _achievement(place, measure))
        add(f"i{place}", _improvement(place, measure))
        add(f"s{place}", _score(place))
        add(f"w{place}", _scored(place), bool)
    for place, domain in enumerate(terms.domains):
        add(f"domain{place}", _domain_score(terms, domain))
    weights = [np.float32(domain.weight / 100) for domain in terms.domains]

    def weighted(person: Any, period: Any) -> Array:  # noqa: ANN401 (openfisca-core's own)
        scores = (np.maximum(person(f"domain{place}", period), 0) for place in range(len(weights)))
        return sum(weight * score for weight, score in zip(weights, scores, strict=True))

    add("weighted", weighted)
    add("total", lambda person, period: 10 * person("weighted", period))
    add("tier", _tier)
    add("earned", _earned)
    add("part", _part)
    add("shared", _shared)


# openfisca-core tells formulas apart by how many arguments they take, so what each is about is bound by a function.


def _achievement(place: int, measure: Measure) -> Formula:
    sign = np.float32(measure.sign)
    threshold, benchmark = np.float32(measure.threshold / 10_000), np.float32(measure.benchmark / 10_000)
    span = sign * (benchmark - threshold)

    def formula(person: Any, period: Any) -> Array:  # noqa: ANN401 (openfisca-core's own)
        rate = person(f"r{place}", period)
        gained = sign * (rate - threshold)
        points = np.floor(np.float32(9) * gained / span + np.float32(1))
        best = sign * (rate - benchmark) >= 0
        return np.where(best, np.float32(10), np.where(gained < 0, np.float32(0), points))

    return formula


def _improvement(place: int, measure: Measure) -> Formula:
    sign, benchmark = np.float32(measure.sign), np.float32(measure.benchmark / 10_000)

    def formula(person: Any, period: Any) -> Array:  # noqa: ANN401 (openfisca-core's own)
        rate, before = person(f"r{place}", period), person(f"b{place}", period)
        gained, whole = sign * (rate - before), sign * (benchmark - before)
        with np.errstate(divide="ignore", invalid="ignore"):
            points = np.floor(np.float32(10) * gained / whole)
        best = sign * (rate - benchmark) >= 0
        return np.where(gained <= 0, np.float32(0), np.where(best, np.float32(9), points))

    return formula


def _score(place: int) -> Formula:
    return lambda person, period: np.maximum(person(f"a{place}", period), person(f"i{place}", period))


def _scored(place: int) -> Formula:
    return lambda person, period: person(f"d{place}", period) >= MINIMUM_CASES


def _domain_score(terms: Terms, domain: Domain) -> Formula:
    members = tuple((member, np.float32(terms.measures[member].share / 100)) for member in domain.places)

    def formula(person: Any, period: Any) -> Array:  # noqa: ANN401 (openfisca-core's own)
        points = shares = np.float32(0)
        for member, share in members:
            share_here = person(f"w{member}", period) * share
            points = points + share_here * person(f"s{member}", period)
            shares = shares + share_here
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.floor(points / shares * np.float32(10_000) + np.float32(0.5)) / np.float32(10_000)
        return np.where(shares > 0, mean, np.float32(-1))

    return formula


def _tier(person: Any, period: Any) -> Array:  # noqa: ANN401 (openfisca-core's own)
    total = person("total", period)
    found = np.zeros(len(total), np.float32)
    for reached, paid in reversed(TIERS):
        found = np.where(total >= reached, np.float32(paid / 1000), found)
    return found


def _earned(person: Any, period: Any) -> Array:  # noqa: ANN401 (openfisca-core's own)
    paid = np.minimum(person("tier", period), np.float32(CAP / 1000)) * person("payments", period)
    return person("attested", period) * np.floor(paid * np.float32(100)) / np.float32(100)


def _part(person: Any, period: Any) -> Array:  # noqa: ANN401 (openfisca-core's own)
    inside = (person("total", period) >= POOL_POINTS) & person("attested", period)
    return inside * person("payments", period)


def _shared(person: Any, period: Any) -> Array:  # noqa: ANN401 (openfisca-core's own)
    # A sum over millions in 32 bits is worthless: the sums are of 64 bits.
    payments, earned, parts = (person(name, period).astype(np.float64) for name in ("payments", "earned", "part"))
    pool = max(np.floor(payments.sum() * CAP / 10) - np.rint(earned.sum() * 100), 0)
    exact = pool * parts / max(parts.sum(), 1)
    cents = np.floor(exact)
    odd = int(max(pool - cents.sum(), 0)) if parts.any() else 0
    cents[np.argsort(-(exact - cents), kind="stable")[:odd]] += 1
    return (cents / 100).astype(np.float32)
