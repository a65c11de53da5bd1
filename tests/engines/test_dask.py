"""However Dask cuts a table, and wherever it computes the parts, it finds what the local run finds."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import vbc_rules as vbc
from tests.frames.columns.tables import hospitals
from vbc_rules.errors import InputError
from vbc_rules.frames.columns import BatchKernel, batch_kernel, run_parquet

NULL = {"": "not_reported"}
SIZE = 60


def arrow_backed(table: Any) -> Any:  # noqa: ANN401 (a table of Arrow, and of pandas)
    return table.to_pandas(types_mapper=pd.ArrowDtype)


def computed(part: Any, kernel: BatchKernel) -> Any:  # noqa: ANN401 (tables of pandas)
    return arrow_backed(kernel(pa.Table.from_pandas(part, preserve_index=False)))


def by_dask(kernel: BatchKernel, path: Path, **how: Any) -> Any:  # noqa: ANN401 (as it is, and a table of Arrow)
    """Return the results of a file that is computed by its row groups, and written as it is wanted."""
    given = dd.read_parquet(path, dtype_backend="pyarrow", split_row_groups=True)
    assert given.npartitions == pq.ParquetFile(path).num_row_groups
    results = given.map_partitions(computed, kernel, meta=arrow_backed(kernel.schema.empty_table()))
    return pa.Table.from_pandas(results.compute(**how), schema=kernel.schema, preserve_index=False)


def by_run_parquet(program: vbc.Program, path: Path, **given: Any) -> Any:  # noqa: ANN401 (as it is, and a table of Arrow)
    run_parquet(program, path, path.with_name("out.parquet"), **given)
    return pq.read_table(path.with_name("out.parquet")).drop_columns(["row"])


def every_type() -> dict[str, list[Any]]:
    """Return columns of each type, with gaps: those of the last ten rows are all gaps."""
    there = range(SIZE)

    def gaps(values: list[Any]) -> list[Any]:
        return [None if row % 5 == 0 or row >= SIZE - 10 else values[row] for row in there]

    return {
        "hospital": [f"{row * 7 % SIZE:05}" for row in there],
        "payments": [Decimal(row * 1001) / 100 for row in there],
        "rate": [Decimal(row) / 100 for row in there],
        "beds": gaps([row * 10 for row in there]),
        "signed": [row % 3 != 0 for row in there],
        "track": ["basic" if row % 2 else "enhanced" for row in there],
        "joined": [datetime.date(2000, 1, 1) + datetime.timedelta(row * 100) for row in there],
        "note": gaps([f"note {row}" for row in there]),
        "extra": [Decimal(row - 30) / 10 if row % 3 != 0 else None for row in there],
        "hai_1.score": gaps([f"{row % 10}.5" for row in there]),
        "measure.hai_2.score": gaps([Decimal(row % 10) for row in there]),
    }


@pytest.mark.parametrize("rows", [1, 7, 10, SIZE])
def test_partitions_change_nothing(one_table: vbc.Program, tmp_path: Path, rows: int) -> None:
    table = pa.table(every_type())
    path = tmp_path / "in.parquet"
    pq.write_table(table, path, row_group_size=rows)
    kernel = batch_kernel(one_table, table.schema, missing=NULL)
    here = by_run_parquet(one_table, path, missing=NULL)
    assert by_dask(kernel, path, scheduler="sync").equals(here)
    assert by_dask(kernel, path, scheduler="threads").equals(here)


def test_other_processes_compute_the_same(alone: vbc.Program, tmp_path: Path) -> None:
    table = pa.table(hospitals(100))
    path = tmp_path / "in.parquet"
    pq.write_table(table, path, row_group_size=30)
    kernel = batch_kernel(alone, table.schema)
    found = by_dask(kernel, path, scheduler="processes", num_workers=2)
    assert found.equals(by_run_parquet(alone, path))


def test_what_is_wrong_is_told_as_it_is(alone: vbc.Program, tmp_path: Path) -> None:
    columns = hospitals(40)
    columns["cases"][33] = 5000
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=10)
    kernel = batch_kernel(alone, pa.table(columns).schema)
    with pytest.raises(InputError) as caught:
        by_dask(kernel, path, scheduler="sync")
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("VBC906", "cases")
    assert problem.message == "column `cases` is out of range; write 0 to 1,000 (hospital 00033)"


def test_counts_that_became_binary_floats_are_refused(alone: vbc.Program) -> None:
    # As where columns of pandas are not of Arrow's types.
    frame = pd.DataFrame({**hospitals(3), "cases": [50.0, 51.0, 52.0]})
    kernel = batch_kernel(alone, pa.table(hospitals(3)).schema)
    with pytest.raises(InputError, match="column `cases` is a binary float"):
        computed(frame, kernel)
