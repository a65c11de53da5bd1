"""A program arrives as it was sent, or is refused: another version, another file, another plan."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import vbc_rules as vbc
from tests.spark.tables import hospitals
from vbc_rules.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from vbc_rules.frames.spark.travelling import Travelling


@pytest.fixture
def sent(alone: vbc.Program) -> Travelling:
    module = pytest.importorskip("vbc_rules.frames.spark.travelling", reason="the extra `frames` brings numpy")
    made: Travelling = module.Travelling.of(alone)
    return made


def test_a_program_arrives_as_it_was_sent_and_is_compiled_once(sent: Travelling, alone: vbc.Program) -> None:
    again: Travelling = pickle.loads(pickle.dumps(sent))  # noqa: S301 (made on the same line)
    assert again == sent
    arrived = again.arrived()
    assert arrived.program == alone
    assert sent.arrived() is arrived


def test_another_version_of_the_library_is_refused(sent: Travelling) -> None:
    with pytest.raises(UsageError) as caught:
        replace(sent, library="9.0").arrived()
    assert str(caught.value) == (
        f"a worker of Spark has vbc_rules {sent.library}, and `example/alone@2024` was sent by 9.0; "
        "install the same version on every machine [VBC970]"
    )


def test_another_file_is_refused(sent: Travelling, private: vbc.Program) -> None:
    with pytest.raises(UsageError, match="that arrived at a worker of Spark is not the one that was sent"):
        replace(sent, packed=pickle.dumps(private)).arrived()


def test_another_plan_of_the_file_is_refused(sent: Travelling) -> None:
    with pytest.raises(UsageError, match=f"makes another plan of `example/alone@2024` .{sent.content_hash[:12]}. than"):
        replace(sent, plan_hash="0" * 64).arrived()


def test_workers_refuse_it(spark: SparkSession, alone: vbc.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    errors = pytest.importorskip("pyspark.errors")
    monkeypatch.setattr("vbc_rules.frames.spark.travelling.library_version", lambda: "9.0")
    results = alone.evaluate_spark(spark.createDataFrame(pa.table(hospitals(3))))
    with pytest.raises(
        errors.PythonException, match=r"UsageError: a worker of Spark has vbc_rules .* was sent by 9\.0"
    ):
        results.collect()


def test_plans_have_the_same_hash_in_every_process(sent: Travelling, spark: SparkSession) -> None:
    def hashes(_: object) -> list[str]:
        from vbc_rules.frames.spark.travelling import plan_hash

        return [plan_hash(pickle.loads(sent.packed))]  # noqa: S301 (made above)

    assert spark.sparkContext.parallelize([1], 1).flatMap(hashes).collect() == [sent.plan_hash]
