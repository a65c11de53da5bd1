"""Files of rows: CSV, or JSON with one flat object a row, read strictly, every cell as text."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vbc_rules.frames import codes, jsontext
from vbc_rules.frames.mapping import Table
from vbc_rules.frames.problems import Problems
from vbc_rules.source.nearest import nearest

_DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Rows:
    """What was read of one table: for every row its number (from 1) and the cells of the columns asked for.

    `ragged` gives the numbers of rows left out because they have too few or too many cells.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    ragged: tuple[int, ...] = ()


def read_header(path: Path, table: Table, problems: Problems) -> tuple[str, ...] | None:
    """Return the column names of a CSV or JSON table; None after having reported why they cannot be read."""
    for _, cells in _cells(path, table, problems):
        return tuple(cells)
    return None


def read_table(
    path: Path, table: Table, columns: Sequence[str], problems: Problems, known: Collection[str] | None = None
) -> Rows | None:
    """Return the rows of a table; None after having reported why there are none.

    With `known`, any column that is not among them is an error. Rows with too few or too many cells are reported.
    """
    cells = _cells(path, table, problems)
    first = next(cells, None)
    if first is None:
        return None
    header = first[1]
    places = _places(path, header, columns, known, problems)
    if places is None:
        return None
    width = len(header)
    found = []
    ragged = []
    for number, row in cells:
        if len(row) != width:
            problems.add(
                codes.RAGGED, "", f"{path.name} has {width} columns, and this row has {len(row)} cells", number
            )
            ragged.append(number)
            continue
        found.append((number, tuple([row[place] for place in places])))
    if problems.broken_off:
        return None
    if not found and not ragged:
        problems.add(codes.FILE, "", f"{path.name} has column names and no rows")
        return None
    return Rows(tuple(columns), tuple(found), tuple(ragged))


def _places(
    path: Path, header: Sequence[str], columns: Sequence[str], known: Collection[str] | None, problems: Problems
) -> tuple[int, ...] | None:
    before = problems.total
    if known is not None:
        if not set(header) & set(known):
            # What stands in the first row may be data, so it is not repeated here.
            problems.add(
                codes.MISSING_COLUMN,
                "",
                f"{path.name} names no column of the program in its first row; "
                "write them there, or give a mapping file that says which column is which",
            )
            return None
        for column in dict.fromkeys(header):
            if column not in known:
                near = nearest(column, known)
                advice = f"write `{near}`" if near else "remove it"
                problems.add(codes.UNKNOWN_COLUMN, "", f"{path.name} has the unknown column `{column}`; {advice}")
    for column in dict.fromkeys(columns):
        times = header.count(column)
        if times > 1:
            problems.add(codes.MISSING_COLUMN, "", f"{path.name} has the column `{column}` {times} times; keep one")
        elif not times:
            near = nearest(column, header) if known is None else None
            advice = f"; the nearest is `{near}`" if near else ""
            problems.add(codes.MISSING_COLUMN, "", f"{path.name} has no column `{column}`{advice}")
    return None if problems.total > before else tuple(header.index(column) for column in columns)


def _cells(path: Path, table: Table, problems: Problems) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield (0, column names), then each row's number from 1 and its cells. Blank lines count, but are left out."""
    if path.suffix.lower() == ".json":
        yield from jsontext.flat_rows(path, problems)
        return
    if path.suffix.lower() == ".parquet":
        problems.break_off(codes.FILE, f"{path.name} is a Parquet file, which is read by `run` alone, as the only one")
        return
    try:
        with path.open(encoding="utf-8-sig" if table.encoding == "utf-8" else table.encoding, newline="") as stream:
            reader = csv.reader(stream, delimiter=table.delimiter, strict=True)
            header = next(reader, None)
            if not header or not any(header):
                problems.break_off(codes.FILE, f"{path.name} is empty; its first row holds the column names")
                return
            other = _other_delimiter(header, table.delimiter)
            if other is not None:
                marks = f"by {_DELIMITERS[other]}, not by {_DELIMITERS[table.delimiter]}"
                advice = f"declare `delimiter: {'tab' if other == chr(9) else repr(other)}` in a mapping file"
                problems.break_off(codes.DELIMITER, f"{path.name} separates its columns {marks}; {advice}")
                return
            yield 0, header
            for number, row in enumerate(reader, 1):
                if row:
                    yield number, row
    except OSError as error:
        problems.break_off(codes.FILE, f"{path.name} cannot be opened: {_reason(error)}")
    except UnicodeDecodeError:
        problems.break_off(
            codes.FILE, f"{path.name} is not {table.encoding} text; save it so, or declare `encoding: windows-1252`"
        )
    except csv.Error:
        what = "a quote that is not closed, text after a closing quote, or a cell without end"
        problems.break_off(codes.FILE, f"{path.name} has {what}")


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return "it is a folder" if isinstance(error, IsADirectoryError) else "it cannot be read"


def _other_delimiter(header: Sequence[str], declared: str) -> str | None:
    if len(header) != 1:
        return None
    return next((mark for mark in _DELIMITERS if mark != declared and mark in header[0]), None)
