"""Rows held as columns: what tables and Parquet files bring, read as rows only where somebody asks for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Cell, Layout, Row
from vbc_rules.run.columns.forms import Array


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FieldColumn:
    """One field of every row, as `plan.layout.Field` says a cell is held.

    `values` are int64 (quantities scaled, day ordinals), bool, or with `texts` int64 places among these. `codes`
    (uint8, None where all are present) is 0 for what is present, else 1 + the place of its absence in `absences`; the
    value is then 0.
    """

    values: Array
    codes: Array | None = None
    absences: tuple[Absent, ...] = ()
    texts: Sequence[str] | None = None

    def cell(self, row: int) -> Cell:
        """Return one cell."""
        if self.codes is not None and self.codes[row]:
            return self.absences[int(self.codes[row]) - 1]
        if self.texts is not None:
            return self.texts[int(self.values[row])]
        found: Cell = self.values[row].item()
        return found

    def taken(self, order: Array) -> FieldColumn:
        """Return the column with its rows in another order."""
        codes = None if self.codes is None else self.codes[order]
        return FieldColumn(self.values[order], codes, self.absences, self.texts)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ListColumn:
    """The items of every row: those of row i lie from `starts[i]` to before `starts[i + 1]` in `items`."""

    starts: Array
    items: Table

    def cell(self, row: int) -> Cell:
        """Return the rows of one row's items."""
        return tuple(self.items[item] for item in range(int(self.starts[row]), int(self.starts[row + 1])))

    def taken(self, order: Array) -> ListColumn:
        """Return the column with its rows in another order."""
        lengths = np.diff(self.starts)[order]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        places = np.repeat(self.starts[:-1][order] - starts[:-1], lengths) + np.arange(int(starts[-1]))
        return ListColumn(starts, self.items.taken(places))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Table(Sequence[Row]):
    """Rows of a layout held as columns, one for each of its fields; a sequence of rows made when asked for."""

    layout: Layout
    columns: tuple[FieldColumn | ListColumn, ...]
    length: int

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Row, ...]: ...

    def __getitem__(self, place: int | slice) -> Row | tuple[Row, ...]:
        if isinstance(place, slice):
            return tuple(self[row] for row in range(*place.indices(self.length)))
        row = place + self.length if place < 0 else place
        if not 0 <= row < self.length:
            raise IndexError(place)
        return tuple(column.cell(row) for column in self.columns)

    def taken(self, order: Array) -> Table:
        """Return the rows in another order."""
        return Table(self.layout, tuple(column.taken(order) for column in self.columns), len(order))

    def identifiers(self) -> list[str]:
        """Return the first cell of every row: the participant's identifier."""
        own = self.columns[0]
        if not isinstance(own, FieldColumn) or own.texts is None:
            raise TypeError("the rows of participants begin with their identifiers")
        texts = list(own.texts)
        return [texts[place] for place in own.values.tolist()]

    def column(self, position: int) -> Any:  # noqa: ANN401 (of one of two kinds)
        """Return the column of the field at a position of the layout."""
        return self.columns[position]
