"""The programs shown in the language's description, completed by what their excerpts leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbc_rules.check.absence import check_absence
from vbc_rules.check.prover import prove_guarantees
from vbc_rules.check.ranges import infer_ranges
from vbc_rules.check.registry import run_checks
from vbc_rules.language.reading import read_document
from vbc_rules.resolve.resolver import resolve
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

EXCERPTS = Path(__file__).parents[1] / "language" / "excerpts"

LEFT_OUT: dict[str, dict[str, str]] = {
    "hospital_vbp": {
        "values:\n  measure:": "  domain:\n    consistency: {type: points, decimals: 0, range: 0 to 20}\n"
    },
    "hospital_p4p": {
        "  cqi_taken_part:\n    name:": """\
  component:
    hie_points: {type: points, decimals: 0, range: 0 to 20}
    mvc_points: {type: points, decimals: 0, range: 0 to 10}
    readmission_score: {type: percent}
"""
    },
    "hospital_vbr": {
        "values:\n  milestone:": """\
parameters:
  infrastructure: {type: percent, is: 1%, illustrative: yes}
  share: {type: percent, is: 50%, illustrative: yes}
  loss_cap: {type: percent, is: 2%, illustrative: yes}
  gain_cap: {type: percent, is: 5%, illustrative: yes}
levels:
  milestone: {in: hospital, parameters: {due: date}, members: {plan: {due: 2014-03-31, illustrative: yes}}}
inputs:
  hospital:
    benchmark_trend: {type: number, decimals: 4, range: -0.1 to 0.2, may_be: not_reported}
    base_pmpm: {type: money, range: "$0 to $2,000"}
    member_months: {type: count}
    spent: {type: money, range: "$0 to $1,000,000,000"}
    payments_of_the_year: {type: money, range: "$0 to $1,000,000,000"}
  milestone:
    done_on: {type: date, may_be: not_reported}
    met: {type: yes_no}
"""
    },
    "pgip": {
        "values:\n  measure:": """\
inputs:
  organization:
    practitioners: {type: count}
    primary_care: {type: count}
    attributed_members: {type: count}
    physician_board_share: {type: percent}
  measure:
    eligible: {type: count}
    met: {type: count}
    prior_rate: {type: percent, may_be: not_reported}
  round_of_payment:
    money: {type: money, range: "$0 to $100,000,000"}
""",
        "gates:\n": """\
  instalment:
    weight_in_pool: {formula: if quality is missing then 0 else quality * primary_care}
""",
    },
}


@pytest.mark.parametrize("name", sorted(LEFT_OUT))
def test_an_excerpt_is_accepted_whole(name: str) -> None:
    """Names, types, absences, ranges and guarantees; only where some numbers come from is not excerpted."""
    text = (EXCERPTS / f"{name}.yaml").read_text(encoding="utf-8")
    for before, put in LEFT_OUT[name].items():
        assert before in text
        text = text.replace(before, put + before, 1)
    findings = Findings()
    tree = read_text(text, name, findings)
    document = read_document(tree, findings) if tree is not None else None
    assert document is not None, findings.all
    program = resolve(document, findings)
    assert findings.all == ()
    presence = check_absence(program, findings)
    estimator = infer_ranges(program, presence, findings)
    assert estimator is not None
    prove_guarantees(estimator, findings)
    assert findings.all == ()
    said = Findings()
    run_checks(program, estimator, said)
    assert {finding.code for finding in said.errors} <= {"VBC601"}
