"""The cohorts written by hand, on the scalar engine: what the oracle finds, slot by slot, without its help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.conformance.running import load
from tests.conformance.test_cases import HEADER, UNSOURCED
from tests.conformance.test_cohort_cases import every_case, populate
from tests.run.cohort_sameness import assert_same_cohort
from vbc_rules.plan.layout import make_layouts
from vbc_rules.run.scalar import compile_cohort


@pytest.mark.parametrize("entry", list(every_case()))
def test_the_scalar_engine_finds_what_the_oracle_finds(entry: Mapping[str, Any]) -> None:
    program = load(HEADER + entry["program"], allowing=UNSOURCED | set(entry.get("allowing", ())))
    layouts = make_layouts(program)
    engine = compile_cohort(program, layouts)
    for case in entry["cases"]:
        for backwards in (False, True):
            assert_same_cohort(program, layouts, populate(program, layouts, case, backwards=backwards), engine)
