"""Tables brought together by whose rows they hold, column by column, into the rows of the participants' layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vbc_rules.errors import Code, InputProblem
from vbc_rules.frames import codes
from vbc_rules.frames.columns.arrow import ArrowArray, Frame, columns_of
from vbc_rules.frames.columns.cells import ColumnReader
from vbc_rules.frames.columns.held import Cells, Texts
from vbc_rules.frames.columns.keys import check_keys, in_order, places_in, report_doubles
from vbc_rules.frames.columns.quantities import Array
from vbc_rules.frames.mapping import ColumnMapping, Placement
from vbc_rules.frames.mapping import Field as Named
from vbc_rules.frames.mapping import Table as NamedTable
from vbc_rules.frames.problems import MAX_TOLD, Problems
from vbc_rules.plan.layout import NOT_GIVEN, Field, Layout, ListField, make_layouts
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.columns.table import FieldColumn, ListColumn, Table
from vbc_rules.run.reading.numbers import Floats
from vbc_rules.run.settle import place as place_of

Readers: TypeAlias = dict[int, ColumnReader]
"""The readers of a mapping's fields, by the identity of each field."""

Slot: TypeAlias = tuple[Ref, str | None]
"""An input of the layout: its name, and the member it is of."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One table: its columns, and the number of each row (from 1) as it was given."""

    table: NamedTable
    columns: Mapping[str, ArrowArray]
    numbers: Array

    @staticmethod
    def of(table: NamedTable, frame: Frame, wanted: Sequence[str], first_row: int, problems: Problems) -> Source | None:
        """Return the rows that count of a table; None after having reported why there are none."""
        columns = columns_of(frame, wanted, problems)
        if len(columns) < len(wanted):
            return None
        numbers = np.arange(first_row, first_row + frame.length)
        if not table.where:
            return Source(table, columns, numbers)
        keep = np.ones(frame.length, dtype=np.bool_)
        for column, words in table.where:
            trimmed = pc.utf8_trim(columns[column].cast(pa.large_string()), " ")
            keep &= pc.is_in(trimmed, value_set=pa.array(words, pa.large_string())).to_numpy(zero_copy_only=False)
        if not keep.any():
            names = ", ".join(f"`{column}`" for column, _ in table.where)
            message = f"no row counts for the table {table.name}; correct the words beside {names} under `where`"
            problems.add(codes.FILE, "", message)
            return None
        mask = pa.array(keep)
        return Source(table, {name: column.filter(mask) for name, column in columns.items()}, numbers[keep])


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """The participants' rows in the order of identifiers, and the number of each in the first table."""

    table: Table
    numbers: Array


@dataclass(frozen=True, slots=True, eq=False)
class _Taken:
    """A field's reader, and the cells of its column as they stand in its table."""

    named: Named
    reader: ColumnReader
    cells: Cells


def join(
    program: Program,
    mapping: ColumnMapping,
    sources: Mapping[str, Source],
    floats: Floats,
    problems: Problems,
    readers: Readers | None = None,
) -> Joined:
    """Return the participants of tables. Raises InputError with what stands in `problems`.

    `readers` are those made for the mapping so far, by its fields; they are added to.
    """
    return _Join(program, mapping, sources, floats, problems, {} if readers is None else readers).joined()


