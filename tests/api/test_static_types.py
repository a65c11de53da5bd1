"""The module for type checkers. The program is that of tests/run/test_reading.py."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.run.test_reading import COHORT, LAYOUT, PARAMETERS, PROGRAM, READER, inputs
from vbc_rules.api.static_types import static_module

REPOSITORY = Path(__file__).parents[2]
SOURCE = static_module(PROGRAM, LAYOUT, content_hash="sha256:0123")

CLIENT = """\
import datetime
from decimal import Decimal

from hospital_inputs import (
    Case, CqiTakenPart, Domain, DomainMembers, Inputs, Measure, MeasureMembers,
)
from vbc_rules.language.absence import Absent

given = Inputs(
    hospital="010001",
    payments=Decimal("1234567.89"),
    beds=120,
    share=Decimal("0.774970"),
    change=Decimal("-1.5"),
    signed=True,
    peer_group="pg1",
    signed_on=datetime.date(2024, 1, 31),
    note="as attested",
    domain=DomainMembers(safety=Domain(reported=True), cost=Domain(reported=False)),
    measure=MeasureMembers(
        hai_1=Measure(performance=Decimal("0.869247"), case=(Case(days=3), Case(days=4))),
        hai_5=Measure(performance=Absent("not_reported"), case=()),
        mspb=Measure(performance=Decimal(1), case=(Case(days=5),)),
    ),
    cqi_taken_part=(
        CqiTakenPart(name="stroke", index=Decimal("0.9")),
        CqiTakenPart(name="sepsis", index=Absent("too_new")),
    ),
)
"""


def test_the_module_reads_as_documentation() -> None:
    assert SOURCE.startswith(
        '"""The inputs of test/reading@2024.\n\nA program with every kind of input.\nContent hash: sha256:0123\n"""\n'
    )
    start = SOURCE.index("@dataclass(frozen=True, slots=True, kw_only=True, repr=False)\nclass CqiTakenPart:")
    assert (
        SOURCE[start : SOURCE.index("@dataclass", start + 1)].strip()
        == '''\
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CqiTakenPart:
    """One cqi taken part."""

    name: str
    """Name."""
    index: Decimal | Absent
    """Index. A fraction: Decimal('0.05') is 5%. From 0% to 100%. May be absent: declined, too_new."""

    def to_inputs(self) -> dict[str, object]:
        """Return this as the mapping that the program takes."""
        return {
            "name": self.name,
            "index": self.index,
        }'''
    )
    assert '    peer_group: Literal["pg1", "pg2", "pg5"]\n' in SOURCE
    assert "    psychiatric_days: int | Absent | None = None\n" in SOURCE
    assert "    payments: Decimal\n" in SOURCE


def test_the_same_program_gives_the_same_text() -> None:
    assert static_module(PROGRAM, LAYOUT, content_hash="sha256:0123") == SOURCE


def test_its_inputs_are_read_into_the_same_row(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("hospital_inputs")
    monkeypatch.setitem(sys.modules, "hospital_inputs", module)
    exec(SOURCE, module.__dict__)  # noqa: S102 (what is tested)
    client: dict[str, object] = {"datetime": datetime}
    exec(CLIENT, client)  # noqa: S102 (as above)
    given = client["given"].to_inputs()  # type: ignore[attr-defined]
    assert "1234567.89" not in repr(client["given"])
    row = READER.read(given, cohort=COHORT, parameters=PARAMETERS)
    assert row == READER.read(inputs(), cohort=COHORT, parameters=PARAMETERS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("client")
    (found / "hospital_inputs.py").write_text(SOURCE, encoding="utf-8")
    return found


def mypy(folder: Path, client: str) -> list[str]:
    (folder / "client.py").write_text(client, encoding="utf-8")
    finds_the_library = {**os.environ, "MYPYPATH": str(REPOSITORY / "src")}
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", "client.py",
         "hospital_inputs.py"],
        cwd=folder, capture_output=True, text=True, check=False, env=finds_the_library,
    )  # fmt: skip
    assert not run.stderr, run.stderr
    return [line for line in run.stdout.splitlines() if ": error: " in line]


def test_a_type_checker_takes_what_is_right(folder: Path) -> None:
    assert mypy(folder, CLIENT) == []


def test_a_type_checker_finds_a_float(folder: Path) -> None:
    (found,) = mypy(folder, CLIENT.replace('payments=Decimal("1234567.89")', "payments=1234567.89"))
    assert 'Argument "payments" to "Inputs" has incompatible type "float"; expected "Decimal"' in found


def test_a_type_checker_finds_a_misspelt_field(folder: Path) -> None:
    found = mypy(folder, CLIENT.replace("performance=Decimal(1)", "perfomance=Decimal(1)"))
    assert any('Unexpected keyword argument "perfomance" for "Measure"' in line for line in found)


def test_a_type_checker_finds_a_word_that_is_not_in_the_category(folder: Path) -> None:
    (found,) = mypy(folder, CLIENT.replace('"pg1"', '"pg9"'))
    assert 'Argument "peer_group" to "Inputs" has incompatible type' in found


def test_the_module_is_clean(folder: Path) -> None:
    settings = REPOSITORY / "pyproject.toml"
    run = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--config", str(settings), "--ignore=INP001", "hospital_inputs.py"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stdout) == (0, "All checks passed!\n")
