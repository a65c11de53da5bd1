"""Readers of stretches of numbers and dates: `0 to 10`, `85 or more`, `less than 3%`."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from vbc_rules.language import syntax
from vbc_rules.language.reading import codes
from vbc_rules.language.reading.fields import Context, scalar_at
from vbc_rules.language.reading.literals import literal
from vbc_rules.source.span import Span
from vbc_rules.source.tree import Tree

_FORMS = (
    (re.compile(r"(?P<low>\S.*?) +to +(?P<high>.*\S)"), False),
    (re.compile(r"(?P<low>.*\S) +or +more"), False),
    (re.compile(r"(?P<high>.*\S) +or +less"), False),
    (re.compile(r"more +than +(?P<low>.*\S)"), True),
    (re.compile(r"less +than +(?P<high>.*\S)"), True),
)

_BOUND = r"-?\$?[0-9][0-9,]*(?:\.[0-9]+)?%?"
_SIGNS: Final = (
    (re.compile(rf"({_BOUND}) *(?:\.\.+|-) *({_BOUND})"), "{0} to {1}"),
    (re.compile(rf">= *({_BOUND})"), "{0} or more"),
    (re.compile(rf"({_BOUND}) *\+"), "{0} or more"),
    (re.compile(rf"<= *({_BOUND})"), "{0} or less"),
    (re.compile(rf"> *({_BOUND})"), "more than {0}"),
    (re.compile(rf"< *({_BOUND})"), "less than {0}"),
)


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch between two literals; None is an open end, `low_open` and `high_open` leave the bound itself out."""

    low: syntax.Expression | None
    high: syntax.Expression | None
    low_open: bool = False
    high_open: bool = False


def in_words(text: str) -> str | None:
    """Return a stretch that is written in signs (`>= 5`, `1-5`, `4+`) in words; None where it is something else."""
    for form, words in _SIGNS:
        found = form.fullmatch(text)
        if found is not None:
            return words.format(*found.groups())
    return None


def is_interval(text: str) -> bool:
    """Tell whether a text has the form of a stretch (its bounds may still be wrong)."""
    return any(form.fullmatch(text) for form, _ in _FORMS)


def interval(text: str, span: Span, cx: Context) -> Interval | None:
    """Read a stretch; report bounds that are not literals, of two kinds, or the wrong way round."""
    for form, is_open in _FORMS:
        found = form.fullmatch(text)
        if found is None:
            continue
        bounds: dict[str, syntax.Expression | None] = {"low": None, "high": None}
        good = True
        for end in found.groupdict():
            bounds[end] = literal(found[end], span.part(found.start(end), found.end(end)), cx)
            good = good and bounds[end] is not None
        low, high = bounds["low"], bounds["high"]
        if not good or (low is not None and high is not None and not _rising(low, high, text, span, cx)):
            return None
        return Interval(low, high, is_open and low is not None, is_open and high is not None)
    meant = in_words(text)
    help = (
        f"write `{meant}`" if meant and " than " not in meant else "write it as `0 to 10`, `0 or more` or `10 or less`"
    )
    cx.findings.error(codes.BAD_LITERAL, f"`{text}` is not a range", span, help)
    return None


def range_of(tree: Tree, key: str, cx: Context) -> tuple[Interval, Span] | None:
    """Read a declared range, both ends included."""
    scalar = scalar_at(tree, key, "a range", "0 to 10", cx)
    if scalar is None:
        return None
    found = interval(scalar.text, scalar.span, cx)
    if found is not None and (found.low_open or found.high_open):
        message = "a declared range includes its ends"
        cx.findings.error(codes.BAD_LITERAL, message, scalar.span, "write it as `0 to 10`, `0 or more` or `10 or less`")
        return None
    return None if found is None else (found, scalar.span)


def literal_kind(expression: syntax.Expression) -> str:
    """Name the kind of a literal: number, percent, money or date."""
    return _magnitude(expression)[0]


def _magnitude(expression: syntax.Expression) -> tuple[str, Decimal | int]:
    match expression:
        case syntax.NumberLiteral(value=value, kind=kind):
            return kind, value
        case syntax.Unary(operand=syntax.NumberLiteral(value=value, kind=kind)):
            return kind, value.copy_negate()  # not `-value`, which would round to the context's digits
        case syntax.DateLiteral(value=datetime.date() as value):
            return "date", value.toordinal()
        case _:
            raise ValueError("not a literal")


def _rising(low: syntax.Expression, high: syntax.Expression, text: str, span: Span, cx: Context) -> bool:
    (low_kind, low_value), (high_kind, high_value) = _magnitude(low), _magnitude(high)
    if low_kind != high_kind:
        message = f"`{text}` runs from a {low_kind} to a {high_kind}"
        cx.findings.error(codes.BAD_LITERAL, message, span, "write both ends alike, as in `0% to 100%`")
        return False
    if high_value < low_value:
        cx.findings.error(codes.BAD_LITERAL, f"`{text}` runs backwards", span, "write the smaller end first")
        return False
    return True
