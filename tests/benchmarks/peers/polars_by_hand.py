"""The workload as Polars expressions written by hand, in floats and in whole numbers, with the pool; one thread."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from tests.benchmarks.peers.rows import Array, Outcomes, Rows
from tests.benchmarks.peers.terms import CAP, MINIMUM_CASES, POOL_POINTS, TIERS, Terms
from tests.benchmarks.peers.way import Way

NAME = "Polars by hand"
DISTRIBUTION = "polars"
CANNOT = (
    "Decimals: `*` and `/` round to the scale of their inputs without a word, so exact numbers are whole ones at scales "
    "worked out by hand, which wrap around without a word. Absences with a reason, ranges, a trace: each is more columns "
    "written by hand. A domain without a score is written as -1."
)


def setup(terms: Terms) -> tuple[Way, ...]:
    """Return the ways. Raises ModuleNotFoundError where it is not installed."""
    pl = importlib.import_module("polars")
    whole, floats = _Whole(pl, terms), _Floats(pl, terms)

    def prepare(rows: Rows) -> Any:  # noqa: ANN401 (a frame)
        return pl.DataFrame(_columns(rows, 1, np.int64)).lazy()

    def prepare_floats(rows: Rows) -> Any:  # noqa: ANN401 (a frame)
        return pl.DataFrame(_columns(rows, 10_000, np.float64)).lazy()

    def outcomes(found: Any) -> Outcomes:  # noqa: ANN401 (a frame)
        return Outcomes(
            np.array([found[f"domain{place}"].to_numpy() for place in range(len(terms.domains))]),
            *(found[name].to_numpy() for name in ("weighted", "tier", "earned")),
            found["shared"].to_numpy() if "shared" in found.columns else None,
        )

    def outcomes_of_floats(found: Any) -> Outcomes:  # noqa: ANN401 (a frame)
        def column(name: str, scale: int) -> Array:
            values = found[name].to_numpy()
            return np.where(values < 0, -1, np.rint(values * scale)).astype(np.int64)

        return Outcomes(
            np.array([column(f"domain{place}", 10_000) for place in range(len(terms.domains))]),
            column("weighted", 1_000_000),
            column("tier", 1000),
            column("earned", 100),
            column("shared", 100) if "shared" in found.columns else None,
        )

    ways = []
    for kind, made, ready, read in (
        ("Int64", whole, prepare, outcomes),
        ("Float64", floats, prepare_floats, outcomes_of_floats),
    ):
        for engine in ("streaming", "in-memory"):
            ways.append(
                Way(
                    f"{kind}, {engine}, without the pool",
                    "columns",
                    ready,
                    lambda frame, made=made, engine=engine: made.alone(frame).collect(engine=engine),
                    read,
                )
            )
        ways.append(
            Way(
                f"{kind}, with the pool",
                "columns",
                ready,
                lambda frame, made=made: made.pool(made.alone(frame).collect(engine="streaming")),
                read,
            )
        )
    ways.append(
        Way(
            "Int64, every value, without the pool",
            "columns",
            prepare,
            lambda frame: whole.alone(frame, every=True).collect(engine="streaming"),
            outcomes,
        )
    )
    return tuple(ways)


def _columns(rows: Rows, scale: int, kind: Any) -> dict[str, Array]:  # noqa: ANN401 (a type of numpy's)
    def scaled(values: Array) -> Array:
        return values.astype(kind) if kind is np.int64 else values / scale

    columns = {"attested": rows.attested, "payments": rows.payments if kind is np.int64 else rows.payments / 100}
    for place in range(len(rows.rate)):
        columns[f"d{place}"] = rows.denominator[place]
        columns[f"r{place}"] = scaled(rows.rate[place])
        columns[f"b{place}"] = scaled(rows.baseline[place])
    return columns


class _Program:
    """What both have in common: the order of the steps."""

    def __init__(self, pl: Any, terms: Terms) -> None:  # noqa: ANN401 (a module)
        self.pl = pl
        self.terms = terms
        self.domains = [f"domain{place}" for place in range(len(terms.domains))]

    def alone(self, frame: Any, *, every: bool = False) -> Any:  # noqa: ANN401 (a frame)
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

    def directed(self, place: int, name: str) -> tuple[Any, Any]:
        """Return an input and the benchmark, both turned so that higher is better."""
        measure = self.terms.measures[place]
        value, benchmark = self.pl.col(f"{name}{place}"), self.rate(measure.sign * measure.benchmark)
        return (-value if measure.lower else value), benchmark

    def achievement(self, place: int) -> Any:  # noqa: ANN401 (an expression)
        """Return achievement points."""
        pl, measure = self.pl, self.terms.measures[place]
        rate, benchmark = self.directed(place, "r")
        gained, span = rate - self.rate(measure.sign * measure.threshold), measure.sign * (
            measure.benchmark - measure.threshold
        )
        between = self.whole(9 * gained, self.rate(span), 1)
        return pl.when(rate >= benchmark).then(10).when(gained < 0).then(0).otherwise(between)

    def improvement(self, place: int) -> Any:  # noqa: ANN401 (an expression)
        """Return improvement points."""
        pl = self.pl
        (rate, benchmark), (before, _) = self.directed(place, "r"), self.directed(place, "b")
        inside = (rate > before) & (rate < benchmark)
        whole = pl.when(inside).then(benchmark - before).otherwise(1)
        between = self.whole(10 * (rate - before), whole, 0)
        return pl.when(rate <= before).then(0).when(rate >= benchmark).then(9).otherwise(between)

    def sums(self, place: int) -> tuple[Any, Any]:
        """Return the points of a domain by their shares, and the shares."""
        pl = self.pl
        points = shares = pl.lit(0)
        for member in self.terms.domains[place].places:
            there, share = pl.col(f"s{member}") >= 0, self.percent(self.terms.measures[member].share)
            points = points + pl.when(there).then(share * pl.col(f"s{member}")).otherwise(0)
            shares = shares + pl.when(there).then(share).otherwise(0)
        return points, shares

    def weighted(self) -> Any:  # noqa: ANN401 (an expression)
        """Return the weighted score."""
        pl = self.pl
        found = pl.lit(0)
        for name, domain in zip(self.domains, self.terms.domains, strict=True):
            found = found + self.percent(domain.weight) * pl.max_horizontal(pl.col(name), pl.lit(0))
        return found

    def tier(self) -> Any:  # noqa: ANN401 (an expression)
        """Return the tier."""
        pl = self.pl
        found: Any = pl
        for reached, paid in TIERS:
            found = found.when(pl.col("weighted") >= self.points(reached)).then(self.share(paid))
        return found.otherwise(self.share(0))


class _Whole(_Program):
    """In whole numbers; a domain score in ten-thousandths, the weighted one in millionths, payments in cents."""

    def rate(self, units: int) -> Any:  # noqa: ANN401 (an expression)
        return self.pl.lit(units, dtype=self.pl.Int64)

    percent = share = rate

    def points(self, reached: int) -> int:
        return reached * 100_000

    def whole(self, above: Any, below: Any, more: int) -> Any:  # noqa: ANN401 (expressions)
        return above // below + more

    def domain_score(self, place: int) -> Any:  # noqa: ANN401 (an expression)
        points, shares = self.sums(place)
        divisor = self.pl.when(shares > 0).then(2 * shares).otherwise(1)
        return self.pl.when(shares > 0).then((20_000 * points + shares) // divisor).otherwise(-1)

    def earned(self) -> Any:  # noqa: ANN401 (an expression)
        pl = self.pl
        paid = pl.col("payments") * pl.min_horizontal(pl.col("tier"), pl.lit(CAP)) // 1000
        return pl.when("attested").then(paid).otherwise(0)

    def pool(self, found: Any) -> Any:  # noqa: ANN401 (a frame)
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

    def rate(self, units: int) -> Any:  # noqa: ANN401 (an expression)
        return self.pl.lit(units / 10_000)

    def percent(self, units: int) -> Any:  # noqa: ANN401 (an expression)
        return self.pl.lit(units / 100)

    def share(self, units: int) -> Any:  # noqa: ANN401 (an expression)
        return self.pl.lit(units / 1000)

    def points(self, reached: int) -> float:
        return reached / 10

    def whole(self, above: Any, below: Any, more: int) -> Any:  # noqa: ANN401 (expressions)
        return (above / below + more).floor()

    def domain_score(self, place: int) -> Any:  # noqa: ANN401 (an expression)
        points, shares = self.sums(place)
        mean = (points / shares * 10_000 + 0.5).floor() / 10_000
        return self.pl.when(shares > 0).then(mean).otherwise(-1.0)

    def earned(self) -> Any:  # noqa: ANN401 (an expression)
        pl = self.pl
        paid = (pl.min_horizontal(pl.col("tier"), pl.lit(CAP / 1000)) * pl.col("payments") * 100).floor() / 100
        return pl.when("attested").then(paid).otherwise(0.0)

    def pool(self, found: Any) -> Any:  # noqa: ANN401 (a frame)
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
