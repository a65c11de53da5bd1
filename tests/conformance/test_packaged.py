"""The packaged programs, each with generated inputs, on every engine."""

from __future__ import annotations

import pathlib
import random
from typing import Final

import pytest

from tests.conformance.generator.rows import rows_of
from tests.conformance.running import ask_oracle, both, differences, load
from vbc_rules.errors import UsageError

RULES: Final = pathlib.Path(__file__).parents[2] / "rules"
FILES: Final = [file for file in sorted(RULES.rglob("*.yaml")) if file.name.count(".") == 1]
ROWS: Final = 40


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(RULES)))
def test_every_engine_finds_the_same_in_a_packaged_program(file: pathlib.Path) -> None:
    program = load(file.read_text(encoding="utf-8"), file.name)
    if program.needs_cohort:
        with pytest.raises(UsageError, match="alone cannot be evaluated"):
            both(program)
        return
    layout, engine = both(program)
    rows = rows_of(program, layout, random.Random(1))  # noqa: S311 (the same seed must give the same rows)
    for _ in range(ROWS):
        row = rows.draw()
        assert differences(engine, ask_oracle(program, layout, row)) == [], row
