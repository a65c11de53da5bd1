"""Groups and whole cohorts: what may be absent, and what is known of ranges."""

# ruff: noqa: E501 - a finding stands on one line, as it is said

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.check.reading import check_sections
from tests.resolve.files import accepted, checked
from vbc_rules.check.scales import Grids
from vbc_rules.check.show import span_of
from vbc_rules.resolve.expressions import Ref

GIVEN = """\
levels:
  component: {in: hospital, members: {cqi: {}, hie: {}}}
  region: {groups: hospital, by: area}
  state: {groups: region, by: kind}
  component_pool: {groups: component, by: component}
inputs:
  cohort:
    money: {type: money, range: "$0 to $1,000"}
  region:
    kind: {type: category, of: [big, small], may_be: not_reported}
  hospital:
    area: {type: category, of: [north, south], may_be: [unknown, excluded]}
    ok: {type: yes_no}
    base: {type: money, range: "$0 to $100"}
    rate: {type: percent, may_be: not_reported}
    cases: {type: count}
  component:
    score: {type: percent}
"""

CASES: dict[str, tuple[str, list[str]]] = {
    "what a group has is absent for whoever is in no group": (
        """\
values:
  region:
    mean_base: {formula: sum(base) / count(hospital)}
    middle: {mean: rate, absent: ignore}
  state:
    number_of: {formula: count(region)}
  hospital:
    a: {formula: base - mean_base}
    b: {needs: mean_base, formula: base - mean_base}
    c: {needs: area, formula: base - mean_base}
    d: {only_if: area is not missing, otherwise: excluded, formula: base - mean_base}
    e: {formula: mean_base}
    f: {needs: area, formula: number_of + 1}
    g: {needs: number_of, formula: number_of + mean_base / $1}
    h: {needs: area, formula: middle + 1%}
  component:
    i: {formula: mean_base + $1}
    j: {needs: area, formula: mean_base + $1}
  cohort:
    k: {formula: sum(base where base > mean_base)}
    l: {formula: sum(base where area is not missing and base > mean_base)}
    m: {formula: count(region where number_of > 1)}
""",
        [
            "VBC501 26:25 `mean_base` may be absent here (unknown, excluded) | write `needs: mean_base` first, or ask `mean_base is missing` before it is read",
            "VBC501 31:31 `number_of` may be absent here (not_reported) | write `needs: [area, number_of]`",
            "VBC501 33:31 `middle` may be absent here (none_present) | write `needs: [area, middle]`",
            "VBC501 35:18 `mean_base` may be absent here (unknown, excluded) | write `needs: mean_base` first, or ask `mean_base is missing` before it is read",
            "VBC501 38:40 `mean_base` may be absent here (unknown, excluded) | ask first: write `where mean_base is not missing and ..`",
            "VBC501 40:37 `number_of` may be absent here (not_reported) | ask first: write `where number_of is not missing and ..`",
        ],
    ),
    "a level of groups by a member's own name is always above": (
        """\
values:
  component_pool:
    best: {max: score}
    number: {formula: count(component)}
    mine: {by_member: {cqi: best, hie: best / 2}, illustrative: yes}
  component:
    far: {formula: best - score}
    share: {formula: score / number}
""",
        [],
    ),
    "groups are never over nothing, the cohort may be": (
        """\
values:
  region:
    a: {max: base}
    b: {formula: min(base) + $1}
    c: {formula: max(base where ok)}
    d: {all: ok}
    e: {variance: cases, definition: sample}
  cohort:
    g: {max: base}
    h: {formula: min(base) + $1}
    i: {any: ok}
    j: {formula: max(score)}
    k: {needs: g, formula: g + $1}
""",
        [
            "VBC503 23:18 `max` may be over nothing here | name it as a value of its own, `{max: ..}`, which is absent over nothing",
            "VBC503 28:18 `min` may be over nothing here | name it as a value of its own, `{min: ..}`, which is absent over nothing",
            "VBC503 29:9 `any` may be over no members at all | write `if_none: yes` or `if_none: no`",
            "VBC503 30:18 `max` may be over nothing here | name it as a value of its own, `{max: ..}`, which is absent over nothing",
        ],
    ),
    "only those in the program are gathered": (
        """\
values:
  cohort:
    a: {formula: sum(paid)}
    b: {mean: rate, absent: ignore}
  region:
    c: {formula: sum(paid)}
    e: {formula: count(hospital where paid is not missing)}
  hospital:
    d: {formula: paid + $1}
    f: {needs: area, formula: paid + c}
gates:
  hospital:
    joined: {require: ok, otherwise: not_in_program}
payments:
  hospital:
    paid: {formula: base}
""",
        [
            "VBC501 27:18 `paid` may be absent here (not_in_program) | write `needs: paid` first, or ask `paid is missing` before it is read",
        ],
    ),
    "facts about one participant are not facts about the others": (
        """\
values:
  hospital:
    a: {needs: rate, rank: rate, within: cohort, better: higher, ties: dense}
    b: {rank: rate, within: cohort, better: higher, ties: dense}
    c: {formula: a + b}
    d: {rank: rate, within: cohort, better: higher, ties: dense, absent: zero}
    e: {formula: d + 1}
    f: {rank: cases, within: cohort, better: higher, ties: dense, absent: zero}
    g: {needs: area, rank: cases, within: region, better: higher, ties: dense}
    h: {rank: cases, within: region, better: higher, ties: dense}
    i: {needs: area, formula: h + 1}
    j: {percentile_rank: cases, within: cohort, better: higher, definition: inclusive, ties: share}
    k: {percentile_rank: cases, within: cohort, better: higher, definition: midpoint, ties: share}
    l: {z_score: cases, within: cohort, definition: sample, round: 2 down}
    m: {z_score: cases, within: cohort, definition: population, round: 2 down}
    n: {formula: "round(j, 2, down) + round(k, 2, down) + l + m + 0 * d"}
    o: {top: 3, within: cohort, order: [rate], ties: hospital}
    p: {top: 3, within: region, order: [cases], ties: hospital}
    q: {formula: if p then 1 else 0}
    r: {rank: rate, within: cohort, better: higher, ties: dense, absent: {declined: zero}}
""",
        [
            "VBC501 23:18 `a` may be absent here (not_reported) | write `needs: a` first, or ask `a is missing` before it is read",
            "VBC501 23:22 `b` may be absent here (not_reported) | write `needs: b` first, or ask `b is missing` before it is read",
            "VBC506 26:75 what `rank` compares is never absent, so `absent` says nothing | leave out `absent`",
            "VBC501 34:25 `j` may be absent here (too_few_present) | write `needs: j` first, or ask `j is missing` before it is read",
            "VBC501 34:59 `l` may be absent here (too_few_present, no_variation) | write `needs: l` first, or ask `l is missing` before it is read",
            "VBC501 34:63 `m` may be absent here (no_variation) | write `needs: m` first, or ask `m is missing` before it is read",
            "VBC504 35:5 what `top` orders by may be absent (not_reported) | say what happens then: write `absent: last` or `out`",
            "VBC501 37:21 `p` may be absent here (unknown, excluded) | write `needs: p` first, or ask `p is missing` before it is read",
            "VBC505 38:74 `absent` does not say what happens for `not_reported` | name every reason: `not_reported`",
            "VBC506 38:75 what `rank` compares is never absent for `declined` | the reasons are `not_reported`",
        ],
    ),
    "a pool is there, and what it is shared by": (
        """\
values:
  cohort:
    pool: {max: base}
    sure: {choose: [{when: pool is missing, is: $0}, {otherwise: pool}]}
  region:
    local: {formula: sum(base)}
    odd: {mean: rate, absent: ignore}
    perhaps: {only_if: odd is not missing, otherwise: excluded, formula: sum(base)}
payments:
  hospital:
    a: {allocate: pool, in_proportion_to: cases, remainder: largest, ties: hospital, if_none: not_paid}
    b: {allocate: sure, in_proportion_to: rate, remainder: largest, ties: hospital, if_none: not_paid}
    c: {needs: rate, allocate: sure, in_proportion_to: rate, remainder: largest, ties: hospital, if_none: not_paid, absent: pays_nothing}
    d: {allocate: local, in_proportion_to: cases, remainder: largest, ties: hospital, if_none: not_paid}
    e: {allocate: local, in_proportion_to: cases, remainder: largest, ties: hospital, if_none: not_paid, absent: pays_nothing}
    f: {allocate: perhaps, in_proportion_to: cases, remainder: largest, ties: hospital, if_none: not_paid, absent: pays_nothing}
    g: {allocate: sure, in_proportion_to: cases, at_most: d, remainder: largest, ties: region, if_none: not_paid}
    h: {needs: perhaps, allocate: perhaps, in_proportion_to: cases, remainder: largest, ties: hospital, if_none: not_paid, absent: pays_nothing}
    i: {only_if: pool is not missing, otherwise: excluded, allocate: pool, in_proportion_to: cases, remainder: largest, ties: hospital, if_none: not_paid, absent: pays_nothing}
""",
        [
            "VBC501 29:19 the pool `pool` may be absent (none_present) | write `needs: pool` first, or let it say what is shared then, as in `choose: [{when: .. is missing, is: $0}, ..]`",
            "VBC501 30:43 `rate` may be absent here (not_reported) | write `needs: rate` first, or ask `rate is missing` before it is read",
            "VBC507 32:5 the payment `d` may be absent (unknown, excluded) | write `absent: pays_nothing`, or say what is paid then",
            "VBC501 34:19 the pool `perhaps` may be absent (excluded) | write `needs: perhaps` first, or let it say what is shared then, as in `choose: [{when: .. is missing, is: $0}, ..]`",
            "VBC501 35:5 `region`, by which ties are settled, may be absent (unknown, excluded) | settle ties by a name that is always there",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_may_be_absent(case: str) -> None:
    sections, findings = CASES[case]
    assert checked(GIVEN + sections)[1] == findings


RANGES = """\
parameters:
  few: {type: money, range: "$1 to $5", is: required}
levels:
  component: {in: hospital, members: {cqi: {}, hie: {}}}
  visit: {in: hospital, list: yes, at_most: 3}
  region: {groups: hospital, by: area}
  pool: {groups: component, by: component}
inputs:
  cohort:
    money: {type: money, range: "$0 to $1,000"}
    statewide: {type: percent}
  hospital:
    area: {type: identifier}
    base: {type: money, range: "$2 to $100"}
    change: {type: number, decimals: 1, range: -3 to 4}
  component:
    points: {type: count, range: 1 to 5}
  visit:
    cost: {type: money, range: "$1 to $10"}
values:
"""


@pytest.mark.parametrize(
    ("level", "shape", "range_"),
    [
        ("cohort", "formula: sum(base)", "$0 or more"),
        ("cohort", "formula: count(hospital)", "0 or more"),
        ("cohort", "formula: sum(change)", "any number"),
        ("cohort", "mean: change", "-3 to 4"),
        ("cohort", "formula: count(region)", "0 or more"),
        ("region", "formula: sum(base)", "$2 or more"),
        ("region", "formula: count(hospital)", "1 or more"),
        ("region", "count: hospital", "1 or more"),
        ("region", "count: hospital, where: base > $5", "0 or more"),
        ("region", "formula: count(component)", "2 or more"),
        ("region", "formula: count(visit)", "0 or more"),
        ("region", "formula: sum(base) / count(hospital)", "more than $0"),
        ("pool", "formula: count(component)", "1 or more"),
        ("pool", "formula: sum(points)", "0 or more"),
        ("pool", "mean: points", "1 to 5"),
        ("hospital", "rank: base, within: cohort, better: higher, ties: dense", "1 or more"),
        ("component", "rank: points, within: hospital, better: higher, ties: competition", "1 to 2"),
        ("component", "rank: points, within: pool, better: higher, ties: competition", "1 or more"),
        (
            "hospital",
            "percentile_rank: base, within: cohort, better: higher, definition: inclusive, ties: share",
            "0 to 1",
        ),
        (
            "hospital",
            "percentile_rank: base, within: region, better: higher, definition: midpoint, ties: share",
            "more than 0 to less than 1",
        ),
        ("hospital", "z_score: base, within: cohort, definition: sample, round: 4 half_even", "any number"),
        (
            "hospital",
            "z_score: base, within: cohort, definition: sample, at_least: -2, at_most: 2, round: 4 half_even",
            "-2 to 2",
        ),
        ("component", "z_score: points, within: hospital, definition: population, round: 4 half_even", "-2 to 2"),
        (
            "hospital",
            "allocate: money, in_proportion_to: base, remainder: largest, ties: hospital, if_none: not_paid",
            "$0 to $1,000",
        ),
        (
            "hospital",
            "allocate: money, in_proportion_to: base, at_most: 2 * base, at_least: few, remainder: largest, ties: hospital, if_none: not_paid",
            "$1 to $200",
        ),
    ],
)
def test_the_range_across_participants(level: str, shape: str, range_: str) -> None:
    estimator = accepted(f"{RANGES}  {level}:\n    v: {{{shape}}}\n")
    ref = Ref(level, "v")
    found = {
        str(span_of(one, estimator.program.slots[ref].type)) for (of, _), one in estimator.ranges.items() if of == ref
    }
    assert found == {range_}


def test_a_share_is_in_whole_cents_and_a_rank_is_whole() -> None:
    """So neither needs `round` where it is handed over."""
    estimator = accepted(
        RANGES
        + """\
  hospital:
    place: {rank: base, within: cohort, better: higher, ties: dense}
    part: {allocate: money, in_proportion_to: base, remainder: largest, ties: hospital, if_none: not_paid}
    z: {z_score: base, within: cohort, definition: sample, round: 3 half_even}
    share: {percentile_rank: base, within: cohort, better: higher, definition: inclusive, ties: share}
"""
    )
    grids = Grids(estimator.program)
    assert [grids.of_name(Ref("hospital", name)) for name in ("place", "part", "z", "share")] == [
        1,
        Fraction(1, 100),
        Fraction(1, 1000),
        None,
    ]


def test_a_quotient_summed_over_participants_has_an_end() -> None:
    """A thousand participants are reckoned with; what is squared over and over is refused."""
    ratio = "  hospital:\n    a: {formula: change / (points_in + 1)}\n    points_in: {formula: sum(points)}\n"
    accepted(RANGES + ratio + "  cohort:\n    b: {formula: sum(a)}\n")
    said = checked(RANGES + ratio + "  cohort:\n    b: {formula: sum(a)}\n    c: {formula: b * b * b * b * b}\n")[1]
    assert [one[:8] for one in said] == ["VBC806 2"]


def test_what_is_expected_of_groups_holds_for_their_members() -> None:
    """National bands stand on a level that gathers one measure over all hospitals; tiers by them run in order."""
    bands = """\
levels:
  measure: {in: hospital, parameters: {better: direction}, source: guide, members: {a1c: {better: higher}}}
  national: {groups: measure, by: measure}
inputs:
  measure:
    rate: {type: percent}
  national:
    p50: {type: percent}
    p90: {type: percent}
EXPECTED
values:
  measure:
    points: {tiers: rate, steps: [{reaches: p90, is: 5}, {reaches: p50, is: 3}, {otherwise: 0}], source: guide}
"""
    expected = "expected:\n  national:\n    - p50 <= p90\n"
    assert "VBC702" not in check_sections(bands.replace("EXPECTED\n", expected)).codes
    assert "VBC702" in check_sections(bands.replace("EXPECTED\n", "")).codes


def test_asking_why_nothing_is_known_of_a_group_asks_for_the_reasons_of_its_key() -> None:
    sections = (
        GIVEN + "values:\n  region:\n    n: {formula: count(hospital)}\n  hospital:\n    x: {formula: n is REASON}\n"
    )
    assert "VBC709" not in check_sections(sections.replace("REASON", "unknown")).codes
    assert "VBC709" in check_sections(sections.replace("REASON", "declined")).codes
