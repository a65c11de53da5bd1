"""Small rule files, and what the resolver and the checks say of them."""

from __future__ import annotations

from vbc_rules.check.absence import check_absence
from vbc_rules.check.estimate import Estimator
from vbc_rules.check.prover import prove_guarantees
from vbc_rules.check.ranges import infer_ranges
from vbc_rules.language.document import Document
from vbc_rules.language.reading import read_document
from vbc_rules.resolve.program import Program
from vbc_rules.resolve.resolver import resolve
from vbc_rules.source.diagnostic import Diagnostic, Findings
from vbc_rules.source.reader import read_text

HEADER = """\
program: payer/program
edition: "2024"
title: A program
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
currency: USD
"""
LINES = HEADER.count("\n")
"""So many lines stand before the sections of a test's file: its own lines are counted from 1."""


def read(sections: str) -> Document:
    """Return the document of a file with these sections; the reader must accept it."""
    findings = Findings()
    tree = read_text(HEADER + sections, "rules.yaml", findings)
    document = read_document(tree, findings) if tree is not None else None
    assert document is not None, said(findings.all)
    assert not findings.errors, said(findings.errors)
    return document


def resolved(sections: str) -> Program:
    """Return the program of a file that the resolver accepts."""
    findings = Findings()
    program = resolve(read(sections), findings)
    assert not findings.all, said(findings.all)
    return program


def refused(sections: str) -> list[str]:
    """Return what the resolver says of a file; lines are counted from its sections."""
    findings = Findings()
    resolve(read(sections), findings)
    return said(findings.all)


def said(findings: tuple[Diagnostic, ...]) -> list[str]:
    """Return findings as `code line:column message | help`."""
    return [f"{one.code} {one.span.line - LINES}:{one.span.column} {one.message} | {one.help}" for one in findings]


def checked(sections: str) -> tuple[Estimator, list[str]]:
    """Return what is known of a file that the resolver accepts, and what absence, ranges and proofs say of it."""
    program = resolved(sections)
    findings = Findings()
    presence = check_absence(program, findings)
    estimator = None if findings.errors else infer_ranges(program, presence, findings)
    if estimator is None:
        return Estimator(program, presence, findings), said(findings.all)
    if not findings.errors:
        prove_guarantees(estimator, findings)
    return estimator, said(findings.all)


def accepted(sections: str) -> Estimator:
    """Return what is known of a file that nothing is said of."""
    estimator, findings = checked(sections)
    assert not findings, findings
    return estimator
