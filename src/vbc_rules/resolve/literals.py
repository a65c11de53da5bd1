"""Literal text of cells, parameters and ranges to exact values of a declared type."""

from __future__ import annotations

import datetime
from fractions import Fraction

from vbc_rules.language import document, syntax
from vbc_rules.language.absence import Absent
from vbc_rules.language.parser import parse_formula
from vbc_rules.language.types import MONEY, NUMBER, PERCENT, Type
from vbc_rules.resolve.expressions import Datum, Plain
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.nearest import nearest

_WRITTEN = {
    "money": "`$1,250.00`",
    "percent": "`5%`",
    "count": "`12`",
    "date": "`2024-01-31`",
    "yes_no": "`yes` or `no`",
}


def read_literal(word: document.Word, type_: Type, findings: Findings) -> Plain | None:
    """Return the value a piece of text stands for under `type_`; None once an error has been recorded."""
    match type_.kind:
        case "identifier" | "text":
            return word.text
        case "category" | "direction":
            options = ("higher", "lower") if type_.kind == "direction" else type_.options
            if word.text in options:
                return word.text
            close = nearest(word.text, options)
            listed = ", ".join(f"`{option}`" for option in options)
            findings.error(
                "VBC305",
                f"`{word.text}` is not one of {listed}",
                word.span,
                f"write `{close}`" if close else f"write one of {listed}",
            )
            return None
        case "yes_no":
            if word.text in ("yes", "no"):
                return word.text == "yes"
        case "date":
            try:
                return datetime.date.fromisoformat(word.text)
            except ValueError:
                pass
        case _:
            parsed = parse_formula(word.text, word.span, findings)
            if parsed is None:
                return None
            value = literal_value(parsed, type_)
            if value is not None:
                if type_.kind == "count" and isinstance(value, Fraction) and value.denominator != 1:
                    findings.error("VBC416", "a count is a whole number", word.span, "write a whole number")
                    return None
                return value
            _wrong_unit(word, parsed, type_, findings)
            return None
    findings.error("VBC416", f"{type_.one} is wanted here", word.span, f"write it like {_WRITTEN[type_.kind]}")
    return None


def _wrong_unit(word: document.Word, parsed: syntax.Expression, type_: Type, findings: Findings) -> None:
    bare = isinstance(parsed, syntax.NumberLiteral) and parsed.kind == "number"
    fix = {"percent": f"write `{word.text}%`", "money": f"write `${word.text}`"}.get(type_.kind) if bare else None
    findings.error(
        "VBC416",
        f"{type_.one} is wanted here",
        word.span,
        fix or f"write it like {_WRITTEN.get(type_.kind, '`12.5`')}",
    )


def literal_value(node: syntax.Expression, type_: Type) -> Fraction | datetime.date | None:
    """Return the exact value of a literal (possibly negative) of a quantity or a date; None where the unit differs."""
    if isinstance(node, syntax.DateLiteral):
        return node.value if type_.kind == "date" else None
    sign = 1
    while isinstance(node, syntax.Unary) and node.op == "-":
        node, sign = node.operand, -sign
    if not isinstance(node, syntax.NumberLiteral):
        return None
    wanted = type_.kind if type_.kind in ("money", "percent") else "number"
    if node.kind != wanted:
        return None
    value = Fraction(node.value) * sign
    return value / 100 if node.kind == "percent" else value


def inferred_type(word: document.Word) -> Type | None:
    """Return the type a literal shows by its own form (`5%`, `$1.00`, `10`), None for words."""
    quiet = Findings()
    parsed = parse_formula(word.text, word.span, quiet)
    while isinstance(parsed, syntax.Unary):
        parsed = parsed.operand
    match parsed:
        case syntax.NumberLiteral(kind="percent"):
            return PERCENT
        case syntax.NumberLiteral(kind="money"):
            return MONEY
        case syntax.NumberLiteral():
            return Type("count") if parsed.value == int(parsed.value) else NUMBER
        case syntax.DateLiteral():
            return Type("date")
        case syntax.YesNoLiteral():
            return Type("yes_no")
    return None


def read_cell(word: document.Word, declaration: document.Declaration, type_: Type, findings: Findings) -> Datum | None:
    """Return a member's cell: its value, or its absence where the column permits one."""
    for reason in declaration.reasons:
        if word.text == reason.text:
            return Absent(reason.text)
    value = read_literal(word, type_, findings)
    if value is None:
        return None
    low = literal_value(declaration.low, type_) if declaration.low is not None else None
    high = literal_value(declaration.high, type_) if declaration.high is not None else None
    if isinstance(value, Fraction) and (
        (isinstance(low, Fraction) and value < low) or (isinstance(high, Fraction) and value > high)
    ):
        findings.error("VBC417", "the number lies outside its column's range", word.span, "write one inside the range")
        return None
    return value
