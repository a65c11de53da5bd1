"""The scalar engine over whole cohorts finds what the oracle finds: every construct, on populations made at random.

The engine's own computation is asked, which never turns to the oracle: a program or a population that it leaves to the
oracle fails here.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.run.cohort_populations import make_population, shuffled
from tests.run.cohort_sameness import assert_same_cohort
from vbc_rules.errors import EvaluationError, InputError
from vbc_rules.language.absence import Absent
from vbc_rules.language.reading import read_document
from vbc_rules.plan.layout import Population, make_layouts
from vbc_rules.plan.stages import Forming, Gathering, RootStage, Settling, make_stages
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program
from vbc_rules.resolve.resolver import resolve
from vbc_rules.run.oracle import OracleCohortTrace
from vbc_rules.run.scalar import CohortEngine, ScalarCohortTrace, compile_cohort
from vbc_rules.run.scalar.writing import Refused
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

HEADER = """\
program: test/cohort
edition: '2024'
language: 1
title: A cohort
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
"""


def program_of(text: str) -> Program:
    """Return a resolved program; what checkers would say of it does not matter here."""
    findings = Findings()
    tree = read_text(HEADER + text, "rules.yaml", findings)
    document = None if tree is None else read_document(tree, findings)
    assert document is not None, findings.errors
    program = resolve(document, findings)
    assert not findings.errors, findings.errors
    return program


PROGRAMS: dict[str, str] = {}

PROGRAMS["no level of groups, nothing across: one stage of participants"] = """
parameters:
  rate: {type: percent, decimals: 2, range: 0% to 100%, is: required}
inputs:
  cohort:
    factor: {type: number, decimals: 2, range: 1 to 2}
  hospital:
    amount: {type: money, range: "$0 to $1,000"}
values:
  cohort:
    doubled: {formula: 2 * factor}
  hospital:
    due: {formula: rate of amount * doubled, round: 2 half_even}
"""
PROGRAMS["every aggregate over the cohort, of quotients, dates and yes/no"] = """
inputs:
  hospital:
    met: {type: count, range: 0 to 7}
    eligible: {type: count, range: 1 to 9, may_be: below_minimum}
    opened: {type: date, range: 2000-01-01 to 2001-01-01, may_be: [unknown, secret]}
    good: {type: yes_no}
values:
  hospital:
    rate: {needs: eligible, formula: met / eligible}
  cohort:
    total: {sum: rate, absent: ignore}
    zero: {mean: rate, absent: zero}
    whole: {mean: rate, absent: absent}
    by_reason: {max: opened, absent: {unknown: ignore, secret: absent}}
    earliest: {min: opened, absent: ignore, needs_at_least: 2}
    weighted: {weighted_mean: rate, by: met * 2, where: good, absent: redistribute}
    spread: {variance: rate, definition: sample, absent: ignore}
    deviation: {standard_deviation: rate, definition: population, absent: ignore}
    six: {quantile: rate, at: 75%, definition: hyndman_fan_6, absent: ignore}
    seven: {quantile: rate, at: 10%, definition: hyndman_fan_7, absent: ignore}
    nearest: {quantile: rate, at: 33%, definition: nearest_rank, absent: ignore}
    two_good: {at_least_of: needed, of: good, if_none: no}
    needed: {formula: count(hospital) / 2, round: 0 up, type: count}
    largest: {only_if: count(present rate) > 0, otherwise: nobody, formula: max(present rate) - min(present rate)}
    above_mean:
      only_if: count(present rate) > 0
      otherwise: nobody
      formula: count(hospital where rate is not missing and rate > mean(present rate))
    any_good: {any: good, if_none: no}
    all_good: {formula: "if count(hospital) = 0 then no else all(good)"}
"""
PROGRAMS["groups of groups, of members and of items; inputs on groups and on levels in them"] = """
levels:
  component:
    in: hospital
    parameters: {weight: percent}
    members: {cqi: {weight: 40%}, hie: {weight: 60%}}
  case: {in: hospital, list: yes, key: number, at_most: 5}
  component_pool: {groups: component, by: component}
  drg_pool: {groups: case, by: drg}
  practice: {groups: hospital, by: [practice_id, is_large]}
  organization: {groups: practice, by: organization_id}
  measure:
    in: organization
    parameters: {better: direction}
    members: {first: {better: higher}, second: {better: lower}}
  visit: {in: organization, list: yes, at_most: 3}
