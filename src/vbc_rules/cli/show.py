"""`vbc-rules show`: a program in words, or any stage of its compilation."""

from __future__ import annotations

import argparse

from vbc_rules.cli.given import add_program, load_program

EXAMPLE = "  vbc-rules show cms/hospital-vbp@fy2024\n  vbc-rules show rules/acme/readmissions/2024.yaml --stage plan"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_program(parser)
    parser.add_argument(
        "--stage",
        choices=["description", "document", "resolved", "plan", "python"],
        default="description",
        help="the program in words (default), the file as read, with every name bound, as planned, as Python",
    )


def run(args: argparse.Namespace) -> int:
    """Print the stage."""
    program = load_program(args)
    match args.stage:
        case "description":
            print(program.describe())
        case "plan":
            from vbc_rules.plan.show import show_plan

            print(show_plan(program.plan))
        case "python":
            print(program.engine_source)
        case stage:
            from vbc_rules.cli.outline import outline

            print(outline(program.resolved.document if stage == "document" else _without_document(program.resolved)))
    return 0


def _without_document(resolved: object) -> dict[str, object]:
    """Return what the resolved program holds beside the document, which is a stage of its own."""
    return {name: getattr(resolved, name) for name in getattr(resolved, "__slots__", ()) if name != "document"}
