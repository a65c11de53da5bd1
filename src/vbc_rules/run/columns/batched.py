"""One evaluation of a cohort whose participants come in batches, more of them than memory holds at a time.

Each stage of the participants is a pass over the batches. Of what a pass finds only that is handed over which spans
participants: what pools, groups and ranks read. All else is found again in the next pass, which costs less than keeping
it. What spans participants is then computed once, as in memory, and every batch sees its own part of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vbc_rules.plan.layout import Population, Row
from vbc_rules.plan.stages import Gathering, RootStage
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.columns.aggregates import is_here
from vbc_rules.run.columns.forms import Array, Vector
from vbc_rules.run.columns.run import ColumnRun
from vbc_rules.run.columns.stage import ColumnStage
from vbc_rules.run.scalar.cohort_trace import ScalarCohortTrace

if TYPE_CHECKING:
    from vbc_rules.run.columns.engine import ColumnEngine


class Batches:
    """Where the participants of a cohort come from, batch by batch, of which there may be more than memory holds.

    `length` counts the participants. `adds_up`: aggregates are found by `gathered`, as far as batches can add to them.
    """

    def __init__(self, length: int, *, adds_up: bool = False) -> None:
        self.length = length
        self.adds_up = adds_up

    def handed(self, run: BatchedRun, number: int, refs: Sequence[Ref]) -> Mapping[Ref, Vector]:
        """Return what all participants have of some names after the stage `number`, in the order of identifiers.

        A batch's part is found by `BatchRun`; `in_order` puts the parts together.
        """
        raise NotImplementedError

    def gathered(self, run: BatchedRun, number: int, stages: Sequence[Gathering]) -> Mapping[Ref, list[Any]]:
        """Return what gathers after the stage `number`, by what receives it, from what each batch adds to it.

        What is not returned is gathered from what all participants have, handed over.
        """
        raise NotImplementedError


class BatchedRun(ColumnRun):
    """The whole of a cohort in batches: what spans participants, and what groups and the cohort have."""

    def __init__(
        self, engine: ColumnEngine, cohort: Row, groups: Mapping[str, tuple[Row, ...]], batches: Batches
    ) -> None:
        """Begin an evaluation; `cohort` and `groups` are those of a `Population`."""
        count = batches.length
        super().__init__(engine, Population(cohort, _Counted(count), range(1, count + 1), groups))
        self.batches = batches
        self.compiled: dict[int, ColumnStage] = {}
        self._last = -1
        self._added: dict[Ref, list[Any]] = {}
        self._asked: set[Ref] = set()

    def evaluate(self) -> ScalarCohortTrace:
        """Return what is found for groups and the cohort; raises anything where columns do not compute it."""
        for number, stage in enumerate(self.engine.stages):
            self.take(number, stage)
        return ScalarCohortTrace(self.engine, self)

    def stage(self, number: int) -> ColumnStage:
        """Return a stage of the participants, compiled for what this run has found on other roots."""
        found = self.compiled.get(number)
        if found is None:
            found = self.compiled[number] = self._compiled(self.engine.codes[number])
        return found

    def _root(self, code: Any) -> Any:  # noqa: ANN401 (what later stages ask for)
        if not isinstance(code, ColumnStage):
            return super()._root(code)
        self._last = code.number
        self.stage(code.number)
        refs = self.engine.handed_over(code.number, adds_up=self.batches.adds_up)
        if refs:
            self.vectors.update(self.batches.handed(self, code.number, refs))
        return [None]

    def _vector(self, ref: Ref) -> Vector:
        if not self.is_own(ref) or self.engine.is_settled(ref):
            return super()._vector(ref)
        # It was not foreseen that this is read across participants.
        return self.batches.handed(self, self._last, (ref,))[ref]

    def _gather(self, stage: Gathering) -> None:
        if self.batches.adds_up and stage.ref not in self._asked:
            # What follows at once is asked for with it, and none of it again, whether it was found or not.
            after = self.engine.stages[self.engine.stages.index(stage) :]
            run_on = itertools.takewhile(lambda one: isinstance(one, Gathering), after)
            following = [one for one in run_on if isinstance(one, Gathering)]
            self._asked.update(one.ref for one in following)
            stages = [one for one in following if is_here(self.program, one)]
            self._added.update(self.batches.gathered(self, self._last, stages) if stages else {})
        found = self._added.get(stage.ref)
        if found is None:
            super()._gather(stage)
        else:
            self._put(stage.ref, self.engine.carrier_of_ref(stage.ref), found)


class BatchRun(ColumnRun):
    """Some participants of a cohort in batches, who see what was found so far on groups and on the cohort."""

    def __init__(
        self, whole: BatchedRun, population: Population, places: Array, keep: Container[Ref], threads: int = 1
    ) -> None:
        """Begin with a batch; `places` (int64) says where each of its rows stands among all, by identifier."""
        super().__init__(whole.engine, population, whole.engine.kept(keep), threads)
        self.whole = whole
        self.places = places
        self._first = 0
        self.forms = whole.forms
        participant = self.program.participant
        for name, rows in whole.frame.rows.items():
            if name != participant:
                self.frame.rows[name] = rows
        self.returned = {number: found for number, found in whole.returned.items() if number not in whole.compiled}
        self.columns = {key: column for key, column in whole.columns.items() if not self.is_own(key[0])}
        self.vectors = {ref: vector for ref, vector in whole.vectors.items() if not self.is_own(ref)}
        self.vectors.update((ref, _at(vector, places)) for ref, vector in whole.settled().items())
        for (level, group), (numbers, codes) in whole.numbered.items():
            is_own = self.is_own(Ref(level, level))
            self.numbered[level, group] = (numbers[..., places], codes[..., places]) if is_own else (numbers, codes)
        self.unused, self.noted = whole.unused, whole.noted
        for name, found in whole.frame.group_of.items():
            gathered = self.program.levels[name].groups or COHORT
            is_own = self.is_own(Ref(gathered, gathered))
            self.frame.group_of[name] = self._cut(found, gathered, places) if is_own else found

    def _cut(self, found: Sequence[Any], level: str, places: Array) -> list[Any]:
        """Return what the batch's instances of a level have, of all instances participant by participant."""
        members = self.geometry.place(level).members
        each = 1 if members is None else len(members)
        return [found[place * each + number] for place in places.tolist() for number in range(each)]

    def after(self, last: int, vectors: Mapping[Ref, Vector]) -> BatchRun:
        """Go on after the stage `last`, with what the participants' stages so far found."""
        self._first = last + 1
        self.vectors.update(vectors)
        self.returned.update((number, [None]) for number in self.engine.participants_stages if number <= last)
        self._find_inside()
        return self

    def up_to(self, last: int) -> BatchRun:
        """Take the stages of the participants up to the stage `last`. Raises anything where columns do not compute."""
        for number, stage in enumerate(self.engine.stages[: last + 1]):
            if number >= self._first and isinstance(stage, RootStage) and stage.root == self.program.participant:
                self.take(number, stage)
        return self

    def _compiled(self, code: ColumnStage) -> ColumnStage:
        return self.whole.stage(code.number)


