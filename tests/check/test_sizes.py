"""A chain of quotients that would need endless digits is refused before it is computed."""

from __future__ import annotations

from vbc_rules.api.loading import understand
from vbc_rules.check.analysis import analyse
from vbc_rules.source.diagnostic import Findings

HEAD = """program: a/b
edition: "1"
title: t
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
inputs:
  hospital:
    x: {type: count, range: 1 to 100}
    y: {type: count, range: 1 to 100}
values:
  hospital:
    v0: {formula: x / (x + y)}
"""


def codes(text: str) -> list[str]:
    findings = Findings()
    program = understand(text.encode(), "rules.yaml", findings)
    if program is not None:
        analyse(program, findings)
    return [finding.code for finding in findings.errors]


def squares(count: int, tail: str = "") -> str:
    return HEAD + "".join(f"    v{n}: {{formula: v{n - 1} * v{n - 1}{tail}}}\n" for n in range(1, count + 1))


def test_a_quotient_squared_sixty_times_is_refused() -> None:
    assert codes(squares(60)) == ["VBC806"]


def test_a_quotient_squared_a_few_times_is_exact() -> None:
    assert codes(squares(6)) == []


def test_rounding_ends_the_growth() -> None:
    assert codes(squares(60, ", round: 12 half_up")) == []