class _Join:
    def __init__(
        self,
        program: Program,
        mapping: ColumnMapping,
        sources: Mapping[str, Source],
        floats: Floats,
        problems: Problems,
        readers: Readers,
    ) -> None:
        self.program = program
        self.readers = readers
        self.mapping = mapping
        self.sources = sources
        self.floats = floats
        self.problems = problems
        self.layout = make_layouts(program)[program.participant]
        self.fields = fields_of(self.layout)
        self.found: dict[Slot, FieldColumn] = {}
        self.lists: dict[str, ListColumn] = {}
        self.ids: ArrowArray = None
        self.numbers: Array = None

    def joined(self) -> Joined:
        """Return the participants."""
        named = [self._check_key(source) for source in self.sources.values()]
        taken = {
            number: self._read(place) for number, place in enumerate(self.mapping.placements) if self._is_own(place)
        }
        if not all(named):
            self.problems.raise_if_any()
        first, *others = self.sources.values()
        keys = first.columns[first.table.key]
        order = in_order(keys, first.numbers, self.program.participant, self.problems)
        self.problems.raise_if_any()
        self.ids = keys if order is None else keys.take(pa.array(order))
        self.numbers = first.numbers if order is None else first.numbers[order]
        places = {first.table.name: order}
        owners = {source.table.name: self._owners(source) for source in others}
        for name, owner in owners.items():
            places[name] = self._one_row_each(self.sources[name], owner) if self._is_wide(name) else None
        self.problems.raise_if_any()
        for number, cells in taken.items():
            place = self.mapping.placements[number]
            source = self.sources[place.table]
            if place.kind == "wide":
                self._take_wide(source, cells, places[place.table])
            elif place.kind == "items":
                self._take_items(place, source, cells, owners[place.table])
            else:
                self._take_long(place, source, cells, owners[place.table])
        self.problems.raise_if_any()
        table = Table(self.layout, tuple(map(self._column, self.layout.fields)), len(self.ids))
        self.problems.raise_if_any()
        return Joined(table, self.numbers)

    # --- what is read

    def _is_own(self, place: Placement) -> bool:
        return place.table in self.sources

    def _is_wide(self, name: str) -> bool:
        return any(place.table == name and place.kind == "wide" for place in self.mapping.placements)

    def _check_key(self, source: Source) -> bool:
        table = source.table
        name = self.program.participant
        return check_keys(source.columns[table.key], source.numbers, name, table.key, self.problems)

    def _read(self, place: Placement) -> list[_Taken]:
        source = self.sources[place.table]
        found: list[_Taken] = []
        for named in place.fields:
            if named.role != "input":
                continue
            members = [named.member] if place.kind != "long" else list(dict.fromkeys((place.members or {}).values()))
            field = self.fields.get((named.ref, members[0]))
            if field is None:
                message = "cannot be held in a table of rows; give the rows as JSON"
                self.problems.add(codes.UNSERVED, named.where, message)
                continue
            reader = self.readers.get(id(named))
            if reader is None:
                reader = ColumnReader(named, field, self.floats, is_plain=self.mapping.strict)
                self.readers[id(named)] = reader
            found.append(_Taken(named, reader, reader.read(source.columns[named.column])))
        self._tell(place, source, found)
        return found

    def _tell(self, place: Placement, source: Source, taken: Iterable[_Taken]) -> None:
        """Report what is wrong with the cells of a table, row by row."""
        told: list[tuple[int, int, InputProblem]] = []
        more = 0
        for position, one in enumerate(taken):
            if one.cells.wrong is None:
                continue
            rows = np.flatnonzero(one.cells.wrong)
            more += max(len(rows) - MAX_TOLD, 0)
            for row in rows[:MAX_TOLD].tolist():
                code, message = one.cells.messages[int(one.cells.wrong[row]) - 1]
                number = int(source.numbers[row])
                where = self._where(place, one)
                problem = InputProblem(str(code), where, f"column `{one.named.column}` {message}", number)
                told.append((number, position, problem))
        told.sort(key=lambda each: each[:2])
        for _, _, problem in told:
            self.problems.add(problem.code, problem.where, problem.message, problem.row)
        self.problems.total += more

    def _where(self, place: Placement, one: _Taken) -> str:
        field = one.reader.field
        return place_of(self.program, field.ref, field.path if place.kind == "wide" else ())

    # --- whose it is

    def _owners(self, source: Source) -> Array:
        """Return whose each row of another table is, -1 where it is nobody's and that is permitted."""
        name = self.program.participant
        first = next(iter(self.sources.values())).table.name
        owners = places_in(source.columns[source.table.key], self.ids)
        if not source.table.ignore_unmatched:
            message = (
                f"this {name} of {source.table.name} has no row in {first}; "
                "add it there, or declare `unmatched: ignore`"
            )
            self._add_all(codes.UNMATCHED, name, message, source.numbers[owners < 0])
        return owners

    def _add_all(self, code: str, where: str, message: str, rows: Array) -> None:
        for row in rows[:MAX_TOLD].tolist():
            self.problems.add(code, where, message, row)
        self.problems.total += max(len(rows) - MAX_TOLD, 0)

    def _one_row_each(self, source: Source, owners: Array) -> Array:
        """Return the place of each participant's row in another table, -1 where there is none."""
        name, table = self.program.participant, source.table
        rows = np.flatnonzero(owners >= 0)
        places = np.full(len(self.ids), -1)
        places[owners[rows]] = rows
        if np.count_nonzero(places >= 0) < len(rows):
            report_doubles(owners[rows], source.numbers[rows], name, self.problems)
        needed = any(
            one.role == "input" and not one.may_be_left_out
            for place in self.mapping.placements
            if place.table == table.name and place.kind == "wide"
            for one in place.fields
        )
        if table.no_row is None and (needed or not table.where):
            message = (
                f"this {name} has no row in {table.name}; add it there, or declare "
                "what that means, as in `no_row: not_reported`"
            )
            self._add_all(codes.UNMATCHED, name, message, np.sort(self.numbers[places < 0]))
        return places

    # --- columns

    def _take_wide(self, source: Source, taken: Iterable[_Taken], places: Array | None) -> None:
        for one in taken:
            self.found[one.named.ref, one.named.member] = self._placed(source, one, places)

    def _placed(self, source: Source, one: _Taken, places: Array | None) -> FieldColumn:
        """Return a column by participants; `places` has the row of each (None: its own), -1 where there is none."""
        if places is None:
            return _field_column(one.reader, one.cells)
        lacking = places < 0
        if not lacking.any():
            return _field_column(one.reader, one.cells.at(places))
        no_row = None if one.named.may_be_left_out else source.table.no_row
        count = len(places)
        cells = one.reader.not_given(count) if no_row is None else one.reader.constant(count, no_row)
        if cells.wrong is not None:
            _, message = cells.messages[0]
            where = place_of(self.program, one.reader.field.ref, one.reader.field.path)
            rows = np.sort(self.numbers[lacking])
            self._add_all(cells.messages[0][0], where, f"has no row in {source.table.name}, and {message}", rows)
        if len(one.cells.values):
            there = one.cells.at(places)
            cells.values = np.where(lacking, cells.values, there.values)
            cells.texts = there.texts
            codes_there = 0 if there.codes is None else there.codes
            cells.codes = np.where(lacking, 0 if cells.codes is None else cells.codes, codes_there)
        return _field_column(one.reader, cells)

    def _take_items(self, place: Placement, source: Source, taken: Sequence[_Taken], owners: Array) -> None:
        rows = np.flatnonzero(owners >= 0)
        order = rows[np.argsort(owners[rows], kind="stable")]
        lengths = np.bincount(owners[rows], minlength=len(self.ids))
        level = self.program.levels[place.level]
        most = level.at_most or 0
        for participant in np.flatnonzero(lengths > most).tolist():
            message = f"has {lengths[participant]} items where at most {most} are declared; leave some out"
            self.problems.add(Code.TOO_MANY, place.level, message, int(self.numbers[participant]))
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        columns = {one.named.ref: _field_column(one.reader, one.cells.at(order)) for one in taken}
        if level.key is not None:
            key = Ref(level.name, level.key)
            self._check_unique(key, columns[key], owners[order], source.numbers[order])
        layout = next(
            field.layout for field in self.layout.fields if isinstance(field, ListField) and field.level == level.name
        )
        held = tuple(self._item_column(field, columns, len(order)) for field in layout.fields)
        self.lists[level.name] = ListColumn(starts, Table(layout, held, len(order)))

    def _item_column(self, field: Field | ListField, columns: Mapping[Ref, FieldColumn], count: int) -> FieldColumn:
        if isinstance(field, ListField) or field.path or field.ref not in columns:
            where = field.level if isinstance(field, ListField) else str(field.ref)
            self.problems.add(codes.UNSERVED, where, "is not held in a table of items; give the rows as JSON")
            return FieldColumn(np.zeros(count, dtype=np.int64))
        return columns[field.ref]

    def _check_unique(self, key: Ref, column: FieldColumn, owners: Array, numbers: Array) -> None:
        there = np.flatnonzero(column.codes == 0) if column.codes is not None else np.arange(len(owners))
        pairs = np.lexsort((numbers[there], column.values[there], owners[there]))
        there = there[pairs]
        one, two = there[:-1], there[1:]
        same = (owners[one] == owners[two]) & (column.values[one] == column.values[two])
        message = (
            f"column `{key.name}` is also that of row {{}}; give each item of a {self.program.participant} its own"
        )
        for place in np.flatnonzero(same)[:MAX_TOLD].tolist():
            text = message.format(int(numbers[one[place]]))
            self.problems.add(Code.DUPLICATE, str(key), text, int(numbers[two[place]]))
        self.problems.total += max(int(np.count_nonzero(same)) - MAX_TOLD, 0)

    def _take_long(self, place: Placement, source: Source, taken: Sequence[_Taken], owners: Array) -> None:
        name, members = self.program.participant, place.members or {}
        words = pc.utf8_trim(source.columns[place.member_column].cast(pa.large_string()), " ")
        own = list(dict.fromkeys(members.values()))
        known = np.array([own.index(member) for member in members.values()] + [-1])
        which = known[places_in(words, pa.array(list(members), pa.large_string()))]
        if not place.ignore_other_members:
            message = f"column `{place.member_column}` names none of the members declared for it"
            self._add_all(codes.UNREADABLE, place.level, message, source.numbers[(which < 0) & (owners >= 0)])
        rows = np.flatnonzero((which >= 0) & (owners >= 0))
        for number, member in enumerate(own):
            of_member = rows[which[rows] == number]
            places = np.full(len(self.ids), -1)
            places[owners[of_member]] = of_member
            where = f"{place.level}.{member}"
            if np.count_nonzero(places >= 0) < len(of_member):
                self._report_twice(where, owners[of_member], source.numbers[of_member])
            lacking = places < 0
            if source.table.no_row is None and not all(one.named.may_be_left_out for one in taken) and lacking.any():
                message = f"this {name} has no row for it in {source.table.name}"
                self._add_all(codes.UNMATCHED, where, message, np.sort(self.numbers[lacking]))
                continue
            for one in taken:
                self.found[one.named.ref, member] = self._placed(source, one, places)

    def _report_twice(self, where: str, owners: Array, numbers: Array) -> None:
        order = np.lexsort((numbers, owners))
        one, two = order[:-1], order[1:]
        for place in np.flatnonzero(owners[one] == owners[two])[:MAX_TOLD].tolist():
            message = f"the same {self.program.participant} has row {int(numbers[one[place]])} for it already"
            self.problems.add(Code.DUPLICATE, where, message, int(numbers[two[place]]))

    # --- the layout

    def _column(self, field: Field | ListField) -> FieldColumn | ListColumn:
        if isinstance(field, ListField):
            found = self.lists.get(field.level) if not field.path else None
            if found is None:
                self.problems.add(codes.UNSERVED, field.level, "no table has its items; give the rows as JSON")
                return ListColumn(np.zeros(len(self.ids) + 1, dtype=np.int64), Table(field.layout, (), 0))
            return found
        count = len(self.ids)
        if field.domain is None:
            return FieldColumn(np.arange(count), texts=Texts(self.ids))
        held = self.found.get((field.ref, str(field.path[-1]) if field.path else None))
        if held is not None:
            return held
        if field.input is not None and field.input.only_if is not None:
            return _nothing(field, count)
        where = place_of(self.program, field.ref, field.path)
        self.problems.add(Code.MISSING, where, "no column is read for it; add it to the mapping")
        return FieldColumn(np.zeros(count, dtype=np.int64))


def fields_of(layout: Layout) -> dict[Slot, Field]:
    """Return the inputs of a layout and of the lists in it."""
    found: dict[Slot, Field] = {}
    for field in layout.fields:
        if isinstance(field, Field):
            found[field.ref, str(field.path[-1]) if field.path else None] = field
        else:
            found.update(fields_of(field.layout))
    return found


def _field_column(reader: ColumnReader, cells: Cells) -> FieldColumn:
    values = cells.values
    if cells.codes is None or not cells.codes.any():
        return FieldColumn(values, None, (), cells.texts)
    return FieldColumn(values, cells.codes.astype(np.uint8, copy=False), reader.absences, cells.texts)


def _nothing(field: Field, count: int) -> FieldColumn:
    """Return the column of an input that is nowhere given."""
    is_text = not field.type.is_numeric and field.type.kind not in ("yes_no", "date")
    values: Array = np.zeros(count, dtype=np.bool_ if field.type.kind == "yes_no" else np.int64)
    return FieldColumn(values, np.ones(count, dtype=np.uint8), (NOT_GIVEN,), [] if is_text else None)
