"""Going through the expressions of any piece of a resolved program, and changing them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any, TypeVar, get_args

from vbc_rules.resolve import program
from vbc_rules.resolve.expressions import Expr

T = TypeVar("T")

_EXPRESSIONS = get_args(Expr)
_PIECES = (
    *_EXPRESSIONS,
    *get_args(program.Shape),
    program.Definition,
    program.Gate,
    program.Expectation,
    program.Outcome,
    program.Case,
    program.Step,
    program.Point,
    program.Row,
)


def walk(node: object) -> Iterator[object]:
    """Yield the pieces of a definition, a shape or an expression (or of a tuple of them), from the outside in."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, tuple):
            waiting.extend(reversed(here))
        elif isinstance(here, _PIECES):
            yield here
            waiting.extend(getattr(here, one.name) for one in reversed(fields(here)))


def rebuilt(node: T, change: Callable[[Expr], Expr]) -> T:
    """Return the piece with every expression in it changed, from the inside out; what does not change is kept."""
    found: Any = node
    if isinstance(node, tuple):
        parts = tuple(rebuilt(part, change) for part in node)
        if any(one is not other for one, other in zip(parts, node, strict=True)):
            found = parts
    elif isinstance(node, _PIECES):
        changed: dict[str, Any] = {}
        for one in fields(node):
            before = getattr(node, one.name)
            after = rebuilt(before, change)
            if after is not before:
                changed[one.name] = after
        found = replace(found, **changed) if changed else found
        if isinstance(found, _EXPRESSIONS):
            found = change(found)
    result: T = found
    return result
