"""A rule file to a plan: read, model, resolve, check, plan."""

from __future__ import annotations

import hashlib
from importlib.resources.abc import Traversable
from pathlib import Path

from vbc_rules.check.analysis import analyse
from vbc_rules.errors import Code, RuleFileError, UsageError
from vbc_rules.language.reading import read_document
from vbc_rules.packaged import find_packaged, list_packaged
from vbc_rules.plan.plan import Plan, make_plan
from vbc_rules.resolve.program import Program
from vbc_rules.resolve.resolver import resolve
from vbc_rules.source import limits
from vbc_rules.source.diagnostic import Diagnostic, Findings
from vbc_rules.source.nearest import nearest
from vbc_rules.source.reader import read_bytes, read_file


def open_source(source: str | Path) -> tuple[bytes, str]:
    """Return the bytes of a rule file and the name it is known by: a packaged program's, or a path's.

    Raises UsageError where there is neither.
    """
    if not isinstance(source, str | Path):
        raise UsageError(Code.USAGE, "a program is named by text, or by the path of its file; pass one of the two")
    if isinstance(source, str) and not source.endswith((".yaml", ".yml")):
        found = find_packaged(source)
        if found is not None:
            return found.read_bytes(), _name_of(found)
        close = nearest(source, list_packaged())
        hint = (
            f"; write `{close}`" if close else "; `vbc-rules list` shows those there are, a file's name ends in .yaml"
        )
        raise UsageError(Code.NO_SUCH_PROGRAM, f"there is no packaged program `{source}`{hint}")
    path = Path(source)
    try:
        with path.open("rb") as stream:
            return stream.read(limits.MAX_BYTES + 1), str(source)  # one byte too many is refused as too large
    except (OSError, ValueError) as error:  # a path with a NUL in it is a ValueError
        why = error.strerror if isinstance(error, OSError) else "this is no path"
        raise UsageError(Code.NO_SUCH_PROGRAM, f"the rule file `{source}` cannot be opened: {why}") from error


def _name_of(found: Traversable) -> str:
    parts = str(found).replace("\\", "/").split("/rules/")
    return f"rules/{parts[-1]}"


def understand(data: bytes, name: str, findings: Findings) -> Program | None:
    """Return the resolved program of a file's bytes; what is wrong with it stands in `findings`."""
    tree = read_bytes(data, name, findings)
    document = read_document(tree, findings) if tree is not None else None
    if document is None:
        return None
    return resolve(document, findings)


def compile_bytes(data: bytes, name: str) -> tuple[Plan, tuple[Diagnostic, ...]]:
    """Return the plan of a rule file and the warnings about it. Raises RuleFileError with every finding."""
    findings = Findings()
    program = understand(data, name, findings)
    estimator = analyse(program, findings) if program is not None else None
    if program is None or estimator is None or findings.errors:
        raise RuleFileError(findings.all)
    return make_plan(program, estimator, hashlib.sha256(data).hexdigest()), findings.all


def check_file(path: str | Path) -> tuple[Diagnostic, ...]:
    """Return everything found in a rule file, errors and warnings, by place. Never raises for what a file holds."""
    findings = Findings()
    tree = read_file(Path(path), findings)
    document = read_document(tree, findings) if tree is not None else None
    if document is not None:
        analyse(resolve(document, findings), findings)
    return findings.all
