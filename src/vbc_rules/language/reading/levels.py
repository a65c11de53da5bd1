"""Reads the section `levels`: what each lies in or gathers, its members and their tables of parameters."""

from __future__ import annotations

from collections.abc import Mapping

from vbc_rules.language.document import Declaration, Level, Member, Word
from vbc_rules.language.reading import codes
from vbc_rules.language.reading.declarations import cell_declaration
from vbc_rules.language.reading.fields import (
    Context,
    Fields,
    Keys,
    all_or_none,
    block_at,
    open_fields,
    scalar_at,
    word_of,
)
from vbc_rules.language.reading.literals import (
    check_name,
    check_quoted,
    formula_or_formulas,
    name,
    named_entries,
    names,
    text,
    whole,
    yes_no,
)
from vbc_rules.language.reading.provenance import PROVENANCE_KEYS, provenance
from vbc_rules.source.tree import Tree

_KEYS = Keys(
    "a level",
    (
        ("in", "groups"), "list", "key", "at_most", "by", "parameters", "expect", PROVENANCE_KEYS, "title", "about",
        "members",
    ),
)  # fmt: skip
_MEMBER_KEYS = ("in", "title", "about", *PROVENANCE_KEYS)
_TEXTS = ("text", "identifier", "category")

Declared = Mapping[str, tuple[Word, Declaration]]


def levels(tree: Tree, key: str, cx: Context) -> tuple[Level, ...] | None:
    """Read the section `levels`."""
    entries = named_entries(tree, key, "{measure: {in: hospital, members: {first_measure: {}}}}", cx)
    return all_or_none([_level(word, value, cx) for word, value in entries])


def _level(word: Word, tree: Tree, cx: Context) -> Level | None:
    block = block_at(tree, word.text, "{in: hospital, members: {first: {}}}", cx)
    if block is None:
        return None
    fields = open_fields(block, _KEYS, word.span, cx)
    parent, groups = fields.optional("in", name), fields.optional("groups", name)
    is_list = fields.optional("list", yes_no) or False
    key, at_most = fields.optional("key", name), fields.optional("at_most", whole)
    by = fields.optional("by", names)
    declared = fields.optional("parameters", _parameters)
    expect = fields.optional("expect", formula_or_formulas)
    origin = provenance(fields)
    title, about = fields.optional("title", text), fields.optional("about", text)
    members = _members(fields, declared)
    _check_kind(fields, word, is_list=is_list)
    return Level(
        word,
        parent,
        is_list,
        key,
        at_most,
        groups,
        by or (),
        declared or {},
        expect or (),
        members or (),
        title,
        about,
        origin,
    )


def _check_kind(fields: Fields, word: Word, *, is_list: bool) -> None:
    """Report keys that do not go with the kind of level: members in the file, a list in the data, or a gathering."""
    if fields.has("in") and fields.has("groups"):
        fields.refuse("groups", "and `in` exclude each other", "remove `groups`, or `in`")
        return
    if fields.has("groups"):
        for key in ("list", "key", "at_most", "parameters", "expect", "members"):
            fields.refuse(key, "does not go with `groups`", f"remove `{key}`: a gathering has the members it finds")
        if not fields.has("by"):
            help = "write `by: organization_id` after `groups`"
            fields.error(codes.MISSING_KEY, "a level with `groups` needs `by`", help)
        return
    if not fields.has("in"):
        help = "write `in: hospital`, or `groups: practitioner` with `by`"
        fields.error(codes.MISSING_KEY, f"the level `{word.text}` needs `in` or `groups`", help)
    fields.refuse("by", "goes with `groups`", "remove `by`")
    if is_list:
        for key in ("parameters", "expect", "members"):
            fields.refuse(key, "does not go with `list: yes`", f"remove `{key}`: the data brings the members")
        return
    for key in ("key", "at_most"):
        fields.refuse(key, "goes with `list: yes`", f"remove `{key}`")
    if fields.has("in") and not fields.has("members"):
        help = "write `members: {first: {}}`, or `list: yes` where the data brings them"
        fields.error(codes.MISSING_KEY, f"the level `{word.text}` needs `members`", help)


def _parameters(tree: Tree, key: str, cx: Context) -> dict[str, tuple[Word, Declaration]]:
    found: dict[str, tuple[Word, Declaration]] = {}
    for word, value in named_entries(tree, key, "{weight: percent}", cx):
        if word.text in _MEMBER_KEYS:
            message = f"`{word.text}` already means something on a member"
            cx.findings.error(codes.BAD_NAME, message, word.span, "choose another name")
        declaration = cell_declaration(value, word.text, cx)
        # A type that could not be read still declares the name, so that members' cells are not called unknown.
        found[word.text] = (word, declaration or Declaration(Word("number", word.span), word.span))
    return found


def _members(fields: Fields, declared: Declared | None) -> tuple[Member, ...] | None:
    def read(tree: Tree, key: str, cx: Context) -> tuple[Member, ...] | None:
        block = block_at(tree, key, "{first: {}, second: {}}", cx)
        if block is None:
            return None
        found: list[Member | None] = []
        for entry in block:
            word = word_of(entry.key)
            check_name(word, cx, option=True)
            found.append(_member(word, entry.value, declared or {}, cx))
        if not found:
            cx.findings.error(codes.EMPTY, "`members` is empty", block.span, "write `members: {first: {}}`")
        return all_or_none(found)

    return fields.optional("members", read)


def _member(word: Word, tree: Tree, declared: Declared, cx: Context) -> Member | None:
    block = block_at(tree, word.text, "{}" if not declared else f"{{{next(iter(declared))}: 1}}", cx)
    if block is None:
        return None
    keys = Keys("a member", (*declared, *_MEMBER_KEYS), ordered=False)
    fields = open_fields(block, keys, word.span, cx)
    cells: dict[str, Word] = {}
    for entry in block:
        key = entry.key.text
        if key in declared:
            cell = _cell(entry.value, key, declared[key][1], cx)
            if cell is not None:
                cells[key] = cell
    missing = [key for key in declared if not fields.has(key)]
    for key in missing:
        help = f"write `{key}` in the cells of `{word.text}`"
        fields.error(codes.MISSING_KEY, f"the member `{word.text}` needs `{key}`", help)
    parent = fields.optional("in", _parent)
    title, about = fields.optional("title", text), fields.optional("about", text)
    return Member(word, parent, cells, title, about, provenance(fields))


def _parent(tree: Tree, key: str, cx: Context) -> Word | None:
    scalar = scalar_at(tree, key, "the name of a member", "a_member", cx)
    return None if scalar is None else check_name(word_of(scalar), cx, option=True)


def _cell(tree: Tree, key: str, declaration: Declaration, cx: Context) -> Word | None:
    scalar = scalar_at(tree, key, "one literal", "1", cx)
    if scalar is None or (declaration.type.text in _TEXTS and not check_quoted(scalar, key, cx)):
        return None
    return word_of(scalar)
