"""The workload as Polars expressions written by hand, in floats and in whole numbers, with the pool; one thread."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from tests.benchmarks.peers.rows import Array, Outcomes, Rows
from tests.benchmarks.peers.terms import CAP, MINIMUM_CASES, POOL_POINTS, TIERS, Terms
from tests.benchmarks.peers.way import Way

NAME = "Polars by hand"
DISTRIBUTION = "polars"
CANNOT = (
    "Decimals: `*` and `/` round to the scale of their inputs without a word, so exact numbers are whole ones at "
    "scales worked out by hand, which wrap around without a word. Absences with a reason, ranges, a trace: each "
    "is more columns written by hand. A domain without a score is written as -1."
)

Expr: TypeAlias = Any
"""An expression of Polars."""
Frame: TypeAlias = Any
"""A frame of Polars, lazy or not."""


def setup(terms: Terms) -> tuple[Way, ...]:
    """Return the ways. Raises ModuleNotFoundError where it is not installed."""
    pl = importlib.import_module("polars")
    whole, floats = _Whole(pl, terms), _Floats(pl, terms)

    def prepare(rows: Rows) -> Frame:
        return pl.DataFrame(_whole_columns(rows)).lazy()

    def prepare_floats(rows: Rows) -> Frame:
        return pl.DataFrame(_float_columns(rows)).lazy()

    def streaming(program: _Program) -> Callable[[Frame], Frame]:
        return lambda frame: program.alone(frame).collect(engine="streaming")

    def in_memory(program: _Program) -> Callable[[Frame], Frame]:
        return lambda frame: program.alone(frame).collect(engine="in-memory")

    def pooled(program: _Program, *, every: bool = False) -> Callable[[Frame], Frame]:
        return lambda frame: program.pool(program.alone(frame, every=every).collect(engine="streaming"))

    def every_value(frame: Frame) -> Frame:
        return whole.alone(frame, every=True).collect(engine="streaming")

    def outcomes(found: Frame) -> Outcomes:
        return _outcomes(terms, found, (1, 1, 1, 1))

    def outcomes_of_floats(found: Frame) -> Outcomes:
        return _outcomes(terms, found, (10_000, 1_000_000, 1000, 100))

    return (
        Way("Int64, streaming, without the pool", "columns", prepare, streaming(whole), outcomes),
        Way("Int64, in-memory, without the pool", "columns", prepare, in_memory(whole), outcomes),
        Way("Int64, with the pool", "columns", prepare, pooled(whole), outcomes),
        Way("Int64, every value, without the pool", "columns", prepare, every_value, outcomes),
        Way("Int64, every value, with the pool", "columns", prepare, pooled(whole, every=True), outcomes),
        Way("Float64, streaming, without the pool", "columns", prepare_floats, streaming(floats), outcomes_of_floats),
        Way("Float64, in-memory, without the pool", "columns", prepare_floats, in_memory(floats), outcomes_of_floats),
        Way("Float64, with the pool", "columns", prepare_floats, pooled(floats), outcomes_of_floats),
    )


def _outcomes(terms: Terms, found: Frame, scales: tuple[int, int, int, int]) -> Outcomes:
    def column(name: str, scale: int) -> Array:
        values = found[name].to_numpy()
        return np.where(values < 0, -1, np.rint(values * scale)).astype(np.int64) if scale > 1 else values

    domain, weighted, tier, cents = scales
    return Outcomes(
        np.array([column(f"domain{place}", domain) for place in range(len(terms.domains))]),
        column("weighted", weighted),
        column("tier", tier),
        column("earned", cents),
        column("shared", cents) if "shared" in found.columns else None,
    )


def _whole_columns(rows: Rows) -> dict[str, Array]:
    columns = {"attested": rows.attested, "payments": rows.payments}
    for place in range(len(rows.rate)):
        columns[f"d{place}"] = rows.denominator[place]
        columns[f"r{place}"] = rows.rate[place]
        columns[f"b{place}"] = rows.baseline[place]
    return columns


def _float_columns(rows: Rows) -> dict[str, Array]:
    found = _whole_columns(rows)
    return {
        name: values / 100 if name == "payments" else values / 10_000 if name[0] in "rb" else values
        for name, values in found.items()
    }


class _Program(ABC):
    """What both have in common: the order of the steps."""

    def __init__(self, pl: Any, terms: Terms) -> None:  # noqa: ANN401 (a module)
        self.pl = pl
        self.terms = terms
        self.domains = [f"domain{place}" for place in range(len(terms.domains))]

    @abstractmethod
    def rate(self, units: int) -> Expr:
        """Return a rate given in ten-thousandths."""

    @abstractmethod
    def percent(self, units: int) -> Expr:
        """Return a share given in percent."""

    @abstractmethod
    def share(self, units: int) -> Expr:
        """Return a share given in thousandths."""

    @abstractmethod
    def points(self, reached: int) -> float:
        """Return the weighted score at which a total score is reached."""

    @abstractmethod
    def whole(self, above: Expr, below: Expr, more: int) -> Expr:
        """Return the whole part of a quotient, and `more`."""

    @abstractmethod
    def domain_score(self, place: int) -> Expr:
        """Return the score of a domain, -1 where it has none."""

    @abstractmethod
    def earned(self) -> Expr:
        """Return what is paid before the pool."""

    @abstractmethod
    def pool(self, found: Frame) -> Frame:
        """Share what was not earned."""

    def alone(self, frame: Frame, *, every: bool = False) -> Frame:
        """Return what comes of each participant."""
        pl, number = self.pl, range(len(self.terms.measures))
        points = [
            step
            for place in number
            for step in (self.achievement(place).alias(f"a{place}"), self.improvement(place).alias(f"i{place}"))
        ]
        scores = [
            pl.when(pl.col(f"d{place}") >= MINIMUM_CASES)
            .then(pl.max_horizontal(f"a{place}", f"i{place}"))
            .otherwise(-1)
            .alias(f"s{place}")
            for place in number
        ]
        frame = frame.with_columns(points).with_columns(scores)
        frame = frame.with_columns([self.domain_score(place).alias(name) for place, name in enumerate(self.domains)])
        frame = frame.with_columns(self.weighted().alias("weighted"))
        frame = frame.with_columns(self.tier().alias("tier")).with_columns(self.earned().alias("earned"))
        steps = [f"{kind}{place}" for kind in "ais" for place in number] if every else []
        return frame.select(*steps, *self.domains, "weighted", "tier", "earned", "payments", "attested")

    def directed(self, place: int, name: str) -> tuple[Expr, Expr]:
        """Return an input and the benchmark, both turned so that higher is better."""
        measure = self.terms.measures[place]
        value, benchmark = self.pl.col(f"{name}{place}"), self.rate(measure.sign * measure.benchmark)
        return (-value if measure.lower else value), benchmark

    def achievement(self, place: int) -> Expr:
        """Return achievement points."""
        pl, measure = self.pl, self.terms.measures[place]
        rate, benchmark = self.directed(place, "r")
        gained, span = (
            rate - self.rate(measure.sign * measure.threshold),
            measure.sign * (measure.benchmark - measure.threshold),
        )
        between = self.whole(9 * gained, self.rate(span), 1)
        return pl.when(rate >= benchmark).then(10).when(gained < 0).then(0).otherwise(between)

    def improvement(self, place: int) -> Expr:
        """Return improvement points."""
        pl = self.pl
        (rate, benchmark), (before, _) = self.directed(place, "r"), self.directed(place, "b")
        inside = (rate > before) & (rate < benchmark)
        whole = pl.when(inside).then(benchmark - before).otherwise(1)
        between = self.whole(10 * (rate - before), whole, 0)
        return pl.when(rate <= before).then(0).when(rate >= benchmark).then(9).otherwise(between)

    def sums(self, place: int) -> tuple[Expr, Expr]:
        """Return the points of a domain by their shares, and the shares."""
        pl = self.pl
        points = shares = pl.lit(0)
        for member in self.terms.domains[place].places:
            there, share = pl.col(f"s{member}") >= 0, self.percent(self.terms.measures[member].share)
            points = points + pl.when(there).then(share * pl.col(f"s{member}")).otherwise(0)
            shares = shares + pl.when(there).then(share).otherwise(0)
        return points, shares

    def weighted(self) -> Expr:
        """Return the weighted score."""
        pl = self.pl
        found = pl.lit(0)
        for name, domain in zip(self.domains, self.terms.domains, strict=True):
            found = found + self.percent(domain.weight) * pl.max_horizontal(pl.col(name), pl.lit(0))
        return found

    def tier(self) -> Expr:
        """Return the tier."""
        pl = self.pl
        found: Expr = pl
        for reached, paid in TIERS:
            found = found.when(pl.col("weighted") >= self.points(reached)).then(self.share(paid))
        return found.otherwise(self.share(0))


class _Whole(_Program):
    """In whole numbers; a domain score in ten-thousandths, the weighted one in millionths, payments in cents."""

    def rate(self, units: int) -> Expr:
        return self.pl.lit(units, dtype=self.pl.Int64)

    def percent(self, units: int) -> Expr:
        return self.rate(units)

    def share(self, units: int) -> Expr:
        return self.rate(units)

    def points(self, reached: int) -> int:
        return reached * 100_000

    def whole(self, above: Expr, below: Expr, more: int) -> Expr:
        return above // below + more

    def domain_score(self, place: int) -> Expr:
        points, shares = self.sums(place)
        divisor = self.pl.when(shares > 0).then(2 * shares).otherwise(1)
        return self.pl.when(shares > 0).then((20_000 * points + shares) // divisor).otherwise(-1)

    def earned(self) -> Expr:
        pl = self.pl
        paid = pl.col("payments") * pl.min_horizontal(pl.col("tier"), pl.lit(CAP)) // 1000
        return pl.when("attested").then(paid).otherwise(0)

    def pool(self, found: Frame) -> Frame:
        """Share what was not earned; products of cents need 128 bits."""
        pl = self.pl
        pool = max(int(found["payments"].sum()) * CAP // 1000 - int(found["earned"].sum()), 0)
        inside = (pl.col("weighted") >= self.points(POOL_POINTS)) & pl.col("attested")
        found = found.with_columns(pl.when(inside).then("payments").otherwise(0).cast(pl.Int128).alias("part"))
        whole = int(found["part"].sum())
        if not whole:
            return found.with_columns(pl.lit(0).alias("shared"))
        wide = pl.lit(pool, dtype=pl.Int128)
        found = found.with_columns((wide * pl.col("part") // whole).alias("shared"))
        found = found.with_columns((wide * pl.col("part") - pl.col("shared") * whole).alias("left"))
        odd = pool - int(found["shared"].sum())
        more = pl.col("left").rank("ordinal", descending=True) <= odd
        return found.with_columns((pl.col("shared") + more.cast(pl.Int128)).cast(pl.Int64).alias("shared"))


class _Floats(_Program):
    """In binary floats, as it would be written without thinking of them."""

    def rate(self, units: int) -> Expr:
        return self.pl.lit(units / 10_000)

    def percent(self, units: int) -> Expr:
        return self.pl.lit(units / 100)

    def share(self, units: int) -> Expr:
        return self.pl.lit(units / 1000)

    def points(self, reached: int) -> float:
        return reached / 10

    def whole(self, above: Expr, below: Expr, more: int) -> Expr:
        return (above / below + more).floor()

    def domain_score(self, place: int) -> Expr:
        points, shares = self.sums(place)
        mean = (points / shares * 10_000 + 0.5).floor() / 10_000
        return self.pl.when(shares > 0).then(mean).otherwise(-1.0)

    def earned(self) -> Expr:
        pl = self.pl
        paid = (pl.min_horizontal(pl.col("tier"), pl.lit(CAP / 1000)) * pl.col("payments") * 100).floor() / 100
        return pl.when("attested").then(paid).otherwise(0.0)

    def pool(self, found: Frame) -> Frame:
        """Share what was not earned."""
        pl = self.pl
        pool = max(np.floor(found["payments"].sum() * CAP / 10) - np.rint(found["earned"].sum() * 100), 0.0)
        inside = (pl.col("weighted") >= self.points(POOL_POINTS)) & pl.col("attested")
        found = found.with_columns(pl.when(inside).then("payments").otherwise(0.0).alias("part"))
        whole = found["part"].sum()
        if not whole:
            return found.with_columns(pl.lit(0.0).alias("shared"))
        found = found.with_columns((pool * pl.col("part") / whole).alias("exact"))
        found = found.with_columns(pl.col("exact").floor().alias("cents"))
        odd = pool - found["cents"].sum()
        more = (pl.col("exact") - pl.col("cents")).rank("ordinal", descending=True) <= odd
        return found.with_columns(((pl.col("cents") + more) / 100).alias("shared"))
