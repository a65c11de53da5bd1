"""A rule file's text through the front end, and one row through both engines, every slot compared."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from vbc_rules.check.analysis import analyse
from vbc_rules.errors import VbcError
from vbc_rules.language.absence import Absent
from vbc_rules.language.reading import read_document
from vbc_rules.plan.layout import Layout, Path, Row, make_layout
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Program
from vbc_rules.resolve.resolver import resolve
from vbc_rules.run.oracle import OracleTrace, evaluate
from vbc_rules.run.scalar import ScalarEngine, ScalarTrace
from vbc_rules.run.trace import Trace
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text
from vbc_rules.source.render import render_text

Place: TypeAlias = tuple[Ref, Path]
Found: TypeAlias = "Datum | str"
"""A value, or the words of the error that stands in its place."""


class RefusedFile(Exception):  # noqa: N818 (a signal: whoever loads a file says what a refusal means)
    """A rule file that the front end refuses; the message is what its author would read."""

    def __init__(self, codes: tuple[str, ...], rendered: str) -> None:
        """Keep the findings' codes and their text."""
        super().__init__(rendered)
        self.codes = codes


def load(text: str, name: str = "rules.yaml", *, allowing: frozenset[str] = frozenset()) -> Program:
    """Return the checked program of a rule file.

    Raises RefusedFile where reader, resolver or a check reports an error other than the codes in `allowing`.
    """
    findings = Findings()
    tree = read_text(text, name, findings)
    doc = read_document(tree, findings) if tree is not None else None
    if doc is None or findings.errors:
        raise _refused(findings)
    program = resolve(doc, findings)
    analyse(program, findings)
    if any(finding.code not in allowing for finding in findings.errors):
        raise _refused(findings)
    return program


def _refused(findings: Findings) -> RefusedFile:
    return RefusedFile(tuple(finding.code for finding in findings.errors), render_text(findings.all))


# --- what an engine finds


@dataclass(frozen=True, slots=True)
class Expected:
    """What the oracle finds for one row: every slot, every count and the warnings; or the error it raises."""

    row: Row
    slots: dict[Place, Found]
    counts: dict[tuple[str, Path], int]
    warnings: tuple[str, ...]
    error: VbcError | None


def ask_oracle(program: Program, layout: Layout, row: Row) -> Expected:
    """Return what the oracle finds."""
    try:
        trace = evaluate(program, layout, row)
    except VbcError as error:
        return Expected(row, {}, {}, (), error)
    counts = {
        (level, path): trace.count(level, path)
        for level, here in program.levels.items()
        if here.kind == "list" and here.parent is not None
        for path in _paths(trace, here.parent)
    }
    return Expected(row, dict(_slots(program, trace)), counts, trace.warnings, None)


def _paths(trace: OracleTrace, level: str) -> list[Path]:
    return [path for name, path in trace.whole.instances if name == level]


def _slots(program: Program, trace: OracleTrace) -> Iterator[tuple[Place, Found]]:
    for ref in program.slots:
        for path in _paths(trace, ref.level):
            yield (ref, path), read_slot(trace, ref, path)
    for name, parameter in program.parameters.items():
        if not parameter.codes:
            yield (Ref("", name), ()), read_slot(trace, Ref("", name), ())


def read_slot(trace: Trace, ref: Ref, path: Path) -> Found:
    """Return a slot's value; where it has none (a name of items without a key), what the engine says instead."""
    try:
        return trace.value(ref, path)
    except KeyError:
        return "no such slot"
    except VbcError as error:
        return f"{type(error).__name__}: {error}"


def differences(engine: ScalarEngine, expected: Expected) -> list[str]:
    """Return where the scalar engine's answer is not the oracle's, one line each; none where they agree.

    An answer that the scalar engine leaves to the oracle is a difference: its generated code did not compute the row.
    """
    try:
        trace = engine.evaluate(expected.row)
    except VbcError as error:
        wanted = expected.error
        if wanted is not None and type(wanted) is type(error) and wanted.to_dict() == error.to_dict():
            return []
        return [f"oracle: {wanted!r}; scalar: {error!r}"]
    except Exception as error:  # noqa: BLE001 (nothing else may be raised, and the report says what was)
        return [f"the scalar engine raises {error!r}"]
    if expected.error is not None:
        return [f"oracle: {expected.error!r}; the scalar engine gives a result"]
    if not isinstance(trace, ScalarTrace):
        why, section = why_left(engine, expected.row)
        return [] if section == "expected" else [f"the scalar engine leaves the row to the oracle: {why} in {section}"]
    found = [
        f"{ref} {'/'.join(str(key) for key in path)}: oracle {wanted!r}, scalar {got!r}"
        for (ref, path), wanted in expected.slots.items()
        if not is_same(wanted, got := read_slot(trace, ref, path))
    ]
    found += [
        f"count of {level} {path}: oracle {counted}, scalar {other}"
        for (level, path), counted in expected.counts.items()
        if counted != (other := trace.count(level, path))
    ]
    if expected.warnings != trace.warnings:
        found.append(f"warnings: oracle {expected.warnings}, scalar {trace.warnings}")
    return found


def is_same(one: Found, other: Found) -> bool:
    """Whether two findings are the same value of the same type, or the same absence."""
    if isinstance(one, Absent) or isinstance(other, Absent):
        return one is other
    return type(one) is type(other) and one == other


def why_left(engine: ScalarEngine, row: Row) -> tuple[str, str]:
    """Return why the generated code leaves a row to the oracle, and the slot (or `expected`) whose code does.

    `expected` may: a condition of several parts that reads an absent value does not apply, as the oracle says.
    """
    try:
        engine._evaluate(row)
    except Exception as error:  # noqa: BLE001 (the report says what was raised)
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno or 0 for frame in frames if frame.filename == engine.name]
        above = engine.source.splitlines()[: lines[-1]] if lines else []
        comments = [line.strip()[2:] for line in above if line.strip().startswith("# ")]
        return repr(error), comments[-1] if comments else "the inputs"
    return "its trace was not taken", ""


def both(program: Program) -> tuple[Layout, ScalarEngine]:
    """Return the program's layout and its scalar engine."""
    layout = make_layout(program)
    return layout, ScalarEngine(program, layout)
