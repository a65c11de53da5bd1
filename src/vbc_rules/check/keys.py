"""The shape of an expression without its places: two formulas that say the same have the same key."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import fields, is_dataclass

from vbc_rules.resolve.expressions import Constant, Expr, Read

_LEFT_OUT = frozenset({"span", "type", "text", "is_of"})


def key_of(expr: Expr) -> Hashable:
    """Return what tells this expression from others, wherever it stands in the file."""
    return _key(expr)


def _key(part: object) -> Hashable:
    if isinstance(part, Read):
        return ("Read", part.ref.level, part.ref.name)
    if isinstance(part, Constant):
        return ("Constant", part.value)
    if isinstance(part, tuple):
        return tuple(_key(item) for item in part)
    if is_dataclass(part):
        values = (_key(getattr(part, field.name)) for field in fields(part) if field.name not in _LEFT_OUT)
        return (type(part).__name__, *values)
    if isinstance(part, Hashable):
        return part
    raise TypeError(type(part).__name__)
