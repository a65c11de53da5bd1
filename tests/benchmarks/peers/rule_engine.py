"""The workload as rules of rule-engine: each named value one rule, evaluated in order over what is known so far."""

from __future__ import annotations

import importlib
from decimal import Decimal
from typing import Any

from tests.benchmarks.peers import interpreter
from tests.benchmarks.peers.formulas import Spelling, steps
from tests.benchmarks.peers.rows import Rows
from tests.benchmarks.peers.terms import Terms
from tests.benchmarks.peers.way import Way

NAME = "rule-engine"
DISTRIBUTION = "rule-engine"
CANNOT = (
    "The pool, and any value computed from others: an expression cannot be named and used by the next, so Python "
    "carries each to the next. Rounding half up to places is written with `.floor`. An absence with a reason is "
    "written as -1."
)

SPELLING = Spelling(
    interpreter.spelled, lambda when, then, otherwise: f"({when} ? {then} : {otherwise})", "({}).floor".format
)


def setup(terms: Terms) -> tuple[Way, ...]:
    """Return the one way. Raises ModuleNotFoundError where it is not installed."""
    engine = importlib.import_module("rule_engine")
    rules = [(name, engine.Rule(text)) for name, text in steps(terms, SPELLING)]

    def evaluate(given: dict[str, Any]) -> dict[str, Any]:
        found = dict(given)
        for name, rule in rules:
            found[name] = rule.evaluate(found)
        return found

    return (
        Way(
            "a participant at a time, every value",
            "one",
            _given,
            evaluate,
            lambda found: interpreter.outcomes(terms, found),
        ),
    )


def _given(rows: Rows) -> list[dict[str, Any]]:
    # It computes with Decimals, and takes whole numbers for them only where they are Decimals.
    return [
        {name: value if isinstance(value, bool) else Decimal(value) for name, value in one.items()}
        for one in interpreter.names_of(rows)
    ]
