from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from vbc_rules.errors import InputError
from vbc_rules.frames.rows import RowSet, read_rows
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.program import Program

HEADER = "hospital,payments,rate,signed,track,joined,note,hai_1.score,measure.hai_2.score"
GOOD = '010001,"1,234.50",5.25%,yes,basic,2024-01-31,hello,1.124,not_reported'
GRANTS = "hospital,name,amount\n010001,g1,10.00\n010001,g2,5.50\n"


def write(folder: Path, text: str | bytes = f"{HEADER}\n{GOOD}\n", grants: str | bytes = GRANTS) -> Path:
    for name, content in (("hospital", text), ("grant", grants)):
        data = content.encode() if isinstance(content, str) else content
        (folder / f"{name}.csv").write_bytes(data)
    return folder


def told(rows: RowSet) -> list[tuple[str, int | None, str, str]]:
    return [(str(one.code), one.row, one.where, one.message) for one in rows.problems]


def refused(folder: Path, small: Program) -> list[tuple[str, int | None, str, str]]:
    with pytest.raises(InputError) as caught:
        read_rows(None, folder, small)
    return [(str(one.code), one.row, one.where, one.message) for one in caught.value.problems]


def test_columns_named_like_the_inputs_need_no_mapping(tmp_path: Path, small: Program) -> None:
    expected: list[dict[str, Any]] = [
        {
            "hospital": "010001",
            "payments": "1234.50",
            "rate": "5.25%",
            "signed": True,
            "track": "basic",
            "joined": datetime.date(2024, 1, 31),
            "note": "hello",
            "measure": {"hai_1": {"score": "1.124"}, "hai_2": {"score": Absent("not_reported")}},
            "grant": [{"name": "g1", "amount": "10.00"}, {"name": "g2", "amount": "5.50"}],
        }
    ]
    assert read_rows(None, write(tmp_path), small).rows == expected


def test_members_may_have_a_file_of_their_own(tmp_path: Path, small: Program) -> None:
    header = HEADER.partition(",hai_1")[0]
    write(tmp_path, f"{header}\n{GOOD.partition(',1.124')[0]}\n")
    (tmp_path / "measure.csv").write_text("hospital,measure,score\n010001,hai_2,3\n010001,hai_1,not_reported\n")
    rows = read_rows(None, tmp_path, small)
    assert rows.rows[0]["measure"] == {"hai_2": {"score": "3"}, "hai_1": {"score": Absent("not_reported")}}


NO_CSV = "hospital.csv has a quote that is not closed, text after a closing quote, or a cell without end"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ("VBC920", None, "", "hospital.csv is empty; its first row holds the column names")),
        (f"{HEADER}\n", ("VBC920", None, "", "hospital.csv has column names and no rows")),
        (
            f"{HEADER};x\n{GOOD}\n".replace(",", ";"),
            (
                "VBC921",
                None,
                "",
                (
                    "hospital.csv separates its columns by semicolons, not by commas; "
                    "declare `delimiter: ';'` in a mapping file"
                ),
            ),
        ),
        (
            f"{HEADER}\n".replace(",", "\t"),
            ("VBC921", None, "",
             "hospital.csv separates its columns by tabs, not by commas; declare `delimiter: tab` in a mapping file"),
        ),
        (
            f"{GOOD}\n{GOOD}\n",
            (
                "VBC922",
                None,
                "",
                ("hospital.csv names no column of the program in its first row; "
                "write them there, or give a mapping file that says which column is which"),
            ),
        ),
        (
            f"{HEADER},hai_2.score\n{GOOD},1\n",
            ("VBC923", None, "", "hospital.csv has the unknown column `measure.hai_2.score`; remove it"),
        ),
        (
            f"{HEADER.replace('note', 'payments')}\n{GOOD}\n",
            ("VBC922", None, "", "hospital.csv has the column `payments` 2 times; keep one"),
        ),
        (
            b"\xff\xfeh\x00",
            ("VBC920", None, "", "hospital.csv is not utf-8 text; save it so, or declare `encoding: windows-1252`"),
        ),
        (
            f'{HEADER}\n"{GOOD}\n',
            ("VBC920", None, "", NO_CSV),
        ),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_of_the_program_is_refused(
    tmp_path: Path, small: Program, text: str | bytes, problem: tuple[str, int | None, str, str]
) -> None:
    assert refused(write(tmp_path, text), small)[0] == problem


