"""Data made to be misread: a refusal names row and field and repeats no value, and no half of a file is written."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from pathlib import Path

import pytest

import vbc_rules as vbc
from tests.hostile.children import run

RULES = """\
program: acme/hostile
edition: 2024
language: 1
title: Hostile
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
sources:
  guide: {title: Guide}
levels:
  measure: {in: hospital, members: {screening: {}, falls: {}}}
  stay: {in: hospital, list: yes, key: number, at_most: 3}
inputs:
  hospital:
    paid: {type: money, range: "$0 to $1,000,000"}
    rate: {type: percent, decimals: 2, range: 0% to 100%, may_be: not_reported}
    signed: {type: yes_no}
  measure:
    met: {type: count, range: 0 to 1000}
  stay:
    number: {type: identifier}
    days: {type: count, range: 1 to 365}
values:
  hospital:
    met_all: {sum: met}
    days_all: {sum: days}
payments:
  hospital:
    earned: {needs: rate, formula: rate of paid, round: 2 down, absent: pays_nothing}
"""
MARKER = "987654321.123"
PATIENT = "Jane Q. Patient 1950-01-01"
HEADER = "hospital,paid,rate,signed,screening.met,falls.met\n"
GOOD = "A,1000.00,5%,yes,1,2\n"
STAYS = "hospital,number,days\nA,1,3\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "stay.csv").write_text(STAYS)
    (tmp_path / "out.csv").write_text("the results of yesterday\n")
    return tmp_path


def given(**changed: object) -> dict[str, object]:
    """Return good inputs with some changed."""
    return {
        "hospital": "A",
        "paid": Decimal("1000.00"),
        "rate": "5%",
        "signed": True,
        "measure": {"screening": {"met": 1}, "falls": {"met": 2}},
        "stay": [{"number": "1", "days": 3}],
        **changed,
    }


FILES = [
    pytest.param("", "is empty", id="empty"),
    pytest.param(HEADER, "has column names and no rows", id="header only"),
    pytest.param(HEADER.replace(",rate", "") + f"A,{MARKER},yes,1,2\n", "has no column `rate`", id="missing column"),
    pytest.param(HEADER.replace("\n", ",more\n") + GOOD.replace("\n", f",{MARKER}\n"), "unknown column", id="unknown"),
    pytest.param(HEADER.replace("paid,", "paid,paid,") + GOOD, "2 times", id="a column twice"),
    pytest.param(HEADER + GOOD + GOOD.replace("1000.00", "9"), "row 2, hospital: the same hospital", id="twice"),
    pytest.param((HEADER + GOOD).replace(",", ";"), "semicolons", id="semicolons"),
    pytest.param(HEADER + GOOD.replace("\n", f",{MARKER}\n"), "row 1: ", id="ragged"),
    pytest.param(HEADER + f"A,{MARKER}\n", "row 1: ", id="short"),
    pytest.param(HEADER + 'A,"1000.00', "a quote that is not closed", id="open quote"),
    pytest.param(HEADER + GOOD.replace("A", '"A\nB"'), "row 1, hospital", id="a line within an identifier"),
    pytest.param(HEADER + GOOD.replace("A", ""), "row 1, hospital", id="no identifier"),
    pytest.param(HEADER + GOOD.replace("1000.00", MARKER), "row 1, paid", id="out of range"),
    pytest.param(HEADER + GOOD.replace("1000.00", PATIENT), "row 1, paid", id="text"),
    pytest.param(HEADER + GOOD.replace("1000.00", ""), "row 1, paid", id="nothing"),
    pytest.param(HEADER + GOOD.replace("1000.00", "NaN"), "row 1, paid", id="NaN"),
    pytest.param(HEADER + GOOD.replace("1000.00", "-Infinity"), "row 1, paid", id="infinity"),
    pytest.param(HEADER + GOOD.replace("1000.00", "1e5"), "row 1, paid", id="exponent"),
    pytest.param(HEADER + GOOD.replace("1000.00", "1e400"), "row 1, paid", id="large exponent"),
    pytest.param(HEADER + GOOD.replace("1000.00", "\u0661\u0662\u0663"), "row 1, paid", id="Arabic digits"),
    pytest.param(HEADER + GOOD.replace("1000.00", "1.001"), "row 1, paid", id="decimals"),
    pytest.param(HEADER + GOOD.replace("1000.00", "9" * 100_000), "row 1, paid", id="100,000 digits"),
    pytest.param(HEADER + GOOD.replace("1000.00", "x" * 120_000), "row 1, paid", id="a long cell"),
    pytest.param(HEADER + GOOD.replace("1000.00", "x" * 5_000_000), "a cell without end", id="an endless cell"),
    pytest.param(HEADER + GOOD.replace("5%", PATIENT), "row 1, rate", id="no percent"),
    pytest.param(HEADER + GOOD.replace("yes", PATIENT), "row 1, signed", id="no word"),
    pytest.param(HEADER + GOOD.replace(",2\n", f",{PATIENT}\n"), "row 1, measure.met (falls)", id="a member"),
    pytest.param((HEADER + GOOD.replace("A", "H\u00f4tel")).encode("latin-1"), "is not utf-8", id="Latin-1"),
    pytest.param((HEADER + GOOD).encode("utf-16"), "is not utf-8", id="UTF-16"),
    pytest.param(b"\0" * 1_000, "", id="NUL"),
    pytest.param(",".join(f"c{i}" for i in range(5_000)) + "\n", "names no column", id="5,000 columns"),
]


def assert_refused(folder: Path, message: str, *data: str) -> None:
    """Run; check what is said, that it repeats no value, and that the results of yesterday still stand there."""
    before = sorted(folder.iterdir())
    ran = run(folder, "run", "rules.yaml", *data, "--output", "out.csv")
    (folder / ".cost").unlink()
    assert (ran.code, ran.out) == (1, "")
    assert message in ran.err
    assert "[VBC9" in ran.err
    for secret in (MARKER, PATIENT, "Jane", "9999", "xxxx", "\u0661"):
        assert secret not in ran.err
    assert len(ran.err) < 20_000
    assert (folder / "out.csv").read_text() == "the results of yesterday\n"
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(("data", "message"), FILES)
def test_hostile_csv(data: str | bytes, message: str, folder: Path) -> None:
    (folder / "hospital.csv").write_bytes(data.encode() if isinstance(data, str) else data)
    assert_refused(folder, message, "--data", "hospital=hospital.csv", "--data", "stay=stay.csv")


@pytest.mark.parametrize(
    ("stays", "message"),
    [
        pytest.param(STAYS + "A,1,4\n", "stay[2].number", id="an item twice"),
        pytest.param(STAYS + "A,2,1\nA,3,1\nA,4,1\n", "has 4 items", id="too many items"),
        pytest.param(STAYS + f"B,{PATIENT},4\n", "row 2, hospital", id="an item of nobody"),
        pytest.param(STAYS + f"A,2,{MARKER}\n", "days", id="a value of an item"),
    ],
)
def test_hostile_lists(stays: str, message: str, folder: Path) -> None:
    (folder / "hospital.csv").write_text(HEADER + GOOD)
    (folder / "stay.csv").write_text(stays)
    assert_refused(folder, message, "--data", ".")


JSON = [
    pytest.param("", "is not JSON", id="empty"),
    pytest.param("[]", "is empty", id="no rows"),
    pytest.param("{}", "is not a list", id="an object"),
    pytest.param("[1]", "row 1: is not an object", id="no object"),
    pytest.param("[" * 100_000, "nests", id="100,000 brackets"),
    pytest.param("[" + '{"a": ' * 100_000, "nests", id="100,000 braces"),
    pytest.param(json.dumps([given(paid="1")]) + MARKER, "is not JSON", id="more after it"),
    pytest.param('[{"paid": NaN}]', "NaN", id="NaN"),
    pytest.param(f'[{{"paid": 1, "paid": {MARKER}}}]', "row 1, paid: is written twice", id="a name twice"),
    pytest.param(json.dumps([given(paid=None)]), "row 1, paid", id="null"),
    pytest.param(json.dumps([given(paid="1")]).replace('"1"', "1e5", 1), "row 1", id="exponent"),
    pytest.param(json.dumps([given(paid=MARKER)]), "row 1, paid", id="out of range"),
    pytest.param(json.dumps([given(paid=PATIENT)]), "row 1, paid", id="text"),
    pytest.param(json.dumps([given(paid="PAID")]).replace('"PAID"', "9" * 100_000), "row 1, paid", id="digits"),
    pytest.param(json.dumps([given(paid=True)]), "row 1, paid", id="yes for a number"),
    pytest.param(json.dumps([given(paid="1", measure={"falls": {"met": 1}})]), "measure.screening.met", id="member"),
    pytest.param(json.dumps([given(paid="1", **{PATIENT: MARKER})]), "row 1", id="an unknown name"),
    pytest.param(json.dumps([given(paid="1", stay=[{"number": "1", "days": 1}] * 2)]), "stay[2].number", id="twice"),
    pytest.param(json.dumps([given(paid="1", stay=[{"number": "1", "days": 1}] * 9)]), "9 items", id="many"),
]


@pytest.mark.parametrize(("data", "message"), JSON)
def test_hostile_json(data: str, message: str, folder: Path) -> None:
    (folder / "rows.json").write_text(data)
    assert_refused(folder, message, "--data", "rows.json")


def test_what_only_looks_hostile(folder: Path) -> None:
    odd = HEADER + GOOD.replace("A", '"=cmd|x,""quoted"""')
    (folder / "hospital.csv").write_bytes(b"\xef\xbb\xbf" + odd.replace("\n", "\r\n").encode())
    (folder / "stay.csv").write_text("hospital,number,days\n")
    ran = run(folder, "run", "rules.yaml", "--data", ".", "--output", "out.csv")
    assert ran.code in (0, 1)
    (folder / "rows.json").write_text('[{"hospital": "=1+1", ' + json.dumps(given(paid="1"))[17:] + "]")
    assert run(folder, "run", "rules.yaml", "--data", "rows.json", "--output", "out.csv").code == 0
    assert "\n1,'=1+1,computed," in (folder / "out.csv").read_text()


