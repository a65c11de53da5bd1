"""`vbc-rules run` on a Parquet file: batch by batch, however large it is."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vbc_rules.cli.given import PARQUET, as_of_of, cohort_of, groups_of, mapping_of, parameters_of
from vbc_rules.cli.output import print_illustrative, print_paid
from vbc_rules.errors import Code, UsageError

if TYPE_CHECKING:
    from vbc_rules.api.program import Program


def is_parquet(args: argparse.Namespace) -> bool:
    """Whether the data are one Parquet file."""
    return len(args.data) == 1 and Path(args.data[0]).suffix.lower() == PARQUET


def run_columns(program: Program, args: argparse.Namespace) -> int:
    """Compute and write as Parquet or CSV; tell on standard error how many, and the total of each payment."""
    from vbc_rules.frames.columns import run_parquet
    from vbc_rules.frames.groups import read_groups
    from vbc_rules.frames.problems import Problems

    if args.on_error == "skip":
        message = "nobody is left out of a Parquet file; leave out `--on-error skip`, and who is not to be computed"
        raise UsageError(Code.USAGE, message)
    if args.groups_out:
        message = "the results of groups are not written for a Parquet file; give the data as CSV for them"
        raise UsageError(Code.USAGE, message)
    if args.format is not None:
        message = "a Parquet file's results are written as the file's name says, .parquet or .csv; leave out `--format`"
        raise UsageError(Code.USAGE, message)
    problems = Problems()
    groups = read_groups(groups_of(args.groups), program.resolved, problems)
    problems.raise_if_any()
    summary = run_parquet(
        program,
        args.data[0],
        args.output,
        mapping=mapping_of(args.mapping, program),
        cohort=cohort_of(args.cohort),
        groups={name: [row.inputs for row in rows] for name, rows in groups.items()} or None,
        parameters=parameters_of(args.parameter, program),
        as_of=as_of_of(args),
        status=args.status,
    )
    print(f"computed {summary.computed:,}, written to {args.output}", file=sys.stderr)
    print_paid(summary)
    print_illustrative(program)
    return 0
