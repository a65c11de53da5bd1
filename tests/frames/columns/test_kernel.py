"""A batch of Arrow is computed as by the local run, in whatever process, and what is wrong with it is told."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import vbc_rules as vbc
from tests.frames.columns.tables import NULL, TEXTS, TYPED, computed_here, given_of, hospitals, in_order
from tests.run.cohort_populations import make_population
from vbc_rules.errors import InputError, UsageError
from vbc_rules.frames import read_mapping
from vbc_rules.frames.columns import BatchKernel, batch_kernel, evaluate_table, read_table, run_parquet, to_frame
from vbc_rules.run.columns import ColumnEngine, Unsupported

ROOT = Path(__file__).parents[3]
Told = list[tuple[str, int | None, str, str]]


def whole(program: vbc.Program, table: Any, **given: Any) -> Any:  # noqa: ANN401 (a table of Arrow, and what is given)
    """Return what the local run finds of a whole table."""
    people = read_table(table, program, **given)
    return to_frame(evaluate_table(program, people), "pyarrow").drop_columns(["row"])


def told(kernel: BatchKernel, table: Any) -> Told:  # noqa: ANN401 (a table of Arrow)
    with pytest.raises(InputError) as caught:
        kernel(table)
    assert json.dumps(caught.value.to_dict())
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems  # noqa: S301 (made here)
    return [(str(one.code), one.row, one.where, one.message) for one in caught.value.problems]


# --- what is found


@pytest.mark.parametrize("columns", [TYPED, TEXTS])
def test_values_of_every_type_are_taken(one_table: vbc.Program, columns: Mapping[str, list[Any]]) -> None:
    table = pa.table(columns)
    kernel = batch_kernel(one_table, table.schema, missing=NULL)
    assert kernel(table).equals(whole(one_table, table, missing=NULL))
    (batch,) = table.to_batches()
    assert kernel(batch).equals(kernel(table))


@pytest.mark.parametrize("rows", [1, 7, 100, 1000])
def test_batches_give_what_the_whole_gives(alone: vbc.Program, tmp_path: Path, rows: int) -> None:
    table = pa.table(hospitals(200 if rows == 1 else 1000)).sort_by(
        [("share", "ascending"), ("hospital", "descending")]
    )
    kernel = batch_kernel(alone, table.schema)
    found = pa.concat_tables([kernel(batch) for batch in table.to_batches(max_chunksize=rows)])
    assert found.schema == kernel.schema
    assert found.equals(whole(alone, table))
    pa.parquet.write_table(table, tmp_path / "in.parquet")
    run_parquet(alone, tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert found.equals(pa.parquet.read_table(tmp_path / "out.parquet").drop_columns(["row"]))


@pytest.mark.parametrize("name", ["bcbsm/osc@2016", "cms/hospital-vbp@fy2024", "cms/shared-savings@py2023"])
def test_packaged_programs(name: str) -> None:
    program = vbc.load(name)
    for seed in range(20):
        given = given_of(program, make_population(program.resolved, program.layouts, 30, seed))
        here = computed_here(program, given)
        if here is not None:
            kernel = batch_kernel(program, given.table.schema, cohort=given.cohort, parameters=given.parameters)
            found = pa.concat_tables(map(kernel, given.table.to_batches(max_chunksize=11)))
            assert in_order(found, program).equals(here)
            return
    pytest.fail("no population has a result")


def test_where_there_are_no_columns_rows_are_computed_one_by_one(
    alone: vbc.Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pa.table(hospitals(40))
    here = whole(alone, table)

    def refuse(*_: object) -> ColumnEngine:
        raise Unsupported("none of it")

    monkeypatch.setattr("vbc_rules.frames.columns.computing.compile_columns", refuse)
    kernel = batch_kernel(alone, table.schema)
    fresh = replace(kernel, sent=replace(kernel.sent, packed=kernel.sent.packed + b"."))  # compiled anew
    assert not isinstance(fresh.sent.arrived().engine(), ColumnEngine)
    assert fresh(table).equals(here)


def test_the_schema_is_that_of_every_batch(one_table: vbc.Program) -> None:
    table = pa.table(TYPED)
    kernel = batch_kernel(one_table, table.schema, columns=["reward", "third", "since", "early"], missing=NULL)
    text = pa.large_string()
    assert kernel.schema == pa.schema(
        {
            "hospital": text,
            "reward": pa.decimal128(38, 2), "reward_absent": text,
            "third": text, "third_absent": text,
            "since": pa.date32(), "since_absent": text,
            "early": pa.bool_(), "early_absent": text,
        }
    )  # fmt: skip
    assert kernel(table).schema == kernel.schema
    assert kernel(table.slice(1, 1)).schema == kernel.schema


def test_a_batch_without_rows_gives_a_table_without_rows(alone: vbc.Program) -> None:
    table = pa.table(hospitals(3))
    kernel = batch_kernel(alone, table.schema)
    for empty in (table.slice(0, 0), pa.table({}), pa.RecordBatch.from_pylist([], table.schema)):
        assert kernel(empty).equals(kernel.schema.empty_table())


def test_a_batch_may_have_columns_of_any_order_and_more(alone: vbc.Program) -> None:
    table = pa.table(hospitals(9))
    kernel = batch_kernel(alone, table.schema)
    other = table.select(table.schema.names[::-1]).append_column("__index__", pa.array([[1]] * 9))
    assert kernel(other).equals(kernel(table))


def test_a_column_may_arrive_in_another_type(alone: vbc.Program) -> None:
    # A batch may hold a column of nulls alone, dictionaries, or numbers of another width.
    table = pa.table(hospitals(9))
    kernel = batch_kernel(alone, table.schema, missing=NULL)
    other = table.set_column(3, "cases", table["cases"].cast(pa.int16()))
    other = other.set_column(0, "hospital", other["hospital"].dictionary_encode())
    assert kernel(other).equals(kernel(table))
    nulls = table.set_column(2, "share", pa.nulls(9))
    assert set(kernel(nulls)["part_absent"].to_pylist()) == {"not_reported"}


def test_binary_floats_are_taken_where_asked_for(alone: vbc.Program) -> None:
    table = pa.table(hospitals(9, payments=[number + 0.25 for number in range(9)]))
    kernel = batch_kernel(alone, table.schema, floats="shortest")
    assert kernel(table).equals(whole(alone, table, floats="shortest"))


def test_a_mapping_says_which_columns_are_read(alone: vbc.Program, tmp_path: Path) -> None:
    path = tmp_path / "own.mapping.yaml"
    path.write_text("""\
