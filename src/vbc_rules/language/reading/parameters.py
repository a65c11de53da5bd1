"""Reads the section `parameters`: numbers a payer decides, plain, required, dated, or lists of codes."""

from __future__ import annotations

import datetime
import itertools
import re

from vbc_rules.language.document import Dated, Declaration, Parameter, Provenance, Word
from vbc_rules.language.reading import codes
from vbc_rules.language.reading.declarations import declaration
from vbc_rules.language.reading.fields import (
    Context,
    Fields,
    Keys,
    all_or_none,
    block_at,
    form_of,
    listing_at,
    open_fields,
    scalar_at,
    word_of,
)
from vbc_rules.language.reading.literals import date, named_entries, one_of, text
from vbc_rules.language.reading.provenance import PROVENANCE_KEYS, provenance
from vbc_rules.source.span import Span
from vbc_rules.source.tree import Block, Scalar, Tree

_KEYS = Keys(
    "a parameter",
    (
        "type", "of", "decimals", "range", "may_be", ("is", "dated"), "stated_through", "after", "title", "about",
        PROVENANCE_KEYS,
    ),
)  # fmt: skip
_DATED = Keys("a dated number", ("from", "through", ("is", "unstated"), PROVENANCE_KEYS))
_CODE = re.compile(r"[A-Za-z0-9.\-]+( to [A-Za-z0-9.\-]+)?")
_DAY = datetime.timedelta(days=1)


def parameters(tree: Tree, key: str, cx: Context) -> tuple[Parameter, ...] | None:
    """Read the section `parameters`."""
    entries = named_entries(tree, key, "{cap: {is: 5%, source: guide_2024}}", cx)
    return all_or_none([_parameter(name, value, cx) for name, value in entries])


def _parameter(name: Word, tree: Tree, cx: Context) -> Parameter | None:
    if isinstance(tree, Scalar) and tree.text.strip():
        message = f"`{name.text}` is a block that says where the number comes from"
        help = f"write `{name.text}: {{is: {tree.text}, source: a_source}}`"
        cx.findings.error(codes.WRONG_FORM, message, tree.span, help)
        return None
    block = block_at(tree, name.text, "{is: 5%, source: a_source}", cx)
    if block is None:
        return None
    fields = open_fields(block, _KEYS, name.span, cx)
    declared = _declaration(fields)
    origin = provenance(fields)
    title, about = fields.optional("title", text), fields.optional("about", text)
    through = fields.optional("stated_through", date)
    after = fields.optional("after", one_of("error", "carry_with_warning"))
    if fields.has("dated"):
        fields.only_with("after", "stated_through", "2024-12-31")
        fields.only_with("stated_through", "after", "error")
        fields.refuse("is", "and `dated` exclude each other", "remove `is`, or `dated`")
        if declared is not None and declared.type.text == "codes":
            fields.refuse("dated", "does not go with `codes`", "write the codes under `is`")
        dated = fields.optional("dated", _dated)
        if dated is None:
            return None
        if through is not None and dated[-1].first is not None and through < dated[-1].first:
            message = "`stated_through` lies before the last entry of `dated`"
            help = "write the last day the record speaks of"
            fields.error(codes.DATED_SPANS, message, help, fields.key("stated_through").span)
        return Parameter(
            name,
            declared,
            dated=dated,
            stated_through=through,
            after=after,
            title=title,
            about=about,
            provenance=origin,
        )
    for key in ("stated_through", "after"):
        fields.refuse(key, "goes with `dated`", f"remove `{key}`, or write the number under `dated`")
    if declared is not None and declared.type.text == "codes":
        listed = fields.required("is", _codes, "[99202 to 99215, G0438]")
        return Parameter(name, declared, codes=listed or (), title=title, about=about, provenance=origin)
    value = fields.required("is", _literal_word, "5%")
    if value is None or value.text != "required":
        return Parameter(name, declared, value, title=title, about=about, provenance=origin)
    if not fields.has("type"):
        help = "write `type: percent`, or another type, before `is`"
        fields.error(codes.MISSING_KEY, f"`{name.text}` is required and needs `type`", help)
    for key in PROVENANCE_KEYS:
        help = f"remove `{key}`: whoever runs the program supplies the number"
        fields.refuse(key, "does not go with `is: required`", help)
    origin = Provenance("required", fields.key("is").span)
    return Parameter(name, declared, None, required=True, title=title, about=about, provenance=origin)


