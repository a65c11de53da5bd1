"""From a Parquet file to a file of payments, beside Polars only reading the one and writing the other.

Run in processes of its own: both use every core, and the memory a run takes is that of its process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from tests.benchmarks.peers.rows import Array, Rows, plausible
from tests.benchmarks.peers.terms import Terms, terms, whole
from tests.benchmarks.timing import interleaved

Kind: TypeAlias = Literal["whole", "decimal"]
"""What quantities are in the file: whole numbers of cents and ten-thousandths, or decimal128."""

PAYMENTS = ("earned", "shared")
STEP = 100_000
SMALL_BATCH = 20_000
_PARTS = {"rate": "ten_thousandths", "baseline": "ten_thousandths"}


def write(path: Path, numbers: Terms, count: int, kind: Kind) -> None:
    """Write a file of participants."""
    import pyarrow as pa
    import pyarrow.parquet

    writer: Any = None
    for first in range(0, count, STEP):
        table = pa.table(_columns(numbers, plausible(numbers, min(STEP, count - first), first + 1), first, kind))
        writer = writer or pyarrow.parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


def _columns(numbers: Terms, rows: Rows, first: int, kind: Kind) -> dict[str, Any]:
    import pyarrow as pa

    def quantity(values: Array, scale: int) -> Any:  # noqa: ANN401 (an array of Arrow)
        values = np.ascontiguousarray(values, dtype=np.int64)
        if kind == "whole" or not scale:
            return pa.array(values)
        pairs = np.stack([values, values >> 63], axis=1)
        return pa.Array.from_buffers(pa.decimal128(18, scale), len(values), [None, pa.py_buffer(pairs)])

    found = {
        "hospital": pa.array([f"{first + number:08}" for number in range(len(rows))]),
        "operating_payments": quantity(rows.payments, 2),
        "attestation_signed": pa.array(rows.attested),
    }
    scales = {"numerator": 0, "denominator": 0, "rate": 4, "baseline": 4}
    for place, measure in enumerate(numbers.measures):
        for (name, scale), block in zip(scales.items(), rows.blocks, strict=True):
            found[f"measure.{measure.name}.{name}"] = quantity(block[place], scale)
    return found


def mapping(numbers: Terms) -> str:
    """Return the mapping of a file of whole numbers."""
    lines = [
        f"mapping: {whole().identifier}",
        "tables:\n  all: {file: all.parquet, key: hospital}",
        "columns:",
        "  hospital:\n    - from: all\n      inputs:",
        "        operating_payments: {column: operating_payments, reading: hundredths}",
        "        attestation_signed: attestation_signed",
        "  measure:\n    - from: all",
        f"      members: {{{', '.join(f'{measure.name}: {measure.name}' for measure in numbers.measures)}}}",
        "      inputs:",
    ]
    for name in ("numerator", "denominator", "rate", "baseline"):
        reading = f", reading: {_PARTS[name]}" if name in _PARTS else ""
        lines.append(f"        {name}: {{column: 'measure.{{member}}.{name}'{reading}}}")
    return "\n".join(lines)


def run(path: Path, out: Path, numbers: Terms, kind: Kind, batch_rows: int = STEP) -> None:
    """Compute a file with the library."""
    from vbc_rules.frames.columns import run_parquet
    from vbc_rules.frames.mapping_file import read_mapping

    program = whole()
    named = None
    if kind == "whole":
        file = path.with_suffix(".mapping.yaml")
        file.write_text(mapping(numbers), encoding="utf-8")
        named = read_mapping(file, program.resolved)
    run_parquet(program, path, out, mapping=named, columns=PAYMENTS, batch_rows=batch_rows)


def bare(path: Path, out: Path) -> None:
    """Read every column of a file with Polars, and write as many columns as payments have."""
    import polars

    read = polars.read_parquet(path)
    columns = [column for column in read.columns if column.endswith("numerator")][: 2 * len(PAYMENTS)]
    read.select("hospital", *columns).write_parquet(out)


def measured(count: int, rounds: int) -> dict[str, float]:
    """Return how many times as long as Polars a run takes, for each kind of file, and the seconds of both."""
    numbers = terms()
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out.parquet")
        kinds: tuple[Kind, ...] = ("whole", "decimal")
        for kind in kinds:
            path = Path(folder, f"{kind}.parquet")
            write(path, numbers, count, kind)
            timed = interleaved(
                {
                    "run": lambda path=path, kind=kind: run(path, out, numbers, kind),  # type: ignore[misc]
                    "bare": lambda path=path: bare(path, out),  # type: ignore[misc]
                },
                rounds,
            )
            found |= {
                kind: timed.ratio("run", "bare"),
                f"{kind}_run": timed.median("run"),
                f"{kind}_bare": timed.median("bare"),
            }
            path.unlink()
    return found


def peak(count: int) -> dict[str, float]:
    """Return the most memory, in bytes, that this process took for a run in small batches that keeps nothing."""
    numbers = terms()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "decimal.parquet")
        # Written by another process, whose memory does not count.
        write_elsewhere = [sys.executable, "-m", __spec__.name, "--write", str(path), "--rows", str(count)]
        subprocess.run(write_elsewhere, check=True)
        run(path, Path(folder, "out.parquet"), numbers, "decimal", SMALL_BATCH)
    return {"peak": _peak()}


def _peak() -> float:
    try:
        # What `getrusage` tells begins with what the process that started this one took.
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0
    return next(float(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


def elsewhere(*arguments: str) -> dict[str, float]:
    """Return what this module finds in a process of its own, with its usual number of threads."""
    call = [sys.executable, "-m", "tests.benchmarks.peers.files", *arguments]
    done = subprocess.run(call, check=True, capture_output=True, text=True, env=_environment())
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.endswith("_THREADS")}


def main() -> None:
    """Write a file, or print what is measured as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--peak", action="store_true")
    given = parser.parse_args()
    if given.write:
        write(given.write, terms(), given.rows, "decimal")
    else:
        print(json.dumps(peak(given.rows) if given.peak else measured(given.rows, given.rounds)))  # noqa: T201 (a command)


if __name__ == "__main__":
    main()
