"""What is handed out works away from the checkout: installed, from a zip file, and as an editable install."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from vbc_rules import packaged
from vbc_rules.errors import Code, EvaluationError, InputError, InputProblem, RuleFileError, UsageError, VbcError
from vbc_rules.source.diagnostic import Diagnostic
from vbc_rules.source.span import SourceFile, Span

CHECKOUT = Path(__file__).parents[1]
RULES = CHECKOUT / "rules"

REPORT = """
import json
import vbc_rules
from vbc_rules.packaged import find_packaged, list_packaged
print(json.dumps({
    "package": vbc_rules.__file__,
    "programs": {name: find_packaged(name).read_bytes().decode() for name in list_packaged()},
}))
"""


def programs_in_the_checkout() -> dict[str, str]:
    return {
        f"{file.parent.relative_to(RULES).as_posix()}@{file.name.removesuffix('.yaml')}": file.read_bytes().decode()
        for file in RULES.rglob("*.yaml")
        if not file.name.endswith((".tests.yaml", ".mapping.yaml"))
    }


def reported(python: Path, *, path: Path, folder: Path) -> tuple[Path, dict[str, str]]:
    """Run the report with only `path` and the dependencies added to a bare interpreter, away from the checkout."""
    program = f"import sys; sys.path.insert(0, {str(path)!r})\n{REPORT}"
    done = subprocess.run([python, "-I", "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    return Path(answer["package"]), answer["programs"]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make an environment that sees the dependencies installed here but not the library."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    dependencies = folder / "dependencies"
    dependencies.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.suffix != ".pth" and not entry.name.startswith("vbc_rules"):
            (dependencies / entry.name).symlink_to(entry)
    (site / "dependencies.pth").write_text(f"{dependencies}\n")
    return folder / "bin" / "python", site


def test_a_wheel_carries_every_program_and_the_marks_of_a_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry_points = archive.read("vbc_rules-0.1.0.dist-info/entry_points.txt").decode()
        metadata = archive.read("vbc_rules-0.1.0.dist-info/METADATA").decode()
    rules = {name.removeprefix("vbc_rules/rules/") for name in names if name.startswith("vbc_rules/rules/")}
    assert rules == {file.relative_to(RULES).as_posix() for file in RULES.rglob("*") if file.is_file()}
    assert {"vbc_rules/py.typed", "vbc_rules/errors.py", "vbc_rules-0.1.0.dist-info/licenses/LICENSE"} <= names
    assert {name.split("/")[0] for name in names} == {"vbc_rules", "vbc_rules-0.1.0.dist-info"}
    assert "vbc-rules = vbc_rules.cli:main" in entry_points
    assert "Requires-Python: >=3.11\n" in metadata
    assert [line for line in metadata.splitlines() if line.startswith("Requires-Dist:")] == [
        "Requires-Dist: pydantic>=2.7",
        "Requires-Dist: pyyaml>=6",
        "Requires-Dist: numpy>=1.26; extra == 'columns'",
        "Requires-Dist: narwhals>=2; extra == 'frames'",
        "Requires-Dist: numpy>=1.26; extra == 'frames'",
        "Requires-Dist: pyarrow>=16; extra == 'frames'",
        "Requires-Dist: narwhals>=2; extra == 'spark'",
        "Requires-Dist: numpy>=1.26; extra == 'spark'",
        "Requires-Dist: pyarrow>=18; extra == 'spark'",
        "Requires-Dist: pyspark[sql]>=4; extra == 'spark'",
    ]


def test_an_installed_wheel_finds_its_programs(wheel: Path, bare: tuple[Path, Path], tmp_path: Path) -> None:
    python, site = bare
    pip = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-index", "--no-deps", "--target", str(site), str(wheel)],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    package, programs = reported(python, path=site, folder=tmp_path)
    assert package == site / "vbc_rules" / "__init__.py"
    assert programs == programs_in_the_checkout()
    assert programs


def test_a_wheel_is_usable_without_unpacking_it(wheel: Path, bare: tuple[Path, Path], tmp_path: Path) -> None:
    package, programs = reported(bare[0], path=wheel, folder=tmp_path)
    assert package == wheel / "vbc_rules" / "__init__.py"
    assert programs == programs_in_the_checkout()
    assert programs


def test_a_checkout_reads_its_own_rules() -> None:
    assert packaged.packaged_rules() == RULES
    found = {name: packaged.find_packaged(name) for name in packaged.list_packaged()}
    assert list(found) == sorted(found)
    assert {name: file.read_bytes().decode() for name, file in found.items() if file} == programs_in_the_checkout()


@pytest.fixture
def two_editions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs with one and with two editions, what lies beside them, and a file outside to be out of reach."""
    rules = tmp_path / "rules"
    for name in (
        "acme/one/2021.yaml",
        "acme/one/2021.tests.yaml",
        "acme/one/2021.mapping.yaml",
        "acme/one/notes.md",
        "acme/plans/two/2020.yaml",
        "acme/plans/two/2021.1.yaml",
        "acme/.hidden/2021.yaml",
        "stray.yaml",
        "../outside/secret.yaml",
    ):
        (rules / name).parent.mkdir(parents=True, exist_ok=True)
        (rules / name).write_text(name)
    monkeypatch.setattr(packaged, "packaged_rules", lambda: rules)
    return rules


