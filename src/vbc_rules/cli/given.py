"""What several commands take: a program, its data, and who reads them how."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vbc_rules.errors import Code, UsageError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from vbc_rules.api.program import Program
    from vbc_rules.api.result import Result
    from vbc_rules.errors import EvaluationError, InputError
    from vbc_rules.frames.mapping import ColumnMapping
    from vbc_rules.frames.rows import Data, Inputs
    from vbc_rules.resolve.program import Program as Resolved

_TABLE = re.compile(r"([a-z][a-z0-9_]*)=(.+)")
_PARAMETER = re.compile(r"([a-z][a-z0-9_]*)=(.*)", re.DOTALL)


def add_program(parser: argparse.ArgumentParser) -> None:
    """Declare PROGRAM."""
    parser.add_argument("program", metavar="PROGRAM", help="a packaged program's name, or the path of a rule file")


def add_data(parser: argparse.ArgumentParser) -> None:
    """Declare --data, --mapping, --parameter and --cohort."""
    parser.add_argument(
        "--data",
        metavar="FILE",
        action="append",
        required=True,
        help="a CSV or JSON file of participants, a folder of tables, or TABLE=FILE for each table",
    )
    parser.add_argument(
        "--mapping", metavar="FILE", type=Path, help="which column is which input; otherwise they have the same names"
    )
    add_parameters(parser)


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """Declare --parameter and --cohort."""
    parser.add_argument(
        "--parameter",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a parameter that the program requires, as in --parameter minimum=30; once for each",
    )
    parser.add_argument("--cohort", metavar="FILE", type=Path, help="a JSON object with the cohort's inputs")


def load_program(args: argparse.Namespace) -> Program:
    """Return the program that is named."""
    from vbc_rules.api.program import load

    found: Program = load(args.program)
    return found


def data_of(given: Sequence[str]) -> Data:
    """Return where the data are: one path, or a path for each table. Raises UsageError where it is neither."""
    tables: dict[str, Path] = {}
    for text in given:
        match = None if Path(text).exists() else _TABLE.fullmatch(text)
        if match is None:
            if len(given) > 1:
                raise UsageError(
                    Code.USAGE, "of several --data each names its table; write TABLE=FILE, or name their folder"
                )
            return Path(text)
        if match[1] in tables:
            raise UsageError(Code.USAGE, f"the table {match[1]} is given twice; give it one file")
        tables[match[1]] = Path(match[2])
    return tables


def parameters_of(given: Sequence[str], program: Program) -> dict[str, object]:
    """Return the parameters given, as text. Raises UsageError for one that the program does not require."""
    from vbc_rules.source.nearest import nearest

    found: dict[str, object] = {}
    for text in given:
        match = _PARAMETER.fullmatch(text)
        if match is None:
            raise UsageError(Code.USAGE, "a --parameter is written NAME=VALUE, as in --parameter minimum=30")
        name = match[1]
        if name not in program.required_parameters:
            close = nearest(name, program.required_parameters)
            listed = ", ".join(program.required_parameters)
            hint = f"write `{close}`" if close else f"it requires {listed}" if listed else "it requires none"
            raise UsageError(Code.USAGE, f"`{name}` is not a parameter this program requires; {hint}")
        if name in found:
            raise UsageError(Code.USAGE, f"the parameter `{name}` is given twice; give it once")
        found[name] = match[2]
    return found


def cohort_of(path: Path | None) -> Mapping[str, object] | None:
    """Return the cohort's inputs of a JSON file. Raises InputError where they cannot be read."""
    if path is None:
        return None
    from vbc_rules.frames.jsontext import one_object
    from vbc_rules.frames.problems import Problems

    problems = Problems()
    found = one_object(path, problems)
    problems.raise_if_any()
    return found


def mapping_of(path: Path | Traversable | None, program: Program) -> ColumnMapping | None:
    """Return the mapping of a file, None without one. Raises RuleFileError."""
    if path is None:
        return None
    from vbc_rules.frames.mapping_file import read_mapping

    return read_mapping(path, program.resolved)


@dataclass(frozen=True, slots=True)
class WithCohort:
    """A program together with its cohort's inputs, as tables are run through it."""

    program: Program
    cohort: Mapping[str, object] | None

    @property
    def resolved(self) -> Resolved:
        """The program with every name bound."""
        return self.program.resolved

    def evaluate_many(
        self, rows: Iterable[Inputs], parameters: Mapping[str, object] | None = None
    ) -> Iterator[Result | InputError | EvaluationError]:
        """Yield a result or an error per row."""
        return self.program.evaluate_many(rows, parameters, cohort=self.cohort)
