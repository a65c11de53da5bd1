"""Commands on a whole cohort: participants, groups and the cohort from files, and reconciled pools to them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.testing.cohorts import RULES
from vbc_rules.cli.main import main

Capture = pytest.CaptureFixture[str]

HOSPITALS = """\
hospital,organization_id,payments,enrolled,signed,screening.met,measure.follow_up.met
B,X,100,yes,yes,3,4
A,Y,200,yes,yes,3,not_reported
C,X,50,no,yes,1,1
D,not_reported,50,yes,no,1,1
"""
ORGANIZATIONS = """\
organization_id,bonus,first.visits,quarter.second.visits
Y,5.00,1,2
X,6,3,4
Z,6,3,4
"""
SITES = "organization_id,number,beds\nX,1,3\nX,2,4\n"


def make(folder: Path, *, rules: str = RULES, **changed: str) -> list[str]:
    """Write a program and the files of a cohort; return the arguments that name them."""
    files = {"hospital": HOSPITALS, "organization": ORGANIZATIONS, "site": SITES, **changed}
    (folder / "2024.yaml").write_text(rules, encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    groups = [f"--groups={name}={folder}/{name}.csv" for name in files if name != "hospital"]
    data = ["--data", f"{folder}/hospital.csv", *groups]
    return [str(folder / "2024.yaml"), *data, "--parameter", "share=100%", "--cohort", "fund=100.01"]


def test_run_writes_participants_and_groups_and_reconciles(tmp_path: Path, capsys: Capture) -> None:
    out, groups = tmp_path / "out.csv", tmp_path / "groups.csv"
    call = ["run", *make(tmp_path), "--output", str(out), "--groups-out", f"organization={groups}"]
    assert main(call) == 0
    assert out.read_text().splitlines() == [
        "row,hospital,status,total_met,place,reward,absent",
        "1,B,computed,7,1,33.34,",
        "2,A,computed,3,2,66.67,",
        "3,C,computed,2,,,place: not_in_program; reward: not_in_program",
        "4,D,computed,2,3,0.00,",
    ]
    assert groups.read_text().splitlines() == [
        "organization_id,size,all_beds,all_visits,group_bonus,participants,absent",
        "X,1,7,7,6.00,1,",
        "Y,1,0,3,5.00,1,",
    ]
    assert capsys.readouterr().err.splitlines() == [
        f"computed 4, written to {out}",
        "pool of reward in cohort: $100.01 = $100.01 paid + $0.00 not placed, 2 taking part",
        "total of reward: $100.01",
        "total of organization.group_bonus: $11.00",
        "warning: 1 of the rows given for `organization` are of groups that no participant in the program is in",
        "illustrative, not the payer's numbers: enrolment, signature",
    ]


def test_run_as_json_says_how_far_the_data_go(tmp_path: Path) -> None:
    out, groups = tmp_path / "out.json", tmp_path / "groups.json"
    call = ["run", *make(tmp_path), "--output", str(out), "--groups-out", f"organization={groups}"]
    assert main([*call, "--as-of", "2024-03-31", "--status", "provisional"]) == 0
    found = json.loads(out.read_text())
    assert (found["data_as_of"], found["data_status"]) == ("2024-03-31", "provisional")
    assert found["cohort"] == {"mean_met": "4", "pool": "100.01"}
    assert found["totals"] == {"reward": "100.01", "organization.group_bonus": "11.00"}
    assert found["pools"][0]["taking_part"] == 2
    assert found["rows"][2]["results"]["reward"] == {"absent": "not_in_program"}
    of_groups = json.loads(groups.read_text())
    assert of_groups["data_status"] == "provisional"
    assert of_groups["organization"][0]["organization_id"] == "X"
    assert of_groups["organization"][0]["results"]["group_bonus"] == "6.00"


def test_run_as_csv_says_how_far_the_data_go_in_every_row(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    call = ["run", *make(tmp_path), "--output", str(out), "--as-of", "2024-03-31", "--status", "final"]
    assert main(call) == 0
    lines = out.read_text().splitlines()
    assert lines[0].endswith(",absent,data_as_of,data_status")
    assert all(line.endswith(",2024-03-31,final") for line in lines[1:])


def test_a_folder_holds_all_tables(tmp_path: Path) -> None:
    program, *_ = make(tmp_path)
    out = tmp_path / "result.csv"
    call = ["run", program, "--data", str(tmp_path), "--parameter", "share=100%", "--cohort", "fund=100.01"]
    assert main([*call, "--output", str(out)]) == 0
    assert out.read_text().splitlines()[1] == "1,B,computed,7,1,33.34,"


def test_members_of_groups_in_a_table_of_their_own(tmp_path: Path) -> None:
    own = "organization_id,bonus\nY,5.00\nX,6\n"
    quarters = "organization_id,quarter,visits\nY,first,1\nY,second,2\nX,first,3\nX,second,4\n"
    call = make(tmp_path, organization=own, quarter=quarters)
    out, groups = tmp_path / "out.csv", tmp_path / "groups.csv"
    assert main(["run", *call, "--output", str(out), "--groups-out", f"organization={groups}"]) == 0
    assert groups.read_text().splitlines()[1] == "X,1,7,7,6.00,1,"


def test_groups_as_json(tmp_path: Path) -> None:
    (tmp_path / "orgs.json").write_text(
        json.dumps(
            [
                {
                    "organization_id": key,
                    "bonus": "5.00",
                    "quarter": {"first": {"visits": 1}, "second": {"visits": 2}},
                    "site": [{"number": "1", "beds": 3}],
                }
                for key in "XY"
            ]
        )
    )
    call = [one for one in make(tmp_path) if not one.startswith("--groups")]
    out = tmp_path / "out.csv"
    assert main(["run", *call, "--groups", f"organization={tmp_path}/orgs.json", "--output", str(out)]) == 0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"organization": ORGANIZATIONS.replace("X,6", "Y,6")},
            "row 2, organization: has the same `organization_id` as row 1; give each group one row [VBC910]",
        ),
        (
            {"organization": ORGANIZATIONS.replace("Y,5.00", "Y,lots")},
            "row 1, organization.bonus: column `bonus` is a word where a number is declared; write a number, ",
        ),
        (
            {"organization": ORGANIZATIONS.replace("Y,5.00", "Y,5000")},
            "row 1, organization.bonus: is out of range; write $0 to $1,000 [VBC906]",
        ),
        (
            {"site": SITES + "Q,1,3\n"},
            "row 3, site: this row's organization has no row in the table of `organization`; add it there [VBC927]",
        ),
        (
            {"site": SITES + "X,2,3\n"},
            "row 2, organization.site[3].number: is also that of item 2; give each item its own [VBC910]",
        ),
        (
            {"organization": "organization_id,bonus,first.visits,second.visits\nX,6,3,4\n"},
            "row 2, organization: has no row for the organization of this row; give one, with what the groups go by",
        ),
        (
            {"hospital": HOSPITALS.replace("A,Y", "B,Y")},
            "row 2, hospital: the same hospital stands in row 1 already [VBC910]",
        ),
        ({"quarters": "a,b\n"}, "quarters: is no level of groups of the program, and lies in none; write `quarter`"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_files_stands_at_its_row(
    changed: dict[str, str], message: str, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out.csv"
    assert main(["run", *make(tmp_path, **changed), "--output", str(out)]) == 1
    assert message in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--on-error", "skip"], "the figures of a whole cohort rest on all its rows; leave out `--on-error skip`"),
        (["--status", "provisional"], "a provisional run says up to which day its data were known"),
        (["--as-of", "today"], "--as-of is a day; write it as YYYY-MM-DD"),
        (["--groups", "organization"], "--groups is written LEVEL=FILE, as in --groups organization=orgs.csv"),
        (["--groups", "site=b.csv"], "--groups site is given twice; give it one file"),
        (["--groups-out", "site=b.csv"], "there is no such level of groups; write `organization`"),
        (["--cohort", "fund=1"], "the cohort's input `fund` is given twice; give it once"),
    ],
)
def test_what_cannot_be_asked(more: list[str], message: str, tmp_path: Path, capsys: Capture) -> None:
    assert main(["run", *make(tmp_path), "--output", str(tmp_path / "out.csv"), *more]) == 2
    assert message in capsys.readouterr().err


def test_explain_a_participant_a_group_and_the_cohort(tmp_path: Path, capsys: Capture) -> None:
    call = ["explain", *make(tmp_path)]
    assert main([*call, "--participant", "A", "reward"]) == 0
    assert capsys.readouterr().out.startswith("A pool (acme/pool@2024); hospital: A\nReward: $66.67\n")
    assert main([*call, "--group", "organization=X", "all_beds"]) == 0
    assert capsys.readouterr().out.startswith("A pool (acme/pool@2024); organization: X\nBeds: 7\n")
    assert main([*call, "--group", "organization=X", "beds", "2"]) == 0
    assert capsys.readouterr().out.startswith("A pool (acme/pool@2024); organization: X\nBeds: 4\n")
    assert main([*call, "pool"]) == 0
    assert capsys.readouterr().out.startswith("A pool (acme/pool@2024)\nPool: $100.01\n")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--participant", "Q", "reward"], "no hospital of the data has this identifier"),
        (["--group", "organization=Q", "size"], "no organization of the data goes by this"),
        (["--group", "organization", "size"], "--group is written LEVEL=KEY, as in --group organization=A"),
        (["--group", "organisation=X", "size"], "there is no such level of groups; write `organization`"),
        (["reward"], "`hospital.reward` is not the cohort's"),
    ],
)
def test_what_cannot_be_explained(more: list[str], message: str, tmp_path: Path, capsys: Capture) -> None:
    assert main(["explain", *make(tmp_path), *more]) == 2
    assert message in capsys.readouterr().err


def test_headers_and_schemas_of_groups_and_the_cohort(tmp_path: Path, capsys: Capture) -> None:
    program, *_ = make(tmp_path)
    headers = {
        "organization": "organization_id,bonus,quarter.first.visits,quarter.second.visits\n",
        "site": "organization_id,number,beds\n",
    }
    for table, header in headers.items():
        assert main(["inputs", program, "--format", "csv", "--table", table]) == 0
        assert capsys.readouterr().out == header
    for table, names in {"organization": ["organization_id", "bonus", "quarter", "site"], "cohort": ["fund"]}.items():
        assert main(["inputs", program, "--table", table]) == 0
        assert list(json.loads(capsys.readouterr().out)["properties"]) == names
    assert main(["inputs", program, "--table", "site"]) == 2
    assert "there is no table `site` with a schema of its own" in capsys.readouterr().err


@pytest.mark.parametrize("stage", ["description", "document", "resolved", "plan", "python"])
def test_every_stage_can_be_shown(stage: str, tmp_path: Path, capsys: Capture) -> None:
    program, *_ = make(tmp_path)
    assert main(["show", program, "--stage", stage]) == 0
    assert capsys.readouterr().out


def test_the_plan_of_a_cohort_has_the_row_of_every_root_and_the_stages(capsys: Capture) -> None:
    assert main(["show", "bcbsm/pgip/practice-distribution@2020", "--stage", "plan"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("row of ")] == [
        "row of cohort",
        "row of practice",
        "row of organization",
        "row of payday",
    ]
    assert lines[lines.index("row of cohort") + 1] == "  (nothing)"
    assert lines[lines.index("row of payday") + 2] == "  instalment.instalment: category"
    stages = lines[lines.index("stages") + 1 :]
    assert stages[2:4] == [
        "    3 organization is formed by practice.organization_id",
        "    4 payday is formed by practice.organization_id, instalment.instalment",
    ]
    assert "   11 allocate of instalment within payday" in stages
    assert stages[-1] == "   14 each payday: payday.left_over"
