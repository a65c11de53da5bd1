"""Columns named like the inputs, for tables that come without a mapping file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from vbc_rules.errors import Code, UsageError
from vbc_rules.frames.mapping import ColumnMapping, Field, Placement, Table
from vbc_rules.frames.plain import column_of, field_of
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.program import Input, Program


def plain_columns(
    program: Program, names: Mapping[str, Collection[str]], missing: Mapping[str, str] | None
) -> ColumnMapping:
    """Return the mapping of tables, by level, whose columns are named like the inputs; `names` are their columns.

    `missing` says which cells, beside the words of absences themselves, mean an absence, and which; "" is a cell
    without a value. Raises UsageError for a reason that no input permits.
    """
    participant = program.participant
    header = set(names[participant])
    entries = list(program.inputs.values())
    said = _said(program, missing or {})

    def made(entry: Input, member: str | None, column: str) -> Field:
        found = field_of(entry, member, column)
        own = {word: absent for word, absent in said.items() if absent.reason in _reasons(entry)}
        return replace(found, missing={**found.missing, **own})

    placements: list[Placement] = []
    for level in program.levels.values():
        inputs = [entry for entry in entries if entry.ref.level == level.name]
        if not inputs or program.root(level.name) != participant:
            continue
        if level.kind in ("participant", "list"):
            fields = tuple(made(entry, None, entry.ref.name) for entry in inputs)
            placements.append(Placement(level.name, level.name, "items" if level.kind == "list" else "wide", fields))
        elif level.name in names:
            fields = tuple(made(entry, None, entry.ref.name) for entry in inputs)
            members = {member.name: member.name for member in level.members}
            placements.append(Placement(level.name, level.name, "long", fields, level.name, members))
        else:
            fields = tuple(
                made(entry, member.name, column_of(program, level, member.name, entry.ref.name, header))
                for member in level.members
                for entry in inputs
            )
            placements.append(Placement(participant, level.name, "wide", fields))
    first = [Table(participant, participant, participant)]
    others = [Table(name, name, participant) for name in names if name != participant]
    document = program.document
    return ColumnMapping(
        f"{document.program.text}@{document.edition.text}",
        participant,
        (*first, *others),
        tuple(placements),
        strict=True,
    )


def _reasons(entry: Input) -> tuple[str, ...]:
    return (*entry.domain.reasons, *((entry.otherwise,) if entry.otherwise is not None else ()))


def _said(program: Program, missing: Mapping[str, str]) -> dict[str, Absent]:
    known = {reason for entry in program.inputs.values() for reason in _reasons(entry)}
    for reason in missing.values():
        if reason not in known:
            listed = ", ".join(f"`{one}`" for one in sorted(known)) or "leave `missing` out"
            raise UsageError(Code.USAGE, f"no input may be absent for a reason given in `missing`; write {listed}")
    return {word.strip(" "): Absent(reason) for word, reason in missing.items()}
