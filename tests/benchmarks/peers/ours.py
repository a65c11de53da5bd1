"""The library's own ways, from rows already read, from mappings of Decimals, from JSON, and in columns."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

import vbc_rules as vbc
from tests.benchmarks.peers.rows import Array, Outcomes, Rows
from tests.benchmarks.peers.terms import Terms, alone, whole
from tests.benchmarks.peers.way import Way
from vbc_rules.plan.layout import Field, Layout, Path, Population, Row
from vbc_rules.plan.stages import RootStage
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.columns import ColumnEngine, FieldColumn, Table, compile_columns
from vbc_rules.run.columns.run import ColumnRun
from vbc_rules.run.columns.stage import ColumnStage
from vbc_rules.run.oracle import evaluate_cohort
from vbc_rules.run.scalar import compile_scalar

NAME = "vbc_rules"
DISTRIBUTION = "vbc-rules"
CANNOT = ""

SCORES = ("scored_rate", "achievement", "improvement", "score")
NAMED = ("weighted_score", "total_score", "tier", "attested", "part_in_pool", "earned", "shared")
RESULTS = frozenset(
    (
        Ref("domain", "domain_score"),
        *(Ref("hospital", name) for name in ("weighted_score", "tier", "earned", "shared")),
    )
)
"""What the peers in columns hand over."""


# --- one participant at a time


def mappings(terms: Terms, rows: Rows) -> list[dict[str, object]]:
    """Return participants as callers give them: Decimals by name."""
    return [_mapping(terms, name, one, str) for name, one in zip(rows.names, rows.each(), strict=True)]


def bodies(terms: Terms, rows: Rows) -> list[bytes]:
    """Return participants as JSON bodies: quantities as text, as everything that must stay exact is sent."""
    return [json.dumps(one, default=str).encode() for one in mappings(terms, rows)]


def _mapping(terms: Terms, name: str, one: tuple[Any, ...], _: object) -> dict[str, object]:
    payments, attested, numerators, denominators, rates, baselines = one
    return {
        "hospital": name,
        "operating_payments": Decimal(payments).scaleb(-2),
        "attestation_signed": attested,
        "measure": {
            measure.name: {
                "numerator": numerator,
                "denominator": denominator,
                "rate": Decimal(rate).scaleb(-4),
                "baseline": Decimal(baseline).scaleb(-4),
            }
            for measure, numerator, denominator, rate, baseline in zip(
                terms.measures, numerators, denominators, rates, baselines, strict=True
            )
        },
    }


def setup(terms: Terms) -> tuple[Way, ...]:
    """Return the ways of one participant at a time; see `Columns` for those in columns."""
    program = alone()
    engine = compile_scalar(program.resolved, program.plan.layout)

    def read(rows: Rows) -> list[Row]:
        return [program.read(one) for one in mappings(terms, rows)]

    def from_json(body: bytes) -> vbc.Result:
        return program.evaluate(json.loads(body))

    def rendered(body: bytes) -> str:
        return program.evaluate(json.loads(body)).to_json()

    def found(traces: list[Any]) -> Outcomes:
        return _of_traces(terms, traces)

    def found_of_results(results: list[vbc.Result]) -> Outcomes:
        return _of_traces(terms, [result.trace for result in results])

    def as_mappings(rows: Rows) -> list[dict[str, object]]:
        return mappings(terms, rows)

    def as_json(rows: Rows) -> list[bytes]:
        return bodies(terms, rows)

    return (
        Way("a row already read, with trace", "one", read, engine.evaluate, found),
        Way("a row already read, without trace", "one", read, engine.evaluate_without_trace),
        Way("from a mapping of Decimals, with trace", "one", as_mappings, program.evaluate, found_of_results),
        Way("from JSON, with trace", "one", as_json, from_json, found_of_results),
        Way("from JSON, the trace written as JSON", "one", as_json, rendered),
        Way("json.loads alone", "one", as_json, json.loads),
    )


def _of_traces(terms: Terms, traces: list[Any]) -> Outcomes:
    def whole_of(value: Any, scale: int) -> int:  # noqa: ANN401 (of any kind)
        return -1 if isinstance(value, vbc.Absent) else int(value * scale)

    def column(name: str, scale: int) -> Array:
        return np.array([whole_of(trace.value(Ref("hospital", name), ()), scale) for trace in traces], np.int64)

    return Outcomes(
        np.array(
            [
                [whole_of(trace.value(Ref("domain", "domain_score"), (domain.name,)), 10_000) for trace in traces]
                for domain in terms.domains
            ],
            np.int64,
        ),
        column("weighted_score", 1_000_000),
        column("tier", 1000),
        column("earned", 100),
    )


# --- columns


@dataclass(frozen=True, slots=True)
class Columns:
    """The columnar engine of the workload."""

    terms: Terms
    program: vbc.Program
    engine: ColumnEngine

    def table(self, rows: Rows) -> Table:
        """Return rows as the engine takes them."""
        layout: Layout = self.program.layouts["hospital"]
        places = {measure.name: place for place, measure in enumerate(self.terms.measures)}
        blocks = dict(zip(("numerator", "denominator", "rate", "baseline"), rows.blocks, strict=True))
        columns = []
        for entry in layout.fields:
            assert isinstance(entry, Field)
            match entry.ref:
                case Ref("hospital", "hospital"):
                    columns.append(FieldColumn(np.arange(len(rows)), texts=rows.names))
                case Ref("hospital", "operating_payments"):
                    columns.append(FieldColumn(rows.payments))
                case Ref("hospital", _):
                    columns.append(FieldColumn(rows.attested))
                case _:
                    columns.append(FieldColumn(blocks[entry.ref.name][places[str(entry.path[-1])]]))
        return Table(layout, tuple(columns), len(rows))

    def population(self, rows: Rows) -> Population:
        """Return rows as a population."""
        return Population((), self.table(rows), range(1, len(rows) + 1), {})

    @property
    def kernel_number(self) -> int:
        """The place of the first stage of participants: everything of one participant up to the pool."""
        return next(
            number
            for number, stage in enumerate(self.engine.stages)
            if isinstance(stage, RootStage) and stage.root == "hospital"
        )

    @property
    def kernel(self) -> ColumnStage:
        """What computes it."""
        found = self.engine.codes[self.kernel_number]
        assert isinstance(found, ColumnStage)
        return found

    def resident(self, rows: Rows) -> ColumnRun:
        """Return a run whose inputs are already as the engine holds them."""
        return self.taken_in(self.population(rows))

    def taken_in(self, population: Population) -> ColumnRun:
        """Return a run of a population up to its first stage of participants, the inputs as the engine holds them."""
        run = ColumnRun(self.engine, population)
        for number in range(self.kernel_number):
            run.take(number, self.engine.stages[number])
        for ref in self.program.resolved.inputs:
            run.vector(ref)
        return run

    def outcomes(self, trace: Any) -> Outcomes:  # noqa: ANN401 (a trace in columns)
        """Return what came out of the whole workload."""
        return Outcomes(
            self._whole(trace, "domain", "domain_score"),
            self._whole(trace, "hospital", "weighted_score", 1_000_000),
            self._whole(trace, "hospital", "tier", 1000),
            self._whole(trace, "hospital", "earned", 100),
            self._whole(trace, "hospital", "shared", 100),
        )

    def _whole(self, trace: Any, level: str, name: str, scale: int = 10_000) -> Array:  # noqa: ANN401 (as above)
        ref = Ref(level, name)
        above, below, codes = trace._run.vector(ref)
        divisor = trace._run.forms[ref].divisor
        assert below is None, ref
        found = np.asarray(above).astype(np.int64) * scale
        assert not np.any(found % divisor), ref
        found //= divisor
        return found if codes is None else np.where(codes == 0, found, -1)

    def bytes_kept(self, run: ColumnRun) -> int:
        """Return how many bytes everything that the kernel finds takes, beyond the inputs; what is one array, once."""
        given = {id(part) for ref in self.program.resolved.inputs for part in run.vector(ref)}
        found = {id(part): part for vector in self.kernel.run(run).values() for part in vector if part is not None}
        return sum(part.nbytes for key, part in found.items() if key not in given)

    def ways(self) -> tuple[Way, ...]:
        """Return the ways in columns."""
        engine, kernel, results = self.engine, self.kernel, RESULTS

        def every_value(population: Population) -> Any:  # noqa: ANN401 (a trace in columns)
            return engine.compute(population)

        def two_threads(run: ColumnRun) -> object:
            return kernel.run(run, threads=2)

        return (
            Way("every value kept, with the pool", "columns", self.population, every_value, self.outcomes),
            Way(
                "results kept, with the pool",
                "columns",
                self.population,
                lambda population: engine.compute(population, keep=results),
                self.outcomes,
            ),
            Way("every value kept, without the pool", "columns", self.resident, kernel.run),
            Way("results kept, without the pool", "columns", self.resident, lambda run: kernel.run(run, keep=results)),
            Way("every value kept, without the pool, two threads", "columns", self.resident, two_threads),
        )

    def differences(self, rows: Rows) -> int:
        """Return how many participants differ from the oracle in any value that the program names."""
        resolved, population = self.program.resolved, self.population(rows)
        wanted = evaluate_cohort(resolved, self.program.layouts, population)
        found = self.engine.compute(population)
        instances: list[tuple[Ref, Path]] = [(Ref("hospital", name), ()) for name in NAMED]
        instances += [(Ref("domain", "domain_score"), (domain.name,)) for domain in self.terms.domains]
        instances += [
            (Ref("measure", name), (measure.domain, measure.name)) for measure in self.terms.measures for name in SCORES
        ]
        return sum(
            any(found.value(ref, (row, *path)) != wanted.value(ref, (row, *path)) for ref, path in instances)
            for row in range(len(rows))
        )


def columns(terms: Terms) -> Columns:
    """Return the columnar engine of the workload."""
    program = whole()
    return Columns(terms, program, compile_columns(program.resolved, program.layouts, program.plan.ranges))
