"""Which command is meant, and what becomes of errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vbc_rules.cli import main
from vbc_rules.cli.main import COMMANDS

SRC = Path(__file__).parents[2] / "src"


def run_module(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    call = ["-c", code] if code else ["-m", "vbc_rules", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(SRC)}
    return subprocess.run([sys.executable, *call], env=environment, capture_output=True, text=True, check=False)


def test_the_module_is_the_command() -> None:
    done = run_module("version")
    assert done.returncode == 0
    assert done.stdout.startswith("vbc-rules ")
    assert done.stderr == ""


def test_starting_loads_neither_the_yaml_reader_nor_pydantic() -> None:
    code = (
        "import sys, vbc_rules.cli as c; c.main(['--help']); "
        "sys.exit(bool({'yaml', 'pydantic', 'vbc_rules.run'} & set(sys.modules)))"
    )
    assert run_module(code=code).returncode == 0


def test_without_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: vbc-rules COMMAND ...\n")


@pytest.mark.parametrize("word", ["--help", "-h", "help"])
def test_help_names_every_command(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert [line.split()[0] for line in out.splitlines() if line.startswith("  ")] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert f"\nexample:\n  vbc-rules {name}" in out


def test_a_misspelt_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chekc"]) == 2
    assert capsys.readouterr().err == "vbc-rules: there is no command `chekc`; write `check`\n"
    assert main(["zzz"]) == 2
    assert capsys.readouterr().err == f"vbc-rules: there is no command `zzz`; write one of {', '.join(COMMANDS)}\n"


def test_arguments_that_are_not_understood(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 2
    assert main(["list", "--format", "xml"]) == 2
    assert "usage: vbc-rules list" in capsys.readouterr().err


def test_no_such_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "cms/hospital-vpb@fy2024"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    expected = (
        "vbc-rules: there is no packaged program `cms/hospital-vpb@fy2024`; write `cms/hospital-vbp@fy2024` [VBC971]\n"
    )
    assert err == expected


def test_an_error_of_ours_shows_its_place_and_never_its_message(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> tuple[str, ...]:
        raise ZeroDivisionError("a value that was supplied")

    monkeypatch.delenv("VBC_RULES_TRACEBACK", raising=False)
    monkeypatch.setattr("vbc_rules.packaged.list_packaged", fail)
    assert main(["list"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("vbc-rules: an error of vbc-rules itself, ZeroDivisionError at test_main.py:")
    assert err.endswith("; set VBC_RULES_TRACEBACK=1 to see it whole\n")
    assert "supplied" not in err


def test_being_stopped(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def stop() -> tuple[str, ...]:
        raise KeyboardInterrupt

    monkeypatch.setattr("vbc_rules.packaged.list_packaged", stop)
    assert main(["list"]) == 130
    assert capsys.readouterr().err == "vbc-rules: stopped\n"


def test_a_reader_that_leaves() -> None:
    shell = f"{sys.executable} -m vbc_rules show cms/hospital-vbp@fy2024 --stage python | head -1"
    done = subprocess.run(
        ["/bin/sh", "-c", shell],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
