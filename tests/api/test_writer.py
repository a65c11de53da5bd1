"""Results as JSON text: the function written for a program gives what `to_dict()` gives, to the letter."""

from __future__ import annotations

import datetime
import json
import os
import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vbc_rules as vbc
from tests.conformance.generator.programs import program_text
from tests.conformance.generator.rows import rows_of
from vbc_rules.api.standing import Status
from vbc_rules.language.numerals import at_scale, decimals_below, decimals_of, in_decimals
from vbc_rules.run.scalar import ScalarTrace
from vbc_rules.testing.binding import bind_file
from vbc_rules.testing.files import find_test_files

SEEDS: Final = {"quick": 8, "thorough": 2000}.get(os.environ.get("HYPOTHESIS_PROFILE", "default"), 80)
CHUNKS: Final = 4
ROWS: Final = 12
FILES: Final = {file.name: file for file in find_test_files()}


def assert_same(result: vbc.Result) -> None:
    assert result.to_json() == json.dumps(result.to_dict(), ensure_ascii=False)


def drawn(program: vbc.Program, seed: int) -> Iterator[vbc.Result]:
    """Yield the results of rows drawn for a program, of those that have one."""
    rows = rows_of(program.resolved, program.plan.layout, random.Random(seed))  # noqa: S311 (the same each time)
    for _ in range(ROWS):
        try:
            yield program.evaluate_row(rows.draw())
        except vbc.VbcError:
            continue


@pytest.mark.parametrize("name", FILES)
def test_packaged_programs(name: str) -> None:
    program, tests = bind_file(FILES[name])
    if program.needs_cohort:
        assert program.writer is None
        return
    assert program.writer is not None
    alone = [test for test in tests if not test.case.refused and test.participants is None]
    assert alone
    for test in alone:
        assert_same(program.evaluate(test.inputs, cohort=test.cohort, parameters=test.parameters))
    for result in drawn(program, 5):
        assert_same(result)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_generated_programs(chunk: int) -> None:
    compared = 0
    for seed in range(chunk, SEEDS, CHUNKS):
        try:
            program = vbc.Program(program_text(seed).encode(), f"seed{seed}.yaml")
        except vbc.RuleFileError:
            continue
        assert program.writer is not None, seed
        for result in drawn(program, seed):
            assert_same(result)
            compared += isinstance(result.trace, ScalarTrace)
    assert compared * CHUNKS > SEEDS


