"""The packaged programs over whole cohorts, on populations made at random: every engine finds what the oracle finds."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from tests.run.cohort_populations import make_population
from tests.run.cohort_sameness import assert_same_cohort
from vbc_rules.check.absence import check_absence
from vbc_rules.check.ranges import infer_ranges
from vbc_rules.language.reading import read_document
from vbc_rules.plan.layout import Layout, make_layouts
from vbc_rules.resolve.program import Program
from vbc_rules.resolve.resolver import resolve
from vbc_rules.run.scalar import CohortEngine, compile_cohort
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

if TYPE_CHECKING:
    from vbc_rules.run.columns.engine import Ranges

RULES = pathlib.Path(__file__).parents[2] / "rules"
FILES = [file for file in sorted(RULES.rglob("*.yaml")) if not file.name.endswith((".tests.yaml", ".mapping.yaml"))]


NOT_ON_COLUMNS = {
    "evaluation/population-insights/2020.yaml": (
        "the items of `stratum` lie below `partnership`, not directly below a root"
    ),
}
"""The packaged programs that columns do not compute, and why; one that they do is an error here."""


def program_of(file: pathlib.Path) -> Program:
    findings = Findings()
    tree = read_text(file.read_text(encoding="utf-8"), file.name, findings)
    document = None if tree is None else read_document(tree, findings)
    assert document is not None, findings.errors
    return resolve(document, findings)


def ranges_of(program: Program) -> Ranges:
    estimator = infer_ranges(program, check_absence(program, Findings()), Findings())
    return estimator.ranges if estimator is not None else {}


SIZES = (0, 1, 2, 3, 5, 8, 12, 12)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(RULES)))
def test_every_engine_finds_the_same_over_a_cohort(file: pathlib.Path) -> None:
    program = program_of(file)
    layouts = make_layouts(program)
    assert_most_compute(program, layouts, compile_cohort(program, layouts))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(RULES)))
def test_columns_find_the_same_over_a_cohort(file: pathlib.Path) -> None:
    columns = pytest.importorskip("vbc_rules.run.columns", reason="the extra `columns` brings numpy")
    program = program_of(file)
    layouts = make_layouts(program)
    known = NOT_ON_COLUMNS.get(str(file.relative_to(RULES)))
    try:
        engine = columns.compile_columns(program, layouts, ranges_of(program))
    except columns.Unsupported as reason:
        assert str(reason) == known  # noqa: PT017 (a reason is compared)
        return
    assert known is None
    assert_most_compute(program, layouts, engine)


def assert_most_compute(program: Program, layouts: Mapping[str, Layout], engine: CohortEngine) -> None:
    """Ask an engine for populations of every size: at least half have a result, and it is the oracle's."""
    computed: list[int] = []
    for seed, size in enumerate(SIZES):
        population = make_population(program, layouts, size, seed)
        if assert_same_cohort(program, layouts, population, engine) is not None:
            computed.append(size)
    assert 2 * len(computed) >= len(SIZES)
    assert max(computed) == max(SIZES)
