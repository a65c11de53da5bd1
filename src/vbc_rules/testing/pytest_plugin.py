"""Collects `<edition>.tests.yaml` files in any pytest run: each rule test is an item.

pytest loads this module in every run where the library is installed, so nothing else of it is imported until there is a
file of rule tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from vbc_rules.api.program import Program
    from vbc_rules.testing.runner import Bound

_SUFFIX = ".tests.yaml"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> RuleTestFile | None:
    """Take a file of rule tests: one with a rule file of the same name beside it."""
    if not file_path.name.endswith(_SUFFIX):
        return None
    rules = file_path.with_name(f"{file_path.name.removesuffix(_SUFFIX)}.yaml")
    return RuleTestFile.from_parent(parent, path=file_path) if rules.is_file() else None


class RuleTestFile(pytest.File):
    """A file of rule tests."""

    def collect(self) -> Iterator[RuleTestItem]:
        """Yield every test; what is wrong with the file is told as a failure to collect it."""
        from vbc_rules.errors import VbcError  # noqa: PLC0415 (as the module says)
        from vbc_rules.testing.files import find_test_files  # noqa: PLC0415 (as above)
        from vbc_rules.testing.runner import bind_file  # noqa: PLC0415 (as above)

        try:
            ((program, tests),) = (bind_file(file) for file in find_test_files(self.path))
        except VbcError as error:
            raise self.CollectError(str(error)) from None
        for bound in tests:
            yield RuleTestItem.from_parent(self, name=bound.case.name, program=program, bound=bound)


class RuleTestItem(pytest.Item):
    """One rule test, run on every engine."""

    def __init__(self, *, program: Program, bound: Bound, **rest: object) -> None:
        """Keep the test and the program it is for."""
        super().__init__(**rest)  # type: ignore[arg-type] # what pytest passes on
        self._program = program
        self._bound = bound

    def runtest(self) -> None:
        """Run the test; fail with what came out other than expected."""
        from vbc_rules.testing.runner import run_case  # noqa: PLC0415 (as the module says)

        verdict = run_case(self._program, self._bound)
        if not verdict.passed:
            pytest.fail(str(verdict), pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the test is: its file and line (from 0), and its name."""
        return self.path, self._bound.case.span.line - 1, self.name
