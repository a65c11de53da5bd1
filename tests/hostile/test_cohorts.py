"""Data of whole cohorts made to be misread: what is refused names table, row and field, and no file is half written."""

from __future__ import annotations

import json
import logging
import math
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

import vbc_rules as vbc
from tests.hostile.children import run

RULES: Final = """\
program: acme/together
edition: 2024
language: 1
title: Together
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
sources:
  guide: {title: Guide}
levels:
  organization: {groups: hospital, by: organization_id}
  quarter: {in: organization, members: {first: {}, second: {}}}
  region: {in: cohort, members: {north: {}, south: {}}}
  grant: {in: cohort, list: yes, key: name, at_most: 3}
inputs:
  cohort:
    fund: {type: money, range: "$0 to $1,000,000"}
  region:
    beds: {type: count, range: 0 to 1000}
  grant:
    name: {type: identifier}
    amount: {type: money, range: "$0 to $1,000"}
  hospital:
    organization_id: {type: identifier, may_be: not_applicable}
    claim: {type: money, range: "$0 to $1,000,000", may_be: not_reported}
    least: {type: money, range: "$0 to $1,000"}
    signed: {type: yes_no}
  organization:
    bonus: {type: money, range: "$0 to $1,000"}
  quarter:
    visits: {type: count, range: 0 to 1000}
values:
  hospital:
    place: {rank: claim, within: cohort, better: higher, ties: competition}
  organization:
    bonuses: {formula: bonus}
    visits_all: {sum: visits}
  cohort:
    all_beds: {sum: beds}
    grants: {sum: amount}
gates:
  hospital:
    in_program: {require: signed, otherwise: not_in_program}
payments:
  hospital:
    share:
      needs: claim
      allocate: fund
      in_proportion_to: claim
      at_least: least
      remainder: largest
      ties: hospital
      if_none: error
      absent: pays_nothing
"""
MARKER: Final = "987654321.123"
PATIENT: Final = "Jane Q. Patient 1950-01-01"
SECRETS: Final = (MARKER, PATIENT, "Jane", "9999", "\u0661")

HOSPITALS: Final = "hospital,organization_id,claim,least,signed\nA,X,100,0,yes\nB,Y,50,0,yes\nC,not_applicable,9,0,no\n"
ORGANIZATIONS: Final = "organization_id,bonus,first.visits,second.visits\nX,5,1,2\nY,6,3,4\n"
COHORT: Final = {
    "fund": "100.01",
    "region": {"north": {"beds": 1}, "south": {"beds": 2}},
    "grant": [{"name": "g", "amount": "5"}],
}
YESTERDAY: Final = "the results of yesterday\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "hospital.csv").write_text(HOSPITALS)
    (tmp_path / "organization.csv").write_text(ORGANIZATIONS)
    (tmp_path / "cohort.json").write_text(json.dumps(COHORT))
    for name in ("out.csv", "groups.csv"):
        (tmp_path / name).write_text(YESTERDAY)
    return tmp_path


def assert_refused(folder: Path, *messages: str, code: int = 1) -> None:
    """Run; check what is said, that it repeats no value, and that both results of yesterday still stand there."""
    before = sorted(folder.iterdir())
    call = ("run", "rules.yaml", "--data", ".", "--cohort", "cohort.json", "--output", "out.csv")
    ran = run(folder, *call, "--groups-out", "organization=groups.csv")
    (folder / ".cost").unlink()
    assert (ran.code, ran.out) == (code, "")
    for message in messages:
        assert message in ran.err
    assert "[VBC9" in ran.err
    for secret in SECRETS:
        assert secret not in ran.err
    assert len(ran.err) < 20_000
    assert (folder / "out.csv").read_text() == YESTERDAY
    assert (folder / "groups.csv").read_text() == YESTERDAY
    assert sorted(folder.iterdir()) == before


