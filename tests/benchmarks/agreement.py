"""Both hand-written versions, the oracle and the compiled program give the same values, to the last digit."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import localcontext
from fractions import Fraction

from tests.benchmarks import baseline
from tests.benchmarks.population import Given
from vbc_rules.api.program import Program
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Row
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.oracle import evaluate as evaluate_by_oracle
from vbc_rules.run.trace import Trace

_MEASURE = ("scored_rate", "achievement", "improvement", "score")


def differences(program: Program, population: Iterable[Given]) -> list[str]:
    """Return where anything differs; empty where all agree on every value of every hospital."""
    found = []
    domains = baseline.constants(program.resolved)
    for given in population:
        with localcontext(baseline.exact_context()):
            inputs = baseline.read(given, domains)
        with localcontext(baseline.context()):
            plain, tuned = baseline.evaluate(inputs, domains), baseline.evaluate_tuned(inputs, domains)
        row = program.read(given)
        wanted = _values(program, evaluate_by_oracle(program.resolved, program.plan.layout, row))
        others = {
            "the compiled program": _values(program, program.evaluate_row(row).trace),
            "the plain version": _of_plain(plain),
        }
        found += [f"{given['hospital']}: {name}" for name, values in others.items() if values != wanted]
        outcome = (plain.domain_scores, plain.total_score, plain.tier, plain.payment)
        if outcome != tuple(tuned):
            found.append(f"{given['hospital']}: the tuned version")
    return found


def _values(program: Program, trace: Trace) -> list[Fraction | bool | None]:
    def value(level: str, name: str, *path: str) -> Fraction | bool | None:
        found = trace.value(Ref(level, name), path)
        return None if isinstance(found, Absent) else found  # type: ignore[return-value]  # these are no words

    levels = program.resolved.levels
    members = [
        (domain.name, measure.name)
        for domain in levels["domain"].members
        for measure in levels["measure"].members
        if measure.parent == domain.name
    ]
    return [
        *(value("measure", name, *path) for path in members for name in _MEASURE),
        *(value("domain", "domain_score", domain.name) for domain in levels["domain"].members),
        *(value("hospital", name) for name in ("measures_scored", "total_score", "tier")),
        *(value("hospital", name) for name in ("attested", "enough_measures", "payment")),
    ]


def _of_plain(values: baseline.Values) -> list[Fraction | bool | None]:
    plain = [
        *(value for points in values.points for value in points),
        *values.domain_scores,
        *values[2:],
    ]
    return [value if value is None or isinstance(value, bool) else Fraction(value) for value in plain]


def rows_of(program: Program, population: Iterable[Given]) -> list[Row]:
    """Return the rows of a population."""
    return [program.read(given) for given in population]
