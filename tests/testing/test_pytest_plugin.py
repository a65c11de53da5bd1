"""Rule tests as items of any pytest run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.testing.programs import TEST, write

SRC = Path(__file__).parents[2] / "src"


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(SRC), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "vbc_rules.testing.pytest_plugin", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_rule_test_is_an_item(tmp_path: Path) -> None:
    write(tmp_path, TEST, TEST.replace("Everything", "Wrong").replace("reward: $123.45", "reward: $123.46"))
    done = pytest_in(tmp_path, "-v")
    assert "2024.tests.yaml::Everything PASSED" in done.stdout
    assert "2024.tests.yaml::Wrong FAILED" in done.stdout
    assert "reward: expected $123.46, found $123.45 [oracle, scalar]" in done.stdout
    assert "1 failed, 1 passed" in done.stdout
    assert done.returncode == 1


def test_a_wrong_file_is_told_and_fails(tmp_path: Path) -> None:
    write(tmp_path, TEST.replace("reward:", "rewards:"))
    done = pytest_in(tmp_path)
    assert "error[VBC961]: the hospital has no `rewards`" in done.stdout
    assert done.returncode == 2


def test_other_files_of_that_name_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other.tests.yaml").write_text("- of somebody else\n", encoding="utf-8")
    assert pytest_in(tmp_path).returncode == 5  # nothing was collected


def test_the_plugin_loads_nothing_of_the_library() -> None:
    program = "import sys; import vbc_rules.testing.pytest_plugin; print([m for m in sys.modules if 'vbc_rules' in m])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['vbc_rules', 'vbc_rules.testing', 'vbc_rules.testing.pytest_plugin']"