def test_what_is_not_hostile_is_computed(folder: Path) -> None:
    call = ("run", "rules.yaml", "--data", ".", "--cohort", "cohort.json", "--output", "out.csv")
    assert run(folder, *call, "--groups-out", "organization=groups.csv").code == 0
    assert (folder / "out.csv").read_text().splitlines()[1] == "1,A,computed,1,66.67,"
    assert (folder / "groups.csv").read_text().splitlines()[1] == "X,5.00,3,1,"


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        pytest.param("B,Y,50", "A,Y,50", ["row 2, hospital: the same hospital stands in row 1"], id="twice"),
        pytest.param("B,Y,50", ",Y,50", ["row 2, hospital: column `hospital` is empty"], id="no identifier"),
        pytest.param("B,Y,50", f"B,{PATIENT},50", ["row 2, organization: has no row"], id="a group without a row"),
        pytest.param("B,Y,50", "B,,50", ["row 2, organization_id: column `organization_id` is empty"], id="no group"),
        pytest.param("B,Y,50", "B,Y,1.001", ["row 2, claim: has more decimals"], id="decimals"),
        pytest.param("B,Y,50", "B,Y,99999999", ["row 2, claim: is out of range"], id="range"),
        pytest.param("B,Y,50", "B,Y,-1", ["row 2, claim: is out of range"], id="below zero"),
        pytest.param("B,Y,50", "B,Y,NaN", ["row 2, claim"], id="NaN"),
        pytest.param("B,Y,50", "B,Y,1e400", ["row 2, claim"], id="exponent"),
        pytest.param("B,Y,50", f"B,Y,{PATIENT}", ["row 2, claim"], id="text"),
        pytest.param("B,Y,50,0,yes", f"B,Y,50,0,{PATIENT}", ["row 2, signed"], id="no word"),
        pytest.param(
            "A,X,100,0,yes\nB,Y,50,0,yes",
            f"A,X,{PATIENT},0,yes\nB,Y,{PATIENT},{PATIENT},yes",
            ["row 1, claim", "row 2, claim", "row 2, least"],
            id="every problem at once",
        ),
        pytest.param("claim,least", "claim,lest", ["unknown column `lest`; write `least`"], id="a column misspelt"),
        pytest.param(HOSPITALS, "", ["hospital.csv is empty"], id="empty"),
    ],
)  # fmt: skip
def test_hostile_participants(folder: Path, old: str, new: str, messages: list[str]) -> None:
    assert old in HOSPITALS
    (folder / "hospital.csv").write_text(HOSPITALS.replace(old, new))
    assert_refused(folder, *messages)


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        pytest.param("Y,6", "X,6", ["row 2, organization: has the same `organization_id` as row 1"], id="twice"),
        pytest.param("Y,6,3,4\n", "", ["row 2, organization: has no row for the organization"], id="no row"),
        pytest.param("Y,6", f"Y,{MARKER}", ["row 2, organization.bonus: is out of range"], id="range"),
        pytest.param("Y,6", f"Y,{PATIENT}", ["row 2, organization.bonus"], id="text"),
        pytest.param("Y,6", ",6", ["row 2, organization.organization_id"], id="no key"),
        pytest.param("Y,6,3,4", f"Y,6,3,{PATIENT}", ["row 2, quarter.second.visits"], id="a member"),
        pytest.param("Y,6,3,4", f"Y,6,3,4,{MARKER}", ["row 2: organization.csv has 4 columns"], id="ragged"),
        pytest.param("bonus", "bonsu", ["unknown column `bonsu`; write `bonus`"], id="a column misspelt"),
        pytest.param(ORGANIZATIONS, "", ["organization.csv is empty"], id="empty"),
    ],
)  # fmt: skip
def test_hostile_groups(folder: Path, old: str, new: str, messages: list[str]) -> None:
    assert old in ORGANIZATIONS
    (folder / "organization.csv").write_text(ORGANIZATIONS.replace(old, new))
    assert_refused(folder, *messages)