mapping: example/alone@2024
tables: {hospitals: {file: any.csv, key: Facility ID}}
missing: {none: not_reported}
columns:
  hospital:
    - from: hospitals
      inputs: {payments: Pay, share: {column: Share, reading: bare_percent}, cases: cases, kept: kept}
""")
    table = pa.table(
        {"list": [[1], [2]], "Facility ID": ["b", "a"], "Pay": ["$10.00", "20"], "Share": ["50", "none"],
         "cases": [5, 6], "kept": [4, 6]}
    )  # fmt: skip
    mapping = read_mapping(path, alone.resolved)
    kernel = pickle.loads(pickle.dumps(batch_kernel(alone, table.schema, mapping=mapping, columns=["reward"])))  # noqa: S301 (made here)
    assert [tuple(row.values()) for row in kernel(table).to_pylist()] == [
        ("b", Decimal("5.00"), None),
        ("a", Decimal("0.00"), None),
    ]


# --- where it is computed


def test_it_is_compiled_once_in_a_process(alone: vbc.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table(hospitals(5))
    kernel = batch_kernel(alone, table.schema)
    here = kernel(table)
    again = pickle.loads(pickle.dumps(kernel))  # noqa: S301 (made here)
    assert again == kernel
    assert again.schema == kernel.schema
    assert repr(again) == f"<BatchKernel example/alone@2024 {alone.content_hash[:12]}>"

    def never(*_: object) -> None:
        pytest.fail("what was made once is made again")

    monkeypatch.setattr("vbc_rules.frames.columns.travelling.engine_of", never)
    monkeypatch.setattr("vbc_rules.frames.columns.joining.ColumnReader", never)
    assert again(table).equals(here)


def test_another_process_finds_the_same(one_table: vbc.Program, tmp_path: Path) -> None:
    table = pa.table(TYPED)
    kernel = batch_kernel(one_table, table.schema, missing=NULL)
    (tmp_path / "sent").write_bytes(pickle.dumps((kernel, table)))
    program = """