RULES = """
program: acme/written
edition: 2024
language: 1
title: Everything that is written
participant: "hospital"
in_force: {from: 2024-01-01, through: 2024-12-31}
levels:
  measure: {in: hospital, members: {screening: {}, falls: {}}}
  stay: {in: hospital, list: yes, at_most: 9}
  visit: {in: stay, list: yes, at_most: 9}
inputs:
  hospital:
    paid: {type: money, range: "-$1,000,000 to $1,000,000"}
    rate: {type: percent, decimals: 3, range: -100% to 100%, may_be: [not_reported, excluded]}
    ratio: {type: number, decimals: 4, range: -10 to 10}
    signed: {type: yes_no}
    joined: {type: date}
    kind: {type: category, of: [rural, urban]}
    note: {type: text}
  measure:
    met: {type: count, range: 0 to 1000}
  stay:
    days: {type: count, range: 1 to 365}
  visit:
    minutes: {type: number, decimals: 1, range: 0 to 1000}
values:
  visit:
    hours: {formula: minutes / 60, illustrative: yes}
    halves: {formula: minutes / 2, illustrative: yes}
  stay:
    weeks: {formula: days / 7, illustrative: yes}
    long: {formula: days > 7, illustrative: yes}
    whole: {sum: minutes}
  measure:
    part: {formula: met / 8, illustrative: yes}
  hospital:
    rate_again: {needs: rate, formula: rate}
    ratio_again: {formula: ratio}
    third: {formula: ratio / 3, illustrative: yes}
    a_third: {formula: paid / 3, illustrative: yes}
    kind_again: {formula: kind}
    note_again: {formula: note}
    joined_again: {formula: joined}
    signed_again: {formula: signed}
    always: {formula: 5% of $10, illustrative: yes}
gates:
  hospital:
    joins: {require: signed, otherwise: not_in_program}
    reports: {require: ratio > 0, otherwise: pays_nothing}
payments:
  hospital:
    earned: {needs: rate, formula: rate of paid, round: 2 down, absent: pays_nothing}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> vbc.Program:
    file: Path = tmp_path_factory.mktemp("written") / "rules.yaml"
    file.write_text(RULES)
    return vbc.load(file)


def scaled(digits: int, most: int) -> st.SearchStrategy[str]:
    """Return numbers as they are written, from `-most` to `most`, many of them with zeros at their end."""
    ends = st.sampled_from([0, 1, 10**digits, most * 10**digits])
    whole = st.one_of(
        ends, st.integers(0, most).map(lambda number: number * 10**digits), st.integers(0, most * 10**digits)
    )
    sign = st.sampled_from(["", "-"])
    return st.builds(lambda minus, number: minus + at_scale(number, digits), sign, whole)


rates = st.one_of(
    scaled(3, 100).map(lambda text: f"{text}%"),
    st.sampled_from(["not_reported", "excluded"]).map(vbc.Absent),
)
visits = st.lists(st.builds(lambda tenths: {"minutes": at_scale(tenths, 1)}, st.integers(0, 10_000)), max_size=3)
stays = st.lists(st.builds(lambda days, visit: {"days": days, "visit": visit}, st.integers(1, 365), visits), max_size=3)
texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30)
inputs = st.fixed_dictionaries(
    {
        "hospital": texts,
        "paid": scaled(2, 1_000_000),
        "rate": rates,
        "ratio": scaled(4, 10),
        "signed": st.booleans(),
        "joined": st.dates(),
        "kind": st.sampled_from(["rural", "urban"]),
        "note": texts,
        "measure": st.fixed_dictionaries(
            {name: st.builds(lambda met: {"met": met}, st.integers(0, 1000)) for name in ("screening", "falls")}
        ),
        "stay": stays,
    }
)


@given(given=inputs, as_of=st.none() | st.dates(), status=st.sampled_from([None, "final"]))
def test_every_kind_of_value(
    program: vbc.Program, given: dict[str, object], as_of: datetime.date | None, status: Status | None
) -> None:
    result = program.evaluate(given, as_of=as_of, status=status)
    assert isinstance(result.trace, ScalarTrace)
    assert_same(result)
    assert json.loads(result.to_json(indent=1)) == result.to_dict()
    by_oracle = program.evaluate(given, engine="oracle", as_of=as_of, status=status)
    assert by_oracle.to_json() == result.to_json()


def test_names_that_hide_each_other_are_written_the_general_way() -> None:
    program = vbc.Program(RULES.replace("hospital", "status").encode(), "rules.yaml")
    assert program.writer is None
    given = {
        "status": "A",
        "paid": "1000.00",
        "rate": "5%",
        "ratio": "0.5",
        "signed": True,
        "joined": "2024-02-29",
        "kind": "rural",
        "note": 'a "quoted" one',
        "measure": {"screening": {"met": 1}, "falls": {"met": 2}},
        "stay": [],
    }
    result = program.evaluate(given)
    assert json.loads(result.to_json())["status"] == "A"
    assert_same(result)


@given(number=st.integers(-(10**30), 10**30), scale=st.integers(0, 25), least=st.integers(0, 4))
def test_units_are_written_as_the_number_they_are(number: int, scale: int, least: int) -> None:
    assert at_scale(number, scale, least=least) == in_decimals(Fraction(number, 10**scale), least=least)


@given(numerator=st.integers(), denominator=st.integers(1, 10**12))
def test_decimals_that_end(numerator: int, denominator: int) -> None:
    value = Fraction(numerator, denominator)
    needed = decimals_of(value)
    assert needed == decimals_below(value.denominator)
    if needed is not None:
        assert (value * 10**needed).denominator == 1
        assert needed == 0 or (value * 10 ** (needed - 1)).denominator != 1
    else:
        assert (value * 10**50).denominator != 1
