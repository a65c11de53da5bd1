"""The workload in CEL (the Rust implementation): named values one expression each, and everything as one expression."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from tests.benchmarks.peers import interpreter, whole_numbers
from tests.benchmarks.peers.formulas import Spelling, steps
from tests.benchmarks.peers.rows import Outcomes, Rows
from tests.benchmarks.peers.terms import Terms
from tests.benchmarks.peers.way import Way

NAME = "CEL (Rust)"
DISTRIBUTION = "common-expression-language"
CANNOT = (
    "Decimals: whole numbers at scales worked out by hand, or binary floats. Rounding: written with whole "
    "divisions, or `int()`. A value computed from others: Python carries each to the next, or all is one "
    "expression, which names nothing. The pool. An absence with a reason is written as -1."
)


def choice(when: str, then: str, otherwise: str) -> str:
    """Return a choice as CEL writes it."""
    return f"({when} ? {then} : {otherwise})"


def quotient(above: str, below: str) -> str:
    """Return a whole quotient of what is not negative."""
    return f"({above}) / {below}"


def _double(units: int, places: int) -> str:
    text = interpreter.spelled(units, places)
    return text if "." in text else f"{text}.0"


FLOATS = Spelling(_double, choice, "double(int({}))".format)


def exact_steps(terms: Terms) -> list[tuple[str, str]]:
    """Return the named values, one formula each."""
    found = []
    for place, measure in enumerate(terms.measures):
        a, i = f"a{place}", f"i{place}"
        found.append((a, whole_numbers.achievement(measure, f"r{place}", choice, quotient)))
        found.append((i, whole_numbers.improvement(measure, f"r{place}", f"b{place}", choice, quotient)))
        found.append((f"s{place}", choice(whole_numbers.enough(f"d{place}"), choice(f"{a} >= {i}", a, i), "-1")))
    found += [
        (f"domain{place}", whole_numbers.domain_score(terms, place, "s{}".format, choice, quotient))
        for place in range(len(terms.domains))
    ]
    found.append(("weighted", whole_numbers.weighted(terms, "domain{}".format, choice)))
    found.append(("tier", whole_numbers.tier("weighted", choice)))
    found.append(("earned", whole_numbers.earned("tier", choice, quotient)))
    return found


def one_expression(terms: Terms) -> str:
    """Return all of it as one expression: domain scores, weighted score, tier and payment in a list."""
    scores = []
    for place, measure in enumerate(terms.measures):
        a = whole_numbers.achievement(measure, f"r{place}", choice, quotient)
        i = whole_numbers.improvement(measure, f"r{place}", f"b{place}", choice, quotient)
        scores.append(choice(whole_numbers.enough(f"d{place}"), f"[{a}, {i}]", "[-1, -1]"))
    domains = ", ".join(
        whole_numbers.domain_score(terms, place, "s[{}]".format, choice, quotient)
        for place in range(len(terms.domains))
    )
    best = f"[[{', '.join(scores)}].map(p, p[0] >= p[1] ? p[0] : p[1])]"
    weighted = whole_numbers.weighted(terms, "d[{}]".format, choice)
    paid = whole_numbers.earned("w[2]", choice, quotient)
    tier = whole_numbers.tier("w[1]", choice)
    return (
        f"{best}.map(s, [{domains}]).map(d, [d, {weighted}])"
        f".map(w, [w[0], w[1], {tier}]).map(w, [w[0], w[1], w[2], {paid}])[0]"
    )


def setup(terms: Terms) -> tuple[Way, ...]:
    """Return the ways. Raises ModuleNotFoundError where it is not installed."""
    cel = importlib.import_module("cel")
    exact = [(name, cel.compile(text)) for name, text in exact_steps(terms)]
    floats = [(name, cel.compile(text)) for name, text in steps(terms, FLOATS)]
    whole = cel.compile(one_expression(terms))
    few = _Few(terms, cel)

    def named(program: list[tuple[str, Any]]) -> Any:  # noqa: ANN401 (a way's `run`)
        # Converting names to CEL costs most: each expression is given those that it reads.
        reads = [(name, formula, formula.variables()) for name, formula in program]

        def run(names: dict[str, Any]) -> dict[str, Any]:
            values = dict(names)
            for name, formula, read in reads:
                values[name] = formula.execute({one: values[one] for one in read})
            return values

        return run

    def whole_contexts(rows: Rows) -> list[Any]:
        return [cel.Context(names) for names in _names(rows)]

    def in_floats(rows: Rows) -> list[dict[str, Any]]:
        return [
            {name: value if isinstance(value, bool) else float(value) for name, value in names.items()}
            for names in interpreter.names_of(rows)
        ]

    return (
        Way(
            "each value an expression, whole numbers",
            "one",
            _names,
            named(exact),
            lambda found: _of_names(terms, found),
        ),
        Way("33 expressions over a few names each, whole numbers", "one", few.prepare, few.run, _of_lists),
        Way("all as one expression, whole numbers", "one", whole_contexts, whole.execute, _of_lists),
        Way(
            "each value an expression, floats",
            "one",
            in_floats,
            named(floats),
            lambda found: interpreter.outcomes(terms, found),
        ),
    )


class _Few:
    """A score of each measure, then domain scores, and so on: each expression sees only the names that it reads."""

    def __init__(self, terms: Terms, cel: Any) -> None:  # noqa: ANN401 (a module)
        self.context = cel.Context
        self.scores = []
        for measure in terms.measures:
            a = whole_numbers.achievement(measure, "r", choice, quotient)
            i = whole_numbers.improvement(measure, "r", "b", choice, quotient)
            best = choice(whole_numbers.reaches(measure, "r"), "10", choice(f"{a} >= {i}", a, i))
            self.scores.append(cel.compile(choice(whole_numbers.enough("d"), best, "-1")))
        self.domains = [
            (
                cel.compile(whole_numbers.domain_score(terms, place, "s{}".format, choice, quotient)),
                [(f"s{member}", member) for member in domain.places],
            )
            for place, domain in enumerate(terms.domains)
        ]
        self.weighted = cel.compile(whole_numbers.weighted(terms, "domain{}".format, choice))
        self.tier = cel.compile(whole_numbers.tier("weighted", choice))
        self.earned = cel.compile(whole_numbers.earned("tier", choice, quotient))
        self.names = [f"domain{place}" for place in range(len(terms.domains))]

    def prepare(self, rows: Rows) -> list[Any]:
        return [
            (
                [
                    self.context({"d": cases, "r": rate, "b": before})
                    for cases, rate, before in zip(denominators, rates, baselines, strict=True)
                ],
                payments,
                attested,
            )
            for payments, attested, _, denominators, rates, baselines in rows.each()
        ]

    def run(self, given: tuple[list[Any], int, bool]) -> list[Any]:
        contexts, payments, attested = given
        scores = [formula.execute(context) for formula, context in zip(self.scores, contexts)]  # noqa: B905 (quicker)
        domains = [
            formula.execute({name: scores[member] for name, member in members}) for formula, members in self.domains
        ]
        weighted = self.weighted.execute(dict(zip(self.names, domains)))  # noqa: B905 (quicker)
        tier = self.tier.execute({"weighted": weighted})
        paid = self.earned.execute({"tier": tier, "payments": payments, "attested": attested})
        return [domains, weighted, tier, paid]


def _names(rows: Rows) -> list[dict[str, Any]]:
    return [
        {
            "payments": payments,
            "attested": attested,
            **{f"d{place}": cases for place, cases in enumerate(denominators)},
            **{f"r{place}": rate for place, rate in enumerate(rates)},
            **{f"b{place}": before for place, before in enumerate(baselines)},
        }
        for payments, attested, _, denominators, rates, baselines in rows.each()
    ]


def _of_names(terms: Terms, found: list[dict[str, Any]]) -> Outcomes:
    return _of_lists(
        [
            [
                [one[f"domain{place}"] for place in range(len(terms.domains))],
                one["weighted"],
                one["tier"],
                one["earned"],
            ]
            for one in found
        ]
    )


def _of_lists(found: list[Any]) -> Outcomes:
    domains, weighted, tier, earned = zip(*found, strict=True)
    return Outcomes(np.array(domains).T, np.array(weighted), np.array(tier), np.array(earned))
