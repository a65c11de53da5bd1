"""Readers of single things: names, words, flags, whole numbers, dates, texts, formulas, ranges."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Final

from vbc_rules.language import syntax
from vbc_rules.language.document import Formula, Period, Word
from vbc_rules.language.parser import parse_formula
from vbc_rules.language.reading import codes
from vbc_rules.language.reading.fields import (
    Context,
    Keys,
    Reader,
    all_or_none,
    block_at,
    listed,
    listing_at,
    open_fields,
    scalar_at,
    word_of,
)
from vbc_rules.source.nearest import nearest
from vbc_rules.source.span import Span
from vbc_rules.source.tree import Block, Listing, Scalar, Tree

RESERVED = (
    "if", "then", "else", "and", "or", "not", "in", "between", "is", "missing", "of", "on", "where", "present",
    "yes", "no",
)  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_OPTION = re.compile(r"[a-z0-9_]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHOLE = re.compile(r"\d{1,18}|\d{1,3}(,\d{3}){1,5}")
_FLAGS = ("yes", "no")
_HOW_TO_NAME: Final = "write lower-case letters, digits and underscores, a letter first"
_REASONS: Final[Mapping[str, str]] = {
    "otherwise": "write the reason for being absent, as in `otherwise: below_minimum`; what has a value then is a case "
    "of `choose`",
    "may_be": "write the reason for being absent, as in `may_be: not_reported`",
}
"""What to write under the keys whose names are reasons."""


def check_name(word: Word, cx: Context, *, option: bool = False, instead: str = "") -> Word | None:
    """Return `word` if it may name something; options and members may begin with a digit, other names with a letter.

    `instead` is what to write where no name can be made of the word.
    """
    if word.text in RESERVED:
        message, help = f"`{word.text}` is a word of the formula language", instead or "choose another name"
    elif (_OPTION if option else _NAME).fullmatch(word.text):
        return word
    else:
        message = f"`{word.text}` is not a name"
        repaired = re.sub(r"[^a-z0-9_]+", "_", word.text.lower()).strip("_")
        good = bool((_OPTION if option else _NAME).fullmatch(repaired)) and repaired not in RESERVED
        help = f"write `{repaired}`" if good else instead or _HOW_TO_NAME
    cx.findings.error(codes.BAD_NAME, message, word.span, help)
    return None


def name(tree: Tree, key: str, cx: Context) -> Word | None:
    """Read a name: lower-case letters, digits and underscores, beginning with a letter."""
    scalar = scalar_at(tree, key, "a name", "a_name", cx)
    return None if scalar is None else check_name(word_of(scalar), cx, instead=_REASONS.get(key, ""))


def _option(tree: Tree, key: str, cx: Context) -> Word | None:
    scalar = scalar_at(tree, key, "a name", "a_name", cx)
    return None if scalar is None else check_name(word_of(scalar), cx, option=True)


def _distinct(words: tuple[Word, ...] | None, cx: Context) -> tuple[Word, ...] | None:
    seen: set[str] = set()
    for word in words or ():
        if word.text in seen:
            cx.findings.error(codes.REPEATED, f"`{word.text}` is written twice", word.span, "remove one of the two")
        seen.add(word.text)
    return words


def names(tree: Tree, key: str, cx: Context) -> tuple[Word, ...] | None:
    """Read one name, or a list of names."""
    if isinstance(tree, Listing):
        listing = listing_at(tree, key, "[a_name]", cx)
        return None if listing is None else _distinct(all_or_none([name(item, key, cx) for item in listing.items]), cx)
    word = name(tree, key, cx)
    return None if word is None else (word,)


def options(tree: Tree, key: str, cx: Context) -> tuple[Word, ...] | None:
    """Read the options of a category: a list of names, which may begin with a digit."""
    listing = listing_at(tree, key, "[first, second]", cx)
    return None if listing is None else _distinct(all_or_none([_option(item, key, cx) for item in listing.items]), cx)


def one_of(*words: str) -> Reader[Word]:
    """Return a reader of one of the given words."""

    def read(tree: Tree, key: str, cx: Context) -> Word | None:
        scalar = scalar_at(tree, key, f"one of {listed(words)}" if len(words) > 1 else f"`{words[0]}`", words[0], cx)
        if scalar is None or scalar.text in words:
            return None if scalar is None else word_of(scalar)
        near = nearest(scalar.text, words) or (words[0] if len(words) == 1 else None)
        help = f"write `{near}`" if near else f"write one of {listed(words)}"
        cx.findings.error(codes.BAD_WORD, f"`{scalar.text}` is not a word for `{key}`", scalar.span, help)
        return None

    return read


def yes_no(tree: Tree, key: str, cx: Context) -> bool | None:
    """Read `yes` or `no`."""
    word = one_of("yes", "no")(tree, key, cx)
    return None if word is None else word.text == "yes"


def text(tree: Tree, key: str, cx: Context) -> str | None:
    """Read a text for people. An unquoted `yes` or `no` is refused: without quotes they are flags."""
    scalar = scalar_at(tree, key, "a text", "a text", cx)
    if scalar is None or not check_quoted(scalar, key, cx):
        return None
    return scalar.text


def check_quoted(scalar: Scalar, key: str, cx: Context) -> bool:
    """Report an unquoted `yes` or `no` where a text is wanted; tell whether the scalar may stand."""
    if scalar.style != "plain" or scalar.text not in _FLAGS:
        return True
    start = scalar.span.column - 1
    if scalar.span.file.line(scalar.span.line)[start : start + len(scalar.text)] != scalar.text:
        return True  # written `NO` or `true`, which the reader has already reported
    message = f"`{key}` is a text, and `{scalar.text}` without quotes is not"
    cx.findings.error(codes.UNQUOTED_TEXT, message, scalar.span, f"write `{key}: '{scalar.text}'`")
    return False


def whole(tree: Tree, key: str, cx: Context) -> int | None:
    """Read a whole number that is not negative; thousands separators are allowed."""
    scalar = scalar_at(tree, key, "a whole number", "3", cx)
    if scalar is None:
        return None
    if not _WHOLE.fullmatch(scalar.text):
        message = f"`{key}` is a whole number, not `{scalar.text}`"
        cx.findings.error(codes.BAD_LITERAL, message, scalar.span, f"write a whole number, as in `{key}: 3`")
        return None
    return int(scalar.text.replace(",", ""))


def date(tree: Tree, key: str, cx: Context) -> datetime.date | None:
    """Read a date written `2024-01-31`."""
    scalar = scalar_at(tree, key, "a date", "2024-01-31", cx)
    if scalar is None:
        return None
    found: datetime.date | None = None
    if _DATE.fullmatch(scalar.text) and scalar.text.isascii():
        try:
            found = datetime.date.fromisoformat(scalar.text)
        except ValueError:
            found = None
    if found is None:
        message = f"`{scalar.text}` is not a date of the calendar"
        cx.findings.error(codes.BAD_LITERAL, message, scalar.span, "write year, month and day, as in `2024-01-31`")
    return found


def formula(tree: Tree, key: str, cx: Context) -> Formula | None:
    """Read a formula."""
    scalar = scalar_at(tree, key, "a formula", "a + b", cx)
    return None if scalar is None else formula_of(scalar, cx)


def formula_of(scalar: Scalar, cx: Context) -> Formula | None:
    """Read the text of a scalar as a formula."""
    expression = parse_formula(scalar.text, scalar.span, cx.findings)
    return None if expression is None else Formula(scalar.text, scalar.span, expression)


def formulas(tree: Tree, key: str, cx: Context) -> tuple[Formula, ...] | None:
    """Read a list of formulas."""
    listing = listing_at(tree, key, "[a, b]", cx)
    return None if listing is None else all_or_none([formula(item, key, cx) for item in listing.items])


def formula_or_formulas(tree: Tree, key: str, cx: Context) -> tuple[Formula, ...] | None:
    """Read one formula, or a list of formulas."""
    if isinstance(tree, Listing):
        return formulas(tree, key, cx)
    one = formula(tree, key, cx)
    return None if one is None else (one,)


def named_formulas(tree: Tree, key: str, cx: Context) -> tuple[Formula, ...] | None:
    """Read `needs`: a name, or a list of names; each may be qualified (`measure.rate`)."""
    found = formula_or_formulas(tree, key, cx)
    good = True
    for item in found or ():
        if not isinstance(item.expression, syntax.Name):
            good = False
            message = f"`{key}` lists names, and `{item.text}` is a formula"
            help = "give the formula a name under `values` and write that name"
            cx.findings.error(codes.BAD_NAME, message, item.span, help)
    return found if good else None


def literal(text: str, span: Span, cx: Context) -> syntax.Expression | None:
    """Read a number, percent, amount of money or date, perhaps with a minus; report anything else."""
    expression = parse_formula(text, span, cx.findings)
    if expression is None or is_literal(expression):
        return expression
    help = "write a number, a percent, an amount or a date, as in `10`, `5%`, `$1,000` or `2024-01-31`"
    cx.findings.error(codes.BAD_LITERAL, f"`{text}` is not a literal", span, help)
    return None


def is_literal(expression: syntax.Expression) -> bool:
    """Tell whether an expression is a number or date as written, or a number with a minus."""
    match expression:
        case syntax.NumberLiteral() | syntax.DateLiteral():
            return True
        case syntax.Unary(op="-", operand=syntax.NumberLiteral()):
            return True
        case _:
            return False


_PERIOD = Keys("a period", ("from", "through"))


def period(tree: Tree, key: str, cx: Context) -> Period | None:
    """Read `{from: .., through: ..}`; one of the two may be left open."""
    block = block_at(tree, key, "{from: 2024-01-01, through: 2024-12-31}", cx)
    if block is None:
        return None
    fields = open_fields(block, _PERIOD, block.span, cx)
    first, last = fields.optional("from", date), fields.optional("through", date)
    if not fields.has("from") and not fields.has("through"):
        fields.error(codes.MISSING_KEY, f"`{key}` needs `from` or `through`", "write `from: 2024-01-01`")
        return None
    if first is not None and last is not None and last < first:
        message, help = "the period ends before it begins", "write the earlier day under `from`"
        fields.error(codes.BAD_LITERAL, message, help, fields.key("from").span)
        return None
    return Period(first, last, block.span)


def named_entries(tree: Tree, key: str, example: str, cx: Context) -> tuple[tuple[Word, Tree], ...]:
    """Return the entries of a block whose keys are names; names that cannot be are reported, and their entries kept."""
    block: Block | None = block_at(tree, key, example, cx)
    if block is None:
        return ()
    for entry in block:
        check_name(word_of(entry.key), cx)
    return tuple((word_of(entry.key), entry.value) for entry in block)
