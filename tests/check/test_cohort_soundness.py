"""What is inferred of programs that span participants holds of every result: ranges, absences and guarantees."""

# ruff: noqa: E501 - a value stands on one line, as it is written

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest

from tests.check.promises import Promises, written
from tests.conformance.generator.rows import Rows, rows_of
from tests.resolve.files import HEADER, accepted
from vbc_rules.check.absence import check_absence
from vbc_rules.check.estimate import Estimator
from vbc_rules.check.prover import prove_guarantees
from vbc_rules.errors import EvaluationError
from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.language.reading import read_document
from vbc_rules.plan.layout import Field, Population, Row, make_layouts
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Guarantee, Program
from vbc_rules.resolve.resolver import resolve
from vbc_rules.run.oracle.evaluate import OracleCohortTrace, evaluate_cohort
from vbc_rules.run.oracle.expressions import AbsentRead, holds
from vbc_rules.run.oracle.inputs import instances_of
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

SEEDS = range(4)
COHORTS = 20
PROMISES = 60

GIVEN = """\
parameters:
  cap: {type: percent, is: 5%, illustrative: yes}
  free: {type: percent, range: 0% to 10%, is: required}
levels:
  component: {in: hospital, parameters: {w: percent}, members: {cqi: {w: 60%}, hie: {w: 40%}}}
  visit: {in: hospital, list: yes, key: number, at_most: 3}
  region: {groups: hospital, by: area}
  state: {groups: region, by: kind}
  component_pool: {groups: component, by: component}
  cell: {groups: component, by: [component, area]}
  desk: {in: region, members: {a: {}, b: {}}}
inputs:
  cohort:
    money: {type: money, range: "$0 to $1,000"}
    spent: {type: money, range: "$0 to $1,000"}
  region:
    kind: {type: category, of: [big, small]}
    local: {type: money, range: "-$5 to $50"}
  desk:
    staff: {type: count, range: 0 to 9}
  hospital:
    area: {type: category, of: [north, south], may_be: unknown}
    ok: {type: yes_no}
    fine: {type: yes_no}
    base: {type: money, range: "$0 to $100"}
    rate: {type: percent, decimals: 0, may_be: [not_reported, declined]}
    cases: {type: count, range: 0 to 20}
  component:
    score: {type: percent, decimals: 0}
    points: {type: count, range: 0 to 5, may_be: declined}
  visit:
    number: {type: identifier}
    cost: {type: money, range: "$1 to $10"}
"""
GATES = """\
gates:
  hospital:
    joined: {require: ok, otherwise: not_in_program}
    good: {require: fine, otherwise: pays_nothing}
  region:
    open: {require: local >= $0, otherwise: pays_nothingON}
"""

