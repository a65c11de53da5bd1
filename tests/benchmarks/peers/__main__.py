"""Compare with other engines: `python -m tests.benchmarks.peers [--json FILE] [--docs] [--rows N] ..`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import fields
from pathlib import Path

# One thread for everybody; it must be said before they are imported.
for name in (
    "POLARS_MAX_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "RAYON_NUM_THREADS",
):
    os.environ.setdefault(name, "1")

from tests.benchmarks.peers.measuring import Size, measure  # noqa: E402 (as said above)
from tests.benchmarks.peers.report import data, markdown, write_page  # noqa: E402 (as above)

PAGE = Path(__file__).parents[3] / "docs" / "performance.md"


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print the tables; return 1 where a bar is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.peers", description="Compare with other engines.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there as data as well")
    parser.add_argument("--docs", action="store_true", help="write the tables into docs/performance.md")
    usual = Size()
    for entry in fields(Size):
        default = getattr(usual, entry.name)
        option = "--" + entry.name.replace("_", "-")
        parser.add_argument(option, type=int, default=default, metavar="N", help=f"usually {default:,}")
    given = parser.parse_args(arguments)
    report = measure(Size(**{entry.name: getattr(given, entry.name) for entry in fields(Size)}))
    text = markdown(report)
    sys.stdout.write(text + "\n")
    if given.json:
        given.json.write_text(json.dumps(data(report), indent=2) + "\n", encoding="utf-8")
    if given.docs:
        write_page(PAGE, text)
    return 0 if all(figure.keeps(figure.floor) is not False for figure in report.figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
