"""What was found, as data and as a page: every number on it comes from a run."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmarks.peers.correctness import Wrong
from tests.benchmarks.peers.measuring import Figure, Report, Timed

LIBRARIES = ("numpy", "zen-engine", "openfisca-core", "common-expression-language", "rule-engine", "polars", "duckdb")
START, END = "<!-- peers: start -->", "<!-- peers: end -->"


def machine() -> str:
    """Return what it ran on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else 0
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB; "
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "processor unknown"


def versions() -> dict[str, str]:
    """Return the versions of what was compared; "" for what is not installed."""
    found = {}
    for name in ("vbc-rules", *LIBRARIES):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


def data(report: Report) -> dict[str, object]:
    """Return everything as plain data."""
    return {
        "machine": machine(),
        "versions": versions(),
        "size": asdict(report.size),
        "compared_with_the_oracle": report.compared,
        "differing_from_the_oracle": report.differing,
        "figures": [
            {
                "name": figure.name,
                "value": round(figure.value, 3),
                "unit": figure.unit,
                "floor": figure.floor,
                "goal": figure.goal,
                "at_most": figure.at_most,
                "keeps_floor": figure.keeps(figure.floor),
                "keeps_goal": figure.keeps(figure.goal),
            }
            for figure in report.figures
        ],
        "ways": [asdict(timed) for timed in report.timed],
        "peers": [
            {"name": peer.name, "version": peer.version, "missing": peer.missing, "cannot": peer.cannot}
            for peer in report.peers
        ],
    }


def markdown(report: Report) -> str:
    """Return everything as tables."""
    there = ", ".join(f"{name} {number}" for name, number in versions().items() if number)
    parts = [
        f"{machine()}.\n{there}.",
        _compared(report),
        "### Ratios",
        _raced(report),
        _ratios(report.figures),
        "### One participant at a time",
        _ways([timed for timed in report.timed if timed.kind == "one"]),
        "### In columns",
        _ways([timed for timed in report.timed if timed.kind == "columns"]),
        "### What each cannot express",
        "\n".join(_peer(peer.name, peer.version, peer.missing, peer.cannot) for peer in report.peers),
    ]
    return "\n\n".join(parts)


def write_page(page: Path, text: str) -> None:
    """Put the tables into the page on performance, between their marks; raises ValueError where it has none."""
    whole = page.read_text(encoding="utf-8")
    before, start, rest = whole.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"{page.name} has no marks; write {START} and {END} into it")
    page.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _compared(report: Report) -> str:
    return (
        f"{report.compared:,} participants, half of them on ties, had every value that the program names compared with "
        f"the oracle: {report.differing} differ."
    )


def _raced(report: Report) -> str:
    size = report.size
    return (
        f"How many times as long the peer's fastest way takes. One at a time: {size.ones:,} participants a round, "
        f"{size.one_rounds} rounds. In columns: {size.rows:,} participants, {size.rounds} rounds, one thread."
    )


def _ratios(figures: list[Figure]) -> str:
    rows = ["| | median | bar | goal | kept |", "|---|--:|--:|--:|---|"]
    rows += [
        f"| {figure.name} | {_number(figure.value)} {figure.unit} | {_bar(figure, figure.floor)} "
        f"| {_bar(figure, figure.goal)} | {_kept(figure)} |"
        for figure in figures
    ]
    return "\n".join(rows)


def _bar(figure: Figure, bar: float | None) -> str:
    return "" if bar is None else f"{'at most' if figure.at_most else 'at least'} {bar:g}"


def _kept(figure: Figure) -> str:
    if figure.keeps(figure.floor) is None:
        return ""
    if not figure.keeps(figure.floor):
        return "**no**"
    return "yes" if figure.keeps(figure.goal) is not False else "the bar, not the goal"


def _ways(found: list[Timed]) -> str:
    rows = [
        "| | way | us each | rows | wrong, plausible | wrong, ties | payments wrong | worst, $ | shares wrong |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    rows += [
        f"| {timed.peer} | {timed.way} | {_number(timed.each)} | {timed.rows:,} | {_wrong(timed.plausible)} "
        f"| {_wrong(timed.ties)} | {_payments(timed)} |"
        for timed in found
    ]
    return "\n".join(rows)


def _wrong(wrong: Wrong | None) -> str:
    return "" if wrong is None else f"{wrong.any:,} of {wrong.rows:,}"


def _payments(timed: Timed) -> str:
    one, other = timed.plausible, timed.ties
    if one is None or other is None:
        return " |  | "
    shares = "none made" if one.shares is None or other.shares is None else f"{one.shares + other.shares:,}"
    return f"{one.payments + other.payments:,} | {max(one.worst, other.worst) / 100:,.2f} | {shares}"


def _peer(name: str, version_: str, missing: str, cannot: str) -> str:
    title = f"{name} {version_}".strip()
    return f"- **{title}**{f' ({missing})' if missing else ''}: {cannot}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
