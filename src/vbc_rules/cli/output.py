"""What every command writes in one way: errors, problems of the data, illustrative marks."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from vbc_rules.api.program import Program
    from vbc_rules.errors import InputProblem, VbcError
    from vbc_rules.frames.running import RunSummary

MAX_PROBLEMS: Final = 20
"""Problems of the data that are written; the others are counted."""


def has_colour(stream: TextIO) -> bool:
    """Return whether a stream is a terminal that wants colours (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def print_error(error: VbcError) -> None:
    """Write an error of the library to standard error; of many problems with the data, the first."""
    from vbc_rules.errors import InputError, RuleFileError
    from vbc_rules.source.render import render_text

    if isinstance(error, RuleFileError):
        print(render_text(error.diagnostics, colour=has_colour(sys.stderr)), end="", file=sys.stderr)
    elif isinstance(error, InputError):
        print_problems(error.problems)
    else:
        print(f"vbc-rules: {error}", file=sys.stderr)


def print_problems(problems: Sequence[InputProblem]) -> None:
    """Write problems of the data to standard error, the first ones; never a value."""
    for problem in problems[:MAX_PROBLEMS]:
        print(f"{_for_a_terminal(problem)} [{problem.code}]", file=sys.stderr)
    more = len(problems) - MAX_PROBLEMS
    if more > 0:
        print(f"and {more:,} more problems", file=sys.stderr)


def _for_a_terminal(problem: InputProblem) -> str:
    """Return a problem in words; what an option supplies, with the option to write."""
    above, dot, name = problem.where.partition(".")
    if problem.code == "VBC901" and problem.message.endswith("in `parameters`"):
        return f"{problem.where}: not given; write --parameter {problem.where}=VALUE"
    if problem.code == "VBC901" and above == "cohort" and dot and "." not in name:
        return f"{problem.where}: not given; write --cohort {name}=VALUE"
    return str(problem)


def print_illustrative(program: Program) -> None:
    """Say which numbers of a program are examples and not a payer's, wherever its results are shown."""
    if program.illustrative:
        names = ", ".join(program.illustrative)
        print(f"illustrative, not the payer's numbers: {names}", file=sys.stderr)


def print_paid(summary: RunSummary) -> None:
    """Write the total of each payment, and what must be said beside every figure, to standard error."""
    for name, total in summary.totals.items():
        print(f"total of {name}: {dollars(total)}", file=sys.stderr)
    for warning in summary.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def dollars(amount: Decimal | str) -> str:
    """Return an amount of money as people read it, to the cent."""
    number = Decimal(amount)
    return f"{'-' if number < 0 else ''}${abs(number):,.2f}"


def print_json(data: object) -> None:
    """Write plain data as JSON to standard output."""
    print(json.dumps(data, ensure_ascii=False, indent=2))
