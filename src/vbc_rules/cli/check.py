"""`vbc-rules check`: everything that is wrong with files, at once."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vbc_rules.cli.output import has_colour

if TYPE_CHECKING:
    from vbc_rules.source.diagnostic import Diagnostic

EXAMPLE = "  vbc-rules check rules/acme/readmissions/2024.yaml\n  vbc-rules check cms/hospital-vbp@fy2024 --format json"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="a rule file, its file of tests or column mapping, or a packaged program's name",
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help="how it is written (default: text)")


def run(args: argparse.Namespace) -> int:
    """Print every finding; return 1 where one is an error. Warnings do not fail."""
    from vbc_rules.source.render import render_json, render_text

    found: list[Diagnostic] = []
    for file in args.files:
        here = _findings(file)
        found.extend(here)
        if args.format == "text":
            if here:
                print(render_text(here, colour=has_colour(sys.stdout)), end="")
            else:
                print(f"{file}: nothing is wrong")
    if args.format == "json":
        print(render_json(found), end="")
    return 1 if any(diagnostic.severity == "error" for diagnostic in found) else 0


def _findings(file: str) -> tuple[Diagnostic, ...]:
    from vbc_rules.api.loading import check_file
    from vbc_rules.errors import RuleFileError

    try:
        if file.endswith(".tests.yaml"):
            from vbc_rules.testing.files import find_test_files
            from vbc_rules.testing.runner import bind_file

            bind_file(find_test_files(Path(file))[0])
            return ()
        if file.endswith(".mapping.yaml"):
            _check_mapping(Path(file))
            return ()
    except RuleFileError as error:
        return error.diagnostics
    if file.endswith((".yaml", ".yml")) or Path(file).exists():
        return check_file(file)
    return _packaged(file)


def _packaged(identifier: str) -> tuple[Diagnostic, ...]:
    from vbc_rules.api.loading import open_source, understand
    from vbc_rules.check.analysis import analyse
    from vbc_rules.source.diagnostic import Findings

    findings = Findings()
    program = understand(*open_source(identifier), findings)
    if program is not None:
        analyse(program, findings)
    return findings.all


def _check_mapping(file: Path) -> None:
    from vbc_rules.api.program import load
    from vbc_rules.frames.mapping_file import read_mapping

    read_mapping(file, load(file.with_name(f"{file.name.removesuffix('.mapping.yaml')}.yaml")).resolved)
