"""One evaluation in columns: participants' stages over arrays, what spans them between, read on demand as lists."""

from __future__ import annotations

import itertools
from collections.abc import Container, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from vbc_rules.check.interval import Interval
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Field, Layout, ListField, Path, Population
from vbc_rules.plan.stages import Forming, Gathering, Settling
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Expr, Ref
from vbc_rules.run.columns import across, aggregates
from vbc_rules.run.columns.forms import Column, Env, Unsupported, Vector, Width, cast, width_of
from vbc_rules.run.columns.geometry import Geometry
from vbc_rules.run.columns.names import Foreign, given_of
from vbc_rules.run.columns.stage import ColumnStage
from vbc_rules.run.columns.table import FieldColumn, ListColumn, Table
from vbc_rules.run.scalar.cohort_run import Run, encoded

if TYPE_CHECKING:
    from vbc_rules.run.columns.engine import ColumnEngine


class ColumnRun(Run):
    """What one evaluation in columns has found so far."""

    engine: ColumnEngine

    def __init__(
        self, engine: ColumnEngine, population: Population, keep: Container[Ref] | None = None, threads: int = 1
    ) -> None:
        super().__init__(engine, population)
        self.keep = keep
        self.threads = threads
        self.geometry = Geometry(engine.program)
        self.vectors: dict[Ref, Vector] = {}
        self.numbered: dict[tuple[str, str], tuple[Any, Any]] = {}
        self._starts: dict[str, Any] = {}
        self._inside: Any = None
        self.forms = dict(engine.forms)
        self._is_special = False

    @property
    def inside(self) -> Any:  # noqa: ANN401 (an array, or nothing)
        """Which participants are in the program; None where all are."""
        if self._deciding and self.frame.is_inside is None:
            self._find_inside()
        if self._inside is None and self.frame.is_inside is not None:
            self._inside = np.array(self.frame.is_inside, dtype=np.bool_)
        return self._inside

    def _root(self, code: Any) -> Any:  # noqa: ANN401 (what later stages ask for)
        if not isinstance(code, ColumnStage):
            return super()._root(code)
        self.vectors.update(self._compiled(code).run(self, self.keep, self.threads))
        return [None]

    def _compiled(self, code: ColumnStage) -> ColumnStage:
        """Return a stage compiled for what was found on other roots and between stages, once there is any."""
        settled = self.settled()
        for ref, vector in settled.items():
            self.forms[ref] = _bounded(self.forms[ref], vector)
        if code.reads_foreign or settled or self._is_special:
            self._is_special = True
            return self.engine.specialized(code, self)
        return code

    def is_own(self, ref: Ref) -> bool:
        """Whether a name is the participants', or one of what hangs from them."""
        return ref.level != "" and self.program.root(ref.level) == self.program.participant

    def settled(self) -> dict[Ref, Vector]:
        """Return what participants were found to have beside each other so far."""
        found = {ref for ref, _, _ in self.columns} | self.vectors.keys()
        return {ref: self.vector(ref) for ref in found if self.engine.is_settled(ref)}

    def measured(self, form: Foreign, ref: Ref) -> Foreign:
        """Return how what stands on another root is carried, with the bounds of the numbers found there."""
        if form.kind != "number":
            return form
        low, high, most = _bounds(self.vector(ref))
        return replace(form, low=low, high=high, below=most if form.has_denominator else 1)

    def env(self, root: str, first: int, last: int) -> Env:
        """Return the rows from `first` to before `last` of a root, with their items."""
        spans = {root: (first, last), COHORT: (0, 1)}
        parents: dict[str, Any] = {}
        starts: dict[str, Any] = {}
        for name in self.geometry.lists(root):
            whole = self.starts(name)
            begin, end = int(whole[first]), int(whole[last])
            spans[name] = (begin, end)
            local = whole[first : last + 1] - begin
            starts[name] = local
            parents[name] = np.repeat(np.arange(last - first), np.diff(local))
        return Env({"run": self}, spans, parents, starts)  # type: ignore[dict-item]

    def starts(self, name: str) -> Any:  # noqa: ANN401 (an array)
        """Return where the items of each row begin, and where the last ones end."""
        if name not in self._starts:
            root = self.program.root(name)
            position = _position(self.engine.layouts[root], name)
            rows = self.population.participants
            if isinstance(rows, Table) and root == self.program.participant:
                self._starts[name] = self._given_starts(name, rows.column(position))
                return self._starts[name]
            lengths = [len(row[position]) for row in self.frame.rows[root]]  # type: ignore[arg-type]
            level = self.program.levels[name]
            if level.at_most is not None and max(lengths, default=0) > level.at_most:
                raise Unsupported("a list that is too long")
            self._starts[name] = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)
            self._check_keys(name, position, root)
        return self._starts[name]

    def _given_starts(self, name: str, column: ListColumn) -> Any:  # noqa: ANN401 (an array)
        level = self.program.levels[name]
        lengths = np.diff(column.starts)
        if level.at_most is not None and len(lengths) and int(lengths.max()) > level.at_most:
            raise Unsupported("a list that is too long")
        if level.key is not None:
            own = column.items.column(_key_place(column.items.layout, Ref(name, level.key)))
            there = np.ones(len(own.values), dtype=np.bool_) if own.codes is None else own.codes == 0
            rows = np.repeat(np.arange(len(lengths)), lengths)[there]
            pairs = np.unique(np.stack([rows, own.values[there]]), axis=1)
            if pairs.shape[1] < len(rows):
                raise Unsupported("two items with one key")
        return column.starts

    def _check_keys(self, name: str, position: int, root: str) -> None:
        level = self.program.levels[name]
        if level.key is None:
            return
        layout = self.engine.layouts[root].fields[position]
        if not isinstance(layout, ListField):
            return
        own = _key_place(layout.layout, Ref(name, level.key))
        for row in self.frame.rows[root]:
            keys = [item[own] for item in row[position] if not isinstance(item[own], Absent)]  # type: ignore[union-attr]
            if len(set(keys)) < len(keys):
                raise Unsupported("two items with one key")

    # --- vectors

    def vector(self, ref: Ref) -> Vector:
        """Return the whole column of a slot, of this root from its rows or of another from what it found."""
        found = self.vectors.get(ref)
        if found is None:
            found = self.vectors[ref] = self._vector(ref)
        return found

    def _vector(self, ref: Ref) -> Vector:
        given = given_of(ref)
        if given is not None:
            return self._from_rows(given)
        if ref.level == "":
            return self._from_lists(ref)
        root = self.program.root(ref.level)
        on_participant = root == self.program.participant
        slot = self.engine.staged.slots[ref]
        left_out = self.engine.stage_of(ref) if on_participant else None
        if left_out is not None:
            # It was not kept: the stage that found it is run again.
            self.vectors.update(self._compiled(left_out).run(self, None, self.threads))
            return self.vectors[ref]
        return self._from_rows(ref) if on_participant and slot.kind in ("input", "name") else self._from_lists(ref)

    def _from_lists(self, ref: Ref) -> Vector:
        """Return the column of what another stage found, from its lists."""
        flat, _ = self._own(self.engine.named(ref))
        carrier = self.engine.carrier_of_ref(ref)
        place = self.geometry.place(ref.level) if ref.level else None
        count = 1 if place is None or place.members is None else len(place.members)
        rows = [flat[start::count] for start in range(count)]
        if carrier.denominator is not None:
            flat_below = [1 if v.__class__ is Absent else v.denominator for row in rows for v in row]
            tops = [v if v.__class__ is Absent else v.numerator for row in rows for v in row]
            number, codes = self._encoded(carrier.kind, tops)
            below = _array(flat_below)
        else:
            number, codes = self._encoded(carrier.kind, [v for row in rows for v in row])
            below = None
        if place is None or place.members is None:
            return number, below, codes
        shape = (count, -1)
        return (
            number.reshape(shape),
            None if below is None else below.reshape(shape),
            None if codes is None else codes.reshape(shape),
        )

    def _from_rows(self, ref: Ref) -> Vector:
        """Return the column of an input, from the rows."""
        root = self.program.root(ref.level)
        rows: Sequence[Any] = self.population.participants
        place = self.geometry.place(ref.level)
        base = self.program.levels[place.base]
        layout = self.engine.layouts[root]
        if base.kind == "list":
            position = _position(layout, base.name)
            held = layout.fields[position]
            if isinstance(rows, Table):
                rows = rows.column(position).items
            else:
                rows = [item for row in rows for item in row[position]]
            layout = held.layout if isinstance(held, ListField) else layout
        paths: Sequence[Path] = place.members if place.members is not None else ((),)
        positions = {
            field.path: number
            for number, field in enumerate(layout.fields)
            if isinstance(field, Field) and field.ref == ref
        }
        form = self.engine.forms[ref]
        kind = form.kind
        if isinstance(rows, Table):
            columns = [rows.column(positions[path]) for path in paths]
            return self._block(form, columns) if place.members is not None else self._held(form, columns[0])
        cells = [[row[positions[path]] for row in rows] for path in paths]
        number, codes = self._encoded(kind, [cell for row in cells for cell in row])
        if place.members is None:
            return number, None, codes
        shape = (len(paths), len(rows))
        return number.reshape(shape), None, None if codes is None else codes.reshape(shape)

    def _block(self, form: Column, columns: Sequence[FieldColumn]) -> Vector:
        """Return the columns of listed members as a block."""
        if form.kind == "number":
            # Each is read once, and written in few bytes where it stays.
            numbers = np.empty((len(columns), len(columns[0].values)), dtype=_held_in(form))
            for row, column in zip(numbers, columns, strict=True):
                row[...] = column.values
            return numbers, None, _stacked_codes([self._codes(column) for column in columns])
        parts = [self._held(form, column) for column in columns]
        return np.stack([part[0] for part in parts]), None, _stacked_codes([part[2] for part in parts])

    def _codes(self, column: FieldColumn) -> Any:  # noqa: ANN401 (an array, or nothing)
        if column.codes is None:
            return None
        known = np.array([0, *(self.engine.words.code(absence.reason) for absence in column.absences)], dtype=np.uint8)
        return known[column.codes]

    def _held(self, form: Column, column: FieldColumn) -> Vector:
        """Return a column of a table as the engine holds it."""
        words, codes = self.engine.words, self._codes(column)
        if column.texts is not None:
            numbers = np.array([words.number(text) for text in column.texts], dtype=np.int64)
            return (numbers[column.values] if len(numbers) else column.values), None, codes
        if form.kind == "yes_no":
            return column.values, None, codes
        return cast(column.values, "float64" if form.kind == "date" else _held_in(form)), None, codes

    def _encoded(self, kind: str, cells: Sequence[Any]) -> tuple[Any, Any]:
        """Return cells as numbers, and the codes of their absences (None where there are none)."""
        words = self.engine.words
        codes = None
        if any(cell.__class__ is Absent for cell in cells):
            codes = np.array([words.code(c.reason) if c.__class__ is Absent else 0 for c in cells], dtype=np.uint8)
            empty: Any = "" if kind == "word" else 0
            cells = [empty if cell.__class__ is Absent else cell for cell in cells]
        if kind == "word":
            return np.array([words.number(cell) for cell in cells], dtype=np.int64), codes
        if kind == "yes_no":
            return np.array([bool(cell) for cell in cells], dtype=np.bool_), codes
        if kind == "date":
            return np.array(cells, dtype=np.float64), codes
        return _array(cells), codes

    def seen(self, level: str, group: str) -> tuple[Any, Any]:
        """Return the number of the group above each instance of `level`, and the codes of absences."""
        key = (level, group)
        if key not in self.numbered:
            uppers = self.frame.upper(level, group)
            place = self.geometry.place(level)
            count = 1 if place.members is None else len(place.members)
            flat = [number for start in range(count) for number in uppers[start::count]]
            inside = np.array([0 if number.__class__ is Absent else number for number in flat], dtype=np.int64)
            words = self.engine.words
            codes = np.array([words.code(n.reason) if isinstance(n, Absent) else 0 for n in flat], dtype=np.uint8)
            shape = (-1,) if place.members is None else (count, -1)
            self.numbered[key] = inside.reshape(shape), codes.reshape(shape)
        return self.numbered[key]

    # --- across participants

    def _form(self, stage: Forming) -> None:
        level = self.program.levels[stage.level]
        if level.groups != self.program.participant:
            super()._form(stage)
            return
        try:
            numbers, codes, keys = across.grouped(self, level.by)
        except across.NotHere:
            super()._form(stage)
            return
        self.numbered[level.groups, level.name] = numbers, codes
        found: list[Any] = numbers.tolist()
        for at in np.flatnonzero(codes).tolist():
            found[at] = self.engine.words.absences[int(codes[at]) - 1]
        self.frame.group_of[level.name] = found
        self.frame.rows[level.name] = self._rows(stage.level, keys)
        if len(level.by) == 1:
            own = Ref(level.name, level.name)
            carrier = self.engine.known[own, ()].carrier
            self._put(own, carrier, [encoded(key[0], carrier.divisor) for key in keys])

    def exactly(self, level: str, expr: Expr) -> list[Fraction | Absent]:
        """Return the exact quantities of a name at every instance of a level of groups, or of the cohort."""
        return self._here(level, expr)

    def _gather(self, stage: Gathering) -> None:
        try:
            found = aggregates.gathered(self, stage)
        except across.NotHere:
            super()._gather(stage)
            return
        self._put(stage.ref, self.engine.carrier_of_ref(stage.ref), found)

    def _settle(self, stage: Settling) -> None:
        try:
            found = self.vectors[stage.ref] = across.settled(self, stage)
        except across.NotHere:
            super()._settle(stage)
            return
        self.note_settled(stage.ref, found)

    def note_settled(self, ref: Ref, found: Vector) -> None:
        """Note how participants carry what they were found to have beside each other."""
        form = self.forms[ref]
        if form.width == "object" and found[1] is None and found[0].dtype != object:
            # Nothing bounds it before it is found: what reads it is compiled for what was found.
            self.forms[ref] = _measured(form, found[0])
            self._is_special = True

    # --- what is asked of a column by what spans roots, and by traces

    def _column(self, ref: Ref, path: Path, *, is_below: bool) -> list[Any]:
        found = self.columns.get((ref, path, is_below))
        if found is not None:
            return found
        on_participant = ref.level != "" and self.program.root(ref.level) == self.program.participant
        if on_participant and (ref in self.vectors or ref in self.engine.forms):
            found = self._listed(ref, path, is_below=is_below)
        else:
            found = self._fetched(ref, self.engine.known[ref, path], is_below=is_below)
        self.columns[ref, path, is_below] = found
        return found

    def _listed(self, ref: Ref, path: Path, *, is_below: bool) -> list[Any]:
        """Return a participant's column as Python's own values, items in lists of their own."""
        above, below, codes = self.vector(ref)
        place = self.geometry.place(ref.level)
        is_list = self.program.levels[place.base].kind == "list"
        if place.members is not None:
            row = place.members.index(path[1:] if is_list else path)
            above, below, codes = (None if part is None else part[row] for part in (above, below, codes))
        kind = self.engine.forms[ref].kind
        chosen = below if is_below else above
        values: list[Any] = _plain(kind, chosen, self.engine.words.texts) if chosen is not None else [1] * len(above)
        if codes is not None and not is_below:
            absences = self.engine.words.absences
            for at in np.flatnonzero(codes).tolist():
                values[at] = absences[int(codes[at]) - 1]
        if not is_list:
            return values
        starts = self.starts(place.base).tolist()
        return [values[first:last] for first, last in itertools.pairwise(starts)]


