"""Cohorts with many levels: groups of components, by several names, of groups; members and items of the cohort."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.testing.programs import RULES as ALONE
from vbc_rules.api.cohort import CohortResult
from vbc_rules.api.program import Program
from vbc_rules.errors import InputError, UsageError
from vbc_rules.language.absence import Absent
from vbc_rules.testing import run_tests

RULES = """\
program: acme/many
edition: 2024
language: 1
title: Many levels
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
currency: USD

levels:
  component:
    in: hospital
    members:
      cqi: {title: CQI}
      hie: {title: HIE}
  stay: {in: component, list: yes, key: number, at_most: 5, title: Stay}
  region:
    in: cohort
    members:
      north: {title: North}
      south: {title: South}
  event: {in: cohort, list: yes, key: name, at_most: 5, title: Event}
  system: {groups: hospital, by: system_id}
  component_pool: {groups: component, by: component}
  label_pool: {groups: component, by: [label, component]}
  state: {groups: system, by: state_id}

inputs:
  cohort:
    fund: {type: money, range: "$0 to $1,000,000"}
  region:
    visits: {type: count, range: 0 to 10}
  event:
    name: {type: identifier}
    cost: {type: money, range: "$0 to $1,000"}
  hospital:
    system_id: {type: identifier, may_be: not_reported}
    label: {type: category, of: [urban, rural]}
  component:
    points: {type: count, range: 0 to 100, may_be: excluded}
  stay:
    number: {type: identifier}
    days: {type: count, range: 0 to 100}
  system:
    state_id: {type: identifier, may_be: not_applicable}
  label_pool:
    amount: {type: money, range: "$0 to $1,000,000"}
  state:
    factor: {type: percent, range: 0% to 100%}

values:
  component:
    days_all: {sum: days}
    weight: {needs: points, formula: points + 1}
    z: {z_score: weight, within: label_pool, better: higher, definition: population, round: 2 half_even}
  component_pool:
    points_all: {sum: points, absent: zero}
  label_pool:
    members_of: {count: component}
  system:
    n: {count: hospital}
  state:
    systems: {count: system}
    hospitals: {sum: n}
  cohort:
    all_visits: {sum: visits}
    costs: {sum: cost}

payments:
  component:
    share:
      needs: weight
      allocate: amount
      in_proportion_to: weight
      remainder: largest
      ties: hospital
      if_none: not_paid
      absent: pays_nothing
"""

TESTS = """\
program: acme/many@2024
tests:
  - name: All
    because: x
    cohort:
      fund: $1
      region: {north: {visits: 1}, south: {visits: 2}}
      event: [{name: a, cost: $3}, {name: b, cost: $4}]
    groups:
      system: {s1: {state_id: mi}, s2: {state_id: mi}, s3: {state_id: not_applicable}}
      state: {mi: {factor: 5%}}
      label_pool:
        - {label: urban, component: cqi, amount: $100}
        - {label: urban, component: hie, amount: $50}
        - {label: rural, component: cqi, amount: $10}
        - {label: rural, component: hie, amount: $0}
    given: {system_id: s1, label: urban, component: {cqi: {points: 9, stay: []}, hie: {points: 0, stay: []}}}
    participants:
      A: {}
      B: {system_id: s2, component: {cqi: {points: 29, stay: [{number: '1', days: 4}]}}}
      C: {system_id: s3, label: rural, component: {cqi: {points: excluded}}}
      D: {system_id: not_reported}
    expect:
      participants:
        A: {n: 1, component: {cqi: {share: $20, z: -0.71}, hie: {share: $16.67}}, systems: 2, costs: $7}
        B: {n: 1, component: {cqi: {share: $60, days_all: 4}}, hospitals: 2}
        C: {n: 1, systems: not_applicable, component: {cqi: {share: $0, z: excluded}}}
        D: {n: not_reported, systems: not_reported}
      groups:
        system: {s1: {n: 1, systems: 2}, s3: {systems: not_applicable}}
        state: {mi: {systems: 2, hospitals: 2, factor: 5%}}
        component_pool: {cqi: {points_all: 47}, hie: {points_all: 0}}
        label_pool:
          - {label: urban, component: cqi, members_of: 3}
          - {label: rural, component: cqi, members_of: 1, amount: $10}
      cohort: {all_visits: 3, costs: $7, region: {south: {visits: 2}}, event: [{cost: $3}, {name: b}]}
