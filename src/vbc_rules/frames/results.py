"""Results to a file, whole or not at all; amounts as text, exactly."""

from __future__ import annotations

import csv
import datetime
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal, TextIO, TypeAlias

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
    """All that is written. `problems` is read after the last row, so it may grow while rows are made."""

    program: str
    participant: str
    columns: tuple[OutputColumn, ...]
    rows: Iterable[ResultRow]
    problems: Sequence[InputProblem]


def columns_of(program: Program) -> tuple[OutputColumn, ...]:
    """Return the figures to write: the participant's values and payments, and the payments of listed members."""
    found: list[OutputColumn] = []
    for definition in program.definitions:
        ref = definition.ref
        if ref.level == program.participant:
            found.append(OutputColumn(ref.name, ref, (), definition.type))
        elif definition.role == "payment" and program.levels[ref.level].kind == "members":
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
    with _replacing(path) as stream:
        if format == "csv":
            _write_csv(stream, results)
        else:
            _write_json(stream, results)


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        with part.open("x", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _write_csv(stream: TextIO, results: Results) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["row", results.participant, "status", *(column.name for column in results.columns), "absent"])
    blank = [""] * (len(results.columns) + 1)
    for row in results.rows:
        first = [str(row.row), _harmless(row.participant), row.status]
        if row.status == "skipped":
            writer.writerow([*first, *blank])
            continue
        pairs = list(zip(results.columns, row.values, strict=True))
        cells = [_csv_cell(value, column.type) for column, value in pairs]
        absent = [f"{column.name}: {value.reason}" for column, value in pairs if isinstance(value, Absent)]
        writer.writerow([*first, *cells, "; ".join(absent)])


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
    stream.write(f'{{"program": {_json(results.program)},\n"rows": [')
    skipped = 0
    separator = "\n"
    for row in results.rows:
        skipped += row.status == "skipped"
        found: dict[str, object] = {"row": row.row, results.participant: row.participant, "status": row.status}
        if row.status == "computed":
            found["results"] = {
                column.name: _json_value(value, column.type)
                for column, value in zip(results.columns, row.values, strict=True)
            }
        stream.write(f"{separator}{_json(found)}")
        separator = ",\n"
    problems = [problem.to_dict() for problem in results.problems]
    stream.write(f'\n],\n"skipped": {skipped},\n"problems": {_json(problems)}}}\n')


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
