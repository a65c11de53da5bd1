"""VBC401 to VBC430: types and units."""

from __future__ import annotations

from typing import Final

from vbc_rules.check.pages.page import Page


def _formula(code: str, title: str, meaning: str, bad: str = "", good: str = "") -> Page:
    return Page(code, title, meaning, bad, good, "formula")


def _input(code: str, title: str, meaning: str, bad: str, good: str) -> Page:
    before = "inputs:\n  hospital:\n    rate: "
    return Page(code, title, meaning, before + bad, before + good)


_RATE: Final = "inputs:\n  hospital:\n    rate: {type: percent}\nvalues:\n  hospital:\n    place: "
_SHARE: Final = (
    'inputs:\n  cohort:\n    money: {type: money, range: "$0 to $1,000"}\n'
    '  hospital:\n    due: {type: money, range: "$0 to $100"}\npayments:\n  hospital:\n    share: '
)

PAGES: Final = (
    _formula(
        "VBC401",
        "units that do not go together",
        "A percent and an amount of money have no sum.",
        "paid + rate",
        "paid + (rate of paid)",
    ),
    _formula("VBC402", "`of` without a percent", "`of` takes a percent on its left.", "5 of paid", "5% of paid"),
    _formula("VBC403", "a comparison of two units", "Both sides have one unit.", "rate >= 70", "rate >= 70%"),
    _formula(
        "VBC404",
        "words that are put in order",
        "Only quantities and dates have an order.",
        "kind < kind",
        "kind != large",
    ),
    _formula(
        "VBC405",
        "`in` without a list of codes",
        "`in` takes words in parentheses or a parameter of codes.",
        "kind in whole",
        "kind in (small, large)",
    ),
    _formula(
        "VBC406",
        "a calculation that is asked for absence",
        "Only a name can be missing.",
        "(rate + 1%) is missing",
        "rate is missing",
    ),
    _formula(
        "VBC407",
        "cases with different units",
        "Every case gives the same unit.",
        "if met then rate else 5",
        "if met then rate else 5%",
    ),
    _formula(
        "VBC408",
        "`on` without a dated parameter",
        "Only a dated parameter has a value for a day.",
        "whole on begun",
        "whole",
    ),
    _formula(
        "VBC409", "a function of different units", "What is compared has one unit.", "max(paid, 5)", "max(paid, $5)"
    ),
    _formula("VBC410", "an unknown way of rounding", "There is no default; the modes differ by a cent."),
    _formula(
        "VBC411",
        "digits that are no numeral",
        "How many digits are kept is the same for everyone.",
        "round(rate, beds, down)",
        "round(rate, 2, down)",
    ),
    _formula(
        "VBC412",
        "`gain` without a direction",
        "Whether more is better is declared on the level: `better: direction`.",
        "gain(rate, 5%)",
        "rate - 5%",
    ),
    _formula(
        "VBC413",
        "members that are asked to be present",
        "The members themselves always are.",
        "count(present domain)",
        "count(domain)",
    ),
    _formula(
        "VBC414",
        "an aggregate that cannot be taken",
        "`sum` and `mean` gather quantities, `any` and `all` yes/no.",
        "all(score)",
        "min(present score)",
    ),
    _formula(
        "VBC415",
        "another type is wanted",
        "A condition is a yes/no, an amount is a quantity.",
        "if rate then 1 else 0",
        "if rate > 0% then 1 else 0",
    ),
    Page(
        "VBC416",
        "a literal of another unit",
        "A percent is written `5%`, money `$5`.",
        "parameters:\n  cap: {type: percent, is: 0.05, source: guide}",
        "parameters:\n  cap: {type: percent, is: 5%, source: guide}",
    ),
    Page(
        "VBC417",
        "a cell outside its column's range",
        "The range of a column holds for every member.",
        "levels:\n  domain:\n    in: hospital\n    parameters: {points: {type: count, range: 0 to 10}}\n"
        "    source: guide\n    members: {safety: {points: 11}}",
        "levels:\n  domain:\n    in: hospital\n    parameters: {points: {type: count, range: 0 to 10}}\n"
        "    source: guide\n    members: {safety: {points: 10}}",
    ),
    _input(
        "VBC418",
        "decimals that are not said, or have no meaning",
        "A number says how many decimals it has; the data are held to it.",
        "{type: number, range: 0 to 10}",
        "{type: number, decimals: 3, range: 0 to 10}",
    ),
    _input(
        "VBC419",
        "a size that is not said",
        "Money, numbers, points and lists have no default size: from the ranges follows what a payment can be.",
        "{type: money}",
        '{type: money, range: "$0 to $1,000"}',
    ),
    Page("VBC420", "a category without words", "A category lists the words it may be."),
    Page(
        "VBC421",
        "a range that ends before it begins",
        "The smaller end comes first.",
    ),
    Page(
        "VBC422",
        "a type that does not show",
        "A word may be a category, a text or an identifier; write `type`.",
        "parameters:\n  reading: {is: strict, source: guide}",
        "parameters:\n  reading: {type: category, of: [strict, lenient], is: strict, source: guide}",
    ),
    Page(
        "VBC423",
        "a value of another type than it says",
        "Bring the formula or the `type` to the other.",
        "inputs:\n  hospital:\n    beds: {type: count}\nvalues:\n  hospital:\n"
        "    score: {formula: beds + 1, type: percent}",
        "inputs:\n  hospital:\n    beds: {type: count}\nvalues:\n  hospital:\n"
        "    score: {formula: beds + 1, type: points}",
    ),
    Page(
        "VBC424",
        "a gate that pays a formula",
        "What a gate pays is one amount; what varies is a payment.",
        "inputs:\n  hospital:\n    met: {type: yes_no}\n    rate: {type: percent}\n"
        "gates:\n  hospital:\n    enough: {require: met, pays: rate, source: guide}",
        "inputs:\n  hospital:\n    met: {type: yes_no}\n    rate: {type: percent}\n"
        "gates:\n  hospital:\n    enough: {require: met, pays: 50%, source: guide}",
    ),
    Page(
        "VBC425",
        "a dated parameter without a date",
        "A dated parameter that changes while the program is in force, or is not stated for all of that time, is read "
        "at a date.",
        "parameters:\n  share:\n    type: percent\n    dated:\n"
        "      - {from: 2023-01-01, through: 2024-06-30, is: 5%, source: guide}\n"
        "      - {from: 2024-07-01, through: 2024-12-31, is: 7%, source: guide}\n"
        "values:\n  hospital:\n    part: {formula: share}",
        "parameters:\n  share:\n    type: percent\n    dated:\n"
        "      - {from: 2023-01-01, through: 2024-06-30, is: 5%, source: guide}\n"
        "      - {from: 2024-07-01, through: 2024-12-31, is: 7%, source: guide}\n"
        "values:\n  hospital:\n    part: {formula: share on 2024-03-31}",
    ),
    Page(
        "VBC426",
        "a quotient rounded before its unit shows",
        "A quotient of like quantities is a number or a percent as its place wants, and the digits of a percent count "
        "as written: which digits are meant must show where they are rounded.",
        "inputs:\n  hospital:\n    met: {type: count}\n    cases: {type: count, range: 1 to 1000}\n"
        'values:\n  hospital:\n    good: {formula: "round(met / cases, 2, down) >= 70%", source: guide}',
        "inputs:\n  hospital:\n    met: {type: count}\n    cases: {type: count, range: 1 to 1000}\n"
        "values:\n  hospital:\n    rate: {formula: met / cases, round: 2 down, type: percent}\n"
        "    good: {formula: rate >= 70%, source: guide}",
    ),
    Page(
        "VBC427",
        "a payment that is no money",
        "A payment is money; a payment of points, a number or a percent says so with `type`, so that a forgotten `$` "
        "is not taken for one.",
        "inputs:\n  hospital:\n    days: {type: count}\n"
        "payments:\n  hospital:\n    earned: {formula: 4 * days, round: 2 down, source: guide}",
        "inputs:\n  hospital:\n    days: {type: count}\n"
        "payments:\n  hospital:\n    earned: {formula: $4 * days, round: 2 down, source: guide}",
    ),
    Page(
        "VBC428",
        "ranks of equal members that are not said",
        "Two that are equal have one rank, and the next is skipped (`competition`) or not (`dense`); they have one "
        "percentile rank (`share`).",
        _RATE + "{rank: rate, within: cohort, better: higher}",
        _RATE + "{rank: rate, within: cohort, better: higher, ties: competition}",
    ),
    Page(
        "VBC429",
        "a z-score without digits",
        "A standard deviation is a root and has no end: the file says to how many digits it is taken, and how.",
        _RATE + "{z_score: rate, within: cohort, definition: sample}",
        _RATE + "{z_score: rate, within: cohort, definition: sample, round: 6 half_even}",
    ),
    Page(
        "VBC430",
        "a pool that does not stand above",
        "A pool is one amount of the level within which it is shared: of the cohort, a group or the participant.",
        _SHARE + "{allocate: due, in_proportion_to: due, remainder: largest, ties: hospital, if_none: not_paid}",
        _SHARE + "{allocate: money, in_proportion_to: due, remainder: largest, ties: hospital, if_none: not_paid}",
    ),
)
