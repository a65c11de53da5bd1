"""VBC301 to VBC322: names and levels."""

from __future__ import annotations

from typing import Final

from vbc_rules.check.pages.page import Page

_DOMAIN: Final = "levels:\n  domain: {in: hospital, members: {safety: {}, cost: {}}}\n"
_SCORES: Final = _DOMAIN + "inputs:\n  domain:\n    score: {type: percent}\n"
_TOTAL: Final = "values:\n  hospital:\n    total: "


def _formula(code: str, title: str, meaning: str, bad: str, good: str) -> Page:
    return Page(code, title, meaning, bad, good, "formula")


PAGES: Final = (
    _formula(
        "VBC301",
        "an unknown name",
        "A name is that of an input, parameter, value or payment of this level or one above.",
        "raet + 1%",
        "rate + 1%",
    ),
    Page(
        "VBC302",
        "a name that may mean more than one thing",
        "Where two levels have the name, say which: `level.name`.",
        "levels:\n  domain: {in: hospital, members: {a: {}}}\n  area: {in: hospital, members: {b: {}}}\n"
        "inputs:\n  domain:\n    score: {type: percent}\n  area:\n    score: {type: percent}\n"
        "values:\n  hospital:\n    total: {formula: sum(score)}",
        "levels:\n  domain: {in: hospital, members: {a: {}}}\n  area: {in: hospital, members: {b: {}}}\n"
        "inputs:\n  domain:\n    score: {type: percent}\n  area:\n    score: {type: percent}\n"
        "values:\n  hospital:\n    total: {formula: sum(domain.score)}",
    ),
    Page(
        "VBC303",
        "a name of a level below",
        "Below there is one for each member; gather them.",
        _SCORES + _TOTAL + "{formula: score}",
        _SCORES + _TOTAL + "{formula: sum(score)}",
    ),
    Page(
        "VBC304",
        "a gate is read",
        "Gates act on payments. Name the condition as a value and read that in both places.",
        "inputs:\n  hospital:\n    met: {type: yes_no}\nvalues:\n  hospital:\n"
        "    total: {formula: if enough then 1 else 0}\n"
        "gates:\n  hospital:\n    enough: {require: met, otherwise: pays_nothing}",
        "inputs:\n  hospital:\n    met: {type: yes_no}\nvalues:\n  hospital:\n"
        "    total: {formula: if met then 1 else 0}\n"
        "gates:\n  hospital:\n    enough: {require: met, otherwise: pays_nothing}",
    ),
    _formula(
        "VBC305",
        "a word that the category does not have",
        "A misspelt word would be a condition that never holds.",
        "kind = smal",
        "kind = small",
    ),
    _formula(
        "VBC306",
        "a gathering of something that has one value here",
        "`sum`, `count` and the like take a name of a level below.",
        "sum(whole)",
        "whole",
    ),
    Page(
        "VBC307",
        "a level that always exists",
        "The participant and the cohort are there without being declared.",
        "levels:\n  cohort: {in: hospital, members: {a: {}}}",
        "levels:\n  domain: {in: hospital, members: {a: {}}}",
    ),
    Page(
        "VBC308",
        "levels that go round in a circle",
        "Each level lies in one above, up to the cohort.",
        "levels:\n  domain: {in: area, members: {a: {in: b}}}\n  area: {in: domain, members: {b: {in: a}}}",
        "levels:\n  domain: {in: hospital, members: {a: {}}}\n  area: {in: domain, members: {b: {in: a}}}",
    ),
    Page(
        "VBC309",
        "an unknown level",
        "Name the participant, the cohort or a declared level.",
        "inputs:\n  hopsital:\n    rate: {type: percent}",
        "inputs:\n  hospital:\n    rate: {type: percent}",
    ),
    Page(
        "VBC310",
        "a level without members",
        "The file lists them, or the data bring them (`list: yes`).",
    ),
    Page(
        "VBC311",
        "a member that does not say what it lies in",
        "Where the level above has members, each member lies in one of them.",
        _DOMAIN + "  measure: {in: domain, members: {falls: {}}}",
        _DOMAIN + "  measure: {in: domain, members: {falls: {in: safety}}}",
    ),
    Page(
        "VBC312",
        "an unknown member",
        "Name one of the members listed.",
        _DOMAIN + "  measure: {in: domain, members: {falls: {in: saftey}}}",
        _DOMAIN + "  measure: {in: domain, members: {falls: {in: safety}}}",
    ),
    Page(
        "VBC313",
        "`by_member` leaves a member out",
        "Every member has its own line; there is no default.",
        _DOMAIN + "values:\n  domain:\n    score: {by_member: {safety: 1}}",
        _DOMAIN + "values:\n  domain:\n    score: {by_member: {safety: 1, cost: 0}}",
    ),
    Page(
        "VBC314",
        "values that go round in a circle",
        "A value cannot rest on itself.",
        "values:\n  hospital:\n    a: {formula: b + 1}\n    b: {formula: a - 1}",
        "values:\n  hospital:\n    a: {formula: 1}\n    b: {formula: a - 1}",
    ),
    Page(
        "VBC315",
        "a name that is taken",
        "One word for one thing.",
        "inputs:\n  hospital:\n    rate: {type: percent}\nvalues:\n  hospital:\n    rate: {formula: 1}",
        "inputs:\n  hospital:\n    rate: {type: percent}\nvalues:\n  hospital:\n    score: {formula: rate}",
    ),
    Page(
        "VBC316",
        "a gate on being in the program that stands elsewhere",
        "Only a participant is in or out of the program.",
        _DOMAIN + "inputs:\n  domain:\n    met: {type: yes_no}\n"
        "gates:\n  domain:\n    joined: {require: met, otherwise: not_in_program}",
        "inputs:\n  hospital:\n    met: {type: yes_no}\ngates:\n  hospital:\n"
        "    joined: {require: met, otherwise: not_in_program}",
    ),
    Page(
        "VBC317",
        "a gate on being in the program that reads a computed value",
        "Who is in the program is settled before anything is scored or compared: from inputs and parameters only.",
        "inputs:\n  hospital:\n    rate: {type: percent}\nvalues:\n  hospital:\n    good: {formula: rate > 0%}\n"
        "gates:\n  hospital:\n    joined: {require: good, otherwise: not_in_program}",
        "inputs:\n  hospital:\n    rate: {type: percent}\n"
        "gates:\n  hospital:\n    joined: {require: rate > 0%, otherwise: not_in_program}",
    ),
    Page(
        "VBC318",
        "a list whose key is no input",
        "The items of a list are told apart by one of their own inputs.",
        "levels:\n  item: {in: hospital, list: yes, key: nmae, at_most: 30}\ninputs:\n  item:\n"
        "    name: {type: identifier}",
        "levels:\n  item: {in: hospital, list: yes, key: name, at_most: 30}\ninputs:\n  item:\n"
        "    name: {type: identifier}",
    ),
    Page(
        "VBC319",
        "a computed value among what is settled first",
        "Which inputs are expected, and what must hold among them, is settled before anything is computed: from inputs "
        "and parameters only.",
        "inputs:\n  hospital:\n    beds: {type: count}\n"
        "    cases: {type: count, only_if: large, otherwise: not_applicable}\n"
        "values:\n  hospital:\n    large: {formula: beds > 0}",
        "inputs:\n  hospital:\n    beds: {type: count}\n"
        "    cases: {type: count, only_if: beds > 0, otherwise: not_applicable}",
    ),
    Page(
        "VBC320",
        "an unknown payer",
        "Money owed is positive, and `paid_by` names who owes it: the level the payment stands on, or one above.",
        'inputs:\n  hospital:\n    loss: {type: money, range: "$0 to $100"}\n'
        "payments:\n  hospital:\n    owed: {formula: loss, round: 2 down, paid_by: hospitl}",
        'inputs:\n  hospital:\n    loss: {type: money, range: "$0 to $100"}\n'
        "payments:\n  hospital:\n    owed: {formula: loss, round: 2 down, paid_by: hospital}",
    ),
    Page(
        "VBC321",
        "groups by a name that is not known",
        "Groups go by the gathered level's own name, by its inputs and values, or by those of a level above.",
        "levels:\n  region: {groups: hospital, by: aera}\ninputs:\n  hospital:\n    area: {type: identifier}",
        "levels:\n  region: {groups: hospital, by: area}\ninputs:\n  hospital:\n    area: {type: identifier}",
    ),
    Page(
        "VBC322",
        "groups by what needs the cohort",
        "Who is in which group is settled before anything is compared: from what each participant has by itself.",
        "levels:\n  tercile: {groups: hospital, by: place}\ninputs:\n  hospital:\n    beds: {type: count}\n"
        "values:\n  hospital:\n    place: {rank: beds, within: cohort, better: higher, ties: dense}",
        "levels:\n  size: {groups: hospital, by: large}\ninputs:\n  hospital:\n    beds: {type: count}\n"
        "values:\n  hospital:\n    large: {formula: beds > 100, illustrative: yes}",
    ),
)
