"""`vbc-rules inputs`: what a program takes."""

from __future__ import annotations

import argparse
import csv
import io
from typing import TYPE_CHECKING

from vbc_rules.cli.given import add_program, load_program
from vbc_rules.cli.output import print_json
from vbc_rules.errors import Code, UsageError

if TYPE_CHECKING:
    from vbc_rules.resolve.program import Program as Resolved

EXAMPLE = (
    "  vbc-rules inputs cms/hospital-vbp@fy2024 > schema.json\n"
    "  vbc-rules inputs bcbsm/hospital-p4p/pg1-4@2021 --format csv --table cqi_taken_part > cqi_taken_part.csv"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_program(parser)
    parser.add_argument(
        "--format",
        choices=["schema", "csv"],
        default="schema",
        help="the JSON schema of one participant (default), or the header of a table for `vbc-rules run`",
    )
    parser.add_argument(
        "--table", metavar="LEVEL", help="which table's header: the participants' (default), or a list level's"
    )


def run(args: argparse.Namespace) -> int:
    """Print the schema, or a header."""
    program = load_program(args)
    if args.format == "schema":
        if args.table is not None:
            raise UsageError(Code.USAGE, "--table goes with --format csv")
        print_json(program.Inputs.model_json_schema())
        return 0
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(_header(program.resolved, args.table))
    print(text.getvalue(), end="")
    return 0


def _header(program: Resolved, table: str | None) -> list[str]:
    """Return the columns that `vbc-rules run` reads without a mapping."""
    participant = program.participant
    lists = [name for name, level in program.levels.items() if level.kind == "list"]
    if table is None or table == participant:
        columns = [participant]
        for ref in program.inputs:
            level = program.levels[ref.level]
            if level.kind == "participant":
                columns.append(ref.name)
        for level in program.levels.values():
            names = [ref.name for ref in program.inputs if ref.level == level.name]
            if level.kind == "members":
                columns += [f"{level.name}.{member.name}.{name}" for member in level.members for name in names]
        return columns
    if table not in lists:
        known = ", ".join(f"`{name}`" for name in (participant, *lists))
        raise UsageError(Code.USAGE, f"there is no table `{table}`; write one of {known}")
    return [participant, *(ref.name for ref in program.inputs if ref.level == table)]