class _Counted(Sequence[Row]):
    """As many rows as there are participants, none of which is in memory."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 (as a sequence's)
        raise LookupError("the rows of participants in batches are not in memory")

    def __iter__(self) -> Iterator[Row]:
        raise LookupError("the rows of participants in batches are not in memory")


def in_order(parts: Sequence[tuple[Array, Vector]], count: int) -> Vector:
    """Return the vectors of batches as one, each part put where its rows stand among all `count` participants."""
    places = np.concatenate([where for where, _ in parts]) if parts else np.zeros(0, dtype=np.int64)
    above = _joined([vector[0] for _, vector in parts])
    below = absent = None
    if any(vector[1] is not None for _, vector in parts):
        below = _joined(
            [np.ones_like(vector[0], dtype=np.int64) if vector[1] is None else vector[1] for _, vector in parts]
        )
    if any(vector[2] is not None for _, vector in parts):
        absent = np.concatenate(
            [np.zeros(vector[0].shape, np.uint8) if vector[2] is None else vector[2] for _, vector in parts], axis=-1
        )
    if len(places) != count:
        raise ValueError("the batches do not make up the whole")
    if bool((places[1:] > places[:-1]).all()):
        return above, below, absent
    order = np.empty(count, dtype=np.int64)
    order[places] = np.arange(count)
    return above[..., order], _take(below, order), _take(absent, order)


def _joined(parts: Sequence[Array]) -> Array:
    """Return numbers end to end, in a width that holds them all exactly."""
    if any(part.dtype == np.object_ for part in parts):
        parts = [
            part.astype(object) if part.dtype != np.float64 else whole_numbers(part).astype(object) for part in parts
        ]
    elif len({part.dtype for part in parts}) > 1:
        # Binary floats and whole numbers of 64 bits have no width in common: all of them are whole.
        parts = [whole_numbers(part) for part in parts]
    return np.concatenate(parts, axis=-1)


def whole_numbers(array: Array) -> Array:
    """Return numbers, all of them whole where something is there, as whole numbers of 64 bits."""
    if array.dtype.kind != "f":
        return array.astype(np.int64)
    # What an absent row holds is never read, and may be no number.
    return np.where(np.isfinite(array), array, 0).astype(np.int64)


def _at(vector: Vector, places: Array) -> Vector:
    return vector[0][..., places], _take(vector[1], places), _take(vector[2], places)


def _take(array: Array, places: Array) -> Array:
    return None if array is None else array[..., places]
