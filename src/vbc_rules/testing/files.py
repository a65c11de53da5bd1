"""Where rule tests are: beside their programs."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

from vbc_rules.errors import Code, UsageError
from vbc_rules.packaged import find_packaged, list_packaged, packaged_rules
from vbc_rules.source.nearest import nearest

if TYPE_CHECKING:
    from vbc_rules.api.program import Program

SUFFIX = ".tests.yaml"


@dataclass(frozen=True, slots=True)
class TestFile:
    """A file of rule tests, and the rule file beside it. `name` is what people know the tests by."""

    __test__ = False  # pytest would take the class for a test

    name: str
    tests: Path | Traversable
    rules: Path | Traversable

    def load(self) -> Program:
        """Return the program that is tested. Raises RuleFileError, or UsageError where there is none."""
        from vbc_rules.api.program import Program  # noqa: PLC0415 (finding files needs no compiler)

        name = f"{self.name.removesuffix(SUFFIX)}.yaml"
        try:
            return Program(self.rules.read_bytes(), name)
        except OSError as error:
            message = f"the tests {self.name} need the rule file {name} beside them: {error.strerror}"
            raise UsageError(Code.NO_SUCH_PROGRAM, message) from error


def find_test_files(source: str | Path | None = None) -> tuple[TestFile, ...]:
    """Return the files of rule tests of `source`, sorted.

    `source` is a packaged program's identifier, a file of tests, a rule file, or a folder that is searched with all it
    holds; None stands for all packaged programs. Raises UsageError where there are none.
    """
    if source is None:
        return tuple(one for one in map(_packaged, list_packaged()) if one.tests.is_file())
    path = Path(source)
    if path.is_dir():
        found = tuple(_on_disk(file) for file in sorted(path.rglob(f"*{SUFFIX}")) if file.is_file())
        if not found:
            raise UsageError(Code.USAGE, f"there are no rule tests in {source}; their names end in {SUFFIX}")
        return found
    if path.suffix in (".yaml", ".yml"):
        tests = path if path.name.endswith(SUFFIX) else path.with_name(f"{path.stem}{SUFFIX}")
        if not tests.is_file():
            raise UsageError(Code.USAGE, f"there is no file of rule tests {tests}")
        return (_on_disk(tests),)
    return (_one_packaged(str(source)),)


def _one_packaged(name: str) -> TestFile:
    rules = find_packaged(name)
    if rules is None:
        close = nearest(name, list_packaged())
        hint = f"write `{close}`" if close else "`vbc-rules list` shows those there are"
        raise UsageError(Code.NO_SUCH_PROGRAM, f"there is no packaged program, file or folder `{name}`; {hint}")
    whole = name if "@" in name else next(one for one in list_packaged() if one.rpartition("@")[0] == name)
    found = _packaged(whole)
    if not found.tests.is_file():
        raise UsageError(Code.USAGE, f"{whole} has no rule tests")
    return found


def _packaged(identifier: str) -> TestFile:
    program, _, edition = identifier.rpartition("@")
    folder = packaged_rules().joinpath(*program.split("/"))
    tests, rules = folder.joinpath(f"{edition}{SUFFIX}"), folder.joinpath(f"{edition}.yaml")
    return TestFile(f"rules/{program}/{edition}{SUFFIX}", tests, rules)


def _on_disk(tests: Path) -> TestFile:
    return TestFile(str(tests), tests, tests.with_name(f"{tests.name.removesuffix(SUFFIX)}.yaml"))
