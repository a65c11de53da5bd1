"""No slip passes unseen: a misspelt key or name, a key written twice, a `%` forgotten, in every packaged program.

A slip is refused with a finding at its line or, for a misspelt definition, where the name is used. A name that
nothing in the file uses (an output, a member, a reason) is pinned by the rule tests beside the file, which then do
not run.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.refusals.mutations import Slip, dropped_percents, duplicated_keys, misspelt_keys, misspelt_names
from vbc_rules.api.loading import understand
from vbc_rules.api.program import Program
from vbc_rules.check.analysis import analyse
from vbc_rules.errors import RuleFileError
from vbc_rules.packaged import list_packaged
from vbc_rules.source.diagnostic import Diagnostic, Findings
from vbc_rules.source.reader import read_text
from vbc_rules.testing.cases import Cases, read_cases
from vbc_rules.testing.files import find_test_files
from vbc_rules.testing.runner import bind, run_case

RULES = Path(__file__).resolve().parents[2] / "rules"
PROGRAMS = list_packaged()
PROFILE = os.environ.get("HYPOTHESIS_PROFILE")
STRIDE = 32 if PROFILE == "quick" else 8
PARTS = range(STRIDE) if PROFILE == "thorough" else [sys.version_info.minor % STRIDE]
"""Every so many slips in each part. Each Python tests another part; HYPOTHESIS_PROFILE=thorough tests all of them."""


def _file(program: str) -> Path:
    name, _, edition = program.partition("@")
    return RULES / name / f"{edition}.yaml"


def _findings(text: str) -> tuple[Diagnostic, ...]:
    findings = Findings()
    program = understand(text.encode(), "rules.yaml", findings)
    if program is not None:
        analyse(program, findings)
    return findings.errors


@cache
def _cases(program: str) -> Cases:
    return read_cases(find_test_files(program)[0])


def _rule_tests_fail(text: str, program: str) -> bool:
    """Whether the rule tests beside a file refuse what has become of it."""
    try:
        changed = Program(text.encode(), "rules.yaml")
        return not all(run_case(changed, case).passed for case in bind(_cases(program), changed))
    except RuleFileError:
        return True


def _is_seen(slip: Slip, program: str, original: str) -> bool:
    errors = _findings(slip.text)
    if not errors:
        return _rule_tests_fail(slip.text, program)
    uses = re.compile(rf"(?<![a-z0-9_]){re.escape(slip.word)}(?![a-z0-9_])")
    lines = original.split("\n")
    return any(
        error.span.line <= slip.line <= error.span.end_line or uses.search(lines[error.span.line - 1])
        for error in errors
    )


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_misspelt_key_is_refused(program: str, part: int) -> None:
    original = _file(program).read_text(encoding="utf-8")
    slips = list(misspelt_keys(original))
    assert len(slips) > 50
    assert [str(slip) for slip in slips[part::STRIDE] if not _is_seen(slip, program, original)] == []


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_misspelt_name_is_refused(program: str, part: int) -> None:
    original = _file(program).read_text(encoding="utf-8")
    slips = list(misspelt_names(original))
    assert len(slips) > 50
    assert [str(slip) for slip in slips[part::STRIDE] if not _is_seen(slip, program, original)] == []


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_key_written_twice_is_refused_at_its_line(program: str, part: int) -> None:
    original = _file(program).read_text(encoding="utf-8")
    unseen = []
    for slip in list(duplicated_keys(original))[part::STRIDE]:
        findings = Findings()
        read_text(slip.text, "rules.yaml", findings)
        if not any(
            error.code == "VBC010" and error.span.line in (slip.line, slip.line + 1) for error in findings.errors
        ):
            unseen.append(str(slip))
    assert unseen == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_dropped_percent_sign_is_refused_at_its_line(program: str) -> None:
    original = _file(program).read_text(encoding="utf-8")
    unseen = [
        str(slip)
        for slip in dropped_percents(original)
        if not any(error.span.line <= slip.line <= error.span.end_line for error in _findings(slip.text))
    ]
    assert unseen == []
