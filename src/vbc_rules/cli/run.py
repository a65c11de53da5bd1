"""`vbc-rules run`: a table of participants in, a table of results out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from vbc_rules.cli.given import (
    WithCohort,
    add_data,
    add_program,
    cohort_of,
    data_of,
    load_program,
    mapping_of,
    parameters_of,
)
from vbc_rules.cli.output import print_error, print_illustrative, print_problems
from vbc_rules.errors import InputError

EXAMPLE = (
    "  vbc-rules run cms/hospital-vbp@fy2024 --data hospitals.csv --output scores.csv\n"
    "  vbc-rules run bcbsm/hospital-p4p/pg1-4@2021 --data hospital=hospitals.csv --data cqi_taken_part=cqis.csv \\\n"
    "      --parameter preference=sponsor_first --parameter share_if_not_prequalified=0% --output payments.json"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_program(parser)
    add_data(parser)
    parser.add_argument("--output", metavar="FILE", type=Path, required=True, help="where the results are written")
    parser.add_argument("--format", choices=["csv", "json"], help="of the output (default: as its name says, else csv)")
    parser.add_argument(
        "--on-error",
        choices=["stop", "skip"],
        default="stop",
        help="a participant that cannot be computed stops all, so that nothing is written (default), or is skipped",
    )


def run(args: argparse.Namespace) -> int:
    """Compute and write; tell on standard error how many, what was wrong, and which numbers are illustrative."""
    from vbc_rules.frames.running import run_program

    program = load_program(args)
    data, mapping = data_of(args.data), mapping_of(args.mapping, program)
    parameters = parameters_of(args.parameter, program)
    try:
        summary = run_program(
            WithCohort(program, cohort_of(args.cohort)),
            data,
            mapping,
            args.output,
            args.on_error,
            parameters=parameters,
            format=args.format,
        )
    except InputError as error:
        print_error(error)
        if args.on_error == "stop" and all(problem.row is not None for problem in error.problems):
            print("nothing is written; `--on-error skip` leaves out who cannot be computed", file=sys.stderr)
        return 1
    print_problems(summary.problems)
    print(f"computed {summary.computed:,}, skipped {summary.skipped:,}, written to {args.output}", file=sys.stderr)
    print_illustrative(program)
    return 0