@pytest.mark.usefixtures("two_editions")
def test_only_programs_are_listed() -> None:
    assert packaged.list_packaged() == ("acme/one@2021", "acme/plans/two@2020", "acme/plans/two@2021.1")


def test_an_edition_may_be_left_out_where_there_is_only_one(two_editions: Path) -> None:
    assert packaged.find_packaged("acme/one") == two_editions / "acme/one/2021.yaml"
    assert packaged.find_packaged("acme/plans/two@2021.1") == two_editions / "acme/plans/two/2021.1.yaml"


@pytest.mark.usefixtures("two_editions")
def test_an_edition_is_asked_for_where_there_are_several() -> None:
    with pytest.raises(UsageError) as caught:
        packaged.find_packaged("acme/plans/two")
    assert str(caught.value) == (
        "acme/plans/two has several editions; write one of acme/plans/two@2020, acme/plans/two@2021.1 [VBC972]"
    )


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "@",
        "acme",
        "acme/one@",
        "acme/one@2022",
        "acme/one@2021@2021",
        "acme/one@2021.tests",
        "acme/one/@2021",
        "acme//one@2021",
        "./acme/one@2021",
        "acme/plans/../one@2021",
        "../outside@secret",
        "../outside",
        "acme/../../outside@secret",
        "acme\\one@2021",
        "/etc/passwd",
        "/etc@passwd",
        ".hidden@2021",
        "@stray",
        "acme/one@2021\0",
    ],
)
@pytest.mark.usefixtures("two_editions")
def test_any_other_name_finds_nothing_and_reaches_nothing(identifier: str) -> None:
    assert packaged.find_packaged(identifier) is None


@pytest.mark.parametrize("name", ["run", "dev", "bench", "spark", "spark-build"])
def test_every_pinned_requirement_has_hashes_and_no_index_is_named(name: str) -> None:
    text = (CHECKOUT / "requirements" / f"{name}.txt").read_text()
    requirements = [
        line for line in text.replace("\\\n", "").splitlines() if line and not line.lstrip().startswith("#")
    ]
    assert requirements
    for requirement in requirements:
        assert "==" in requirement.split()[0]
        assert "--hash=sha256:" in requirement
    assert "://" not in text


def test_what_runs_is_pinned_as_it_is_tested() -> None:
    def pins(name: str) -> set[str]:
        text = (CHECKOUT / "requirements" / f"{name}.txt").read_text()
        return {line for line in text.splitlines() if line and not line.startswith("#")}

    assert pins("run") <= pins("dev")


SPAN = Span(SourceFile("acme.yaml", "tiers: x\n"), 1, 8, 1, 9)
ERRORS = [
    RuleFileError([Diagnostic("VBC701", "error", "the tiers have no end", SPAN, "write `otherwise`")]),
    InputError(InputProblem(Code.MISSING, "score", "is missing", 3)),
    EvaluationError(Code.UNSTATED, "is not stated for this day", "allocation", 2),
    UsageError(Code.NO_SUCH_PROGRAM, "no program goes by this name"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_survive_pickling_and_are_plain_data(error: VbcError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 (made one line above)
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.code == error.code
    assert json.loads(json.dumps(again.to_dict())) == error.to_dict()


def test_a_rule_file_error_shows_its_diagnostics_and_takes_the_code_of_the_first_error() -> None:
    warning = Diagnostic("VBC702", "warning", "a step is never reached", SPAN, "remove it")
    wrong = Diagnostic("VBC701", "error", "the tiers have no end", SPAN, "write `otherwise`")
    error = RuleFileError([warning, wrong])
    assert error.code == "VBC701"
    assert "the tiers have no end" in str(error)
    assert error.to_dict()["diagnostics"] == [warning.to_dict(), wrong.to_dict()]


def test_an_input_error_tells_one_problem_in_one_line_and_several_as_a_list() -> None:
    one = InputProblem(Code.MISSING, "cqi_taken_part.index", "is missing; supply it or a reason", 2)
    two = InputProblem(Code.DUPLICATE, "", "the hospital of row 1 appears again", 4)
    assert str(InputError(one)) == "row 2, cqi_taken_part.index: is missing; supply it or a reason [VBC901]"
    assert str(InputError([one, two])).splitlines() == [
        "2 problems with the inputs",
        "  row 2, cqi_taken_part.index: is missing; supply it or a reason [VBC901]",
        "  row 4: the hospital of row 1 appears again [VBC910]",
    ]
    assert InputError([two, one]).code == "VBC910"
    assert InputError([one]).to_dict()["problems"] == [
        {
            "code": "VBC901",
            "where": "cqi_taken_part.index",
            "message": "is missing; supply it or a reason",
            "row": 2,
        }
    ]


def test_an_evaluation_error_tells_where() -> None:
    error = EvaluationError(Code.UNSTATED, "is not stated for this day", "allocation", 2)
    assert str(error) == "row 2, allocation: is not stated for this day [VBC951]"
    assert error.to_dict() == {
        "error": "EvaluationError",
        "code": "VBC951",
        "message": "row 2, allocation: is not stated for this day [VBC951]",
        "where": "allocation",
        "row": 2,
    }


@pytest.mark.parametrize("empty", [RuleFileError, InputError])
def test_an_error_about_nothing_cannot_be_made(empty: type[RuleFileError | InputError]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        empty([])
