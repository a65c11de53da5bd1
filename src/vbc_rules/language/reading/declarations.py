"""Reads what a parameter, a level's parameter or an input may hold: type, options, decimals, range, absences."""

from __future__ import annotations

import re
from typing import Final

from vbc_rules.language.document import Declaration, Word
from vbc_rules.language.reading import codes
from vbc_rules.language.reading.fields import Context, Fields, Keys, listed, open_fields, scalar_at, word_of
from vbc_rules.language.reading.intervals import literal_kind, range_of
from vbc_rules.language.reading.literals import check_name, names, options, whole
from vbc_rules.source.limits import MAX_DIGITS
from vbc_rules.source.nearest import nearest
from vbc_rules.source.span import Span
from vbc_rules.source.tree import Block, Tree

SCALARS: Final = (
    "identifier", "text", "category", "yes_no", "date", "money", "percent", "number", "count", "points", "direction",
)  # fmt: skip
TYPES: Final = (*SCALARS, "codes")
_WITH_DECIMALS: Final = ("money", "percent", "number", "points")
_RANGE_KIND: Final = {
    "money": "money", "percent": "percent", "number": "number", "count": "number", "points": "number", "date": "date",
}  # fmt: skip
_RANGE_EXAMPLE: Final = {
    "money": "$0 to $1,000,000", "percent": "0% to 100%", "number": "0 to 10", "date": "2024-01-01 to 2024-12-31",
}  # fmt: skip
_SHORT_CATEGORY = re.compile(r"category of \((?P<options>[^()]*)\)")
_CELL_KEYS = Keys("a level's parameter", ("type", "of", "decimals", "range", "may_be"))


def scalar_type(tree: Tree, key: str, cx: Context) -> Word | None:
    """Read the type of a value: any scalar type."""
    return _type(tree, key, SCALARS, cx)


_MEANT: Final = {
    "bool": "yes_no",
    "boolean": "yes_no",
    "flag": "yes_no",
    "int": "count",
    "integer": "count",
    "decimal": "number",
    "float": "number",
    "numeric": "number",
    "percentage": "percent",
    "rate": "percent",
    "currency": "money",
    "dollar": "money",
    "dollars": "money",
    "usd": "money",
    "enum": "category",
    "choice": "category",
    "id": "identifier",
    "str": "text",
    "string": "text",
}
"""Words that other languages have for a type of ours."""


def _type(tree: Tree, key: str, allowed: tuple[str, ...], cx: Context) -> Word | None:
    scalar = scalar_at(tree, key, "a type", "number", cx)
    if scalar is None or scalar.text in allowed:
        return None if scalar is None else word_of(scalar)
    meant = _MEANT.get(scalar.text.lower())
    near = meant if meant in allowed else nearest(scalar.text, allowed)
    short = _SHORT_CATEGORY.fullmatch(scalar.text)
    if short:
        help = f"write `type: category, of: [{short['options']}]`"
    else:
        help = f"write `{near}`" if near else f"write one of {listed(allowed)}"
    cx.findings.error(codes.BAD_WORD, f"`{scalar.text}` is not a type", scalar.span, help)
    return None


def declaration(fields: Fields, *, with_codes: bool = False) -> Declaration | None:
    """Read `type`, `of`, `decimals`, `range` and `may_be` of an opened block; report what does not go with the type."""
    allowed = TYPES if with_codes else SCALARS
    type_ = fields.required("type", lambda tree, key, cx: _type(tree, key, allowed, cx), "number")
    given = fields.optional("of", options)
    decimals = fields.optional("decimals", whole)
    if decimals is not None and decimals > MAX_DIGITS:
        place = fields.key("decimals").span
        fields.error(codes.BAD_LITERAL, f"no number has more than {MAX_DIGITS} decimals", "write fewer", place)
        decimals = MAX_DIGITS
    limits = fields.optional("range", range_of)
    reasons = fields.optional("may_be", names)
    if type_ is None:
        return None
    if type_.text == "category" and not fields.has("of"):
        fields.error(
            codes.MISSING_KEY, "a category needs its options", "write `of: [first, second]` after `type`", type_.span
        )
    if type_.text != "category":
        fields.refuse("of", f"does not go with `{type_.text}`", "remove `of`, or write `type: category`")
    if type_.text not in _WITH_DECIMALS:
        fields.refuse("decimals", f"does not go with `{type_.text}`", "remove `decimals`")
    low = high = None
    range_span: Span | None = None
    if type_.text not in _RANGE_KIND:
        fields.refuse("range", f"does not go with `{type_.text}`", "remove `range`")
    elif limits is not None:
        low, high, range_span = limits[0].low, limits[0].high, limits[1]
        wanted = _RANGE_KIND[type_.text]
        kind = next(literal_kind(end) for end in (low, high) if end is not None)
        if kind != wanted:
            message = f"the range of a {type_.text} is written in a {kind}"
            fields.error(codes.BAD_LITERAL, message, f"write it as `{_RANGE_EXAMPLE[wanted]}`", range_span)
    return Declaration(type_, type_.span, given or (), decimals, low, high, range_span, reasons or ())


def cell_declaration(tree: Tree, key: str, cx: Context) -> Declaration | None:
    """Read a level's parameter: a type, `category of (a, b)`, or a block."""
    if isinstance(tree, Block):
        return declaration(open_fields(tree, _CELL_KEYS, tree.span, cx))
    scalar = scalar_at(tree, key, "a type", "number", cx)
    if scalar is None:
        return None
    short = _SHORT_CATEGORY.fullmatch(scalar.text)
    if short is None:
        type_ = _type(tree, key, SCALARS, cx)
        if type_ is not None and type_.text == "category":
            message = "a category needs its options"
            cx.findings.error(codes.MISSING_KEY, message, type_.span, f'write `{key}: "category of (first, second)"`')
            return None
        return None if type_ is None else Declaration(type_, scalar.span)
    words: list[Word] = []
    for part in re.finditer(r"[^,]+", short["options"]):
        text = part.group().strip()
        start = short.start("options") + part.start() + len(part.group()) - len(part.group().lstrip())
        word = check_name(Word(text, scalar.span.part(start, start + len(text))), cx, option=True)
        if word is not None:
            words.append(word)
    return Declaration(Word("category", scalar.span.part(0, 8)), scalar.span, tuple(words))
