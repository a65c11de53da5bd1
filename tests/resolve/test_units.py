"""The units of a formula: what every combination gives, and what is said of those that mean nothing."""



from __future__ import annotations

import pytest

from tests.resolve.files import refused, resolved

GIVEN = """\
inputs:
  hospital:
    rate: {type: percent}
    share: {type: percent}
    paid: {type: money, range: "$0 to $100"}
    spent: {type: money, range: "$1 to $100"}
    beds: {type: count}
    days: {type: count}
    x: {type: number, decimals: 2, range: 0 to 10}
    earned: {type: points, decimals: 0, range: 0 to 10}
    kind: {type: category, of: [small, large]}
    colour: {type: category, of: [red, blue]}
    size: {type: category, of: [large, huge]}
    day: {type: date}
    number: {type: identifier}
    flag: {type: yes_no}
"""


def _file(formula: str) -> str:
    return f'{GIVEN}values:\n  hospital:\n    v: {{formula: "{formula}"}}\n'


@pytest.mark.parametrize(
    ("formula", "type_"),
    [
        ("beds + days", "count"),
        ("beds + x", "number"),
        ("x - earned", "number"),
        ("rate + share", "percent"),
        ("paid - spent", "money"),
        ("rate of paid", "money"),
        ("rate of beds", "count"),
        ("rate of share", "percent"),
        ("rate of x", "number"),
        ("paid / spent of beds", "count"),
        ("x * paid", "money"),
        ("paid * beds", "money"),
        ("rate * paid", "money"),
        ("rate * share", "percent"),
        ("rate * x", "number"),
        ("rate * x + 5%", "percent"),
        ("rate * x + 5", "number"),
        ("earned * x", "number"),
        ("paid / x", "money"),
        ("paid / beds", "money"),
        ("paid / rate", "money"),
        ("rate / x", "percent"),
        ("rate / share", "number"),
        ("beds / rate", "count"),
        ("paid / spent", "number"),
        ("beds / days", "number"),
        ("x / earned", "number"),
        ("paid / spent + 5%", "percent"),
        ("paid / spent + 5", "number"),
        ("paid / spent / rate", "number"),
        ("-paid", "money"),
        ("rate > 5%", "yes/no"),
        ("paid >= $5", "yes/no"),
        ("beds = x", "yes/no"),
        ("day < 2024-01-31", "yes/no"),
        ("kind = small", "yes/no"),
        ("small = kind", "yes/no"),
        ("kind = 'large'", "yes/no"),
        ("kind = size", "yes/no"),
        ("kind = number", "yes/no"),
        ("number = '010001'", "yes/no"),
        ("flag = yes", "yes/no"),
        ("paid / spent > 50%", "yes/no"),
        ("paid / spent > 0.5", "yes/no"),
        ("rate between 5% and 10%", "yes/no"),
        ("kind in (small, large)", "yes/no"),
        ("beds in (1, 2)", "yes/no"),
        ("not flag", "yes/no"),
        ("if flag then 5 else 6", "count"),
        ("min(beds, x)", "number"),
        ("max(day, 2024-01-01)", "date"),
        ("abs(paid)", "money"),
        ("clamp(rate, 0%, 5%)", "percent"),
        ("round(paid, 2, down)", "money"),
        ("round(paid / spent, 2, down) + 5", "number"),
        ("sqrt(x, 6)", "number"),
        ("exp(x, 6)", "number"),
        ("days_between(day, 2024-01-31)", "count"),
        ("add_months(day, beds)", "date"),
        ("year(day) + 1", "count"),
    ],
)
def test_a_formula_has_the_type(formula: str, type_: str) -> None:
    (definition,) = resolved(_file(formula)).definitions
    assert str(definition.type) == type_


