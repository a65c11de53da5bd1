"""Reads the sections `inputs` and `expected`: what is reported, and what must hold among it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from vbc_rules.language.document import Formula, Input, Word
from vbc_rules.language.reading.declarations import declaration
from vbc_rules.language.reading.fields import Context, Keys, block_at, open_fields
from vbc_rules.language.reading.literals import formula, formula_or_formulas, name, named_entries, text
from vbc_rules.source.tree import Tree

T = TypeVar("T")

_KEYS = Keys("an input", ("type", "of", "decimals", "range", "only_if", "otherwise", "may_be", "title", "about"))


def by_level(
    tree: Tree, key: str, example: str, read: Callable[[Word, Word, Tree, Context], T | None], cx: Context
) -> tuple[T, ...]:
    """Read a section of levels of named things; what could not be read is reported and left out."""
    found: list[T] = []
    for level, things in named_entries(tree, key, f"{{hospital: {example}}}", cx):
        for word, value in named_entries(things, level.text, example, cx):
            one = read(level, word, value, cx)
            if one is not None:
                found.append(one)
    return tuple(found)


def inputs(tree: Tree, key: str, cx: Context) -> tuple[Input, ...]:
    """Read the section `inputs`."""
    return by_level(tree, key, "{rate: {type: percent}}", _input, cx)


def _input(level: Word, word: Word, tree: Tree, cx: Context) -> Input | None:
    block = block_at(tree, word.text, "{type: number}", cx)
    if block is None:
        return None
    fields = open_fields(block, _KEYS, word.span, cx)
    declared = declaration(fields)
    only_if, otherwise = fields.optional("only_if", formula), fields.optional("otherwise", name)
    fields.only_with("only_if", "otherwise", "not_applicable")
    fields.only_with("otherwise", "only_if", "a condition")
    title, about = fields.optional("title", text), fields.optional("about", text)
    return None if declared is None else Input(level, word, declared, only_if, otherwise, title, about)


def expected(tree: Tree, key: str, cx: Context) -> tuple[tuple[Word, Formula], ...]:
    """Read the section `expected`: conditions by level."""
    found: list[tuple[Word, Formula]] = []
    for level, value in named_entries(tree, key, "{hospital: [met <= eligible]}", cx):
        found.extend((level, one) for one in formula_or_formulas(value, level.text, cx) or ())
    return tuple(found)
