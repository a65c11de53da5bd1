"""Files larger than memory: batch by batch the same as whole, and nothing half-written."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars
import pyarrow
import pyarrow.parquet
import pytest

import vbc_rules as vbc
from vbc_rules.errors import InputError, UsageError
from vbc_rules.frames.columns import evaluate_table, read_parquet_batches, read_table, run_parquet, to_frame
from vbc_rules.frames.columns.progress import Progress
from vbc_rules.plan.layout import Population
from vbc_rules.run.columns import ColumnEngine
from vbc_rules.run.scalar import compile_cohort
from vbc_rules.run.scalar.cohort_trace import ScalarCohortTrace

SIZE = 1000


def hospitals(**columns: list[Any]) -> dict[str, list[Any]]:
    return {
        "hospital": [f"{number:05}" for number in range(SIZE)],
        "payments": [Decimal(number) for number in range(SIZE)],
        "share": ["not_reported" if number % 7 == 0 else f"{number % 100}%" for number in range(SIZE)],
        "cases": [number % 50 + 50 for number in range(SIZE)],
        "kept": [number % 50 for number in range(SIZE)],
        **columns,
    }


def written(path: Path, columns: dict[str, list[Any]]) -> Path:
    polars.DataFrame(columns).write_parquet(path)
    return path


def told(program: vbc.Program, path: Path) -> list[tuple[str, int | None, str, str]]:
    out = path.with_name("out.parquet")
    with pytest.raises(InputError) as caught:
        run_parquet(program, path, out, batch_rows=100)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert json.dumps(caught.value.to_dict())
    return [(str(one.code), one.row, one.where, one.message) for one in caught.value.problems]


@pytest.mark.parametrize("batch_rows", [1, 7, 100, SIZE, 5 * SIZE])
@pytest.mark.parametrize("backwards", [False, True])
def test_batches_give_what_the_whole_gives(
    alone: vbc.Program, tmp_path: Path, batch_rows: int, *, backwards: bool
) -> None:
    frame = polars.DataFrame(hospitals()).head(150 if batch_rows == 1 else SIZE)
    frame = frame.reverse() if backwards else frame
    frame.write_parquet(tmp_path / "in.parquet")
    summary = run_parquet(alone, tmp_path / "in.parquet", tmp_path / "out.parquet", batch_rows=batch_rows)
    assert (summary.program, summary.computed, summary.skipped, summary.problems) == (
        "example/alone@2024", len(frame), 0, (),
    )  # fmt: skip
    found = pyarrow.parquet.read_table(tmp_path / "out.parquet")
    whole = to_frame(evaluate_table(alone, read_table(frame, alone)), "pyarrow")
    assert found.equals(whole)
    assert found.column("row").to_pylist() == list(range(1, len(frame) + 1))


@pytest.mark.parametrize("most", [0, 10, 400])
def test_rows_that_columns_do_not_compute_are_set_apart(
    alone: vbc.Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    frame = polars.DataFrame(hospitals()).reverse()
    whole = to_frame(evaluate_table(alone, read_table(frame, alone)), "pyarrow")
    compute = ColumnEngine.compute

    def only_few(self: ColumnEngine, population: Population, **more: Any) -> ScalarCohortTrace:  # noqa: ANN401 (as it is)
        if len(population.participants) > most:
            raise ArithmeticError
        return compute(self, population, **more)

    monkeypatch.setattr(ColumnEngine, "compute", only_few)
    frame.write_parquet(tmp_path / "in.parquet")
    run_parquet(alone, tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert pyarrow.parquet.read_table(tmp_path / "out.parquet").equals(whole)


def test_a_program_without_columns_is_computed_row_by_row(
    alone: vbc.Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = polars.DataFrame(hospitals())
    whole = to_frame(evaluate_table(alone, read_table(frame, alone)), "pyarrow")
    scalar = compile_cohort(alone.resolved, alone.layouts)
    monkeypatch.setattr("vbc_rules.frames.columns.running.engine_of", lambda _: scalar)
    frame.write_parquet(tmp_path / "in.parquet")
    run_parquet(alone, tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert pyarrow.parquet.read_table(tmp_path / "out.parquet").equals(whole)


def test_batches_are_tables_with_their_first_row(alone: vbc.Program, tmp_path: Path) -> None:
    path = written(tmp_path / "in.parquet", hospitals())
    found = [(batch.first_row, batch.table.num_rows) for batch in read_parquet_batches(path, 300)]
    assert found == [(1, 300), (301, 300), (601, 300), (901, 100)]
    assert len(read_table(next(read_parquet_batches(path, 300)).table, alone)) == 300
    with pytest.raises(UsageError, match="a batch has at least one row"):
        next(read_parquet_batches(path, 0))


def test_figures_can_be_chosen_and_written_as_csv(alone: vbc.Program, tmp_path: Path) -> None:
    path = written(tmp_path / "in.parquet", hospitals())
    run_parquet(alone, path, tmp_path / "out.csv", columns=["reward"])
    with (tmp_path / "out.csv").open(newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[:3] == [
        ["row", "hospital", "reward", "reward_absent"],
        ["1", "00000", "0.00", ""],
        ["2", "00001", "0.01", ""],
    ]
    assert len(rows) == SIZE + 1


def test_problems_of_all_batches_are_told_with_the_rows_of_the_file(alone: vbc.Program, tmp_path: Path) -> None:
    columns = hospitals()
    columns["cases"][150] = 5000
    columns["payments"][950] = Decimal(-1)
    path = written(tmp_path / "in.parquet", columns)
    assert told(alone, path) == [
        ("VBC906", 151, "cases", "column `cases` is out of range; write 0 to 1,000"),
        ("VBC906", 951, "payments", "column `payments` is out of range; write $0 to $1,000,000"),
    ]


def test_what_is_not_as_expected_is_told_by_its_row(alone: vbc.Program, tmp_path: Path) -> None:
    columns = hospitals()
    columns["kept"][777] = 1000
    (problem,) = told(alone, written(tmp_path / "in.parquet", columns))
    assert problem == (
        "VBC909",
        778,
        "kept",
        "does not meet what the program expects: `kept <= cases` (program.yaml:16)",
    )


def test_identifiers_are_told_apart_across_batches(alone: vbc.Program, tmp_path: Path) -> None:
    columns = hospitals()
    columns["hospital"][950] = "00001"
    assert told(alone, written(tmp_path / "in.parquet", columns)) == [
        ("VBC910", 951, "hospital", "the same hospital stands in row 2 already")
    ]
    columns["hospital"][950] = ""
    assert told(alone, written(tmp_path / "in.parquet", columns)) == [
        ("VBC929", 951, "hospital", "column `hospital` is empty; write the identifier")
    ]


def test_a_file_that_is_none_is_told(alone: vbc.Program, tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    path.write_text("no table")
    broken = ("VBC920", None, "", "in.parquet is no Parquet file, or a broken one; write it again")
    assert told(alone, path) == [broken]
    written(path, hospitals())
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])
    assert told(alone, path) == [broken]
    path.unlink()
    with pytest.raises(InputError, match=r"in\.parquet cannot be opened: there is no such file"):
        run_parquet(alone, path, tmp_path / "out.parquet")


def test_a_page_that_is_broken_is_told(alone: vbc.Program, tmp_path: Path) -> None:
    path = written(tmp_path / "in.parquet", hospitals())
    data = bytearray(path.read_bytes())
    data[8:4000] = b"\xff" * 3992
    path.write_bytes(bytes(data))
    (problem,) = told(alone, path)
    assert problem[:3] == ("VBC920", None, "")


def test_columns_and_rows_must_be_there(alone: vbc.Program, tmp_path: Path) -> None:
    columns = hospitals()
    del columns["kept"]
    assert told(alone, written(tmp_path / "in.parquet", columns)) == [
        ("VBC922", None, "", "the table of hospital has no column `kept`")
    ]
    empty: dict[str, list[Any]] = {name: [] for name in hospitals()}
    assert told(alone, written(tmp_path / "in.parquet", empty)) == [
        ("VBC920", None, "", "the table of hospital has column names and no rows")
    ]


def test_what_stands_in_several_tables_is_refused(program: vbc.Program, tmp_path: Path) -> None:
    path = written(tmp_path / "in.parquet", hospitals())
    with pytest.raises(UsageError, match="items of `grant` stand in a table of their own"):
        run_parquet(program, path, tmp_path / "out.parquet")


# --- progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_shown_on_a_terminal_after_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("vbc_rules.frames.columns.progress.time.monotonic", lambda: now[0])
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        now[0] = 100.0
        with Progress("acme/quality@2024", 1000, stream) as bar:
            for second, done in ((1.9, 100), (2.1, 250), (2.15, 260), (3.0, 1000)):
                now[0] = 100.0 + second
                bar.at(done)
    assert file.getvalue() == ""
    shown = terminal.getvalue().split("\r")
    assert [line.strip() for line in shown if line.strip()] == [
        "acme/quality@2024 [#######-----------------------] 250 of 1,000 rows",
        "acme/quality@2024 [##############################] 1,000 of 1,000 rows",
    ]
