"""The section `columns` of a mapping file: which column is what, checked against the program's names and types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, get_args

from vbc_rules.frames import codes
from vbc_rules.frames.arrangements import check_arrangement, check_intervals
from vbc_rules.frames.cells import FITTING, default_reading
from vbc_rules.frames.mapping import Field, Form, Placement, Reading, Role, Rounded, Table
from vbc_rules.language import syntax
from vbc_rules.language.absence import Absent
from vbc_rules.language.document import Word
from vbc_rules.language.reading import literals
from vbc_rules.language.reading.codes import BAD_LITERAL, MISSING_KEY
from vbc_rules.language.reading.fields import (
    Context,
    Fields,
    Keys,
    block_at,
    listed,
    listing_at,
    open_fields,
    scalar_at,
    word_of,
)
from vbc_rules.language.rounding import ROUNDING_MODES
from vbc_rules.language.types import Type
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Level, Program
from vbc_rules.source.nearest import nearest
from vbc_rules.source.tree import Block, Scalar, Tree

_PLACEMENT: Final = Keys(
    "a placement of columns", ("from", "members", "member", "other_members", "inputs", "cells", "published")
)
_COLUMN: Final = Keys(
    "a column", ("column", "reading", "missing", "rounded", "to_the_nearest", "compare", "absent"), ordered=False
)
_EXAMPLE: Final = "[{from: totals, inputs: {payments: Operating Payments}}]"
_ROLES: Final[tuple[tuple[str, Role], ...]] = (("inputs", "input"), ("cells", "cell"), ("published", "published"))
_SLOTS: Final[Mapping[Role, tuple[str, ...]]] = {
    "input": ("input",),
    "cell": ("cell",),
    "published": ("value", "payment"),
}
_WITH_PARAMETERS: Final = ("out_of", "date", "words")
_PATTERN: Final = "{member}"
_SIGNS: Final[Mapping[str, tuple[str, str]]] = {"money": ("money", "$1"), "percent": ("percent", "0.01%")}
"""How a unit of each type is written: the kind of its literal, and an example. Other types have bare numbers."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the names in `columns` may mean: the program, and the mapping file's tables, absences and readings."""

    program: Program
    tables: Mapping[str, Table]
    missing: Mapping[str, Absent]
    readings: Mapping[str, Reading]


def unknown(word: Word, text: str, what: str, candidates: Iterable[str], cx: Context) -> None:
    """Report a name that is not what it has to be, and say what to write instead."""
    known = list(candidates)
    near = nearest(text, known)
    help = f"write `{near}`" if near else f"write one of {listed(known)}" if known else "remove it"
    cx.findings.error(codes.NO_SUCH_NAME, f"`{text}` is not {what}", word.span, help)


def read_target(figure: Word, names: Names, cx: Context) -> Ref | None:
    """Return the value or payment that `level.name` names."""
    known = {str(ref): ref for ref, slot in names.program.slots.items() if slot.kind in ("value", "payment")}
    if figure.text not in known:
        unknown(figure, figure.text, "a value or payment", known, cx)
    return known.get(figure.text)


def read_placements(tree: Tree, names: Names, cx: Context) -> tuple[Placement, ...] | None:
    """Return the placements of all levels."""
    block = block_at(tree, "columns", f"{{hospital: {_EXAMPLE}}}", cx)
    if block is None:
        return None
    usable = {name: one for name, one in names.program.levels.items() if _is_usable(one, names.program)}
    found: list[Placement] = []
    for entry in block:
        level = usable.get(entry.key.text)
        if level is None:
            unknown(word_of(entry.key), entry.key.text, "a level whose data a mapping can bring", usable, cx)
            continue
        listing = listing_at(entry.value, entry.key.text, _EXAMPLE, cx)
        for item in listing.items if listing else ():
            placed = _placement(item, level, names, cx)
            if placed is not None:
                found.append(placed)
                check_arrangement(item, placed, found, names.program, tuple(names.tables.values()), cx)
    check_intervals(found, names.program, block, cx)
    return tuple(found)


