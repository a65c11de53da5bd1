"""Expressions and shapes written by hand, as compactly as in a file."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

from vbc_rules.language.rounding import RoundingMode
from vbc_rules.language.types import (
    COUNT,
    DATE,
    MONEY,
    NUMBER,
    NUMBER_FAMILY,
    PERCENT,
    RATIO,
    YES_NO,
    Type,
)
from vbc_rules.resolve import program as resolved
from vbc_rules.resolve.expressions import (
    Apply,
    Arithmetic,
    Compare,
    CompareOp,
    Constant,
    Every,
    Expr,
    Function,
    Gain,
    Gather,
    IfElse,
    InCodes,
    IsAbsent,
    Negate,
    Not,
    OnDate,
    OneOf,
    Plain,
    Read,
    Ref,
    Round,
    Rounding,
    Some,
)
from vbc_rules.source.span import SourceFile, Span

FILE = SourceFile("rules.yaml", "")
Written: TypeAlias = "Expr | str | int | bool"
"""An expression, or a literal as written in a file."""


def span(line: int = 1) -> Span:
    return Span(FILE, line, 1, line, 2)


# --- literals


def category(*options: str) -> Type:
    return Type("category", options)


def plain(text: str | int | bool, type_: Type | None = None) -> Plain:  # noqa: FBT001 (a literal)
    """Return the exact value of a literal: 5%, $1,250.00, 2.5, 2024-01-31, yes, or a word."""
    return literal(text, type_).value


def literal(written: str | int | bool, type_: Type | None = None) -> Constant:  # noqa: FBT001 (a literal)
    """Return a constant. A text that is no number, date, yes or no is a word of a category, or of `type_`."""
    text = ("yes" if written else "no") if isinstance(written, bool) else str(written)
    if type_ is not None and not type_.is_numeric and type_.kind not in ("date", "yes_no"):
        return Constant(span(), type_, text, text)
    if text in ("yes", "no"):
        return Constant(span(), YES_NO, text == "yes", text)
    if len(text) == 10 and text[4] == text[7] == "-":
        return Constant(span(), DATE, datetime.date.fromisoformat(text), text)
    digits = text.replace(",", "").replace("$", "").removesuffix("%")
    try:
        number = Fraction(digits)
    except ValueError:
        return Constant(span(), type_ or category(text), text, text)
    if text.endswith("%"):
        return Constant(span(), PERCENT, number / 100, text)
    return Constant(span(), MONEY if "$" in text else (type_ or NUMBER), number, text)


def expr(written: Written) -> Expr:
    """Return an expression as it is, a literal as a constant."""
    return literal(written) if isinstance(written, str | int) else written


# --- expressions


def ref(name: str, participant: str = "hospital") -> Ref:
    """Return `level.name`; a name alone is the participant's; `.name` is a parameter."""
    level, dot, own = name.rpartition(".")
    return Ref(level if dot else participant, own)


def read(name: str, type_: Type = NUMBER, participant: str = "hospital") -> Read:
    return Read(span(), type_, ref(name, participant))


def arithmetic(op: Literal["+", "-", "*", "/"], left: Written, right: Written, *, is_of: bool = False) -> Arithmetic:
    a, b = expr(left), expr(right)
    type_ = a.type
    if op == "*" and (a.type.kind in NUMBER_FAMILY or (a.type.kind == "percent" and b.type.kind not in NUMBER_FAMILY)):
        type_ = b.type
    if op == "/" and a.type.kind == b.type.kind and a.type.kind != "number":
        type_ = RATIO
    return Arithmetic(span(), type_, op, a, b, is_of)


def add(left: Written, right: Written) -> Arithmetic:
    return arithmetic("+", left, right)


def subtract(left: Written, right: Written) -> Arithmetic:
    return arithmetic("-", left, right)


def times(left: Written, right: Written) -> Arithmetic:
    return arithmetic("*", left, right)


def of(left: Written, right: Written) -> Arithmetic:
    return arithmetic("*", left, right, is_of=True)


def divide(left: Written, right: Written) -> Arithmetic:
    return arithmetic("/", left, right)


def negate(operand: Written) -> Negate:
    inner = expr(operand)
    return Negate(span(), inner.type, inner)


def compare(left: Written, op: CompareOp, right: Written) -> Compare:
    a = expr(left)
    b = literal(right, a.type) if isinstance(right, str | int) else right
    return Compare(span(), YES_NO, op, a, b)


def one_of(subject: Expr, *options: Written, negated: bool = False) -> OneOf:
    found = tuple(literal(o, subject.type) if isinstance(o, str | int) else o for o in options)
    return OneOf(span(), YES_NO, subject, found, negated)


def in_codes(subject: Expr, parameter: str, *, negated: bool = False) -> InCodes:
    return InCodes(span(), YES_NO, subject, parameter, negated)


def every(*operands: Written) -> Every:
    return Every(span(), YES_NO, tuple(map(expr, operands)))


def some(*operands: Written) -> Some:
    return Some(span(), YES_NO, tuple(map(expr, operands)))


def negation(operand: Written) -> Not:
    return Not(span(), YES_NO, expr(operand))


def if_else(condition: Written, then: Written, otherwise: Written) -> IfElse:
    taken = expr(then)
    return IfElse(span(), taken.type, expr(condition), taken, expr(otherwise))


def is_absent(name: Read | str, reason: str | None = None, *, negated: bool = False) -> IsAbsent:
    found = name.ref if isinstance(name, Read) else ref(name)
    return IsAbsent(span(), YES_NO, found, reason, negated)


