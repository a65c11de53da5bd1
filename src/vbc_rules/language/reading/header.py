"""Reads what stands before the first number: which program this is, for whom and for when."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vbc_rules.language.document import Period, Word
from vbc_rules.language.reading import codes
from vbc_rules.language.reading.fields import Context, Fields, Keys, open_fields, scalar_at, word_of
from vbc_rules.language.reading.literals import name, named_entries, one_of, period, text
from vbc_rules.source.tree import Block, Tree

_PROGRAM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*")
_EDITION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PARTICIPANT = Keys("`participant`", ("level", "identifier"))


@dataclass(frozen=True, slots=True)
class Header:
    """The sections from `program` to `currency`."""

    program: Word
    edition: Word
    title: str
    participant: Word
    identifier_is_public: bool
    in_force: Period
    measured_over: dict[str, Period]
    currency: Word | None


def header(root: Fields) -> Header | None:
    """Read the sections from `program` to `currency`."""
    program = root.required("program", _program, "payer/program")
    edition = root.required("edition", _edition, "2024")
    root.optional("language", _language)
    title = root.required("title", text, "the name of the program")
    participant = root.required("participant", _participant, "hospital")
    in_force = root.required("in_force", period, "{from: 2024-01-01, through: 2024-12-31}")
    measured_over = root.optional("measured_over", _measured_over)
    currency = root.optional("currency", _currency)
    if program is None or edition is None or title is None or participant is None or in_force is None:
        return None
    return Header(program, edition, title, participant[0], participant[1], in_force, measured_over or {}, currency)


def _program(tree: Tree, key: str, cx: Context) -> Word | None:
    scalar = scalar_at(tree, key, "a name", "payer/program", cx)
    if scalar is None or _PROGRAM.fullmatch(scalar.text):
        return None if scalar is None else word_of(scalar)
    message = f"`{scalar.text}` is not the name of a program"
    help = "write words of lower-case letters, digits and hyphens joined by `/`, as in `cms/hospital-vbp`"
    cx.findings.error(codes.BAD_NAME, message, scalar.span, help)
    return None


def _edition(tree: Tree, key: str, cx: Context) -> Word | None:
    scalar = scalar_at(tree, key, "a name", "2024", cx)
    if scalar is None or _EDITION.fullmatch(scalar.text):
        return None if scalar is None else word_of(scalar)
    message = f"`{scalar.text}` is not the name of an edition"
    help = "write lower-case letters, digits and hyphens, as in `fy2024` or `2020-21`"
    cx.findings.error(codes.BAD_NAME, message, scalar.span, help)
    return None


def _language(tree: Tree, key: str, cx: Context) -> int | None:
    scalar = scalar_at(tree, key, "the version of the rule language", "1", cx)
    if scalar is None or scalar.text == "1":
        return None if scalar is None else 1
    message = f"version `{scalar.text}` of the rule language is not known"
    cx.findings.error(codes.BAD_WORD, message, scalar.span, "write `language: 1`")
    return None


def _participant(tree: Tree, key: str, cx: Context) -> tuple[Word, bool] | None:
    if not isinstance(tree, Block):
        level = name(tree, key, cx)
        return None if level is None else (level, False)
    fields = open_fields(tree, _PARTICIPANT, tree.span, cx)
    level = fields.required("level", name, "hospital")
    identifier = fields.required("identifier", one_of("public", "sensitive"), "sensitive")
    return None if level is None or identifier is None else (level, identifier.text == "public")


def _measured_over(tree: Tree, key: str, cx: Context) -> dict[str, Period]:
    example = "{performance: {from: 2023-01-01, through: 2023-12-31}}"
    found: dict[str, Period] = {}
    for word, value in named_entries(tree, key, example, cx):
        one = period(value, word.text, cx)
        if one is not None:
            found[word.text] = one
    return found


def _currency(tree: Tree, key: str, cx: Context) -> Word | None:
    scalar = scalar_at(tree, key, "a currency", "USD", cx)
    if scalar is None or scalar.text == "USD":
        return None if scalar is None else word_of(scalar)
    message = f"amounts in `{scalar.text}` are not known"
    cx.findings.error(codes.BAD_WORD, message, scalar.span, "write `currency: USD`, the one currency of this version")
    return None
