"""The section `tables` of a mapping file: its files, and which columns say whose a row is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from vbc_rules.frames import codes
from vbc_rules.frames.cells import default_reading
from vbc_rules.frames.mapping import Field, Reading, Table
from vbc_rules.frames.placements import read_missing, read_reading, read_text, unknown
from vbc_rules.language.absence import Absent
from vbc_rules.language.document import Word
from vbc_rules.language.reading import literals
from vbc_rules.language.reading.codes import BAD_LITERAL, MISSING_KEY
from vbc_rules.language.reading.fields import Context, Fields, Keys, block_at, open_fields, scalar_at, word_of
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.program import Level, Program
from vbc_rules.source.tree import Block, Listing, Scalar, Tree

EXAMPLE: Final = "{totals: {file: totals.csv, key: Facility ID}}"

_TABLE: Final = Keys("a table", ("file", "key", "where", "delimiter", "encoding", "unmatched", "no_row"), ordered=False)
_KEY: Final = Keys("a key's column", ("column", "reading", "missing"), ordered=False)
_FILE_NAME = re.compile(r"[^/\\:\x00-\x1f]+\.(csv|json|parquet|txt|tsv)", re.IGNORECASE)


class TableSection:
    """Reads `tables`. Whose rows a table holds is told by the levels that `columns` takes from it."""

    def __init__(
        self, program: Program, columns: Tree | None, readings: Mapping[str, Reading], missing: Mapping[str, Absent]
    ) -> None:
        self._program = program
        self._readings = readings
        self._missing = missing
        self._roots: dict[str, str] = {}
        for entry in columns if isinstance(columns, Block) else ():
            if entry.key.text not in program.levels or not isinstance(entry.value, Listing):
                continue
            for item in entry.value.items:
                table = item.get("from") if isinstance(item, Block) else None
                if isinstance(table, Scalar):
                    self._roots.setdefault(table.text, program.root(entry.key.text))

    def read(self, tree: Tree, key: str, cx: Context) -> dict[str, Table]:
        """Return the tables by name."""
        found: dict[str, Table] = {}
        for word, entry in literals.named_entries(tree, key, EXAMPLE, cx):
            table = self._table(word, entry, is_first=not found, cx=cx)
            if table is not None:
                found[word.text] = table
        return found

    def _table(self, name: Word, tree: Tree, *, is_first: bool, cx: Context) -> Table | None:
        block = block_at(tree, name.text, "{file: totals.csv, key: Facility ID}", cx)
        if block is None:
            return None
        fields = open_fields(block, _TABLE, name.span, cx)
        participant = self._program.participant
        root = self._program.levels[self._roots.get(name.text, participant)]
        if is_first and root.name != participant:
            message = f"the first table lists every {participant}, and `{name.text}` has rows of `{root.name}`"
            cx.findings.error(codes.UNSERVED, message, name.span, f"write the table of `{participant}` above it")
        file = fields.required("file", _file_name, "totals.csv")
        key, keys = self._key(fields, root)
        where = fields.optional("where", _where) or ()
        delimiter = fields.optional("delimiter", _delimiter) or ","
        encoding = fields.optional("encoding", literals.one_of("utf-8", "windows-1252"))
        unmatched = fields.optional("unmatched", literals.one_of("error", "ignore"))
        no_row = fields.optional("no_row", literals.name)
        if file is None or (key is None and root.kind != COHORT):
            return None
        return Table(
            name.text,
            file,
            key or "",
            delimiter,
            encoding.text if encoding else "utf-8",
            unmatched is not None and unmatched.text == "ignore",
            None if no_row is None else Absent(no_row.text),
            where,
            "" if root.name == participant else root.name,
            keys,
        )

    def _key(self, fields: Fields, root: Level) -> tuple[str | None, tuple[Field, ...]]:
        """Return the column of the identifier, or the columns of what groups go by; none of the cohort."""
        if root.kind == COHORT:
            for key in ("key", "unmatched", "no_row"):
                fields.refuse(key, f"belongs to a table of many, and the {COHORT} is one", f"remove `{key}`")
            return None, ()
        if root.kind == "participant":
            return fields.required("key", literals.text, "Facility ID"), ()
        names = [ref.name for ref in root.by]
        example = "{" + ", ".join(f"{name}: {name.replace('_', ' ').capitalize()}" for name in names) + "}"
        keys = fields.required("key", lambda tree, key, cx: self._keys(tree, key, root, example, cx), example)
        return (None, ()) if keys is None else (keys[0].column, keys)

    def _keys(self, tree: Tree, key: str, root: Level, example: str, cx: Context) -> tuple[Field, ...] | None:
        if len(root.by) == 1 and isinstance(tree, Scalar):
            column = literals.text(tree, key, cx)
            type = self._program.slots[root.by[0]].type
            reading = default_reading(type)
            return None if column is None else (Field("input", root.by[0], None, column, type, reading, self._missing),)
        block = block_at(tree, key, example, cx)
        if block is None:
            return None
        names = {ref.name: ref for ref in root.by}
        found: dict[str, Field] = {}
        for entry in block:
            if entry.key.text not in names:
                unknown(word_of(entry.key), entry.key.text, f"what `{root.name}` goes by", names, cx)
                continue
            field = self._key_field(entry.key, entry.value, root, cx)
            if field is not None:
                found[entry.key.text] = field
        lacking = [name for name in names if block.get(name) is None]
        if lacking:
            message = f"`{root.name}` goes by `{lacking[0]}`, too"
            cx.findings.error(MISSING_KEY, message, block.span, f"write its column, as in `{example}`")
        return tuple(found[name] for name in names) if len(found) == len(names) else None

    def _key_field(self, name: Scalar, tree: Tree, root: Level, cx: Context) -> Field | None:
        ref = next(ref for ref in root.by if ref.name == name.text)
        type = self._program.slots[ref].type
        reading: Reading | None = default_reading(type)
        missing = self._missing
        if isinstance(tree, Block):
            fields = open_fields(tree, _KEY, name.span, cx)
            column = fields.required("column", read_text, "Organization")
            word = fields.optional("reading", literals.name)
            if word is not None:
                reading = read_reading(word, type, self._readings, cx)
            missing = {**missing, **(fields.optional("missing", read_missing) or {})}
        else:
            column = read_text(tree, name.text, cx)
        if column is None or reading is None:
            return None
        return Field("input", ref, None, column, type, reading, missing)


def _file_name(tree: Tree, key: str, cx: Context) -> str | None:
    scalar = scalar_at(tree, key, "a file's name", "totals.csv", cx)
    if scalar is None or _FILE_NAME.fullmatch(scalar.text):
        return None if scalar is None else scalar.text
    message = f"`{scalar.text}` is not the name of a table's file"
    cx.findings.error(codes.FILE_NAME, message, scalar.span, "write a name without folders, as in `totals.csv`")
    return None


def _where(tree: Tree, key: str, cx: Context) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    block = block_at(tree, key, "{Risk Model: Two-Sided}", cx)
    if block is None:
        return None
    found = []
    for entry in block:
        items = entry.value.items if isinstance(entry.value, Listing) else (entry.value,)
        cells = [_cell_text(item, entry.key.text, cx) for item in items]
        if not cells:
            message = f"`{entry.key.text}` has no words"
            cx.findings.error(BAD_LITERAL, message, entry.value.span, "write the cells that count, as in `[C, D]`")
        found.append((entry.key.text, tuple(cell for cell in cells if cell is not None)))
    return tuple(found)


def _delimiter(tree: Tree, key: str, cx: Context) -> str | None:
    word = literals.one_of(",", ";", "|", "tab")(tree, key, cx)
    return None if word is None else {"tab": "\t"}.get(word.text, word.text)


def _cell_text(tree: Tree, key: str, cx: Context) -> str | None:
    scalar = scalar_at(tree, key, "a text", "'010001'", cx)
    return None if scalar is None else scalar.text
