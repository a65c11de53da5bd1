"""Every rule test of every packaged program, each a test of its own."""

from __future__ import annotations

from functools import cache

import pytest

from vbc_rules.api.program import Program
from vbc_rules.packaged import list_packaged
from vbc_rules.testing.cases import read_cases
from vbc_rules.testing.files import find_test_files
from vbc_rules.testing.runner import Bound, bind_file, run_case

FILES = {file.name: file for file in find_test_files()}


@cache
def load_tests(file: str) -> tuple[Program, dict[str, Bound]]:
    program, tests = bind_file(FILES[file])
    return program, {bound.case.name: bound for bound in tests}


@pytest.mark.parametrize(
    ("file", "name"), [(file, case.name) for file, found in FILES.items() for case in read_cases(found).tests]
)
def test_rule_test(file: str, name: str) -> None:
    program, tests = load_tests(file)
    verdict = run_case(program, tests[name])
    assert verdict.passed, str(verdict)


def test_every_packaged_program_has_rule_tests() -> None:
    tested = {name.removeprefix("rules/").removesuffix(".tests.yaml") for name in FILES}
    assert tested == {identifier.replace("@", "/") for identifier in list_packaged()}
