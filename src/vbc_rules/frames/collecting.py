"""Tables brought together by whose rows they hold: one nested row of inputs for each participant, group, or cohort."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from vbc_rules.errors import Code
from vbc_rules.frames import codes
from vbc_rules.frames.cells import CellError, CellValue, make_reader
from vbc_rules.frames.mapping import ColumnMapping, Field, Placement, Role, Table
from vbc_rules.frames.problems import Problems
from vbc_rules.frames.subjects import Inputs, Key, Subject
from vbc_rules.frames.tables import Rows, read_table
from vbc_rules.plan.layout import Path as InstancePath
from vbc_rules.plan.layout import listed_paths
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.settle import place as place_of

_Keyed: TypeAlias = tuple[Key, int, tuple[str, ...]]
"""A row of a table: whose it is, its number, its cells."""


@dataclass(frozen=True, slots=True)
class Participant:
    """One participant as read: its row in the first table (from 1), its inputs, and its other cells with fields.

    Of a group or the cohort `key` is empty.
    """

    key: str = field(repr=False)
    row: int
    inputs: Inputs = field(repr=False)
    cells: list[tuple[Field, str | None, CellValue]] = field(default_factory=list, repr=False)


@dataclass(frozen=True, slots=True)
class _Cell:
    """Where in a row a field stands, how it is read, and what it is."""

    place: int
    read: Callable[[str], CellValue | None]
    field: Field


def _is_needed(place: Placement) -> bool:
    """Tell whether a participant without a row lacks an input that it must be given."""
    return any(one.role == "input" and not one.may_be_left_out for one in place.fields)


class Collector:
    """Brings the rows of the tables of one root together by whose they are."""

    def __init__(self, mapping: ColumnMapping, program: Program, problems: Problems, subject: Subject) -> None:
        self._mapping = mapping
        self._program = program
        self._problems = problems
        self._subject = subject
        self._tables = tuple(one for one in mapping.tables if (one.root or program.participant) == subject.name)
        self._found: dict[Key, Participant] = {(): Participant("", 1, {})} if subject.is_alone else {}
        self._bad: set[Key] = set()
        self._unnamed: list[int] = []
        self._paths: dict[str, dict[str | int, InstancePath]] = {}

    @property
    def good(self) -> tuple[Participant, ...]:
        """Those without a problem, in the order of the first table."""
        return tuple(one for key, one in self._found.items() if key not in self._bad)

    @property
    def refused(self) -> tuple[tuple[int, str], ...]:
        """Row and identifier of the others; an identifier is "" where it cannot be told."""
        refused = [(self._found[key].row, self._found[key].key) for key in self._bad if key in self._found]
        return tuple(sorted([*refused, *((row, "") for row in self._unnamed)]))

    def collect(self, files: Mapping[str, Path], roles: Collection[Role]) -> None:
        """Read the tables. Raises InputError where a file cannot be read or lacks a column."""
        wanted = []
        for table in self._tables:
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
            if placements or self._is_first(table):
                wanted.append((table, placements, self._read(files[table.name], table, placements)))
        if any(rows is None for _, _, rows in wanted):
            self._problems.raise_if_any()
        for table, placements, rows in wanted:
            if rows is not None:
                self._take(table, placements, rows)

    def _is_first(self, table: Table) -> bool:
        """Tell whether this table lists the participants, or the groups."""
        return table is self._tables[0] and not self._subject.is_alone

    def _read(self, path: Path, table: Table, placements: Iterable[Placement]) -> Rows | None:
        columns = dict.fromkeys((*self._subject.columns(table), *(column for column, _ in table.where)))
        for place in placements:
            if place.member_column:
                columns[place.member_column] = None
            columns.update(dict.fromkeys(one.column for one in place.fields))
        return read_table(path, table, tuple(columns), self._problems, columns if self._mapping.strict else None)

    def _take(self, table: Table, placements: Iterable[Placement], rows: Rows) -> None:
        is_first = self._is_first(table)
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
        """Return the rows with whose they are; report those that do not say, and those not in the first table."""
        name = self._subject.name
        owner_of = self._subject.reader(table, rows.columns, self._problems)
        found = []
        counted = 0
        conditions = [(rows.columns.index(column), words) for column, words in table.where]
        for number, cells in rows.rows:
            if not all(cells[place].strip(" ") in words for place, words in conditions):
                continue
            counted += 1
            owner = owner_of(number, cells)
            if owner is None:
                if first:
                    self._unnamed.append(number)
                continue
            key, given = owner
            if first:
                self._found.setdefault(key, Participant(key if isinstance(key, str) else "", number, given))
            if key in self._found:
                found.append((key, number, cells))
            elif not table.ignore_unmatched and not self._unnamed:
                message = (
                    f"this {name} of {table.name} has no row in {self._tables[0].name}; add it there, or declare "
                    f"`unmatched: ignore`"
                )
                self._problems.add(codes.UNMATCHED, name, message, number)
        if conditions and not counted:
            names = ", ".join(f"`{column}`" for column, _ in table.where)
            message = f"no row counts for the table {table.name}; correct the words beside {names} under `where`"
            self._problems.add(codes.FILE, "", message)
        return found

    def _one_row_each(self, table: Table, keyed: Iterable[_Keyed], *, first: bool, all_needed: bool) -> list[_Keyed]:
        name = self._subject.name
        seen: dict[Key, int] = {}
        unique = []
        for key, number, cells in keyed:
            if key in seen:
                report_duplicate(name, number, seen[key], self._problems)
                self._bad.add(key)
                continue
            seen[key] = number
            unique.append((key, number, cells))
        if not first and all_needed:
            for key, one in self._found.items():
                if key not in seen:
                    message = (
                        f"this {name} has no row in {table.name}; add it there, or declare "
                        f"what that means, as in `no_row: not_reported`"
                    )
                    self._problems.add(codes.UNMATCHED, name, message, one.row)
                    self._bad.add(key)
        return unique

    def _cells(self, place: Placement, columns: tuple[str, ...]) -> list[_Cell]:
        return [_Cell(columns.index(one.column), make_reader(one), one) for one in place.fields]

    def _value(
        self, key: Key, number: int, cells: tuple[str, ...], cell: _Cell, member: str | None
    ) -> CellValue | None:
        try:
            return cell.read(cells[cell.place])
        except CellError as error:
            where = self._where(cell.field.ref, member)
            self._problems.add(error.code, where, f"column `{cell.field.column}` {error.message}", number)
            self._bad.add(key)
            return None

    def _where(self, ref: Ref, member: str | None) -> str:
        if self._subject.kind != "participant":
            return ".".join(part for part in (ref.level, member, ref.name) if part)
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
        seen: dict[tuple[Key, str], int] = {}
        for key, number, cells in keyed:
            member = members.get(cells[at].strip(" "))
            if member is None:
                if not place.ignore_other_members:
                    message = f"column `{place.member_column}` names none of the members declared for it"
                    self._problems.add(codes.UNREADABLE, place.level, message, number)
                    self._bad.add(key)
                continue
            if seen.setdefault((key, member), number) != number:
                message = f"the same {self._subject.name} has row {seen[key, member]} for it already"
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
                    message = f"this {self._subject.name} has no row for it in {table.name}"
                    self._problems.add(codes.UNMATCHED, f"{place.level}.{member}", message, one.row)
                    self._bad.add(key)


def report_duplicate(name: str, row: int, first: int, problems: Problems) -> None:
    """Report a second row of the same participant or group; of the cohort there is one."""
    whose = f"the same {name} stands in row {first} already"
    message = whose if name != COHORT else f"row {first} is the cohort's already, and it has one; remove this row"
    problems.add(Code.DUPLICATE, name, message, row)
