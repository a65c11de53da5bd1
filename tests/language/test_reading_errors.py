"""What a rule file's structure is refused for: every fragment with all that is found in it."""

# ruff: noqa: E501 - one finding a line, with its words as they are told

from __future__ import annotations

import pytest

from vbc_rules.language.reading import read_document
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

Found = tuple[str, int, int, str, str]

HEADER = (
    "program: a/b\nedition: e1\ntitle: T\nparticipant: hospital\nin_force: {from: 2024-01-01}\n"
    "sources:\n  guide: {title: G}\n"
)
# Where a fragment stands: parameters and levels begin in line 9, what stands on a level in line 10.
PLACES = {
    "file": "{}",
    "parameter": "parameters:\n  cap: {}\n",
    "level": "levels:\n  measure: {}\n",
    "input": "inputs:\n  hospital:\n    rate: {}\n",
    "value": "values:\n  hospital:\n    rate: {}\n",
    "gate": "gates:\n  hospital:\n    signed: {}\n",
    "payment": "payments:\n  hospital:\n    pay: {}\n",
}


def diagnose(text: str) -> tuple[bool, list[Found]]:
    """Return whether a document came of the text, and all that was found: code, line, column, message, help."""
    findings = Findings()
    root = read_text(text, "rules.yaml", findings)
    assert root is not None
    whole = read_document(root, findings) is not None
    return whole, [(one.code, one.span.line, one.span.column, one.message, one.help) for one in findings.all]


