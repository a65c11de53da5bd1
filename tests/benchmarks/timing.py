"""Interleaved rounds: everything compared is run in every round, so that a busy machine slows all of it alike."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Rounds:
    """Seconds of each contestant in each round."""

    seconds: dict[str, tuple[float, ...]]

    def median(self, name: str) -> float:
        """Return a contestant's median, in seconds."""
        return statistics.median(self.seconds[name])

    def ratio(self, slower: str, faster: str) -> float:
        """Return how many times as long `slower` takes: the median of the ratios of each round."""
        return statistics.median(
            one / other for one, other in zip(self.seconds[slower], self.seconds[faster], strict=True)
        )


def interleaved(contestants: dict[str, Work], rounds: int, setups: dict[str, Work] | None = None) -> Rounds:
    """Run every contestant once for warmth, then once in each round, in an order that turns with the rounds."""
    names = list(contestants)
    found: dict[str, list[float]] = {name: [] for name in names}
    before = setups or {}
    for name in names:
        before.get(name, _nothing)()
        contestants[name]()
    for number in range(rounds):
        turn = number % len(names)
        for name in (*names[turn:], *names[:turn]):
            before.get(name, _nothing)()
            work = contestants[name]
            gc.collect()
            start = perf_counter()
            work()
            found[name].append(perf_counter() - start)
    return Rounds({name: tuple(seconds) for name, seconds in found.items()})


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows as aligned text; the first is the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _nothing() -> None:
    pass
