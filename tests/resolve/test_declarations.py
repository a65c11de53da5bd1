"""Levels, members, values, gates, dated numbers and what this version does not run: what is said of each that is wrong."""

# ruff: noqa: E501 - a finding stands on one line, as it is said

from __future__ import annotations

import pytest

from tests.resolve.files import refused, resolved

CASES: dict[str, tuple[str, list[str]]] = {
    "a circle names its way round": (
        """\
values:
  hospital:
    a: {formula: b + 1}
    b: {formula: c + 1}
    c: {formula: a + 1}
""",
        [
            "VBC314 3:5 the values go round in a circle: `a` reads `b` reads `c` reads `a` | let one of them be computed without the others",
        ],
    ),
    "a value that reads itself": (
        """\
values:
  hospital:
    a: {formula: a + 1}
""",
        [
            "VBC314 3:5 the values go round in a circle: `a` reads `a` | let one of them be computed without the others",
        ],
    ),
    "two circles are two findings, and what reads them is none": (
        """\
values:
  hospital:
    a: {formula: b + 1}
    b: {formula: a + 1}
    c: {formula: d + 1}
    d: {formula: c + a}
    e: {formula: d}
""",
        [
            "VBC314 3:5 the values go round in a circle: `a` reads `b` reads `a` | let one of them be computed without the others",
            "VBC314 5:5 the values go round in a circle: `c` reads `d` reads `c` | let one of them be computed without the others",
        ],
    ),
    "`only_if` of an input reads no value": (
        """\
inputs:
  hospital:
    x: {type: count, only_if: v > 3, otherwise: not_applicable}
    y: {type: count}
values:
  hospital:
    v: {formula: y + 1}
""",
        [
            "VBC319 3:31 `only_if` of an input reads `v`, which is computed | read inputs and parameters only",
        ],
    ),
    "inputs that are expected only if each other are": (
        """\
inputs:
  hospital:
    x: {type: yes_no, only_if: y, otherwise: not_applicable}
    y: {type: yes_no, only_if: x, otherwise: not_applicable}
""",
        [
            "VBC314 3:5 the values go round in a circle: `x` reads `y` reads `x` | let one of them be computed without the others",
        ],
    ),
    "what is expected reads no value": (
        """\
inputs:
  hospital:
    y: {type: count}
expected:
  hospital:
    - v <= 10
values:
  hospital:
    v: {formula: y + 1}
""",
        [
            "VBC319 6:7 what is expected among inputs reads `v`, which is computed | read inputs and parameters only",
        ],
    ),
    "who is in the program is settled before anything is computed": (
        """\
inputs:
  hospital:
    y: {type: count}
values:
  hospital:
    v: {formula: y + 1}
gates:
  hospital:
    g: {require: v > 1, otherwise: not_in_program}
""",
        [
            "VBC317 9:18 a gate that decides on being in the program reads `v`, which is computed | read inputs and parameters only",
        ],
    ),
    "a gate on an unknown payment": (
        """\
inputs:
  hospital:
    ok: {type: yes_no}
    m: {type: money, range: "$0 to $5"}
gates:
  hospital:
    g: {require: ok, otherwise: pays_nothing, on: [bonsu]}
payments:
  hospital:
    bonus: {formula: m, round: 2 down}
""",
        [
            "VBC301 7:52 there is no payment `bonsu` on `hospital` or below | write `bonus`",
        ],
    ),
    "a gate pays in the unit of the payment": (
        """\
inputs:
  hospital:
    ok: {type: yes_no}
    m: {type: money, range: "$0 to $5"}
gates:
  hospital:
    g: {require: ok, pays: 100%}
payments:
  hospital:
    bonus: {formula: m, round: 2 down}
""",
        [
            "VBC403 7:28 `bonus` is an amount of money, the gate pays a percent | write it as an amount of money",
        ],
    ),
    "a gate pays a numeral": (
        """\
parameters:
  p: {type: money, is: $5, illustrative: yes}
inputs:
  hospital:
    ok: {type: yes_no}
    m: {type: money, range: "$0 to $5"}
values:
  hospital:
    w: {formula: m}
gates:
  hospital:
    g: {require: ok, pays: p}
    h: {require: ok, pays: w}
payments:
  hospital:
    bonus: {formula: m, round: 2 down}
""",
        [
            "VBC424 12:28 what a gate pays is one amount | write it as a numeral, as in `100%`",
            "VBC424 13:28 what a gate pays is one amount | write it as a numeral, as in `100%`",
        ],
    ),
    "a gate is not read": (
        """\
inputs:
  hospital:
    ok: {type: yes_no}
    m: {type: money, range: "$0 to $5"}
values:
  hospital:
    w: {formula: if g then m else $0}
    z: {formula: g is missing}
gates:
  hospital:
    g: {require: ok, otherwise: pays_nothing}
""",
        [
            "VBC304 7:21 `g` is a gate; gates act on payments and are not read | name the condition as a value and read that in both places",
            "VBC304 8:18 `g` is a gate; gates act on payments and are not read | name the condition as a value and read that in both places",
        ],
    ),
    "a dated number is read bare only where it does not change": (
        """\
parameters:
  rate: {type: percent, dated: [{from: 2020-01-01, through: 2024-06-30, is: 5%, illustrative: yes}, {from: 2024-07-01, is: 6%, illustrative: yes}], stated_through: 2025-12-31, after: error}
  same: {type: percent, dated: [{from: 2020-01-01, through: 2024-06-30, is: 5%, illustrative: yes}, {from: 2024-07-01, is: 5%, illustrative: yes}], stated_through: 2025-12-31, after: error}
  gone: {type: percent, dated: [{from: 2020-01-01, is: 5%, illustrative: yes}], stated_through: 2024-06-30, after: error}
  kept: {type: percent, dated: [{from: 2020-01-01, is: 5%, illustrative: yes}], stated_through: 2024-06-30, after: carry_with_warning}
  gap: {type: percent, dated: [{from: 2020-01-01, through: 2024-03-31, is: 5%, illustrative: yes}, {from: 2024-04-01, through: 2024-05-01, unstated: yes}, {from: 2024-05-02, is: 5%, illustrative: yes}], stated_through: 2024-12-31, after: error}
  late: {type: percent, dated: [{from: 2024-02-01, is: 5%, illustrative: yes}], stated_through: 2024-12-31, after: error}
inputs:
  hospital:
    day: {type: date}
values:
  hospital:
    a: {formula: rate}
    b: {formula: same}
    c: {formula: gone}
    d: {formula: kept}
    e: {formula: gap}
    f: {formula: late}
    g: {formula: rate on day}
    h: {formula: day on day}
""",
        [
            "VBC425 13:18 `rate` is not one number over all of `in_force` | say at which date: write `rate on` and a date",
            "VBC425 15:18 `gone` is not one number over all of `in_force` | say at which date: write `gone on` and a date",
            "VBC425 17:18 `gap` is not one number over all of `in_force` | say at which date: write `gap on` and a date",
            "VBC425 18:18 `late` is not one number over all of `in_force` | say at which date: write `late on` and a date",
            "VBC408 20:18 `on` reads a dated parameter | write `parameter on date`",
        ],
    ),
    "members and their cells": (
        """\
levels:
  domain: {in: hospital, parameters: {w: percent}, members: {safety: {w: 40%}, cost: {w: 60}}}
  measure: {in: domain, parameters: {kind: {type: category, of: [a, b]}}, members: {falls: {in: saftey, kind: a}, mort: {kind: c}}}
""",
        [
            "VBC416 2:90 a percent is wanted here | write `60%`",
            "VBC312 3:97 there is no domain `saftey` | write `safety`",
            "VBC311 3:115 `mort` does not say which domain it lies in | write `in` first, one of `safety`, `cost`",
            "VBC305 3:128 `c` is not one of `a`, `b` | write one of `a`, `b`",
        ],
    ),
    "levels that hang nowhere": (
        """\
levels:
  domain: {in: hospital, members: {safety: {in: x}, cost: {}}}
  other: {in: nowhere, members: {safety: {}}}
  round1: {in: round2, members: {a: {}}}
  round2: {in: round1, members: {a: {}}}
  visit: {in: hospital, list: yes}
  cohort: {in: hospital, members: {a: {}}}
""",
        [
            "VBC312 2:49 `hospital` has no listed members to lie in | leave out `in`",
            "VBC309 3:15 there is no level `nowhere` | name the participant or a declared level",
            "VBC308 4:16 the levels go round in a circle at `round1` | name a level that lies above",
            "VBC308 5:16 the levels go round in a circle at `round2` | name a level that lies above",
            "VBC419 6:3 the list `visit` does not say how long it may be | write `at_most`",
            "VBC307 7:3 the level `cohort` always exists | give this level another name",
        ],
    ),
    "one name for one thing": (
        """\
parameters:
  a: {type: count, is: 5, illustrative: yes}
inputs:
  hospital:
    a: {type: count}
    b: {type: count}
    hospital: {type: count}
values:
  hospital:
    b: {formula: 1}
""",
        [
            "VBC315 5:5 `a` is named twice | give one of them another name",
            "VBC315 7:5 `hospital` is named twice | give one of them another name",
            "VBC315 10:5 `b` is named twice | give one of them another name",
        ],
    ),
    "two levels above with one name": (
        """\
levels:
  domain: {in: hospital, parameters: {w: percent}, members: {safety: {w: 40%}, cost: {w: 60%}}}
  measure: {in: domain, parameters: {w: percent}, members: {falls: {in: safety, w: 100%}}}
inputs:
  hospital:
    x: {type: percent}
  domain:
    x: {type: percent}
values:
  measure:
    v: {formula: w + x}
    u: {formula: hospital.x + domain.x + measure.w + domain.w}
  domain:
    s: {formula: sum(w)}
    t: {formula: sum(v where w > 5%)}
  hospital:
    s2: {formula: sum(w)}
    s3: {formula: sum(domain.w)}
    s4: {formula: sum(measure.w where measure.w > domain.w)}
""",
        [
            "VBC302 11:22 `x` may mean more than one thing here | write `domain.x` or `hospital.x`",
            "VBC302 15:30 `w` may mean more than one thing here | write `measure.w` or `domain.w`",
            "VBC302 17:23 `w` may mean more than one thing below | write `domain.w` or `measure.w`",
        ],
    ),
    "every member is named": (
        """\
levels:
  domain: {in: hospital, members: {safety: {}, cost: {}}}
values:
  domain:
    a: {by_member: {safety: 1, costs: 2}}
    b: {by_member: {safety: 1}}
    c: {by_member: {safety: 1, cost: 5%}}
  hospital:
    d: {by_member: {safety: 1}}
""",
        [
            "VBC312 5:32 there is no domain `costs` | write `cost`",
            "VBC313 6:9 `by_member` leaves out `cost` | name every member",
            "VBC407 7:29 one case gives a count, the others give a percent | write `1%`",
            "VBC313 9:9 `hospital` has no listed members | write a formula or another shape",
        ],
    ),
    "what a value gives and what it says it is": (
        """\
inputs:
  hospital:
    m: {type: money, range: "$0 to $5"}
    n: {type: money, range: "$1 to $5"}
    k: {type: category, of: [a, b]}
    y: {type: yes_no}
values:
  hospital:
    a: {formula: m / n}
    b: {formula: m / n, type: percent}
    c: {formula: m / n, type: money}
    d: {formula: m, type: percent}
    e: {choose: [{when: y, is: m}, {otherwise: 5}]}
    f: {formula: m, at_most: 5%}
    g: {formula: y, round: 0 down}
    h: {formula: k}
    i: {choose: [{when: y, is: m / n, round: 2 down}, {otherwise: 5%}]}
    j: {formula: y, at_least: 0}
    l: {formula: m + a}
    o: {formula: b + 5%}
""",
        [
            "VBC423 11:18 `c` gives a ratio, and says it is an amount of money | bring the formula or the `type` to the other",
            "VBC423 12:18 `d` gives an amount of money, and says it is a percent | bring the formula or the `type` to the other",
            "VBC407 13:48 one case gives a count, the others give an amount of money | write `$5`",
            "VBC403 14:30 an amount of money is held within a percent | write the bound as an amount of money",
            "VBC415 15:28 `round` takes a quantity; here stands a yes/no | leave out `round`",
            "VBC426 17:46 a quotient is rounded before it is known to be a percent, whose digits count differently | write `type: percent`",
            "VBC403 18:31 a yes/no is held within a count | write the bound as a yes/no",
            "VBC401 19:20 an amount of money is added to a number | both sides must have the same unit: bring them to one",
        ],
    ),
    "what compares members says within what, how many and which direction": (
        """\
levels:
  visit: {in: hospital, list: yes, key: name, at_most: 5}
inputs:
  visit:
    name: {type: identifier}
    cost: {type: money, range: "$0 to $5"}
  hospital:
    rate: {type: percent}
values:
  visit:
    a: {top: 3, within: hospital, order: [cost], ties: name}
    b: {top: 3, within: hospitals, order: [cost], ties: name}
    c: {top: 3, within: cohort, order: [cost], ties: name}
    d: {rank: cost, within: hospital, better: lower, ties: competition}
    e: {top: cost, within: hospital, order: [cost], ties: name}
  hospital:
    f: {top: 3, within: cohort, order: [rate], ties: hospital}
    g: {percentile_rank: rate, within: cohort, definition: inclusive, ties: share}
    h: {z_score: rate, within: cohort, definition: sample, round: 6 half_even}
    i: {sum: cost, where: a, absent: ignore}
    j: {mean: cost, absent: ignore}
  cohort:
    k: {formula: sum(rate)}
    l: {mean: rate, absent: ignore}
""",
        [
            "VBC309 12:25 `hospitals` is not a level above `visit` | write `hospital`",
            "VBC415 15:9 `top` takes a count or a percent | write `top: 10` or `top: 30%`",
            "VBC412 18:9 `percentile_rank` needs to know which direction is better | write `better: higher` or `better: lower`",
        ],
    ),
    "a percent of members comes to whole members by a rounding": (
        """\
parameters:
  part: {type: percent, is: required}
inputs:
  hospital:
    rate: {type: percent}
values:
  hospital:
    a: {top: 10%, within: cohort, order: [rate], ties: hospital}
    b: {top: part, within: cohort, order: [rate], ties: all_in}
    c: {top: 10%, within: cohort, order: [rate], ties: hospital, round: 1 up}
    d: {top: 10%, within: cohort, order: [rate], ties: hospital, round: to 0.5 half_up}
    e: {top: 10%, within: cohort, order: [rate], ties: hospital, round: 0 down}
    f: {top: 10%, within: cohort, order: [rate], ties: hospital, round: to 5 up}
    g: {top: 10, within: cohort, order: [rate], ties: hospital}
""",
        [
            "VBC102 8:9 a value with `top` of a percent needs `round` | write how it comes to whole members, as in `round: 0 down`",
            "VBC102 9:9 a value with `top` of a percent needs `round` | write how it comes to whole members, as in `round: 0 down`",
            "VBC108 10:73 `1 up` leaves parts of a member among the first | write `0 up`",
            "VBC108 11:73 `to 0.5 half_up` leaves parts of a member among the first | write `0 half_up`",
        ],
    ),
    "members are compared within a level above, and it is said which there are": (
        """\
levels:
  peer_group: {groups: hospital, by: peers}
  place: {groups: hospital, by: [peers, town]}
  visit: {in: hospital, list: yes, key: code, at_most: 5}
inputs:
  cohort:
    fund: {type: money, range: "$0 to $5"}
  hospital:
    peers: {type: category, of: [rural, urban]}
    town: {type: identifier}
    rate: {type: percent}
    members: {type: count}
  visit:
    code: {type: identifier}
    cost: {type: money, range: "$0 to $5"}
values:
  cohort:
    a: {rank: fund, within: cohort, better: higher, ties: dense}
  hospital:
    b: {rank: rate, within: hospital, better: higher, ties: dense}
    c: {rank: rate, within: visit, better: higher, ties: dense}
    d: {rank: rate, within: town, better: higher, ties: dense}
    e: {rank: rate, within: peers, better: higher, ties: dense}
    f: {rank: rate, within: peer_grop, better: higher, ties: dense}
    g: {formula: members / sum(members)}
    h: {formula: fund / sum(fund)}
  visit:
    i: {rank: cost, within: visit, better: higher, ties: dense}
    j: {formula: sum(members) + 1}
  peer_group:
    k: {formula: count(peer_group)}
  town:
    l: {mean: rate}
  peers:
    m: {mean: rate}
""",
        [
            "VBC309 18:29 `cohort` is not a level above `cohort` | move the value to the level whose members are compared",
            "VBC309 20:29 `hospital` is not a level above `hospital` | write `cohort`, `peer_group` or `place`",
            "VBC309 21:29 `visit` is not a level above `hospital` | write `cohort`, `peer_group` or `place`",
            "VBC309 22:29 `town` is not a level above `hospital` | write `place`, which gathers by `town`",
            "VBC309 23:29 `peers` is not a level above `hospital` | write `peer_group` or `place`, which gathers by `peers`",
            "VBC309 24:29 `peer_grop` is not a level above `hospital` | write `peer_group`",
            "VBC306 25:32 `members` has one value here; a gathering takes a name of a level below | read it as it is: write `members`; to gather it, name the result as a value of `cohort`, `peer_group` or `place`, and read that name here",
            "VBC306 26:29 `fund` has one value here; a gathering takes a name of a level below | read it as it is: write `fund`",
            "VBC309 28:29 `visit` is not a level above `visit` | write `hospital`, `cohort`, `peer_group` or `place`",
            "VBC306 29:22 `members` has one value here; a gathering takes a name of a level below | read it as it is: write `members`; to gather it, name the result as a value of `cohort`, `peer_group` or `place`, and read that name here",
            "VBC306 31:24 `peer_group` has one value here; a gathering takes a name of a level below | read it as it is: write `peer_group`; to gather it, name the result as a value of `cohort`, and read that name here",
            "VBC309 32:3 there is no level `town` | write `place`, which gathers by `town`",
            "VBC309 34:3 there is no level `peers` | write `peer_group` or `place`, which gathers by `peers`",
        ],
    ),
    "a level that is misspelt once is told once": (
        """\
levels:
  peer_group: {groups: hospitals, by: peers}
  domain: {in: hospitl, parameters: {weight: percent}, expect: sum(weight) = 100%, members: {a: {weight: 60%}, b: {weight: 40%}}}
  measure: {in: domian, members: {c: {in: a}, d: {in: b}}}
inputs:
  hospital:
    peers: {type: category, of: [rural, urban]}
    rate: {type: percent}
  measure:
    score: {type: percent}
values:
  hospital:
    a: {rank: rate, within: peer_group, better: higher, ties: dense}
    b: {formula: rate - mean_rate}
    c: {formula: sum(weight) + mean(score)}
  peer_group:
    mean_rate: {mean: rate}
""",
        [
            "VBC309 2:24 there is no level `hospitals` | write `hospital`",
            "VBC309 3:16 there is no level `hospitl` | write `hospital`",
            "VBC309 4:17 there is no level `domian` | write `domain`",
        ],
    ),
    "what lies in a level that cannot be guessed is left out with it": (
        """\
levels:
  peer_group: {groups: zzz, by: peers}
  wide_group: {groups: peer_group, by: kind}
inputs:
  hospital:
    rate: {type: percent}
  peer_group:
    kind: {type: identifier}
values:
  hospital:
    a: {rank: rate, within: peer_group, better: higher, ties: dense}
    b: {top: 10, within: wide_group, order: [rate], ties: all_in}
""",
        [
            "VBC309 2:24 there is no level `zzz` | name the participant or a declared level",
        ],
    ),
    "a gate on being in the program stands on the participant": (
        """\
levels:
  part: {in: hospital, members: {a: {}}}
inputs:
  part:
    met: {type: yes_no}
gates:
  part:
    joined: {require: met, otherwise: not_in_program}
""",
        [
            "VBC316 7:3 only a participant is in or out of the program | move the gate to `hospital`",
        ],
    ),
    "inputs say how large they are": (
        """\
levels:
  visit: {in: hospital, list: yes}
inputs:
  hospital:
    a: {type: money}
    b: {type: number, range: 0 to 5}
    c: {type: points}
""",
        [
            "VBC419 2:3 the list `visit` does not say how long it may be | write `at_most`",
            'VBC419 5:15 the money `a` does not say what range it has | write `range` with its least and greatest possible value, as in `range: "$0 to $5,000,000,000"`',
            "VBC418 6:15 the number `b` does not say how many decimals it has | write `decimals` after `type`",
            "VBC419 7:15 the points `c` does not say what range it has | write `range` with its least and greatest possible value, as in `range: 0 to 100`",
        ],
    ),
    "what stands on levels that gather others is looked at": (
        """\
levels:
  part: {in: hospital, parameters: {w: percent}, members: {a: {w: 100%}}}
  pool: {groups: part, by: part}
inputs:
  part:
    met: {type: count}
  pool:
    money: {type: money, range: "$0 to $5"}
values:
  pool:
    total: {formula: sum(met) + entirely_unknown}
  part:
    mine: {formula: total / met}
  hospital:
    fine: {formula: sum(met)}
gates:
  pool:
    g: {require: nothing_known, otherwise: pays_nothing}
""",
        [
            "VBC301 11:33 nothing named `entirely_unknown` can be read on `pool` | declare `entirely_unknown` under inputs or values of `pool` or above",
            "VBC301 18:18 nothing named `nothing_known` can be read on `pool` | declare `nothing_known` under inputs or values of `pool` or above",
        ],
    ),
    "the cohort's own inputs are read like parameters": (
        """\
inputs:
  cohort:
    statewide: {type: percent}
  hospital:
    rate: {type: percent}
values:
  cohort:
    half: {formula: statewide / 2}
  hospital:
    above: {formula: rate > half}
guarantees:
  - half <= 50%
  - sum(rate) <= 100%
""",
        [],
    ),
    "guarantees stand on the uppermost level that sees their names": (
        """\
levels:
  part: {in: hospital, members: {a: {}}}
inputs:
  hospital:
    x: {type: count}
  part:
    y: {type: count}
guarantees:
  - x >= 0
  - y >= 0
  - y + x >= 0
  - sum(y) >= 0
  - z >= 0
""",
        [
            "VBC301 13:5 nothing named `z` can be read on `hospital` | declare `z` under inputs or values of `hospital` or above",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_said(case: str) -> None:
    sections, findings = CASES[case]
    assert refused(sections) == findings


def test_a_guarantee_of_sums_alone_stands_where_all_lies_and_on_groups_where_it_names_theirs() -> None:
    program = resolved(
        """\
parameters:
  cap: {type: percent, is: 5%, illustrative: yes}
levels:
  part: {in: hospital, members: {a: {}}}
  region: {groups: hospital, by: area}
  part_pool: {groups: part, by: part}
inputs:
  cohort:
    money: {type: money, range: "$0 to $5"}
  region:
    local: {type: money, range: "$0 to $5"}
  hospital:
    area: {type: identifier}
    base: {type: money, range: "$0 to $5"}
  part:
    due: {type: money, range: "$0 to $5"}
guarantees:
  - sum(base) >= $0
  - sum(base) >= local
  - sum(due) >= $0
  - sum(due) >= money
  - cap >= 5%
  - sum(base) >= sum(due)
"""
    )
    assert [guarantee.level for guarantee in program.guarantees] == [
        "cohort",
        "region",
        "hospital",
        "cohort",
        "hospital",
        "cohort",
    ]


def test_how_ranks_treat_ties_is_no_name() -> None:
    """A value may be called as the word that `ties` takes."""
    resolved(
        """\
inputs:
  hospital:
    rate: {type: percent}
values:
  hospital:
    dense: {rank: rate, within: cohort, better: higher, ties: dense}
    share: {percentile_rank: rate, within: cohort, better: higher, definition: midpoint, ties: share}
"""
    )
