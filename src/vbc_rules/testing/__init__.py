"""Rule tests: what a program must give, written beside it as `<edition>.tests.yaml`, and run on every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vbc_rules.testing.compare import Failure
    from vbc_rules.testing.files import find_test_files
    from vbc_rules.testing.runner import Verdict, run_tests

__all__ = ["Failure", "Verdict", "find_test_files", "run_tests"]

_HOMES = {"Failure": "compare", "Verdict": "runner", "find_test_files": "files", "run_tests": "runner"}


def __getattr__(name: str) -> object:
    """Import a name when it is first used: pytest loads this package in every run, with rule tests or without."""
    from importlib import import_module  # noqa: PLC0415 (so that nothing else is loaded with the package)

    if name not in __all__:
        raise AttributeError(f"module 'vbc_rules.testing' has no attribute {name!r}")
    found: object = getattr(import_module(f"vbc_rules.testing.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
