"""Published figures of which only the order is compared, and programs computed for a whole cohort."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vbc_rules as vbc
from vbc_rules.cli import main
from vbc_rules.errors import RuleFileError
from vbc_rules.frames import Validation, read_mapping, validate, validate_cohort
from vbc_rules.frames.ordering import Misplaced, Placed, misplaced
from vbc_rules.frames.validation import Known, Mismatch

RULES = """\
program: acme/ranked
edition: 2024
language: 1
title: Ranked
participant: {level: hospital, identifier: public}
in_force: {from: 2024-01-01, through: 2024-12-31}
levels:
  measure: {in: hospital, members: {falls: {}, infections: {}}}
inputs:
  cohort:
    since: {type: date, range: 2000-01-01 to 2024-12-31}
  hospital:
    score: {type: percent, decimals: 2, range: 0% to 100%, may_be: not_reported}
  measure:
    rate: {type: number, decimals: 2, range: 0 to 1}
values:
  measure:
    twice: {formula: rate * 2, illustrative: yes}
  hospital:
    place: {rank: score, within: cohort, better: higher, ties: competition}
    label: {formula: score is missing}
    opened: {formula: since}
"""
MAPPING = """\
mapping: acme/ranked@2024
tables:
  all: {file: all.csv, key: ID}
missing: {NA: not_reported}
columns:
  hospital:
    - from: all
      inputs: {score: Score}
      published:
        place: {column: Rank, compare: order}
  measure:
    - from: all
      members: {falls: Falls, infections: Infections}
      inputs: {rate: "{member}"}
