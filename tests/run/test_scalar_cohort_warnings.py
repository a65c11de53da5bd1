"""What a cohort's result is shown with, worked out without the oracle: the same words in the same order."""

from __future__ import annotations

from itertools import product

import pytest

from tests.run.cohort_populations import make_population, shuffled
from tests.run.cohort_sameness import assert_same_cohort
from tests.run.test_scalar_cohort import population_of, program_of
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Population, make_layouts
from vbc_rules.resolve.program import Program
from vbc_rules.run.oracle import evaluate_cohort
from vbc_rules.run.scalar import CohortEngine, compile_cohort
from vbc_rules.run.scalar import cohort_trace as module


def refuse(*_arguments: object) -> None:
    raise AssertionError("the oracle is asked")


UNUSED = """
levels:
  late: {groups: hospital, by: size}
  system: {groups: hospital, by: system_id}
  region: {groups: system, by: region_id}
inputs:
  hospital:
    system_id: {type: identifier}
    beds: {type: count, range: 0 to 9}
  system:
    region_id: {type: identifier}
    bonus: {type: count, range: 0 to 9}
  region: {extra: {type: count, range: 0 to 9}}
  late: {more: {type: count, range: 0 to 9}}
values:
  hospital:
    size: {formula: "if beds > 4 then 'large' else 'small'", type: identifier}
    total: {formula: bonus + more + extra}
"""


def test_rows_that_nobody_needs_are_told_level_by_level_as_they_are_formed(monkeypatch: pytest.MonkeyPatch) -> None:
    program = program_of(UNUSED)
    population = population_of(
        ("a", "x", 9),
        groups={
            "late": (("large", 1), ("small", 2)),
            "system": (("x", "north", 1), ("y", "north", 2), ("z", "south", 3)),
            "region": (("north", 1), ("south", 2)),
        },
    )
    expected = evaluate_cohort(program, make_layouts(program), population).warnings
    monkeypatch.setattr(module, "evaluate_cohort", refuse)
    engine = compile_cohort(program, make_layouts(program))
    assert engine.compute(population).warnings == expected
    assert expected == tuple(
        f"{count} of the rows given for `{level}` are of groups that no participant in the program is in"
        for count, level in ((2, "system"), (1, "region"), (1, "late"))
    )


CARRIED = """
parameters:
  rate:
    type: count
    dated: [{from: 2022-01-01, is: 3, illustrative: yes}]
    stated_through: 2022-12-31
    after: carry_with_warning
  limit:
    type: count
    dated: [{from: 2022-01-01, is: 2, illustrative: yes}]
    stated_through: 2022-12-31
    after: carry_with_warning
  moving:
    type: count
    dated: [{from: 2023-01-01, is: 7, illustrative: yes}]
    stated_through: 2024-06-30
    after: carry_with_warning
levels:
  system: {groups: hospital, by: system_id}
inputs:
  hospital:
    system_id: {type: identifier}
    beds: {type: count, range: 0 to 9, may_be: unknown}
    opened: {type: date, range: 2023-01-01 to 2025-12-31}
  system: {bonus: {type: count, range: 0 to 9}}
"""

READING = {
    "a value": "values: {hospital: {due: {formula: bonus * rate}}}",
    "one side of `or`": "values: {hospital: {due: {formula: bonus > 5 or bonus < limit}}}",
    "after what is needed": "values: {hospital: {due: {needs: beds, formula: beds * rate, at_most: moving on opened}}}",
    "on a date": "values: {hospital: {due: {formula: moving on opened}, fee: {formula: bonus + rate}}}",
    "branches": "values: {hospital: {due: {formula: if bonus > 5 then rate else if bonus > 2 then limit else 0}}}",
    "cases": "values: {hospital: {due: {choose: [{when: bonus > moving on opened, is: limit}, {otherwise: rate}]}}}",
    "the group": "values: {system: {due: {formula: bonus * limit}}, hospital: {fee: {formula: due + rate}}}",
    "the cohort": "values: {cohort: {due: {formula: limit + sum(bonus)}}, hospital: {fee: {formula: due + rate}}}",
    "gates": "gates: {hospital: {old: {require: beds is missing or moving on opened > 8, otherwise: not_in_program}}}",
    "payments behind gates": """
gates: {hospital: {old: {require: bonus > rate, otherwise: pays_nothing}}}
payments: {hospital: {paid: {formula: "$1 * limit"}}}
""",
}

BY_THE_ORACLE = {
    "an aggregate": "values: {cohort: {due: {formula: count(hospital where moving on opened > 3)}}}",
    "a guarantee": """values: {hospital: {due: {formula: bonus}}}
guarantees: [rate > 2]""",
    "what is expected": """
expected: {hospital: [beds < 9 or limit > 1]}
values: {hospital: {due: {formula: bonus}}}
""",
}


def carrying(text: str) -> Program:
    return program_of(CARRIED + text)


@pytest.mark.parametrize("name", list(READING))
def test_a_number_that_is_carried_is_told_where_it_is_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = carrying(READING[name])
    layouts = make_layouts(program)
    engine = compile_cohort(program, layouts)
    assert engine.is_noted
    expected = []
    populations = [population for seed in range(8) for population in made(program, engine, seed)]
    for population in populations:
        assert_same_cohort(program, layouts, population, engine)
        expected.append(evaluate_cohort(program, layouts, population).warnings)
    assert len(set(expected)) > 1
    monkeypatch.setattr(module, "evaluate_cohort", refuse)
    assert [engine.compute(population).warnings for population in populations] == expected


def made(program: Program, engine: CohortEngine, seed: int) -> list[Population]:
    population = make_population(program, engine.layouts, (0, 1, 2, 7)[seed % 4], seed)
    return [population, shuffled(population, seed)]


@pytest.mark.parametrize("name", list(BY_THE_ORACLE))
def test_where_it_is_not_sure_that_it_is_read_the_oracle_tells(name: str) -> None:
    program = carrying(BY_THE_ORACLE[name])
    layouts = make_layouts(program)
    engine = compile_cohort(program, layouts)
    assert not engine.is_noted
    for beds, bonus in product((0, 9, Absent("unknown")), (0, 9)):
        population = population_of(("a", "x", beds, 738_900), groups={"system": (("x", bonus), ("y", 1))})
        assert engine.compute(population).warnings == evaluate_cohort(program, layouts, population).warnings


def test_a_number_that_is_stated_all_the_time_is_never_told() -> None:
    program = carrying("values: {hospital: {due: {formula: moving}}}\nguarantees: [moving = 7]")
    assert compile_cohort(program, make_layouts(program)).is_noted