inputs:
  hospital:
    practice_id: {type: identifier, may_be: independent}
    size: {type: count, range: 0 to 20}
  component:
    score: {type: percent, decimals: 1, range: 0% to 100%, may_be: not_reported}
  case:
    number: {type: count, range: 0 to 1000000}
    drg: {type: category, of: [x, y, z], may_be: unknown}
    cost: {type: money, range: "$0 to $100"}
  practice:
    organization_id: {type: identifier}
  organization:
    bonus: {type: money, range: "$0 to $100"}
  measure:
    result: {type: number, decimals: 2, range: 0 to 10}
  visit:
    points: {type: points, decimals: 0, range: 0 to 5}
values:
  hospital:
    is_large: {formula: size >= 10}
    of_organization: {needs: bonus, formula: bonus / (1 + doctors)}
    best_measure: {formula: organization.best}
    in_practice: {formula: practice_size is not missing}
  component:
    difference: {needs: [score, mean_score], formula: score - mean_score}
    standing: {rank: score, within: component_pool, better: higher, ties: dense}
  component_pool:
    mean_score: {mean: score, absent: ignore}
    kind: {by_member: {cqi: 1, hie: weight_seen * 2}}
    weight_seen: {max: weight}
  case:
    share: {needs: drg_total, only_if: drg_total > $0, otherwise: free, formula: cost / drg_total, type: percent}
    place: {rank: cost, within: drg_pool, better: lower, ties: competition}
  drg_pool:
    drg_total: {sum: cost}
  practice:
    practice_size: {formula: count(hospital)}
    of_visits: {formula: visits_here}
  organization:
    doctors: {formula: count(hospital)}
    practices: {formula: count(practice)}
    best: {max: better_result}
    visits_here: {sum: points}
    all_cases: {formula: sum(cost)}
  measure:
    better_result: {formula: "gain(result, 5)"}
    above_other: {formula: "count(practice where practice_size > result)"}
    place: {rank: result, within: organization, better: higher, ties: competition}
  cohort:
    organizations: {formula: count(organization)}
    best_of_all: {max: best}
    costly: {formula: sum(cost where case.place is not missing and case.place = 1)}
"""
PROGRAMS["gates of groups and of the cohort on payments; out of the program"] = """
parameters:
  limit: {type: count, is: 4}
levels:
  system: {groups: hospital, by: system_id}
  part: {in: hospital, parameters: {weight: percent}, members: {one: {weight: 30%}, two: {weight: 70%}}}
  part_pool: {groups: part, by: part}
inputs:
  cohort:
    open: {type: yes_no}
    money_given: {type: money, range: "$0 to $10,000"}
  system:
    signed: {type: yes_no}
  hospital:
    system_id: {type: identifier, may_be: independent}
    peer: {type: count, range: 1 to 5}
    amount: {type: money, range: "$0 to $100"}
    ok: {type: yes_no}
  part:
    score: {type: percent, decimals: 1, range: 0% to 100%}
values:
  hospital:
    own: {formula: "if amount > $50 then 2 else 1"}
    among: {rank: amount, within: system, better: higher, ties: competition}
    next: {needs: among, formula: among + own}
    reads_pool: {formula: pool}
  part:
    basis: {formula: weight of score}
    in_pool: {formula: score - pool_mean}
  part_pool:
    pool_mean: {mean: score}
  cohort:
    pool: {formula: money_given, round: 2 down}
    paid: {formula: sum(present payment)}
    rest: {formula: pool - sum(present share), at_least: $0}
    of_parts: {formula: sum(present part_share where weight > 50%)}
gates:
  hospital:
    in_program: {require: peer <= limit, otherwise: not_in_program}
    kept: {require: ok, otherwise: pays_nothing, on: [share, payment]}
  system:
    system_signed: {require: signed, otherwise: pays_nothing, on: [share]}
  cohort:
    is_open: {require: open, otherwise: pays_nothing, on: [payment]}
