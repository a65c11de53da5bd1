from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from vbc_rules.errors import InputError
from vbc_rules.frames.jsontext import one_object
from vbc_rules.frames.problems import Problems
from vbc_rules.frames.rows import read_rows
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.program import Program


def write(folder: Path, text: str) -> Path:
    path = folder / "in.json"
    path.write_text(text)
    return path


def test_numbers_are_read_from_their_literal_text(tmp_path: Path, small: Program) -> None:
    path = write(
        tmp_path,
        '[{"hospital": "010001", "payments": 1234567890123456.10, "signed": true, "note": {"absent": "not_reported"},'
        ' "measure": {"hai_1": {"score": 0.1}}, "grant": [{"name": "g", "amount": "5.50"}]}]',
    )
    assert read_rows(None, path, small).rows == [
        {
            "hospital": "010001",
            "payments": Decimal("1234567890123456.10"),
            "signed": True,
            "note": Absent("not_reported"),
            "measure": {"hai_1": {"score": Decimal("0.1")}},
            "grant": [{"name": "g", "amount": "5.50"}],
        }
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ("VBC920", "in.json is not JSON: line 1, column 1")),
        ("[{]", ("VBC920", "in.json is not JSON: line 1, column 3")),
        ('[{"payments": NaN}]', ("VBC920", "in.json has NaN or Infinity, which are no numbers of JSON")),
        ('{"hospital": "1"}', ("VBC920", "in.json is not a list; write one object a row inside `[` and `]`")),
        ("null", ("VBC920", "in.json is not a list; write one object a row inside `[` and `]`")),
        ("[]", ("VBC920", "in.json is empty; write one object a row")),
        ("[" * 100_000, ("VBC920", "in.json nests its objects too deeply")),
    ],
)
def test_a_file_that_is_no_list_of_participants_is_refused(
    tmp_path: Path, small: Program, text: str, problem: tuple[str, str]
) -> None:
    with pytest.raises(InputError) as caught:
        read_rows(None, write(tmp_path, text), small)
    assert [(str(one.code), one.message) for one in caught.value.problems] == [problem]


@pytest.mark.parametrize(
    ("item", "code", "where", "message"),
    [
        ('{"payments": 1e400}', "VBC925", "payments", "is written with an exponent; write all its digits"),
        (
            '{"payments": 1, "payments": 2}',
            "VBC928",
            "payments",
            "is written twice in one object; remove one of the two",
        ),
        (
            '{"grant": [{"name": null}]}',
            "VBC926",
            "grant[1].name",
            'is null; write a value, or the absence as in `{"absent": "not_reported"}`',
        ),
        ("5", "VBC925", "", "is not an object; write names and values inside `{` and `}`"),
    ],
)
def test_a_bad_participant_is_refused_alone(
    tmp_path: Path, small: Program, item: str, code: str, where: str, message: str
) -> None:
    rows = read_rows(None, write(tmp_path, f'[{{"hospital": "1"}}, {item}]'), small)
    assert [(str(one.code), one.where, one.message, one.row) for one in rows.problems] == [(code, where, message, 2)]
    assert rows.rows == [{"hospital": "1"}]
    assert rows.refused == ((2, ""),)


def test_one_object_is_names_and_values(tmp_path: Path) -> None:
    path = tmp_path / "cohort.json"
    path.write_text('{"trend": "2.5%", "pool": 1.10, "base": {"absent": "not_reported"}}', encoding="utf-8")
    problems = Problems()
    assert one_object(path, problems) == {
        "trend": "2.5%",
        "pool": Decimal("1.10"),
        "base": Absent("not_reported"),
    }
    assert not problems
    path.write_text('{"trend": 1, "trend": 2}', encoding="utf-8")
    assert one_object(path, problems) is None
    assert [problem.code for problem in problems.told] == ["VBC928"]
