"""Whole cohorts in columns: participants' stages over numpy arrays, what spans roots between them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cached_property
from typing import Any

from vbc_rules.check.interval import NOTHING, Interval
from vbc_rules.plan.layout import Layout, Population
from vbc_rules.plan.stages import Gathering, RootStage, Settling, Stage
from vbc_rules.resolve.expressions import Read, Ref
from vbc_rules.resolve.program import Definition, FormulaShape, Program
from vbc_rules.run.columns.aggregates import is_here
from vbc_rules.run.columns.expressions import Words
from vbc_rules.run.columns.forms import Column, from_interval
from vbc_rules.run.columns.geometry import Geometry
from vbc_rules.run.columns.names import Foreign, stored
from vbc_rules.run.columns.run import ColumnRun
from vbc_rules.run.columns.stage import ColumnStage, paths_of
from vbc_rules.run.oracle import OracleCohortTrace, evaluate_cohort
from vbc_rules.run.scalar.cohort import CohortEngine
from vbc_rules.run.scalar.cohort_trace import ScalarCohortTrace
from vbc_rules.run.scalar.representation import Carrier
from vbc_rules.run.scalar.stage_code import Known, StageWriting

Ranges = Mapping[tuple[Ref, str | None], Interval]


class ColumnEngine(CohortEngine):
    """A program whose participants' stages run in columns; groups and the cohort run as in the scalar engine."""

    def __init__(
        self, program: Program, layouts: Mapping[str, Layout], ranges: Ranges, words: Words | None = None
    ) -> None:
        """Compile the program, its words numbered on from `words`.

        Raises Unsupported, saying what columns do not compute.
        """
        self.codes: dict[int, Any] = {}
        self.words = words or Words()
        self.forms: dict[Ref, Column] = {}
        self.ranges = _hulls(ranges)
        self.given_ranges = dict(ranges)
        super().__init__(program, layouts)

    def __reduce__(self) -> tuple[Any, ...]:
        return (ColumnEngine, (self.program, self.layouts, self.given_ranges))

    def write_stage(self, stages: Any, stage: RootStage, number: int) -> Any:  # noqa: ANN401 (one of two kinds of code)
        """Compile one stage."""
        self._all = stages
        if stage.root != self.program.participant:
            writing = StageWriting(stages, self.layouts[stage.root], stage, number, self.known)
            return writing.write(f"<vbc_rules {self.name}, stage {number + 1} of the cohort>")
        made = ColumnStage(stages, stage, number, self.forms, self.words, self.foreign, self.ranges)
        if stage.opens:
            self._know_rows(Geometry(self.program))
        self.known.update(made.known())
        return made

    def _know(self, ref: Ref, form: Carrier) -> None:
        """Note how what spans roots is carried; on participants, as a column too."""
        super()._know(ref, form)
        if ref.level != "" and self.program.root(ref.level) == self.program.participant:
            carrier = self.carrier_of_ref(ref)
            interval = self._range_of(ref, Interval(carrier.low, carrier.high))
            low, high = from_interval(interval, carrier.divisor) if carrier.kind == "number" else (None, None)
            below = None if carrier.denominator is not None else 1
            if carrier.denominator is not None:
                low = high = None
            self.forms[ref] = Column(
                carrier.kind, stored(Geometry(self.program), ref), carrier.divisor, carrier.denominator is not None,
                True, interval, low, high, below,  # noqa: FBT003 (as in Column)
            )  # fmt: skip

    def _range_of(self, ref: Ref, interval: Interval) -> Interval:
        """Return the range of what spans roots: that of the value which is nothing else."""
        for stage in self.stages:
            for step in stage.steps if isinstance(stage, RootStage) else ():
                if isinstance(step, Definition) and step.ref in self.ranges and _is_just(step, ref):
                    found = interval.meet(self.ranges[step.ref])
                    return interval if found.is_empty else found
        return interval

    def specialized(self, stage: ColumnStage, run: ColumnRun) -> ColumnStage:
        """Return a stage compiled for the numbers that this run found elsewhere: mostly they need few bits."""

        def found(ref: Ref) -> Foreign:
            return run.measured(self.foreign(ref), ref)

        return ColumnStage(self._all, stage.stage, stage.number, run.forms, self.words, found, self.ranges)

    def _know_rows(self, geometry: Geometry) -> None:
        """Say how the inputs of participants are carried for what reads them elsewhere."""
        for ref, column in self.forms.items():
            carrier = Carrier(
                column.kind, "", column.divisor, maybe_absent=column.may_be_absent,
                low=column.interval.low, high=column.interval.high,
            )  # fmt: skip
            for path in paths_of(geometry, ref.level):
                self.known[ref, path] = Known(carrier)

    def foreign(self, ref: Ref) -> Foreign:
        """Return how what stands on another root is carried."""
        knowns = self.knowns(ref)
        carriers = [known.carrier for known in knowns]
        carrier = self.carrier_of_ref(ref)
        lows = [c.low for c in carriers]
        highs = [c.high for c in carriers]
        low = None if None in lows else min(int(value * carrier.divisor) - 1 for value in lows if value is not None)
        high = None if None in highs else max(int(value * carrier.divisor) + 1 for value in highs if value is not None)
        below = None if carrier.denominator is not None else 1
        if carrier.denominator is not None:
            low, high = None, None
        return Foreign(
            carrier.kind, carrier.divisor, carrier.denominator is not None, carrier.maybe_absent, low, high, below
        )

    def evaluate(self, population: Population) -> ScalarCohortTrace | OracleCohortTrace:
        """Return every value of every participant, group and of the cohort, as the scalar engine does."""
        try:
            return self.compute(population)
        except Exception:  # noqa: BLE001 (whatever it was, the oracle says what it means)
            return evaluate_cohort(self.program, self.layouts, population)

    def compute(
        self, population: Population, *, keep: Container[Ref] | None = None, threads: int = 1
    ) -> ScalarCohortTrace:
        """Return what is found in columns; raises anything where the population is not computed here.

        `keep` are the names of participants whose values are kept (None: all); what is not kept is computed again where
        it is asked for. What stages need of each other is always kept.
        """
        run = ColumnRun(self, population, None if keep is None else self.kept(keep), threads)
        for number, stage in enumerate(self.stages):
            run.take(number, stage)
        return ScalarCohortTrace(self, run)

    def kept(self, wanted: Container[Ref]) -> frozenset[Ref]:
        """Return the names of participants that are kept where `wanted` are: what stages need of each other, too."""
        return frozenset(ref for ref in self.forms if ref in wanted or ref in self.across)

    @property
    def participants_stages(self) -> tuple[int, ...]:
        """The numbers of the stages of participants."""
        return tuple(number for number, made in self.codes.items() if isinstance(made, ColumnStage))

    def handed_over(self, number: int, *, adds_up: bool = False) -> tuple[Ref, ...]:
        """Return the names that a participants' stage finds, or opens with, and that something across them reads.

        With `adds_up`, names that only aggregates read which any part of the participants adds to are left out.
        """
        made = self.codes[number]
        own = {ref for ref, _ in (*made.given, *made.taken)}
        if made.stage.opens:
            own |= {ref for ref, entry in self.program.inputs.items() if entry.only_if is None}
        spanning = self._spanning_whole if adds_up else self._spanning
        return tuple(sorted(own & spanning & self.forms.keys(), key=str))

    def is_settled(self, ref: Ref) -> bool:
        """Whether a name of participants is found between their stages, from what others have."""
        return ref in self._settled

    @cached_property
    def _settled(self) -> frozenset[Ref]:
        found = [stage.ref for stage in self.stages if isinstance(stage, Settling | Gathering)]
        return frozenset(ref for ref in found if ref.level and self.program.root(ref.level) == self.program.participant)

    @cached_property
    def _spanning(self) -> frozenset[Ref]:
        """The names that something across roots reads."""
        return self._read_by(stage for stage in self.stages if not isinstance(stage, RootStage))

    @cached_property
    def _spanning_whole(self) -> frozenset[Ref]:
        """The names that something across roots reads which no part of the participants can add to."""
        spanning = (stage for stage in self.stages if not isinstance(stage, RootStage))
        return self._read_by(
            stage for stage in spanning if not (isinstance(stage, Gathering) and is_here(self.program, stage))
        )

    def _read_by(self, stages: Iterable[Stage]) -> frozenset[Ref]:
        """Return the names that some stages read, the gates on the program, and what groups go by."""
        found = {gate.ref for gate in self.program.gates if gate.pays is None}
        found |= {key for level in self.program.levels.values() for key in level.by}
        return frozenset(found.union(*(refs_in(stage) for stage in stages)))

    @cached_property
    def across(self) -> frozenset[Ref]:
        """The names that some stage reads of another one."""
        found = {gate.ref for gate in self.program.gates}
        found |= {key for level in self.program.levels.values() for key in level.by}
        named = [set(refs_in(stage)) for stage in self.stages]
        for number, names in enumerate(named):
            made = self.codes.get(number)
            own = {ref for ref, _ in (*made.given, *made.taken)} if isinstance(made, ColumnStage) else set()
            found |= {ref for other, read in enumerate(named) if other != number for ref in read & own}
            found |= names - own if isinstance(made, ColumnStage) else names
        return frozenset(found)

    def read_after(self, number: int) -> frozenset[Ref]:
        """Return the names that stages after the stage `number` read."""
        return self._read_by(self.stages[number + 1 :]).union(gate.ref for gate in self.program.gates)

    def stage_of(self, ref: Ref) -> ColumnStage | None:
        """Return the stage of participants that finds a name; None for what is given, or found between stages."""
        return self._finders.get(ref)

    @cached_property
    def _finders(self) -> Mapping[Ref, ColumnStage]:
        return {
            ref: made
            for made in self.codes.values()
            if isinstance(made, ColumnStage)
            for ref, _ in (*made.given, *made.taken)
        }