payments:
  hospital:
    share:
      allocate: pool
      in_proportion_to: amount * own
      at_most: amount
      remainder: largest
      ties: hospital
      if_none: not_paid
    payment: {formula: share + $1}
  part:
    part_share: {allocate: rest, in_proportion_to: basis, remainder: largest, ties: hospital, if_none: not_paid}
"""
PROGRAMS["pools in a row, with floors and caps, groups' pools, and instalments that add up"] = """
levels:
  system: {groups: hospital, by: system_id}
  instalment: {in: hospital, members: {january: {}, july: {}}}
  round_of_payment: {groups: instalment, by: instalment}
inputs:
  system:
    budget: {type: money, range: "$0 to $500"}
  hospital:
    system_id: {type: identifier}
    points: {type: number, decimals: 1, range: 0 to 10, may_be: not_reported}
    promised: {type: money, range: "$0 to $10"}
values:
  hospital:
    basis: {choose: [{when: points is missing, is: 0}, {otherwise: points / 3}]}
  cohort:
    pool: {formula: sum(promised) * 2, round: 2 up}
    second: {formula: pool - sum(first_share)}
  round_of_payment:
    of_round: {formula: sum(part)}
    pot: {formula: of_round / 2, round: 2 down}
payments:
  hospital:
    of_system: {allocate: budget, in_proportion_to: basis, remainder: largest, ties: hospital, if_none: not_paid}
    first_share:
      only_if: points is not missing
      otherwise: none
      allocate: pool
      in_proportion_to: basis
      at_most: 3 * promised
      at_least: promised / 3
      remainder: largest
      ties: hospital
      if_none: not_paid
      absent: pays_nothing
    second_share: {allocate: second, in_proportion_to: promised, remainder: largest, ties: hospital, if_none: not_paid}
  instalment:
    part:
      allocate: first_share
      in_proportion_to: if instalment = january then 1 else 2
      remainder: largest
      ties: instalment
      if_none: not_paid
    reward: {allocate: pot, in_proportion_to: part, remainder: largest, ties: hospital, if_none: not_paid}
"""
PROGRAMS["standings within groups, within the cohort, within one participant; absences and both directions"] = """
levels:
  measure:
    in: hospital
    parameters: {better: direction}
    members: {a: {better: higher}, b: {better: lower}, c: {better: higher}}
  case: {in: hospital, list: yes, key: number, at_most: 5}
  peers: {groups: hospital, by: kind}
  measure_pool: {groups: measure, by: measure}
inputs:
  hospital:
    kind: {type: category, of: [urban, rural]}
    x: {type: number, decimals: 1, range: -5 to 5, may_be: [declined, excluded]}
    ready: {type: yes_no}
  measure:
    met: {type: count, range: 0 to 9}
    eligible: {type: count, range: 1 to 9}
  case:
    number: {type: count, range: 0 to 1000000}
    cost: {type: money, range: "$0 to $10"}
values:
  measure:
    rate: {formula: met / eligible}
    z: {z_score: rate, within: measure_pool, better: higher, definition: sample, round: 4 half_up}
    zp: {z_score: rate, within: measure_pool, better: lower, definition: population, round: 0 floor}
    own: {rank: rate, within: measure_pool, ties: competition}
    here: {rank: rate, within: hospital, better: higher, ties: dense}
    here_z: {z_score: rate, within: hospital, definition: population, round: 2 half_even}
    here_p: {percentile_rank: rate, within: hospital, better: lower, definition: midpoint, ties: share}
    first: {top: 2, within: hospital, order: [rate], ties: measure}
  case:
    costly: {rank: cost, within: hospital, better: higher, ties: competition}
    everywhere: {percentile_rank: cost, within: cohort, better: higher, definition: exclusive, ties: share}
    dear: {top: 50%, within: cohort, order: [cost > $5, cost], ties: all_in, round: 0 up}
  hospital:
    place:
      only_if: ready
      otherwise: not_ready
      rank: x
      within: peers
      better: higher
      ties: competition
      absent: {declined: zero, excluded: absent}
    place_down: {rank: x, within: cohort, better: lower, ties: dense, absent: absent}
    inclusive: {percentile_rank: x, within: cohort, better: higher, definition: inclusive, ties: share, absent: absent}
    exclusive: {percentile_rank: x, within: peers, better: lower, definition: exclusive, ties: share, absent: zero}
    midpoint: {percentile_rank: x, within: cohort, better: lower, definition: midpoint, ties: share, absent: absent}
    z: {z_score: x, within: cohort, definition: sample, absent: absent, at_least: -1, at_most: 1, round: 3 half_even}
    z_up: {z_score: x, within: peers, better: lower, definition: population, absent: absent, round: 1 up}
    z_down: {z_score: x, within: peers, definition: population, absent: absent, round: to 0.3 down}
    best: {top: 2, within: peers, order: [ready, x], ties: hospital, absent: {declined: last, excluded: out}}
    best_share: {needs: x, top: 40%, within: cohort, order: [x * x], ties: all_in, round: 0 half_up}
    best_own: {needs: ready, top: limit, within: cohort, order: [x], ties: hospital, absent: last}
    limit: {formula: "if kind = urban then 3 else 1"}
  cohort:
    tops: {formula: count(hospital where best_own)}