def test_skipped_rows_are_counted(folder: Path) -> None:
    bad = GOOD.replace("A", "B").replace("1000.00", MARKER)
    (folder / "hospital.csv").write_text(HEADER + GOOD + bad)
    call = ("run", "rules.yaml", "--data", ".", "--on-error", "skip", "--output")
    ran = run(folder, *call, "out.csv")
    assert (ran.code, MARKER in ran.err) == (0, False)
    assert "computed 1, skipped 1" in ran.err
    assert "2,B,skipped," in (folder / "out.csv").read_text()
    run(folder, *call, "out.json")
    text = (folder / "out.json").read_text()
    assert json.loads(text)["skipped"] == 1
    assert MARKER not in text


def test_where_nothing_can_be_written(folder: Path) -> None:
    (folder / "hospital.csv").write_text(HEADER + GOOD)
    (folder / "is_a_folder.csv").mkdir()
    for output in ("none/out.csv", "is_a_folder.csv", "/proc/out.csv", "x" * 300 + ".csv"):
        ran = run(folder, "run", "rules.yaml", "--data", ".", "--output", output)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith("vbc-rules: ")
    assert [path.name for path in folder.iterdir() if path.name.endswith(".part")] == []


class Number(int):
    """A whole number whose text is not its own."""

    def __repr__(self) -> str:
        return PATIENT