def _bounds(vector: Vector) -> tuple[int, int, int]:
    """Return between what the numbers that are there lie, and the largest of their denominators."""
    above, below, absent = vector
    there = above if absent is None else above[absent == 0]
    under = below if below is None or absent is None else below[absent == 0]
    low, high = (int(there.min()), int(there.max())) if there.size else (0, 0)
    return low, high, 1 if below is None else int(under.max()) if under.size else 1


def _bounded(column: Column, vector: Vector) -> Column:
    """Return a column with the bounds of the numbers found for it."""
    if column.kind != "number":
        return column
    low, high, most = _bounds(vector)
    if column.has_denominator:
        return replace(column, low=low, high=high, below=most)
    interval = column.interval.meet(Interval(Fraction(low, column.divisor), Fraction(high, column.divisor)))
    return column if interval.is_empty else replace(column, low=low, high=high, interval=interval)


def _key_place(layout: Layout, key: Ref) -> int:
    return next(place for place, field in enumerate(layout.fields) if isinstance(field, Field) and field.ref == key)


def _position(layout: Layout, name: str) -> int:
    return next(
        number for number, field in enumerate(layout.fields) if isinstance(field, ListField) and field.level == name
    )


def _measured(form: Column, numbers: Any) -> Column:  # noqa: ANN401 (an array)
    low, high = (int(numbers.min()), int(numbers.max())) if numbers.size else (0, 0)
    return replace(form, low=low, high=high)


