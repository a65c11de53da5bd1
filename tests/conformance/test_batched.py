"""Participants in batches: the figures of every participant, group and of the cohort are those of the whole."""

from __future__ import annotations

import importlib.util
import pickle
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest

if importlib.util.find_spec("numpy") is None:
    pytest.skip("numpy is not installed; the extra `columns` brings it", allow_module_level=True)

import numpy as np

from tests.conformance import test_cohort_cases
from tests.conformance.running import load
from tests.conformance.test_cases import HEADER, UNSOURCED
from tests.conformance.test_cohort_cases import populate
from tests.conformance.test_cohort_packaged import FILES, RULES, program_of
from tests.conformance.test_columns import compiled
from tests.run.cohort_populations import make_population
from vbc_rules.plan.layout import Population, make_layouts
from vbc_rules.plan.stages import Gathering
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.columns import ColumnEngine, compile_columns
from vbc_rules.run.columns.across import NotHere
from vbc_rules.run.columns.aggregates import Partial, brought_together, partial
from vbc_rules.run.columns.batched import BatchedRun, Batches, BatchRun, in_order
from vbc_rules.run.columns.forms import Array, Vector
from vbc_rules.run.columns.snapshot import Snapshot
from vbc_rules.run.scalar.cohort_trace import ScalarCohortTrace

ENOUGH = 2
"""So many populations of each packaged program are compared."""


class Held(Batches):
    """A population handed over in batches of any rows, each in the order of identifiers."""

    def __init__(self, population: Population, batches: Sequence[Array]) -> None:
        super().__init__(len(population.participants))
        self.population = population
        self.batches = batches

    def run_of(self, run: BatchedRun, places: Array, keep: frozenset[Ref]) -> BatchRun:
        return BatchRun(run, self.part(places), places, keep)

    def part(self, places: Array) -> Population:
        whole = self.population
        rows = tuple(whole.participants[place] for place in places)
        return Population(whole.cohort, rows, [whole.numbers[place] for place in places], whole.groups)

    def handed(self, run: BatchedRun, number: int, refs: Sequence[Ref]) -> Mapping[Ref, Vector]:
        parts = [(places, self.run_of(run, places, frozenset(refs)).up_to(number)) for places in self.batches]
        return {ref: in_order([(places, part.vector(ref)) for places, part in parts], self.length) for ref in refs}


class Sent(Held):
    """Batches that are computed by engines of their own, each sent what was found so far; they add aggregates up."""

    def __init__(self, population: Population, batches: Sequence[Array]) -> None:
        super().__init__(population, batches)
        self.adds_up = True
        self.asked: set[Ref] = set()

    def run_of(self, run: BatchedRun, places: Array, keep: frozenset[Ref]) -> BatchRun:
        sent = pickle.loads(pickle.dumps(Snapshot.of(run)))  # noqa: S301 (made here)
        here = run.engine
        engine = compile_columns(here.program, here.layouts, here.given_ranges, sent.numbering())
        return BatchRun(sent.restored(engine), self.part(places), places, keep)

    def handed(self, run: BatchedRun, number: int, refs: Sequence[Ref]) -> Mapping[Ref, Vector]:
        parts = [(places, self.run_of(run, places, frozenset(refs)).up_to(number)) for places in self.batches]
        return {
            ref: in_order([(places, self.told(run, part, ref)) for places, part in parts], self.length) for ref in refs
        }

    def told(self, run: BatchedRun, part: BatchRun, ref: Ref) -> Vector:
        """Return what a batch found, in the words of this engine."""
        above, below, codes = part.vector(ref)
        here, there = run.engine.words, part.engine.words
        if run.engine.forms[ref].kind == "word":
            above = np.array([here.number(text) for text in there.texts], dtype=np.int64)[above]
        if codes is not None:
            codes = np.array([0, *(here.code(one.reason) for one in there.absences)], dtype=np.uint8)[codes]
        return above, below, codes

    def gathered(self, run: BatchedRun, number: int, stages: Sequence[Gathering]) -> Mapping[Ref, list[Any]]:
        refs = {stage.ref for stage in stages}
        assert not refs & self.asked, "each is asked for once: to ask is a job"
        self.asked |= refs
        added: dict[int, list[Partial] | None] = {place: [] for place in range(len(stages))}
        for places in self.batches:
            part = self.run_of(run, places, frozenset()).up_to(number)
            for place, stage in enumerate(stages):
                try:
                    found = partial(part, stage)
                except NotHere:
                    added[place] = None
                parts = added[place]
                if parts is not None:
                    parts.append(found)
        return {stages[place].ref: brought_together(stages[place], parts) for place, parts in added.items() if parts}


