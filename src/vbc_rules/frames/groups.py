"""Files of groups to rows of their inputs, in the shape that `Program.evaluate_cohort` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from vbc_rules.errors import Code
from vbc_rules.frames import codes, jsontext
from vbc_rules.frames.cells import CellError, CellValue, default_reading, exact, make_reader
from vbc_rules.frames.mapping import Field, Table
from vbc_rules.frames.plain import column_of, field_of
from vbc_rules.frames.problems import Problems
from vbc_rules.frames.tables import Rows, read_header, read_table
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Level, Program
from vbc_rules.source.nearest import nearest

Inputs: TypeAlias = dict[str, Any]
"""One group's inputs by name, with the names it goes by; those of members and of items nested under their level."""

_Key: TypeAlias = tuple[Datum, ...]


@dataclass(slots=True)
class GroupRow:
    """One group as read: its row in its table (from 1), and its inputs."""

    row: int
    inputs: Inputs = field(repr=False)


def read_groups(files: Mapping[str, Path], program: Program, problems: Problems) -> dict[str, list[GroupRow]]:
    """Return the rows of each level of groups that has a file; what is wrong stands in `problems`.

    The file of a level of groups has the names it goes by and its inputs, one row a group, columns named as those of
    participants. A level of members or of items in a group may have, or has, a file of its own, named like the level:
    one row each, with the names that the group goes by. A JSON file has the rows as `evaluate_cohort` takes them.
    """
    found: dict[str, list[GroupRow]] = {}
    levels = program.levels
    for name in files:
        if name not in levels or levels[program.root(name)].kind != "groups":
            known = [one for one, level in levels.items() if levels[program.root(one)].kind == "groups"]
            close = nearest(name, known)
            help = f"write `{close}`" if close else f"write one of {', '.join(known)}" if known else "leave it out"
            problems.add(codes.FILE, name, f"is no level of groups of the program, and lies in none; {help}")
    for level in levels.values():
        inside = [one for one in program.levels_of(level.name) if one in files] if level.kind == "groups" else []
        if level.kind == "groups" and level.name in files:
            found[level.name] = _Reading(program, level, problems).read({name: files[name] for name in inside})
        elif inside:
            problems.add(codes.FILE, inside[0], f"lies in `{level.name}`, which has no file; name one for it, too")
    return found


