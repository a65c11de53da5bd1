"""list, check, new, test: commands about files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.testing.programs import RULES, TEST, write
from vbc_rules.cli import main
from vbc_rules.packaged import list_packaged

Capture = pytest.CaptureFixture[str]


def test_list_groups_programs_by_payer(capsys: Capture) -> None:
    assert main(["list"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert err == ""
    payers = sorted({name.partition("/")[0] for name in list_packaged()})
    assert [line for line in lines if not line.startswith(" ")] == payers
    assert [line.strip() for line in lines if line.startswith("    ") and "@" in line] == list(list_packaged())
    at = lines.index("    cms/hospital-vbp@fy2024")
    assert lines[at - 1] == "  cms/hospital-vbp"
    assert lines[at + 1] == "        Hospital Value-Based Purchasing, fiscal year 2024"
    assert lines[at + 2] == "        numbers: 114 public, 0 derived, 0 required, 0 illustrative"


def test_list_as_data(capsys: Capture) -> None:
    assert main(["list", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [entry["program"] for entry in found] == list(list_packaged())
    for entry in found:
        names = {"program", "payer", "name", "edition", "title", "participant", "needs_cohort", "numbers"}
        assert set(entry) == names
        assert f"{entry['name']}@{entry['edition']}" == entry["program"]
        assert set(entry["numbers"]) == {"public", "derived", "required", "illustrative"}
    assert {entry["program"]: entry["participant"] for entry in found}["cms/hospital-vbp@fy2024"] == "hospital"


def test_check_of_a_file_that_is_right(tmp_path: Path, capsys: Capture) -> None:
    tests = write(tmp_path, TEST)
    assert main(["check", str(tmp_path / "2024.yaml"), str(tests), "cms/hospital-vbp@fy2024"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines()[-1] == "cms/hospital-vbp@fy2024: nothing is wrong"


def test_check_tells_every_error(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(RULES.replace("round: 2 down", "round: 2 donw").replace("mean: rate", "mean: rates"))
    assert main(["check", str(path)]) == 1
    assert f"--> {path}:" in capsys.readouterr().out
    assert main(["check", str(path), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found
    for one in found:
        assert list(one) == ["code", "severity", "message", "file", "line", "column", "help"]


def test_warnings_do_not_fail(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(RULES.replace("\nparameters:", "\nsources:\n  guide: {title: Guide}\n\nparameters:"))
    assert main(["check", str(path), "--format", "json"]) == 0
    assert [one["severity"] for one in json.loads(capsys.readouterr().out)] == ["warning"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"\x00",
        b"[" * 5_000,
        b"{" * 5_000,
        b"a: &a [*a]",
        b"program: 1\nprogram: 2\n",
        b"- 1\n",
        b"\xe2\x80",
    ],
)
def test_no_content_of_a_file_breaks_check(content: bytes, tmp_path: Path, capsys: Capture) -> None:
    for name in ("a.yaml", "a.tests.yaml"):
        path = tmp_path / name
        path.write_bytes(content)
        assert main(["check", str(path), "--format", "json"]) == 1
        out, err = capsys.readouterr()
        assert err == ""
        assert json.loads(out)[0]["code"].startswith("VBC")


def test_check_of_no_file(tmp_path: Path, capsys: Capture) -> None:
    assert main(["check", str(tmp_path / "none.yaml"), str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "error[VBC001]: there is no such file" in out
    assert "error[VBC001]: this is a folder, not a file" in out


@pytest.mark.parametrize(
    ("identifier", "participant"),
    [("acme/readmissions@2025", "hospital"), ("acme/a/b-c@fy2026", "physician_group"), ("acme/x@base", "practice")],
)
def test_new_writes_a_program_that_passes(identifier: str, participant: str, tmp_path: Path, capsys: Capture) -> None:
    call = ["new", identifier, "--participant", participant, "--into", str(tmp_path)]
    assert main(call) == 0
    rules, tests = capsys.readouterr().out.splitlines()
    assert main(["check", rules, tests]) == 0
    assert capsys.readouterr().out == f"{rules}: nothing is wrong\n{tests}: nothing is wrong\n"
    assert main(["test", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{tests}: 4 passed\n"
    assert main(call) == 2
    assert capsys.readouterr().err == f"vbc-rules: {rules} exists already; choose another edition [VBC970]\n"


def test_new_prints_the_rule_file(capsys: Capture) -> None:
    assert main(["new", "acme/readmissions@2025"]) == 0
    out = capsys.readouterr().out
    assert '\nprogram: acme/readmissions\nedition: 2025\nlanguage: 1\ntitle: "Readmissions, 2025"\n' in out
    assert "\nin_force: {from: 2025-01-01, through: 2025-12-31}\n" in out


@pytest.mark.parametrize(
    "arguments", [["acme"], ["acme/x"], ["../x@1"], ["acme/X@1"], ["acme/x@1", "--participant", "if"]]
)
def test_new_refuses_other_names(arguments: list[str], tmp_path: Path, capsys: Capture) -> None:
    assert main(["new", *arguments, "--into", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(
        "vbc-rules: a pa" if len(arguments) > 1 else "vbc-rules: a program is named "
    )
    assert list(tmp_path.iterdir()) == []


def test_test_tells_what_passed(capsys: Capture) -> None:
    assert main(["test"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.rpartition(": ")[0] for line in lines] == [
        f"rules/{name.replace('@', '/')}.tests.yaml" for name in list_packaged()
    ]
    assert all(line.endswith(" passed") for line in lines)


def test_test_tells_what_failed(tmp_path: Path, capsys: Capture) -> None:
    path = write(tmp_path, TEST, TEST.replace("Everything", "Wrong").replace("reward: $123.45", "reward: $123.46"))
    assert main(["test", str(path)]) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"FAILED {path}:26: Wrong\n  because 10% of")
    assert f"{path}:47:15: reward: expected $123.46, found $123.45 [oracle, scalar]\n" in out
    assert out.endswith(f"{path}: 1 passed, 1 failed\n")
    assert main(["test", str(tmp_path), "--format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["file"], found["passed"], found["failed"]) == (str(path), 1, 1)
    assert [test["passed"] for test in found["tests"]] == [True, False]
    assert found["tests"][1]["failures"][0]["found"] == "$123.45"


def test_test_of_a_wrong_file(tmp_path: Path, capsys: Capture) -> None:
    write(tmp_path, TEST.replace("reward:", "rewards:"))
    assert main(["test", str(tmp_path)]) == 1
    assert "error[VBC961]: the hospital has no `rewards`" in capsys.readouterr().err
