"""A small program with members, a list, a required parameter and a cohort's input, and tests of it."""

from __future__ import annotations

from pathlib import Path

RULES = """\
program: acme/reward
edition: 2024
language: 1
title: Reward, 2024
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
currency: USD

parameters:
  share: {type: percent, range: 0% to 100%, is: required, title: Share paid}

levels:
  measure:
    in: hospital
    title: Measure
    members:
      screening: {title: Screening}
      follow_up: {title: Follow-up}
  stay: {in: hospital, list: yes, key: number, at_most: 5, title: Stay}

inputs:
  cohort:
    trend: {type: percent, decimals: 2, range: 0% to 10%, may_be: not_reported, title: Trend}
  hospital:
    payments: {type: money, range: "$0 to $1,000,000", title: Payments}
    signed: {type: yes_no, title: Signed}
  measure:
    met: {type: count, range: 0 to 1000, may_be: [not_reported, excluded], title: Met}
    eligible: {type: count, range: 1 to 1000, title: Eligible}
  stay:
    number: {type: identifier, title: Stay}
    days: {type: count, range: 1 to 365, title: Days}

expected:
  measure:
    - met <= eligible

values:
  measure:
    rate: {needs: met, formula: met / eligible, type: number, title: Rate, illustrative: yes}
  stay:
    long: {formula: days > 30, title: Long stay, illustrative: yes}
  hospital:
    score: {mean: rate, absent: ignore, title: Score, illustrative: yes}
    long_stays: {count: stay, where: long, title: Long stays}
  cohort:
    has_trend: {formula: trend is not missing, title: Trend is known}

gates:
  hospital:
    agreement: {require: signed, otherwise: pays_nothing, title: Signed, illustrative: yes}

payments:
  hospital:
    reward:
      needs: score
      formula: share of payments
      round: 2 down
      absent: pays_nothing
      title: Reward
      illustrative: yes
"""

HEAD = "program: acme/reward@2024\ntests:\n"

GIVEN = """\
    parameters: {share: 10%}
    cohort: {trend: not_reported}
    given:
      hospital: 'A'
      payments: $1,234.56
      signed: yes
      measure:
        screening: {met: 1, eligible: 3}
        follow_up: {met: not_reported, eligible: 3}
      stay: [{number: '1', days: 31}, {number: '2', days: 30}]
"""

TEST = f"""\
  - name: Everything
    because: "10% of $1,234.56 is $123.456, which is rounded down"
{GIVEN}\
    expect:
      measure:
        screening: {{rate: 1/3}}
        follow_up: {{rate: not_reported}}
      stay: [{{long: yes}}, {{long: no}}]
      score: 1/3
      long_stays: 1
      agreement: yes
      has_trend: no
      reward: $123.45
"""


def write(folder: Path, *tests: str, rules: str = RULES, head: str = HEAD) -> Path:
    """Write the program and its tests; return the path of the tests."""
    (folder / "2024.yaml").write_text(rules, encoding="utf-8")
    path = folder / "2024.tests.yaml"
    path.write_text(head + "\n".join(tests), encoding="utf-8")
    return path
