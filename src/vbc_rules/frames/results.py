"""Results to a file, whole or not at all; amounts as text, exactly."""

from __future__ import annotations

import csv
import datetime
import errno
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal, TextIO, TypeAlias

from vbc_rules.api.places import paths_under
from vbc_rules.errors import InputProblem
from vbc_rules.language.absence import Absent
from vbc_rules.language.numerals import in_decimals
from vbc_rules.language.types import Type
from vbc_rules.plan.layout import Path as InstancePath
from vbc_rules.plan.layout import listed_paths
from vbc_rules.resolve.expressions import Datum, Plain, Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.trace import Trace

Format: TypeAlias = Literal["csv", "json"]

_OPENS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """One figure of the output: `payment`, or on members `instalment.january.reward`."""

    name: str
    ref: Ref
    path: InstancePath
    type: Type


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One participant's figures, in the order of the columns; none where it was skipped."""

    row: int
    participant: str = field(repr=False)
    status: Literal["computed", "skipped"]
    values: tuple[Datum, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Results:
    """All that is written. `problems` is read after the last row, so it may grow while rows are made.

    `said` stands at the top of JSON: how far the data go, what stands on a cohort itself. `standing` are columns of CSV
    with the same cell in every row, which say whether the data are provisional.
    """

    program: str
    participant: str
    columns: tuple[OutputColumn, ...]
    rows: Iterable[ResultRow]
    problems: Sequence[InputProblem]
    said: Mapping[str, object] = field(default_factory=dict)
    standing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group's key and figures, in the order of the columns, and how many participants it has."""

    key: tuple[Datum, ...] = field(repr=False)
    values: tuple[Datum, ...] = field(repr=False)
    size: int


@dataclass(frozen=True, slots=True)
class GroupResults:
    """All that is written of one level of groups; `said` and `standing` as those of `Results`."""

    program: str
    level: str
    keys: tuple[OutputColumn, ...]
    columns: tuple[OutputColumn, ...]
    rows: Sequence[GroupRow]
    said: Mapping[str, object] = field(default_factory=dict)
    standing: Mapping[str, str] = field(default_factory=dict)


def group_columns_of(program: Program, level: str) -> tuple[OutputColumn, ...]:
    """Return the figures of a level of groups to write: its values and payments, and those paid to its members."""
    found: list[OutputColumn] = []
    for definition in program.definitions:
        ref = definition.ref
        if ref.level == level:
            found.append(OutputColumn(ref.name, ref, (), definition.type))
        elif definition.role == "payment" and program.root(ref.level) == level:
            try:
                paths = paths_under(program, ref.level, (), level)
            except ValueError:
                continue
            names = {path: ".".join([ref.level, *map(str, path), ref.name]) for path in paths}
            found.extend(OutputColumn(name, ref, path, definition.type) for path, name in names.items())
    return tuple(found)


def columns_of(program: Program) -> tuple[OutputColumn, ...]:
    """Return the figures to write: the participant's values and payments, and the payments of listed members."""
    found: list[OutputColumn] = []
    for definition in program.definitions:
        ref = definition.ref
        if ref.level == program.participant:
            found.append(OutputColumn(ref.name, ref, (), definition.type))
        elif definition.role == "payment" and program.root(ref.level) == program.participant:
            try:
                paths = tuple(listed_paths(program, ref.level))
            except ValueError:
                continue
            found.extend(
                OutputColumn(".".join([ref.level, *map(str, path), ref.name]), ref, path, definition.type)
                for path in paths
            )
    return tuple(found)


def values_of(trace: Trace, columns: Sequence[OutputColumn]) -> tuple[Datum, ...]:
    """Return a participant's figures in the order of the columns."""
    return tuple(trace.value(column.ref, column.path) for column in columns)


def write_results(path: Path, format: Format, results: Results) -> None:
    """Write results to a file: all of them, or, where anything fails, none and the file is as it was.

    CSV has a row number, the participant, a status, the figures, and which are absent and why; skipped participants
    have rows too. JSON has `program`, `rows`, `skipped` and `problems`.

    Raises OSError where the file cannot be written, and whatever making the rows raises.
    """
    with _replacing(path) as (stream,):
        _write(stream, format, results)


def write_together(
    path: Path, format: Format, results: Results, groups: Sequence[tuple[Path, Format, GroupResults]]
) -> None:
    """Write the results of participants and of groups, each to its file: all of the files, or none.

    Raises OSError where a file cannot be written, and whatever making the rows raises.
    """
    with _replacing(path, *(one for one, _, _ in groups)) as (first, *others):
        _write(first, format, results)
        for stream, (_, how, found) in zip(others, groups, strict=True):
            _write_groups(stream, how, found)


@contextmanager
def _replacing(*paths: Path) -> Iterator[tuple[TextIO, ...]]:
    """Open a file beside each path; put them in their places once all are written, or remove them."""
    parts = [path.with_name(f".{path.name}.{secrets.token_hex(6)}.part") for path in paths]
    try:
        with ExitStack() as opened:
            streams = tuple(opened.enter_context(_opened(part, path)) for part, path in zip(parts, paths, strict=True))
            yield streams
            for stream in streams:
                stream.flush()
                os.fsync(stream.fileno())
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
    except BaseException:
        for part in parts:
            with suppress(OSError):  # what could not be opened cannot be removed
                part.unlink(missing_ok=True)
        raise


def _opened(part: Path, path: Path) -> TextIO:
    """Open the file beside `path`; an error says `path`, which was named, and not the one beside it."""
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        return part.open("x", encoding="utf-8", newline="")
    except OSError as error:
        error.filename = str(path)
        raise


def _write(stream: TextIO, format: Format, results: Results) -> None:
    if format == "csv":
        _write_csv(stream, results)
    else:
        _write_json(stream, results)


def _write_csv(stream: TextIO, results: Results) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    columns = (column.name for column in results.columns)
    writer.writerow(["row", results.participant, "status", *columns, "absent", *results.standing])
    last = [*results.standing.values()]
    blank = [""] * (len(results.columns) + 1)
    for row in results.rows:
        first = [str(row.row), _harmless(row.participant), row.status]
        if row.status == "skipped":
            writer.writerow([*first, *blank, *last])
            continue
        pairs = list(zip(results.columns, row.values, strict=True))
        cells = [_csv_cell(value, column.type) for column, value in pairs]
        writer.writerow([*first, *cells, _absences(pairs), *last])


def _absences(pairs: Iterable[tuple[OutputColumn, Datum]]) -> str:
    return "; ".join(f"{column.name}: {value.reason}" for column, value in pairs if isinstance(value, Absent))


def _csv_cell(value: Datum, type: Type) -> str:
    if isinstance(value, Absent):
        return ""
    if isinstance(value, str):
        return _harmless(value)
    return render(value, type)


def _harmless(text: str) -> str:
    """Return a text cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_OPENS_A_FORMULA) else text


def _write_json(stream: TextIO, results: Results) -> None:
    said = "".join(f"{_json(name)}: {_json(value)},\n" for name, value in results.said.items())
    stream.write(f'{{"program": {_json(results.program)},\n{said}"rows": [')
    skipped = 0
    separator = "\n"
    for row in results.rows:
        skipped += row.status == "skipped"
        found: dict[str, object] = {"row": row.row, results.participant: row.participant, "status": row.status}
        if row.status == "computed":
            found["results"] = _json_values(results.columns, row.values)
        stream.write(f"{separator}{_json(found)}")
        separator = ",\n"
    problems = [problem.to_dict() for problem in results.problems]
    stream.write(f'\n],\n"skipped": {skipped},\n"problems": {_json(problems)}}}\n')


def _json_values(columns: Sequence[OutputColumn], values: Sequence[Datum]) -> dict[str, object]:
    return {column.name: _json_value(value, column.type) for column, value in zip(columns, values, strict=True)}


def _write_groups(stream: TextIO, format: Format, groups: GroupResults) -> None:
    """Write what each group goes by, its figures, and how many participants are in it."""
    if format == "json":
        rows = [
            {
                **_json_values(groups.keys, row.key),
                "participants": row.size,
                "results": _json_values(groups.columns, row.values),
            }
            for row in groups.rows
        ]
        stream.write(_json({"program": groups.program, **groups.said, groups.level: rows}) + "\n")
        return
    writer = csv.writer(stream, lineterminator="\n")
    names = [column.name for column in (*groups.keys, *groups.columns)]
    writer.writerow([*names, "participants", "absent", *groups.standing])
    for row in groups.rows:
        keys = [_csv_cell(value, column.type) for column, value in zip(groups.keys, row.key, strict=True)]
        pairs = list(zip(groups.columns, row.values, strict=True))
        cells = [_csv_cell(value, column.type) for column, value in pairs]
        writer.writerow([*keys, *cells, str(row.size), _absences(pairs), *groups.standing.values()])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _json_value(value: Datum, type: Type) -> object:
    if isinstance(value, Absent):
        return {"absent": value.reason}
    return value if isinstance(value, bool) else render(value, type)


def render(value: Plain, type: Type) -> str:
    """Return a value as text, exactly: `1234.50`, `5.25%`, `yes`, `2024-01-31`.

    A quotient that has no end in decimals is a whole number and a fraction, `38 1/3`, which no spreadsheet takes for a
    date.
    """
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case datetime.date():
            return value.isoformat()
    if type.kind == "percent":
        return _exact_text(value * 100, 0) + "%"
    return _exact_text(value, 2 if type.kind == "money" else 0)


def _exact_text(value: Fraction, least_digits: int) -> str:
    text = in_decimals(value, least=least_digits)
    if text is not None:
        return text
    whole, part = divmod(abs(value.numerator), value.denominator)
    return f"{'-' if value < 0 else ''}{whole} {part}/{value.denominator}"
