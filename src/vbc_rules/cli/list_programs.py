"""`vbc-rules list`: the packaged programs."""

from __future__ import annotations

import argparse
from itertools import groupby

from vbc_rules.cli.output import print_json

EXAMPLE = "  vbc-rules list\n  vbc-rules list --format json"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--format", choices=["text", "json"], default="text", help="how it is written (default: text)")


def run(args: argparse.Namespace) -> int:
    """List payers, their programs and the editions of each, with where their numbers come from."""
    from vbc_rules.packaged import list_packaged

    found = [_entry(identifier) for identifier in list_packaged()]
    if args.format == "json":
        print_json(found)
        return 0
    for payer, programs in groupby(found, key=lambda entry: entry["payer"]):
        print(payer)
        for name, editions in groupby(programs, key=lambda entry: entry["name"]):
            print(f"  {name}")
            for entry in editions:
                _print(entry)
    return 0


def _print(entry: dict[str, object]) -> None:
    numbers = entry["numbers"]
    print(f"    {entry['program']}")
    if not isinstance(numbers, dict):
        print("        has errors; see them with `vbc-rules check`")
        return
    print(f"        {entry['title']}")
    counts = ", ".join(f"{count} {kind}" for kind, count in numbers.items())
    print(f"        numbers: {counts}" + ("; needs the whole cohort" if entry["needs_cohort"] else ""))


def _entry(identifier: str) -> dict[str, object]:
    from vbc_rules.api.engines import why_cohort
    from vbc_rules.api.loading import open_source, understand
    from vbc_rules.api.provenance import provenance_counts
    from vbc_rules.source.diagnostic import Findings

    program = understand(*open_source(identifier), Findings())
    name, _, edition = identifier.rpartition("@")
    entry = {"program": identifier, "payer": identifier.split("/", maxsplit=1)[0], "name": name, "edition": edition}
    if program is None:
        return {**entry, "title": "", "participant": "", "needs_cohort": None, "numbers": None}
    return {
        **entry,
        "title": program.document.title,
        "participant": program.participant,
        "needs_cohort": bool(why_cohort(program)),
        "numbers": dict(provenance_counts(program)),
    }
