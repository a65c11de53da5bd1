"""Engines that hand over batches of Arrow: in the environment that `make test-spark` makes."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

import pytest

import vbc_rules as vbc
from tests.frames.columns.conftest import ALONE, ONE_TABLE

NEEDED: Final = ("dask", "narwhals", "numpy", "pandas", "pyarrow")

collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in NEEDED) else ["test_*.py"]


def _load(folder: Path, text: str) -> vbc.Program:
    path = folder / "program.yaml"
    path.write_text(text)
    return vbc.load(path)


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> vbc.Program:
    return _load(tmp_path_factory.mktemp("alone"), ALONE)


@pytest.fixture(scope="session")
def one_table(tmp_path_factory: pytest.TempPathFactory) -> vbc.Program:
    """Load a program with every type of input, in one table."""
    return _load(tmp_path_factory.mktemp("one_table"), ONE_TABLE)
