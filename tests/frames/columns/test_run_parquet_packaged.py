"""The packaged programs across participants, from file to file: every digit is that of the cohort computed at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

import vbc_rules as vbc
from tests.frames.columns.tables import given_of
from tests.run.cohort_populations import make_population
from vbc_rules.errors import EvaluationError, InputError
from vbc_rules.frames.columns import evaluate_table, read_table, run_parquet, to_frame
from vbc_rules.frames.plain import needed_files

SIZE = 40
SPANNING = [
    name
    for name, program in ((name, vbc.load(name)) for name in vbc.list_packaged())
    if program.needs_cohort and not needed_files(program.resolved)
]


def test_there_are_such_programs() -> None:
    assert len(SPANNING) >= 8


@pytest.mark.parametrize("name", SPANNING)
@pytest.mark.parametrize("kept_bytes", [2**28, 0], ids=["kept", "read again"])
def test_batches_find_what_the_whole_finds(
    name: str, kept_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing is computed but in batches.
    monkeypatch.setattr("vbc_rules.frames.columns.running.MOST_WHOLE", 0)
    program = vbc.load(name)
    compared = 0
    for seed in range(20):
        given = given_of(program, make_population(program.resolved, program.layouts, SIZE, seed))
        people = read_table(given.table, program)
        beside: Any = {"cohort": given.cohort, "groups": given.groups, "parameters": given.parameters}
        try:
            here = to_frame(evaluate_table(program, people, **beside), "pyarrow")
        except (InputError, EvaluationError):
            continue
        pyarrow.parquet.write_table(given.table, tmp_path / "in.parquet")
        run_parquet(
            program, tmp_path / "in.parquet", tmp_path / "out.parquet", batch_rows=7, kept_bytes=kept_bytes, **beside
        )
        assert pyarrow.parquet.read_table(tmp_path / "out.parquet").equals(here)
        compared += 1
        if compared == 2:
            return
    assert compared
