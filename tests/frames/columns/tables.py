"""Populations as tables of text, with what is given beside them; and results brought into one order, to be compared."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa

import vbc_rules as vbc
from vbc_rules.errors import EvaluationError, InputError
from vbc_rules.frames.columns import evaluate_table, read_table, to_frame
from vbc_rules.frames.results import render
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import NOT_GIVEN, Cell, Field, ListField, Population, Row, decode


@dataclass(frozen=True, slots=True)
class Given:
    """Participants as a table of Arrow, all text, and what else the program is given."""

    table: Any
    cohort: Mapping[str, object] = field(default_factory=dict)
    groups: Mapping[str, list[Mapping[str, object]]] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)


def given_of(program: vbc.Program, population: Population) -> Given:
    """Return a population as people write it. Its rows hold no lists."""
    columns: dict[str, list[str | None]] = {}
    fields = program.layouts[program.resolved.participant].fields
    for place, one in enumerate(fields):
        assert isinstance(one, Field)
        name = f"{one.ref.level}.{one.path[-1]}.{one.ref.name}" if one.path else one.ref.name
        columns[name] = [_written(row[place], one) for row in population.participants]
    own = program.layouts["cohort"].fields if "cohort" in program.layouts else ()
    told = {
        one.ref: _written(cell, one) for one, cell in zip(own, population.cohort, strict=True) if isinstance(one, Field)
    }
    return Given(
        pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()}),
        {
            **{ref.name: text for ref, text in told.items() if ref.level == "cohort" and text is not None},
            **{
                one.level: [_group(row, one.layout.fields) for row in rows]  # type: ignore[arg-type, union-attr]
                for one, rows in zip(own, population.cohort, strict=True)
                if isinstance(one, ListField)
            },
        },
        {
            level: [_group(row, program.layouts[level].fields) for row in rows]
            for level, rows in population.groups.items()
            if rows
        },
        {ref.name: text for ref, text in told.items() if ref.level == "" and text is not None},
    )


def _group(row: Row, fields: Sequence[Field | ListField]) -> dict[str, object]:
    """Return a group's row by names, its members' inputs under each."""
    found: dict[str, Any] = {}
    for cell, one in zip(row, fields, strict=True):
        assert isinstance(one, Field)
        here = found
        for part in (one.ref.level, *one.path) if one.path else ():
            here = here.setdefault(str(part), {})
        text = _written(cell, one)
        if text is not None:
            here[one.ref.name] = text
    return found


def _written(cell: Cell, one: Field) -> str | None:
    if cell is NOT_GIVEN:
        return None
    assert not isinstance(cell, tuple)
    if isinstance(cell, Absent):
        return cell.reason
    return cell if one.domain is None and isinstance(cell, str) else render(decode(cell, one), one.type)  # type: ignore[arg-type]


TYPED: dict[str, list[Any]] = {
    "hospital": ["010002", "010001", "Ä3"],
    "payments": [Decimal("1234.50"), Decimal(3), Decimal(1_000_000)],
    "rate": [Decimal("0.0525"), Decimal(0), Decimal(1)],
    "beds": [12, 7, None],
    "signed": [True, False, True],
    "track": ["basic", "enhanced", "basic"],
    "joined": [datetime.date(2024, 1, 31), datetime.date(2000, 1, 1), datetime.date(2020, 2, 29)],
    "note": ["hello, world", "not_reported", "ümlaut"],
    "extra": [Decimal("-0.5"), None, Decimal("10.0")],
    "hai_1.score": ["1.124", "not_reported", "0"],
    "measure.hai_2.score": [Decimal("2.000"), None, Decimal(10)],
}
TEXTS: dict[str, list[Any]] = {
    "hospital": ["c", "a", "b"],
    "payments": ["1000.00", "2,000", "$300"],
    "rate": ["5.25%", "10%", "1%"],
    "beds": ["12", "excluded", "5"],
    "signed": ["yes", "yes", "no"],
    "track": ["basic", "enhanced", "basic"],
    "joined": ["2024-01-31", "2000-01-01", "2020-02-29"],
    "note": ["=1+1", "not_reported", "plain"],
    "extra": ["0.5", "-1", ""],
    "hai_1.score": ["1", "2", "3"],
    "hai_2.score": ["0", "2", "not_reported"],
}
NULL = {"": "not_reported"}


def hospitals(count: int, **columns: list[Any]) -> dict[str, list[Any]]:
    """Return columns of the program `alone`: decimals, text and whole numbers."""
    return {
        "hospital": [f"{number:05}" for number in range(count)],
        "payments": [Decimal(number) for number in range(count)],
        "share": ["not_reported" if number % 7 == 0 else f"{number % 100}%" for number in range(count)],
        "cases": [number % 50 + 50 for number in range(count)],
        "kept": [number % 50 for number in range(count)],
        **columns,
    }


def computed_here(program: vbc.Program, given: Given) -> Any | None:  # noqa: ANN401 (a table of Arrow)
    """Return what the local run finds, without the numbers of rows; None where it has no result."""
    try:
        people = read_table(given.table, program)
        found = evaluate_table(program, people, cohort=given.cohort, groups=given.groups, parameters=given.parameters)
    except (InputError, EvaluationError):
        return None
    return in_order(to_frame(found, "pyarrow").drop_columns(["row"]), program)


def in_order(table: Any, program: vbc.Program) -> Any:  # noqa: ANN401 (a table of Arrow)
    """Return results in the order of participants, text as Arrow's plain text, as Spark brings it."""
    plain = [one.with_type(pa.string()) if one.type == pa.large_string() else one for one in table.schema]
    return table.cast(pa.schema(plain)).sort_by(program.resolved.participant)
