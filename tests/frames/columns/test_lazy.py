"""What tables need is imported where it is used, and named where it is missing."""

from __future__ import annotations

import subprocess
import sys


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_nothing_is_imported_before_it_is_used() -> None:
    program = """
import sys
import vbc_rules, vbc_rules.frames, vbc_rules.frames.columns
vbc_rules.load
print(sorted({"numpy", "pyarrow", "narwhals", "polars", "pandas"} & set(sys.modules)))
"""
    assert run(program) == "[]"


def test_a_missing_extra_is_named() -> None:
    program = """
import sys
sys.modules["pyarrow"] = None
from vbc_rules.errors import UsageError
try:
    from vbc_rules.frames.columns import read_table
except UsageError as error:
    print(error)
"""
    wanted = "tables in columns need pyarrow, which is not installed; install `vbc_rules[frames]` [VBC970]"
    assert run(program) == wanted
