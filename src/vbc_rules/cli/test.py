"""`vbc-rules test`: the rule tests beside the programs, on every engine."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from vbc_rules.cli.output import print_error, print_json

if TYPE_CHECKING:
    from vbc_rules.testing.runner import Verdict

EXAMPLE = "  vbc-rules test\n  vbc-rules test bcbsm/hospital-p4p/pg1-4@2021\n  vbc-rules test rules/acme/"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        help="a file of tests, a rule file, a folder, or a packaged program's name (default: all packaged programs)",
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help="how it is written (default: text)")


def run(args: argparse.Namespace) -> int:
    """Run the tests; return 1 where one fails or a file is wrong."""
    from vbc_rules.errors import VbcError
    from vbc_rules.testing.files import find_test_files
    from vbc_rules.testing.runner import run_file

    found: list[dict[str, object]] = []
    failed = False
    for file in find_test_files(args.path):
        try:
            verdicts = tuple(run_file(file))
        except VbcError as error:
            failed = True
            found.append({"file": file.name, "passed": 0, "failed": 0, "tests": [], "error": error.to_dict()})
            if args.format == "text":
                print_error(error)
            continue
        passed = sum(verdict.passed for verdict in verdicts)
        failed = failed or passed < len(verdicts)
        tests = [verdict.to_dict() for verdict in verdicts]
        found.append({"file": file.name, "passed": passed, "failed": len(verdicts) - passed, "tests": tests})
        if args.format == "text":
            _print(file.name, verdicts, passed)
    if args.format == "json":
        print_json(found)
    return 1 if failed else 0


def _print(name: str, verdicts: tuple[Verdict, ...], passed: int) -> None:
    for verdict in verdicts:
        if not verdict.passed:
            print(f"FAILED {verdict}\n")
    failed = f", {len(verdicts) - passed} failed" if passed < len(verdicts) else ""
    print(f"{name}: {passed} passed{failed}")
