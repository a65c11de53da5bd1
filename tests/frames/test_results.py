from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from vbc_rules.errors import InputError, InputProblem
from vbc_rules.frames.results import OutputColumn, ResultRow, Results, render, write_results
from vbc_rules.frames.running import Runnable, run_program
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import MONEY, NUMBER, PERCENT, TEXT
from vbc_rules.resolve.expressions import Ref

HEADER = "hospital,payments,rate,signed,track,joined,note,hai_1.score,hai_2.score"
GOOD = "010001,1000,5%,yes,basic,2024-01-31,hello,1,3"
COLUMNS = (OutputColumn("paid", Ref("h", "paid"), (), MONEY), OutputColumn("note", Ref("h", "note"), (), TEXT))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(5), "5"),
        (Fraction(-1, 2), "-0.5"),
        (Fraction(1, 80), "0.0125"),
        (Fraction(115, 3), "38 1/3"),
        (Fraction(-1, 3), "-0 1/3"),
        (Fraction(10**30 + 1, 10), "1" + "0" * 28 + "0.1"),
    ],
)
def test_numbers_are_written_exactly(value: Fraction, text: str) -> None:
    assert render(value, NUMBER) == text


def test_money_has_cents_and_a_percent_its_sign() -> None:
    assert render(Fraction(5), MONEY) == "5.00"
    assert render(Fraction(-1, 1000), MONEY) == "-0.001"
    assert render(Fraction(21, 400), PERCENT) == "5.25%"


def rows(note: str) -> Iterator[ResultRow]:
    yield ResultRow(1, "010001", "computed", (Fraction(-5), note))
    yield ResultRow(2, "010002", "computed", (Absent("not_in_program"), "x"))
    yield ResultRow(3, "010003", "skipped", ())


@pytest.mark.parametrize("note", ["=1+1", "+1", "-1", "@sum", "\t=1"])
def test_text_is_never_a_formula_and_amounts_stay_amounts(tmp_path: Path, note: str) -> None:
    path = tmp_path / "out.csv"
    write_results(path, "csv", Results("p@1", "hospital", COLUMNS, rows(note), ()))
    assert path.read_text() == (
        "row,hospital,status,paid,note,absent\n"
        f"1,010001,computed,-5.00,'{note},\n"
        "2,010002,computed,,x,paid: not_in_program\n"
        "3,010003,skipped,,,\n"
    )


def test_json_tells_what_was_skipped_and_why(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    problem = InputProblem("VBC901", "payments", "is not given", 3)
    write_results(path, "json", Results("p@1", "hospital", COLUMNS, rows("=1"), [problem]))
    assert json.loads(path.read_text()) == {
        "program": "p@1",
        "rows": [
            {"row": 1, "hospital": "010001", "status": "computed", "results": {"paid": "-5.00", "note": "=1"}},
            {
                "row": 2,
                "hospital": "010002",
                "status": "computed",
                "results": {"paid": {"absent": "not_in_program"}, "note": "x"},
            },
            {"row": 3, "hospital": "010003", "status": "skipped"},
        ],
        "skipped": 1,
        "problems": [{"code": "VBC901", "where": "payments", "message": "is not given", "row": 3}],
    }


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    def failing() -> Iterator[ResultRow]:
        yield from rows("x")
        raise InputError(InputProblem("VBC901", "payments", "is not given", 4))

    path = tmp_path / "out.csv"
    path.write_text("before")
    with pytest.raises(InputError):
        write_results(path, "csv", Results("p@1", "hospital", COLUMNS, failing(), ()))
    assert [one.name for one in tmp_path.iterdir()] == ["out.csv"]
    assert path.read_text() == "before"


def data(folder: Path, *lines: str) -> Path:
    source = folder / "in"
    source.mkdir()
    (source / "hospital.csv").write_text("\n".join([HEADER, *lines]))
    (source / "grant.csv").write_text("hospital,name,amount\n010001,g1,0.559\n010001,g2,0.5\n")
    return source


def test_a_run_from_files_to_files(tmp_path: Path, runner: Runnable) -> None:
    source = data(tmp_path, GOOD)
    (source / "grant.csv").write_text("hospital,name,amount\n010001,g1,5.50\n")
    summary = run_program(runner, source, None, tmp_path / "out.csv")
    assert summary.to_dict() == {"program": "example/hospital@2024", "computed": 1, "skipped": 0, "problems": []}
    assert (tmp_path / "out.csv").read_text() == (
        "row,hospital,status,average,label,reward,absent\n1,010001,computed,2,hello,55.50,\n"
    )


def test_rows_are_written_in_the_order_they_came(tmp_path: Path, runner: Runnable) -> None:
    people = [GOOD.replace("010001", f"01000{number}") for number in range(1, 5)]
    people[1] = people[1].replace("yes", "maybe")
    people[3] = people[3].replace("yes", "maybe")
    source = data(tmp_path, *people)
    (source / "grant.csv").write_text("hospital,name,amount\n010001,g1,5.50\n")
    run_program(runner, source, None, tmp_path / "out.csv", "skip")
    rows = [line.split(",")[:3] for line in (tmp_path / "out.csv").read_text().splitlines()[1:]]
    assert [row[0] for row in rows] == ["1", "2", "3", "4"]
    assert [row[2] for row in rows] == ["computed", "skipped", "computed", "skipped"]


def test_a_bad_cell_stops_the_run_or_is_skipped(tmp_path: Path, runner: Runnable) -> None:
    bad = GOOD.replace("010001", "010002").replace("yes", "maybe")
    source = data(tmp_path, bad, GOOD)
    (source / "grant.csv").write_text("hospital,name,amount\n010001,g1,5.50\n")
    output = tmp_path / "out.json"
    with pytest.raises(InputError, match=r"^row 1, signed: column `signed` is none of `yes`, `no`; write one of them"):
        run_program(runner, source, None, output)
    assert not output.exists()
    summary = run_program(runner, source, None, output, "skip")
    assert (summary.computed, summary.skipped) == (1, 1)
    written = json.loads(output.read_text())
    assert (written["skipped"], [row["status"] for row in written["rows"]]) == (1, ["skipped", "computed"])


def test_what_the_program_refuses_is_placed_at_its_row_of_the_file(tmp_path: Path, runner: Runnable) -> None:
    unread = GOOD.replace("010001", "010002").replace("yes", "maybe")
    twice = "hospital,name,amount\n010001,g1,5\n010001,g1,5\n"
    source = data(tmp_path, unread, GOOD)
    (source / "grant.csv").write_text(twice)
    summary = run_program(runner, source, None, tmp_path / "out.csv", "skip")
    assert [(one.row, one.where) for one in summary.problems] == [(1, "signed"), (2, "grant.name (item 2)")]
    assert (summary.computed, summary.skipped) == (0, 2)