def gain(left: Written, right: Written, direction: Written) -> Gain:
    a = expr(left)
    d = literal(direction, Type("direction")) if isinstance(direction, str | int) else direction
    return Gain(span(), a.type, a, expr(right), d)


def apply(function: Function, *arguments: Written, type_: Type | None = None) -> Apply:
    found = tuple(map(expr, arguments))
    return Apply(span(), type_ or found[0].type, function, found)


def rounding(unit: str, mode: RoundingMode = "half_up", line: int = 1) -> Rounding:
    return Rounding(Fraction(unit), mode, f"to {unit} {mode}", span(line))


def rounded(operand: Written, unit: str, mode: RoundingMode = "half_up") -> Round:
    inner = expr(operand)
    return Round(span(), inner.type, inner, rounding(unit, mode))


def on_date(parameter: str, when: Written, type_: Type = PERCENT) -> OnDate:
    return OnDate(span(), type_, parameter, expr(when))


def gathered(  # a Gather expression, as in `sum(present score where counts)`
    function: str,
    level: str,
    item: Expr | None = None,
    *,
    where: Expr | None = None,
    present: bool = False,
    within: str = "hospital",
) -> Gather:
    type_ = YES_NO if function in ("any", "all") else COUNT if item is None or function == "count" else item.type
    return Gather(span(), type_, function, level, within, item, where, present)


# --- shapes


def outcome(
    written: Written,
    *,
    at_least: Written | None = None,
    at_most: Written | None = None,
    round_to: Rounding | None = None,
) -> resolved.Outcome:
    low, high = (None if bound is None else expr(bound) for bound in (at_least, at_most))
    return resolved.Outcome(span(), expr(written), None, low, high, round_to, None)


def no_outcome(reason: str) -> resolved.Outcome:
    """Return the outcome written `absent reason`."""
    return resolved.Outcome(span(), None, reason, None, None, None, None)


Result: TypeAlias = "resolved.Outcome | Written"


def _outcome(result: Result) -> resolved.Outcome:
    return result if isinstance(result, resolved.Outcome) else outcome(result)


def policy(every: str | None = None, **by_reason: str) -> resolved.Policy:  # one action, or one by reason
    return resolved.Policy(every, tuple(by_reason.items()), span())


def formula(written: Result) -> resolved.FormulaShape:
    return resolved.FormulaShape(span(), _outcome(written))


def choose(*cases: tuple[Written, Result], otherwise: Result) -> resolved.ChooseShape:
    found = tuple(resolved.Case(expr(when), _outcome(result)) for when, result in cases)
    return resolved.ChooseShape(span(), found, _outcome(otherwise))


_TESTS: Mapping[str, CompareOp] = {
    "at_least": ">=",
    "at_most": "<=",
    "more_than": ">",
    "less_than": "<",
    "reaches": ">=",
}


def tiers(subject: Expr, *steps: tuple[str, Written, Result], otherwise: Result) -> resolved.TiersShape:
    """`(kind, bound, result)` for each step; `reaches` here is for a measure whose higher values are better."""
    found = tuple(
        resolved.Step(kind, expr(bound), compare(subject, _TESTS[kind], bound), _outcome(result))
        for kind, bound, result in steps
    )
    return resolved.TiersShape(span(), subject, found, _outcome(otherwise))


def interpolate(
    subject: Expr, *points: tuple[Written, Written], below: Result | None = None, above: Result | None = None
) -> resolved.InterpolateShape:
    found = tuple(resolved.Point(expr(at), expr(value), None) for at, value in points)
    outside = [None if side is None else _outcome(side) for side in (below, above)]
    return resolved.InterpolateShape(span(), subject, found, outside[0], outside[1])


def table(columns: Sequence[Expr], *rows: tuple[Sequence[Expr | None], Result]) -> resolved.TableShape:
    found = tuple(resolved.Row(tuple(tests), _outcome(result), span()) for tests, result in rows)
    return resolved.TableShape(span(), tuple(columns), found)


def by_member(level: str, **outcomes: Result) -> resolved.ByMemberShape:
    return resolved.ByMemberShape(span(), level, tuple((name, _outcome(o)) for name, o in outcomes.items()))


def higher_of(*items: Written, absent: resolved.Policy | None = None, lower: bool = False) -> resolved.HigherOfShape:
    return resolved.HigherOfShape(span(), lower, tuple(map(expr, items)), absent)


def gather(
    function: str,
    level: str,
    item: Expr | None = None,
    *,
    within: str = "hospital",
    where: Expr | None = None,
    weight: Expr | None = None,
    absent: resolved.Policy | None = None,
    needed_present: Written | None = None,
    needed: Written | None = None,
    at: Written | None = None,
    definition: str | None = None,
    if_none: bool | None = None,
) -> resolved.GatherShape:
    bounds = [None if bound is None else expr(bound) for bound in (needed_present, needed, at)]
    return resolved.GatherShape(
        span(),
        function,
        level,
        within,
        item,
        where,
        weight,
        absent,
        bounds[0],
        bounds[1],
        bounds[2],
        definition,
        if_none,
    )


def top(
    how_many: Written,
    level: str,
    *order: Expr,
    ties: Ref | None = None,
    absent: resolved.Policy | None = None,
    is_share: bool = False,
    round_count: Rounding | None = None,
    within: str = "hospital",
) -> resolved.TopShape:
    return resolved.TopShape(span(), level, within, expr(how_many), is_share, tuple(order), ties, absent, round_count)
