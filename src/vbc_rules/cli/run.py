"""`vbc-rules run`: a table of participants in, a table of results out."""

from __future__ import annotations

import argparse
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from vbc_rules.cli.given import (
    WithCohort,
    add_data,
    add_program,
    as_of_of,
    cohort_of,
    data_of,
    groups_of,
    is_of_cohort,
    load_program,
    mapping_of,
    parameters_of,
)
from vbc_rules.cli.output import MAX_PROBLEMS, dollars, print_error, print_illustrative, print_paid, print_problems
from vbc_rules.cli.run_columns import is_parquet, run_columns
from vbc_rules.errors import Code, InputError, UsageError

if TYPE_CHECKING:
    from vbc_rules.api.pools import Pool
    from vbc_rules.api.program import Program
    from vbc_rules.frames.mapping import ColumnMapping

EXAMPLE = (
    "  vbc-rules run cms/hospital-vbp@fy2024 --data hospitals.csv --output scores.csv\n"
    "  vbc-rules run bcbsm/hospital-p4p/pg1-4-scoring@2021 --data hospital=hospitals.csv \\\n"
    "      --data cqi_taken_part=cqis.csv --parameter preference=sponsor_first \\\n"
    "      --parameter share_if_not_prequalified=0% --output payments.json\n"
    "  vbc-rules run pool.yaml --data practices.csv --groups organization=orgs.csv --cohort fund=1000000 \\\n"
    "      --output payments.csv --groups-out organization=organizations.csv --as-of 2024-03-31 --status provisional"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_program(parser)
    add_data(parser)
    parser.add_argument("--output", metavar="FILE", type=Path, required=True, help="where the results are written")
    parser.add_argument(
        "--groups-out",
        metavar="LEVEL=FILE",
        action="append",
        default=[],
        help="where the results of a level of groups are written, as in --groups-out organization=organizations.csv",
    )
    parser.add_argument("--format", choices=["csv", "json"], help="of the output (default: as its name says, else csv)")
    parser.add_argument(
        "--on-error",
        choices=["stop", "skip"],
        default="stop",
        help="a participant that cannot be computed stops all, so that nothing is written (default), or is skipped",
    )


def run(args: argparse.Namespace) -> int:
    """Compute and write; tell on standard error how many, what was wrong, and which numbers are illustrative."""
    from vbc_rules.api.standing import check_standing, standing_data
    from vbc_rules.frames.running import run_program

    program = load_program(args)
    if is_parquet(args):
        return run_columns(program, args)
    mapping = mapping_of(args.mapping, program)
    if is_of_cohort(program, args, mapping) or args.groups_out:
        return _run_cohort(program, args, mapping)
    data = data_of(args.data)
    parameters = parameters_of(args.parameter, program)
    as_of = as_of_of(args)
    check_standing(as_of, args.status)
    standing = {f"data_{name}": text for name, text in standing_data(as_of, args.status).items() if text is not None}
    try:
        summary = run_program(
            WithCohort(program, cohort_of(args.cohort), as_of, args.status),
            data,
            mapping,
            args.output,
            args.on_error,
            parameters=parameters,
            format=args.format,
            standing=standing,
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


def _run_cohort(program: Program, args: argparse.Namespace, mapping: ColumnMapping | None) -> int:
    """Compute a whole cohort; tell beside the rest what was paid from each pool, and the totals."""
    from vbc_rules.frames.cohorts import run_cohort

    if args.on_error == "skip":
        message = "the figures of a whole cohort rest on all its rows; leave out `--on-error skip`"
        raise UsageError(Code.USAGE, f"{message}, and leave out of the data who is not to be computed")
    summary = run_cohort(
        program,
        data_of(args.data),
        mapping,
        args.output,
        groups=groups_of(args.groups),
        groups_out=groups_of(args.groups_out, "--groups-out"),
        cohort=cohort_of(args.cohort),
        parameters=parameters_of(args.parameter, program),
        format=args.format,
        as_of=as_of_of(args),
        status=args.status,
    )
    print(f"computed {summary.computed:,}, written to {args.output}", file=sys.stderr)
    for number, pool in enumerate(summary.pools[:MAX_PROBLEMS], 1):
        print(_reconciled(pool, program, number), file=sys.stderr)
    if len(summary.pools) > MAX_PROBLEMS:
        print(f"and {len(summary.pools) - MAX_PROBLEMS:,} more pools", file=sys.stderr)
    print_paid(summary)
    print_illustrative(program)
    return 0


def _reconciled(pool: Pool, program: Program, number: int) -> str:
    whose = f"pool of {pool.payment} in {pool.within}"
    if pool.key and program.resolved.document.identifier_is_public:
        whose += f" {' / '.join(map(str, pool.key))}"
    elif pool.key:  # what groups go by may be identifiers
        whose = f"pool {number}, of {pool.payment} in {pool.within}"
    if not isinstance(pool.pool, Decimal):
        return f"{whose}: {pool.pool}"
    amounts = f"{dollars(pool.pool)} = {dollars(pool.paid)} paid + {dollars(pool.not_placed)} not placed"
    return f"{whose}: {amounts}, {pool.taking_part:,} taking part"
