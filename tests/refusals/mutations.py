"""Every small slip an author can make in a packaged rule file: one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vbc_rules.source.builder import PROSE_KEYS
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text
from vbc_rules.source.tree import Block, Listing, Scalar, Tree

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Slip:
    """One mutated file: the line it is on (from 1), the word that was hurt, and the whole text."""

    line: int
    column: int
    word: str
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.word}"


def misspelt_keys(text: str) -> Iterator[Slip]:
    """Yield the file with one letter dropped from each key in turn.

    The names of the periods of `measured_over` are left alone: they are labels that nothing reads.
    """
    labels = {
        period.key.span for entry in _tree(text) if entry.key.text == "measured_over" for period in _block(entry.value)
    }
    for key, _ in _entries(text):
        if len(key.text) > 1 and key.span not in labels:
            yield _dropped(text, key.span.line, key.span.column, key.text)


def misspelt_names(text: str) -> Iterator[Slip]:
    """Yield the file with one letter dropped from each word outside prose: names, words, functions, operators."""
    for scalar in _scalars(text):
        if scalar.span.line != scalar.span.end_line:
            continue
        for found in _NAME.finditer(scalar.text):
            before = scalar.text[found.start() - 1] if found.start() else ""
            if len(found.group()) > 1 and not (before.isdigit() or before in (".", "/")):
                yield _dropped(text, scalar.span.line, _column(text, scalar, found.start()), found.group())


def duplicated_keys(text: str) -> Iterator[Slip]:
    """Yield the file with each key written twice in turn."""
    lines = text.split("\n")
    for key, _ in _entries(text):
        line = lines[key.span.line - 1]
        indent, rest = line[: key.span.column - 1], line[key.span.column - 1 :]
        if _in_braces(text, key.span.line, key.span.column):
            changed = [f"{indent}{key.text}: x, {rest}"]
        elif indent.strip() == "-":
            changed = [f"{indent}{key.text}: x", f"{' ' * len(indent)}{rest}"]
        else:
            changed = [f"{indent}{key.text}: x", line]
        mutated = "\n".join([*lines[: key.span.line - 1], *changed, *lines[key.span.line :]])
        yield Slip(key.span.line, key.span.column, key.text, mutated)


def dropped_percents(text: str) -> Iterator[Slip]:
    """Yield the file with each `%` outside prose dropped in turn."""
    lines = text.split("\n")
    for scalar in _scalars(text):
        for number in range(scalar.span.line, scalar.span.end_line + 1):
            line = lines[number - 1]
            first = scalar.span.column - 1 if number == scalar.span.line else 0
            last = scalar.span.end_column - 1 if number == scalar.span.end_line else len(line)
            for index in range(first, last):
                if line[index] == "%":
                    changed = line[:index] + line[index + 1 :]
                    mutated = "\n".join([*lines[: number - 1], changed, *lines[number:]])
                    yield Slip(number, index + 1, line[first:last], mutated)


def _dropped(text: str, line: int, column: int, word: str) -> Slip:
    lines = text.split("\n")
    here = lines[line - 1]
    middle = len(word) // 2
    start = column - 1
    assert here[start : start + len(word)] == word, (line, column, word, here)
    lines[line - 1] = here[: start + middle] + here[start + middle + 1 :]
    return Slip(line, column, word, "\n".join(lines))


def _column(text: str, scalar: Scalar, offset: int) -> int:
    """Return the column of a character of a one-line scalar; doubled quotes inside quotes take two columns."""
    line = text.split("\n")[scalar.span.line - 1]
    written = line[scalar.span.column - 1 : scalar.span.end_column - 1]
    if written == scalar.text:
        return scalar.span.column + offset
    raise AssertionError(f"line {scalar.span.line} is written with escapes")


def _tree(text: str) -> Block:
    findings = Findings()
    tree = read_text(text, "rules.yaml", findings)
    assert tree is not None
    assert not findings.errors
    return tree


def _block(tree: Tree) -> Block:
    assert isinstance(tree, Block)
    return tree


def _entries(text: str) -> Iterator[tuple[Scalar, Tree]]:
    yield from _walk_entries(_tree(text))


def _walk_entries(tree: Tree) -> Iterator[tuple[Scalar, Tree]]:
    if isinstance(tree, Block):
        for entry in tree:
            yield entry.key, entry.value
            yield from _walk_entries(entry.value)
    elif isinstance(tree, Listing):
        for item in tree.items:
            yield from _walk_entries(item)


def _scalars(text: str) -> Iterator[Scalar]:
    """Yield every scalar value outside prose, and outside the sources' own texts."""
    for entry in _tree(text):
        if entry.key.text == "sources":
            continue
        yield from _walk_scalars(entry.key.text, entry.value)


def _walk_scalars(key: str, tree: Tree) -> Iterator[Scalar]:
    if isinstance(tree, Scalar):
        if key not in PROSE_KEYS:
            yield tree
    elif isinstance(tree, Block):
        for entry in tree:
            yield from _walk_scalars(entry.key.text, entry.value)
    else:
        for item in tree.items:
            yield from _walk_scalars(key, item)


def _in_braces(text: str, line: int, column: int) -> bool:
    """Whether a place lies inside `{ }`, told by the braces before it (quoted text and comments left out)."""
    depth = 0
    for number, content in enumerate(text.split("\n")[:line], 1):
        visible = content[: column - 1] if number == line else content
        visible = re.sub(r'"[^"]*"', "", visible)
        visible = re.sub(r"(^|\s)#.*", "", visible)
        depth += visible.count("{") - visible.count("}")
    return depth > 0