"""
PROGRAMS["levels in the cohort, gathered by participants, and gathering with a condition on both"] = """
parameters:
  factor: {type: number, decimals: 2, range: 1 to 3, is: required}
  price:
    type: money
    dated: [{from: 2020-01-01, through: 2024-06-30, is: $5}]
    stated_through: 2024-06-30
    after: carry_with_warning
levels:
  region: {in: cohort, parameters: {rate: percent}, members: {east: {rate: 10%}, west: {rate: 25%}}}
  event: {in: cohort, list: yes, key: number, at_most: 5}
inputs:
  region:
    people: {type: count, range: 0 to 100}
  event:
    number: {type: count, range: 0 to 1000000}
    on_day: {type: date, range: 2024-01-01 to 2024-12-31}
    cost: {type: money, range: "$0 to $9"}
  hospital:
    area: {type: category, of: [east, west]}
    amount: {type: money, range: "$0 to $100"}
    day: {type: date, range: 2024-01-01 to 2024-12-31}
values:
  region:
    here: {formula: "sum(amount where area = 'east' and people > 50)"}
    hospitals: {count: hospital, where: amount > cost_of_all * 2}
    per_head: {formula: people * rate}
    spread: {rank: people, within: cohort, better: higher, ties: competition}
    weighted: {weighted_mean: amount, by: people * factor, absent: redistribute}
  event:
    before: {formula: count(hospital where day <= on_day)}
    shares: {rank: cost, within: cohort, better: lower, ties: dense}
  hospital:
    own_events: {formula: sum(cost where on_day >= day)}
    own_region: {formula: sum(per_head where people > 10)}
    priced: {formula: price on day * 2}
    mean_cost: {mean: cost, where: on_day >= day}
  cohort:
    cost_of_all: {formula: sum(cost)}
    heads: {formula: sum(per_head)}
    before_all: {max: before}
"""
PROGRAMS["conditional inputs and lists, keys that are absent, groups by numbers and dates"] = """
levels:
  case: {in: hospital, list: yes, key: code, at_most: 4}
  line: {in: case, list: yes, at_most: 3}
  band: {groups: hospital, by: ratio}
  year_group: {groups: case, by: [discharged, kind]}
  kind_group: {groups: hospital, by: extra}
inputs:
  hospital:
    a: {type: count, range: 0 to 4}
    b: {type: count, range: 1 to 4}
    has_extra: {type: yes_no}
    extra: {type: category, of: [p, q], only_if: has_extra, otherwise: not_asked}
  case:
    code: {type: count, range: 0 to 1000000}
    discharged: {type: date, range: 2024-01-01 to 2024-01-03, may_be: unknown}
    kind: {type: yes_no}
  line:
    charge: {type: money, range: "$0 to $100", may_be: not_reported}
expected:
  hospital: [a <= 4]
  cohort: [count(hospital) <= 1000]
