"""The packaged programs over whole cohorts, on populations made at random: every engine finds what the oracle finds."""

from __future__ import annotations

import pathlib

import pytest

from tests.run.cohort_populations import make_population
from tests.run.cohort_sameness import assert_same_cohort
from vbc_rules.language.reading import read_document
from vbc_rules.plan.layout import make_layouts
from vbc_rules.resolve.resolver import resolve
from vbc_rules.run.scalar import compile_cohort
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

RULES = pathlib.Path(__file__).parents[2] / "rules"
FILES = [file for file in sorted(RULES.rglob("*.yaml")) if not file.name.endswith((".tests.yaml", ".mapping.yaml"))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(RULES)))
def test_every_engine_finds_the_same_over_a_cohort(file: pathlib.Path) -> None:
    findings = Findings()
    tree = read_text(file.read_text(encoding="utf-8"), file.name, findings)
    document = None if tree is None else read_document(tree, findings)
    assert document is not None, findings.errors
    program = resolve(document, findings)
    layouts = make_layouts(program)
    engine = compile_cohort(program, layouts)
    for seed, size in enumerate((0, 1, 2, 5)):
        assert_same_cohort(program, layouts, make_population(program, layouts, size, seed), engine)
