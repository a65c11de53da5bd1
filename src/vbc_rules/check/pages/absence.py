"""VBC501 to VBC507: what is not there. VBC801 to VBC812: ranges, divisors and guarantees."""

from __future__ import annotations

from typing import Final

from vbc_rules.check.pages.page import Page

_RATE: Final = (
    "inputs:\n  hospital:\n    rate: {type: percent, may_be: not_reported}\nvalues:\n  hospital:\n    score: "
)
_ITEMS: Final = (
    "levels:\n  item: {in: hospital, list: yes, at_most: 30}\n"
    "inputs:\n  item:\n    met: {type: yes_no}\n    score: {type: percent, may_be: [declined, too_new]}\n"
    "values:\n  hospital:\n    total: "
)
_BEDS: Final = (
    "inputs:\n  hospital:\n    beds: {type: count}\n    days: {type: count}\nvalues:\n  hospital:\n    score: "
)
_SHARE: Final = "{allocate: pool, in_proportion_to: due, remainder: largest, ties: hospital, if_none: not_paid}"


def _pool(pool: str, share: str) -> str:
    return (
        'inputs:\n  cohort:\n    money: {type: money, range: "$0 to $1,000"}\n'
        '    spent: {type: money, range: "$0 to $1,000"}\n'
        '  hospital:\n    due: {type: money, range: "$0 to $100"}\n    owed: {type: money, range: "$0 to $100"}\n'
        f"values:\n  cohort:\n    pool: {pool}\npayments:\n  hospital:\n    share: {share}"
    )


PAGES: Final = (
    Page(
        "VBC501",
        "a value that may be absent is read",
        "Missing is not zero: say what happens then, by `needs` or by asking `is missing` first.",
        _RATE + "{formula: 100% - rate}",
        _RATE + "{needs: rate, formula: 100% - rate}",
    ),
    Page(
        "VBC502",
        "values that may be absent are gathered",
        "Say that only those that are there count.",
        _ITEMS + "{formula: sum(score)}",
        _ITEMS + "{formula: sum(present score)}",
    ),
    Page(
        "VBC503",
        "a gathering over nothing",
        "Whether none is all or none is not for the computer to decide.",
        _ITEMS + "{all: met}",
        _ITEMS + "{all: met, if_none: no}",
    ),
    Page(
        "VBC504",
        "absent members without a rule",
        "Leave them out, count them as zero, or make the whole absent: the file says which.",
        _ITEMS + "{mean: score}",
        _ITEMS + "{mean: score, absent: ignore}",
    ),
    Page(
        "VBC505",
        "reasons of absence that are left out",
        "Where each reason has its own rule, every reason has one.",
        _ITEMS + "{mean: score, absent: {declined: zero}}",
        _ITEMS + "{mean: score, absent: {declined: zero, too_new: ignore}}",
    ),
    Page(
        "VBC506",
        "a rule for an absence that never happens",
        "It would be read as if it could.",
        "inputs:\n  hospital:\n    rate: {type: percent}\nvalues:\n  hospital:\n"
        "    score: {higher_of: [rate, rate], absent: ignore}",
        "inputs:\n  hospital:\n    rate: {type: percent}\nvalues:\n  hospital:\n"
        "    score: {higher_of: [rate, 5%], source: guide}",
    ),
    Page(
        "VBC507",
        "a payment that may be absent",
        "Say what is paid then: `absent: pays_nothing`.",
        'inputs:\n  hospital:\n    owed: {type: money, range: "$0 to $9", may_be: not_reported}\n'
        "payments:\n  hospital:\n    earned: {formula: owed}",
        'inputs:\n  hospital:\n    owed: {type: money, range: "$0 to $9", may_be: not_reported}\n'
        "payments:\n  hospital:\n    earned: {formula: owed, absent: pays_nothing}",
    ),
    Page(
        "VBC801",
        "a divisor that may be zero",
        "No result is made up for it: say for whom the quotient is taken, and what holds for the others.",
        _BEDS + "{formula: beds / days}",
        _BEDS + "{only_if: days > 0, otherwise: not_applicable, formula: beds / days}",
    ),
    Page(
        "VBC802",
        "the root of a number that may be negative",
        "Say for whom the root is taken, and what holds for the others.",
        _BEDS + '{formula: "sqrt(beds - days, 6)"}',
        _BEDS + '{only_if: beds >= days, otherwise: not_applicable, formula: "sqrt(beds - days, 6)"}',
    ),
    Page(
        "VBC804",
        "a weight that may be negative",
        "A mean with negative weights lies outside what it is a mean of.",
        "levels:\n  domain: {in: hospital, members: {a: {}, b: {}}}\n"
        "inputs:\n  domain:\n    score: {type: percent}\n    share: {type: percent, range: -10% to 100%}\n"
        "values:\n  hospital:\n    total: {weighted_mean: score, by: share}",
        "levels:\n  domain: {in: hospital, members: {a: {}, b: {}}}\n"
        "inputs:\n  domain:\n    score: {type: percent}\n    share: {type: percent}\n"
        "values:\n  hospital:\n    total: {weighted_mean: score, by: share}",
    ),
    Page(
        "VBC806",
        "a value with too many digits",
        "Multiplying values with values doubles their digits each time: with no rounding between, no computer ends.",
        "inputs:\n  hospital:\n    rate: {type: percent, decimals: 90}\nvalues:\n  hospital:\n"
        "    a: {formula: rate * rate * rate * rate}\n    b: {formula: a * a * a}",
        "inputs:\n  hospital:\n    rate: {type: percent, decimals: 90}\nvalues:\n  hospital:\n"
        "    a: {formula: rate * rate * rate * rate, round: 12 half_up, source: guide}\n    b: {formula: a * a * a}",
    ),
    Page(
        "VBC808",
        "a guarantee that is not proven",
        "A guarantee is a theorem about the file: it follows from the ranges and the rules, or it is refused.",
        "inputs:\n  hospital:\n    rate: {type: percent}\nguarantees:\n  - rate < 100%",
        "inputs:\n  hospital:\n    rate: {type: percent}\nguarantees:\n  - rate <= 100%",
    ),
    Page(
        "VBC810",
        "a pool that may be negative",
        "There is nothing to share of less than nothing: say what happens when no money is left.",
        _pool("{formula: money - spent}", _SHARE),
        _pool("{formula: money - spent, at_least: $0}", _SHARE),
    ),
    Page(
        "VBC811",
        "a pool that may not be in whole cents",
        "Shares are whole cents and add up to the pool to the cent, so the pool is in whole cents itself.",
        _pool("{formula: money / 3, illustrative: yes}", _SHARE),
        _pool("{formula: money / 3, round: 2 down, illustrative: yes}", _SHARE),
    ),
    Page(
        "VBC812",
        "a share made of what may be negative",
        "What a pool is shared in proportion to, and what a share is at least and at most, is never below zero.",
        _pool("{formula: money}", _SHARE.replace("due,", "due - owed,")),
        _pool("{formula: money}", _SHARE.replace("due,", '"max(due - owed, $0)",')),
    ),
)
