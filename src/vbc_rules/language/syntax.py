"""What a formula is, as written: names are still words, types are not known yet.

Grammar: `docs/language.md`, section Formulas.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from vbc_rules.source.span import Span

NumberKind: TypeAlias = Literal["number", "percent", "money"]
CompareOp: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """`1,250.5`, `5%` (value 5, kind percent) or `$1,250.00`; `value` is the number as written, digits kept."""

    span: Span
    value: Decimal
    kind: NumberKind


@dataclass(frozen=True, slots=True)
class TextLiteral:
    span: Span
    value: str


@dataclass(frozen=True, slots=True)
class DateLiteral:
    span: Span
    value: datetime.date


@dataclass(frozen=True, slots=True)
class YesNoLiteral:
    span: Span
    value: bool


@dataclass(frozen=True, slots=True)
class Name:
    """A name, possibly qualified: `rate` is ("rate",), `measure.rate` is ("measure", "rate")."""

    span: Span
    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x` or `not x`."""

    span: Span
    op: Literal["-", "not"]
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic and `of` (`a of b`); `span` covers the whole, `op_span` the operator."""

    span: Span
    op: Literal["+", "-", "*", "/", "of"]
    left: Expression
    right: Expression
    op_span: Span


@dataclass(frozen=True, slots=True)
class Logic:
    """`a and b and c` or `a or b or c`."""

    span: Span
    op: Literal["and", "or"]
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`a < b`, or chained as in mathematics: `a < b <= c` has three operands and two operators."""

    span: Span
    operands: tuple[Expression, ...]
    ops: tuple[CompareOp, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """`x between a and b`, both ends included."""

    span: Span
    subject: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class In:
    """`x in (a, b)` or `x in NAME` (then `options` holds that one Name and `is_list` is false)."""

    span: Span
    subject: Expression
    options: tuple[Expression, ...]
    is_list: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class Is:
    """`x is missing`, `x is not missing`, `x is below_minimum`; `reason` is None for `missing`."""

    span: Span
    subject: Expression
    reason: str | None
    negated: bool
    reason_span: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    """`if c then a else b`."""

    span: Span
    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class On:
    """`parameter on date`: a dated parameter at a date."""

    span: Span
    subject: Expression
    when: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """`min(a, b)`, `round(x, 2, down)`, `gain(a, b)`: several arguments compute."""

    span: Span
    function: str
    arguments: tuple[Expression, ...]
    function_span: Span


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`sum(present score where counts)`, `count(milestone where met)`: one name gathers."""

    span: Span
    function: str
    present: bool
    subject: Name
    where: Expression | None
    function_span: Span


Expression: TypeAlias = (
    NumberLiteral
    | TextLiteral
    | DateLiteral
    | YesNoLiteral
    | Name
    | Unary
    | Binary
    | Logic
    | Comparison
    | Between
    | In
    | Is
    | Conditional
    | On
    | Call
    | Aggregate
)


def children(expression: Expression) -> tuple[Expression, ...]:
    """Return the expressions directly inside one, in the order written (of a gathering, its `where`)."""
    match expression:
        case Unary():
            return (expression.operand,)
        case Binary():
            return (expression.left, expression.right)
        case Logic() | Comparison():
            return expression.operands
        case Between():
            return (expression.subject, expression.low, expression.high)
        case In():
            return (expression.subject, *expression.options)
        case Is():
            return (expression.subject,)
        case Conditional():
            return (expression.condition, expression.then, expression.otherwise)
        case On():
            return (expression.subject, expression.when)
        case Call():
            return expression.arguments
        case Aggregate():
            return () if expression.where is None else (expression.where,)
        case _:
            return ()
