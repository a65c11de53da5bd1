"""The workload as a decision of zen-engine: one node of expressions, each named value one of them."""

from __future__ import annotations

import importlib
import json
from decimal import Decimal
from typing import Any

from tests.benchmarks.peers import interpreter
from tests.benchmarks.peers.formulas import Spelling, few_steps, steps
from tests.benchmarks.peers.rows import Rows
from tests.benchmarks.peers.terms import Terms
from tests.benchmarks.peers.way import Way

NAME = "zen-engine"
DISTRIBUTION = "zen-engine"
CANNOT = (
    "The pool: a decision sees one participant, and expressions cannot sort. Python's `Decimal`: inputs and "
    "results are binary floats, exact decimals are inside only. Rounding half up to places is written with "
    "`floor`. An absence with a reason: a domain without a score is written as -1."
)

_KEY, _FEW = "workload", "few"
_TRACED = {"trace": True}

SPELLING = Spelling(
    interpreter.spelled,
    lambda when, then, otherwise: f"({when} ? {then} : {otherwise})",
    "floor({})".format,
    step="$.{}".format,
)


def decision(named: list[tuple[str, str]]) -> dict[str, Any]:
    """Return a decision of named values as zen-engine's editor saves it."""
    expressions = [{"id": name, "key": name, "value": text} for name, text in named]
    nodes = [
        {"id": "in", "name": "given", "type": "inputNode"},
        {"id": "rules", "name": "rules", "type": "expressionNode", "content": {"expressions": expressions}},
        {"id": "out", "name": "found", "type": "outputNode"},
    ]
    edges = [
        {"id": f"{one}-{other}", "type": "edge", "sourceId": one, "targetId": other}
        for one, other in (("in", "rules"), ("rules", "out"))
    ]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def setup(terms: Terms) -> tuple[Way, ...]:
    """Return the ways of calling it. Raises ModuleNotFoundError where it is not installed."""
    zen = importlib.import_module("zen")
    few = few_steps(terms, SPELLING, "max([{}, {}])".format)
    content = {_KEY: decision(steps(terms, SPELLING)), _FEW: decision(few)}
    engine = zen.ZenEngine({"loader": {"type": "static", "content": content}})
    held = engine.get_decision(_KEY)

    def evaluate(given: Any) -> Any:  # noqa: ANN401 (what zen-engine takes and returns)
        return engine.evaluate(_KEY, given)

    def traced(given: Any) -> Any:  # noqa: ANN401 (as above)
        return engine.evaluate(_KEY, given, _TRACED)

    def evaluate_few(given: Any) -> Any:  # noqa: ANN401 (as above)
        return engine.evaluate(_FEW, given)

    def traced_few(given: Any) -> Any:  # noqa: ANN401 (as above)
        return engine.evaluate(_FEW, given, _TRACED)

    def traced_held(given: Any) -> Any:  # noqa: ANN401 (as above)
        return held.evaluate(given, _TRACED)

    def from_decimals(given: dict[str, Any]) -> Any:  # noqa: ANN401 (as above)
        # Decimals are refused, so whoever has them turns them into binary floats.
        floats = {name: float(value) if value.__class__ is Decimal else value for name, value in given.items()}
        return engine.evaluate(_KEY, floats, _TRACED)

    def rendered(given: bytes) -> str:
        return json.dumps(engine.evaluate(_KEY, given, _TRACED))

    def outcomes(found: list[Any]) -> Any:  # noqa: ANN401 (as any way's)
        return interpreter.outcomes(terms, [one["result"] for one in found])

    return (
        Way("evaluate", "one", contexts, evaluate, outcomes),
        Way("evaluate, with trace", "one", contexts, traced, outcomes),
        Way("33 values named, evaluate", "one", contexts, evaluate_few, outcomes),
        Way("33 values named, evaluate, with trace", "one", contexts, traced_few, outcomes),
        Way("33 values named, evaluate, from JSON", "one", bodies, evaluate_few, outcomes),
        Way("a decision held, evaluate", "one", contexts, held.evaluate, outcomes),
        Way("a decision held, evaluate, with trace", "one", contexts, traced_held, outcomes),
        Way("evaluate, from a mapping of Decimals, with trace", "one", interpreter.names_of, from_decimals, outcomes),
        Way("evaluate, from JSON", "one", bodies, evaluate, outcomes),
        Way("evaluate, from JSON, with trace", "one", bodies, traced, outcomes),
        Way("evaluate, from JSON, the trace written as JSON", "one", bodies, rendered),
    )


def contexts(rows: Rows) -> list[dict[str, Any]]:
    """Return participants as binary floats by name: Decimals are refused."""
    return [
        {name: value if isinstance(value, bool | int) else float(value) for name, value in one.items()}
        for one in interpreter.names_of(rows)
    ]


def bodies(rows: Rows) -> list[bytes]:
    """Return participants as JSON bodies."""
    return [json.dumps(one).encode() for one in contexts(rows)]
