"""What Spark needs is imported where it is used, and named where it is missing."""

from __future__ import annotations

import subprocess
import sys


def test_a_missing_extra_is_named() -> None:
    program = """
import sys
sys.modules["pyspark"] = None
import vbc_rules as vbc
from vbc_rules.packaged import list_packaged
try:
    vbc.load(list_packaged()[0]).evaluate_spark(None)
except vbc.UsageError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "tables of Spark need pyspark, which is not installed; install `vbc_rules[spark]` [VBC970]\n"
    )