import pickle, sys
from pathlib import Path
folder = Path(sys.argv[1])
kernel, table = pickle.loads((folder / "sent").read_bytes())
(folder / "found").write_bytes(pickle.dumps(kernel(table)))
"""
    places = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": places}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = pickle.loads((tmp_path / "found").read_bytes())  # noqa: S301 (made here)
    assert found.equals(kernel(table))


def test_threads_may_share_it(one_table: vbc.Program) -> None:
    # Every batch has texts that no other has.
    def batch(number: int) -> Any:  # noqa: ANN401 (a table of Arrow)
        notes = [f"note {number} {row}" for row in range(300)]
        cells: dict[str, list[Any]] = {name: [values[0]] * 300 for name, values in TYPED.items()}
        return pa.table({**cells, "hospital": notes, "note": notes})

    kernel = batch_kernel(one_table, batch(0).schema, columns=["label"], missing=NULL)
    batches = [batch(number) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(kernel, batches))
    assert [one["label"].to_pylist() for one in found] == [one["note"].to_pylist() for one in batches]


def test_another_version_or_plan_is_refused(alone: vbc.Program) -> None:
    table = pa.table(hospitals(3))
    kernel = batch_kernel(alone, table.schema)
    with pytest.raises(UsageError, match=r"a worker has vbc_rules .* was sent by 9\.0; install the same version"):
        replace(kernel, sent=replace(kernel.sent, library="9.0"))(table)
    with pytest.raises(UsageError, match="a worker makes another plan of `example/alone@2024`"):
        replace(kernel, sent=replace(kernel.sent, plan_hash="0" * 64))(table)


# --- what is wrong with a batch


def test_rows_are_told_by_their_participants(alone: vbc.Program) -> None:
    columns = hospitals(20)
    columns["cases"][3] = 5000
    columns["kept"][15] = 1000
    columns["hospital"][17] = " 9"
    table = pa.table(columns)
    kernel = batch_kernel(alone, table.schema)
    assert told(kernel, table) == [
        (
            "VBC929",
            None,
            "hospital",
            "column `hospital` has spaces around it, or characters that cannot be seen (hospital  9)",
        ),
        ("VBC906", None, "cases", "column `cases` is out of range; write 0 to 1,000 (hospital 00003)"),
    ]
    assert told(kernel, table.slice(10, 6)) == [
        (
            "VBC909",
            None,
            "kept",
            "does not meet what the program expects: `kept <= cases` (program.yaml:16) (hospital 00015)",
        ),
    ]
    # What was wrong with one batch is not told of the next.
    assert len(kernel(table.slice(4, 5))) == 5


def test_where_identifiers_are_not_shown_the_row_of_the_batch_is(private: vbc.Program) -> None:
    columns = hospitals(20, share=["7317%"] * 20)
    table = pa.table(columns)
    kernel = batch_kernel(private, table.schema)
    found = told(kernel, table.slice(10, 2))
    assert [(code, row, where) for code, row, where, _ in found] == [("VBC906", 1, "share"), ("VBC906", 2, "share")]
    assert {message for _, _, _, message in found} == {
        "column `share` is out of range; write 0% to 100% (row of the batch)"
    }


def test_no_value_is_told(private: vbc.Program) -> None:
    columns = hospitals(5, share=["7317%", "81.2345%", "7318", "secret", "x"])
    columns["hospital"] = [f"patient {number}" for number in range(5)]
    table = pa.table(columns)
    text = str(told(batch_kernel(private, table.schema), table))
    for value in ("7317", "81.2345", "7318", "secret", "patient"):
        assert value not in text


def test_one_participant_in_two_rows_of_a_batch_is_told(alone: vbc.Program) -> None:
    columns = hospitals(5)
    columns["hospital"][3] = "00001"
    table = pa.table(columns)
    ((code, row, where, message),) = told(batch_kernel(alone, table.schema), table)
    assert (code, row, where) == ("VBC910", None, "hospital")
    assert message.endswith("(hospital 00001)")


def test_a_thousand_problems_are_told(alone: vbc.Program) -> None:
    table = pa.table(hospitals(1200, cases=[5000] * 1200))
    assert len(told(batch_kernel(alone, table.schema), table)) == 1000


def test_a_column_that_a_batch_lacks_is_told(alone: vbc.Program) -> None:
    table = pa.table(hospitals(3))
    kernel = batch_kernel(alone, table.schema)
    assert told(kernel, table.drop_columns(["kept"])) == [
        ("VBC922", None, "", "the table of hospital has no column `kept`")
    ]
    with pytest.raises(UsageError, match="a table has the column `kept` 2 times; keep one"):
        kernel(table.append_column("kept", table["kept"]))


def test_a_column_that_arrives_in_a_type_that_is_not_read_is_told(alone: vbc.Program) -> None:
    table = pa.table(hospitals(3))
    kernel = batch_kernel(alone, table.schema)
    ((code, _, where, message),) = told(kernel, pa.table(hospitals(3, payments=[1.5, 2.5, 3.5])))
    assert (code, where) == ("VBC904", "payments")
    assert message.startswith("column `payments` is a binary float, which cannot carry exact digits")


def test_what_is_no_batch_is_refused(alone: vbc.Program) -> None:
    kernel = batch_kernel(alone, pa.table(hospitals(3)).schema)
    with pytest.raises(UsageError, match=r"that is no batch of Arrow; give a `pyarrow\.Table`"):
        kernel(hospitals(3))


# --- what is told at once


def test_columns_are_checked_before_there_is_a_batch(alone: vbc.Program) -> None:
    def refused(columns: dict[str, list[Any]]) -> list[tuple[str, str]]:
        with pytest.raises(InputError) as caught:
            batch_kernel(alone, pa.table(columns).schema)
        return [(str(one.code), one.message) for one in caught.value.problems]

    columns = hospitals(3)
    del columns["kept"]
    assert refused({**columns, "keept": [1, 2, 3]}) == [
        ("VBC923", "the table of hospital has the unknown column `keept`; write `kept`"),
        ("VBC922", "the table of hospital has no column `kept`"),
    ]
    assert refused(hospitals(3, share=[[1], [2], [3]], cases=[True, False, True])) == [
        ("VBC903", "column `share` is a column of list<item: int64>, which is not read for a percent; give it as text"),
        ("VBC903", "column `cases` is yes or no where a count is declared; pass Decimal or text"),
    ]
    assert refused(hospitals(3, hospital=[1, 2, 3])) == [
        ("VBC903", "column `hospital` is not text; write the identifier as text, with its leading zeros")
    ]


def test_programs_that_span_participants_and_lists_are_refused(ranked: vbc.Program, program: vbc.Program) -> None:
    with pytest.raises(UsageError) as caught:
        batch_kernel(ranked, pa.schema({"hospital": pa.string(), "score": pa.int64()}))
    assert str(caught.value) == (
        "`hospital.place` is known only for a whole cohort, and a batch is computed by itself; compute the cohort with "
        "`evaluate_table`, `run_parquet` or `evaluate_spark` [VBC970]"
    )
    with pytest.raises(UsageError, match="items of `grant` stand in a table of their own"):
        batch_kernel(program, pa.table(TYPED).schema)


def test_what_is_given_is_checked(alone: vbc.Program) -> None:
    schema = pa.table(hospitals(3)).schema
    with pytest.raises(UsageError, match=r"give their `pyarrow\.Schema`"):
        batch_kernel(alone, list(hospitals(3)))
    with pytest.raises(UsageError, match="write 'refuse' or 'shortest'"):
        batch_kernel(alone, schema, floats="nearest")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="there is no such figure"):
        batch_kernel(alone, schema, columns=["rewards"])
    with pytest.raises(UsageError, match="no input may be absent for a reason given in `missing`"):
        batch_kernel(alone, schema, missing={"": "unknown"})
    with pytest.raises((InputError, UsageError)):
        batch_kernel(alone, schema, cohort={"nothing": 1})
