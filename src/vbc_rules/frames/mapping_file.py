"""A mapping file's text to a mapping whose every name is the program's."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from vbc_rules.errors import RuleFileError
from vbc_rules.frames import codes
from vbc_rules.frames.cells import date_pattern
from vbc_rules.frames.mapping import ColumnMapping, KnownDifference, Reading
from vbc_rules.frames.placements import Names, read_missing, read_placements, read_target, unknown
from vbc_rules.frames.table_section import EXAMPLE, TableSection
from vbc_rules.language.document import Word
from vbc_rules.language.reading import literals
from vbc_rules.language.reading.codes import BAD_LITERAL, EXCLUDES, MISSING_KEY, REPEATED
from vbc_rules.language.reading.fields import (
    Context,
    Keys,
    block_at,
    listing_at,
    open_fields,
    scalar_at,
    word_of,
)
from vbc_rules.resolve.program import Program
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_file
from vbc_rules.source.tree import Block, Scalar, Tree

_FILE: Final = Keys(
    "a mapping file", ("mapping", "title", "tables", "missing", "readings", "columns", "known_differences")
)
_READING: Final = Keys("a reading", (("out_of", "date", "words"),))
_KNOWN: Final = Keys("a known difference", ("participant", "figure", "member", "because"), ordered=False)


def read_mapping(path: Path | Traversable, program: Program) -> ColumnMapping:
    """Return what a mapping file says about a program.

    Raises RuleFileError with all of its errors, where it has any.
    """
    findings = Findings()
    root = read_file(path, findings)
    mapping = None if root is None else _mapping(root, program, Context(findings))
    if findings.errors or mapping is None:
        raise RuleFileError(findings.errors)
    return mapping


def _mapping(root: Block, program: Program, cx: Context) -> ColumnMapping | None:
    top = open_fields(root, _FILE, root.span, cx)
    name = f"{program.document.program.text}@{program.document.edition.text}"
    written = top.required("mapping", lambda tree, key, cx: scalar_at(tree, key, "a program", name, cx), name)
    if written is not None and written.text != name:
        cx.findings.error(
            codes.OTHER_PROGRAM,
            f"this mapping is for `{written.text}`, not for `{name}`",
            written.span,
            f"write `{name}`",
        )
    top.optional("title", literals.text)
    missing = top.optional("missing", read_missing) or {}
    readings = top.optional("readings", _readings) or {}
    section = TableSection(program, root.get("columns"), readings, missing)
    tables = top.required("tables", section.read, EXAMPLE) or {}
    names = Names(program, tables, missing, readings)
    placements = top.required("columns", lambda tree, _, cx: read_placements(tree, names, cx), "{hospital: [..]}")
    known = top.optional("known_differences", lambda tree, key, cx: _known(tree, key, names, cx))
    if not tables or placements is None:
        return None
    return ColumnMapping(name, program.participant, tuple(tables.values()), placements, known or ())


def _readings(tree: Tree, key: str, cx: Context) -> dict[str, Reading]:
    found = {}
    for word, entry in literals.named_entries(tree, key, "{points: {out_of: 10}}", cx):
        reading = _reading(word, entry, cx)
        if reading is not None:
            found[word.text] = reading
    return found


def _reading(name: Word, tree: Tree, cx: Context) -> Reading | None:
    block = block_at(tree, name.text, "{out_of: 10}", cx)
    if block is None:
        return None
    fields = open_fields(block, _READING, name.span, cx)
    if len(block.entries) != 1:
        code = MISSING_KEY if not block.entries else EXCLUDES
        fields.error(code, "a reading has one of `out_of`, `date`, `words`", "write one of them, as in `out_of: 10`")
        return None
    if fields.has("out_of"):
        whole = fields.optional("out_of", literals.whole)
        return None if whole is None else Reading("out_of", whole=whole)
    if fields.has("date"):
        return fields.optional("date", _layout)
    return fields.optional("words", _words)


def _layout(tree: Tree, key: str, cx: Context) -> Reading | None:
    scalar = scalar_at(tree, key, "a layout of dates", "MM/DD/YYYY", cx)
    if scalar is None:
        return None
    if date_pattern(scalar.text) is None:
        message = f"`{scalar.text}` is not a layout of dates"
        cx.findings.error(BAD_LITERAL, message, scalar.span, "write year, month and day once each, as in `MM/DD/YYYY`")
        return None
    return Reading("date", layout=scalar.text)


def _words(tree: Tree, key: str, cx: Context) -> Reading | None:
    block = block_at(tree, key, "{Y: 'yes', N: 'no'}", cx)
    if block is None:
        return None
    words: dict[str, str] = {}
    for entry in block:
        scalar = scalar_at(entry.value, entry.key.text, "a word", "a_word", cx)
        if scalar is not None:
            words[entry.key.text] = scalar.text
    return Reading("words", words=words)


def _known(tree: Tree, key: str, names: Names, cx: Context) -> tuple[KnownDifference, ...]:
    listing = listing_at(tree, key, "[{participant: '010001', figure: measure.score, because: ..}]", cx)
    found: list[KnownDifference] = []
    seen: set[tuple[str, str, str | None]] = set()
    for item in listing.items if listing else ():
        block = block_at(item, "an item", "{participant: '010001', figure: measure.score, because: ..}", cx)
        if block is None:
            continue
        fields = open_fields(block, _KNOWN, block.span, cx)
        who = fields.required("participant", _cell_text, "'010001'")
        figure = fields.required("figure", _figure, "measure.score")
        member = fields.optional("member", _cell_text)
        because = fields.required("because", literals.text, "a limit whose input is not public")
        if who is None or figure is None or because is None:
            continue
        ref = read_target(figure, names, cx)
        if ref is None:
            continue
        level = names.program.levels[ref.level]
        if member is not None and member not in {one.name for one in level.members}:
            unknown(fields.key("member"), member, f"a member of `{ref.level}`", [one.name for one in level.members], cx)
        if (who, str(ref), member) in seen:
            fields.error(REPEATED, "this difference is written twice", "remove one of the two")
        seen.add((who, str(ref), member))
        found.append(KnownDifference(who, ref, member, because))
    return tuple(found)


def _cell_text(tree: Tree, key: str, cx: Context) -> str | None:
    scalar = scalar_at(tree, key, "a text", "'010001'", cx)
    return None if scalar is None else scalar.text


def _figure(tree: Tree, key: str, cx: Context) -> Word | None:
    scalar: Scalar | None = scalar_at(tree, key, "a figure", "measure.score", cx)
    return None if scalar is None else word_of(scalar)
