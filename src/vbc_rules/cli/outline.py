"""Any record of a stage as an indented outline: its fields, without those that hold nothing and without places."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from vbc_rules.language.document import Formula, Word
from vbc_rules.resolve.expressions import Ref
from vbc_rules.source.span import Span

_NOTHING = (None, (), "", False)


def outline(value: object) -> str:
    """Return the outline of a record, a list or a table of them."""
    return "\n".join(_lines(value, ""))


def _short(value: object) -> str | None:
    """Return what fits on the line of its name; None for what needs lines of its own."""
    match value:
        case Formula() | Word():
            return value.text
        case Ref():
            return str(value)
        case bool():
            return "yes" if value else "no"
        case tuple() if all(isinstance(item, str | Word | Ref) for item in value):
            return f"[{', '.join(_short(item) or '' for item in value)}]"
    if dataclasses.is_dataclass(value) or isinstance(value, Mapping | tuple | list):
        return None
    return str(value)


def _lines(value: object, indent: str) -> Iterator[str]:
    for name, item in _entries(value):
        if any(item is nothing or (isinstance(item, str | tuple) and item == nothing) for nothing in _NOTHING):
            continue
        short = _short(item)
        if short is not None:
            yield f"{indent}{name}: {short}"
            continue
        kind = f" {type(item).__name__}" if dataclasses.is_dataclass(item) else ""
        yield f"{indent}{name}:{kind}"
        yield from _lines(item, f"{indent}  ")


def _entries(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        yield from ((str(key), item) for key, item in value.items())
    elif isinstance(value, tuple | list):
        yield from (("-", item) for item in value)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            item = getattr(value, field.name)
            if not isinstance(item, Span):
                yield field.name, item