# where it stands, the fragment, what is found
# fmt: off
FRAGMENTS: list[tuple[str, str, list[Found]]] = [
    ("file", "valeus: {}", [
        ("VBC101", 8, 1, "`valeus` is not a key of a rule file", "write `values`"),
    ]),
    ("file", "gates: {}\nvalues: {}", [
        ("VBC103", 8, 1, "`gates` stands out of order", "move `gates` after `values`"),
    ]),
    ("parameter", "5%", [
        ("VBC104", 9, 8, "`cap` is a block that says where the number comes from", "write `cap: {is: 5%, source: a_source}`"),
    ]),
    ("parameter", "{is: 5%, source: guid p. 1}", [
        ("VBC120", 9, 25, "`guid` is not among the `sources`", "write `guide`"),
    ]),
    ("parameter", "{is: 5%, source: guide, illustrative: yes}", [
        ("VBC121", 9, 32, "a number comes from one place, and `source`, `illustrative` stand together", "remove `illustrative`, or the other"),
    ]),
    ("parameter", "{is: 5%, illustrative: no}", [
        ("VBC107", 9, 31, "`no` is not a word for `illustrative`", "write `yes`"),
    ]),
    ("parameter", "{is: 5%, derived: {from: guide}}", [
        ("VBC102", 9, 26, "`derived` needs `by`", "write `by: the arithmetic in words`"),
    ]),
    ("parameter", "{is: required}", [
        ("VBC102", 9, 3, "`cap` is required and needs `type`", "write `type: percent`, or another type, before `is`"),
    ]),
    ("parameter", "{type: percent, is: required, source: guide}", [
        ("VBC109", 9, 38, "`source` does not go with `is: required`", "remove `source`: whoever runs the program supplies the number"),
    ]),
    ("parameter", "{type: percent}", [
        ("VBC102", 9, 3, "a parameter needs `is`", "write `is: 5%`"),
    ]),
    ("parameter", "{type: percant, is: 5%}", [
        ("VBC107", 9, 15, "`percant` is not a type", "write `percent`"),
    ]),
    ("parameter", "{type: category, is: required}", [
        ("VBC102", 9, 15, "a category needs its options", "write `of: [first, second]` after `type`"),
    ]),
    ("parameter", "{type: percent, range: 0 to 1, is: required}", [
        ("VBC108", 9, 31, "the range of a percent is written in a number", "write it as `0% to 100%`"),
    ]),
    ("parameter", "{type: number, range: 10 to 0, is: required}", [
        ("VBC108", 9, 30, "`10 to 0` runs backwards", "write the smaller end first"),
    ]),
    ("parameter", "{type: percent, range: 0 to 100%, is: required}", [
        ("VBC108", 9, 31, "`0 to 100%` runs from a number to a percent", "write both ends alike, as in `0% to 100%`"),
    ]),
    ("parameter", "{type: number, range: 0 to many, is: required}", [
        ("VBC108", 9, 35, "`many` is not a literal", "write a number, a percent, an amount or a date, as in `10`, `5%`, `$1,000` or `2024-01-31`"),
    ]),
    ("parameter", "{type: number, range: up to ten, is: required}", [
        ("VBC108", 9, 30, "`up` is not a literal", "write a number, a percent, an amount or a date, as in `10`, `5%`, `$1,000` or `2024-01-31`"),
        ("VBC108", 9, 36, "`ten` is not a literal", "write a number, a percent, an amount or a date, as in `10`, `5%`, `$1,000` or `2024-01-31`"),
    ]),
    ("parameter", "{type: codes, is: [99202 - 99215]}", [
        ("VBC108", 9, 27, "`99202 - 99215` is not a code", "write a code, or two joined by `to`, as in `99202 to 99215`"),
    ]),
    ("parameter", "{is: 5%, after: error}", [
        ("VBC109", 9, 17, "`after` goes with `dated`", "remove `after`, or write the number under `dated`"),
    ]),
    ("parameter", "{dated: [{from: 2024-01-01, through: 2024-06-30, is: 5%}, {from: 2024-08-01, is: 6%}]}", [
        ("VBC113", 9, 66, "nothing is said from 2024-07-01 through 2024-07-31", "write an entry with `unstated: yes`, `{from: 2024-07-01, through: 2024-07-31, unstated: yes}`"),
    ]),
    ("parameter", "{dated: [{from: 2024-01-01, through: 2024-06-30, is: 5%}, {from: 2024-06-30, is: 6%}]}", [
        ("VBC113", 9, 66, "two entries hold on 2024-06-30", "begin this entry on the day after the one before ends"),
    ]),
    ("parameter", "{dated: [{from: 2024-01-01, is: 5%}, {from: 2024-08-01, is: 6%}]}", [
        ("VBC113", 9, 17, "only the last entry may be open at its end", "write `through` with the last day it holds"),
    ]),
    ("parameter", "{dated: [{from: 2024-01-01, through: 2024-06-30, is: 5%}, {from: 2023-01-01, is: 6%}]}", [
        ("VBC113", 9, 66, "the entries are not in the order of their dates", "move the earlier entry up"),
    ]),
    ("parameter", "{dated: [{from: 2024-01-01}]}", [
        ("VBC102", 9, 17, "a dated number needs `is`", "write `is: 5%`, or `unstated: yes` where the record is silent"),
    ]),
    ("parameter", "{dated: [{from: 2024-01-01, is: 5%}], after: error}", [
        ("VBC109", 9, 46, "`after` needs `stated_through`", "write `stated_through: 2024-12-31`"),
    ]),
    ("level", "{members: {a: {}}}", [
        ("VBC102", 9, 3, "the level `measure` needs `in` or `groups`", "write `in: hospital`, or `groups: practitioner` with `by`"),
    ]),
    ("level", "{in: hospital, groups: item, by: item, members: {a: {}}}", [
        ("VBC109", 9, 27, "`groups` and `in` exclude each other", "remove `groups`, or `in`"),
    ]),
    ("level", "{groups: item}", [
        ("VBC102", 9, 3, "a level with `groups` needs `by`", "write `by: organization_id` after `groups`"),
    ]),
    ("level", "{in: hospital, list: yes, members: {a: {}}}", [
        ("VBC109", 9, 38, "`members` does not go with `list: yes`", "remove `members`: the data brings the members"),
    ]),
    ("level", "{in: hospital}", [
        ("VBC102", 9, 3, "the level `measure` needs `members`", "write `members: {first: {}}`, or `list: yes` where the data brings them"),
    ]),
    ("level", "{in: hospital, list: true}", [
        ("VBC018", 9, 33, "`true` without quotes can be read as text or as `yes`", "write `yes` in lower case, or `'true'` in quotes if it is text"),
    ]),
    ("level", "{in: hospital, parameters: {weight: percent}, members: {a: {wieght: 5%}}}", [
        ("VBC102", 9, 68, "the member `a` needs `weight`", "write `weight` in the cells of `a`"),
        ("VBC101", 9, 72, "`wieght` is not a key of a member", "write `weight`"),
    ]),
    ("level", "{in: hospital, parameters: {weight: percnt}, members: {a: {weight: 5%}}}", [
        ("VBC107", 9, 48, "`percnt` is not a type", "write `percent`"),
    ]),
    ("level", "{in: hospital, parameters: {label: text}, members: {a: {label: NO}}}", [
        ("VBC018", 9, 75, "`NO` without quotes can be read as text or as `no`", "write `no` in lower case, or `'NO'` in quotes if it is text"),
    ]),
    ("level", "{in: hospital, members: {HAI-1: {}}}", [
        ("VBC106", 9, 37, "`HAI-1` is not a name", "write `hai_1`"),
    ]),
    ("input", "percent", [
        ("VBC104", 10, 11, "`rate` is a block, not text", "write `rate: {type: number}`"),
    ]),
    ("input", "{type: percent, only_if: chosen}", [
        ("VBC109", 10, 27, "`only_if` needs `otherwise`", "write `otherwise: not_applicable`"),
    ]),
    ("input", "{type: count, decimals: 2}", [
        ("VBC109", 10, 25, "`decimals` does not go with `count`", "remove `decimals`"),
    ]),
    ("input", "{type: category of (a)}", [
        ("VBC107", 10, 18, "`category of (a)` is not a type", "write `type: category, of: [a]`"),
    ]),
    ("input", "{type: count, may_be: missing}", [
        ("VBC106", 10, 33, "`missing` is a word of the formula language", "write the reason for being absent, as in `may_be: not_reported`"),
    ]),
    ("input", "{type: count, range: 1-5}", [
        ("VBC108", 10, 32, "`1-5` is not a range", "write `1 to 5`"),
    ]),
    ("input", "{type: money, range: $0 .. $5.50}", [
        ("VBC108", 10, 32, "`$0 .. $5.50` is not a range", "write `$0 to $5.50`"),
    ]),
    ("input", '{type: count, range: "> 5"}', [
        ("VBC108", 10, 33, "`> 5` is not a range", "write it as `0 to 10`, `0 or more` or `10 or less`"),
    ]),
    ("input", "{type: boolean}", [
        ("VBC107", 10, 18, "`boolean` is not a type", "write `yes_no`"),
    ]),
    ("input", "{type: percentage}", [
        ("VBC107", 10, 18, "`percentage` is not a type", "write `percent`"),
    ]),
    ("value", "{formula: 1, maximum: 2}", [
        ("VBC101", 10, 24, "`maximum` is not a key of a value with `formula`", "write `at_most`"),
    ]),
    ("value", "{formula: 1, Description: two}", [
        ("VBC101", 10, 24, "`Description` is not a key of a value with `formula`", "write `title`"),
    ]),
    ("value", "{only_if: 1 = 1, otherwise: 0%, formula: 1}", [
        ("VBC106", 10, 39, "`0%` is not a name", "write the reason for being absent, as in `otherwise: below_minimum`; what has a value then is a case of `choose`"),
    ]),
    ("input", "{type: codes}", [
        ("VBC107", 10, 18, "`codes` is not a type", "write one of `identifier`, `text`, `category`, `yes_no`, `date`, `money`, `percent`, `number`, `count`, `points`, `direction`"),
    ]),
    ("value", "met / eligible", [
        ("VBC104", 10, 11, "a value is a block with its shape, not text", "write `rate: {formula: met / eligible}`"),
    ]),
    ("value", "{formla: 1}", [
        ("VBC101", 10, 12, "`formla` is not a key of a value", "write `formula`"),
    ]),
    ("value", "{formula: 1, roud: 2 down}", [
        ("VBC101", 10, 24, "`roud` is not a key of a value with `formula`", "write `round`"),
    ]),
    ("value", "{title: A rate}", [
        ("VBC111", 10, 5, "a value needs a shape", "write one of `formula`, `choose`, `tiers`, `interpolate`, `table`, `by_member`, `higher_of`, `lower_of`, `weighted_mean`, `mean`, `sum`, `count`, `min`, `max`, `any`, `all`, `at_least_of`, `variance`, `standard_deviation`, `quantile`, `rank`, `percentile_rank`, `z_score`, `top`, `allocate`"),
    ]),
    ("value", "{formula: 1, sum: x}", [
        ("VBC112", 10, 5, "a value has one shape, and here are `formula`, `sum`", "keep one of `formula`, `sum`, and give the others values of their own"),
    ]),
    ("value", "{formula: 1, by: w}", [
        ("VBC101", 10, 24, "`by` is not a key of a value with `formula`", "remove `by`: it belongs to `weighted_mean`"),
    ]),
    ("value", "{formula: 1, paid_by: hospital}", [
        ("VBC101", 10, 24, "`paid_by` is not a key of a value with `formula`", "remove `paid_by`: it belongs to payments"),
    ]),
    ("value", "{formula: 1, needs: a}", [
        ("VBC103", 10, 12, "`formula` stands out of order", "move `formula` after `needs`"),
    ]),
    ("value", "{type: percent, only_if: a, otherwise: b, formula: 1}", [
        ("VBC103", 10, 12, "`type` stands out of order", "move `type` after `formula`"),
    ]),
    ("value", "{only_if: a, formula: 1}", [
        ("VBC109", 10, 12, "`only_if` needs `otherwise`", "write `otherwise: not_applicable`"),
    ]),
    ("value", "{needs: a + 1, formula: a}", [
        ("VBC106", 10, 19, "`needs` lists names, and `a + 1` is a formula", "give the formula a name under `values` and write that name"),
    ]),
    ("value", "{formula: [1]}", [
        ("VBC104", 10, 21, "`formula` is a formula, not a list", "write `formula: a + b`"),
    ]),
    ("value", "{formula: 1 +, roud: 2 down}", [
        ("VBC210", 10, 24, "nothing follows `+`", "write a number, a name or a parenthesis at the end"),
        ("VBC101", 10, 26, "`roud` is not a key of a value with `formula`", "write `round`"),
    ]),
    ("value", "{formula: 1, round: 2}", [
        ("VBC108", 10, 31, "`2` does not say how it rounds", "say how: write `2 half_up`, `2 half_even` or `2 down`"),
    ]),
    ("value", "{formula: 1, round: to 0.5}", [
        ("VBC108", 10, 31, "`to 0.5` does not say how it rounds", "say how: write `to 0.5 half_up`, `to 0.5 half_even` or `to 0.5 down`"),
    ]),
    ("value", "{formula: 1, round: 2 halfup}", [
        ("VBC107", 10, 33, "`halfup` is not a way to round", "write `half_up`"),
    ]),
    ("value", "{formula: 1, round: half_up}", [
        ("VBC108", 10, 31, "`half_up` does not say to what it rounds", "write the digits and the mode, as in `2 half_up` or `to 0.5 half_up`"),
    ]),
    ("value", "{choose: [{when: a, is: 1}]}", [
        ("VBC116", 10, 21, "`choose` does not say what holds otherwise", "write `{otherwise: ..}` as the last item"),
    ]),
    ("value", "{choose: [{otherwise: 1}, {when: a, is: 1}]}", [
        ("VBC116", 10, 21, "`otherwise` stands before the end", "move `otherwise` to the end, and keep only one"),
    ]),
    ("value", "{choose: [{is: 1}, {otherwise: 0}]}", [
        ("VBC102", 10, 21, "a case needs `when`", "write `when: a condition`"),
    ]),
    ("value", "{choose: {when: a}}", [
        ("VBC104", 10, 20, "`choose` is a list, not a block", "write `choose: [{when: a > b, is: 1}, {otherwise: 0}]`"),
    ]),
    ("value", "{choose: [a, {otherwise: 0}]}", [
        ("VBC104", 10, 21, "an item of `choose` is a block, not text", "write `choose: [{when: a > b, is: 1}, {otherwise: 0}]`"),
    ]),
    ("value", "{tiers: x}", [
        ("VBC102", 10, 5, "a value with `tiers` needs `steps`", "write `steps: [{at_least: 90%, is: 2}, {otherwise: 0}]`"),
    ]),
    ("value", "{tiers: x, steps: [{reaches: 1, more_than: 2, is: 1}, {otherwise: 0}]}", [
        ("VBC109", 10, 30, "a step has one bound, not `reaches`, `more_than`", "keep one of `reaches`, `more_than`"),
    ]),
    ("value", "{tiers: x, steps: [{is: 1}, {otherwise: 0}]}", [
        ("VBC102", 10, 30, "a step needs a bound", "write one of `reaches`, `at_least`, `at_most`, `more_than`, `less_than` before `is`"),
    ]),
    ("value", "{tiers: x, steps: [{reach: 2, is: 1}, {otherwise: 0}]}", [
        ("VBC102", 10, 30, "a step needs a bound", "write one of `reaches`, `at_least`, `at_most`, `more_than`, `less_than` before `is`"),
        ("VBC101", 10, 31, "`reach` is not a key of a step", "write one of `reaches`, `at_least`, `at_most`, `more_than`, `less_than`, `is`, `round`, `source`, `derived`, `illustrative`"),
    ]),
    ("value", "{interpolate: x, points: [{at: 1, is: 2}]}", [
        ("VBC102", 10, 36, "a line needs two points", "write `points: [{at: 0, is: 0}, {at: 10, is: 5}]`"),
    ]),
    ("value", "{table: [{a: any, b: any, is: 1}, {b: any, is: 2}]}", [
        ("VBC115", 10, 45, "this row's columns are `b`, the first row's `a`, `b`", "write the columns `a`, `b`, in this order"),
    ]),
    ("value", "{table: [{a: '>= 5', is: 1}]}", [
        ("VBC114", 10, 25, "`>= 5` is not a cell", "write `5 or more`"),
    ]),
    ("value", "{table: [{a: any}]}", [
        ("VBC102", 10, 20, "a row needs `is`", "write `is: a formula`"),
    ]),
    ("value", "{by_member: {a: {formula: 1, is: 2}}}", [
        ("VBC109", 10, 40, "`is` and `formula` exclude each other", "remove `is`, or `formula`"),
    ]),
    ("value", "{mean: x, absent: ignor}", [
        ("VBC107", 10, 29, "`ignor` is not a word for `absent`", "write `ignore`"),
    ]),
    ("value", "{mean: x, absent: {declined: zro}}", [
        ("VBC107", 10, 40, "`zro` is not a word for `declined`", "write `zero`"),
    ]),
    ("value", "{weighted_mean: x, absent: ignore}", [
        ("VBC102", 10, 5, "a value with `weighted_mean` needs `by`", "write `by: weight`"),
    ]),
    ("value", "{standard_deviation: x}", [
        ("VBC102", 10, 5, "a value with `standard_deviation` needs `definition`", "write `definition: sample` or `population`"),
    ]),
    ("value", "{rank: x, better: more}", [
        ("VBC102", 10, 5, "a value with `rank` needs `within`", "write `within: cohort`"),
        ("VBC428", 10, 12, "`rank` does not say which ranks follow equal members", "write `ties: competition` (1, 2, 2, 4) or `ties: dense` (1, 2, 2, 3)"),
        ("VBC107", 10, 29, "`more` is not a word for `better`", "write one of `higher`, `lower`"),
    ]),
    ("value", "{percentile_rank: x, within: cohort, better: higher}", [
        ("VBC102", 10, 5, "a value with `percentile_rank` needs `definition`", "write `definition: inclusive`, `exclusive` or `midpoint`"),
        ("VBC428", 10, 12, "`percentile_rank` does not say what equal members have", "write `ties: share`: equal members have the same"),
    ]),
    ("value", "{percentile_rank: x, within: cohort, definition: sample, ties: dense}", [
        ("VBC107", 10, 60, "`sample` is not a word for `definition`", "write one of `inclusive`, `exclusive`, `midpoint`"),
        ("VBC428", 10, 74, "`percentile_rank` does not say what equal members have", "write `ties: share`: equal members have the same"),
    ]),
    ("value", "{rank: x, within: cohort, ties: share}", [
        ("VBC428", 10, 43, "`rank` does not say which ranks follow equal members", "write `ties: competition` (1, 2, 2, 4) or `ties: dense` (1, 2, 2, 3)"),
    ]),
    ("value", "{z_score: x, within: cohort}", [
        ("VBC102", 10, 5, "a value with `z_score` needs `definition`", "write `definition: sample` or `population`"),
    ]),
    ("value", "{top: 3, within: cohort}", [
        ("VBC102", 10, 5, "a value with `top` needs `order`", "write `order: [index]`"),
        ("VBC102", 10, 5, "a value with `top` needs `ties`", "write `ties: all_in`"),
    ]),
    ("payment", "{allocate: pool, in_proportion_to: x, remainder: largest, ties: hospital}", [
        ("VBC102", 10, 5, "a payment with `allocate` needs `if_none`", "write `if_none: not_paid`"),
    ]),
    ("payment", "{formula: 1, absent: ignore}", [
        ("VBC107", 10, 31, "`ignore` is not a word for `absent`", "write `pays_nothing`"),
    ]),
    ("gate", "{require: a}", [
        ("VBC102", 10, 5, "a gate needs `otherwise` or `pays`", "write `otherwise: not_in_program`, `otherwise: pays_nothing` or `pays: 100%`"),
    ]),
    ("gate", "{require: a, otherwise: not_in_programm}", [
        ("VBC107", 10, 37, "`not_in_programm` is not a word for `otherwise`", "write `not_in_program`"),
    ]),
    ("gate", "{require: a, otherwise: pays_nothing, pays: 100%}", [
        ("VBC109", 10, 51, "`pays` and `otherwise` exclude each other", "remove `pays`, or `otherwise`"),
    ]),
    ("gate", "{require: a, otherwise: not_in_program, on: [b]}", [
        ("VBC109", 10, 53, "`on` does not go with `not_in_program`", "remove `on`, or write `otherwise: pays_nothing`"),
    ]),
    ("file", "guarantees: a < b", [
        ("VBC104", 8, 13, "`guarantees` is a list, not text", "write `guarantees: [a, b]`"),
    ]),
    ("file", "expected: {hospital: {a: b}}", [
        ("VBC104", 8, 22, "`hospital` is a formula, not a block", "write `hospital: a + b`"),
    ]),
    ("file", "values: [a]", [
        ("VBC104", 8, 9, "`values` is a block, not a list", "write `values: {hospital: {rate: {formula: met / eligible}}}`"),
    ]),
    ("file", "values: {hospital: {present: {formula: 1}}}", [
        ("VBC106", 8, 21, "`present` is a word of the formula language", "choose another name"),
    ]),
]
# a whole file, what is found
HEADERS: list[tuple[str, list[Found]]] = [
    ("title: T\n", [
        ("VBC102", 1, 1, "a rule file needs `program`", "write `program: payer/program`"),
        ("VBC102", 1, 1, "a rule file needs `edition`", "write `edition: 2024`"),
        ("VBC102", 1, 1, "a rule file needs `participant`", "write `participant: hospital`"),
        ("VBC102", 1, 1, "a rule file needs `in_force`", "write `in_force: {from: 2024-01-01, through: 2024-12-31}`"),
    ]),
    ("program: CMS/VBP\nedition: e1\ntitle: T\nparticipant: hospital\nin_force: {from: 2024-01-01}\nsources:\n  guide: {title: G}\n", [
        ("VBC106", 1, 10, "`CMS/VBP` is not the name of a program", "write words of lower-case letters, digits and hyphens joined by `/`, as in `cms/hospital-vbp`"),
    ]),
    ("program: a/b\nedition: FY 2024\ntitle: T\nparticipant: hospital\nin_force: {from: 2024-01-01}\nsources:\n  guide: {title: G}\n", [
        ("VBC106", 2, 10, "`FY 2024` is not the name of an edition", "write lower-case letters, digits and hyphens, as in `fy2024` or `2020-21`"),
    ]),
    ("program: a/b\nedition: e1\nlanguage: 2\ntitle: T\nparticipant: hospital\nin_force: {from: 2024-01-01}\nsources:\n  guide: {title: G}\n", [
        ("VBC107", 3, 11, "version `2` of the rule language is not known", "write `language: 1`"),
    ]),
    ("program: a/b\nedition: e1\ntitle: NO\nparticipant: hospital\nin_force: {from: 2024-01-01}\nsources:\n  guide: {title: G}\n", [
        ("VBC018", 3, 8, "`NO` without quotes can be read as text or as `no`", "write `no` in lower case, or `'NO'` in quotes if it is text"),
    ]),
    ("program: a/b\nedition: e1\ntitle: T\nparticipant: {level: hospital}\nin_force: {from: 2024-01-01}\nsources:\n  guide: {title: G}\n", [
        ("VBC102", 4, 14, "`participant` needs `identifier`", "write `identifier: sensitive`"),
    ]),
    ("program: a/b\nedition: e1\ntitle: T\nparticipant: {level: hospital, identifier: publik}\nin_force: {from: 2024-01-01}\nsources:\n  guide: {title: G}\n", [
        ("VBC107", 4, 44, "`publik` is not a word for `identifier`", "write `public`"),
    ]),
    ("program: a/b\nedition: e1\ntitle: T\nparticipant: hospital\nin_force: {from: 2024-01-01}\ncurrency: EUR\nsources:\n  guide: {title: G}\n", [
        ("VBC107", 6, 11, "amounts in `EUR` are not known", "write `currency: USD`, the one currency of this version"),
    ]),
    ("program: a/b\nedition: e1\ntitle: T\nparticipant: hospital\nin_force: {from: 2024-02-30}\nsources:\n  guide: {title: G}\n", [
        ("VBC108", 5, 18, "`2024-02-30` is not a date of the calendar", "write year, month and day, as in `2024-01-31`"),
    ]),
    ("program: a/b\nedition: e1\ntitle: T\nparticipant: hospital\nin_force: {from: 2024-01-02, through: 2024-01-01}\nsources:\n  guide: {title: G}\n", [
        ("VBC108", 5, 12, "the period ends before it begins", "write the earlier day under `from`"),
    ]),
    ("program: a/b\nedition: e1\ntitle: T\nparticipant: hospital\nin_force: {}\nsources:\n  guide: {title: G}\n", [
        ("VBC102", 5, 11, "`in_force` needs `from` or `through`", "write `from: 2024-01-01`"),
    ]),
    ("program: a/b\nedition: e1\ntitle: T\nparticipant: hospital\nin_force: {from: 2024-01-01}\nsources:\n  guide: {cite: X}\n", [
        ("VBC102", 7, 3, "a source needs `title`", "write `title: Program guide`"),
    ]),
]
# fmt: on


