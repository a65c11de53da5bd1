"""The calculator reads what explanations print, and refuses what is not exactly so."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.explain.calculator import WrongError, check, value


@pytest.mark.parametrize(
    "line",
    [
        "5% * 90% * $1,000,000.00 = $45,000.00",
        "round($45,000.0049, 2, down) = $45,000.00",
        "round(1.4975, 0, half up) = 1",
        "round(77.49705%, 2, half up) = 77.5%",
        "round(5% * 33.33%, to 0.01%, down) = 1.66%",
        "round(1.3, to 0.5, half even) = 1.5",
        "(25% * 38 1/3 + 25% * 16) / (25% + 25%) = 27 1/6",
        "max(-3, 0) = 0",
        "1.124 <= 0.589 is no",
        "100 / (38 1/3) = 2 14/23",
        "5 - (-3) = 8",
        "yes and not no is yes",
        "pg1 in (pg1, pg2) is yes",
        "'99213' in ('99202' to '99215', '99417') is yes",
        "'0992' in ('99202' to '99215') is no",
        "absent (not reported) is missing is yes",
        "absent (not reported) is below_minimum is no",
        "5 is not missing is yes",
        "days_between(2024-02-28, 2024-03-01) = 2",
        "count(a, b, 'item 3') = 3",
        "count() = 0",
    ],
)
def test_what_is_true_is_accepted(line: str) -> None:
    check(line)


@pytest.mark.parametrize(
    "line",
    [
        "5% * 90% = 4.51%",
        "1 / 3 = 0.333333",
        "1.124 <= 0.589 is yes",
        "round($45,000.009, 2, down) = $45,000.01",
        "a total",
        "5 + = 5",
        "5 = yes",
    ],
)
def test_what_is_not_exactly_so_is_refused(line: str) -> None:
    with pytest.raises(WrongError):
        check(line)


def test_a_fraction_holds_together_and_a_spaced_slash_divides() -> None:
    assert value("38 1/3") == Fraction(115, 3)
    assert value("8 / 2/3") == 12
    assert value("8 / 2 / 3") == Fraction(4, 3)
