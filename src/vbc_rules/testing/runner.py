"""Runs rule tests: every test on every engine, and each must give exactly what is expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from vbc_rules.api.engines import CohortEngineName, Engine
from vbc_rules.api.program import Program
from vbc_rules.errors import EvaluationError, InputError
from vbc_rules.testing.binding import Bound, bind, bind_file
from vbc_rules.testing.compare import Failure, Outcome, compare_refusal, compare_values
from vbc_rules.testing.files import TestFile, find_test_files

__all__ = ["ENGINES", "Bound", "Verdict", "bind", "bind_file", "run_case", "run_file", "run_tests"]

ENGINES: Final[tuple[Engine, ...]] = ("oracle", "scalar")
"""What every test is run on; a test of a whole cohort runs in columns as well, where the program has them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one test."""

    file: str
    line: int
    name: str
    because: str
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether every engine gave what is expected."""
        return not self.failures

    def to_dict(self) -> dict[str, object]:
        """Return the verdict as plain data."""
        return {
            "file": self.file,
            "line": self.line,
            "name": self.name,
            "passed": self.passed,
            "failures": [failure.to_dict() for failure in self.failures],
        }

    def __str__(self) -> str:
        if self.passed:
            return f"{self.file}:{self.line}: {self.name}: passed"
        return "\n".join(
            [f"{self.file}:{self.line}: {self.name}", f"  because {self.because}"]
            + [f"  {line}" for failure in self.failures for line in str(failure).splitlines()]
        )


def run_tests(source: str | Path | Program | None = None) -> tuple[Verdict, ...]:
    """Return the verdict of every rule test of `source`, in the order of the files.

    `source` is a packaged program's identifier, a file of tests, a rule file, a folder, or a packaged program as
    loaded; None stands for all packaged programs. Raises RuleFileError where a file of tests or a rule file is wrong,
    UsageError where there are no tests.
    """
    files = find_test_files(source.identifier if isinstance(source, Program) else source)
    return tuple(verdict for file in files for verdict in run_file(file))


def run_file(file: TestFile) -> Iterator[Verdict]:
    """Yield the verdict of every test of a file. Raises RuleFileError or UsageError before the first."""
    program, bound = bind_file(file)
    return (run_case(program, one) for one in bound)


def run_case(program: Program, bound: Bound) -> Verdict:
    """Return what becomes of one test: it is run on every engine."""
    case = bound.case
    found: list[Failure] = []
    for engine in _engines(program, bound):
        outcome = _outcome(program, bound, engine)
        if case.refused:
            found += compare_refusal(outcome, case.refused, program, engine)
        else:
            found += compare_values(outcome, bound.expected, case.span, engine)
    return Verdict(case.span.file.name, case.span.line, case.name, case.because, _merged(found))


def _engines(program: Program, bound: Bound) -> tuple[CohortEngineName, ...]:
    is_cohort = bound.participants is not None
    return (*ENGINES, "columns") if is_cohort and not program.why_no_columns else ENGINES


def _outcome(program: Program, bound: Bound, engine: CohortEngineName) -> Outcome:
    cohort, parameters, rows = bound.cohort, bound.parameters, bound.participants
    try:
        if rows is None and engine != "columns":
            return program.evaluate(bound.inputs, cohort=cohort, parameters=parameters, engine=engine)
        groups = bound.groups
        return program.evaluate_cohort(rows or (), cohort=cohort, groups=groups, parameters=parameters, engine=engine)
    except (InputError, EvaluationError) as error:
        return error


def _merged(failures: list[Failure]) -> tuple[Failure, ...]:
    """Return the failures in the order of the file; what several engines found alike is told once."""
    found: dict[tuple[int, int, str, str, str], Failure] = {}
    for one in failures:
        key = (one.span.line, one.span.column, one.where, one.expected, one.found)
        before = found.get(key)
        found[key] = one if before is None else replace(before, engines=(*before.engines, *one.engines))
    return tuple(found[key] for key in sorted(found, key=lambda key: key[:2]))