values:
  hospital:
    ratio: {formula: a / b}
    in_band: {formula: band_size}
    band_name: {formula: band * 2}
    charges: {formula: sum(present charge)}
    extra_size: {formula: extra_count}
  line:
    of_year:
      needs: [charge, year_charges]
      only_if: year_charges > $0
      otherwise: nothing
      formula: charge / year_charges
    above: {formula: year_charges is missing}
  case:
    charged: {sum: charge, absent: ignore}
    place: {rank: charged, within: year_group, better: higher, ties: competition}
    part: {top: 1, within: year_group, order: [charged], ties: code}
  band:
    band_size: {formula: count(hospital)}
    band_charges: {formula: sum(present charge)}
    band_places: {max: place, absent: ignore}
  year_group:
    year_charges: {formula: sum(charged)}
    lines: {formula: count(line where charge is not missing and charge > $50)}
  kind_group:
    extra_count: {formula: count(hospital)}
  cohort:
    bands: {formula: count(band)}
    largest_band: {max: band_size}
    charges_of_all: {formula: sum(present charge)}
    best: {formula: count(case where part is not missing and part)}
"""


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_every_slot_of_every_instance_is_the_oracles(name: str) -> None:
    program = program_of(PROGRAMS[name])
    layouts = make_layouts(program)
    engine = compile_cohort(program, layouts)
    computed = 0
    for seed in range(18):
        population = make_population(program, layouts, (0, 1, 2, 3, 7, 12)[seed % 6], seed)
        trace = assert_same_cohort(program, layouts, population, engine)
        assert_same_cohort(program, layouts, shuffled(population, seed), engine)
        computed += trace is not None
    assert computed >= 12


# --- stages


def stages_of(text: str) -> list[str]:
    """Return the stages of a program, one word each; of a root's stage its name, `*` for members only."""
    found: list[str] = []
    for stage in make_stages(program_of(text)).stages:
        match stage:
            case RootStage():
                found.append(stage.root + ("*" if stage.only_members else ""))
            case Gathering():
                found.append(f"gather {stage.function}")
            case Settling():
                found.append(f"settle {type(stage.shape).__name__.removesuffix('Shape').lower()}")
            case Forming():
                found.append(f"form {stage.level}")
    return found


def test_what_needs_no_cohort_takes_one_stage_of_participants() -> None:
    (name,) = [name for name in PROGRAMS if name.startswith("no level of groups")]
    assert stages_of(PROGRAMS[name]) == ["cohort", "hospital"]


POOL = """
inputs:
  hospital:
    peer: {type: count, range: 1 to 5}
    amount: {type: money, range: "$0 to $1,000"}
    points: {type: count, range: 0 to 9}
values:
  hospital:
    due: {formula: amount / 2, round: 2 down}
  cohort:
    pool: {formula: sum(amount) / 3, round: 2 down}
    rest: {formula: pool - sum(present share)}
gates:
  hospital:
    in_program: {require: peer <= 4, otherwise: not_in_program}
payments:
  hospital:
    share:
      allocate: pool
      in_proportion_to: points + 1
      at_most: due
      remainder: largest
      ties: hospital
      if_none: not_paid
    paid: {formula: share + due}
"""


def test_participants_have_a_stage_before_a_pool_and_one_after_it() -> None:
    assert stages_of(POOL) == [
        "cohort",
        "hospital",
        "gather sum",
        "cohort",
        "hospital*",
        "settle allocate",
        "hospital*",
        "gather sum",
        "cohort",
    ]


# --- results, by hand


def population_of(*rows: tuple[object, ...], groups: dict[str, tuple[object, ...]] | None = None) -> Population:
    """Return a population of rows as the layout has them."""
    return Population((), rows, tuple(range(1, len(rows) + 1)), groups or {})  # type: ignore[arg-type]


def test_a_pool_by_hand() -> None:
    program = program_of(POOL)
    trace = assert_same_cohort(
        program,
        make_layouts(program),
        population_of(("a", 1, 10_00, 0), ("b", 5, 99_00, 9), ("c", 4, 20_00, 3), ("d", 2, 1_00, 9)),
    )
    assert trace is not None
    # $31.00 / 3 is $10.33: d may have $0.50 at most, a and c share $9.83 by 1 to 4, as $1.966 and $7.864.
    shares = [trace.value(Ref("hospital", "share"), (number,)) for number in range(4)]
    assert shares == [Fraction("1.97"), Absent("not_in_program"), Fraction("7.86"), Fraction("0.5")]
    assert trace.value(Ref("cohort", "pool"), ()) == Fraction("10.33")
    assert trace.value(Ref("cohort", "rest"), ()) == 0
    assert trace.gathered("hospital", "cohort", ()) == ((0,), (2,), (3,))
    assert trace.count("hospital", ()) == 4