class _Reading:
    """The tables of one level of groups and of what lies in it."""

    def __init__(self, program: Program, level: Level, problems: Problems) -> None:
        self._program = program
        self._level = level
        self._problems = problems
        self._keys = tuple(_key_field(program, ref) for ref in level.by)
        self._found: dict[_Key, GroupRow] = {}

    def read(self, files: Mapping[str, Path]) -> list[GroupRow]:
        """Return the rows, in the order of the level's own table."""
        own = files[self._level.name]
        if own.suffix.lower() == ".json" and len(files) == 1:
            items = jsontext.participants(own, self._problems)
            return [GroupRow(number, item) for number, item in items if item is not None]
        self._own(own, frozenset(files))
        for name, path in files.items():
            if name != self._level.name:
                self._inside(self._program.levels[name], path)
        lists = [one for one in self._program.levels_of(self._level.name) if self._program.levels[one].kind == "list"]
        for name in lists:
            if name not in files and any(ref.level == name for ref in self._program.inputs):
                self._problems.add(codes.FILE, name, "there is no file for it; name one")
        return list(self._found.values())

    def _own(self, path: Path, apart: frozenset[str]) -> None:
        table = Table(self._level.name, path.name, self._keys[0].column)
        header = set(read_header(path, table, Problems()) or ())
        fields = self._wide(header, apart)
        rows = self._rows(path, table, fields)
        first: dict[_Key, int] = {}
        for number, key, cells in rows:
            if first.setdefault(key, number) != number:
                names = " and ".join(f"`{one.column}`" for one in self._keys)
                message = f"has the same {names} as row {first[key]}; give each group one row"
                self._problems.add(Code.DUPLICATE, self._level.name, message, number)
                continue
            given = {one.column: cell for one, cell in zip(self._keys, cells, strict=False)}
            group = self._found[key] = GroupRow(number, given)
            for one, value in zip(fields, cells[len(self._keys) :], strict=True):
                if value is None:
                    continue
                if one.member is None:
                    group.inputs[one.ref.name] = value
                else:
                    members = group.inputs.setdefault(one.ref.level, {})
                    members.setdefault(one.member, {})[one.ref.name] = value
            for level in self._program.levels_of(self._level.name):
                if self._program.levels[level].kind == "list" and level in apart:
                    group.inputs.setdefault(level, [])

    def _wide(self, header: set[str], apart: frozenset[str]) -> list[Field]:
        """Return the columns of the level's own table: its inputs, then those of members without their own table."""
        found: list[Field] = []
        for name in self._program.levels_of(self._level.name):
            level = self._program.levels[name]
            inputs = [entry for entry in self._program.inputs.values() if entry.ref.level == name]
            if name == self._level.name:
                found += [field_of(entry, None, entry.ref.name) for entry in inputs]
            elif level.kind == "members" and name not in apart:
                found += [
                    field_of(entry, one.name, column_of(self._program, level, one.name, entry.ref.name, header))
                    for one in level.members
                    for entry in inputs
                ]
        return found

    def _inside(self, level: Level, path: Path) -> None:
        """Read the table of a level that lies in the group: one row a member or an item."""
        table = Table(level.name, path.name, self._keys[0].column)
        inputs = [entry for entry in self._program.inputs.values() if entry.ref.level == level.name]
        fields = [field_of(entry, None, entry.ref.name) for entry in inputs]
        if level.parent != self._level.name:
            message = f"does not lie in `{self._level.name}` itself; give these inputs as JSON"
            self._problems.add(codes.UNSERVED, level.name, message)
            return
        seen: dict[tuple[_Key, str], int] = {}
        member_column = None if level.kind == "list" else level.name
        for number, key, cells in self._rows(path, table, fields, member_column):
            group = self._found.get(key)
            if group is None:
                message = f"this row's {self._level.name} has no row in the table of `{self._level.name}`; add it there"
                self._problems.add(codes.UNMATCHED, level.name, message, number)
                continue
            values = {one.ref.name: cell for one, cell in zip(fields, cells[-len(fields) :], strict=True)}
            given = {name: value for name, value in values.items() if value is not None}
            if member_column is None:
                group.inputs.setdefault(level.name, []).append(given)
                continue
            member = str(cells[len(self._keys)])
            if seen.setdefault((key, member), number) != number:
                message = f"the same {self._level.name} has row {seen[key, member]} for it already"
                self._problems.add(Code.DUPLICATE, f"{level.name}.{member}", message, number)
            group.inputs.setdefault(level.name, {})[member] = given

    def _rows(
        self, path: Path, table: Table, fields: Sequence[Field], member_column: str | None = None
    ) -> list[tuple[int, _Key, tuple[CellValue | None, ...]]]:
        """Return the rows that can be read: number, key, and the cells of keys, member and fields."""
        columns = [one.column for one in self._keys]
        columns += [] if member_column is None else [member_column]
        columns += [one.column for one in fields]
        rows: Rows | None = read_table(path, table, tuple(columns), self._problems, dict.fromkeys(columns))
        readers: list[tuple[str, str, Callable[[str], CellValue | None]]] = []
        readers += [(f"{self._level.name}.{one.column}", one.column, make_reader(one)) for one in self._keys]
        if member_column is not None:
            readers.append((member_column, member_column, _member_reader(self._program.levels[member_column])))
        readers += [(one.where, one.column, make_reader(one)) for one in fields]
        found = []
        for number, cells in rows.rows if rows is not None else ():
            values = [self._cell(*reader, cell, number) for reader, cell in zip(readers, cells, strict=True)]
            if not any(isinstance(value, CellError) for value in values):
                good = tuple(value for value in values if not isinstance(value, CellError))
                key = tuple(exact(_there(value), one.type) for value, one in zip(good, self._keys, strict=False))
                found.append((number, key, good))
        return found

    def _cell(
        self, where: str, column: str, read: Callable[[str], CellValue | None], text: str, number: int
    ) -> CellValue | CellError | None:
        try:
            return read(text)
        except CellError as error:
            self._problems.add(error.code, where, f"column `{column}` {error.message}", number)
            return error


def _there(value: CellValue | None) -> CellValue:
    if value is None:
        raise TypeError("what groups go by is given")
    return value


def _key_field(program: Program, ref: Ref) -> Field:
    type = program.slots[ref].type
    return Field("input", ref, None, ref.name, type, default_reading(type), {})


def _member_reader(level: Level) -> Callable[[str], CellValue]:
    known = {member.name for member in level.members}

    def read(text: str) -> CellValue:
        if text.strip(" ") not in known:
            raise CellError(codes.UNREADABLE, "names none of the members declared for it")
        return text.strip(" ")

    return read