@pytest.mark.parametrize(
    ("formula", "code", "at", "message", "help_"),
    [
        (
            "day + day",
            "VBC401",
            5,
            "a date is added to a date",
            "write `days_between(earlier, later)` or `add_months(date, months)`",
        ),
        (
            "flag + flag",
            "VBC401",
            6,
            "a yes/no is added to a yes/no",
            "name quantities on both sides",
        ),
        (
            "kind + kind",
            "VBC401",
            6,
            "a category is added to a category",
            "name quantities on both sides",
        ),
        (
            "rate + beds",
            "VBC401",
            6,
            "a percent is added to a count",
            "both sides must have the same unit: bring them to one",
        ),
        (
            "rate + 5",
            "VBC401",
            6,
            "a percent is added to a count",
            "write `5%`",
        ),
        (
            "5 + rate",
            "VBC401",
            3,
            "a count is added to a percent",
            "write `5%`",
        ),
        (
            "paid + rate",
            "VBC401",
            6,
            "a money is added to a percent",
            "both sides must have the same unit: bring them to one",
        ),
        (
            "paid + 100",
            "VBC401",
            6,
            "a money is added to a count",
            "write `$100`",
        ),
        (
            "paid - day",
            "VBC401",
            6,
            "a money is combined by `-` with a date",
            "write `days_between(earlier, later)` or `add_months(date, months)`",
        ),
        (
            "day + 5",
            "VBC401",
            5,
            "a date is added to a count",
            "write `days_between(earlier, later)` or `add_months(date, months)`",
        ),
        (
            "beds of paid",
            "VBC402",
            1,
            "`of` takes a percent on its left, here stands a count",
            "write a percent before `of`, or `*` for a product",
        ),
        (
            "5 of paid",
            "VBC402",
            1,
            "`of` takes a percent on its left, here stands a count",
            "write `5%`",
        ),
        (
            "paid of rate",
            "VBC402",
            1,
            "`of` takes a percent on its left, here stands a money",
            "write a percent before `of`, or `*` for a product",
        ),
        (
            "rate of kind",
            "VBC402",
            6,
            "a percent of a category has no meaning",
            "name a quantity",
        ),
        (
            "paid * spent",
            "VBC401",
            6,
            "a money is multiplied by a money",
            "write a number or a percent in the place of one money",
        ),
        (
            "paid * kind",
            "VBC401",
            6,
            "a money is multiplied by a category",
            "name quantities on both sides",
        ),
        (
            "rate * flag",
            "VBC401",
            6,
            "a percent is multiplied by a yes/no",
            "name quantities on both sides",
        ),
        (
            "paid / spent + $5",
            "VBC401",
            14,
            "a ratio is added to a money",
            "name the quotient as a value with a `type`",
        ),
        (
            "beds / paid",
            "VBC401",
            6,
            "a count is divided by a money",
            "both sides must have the same unit: bring them to one",
        ),
        (
            "rate / paid",
            "VBC401",
            6,
            "a percent is divided by a money",
            "both sides must have the same unit: bring them to one",
        ),
        (
            "day / beds",
            "VBC401",
            5,
            "a date is divided by a count",
            "write `days_between(earlier, later)` or `add_months(date, months)`",
        ),
        (
            "-day",
            "VBC415",
            2,
            "a quantity is wanted here; here stands a date",
            "write a number, percent or money",
        ),
        (
            "-flag",
            "VBC415",
            2,
            "a quantity is wanted here; here stands a yes/no",
            "write a number, percent or money",
        ),
        (
            "rate > 5",
            "VBC403",
            1,
            "a percent is compared with a count",
            "write `5%`",
        ),
        (
            "rate > 0.5",
            "VBC403",
            1,
            "a percent is compared with a number",
            "write `50%`, or `0.5%` if less than one percent is meant",
        ),
        (
            "0.5 < rate",
            "VBC403",
            1,
            "a number is compared with a percent",
            "write `50%`, or `0.5%` if less than one percent is meant",
        ),
        (
            "paid >= 5",
            "VBC403",
            1,
            "a money is compared with a count",
            "write `$5`",
        ),
        (
            "paid > rate",
            "VBC403",
            1,
            "a money is compared with a percent",
            "both sides must have the same unit: bring them to one",
        ),
        (
            "day = 5",
            "VBC403",
            1,
            "a date is compared with a count",
            "both sides must have the same unit: bring them to one",
        ),
        (
            "kind != tiny",
            "VBC305",
            9,
            "`tiny` is not one of `small`, `large`",
            "write one of `small`, `large`",
        ),
        (
            "kind = smal",
            "VBC305",
            8,
            "`smal` is not one of `small`, `large`",
            "write `small`",
        ),
        (
            "kind = 3",
            "VBC305",
            8,
            "`3` is not one of `small`, `large`",
            "write one of `small`, `large`",
        ),
        (
            "kind = colour",
            "VBC403",
            1,
            "the two categories have no word in common",
            "compare words of one category",
        ),
        (
            "kind < large",
            "VBC404",
            1,
            "`<` orders quantities and dates, here stands a category",
            "write `=` or `!=`",
        ),
        (
            "number < number",
            "VBC404",
            1,
            "`<` orders quantities and dates, here stands a identifier",
            "write `=` or `!=`",
        ),
        (
            "flag < flag",
            "VBC404",
            1,
            "`<` orders quantities and dates, here stands a yes/no",
            "write `=` or `!=`",
        ),
        (
            "rate between 5 and 10%",
            "VBC403",
            1,
            "a percent is compared with a count",
            "write `5%`",
        ),
        (
            "x between 1 and $3",
            "VBC403",
            1,
            "a number is compared with a money",
            "both sides must have the same unit: bring them to one",
        ),
        (
            "kind in (small, tiny)",
            "VBC305",
            17,
            "`tiny` is not one of `small`, `large`",
            "write one of `small`, `large`",
        ),
        (
            "kind in (small, beds)",
            "VBC403",
            17,
            "a category is compared with a count",
            "both sides must have the same unit: bring them to one",
        ),
        (
            "beds in (1, 5%)",
            "VBC403",
            13,
            "a count is compared with a percent",
            "both sides must have the same unit: bring them to one",
        ),
        (
            "not beds",
            "VBC415",
            5,
            "a yes/no is wanted here; here stands a count",
            "write a comparison",
        ),
        (
            "flag and beds",
            "VBC415",
            10,
            "a yes/no is wanted here; here stands a count",
            "write a comparison",
        ),
        (
            "if flag then 5 else 5%",
            "VBC407",
            21,
            "the two ways give a count and a percent",
            "write `5%`",
        ),
        (
            "if flag then $5 else 5",
            "VBC407",
            22,
            "the two ways give a money and a count",
            "write `$5`",
        ),
        (
            "if beds then 5 else 6",
            "VBC415",
            4,
            "a yes/no is wanted here; here stands a count",
            "write a comparison",
        ),
        (
            "min(paid, 5)",
            "VBC409",
            11,
            "`min` is given a money and a count",
            "write `$5`",
        ),
        (
            "max(rate, paid)",
            "VBC409",
            11,
            "`max` is given a percent and a money",
            "both sides must have the same unit: bring them to one",
        ),
        (
            "min(kind, kind)",
            "VBC409",
            5,
            "`min` takes quantities, here stands a category",
            "name a quantity",
        ),
        (
            "abs(day)",
            "VBC409",
            5,
            "`abs` takes quantities, here stands a date",
            "name a quantity",
        ),
        (
            "clamp(rate, 0, 5%)",
            "VBC409",
            13,
            "`clamp` is given a percent and a count",
            "write `0%`",
        ),
        (
            "round(paid, 2.5, down)",
            "VBC411",
            13,
            "the number of digits is a whole number from 0 to 40",
            "write it as a numeral",
        ),
        (
            "round(paid, 41, down)",
            "VBC411",
            13,
            "the number of digits is a whole number from 0 to 40",
            "write it as a numeral",
        ),
        (
            "round(flag, 2, down)",
            "VBC415",
            7,
            "a quantity is wanted here; here stands a yes/no",
            "write a number, percent or money",
        ),
        (
            "round(paid / spent, 2, down) + 5%",
            "VBC426",
            1,
            "a quotient is rounded before it is known to be a percent, whose digits count differently",
            "name the quotient as a value with `type: percent`, and round that",
        ),
        (
            "rate > round(paid / spent, 2, down)",
            "VBC426",
            8,
            "a quotient is rounded before it is known to be a percent, whose digits count differently",
            "name the quotient as a value with `type: percent`, and round that",
        ),
        (
            "round(paid / spent, 2, down) of paid",
            "VBC426",
            1,
            "a quotient is rounded before it is known to be a percent, whose digits count differently",
            "name the quotient as a value with `type: percent`, and round that",
        ),
        (
            "ceiling(paid / spent) of paid",
            "VBC426",
            1,
            "a quotient is rounded before it is known to be a percent, whose digits count differently",
            "name the quotient as a value with `type: percent`, and round that",
        ),
        (
            "floor(day)",
            "VBC415",
            7,
            "a quantity is wanted here; here stands a date",
            "write a number, percent or money",
        ),
        (
            "sqrt(rate, 6)",
            "VBC415",
            6,
            "`sqrt` takes a number; here stands a percent",
            "write a number",
        ),
        (
            "sqrt(x, beds)",
            "VBC411",
            9,
            "the number of digits is a whole number from 0 to 40",
            "write it as a numeral",
        ),
        (
            "days_between(day, beds)",
            "VBC415",
            19,
            "`days_between` takes a date; here stands a count",
            "write a date",
        ),
        (
            "add_months(day, x)",
            "VBC415",
            17,
            "a whole number of months is wanted; here stands a number",
            "write a count",
        ),
        (
            "year(beds)",
            "VBC415",
            6,
            "`year` takes a date; here stands a count",
            "write a date",
        ),
        (
            "rate on day",
            "VBC408",
            1,
            "`on` reads a dated parameter",
            "write `parameter on date`",
        ),
    ],
)
def test_a_formula_is_refused(formula: str, code: str, at: int, message: str, help_: str) -> None:
    """`at` counts the formula's characters from 1."""
    line = GIVEN.count("\n") + 3
    assert refused(_file(formula)) == [f"{code} {line}:{at + 18} {message} | {help_}"]