def _is_usable(level: Level, program: Program) -> bool:
    """Tell whether tables can bring anything of a level: of groups and the cohort, inputs only."""
    of_one = program.root(level.name) == program.participant
    return of_one or any(ref.level == level.name for ref in program.inputs)


def _placement(tree: Tree, level: Level, names: Names, cx: Context) -> Placement | None:
    block = block_at(tree, level.name, _EXAMPLE, cx)
    if block is None:
        return None
    fields = open_fields(block, _PLACEMENT, block.span, cx)
    table = fields.required("from", literals.name, "totals")
    if table is not None and table.text not in names.tables:
        unknown(table, table.text, "a table of this file", names.tables, cx)
    members: dict[str, str] = {}
    if level.kind == "members":
        members = fields.required("members", lambda tree, _, cx: _members(tree, level, cx), "{hai_1: HAI-1}") or {}
    else:
        fields.refuse("members", "belongs to a level whose members the rule file lists", "remove `members`")
    fields.only_with("member", "members", "{hai_1: HAI-1}")
    fields.only_with("other_members", "member", "Measure ID")
    by_row = fields.optional("member", literals.text)
    others = fields.optional("other_members", literals.one_of("error", "ignore"))
    columns: list[Field] = []
    for key, role in _ROLES:
        columns.extend(_columns(fields, key, role, level, {} if by_row else members, names))
    if table is not None and table.text in names.tables:
        own = names.tables[table.text].key
        columns = [one if one.always is None else replace(one, column=own) for one in columns]
    if not any(fields.has(key) for key, _ in _ROLES):
        fields.error(MISSING_KEY, "a placement of columns needs `inputs`, `cells` or `published`", "write one of them")
    if table is None:
        return None
    if level.kind == "list":
        return Placement(table.text, level.name, "items", tuple(columns))
    if by_row is None:
        return Placement(table.text, level.name, "wide", tuple(columns))
    return Placement(
        table.text,
        level.name,
        "long",
        tuple(columns),
        by_row,
        {label: member for member, label in members.items()},
        others is not None and others.text == "ignore",
    )


def _members(tree: Tree, level: Level, cx: Context) -> dict[str, str] | None:
    block = block_at(tree, "members", "{hai_1: HAI-1}", cx)
    if block is None:
        return None
    known = [one.name for one in level.members]
    found: dict[str, str] = {}
    for entry in block:
        label = scalar_at(entry.value, entry.key.text, "what the file calls this member", "HAI-1", cx)
        if entry.key.text not in known:
            unknown(word_of(entry.key), entry.key.text, f"a member of `{level.name}`", known, cx)
        elif label is not None and label.text in found.values():
            message = f"`{label.text}` is two members"
            cx.findings.error(codes.MAPPED_TWICE, message, label.span, "write another name for one of them")
        elif label is not None:
            found[entry.key.text] = label.text
    return found


def _columns(
    fields: Fields, key: str, role: Role, level: Level, members: Mapping[str, str], names: Names
) -> list[Field]:
    tree = fields.block.get(key)
    block = None if tree is None else block_at(tree, key, "{performance: Rate}", fields.cx)
    if block is None:
        return []
    cx = fields.cx
    slots = names.program.slots
    known = {ref.name: ref for ref, slot in slots.items() if ref.level == level.name and slot.kind in _SLOTS[role]}
    found: list[Field] = []
    for entry in block:
        ref = known.get(entry.key.text)
        if ref is None:
            what = {"input": "an input", "cell": "a parameter", "published": "a value or payment"}[role]
            unknown(word_of(entry.key), entry.key.text, f"{what} of `{level.name}`", known, cx)
            continue
        column = _column(entry.key, entry.value, ref, role, names, cx)
        if column is None:
            continue
        if not members:
            if _PATTERN in column.column:
                message = f"`{column.column}` has `{_PATTERN}`, and this column is not a member's"
                cx.findings.error(codes.COLUMN_NAME, message, entry.value.span, "write the column's whole name")
            found.append(column)
            continue
        if _PATTERN not in column.column and len(members) > 1 and column.always is None:
            message = f"`{column.column}` is one column for {len(members)} members"
            help = f"write `{_PATTERN}` where the member's name stands"
            cx.findings.error(codes.COLUMN_NAME, message, entry.value.span, help)
        for member, label in members.items():
            found.append(replace(column, member=member, column=column.column.replace(_PATTERN, label)))
    return found


