"""`vbc-rules explain`: how one value of one participant came about."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from vbc_rules.cli.given import add_data, add_program, cohort_of, data_of, load_program, mapping_of, parameters_of
from vbc_rules.cli.output import print_json
from vbc_rules.errors import Code, UsageError

if TYPE_CHECKING:
    from vbc_rules.api.program import Program

EXAMPLE = (
    "  vbc-rules explain cms/hospital-vbp@fy2024 --data hospitals.csv --participant 010001 total_performance_score\n"
    "  vbc-rules explain cms/hospital-vbp@fy2024 --data hospitals.csv --participant 010001 score hai_5"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_program(parser)
    add_data(parser)
    parser.add_argument("--participant", metavar="ID", required=True, help="whose value it is")
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
    from vbc_rules.frames.rows import read_rows

    program = load_program(args)
    parameters = parameters_of(args.parameter, program)
    instance = _instance(program, args.name, args.instance)
    rows = read_rows(mapping_of(args.mapping, program), data_of(args.data), program.resolved)
    found = next((one for one in rows.participants if one.key == args.participant), None)
    if found is None:
        rows.raise_if_any()
        message = f"no {program.resolved.participant} of the data has this identifier; write it as it stands there"
        raise UsageError(Code.USAGE, message)
    result = program.evaluate(found.inputs, cohort=cohort_of(args.cohort), parameters=parameters)
    explanation = result.explain(args.name, *instance)
    match args.format:
        case "text":
            print(explanation)
        case "html":
            print(render_html(explanation))
        case _:
            print_json(explanation.to_dict())
    return 0


def _instance(program: Program, name: str, given: list[str]) -> tuple[str | int, ...]:
    """Return the keys of an instance: on a list the item's number, which people count from 1."""
    level, _, bare = name.rpartition(".")
    levels = program.resolved.levels
    fit = [ref for ref in program.resolved.slots if ref.name == bare and level in ("", ref.level)]
    chains = [program.resolved.chain(ref.level)[: len(given)] for ref in fit if program.depth(ref.level) >= len(given)]
    if not given or not chains:
        return tuple(given)
    kinds = [levels[step].kind for step in reversed(chains[0])]
    keys: list[str | int] = []
    for text, kind in zip(given, kinds, strict=True):
        if kind != "list":
            keys.append(text)
        elif text.isascii() and text.isdigit() and int(text) > 0:
            keys.append(int(text) - 1)
        else:
            raise UsageError(Code.USAGE, "say which item by its number; the first is 1")
    return tuple(keys)
