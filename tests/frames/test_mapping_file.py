from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from vbc_rules.errors import RuleFileError
from vbc_rules.frames.mapping import Role
from vbc_rules.frames.mapping_file import read_mapping
from vbc_rules.frames.rows import read_rows
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.program import Program

BOTH: Final[frozenset[Role]] = frozenset({"input", "published"})
MAPPING = """\
mapping: example/hospital@2024
tables:
  main: {file: main.csv, key: ID}
  scores: {file: scores.csv, key: Facility, delimiter: ;, no_row: not_reported, unmatched: ignore}
  grants: {file: grants.json, key: id}
missing: {Not Available: not_reported}
readings:
  flag: {words: {Y: 'yes', N: 'no'}}
  day: {date: MM/DD/YYYY}
  plan: {words: {A: basic, B: enhanced}}
columns:
  hospital:
    - from: main
      inputs:
        payments: Paid
        rate: {column: Rate, reading: fraction}
        signed: {column: Signed, reading: flag}
        track: {column: Plan, reading: plan}
        joined: {column: Since, reading: day}
        note: Note
      published:
        reward: {column: Reward, rounded: 0 half_up}
  measure:
    - from: scores
      members: {hai_1: HAI-1, hai_2: HAI-2}
      member: Measure
      other_members: ignore
      inputs: {score: Score}
  grant:
    - from: grants
      inputs: {name: what, amount: dollars}
"""
MAIN = (
    "ID,Paid,Rate,Signed,Plan,Since,Note,Reward,More\n"
    "010001,$1000,0.05,Y,A,01/31/2024,Not Available,56,x\n"
    "010002,2,0.5,N,B,02/01/2024,hi,1,x\n"
)
SCORES = "Facility;Measure;Score\n010001;HAI-1;3\n010001;HAI-9;x\n010001;HAI-2;Not Available\n010009;HAI-1;1\n"
GRANTS = '[{"id": "010001", "what": "g1", "dollars": 5.50}]'


def write(folder: Path, mapping: str = MAPPING) -> Path:
    (folder / "main.csv").write_text(MAIN)
    (folder / "scores.csv").write_text(SCORES)
    (folder / "grants.json").write_text(GRANTS)
    path = folder / "m.mapping.yaml"
    path.write_text(mapping)
    return path


def test_foreign_files_become_rows_of_inputs(tmp_path: Path, small: Program) -> None:
    rows = read_rows(read_mapping(write(tmp_path), small), tmp_path, small)
    assert rows.problems == ()
    first, second = rows.rows
    assert {name: first[name] for name in ("hospital", "payments", "rate", "signed", "track", "note")} == {
        "hospital": "010001",
        "payments": "1000",
        "rate": "5%",
        "signed": True,
        "track": "basic",
        "note": Absent("not_reported"),
    }
    assert first["measure"] == {"hai_1": {"score": "3"}, "hai_2": {"score": Absent("not_reported")}}
    assert first["grant"] == [{"name": "g1", "amount": "5.50"}]
    nothing = {"score": Absent("not_reported")}
    assert (second["measure"], second["grant"]) == ({"hai_1": nothing, "hai_2": nothing}, [])