def _column(name: Scalar, tree: Tree, ref: Ref, role: Role, names: Names, cx: Context) -> Field | None:
    """Read one column; its name may still be a pattern."""
    type = names.program.slots[ref].type
    declared = names.program.inputs.get(ref)
    reading: Reading | None = default_reading(type)
    missing = names.missing
    rounded: Rounded | None = None
    unit: Fraction | None = None
    by_order = False
    if isinstance(tree, Block):
        fields = open_fields(tree, _COLUMN, name.span, cx)
        if fields.has("absent"):
            return _not_there(fields, ref, role, names)
        column = fields.required("column", read_text, "Rate")
        word = fields.optional("reading", literals.name)
        if word is not None:
            reading = read_reading(word, type, names.readings, cx)
        own = fields.optional("missing", read_missing)
        missing = {**missing, **own} if own else missing
        if role != "published":
            fields.refuse("rounded", "belongs to a published figure", "remove `rounded`")
        else:
            rounded = fields.optional("rounded", _rounded)
        if rounded is not None:
            fields.refuse("to_the_nearest", "says what `rounded` says otherwise", "keep one of the two")
        elif role == "cell":
            fields.refuse("to_the_nearest", "belongs to an input or a published figure", "remove `to_the_nearest`")
        else:
            unit = fields.optional("to_the_nearest", lambda tree, key, cx: _unit(tree, key, ref, names, cx))
        by_order = _by_order(fields, type, role)
    else:
        column = read_text(tree, name.text, cx)
    if column is None or reading is None:
        return None
    may_be_left_out = declared is not None and declared.only_if is not None
    absences = None if declared is None else declared.domain.reasons
    return Field(
        role,
        ref,
        None,
        column,
        type,
        reading,
        missing,
        rounded=rounded,
        may_be_left_out=may_be_left_out,
        absences=absences,
        unit=unit,
        by_order=by_order,
    )


def _not_there(fields: Fields, ref: Ref, role: Role, names: Names) -> Field | None:
    """Read `{absent: not_reported}`: an input that the files do not hold. Its column is set by the table."""
    for key in ("column", "reading", "missing", "rounded", "to_the_nearest", "compare"):
        fields.refuse(key, "does not go with `absent`", "keep one of the two")
    declared = names.program.inputs.get(ref)
    reason = fields.optional("absent", literals.name)
    if role != "input" or declared is None:
        fields.refuse("absent", "belongs to an input", "remove `absent`")
        return None
    if reason is None:
        return None
    if reason.text not in declared.domain.reasons:
        what = f"an absence that `{ref}` permits"
        unknown(reason, reason.text, what, declared.domain.reasons, fields.cx)
        return None
    type = declared.domain.type
    left_out = declared.only_if is not None
    always = Absent(reason.text)
    return Field(role, ref, None, "", type, default_reading(type), {}, may_be_left_out=left_out, always=always)


def _by_order(fields: Fields, type: Type, role: Role) -> bool:
    """Read `compare: order`: whether only the order of a published figure among the participants is compared."""
    word = fields.optional("compare", literals.one_of("order"))
    if word is None:
        return False
    if role != "published":
        fields.refuse("compare", "belongs to a published figure", "remove `compare`")
    elif not (type.is_numeric or type.kind == "date"):
        fields.refuse("compare", f"is for what goes up and down, and this is a {type}", "remove `compare`")
    for key in ("rounded", "to_the_nearest"):
        fields.refuse(key, "is for digits that are compared, and here the order is", "keep one of the two")
    return True


