"""The suite catches what it is there to catch: a bug planted in any operation makes some case disagree."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.conformance.generator.programs import program_text
from tests.conformance.generator.rows import rows_of
from tests.conformance.planted import CHANGES, PATCHES, Change, Patch, changed, patched
from tests.conformance.running import Expected, RefusedFile, ask_oracle, differences, load
from vbc_rules.plan.layout import Layout, make_layout
from vbc_rules.resolve.program import Program
from vbc_rules.run.scalar import ScalarEngine

SEEDS = range(10_000, 10_100)
ROWS = 10


@dataclass(frozen=True, slots=True)
class Known:
    """The program of a seed and what the oracle finds for some rows of it."""

    seed: int
    program: Program
    layout: Layout
    answers: tuple[Expected, ...]


@pytest.fixture(scope="module")
def known() -> list[Known]:
    """Return programs of fixed seeds with the oracle's answers."""
    found: list[Known] = []
    for seed in SEEDS:
        try:
            program = load(program_text(seed))
        except RefusedFile:
            continue
        layout = make_layout(program)
        rows = rows_of(program, layout, random.Random(seed))  # noqa: S311 (the same seed must give the same rows)
        found.append(Known(seed, program, layout, tuple(ask_oracle(program, layout, rows.draw()) for _ in range(ROWS))))
    return found


def is_caught(known: list[Known], compiled: Callable[[Known], ScalarEngine]) -> bool:
    """Whether an engine disagrees with the oracle anywhere, or cannot even be made."""
    return any(True for one in known for _ in disagreements(one, compiled))


def disagreements(one: Known, compiled: Callable[[Known], ScalarEngine]) -> Iterator[str]:
    try:
        engine = compiled(one)
    except Exception as error:  # noqa: BLE001 (an engine that cannot be made is a bug that shows)
        yield repr(error)
        return
    for expected in one.answers:
        yield from differences(engine, expected)


def test_without_a_bug_nothing_is_caught(known: list[Known]) -> None:
    assert len(known) >= 80
    found = [
        (one.seed, line)
        for one in known
        for line in disagreements(one, lambda one: ScalarEngine(one.program, one.layout))
    ]
    assert found == []


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_operation_taken_for_another_is_caught(change: Change, known: list[Known]) -> None:
    assert is_caught(known, lambda one: ScalarEngine(changed(one.program, change), one.layout))


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES)
def test_a_bug_in_the_code_of_the_scalar_engine_is_caught(patch: Patch, known: list[Known]) -> None:
    with patched(patch):
        assert is_caught(known, lambda one: ScalarEngine(one.program, one.layout))