"""


def hospital(identifier: str, system: object, label: str = "urban", points: object = 9) -> dict[str, object]:
    component = {"cqi": {"points": points, "stay": []}, "hie": {"points": 0, "stay": []}}
    return {"hospital": identifier, "system_id": system, "label": label, "component": component}


ROWS = (
    hospital("A", "s1"),
    hospital("B", "s2", points=29),
    hospital("C", "s3", "rural", Absent("excluded")),
    hospital("D", Absent("not_reported")),
)
COHORT = {
    "fund": 1,
    "region": {"north": {"visits": 1}, "south": {"visits": 2}},
    "event": [{"name": "a", "cost": 3}, {"name": "b", "cost": 4}],
}
AMOUNTS = (("urban", "cqi", 100), ("urban", "hie", 50), ("rural", "cqi", 10), ("rural", "hie", 0))
GROUPS = {
    "system": (
        {"system_id": "s1", "state_id": "mi"},
        {"system_id": "s2", "state_id": "mi"},
        {"system_id": "s3", "state_id": Absent("not_applicable")},
    ),
    "state": ({"state_id": "mi", "factor": "5%"},),
    "label_pool": tuple({"label": label, "component": one, "amount": amount} for label, one, amount in AMOUNTS),
}


def load(folder: Path, rules: str, **parameters: object) -> Program:
    path = folder / "2024.yaml"
    path.write_text(rules, encoding="utf-8")
    return Program(path.read_bytes(), str(path), parameters=parameters)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> CohortResult:
    program = load(tmp_path_factory.mktemp("many"), RULES)
    return program.evaluate_cohort(ROWS, cohort=COHORT, groups=GROUPS)


def test_groups_by_several_names_go_by_a_tuple(cohort: CohortResult) -> None:
    groups = cohort.groups("label_pool")
    assert list(groups) == [("rural", "cqi"), ("rural", "hie"), ("urban", "cqi"), ("urban", "hie")]
    assert groups["urban", "cqi"]["members_of"] == 3
    assert groups["urban", "cqi"].members == ("A", "B", "D")


def test_groups_of_groups(cohort: CohortResult) -> None:
    assert cohort.groups("state")["mi"]["hospitals"] == 2
    assert cohort.groups("state")["mi"].members == ("A", "B")
    assert cohort.groups("system")["s1"]["systems"] == 2
    assert cohort.groups("system")["s3"]["systems"] is Absent("not_applicable")
    assert cohort["A"]["systems"] == 2
    assert cohort["C"]["systems"] is Absent("not_applicable")
    assert cohort["D"]["systems"] is Absent("not_reported")


def test_what_a_component_sees_of_its_groups(cohort: CohortResult) -> None:
    component: Any = cohort["A"]["component"]
    one = component["cqi"]
    assert (one["points_all"], one["amount"], one["share"]) == (47, 100, 20)
    assert one["label_pool"]["members_of"] == 3
    assert one["z"] == Decimal("-0.71")


def test_members_and_items_of_the_cohort(cohort: CohortResult) -> None:
    assert cohort.value("visits", "south") == 2
    assert cohort.value("cost", 1) == 4
    events: Any = cohort.values["event"]
    assert events[1]["name"] == "b"
    assert cohort.value("costs") == 7


def test_a_pool_for_each_group(cohort: CohortResult) -> None:
    found: Any = [(pool.key, pool.pool, pool.paid, pool.not_placed, pool.taking_part) for pool in cohort.pools]
    assert found == [
        (("rural", "cqi"), 10, 0, 10, 0),
        (("rural", "hie"), 0, 0, 0, 1),
        (("urban", "cqi"), 100, 100, 0, 3),
        (("urban", "hie"), 50, 50, 0, 3),
    ]
    assert cohort.totals() == {"component.share": 150}
    assert list(cohort.to_rows()[0]) == ["hospital", "component.cqi.share", "component.hie.share"]


@pytest.mark.parametrize(
    ("name", "instance", "message"),
    [
        ("visits", (), "say which region: one of north, south"),
        ("visits", ("nort",), "say which region: write `north`"),
        ("cost", (7,), "there is no such instance of `event`"),
        ("cost", (), "say which event: give 1 of event, items by number"),
    ],
)
def test_which_member_of_the_cohort(
    cohort: CohortResult, name: str, instance: tuple[str | int, ...], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        cohort.value(name, *instance)
    assert caught.value.message == message


def test_rule_tests_of_all_levels(tmp_path: Path) -> None:
    load(tmp_path, RULES)
    path = tmp_path / "2024.tests.yaml"
    path.write_text(TESTS, encoding="utf-8")
    (verdict,) = run_tests(path)
    assert verdict.passed, str(verdict)


# --- programs that need no cohort, and those that need one only for what is given


def reward(identifier: str) -> dict[str, object]:
    measure = {"screening": {"met": 1, "eligible": 3}, "follow_up": {"met": Absent("not_reported"), "eligible": 3}}
    stay = [{"number": "1", "days": 31}]
    return {"hospital": identifier, "payments": "1234.56", "signed": True, "measure": measure, "stay": stay}


def test_a_program_that_needs_no_cohort_gives_the_same_either_way(tmp_path: Path) -> None:
    program = load(tmp_path, ALONE, share="10%")
    assert not program.needs_cohort
    cohort = program.evaluate_cohort([reward("B"), reward("A")], cohort={"trend": "2%"})
    alone = program.evaluate(reward("A"), cohort={"trend": "2%"})
    assert cohort["A"].to_dict() == alone.to_dict()
    assert cohort.totals() == {"reward": Decimal("246.90")}
    assert cohort.pools == ()
    assert cohort.value("has_trend") is True


CHARGED = """\
program: acme/c
edition: 2024
language: 1
title: Cohort members
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
levels:
  region: {in: cohort, members: {north: {}, south: {}}}
