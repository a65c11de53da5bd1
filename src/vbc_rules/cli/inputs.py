"""`vbc-rules inputs`: what a program takes."""

from __future__ import annotations

import argparse
import csv
import io
from typing import TYPE_CHECKING

from vbc_rules.cli.given import add_program, load_program
from vbc_rules.cli.output import print_json
from vbc_rules.errors import Code, UsageError
from vbc_rules.resolve.declarations import COHORT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

    from vbc_rules.api.program import Program
    from vbc_rules.resolve.program import Program as Resolved

EXAMPLE = (
    "  vbc-rules inputs cms/hospital-vbp@fy2024 > schema.json\n"
    "  vbc-rules inputs bcbsm/hospital-p4p/pg1-4-scoring@2021 --format csv --table cqi_taken_part > cqi_taken_part.csv"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_program(parser)
    parser.add_argument(
        "--format",
        choices=["schema", "csv"],
        default="schema",
        help="a JSON schema of one row (default), or the header of a table for `vbc-rules run`",
    )
    parser.add_argument(
        "--table",
        metavar="LEVEL",
        help="which table: the participants' (default), a level of groups; as csv also a list, as schema `cohort`",
    )


def run(args: argparse.Namespace) -> int:
    """Print a schema, or a header."""
    program = load_program(args)
    if args.format == "schema":
        print_json(_model(program, args.table).model_json_schema())
        return 0
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(_header(program.resolved, args.table))
    print(text.getvalue(), end="")
    return 0


def _model(program: Program, table: str | None) -> type[BaseModel]:
    """Return the model of a participant, of a group, or of the cohort."""
    participant = program.resolved.participant
    if table is None or table == participant:
        return program.Inputs
    if table == COHORT:
        return program.CohortInputs
    if table not in program.GroupInputs:
        raise _no_such(table, (participant, *program.GroupInputs, COHORT), "with a schema of its own")
    return program.GroupInputs[table]


def _header(program: Resolved, table: str | None) -> list[str]:
    """Return the columns that `vbc-rules run` reads without a mapping."""
    table = table or program.participant
    levels = program.levels
    tables = [
        name
        for name, level in levels.items()
        if level.kind in ("participant", "groups") or (level.kind == "list" and program.root(name) != COHORT)
    ]
    if table not in tables:
        raise _no_such(table, tables, "")
    root = program.root(table)
    keys = [program.participant] if levels[root].kind == "participant" else [ref.name for ref in levels[root].by]
    if table != root:
        return [*keys, *(ref.name for ref in program.inputs if ref.level == table)]
    columns = [*keys, *(ref.name for ref in program.inputs if ref.level == root)]
    for name in program.levels_of(root):
        names = [ref.name for ref in program.inputs if ref.level == name]
        if levels[name].kind == "members":
            columns += [f"{name}.{member.name}.{one}" for member in levels[name].members for one in names]
    return columns


def _no_such(table: str, known: Iterable[str], what: str) -> UsageError:
    listed = ", ".join(f"`{name}`" for name in known)
    return UsageError(Code.USAGE, f"there is no table `{table}`{f' {what}' if what else ''}; write one of {listed}")
