"""Results as tables and files: the figures of every engine, exact, with the reasons of what is absent."""

from __future__ import annotations

import csv
import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import numpy
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vbc_rules as vbc
from vbc_rules.errors import UsageError
from vbc_rules.frames.columns import Computed, evaluate_table, read_table, to_frame, write_frame
from vbc_rules.frames.columns.files import table_writer
from vbc_rules.frames.columns.quantities import to_decimals, words_of
from vbc_rules.language.absence import Absent

HOSPITALS: dict[str, list[str]] = {
    "hospital": ["c", "a", "b"],
    "payments": ["1000.00", "2,000", "300"],
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
GRANTS = {"hospital": ["a", "c", "a"], "name": ["x", "y", "z"], "amount": ["1", "2", "3"]}


def computed(program: vbc.Program) -> Computed:
    given = {"hospital": polars.DataFrame(HOSPITALS), "grant": polars.DataFrame(GRANTS)}
    return evaluate_table(program, read_table(given, program))


def test_figures_are_decimals_beside_reasons(program: vbc.Program) -> None:
    frame = to_frame(computed(program), "polars", ["reward", "total", "size", "since", "early", "kind", "label"])
    assert frame.schema == {
        "row": polars.Int64,
        "hospital": polars.String,
        "reward": polars.Decimal(38, 2),
        "reward_absent": polars.String,
        "total": polars.Decimal(38, 4),
        "total_absent": polars.String,
        "size": polars.Decimal(38, 0),
        "size_absent": polars.String,
        "since": polars.Date,
        "since_absent": polars.String,
        "early": polars.Boolean,
        "early_absent": polars.String,
        "kind": polars.String,
        "kind_absent": polars.String,
        "label": polars.String,
        "label_absent": polars.String,
    }
    day = datetime.date
    assert [row[:8] for row in frame.rows()] == [
        (1, "c", Decimal("54.50"), None, Decimal("0.5"), None, Decimal(12), None),
        (2, "a", Decimal("204.00"), None, Decimal(2), None, None, "excluded"),
        (3, "b", None, "not_in_program", Decimal("1.5"), None, Decimal(5), None),
    ]
    assert [row[8:] for row in frame.rows()] == [
        (day(2024, 1, 31), None, False, None, "basic", None, "=1+1", None),
        (day(2000, 1, 1), None, True, None, "enhanced", None, None, "not_reported"),
        (day(2020, 2, 29), None, False, None, "basic", None, "plain", None),
    ]


def test_every_figure_is_what_results_say(program: vbc.Program) -> None:
    found = computed(program)
    rows = to_frame(found, "pyarrow").to_pylist()
    result = program.evaluate_population(found.population, engine="oracle")
    for row, expected in zip(rows, result.to_rows(), strict=True):
        assert row.pop("hospital") == expected.pop("hospital")
        for name, value in expected.items():
            if isinstance(value, Absent):
                assert (row[name], row[f"{name}_absent"]) == (None, value.reason)
            elif isinstance(row[name], str) and not isinstance(value, str):
                assert row[f"{name}_absent"] is None
            else:
                assert (row[name], row[f"{name}_absent"]) == (value, None)


def test_the_oracle_gives_the_same_table(program: vbc.Program) -> None:
    found = computed(program)
    engines: tuple[Literal["columns", "scalar", "oracle"], ...] = ("columns", "scalar", "oracle")
    for engine in engines:
        result = program.evaluate_population(found.population, engine=engine)
        assert to_frame(result, "pyarrow").equals(to_frame(found, "pyarrow")), engine


def test_decimals_without_end_are_text(program: vbc.Program) -> None:
    frame = to_frame(computed(program), "polars", ["third"])
    assert frame["third"].to_list() == ["0 1/6", "0 2/3", "0.5"]


def test_pandas_keeps_decimals_and_nulls(program: vbc.Program) -> None:
    frame = to_frame(computed(program), "pandas", ["reward"])
    assert str(frame["reward"].dtype) == "decimal128(38, 2)[pyarrow]"
    assert frame["reward"][0] == Decimal("54.50")
    assert frame["reward"].isna().tolist() == [False, False, True]


def test_results_of_rows_become_tables_too(ranked: vbc.Program) -> None:
    result = ranked.evaluate_cohort([{"hospital": "b", "score": 5}, {"hospital": "a", "score": 7}])
    assert to_frame(result, "polars").rows() == [(1, "b", Decimal(2), None), (2, "a", Decimal(1), None)]


def test_what_is_asked_for_must_be_there(program: vbc.Program) -> None:
    found = computed(program)
    with pytest.raises(UsageError, match="there is no such figure of a participant; write `reward`"):
        to_frame(found, "polars", ["rewrd"])
    with pytest.raises(UsageError, match="there are three kinds of tables; write 'polars', 'pandas' or 'pyarrow'"):
        to_frame(found, "excel")  # type: ignore[arg-type]


# --- files


def test_parquet_holds_the_table(program: vbc.Program, tmp_path: Path) -> None:
    table = to_frame(computed(program), "pyarrow")
    write_frame(to_frame(computed(program), "polars"), tmp_path / "out.parquet")
    assert pyarrow.parquet.read_table(tmp_path / "out.parquet").equals(table)


def test_csv_holds_exact_text_and_no_formula(program: vbc.Program, tmp_path: Path) -> None:
    write_frame(to_frame(computed(program), "polars", ["reward", "label"]), tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["row", "hospital", "reward", "reward_absent", "label", "label_absent"],
            ["1", "c", "54.50", "", "'=1+1", ""],
            ["2", "a", "204.00", "", "", "not_reported"],
            ["3", "b", "", "not_in_program", "plain", ""],
        ]


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    path.write_text("as it was")
    schema = pyarrow.schema([("a", pyarrow.int64())])
    with pytest.raises(ValueError, match="schema"), table_writer(path, schema) as writer:
        writer.write_table(pyarrow.table({"a": ["x"]}))
    assert [one.name for one in tmp_path.iterdir()] == ["out.parquet"]
    assert path.read_text() == "as it was"
    with pytest.raises(UsageError, match="results are written as Parquet or CSV"):
        write_frame(pandas.DataFrame({"a": [1]}), tmp_path / "out.xlsx")


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.booleans()), min_size=1), st.integers(0, 20))
def test_decimals_are_made_and_taken_apart_again(pairs: list[tuple[int, bool]], scale: int) -> None:
    numbers = numpy.array([number for number, _ in pairs], dtype=numpy.int64)
    absent = numpy.array([there for _, there in pairs])
    made = to_decimals(numbers, absent, scale)
    made.validate(full=True)
    wanted = [None if there else Decimal(number).scaleb(-scale) for number, there in pairs]
    assert made.to_pylist() == wanted
    for first in (0, 1):
        found, fits = words_of(made.slice(first))
        assert fits is None
        assert found.tolist() == numbers[first:].tolist()
