"""Sums of products: what they render as, and that nothing is proven of them which is not so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_rules.run.scalar.terms import Fact, Terms, atom, multiply, number, plus, proves, render, scale, whole_part

P, B = atom("p"), atom("b")
NAMES = ("p", "b", "t")


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (number(0), "0"),
        (number(-3), "(-3)"),
        (P, "p"),
        (scale(P, 9), "(p * 9)"),
        (plus(P, number(8692), -1), "(p - 8692)"),
        (plus(number(8879), B, -1), "(8879 - b)"),
        (scale(plus(P, B, -1), 10), "((p - b) * 10)"),
        (plus(scale(plus(P, B, -1), 10), number(7)), "((p - b) * 10 + 7)"),
        (scale(P, -1), "(-p)"),
    ],
    ids=str,
)
def test_code_is_what_one_would_write(terms: Terms, code: str) -> None:
    assert render(terms) == code


def test_a_product_of_two_sums_is_not_multiplied_out() -> None:
    assert multiply(plus(P, number(1)), plus(B, number(1))) is None
    assert multiply(plus(P, number(1)), number(3)) == plus(scale(P, 3), number(3))


def test_between_two_names_a_third_lies_apart_from_both() -> None:
    above, below = Fact(plus(P, B, -1), strict=True), Fact(plus(number(8879), P, -1), strict=True)
    assert proves(plus(number(8879), B, -1), (above, below))
    assert not proves(plus(number(8878), B, -1), (above,))
    assert not proves(plus(B, P, -1), (above, below), strict=False)


_SUMS = st.builds(
    lambda factors, rest: plus(
        tuple(sorted(((name,), factor) for name, factor in factors.items() if factor)), number(rest)
    ),
    st.dictionaries(st.sampled_from(NAMES), st.integers(-9, 9)),
    st.integers(-30, 30),
)
_PLACES = st.fixed_dictionaries({name: st.integers(-20, 20) for name in NAMES})


def _value(terms: Terms, place: dict[str, int]) -> int:
    return int(eval(render(terms), {}, dict(place)))  # noqa: S307 (the code under test)


@given(_SUMS, _PLACES)
def test_code_has_the_value_of_its_terms(terms: Terms, place: dict[str, int]) -> None:
    wanted = sum(factor * (place[product[0]] if product else 1) for product, factor in terms)
    assert _value(terms, place) == wanted


@given(_SUMS, st.lists(st.builds(Fact, _SUMS, st.booleans()), max_size=3), _PLACES, st.booleans())
def test_what_is_proven_holds_wherever_the_facts_hold(
    terms: Terms,
    facts: list[Fact],
    place: dict[str, int],
    strict: bool,  # noqa: FBT001
) -> None:
    if all(_value(fact.terms, place) >= fact.strict for fact in facts) and proves(terms, facts, strict=strict):
        assert _value(terms, place) >= strict


@given(_SUMS, _SUMS, _PLACES)
def test_the_whole_part_is_that_of_the_same_quotient(above: Terms, below: Terms, place: dict[str, int]) -> None:
    if _value(below, place) > 0:
        small, under = whole_part(above, below)
        assert _value(small, place) // _value(under, place) == _value(above, place) // _value(below, place)
