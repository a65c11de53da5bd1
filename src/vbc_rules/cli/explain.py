"""`vbc-rules explain`: how one value of a participant, of a group or of the cohort came about."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from vbc_rules.cli.given import (
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
from vbc_rules.cli.output import print_json
from vbc_rules.errors import Code, UsageError

if TYPE_CHECKING:
    from vbc_rules.api.cohort import CohortResult
    from vbc_rules.api.groups import GroupResult
    from vbc_rules.api.program import Program
    from vbc_rules.api.result import Result
    from vbc_rules.frames.mapping import ColumnMapping

EXAMPLE = (
    "  vbc-rules explain cms/hospital-vbp@fy2024 --data hospitals.csv --participant 010001 total_performance_score\n"
    "  vbc-rules explain cms/hospital-vbp@fy2024 --data hospitals.csv --participant 010001 score hai_5\n"
    "  vbc-rules explain pool.yaml --data practices.csv --groups organization=orgs.csv --group organization=A quality\n"
    "  vbc-rules explain pool.yaml --data practices.csv --cohort fund=1000000 pool"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_program(parser)
    add_data(parser)
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--participant", metavar="ID", help="whose value it is (default: the cohort's)")
    whose.add_argument(
        "--group",
        metavar="LEVEL=KEY",
        help="of which group it is; several keys by commas, as in --group pool=urban,ami",
    )
    parser.add_argument("name", metavar="NAME", help="a value, payment, gate or input")
    parser.add_argument(
        "instance", metavar="INSTANCE", nargs="*", help="of which member it is, or of which item: the first is 1"
    )
    parser.add_argument(
        "--format", choices=["text", "html", "json"], default="text", help="how it is written (default: text)"
    )


def run(args: argparse.Namespace) -> int:
    """Print the explanation."""
    from vbc_rules.explain.html import render_html
    from vbc_rules.resolve.declarations import COHORT

    program = load_program(args)
    level, _, key = (args.group or "").partition("=")
    if args.group is not None and not key:
        raise UsageError(Code.USAGE, "--group is written LEVEL=KEY, as in --group organization=A")
    root = level or (program.resolved.participant if args.participant is not None else COHORT)
    instance = _instance(program, args.name, args.instance, root)
    mapping = mapping_of(args.mapping, program)
    if args.participant is not None and not is_of_cohort(program, args, mapping):
        found: Result | GroupResult | CohortResult = _alone(program, args, mapping)
    else:
        cohort = _cohort(program, args, mapping)
        found = cohort if args.participant is None else _participant(cohort, args.participant)
        found = found if args.group is None else _group(cohort, level, key)
    explanation = found.explain(args.name, *instance)
    match args.format:
        case "text":
            print(explanation)
        case "html":
            print(render_html(explanation))
        case _:
            print_json(explanation.to_dict())
    return 0


def _alone(program: Program, args: argparse.Namespace, mapping: ColumnMapping | None) -> Result:
    """Return the result of one participant, whatever is wrong with others."""
    from vbc_rules.frames.rows import read_rows

    parameters = parameters_of(args.parameter, program)
    rows = read_rows(mapping, data_of(args.data), program.resolved)
    found = next((one for one in rows.participants if one.key == args.participant), None)
    if found is None:
        rows.raise_if_any()
        raise _no_such(program)
    given = cohort_of(args.cohort)
    return program.evaluate(found.inputs, cohort=given, parameters=parameters, as_of=as_of_of(args), status=args.status)


def _cohort(program: Program, args: argparse.Namespace, mapping: ColumnMapping | None) -> CohortResult:
    from vbc_rules.frames.cohorts import evaluate_files, read_cohort

    parameters = parameters_of(args.parameter, program)
    read = read_cohort(program.resolved, data_of(args.data), mapping, groups_of(args.groups))
    given = cohort_of(args.cohort)
    as_of = as_of_of(args)
    return evaluate_files(program, read, cohort=given, parameters=parameters, as_of=as_of, status=args.status)


def _participant(cohort: CohortResult, identifier: str) -> Result:
    if identifier not in cohort:
        raise _no_such(cohort.program)
    return cohort[identifier]


def _no_such(program: Program) -> UsageError:
    message = f"no {program.resolved.participant} of the data has this identifier; write it as it stands there"
    return UsageError(Code.USAGE, message)


def _group(cohort: CohortResult, level: str, key: str) -> GroupResult:
    """Return the group whose key is written so."""
    groups = cohort.groups(level)
    parts = key.split(",") if len(cohort.program.resolved.levels[level].by) > 1 else [key]
    for one in groups.values():
        if [_written(part) for part in one.key] == [part.strip(" ") for part in parts]:
            return one
    raise UsageError(Code.USAGE, f"no {level} of the data goes by this; write it as it stands there")


def _written(part: object) -> str:
    return ("yes" if part else "no") if isinstance(part, bool) else str(part)


def _instance(program: Program, name: str, given: list[str], root: str) -> tuple[str | int, ...]:
    """Return the keys of an instance: on a list the item's number, which people count from 1."""
    from vbc_rules.api.places import steps_to

    level, _, bare = name.rpartition(".")
    resolved = program.resolved
    fit = [ref for ref in resolved.slots if ref.name == bare and level in ("", ref.level)]
    steps = [steps_to(resolved, ref.level, root) for ref in fit]
    deep = [found[len(found) - len(given) :] for found in steps if len(found) >= len(given)]
    if not given or not deep:
        return tuple(given)
    keys: list[str | int] = []
    for text, step in zip(given, deep[0], strict=True):
        if resolved.levels[step].kind != "list":
            keys.append(text)
        elif text.isascii() and text.isdigit() and int(text) > 0:
            keys.append(int(text) - 1)
        else:
            raise UsageError(Code.USAGE, "say which item by its number; the first is 1")
    return tuple(keys)