def _declaration(fields: Fields) -> Declaration | None:
    written = [key for key in ("type", "of", "decimals", "range", "may_be") if fields.has(key)]
    return declaration(fields, with_codes=True) if written else None


def _literal_word(tree: Tree, key: str, cx: Context) -> Word | None:
    scalar = scalar_at(tree, key, "a number, a word or a date", "5%", cx)
    return None if scalar is None else word_of(scalar)


def _codes(tree: Tree, key: str, cx: Context) -> tuple[Word, ...] | None:
    listing = listing_at(tree, key, "[99202 to 99215, G0438]", cx)
    return None if listing is None else all_or_none([_code(item, key, cx) for item in listing.items])


def _code(tree: Tree, key: str, cx: Context) -> Word | None:
    scalar = scalar_at(tree, key, "a list of codes", "[99202 to 99215, G0438]", cx)
    if scalar is None or _CODE.fullmatch(scalar.text):
        return None if scalar is None else word_of(scalar)
    message = f"`{scalar.text}` is not a code"
    help = "write a code, or two joined by `to`, as in `99202 to 99215`"
    cx.findings.error(codes.BAD_LITERAL, message, scalar.span, help)
    return None


def _dated(tree: Tree, key: str, cx: Context) -> tuple[Dated, ...] | None:
    listing = listing_at(tree, key, "[{from: 2024-01-01, through: 2024-12-31, is: 5%, source: a_source}]", cx)
    if listing is None:
        return None
    entries = all_or_none([_dated_entry(item, key, cx) for item in listing.items])
    return entries if entries is None or _in_sequence(entries, cx) else None


def _dated_entry(tree: Tree, key: str, cx: Context) -> Dated | None:
    if not isinstance(tree, Block):
        message = f"an item of `{key}` is a block, not {form_of(tree)}"
        cx.findings.error(codes.WRONG_FORM, message, tree.span, "write `{from: 2024-01-01, is: 5%, source: a_source}`")
        return None
    block = tree
    fields = open_fields(block, _DATED, block.span, cx)
    first, last = fields.optional("from", date), fields.optional("through", date)
    value, unstated = fields.optional("is", _literal_word), fields.optional("unstated", one_of("yes"))
    origin = provenance(fields)
    broken = any(fields.has(k) and v is None for k, v in (("from", first), ("through", last), ("is", value)))
    if fields.has("is") and fields.has("unstated"):
        fields.refuse("unstated", "and `is` exclude each other", "remove `is`, or `unstated`")
    elif not fields.has("is") and not fields.has("unstated"):
        help = "write `is: 5%`, or `unstated: yes` where the record is silent"
        fields.error(codes.MISSING_KEY, "a dated number needs `is`", help)
        return None
    if first is not None and last is not None and last < first:
        message, help = "the entry ends before it begins", "write the earlier day under `from`"
        fields.error(codes.DATED_SPANS, message, help, fields.key("from").span)
        return None
    if broken or (fields.has("unstated") and unstated is None):
        return None
    return Dated(first, last, value, origin, block.span)


def _in_sequence(entries: tuple[Dated, ...], cx: Context) -> bool:
    good = True

    def report(message: str, span: Span, help: str) -> None:
        nonlocal good
        good = False
        cx.findings.error(codes.DATED_SPANS, message, span, help)

    for before, entry in itertools.pairwise(entries):
        if before.last is None:
            help = "write `through` with the last day it holds"
            report("only the last entry may be open at its end", before.span, help)
        if entry.first is None:
            help = "write `from` with the first day it holds"
            report("only the first entry may be open at its beginning", entry.span, help)
        if before.last is None or entry.first is None:
            continue
        if before.first is not None and entry.first < before.first:
            report("the entries are not in the order of their dates", entry.span, "move the earlier entry up")
        elif entry.first <= before.last:
            help = "begin this entry on the day after the one before ends"
            report(f"two entries hold on {entry.first}", entry.span, help)
        elif entry.first != before.last + _DAY:
            gap = f"{{from: {before.last + _DAY}, through: {entry.first - _DAY}, unstated: yes}}"
            message = f"nothing is said from {before.last + _DAY} through {entry.first - _DAY}"
            report(message, entry.span, f"write an entry with `unstated: yes`, `{gap}`")
    return good
