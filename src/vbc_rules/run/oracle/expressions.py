"""What an expression means at one instance, one exact step at a time."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from fractions import Fraction
from typing import Protocol

from vbc_rules.language.absence import NONE_PRESENT, Absent
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import (
    Apply,
    Arithmetic,
    Compare,
    CompareOp,
    Constant,
    Datum,
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
    Plain,
    Read,
    Ref,
    Round,
    Some,
)
from vbc_rules.resolve.program import Parameter, Program
from vbc_rules.run import exact, settle
from vbc_rules.run.oracle.kinds import day, quantities, quantity, yes_no


class AbsentRead(Exception):  # noqa: N818 (a signal, not an error: whoever evaluates says what it means)
    """An expression read a value that is absent."""

    def __init__(self, absent: Absent) -> None:
        """Keep the absence that was read."""
        super().__init__(absent)
        self.absent = absent


class Environment(Protocol):
    """One instance of a level, and what can be read and gathered from there."""

    @property
    def program(self) -> Program:
        """The program being evaluated."""
        ...

    @property
    def path(self) -> Path:
        """Which instance of its level this is."""
        ...

    def value(self, ref: Ref) -> Datum:
        """Return the value of `ref` at this instance or the one above that its level names.

        A parameter stands on the level "": this returns a plain or required one, never a dated one. Raises KeyError for
        a name that cannot be read from here.
        """
        ...

    def members(self, level: str, within: str) -> Iterable[Environment]:
        """Return the members of `level` under the current instance of `within`, in the order of file or list."""
        ...

    def warn(self, message: str) -> None:
        """Remember what must be shown beside the result; the same message counts once."""
        ...


def evaluate_expression(expr: Expr, here: Environment) -> Plain:
    """Return the value of `expr` at the instance `here`.

    Raises AbsentRead where it reads an absent value, EvaluationError where it has no value (a divisor of zero, a date
    outside what is stated).
    """
    match expr:
        case Constant():
            return expr.value
        case Read():
            return _present(read(expr, here))
        case Negate():
            return -number(expr.operand, here)
        case Arithmetic():
            return _arithmetic(expr, number(expr.left, here), number(expr.right, here))
        case Compare():
            return compare(expr.op, evaluate_expression(expr.left, here), evaluate_expression(expr.right, here))
        case OneOf():
            subject = evaluate_expression(expr.subject, here)
            return any(subject == evaluate_expression(option, here) for option in expr.options) != expr.negated
        case InCodes():
            code = evaluate_expression(expr.subject, here)
            return _in_codes(str(code), here.program.parameters[expr.parameter].codes) != expr.negated
        case Every():
            return all(holds(operand, here) for operand in expr.operands)
        case Some():
            return any(holds(operand, here) for operand in expr.operands)
        case Not():
            return not holds(expr.operand, here)
        case IfElse():
            return evaluate_expression(expr.then if holds(expr.condition, here) else expr.otherwise, here)
        case IsAbsent():
            found = here.value(expr.ref)
            is_so = isinstance(found, Absent) and expr.reason in (None, found.reason)
            return is_so != expr.negated
        case Gain():
            left, right = number(expr.left, here), number(expr.right, here)
            return left - right if evaluate_expression(expr.direction, here) == "higher" else right - left
        case Apply():
            return _apply(expr, [evaluate_expression(argument, here) for argument in expr.arguments])
        case Round():
            return exact.round_to(number(expr.operand, here), expr.rounding.unit, expr.rounding.mode)
        case OnDate():
            when = day(evaluate_expression(expr.when, here))
            return _stated(here, here.program.parameters[expr.parameter], when, settle.date_role(expr.when))
        case Gather():
            return _gather(expr, here)


def datum(expr: Expr, here: Environment) -> Datum:
    """Return the value of `expr` where a bare name carries its absence along; any other expression as it is."""
    return read(expr, here) if isinstance(expr, Read) else evaluate_expression(expr, here)


def number(expr: Expr, here: Environment) -> Fraction:
    """Return the value of a quantity."""
    return quantity(evaluate_expression(expr, here))


def holds(expr: Expr, here: Environment) -> bool:
    """Return the value of a condition."""
    return yes_no(evaluate_expression(expr, here))


def read(expr: Read, here: Environment) -> Datum:
    """Return the value, or the absence, of a name."""
    return read_parameter(expr.ref.name, here) if expr.ref.level == "" else here.value(expr.ref)


def read_parameter(name: str, here: Environment) -> Datum:
    """Return the value of a parameter; a dated one's is that of the first day in force."""
    parameter = here.program.parameters[name]
    if parameter.dated:
        return _stated(here, parameter, *settle.start_of(here.program))
    return here.value(Ref("", name))


