"""Small programs as files, what they are given, and their traces."""

from __future__ import annotations

from collections.abc import Mapping

from tests.run.building import Given, encode
from vbc_rules.language.reading import read_document
from vbc_rules.plan.layout import make_layout
from vbc_rules.resolve.program import Program
from vbc_rules.resolve.resolver import resolve
from vbc_rules.run.oracle import OracleTrace, evaluate
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

HEADER = {"program": "test/program", "edition": "2024"}

HOSPITAL_P4P = """\
program: test/hospital-p4p
edition: "2021"
language: 1
title: Hospital Pay-for-Performance
participant: hospital
in_force: {from: 2021-07-01, through: 2022-06-30}
currency: USD

sources:
  page: {title: BCBSM Value Partnerships page, publisher: BCBSM}
  guide_2020: {title: 2020 program guide}

parameters:
  cap: {type: percent, is: 5%, source: page}
  ceiling: {type: money, range: "$0 to $1,000,000", is: required}

levels:
  component:
    in: hospital
    parameters: {weight: percent}
    members:
      cqi:          {weight: 40%, source: guide_2020 p. 3}
      hie:          {weight: 20%, derived: {from: [guide_2020 p. 15], by: 15% in 2020 plus the 5 points added in 2021}}
      readmissions: {weight: 40%, illustrative: yes}
  registry: {in: hospital, list: yes, key: name, at_most: 30}

inputs:
  hospital:
    peer_group: {type: category, of: [pg1, pg2, pg5]}
    operating_payments: {type: money, range: "$0 to $5,000,000,000", about: BCBSM inpatient and outpatient payments}
    attestation_signed: {type: yes_no}
    hie_points: {type: points, decimals: 1, range: 0 to 20}
    readmission_score: {type: percent, decimals: 2, range: 0% to 100%, may_be: below_minimum}
  registry:
    name: {type: identifier}
    sponsor: {type: category, of: [bcbsm, mha]}
    index: {type: percent, decimals: 4, range: 0% to 100%, may_be: [declined, too_new]}

values:
  registry:
    counts:
      top: 2
      within: hospital
      order: [sponsor = bcbsm, index]
      ties: name
      absent: {declined: last, too_new: out}
  hospital:
    cqi_score: {mean: index, where: counts, absent: {declined: zero, too_new: ignore}}
    total_score: {weighted_mean: component_score, by: weight, absent: redistribute}
  component:
    component_score:
      by_member: {cqi: cqi_score, hie: hie_points / 20, readmissions: readmission_score}
      type: percent

gates:
  hospital:
    in_program: {require: "peer_group in (pg1, pg2)", otherwise: not_in_program}
    attested: {require: attestation_signed, otherwise: pays_nothing, illustrative: yes}

payments:
  hospital:
    earned:
      needs: total_score
      formula: cap of total_score of operating_payments
      at_most: ceiling
      round: 2 down
      absent: pays_nothing
      title: Incentive earned before redistribution
      source: page p. 2
"""

GIVEN_P4P: Mapping[str, Given] = {
    "ceiling": "$100,000",
    "peer_group": "pg1",
    "operating_payments": "$1,000,000.01",
    "attestation_signed": "yes",
    "hie_points": "19",
    "readmission_score": "77.5%",
    "registry": [],
}

MEASURES = """\
program: test/measures
edition: "2024"
language: 1
title: Measures, steps and tables
participant: group
in_force: {from: 2024-01-01, through: 2024-12-31}

sources:
  manual: {title: Scoring manual, publisher: A payer, cite: section 4}

parameters:
  conversion:
    type: money
    dated:
      - {from: 2024-01-01, through: 2024-06-30, is: $10.00, source: manual p. 1}
      - {from: 2024-07-01, through: 2024-12-31, is: $12.50, illustrative: yes}
  office_visits: {type: codes, is: [99202 to 99215, 99417], source: manual}

levels:
  measure:
    in: group
    parameters: {better: direction, p50: percent, p90: percent}
    source: manual p. 9
    members:
      screening:    {better: higher, p50: 70%, p90: 80%}
      poor_control: {better: lower, p50: 33%, p90: 23%}
      retired:      {better: higher, p50: 50%, p90: 60%}

inputs:
  group:
    panel: {type: count, range: 0 to 100000}
    track: {type: category, of: [basic, enhanced]}
    visit: {type: identifier}
    paid_on: {type: date, range: 2024-01-01 to 2024-12-31}
    losses: {type: money, range: "-$1,000,000 to $1,000,000"}
  measure:
    met: {type: count, range: 0 to 100000, may_be: not_reported}
    eligible: {type: count, range: 0 to 100000}

values:
  measure:
    rate:
      needs: met
      only_if: eligible >= 30
      otherwise: below_minimum
      formula: met / eligible
      type: percent
    band:
      needs: rate
      tiers: rate
      steps: [{reaches: p90, is: 5}, {reaches: p50, is: 3}, {otherwise: 0}]
  group:
    quality: {mean: band, absent: ignore, needs_at_least: 1}
    best: {max: rate, absent: ignore}
    strict: {mean: band, absent: absent}
    size_factor:
      interpolate: panel
      points: [{at: 500, is: 12.2%}, {at: 1000, is: 8.7%}]
      below: absent too_small
      above: 2.0%
    multiplier:
      table:
        - {track: basic, panel: 1000 or more, is: 2}
        - {track: basic, panel: less than 1000, is: 1.5}
        - {track: enhanced, panel: any, is: 3}
    office: {formula: if visit in office_visits then 1 else 0}
    shared: {formula: losses / 3, at_least: -$500, at_most: $750, round: 2 half_even}

payments:
  group:
    reward:
      needs: [quality, size_factor]
      formula: conversion on paid_on * quality * multiplier * (100% + size_factor)
      round: 2 half_up
      absent: pays_nothing
    held: {needs: strict, formula: conversion on paid_on * strict, round: 2 down, absent: pays_nothing}
"""

GIVEN_MEASURES: Mapping[str, Given] = {
    "panel": 700,
    "track": "basic",
    "visit": "99213",
    "paid_on": "2024-09-30",
    "losses": "$1,000",
    "screening.met": 231,
    "screening.eligible": 300,
    "poor_control.met": 20,
    "poor_control.eligible": 90,
    "retired.met": 5,
    "retired.eligible": 12,
}


def load(text: str, name: str = "rules.yaml") -> Program:
    """Return the program of a file's text. Raises AssertionError where the file is wrong."""
    findings = Findings()
    root = read_text(text, name, findings)
    assert root is not None, findings.errors
    document = read_document(root, findings)
    assert document is not None, findings.errors
    program = resolve(document, findings)
    assert not findings.errors, findings.errors
    return program


def run(program: Program, given: Mapping[str, Given]) -> OracleTrace:
    """Return what the oracle finds."""
    layout = make_layout(program)
    return evaluate(program, layout, encode(program, given, layout))
