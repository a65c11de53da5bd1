"""Quantities given as text: what is read is what the text states, and what states none is refused."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_rules.errors import Code, InputError, InputProblem
from vbc_rules.language.reading import read_document
from vbc_rules.plan.layout import Field, make_layout
from vbc_rules.resolve.program import Domain
from vbc_rules.resolve.resolver import resolve
from vbc_rules.run.reading import Reader, compile_reader
from vbc_rules.run.reading.careful import CarefulReading
from vbc_rules.run.reading.numbers import limits
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

RULES = """\
program: test/text
edition: "2024"
language: 1
title: Quantities of every kind
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
inputs:
  hospital:
    rate: {type: number, decimals: 4, range: 0 to 1}
    change: {type: number, decimals: 2, range: -50 to 50, may_be: not_reported}
    wide: {type: number, decimals: 1, range: 0 to 1000000000000000000000000000000}
    open: {type: count}
    cases: {type: count, range: 0 to 1000}
    paid: {type: money, range: "-$1,000 to $1,000,000"}
    share: {type: percent, decimals: 2, range: 0% to 100%}
    whole: {type: percent, decimals: 0, range: -10% to 100%}
payments:
  hospital:
    earned: {formula: paid, round: 2 down}
"""


def made() -> Reader:
    findings = Findings()
    tree = read_text(RULES, "text.yaml", findings)
    assert tree is not None
    document = read_document(tree, findings)
    assert document is not None
    program = resolve(document, findings)
    assert not findings.errors, findings.errors
    return compile_reader(make_layout(program), program)


READER: Final = made()
GIVEN: Final = {
    "rate": "0.5000",
    "change": "0.00",
    "wide": "0.0",
    "open": 0,
    "cases": 0,
    "paid": "0.00",
    "share": "0.00%",
    "whole": "0%",
}
PLACES: Final = {
    field.ref.name: (place, field.domain)
    for place, field in enumerate(READER.layout.fields)
    if isinstance(field, Field) and field.domain is not None
}
PLAIN: Final = re.compile(r"(-?)(\$?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.([0-9]+))?(%?)", re.ASCII)

ODD: Final = (
    "+1", "1e3", "1E3", " 1", "1 ", "１", "0.１２３４", "1_0", "0.1_23", "-0", "-0.0000", "00.10", "0000.5000", "",
    "NaN", "inf", "1.", ".5", ".5000", "-.5", "-", ".", "-.", "--1", "1-", "0-.5000", "1.2.3", "0.12.34", "0..5000",
    "1,000", "1,0.0000", "$1", "-$1.00", "$-1.00", "5%", "5.00%", "%", ".%", "5%%", "5 %", "%5.00", "½", "²", "0.123²",
    "0x10", "1\n", "0.5000\n", "0.50000", "0.50001", "9" * 100, "9" * 101, "9" * 300, "0" * 99 + "1", "0" * 200 + "1",
    "0" * 120 + ".5000", "0." + "0" * 150, "\ud800", "0.5000\x00",
)  # fmt: skip

pieces = st.sampled_from(
    ["", "0", "00", "1", "7", "12", "123", "5000", ".", ",", "-", "+", "$", "%", "e", "_", " ", "٣", "²", "９"]
)
mixed = st.lists(pieces, max_size=6).map("".join)
usual = st.builds(
    lambda minus, number, places, sign: f"{minus}{number / 10**places:.{places}f}{sign}",
    st.sampled_from(["", "", "-"]),
    st.integers(0, 2_000_000),
    st.integers(0, 6),
    st.sampled_from(["", "%"]),
)
texts = st.one_of(st.sampled_from(ODD), usual, mixed, st.text(max_size=8))


def stated(text: str, domain: Domain) -> int | None:
    """Return what a text says in units of its domain; None where it is no number that may be written so."""
    match = PLAIN.fullmatch(text)
    if match is None or len(text) > 200:
        return None
    minus, dollar, whole, after, percent = match.groups()
    if not (whole or after) or (dollar and domain.type.kind != "money"):
        return None
    if bool(percent) != (domain.type.kind == "percent"):
        return None
    value = Fraction(f"{minus}{(whole or '0').replace(',', '')}.{after or '0'}") * 10**domain.scale
    units = value / 100 if percent else value
    low, high = limits(domain)
    return int(units) if units.denominator == 1 and low <= units <= high else None


def carefully(given: dict[str, object]) -> list[InputProblem]:
    careful = CarefulReading(READER._readers, None)
    careful.read(READER._shape, given, {}, {})
    return careful.problems


def read(name: str, text: str) -> tuple[int | None, list[InputProblem]]:
    given = {**GIVEN, name: text}
    problems = carefully(given)
    if problems:
        with pytest.raises(InputError) as error:
            READER.read(given)
        assert list(error.value.problems) == problems
        return None, problems
    row = READER.read(given)
    found = row[PLACES[name][0]]
    assert type(found) is int
    return found, []


@pytest.mark.parametrize("name", PLACES)
@given(text=texts)
def test_a_text_is_read_as_what_it_states_or_refused(name: str, text: str) -> None:
    found, problems = read(name, text)
    assert found == stated(text, PLACES[name][1])
    assert [problem.where for problem in problems] == [name] * (found is None)


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_odd_texts(name: str, text: str) -> None:
    found, _ = read(name, text)
    assert found == stated(text, PLACES[name][1])


@pytest.mark.parametrize(
    ("name", "text", "cell"),
    [
        ("rate", "0.8692", 8692),
        ("rate", "00.8692", 8692),
        ("rate", ".8692", 8692),
        ("rate", "0.87", 8700),
        ("rate", "1", 10000),
        ("change", "-12.50", -1250),
        ("change", "-0", 0),
        ("wide", "12345678901234567890.5", 123456789012345678905),
        ("cases", "0012", 12),
        ("paid", "-$1,000.00", -100000),
        ("paid", "1234.5", 123450),
        ("share", "77.50%", 7750),
        ("share", "77.5%", 7750),
        ("whole", "-5%", -5),
    ],
)
def test_texts_as_people_and_systems_write_them(name: str, text: str, cell: int) -> None:
    assert read(name, text) == (cell, [])


@pytest.mark.parametrize("number", [0, 1, True])
def test_whole_numbers_are_whole_and_no_yes_or_no(number: int) -> None:
    given = {**GIVEN, "rate": number, "paid": number, "wide": number, "change": number}
    if isinstance(number, bool):
        with pytest.raises(InputError) as error:
            READER.read(given)
        assert {problem.code for problem in error.value.problems} == {Code.WRONG_TYPE}
        return
    row = READER.read(given)
    found = {name: row[PLACES[name][0]] for name in ("rate", "paid", "wide", "change")}
    assert found == {"rate": number * 10000, "paid": number * 100, "wide": number * 10, "change": number * 100}