def _held_in(form: Column) -> Width:
    """Return the width that an input's range allows; without a range, what whole numbers of tables are held in."""
    return "int64" if form.width == "object" else form.width


def _stacked_codes(codes: list[Any]) -> Any:  # noqa: ANN401 (an array, or nothing)
    """Return codes of absences of listed members as a block."""
    length = next((len(one) for one in codes if one is not None), None)
    if length is None:
        return None
    return np.stack([np.zeros(length, dtype=np.uint8) if one is None else one for one in codes])


def _array(cells: Sequence[int]) -> Any:  # noqa: ANN401 (an array)
    width = width_of(min(cells, default=0), max(cells, default=0))
    return np.array(cells, dtype=object if width == "object" else width)


def _plain(kind: str, array: Any, texts: Sequence[str]) -> list[Any]:  # noqa: ANN401 (an array)
    if kind == "word":
        return [texts[number] for number in array.tolist()]
    if kind == "yes_no":
        return [bool(value) for value in array.tolist()]
    if array.dtype == object:
        return [int(value) for value in array.tolist()]
    # What an absent row holds is never read, and may be no number.
    clean = np.where(np.isfinite(array), array, 0) if array.dtype.kind == "f" else array
    found: list[Any] = clean.astype(np.int64).tolist()
    return found
