"""What is written beside a shape, in the unit of its value: roundings, and what is done with absent members."""

from __future__ import annotations

from fractions import Fraction

from vbc_rules.language import document
from vbc_rules.language.types import Type
from vbc_rules.resolve import program
from vbc_rules.resolve.expressions import Rounding
from vbc_rules.resolve.naming import unit_of


def policy_of(node: document.AbsentPolicy | None) -> program.Policy | None:
    """Return what is done with absent members."""
    if node is None:
        return None
    return program.Policy(
        node.every.text if node.every is not None else None,
        tuple((reason.text, action.text) for reason, action in node.by_reason),
        node.span,
        tuple(reason.span for reason, _ in node.by_reason),
    )


def rounding_of(node: document.Rounding | None, type_: Type) -> Rounding | None:
    """Return a rounding in the unit of `type_`: digits of a percent count as written."""
    if node is None:
        return None
    if node.step is not None:
        unit = Fraction(node.step) / (100 if type_.kind == "percent" else 1)
        return Rounding(unit, node.mode, f"to {node.step} {node.mode}", node.span)
    return Rounding(unit_of(node.digits or 0, type_), node.mode, f"{node.digits} {node.mode}", node.span)