VALUES = [
    (0.1, "VBC904"),
    (float("nan"), "VBC901"),
    (float("inf"), "VBC904"),
    (True, "VBC903"),
    (None, "VBC901"),
    (Decimal("NaN"), "VBC903"),
    (Decimal("sNaN"), "VBC903"),
    (Decimal("Infinity"), "VBC903"),
    (Decimal("1e400"), "VBC906"),
    (Decimal("1e-400"), "VBC905"),
    (Decimal("1E+999999999999999999"), "VBC906"),
    (Decimal("1E-999999999999999"), "VBC905"),
    (Decimal(MARKER), "VBC906"),
    (10**100_000, "VBC906"),
    (Number(-1), "VBC906"),
    ("1e5", "VBC903"),
    ("9" * 100_000, "VBC903"),
    ("\u0661", "VBC903"),
    (PATIENT, "VBC903"),
    (b"1", "VBC903"),
    (1j, "VBC903"),
    ([PATIENT], "VBC903"),
    ({PATIENT: MARKER}, "VBC903"),
    (vbc.Absent("not_reported"), "VBC908"),
    (vbc.Absent(PATIENT), "VBC908"),
]


@pytest.mark.parametrize(("value", "code"), VALUES, ids=lambda value: type(value).__name__)
def test_hostile_values(value: object, code: str, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    program = vbc.load(folder / "rules.yaml")
    with caplog.at_level(logging.DEBUG), pytest.raises(vbc.InputError) as caught:
        program.evaluate(given(paid=value))
    found = caught.value
    assert [(problem.where, problem.code) for problem in found.problems] == [("paid", code)]
    said = [str(found), repr(found), repr(found.problems), json.dumps(found.to_dict()), caplog.text]
    (many,) = program.evaluate_many([given(paid=value)])
    assert isinstance(many, vbc.InputError)
    assert many.problems[0].row == 1
    for secret in (MARKER, PATIENT, "9999", "\u0661"):
        assert secret not in "".join([*said, str(many), repr(many)])


@pytest.mark.parametrize("row", [None, [], [given()], PATIENT, 1, {1: 2}, {PATIENT: MARKER}, {}])
def test_what_is_no_row(row: object, folder: Path) -> None:
    program = vbc.load(folder / "rules.yaml")
    with pytest.raises((vbc.InputError, vbc.UsageError)) as caught:
        program.evaluate(row)  # type: ignore[arg-type]
    assert PATIENT not in str(caught.value) + repr(caught.value)
    assert MARKER not in str(caught.value) + repr(caught.value)