def compare(op: CompareOp, left: Plain, right: Plain) -> bool:
    """Return whether `left op right`. Only quantities and dates have an order."""
    if op in ("=", "!="):
        return (left == right) == (op == "=")
    if isinstance(left, datetime.date) and isinstance(right, datetime.date):
        return _ordered(op, (left > right) - (left < right))
    difference = quantity(left) - quantity(right)
    return _ordered(op, (difference > 0) - (difference < 0))


def _ordered(op: CompareOp, sign: int) -> bool:
    return {"<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[op]


def _present(found: Datum) -> Plain:
    if isinstance(found, Absent):
        raise AbsentRead(found)
    return found


def _arithmetic(expr: Arithmetic, left: Fraction, right: Fraction) -> Fraction:
    match expr.op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            if right == 0:
                raise settle.impossible("a divisor is zero", expr.span)
            return left / right


def _in_codes(code: str, codes: Iterable[str]) -> bool:
    """Return whether `code` is one of `codes`; a span (`99202 to 99215`) holds codes of its ends' length."""
    for entry in codes:
        first, _, last = entry.partition(" to ")
        last = last or first
        if len(first) == len(code) == len(last) and first <= code <= last:
            return True
    return False


def _stated(here: Environment, parameter: Parameter, date: datetime.date | None, role: str) -> Plain:
    found = settle.stated(parameter, date, role)
    if found.carried:
        here.warn(settle.carried(parameter))
    return found.value


def _apply(expr: Apply, given: list[Plain]) -> Plain:
    if expr.function in ("min", "max") and isinstance(given[0], datetime.date):
        dates = [day(value) for value in given]
        return min(dates) if expr.function == "min" else max(dates)
    try:
        if isinstance(given[0], datetime.date):
            return _apply_to_dates(expr, given[0], given[1:])
        return _apply_to_numbers(expr, quantities(given))
    except ValueError as error:
        raise settle.impossible(f"{expr.function}: {error}", expr.span) from None


def _apply_to_numbers(expr: Apply, given: list[Fraction]) -> Fraction:
    first = given[0]
    whole = Fraction(1, 100) if expr.type.kind == "percent" else Fraction(1)
    match expr.function:
        case "min":
            return min(given)
        case "max":
            return max(given)
        case "abs":
            return abs(first)
        case "clamp":
            return min(max(first, given[1]), given[2])
        case "floor" | "ceiling":
            return exact.round_to(first, whole, expr.function)
        case "sqrt":
            return exact.square_root(first, int(given[1]))
        case "exp":
            return exact.exponential(first, int(given[1]))
        case _:
            raise settle.impossible(f"{expr.function} takes a date", expr.span)


def _apply_to_dates(expr: Apply, first: datetime.date, rest: list[Plain]) -> Plain:
    second = rest[0] if rest else first
    match expr.function, second:
        case "year", _:
            return Fraction(exact.year(first))
        case "add_months", Fraction():
            return exact.add_months(first, int(second))
        case "days_between", datetime.date():
            return Fraction(exact.days_between(first, second))
        case "months_between", datetime.date():
            return Fraction(exact.months_between(first, second))
        case "years_between", datetime.date():
            return Fraction(exact.years_between(first, second))
        case _:
            raise settle.impossible(f"{expr.function} does not take a date here", expr.span)


def _gather(expr: Gather, here: Environment) -> Plain:
    """Return the aggregate; over nothing sum and count are 0 and the rest are absent."""
    found: list[Plain] = []
    for member in here.members(expr.level, expr.within):
        if expr.where is not None and not holds(expr.where, member):
            continue
        if expr.item is None:
            found.append(True)
            continue
        item = datum(expr.item, member)
        if isinstance(item, Absent):
            if expr.present:
                continue
            raise AbsentRead(item)
        found.append(item)
    return _present(aggregate(expr.function, found))


def aggregate(function: str, items: list[Plain]) -> Datum:
    """Return sum, count, mean, min, max, any or all of `items`; absent `none_present` where nothing has none."""
    if function == "count":
        return Fraction(len(items))
    if function == "sum":
        return sum(quantities(items), Fraction(0))
    if not items:
        return Absent(NONE_PRESENT)
    match function:
        case "mean":
            return sum(quantities(items), Fraction(0)) / len(items)
        case "min" | "max" if isinstance(items[0], datetime.date):
            dates = [day(item) for item in items]
            return min(dates) if function == "min" else max(dates)
        case "min":
            return min(quantities(items))
        case "max":
            return max(quantities(items))
        case "any":
            return any(item is True for item in items)
        case "all":
            return all(item is True for item in items)
        case _:
            raise ValueError(f"no such aggregate: {function}")