def test_an_empty_cohort_and_one_participant() -> None:
    program = program_of(POOL)
    layouts = make_layouts(program)
    empty = assert_same_cohort(program, layouts, population_of())
    assert empty is not None
    assert empty.value(Ref("cohort", "rest"), ()) == 0
    one = assert_same_cohort(program, layouts, population_of(("a", 1, 10_00, 0)))
    assert one is not None
    assert one.value(Ref("hospital", "share"), (0,)) == Fraction("3.33")


def test_nothing_is_found_where_there_is_nothing() -> None:
    program = program_of(POOL)
    trace = compile_cohort(program, make_layouts(program)).compute(population_of(("a", 1, 10_00, 0)))
    for ref, path in (
        (Ref("hospital", "share"), ()),
        (Ref("hospital", "share"), (1,)),
        (Ref("hospital", "share"), (-1,)),
        (Ref("hospital", "none"), (0,)),
        (Ref("hospital", "share"), (0, "x")),
        (Ref("cohort", "pool"), (0,)),
    ):
        with pytest.raises(KeyError):
            trace.value(ref, path)


GROUPS = """
levels:
  system: {groups: hospital, by: system_id}
inputs:
  hospital:
    system_id: {type: identifier, may_be: independent}
    amount: {type: money, range: "$0 to $1,000"}
  system:
    bonus: {type: money, range: "$0 to $1,000"}
values:
  system:
    total: {formula: sum(amount) + bonus}
  hospital:
    share: {needs: total, only_if: total > $0, otherwise: none, formula: amount / total, type: percent}
"""


def test_groups_stand_in_the_order_of_their_keys_and_rows_nobody_needs_are_told() -> None:
    program = program_of(GROUPS)
    population = population_of(
        ("a", "south", 10_00),
        ("b", "north", 30_00),
        ("c", Absent("independent"), 5_00),
        groups={"system": (("south", 10_00), ("west", 1_00), ("north", 0))},
    )
    trace = assert_same_cohort(program, make_layouts(program), population)
    assert trace is not None
    assert [trace.value(Ref("system", "system"), (number,)) for number in range(2)] == ["north", "south"]
    assert trace.group_of("system", (0,)) == (1,)
    assert trace.group_of("system", (2,)) is Absent("independent")
    assert trace.value(Ref("hospital", "share"), (0,)) == Fraction(1, 2)
    assert trace.value(Ref("hospital", "share"), (2,)) is Absent("independent")
    assert trace.gathered("hospital", "system", (1,)) == ((0,),)
    assert trace.warnings == (
        "1 of the rows given for `system` are of groups that no participant in the program is in",
    )


def test_a_group_without_its_row_is_the_oracles_to_tell() -> None:
    program = program_of(GROUPS)
    engine = compile_cohort(program, make_layouts(program))
    with pytest.raises(InputError) as error:
        engine.evaluate(population_of(("a", "south", 10_00)))
    assert error.value.problems[0].row == 1


def test_what_cannot_be_computed_is_the_oracles_to_tell() -> None:
    program = program_of(POOL.replace("if_none: not_paid", "if_none: error").replace("points + 1", "points"))
    engine = compile_cohort(program, make_layouts(program))
    with pytest.raises(EvaluationError):
        engine.evaluate(population_of(("a", 1, 10_00, 0)))


def test_a_trace_tells_which_engine_computed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    program = program_of("""
inputs: {hospital: {y: {type: yes_no}}}
values: {cohort: {all_y: {all: y, if_none: yes}}}
""")
    engine = compile_cohort(program, make_layouts(program))
    assert isinstance(engine.evaluate(population_of(("a", True))), ScalarCohortTrace)

    def refuse(_engine: CohortEngine, _population: Population) -> ScalarCohortTrace:
        raise Refused

    monkeypatch.setattr(CohortEngine, "compute", refuse)
    assert isinstance(engine.evaluate(population_of(("a", True))), OracleCohortTrace)


def test_the_generated_functions_can_be_read() -> None:
    program = program_of(POOL)
    engine = compile_cohort(program, make_layouts(program))
    assert all(source.startswith("def stage(row") for source in engine.sources.values())
