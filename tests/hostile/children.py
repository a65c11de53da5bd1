"""The command line in a process of its own, with what it cost."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SRC = Path(__file__).parents[2] / "src"
_CHILD = """
import sys, time
from vbc_rules.cli import main
code = main(sys.argv[2:])
try:
    text = open("/proc/self/status", encoding="ascii").read()
    peak = int(text.partition("VmHWM:")[2].split()[0]) // 1024
except OSError:
    peak = 0
with open(sys.argv[1], "w", encoding="ascii") as stream:
    stream.write(f"{time.process_time()} {peak}")
sys.exit(code)
"""
MAX_SECONDS = 5.0
"""Of the processor, with the start of Python: far more than any file needs, and far less than a blow-up takes."""

MAX_MEGABYTES = 200


@dataclass(frozen=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str
    seconds: float
    megabytes: int


def run(folder: Path, *arguments: str | Path) -> Ran:
    """Run `vbc-rules` in `folder`, as a person would; whatever it is given, it costs little and shows no traceback."""
    cost = folder / ".cost"
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(cost), *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SRC), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    seconds, megabytes = cost.read_text(encoding="ascii").split()
    ran = Ran(done.returncode, done.stdout, done.stderr, float(seconds), int(megabytes))
    assert "Traceback" not in ran.out + ran.err
    assert "an error of vbc-rules itself" not in ran.err
    assert ran.seconds < MAX_SECONDS
    assert ran.megabytes < MAX_MEGABYTES
    return ran
