"""VBC201 to VBC221: how a formula is written."""

from __future__ import annotations

from typing import Final

from vbc_rules.check.pages.page import Page


def _page(code: str, title: str, meaning: str, bad: str = "", good: str = "") -> Page:
    return Page(code, title, meaning, bad, good, "formula")


PAGES: Final = (
    _page("VBC201", "an empty formula", "A formula says something."),
    _page("VBC202", "a formula that is too long", "Name its parts as values; they are then explained one by one."),
    _page(
        "VBC203",
        "a formula that is nested too deep",
        "Name its parts as values; they are then explained one by one.",
        "(" * 61 + "rate" + ")" * 61,
        "rate",
    ),
    _page(
        "VBC204",
        "an operator of another language",
        "The language has one spelling for each.",
        "rate == 5%",
        "rate = 5%",
    ),
    _page("VBC205", "a number that cannot be read", "Numbers have one spelling each.", "5 % of paid", "5% of paid"),
    _page(
        "VBC206",
        "a date that does not exist or is written otherwise",
        "Dates are year, month and day; 1/2 is read differently on two sides of an ocean.",
        "begun < 1/31/2019",
        "begun < 2019-01-31",
    ),
    _page(
        "VBC207",
        "a text in the wrong quotes",
        "A text in a formula stands in single quotes.",
        'kind = "small"',
        "kind = 'small'",
    ),
    _page("VBC208", "a name that cannot be read", "Names are in lower case, at most `level.name`.", "Rate", "rate"),
    _page(
        "VBC210", "something is missing or left over", "Between two values stands an operator.", "rate +", "rate + 1%"
    ),
    _page("VBC211", "a parenthesis without its other half", "Each is closed once.", "(rate + 1%", "(rate + 1%)"),
    _page(
        "VBC212",
        "an unknown function",
        "The language has a fixed set of functions.",
        "rouns(rate, 2, down)",
        "round(rate, 2, down)",
    ),
    _page(
        "VBC213",
        "a function with too many or too few arguments",
        "See what the function takes.",
        "round(rate, 2)",
        "round(rate, 2, down)",
    ),
    _page(
        "VBC214",
        "an aggregate of a calculation",
        "With one argument, `sum`, `min` and the like gather a name over the members of a level.",
        "max(beds + 1)",
        "max(beds, 1)",
    ),
    _page("VBC215", "an `if` without `then` or `else`", "Both ways are said.", "if met then 1", "if met then 1 else 0"),
    _page(
        "VBC216",
        "comparisons that run on",
        "At most `a < b <= c`, as in mathematics.",
        "0% < rate < 5% < 10%",
        "0% < rate <= 5%",
    ),
    _page(
        "VBC217",
        "an unknown way of rounding",
        "There is no default; the modes differ by a cent.",
        "round(rate, 2, nearest)",
        "round(rate, 2, half_even)",
    ),
    _page(
        "VBC220",
        "`of` beside `+` or `-` (a warning)",
        "`5% of a + b` can be read two ways by people; parentheses say which.",
        "5% of paid + paid",
        "(5% of paid) + paid",
    ),
    _page(
        "VBC221",
        "a comma that may be a thousands separator (a warning)",
        "`(100,200)` is one number; between several stands a space after the comma.",
        "beds in (100,200)",
        "beds in (100, 200)",
    ),
)
