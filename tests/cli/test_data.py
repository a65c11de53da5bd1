"""run, explain, validate: commands about data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.programs import BAD, PAYMENTS, A, B, make
from vbc_rules.cli import main

Capture = pytest.CaptureFixture[str]
ILLUSTRATIVE = "illustrative, not the payer's numbers: "


def test_run_writes_results(tmp_path: Path, capsys: Capture) -> None:
    output = tmp_path / "out.csv"
    assert main(["run", *make(tmp_path, A, B), "--output", str(output)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    summary, marks = err.splitlines()
    assert summary == f"computed 2, skipped 0, written to {output}"
    assert marks.startswith(ILLUSTRATIVE)
    assert "rate" in marks
    header, first, second = output.read_text().splitlines()
    cells = dict(zip(header.split(","), first.split(","), strict=True))
    assert (cells["hospital"], cells["reward"], cells["long_stays"]) == ("A", "123.45", "1")
    assert dict(zip(header.split(","), second.split(","), strict=True))["reward"] == "0.00"


def test_run_stops_at_the_first_participant_refused(tmp_path: Path, capsys: Capture) -> None:
    output = tmp_path / "out.csv"
    assert main(["run", *make(tmp_path, A, BAD), "--output", str(output)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "row 2, payments: is out of range; write $0 to $1,000,000 [VBC906]",
        "nothing is written; `--on-error skip` leaves out who cannot be computed",
    ]
    assert not output.exists()


def test_run_skips_what_it_is_told_to(tmp_path: Path, capsys: Capture) -> None:
    output = tmp_path / "out.json"
    assert main(["run", *make(tmp_path, A, BAD), "--output", str(output), "--on-error", "skip"]) == 0
    err = capsys.readouterr().err
    assert err.splitlines()[:2] == [
        "row 2, payments: is out of range; write $0 to $1,000,000 [VBC906]",
        f"computed 1, skipped 1, written to {output}",
    ]
    found = json.loads(output.read_text())
    assert found["skipped"] == 1
    assert "99999999" not in err


def test_of_many_problems_the_first_are_told(tmp_path: Path, capsys: Capture) -> None:
    rows = [BAD.replace("C", f"C{number}") for number in range(25)]
    assert main(["run", *make(tmp_path, A, *rows), "--output", str(tmp_path / "o.csv"), "--on-error", "skip"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line.startswith("row ") for line in lines[:20]] == [True] * 20
    assert lines[20] == "and 5 more problems"
    assert lines[21].startswith("computed 1, skipped 25, ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--parameter", "share"], "a --parameter is written NAME=VALUE, as in --parameter minimum=30"),
        (["--parameter", "shares=1%"], "`shares` is not a parameter this program requires; write `share`"),
        (["--parameter", "share=1%"], "the parameter `share` is given twice; give it once"),
        (["--data", "x.csv"], "of several --data each names its table; write TABLE=FILE, or name their folder"),
        (["--data", "stay=x.csv"], "the table stay is given twice; give it one file"),
    ],
)
def test_run_with_wrong_arguments(arguments: list[str], message: str, tmp_path: Path, capsys: Capture) -> None:
    call = ["run", *make(tmp_path, A), "--output", str(tmp_path / "o.csv"), *arguments]
    assert main(call) == 2
    assert capsys.readouterr().err == f"vbc-rules: {message} [VBC970]\n"


def test_run_without_a_required_parameter(tmp_path: Path, capsys: Capture) -> None:
    call = make(tmp_path, A)
    del call[call.index("--parameter") :][:2]
    at = call.index("--parameter")
    assert main(["run", *call[:at], *call[at + 2 :], "--output", str(tmp_path / "o.csv")]) == 1
    assert "share: not given; write --parameter share=VALUE [VBC901]" in capsys.readouterr().err


def test_run_with_a_cohort_that_is_no_object(tmp_path: Path, capsys: Capture) -> None:
    call = make(tmp_path, A)
    (tmp_path / "cohort.json").write_text("[1]")
    assert main(["run", *call, "--output", str(tmp_path / "o.csv")]) == 1
    assert (
        capsys.readouterr().err == "cohort.json is not an object; write names and values inside `{` and `}` [VBC920]\n"
    )


def test_run_where_nothing_can_be_written(tmp_path: Path, capsys: Capture) -> None:
    assert main(["run", *make(tmp_path, A), "--output", str(tmp_path / "none" / "o.csv")]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"vbc-rules: {tmp_path}/none/")
    assert err.endswith(": No such file or directory\n")


def test_explain_a_payment(tmp_path: Path, capsys: Capture) -> None:
    assert main(["explain", *make(tmp_path, A, B), "--participant", "A", "reward"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "reward  $123.45" in out
    assert "uses illustrative numbers: " in out


def test_explain_a_member_and_an_item(tmp_path: Path, capsys: Capture) -> None:
    given = make(tmp_path, A)
    assert main(["explain", *given, "--participant", "A", "rate", "screening"]) == 0
    assert "rate of screening" in capsys.readouterr().out
    assert main(["explain", *given, "--participant", "A", "long", "1"]) == 0
    assert "31 > 30 is yes" in capsys.readouterr().out
    assert main(["explain", *given, "--participant", "A", "long", "2"]) == 0
    assert "30 > 30 is no" in capsys.readouterr().out
    assert main(["explain", *given, "--participant", "A", "long", "3"]) == 2
    assert capsys.readouterr().err == "vbc-rules: there is no such instance of `stay` [VBC973]\n"
    assert main(["explain", *given, "--participant", "A", "long", "0"]) == 2
    assert capsys.readouterr().err == "vbc-rules: say which item by its number; the first is 1 [VBC970]\n"


def test_explain_in_other_forms(tmp_path: Path, capsys: Capture) -> None:
    given = make(tmp_path, A)
    assert main(["explain", *given, "--participant", "A", "reward", "--format", "html"]) == 0
    assert capsys.readouterr().out.startswith('<section class="vbc-explanation"')
    assert main(["explain", *given, "--participant", "A", "reward", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "$123.45"


def test_explain_of_whom_or_what_is_not_there(tmp_path: Path, capsys: Capture) -> None:
    given = make(tmp_path, A)
    assert main(["explain", *given, "--participant", "Z", "reward"]) == 2
    assert capsys.readouterr().err == (
        "vbc-rules: no hospital of the data has this identifier; write it as it stands there [VBC970]\n"
    )
    assert main(["explain", *given, "--participant", "A", "rewards"]) == 2
    assert capsys.readouterr().err == "vbc-rules: nothing is named `rewards`; write `reward` [VBC973]\n"


MAPPING = """\
mapping: acme/reward@2024
tables:
  main: {file: hospital.csv, key: hospital}
  stays: {file: stay.csv, key: hospital, unmatched: ignore}
