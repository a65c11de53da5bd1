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
    """List the programs by payer, with how many of their numbers are public, derived, required and illustrative."""
    from vbc_rules.packaged import list_packaged

    found = [_entry(identifier) for identifier in list_packaged()]
    if args.format == "json":
        print_json(found)
        return 0
    for payer, programs in groupby(found, key=lambda entry: entry["payer"]):
        print(payer)
        for entry in programs:
            numbers = entry["numbers"]
            counts = (
                ", ".join(f"{count} {kind}" for kind, count in numbers.items()) if isinstance(numbers, dict) else ""
            )
            print(f"  {entry['program']}")
            print(f"      {entry['title']}")
            print(f"      numbers: {counts}" if counts else "      has errors; see them with `vbc-rules check`")
    return 0


def _entry(identifier: str) -> dict[str, object]:
    from vbc_rules.api.describe import provenance_counts
    from vbc_rules.api.loading import open_source, understand
    from vbc_rules.source.diagnostic import Findings

    program = understand(*open_source(identifier), Findings())
    entry: dict[str, object] = {"program": identifier, "payer": identifier.split("/", maxsplit=1)[0]}
    if program is None:
        return {**entry, "title": "", "participant": "", "numbers": None}
    return {
        **entry,
        "title": program.document.title,
        "participant": program.participant,
        "numbers": dict(provenance_counts(program)),
    }
