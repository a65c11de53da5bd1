"""`vbc-rules`: which command is meant, and what becomes of its errors."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, cast

from vbc_rules.cli.output import print_error

COMMANDS: Final = {
    "list": ("list_programs", "the packaged programs, and where their numbers come from"),
    "check": ("check", "what is wrong with rule files"),
    "new": ("new", "a rule file and its tests to start from"),
    "test": ("test", "run the rule tests beside the programs"),
    "show": ("show", "a program in words, or any stage of its compilation"),
    "inputs": ("inputs", "what a program takes: a JSON schema, or the header of a table"),
    "types": ("types_", "a Python module of a program's inputs for type checkers"),
    "run": ("run", "compute a table of participants"),
    "explain": ("explain", "how one value of one participant came about"),
    "validate": ("validate", "compare with published figures, digit for digit"),
    "version": ("version", "the version of this library"),
}
"""Each command's module, and what it is for."""

_HEAD: Final = """usage: vbc-rules COMMAND ...

Value-based-care incentive programs: declared in rule files, computed exactly.

commands:
"""
_FOOT: Final = """
`vbc-rules COMMAND --help` tells how to use one. PROGRAM is the name of a packaged program, as in
bcbsm/hospital-p4p/pg1-4@2021, or the path of a rule file.

Exit codes: 0 all is well, 1 something is wrong (with a file, the data or a result), 2 the command cannot be
understood, or asks for what there is not.
"""


class Command(Protocol):
    """What a command's module holds."""

    EXAMPLE: str
    """How it is used, one call a line."""

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it; return the exit code."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0, 1 where something is wrong, 2 where it cannot be understood."""
    given = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a character shows its number
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _dispatch(given)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever was reading has left, as `head` does; nothing may be written any more, not even at exit.
        _silence()
        return 1
    except KeyboardInterrupt:
        print("vbc-rules: stopped", file=sys.stderr)
        return 130
    return code


def _silence() -> None:
    with contextlib.suppress(OSError, ValueError):  # standard output may be no file of the operating system
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(given: Sequence[str]) -> int:
    if not given:
        print(_overview(), end="", file=sys.stderr)
        return 2
    name, rest = given[0], given[1:]
    if name in ("-h", "--help", "help"):
        print(_overview(), end="")
        return 0
    if name == "--version":
        name = "version"
    if name not in COMMANDS:
        from vbc_rules.source.nearest import nearest

        close = nearest(name, COMMANDS)
        help = f"write `{close}`" if close else f"write one of {', '.join(COMMANDS)}"
        print(f"vbc-rules: there is no command `{name}`; {help}", file=sys.stderr)
        return 2
    module, about = COMMANDS[name]
    command = cast("Command", import_module(f"vbc_rules.cli.{module}"))
    parser = argparse.ArgumentParser(
        prog=f"vbc-rules {name}",
        description=f"{about[0].upper()}{about[1:]}.",
        epilog=f"example:\n{command.EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.arguments(parser)
    try:
        args = parser.parse_args(rest)
    except SystemExit as stop:  # --help, or arguments that cannot be understood: argparse has told
        return stop.code if isinstance(stop.code, int) else 2
    return _run(command, args)


def _overview() -> str:
    return _HEAD + "".join(f"  {name:10}{about}\n" for name, (_, about) in COMMANDS.items()) + _FOOT


def _run(command: Command, args: argparse.Namespace) -> int:
    from vbc_rules.errors import UsageError, VbcError

    try:
        return command.run(args)
    except VbcError as error:
        print_error(error)
        return 2 if isinstance(error, UsageError) else 1
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"vbc-rules: {where}{error.strerror or 'cannot be read or written'}", file=sys.stderr)
    except Exception as error:  # an error of ours: its message may hold a value that was supplied
        if os.environ.get("VBC_RULES_TRACEBACK"):
            raise
        print(f"vbc-rules: {_internal(error)}", file=sys.stderr)
    return 1


def _internal(error: Exception) -> str:
    """Return what to say of an error that should not be: its kind and place, never its message."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    where = "" if step is None else f" at {Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}"
    return f"an error of vbc-rules itself, {type(error).__name__}{where}; set VBC_RULES_TRACEBACK=1 to see it whole"
