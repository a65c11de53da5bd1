"""A Spark on this machine, one for all tests here: in the environment that `make test-spark` makes."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import vbc_rules as vbc
from tests.frames.columns.conftest import alone, one_table, private  # noqa: F401 (fixtures)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NEEDED: Final = ("narwhals", "numpy", "pyarrow")
ROOT: Final = Path(__file__).parents[2]

collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in NEEDED) else ["test_*.py"]

SETTINGS: Final = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
}


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Start a Spark of two threads in this process; nothing is kept of it."""
    sql = pytest.importorskip("pyspark.sql", reason="the extra `spark` brings pyspark; run `make test-spark`")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.fail("Spark needs Java 17 or later, which is not on this machine")
    folder = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        # What is imported here is imported by its workers.
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
        builder = sql.SparkSession.builder.master("local[2]").appName("tests")
        folders = {"spark.local.dir": str(folder), "spark.sql.warehouse.dir": str(folder / "tables")}
        for name, value in {**SETTINGS, **folders}.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        yield session
        session.stop()


@pytest.fixture(scope="session")
def program(one_table: vbc.Program) -> vbc.Program:  # noqa: F811 (the fixture)
    """Return a program with every type of input."""
    return one_table