PROGRAMS: dict[str, str] = {
    "gathered across participants": """\
values:
  cohort:
    total: {formula: sum(base)}
    number_in: {formula: count(hospital)}
    mean_rate: {mean: rate, absent: {not_reported: ignore, declined: zero}}
    spread: {standard_deviation: cases, definition: sample, round: 4 half_even}
    all_fine: {all: fine, if_none: yes}
  region:
    size: {formula: count(hospital)}
    mean_base: {formula: sum(base) / count(hospital)}
    best: {max: score}
    share_of_all: {only_if: total > $0, otherwise: excluded, formula: sum(base) / total, type: percent}
    desks: {formula: sum(staff) + count(desk)}
  state:
    regions: {formula: count(region)}
    hospitals: {formula: count(hospital)}
    means: {mean: mean_base}
  component_pool:
    members: {formula: count(component)}
    mean_score: {mean: score}
    mean_points: {mean: points, absent: ignore}
  cell:
    here: {formula: sum(score) / count(component)}
  hospital:
    above: {formula: mean_base}
    far: {needs: mean_base, formula: base - mean_base}
    neighbours: {needs: size, formula: size - 1}
    in_state: {formula: hospitals}
    own: {formula: sum(score)}
  component:
    compared: {formula: score - mean_score}
    relative: {only_if: mean_score > 0%, otherwise: excluded, formula: score / mean_score, type: percent}
    in_cell: {formula: here}
  visit:
    dear: {needs: mean_base, formula: cost > mean_base}
""",
    "standings": """\
values:
  hospital:
    place: {rank: rate, within: cohort, better: higher, ties: competition}
    dense: {rank: rate, within: region, better: lower, ties: dense, absent: zero}
    share: {percentile_rank: cases, within: cohort, better: higher, definition: inclusive, ties: share}
    middle: {percentile_rank: rate, within: region, better: higher, definition: midpoint, ties: share}
    outside: {percentile_rank: cases, within: cohort, better: lower, definition: exclusive, ties: share}
    z: {z_score: cases, within: cohort, definition: sample, round: 4 half_even}
    zp: {needs: rate, z_score: rate, within: region, definition: population, at_most: 2, round: 2 half_up}
    first: {top: 30%, within: cohort, order: [cases], ties: all_in, round: 0 up}
    second: {top: 2, within: region, order: [rate, cases], ties: hospital, absent: last}
  component:
    own_place: {rank: score, within: hospital, better: higher, ties: competition}
    own_z: {z_score: score, within: hospital, definition: population, round: 3 half_even}
    pool_place: {rank: points, within: component_pool, better: higher, ties: competition}
    cell_z: {z_score: score, within: cell, better: lower, definition: sample, round: 6 half_even}
  visit:
    visit_place: {rank: cost, within: cohort, better: lower, ties: competition}
  region:
    region_place: {rank: mean_cases, within: cohort, better: higher, ties: dense}
    mean_cases: {mean: cases}
  cohort:
    best_place: {min: place, absent: ignore}
    tops: {formula: count(hospital where first)}
""",
    "pools": """\
values:
  cohort:
    pool: {formula: cap of sum(base), round: 2 down}
    unearned: {formula: pool - sum(present earned), at_least: $0}
    left: {formula: pool - sum(earned) - sum(bonus)}
  region:
    regional_pool: {formula: cap of sum(base) + $1, round: 2 down}
    hers: {formula: sum(cases)}
  hospital:
    own: {formula: cap of base, round: 2 down}
  component_pool:
    own_pool: {formula: money / 3, round: 2 down}
payments:
  hospital:
    earned: {needs: rate, formula: cap of rate of base, round: 2 down, absent: pays_nothing}
    bonus: {allocate: unearned, in_proportion_to: cases, at_most: free of base, remainder: largest, ties: hospital, if_none: not_paid}
    paid: {formula: earned + bonus}
    regional: {needs: area, allocate: regional_pool, in_proportion_to: base, at_most: base + $0.10, at_least: $0.10, remainder: largest, ties: hospital, if_none: not_paid, absent: pays_nothing}
    mixed: {needs: regional_pool, formula: "min(earned, regional_pool)", absent: pays_nothing}
  component:
    part: {allocate: own_pool, in_proportion_to: score, remainder: largest, ties: hospital, if_none: not_paid}
    small: {allocate: own, in_proportion_to: score, remainder: largest, ties: component, if_none: not_paid}
  region:
    to_region: {allocate: money, in_proportion_to: hers, remainder: largest, ties: region, if_none: not_paid}
""",
}
TRUE: dict[str, tuple[str, ...]] = {
    "gathered across participants": (
        "sum(base) >= $0",
        "size >= 1",
        "members >= 1",
        "sum(score) <= 200%",
        "total <= $100 * number_in",
        "sum(base where ok) <= sum(base)",
    ),
    "standings": ("place is missing or place >= 1", "share is missing or share <= 1", "sum(present place) >= 0"),
    "pools": (
        "bonus <= unearned",
        "bonus <= free of base",
        "sum(bonus) <= unearned",
        "sum(present bonus) <= unearned",
        "sum(earned) <= cap of sum(base)",
        "sum(earned) <= pool",
        "sum(paid) <= pool",
        "sum(earned) + sum(bonus) <= pool",
        "left >= $0",
        "sum(paid) <= cap of sum(base)",
        "sum(earned) <= sum(paid)",
        "sum(regional) <= regional_pool",
        "sum(regional) <= sum(regional_pool)",
        "sum(to_region) <= money",
        "sum(small) <= own",
        "sum(part) <= own_pool",
        "mixed <= earned",
    ),
}


def _sections(name: str) -> str:
    values, payments, rest = PROGRAMS[name].partition("payments:\n")
    gates = GATES.replace("ON", ", on: [regional]" if rest else "")
    return GIVEN + values + gates + payments + rest


def _population(program: Program, rng: random.Random) -> Population:
    layouts = make_layouts(program)
    drawn: Rows = rows_of(program, layouts[program.participant], rng)
    names = sorted(rng.sample([f"h{n}" for n in range(10, 40)], rng.randint(0, 7)))
    people = tuple((name, *drawn._row(layouts[program.participant], broken=False)[1:]) for name in names)
    groups: dict[str, tuple[Row, ...]] = {}
    for name, layout in layouts.items():
        level = program.levels[name]
        if level.kind == "groups" and len(layout.fields) > len(level.by):
            options = [program.slots[ref].type.options for ref in level.by]
            groups[name] = tuple(
                (*key, *drawn._row(layout, broken=False)[len(level.by) :]) for key in product(*options)
            )
    cohort = drawn._row(layouts["cohort"], broken=False)
    assert all(isinstance(field, Field) for field in layouts["cohort"].fields)
    return Population(cohort, people, tuple(range(1, len(people) + 1)), groups)