def test_a_table_of_groups_that_is_not_there(folder: Path) -> None:
    (folder / "organization.csv").unlink()
    assert_refused(folder, "organization: its groups have inputs, and there is no file for it; name one")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        pytest.param({"fund": MARKER}, "cohort.fund: is out of range", id="range"),
        pytest.param({"fund": PATIENT}, "cohort.fund: ", id="text"),
        pytest.param({"fund": None}, "fund: is null", id="null"),
        pytest.param({PATIENT: MARKER}, "cohort: entry 4 has a name that the program does not have", id="unknown"),
        pytest.param({"region": {"north": {"beds": 1}}}, "region.south", id="a member left out"),
        pytest.param({"region": {"north": {"beds": PATIENT}, "south": {"beds": 1}}}, "north.beds", id="a member"),
        pytest.param({"region": PATIENT}, "region", id="no members"),
        pytest.param({"grant": [{"name": "g", "amount": "5"}] * 2}, "grant[2].name", id="an item twice"),
        pytest.param({"grant": [{"name": str(i), "amount": "5"} for i in range(4)]}, "4 items", id="many items"),
        pytest.param({"grant": [{"name": "g", "amount": MARKER}]}, "grant[1].amount", id="an item"),
    ],
)
def test_a_hostile_cohort(folder: Path, changed: dict[str, Any], message: str) -> None:
    (folder / "cohort.json").write_text(json.dumps({**COHORT, **changed}))
    assert_refused(folder, message)


def test_a_pool_that_the_data_make_impossible_to_share(folder: Path) -> None:
    (folder / "hospital.csv").write_text(HOSPITALS.replace("100,0,yes", "100,60,yes").replace("50,0,yes", "50,60,yes"))
    assert_refused(folder, "what all are promised at least is more than the pool", "[VBC952]")
    (folder / "hospital.csv").write_text(HOSPITALS.replace(",yes", ",no"))
    assert_refused(folder, "nobody has a basis above zero", "[VBC952]")


def test_all_files_are_written_or_none(folder: Path) -> None:
    call = ("run", "rules.yaml", "--data", ".", "--cohort", "cohort.json", "--output", "out.csv", "--groups-out")
    (folder / "is_a_folder.csv").mkdir()
    for output in ("none/groups.csv", "is_a_folder.csv", "x" * 300 + ".csv"):
        ran = run(folder, *call, f"organization={output}")
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith("vbc-rules: ")
        assert ".part" not in ran.err
        assert (folder / "out.csv").read_text() == YESTERDAY
    ran = run(folder, *call, "organization=./out.csv")
    assert (ran.code, "in one file" in ran.err) == (2, True)
    assert (folder / "out.csv").read_text() == YESTERDAY
    assert [path.name for path in folder.iterdir() if path.name.endswith(".part")] == []


# --- the same from Python


def hospital(identifier: str, **changed: object) -> dict[str, object]:
    """Return good inputs of a hospital with some changed."""
    return {"hospital": identifier, "organization_id": "X", "claim": "10", "least": "0", "signed": True, **changed}


def organization(key: str, **changed: object) -> dict[str, object]:
    """Return good inputs of an organization with some changed."""
    return {
        "organization_id": key,
        "bonus": "5",
        "quarter": {"first": {"visits": 1}, "second": {"visits": 2}},
        **changed,
    }


