"""The workload as formulas walked node by node, with Decimals: how rules engines inside companies are often written."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import numpy as np

from tests.benchmarks.peers.formulas import Spelling, steps
from tests.benchmarks.peers.rows import Array, Outcomes, Rows
from tests.benchmarks.peers.terms import Terms
from tests.benchmarks.peers.way import Way

NAME = "Expression interpreter"
DISTRIBUTION = ""
CANNOT = "The pool: a formula sees one participant. Rounding modes: half up is written with `floor`."

Names = dict[str, Any]

_OPERATIONS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}


def spelled(units: int, places: int) -> str:
    """Return a number as text."""
    return str(Decimal(units).scaleb(-places))


SPELLING = Spelling(spelled, lambda when, then, otherwise: f"({then} if {when} else {otherwise})", "floor({})".format)


def setup(terms: Terms) -> tuple[Way, ...]:
    """Return the one way."""
    program = [(name, _Exact(text).visit(ast.parse(text, mode="eval")).body) for name, text in steps(terms, SPELLING)]

    def evaluate(given: Names) -> Names:
        found = dict(given)
        for name, formula in program:
            found[name] = walk(formula, found)
        return found

    return (
        Way("a participant at a time, every value", "one", names_of, evaluate, lambda found: outcomes(terms, found)),
    )


def walk(node: ast.AST, names: Names) -> Any:  # noqa: ANN401 (numbers and truth values)
    """Return the value of a formula."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return names[node.id]
        case ast.BinOp():
            return _OPERATIONS[type(node.op)](walk(node.left, names), walk(node.right, names))
        case ast.IfExp():
            return walk(node.body if walk(node.test, names) else node.orelse, names)
        case ast.Compare():
            return _OPERATIONS[type(node.ops[0])](walk(node.left, names), walk(node.comparators[0], names))
        case ast.Call():
            return walk(node.args[0], names).to_integral_value(ROUND_FLOOR)
        case _:
            raise TypeError(type(node).__name__)


class _Exact(ast.NodeTransformer):
    """Make numbers Decimals, from their text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(Decimal(ast.get_source_segment(self.text, node) or ""))  # type: ignore[arg-type]


def names_of(rows: Rows) -> list[Names]:
    """Return participants as Decimals by name."""
    return [
        {
            "payments": Decimal(payments).scaleb(-2),
            "attested": attested,
            **{f"d{place}": cases for place, cases in enumerate(denominators)},
            **{f"r{place}": Decimal(rate).scaleb(-4) for place, rate in enumerate(rates)},
            **{f"b{place}": Decimal(before).scaleb(-4) for place, before in enumerate(baselines)},
        }
        for payments, attested, _, denominators, rates, baselines in rows.each()
    ]


def outcomes(terms: Terms, found: list[Names]) -> Outcomes:
    """Return what formulas found, with no sharing of a pool. Binary floats are taken by their nearest whole number."""

    def column(name: str, scale: int, nothing: int = 0) -> Array:
        values = [one.get(name, nothing) for one in found]
        return np.array([-1 if value < 0 else round(value * scale) for value in values], np.int64)

    return Outcomes(
        np.array([column(f"domain{place}", 10_000) for place in range(len(terms.domains))]),
        column("weighted", 1_000_000),
        column("tier", 1000),
        column("earned", 100),
    )