def test_a_misspelt_column_is_told_with_the_nearest(tmp_path: Path, small: Program) -> None:
    write(tmp_path, f"{HEADER.replace('payments', 'paiments')}\n{GOOD}\n")
    assert refused(tmp_path, small) == [
        ("VBC923", None, "", "hospital.csv has the unknown column `paiments`; write `payments`"),
        ("VBC922", None, "", "hospital.csv has no column `payments`"),
    ]


def test_a_list_needs_its_file(tmp_path: Path, small: Program) -> None:
    write(tmp_path)
    (tmp_path / "grant.csv").unlink()
    assert refused(tmp_path, small) == [("VBC920", None, "grant", "there is no file for it; write one named grant.csv")]


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path, small: Program) -> None:
    plain = read_rows(None, write(tmp_path), small)
    marked = write(tmp_path, b"\xef\xbb\xbf" + f"{HEADER}\r\n{GOOD}\r\n\r\n".encode())
    assert read_rows(None, marked, small).rows == plain.rows


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            GOOD.replace('"1,234.50"', "1e400"),
            ("VBC925", 2, "payments", "column `payments` is written with an exponent; write all its digits"),
        ),
        (
            GOOD.replace("1.124", "secret"),
            (
                "VBC925",
                2,
                "measure.score (hai_1)",
                ("column `hai_1.score` is a word where a number is declared; "
                "write a number, or declare the word under `missing` in a mapping file"),
            ),
        ),
        (
            GOOD.replace("not_reported", ""),
            (
                "VBC926",
                2,
                "measure.score (hai_2)",
                "column `measure.hai_2.score` is empty; write a value, or `not_reported`",
            ),
        ),
        (
            GOOD.replace("yes", "y"),
            ("VBC925", 2, "signed", "column `signed` is none of `yes`, `no`; write one of them"),
        ),
        (GOOD.replace("010001", " 010001"), (
            "VBC929", 2, "hospital", "column `hospital` has spaces around it, or characters that cannot be seen"
        )),
        (GOOD.replace("010001", ""), ("VBC929", 2, "hospital", "column `hospital` is empty; write the identifier")),
        (f"{GOOD},x", ("VBC924", 2, "", "hospital.csv has 9 columns, and this row has 10 cells")),
        ("010001", ("VBC924", 2, "", "hospital.csv has 9 columns, and this row has 1 cells")),
    ],
)  # fmt: skip
def test_a_bad_row_is_refused_alone_and_its_value_is_not_told(
    tmp_path: Path, small: Program, row: str, problem: tuple[str, int | None, str, str]
) -> None:
    first = GOOD.replace("010001", "010002")
    rows = read_rows(None, write(tmp_path, f"{HEADER}\n{first}\n{row}\n", "hospital,name,amount\n010002,g,1\n"), small)
    assert told(rows) == [problem]
    assert [one.key for one in rows.participants] == ["010002"]
    assert [number for number, _ in rows.refused] == [2]


def test_a_participant_twice_is_refused(tmp_path: Path, small: Program) -> None:
    rows = read_rows(None, write(tmp_path, f"{HEADER}\n{GOOD}\n{GOOD}\n"), small)
    assert told(rows) == [("VBC910", 2, "hospital", "the same hospital stands in row 1 already")]
    assert rows.rows == []


def test_an_item_of_nobody_is_told(tmp_path: Path, small: Program) -> None:
    rows = read_rows(None, write(tmp_path, grants=GRANTS + "010009,g1,1\n"), small)
    message = "this hospital of grant has no row in hospital; add it there, or declare `unmatched: ignore`"
    assert told(rows) == [("VBC927", 3, "hospital", message)]


def test_only_the_first_thousand_problems_are_kept(tmp_path: Path, small: Program) -> None:
    lines = [GOOD.replace("010001", f"{number}").replace("yes", "y") for number in range(1500)]
    rows = read_rows(None, write(tmp_path, "\n".join([HEADER, *lines]), "hospital,name,amount\n1,g,1\n"), small)
    assert (len(rows.problems), rows.total_problems, len(rows.refused)) == (1000, 1500, 1500)
