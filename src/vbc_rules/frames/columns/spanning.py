"""A cohort whose figures rest on each other, batch by batch: a pass for each time that they do, and one to write.

What a batch found is kept in memory as far as later passes and the figures wanted need it, up to a limit; beyond it the
file is read again in each pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vbc_rules.frames.columns.batches import explain
from vbc_rules.frames.columns.file_batches import FileBatches
from vbc_rules.frames.columns.totals import payments_of
from vbc_rules.frames.results import OutputColumn
from vbc_rules.plan.layout import Population
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.columns import ColumnEngine
from vbc_rules.run.columns.batched import BatchedRun, Batches, BatchRun, in_order
from vbc_rules.run.columns.forms import Array, Vector
from vbc_rules.run.columns.table import Table
from vbc_rules.run.scalar.cohort_trace import ScalarCohortTrace
from vbc_rules.run.trace import CohortTrace


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Kept:
    """What a batch found up to a stage, and whose it is."""

    population: Population
    places: Array
    number: int
    vectors: Mapping[Ref, Vector]


class Spanning(Batches):
    """One evaluation of a cohort over the batches of a file."""

    def __init__(
        self, engine: ColumnEngine, batches: FileBatches, wanted: Sequence[OutputColumn], kept_bytes: int
    ) -> None:
        """Compute what `wanted` figures need, keeping up to `kept_bytes` of what batches found."""
        super().__init__(batches.length)
        self._engine = engine
        self._batches = batches
        self._wanted = frozenset((*(one.ref for one in wanted), *payments_of(engine.program)))
        self._keep = engine.kept(self._wanted)
        self._kept_bytes = kept_bytes
        self._kept: list[_Kept] | None = []
        self._pass = 0

    def found(self) -> Iterator[tuple[CohortTrace, Population]]:
        """Yield what is found of each batch, in the order of the file.

        Raises InputError with what is wrong with any row, and anything else where columns do not compute the cohort.
        """
        run = BatchedRun(self._engine, self._batches.cohort, self._batches.groups, self)
        run.evaluate()
        for part in self._parts(run, len(self._engine.stages)):
            yield ScalarCohortTrace(self._engine, part), part.population
        self._batches.problems.raise_if_any()

    def handed(self, run: BatchedRun, number: int, refs: Sequence[Ref]) -> Mapping[Ref, Vector]:
        """Return what all participants have of some names once a stage is taken, in the order of identifiers."""
        found: list[tuple[Array, dict[Ref, Vector]]] = []
        needed = (self._wanted | self._engine.read_after(number)).intersection(self._keep)
        own = [ref for ref in needed if not self._engine.is_settled(ref)]
        if self._kept and any(self._is_gone(ref, self._kept[0]) for ref in refs):
            self._kept = None
        kept: list[_Kept] | None = []
        for part in self._parts(run, number):
            found.append((part.places, {ref: part.vector(ref) for ref in refs}))
            if kept is not None:
                vectors = {ref: part.vectors[ref] for ref in own if ref in part.vectors}
                kept.append(_Kept(_named_only(part.population), part.places, number, vectors))
                kept = kept if self._is_little(vectors, len(part.places)) else None
        self._batches.problems.raise_if_any()
        self._kept = kept
        return {ref: in_order([(places, vectors[ref]) for places, vectors in found], self.length) for ref in refs}

    def _is_gone(self, ref: Ref, kept: _Kept) -> bool:
        """Whether a name was known where something was kept, and was not."""
        finder = self._engine.stage_of(ref)
        return ref not in kept.vectors and (finder is None or finder.number <= kept.number)

    def _is_little(self, vectors: Mapping[Ref, Vector], count: int) -> bool:
        """Tell whether what is kept of all batches, if it is like this one, stays within the limit."""
        held: int = sum(part.nbytes for vector in vectors.values() for part in vector if part is not None)
        return held * self.length <= self._kept_bytes * count

    def _parts(self, run: BatchedRun, number: int) -> Iterator[BatchRun]:
        """Yield each batch with the participants' stages up to `number` taken; note the problems of those that fail."""
        if self._kept:
            for kept in self._kept:
                part = BatchRun(run, kept.population, kept.places, self._keep)
                yield part.after(kept.number, kept.vectors).up_to(number)
            return

        def attempt(population: Population) -> BatchRun:
            return BatchRun(run, population, self._batches.places(population), self._keep).up_to(number)

        odd = 0
        for population in self._populations():
            try:
                part = attempt(population)
            except Exception:  # noqa: BLE001 (what it was is asked of fewer rows, or of the oracle)
                odd += 1
                explain(self._batches, population, attempt)
                continue
            yield part
        self._batches.problems.raise_if_any()
        if odd:
            raise ArithmeticError("columns do not compute these rows, and they tell nothing by themselves")

    def _populations(self) -> Iterator[Population]:
        self._pass += 1
        return self._batches.populations(f"{self._batches.program.identifier}, pass {self._pass}")


def _named_only(population: Population) -> Population:
    """Return a population of which nothing is held but who they are."""
    rows = population.participants
    if not isinstance(rows, Table):
        return population
    named = Table(rows.layout, rows.columns[:1], rows.length)
    return Population(population.cohort, named, population.numbers, population.groups)