inputs:
  region:
    visits: {type: count, range: 0 to 10}
  hospital:
    a: {type: count, range: 0 to 10}
values:
  cohort:
    all_visits: {sum: visits}
  hospital:
    b: {formula: a + all_visits}
"""


def test_inputs_of_what_lies_in_the_cohort_have_no_place_beside_one_participant(tmp_path: Path) -> None:
    program = load(tmp_path, CHARGED)
    assert program.needs_cohort
    top = {"region": {"north": {"visits": 1}, "south": {"visits": 2}}}
    assert program.evaluate_cohort([{"hospital": "A", "a": 1}], cohort=top)["A"]["b"] == 4
    with pytest.raises(UsageError, match=r"`region\.visits` is known only for a whole cohort"):
        program.evaluate({"hospital": "A", "a": 1}, cohort=top)


# --- groups by a computed quantity

BANDS = """\
program: acme/bands
edition: 2024
language: 1
title: Bands
participant: practice
in_force: {from: 2024-01-01, through: 2024-12-31}
currency: USD
levels:
  band: {groups: practice, by: size}
inputs:
  practice:
    beds: {type: count, range: 0 to 10000}
  band:
    bonus: {type: money, range: "$0 to $1,000"}
values:
  practice:
    size: {formula: "round(beds / 100, 1, half_up)", illustrative: yes}
    got: {formula: bonus}
"""


@pytest.mark.parametrize("engine", ["scalar", "oracle"])
def test_groups_may_go_by_a_computed_quantity_with_decimals(
    tmp_path: Path, engine: Literal["scalar", "oracle"]
) -> None:
    bands = load(tmp_path, BANDS)
    rows = [{"practice": "A", "beds": 50}, {"practice": "B", "beds": 120}, {"practice": "C", "beds": 200}]
    given: list[dict[str, object]] = [
        {"size": Decimal("0.5"), "bonus": "5"},
        {"size": "1.20", "bonus": 6},
        {"size": 2, "bonus": 7},
    ]
    cohort = bands.evaluate_cohort(rows, groups={"band": given}, engine=engine)
    assert [result["got"] for result in cohort] == [5, 6, 7]
    assert list(cohort.groups("band")) == [Decimal("0.5"), Decimal("1.2"), 2]
    assert repr(cohort.population) == "<Population: 3 participants, 3 rows of band>"
    with pytest.raises(InputError) as caught:
        bands.evaluate_cohort(rows, groups={"band": [{"size": "0." + "5" * 19, "bonus": "5"}]})
    assert str(caught.value) == ("row 1, band.size: has more decimals than declared; write at most 18 [VBC905]")
