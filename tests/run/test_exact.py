"""Rounding, roots, powers of e and dates, exactly."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_rules.language.rounding import ROUNDING_MODES, RoundingMode
from vbc_rules.run import exact

ONE = Fraction(1)
FRACTIONS = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**4)
UNITS = st.sampled_from([Fraction(1, 100), Fraction(1), Fraction(1, 2), Fraction(5), Fraction(1, 10000)])
DAYS = st.dates(min_value=datetime.date(1900, 1, 1), max_value=datetime.date(2100, 12, 31))


@pytest.mark.parametrize(
    ("value", "half_up", "half_even", "down", "up", "floor", "ceiling"),
    [
        ("2.5", 3, 2, 2, 3, 2, 3),
        ("3.5", 4, 4, 3, 4, 3, 4),
        ("-2.5", -3, -2, -2, -3, -3, -2),
        ("-3.5", -4, -4, -3, -4, -4, -3),
        ("2.4999", 2, 2, 2, 3, 2, 3),
        ("2.5001", 3, 3, 2, 3, 2, 3),
        ("-0.2", 0, 0, 0, -1, -1, 0),
        ("7", 7, 7, 7, 7, 7, 7),
        ("0", 0, 0, 0, 0, 0, 0),
    ],
)
def test_the_six_modes(value: str, half_up: int, half_even: int, down: int, up: int, floor: int, ceiling: int) -> None:
    found = [exact.round_to(Fraction(value), ONE, mode) for mode in ROUNDING_MODES]
    assert found == [half_up, half_even, down, up, floor, ceiling]


def test_a_step_that_is_no_power_of_ten() -> None:
    assert exact.round_to(Fraction("2.25"), Fraction("0.5"), "half_up") == Fraction("2.5")
    assert exact.round_to(Fraction("2.25"), Fraction("0.5"), "half_even") == 2
    assert exact.round_to(Fraction("2.75"), Fraction("0.5"), "half_even") == 3


def test_thirds_are_no_ties() -> None:
    assert exact.round_to(Fraction(1, 3), Fraction(1, 100), "half_up") == Fraction("0.33")
    assert exact.round_to(Fraction(2, 3), Fraction(1, 100), "half_even") == Fraction("0.67")


def test_a_unit_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^write a unit above zero to round to$"):
        exact.round_to(ONE, Fraction(0), "down")


@given(FRACTIONS, UNITS, st.sampled_from(ROUNDING_MODES))
def test_rounding_gives_a_multiple_less_than_a_unit_away_and_twice_is_once(
    value: Fraction, unit: Fraction, mode: RoundingMode
) -> None:
    rounded = exact.round_to(value, unit, mode)
    assert (rounded / unit).denominator == 1
    assert abs(rounded - value) < unit
    assert exact.round_to(rounded, unit, mode) == rounded
    if mode not in ("floor", "ceiling"):
        assert exact.round_to(-value, unit, mode) == -rounded


@pytest.mark.parametrize(
    ("value", "digits", "root"),
    [
        ("2", 4, "1.4142"),
        ("0", 3, "0"),
        ("0.25", 0, "0"),  # 0.5 is a tie: to the even 0
        ("2.25", 0, "2"),  # 1.5 is a tie: to the even 2
        ("6.25", 0, "2"),  # 2.5 is a tie: to the even 2
        ("6.250001", 0, "3"),
        ("10", 20, "3.16227766016837933200"),
    ],
)
def test_square_roots(value: str, digits: int, root: str) -> None:
    assert exact.square_root(Fraction(value), digits) == Fraction(root)


@given(st.fractions(min_value=0, max_value=10**6, max_denominator=10**4), st.integers(0, 12))
def test_a_square_root_is_within_half_a_digit(value: Fraction, digits: int) -> None:
    root, half = exact.square_root(value, digits), Fraction(1, 2 * 10**digits)
    assert max(root - half, Fraction(0)) ** 2 <= value <= (root + half) ** 2


def test_the_root_of_a_negative_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^a square root is taken of a number that is not below zero$"):
        exact.square_root(Fraction(-1), 2)


@pytest.mark.parametrize(
    ("value", "digits", "power"),
    [
        ("0", 5, "1"),
        ("1", 10, "2.7182818285"),
        ("-1", 10, "0.3678794412"),
        ("10", 2, "22026.47"),
        ("-1000", 5, "0"),
        ("1/3", 6, "1.395612"),
        ("0.0000001", 20, "1.00000010000000500000"),
    ],
)
def test_powers_of_e(value: str, digits: int, power: str) -> None:
    assert exact.exponential(Fraction(value), digits) == Fraction(power)


def test_a_power_of_e_close_to_a_tie_is_settled_with_more_digits() -> None:
    # The power is chosen so that e to it lies a hair to one side of 1.5, less than the first precision tells apart.
    with localcontext() as context:
        context.prec = 60
        near = Fraction(Decimal("1.5").ln())
    assert exact.exponential(near - Fraction(1, 10**50), 0) == 1
    assert exact.exponential(near + Fraction(1, 10**50), 0) == 2


def test_powers_too_large_are_refused() -> None:
    assert len(str(int(exact.exponential(Fraction(1000), 0)))) == 435
    with pytest.raises(ValueError, match=r"^e is raised to a power from -1,000 to 1,000$"):
        exact.exponential(Fraction(1001), 2)


@pytest.mark.parametrize("digits", [-1, 101])
def test_digits_outside_what_is_kept_are_refused(digits: int) -> None:
    with pytest.raises(ValueError, match=r"^write a whole number of digits from 0 to 100$"):
        exact.exponential(ONE, digits)
    with pytest.raises(ValueError, match=r"^write a whole number of digits from 0 to 100$"):
        exact.square_root(ONE, digits)


@given(st.fractions(min_value=-20, max_value=20, max_denominator=1000))
def test_powers_of_e_agree_with_binary_arithmetic_where_that_is_good_enough(value: Fraction) -> None:
    found = exact.exponential(value, 9)
    assert math.isclose(found, math.exp(value), rel_tol=1e-12, abs_tol=1e-9)


def d(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2024-01-15", "2024-02-14", 0),
        ("2024-01-15", "2024-02-15", 1),
        ("2023-01-31", "2023-02-27", 0),
        ("2023-01-31", "2023-02-28", 1),
        ("2024-01-31", "2024-02-28", 0),
        ("2023-02-28", "2023-03-28", 1),
        ("2023-02-28", "2023-03-27", 0),
        ("2020-02-29", "2021-02-28", 12),
        ("2024-05-31", "2024-05-31", 0),
        ("2024-02-15", "2024-01-15", -1),
        ("2024-02-14", "2024-01-15", 0),
    ],
)
def test_whole_months(first: str, last: str, months: int) -> None:
    assert exact.months_between(d(first), d(last)) == months


@given(DAYS, DAYS)
def test_whole_months_are_the_most_that_do_not_pass_the_last_day(one: datetime.date, other: datetime.date) -> None:
    first, last = min(one, other), max(one, other)
    months = exact.months_between(first, last)
    assert exact.add_months(first, months) <= last < exact.add_months(first, months + 1)
    assert exact.months_between(last, first) == -months


@pytest.mark.parametrize(
    ("first", "last", "years"),
    [
        ("2000-06-15", "2018-06-14", 17),
        ("2000-06-15", "2018-06-15", 18),
        ("2018-06-15", "2000-06-16", -17),
    ],
)
def test_whole_years(first: str, last: str, years: int) -> None:
    assert exact.years_between(d(first), d(last)) == years


@pytest.mark.parametrize(
    ("date", "months", "result"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-11-30", 3, "2025-02-28"),
        ("2024-01-15", -1, "2023-12-15"),
        ("2024-01-15", 0, "2024-01-15"),
    ],
)
def test_adding_months_stays_within_the_month(date: str, months: int, result: str) -> None:
    assert exact.add_months(d(date), months) == d(result)


def test_days_and_years() -> None:
    assert exact.days_between(d("2024-02-28"), d("2024-03-01")) == 2
    assert exact.days_between(d("2024-03-01"), d("2024-02-28")) == -2
    assert exact.year(d("2024-02-28")) == 2024


def test_a_date_past_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^the date lies outside the years 1 to 9999$"):
        exact.add_months(d("9999-12-31"), 1)
