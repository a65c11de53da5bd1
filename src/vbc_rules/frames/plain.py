"""The mapping that needs no file: columns named like the inputs, absences written as their reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from vbc_rules.frames.cells import default_reading
from vbc_rules.frames.mapping import ColumnMapping, Field, Placement, Table
from vbc_rules.frames.problems import Problems
from vbc_rules.frames.tables import read_header
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.program import Input, Level, Program


def plain_mapping(program: Program, files: Mapping[str, Path]) -> ColumnMapping:
    """Return the mapping of files whose columns are named like the program's inputs.

    The participants' file has the identifier under the participant's name, inputs under their own, and members' inputs
    as `measure.hai_5.performance` or, where no other level has that member, `hai_5.performance`. A level of members or
    of items may have a file of its own, named like the level: one row each, with the participant and the member (in a
    column named like the level).
    """
    participant = program.participant
    tables = [Table(name, path.name, participant) for name, path in files.items()]
    placements: list[Placement] = []
    header = set(read_header(files[participant], tables[0], Problems()) or ())
    for level in program.levels.values():
        inputs = [entry for entry in program.inputs.values() if entry.ref.level == level.name]
        if not inputs or program.root(level.name) != participant:
            continue
        if level.kind == "participant":
            fields = tuple(field_of(entry, None, entry.ref.name) for entry in inputs)
            placements.append(Placement(participant, level.name, "wide", fields))
        elif level.kind == "list":
            fields = tuple(field_of(entry, None, entry.ref.name) for entry in inputs)
            placements.append(Placement(level.name, level.name, "items", fields))
        elif level.name in files:
            fields = tuple(field_of(entry, None, entry.ref.name) for entry in inputs)
            members = {member.name: member.name for member in level.members}
            placements.append(Placement(level.name, level.name, "long", fields, level.name, members))
        else:
            fields = tuple(
                field_of(entry, member.name, column_of(program, level, member.name, entry.ref.name, header))
                for member in level.members
                for entry in inputs
            )
            placements.append(Placement(participant, level.name, "wide", fields))
    document = program.document
    return ColumnMapping(
        f"{document.program.text}@{document.edition.text}", participant, tuple(tables), tuple(placements), strict=True
    )


def needed_files(program: Program) -> Sequence[str]:
    """Return the list levels of the participant with inputs: each needs a file of its own."""
    levels = {entry.ref.level for entry in program.inputs.values()}
    own = program.levels_of(program.participant)
    return [name for name in own if program.levels[name].kind == "list" and name in levels]


def column_of(program: Program, level: Level, member: str, name: str, header: set[str]) -> str:
    """Return the column of a member's input: the short name where the header has it and no other level the member."""
    short = f"{member}.{name}"
    levels = [other.name for other in program.levels.values() if any(one.name == member for one in other.members)]
    is_plain = levels == [level.name] and member not in program.levels
    return short if is_plain and short in header else f"{level.name}.{short}"


def field_of(entry: Input, member: str | None, column: str) -> Field:
    """Return an input's column, written as the program writes values; absences by their reasons."""
    return Field(
        "input",
        entry.ref,
        member,
        column,
        entry.domain.type,
        default_reading(entry.domain.type),
        {reason: Absent(reason) for reason in entry.domain.reasons},
        may_be_left_out=entry.only_if is not None,
    )
