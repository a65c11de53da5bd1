"""Rules in words: the author's own text where the file has it, otherwise the same formula written anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from vbc_rules.explain.numbers import quantity_text
from vbc_rules.explain.tree import Origin
from vbc_rules.language import document
from vbc_rules.language.types import Type
from vbc_rules.resolve.expressions import (
    Apply,
    Arithmetic,
    Compare,
    Constant,
    Every,
    Expr,
    Gain,
    Gather,
    IfElse,
    InCodes,
    IsAbsent,
    Negate,
    Not,
    OnDate,
    OneOf,
    Read,
    Ref,
    Round,
    Rounding,
    Some,
)
from vbc_rules.resolve.program import Program
from vbc_rules.source.span import Span

_ATOMS = (Constant, Read, Apply, Gain, Gather, Round)


class Author:
    """Finds what the author of one rule wrote."""

    def __init__(self, program: Program, ref: Ref) -> None:
        """Look among the formulas of the value, payment, gate or input `ref`."""
        doc = program.document
        entries: tuple[document.Value | document.Gate | document.Input, ...] = (
            *doc.values,
            *doc.payments,
            *doc.gates,
            *doc.inputs,
        )
        self._formulas = tuple(
            formula
            for entry in entries
            if (entry.level.text, entry.name.text) == (ref.level, ref.name)
            for formula in _formulas(entry)
        )

    def words(self, expr: Expr) -> str:
        """Return the formula of which `expr` was made, as written."""
        for formula in self._formulas:
            if _holds(formula.span, expr.span):
                return " ".join(formula.text.split())
        return words(expr)


def _formulas(node: object) -> Iterator[document.Formula]:
    if isinstance(node, document.Formula):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from _formulas(part)
    elif dataclasses.is_dataclass(node) and not isinstance(node, Span):
        for field in dataclasses.fields(node):
            yield from _formulas(getattr(node, field.name))


def _holds(outer: Span, inner: Span) -> bool:
    return (
        outer.file.name == inner.file.name
        and (outer.line, outer.column) <= (inner.line, inner.column)
        and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    )


def words(expr: Expr) -> str:
    """Return a formula in the rule language."""
    match expr:
        case Constant():
            return expr.text
        case Read():
            return expr.ref.name
        case Negate():
            return f"-{_inside(expr.operand)}"
        case Arithmetic():
            op = "of" if expr.is_of else expr.op
            loose = op in ("+", "-")
            right = words(expr.right) if op == "of" and isinstance(expr.right, Arithmetic) else _inside(expr.right)
            left = words(expr.left) if loose or expr.is_of else _factor(expr.left)
            return f"{left} {op} {_factor(expr.right) if op == '+' else right}"
        case Compare():
            return f"{words(expr.left)} {expr.op} {words(expr.right)}"
        case OneOf():
            return f"{words(expr.subject)} {'not in' if expr.negated else 'in'} ({', '.join(map(words, expr.options))})"
        case InCodes():
            return f"{words(expr.subject)} {'not in' if expr.negated else 'in'} {expr.parameter}"
        case Every():
            return " and ".join(f"({words(o)})" if isinstance(o, Some | IfElse) else words(o) for o in expr.operands)
        case Some():
            return " or ".join(f"({words(o)})" if isinstance(o, IfElse) else words(o) for o in expr.operands)
        case Not():
            return f"not {_inside(expr.operand)}"
        case IfElse():
            return f"if {words(expr.condition)} then {words(expr.then)} else {words(expr.otherwise)}"
        case IsAbsent():
            return f"{expr.ref.name} {'is not' if expr.negated else 'is'} {expr.reason or 'missing'}"
        case Gain():
            return f"gain({words(expr.left)}, {words(expr.right)})"
        case Apply():
            return f"{expr.function}({', '.join(map(words, expr.arguments))})"
        case Round():
            return f"round({words(expr.operand)}, {rounding_arguments(expr.rounding, expr.type)})"
        case OnDate():
            return f"{expr.parameter} on {_inside(expr.when)}"
        case Gather():
            item = expr.level if expr.item is None else words(expr.item)
            where = "" if expr.where is None else f" where {words(expr.where)}"
            return f"{expr.function}({'present ' if expr.present else ''}{item}{where})"


def _inside(expr: Expr) -> str:
    return words(expr) if isinstance(expr, _ATOMS) else f"({words(expr)})"


def _factor(expr: Expr) -> str:
    product = isinstance(expr, Arithmetic) and expr.op in ("*", "/")
    return words(expr) if product or isinstance(expr, _ATOMS) else f"({words(expr)})"


# --- rounding


def rounding_arguments(rounding: Rounding, type_: Type) -> str:
    """Return how a rounding stands on a checked line: `2, down`; `to 0.5, half up`."""
    digits = _digits(rounding, type_)
    how = rounding.mode.replace("_", " ")
    return f"{_step(rounding, type_)}, {how}" if digits is None else f"{digits}, {how}"


def rounding_words(rounding: Rounding, type_: Type) -> str:
    """Return a rounding in words: `rounded down to 2 decimals`."""
    digits = _digits(rounding, type_)
    how = {"floor": "toward the smaller", "ceiling": "toward the larger"}.get(
        rounding.mode, rounding.mode.replace("_", " ")
    )
    if digits is None:
        return f"rounded {how} {_step(rounding, type_).replace('to ', 'to a multiple of ')}"
    decimals = {0: "a whole number", 1: "1 decimal"}.get(digits, f"{digits} decimals")
    if type_.kind == "percent":
        decimals += " of a percent" if digits else " of percent"
    return f"rounded {how} to {decimals}"


def _step(rounding: Rounding, type_: Type) -> str:
    return f"to {quantity_text(rounding.unit, 'percent' if type_.kind == 'percent' else 'number')}"


def _digits(rounding: Rounding, type_: Type) -> int | None:
    """Return how many digits a rounding keeps; None where it goes to a step such as 0.5."""
    unit = rounding.unit * (100 if type_.kind == "percent" else 1)
    parts = 1 / unit
    if parts.denominator != 1 or str(parts.numerator).rstrip("0") != "1":
        return None
    return len(str(parts.numerator)) - 1


# --- where numbers come from


def origins(program: Program, provenance: document.Provenance | None) -> tuple[Origin, ...]:
    """Return where a number comes from, with the titles of the sources it cites."""
    if provenance is None:
        return ()
    if not provenance.citations:
        return (Origin(provenance.kind, by=provenance.by),)
    sources = {source.key.text: source for source in program.document.sources}
    found: list[Origin] = []
    for citation in provenance.citations:
        source = sources.get(citation.key.text)
        found.append(
            Origin(
                provenance.kind,
                key=citation.key.text,
                title=citation.key.text if source is None else source.title,
                publisher="" if source is None else source.publisher or "",
                cite="" if source is None else source.cite or "",
                place=citation.place,
                by=provenance.by,
                link="" if source is None else source.link or "",
            )
        )
    return tuple(found)
