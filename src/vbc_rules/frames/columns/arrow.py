"""Tables of any library to columns of Arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import narwhals
import narwhals.exceptions
import pyarrow as pa

from vbc_rules.errors import Code, UsageError
from vbc_rules.frames import codes
from vbc_rules.frames.problems import Problems

ArrowArray: TypeAlias = Any
"""An array of PyArrow, which has no types of its own."""

KINDS = "a pandas, Polars or PyArrow table"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Frame:
    """A table of some library: its columns' names, and how each is had as an array of Arrow."""

    names: tuple[str, ...]
    length: int
    _native: Any

    def column(self, name: str) -> ArrowArray:
        """Return a column as one array. Raises ValueError where its values are of several kinds."""
        if isinstance(self._native, pa.Table):
            return joined(self._native.column(name))
        try:
            found = self._native.get_column(name).to_arrow()
        except (pa.ArrowException, OverflowError, TypeError) as error:
            raise ValueError(name) from error
        return joined(found)


def joined(column: ArrowArray) -> ArrowArray:
    """Return a column that may lie in chunks as one array; text as text with long offsets, whatever held it."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = kind.value_type
    if pa.types.is_string(kind) or pa.types.is_string_view(kind):
        column = column.cast(pa.large_string())
    if isinstance(column, pa.ChunkedArray):
        # One chunk is the array itself, which need not be copied.
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return column


def frame_of(table: object) -> Frame:
    """Return a table of pandas, Polars or PyArrow. Raises UsageError for anything else."""
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    native: Any = table
    try:
        held = narwhals.from_native(native, eager_only=True)
    except narwhals.exceptions.DuplicateError:
        held = None
    except TypeError:
        raise UsageError(Code.USAGE, f"that is no table; give {KINDS}, and collect a lazy one first") from None
    names = list(native.column_names if isinstance(native, pa.Table) else native.columns)
    unnamed = next((number for number, name in enumerate(names, 1) if not isinstance(name, str)), None)
    if unnamed is not None:
        raise UsageError(Code.USAGE, f"column {unnamed} of a table has no text as its name; give it one")
    twice = next((name for name in names if names.count(name) > 1), None)
    if held is None or twice is not None:
        raise UsageError(Code.USAGE, f"a table has the column `{twice}` {names.count(twice)} times; keep one")
    return Frame(tuple(names), len(held), table if isinstance(table, pa.Table) else held)


def columns_of(frame: Frame, names: Sequence[str], problems: Problems) -> Mapping[str, ArrowArray]:
    """Return columns by name; one that is no column of one kind is a problem, and left out."""
    found: dict[str, ArrowArray] = {}
    for name in dict.fromkeys(names):
        try:
            found[name] = frame.column(name)
        except ValueError:
            message = f"column `{name}` holds values of several kinds; make it all text, or all of one type"
            problems.add(codes.UNREADABLE, "", message)
    return found