def test_a_participant_without_a_row_is_told_unless_the_mapping_says_what_that_means(
    tmp_path: Path, small: Program
) -> None:
    path = write(tmp_path, MAPPING.replace(", no_row: not_reported, unmatched: ignore", ""))
    rows = read_rows(read_mapping(path, small), tmp_path, small)
    assert [(str(one.code), one.row, one.where, one.message) for one in rows.problems] == [
        (
            "VBC927",
            4,
            "hospital",
            "this hospital of scores has no row in main; add it there, or declare `unmatched: ignore`",
        ),
        ("VBC927", 2, "measure.hai_1", "this hospital has no row for it in scores"),
        ("VBC927", 2, "measure.hai_2", "this hospital has no row for it in scores"),
    ]
    assert rows.refused == ((2, "010002"),)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            "example/hospital@2024",
            "example/hospital@2023",
            ("VBC953", 1, "this mapping is for `example/hospital@2023`, not for `example/hospital@2024`",
             "write `example/hospital@2024`"),
        ),
        ("from: main", "from: mian", ("VBC954", 13, "`mian` is not a table of this file", "write `main`")),
        ("payments: Paid", "paiments: Paid",
         ("VBC954", 15, "`paiments` is not an input of `hospital`", "write `payments`")),
        ("hai_2: HAI-2", "hai_3: HAI-2", ("VBC954", 25, "`hai_3` is not a member of `measure`", "write `hai_1`")),
        ("hai_2: HAI-2", "hai_2: HAI-1",
         ("VBC957", 25, "`HAI-1` is two members", "write another name for one of them")),
        ("reading: day", "reading: dya", ("VBC954", 19, "`dya` is not a reading", "write `day`")),
        ("reading: fraction", "reading: decimal",
         ("VBC955", 16, "the reading `decimal` does not yield a percent",
          ("write one that is `percent`, `fraction`, `bare_percent`, `tenths`, `hundredths`, `thousandths`, "
           "`ten_thousandths`, `hundred_thousandths`, `millionths`"))),
        ("B: enhanced", "B: enhancd", ("VBC954", 18, "`enhancd` is not one of the words of this category",
                                       "write `enhanced`")),
        ("file: main.csv", "file: ../main.csv", ("VBC959", 3, "`../main.csv` is not the name of a table's file",
                                                 "write a name without folders, as in `totals.csv`")),
        ("MM/DD/YYYY", "MM/YYYY", ("VBC108", 9, "`MM/YYYY` is not a layout of dates",
                                   "write year, month and day once each, as in `MM/DD/YYYY`")),
        ("0 half_up", "half_up", ("VBC108", 22, "`half_up` is not digits and a mode",
                                  "write digits and one of `half_up`, `half_even`, `down`, `up`, `floor`, `ceiling`")),
        ("note: Note", "note: '{member} Note'",
         ("VBC956", 20, "`{member} Note` has `{member}`, and this column is not a member's",
          "write the column's whole name")),
        ("      member: Measure\n      other_members: ignore\n", "",
         ("VBC956", 26, "`Score` is one column for 2 members", "write `{member}` where the member's name stands")),
        ("from: grants", "from: main",
         ("VBC958", 30, "the table `main` cannot have one row a hospital and several",
          "name a table with one row each first, and others for members or items")),
        ("key: ID", "kee: ID", ("VBC101", 3, "`kee` is not a key of a table", "write `key`")),
        ("payments: Paid", "payments: {column: Paid, to_the_nearest: 1}",
         ("VBC108", 15, "`1` is not a unit of money", "write it as in `$1`")),
        ("payments: Paid", "payments: {column: Paid, to_the_nearest: 1%}",
         ("VBC108", 15, "`1%` is not a unit of money", "write it as in `$1`")),
        ("payments: Paid", "payments: {column: Paid, to_the_nearest: -$1}",
         ("VBC108", 15, "`-$1` is not a unit of money", "write it as in `$1`")),
        ("payments: Paid", "payments: {column: Paid, to_the_nearest: $0}",
         ("VBC108", 15, "`$0` is not a unit of money", "write it as in `$1`")),
        ("payments: Paid", "payments: {column: Paid, to_the_nearest: $0.01}",
         ("VBC108", 15, "half of `$0.01` does not fit the decimals that the program declares for `hospital.payments`",
          "declare more `decimals` there, or write a larger unit")),
        ("note: Note", "note: {column: Note, to_the_nearest: 1}",
         ("VBC108", 20, "`hospital.note` is a text, which is not written to the nearest of anything",
          "remove `to_the_nearest`")),
        ("rounded: 0 half_up", "rounded: 0 half_up, to_the_nearest: $1",
         ("VBC109", 22, "`to_the_nearest` says what `rounded` says otherwise", "keep one of the two")),
        ("amount: dollars", "amount: {column: dollars, to_the_nearest: $1}",
         ("VBC958", 12, "items of `grant` are as many as the data bring, and intervals must be few",
          "remove `to_the_nearest` there")),
        ("note: Note", "note: {absent: declined}",
         ("VBC954", 20, "`declined` is not an absence that `hospital.note` permits",
          "write one of `not_reported`")),
        ("note: Note", "note: {column: Note, absent: not_reported}",
         ("VBC109", 20, "`column` does not go with `absent`", "keep one of the two")),
        ("{column: Reward, rounded: 0 half_up}", "{absent: not_reported}",
         ("VBC109", 22, "`absent` belongs to an input", "remove `absent`")),
        ("key: ID}", "key: ID, where: {Plan: []}}",
         ("VBC108", 3, "`Plan` has no words", "write the cells that count, as in `[C, D]`")),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_mapping_is_told_with_its_place(
    tmp_path: Path, small: Program, old: str, new: str, found: tuple[str, int, str, str]
) -> None:
    with pytest.raises(RuleFileError) as caught:
        read_mapping(write(tmp_path, MAPPING.replace(old, new)), small)
    told = [(one.code, one.span.line, one.message, one.help) for one in caught.value.diagnostics]
    assert told[0] == found


