HEAD="""\
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
G="""\
gates:
  hospital:
    joined: {require: ok, otherwise: not_in_program}
"""
CASES={
"what a group has is absent for whoever is in no group": HEAD+"""\
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
"a level of groups by a member's own name is always above": HEAD+"""\
values:
  component_pool:
    best: {max: score}
    number: {formula: count(component)}
    mine: {by_member: {cqi: best, hie: best / 2}, illustrative: yes}
  component:
    far: {formula: best - score}
    share: {formula: score / number}
""",
"groups are never over nothing, the cohort may be": HEAD+"""\
values:
  region:
    a: {max: base}
    b: {formula: min(base) + $1}
    c: {formula: max(base where ok)}
    d: {all: ok}
    e: {variance: cases, definition: sample}
    f: {formula: base / $1, illustrative: yes}
  cohort:
    g: {max: base}
    h: {formula: min(base) + $1}
    i: {any: ok}
    j: {formula: max(score)}
    k: {needs: g, formula: g + $1}
""".replace("    f: {formula: base / $1, illustrative: yes}\n",""),
"only those in the program are gathered": HEAD+"""\
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
"""+G.replace("require: ok","require: ok")+"""\
payments:
  hospital:
    paid: {formula: base}
""",
"facts about one participant are not facts about the others": HEAD+"""\
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
"a pool is there, and what it is shared by": HEAD+"""\
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
    f: {needs: perhaps, allocate: perhaps, in_proportion_to: cases, remainder: largest, ties: hospital, if_none: not_paid, absent: pays_nothing}
    g: {allocate: sure, in_proportion_to: cases, at_most: d, remainder: largest, ties: region, if_none: not_paid}
""",
}
