"""Generated programs: whole rule files from seeds, each with generated inputs, on every engine.

A failing case prints the file, the row and both values. To see one seed again:

    CONFORMANCE_SEED=123 python -m pytest tests/conformance/test_generated.py

HYPOTHESIS_PROFILE=thorough runs ten times as many seeds, HYPOTHESIS_PROFILE=quick a tenth (and counts nothing).
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, get_args

import pytest

from tests.conformance.counting import outcomes, watching
from tests.conformance.generator.draft import MODES, REASONS
from tests.conformance.generator.programs import program_text
from tests.conformance.generator.rows import rows_of
from tests.conformance.running import RefusedFile, ask_oracle, both, differences, load
from vbc_rules.language.absence import NONE_PRESENT, NOT_IN_PROGRAM, TOO_FEW_PRESENT
from vbc_rules.resolve.expressions import Expr, Function
from vbc_rules.resolve.program import AllocateShape, Shape, StandingShape

PROFILE: Final = os.environ.get("HYPOTHESIS_PROFILE", "default")
PROGRAMS: Final = {"quick": 40, "thorough": 4000}.get(PROFILE, 480)
ROWS: Final = 8
CHUNKS: Final = 8
"""The seeds are tried in so many tests, so that they can run side by side."""
AT_LEAST: Final = 50

LOWERED: Final = {"floor", "ceiling"}
"""Functions that the resolver turns into a rounding."""
GATHERED: Final = ("sum", "count", "mean", "weighted_mean", "min", "max", "any", "all", "at_least_of", "variance",
                   "standard_deviation", "quantile")  # fmt: skip

OF_COHORTS: Final = (AllocateShape, StandingShape)
"""What the generator of cohorts makes: see test_cohort_generated.py."""
CONSTRUCTS: Final = frozenset(
    {
        *(form.__name__ for form in (*get_args(Expr), *get_args(Shape)) if form not in OF_COHORTS),
        *(function for function in get_args(Function) if function not in LOWERED),
        *(f"Arithmetic {op}" for op in ("+", "-", "*", "/", "of")),
        *(f"Compare {op} {given}" for op in ("=", "!=", "<", "<=", ">", ">=") for given in ("yes", "no")),
        *(f"Compare of {kind}" for kind in ("quantity", "date", "category", "identifier", "yes_no", "text")),
        *(f"{form} {sign} {given}" for form in ("OneOf", "InCodes", "IsAbsent") for sign in ("plain", "negated")
          for given in ("yes", "no")),
        "IsAbsent for a reason",
        "IsAbsent for any reason",
        "Read of a parameter",
        *(f"Gather {function}" for function in ("sum", "count", "mean", "min", "max", "any", "all")),
        "Gather present",
        "Gather plain",
        "Gather where",
        *(f"gather {function}" for function in GATHERED),
        *(f"gather {function} {way}" for function in ("variance", "standard_deviation")
          for way in ("sample", "population")),
        *(f"gather quantile {way}" for way in ("nearest_rank", "hyndman_fan_6", "hyndman_fan_7")),
        "gather where",
        "gather needed_present",
        "gather if_none",
        "higher_of",
        "lower_of",
        *(f"step {kind}" for kind in ("reaches", "at_least", "at_most", "more_than", "less_than")),
        *(f"interpolate {where}" for where in ("below", "at a point", "between points", "above")),
        *(f"top {part}" for part in ("share", "count", "ties by key", "ties all in", "yes", "no")),
        *(f"policy {action} {how}" for action in ("redistribute", "ignore", "zero", "absent", "last", "out")
          for how in ("for every reason", "by reason")),
        *(f"round {mode}{how}" for mode in MODES for how in ("", " negative", " tie", " negative tie")),
        "round of a value",
        "Round in a formula",
        *(f"{bound} {acts}" for bound, acts in (("at_least", "raises"), ("at_least", "leaves"), ("at_most", "lowers"),
                                                ("at_most", "leaves"), ("absence", "past caps"))),
        *(f"absent {reason}" for reason in (*REASONS, NONE_PRESENT, TOO_FEW_PRESENT, NOT_IN_PROGRAM)),
        *(f"level {kind}" for kind in ("cohort", "participant", "members", "list")),
        "level within a level",
        "needs there",
        "needs not there",
        "only_if holds",
        "only_if does not hold",
        "payment",
        "payment of nothing",
        *(f"gate {kind} {way}" for kind in ("not_in_program", "pays nothing", "pays an amount")
          for way in ("holds", "fails")),
        *(f"dated {how}" for how in ("bare", "on a date", "stated", "carried")),
        "warning",
        "conditional input given",
        "conditional input not expected",
        *(f"error {code}" for code in ("VBC901", "VBC908", "VBC951")),
    }
)  # fmt: skip
"""Everything that the generated pairs must go through, each in AT_LEAST pairs or more."""


@dataclass(slots=True)
class Tally:
    """What one chunk of seeds went through."""

    programs: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    pairs: int = 0
    met: Counter[str] = field(default_factory=Counter)


def seeds_of(chunk: int) -> range:
    """Return the seeds of a chunk; one alone where the environment names it."""
    if (one := os.environ.get("CONFORMANCE_SEED")) is not None:
        return range(int(one), int(one) + 1) if chunk == 0 else range(0)
    return range(chunk, PROGRAMS, CHUNKS)


def run_seed(seed: int, tally: Tally) -> None:
    """Try the program of one seed with its rows on every engine, and count what the oracle goes through."""
    text = program_text(seed)
    try:
        program = load(text)
    except RefusedFile as refused:
        tally.refused.update(refused.codes[:1])
        return
    tally.programs += 1
    layout, engine = both(program)
    rows = rows_of(program, layout, random.Random(seed))  # noqa: S311 (the same seed must give the same rows)
    for number in range(ROWS):
        row = rows.draw()
        met: set[str] = set()
        with watching(met):
            expected = ask_oracle(program, layout, row)
        found = differences(engine, expected)
        if found:
            pytest.fail(
                f"seed {seed}, row {number} (CONFORMANCE_SEED={seed} runs it alone)\n{text}\nrow: {row!r}\n"
                + "\n".join(found)
            )
        outcomes(program, expected, met)
        tally.pairs += 1
        tally.met.update(met)


@pytest.fixture(scope="session")
def tallies() -> dict[int, Tally]:
    return {}


def tally_of(chunk: int, tallies: dict[int, Tally]) -> Tally:
    """Return the tally of a chunk, run now if it was not yet."""
    if chunk not in tallies:
        tally = Tally()
        for seed in seeds_of(chunk):
            run_seed(seed, tally)
        tallies[chunk] = tally
    return tallies[chunk]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_engine_finds_the_same_in_every_slot(chunk: int, tallies: dict[int, Tally]) -> None:
    tally_of(chunk, tallies)


def whole(tallies: dict[int, Tally]) -> Iterator[Tally]:
    """Yield the tally of every chunk."""
    if "CONFORMANCE_SEED" in os.environ or PROFILE == "quick":
        pytest.skip("a few seeds show nothing about all")
    for chunk in range(CHUNKS):
        yield tally_of(chunk, tallies)


def test_nearly_all_generated_programs_pass_the_checks(tallies: dict[int, Tally]) -> None:
    every = list(whole(tallies))
    accepted = sum(tally.programs for tally in every)
    refused = sum((tally.refused for tally in every), Counter[str]())
    assert accepted * 100 >= 80 * PROGRAMS, refused
    assert sum(tally.pairs for tally in every) >= 2000


def test_every_construct_is_evaluated_often_enough_to_be_trusted(tallies: dict[int, Tally]) -> None:
    met = sum((tally.met for tally in whole(tallies)), Counter[str]())
    rare = {name: met[name] for name in sorted(CONSTRUCTS) if met[name] < AT_LEAST}
    assert rare == {}