def test_more_than_four_intervals_are_refused(tmp_path: Path, small: Program) -> None:
    mapping = (
        MAPPING.replace("payments: Paid", "payments: {column: Paid, to_the_nearest: $1}")
        .replace("reading: fraction}", "reading: fraction, to_the_nearest: 0.1%}")
        .replace("{score: Score}", "{score: {column: Score, to_the_nearest: 0.1}}")
    )
    read_mapping(write(tmp_path, mapping), small)
    five = mapping.replace("HAI-2}", "HAI-2, hai_3: HAI-3}")
    more = Path(tmp_path / "five.yaml")
    more.write_text(five)
    with pytest.raises(RuleFileError) as caught:
        read_mapping(more, with_a_third_measure(small))
    told = [(one.code, one.span.line, one.message, one.help) for one in caught.value.diagnostics]
    assert told == [
        (
            "VBC958",
            12,
            "5 inputs of one hospital are written to the nearest unit",
            "keep `to_the_nearest` for at most 4 of them, those that move a figure most",
        )
    ]


def with_a_third_measure(program: Program) -> Program:
    level = program.levels["measure"]
    third = replace(level.members[0], name="hai_3")
    return replace(program, levels={**program.levels, "measure": replace(level, members=(*level.members, third))})


def test_only_the_rows_that_count_are_read(tmp_path: Path, small: Program) -> None:
    mapping = MAPPING.replace(
        "  scores:", "  basic: {file: main.csv, key: ID, where: {Plan: A, More: [x, y]}}\n  scores:"
    ).replace(
        "      published:\n        reward: {column: Reward, rounded: 0 half_up}\n",
        "    - from: basic\n      published: {reward: {column: Reward, rounded: 0 half_up}}\n",
    )
    rows = read_rows(read_mapping(write(tmp_path, mapping), small), tmp_path, small, BOTH)
    assert rows.problems == ()
    assert [[value for _, _, value in one.cells] for one in rows.participants] == [["56"], []]


def test_an_input_that_only_some_rows_have_must_be_known_for_the_others(tmp_path: Path, small: Program) -> None:
    table = "  basic: {file: main.csv, key: ID, where: {Plan: A}}\n"
    mapping = (
        MAPPING.replace("  scores:", f"{table}  scores:")
        .replace("        note: Note\n", "")
        .replace("  measure:\n    - from", "    - {from: basic, inputs: {note: Note}}\n  measure:\n    - from")
    )
    rows = read_rows(read_mapping(write(tmp_path, mapping), small), tmp_path, small)
    assert [(str(one.code), one.row, one.message) for one in rows.problems] == [
        (
            "VBC927",
            2,
            "this hospital has no row in basic; add it there, or declare what that means, as in `no_row: not_reported`",
        )
    ]
    known = mapping.replace("where: {Plan: A}", "where: {Plan: A}, no_row: not_reported")
    rows = read_rows(read_mapping(write(tmp_path, known), small), tmp_path, small)
    assert [one["note"] for one in rows.rows] == [Absent("not_reported"), Absent("not_reported")]


def test_a_condition_that_no_row_meets_is_told(tmp_path: Path, small: Program) -> None:
    mapping = MAPPING.replace("key: ID}", "key: ID, where: {Plan: [C, D]}}")
    with_problem = read_rows(read_mapping(write(tmp_path, mapping), small), tmp_path, small)
    assert [(str(one.code), one.message) for one in with_problem.problems][:1] == [
        ("VBC920", "no row counts for the table main; correct the words beside `Plan` under `where`")
    ]


def test_an_input_that_the_files_do_not_hold_is_absent(tmp_path: Path, small: Program) -> None:
    mapping = MAPPING.replace("note: Note", "note: {absent: not_reported}")
    rows = read_rows(read_mapping(write(tmp_path, mapping), small), tmp_path, small)
    assert [one["note"] for one in rows.rows] == [Absent("not_reported"), Absent("not_reported")]


def test_a_cell_finer_than_its_unit_is_told(tmp_path: Path, small: Program) -> None:
    mapping = MAPPING.replace("reading: fraction}", "reading: fraction, to_the_nearest: 10%}")
    rows = read_rows(read_mapping(write(tmp_path, mapping), small), tmp_path, small)
    assert [(str(one.code), one.row, one.where, one.message) for one in rows.problems] == [
        (
            "VBC925",
            1,
            "rate",
            "column `Rate` is finer than the unit declared for it; correct its `to_the_nearest`",
        )
    ]
