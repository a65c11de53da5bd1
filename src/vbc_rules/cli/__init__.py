"""The command line, thin over the library: one module a command, imported only when it is called."""

from vbc_rules.cli.main import main

__all__ = ["main"]