def in_batches(engine: ColumnEngine, held: Held) -> Any:  # noqa: ANN401 (values)
    """Return every value found, of participants batch by batch, by name and path."""
    population, batches = held.population, held.batches
    run = BatchedRun(engine, population.cohort, population.groups, held)
    whole = run.evaluate()
    found = {}
    for places in batches:
        part = held.run_of(run, places, frozenset(engine.forms)).up_to(len(engine.stages))
        for ref in engine.program.slots:
            if engine.program.root(ref.level) == engine.program.participant:
                found.update(values(ScalarCohortTrace(part.engine, part), ref, places))
    for ref in engine.program.slots:
        if engine.program.root(ref.level) != engine.program.participant:
            found.update(values(whole, ref, None))
    return found


def values(trace: ScalarCohortTrace, ref: Ref, places: Array | None) -> dict[Any, Any]:
    """Return a name's values by path, participants by their places among all."""
    frame, found = trace._run.frame, {}
    for number in range(frame.size(ref.level)):
        path = frame.path(ref.level, number)
        try:
            value = trace.value(ref, path)
        except KeyError:
            continue
        found[ref, path if places is None else (int(places[path[0]]), *path[1:])] = value
    return found


def batches_of(count: int, seed: int) -> list[Array]:
    """Return places cut into batches at random, some of them empty."""
    random = Random(seed)  # noqa: S311 (test data)
    places = list(range(count))
    random.shuffle(places)
    cuts = sorted(random.randint(0, count) for _ in range(random.randint(0, 4)))
    return [
        np.array(sorted(places[first:last]), dtype=np.int64)
        for first, last in zip([0, *cuts], [*cuts, count], strict=True)
    ]


def assert_same(engine: ColumnEngine, population: Population, batches: Sequence[Array]) -> None:
    whole = engine.compute(population)
    wanted = {}
    for ref in engine.program.slots:
        own = engine.program.root(ref.level) == engine.program.participant
        wanted.update(values(whole, ref, np.arange(len(population.participants)) if own else None))
    for held in (Held(population, batches), Sent(population, batches)):
        found = in_batches(engine, held)
        assert found.keys() == wanted.keys()
        for key, value in wanted.items():
            assert (type(found[key]), found[key]) == (type(value), value), (type(held), key)


@pytest.mark.parametrize("parameter", list(test_cohort_cases.every_case()))
def test_cases_in_batches(parameter: Mapping[str, Any]) -> None:
    program = load(HEADER + parameter["program"], allowing=UNSOURCED | set(parameter.get("allowing", ())))
    layouts = make_layouts(program)
    engine = compiled(program, layouts)
    assert isinstance(engine, ColumnEngine)
    for number, case in enumerate(case for case in parameter["cases"] if "error" not in case):
        population = populate(program, layouts, case)
        count = len(population.participants)
        assert_same(engine, population, batches_of(count, number))
        one_by_one = [np.array([place]) for place in reversed(range(count))]
        assert_same(engine, population, one_by_one or batches_of(0, 0))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(RULES)))
def test_packaged_programs_in_batches(file: Any) -> None:  # noqa: ANN401 (a path)
    program = program_of(file)
    layouts = make_layouts(program)
    engine = compiled(program, layouts)
    if isinstance(engine, str):
        pytest.skip(engine)
    compared = 0
    for seed in range(6):
        population = make_population(program, layouts, 9, seed)
        try:
            engine.compute(population)
        except Exception:  # noqa: BLE001, S112 (the oracle says what is wrong)
            continue
        assert_same(engine, population, batches_of(9, seed))
        compared += 1
        if compared == ENOUGH:
            return
    assert compared
