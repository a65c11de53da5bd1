"""Ranges hold every number they are said to hold, with ends that are open, closed or missing."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vbc_rules.check.interval import EVERYTHING, NOTHING, Interval
from vbc_rules.language.rounding import round_to
from vbc_rules.resolve.expressions import Rounding
from vbc_rules.source.span import SourceFile, Span

NUMBERS = st.builds(Fraction, st.integers(-12, 12), st.sampled_from((1, 2, 3, 4, 10)))
ENDS = st.none() | NUMBERS
SPAN = Span(SourceFile("rules.yaml", ""), 1, 1, 1, 2)
ROUNDINGS = st.builds(
    lambda unit, mode: Rounding(unit, mode, "", SPAN),
    st.sampled_from((Fraction(1), Fraction(1, 2), Fraction(1, 10), Fraction(1, 100), Fraction(3))),
    st.sampled_from(("half_up", "half_even", "down", "up", "floor", "ceiling")),
)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = draw(ENDS), draw(ENDS)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Interval(low, high, low is not None and draw(st.booleans()), high is not None and draw(st.booleans()))


@st.composite
def members(draw: st.DrawFn) -> tuple[Interval, Fraction]:
    """Return a range and a number within it: an end, one near an end, or any other."""
    interval = draw(intervals())
    near = [Fraction(0)]
    for end in (interval.low, interval.high):
        if end is not None:
            near += [end, end + Fraction(1, 1000), end - Fraction(1, 1000), end + Fraction(1, 3)]
    value = draw(st.sampled_from(near) | NUMBERS)
    assume(value in interval)
    return interval, value


@given(members(), members())
def test_sums_differences_and_products(one: tuple[Interval, Fraction], other: tuple[Interval, Fraction]) -> None:
    (a, x), (b, y) = one, other
    assert x + y in a + b
    assert x - y in a - b
    assert x * y in a * b
    assert -x in -a


@given(members(), NUMBERS)
def test_multiples(one: tuple[Interval, Fraction], factor: Fraction) -> None:
    assert one[1] * factor in one[0].times(factor)


@given(members())
def test_inverses(one: tuple[Interval, Fraction]) -> None:
    interval, value = one
    if interval.is_positive or interval.is_negative:
        assert 1 / value in interval.inverse()
    else:
        with pytest.raises(ValueError, match="zero lies within"):
            interval.inverse()


@given(members(), members())
def test_the_larger_and_the_smaller(one: tuple[Interval, Fraction], other: tuple[Interval, Fraction]) -> None:
    (a, x), (b, y) = one, other
    assert max(x, y) in a.at_least(b)
    assert min(x, y) in a.at_most(b)
    assert x in a.hull(b)
    assert y in a.hull(b)
    assert (x in a.meet(b)) == (x in b)


@given(members(), ROUNDINGS)
def test_rounding(one: tuple[Interval, Fraction], rounding: Rounding) -> None:
    assert round_to(one[1], rounding.unit, rounding.mode) in one[0].rounded(rounding)


@given(members())
def test_what_is_said_of_all_numbers_within(one: tuple[Interval, Fraction]) -> None:
    interval, value = one
    assert not interval.is_empty
    assert not interval.is_positive or value > 0
    assert not interval.is_negative or value < 0
    assert not interval.is_not_negative or value >= 0
    assert not interval.is_not_positive or value <= 0
    assert not interval.is_point or value == interval.low


@given(intervals())
def test_hull_and_meet_with_nothing_and_everything(interval: Interval) -> None:
    assume(not interval.is_empty)
    assert interval.hull(NOTHING) == interval
    assert NOTHING.hull(interval) == interval
    assert interval.meet(EVERYTHING) == interval
    assert interval.hull(EVERYTHING) == EVERYTHING
    assert interval.meet(NOTHING).is_empty


@pytest.mark.parametrize(
    ("interval", "rounding", "wanted"),
    [
        (Interval(Fraction(0), Fraction(5, 2), high_open=True), ("half_up", 1), (0, 2)),
        (Interval(Fraction(0), Fraction(5, 2)), ("half_up", 1), (0, 3)),
        (Interval(Fraction(0), Fraction(3), high_open=True), ("down", 1), (0, 2)),
        (Interval(Fraction(0), Fraction(1), low_open=True), ("ceiling", 1), (1, 1)),
        (Interval(Fraction(-5, 2), None), ("half_even", 1), (-2, None)),
    ],
)
def test_an_open_end_that_is_a_tie_is_approached_from_within(
    interval: Interval, rounding: tuple[str, int], wanted: tuple[int | None, int | None]
) -> None:
    mode, unit = rounding
    found = interval.rounded(Rounding(Fraction(unit), mode, "", SPAN))  # type: ignore[arg-type]
    assert (found.low, found.high) == wanted
