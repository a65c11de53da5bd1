"""The closest valid name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_rules.source.nearest import nearest

SECTIONS = ["sources", "parameters", "levels", "inputs", "expected", "values", "gates", "payments", "guarantees"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("value", "values"),
        ("gats", "gates"),
        ("gatse", "gates"),
        ("paramaters", "parameters"),
        ("INPUTS", "inputs"),
        ("garantees", "guarantees"),
        ("payment", "payments"),
        ("weights", None),
        ("", None),
        ("x", None),
    ],
)
def test_sections(word: str, expected: str | None) -> None:
    assert nearest(word, SECTIONS) == expected


def test_ties_do_not_depend_on_the_order() -> None:
    assert nearest("cat", ["bat", "cut", "car"]) == nearest("cat", ["car", "cut", "bat"]) == "car"
    assert nearest("cap", ["Cap", "cap"]) == "cap"
    assert nearest("rate_b", iter(["rate_a", "rate_c"])) == "rate_a"


def test_one_letter_alone_is_near_to_nothing_else() -> None:
    assert nearest("a", ["b"]) is None
    assert nearest("a", ["ab"]) == "ab"


@given(st.text("abcdefg_", min_size=2, max_size=12), st.data())
def test_one_slip_is_always_found(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 2))
    dropped = name[:at] + name[at + 1 :]
    added = name[:at] + "x" + name[at:]
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    for slip in (dropped, added, swapped):
        assert nearest(slip, [name, "qqqqqqqqqqqqqqqqqq"]) == name
