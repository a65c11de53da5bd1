"""Engines that hand over batches of Arrow: in the environment that `make test-spark` makes."""

from __future__ import annotations

import importlib.util
from typing import Final

from tests.frames.columns.conftest import alone, one_table  # noqa: F401 (fixtures)

NEEDED: Final = ("dask", "narwhals", "numpy", "pandas", "pyarrow")

collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in NEEDED) else ["test_*.py"]
