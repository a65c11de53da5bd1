"""Absences without leave: none slips through generated code, also where a comparison that fails is what refuses it."""

from __future__ import annotations

import pytest

from vbc_rules import InputError, Program
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Field, Row
from vbc_rules.run.scalar import compile_scalar

RULES = """
program: acme/absences
edition: 2024
language: 1
title: Inputs that may not be absent, and some that may
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
levels:
  measure: {in: hospital, members: {screening: {}, falls: {}, visits: {}}}
inputs:
  hospital:
    paid: {type: money, range: "$0 to $1,000"}
    ended: {type: date, range: 2024-01-01 to 2024-12-31}
    began: {type: date, range: 2024-01-01 to 2024-12-31}
    other: {type: number, decimals: 2, range: 0 to 10, may_be: not_reported}
    least: {type: number, decimals: 2, range: 0 to 10}
  measure:
    met: {type: count, range: 0 to 1000}
    seen: {type: count, range: 0 to 1000}
    weight: {type: count, range: 0 to 1000}
    rate: {type: number, decimals: 2, range: 0 to 1, may_be: [not_reported, excluded]}
expected:
  hospital:
    - began <= ended
    - paid >= $0
    - least <= other and least - least <= 1
  measure:
    - met <= seen
values:
  measure:
    scored: {needs: rate, only_if: seen >= 5, otherwise: below_minimum, formula: rate, illustrative: yes}
  hospital:
    mean: {weighted_mean: scored, by: weight, absent: ignore}
payments:
  hospital:
    earned: {formula: "if mean is missing then $0 else paid * mean", round: 2 down}
"""


@pytest.fixture(scope="module")
def program() -> Program:
    return Program(RULES.encode(), "rules.yaml")


def test_the_row_is_computed_where_nothing_is_absent_without_leave(program: Program) -> None:
    engine = compile_scalar(program.resolved, program.layouts["hospital"])
    assert engine.evaluate_without_trace(_row(program)) == (25_000,)


def test_every_cell_of_a_row_that_is_absent_without_leave_is_refused(program: Program) -> None:
    engine = compile_scalar(program.resolved, program.layouts["hospital"])
    row = _row(program)
    for place, cell in enumerate(row):
        if not isinstance(cell, int):
            continue
        for reason in ("not_reported", "excluded", "below_minimum", "never_heard_of"):
            broken = (*row[:place], Absent(reason), *row[place + 1 :])
            if _is_permitted(program, place, reason):
                engine.evaluate_without_trace(broken)
            else:
                with pytest.raises(Exception):  # noqa: B017, PT011 (any makes the engine ask the oracle, as below)
                    engine.evaluate_without_trace(broken)
                with pytest.raises(InputError):
                    engine.evaluate(broken)


def _row(program: Program) -> Row:
    measure = {"met": 5, "seen": 10, "weight": 1, "rate": "0.5"}
    given: dict[str, object] = {
        "hospital": "1",
        "paid": "$500.00",
        "ended": "2024-03-01",
        "began": "2024-02-01",
        "other": "5.00",
        "least": "1.00",
        "measure": {"screening": measure, "falls": measure, "visits": measure},
    }
    return program.read_cohort([given]).participants[0]


def _is_permitted(program: Program, place: int, reason: str) -> bool:
    field = program.layouts["hospital"].fields[place]
    return isinstance(field, Field) and field.domain is not None and reason in field.domain.reasons
