"""What several commands take: a program, its data, and who reads them how."""

from __future__ import annotations

import argparse
import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vbc_rules.errors import Code, UsageError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from vbc_rules.api.program import Program
    from vbc_rules.api.result import Result
    from vbc_rules.api.standing import Status
    from vbc_rules.errors import EvaluationError, InputError
    from vbc_rules.frames.mapping import ColumnMapping
    from vbc_rules.frames.rows import Data
    from vbc_rules.frames.subjects import Inputs
    from vbc_rules.resolve.program import Program as Resolved

PARQUET: Final = ".parquet"
_TABLE = re.compile(r"([a-z][a-z0-9_]*)=(.+)")
_PARAMETER = re.compile(r"([a-z][a-z0-9_]*)=(.*)", re.DOTALL)


def add_program(parser: argparse.ArgumentParser) -> None:
    """Declare PROGRAM."""
    parser.add_argument("program", metavar="PROGRAM", help="a packaged program's name, or the path of a rule file")


def add_data(parser: argparse.ArgumentParser) -> None:
    """Declare --data, --mapping, --groups, and what `add_parameters` declares."""
    parser.add_argument(
        "--data",
        metavar="FILE",
        action="append",
        required=True,
        help="a CSV or JSON file of participants (for `run` also Parquet), a folder of tables, or TABLE=FILE for each",
    )
    parser.add_argument(
        "--mapping", metavar="FILE", type=Path, help="which column is which input; otherwise they have the same names"
    )
    add_groups(parser)
    add_parameters(parser)


def add_groups(parser: argparse.ArgumentParser) -> None:
    """Declare --groups."""
    parser.add_argument(
        "--groups",
        metavar="LEVEL=FILE",
        action="append",
        default=[],
        help="a CSV or JSON file of groups, or of members or items in them, as in --groups organization=orgs.csv",
    )


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """Declare --parameter, --cohort, --as-of and --status."""
    parser.add_argument(
        "--parameter",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a parameter that the program requires, as in --parameter minimum=30; once for each",
    )
    parser.add_argument(
        "--cohort",
        metavar="FILE|NAME=VALUE",
        action="append",
        default=[],
        help="the cohort's inputs: a JSON object, or one after the other, as in --cohort fund=100000",
    )
    parser.add_argument(
        "--as-of", metavar="DATE", help="the day up to which the data were known, as in 2024-03-31; changes no figure"
    )
    parser.add_argument("--status", choices=["provisional", "final"], help="what the data are; changes no figure")


def load_program(args: argparse.Namespace) -> Program:
    """Return the program that is named."""
    from vbc_rules.api.program import load

    found: Program = load(args.program)
    return found


def data_of(given: Sequence[str]) -> Data:
    """Return where the data are: one path, or a path for each table. Raises UsageError where it is neither."""
    tables: dict[str, Path] = {}
    if any(Path(text).suffix.lower() == PARQUET for text in given):
        message = "one Parquet file of participants is read by `vbc-rules run`; give CSV or JSON files otherwise"
        raise UsageError(Code.USAGE, message)
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


def cohort_of(given: Sequence[str]) -> Mapping[str, object] | None:
    """Return the cohort's inputs, of a JSON file or one by one; None where none are given.

    Raises InputError where a file cannot be read, UsageError where an input is given twice.
    """
    if not given:
        return None
    from vbc_rules.frames.jsontext import one_object
    from vbc_rules.frames.problems import Problems

    found: dict[str, object] = {}
    for text in given:
        match = None if Path(text).exists() else _PARAMETER.fullmatch(text)
        problems = Problems()
        own = one_object(Path(text), problems) if match is None else {match[1]: match[2]}
        problems.raise_if_any()
        for name, value in (own or {}).items():
            if name in found:
                raise UsageError(Code.USAGE, f"the cohort's input `{name}` is given twice; give it once")
            found[name] = value
    return found


def groups_of(given: Sequence[str], option: str = "--groups") -> dict[str, Path]:
    """Return a file for each level of groups. Raises UsageError for what is no LEVEL=FILE, or a level given twice."""
    found: dict[str, Path] = {}
    for text in given:
        match = _TABLE.fullmatch(text)
        if match is None:
            raise UsageError(Code.USAGE, f"{option} is written LEVEL=FILE, as in {option} organization=orgs.csv")
        if match[1] in found:
            raise UsageError(Code.USAGE, f"{option} {match[1]} is given twice; give it one file")
        found[match[1]] = Path(match[2])
    return found


def as_of_of(args: argparse.Namespace) -> datetime.date | None:
    """Return the day up to which the data were known. Raises UsageError for what is no day."""
    if args.as_of is None:
        if args.status == "provisional":
            message = "a provisional run says up to which day its data were known; write --as-of YYYY-MM-DD"
            raise UsageError(Code.USAGE, message)
        return None
    try:
        return datetime.date.fromisoformat(args.as_of)
    except ValueError:
        raise UsageError(Code.USAGE, "--as-of is a day; write it as YYYY-MM-DD") from None


def is_of_cohort(program: Program, args: argparse.Namespace, mapping: ColumnMapping | None) -> bool:
    """Whether a whole cohort is computed at once: the program needs it, or inputs of groups or the cohort are given."""
    return program.needs_cohort or bool(args.groups) or (mapping is not None and mapping.is_of_cohort)


def mapping_of(path: Path | Traversable | None, program: Program) -> ColumnMapping | None:
    """Return the mapping of a file, None without one. Raises RuleFileError."""
    if path is None:
        return None
    from vbc_rules.frames.mapping_file import read_mapping

    return read_mapping(path, program.resolved)


@dataclass(frozen=True, slots=True)
class WithCohort:
    """A program together with its cohort's inputs and how far the data go, as tables are run through it."""

    program: Program
    cohort: Mapping[str, object] | None
    as_of: datetime.date | None = None
    status: Status | None = None

    @property
    def resolved(self) -> Resolved:
        """The program with every name bound."""
        return self.program.resolved

    def evaluate_many(
        self, rows: Iterable[Inputs], parameters: Mapping[str, object] | None = None
    ) -> Iterator[Result | InputError | EvaluationError]:
        """Yield a result or an error per row."""
        return self.program.evaluate_many(rows, parameters, cohort=self.cohort, as_of=self.as_of, status=self.status)
