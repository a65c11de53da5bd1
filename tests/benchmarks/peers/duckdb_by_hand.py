"""The workload as one SQL query of DuckDB by hand, in floats and in whole numbers, with the pool; one thread."""

# ruff: noqa: S608 (the queries are made of the workload's own numbers)

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from tests.benchmarks.peers import interpreter, whole_numbers
from tests.benchmarks.peers.formulas import Spelling, steps
from tests.benchmarks.peers.rows import Array, Outcomes, Rows
from tests.benchmarks.peers.terms import CAP, POOL_POINTS, Terms
from tests.benchmarks.peers.way import Way

NAME = "DuckDB by hand"
DISTRIBUTION = "duckdb"
CANNOT = (
    "Decimals: `/` and `//` of decimals give binary floats, so exact numbers are whole ones at scales worked out "
    "by hand (what overflows is refused). Absences with a reason, ranges, a trace: each is more columns written "
    "by hand. A domain without a score is written as -1."
)


def choice(when: str, then: str, otherwise: str) -> str:
    """Return a choice as SQL writes it."""
    return f"CASE WHEN {when} THEN {then} ELSE {otherwise} END"


def quotient(above: str, below: str) -> str:
    """Return a whole quotient of what is not negative."""
    return f"({above}) // {below}"


FLOATS = Spelling(
    lambda units, places: f"CAST({interpreter.spelled(units, places)} AS DOUBLE)",
    choice,
    "floor({})".format,
)

_KEPT = "place, payments, attested, weighted, tier, earned"


def whole_query(terms: Terms) -> str:
    """Return the query over whole numbers, without the pool."""
    points, scores = [], []
    for place, measure in enumerate(terms.measures):
        points.append(f"{whole_numbers.achievement(measure, f'r{place}', choice, quotient)} AS a{place}")
        points.append(f"{whole_numbers.improvement(measure, f'r{place}', f'b{place}', choice, quotient)} AS i{place}")
        best = f"greatest(a{place}, i{place})"
        scores.append(f"{choice(whole_numbers.enough(f'd{place}'), best, '-1')} AS s{place}")
    names = [f"domain{place}" for place in range(len(terms.domains))]
    domains = [
        f"{whole_numbers.domain_score(terms, place, 's{}'.format, choice, quotient)} AS {name}"
        for place, name in enumerate(names)
    ]
    cases = ", ".join(f"d{place}" for place in range(len(terms.measures)))
    kept = ", ".join(names)
    own = "place, payments, attested"
    return (
        f"WITH points AS (SELECT {own}, {cases}, {', '.join(points)} FROM given), "
        f"scores AS (SELECT {own}, {', '.join(scores)} FROM points), "
        f"domains AS (SELECT {own}, {', '.join(domains)} FROM scores), "
        f"totals AS (SELECT *, {whole_numbers.weighted(terms, 'domain{}'.format, choice)} AS weighted FROM domains), "
        f"tiers AS (SELECT *, {whole_numbers.tier('weighted', choice)} AS tier FROM totals), "
        f"payouts AS (SELECT *, {whole_numbers.earned('tier', choice, quotient)} AS earned FROM tiers) "
        f"SELECT {_KEPT}, {kept} FROM payouts"
    )


def float_query(terms: Terms) -> str:
    """Return the query over binary floats, without the pool."""
    found = dict(steps(terms, FLOATS))
    stages = [
        [name for name in found if name[0] in "ai" and name[1:].isdigit()],
        [name for name in found if name[0] in "sw" and name[1:].isdigit()],
        [name for name in found if name.startswith("shares")],
        [name for name in found if name.startswith("domain")],
        ["weighted"],
        ["total"],
        ["tier"],
        ["earned"],
    ]
    query, last = "WITH ", "given"
    for number, stage in enumerate(stages):
        query += f"{', ' if number else ''}stage{number} AS (SELECT *, "
        query += ", ".join(f"{found[name]} AS {name}" for name in stage) + f" FROM {last})"
        last = f"stage{number}"
    names = ", ".join(f"domain{place}" for place in range(len(terms.domains)))
    return f"{query} SELECT {_KEPT}, {names} FROM {last}"


def whole_pool(terms: Terms) -> str:
    """Return the query over whole numbers with the pool: products of cents need 128 bits."""
    names = ", ".join(f"domain{place}" for place in range(len(terms.domains)))
    part = f"CASE WHEN weighted >= {POOL_POINTS * 100_000} AND attested THEN payments ELSE 0 END::HUGEINT"
    return (
        f"WITH alone AS MATERIALIZED ({whole_query(terms)}), parts AS (SELECT *, {part} AS part FROM alone), "
        f"pool AS (SELECT greatest((sum(payments) * {CAP}) // 1000 - sum(earned), 0)::HUGEINT AS pool, "
        "sum(part)::HUGEINT AS whole FROM parts), "
        "floors AS (SELECT parts.*, pool, whole, CASE WHEN whole > 0 THEN (pool * part) // whole ELSE 0 END AS floored "
        "FROM parts, pool), "
        "odds AS (SELECT CASE WHEN max(whole) > 0 THEN max(pool) - sum(floored) ELSE 0 END AS odd FROM floors), "
        "ranked AS (SELECT *, row_number() OVER (ORDER BY pool * part - floored * whole DESC, place) AS rank "
        "FROM floors) "
        f"SELECT {_KEPT}, {names}, (floored + CASE WHEN rank <= odd THEN 1 ELSE 0 END)::BIGINT AS shared "
        "FROM ranked, odds ORDER BY place"
    )


