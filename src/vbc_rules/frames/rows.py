"""Files of data to one nested row of inputs a participant, in the shape that `Program.evaluate` takes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from vbc_rules.errors import Code, InputError, InputProblem
from vbc_rules.frames import codes, jsontext
from vbc_rules.frames.cells import CellError, CellValue, make_reader
from vbc_rules.frames.mapping import ColumnMapping, Field, Placement, Role, Table
from vbc_rules.frames.plain import needed_files, plain_mapping
from vbc_rules.frames.problems import Problems
from vbc_rules.frames.tables import Rows, read_table
from vbc_rules.plan.layout import Path as InstancePath
from vbc_rules.plan.layout import listed_paths
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.settle import place as place_of

Data: TypeAlias = Path | Mapping[str, Path]
"""Where the data are: a folder, one file, or a file for each table by the table's name."""

Inputs: TypeAlias = dict[str, Any]
"""One participant's inputs by name; those of members and of items nested under their level's name."""

_Keyed: TypeAlias = tuple[str, int, tuple[str, ...]]
"""A row of a table: its participant, its number, its cells."""

INPUTS: Final[frozenset[Role]] = frozenset({"input"})


@dataclass(frozen=True, slots=True)
class Participant:
    """One participant as read: its row in the first table (from 1), its inputs, and its other cells with fields."""

    key: str = field(repr=False)
    row: int
    inputs: Inputs = field(repr=False)
    cells: list[tuple[Field, str | None, CellValue]] = field(default_factory=list, repr=False)


@dataclass(frozen=True, slots=True)
class RowSet:
    """What was read: the participants without a problem, and (row, identifier) of the others, who are `refused`.

    `problems` holds the first thousand problems, `total_problems` counts all. An identifier is ""
    where it cannot be told.
    """

    participants: tuple[Participant, ...]
    refused: tuple[tuple[int, str], ...] = field(repr=False)
    problems: tuple[InputProblem, ...]
    total_problems: int

    @property
    def rows(self) -> list[Inputs]:
        """The inputs of every participant without a problem, in the order of the first table."""
        return [participant.inputs for participant in self.participants]

    def raise_if_any(self) -> None:
        """Raise InputError with all problems told, if there are any."""
        if self.problems:
            raise InputError(self.problems)


def read_rows(mapping: ColumnMapping | None, data: Data, program: Program, roles: Collection[Role] = INPUTS) -> RowSet:
    """Return one nested row of inputs a participant, numbers as exact text, absences as `Absent`.

    Without a mapping, columns are named like the inputs, or a JSON file holds the rows as they are. With other
    `roles`, also the cells that are the rule's own or published figures are read.

    Raises InputError where a file cannot be read at all, or lacks a column; what is wrong with single rows is in the
    result.
    """
    problems = Problems()
    if mapping is None:
        if isinstance(data, Path) and data.suffix.lower() == ".json":
            return _json_rows(data, program, problems)
        files = _plain_files(data, program, problems)
        problems.raise_if_any()
        mapping = plain_mapping(program, files)
    else:
        files = _mapped_files(data, mapping, problems)
        problems.raise_if_any()
    return _Collector(mapping, program, problems).collect(files, roles)


def _json_rows(path: Path, program: Program, problems: Problems) -> RowSet:
    found: list[Participant] = []
    refused: list[tuple[int, str]] = []
    seen: dict[str, int] = {}
    for number, item in jsontext.participants(path, problems):
        if item is None:
            refused.append((number, ""))
            continue
        key = item.get(program.participant)
        if isinstance(key, str) and seen.setdefault(key, number) != number:
            _report_duplicate(program.participant, number, seen[key], problems)
            refused.append((number, key))
            continue
        found.append(Participant(key if isinstance(key, str) else "", number, item))
    if problems.broken_off:
        problems.raise_if_any()
    return RowSet(tuple(found), tuple(refused), problems.told, problems.total)


def _report_duplicate(participant: str, row: int, first: int, problems: Problems) -> None:
    problems.add(Code.DUPLICATE, participant, f"the same {participant} stands in row {first} already", row)


def _plain_files(data: Data, program: Program, problems: Problems) -> Mapping[str, Path]:
    participant = program.participant
    if isinstance(data, Path) and not data.is_dir():
        files: dict[str, Path] = {participant: data}
    elif isinstance(data, Path):
        names = program.levels_of(participant)
        files = {name: path for name in names if (path := data / f"{name}.csv").exists()}
    else:
        files = {participant: data[participant]} if participant in data else {}
        files.update(data)
    for name in (participant, *needed_files(program)):
        if name not in files:
            problems.add(codes.FILE, name, f"there is no file for it; write one named {name}.csv")
    for name in files:
        if name not in program.levels_of(participant):
            problems.add(codes.FILE, name, f"no level of the {participant} has this name")
    return files


