"""Cohort programs made at random, each on a few populations: every engine finds what the oracle finds."""

from __future__ import annotations

import pytest

from tests.conformance.generator.cohorts import make_cohort_program
from tests.conformance.test_cohort_packaged import ranges_of
from tests.run.cohort_populations import make_population
from tests.run.cohort_sameness import assert_same_cohort
from vbc_rules.language.reading import read_document
from vbc_rules.plan.layout import make_layouts
from vbc_rules.resolve.program import Program
from vbc_rules.resolve.resolver import resolve
from vbc_rules.run.scalar import compile_cohort
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

PROGRAMS = 60
SIZES = (0, 1, 2, 6, 11)


def program_of(seed: int) -> Program:
    findings = Findings()
    tree = read_text(make_cohort_program(seed), f"{seed}.yaml", findings)
    document = None if tree is None else read_document(tree, findings)
    assert document is not None, findings.errors
    program = resolve(document, findings)
    assert not findings.errors, findings.errors
    return program


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_the_scalar_engine_finds_what_the_oracle_finds(seed: int) -> None:
    program = program_of(seed)
    layouts = make_layouts(program)
    engine = compile_cohort(program, layouts)
    for number, size in enumerate(SIZES):
        assert_same_cohort(program, layouts, make_population(program, layouts, size, 100 * seed + number), engine)


def test_most_of_what_is_generated_computes() -> None:
    computed = 0
    for seed in range(20):
        program = program_of(seed)
        layouts = make_layouts(program)
        population = make_population(program, layouts, 6, seed)
        computed += assert_same_cohort(program, layouts, population) is not None
    assert computed >= 10


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_columns_find_what_the_oracle_finds(seed: int) -> None:
    columns = pytest.importorskip("vbc_rules.run.columns", reason="the extra `columns` brings numpy")
    program = program_of(seed)
    layouts = make_layouts(program)
    try:
        engine = columns.compile_columns(program, layouts, ranges_of(program))
    except columns.Unsupported as reason:
        pytest.skip(f"not in columns: {reason}")
    for number, size in enumerate(SIZES):
        assert_same_cohort(program, layouts, make_population(program, layouts, size, 100 * seed + number), engine)


def test_most_of_what_is_generated_runs_in_columns() -> None:
    columns = pytest.importorskip("vbc_rules.run.columns", reason="the extra `columns` brings numpy")
    supported = 0
    for seed in range(PROGRAMS):
        program = program_of(seed)
        try:
            columns.compile_columns(program, make_layouts(program), ranges_of(program))
        except columns.Unsupported:
            continue
        supported += 1
    assert supported >= 0.6 * PROGRAMS
