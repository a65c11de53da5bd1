"""What the workload says, as numbers: every peer is written from these, and so with the same weights and thresholds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import vbc_rules as vbc
from vbc_rules.api.loading import compile_bytes
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program

WORKLOAD: Final = Path(__file__).parents[1] / "workload.yaml"

MINIMUM_CASES: Final = 30
TIERS: Final = ((80, 60), (70, 45), (60, 30), (50, 15))
"""Total score from which a tier begins, and the thousandths of the payments that it pays; below, nothing is paid."""
CAP: Final = 50
"""The most that is paid before the pool, in thousandths of the payments."""
POOL_POINTS: Final = 80


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: standards in ten-thousandths, `share` in percent of its domain."""

    name: str
    domain: str
    lower: bool
    threshold: int
    benchmark: int
    share: int

    @property
    def sign(self) -> int:
        """1 where higher is better, else -1: what is multiplied by it is better when higher."""
        return -1 if self.lower else 1


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain: its weight in percent of the total, and the places of its measures among all."""

    name: str
    weight: int
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """The measures, domain by domain, and the domains."""

    measures: tuple[Measure, ...]
    domains: tuple[Domain, ...]


def whole() -> vbc.Program:
    """Return the workload: it needs a cohort."""
    return vbc.load(WORKLOAD)


def alone() -> vbc.Program:
    """Return the workload without its pool: one participant can be evaluated alone."""
    text = WORKLOAD.read_text(encoding="utf-8")
    cut = re.sub(r"^ *# the pool\n.*?^ *# end of the pool\n", "", text, flags=re.MULTILINE | re.DOTALL)
    return vbc.Program(cut.encode(), "workload without its pool")


def terms() -> Terms:
    """Return the numbers of the workload's file."""
    plan, _ = compile_bytes(WORKLOAD.read_bytes(), WORKLOAD.name)
    program = plan.program
    domains = [domain.name for domain in program.levels["domain"].members]
    measures = [
        Measure(
            member.name,
            name,
            program.cell(Ref("measure", "better"), member.name) == "lower",
            _whole(program, "measure", "threshold", member.name, 10_000),
            _whole(program, "measure", "benchmark", member.name, 10_000),
            _whole(program, "measure", "share", member.name, 100),
        )
        for name in domains
        for member in program.levels["measure"].members
        if member.parent == name
    ]
    return Terms(
        tuple(measures),
        tuple(
            Domain(
                name,
                _whole(program, "domain", "weight", name, 100),
                tuple(place for place, measure in enumerate(measures) if measure.domain == name),
            )
            for name in domains
        ),
    )


def _whole(program: Program, level: str, name: str, member: str, scale: int) -> int:
    found = program.cell(Ref(level, name), member) * scale  # type: ignore[operator]
    assert found.denominator == 1, (level, name, member)  # type: ignore[union-attr]
    return int(found)
