"""Runs rule tests: every test on every engine, and each must give exactly what is expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from vbc_rules.api.program import Engine, Program
from vbc_rules.errors import EvaluationError, InputError, RuleFileError
from vbc_rules.run.reading.shape import Shape, make_shape
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.nearest import nearest
from vbc_rules.testing import codes
from vbc_rules.testing.cases import Case, Cases, read_cases
from vbc_rules.testing.compare import Failure, Outcome, compare_refusal, compare_values
from vbc_rules.testing.expecting import Expected, Expecting
from vbc_rules.testing.files import TestFile, find_test_files
from vbc_rules.testing.giving import Giving

ENGINES: Final[tuple[Engine, ...]] = ("oracle", "scalar")


@dataclass(frozen=True, slots=True)
class Bound:
    """A test whose every name is the program's, ready to run."""

    case: Case
    parameters: dict[str, object]
    cohort: dict[str, object]
    inputs: dict[str, object]
    expected: tuple[Expected, ...]


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


def bind_file(file: TestFile) -> tuple[Program, tuple[Bound, ...]]:
    """Return the program and the tests of a file, checked. Raises RuleFileError with all that is wrong."""
    cases = read_cases(file)
    program = file.load()
    return program, bind(cases, program)


def bind(cases: Cases, program: Program) -> tuple[Bound, ...]:
    """Return tests whose every name is the program's. Raises RuleFileError with all that are not."""
    findings = Findings()
    if cases.program.text != program.identifier:
        message = f"these tests are for `{cases.program.text}`, beside them lies `{program.identifier}`"
        findings.error(codes.OTHER_PROGRAM, message, cases.program.span, f"write `{program.identifier}`")
    shape = make_shape(program.plan.layout, program.resolved)
    bound = tuple(_bind(case, program, shape, findings) for case in cases.tests)
    if findings.errors:
        raise RuleFileError(findings.all)
    return bound


def _bind(case: Case, program: Program, shape: Shape, findings: Findings) -> Bound:
    inputs = program.resolved.inputs
    reasons = {reason for given in inputs.values() for reason in given.domain.reasons}
    giving = Giving(frozenset(reasons | {given.otherwise for given in inputs.values() if given.otherwise}), findings)
    names = {ref.name for ref in inputs} | set(program.required_parameters) | set(program.resolved.levels)
    for word in case.refused:
        bare = word.text.rpartition(".")[2]
        if bare not in names:
            close = nearest(bare, names)
            help = f"write `{close}`" if close else "write the name of an input or of a required parameter"
            findings.error(codes.NO_SUCH_NAME, f"`{word.text}` is not an input of the program", word.span, help)
    root = program.resolved.participant
    expected: tuple[Expected, ...] = ()
    if case.expect is not None:
        before = len(findings.errors)
        expected = tuple(Expecting(program, findings).instance(root, (), case.expect, f"the {root}"))
        if not expected and len(findings.errors) == before:
            findings.error(codes.OUTCOME, "`expect` holds no value", case.span, "write what must come out")
    return Bound(
        case,
        {} if case.parameters is None else giving.node(shape.parameters, case.parameters, "`parameters`"),
        {} if case.cohort is None else giving.node(shape.cohort, case.cohort, "`cohort`"),
        giving.node(shape.inputs, case.given, f"the {root}"),
        expected,
    )


def run_case(program: Program, bound: Bound) -> Verdict:
    """Return what becomes of one test: it is run on every engine."""
    case = bound.case
    found: list[Failure] = []
    for engine in ENGINES:
        outcome = _outcome(program, bound, engine)
        if case.refused:
            found += compare_refusal(outcome, case.refused, program, engine)
        else:
            found += compare_values(outcome, bound.expected, case.span, engine)
    return Verdict(case.span.file.name, case.span.line, case.name, case.because, _merged(found))


def _outcome(program: Program, bound: Bound, engine: Engine) -> Outcome:
    try:
        return program.evaluate(bound.inputs, cohort=bound.cohort, parameters=bound.parameters, engine=engine)
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
