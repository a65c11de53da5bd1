"""Cohort programs as files, what they are given, and their traces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.explain.programs import load
from tests.run.building import Given, encode
from vbc_rules.plan.layout import Path, Population, make_layouts
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.oracle import evaluate_cohort
from vbc_rules.run.trace import CohortTrace

POOL = """\
program: test/pool
edition: "2024"
language: 1
title: Quality pool
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
currency: USD

sources:
  guide: {title: Pool guide, publisher: A payer}

parameters:
  withheld: {type: percent, is: 5%, source: guide p. 2}
  bonus: {type: percent, is: 110%, illustrative: yes}

levels:
  component:
    in: hospital
    parameters: {weight: percent}
    expect: sum(weight) = 100%
    members:
      process: {weight: 40%, source: guide p. 3}
      outcome: {weight: 60%, source: guide p. 3}
  peer_group: {groups: hospital, by: region}

inputs:
  hospital:
    region: {type: category, of: [north, south], may_be: not_reported}
    payments: {type: money, range: "$0 to $1,000,000,000", title: Operating payments}
    taken_part: {type: yes_no}
    signed: {type: yes_no}
  component:
    score: {type: percent, decimals: 2, range: 0% to 100%}

values:
  component:
    part: {formula: weight of score}
  hospital:
    total: {sum: part, title: Total score}
    place: {rank: total, within: cohort, better: higher, ties: competition}
    standing_in_group:
      percentile_rank: total
      within: peer_group
      better: higher
      definition: inclusive
      ties: share
      type: percent
    z: {z_score: total, within: cohort, better: higher, definition: sample, round: 4 half_even}
    leads: {top: 25%, within: cohort, order: [total], ties: hospital, round: 0 up, source: guide p. 4}
    basis: {formula: "if leads then bonus of total of payments else total of payments", round: 2 down}
    above_group: {needs: mean_total, formula: total - mean_total, type: percent}
  peer_group:
    mean_total: {mean: total}
  cohort:
    pool: {formula: withheld of sum(payments), round: 2 down, title: Pool}
    best_mean: {max: mean_total}

gates:
  hospital:
    in_program: {require: taken_part, otherwise: not_in_program}
    attested: {require: signed, otherwise: pays_nothing}

payments:
  hospital:
    share:
      allocate: pool
      in_proportion_to: basis
      at_most: 9% of payments
      remainder: largest
      ties: hospital
      if_none: not_paid
      title: Share of the pool
      source: guide p. 5
"""

STATED: Mapping[str, Given] = {
    "region": "north", "payments": "$1,000,000.00", "taken_part": "yes", "signed": "yes",
    "process.score": "80%", "outcome.score": "70%",
}  # fmt: skip


def hospital(number: int, **given: Given) -> dict[str, Given]:
    """Return a hospital that reports what depends on its number."""
    return {
        **STATED,
        "region": "south" if number % 3 == 0 else "north",
        "payments": f"${1_000_000 + 1_357 * number}.{number % 100:02d}",
        "process.score": f"{50 + number * 7 % 50}.{number * 3 % 100:02d}%",
        "outcome.score": f"{40 + number * 11 % 60}%",
        **given,
    }


def evaluate(
    program: Program, rows: Sequence[Mapping[str, Given]], cohort: Mapping[str, Given] | None = None
) -> CohortTrace:
    """Return what the oracle finds; participants are named h0001, h0002 ... unless a row says its name."""
    layouts = make_layouts(program)
    one = program.participant
    encoded = tuple(encode(program, {one: f"h{number:04d}", **row}, layouts[one]) for number, row in enumerate(rows, 1))
    population = Population(
        encode(program, cohort or {}, layouts["cohort"]), encoded, tuple(range(1, len(rows) + 1)), {}
    )
    return evaluate_cohort(program, layouts, population)


def paths_of(program: Program, trace: CohortTrace, level: str) -> Iterator[Path]:
    """Yield the absolute path of every instance of a level."""
    here = program.levels[level]
    if here.kind == "cohort":
        yield ()
    elif here.kind in ("participant", "groups"):
        yield from ((number,) for number in range(trace.count(level, ())))
    elif here.parent is not None:
        for path in paths_of(program, trace, here.parent):
            if here.kind == "list":
                yield from ((*path, number) for number in range(trace.count(level, path)))
            else:
                inside = path[-1] if path else None
                yield from ((*path, m.name) for m in here.members if m.parent in (None, inside))


def every_step(program: Program, trace: CohortTrace) -> Iterator[tuple[Ref, Path]]:
    """Yield every value, gate and payment at every instance of its level."""
    for step in program.steps:
        for path in paths_of(program, trace, step.ref.level):
            yield step.ref, path


__all__ = ["POOL", "STATED", "evaluate", "every_step", "hospital", "load", "paths_of"]