def float_pool(terms: Terms) -> str:
    """Return the query over binary floats with the pool."""
    names = ", ".join(f"domain{place}" for place in range(len(terms.domains)))
    part = f"CASE WHEN total >= {POOL_POINTS} AND attested THEN payments ELSE 0 END"
    alone = float_query(terms).replace(f"SELECT {_KEPT},", f"SELECT {_KEPT}, total,")
    return (
        f"WITH alone AS MATERIALIZED ({alone}), parts AS (SELECT *, {part} AS part FROM alone), "
        f"pool AS (SELECT greatest(floor(sum(payments) * {CAP} / 10) - round(sum(earned) * 100), 0) AS pool, "
        "sum(part) AS whole FROM parts), "
        "floors AS (SELECT parts.*, pool, CASE WHEN whole > 0 THEN pool * part / whole ELSE 0 END AS exact, "
        "floor(exact) AS floored FROM parts, pool), "
        "odds AS (SELECT CASE WHEN max(part) > 0 THEN max(pool) - sum(floored) ELSE 0 END AS odd FROM floors), "
        "ranked AS (SELECT *, row_number() OVER (ORDER BY exact - floored DESC, place) AS rank FROM floors) "
        f"SELECT {_KEPT}, {names}, (floored + CASE WHEN rank <= odd THEN 1 ELSE 0 END) / 100 AS shared "
        "FROM ranked, odds ORDER BY place"
    )


def setup(terms: Terms) -> tuple[Way, ...]:
    """Return the ways. Raises ModuleNotFoundError where it is not installed."""
    duckdb = importlib.import_module("duckdb")
    importlib.import_module("pyarrow")

    def prepare(floats: bool) -> Any:  # noqa: ANN401, FBT001 (a way's `prepare`)
        def made(rows: Rows) -> Any:  # noqa: ANN401 (a connection)
            connection = duckdb.connect(config={"threads": 1})
            connection.register("source", _table(rows, floats=floats))
            connection.execute("CREATE TABLE given AS SELECT * FROM source")
            connection.unregister("source")
            return connection

        return made

    def asked(query: str) -> Any:  # noqa: ANN401 (a way's `run`)
        return lambda connection: connection.execute(query).fetchnumpy()

    def outcomes(found: dict[str, Array]) -> Outcomes:
        return _outcomes(terms, found, floats=False)

    def outcomes_of_floats(found: dict[str, Array]) -> Outcomes:
        return _outcomes(terms, found, floats=True)

    whole, floats = prepare(floats=False), prepare(floats=True)
    return (
        Way("BIGINT, without the pool", "columns", whole, asked(whole_query(terms)), outcomes),
        Way("BIGINT, with the pool", "columns", whole, asked(whole_pool(terms)), outcomes),
        Way("DOUBLE, without the pool", "columns", floats, asked(float_query(terms)), outcomes_of_floats),
        Way("DOUBLE, with the pool", "columns", floats, asked(float_pool(terms)), outcomes_of_floats),
    )


def _table(rows: Rows, *, floats: bool) -> Any:  # noqa: ANN401 (a table of pyarrow's)
    arrow = importlib.import_module("pyarrow")
    columns = {"place": np.arange(len(rows)), "attested": rows.attested}
    columns["payments"] = rows.payments / 100 if floats else rows.payments
    for place in range(len(rows.rate)):
        columns[f"d{place}"] = rows.denominator[place]
        columns[f"r{place}"] = rows.rate[place] / 10_000 if floats else rows.rate[place]
        columns[f"b{place}"] = rows.baseline[place] / 10_000 if floats else rows.baseline[place]
    return arrow.table(columns)


def _outcomes(terms: Terms, found: dict[str, Array], *, floats: bool) -> Outcomes:
    order = np.argsort(found["place"], kind="stable")

    def column(name: str, scale: int) -> Array:
        values = np.asarray(found[name])[order]
        scaled = np.where(values < 0, -1, np.rint(values * scale)) if floats else values
        return scaled.astype(np.int64)

    return Outcomes(
        np.array([column(f"domain{place}", 10_000) for place in range(len(terms.domains))]),
        column("weighted", 1_000_000),
        column("tier", 1000),
        column("earned", 100),
        column("shared", 100) if "shared" in found else None,
    )
