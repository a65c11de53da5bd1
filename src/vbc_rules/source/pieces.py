"""Small questions about pieces of text that the reader asks while it builds the tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vbc_rules.source.tree import Scalar, Tree

FAR: Final = 20
"""How many items one forgotten pair of quotes is taken to have split; bounds the work on a hostile list."""


def closing(items: Sequence[Tree]) -> int:
    """Return which unquoted item closes the parentheses that the first opens; 0 if it opens none, or none does."""
    depth = 0
    for at, item in enumerate(items):
        if not isinstance(item, Scalar) or item.style != "plain":
            return 0
        depth += item.text.count("(") - item.text.count(")")
        if depth <= 0:
            return at
    return 0


def short(text: str | None, most: int = 60) -> str:
    """Return a text for use in a message: one line, cut if long."""
    line = " ".join((text or "").split())
    return line if len(line) <= most else line[: most - 2] + ".."