@pytest.mark.parametrize(("place", "fragment", "found"), FRAGMENTS)
def test_bad_fragments(place: str, fragment: str, found: list[Found]) -> None:
    whole, diagnosed = diagnose(HEADER + PLACES[place].replace("{}", fragment))
    assert diagnosed == found
    assert whole is all(code in ("VBC103", "VBC018") for code, *_ in found)


@pytest.mark.parametrize(("text", "found"), HEADERS)
def test_bad_headers(text: str, found: list[Found]) -> None:
    assert diagnose(text)[1] == found


def test_misspelt_keys_of_a_row_are_not_taken_for_columns() -> None:
    rows = "[{a: any, is: 1, soruce: guide}, {a: any, si: 2}]"
    _, found = diagnose(HEADER + PLACES["value"].replace("{}", f"{{table: {rows}}}"))
    assert found == [
        ("VBC101", 10, 36, "`soruce` is not a key of a row", "write `source`"),
        ("VBC102", 10, 52, "a row needs `is`", "write `is: a formula`"),
        ("VBC101", 10, 61, "`si` is not a key of a row", "write `is`"),
    ]


def test_all_errors_of_a_file_are_found_at_once() -> None:
    _, found = diagnose(
        HEADER
        + "values:\n"
        + "  hospital:\n"
        + "    a: {formla: 1, source: gide}\n"
        + "    b: {formula: 1, roud: 2 down}\n"
        + "    c: {sum: x +, absent: ignor, round: 2}\n"
        + "payments:\n"
        + "  hospital:\n"
        + "    d: {title: no}\n"
    )
    assert [(code, line, column) for code, line, column, _, _ in found] == [
        ("VBC101", 10, 9),
        ("VBC120", 10, 28),
        ("VBC101", 11, 21),
        ("VBC210", 12, 17),
        ("VBC107", 12, 27),
        ("VBC108", 12, 41),
        ("VBC111", 15, 5),
        ("VBC117", 15, 16),
    ]