def _is_just(step: Definition, ref: Ref) -> bool:
    """Whether a definition is a name and nothing else."""
    if step.at_least is not None or step.at_most is not None or step.rounding is not None:
        return False
    shape = step.shape
    return isinstance(shape, FormulaShape) and isinstance(shape.outcome.expr, Read) and shape.outcome.expr.ref == ref


def refs_in(part: object) -> Iterator[Ref]:
    """Yield every name that stands anywhere in a stage."""
    if isinstance(part, Ref):
        yield part
    elif isinstance(part, tuple | frozenset):
        for item in part:
            yield from refs_in(item)
    elif is_dataclass(part):
        for one in fields(part):
            yield from refs_in(getattr(part, one.name))


def _hulls(ranges: Ranges) -> dict[Ref, Interval]:
    found: dict[Ref, Interval] = {}
    for (ref, _), interval in ranges.items():
        found[ref] = found.get(ref, NOTHING).hull(interval)
    return {ref: interval for ref, interval in found.items() if not interval.is_empty}


def compile_columns(
    program: Program, layouts: Mapping[str, Layout], ranges: Ranges, words: Words | None = None
) -> ColumnEngine:
    """Return the program compiled for columns, its words numbered on from `words`.

    Raises Unsupported, saying what columns do not compute.
    """
    return ColumnEngine(program, layouts, ranges, words)