def _mapped_files(data: Data, mapping: ColumnMapping, problems: Problems) -> Mapping[str, Path]:
    if not isinstance(data, Path):
        for table in mapping.tables:
            if table.name not in data:
                problems.add(codes.FILE, "", f"the table {table.name} has no file; name one")
        return data
    if data.is_dir():
        return {table.name: data / table.file for table in mapping.tables}
    if len(mapping.tables) > 1:
        problems.add(codes.FILE, "", f"the mapping reads {len(mapping.tables)} tables; name the folder of their files")
    return {mapping.tables[0].name: data}


@dataclass(frozen=True, slots=True)
class _Cell:
    """Where in a row a field stands, how it is read, and what it is."""

    place: int
    read: Callable[[str], CellValue | None]
    field: Field


def _is_needed(place: Placement) -> bool:
    """Tell whether a participant without a row lacks an input that it must be given."""
    return any(one.role == "input" and not one.may_be_left_out for one in place.fields)


class _Collector:
    """Brings the rows of all tables together by participant."""

    def __init__(self, mapping: ColumnMapping, program: Program, problems: Problems) -> None:
        self._mapping = mapping
        self._program = program
        self._problems = problems
        self._found: dict[str, Participant] = {}
        self._bad: set[str] = set()
        self._unnamed: list[int] = []
        self._paths: dict[str, dict[str | int, InstancePath]] = {}

    def collect(self, files: Mapping[str, Path], roles: Collection[Role]) -> RowSet:
        """Return all participants. Raises InputError where a file cannot be read or lacks a column."""
        wanted = []
        for table in self._mapping.tables:
            placements = [
                Placement(
                    place.table,
                    place.level,
                    place.kind,
                    tuple(one for one in place.fields if one.role in roles),
                    place.member_column,
                    place.members,
                    place.ignore_other_members,
                )
                for place in self._mapping.placements
                if place.table == table.name and any(one.role in roles for one in place.fields)
            ]
            if placements or table is self._mapping.tables[0]:
                wanted.append((table, placements, self._read(files[table.name], table, placements)))
        if any(rows is None for _, _, rows in wanted):
            self._problems.raise_if_any()
        for table, placements, rows in wanted:
            if rows is not None:
                self._take(table, placements, rows)
        good = tuple(one for key, one in self._found.items() if key not in self._bad)
        refused = [(self._found[key].row, key) for key in self._bad if key in self._found]
        refused.extend((row, "") for row in self._unnamed)
        return RowSet(good, tuple(sorted(refused)), self._problems.told, self._problems.total)

    def _read(self, path: Path, table: Table, placements: Iterable[Placement]) -> Rows | None:
        columns = dict.fromkeys((table.key, *(column for column, _ in table.where)))
        for place in placements:
            if place.member_column:
                columns[place.member_column] = None
            columns.update(dict.fromkeys(one.column for one in place.fields))
        return read_table(path, table, tuple(columns), self._problems, columns if self._mapping.strict else None)

    def _take(self, table: Table, placements: Iterable[Placement], rows: Rows) -> None:
        is_first = table is self._mapping.tables[0]
        keyed = self._keyed(table, rows, first=is_first)
        if is_first:
            self._unnamed.extend(rows.ragged)
        wide = [place for place in placements if place.kind == "wide"]
        if wide or is_first:
            given = table.no_row is not None or (table.where and not any(map(_is_needed, wide)))
            keyed = self._one_row_each(table, keyed, first=is_first, all_needed=not given)
            for place in wide:
                self._take_wide(table, place, rows.columns, keyed)
        for place in placements:
            if place.kind == "items":
                self._take_items(place, rows.columns, keyed)
            elif place.kind == "long":
                self._take_long(table, place, rows.columns, keyed)

    def _keyed(self, table: Table, rows: Rows, *, first: bool) -> list[_Keyed]:
        """Return the rows with their participant; report those without, and those the first table does not have."""
        participant = self._program.participant
        found = []
        counted = 0
        conditions = [(rows.columns.index(column), words) for column, words in table.where]
        for number, cells in rows.rows:
            if not all(cells[place].strip(" ") in words for place, words in conditions):
                continue
            counted += 1
            key = cells[0]
            if not key or key != key.strip() or not key.isprintable():
                what = "is empty" if not key.strip() else "has spaces around it, or characters that cannot be seen"
                self._problems.add(codes.BAD_KEY, participant, f"column `{table.key}` {what}", number)
                if first:
                    self._unnamed.append(number)
            elif first or key in self._found:
                found.append((key, number, cells))
            elif not table.ignore_unmatched and not self._unnamed:
                other = self._mapping.tables[0].name
                message = (
                    f"this {participant} of {table.name} has no row in {other}; add it there, or declare "
                    f"`unmatched: ignore`"
                )
                self._problems.add(codes.UNMATCHED, participant, message, number)
        if conditions and not counted:
            names = ", ".join(f"`{column}`" for column, _ in table.where)
            message = f"no row counts for the table {table.name}; correct the words beside {names} under `where`"
            self._problems.add(codes.FILE, "", message)
        return found

    def _one_row_each(self, table: Table, keyed: Iterable[_Keyed], *, first: bool, all_needed: bool) -> list[_Keyed]:
        seen: dict[str, int] = {}
        unique = []
        for key, number, cells in keyed:
            if key in seen:
                _report_duplicate(self._program.participant, number, seen[key], self._problems)
                self._bad.add(key)
                continue
            seen[key] = number
            unique.append((key, number, cells))
            if first:
                self._found[key] = Participant(key, number, {self._program.participant: key})
        if not first and all_needed:
            for key, one in self._found.items():
                if key not in seen:
                    message = (
                        f"this {self._program.participant} has no row in {table.name}; add it there, or declare "
                        f"what that means, as in `no_row: not_reported`"
                    )
                    self._problems.add(codes.UNMATCHED, self._program.participant, message, one.row)
                    self._bad.add(key)
        return unique

    def _cells(self, place: Placement, columns: tuple[str, ...]) -> list[_Cell]:
        return [_Cell(columns.index(one.column), make_reader(one), one) for one in place.fields]

    def _value(
        self, key: str, number: int, cells: tuple[str, ...], cell: _Cell, member: str | None
    ) -> CellValue | None:
        try:
            return cell.read(cells[cell.place])
        except CellError as error:
            where = self._where(cell.field.ref, member)
            self._problems.add(error.code, where, f"column `{cell.field.column}` {error.message}", number)
            self._bad.add(key)
            return None

    def _where(self, ref: Ref, member: str | None) -> str:
        if ref.level not in self._paths:
            listed = listed_paths(self._program, ref.level) if member is not None else {}
            self._paths[ref.level] = {path[-1]: path for path in listed if path}
        return place_of(self._program, ref, self._paths[ref.level].get(member or "", ()))

    def _put(self, one: Participant, field: Field, member: str | None, value: CellValue) -> None:
        if field.role != "input":
            one.cells.append((field, member, value))
        elif member is None:
            one.inputs[field.ref.name] = value
        else:
            one.inputs.setdefault(field.ref.level, {}).setdefault(member, {})[field.ref.name] = value

    def _take_wide(
        self,
        table: Table,
        place: Placement,
        columns: tuple[str, ...],
        keyed: Iterable[_Keyed],
    ) -> None:
        readers = self._cells(place, columns)
        seen = set()
        for key, number, cells in keyed:
            seen.add(key)
            one = self._found[key]
            for cell in readers:
                value = self._value(key, number, cells, cell, cell.field.member)
                if value is not None:
                    self._put(one, cell.field, cell.field.member, value)
        for key, one in self._found.items():
            if key not in seen:
                for cell in readers:
                    self._put_no_row(table, one, cell.field, cell.field.member)

    def _put_no_row(self, table: Table, one: Participant, field: Field, member: str | None) -> bool:
        """Give an input what a missing row means; tell whether that is known."""
        if field.role != "input" or field.may_be_left_out:
            return True
        if table.no_row is None:
            return False
        self._put(one, field, member, table.no_row)
        return True

    def _take_items(self, place: Placement, columns: tuple[str, ...], keyed: Iterable[_Keyed]) -> None:
        readers = self._cells(place, columns)
        for one in self._found.values():
            one.inputs.setdefault(place.level, [])
        for key, number, cells in keyed:
            item: Inputs = {}
            for cell in readers:
                value = self._value(key, number, cells, cell, None)
                if value is not None:
                    item[cell.field.ref.name] = value
            self._found[key].inputs[place.level].append(item)

    def _take_long(
        self,
        table: Table,
        place: Placement,
        columns: tuple[str, ...],
        keyed: Iterable[_Keyed],
    ) -> None:
        readers = self._cells(place, columns)
        members = place.members or {}
        at = columns.index(place.member_column)
        seen: dict[tuple[str, str], int] = {}
        for key, number, cells in keyed:
            member = members.get(cells[at].strip(" "))
            if member is None:
                if not place.ignore_other_members:
                    message = f"column `{place.member_column}` names none of the members declared for it"
                    self._problems.add(codes.UNREADABLE, place.level, message, number)
                    self._bad.add(key)
                continue
            if seen.setdefault((key, member), number) != number:
                message = f"the same {self._program.participant} has row {seen[key, member]} for it already"
                self._problems.add(Code.DUPLICATE, f"{place.level}.{member}", message, number)
                self._bad.add(key)
                continue
            for cell in readers:
                value = self._value(key, number, cells, cell, member)
                if value is not None:
                    self._put(self._found[key], cell.field, member, value)
        for key, one in self._found.items():
            for member in dict.fromkeys(members.values()):
                if (key, member) in seen:
                    continue
                if not all(self._put_no_row(table, one, cell.field, member) for cell in readers):
                    message = f"this {self._program.participant} has no row for it in {table.name}"
                    self._problems.add(codes.UNMATCHED, f"{place.level}.{member}", message, one.row)
                    self._bad.add(key)
