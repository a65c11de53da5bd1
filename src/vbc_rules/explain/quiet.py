"""Members that are told together, read fast and without remembering what was read."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from vbc_rules.errors import Code, EvaluationError
from vbc_rules.explain.scene import Scene
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import (
    Arithmetic,
    Compare,
    Constant,
    Datum,
    Every,
    Expr,
    InCodes,
    IsAbsent,
    OnDate,
    Plain,
    Read,
    Ref,
    children,
)
from vbc_rules.run.oracle import AbsentRead
from vbc_rules.run.oracle.expressions import compare, datum

if TYPE_CHECKING:
    from vbc_rules.explain.view import View

Quiet: TypeAlias = Callable[[Path], Datum]
"""What an expression gives at members that are only told together."""

Ratios: TypeAlias = Callable[[Path], tuple[int, int]]
"""What a quantity is there: a numerator and a denominator above zero, which may have factors in common."""


def quiet(scene: Scene, level: str, expr: Expr, by: View | None) -> Quiet:
    """Return what gives `expr` at members of `level`; `by` gathers them, and sees what they do not see themselves."""
    from vbc_rules.explain.view import View  # noqa: PLC0415 (a view reads members, and members are seen through views)

    match expr:
        case Constant():
            value = expr.value
            return lambda _: value
        case Read() if _is_steady(scene, expr.ref):
            steady = scene.value(expr.ref, ())
            return lambda _: steady
        case Read() if expr.ref.level == level:
            return scene.column(expr.ref)
        case Compare():
            left, right = quiet(scene, level, expr.left, by), quiet(scene, level, expr.right, by)
            op = expr.op
            return lambda path: compare(op, _there(left(path)), _there(right(path)))
        case Every():
            tests = [quiet(scene, level, operand, by) for operand in expr.operands]
            return lambda path: all(_there(test(path)) is True for test in tests)
    unseen = None if by is None else View(scene, by.level, by.path, None, by=by.by)
    return lambda path: datum(expr, View(scene, level, path, None, by=unseen))


def _there(found: Datum) -> Plain:
    if isinstance(found, Absent):
        raise AbsentRead(found)
    return found


def ratios(scene: Scene, level: str, expr: Expr, by: View | None) -> Ratios:
    """Return what gives the quantity `expr` at members of `level`, as whole numbers."""
    if isinstance(expr, Arithmetic):
        left, right = ratios(scene, level, expr.left, by), ratios(scene, level, expr.right, by)
        return _combined(expr, left, right)
    read = quiet(scene, level, expr, by)
    if isinstance(expr, Constant) or (isinstance(expr, Read) and _is_steady(scene, expr.ref)):
        steady = _ratio(read(()), expr)
        return lambda _: steady
    return lambda path: _ratio(read(path), expr)


def _combined(expr: Arithmetic, left: Ratios, right: Ratios) -> Ratios:
    def combined(path: Path) -> tuple[int, int]:
        (a, b), (c, d) = left(path), right(path)
        match expr.op:
            case "*":
                return a * c, b * d
            case "+":
                return a * d + c * b, b * d
            case "-":
                return a * d - c * b, b * d
            case "/" if c:
                return (a * d, b * c) if c > 0 else (-a * d, -b * c)
        raise EvaluationError(Code.EVALUATION, "a divisor is zero")

    return combined


def _ratio(found: Datum, expr: Expr) -> tuple[int, int]:
    if isinstance(found, Fraction):
        return found.as_integer_ratio()
    if isinstance(found, Absent):
        raise AbsentRead(found)
    raise EvaluationError(Code.EVALUATION, f"a quantity is wanted here, not a {expr.type}")


def _is_steady(scene: Scene, ref: Ref) -> bool:
    return ref.level == "" or scene.program.levels[ref.level].kind == "cohort"


def names_in(expr: Expr) -> tuple[Ref, ...]:
    """Return the names that an expression reads, wherever."""
    found: dict[Ref, None] = {}
    waiting = [expr]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Read | IsAbsent):
            found[here.ref] = None
        elif isinstance(here, InCodes | OnDate):
            found[Ref("", here.parameter)] = None
        waiting.extend(children(here))
    return tuple(found)
