"""What is measured, in one process: every way of every peer beside the library's own, in interleaved rounds."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

from tests.benchmarks.peers import files, ours
from tests.benchmarks.peers.correctness import Wrong, judged
from tests.benchmarks.peers.known import Known, known
from tests.benchmarks.peers.ours import Columns
from tests.benchmarks.peers.rows import Rows, forced, plausible, together
from tests.benchmarks.peers.terms import Terms, terms
from tests.benchmarks.peers.way import Way
from tests.benchmarks.timing import Rounds, interleaved

LOT = 2_500
"""So many plausible participants, and as many on ties, are compared with the oracle as one cohort."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured, in participants and rounds."""

    ones: int = 200
    """Called one after another in a round."""
    one_rounds: int = 9
    rows: int = 1_000_000
    """In columns."""
    rounds: int = 5
    by_hand: int = 5_000
    """Of those, what the version by hand is given: it takes the same time for each."""
    few: int = 100_000
    """From so many to so many the time per participant may hardly grow."""
    many: int = 5_000_000
    in_file: int = 1_000_000
    """Read from a Parquet file, and written to one."""
    file_rounds: int = 3
    small_file: int = 100_000
    """From so many in a file to `in_file` the memory may hardly grow."""
    checked: int = 20_000
    """Compared with each peer in columns: as many plausible ones, and as many on ties."""
    checked_ones: int = 500
    oracle: int = 100_000
    """Compared with the oracle in every value: as many plausible ones, and as many on ties."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: a ratio of times, or a share or a size; `floor` and `goal` are bars, least or greatest."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    goal: float | None = None
    at_most: bool = False

    def keeps(self, bar: float | None) -> bool | None:
        """Whether a bar is kept; None where there is none."""
        if bar is None:
            return None
        return self.value <= bar if self.at_most else self.value >= bar


@dataclass(frozen=True, slots=True)
class Timed:
    """One way as it was timed: microseconds for each participant, and how many there were."""

    peer: str
    way: str
    kind: str
    each: float
    rows: int
    plausible: Wrong | None
    ties: Wrong | None


@dataclass(slots=True)
class Report:
    """Everything that was found."""

    size: Size
    peers: list[Known]
    timed: list[Timed] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    differing: int = 0
    compared: int = 0


def measure(size: Size, tell: Callable[[str], None] | None = None) -> Report:
    """Return every figure. Raises AssertionError where the library differs from the oracle."""
    say = tell or (lambda text: sys.stderr.write(text + "\n"))
    numbers = terms()
    columns = ours.columns(numbers)
    report = Report(size, known(numbers))
    say("participants one at a time")
    _one_at_a_time(report, numbers, columns)
    say("participants in columns")
    _in_columns(report, numbers, columns)
    say("growth, the trace and the pool")
    _growth(report, numbers, columns)
    _trace(report, numbers, columns)
    _pool(report, numbers, columns)
    if size.in_file:
        say("Parquet files")
        _files(report)
    say("comparing with the oracle")
    for first in range(0, size.oracle, LOT):
        # Each lot is a cohort of its own: the oracle keeps everything of all of them.
        lot = min(LOT, size.oracle - first)
        report.differing += columns.differences(
            together(plausible(numbers, lot, first + 1), forced(numbers, lot, first + 2))
        )
        report.compared += 2 * lot
    assert not report.differing, f"{report.differing} participants differ from the oracle"
    return report


# --- one participant at a time


def _one_at_a_time(report: Report, numbers: Terms, columns: Columns) -> None:
    size = report.size
    ways = {(ours.NAME, way.name): way for way in ours.setup(numbers)}
    ways |= {(peer.name, way.name): way for peer in report.peers for way in peer.ways if way.kind == "one"}
    rounds = _raced(ways, dict.fromkeys(ways, plausible(numbers, size.ones)), size.one_rounds)
    checked = plausible(numbers, size.checked_ones, 3), forced(numbers, size.checked_ones, 4)
    _note(report, ways, rounds, dict.fromkeys(ways, size.ones), checked, columns)

    def against(
        name: str,
        peers: tuple[str, ...],
        mine: str,
        *,
        floor: float | None = None,
        only: Callable[[str], bool] = lambda _: True,
    ) -> None:
        _figure(report, rounds, ways, name, peers, mine, floor=floor, only=only)

    zen, cel = ("zen-engine",), ("CEL (Rust)",)
    traced, plain = "a row already read, with trace", "a row already read, without trace"

    def given(way: str) -> bool:
        return "from a mapping" not in way and "written" not in way

    def is_full(way: str) -> bool:
        return given(way) and "trace" in way and "33" not in way

    against("zen-engine, every value traced by both", zen, traced, floor=20, only=is_full)
    against(
        "zen-engine, 33 values traced, every value by us",
        zen,
        traced,
        only=lambda way: given(way) and "trace" in way and "33" in way,
    )
    against("zen-engine, without trace", zen, plain, floor=12, only=lambda way: given(way) and "trace" not in way)
    against("CEL, without trace", cel, plain, floor=40, only=lambda way: "floats" not in way)
    against(
        "zen-engine, from JSON, both with trace",
        zen,
        "from JSON, with trace",
        floor=4,
        only=lambda way: way == "evaluate, from JSON, with trace",
    )
    against(
        "zen-engine, from JSON, both traces written as JSON",
        zen,
        "from JSON, the trace written as JSON",
        floor=3,
        only=lambda way: "written" in way,
    )
    against(
        "zen-engine, from a mapping of Decimals, both with trace",
        zen,
        "from a mapping of Decimals, with trace",
        floor=4,
        only=lambda way: "Decimals" in way,
    )
    against("rule-engine, every value", ("rule-engine",), traced)
    against("expression interpreter, every value", ("Expression interpreter",), traced)
    against("Decimal by hand, every value", ("Decimal by hand",), traced)
    entry = rounds.ratio(_label(ours.NAME, "from JSON, with trace"), _label(ours.NAME, "json.loads alone"))
    report.figures.append(
        Figure("entry: JSON to a traced result, over json.loads", entry, "times", floor=5, at_most=True)
    )


# --- columns


def _in_columns(report: Report, numbers: Terms, columns: Columns) -> None:
    size = report.size
    ways = {(ours.NAME, way.name): way for way in columns.ways()}
    ways |= {(peer.name, way.name): way for peer in report.peers for way in peer.ways if way.kind == "columns"}
    whole = plausible(numbers, size.rows)
    part = whole.part(0, min(size.by_hand, size.rows))
    given = {key: part if key[0] == "Decimal by hand" else whole for key in ways}
    rounds = _raced(ways, given, size.rounds)
    checked = plausible(numbers, size.checked, 3), forced(numbers, size.checked, 4)
    _note(report, ways, rounds, {key: len(rows) for key, rows in given.items()}, checked, columns)
    counts = {_label(*key): len(rows) for key, rows in given.items()}

    def against(
        name: str,
        peers: tuple[str, ...],
        mine: str,
        floor: float | None = None,
        goal: float | None = None,
        only: Callable[[str], bool] = lambda _: True,
    ) -> None:
        _figure(report, rounds, ways, name, peers, mine, floor=floor, goal=goal, only=only, counts=counts)

    results, every = "results kept", "every value kept"
    for name, peer, kind, kept, floor, goal in (
        ("Decimal by hand", "Decimal by hand", "every value", every, 100, None),
        ("openfisca-core float32", "openfisca-core", "float32", every, 1.2, 2),
        ("Polars Int64", "Polars by hand", "Int64", results, 1.1, 1.5),
        ("Polars Int64", "Polars by hand", "Int64, every value", every, None, None),
        ("DuckDB BIGINT", "DuckDB by hand", "BIGINT", results, 3, 4),
    ):
        for pool in (", with the pool", ", without the pool"):

            def chosen(way: str, kind: str = kind, pool: str = pool) -> bool:
                return way.startswith(kind) and way.endswith(pool) and ("every value," in way) == ("every" in kind)

            against(f"{name}, {kept}{pool}", (peer,), f"{kept}{pool}", floor, goal, chosen)
    one = f"{every}, without the pool"
    threads = rounds.ratio(_label(ours.NAME, one), _label(ours.NAME, f"{one}, two threads"))
    report.figures.append(Figure("two threads over one", threads, "times", floor=1.4))


def _growth(report: Report, numbers: Terms, columns: Columns) -> None:
    size = report.size
    way = next(way for way in columns.ways() if way.name == "every value kept, with the pool")
    ways = {("", "few"): way, ("", "many"): way}
    # As many participants in all: many times few, or once many.
    given = {("", "few"): plausible(numbers, size.few), ("", "many"): plausible(numbers, size.many)}
    rounds = _raced(ways, given, max(3, size.rounds // 2))
    grown = rounds.ratio(_label("", "many"), _label("", "few")) * size.few / size.many
    name = f"time per participant at {size.many:,} over {size.few:,}"
    report.figures.append(Figure(name, grown, "times", floor=1.3, at_most=True))


def _trace(report: Report, numbers: Terms, columns: Columns) -> None:
    rows = plausible(numbers, min(report.size.rows, 100_000))
    run = columns.resident(rows)
    report.figures.append(
        Figure("trace in columns", columns.bytes_kept(run) / len(rows), "bytes a row", floor=200, at_most=True)
    )
    kernel = columns.kernel
    rounds = interleaved(
        {"lean": lambda: kernel.run(run, keep=ours.RESULTS), "full": lambda: kernel.run(run)}, report.size.rounds
    )
    report.figures.append(
        Figure("every value kept over results kept", rounds.ratio("full", "lean"), "times", floor=1.4, at_most=True)
    )


def _pool(report: Report, numbers: Terms, columns: Columns) -> None:
    """Note how the time of the whole is divided: taking the columns in, each participant, the pool."""
    population = columns.population(plausible(numbers, report.size.rows))
    parts: list[tuple[float, float]] = []
    for _ in range(report.size.rounds + 1):
        start = perf_counter()
        run = columns.taken_in(population)
        taken = perf_counter()
        stages = list(enumerate(columns.engine.stages))[columns.kernel_number :]
        run.take(*stages[0])
        middle = perf_counter()
        for stage in stages[1:]:
            run.take(*stage)
        end = perf_counter()
        parts.append((100 * (taken - start) / (end - start), 100 * (end - middle) / (end - start)))
    taking_in, pool = (statistics.median(values) for values in zip(*parts[1:], strict=True))
    report.figures.append(Figure("taking the columns in, of the time of the whole", taking_in, "%"))
    report.figures.append(Figure("the pool, of the time of the whole", pool, "%", floor=5, at_most=True))


def _files(report: Report) -> None:
    size = report.size
    found = files.elsewhere("--rows", str(size.in_file), "--rounds", str(size.file_rounds))
    for kind, called in (("whole", "whole numbers"), ("decimal", "decimal128")):
        name = f"Parquet to Parquet over Polars reading and writing, {size.in_file:,}, {called}"
        report.figures.append(Figure(name, found[kind], "times", floor=4, at_most=True))
        report.figures.append(
            Figure(f"the same, for each participant, {called}", found[f"{kind}_run"] / size.in_file * 1e6, "us")
        )
    few, many = (files.elsewhere("--rows", str(count), "--peak")["peak"] for count in (size.small_file, size.in_file))
    grown = (many - few) / max(size.in_file - size.small_file, 1)
    report.figures.append(Figure("memory for each participant more in a file", grown, "bytes", floor=300, at_most=True))
    report.figures.append(Figure(f"memory for {size.in_file:,} participants in a file", many / 2**20, "MiB"))


# --- both


def _label(peer: str, way: str) -> str:
    return f"{peer}: {way}"


def _raced(ways: dict[tuple[str, str], Way], given: dict[tuple[str, str], Rows], rounds: int) -> Rounds:
    prepared: dict[str, Any] = {}
    held: dict[tuple[Callable[[Rows], Any], int], Any] = {}
    for key, way in ways.items():
        # What several ways take alike is made once.
        same = (way.prepare, id(given[key]))
        if same not in held:
            held[same] = way.prepare(given[key])
        prepared[_label(*key)] = held[same]
    return interleaved(
        {_label(*key): _work(way, prepared[_label(*key)]) for key, way in ways.items()},
        rounds,
        {_label(*key): partial(way.before, prepared[_label(*key)]) for key, way in ways.items()},
    )


def _work(way: Way, prepared: Any) -> Callable[[], object]:  # noqa: ANN401 (what a way takes)
    run = way.run
    if way.kind == "columns":
        return lambda: run(prepared)

    def each() -> None:
        for one in prepared:
            run(one)

    return each


def _note(
    report: Report,
    ways: dict[tuple[str, str], Way],
    rounds: Rounds,
    counts: dict[tuple[str, str], int],
    checked: tuple[Rows, Rows],
    columns: Columns,
) -> None:
    for key, way in ways.items():
        judgements: list[Wrong | None] = [None, None]
        if way.outcomes is not None:
            judgements = [judged(way, rows, columns) for rows in checked]
        each = rounds.median(_label(*key)) / counts[key] * 1e6
        report.timed.append(Timed(*key, way.kind, each, counts[key], *judgements))


def _figure(
    report: Report,
    rounds: Rounds,
    ways: dict[tuple[str, str], Way],
    name: str,
    peers: tuple[str, ...],
    mine: str,
    *,
    floor: float | None = None,
    goal: float | None = None,
    only: Callable[[str], bool] = lambda _: True,
    counts: dict[str, int] | None = None,
) -> None:
    """Note how many times as long the fastest of a peer's ways takes for each participant, if it has any."""
    labels = [_label(peer, way) for peer, way in ways if peer in peers and only(way)]
    if not labels:
        return

    def scale(label: str) -> float:
        return 1 / counts[label] if counts else 1.0

    fastest = min(labels, key=lambda label: rounds.median(label) * scale(label))
    own = _label(ours.NAME, mine)
    ratio = rounds.ratio(fastest, own) * scale(fastest) / scale(own)
    report.figures.append(Figure(name, ratio, "times", floor, goal))
