"""`vbc-rules version`."""

from __future__ import annotations

import argparse

EXAMPLE = "  vbc-rules version"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare nothing: the command takes no arguments."""


def run(args: argparse.Namespace) -> int:
    """Print the version."""
    from vbc_rules.api.result import library_version

    del args
    print(f"vbc-rules {library_version()}")
    return 0
