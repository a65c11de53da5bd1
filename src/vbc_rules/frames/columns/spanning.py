"""A cohort whose figures rest on each other, batch by batch: one pass for each time that they do, and one to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vbc_rules.frames.columns.batches import Batches, halves
from vbc_rules.frames.columns.totals import payments_of
from vbc_rules.frames.problems import MAX_TOLD
from vbc_rules.frames.results import OutputColumn
from vbc_rules.plan.layout import Population
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.columns import ColumnEngine
from vbc_rules.run.columns.batched import BatchedRun, BatchRun, in_order
from vbc_rules.run.columns.forms import Array, Vector
from vbc_rules.run.scalar.cohort_trace import ScalarCohortTrace
from vbc_rules.run.trace import CohortTrace

_FEW = 256
"""So few rows that columns do not compute are given to the oracle, which says why."""


class Spanning:
    """One evaluation of a cohort over the batches of a file."""

    def __init__(self, engine: ColumnEngine, batches: Batches, wanted: Sequence[OutputColumn]) -> None:
        """Compute what `wanted` figures need."""
        self._engine = engine
        self._batches = batches
        self._keep = frozenset((*(one.ref for one in wanted), *payments_of(engine.program)))
        self._pass = 0
        self.length = batches.length

    def found(self) -> Iterator[tuple[CohortTrace, Population]]:
        """Yield what is found of each batch, in the order of the file.

        Raises InputError with what is wrong with any row, and anything else where columns do not compute the cohort.
        """
        run = BatchedRun(self._engine, self._batches.cohort, self._batches.groups, self)
        run.evaluate()
        last = len(self._engine.stages)
        for population in self._populations():
            part = BatchRun(run, population, self._batches.places(population), self._keep).up_to(last)
            yield ScalarCohortTrace(self._engine, part), population

    def handed(self, run: BatchedRun, number: int, refs: Sequence[Ref]) -> Mapping[Ref, Vector]:
        """Return what all participants have of some names once a stage is taken, in the order of identifiers."""
        parts: list[tuple[Array, dict[Ref, Vector]]] = []
        odd: list[Population] = []
        keep = frozenset(refs)
        for population in self._populations():
            places = self._batches.places(population)
            try:
                part = BatchRun(run, population, places, keep).up_to(number)
                parts.append((places, {ref: part.vector(ref) for ref in refs}))
            except Exception:  # noqa: BLE001 (what it was is asked once all rows are read)
                odd.append(population)
                self._explain(run, number, population)
        self._batches.problems.raise_if_any()
        if odd:
            raise ArithmeticError("columns do not compute these rows, and they tell nothing by themselves")
        return {ref: in_order([(places, found[ref]) for places, found in parts], self.length) for ref in refs}

    def _populations(self) -> Iterator[Population]:
        self._pass += 1
        passes = 1 + sum(bool(self._engine.handed_over(number)) for number in self._engine.participants_stages)
        name = self._batches.program.identifier
        return self._batches.populations(f"{name}, pass {min(self._pass, passes)} of {passes}" if passes > 1 else name)

    def _explain(self, run: BatchedRun, number: int, population: Population) -> None:
        """Note what is wrong with the inputs of rows that columns do not compute, as few of them as can be asked."""
        if self._batches.problems.total >= MAX_TOLD:
            return
        try:
            BatchRun(run, population, self._batches.places(population), frozenset()).up_to(number)
        except Exception:  # noqa: BLE001 (fewer rows, or the oracle, say what it means)
            if len(population.participants) <= _FEW:
                self._batches.tell_inputs(population)
                return
            for half in halves(population):
                self._explain(run, number, half)
