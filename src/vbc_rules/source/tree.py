"""The tree a file is read into: text with spans, no types yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from vbc_rules.source.span import Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """A piece of text as written. `style` tells whether it stood in quotes, so `'no'` and `no` can be told apart.

    `span` covers the text itself, without quotes.
    """

    text: str
    span: Span
    style: Literal["plain", "quoted", "block"] = "plain"


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` of a block."""

    key: Scalar
    value: Tree


@dataclass(frozen=True, slots=True)
class Block:
    """Keys with their values, in the order written; keys are unique (the reader refuses duplicates)."""

    entries: tuple[Entry, ...]
    span: Span

    def get(self, key: str) -> Tree | None:
        """Return the value of `key`, or None."""
        for entry in self.entries:
            if entry.key.text == key:
                return entry.value
        return None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


@dataclass(frozen=True, slots=True)
class Listing:
    """A sequence of items."""

    items: tuple[Tree, ...]
    span: Span


Tree: TypeAlias = Scalar | Block | Listing
