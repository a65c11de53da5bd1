from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vbc_rules.frames.mapping_file import read_mapping
from vbc_rules.frames.running import Runnable
from vbc_rules.frames.validation import Known, Mismatch, Validation, validate
from vbc_rules.resolve.program import Program

MAPPING = """\
mapping: example/hospital@2024
tables:
  main: {file: main.csv, key: ID}
missing: {NA: not_reported}
columns:
  hospital:
    - from: main
      inputs: {payments: Paid, rate: Rate, signed: Signed, track: Track, joined: Joined, note: Note}
      published:
        reward: Reward
        average: {column: Average, rounded: 2 half_up}
  measure:
    - from: main
      members: {hai_1: A, hai_2: B}
      inputs: {score: "{member}"}
      cells: {weight: "Weight {member}"}
      published: {third: {column: "Third {member}", rounded: 4 half_even}}
"""
HEADER = "ID,Paid,Rate,Signed,Track,Joined,Note,Reward,Average,A,B,Weight A,Weight B,Third A,Third B"
GOOD = "010001,1000,5%,yes,basic,2024-01-31,x,50.00,1.55,1.1,2,50%,50%,0.3667,0.6667"
NONE = "010002,1000,5%,yes,basic,2024-01-31,x,50,1,NA,1,50%,50%,NA,0.3333"


def compare(folder: Path, runner: Runnable, *lines: str, mapping: str = MAPPING) -> Validation:
    (folder / "m.yaml").write_text(mapping)
    (folder / "main.csv").write_text("\n".join([HEADER, *lines]))
    return validate(runner, folder, read_mapping(folder / "m.yaml", runner.resolved))


def counts(matched: int) -> dict[str, int]:
    return {
        "checked": matched,
        "matched": matched,
        "matched_by_interval": 0,
        "matched_by_order": 0,
        "known": 0,
        "unpublished": 0,
    }


def test_published_figures_that_match(tmp_path: Path, runner: Runnable) -> None:
    found = compare(tmp_path, runner, GOOD, NONE)
    assert found.holds
    assert found.to_dict() == {
        "checked": 7,
        "matched": 7,
        "matched_by_interval": 0,
        "matched_by_order": 0,
        "known": 0,
        "figures": {
            "hospital.reward": counts(2),
            "hospital.average": counts(2),
            "measure.third": counts(3),
        },
        "cells": counts(4),
        "known_differences": [],
        "mismatches": [],
    }


def test_a_figure_is_exactly_what_its_digits_say(tmp_path: Path, runner: Runnable) -> None:
    found = compare(
        tmp_path, runner, GOOD.replace("50.00", "50.001"), GOOD.replace("010001", "2").replace("1.55", "1.5")
    )
    assert found.mismatches == (
        Mismatch("hospital.reward", None, 1, "010001", "50.001", "50.00"),
        Mismatch("hospital.average", None, 2, "2", "1.5", "1.55"),
    )
    assert (found.checked, found.matched, found.holds) == (8, 6, False)


def test_an_absent_figure_where_one_is_published_is_a_mismatch(tmp_path: Path, runner: Runnable) -> None:
    found = compare(tmp_path, runner, NONE.replace("NA,0.3333", "0,0.3333"))
    assert found.mismatches == (Mismatch("measure.third", "hai_1", 1, "010002", "0", "not_reported"),)


def test_a_computed_figure_published_as_missing_is_counted_apart(tmp_path: Path, runner: Runnable) -> None:
    found = compare(tmp_path, runner, GOOD.replace("0.6667", "NA"))
    assert found.figures["measure.third"].to_dict() == {**counts(1), "unpublished": 1}
    assert found.holds


def test_a_cell_of_the_rule_is_compared_too(tmp_path: Path, runner: Runnable) -> None:
    found = compare(tmp_path, runner, GOOD.replace("50%,50%", "50%,49%"))
    assert found.mismatches == (Mismatch("measure.weight", "hai_2", 1, "010001", "49%", "50%"),)
    assert (found.checked, found.matched) == (4, 4)


KNOWN = """\
known_differences:
  - {participant: '010001', figure: hospital.reward, because: a limit whose input is not public}
"""


def test_a_known_difference_is_counted_as_known_and_told_once_it_is_none(tmp_path: Path, runner: Runnable) -> None:
    mapping = MAPPING + KNOWN
    known = compare(tmp_path, runner, GOOD.replace("50.00", "49"), mapping=mapping)
    assert (known.checked, known.matched, known.known, known.holds) == (4, 3, 1, True)
    difference = Mismatch("hospital.reward", None, 1, "010001", "49", "50.00")
    assert known.known_differences == (Known(difference, "a limit whose input is not public"),)
    assert known.to_dict()["known_differences"] == [
        {**difference.to_dict(), "because": "a limit whose input is not public"}
    ]
    gone = compare(tmp_path, runner, GOOD, mapping=mapping)
    assert [one.because for one in gone.no_longer_known] == ["a limit whose input is not public"]
    assert not gone.holds


def test_an_identifier_that_is_not_public_is_not_told(
    tmp_path: Path, small: Program, runner_of: Callable[[Program], Runnable]
) -> None:
    private = runner_of(replace(small, document=replace(small.document, identifier_is_public=False)))
    found = compare(tmp_path, private, GOOD.replace("50.00", "49"))
    assert found.mismatches == (Mismatch("hospital.reward", None, 1, None, "49", "50.00"),)