def told(program: vbc.Program, **given: Any) -> list[tuple[str, str, int | None]]:  # noqa: ANN401 (hostile, of any type)
    """Return code, place and row of what is refused; nothing that is said repeats a value."""
    with pytest.raises(vbc.InputError) as caught:
        program.evaluate_cohort(**given)
    found = caught.value
    said = "".join([str(found), repr(found), repr(found.problems), json.dumps(found.to_dict())])
    for secret in SECRETS:
        assert secret not in said
    return [(str(problem.code), problem.where, problem.row) for problem in found.problems]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0.1, "VBC904"),
        (math.nan, "VBC901"),
        (math.inf, "VBC904"),
        (True, "VBC903"),
        (None, "VBC901"),
        (Decimal("sNaN"), "VBC903"),
        (Decimal("1e400"), "VBC906"),
        (Decimal(MARKER), "VBC906"),
        (10**100_000, "VBC906"),
        ("9" * 100_000, "VBC903"),
        ("\u0661", "VBC903"),
        (PATIENT, "VBC903"),
        ({PATIENT: MARKER}, "VBC903"),
        (vbc.Absent(PATIENT), "VBC908"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_hostile_values_of_all_three(value: object, code: str, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    program = vbc.load(folder / "rules.yaml")
    with caplog.at_level(logging.DEBUG):
        found = told(
            program,
            rows=[hospital("A"), hospital("B", least=value)],
            cohort={**COHORT, "fund": value},
            groups={"organization": [organization("X", bonus=value)]},
        )
    assert found == [(code, "cohort.fund", None), (code, "least", 2), (code, "organization.bonus", 1)]
    assert caplog.text == ""


def test_the_word_of_an_absence_is_no_group(folder: Path) -> None:
    program = vbc.load(folder / "rules.yaml")
    rows = [hospital("A", organization_id="not_applicable")]
    assert told(program, rows=rows, cohort=COHORT) == [("VBC908", "organization_id", 1)]


@pytest.mark.parametrize(
    "given",
    [
        {"rows": PATIENT},
        {"rows": {PATIENT: hospital("A")}},
        {"rows": [PATIENT]},
        {"rows": [None]},
        {"rows": [[(PATIENT, MARKER)]]},
        {"cohort": PATIENT},
        {"cohort": [MARKER]},
        {"groups": PATIENT},
        {"groups": {"organization": PATIENT}},
        {"groups": {"organization": {PATIENT: MARKER}}},
        {"groups": {"organization": [PATIENT]}},
        {"groups": {PATIENT: []}},
        {"groups": {"organization": [{PATIENT: MARKER}]}},
        {"groups": {"organization": [organization(PATIENT), organization(PATIENT)]}},
        {"rows": [hospital(PATIENT), hospital(PATIENT)]},
    ],
)
def test_what_is_no_table(given: dict[str, Any], folder: Path) -> None:
    program = vbc.load(folder / "rules.yaml")
    good = {"rows": [hospital("A")], "cohort": COHORT, "groups": {"organization": [organization("X")]}}
    with pytest.raises((vbc.InputError, vbc.UsageError)) as caught:
        program.evaluate_cohort(**{**good, **given})
    said = str(caught.value) + repr(caught.value) + json.dumps(caught.value.to_dict())
    for secret in SECRETS:
        assert secret not in said


def test_ten_thousand_mistakes_are_told_in_a_thousand_lines(folder: Path) -> None:
    program = vbc.load(folder / "rules.yaml")
    rows = [hospital(str(number), claim=PATIENT) for number in range(10_000)]
    found = told(program, rows=rows, cohort=COHORT, groups={"organization": [organization("X")]})
    assert len(found) == 1_001
    assert found[0] == ("VBC903", "claim", 1)
    assert found[-1] == ("VBC911", "", None)


def test_no_representation_shows_what_was_given(folder: Path) -> None:
    program = vbc.load(folder / "rules.yaml")
    groups = {"organization": [organization(PATIENT, bonus="123.45")]}
    rows = [hospital(PATIENT, organization_id=PATIENT, claim="678.90")]
    cohort = program.evaluate_cohort(rows, cohort={**COHORT, "fund": "54321.09"}, groups=groups)
    one, group = cohort[PATIENT], cohort.groups("organization")[PATIENT]
    shown = [cohort, cohort.population, cohort.trace, cohort.values, cohort.groups("organization"), group, one.trace]
    said = "".join(map(repr, shown)) + repr(one.explain("share")) + repr(group.explain("bonuses"))
    for secret in ("Jane", "123.45", "678.90", "54321", "12345", "67890", "5432109"):
        assert secret not in said
