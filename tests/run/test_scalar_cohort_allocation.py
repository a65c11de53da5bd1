"""The laws of allocation, on pools made at random: nothing is lost, bounds hold, and order does not matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbc_rules.run.oracle.together import _Claim, _in_cents, _solve
from vbc_rules.run.scalar.allocation import Claims, Unshareable, share_out

EXAMPLES = settings(max_examples=1_000, deadline=None)


@dataclass(frozen=True)
class Case:
    """A pool and what each member may have of it."""

    pool: int
    basis: tuple[int | Fraction, ...]
    floors: tuple[int, ...] | None
    caps: tuple[int, ...] | None

    def shares(self, keys: list[int] | None = None) -> list[int]:
        claims = Claims(self.basis, self.floors, self.caps, keys or list(range(len(self.basis))))
        return share_out(self.pool, claims, basis_is_needed=False)

    def floor(self, place: int) -> int:
        return 0 if self.floors is None else self.floors[place]


BASIS = st.one_of(
    st.sampled_from([0, 0, 1, 1, 2, 3]),
    st.integers(0, 10**9),
    st.fractions(min_value=0, max_value=1000, max_denominator=50),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Return pools from nothing to more than all caps together; members often equal, often without a basis."""
    count = draw(st.integers(0, 7))
    floors = caps = None
    if draw(st.booleans()):
        floors = tuple(draw(st.lists(st.sampled_from([0, 0, 1, 7, 100]), min_size=count, max_size=count)))
    if draw(st.booleans()):
        room = draw(st.lists(st.sampled_from([0, 1, 2, 33, 1000]), min_size=count, max_size=count))
        caps = tuple(low + more for low, more in zip(floors or (0,) * count, room, strict=True))
    least = sum(floors or ())
    pool = least + draw(st.one_of(st.integers(0, 5), st.integers(0, 3_000)))
    return Case(pool, tuple(draw(st.lists(BASIS, min_size=count, max_size=count))), floors, caps)


@given(case=cases())
@EXAMPLES
def test_every_cent_is_placed_unless_no_cap_allows_it_and_the_shares_are_the_oracles(case: Case) -> None:
    shares = case.shares()
    claims = [
        _Claim(Fraction(basis), case.floor(place), None if case.caps is None else case.caps[place], Fraction(place))
        for place, basis in enumerate(case.basis)
    ]
    _solve(claims, case.pool)
    assert shares == _in_cents(claims)
    room = False
    for place, share in enumerate(shares):
        assert share >= case.floor(place)
        assert case.caps is None or share <= case.caps[place]
        if not case.basis[place]:
            assert share == case.floor(place)
        elif case.caps is None or share < case.caps[place]:
            room = True
    assert sum(shares) == case.pool if room else sum(shares) <= case.pool


@given(case=cases(), data=st.data())
@settings(max_examples=300, deadline=None)
def test_the_order_of_members_and_the_unit_of_the_basis_do_not_matter(case: Case, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(case.basis))))
    other = Case(
        case.pool,
        tuple(case.basis[place] * 7 for place in order),
        None if case.floors is None else tuple(case.floors[place] for place in order),
        None if case.caps is None else tuple(case.caps[place] for place in order),
    )
    shares = case.shares()
    assert other.shares(list(order)) == [shares[place] for place in order]


@given(case=cases().filter(lambda case: len(case.basis) > 0), data=st.data())
@EXAMPLES
def test_who_has_more_of_the_basis_never_has_less_of_the_pool(case: Case, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(case.basis) - 1))
    more = case.basis[place] + data.draw(st.one_of(st.integers(0, 3), st.fractions(0, 100, max_denominator=9)))
    basis = (*case.basis[:place], more, *case.basis[place + 1 :])
    assert replace(case, basis=basis).shares()[place] >= case.shares()[place]


def test_one_cent_among_three_goes_to_the_first_by_key() -> None:
    claims = Claims([1, 1, 1], None, None, ["c", "a", "b"])
    assert share_out(1, claims, basis_is_needed=True) == [0, 1, 0]
    assert share_out(2, claims, basis_is_needed=True) == [0, 1, 1]


def test_odd_cents_go_by_the_largest_fraction_before_any_key() -> None:
    # 100 cents by 1 : 2 : 4 are 14 2/7, 28 4/7 and 57 1/7.
    assert share_out(100, Claims([1, 2, 4], None, None, [1, 2, 3]), basis_is_needed=True) == [14, 29, 57]


def test_what_a_cap_releases_is_shared_again_and_what_no_cap_allows_stays() -> None:
    assert share_out(100, Claims([1, 1, 2], None, [10, 100, 100], [1, 2, 3]), basis_is_needed=True) == [10, 30, 60]
    assert share_out(100, Claims([1, 1, 0], None, [10, 20, 100], [1, 2, 3]), basis_is_needed=True) == [10, 20, 0]


def test_a_floor_is_taken_from_the_others() -> None:
    assert share_out(100, Claims([1, 9], [40, 0], None, [1, 2]), basis_is_needed=True) == [40, 60]
    assert share_out(40, Claims([1, 9], [40, 0], None, [1, 2]), basis_is_needed=True) == [40, 0]


def test_without_a_basis_the_floors_are_paid() -> None:
    assert share_out(100, Claims([0, 0], [5, 0], None, [1, 2]), basis_is_needed=False) == [5, 0]
    assert share_out(100, Claims([], None, None, []), basis_is_needed=False) == []


@pytest.mark.parametrize(
    ("pool", "claims", "basis_is_needed"),
    [
        (-1, Claims([1], None, None, [1]), False),
        (1, Claims([-1], None, None, [1]), False),
        (1, Claims([1], [2], None, [1]), False),
        (1, Claims([1], [-1], None, [1]), False),
        (5, Claims([1], [2], [1], [1]), False),
        (5, Claims([1], None, [-1], [1]), False),
        (1, Claims([0, 0], None, None, [1, 2]), True),
        (1, Claims([], None, None, []), True),
    ],
)
def test_what_cannot_be_shared_is_refused(pool: int, claims: Claims, basis_is_needed: bool) -> None:  # noqa: FBT001
    with pytest.raises(Unshareable):
        share_out(pool, claims, basis_is_needed=basis_is_needed)


def test_fractions_of_thousands_of_denominators_are_shared_exactly() -> None:
    basis = [Fraction(number * 7919 % 5003 + 1, number % 4999 + 1) for number in range(2_000)]
    caps = [number * 31 % 900 for number in range(2_000)]
    shares = share_out(500_000, Claims(basis, None, caps, list(range(2_000))), basis_is_needed=True)
    assert sum(shares) == 500_000
    assert all(share <= cap for share, cap in zip(shares, caps, strict=True))