"""
HEAD = "ID,Score,Rank,Falls,Infections\n"


def compare(folder: Path, *rows: str, mapping: str = MAPPING) -> Validation:
    (folder / "2024.yaml").write_text(RULES)
    (folder / "m.yaml").write_text(mapping)
    (folder / "all.csv").write_text(HEAD + "".join(f"{row},0.5,0.5\n" for row in rows))
    program = vbc.load(folder / "2024.yaml")
    found = read_mapping(folder / "m.yaml", program.resolved)
    return validate_cohort(program, folder, found, cohort={"since": "2020-01-01"})


def test_ranks_of_a_part_are_in_the_order_of_the_ranks_of_all(tmp_path: Path) -> None:
    found = compare(tmp_path, "A,50%,1204", "B,90%,7", "C,50%,1204", "D,NA,NA", "E,49.99%,1299")
    assert found.holds
    assert found.figures["hospital.place"].to_dict() == {
        "checked": 4,
        "matched": 4,
        "matched_by_interval": 0,
        "matched_by_order": 4,
        "known": 0,
        "unpublished": 0,
    }
    assert (found.checked, found.matched, found.matched_by_order) == (4, 4, 4)


def test_a_rank_that_is_not_above_the_one_published_below_it_is_a_mismatch(tmp_path: Path) -> None:
    found = compare(tmp_path, "A,50%,20", "B,90%,30", "C,40%,40")
    assert found.mismatches == (Mismatch("hospital.place", None, 2, "B", "30", "1, not above 2 of row 1"),)
    assert (found.checked, found.matched, found.holds) == (3, 2, False)


def test_equal_ranks_are_equal_and_others_are_not(tmp_path: Path) -> None:
    assert compare(tmp_path, "A,50%,20", "B,40%,20").mismatches == (
        Mismatch("hospital.place", None, 2, "B", "20", "2, not equal to 1 of row 1"),
    )
    assert compare(tmp_path, "A,50%,20", "B,50%,21").mismatches == (
        Mismatch("hospital.place", None, 2, "B", "21", "1, not above 1 of row 1"),
    )


def test_a_rank_published_of_who_has_none_is_a_mismatch(tmp_path: Path) -> None:
    assert compare(tmp_path, "A,NA,20", "B,50%,21").mismatches == (
        Mismatch("hospital.place", None, 1, "A", "20", "not_reported"),
    )


def test_a_rank_out_of_order_may_be_known(tmp_path: Path) -> None:
    known = "known_differences: [{participant: B, figure: hospital.place, because: it appealed}]\n"
    found = compare(tmp_path, "A,50%,20", "B,90%,30", mapping=MAPPING + known)
    difference = Mismatch("hospital.place", None, 2, "B", "30", "1, not above 2 of row 1")
    assert (found.known_differences, found.known, found.matched) == ((Known(difference, "it appealed"),), 1, 1)
    assert found.holds
    assert not compare(tmp_path, "A,90%,20", "B,50%,30", mapping=MAPPING + known).holds


def test_figures_of_members_are_in_an_order_of_their_own(tmp_path: Path) -> None:
    placed = '      published: {twice: {column: "{member}", compare: order}}\n'
    found = compare(tmp_path, "A,50%,1", "B,40%,2", mapping=MAPPING + placed)
    assert found.figures["measure.twice"].matched_by_order == 4
    assert found.holds


def test_a_problem_of_the_cohort_names_the_row_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(vbc.InputError) as raised:
        compare(tmp_path, "A,50%,1", "B,101%,2")
    assert [(one.row, one.where) for one in raised.value.problems] == [(2, "score")]


def test_a_program_of_a_whole_cohort_is_not_validated_one_by_one(tmp_path: Path) -> None:
    compare(tmp_path, "A,50%,1")
    program = vbc.load(tmp_path / "2024.yaml")
    mapping = read_mapping(tmp_path / "m.yaml", program.resolved)
    with pytest.raises(vbc.UsageError, match=r"`hospital\.place` is known only for a whole cohort"):
        validate(program, tmp_path, mapping)


@pytest.mark.parametrize(
    ("written", "line", "column", "message", "help"),
    [
        ("place: {column: Rank, compare: digits}", 10, 40, "`digits` is not a word for `compare`", "write `order`"),
        (
            "place: {column: Rank, compare: order, rounded: 0 half_up}",
            10,
            47,
            "`rounded` is for digits that are compared, and here the order is",
            "keep one of the two",
        ),
        (
            "place: {column: Rank, to_the_nearest: 1, compare: order}",
            10,
            31,
            "`to_the_nearest` is for digits that are compared, and here the order is",
            "keep one of the two",
        ),
        (
            "label: {column: Rank, compare: order}",
            10,
            31,
            "`compare` is for what goes up and down, and this is a yes/no",
            "remove `compare`",
        ),
    ],
)
def test_what_a_mapping_gets_wrong(
    tmp_path: Path, written: str, line: int, column: int, message: str, help: str
) -> None:
    with pytest.raises(RuleFileError) as raised:
        compare(tmp_path, "A,50%,1", mapping=MAPPING.replace("place: {column: Rank, compare: order}", written))
    [found] = raised.value.diagnostics
    assert (found.span.line, found.span.column, found.message, found.help) == (line, column, message, help)


def test_an_input_has_no_order_and_no_interval_where_all_are_computed_together(tmp_path: Path) -> None:
    for own, message in (
        ("compare: order", "`compare` belongs to a published figure"),
        ("to_the_nearest: 0.02%", "the program computes all its hospitals together, so no input can be an interval"),
    ):
        mapping = MAPPING.replace("{score: Score}", f"{{score: {{column: Score, {own}}}}}")
        with pytest.raises(RuleFileError) as raised:
            compare(tmp_path, "A,50%,1", mapping=mapping)
        assert [one.message for one in raised.value.diagnostics] == [message]


def test_dates_have_an_order(tmp_path: Path) -> None:
    mapping = MAPPING.replace("place: {column: Rank", "opened: {column: Rank")
    found = compare(tmp_path, "A,50%,2024-01-31", "B,40%,2024-01-31", "C,30%,2024-02-01", mapping=mapping)
    assert found.mismatches == (
        Mismatch("hospital.opened", None, 3, "C", "2024-02-01", "2020-01-01, not above 2020-01-01 of row 2"),
    )


def figure(row: int, published: Fraction, computed: Fraction) -> Placed[None]:
    return Placed(row, published, computed, None)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=8))
def test_nothing_is_misplaced_where_every_pair_is_in_order(pairs: list[tuple[int, int]]) -> None:
    figures = [figure(row, Fraction(a), Fraction(b)) for row, (a, b) in enumerate(pairs)]
    in_order = all((p < q) == (a < b) and (p == q) == (a == b) for p, a in pairs for q, b in pairs)
    assert (not tuple(misplaced(figures))) == in_order


def test_what_is_misplaced_is_told_with_the_figure_before_it() -> None:
    low, high = figure(1, Fraction(1), Fraction(9)), figure(2, Fraction(2), Fraction(3))
    assert tuple(misplaced([high, low])) == (Misplaced(high, low, equal=False),)
    days = [datetime.date(2024, 1, 2), datetime.date(2024, 1, 1)]
    first, second = (Placed(row, day, day, None) for row, day in enumerate(days, 1))
    assert tuple(misplaced([first, second])) == ()


def test_inputs_of_groups_come_from_a_file_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = RULES.replace("levels:\n", "levels:\n  region: {groups: hospital, by: area}\n")
    rules = rules.replace(
        "  measure:\n    rate", "  region:\n    least: {type: percent, decimals: 2}\n  measure:\n    rate"
    )
    rules = rules.replace("    score: {", "    area: {type: identifier}\n    score: {")
    rules += "    above: {needs: [score, least], formula: score - least}\n"
    mapping = MAPPING.replace("{score: Score}", "{score: Score, area: Area}").replace(
        "place: {column: Rank, compare: order}", "above: Above"
    )
    (tmp_path / "2024.yaml").write_text(rules)
    (tmp_path / "2024.mapping.yaml").write_text(mapping)
    (tmp_path / "all.csv").write_text(
        "ID,Score,Area,Above,Falls,Infections\nA,50%,north,10%,0,0\nB,40%,south,38.5%,0,0\n"
    )
    (tmp_path / "regions.csv").write_text("area,least\nsouth,1.5%\nnorth,40%\n")
    call = ["validate", str(tmp_path / "2024.yaml"), "--data", str(tmp_path), "--cohort", "since=2020-01-01"]
    assert main([*call, "--groups", f"region={tmp_path}/regions.csv"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "all figures             2 of         2 match"