missing: {not_reported: not_reported}
columns:
  hospital:
    - {from: main, inputs: {payments: payments, signed: signed}, published: {reward: reward}}
  measure:
    - from: main
      members: [screening, follow_up]
      inputs: {met: "{member}.met", eligible: "{member}.eligible"}
  stay:
    - {from: stays, inputs: {number: number, days: days}}
"""


def validate(folder: Path, *published: str, mapping: str = "2024.mapping.yaml") -> list[str]:
    rows = [f"{row.rstrip()},{figure}\n" for row, figure in zip((A, B), published, strict=True)]
    arguments = make(folder)
    (folder / "hospital.csv").write_text("".join([PAYMENTS.replace("\n", ",reward\n"), *rows]))
    (folder / mapping).write_text(
        MAPPING.replace("members: [screening, follow_up]", "members: {screening: screening, follow_up: follow_up}")
    )
    at = arguments.index("--parameter")
    return ["validate", arguments[0], "--data", str(folder), *arguments[at:]]


def test_validate_counts_what_matches(tmp_path: Path, capsys: Capture) -> None:
    call = validate(tmp_path, "123.45", "0.00")
    assert main(call) == 0
    out, err = capsys.readouterr()
    assert out == ("hospital.reward          2 of         2 match\nall figures              2 of         2 match\n")
    assert err.startswith(ILLUSTRATIVE)
    assert main([*call, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "checked": 2,
        "matched": 2,
        "matched_by_interval": 0,
        "matched_by_order": 0,
        "known": 0,
        "figures": {
            "hospital.reward": {
                "checked": 2,
                "matched": 2,
                "matched_by_interval": 0,
                "matched_by_order": 0,
                "known": 0,
                "unpublished": 0,
            }
        },
        "known_differences": [],
    }


def test_validate_by_interval_and_known_differences(tmp_path: Path, capsys: Capture) -> None:
    call = validate(tmp_path, "120", "-1.00")
    path = tmp_path / "2024.mapping.yaml"
    text = path.read_text().replace(
        "published: {reward: reward}", "published: {reward: {column: reward, to_the_nearest: $10}}"
    )
    because = "known_differences: [{participant: B, figure: hospital.reward, because: a payment was returned}]\n"
    path.write_text(text + because)
    assert main(call) == 1
    assert "column `reward` is finer than the unit declared for it" in capsys.readouterr().err
    (tmp_path / "hospital.csv").write_text((tmp_path / "hospital.csv").read_text().replace("-1.00", "-10"))
    assert main(call) == 0
    assert capsys.readouterr().out == (
        "hospital.reward           1 of         2 match by interval, 1 known to differ\n"
        "  more than zero          1 of         1\n"
        "  less than zero          0 of         1, 1 known to differ\n"
        "all figures               1 of         2 match, 1 of them by interval, 1 known to differ\n"
        "known differences:\n"
        "  row 2: hospital.reward: published -10, computed 0.00\n"
        "    because: a payment was returned\n"
    )
    assert main([*call, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["matched_by_interval"] == 1
    assert found["figures"]["hospital.reward"]["by_sign"] == {
        "more_than_zero": {"checked": 1, "matched": 1, "known": 0},
        "less_than_zero": {"checked": 1, "matched": 0, "known": 1},
    }
    assert found["known_differences"] == [
        {
            "figure": "hospital.reward",
            "member": None,
            "row": 2,
            "participant": None,
            "published": "-10",
            "computed": "0.00",
            "because": "a payment was returned",
        }
    ]


def test_validate_tells_what_differs(tmp_path: Path, capsys: Capture) -> None:
    assert main(validate(tmp_path, "123.46", "0.00")) == 1
    out, err = capsys.readouterr()
    assert "1 of         2 match" in out
    assert err.splitlines()[0] == "row 1: hospital.reward: published 123.46, computed 123.45"


def test_validate_without_a_mapping(tmp_path: Path, capsys: Capture) -> None:
    call = validate(tmp_path, "123.45", "0.00", mapping="other.yaml")
    assert main(call) == 2
    assert capsys.readouterr().err == (
        "vbc-rules: there is no mapping beside the program; name one with --mapping [VBC970]\n"
    )
    assert main([*call, "--mapping", str(tmp_path / "other.yaml")]) == 0
