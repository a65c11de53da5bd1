"""Absences in generated code: none slips through where a test was left out, and each is told from every other."""

from __future__ import annotations

import re

import pytest

import vbc_rules as vbc
from vbc_rules.language.absence import Absent
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
    of: {type: count, range: 0 to 1000}
    unread: {type: count, range: 0 to 1000}
    rate: {type: number, decimals: 2, range: 0 to 1, may_be: [not_reported, excluded]}
expected:
  hospital:
    - began <= ended
    - paid >= $0
    - least <= other and least - least <= paid / 1000
  measure:
    - met <= of
values:
  measure:
    scored: {needs: rate, only_if: of >= 5, otherwise: below_minimum, formula: rate, illustrative: yes}
    again: {needs: scored, formula: scored}
  hospital:
    mean: {mean: scored, absent: ignore}
    few: {formula: (if mean is missing (below_minimum) then 1 else 2), illustrative: yes}
payments:
  hospital:
    earned: {formula: paid, round: 2 down}
"""


@pytest.fixture(scope="module")
def program() -> vbc.Program:
    return vbc.Program(RULES.encode(), "rules.yaml")
