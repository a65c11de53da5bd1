"""Typed expressions: what a formula means once its names are known.

Numeric values are exact: `fractions.Fraction` in constants. A percent's value is its fraction (5% is 1/20). Dates are
`datetime.date`, yes/no is `bool`, words and identifiers are `str`; a constant may also be `Absent` (a member's cell).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from vbc_rules.language.absence import Absent
from vbc_rules.language.rounding import RoundingMode
from vbc_rules.language.types import Type
from vbc_rules.source.span import Span

Plain: TypeAlias = Fraction | bool | str | datetime.date
Datum: TypeAlias = Plain | Absent
CompareOp: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Ref:
    """A named thing on a level: an input, a value, a payment, a gate, a member's cell or a member's name.

    A level's own name on itself (`Ref("domain", "domain")`) is the current member's name, or an item's key, or the
    participant's identifier. Parameters of the program stand on the level "" (empty).
    """

    level: str
    name: str

    def __str__(self) -> str:
        return f"{self.level}.{self.name}" if self.level else self.name


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, digits kept in `text` as the author wrote them (for explanations)."""

    span: Span
    type: Type
    value: Plain
    text: str


@dataclass(frozen=True, slots=True)
class Read:
    """The value of `ref` at the current instance of its level: the own level's, or that of a level above."""

    span: Span
    type: Type
    ref: Ref


@dataclass(frozen=True, slots=True)
class Negate:
    span: Span
    type: Type
    operand: Expr


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`+ - * /`; `of` is `*` with `is_of` (only the words differ). A divisor is proven not to be zero."""

    span: Span
    type: Type
    op: Literal["+", "-", "*", "/"]
    left: Expr
    right: Expr
    is_of: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands of one unit; for text, identifiers, categories and yes/no only `=` and `!=`."""

    span: Span
    type: Type
    op: CompareOp
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class OneOf:
    """Whether `subject` is one of `options` (constants or expressions of its type)."""

    span: Span
    type: Type
    subject: Expr
    options: tuple[Expr, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class InCodes:
    """Whether the text `subject` is a code of a parameter: single codes, and inclusive spans of equal length."""

    span: Span
    type: Type
    subject: Expr
    parameter: str
    negated: bool


@dataclass(frozen=True, slots=True)
class Every:
    """`and`: evaluated from the left, stops at the first no."""

    span: Span
    type: Type
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """`or`: evaluated from the left, stops at the first yes."""

    span: Span
    type: Type
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not:
    span: Span
    type: Type
    operand: Expr


@dataclass(frozen=True, slots=True)
class IfElse:
    span: Span
    type: Type
    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class IsAbsent:
    """Whether `ref` is absent at all (`reason` None) or for `reason`."""

    span: Span
    type: Type
    ref: Ref
    reason: str | None
    negated: bool


@dataclass(frozen=True, slots=True)
class Gain:
    """How much better `left` is than `right`: left - right where `direction` is "higher", else right - left."""

    span: Span
    type: Type
    left: Expr
    right: Expr
    direction: Expr


Function: TypeAlias = Literal[
    "min",
    "max",
    "abs",
    "clamp",
    "floor",
    "ceiling",
    "sqrt",
    "exp",
    "days_between",
    "months_between",
    "years_between",
    "add_months",
    "year",
]


@dataclass(frozen=True, slots=True)
class Apply:
    """A function of several values. `sqrt` and `exp` take the digits wanted last and are correctly rounded."""

    span: Span
    type: Type
    function: Function
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """`round(x, 2, down)` inside a formula, or a shape's `round`. Exactly one of `digits`, `step`.

    Digits of a percent count as written: digits 2 of a percent is the 4th decimal of its fraction.
    """

    span: Span
    type: Type
    operand: Expr
    rounding: Rounding


@dataclass(frozen=True, slots=True)
class Rounding:
    """Round to a multiple of `unit` (0.01 for two digits of money) by `mode`. Half modes mirror negatives."""

    unit: Fraction
    mode: RoundingMode
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class OnDate:
    """A dated parameter's number at a date; past its stated spans an error, or carried with a warning."""

    span: Span
    type: Type
    parameter: str
    when: Expr


@dataclass(frozen=True, slots=True)
class Gather:
    """An aggregate inside a formula over the members of `level` that lie under the current instance of `within`.

    `item` is evaluated at each gathered member (None: the members themselves are counted), `where` too; with `present`
    absent items are left out, without it none can be absent. Functions: sum, count, mean, min, max, any, all.
    """

    span: Span
    type: Type
    function: str
    level: str
    within: str
    item: Expr | None
    where: Expr | None
    present: bool


Expr: TypeAlias = (
    Constant
    | Read
    | Negate
    | Arithmetic
    | Compare
    | OneOf
    | InCodes
    | Every
    | Some
    | Not
    | IfElse
    | IsAbsent
    | Gain
    | Apply
    | Round
    | OnDate
    | Gather
)


def children(expr: Expr) -> tuple[Expr, ...]:
    """Return the expressions directly inside `expr`, in the order written."""
    match expr:
        case Constant() | Read() | IsAbsent():
            return ()
        case Negate() | Not() | Round():
            return (expr.operand,)
        case Arithmetic() | Compare():
            return (expr.left, expr.right)
        case Gain():
            return (expr.left, expr.right, expr.direction)
        case OneOf():
            return (expr.subject, *expr.options)
        case InCodes():
            return (expr.subject,)
        case Every() | Some():
            return expr.operands
        case IfElse():
            return (expr.condition, expr.then, expr.otherwise)
        case Apply():
            return expr.arguments
        case OnDate():
            return (expr.when,)
        case Gather():
            return tuple(part for part in (expr.item, expr.where) if part is not None)
