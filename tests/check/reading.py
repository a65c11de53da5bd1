"""Reads pieces of rule files and runs every check over them."""

from __future__ import annotations

from dataclasses import dataclass

from vbc_rules.check.analysis import analyse
from vbc_rules.language.reading import read_document
from vbc_rules.resolve.resolver import resolve
from vbc_rules.source.diagnostic import Diagnostic, Findings
from vbc_rules.source.reader import read_text

HEADER = (
    "program: a/b\nedition: e1\nlanguage: 1\ntitle: T\nparticipant: hospital\n"
    "in_force: {from: 2024-01-01, through: 2024-12-31}\nsources:\n  guide: {title: Guide}\n"
)
HEADER_LINES = HEADER.count("\n")

AROUND_A_FORMULA = """\
parameters:
  whole: {type: percent, is: 100%, source: guide}
levels:
  domain: {in: hospital, members: {safety: {}, cost: {}}}
inputs:
  hospital:
    rate: {type: percent}
    paid: {type: money, range: "$0 to $1,000"}
    beds: {type: count}
    kind: {type: category, of: [small, large]}
    met: {type: yes_no}
    begun: {type: date}
  domain:
    score: {type: percent}
values:
  hospital:
    asked:
      formula: |-
        FORMULA
      illustrative: yes
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """All that was found, and whether names, types and absences were right, so that the checks were reached."""

    found: tuple[Diagnostic, ...]
    to_the_end: bool

    @property
    def codes(self) -> set[str]:
        return {one.code for one in self.found}


def check_text(text: str) -> Checked:
    """Read a whole file and check it, as far as it can be read."""
    findings = Findings()
    tree = read_text(text, "rules.yaml", findings)
    document = read_document(tree, findings) if tree is not None else None
    if document is None:
        return Checked(findings.all, to_the_end=False)
    program = resolve(document, findings)
    if findings.errors:
        return Checked(findings.all, to_the_end=False)
    estimator = analyse(program, findings)
    return Checked(findings.all, to_the_end=estimator is not None)


def check_sections(sections: str) -> Checked:
    """Check a file made of the common header and some sections."""
    return check_text(HEADER + sections)


def check_formula(formula: str) -> Checked:
    """Check a file in which one value has this formula."""
    return check_sections(AROUND_A_FORMULA.replace("FORMULA", formula))
