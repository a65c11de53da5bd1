"""vbc_rules: what hospitals and physicians are paid for quality, computed exactly from declarative rule files.

import vbc_rules as vbc

program = vbc.load("bcbsm/hospital-p4p/pg1-4-scoring@2021")
result = program.evaluate(inputs)
result["earned"]
print(result.explain("earned"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vbc_rules.api.cohort import CohortResult
    from vbc_rules.api.loading import check_file
    from vbc_rules.api.program import Program, load
    from vbc_rules.api.result import Result
    from vbc_rules.errors import EvaluationError, InputError, InputProblem, RuleFileError, UsageError, VbcError
    from vbc_rules.language.absence import Absent
    from vbc_rules.packaged import list_packaged

__all__ = [
    "Absent",
    "CohortResult",
    "EvaluationError",
    "InputError",
    "InputProblem",
    "Program",
    "Result",
    "RuleFileError",
    "UsageError",
    "VbcError",
    "check_file",
    "list_packaged",
    "load",
]

_HOMES = {
    "Absent": "vbc_rules.language.absence",
    "CohortResult": "vbc_rules.api.cohort",
    "Program": "vbc_rules.api.program",
    "Result": "vbc_rules.api.result",
    "check_file": "vbc_rules.api.loading",
    "list_packaged": "vbc_rules.packaged",
    "load": "vbc_rules.api.program",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: importing the package alone costs next to nothing."""
    from importlib import import_module  # noqa: PLC0415 (so that nothing else is loaded with the package)

    if name not in __all__:
        raise AttributeError(f"module 'vbc_rules' has no attribute {name!r}")
    found: object = getattr(import_module(_HOMES.get(name, "vbc_rules.errors")), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
