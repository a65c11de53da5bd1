"""`vbc-rules validate`: published figures compared with computed ones: by digits, by interval, or by order."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from vbc_rules.cli.given import (
    WithCohort,
    add_groups,
    add_parameters,
    add_program,
    cohort_of,
    data_of,
    groups_of,
    is_of_cohort,
    load_program,
    mapping_of,
    parameters_of,
)
from vbc_rules.cli.output import print_illustrative, print_json
from vbc_rules.errors import Code, UsageError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from vbc_rules.frames.validation import Mismatch, Validation

EXAMPLE = "  vbc-rules validate cms/hospital-vbp@fy2024 --data hospital-vbp-fy2024/"

MAX_LINES: Final = 50
"""Mismatches that are written; the others are counted."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_program(parser)
    parser.add_argument(
        "--data", metavar="DIR", action="append", required=True, help="the folder of the published files"
    )
    parser.add_argument(
        "--mapping",
        metavar="FILE",
        type=Path,
        help="which column is which input and which figure (default: <edition>.mapping.yaml beside the program)",
    )
    add_groups(parser)
    add_parameters(parser)
    parser.add_argument("--format", choices=["text", "json"], default="text", help="how it is written (default: text)")


def run(args: argparse.Namespace) -> int:
    """Print how many figures match; return 1 where one differs and the mapping does not say so."""
    from vbc_rules.frames.validation import validate, validate_cohort

    program = load_program(args)
    mapping = mapping_of(args.mapping or _beside(args.program), program)
    if mapping is None:
        raise UsageError(Code.USAGE, "there is no mapping beside the program; name one with --mapping")
    data, cohort, parameters = data_of(args.data), cohort_of(args.cohort), parameters_of(args.parameter, program)
    if is_of_cohort(program, args, mapping):
        groups = groups_of(args.groups)
        found = validate_cohort(program, data, mapping, groups=groups, cohort=cohort, parameters=parameters)
    else:
        found = validate(WithCohort(program, cohort), data, mapping, parameters=parameters)
    if args.format == "json":
        told = found.to_dict()
        del told["cells"], told["mismatches"]  # those that differ are told as errors
        print_json(told)
    else:
        _print(found)
    _print_differences(found, sys.stderr)
    print_illustrative(program)
    return 0 if found.holds else 1


def _beside(program: str) -> Path | Traversable | None:
    """Return the mapping beside a program's rule file, None where there is none."""
    from vbc_rules.packaged import list_packaged, packaged_rules

    if program.endswith((".yaml", ".yml")):
        path = Path(program)
        beside: Path | Traversable = path.with_name(f"{path.stem}.mapping.yaml")
    else:
        whole = next((one for one in list_packaged() if program in (one, one.rpartition("@")[0])), program)
        folder, _, edition = whole.rpartition("@")
        beside = packaged_rules().joinpath(*folder.split("/"), f"{edition}.mapping.yaml")
    return beside if beside.is_file() else None


def _print(found: Validation) -> None:
    signs = [_label(sign) for count in found.figures.values() if len(count.by_sign) > 1 for sign in count.by_sign]
    width = max(len(name) for name in (*found.figures, *signs, "all figures"))
    for name, count in found.figures.items():
        how = " by interval" if count.matched_by_interval else " by order" if count.matched_by_order else ""
        unpublished = f", {count.unpublished:,} computed but not published" if count.unpublished else ""
        numbers = _numbers(count.matched, count.checked)
        print(f"{name:{width}}  {numbers} match{how}{_known(count.known)}{unpublished}")
        for sign, tally in count.by_sign.items() if len(count.by_sign) > 1 else ():
            print(f"{_label(sign):{width}}  {_numbers(tally.matched, tally.checked)}{_known(tally.known)}")
    parts = ((found.matched_by_interval, "by interval"), (found.matched_by_order, "by order"))
    of_which = "".join(f", {number:,} of them {how}" for number, how in parts if number)
    print(f"{'all figures':{width}}  {_numbers(found.matched, found.checked)} match{of_which}{_known(found.known)}")
    if found.cells.checked:
        print(f"numbers of the rule itself: {found.cells.matched:,} of {found.cells.checked:,} match")
    if found.known_differences:
        print("known differences:")
    for known in found.known_differences:
        print(f"  {_difference(known.difference)}")
        print(f"    because: {known.because}")


def _label(sign: str) -> str:
    return f"  {sign.replace('_', ' ')}"


def _numbers(matched: int, checked: int) -> str:
    return f"{matched:>9,} of {checked:>9,}"


def _known(count: int) -> str:
    return f", {count:,} known to differ" if count else ""


def _difference(one: Mismatch) -> str:
    who = f"{one.participant}, " if one.participant is not None else ""
    member = f" ({one.member})" if one.member is not None else ""
    return f"{who}row {one.row}: {one.figure}{member}: published {one.published}, computed {one.computed}"


def _print_differences(found: Validation, file: TextIO) -> None:
    lines = [_difference(one) for one in found.mismatches]
    lines += [
        f"{one.ref}{f' ({one.member})' if one.member else ''}: the mapping says that it differs, and it does not"
        for one in found.no_longer_known
    ]
    for line in lines[:MAX_LINES]:
        print(line, file=file)
    if len(lines) > MAX_LINES:
        print(f"and {len(lines) - MAX_LINES:,} more", file=file)
