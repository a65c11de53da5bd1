"""`vbc-rules types`: a static module of a program's inputs."""

from __future__ import annotations

import argparse

from vbc_rules.cli.given import add_program, load_program

EXAMPLE = "  vbc-rules types cms/hospital-vbp@fy2024 > hospital_vbp_inputs.py"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_program(parser)


def run(args: argparse.Namespace) -> int:
    """Print the module."""
    print(load_program(args).static_types(), end="")
    return 0
