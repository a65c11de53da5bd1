"""What a name means: on its own level, above, below, beside; and what is said where it means nothing, or two things."""

# ruff: noqa: E501 - a finding stands on one line, as it is said

from __future__ import annotations

import pytest

from tests.resolve.files import refused
from vbc_rules.api.loading import understand
from vbc_rules.source.diagnostic import Findings

CASES: dict[str, tuple[str, list[str]]] = {
    "a name of the own level hides none above; two levels above with it are refused": (
        """\
levels:
  domain: {in: hospital, members: {safety: {}, cost: {}}}
  measure: {in: domain, members: {falls: {in: safety}}}
inputs:
  hospital:
    x: {type: percent}
    y: {type: percent}
  domain:
    x: {type: percent}
  measure:
    y: {type: percent}
values:
  measure:
    own: {formula: y}
    above: {formula: x}
    said: {formula: hospital.x + domain.x + hospital.y + measure.y}
  domain:
    own: {formula: x}
""",
        [
            "VBC302 15:22 `x` may mean more than one thing here | write `domain.x` or `hospital.x`",
        ],
    ),
    "a parameter and a level above with the same name are refused where they are named": (
        """\
parameters:
  x: {type: count, is: 5, illustrative: yes}
inputs:
  hospital:
    x: {type: count}
""",
        [
            "VBC315 5:5 `x` is named twice | give one of them another name",
        ],
    ),
    "names that are taken": (
        """\
inputs:
  hospital:
    a: {type: count}
    hospital: {type: count}
    cohort: {type: count}
values:
  hospital:
    a: {formula: 1}
""",
        [
            "VBC315 4:5 `hospital` is named twice | give one of them another name",
            "VBC315 5:5 `cohort` is named twice | give one of them another name",
            "VBC315 8:5 `a` is named twice | give one of them another name",
        ],
    ),
    "unknown names point at the nearest": (
        """\
levels:
  visit: {in: hospital, list: yes, at_most: 5}
inputs:
  hospital:
    readmissions: {type: count}
  visit:
    charges: {type: count}
values:
  hospital:
    a: {formula: readmision + 1}
    b: {formula: sum(charge)}
    c: {formula: entirely_else + 1}
    d: {formula: sum(entirely_else)}
    e: {formula: hospital.readmision}
    f: {formula: hospitl.readmissions}
""",
        [
            "VBC301 10:18 nothing named `readmision` can be read on `hospital` | write `readmissions`",
            "VBC301 11:22 nothing named `charge` lies below `hospital` | write `charges`",
            "VBC301 12:18 nothing named `entirely_else` can be read on `hospital` | declare `entirely_else` under inputs or values of `hospital` or above",
            "VBC301 13:22 nothing named `entirely_else` lies below `hospital` | name a value of a level below",
            "VBC301 14:18 nothing named `hospital.readmision` can be read on `hospital` | write `hospital.readmissions`",
            "VBC301 15:18 nothing named `hospitl.readmissions` can be read on `hospital` | write `hospital.readmissions`",
        ],
    ),
    "a name below is gathered, a name here is not": (
        """\
levels:
  visit: {in: hospital, list: yes, at_most: 5}
inputs:
  hospital:
    beds: {type: count}
  visit:
    charges: {type: count}
values:
  hospital:
    a: {formula: charges + 1}
    b: {formula: sum(beds)}
    c: {formula: sum(visit.charges)}
    d: {formula: visit.charges}
  visit:
    e: {formula: charges / beds}
""",
        [
            "VBC303 10:18 `charges` stands on `visit`, below `hospital`: there is one for each member | gather it: write `sum(charges)`, `count(..)`, `min(..)` or another aggregate",
            "VBC306 11:22 `beds` has one value here; a gathering takes a name of a level below | read it as it is: write `beds`; to gather it, name the result as a value of `cohort`, and read that name here",
            "VBC303 13:18 `visit.charges` stands on `visit`, below `hospital`: there is one for each member | gather it: write `sum(visit.charges)`, `count(..)`, `min(..)` or another aggregate",
        ],
    ),
    "a sibling is gathered within the same parent, its members are not read": (
        """\
levels:
  visit: {in: hospital, list: yes, at_most: 5}
  component: {in: hospital, members: {cqi: {}, hie: {}}}
inputs:
  visit:
    charges: {type: count}
values:
  component:
    a: {formula: sum(charges)}
    b: {formula: sum(charges where charges > 5 and component = cqi)}
    c: {formula: visit.charges}
    d: {formula: charges}
""",
        [
            "VBC303 11:18 `visit.charges` stands on `visit`, beside `component`: there is one for each member | gather it: write `sum(visit.charges)`, `count(..)`, `min(..)` or another aggregate",
            "VBC303 12:18 `charges` stands on `visit`, beside `component`: there is one for each member | gather it: write `sum(charges)`, `count(..)`, `min(..)` or another aggregate",
        ],
    ),
    "where sees the gathered member, then the gathering one; a name in both is refused until qualified": (
        """\
levels:
  domain: {in: hospital, members: {safety: {}, cost: {}}}
  measure: {in: domain, members: {falls: {in: safety}}}
inputs:
  domain:
    w: {type: count}
    least: {type: count}
  measure:
    w: {type: count}
values:
  domain:
    a: {formula: sum(measure.w where w > least)}
    b: {formula: sum(measure.w where measure.w > least)}
    c: {formula: sum(measure.w where measure.w > domain.w)}
    d: {sum: measure.w, where: w > least}
  hospital:
    e: {formula: sum(w)}
    f: {formula: sum(domain.w)}
""",
        [
            "VBC302 12:38 `w` may mean more than one thing here | write `measure.w` or `domain.w`",
            "VBC302 15:32 `w` may mean more than one thing here | write `measure.w` or `domain.w`",
            "VBC302 17:22 `w` may mean more than one thing below | write `domain.w` or `measure.w`",
        ],
    ),
    "a level's name is the current member, a word beside = is a member": (
        """\
levels:
  domain: {in: hospital, members: {safety: {}, cost: {}}}
  visit: {in: hospital, list: yes, at_most: 5}
  stay: {in: hospital, list: yes, key: number, at_most: 5}
inputs:
  hospital:
    sponsor: {type: category, of: [state, plan]}
  stay:
    number: {type: identifier}
values:
  domain:
    a: {formula: domain = safety}
    b: {formula: domain = safty}
    c: {formula: "domain in (safety, cots)"}
    d: {formula: sponsor != plann}
    e: {formula: sponsor = safety}
  stay:
    f: {formula: stay = '1'}
  visit:
    g: {formula: visit = '1'}
  hospital:
    h: {formula: hospital = '010001'}
    i: {formula: domain}
""",
        [
            "VBC305 13:27 `safty` is not one of `safety`, `cost` | write `safety`",
            "VBC305 14:38 `cots` is not one of `safety`, `cost` | write `cost`",
            "VBC305 15:29 `plann` is not one of `state`, `plan` | write `plan`",
            "VBC305 16:28 `safety` is not one of `state`, `plan` | write one of `state`, `plan`",
            "VBC303 20:18 `visit` is a level, and here it has no name that can be read | write `key` beside `list` to tell the items of `visit` apart",
            "VBC303 23:18 `domain` is a level, and here it has no name that can be read | count its members: write `count(domain)`",
        ],
    ),
    "codes": (
        """\
parameters:
  office: {type: codes, is: [99202 to 99215, G0438], illustrative: yes}
  rate: {type: percent, is: 5%, illustrative: yes}
inputs:
  hospital:
    code: {type: identifier}
    beds: {type: count}
values:
  hospital:
    a: {formula: code in office}
    b: {formula: code in ofice}
    c: {formula: beds in office}
    d: {formula: code in rate}
    e: {formula: office}
""",
        [
            "VBC301 11:26 `in` takes words in parentheses or a parameter that lists codes | write `office`",
            "VBC415 12:18 codes are text; here stands a count | name an identifier or a text",
            "VBC405 13:26 `rate` is not a list of codes | write the words in parentheses",
            "VBC405 14:18 `office` is a list of codes | write `code in office`",
        ],
    ),
    "gain": (
        """\
levels:
  measure: {in: hospital, parameters: {better: direction}, members: {falls: {better: lower}}}
  other: {in: hospital, members: {a: {}}}
inputs:
  measure:
    rate: {type: percent}
    prior: {type: percent}
  other:
    x: {type: percent}
values:
  measure:
    a: {formula: "gain(rate, prior)"}
    b: {formula: "gain(rate, 5)"}
    c: {tiers: rate, steps: [{reaches: 5%, is: 1}, {otherwise: 0}]}
  other:
    d: {formula: "gain(x, 5%)"}
    e: {tiers: x, steps: [{reaches: 5%, is: 1}, {otherwise: 0}]}
""",
        [
            "VBC403 13:19 a percent is compared with a count | write `5%`",
            "VBC412 16:19 `gain` needs to know which direction is better | declare `better: direction` among the parameters of the level",
            "VBC412 17:37 `gain` needs to know which direction is better | declare `better: direction` among the parameters of the level",
        ],
    ),
    "an aggregate takes what it can gather": (
        """\
levels:
  visit: {in: hospital, list: yes, at_most: 5}
inputs:
  visit:
    paid: {type: money, range: "$0 to $5"}
    met: {type: yes_no}
    day: {type: date}
    name: {type: identifier}
values:
  hospital:
    a: {formula: sum(met)}
    b: {formula: all(paid)}
    c: {formula: max(day)}
    d: {formula: sum(day)}
    e: {formula: count(name)}
    f: {formula: count(visit)}
    g: {formula: sum(visit)}
    h: {formula: count(present visit)}
    i: {variance: paid, definition: sample}
    j: {sum: paid + $1}
    k: {at_least_of: 2.5, of: met, if_none: no}
""",
        [
            "VBC414 11:22 `sum` gathers quantities, here stands a yes/no | name a quantity",
            "VBC414 12:22 `all` gathers yes/no, here stands an amount of money | name a yes/no",
            "VBC414 14:22 `sum` gathers quantities, here stands a date | name a quantity",
            "VBC414 17:22 `sum` takes a name that stands on the level | name what is gathered",
            "VBC413 18:18 the members themselves are always present | write `count(visit)`",
            "VBC414 19:19 the variance of money has no unit | divide by $1.00 first",
            "VBC414 20:14 `sum` gathers one name | name the formula as a value first",
            "VBC415 21:22 a count is wanted here; here stands a number | write a count",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_said(case: str) -> None:
    sections, findings = CASES[case]
    assert refused(sections) == findings


def test_a_misspelt_participant_is_said_once() -> None:
    text = """program: a/b
edition: "1"
title: t
participant: hospitl
in_force: {from: 2024-01-01, through: 2024-12-31}
inputs:
  hospital:
    beds: {type: count}
values:
  hospital:
    twice: {formula: beds + beds}
"""
    findings = Findings()
    understand(text.encode(), "rules.yaml", findings)
    assert [(found.code, str(found.span), found.help) for found in findings.errors] == [
        ("VBC309", "rules.yaml:4:14", "write `hospital`")
    ]
