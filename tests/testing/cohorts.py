"""A program that needs a whole cohort: groups with members and a list of their own, a standing, a pool."""

from __future__ import annotations

from pathlib import Path

from vbc_rules.api.program import Program

RULES = """\
program: acme/pool
edition: 2024
language: 1
title: A pool
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
currency: USD

parameters:
  share: {type: percent, range: 0% to 100%, is: required, title: Share of the fund paid}

levels:
  measure:
    in: hospital
    title: Measure
    members:
      screening: {title: Screening}
      follow_up: {title: Follow-up}
  organization: {groups: hospital, by: organization_id, title: Organization}
  site: {in: organization, list: yes, key: number, at_most: 5, title: Site}
  quarter:
    in: organization
    members:
      first: {title: First}
      second: {title: Second}

inputs:
  cohort:
    fund: {type: money, range: "$0 to $1,000,000", title: Fund}
  hospital:
    organization_id: {type: identifier, may_be: not_reported, title: Organization}
    payments: {type: money, range: "$0 to $1,000,000", title: Payments}
    enrolled: {type: yes_no, title: Enrolled}
    signed: {type: yes_no, title: Signed}
  measure:
    met: {type: count, range: 0 to 1000, may_be: not_reported, title: Met}
  organization:
    bonus: {type: money, range: "$0 to $1,000", title: Bonus}
  quarter:
    visits: {type: count, range: 0 to 10, title: Visits}
  site:
    number: {type: identifier, title: Site}
    beds: {type: count, range: 0 to 10, title: Beds}

values:
  hospital:
    total_met: {sum: met, absent: ignore, title: Met}
    place: {rank: total_met, within: cohort, better: higher, ties: competition, title: Place}
  organization:
    size: {count: hospital, title: Hospitals}
    all_beds: {sum: beds, title: Beds}
    all_visits: {sum: visits, title: Visits}
  cohort:
    mean_met: {mean: total_met, title: Mean}
    pool: {formula: share of fund, round: 2 down, title: Pool}

gates:
  hospital:
    enrolment: {require: enrolled, otherwise: not_in_program, title: Enrolled, illustrative: yes}
    signature: {require: signed, otherwise: pays_nothing, title: Signed, illustrative: yes}

payments:
  hospital:
    reward:
      allocate: pool
      in_proportion_to: payments
      remainder: largest
      ties: hospital
      if_none: not_paid
      title: Reward
  organization:
    group_bonus: {formula: bonus, round: 2 down, title: Bonus}
"""

PARAMETERS = {"share": "100%"}
COHORT = {"fund": "100.01"}


def program(folder: Path, *, rules: str = RULES) -> Program:
    """Write the program into a folder, and load it."""
    path = folder / "2024.yaml"
    path.write_text(rules, encoding="utf-8")
    return Program(path.read_bytes(), str(path), parameters=PARAMETERS)


def hospital(identifier: str, organization: object, **changed: object) -> dict[str, object]:
    """Return what is given of a hospital: $100 of payments, enrolled and signed, 3 and 4 met."""
    given: dict[str, object] = {
        "hospital": identifier,
        "organization_id": organization,
        "payments": "100.00",
        "enrolled": True,
        "signed": True,
        "measure": {"screening": {"met": 3}, "follow_up": {"met": 4}},
    }
    return {**given, **changed}


def organization(key: str, **changed: object) -> dict[str, object]:
    """Return what is given of an organization: a bonus of $5, 3 visits, one site of 3 beds."""
    given: dict[str, object] = {
        "organization_id": key,
        "bonus": "5.00",
        "quarter": {"first": {"visits": 1}, "second": {"visits": 2}},
        "site": [{"number": "1", "beds": 3}],
    }
    return {**given, **changed}


ROWS = (
    hospital("B", "X"),
    hospital("A", "Y", payments="200.00"),
    hospital("C", "X", enrolled=False),
    hospital("D", "X", signed=False),
    hospital("E", {"absent": "not_reported"}, measure={"screening": {"met": 1}, "follow_up": {"met": 0}}),
)
"""B and A in two organizations, C not in the program, D without a signature, E in no organization."""

GROUPS = {"organization": (organization("Y"), organization("X"), organization("Z"))}
"""X, Y, and one that no hospital is in."""
