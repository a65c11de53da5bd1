"""A million participants: every row and every total is that of the local run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
import pytest

from tests.benchmarks.peers.rows import Rows, forced, plausible, together
from tests.benchmarks.peers.terms import Terms, alone, terms, whole
from tests.frames.columns.tables import in_order
from vbc_rules import Program
from vbc_rules.frames.columns import run_parquet
from vbc_rules.frames.columns.quantities import to_decimals

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SIZE = 1_000_000
FORCED = 100_000
"""Of these, participants on every tie and every end of a range."""


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the participants' file."""
    numbers = terms()
    rows = together(plausible(numbers, SIZE - FORCED), forced(numbers, FORCED))
    path = tmp_path_factory.mktemp("million") / "in.parquet"
    pyarrow.parquet.write_table(table_of(numbers, rows), path, row_group_size=SIZE // 8)
    return path


@pytest.mark.parametrize("program", [alone(), whole()], ids=["each alone", "with a pool"])
def test_a_million_participants(
    spark: SparkSession, given: Path, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vbc_rules.frames.spark.spanning.MOST_WHOLE", 0)
    assert run_parquet(program, given, tmp_path / "here.parquet").computed == SIZE
    program.evaluate_spark(spark.read.parquet(str(given))).write.parquet(str(tmp_path / "spark"))

    found = in_order(pyarrow.parquet.read_table(tmp_path / "spark"), program)
    here = in_order(pyarrow.parquet.read_table(tmp_path / "here.parquet").drop_columns(["row"]), program)
    assert found.schema.names == here.schema.names
    assert totals(found) == totals(here)
    assert found.equals(here)
    assert len(found) == SIZE


def totals(table: Any) -> dict[str, object]:  # noqa: ANN401 (a table of Arrow)
    return {name: pc.sum(table[name]).as_py() for name in table.schema.names if pa.types.is_decimal(table[name].type)}


def table_of(numbers: Terms, rows: Rows) -> Any:  # noqa: ANN401 (a table of Arrow)
    """Return participants as a table: counts as whole numbers, money and rates as decimals."""
    columns = {
        "hospital": pa.array(np.char.zfill(np.arange(len(rows)).astype(str), 7).tolist()),
        "operating_payments": to_decimals(rows.payments, None, 2),
        "attestation_signed": pa.array(rows.attested),
    }
    for place, measure in enumerate(numbers.measures):
        for name, block in zip(("numerator", "denominator"), rows.blocks[:2], strict=True):
            columns[f"measure.{measure.name}.{name}"] = pa.array(block[place].astype(np.int32))
        for name, block in zip(("rate", "baseline"), rows.blocks[2:], strict=True):
            columns[f"measure.{measure.name}.{name}"] = to_decimals(block[place], None, 4).cast(pa.decimal128(5, 4))
    return pa.table(columns)
