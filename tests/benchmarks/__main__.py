"""Measure, and print a table: `python -m tests.benchmarks [--json FILE] [--docs] [--quick]`."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from pathlib import Path

from tests.benchmarks.measuring import Figure, Size, measure
from tests.benchmarks.timing import table

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
START, END = "<!-- measured: start -->", "<!-- measured: end -->"


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks; return 1 where a bar is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure the library.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--docs", action="store_true", help="write the table into docs/performance.md")
    parser.add_argument("--quick", action="store_true", help="a few rounds of little: only to see that all of it runs")
    given = parser.parse_args(arguments)
    size = Size(hospitals=5, turns=1, rounds=2, checked=20, loads=1, imports=1) if given.quick else Size()
    figures = measure(size)
    text = show(figures)
    sys.stdout.write(text + "\n")
    if given.json:
        given.json.write_text(json.dumps(data(figures), indent=2) + "\n", encoding="utf-8")
    if given.docs:
        write_page(text)
    return 0 if given.quick or all(figure.is_kept is not False for figure in figures) else 1


def show(figures: list[Figure]) -> str:
    """Return the figures as a table."""
    rows = [("", "median", "bar", "kept")]
    for figure in figures:
        word = "at least" if figure.unit == "times" else "at most"
        bar = "" if figure.bar is None else f"{word} {figure.bar:g} {figure.unit}"
        kept = {None: "", True: "yes", False: "NO"}[figure.is_kept]
        rows.append((figure.name, f"{figure.value:.{2 if figure.unit == 'times' else 1}f} {figure.unit}", bar, kept))
    return f"{machine()}\n\n{table(rows)}"


def data(figures: list[Figure]) -> dict[str, object]:
    """Return the figures as plain data."""
    return {
        "machine": machine(),
        "figures": [
            {
                "name": figure.name,
                "value": round(figure.value, 3),
                "unit": figure.unit,
                "bar": figure.bar,
                "kept": figure.is_kept,
            }
            for figure in figures
        ],
    }


def machine() -> str:
    """Return what it ran on."""
    return f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}"


def write_page(text: str) -> None:
    """Put the table into the page on performance, between its marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{START}\n\n```\n{text}\n```\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
