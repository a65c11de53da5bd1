"""Prints an expression as formula text, in one canonical way.

Parentheses stand only where reading the text back would otherwise give another expression, where an `if` stands inside
another's condition, and around `of` beside `+` or `-`, which the linter asks for. Digits stay as written.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from vbc_rules.language import syntax

# How tightly a form holds together, loosest first.
_IF, _OR, _AND, _NOT, _COMPARE, _SUM, _TERM, _MINUS, _ON, _PRIMARY = range(10)
_LEVELS: Final = {"+": _SUM, "-": _SUM, "*": _TERM, "/": _TERM, "of": _TERM}


def either(words: Sequence[str]) -> str:
    """Return words of which one is to be written, in backquotes: `a`, `b` or `c`."""
    quoted = [f"`{word}`" for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else quoted[0]


def show(expression: syntax.Expression) -> str:
    """Return the text of `expression`; parsing it gives the same expression, spans apart."""
    return _show(expression)[0]


def _show(e: syntax.Expression) -> tuple[str, int]:
    """Return the text of `e` and how tightly it holds together."""
    match e:
        case syntax.NumberLiteral(value=value, kind=kind):
            return _number(value, kind), (_MINUS if value.is_signed() else _PRIMARY)
        case syntax.TextLiteral():
            return "'" + e.value.replace("'", "''") + "'", _PRIMARY
        case syntax.DateLiteral(value=date):
            return date.isoformat(), _PRIMARY
        case syntax.YesNoLiteral(value=holds):
            return ("yes" if holds else "no"), _PRIMARY
        case syntax.Name():
            return e.text, _PRIMARY
        case syntax.Unary(op="-", operand=operand):
            return "-" + _at(operand, _MINUS), _MINUS
        case syntax.Unary(operand=operand):
            return "not " + _at(operand, _NOT), _NOT
        case syntax.Binary(op=op, left=left, right=right):
            level = _LEVELS[op]
            if level == _SUM:
                return f"{_summand(left, _SUM)} {op} {_summand(right, _TERM)}", level
            return f"{_at(left, level)} {op} {_at(right, level + 1)}", level
        case syntax.Logic(op=op, operands=operands):
            level = _AND if op == "and" else _OR
            return f" {op} ".join(_at(operand, level + 1) for operand in operands), level
        case syntax.Comparison(operands=operands, ops=ops):
            rest = "".join(f" {op} {_at(operand, _SUM)}" for op, operand in zip(ops, operands[1:], strict=True))
            return _at(operands[0], _SUM) + rest, _COMPARE
        case syntax.Between(subject=subject, low=low, high=high):
            return f"{_at(subject, _SUM)} between {_at(low, _SUM)} and {_at(high, _SUM)}", _COMPARE
        case syntax.In(subject=subject, options=options, is_list=is_list, negated=negated):
            items = f"({', '.join(map(show, options))})" if is_list else show(options[0])
            return f"{_at(subject, _SUM)} {'not in' if negated else 'in'} {items}", _COMPARE
        case syntax.Is(subject=subject, reason=reason, negated=negated):
            return f"{_at(subject, _SUM)} {'is not' if negated else 'is'} {reason or 'missing'}", _COMPARE
        case syntax.Conditional(condition=condition, then=then, otherwise=otherwise):
            return f"if {_at(condition, _OR)} then {_at(then, _OR)} else {show(otherwise)}", _IF
        case syntax.On(subject=subject, when=when):
            return f"{_at(subject, _PRIMARY)} on {_at(when, _PRIMARY)}", _ON
        case syntax.Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(show, arguments))})", _PRIMARY
        case syntax.Aggregate(function=function, present=present, where=where):
            tail = "" if where is None else f" where {show(where)}"
            return f"{function}({'present ' if present else ''}{e.subject.text}{tail})", _PRIMARY


def _at(e: syntax.Expression, level: int) -> str:
    """Return the text of `e` where something at least as tight as `level` must stand."""
    text, own = _show(e)
    return text if own >= level else f"({text})"


def _summand(e: syntax.Expression, level: int) -> str:
    """Return the text of one side of `+` or `-`, with parentheses if `of` joins it."""
    return f"({show(e)})" if _joined_by_of(e) else _at(e, level)


def _joined_by_of(e: syntax.Expression) -> bool:
    """Tell whether `e` would stand in a sum with a bare `of`."""
    while isinstance(e, syntax.Binary) and _LEVELS[e.op] == _TERM:
        if e.op == "of":
            return True
        e = e.left
    return False


def _number(value: Decimal, kind: syntax.NumberKind) -> str:
    # Thousands are separated in money only: the `$` keeps them from being read as several numbers in a list.
    if kind == "percent":
        return f"{value:f}%"
    if kind == "number":
        return f"{value:f}"
    sign, digits = ("-", f"{value:f}"[1:]) if value.is_signed() else ("", f"{value:f}")
    whole, point, fraction = digits.partition(".")
    return f"{sign}${int(whole):,}{point}{fraction}"