def _results(program: Program, seed: int) -> list[OracleCohortTrace]:
    rng = random.Random(seed)  # noqa: S311 - the same seed gives the same data
    found = []
    for _ in range(COHORTS):
        try:
            found.append(evaluate_cohort(program, make_layouts(program), _population(program, rng)))
        except EvaluationError as error:
            assert "at least is more than the pool" in error.message  # noqa: PT017 - nothing else may stop one
    return found


def _values(result: OracleCohortTrace) -> Iterator[tuple[Ref, Datum, str | None]]:
    program = result.whole.program
    for (level, path), instance in result.whole.instances.items():
        member = path[-1] if program.levels[level].kind == "members" else None
        for name, value in instance.values.items():
            ref = Ref(level, name)
            if program.slots[ref].kind in ("value", "payment"):
                yield ref, value, member if isinstance(member, str) else None


def _is_kept(guarantee: Guarantee, result: OracleCohortTrace) -> bool:
    for instance in instances_of(result.whole, guarantee.level):
        try:
            if not holds(guarantee.condition, instance):
                return False
        except AbsentRead:  # what reads an absent value says nothing
            continue
    return True


def _proven(estimator: Estimator, sections: str, promises: list[str]) -> Iterator[Guarantee]:
    findings = Findings()
    tree = read_text(
        f"{HEADER}{sections}guarantees:\n{''.join(f'  - {one}{chr(10)}' for one in promises)}", "r", findings
    )
    document = read_document(tree, findings) if tree is not None else None
    assert document is not None
    assert not findings.errors, findings.errors
    program = resolve(document, findings)
    check_absence(program, findings)
    unguarded = {finding.span.line for finding in findings.errors}
    for guarantee in program.guarantees:
        said = Findings()
        if guarantee.span.line not in unguarded:
            prove_guarantees(replace(estimator, program=replace(program, guarantees=(guarantee,))), said)
            if not said.errors:
                yield guarantee


def _sums(program: Program, seen: dict[Ref, list[Fraction]], rng: random.Random) -> Iterator[str]:
    """Yield promises about sums across participants."""
    names = [ref for ref in seen if program.slots[ref].type.is_numeric and ref.level in ("hospital", "component")]
    for _ in range(PROMISES if names else 0):
        ref = rng.choice(names)
        alike = [one for one in names if one.level == ref.level and program.slots[one].type == program.slots[ref].type]
        other = rng.choice(alike)
        factor = rng.choice(("", "2 * ", "cap * ", "free * ")) if program.slots[ref].type.kind == "money" else ""
        where = rng.choice(("", "", " where ok", " where cases > 3")) if ref.level == "hospital" else ""
        bound = written(rng.choice(seen[ref]) * 2, program.slots[ref].type)
        yield f"sum(present {ref.name}{where}) {rng.choice(('<=', '>='))} {factor}sum(present {other.name}{where})"
        yield f"sum(present {ref.name}{where}) {rng.choice(('<=', '>='))} {bound}"


@pytest.fixture(scope="module")
def tally() -> Iterator[Counter[str]]:
    """Count what was seen, and see to it that the tests below are not empty."""
    seen: Counter[str] = Counter()
    yield seen
    if seen["runs"] == len(SEEDS) * len(PROGRAMS):
        assert seen["results"] > 150
        assert seen["proven"] > 40
        assert seen["not proven"] > 200


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_inferred_holds_of_every_cohort(name: str, seed: int, tally: Counter[str]) -> None:
    sections = _sections(name)
    estimator = accepted(sections)
    program = estimator.program
    results = _results(program, seed)
    tally["runs"] += 1
    tally["results"] += len(results)
    seen: dict[Ref, list[Fraction]] = defaultdict(list)
    broken = []
    for result in results:
        for ref, value, member in _values(result):
            if isinstance(value, Absent):
                if value.reason not in estimator.presence.possible_reasons(ref) and not (
                    value.reason == NOT_IN_PROGRAM and estimator.is_for_members(ref)
                ):
                    broken.append(f"{ref} is {value}")
            elif isinstance(value, Fraction):
                seen[ref].append(value)
                if value not in estimator.ranges[ref, member]:
                    broken.append(f"{ref} is {value}, not in {estimator.ranges[ref, member]}")
    assert broken == []

    rng = random.Random(seed)  # noqa: S311 - as above
    promises = [*Promises(program, seen, rng).draw(PROMISES), *_sums(program, seen, rng)]
    proven = list(_proven(estimator, sections, promises))
    tally["proven"] += len(proven)
    tally["not proven"] += len(promises) - len(proven)
    untrue = [one.text for one in proven if not all(_is_kept(one, result) for result in results)]
    assert untrue == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_easily_seen_is_proven(name: str) -> None:
    sections = _sections(name)
    proven = [one.text for one in _proven(accepted(sections), sections, list(TRUE[name]))]
    assert proven == list(TRUE[name])