def _unit(tree: Tree, key: str, ref: Ref, names: Names, cx: Context) -> Fraction | None:
    """Read `$1` or `0.01%`: a figure's unit, of the type of what it is; half of an input's must fit its decimals."""
    type = names.program.slots[ref].type
    kind, example = _SIGNS.get(type.kind, ("number", "0.1"))
    scalar = scalar_at(tree, key, "a unit", example, cx)
    if scalar is None:
        return None
    if not type.is_numeric:
        message = f"`{ref}` is a {type}, which is not written to the nearest of anything"
        cx.findings.error(BAD_LITERAL, message, scalar.span, f"remove `{key}`")
        return None
    literal = literals.literal(scalar.text, scalar.span, cx)
    if literal is None:
        return None
    if not isinstance(literal, syntax.NumberLiteral) or literal.kind != kind or literal.value <= 0:
        message = f"`{scalar.text}` is not a unit of {type}"
        cx.findings.error(BAD_LITERAL, message, scalar.span, f"write it as in `{example}`")
        return None
    unit = Fraction(literal.value) / (100 if kind == "percent" else 1)
    declared = names.program.inputs.get(ref)
    if declared is not None and (unit / 2 * 10**declared.domain.scale).denominator != 1:
        message = f"half of `{scalar.text}` does not fit the decimals that the program declares for `{ref}`"
        cx.findings.error(BAD_LITERAL, message, scalar.span, "declare more `decimals` there, or write a larger unit")
        return None
    return unit


def read_text(tree: Tree, key: str, cx: Context) -> str | None:
    """Return a column's name."""
    scalar = scalar_at(tree, key, "a column's name", "Rate", cx)
    return None if scalar is None else scalar.text


def read_missing(tree: Tree, key: str, cx: Context) -> dict[str, Absent] | None:
    """Return the cells that mean an absence."""
    block = block_at(tree, key, "{Not Available: not_reported}", cx)
    if block is None:
        return None
    words = {entry.key.text: literals.name(entry.value, entry.key.text, cx) for entry in block}
    return {token: Absent(word.text) for token, word in words.items() if word is not None}


def _rounded(tree: Tree, key: str, cx: Context) -> Rounded | None:
    scalar = scalar_at(tree, key, "digits and a mode", "2 half_up", cx)
    if scalar is None:
        return None
    digits, _, mode = scalar.text.partition(" ")
    for known in ROUNDING_MODES:
        if mode == known and digits.isascii() and digits.isdigit() and int(digits) <= 100:
            return Rounded(int(digits), known)
    message = f"`{scalar.text}` is not digits and a mode"
    cx.findings.error(BAD_LITERAL, message, scalar.span, f"write digits and one of {listed(ROUNDING_MODES)}")
    return None


def read_reading(word: Word, type: Type, readings: Mapping[str, Reading], cx: Context) -> Reading | None:
    """Return the reading of this name, which yields a value of the type."""
    reading = readings.get(word.text)
    if reading is None:
        built_in = [form for form in get_args(Form) if form not in _WITH_PARAMETERS]
        if word.text not in built_in:
            unknown(word, word.text, "a reading", [*readings, *built_in], cx)
            return None
        reading = Reading(next(form for form in get_args(Form) if form == word.text))
    fitting = FITTING[type.kind]
    if reading.form not in fitting:
        message = f"the reading `{word.text}` does not yield a {type}"
        cx.findings.error(codes.UNFIT_READING, message, word.span, f"write one that is {listed(fitting)}")
        return None
    wanted = ("yes", "no") if type.kind == "yes_no" else type.options
    for meaning in (reading.words or {}).values() if wanted else ():
        if meaning not in wanted:
            unknown(word, meaning, f"one of the words of this {type}", wanted, cx)
            return None
    return reading
