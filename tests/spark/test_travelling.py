"""A program that does not arrive at workers of Spark as it was sent is refused there; see `columns.travelling`."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import vbc_rules as vbc
from tests.frames.columns.tables import hospitals

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_workers_refuse_it(spark: SparkSession, alone: vbc.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    errors = pytest.importorskip("pyspark.errors")
    monkeypatch.setattr("vbc_rules.frames.columns.travelling.library_version", lambda: "9.0")
    results = alone.evaluate_spark(spark.createDataFrame(pa.table(hospitals(3))))
    with pytest.raises(errors.PythonException, match=r"UsageError: a worker has vbc_rules .* was sent by 9\.0"):
        results.collect()


def test_plans_have_the_same_hash_in_every_process(alone: vbc.Program, spark: SparkSession) -> None:
    from vbc_rules.frames.columns.travelling import Travelling

    sent = Travelling.of(alone)

    def hashes(_: object) -> list[str]:
        from vbc_rules.frames.columns.travelling import plan_hash

        return [plan_hash(pickle.loads(sent.packed))]  # noqa: S301 (made above)

    assert spark.sparkContext.parallelize([1], 1).flatMap(hashes).collect() == [sent.plan_hash]
