"""`vbc-rules new`: a rule file and its tests to start from."""

from __future__ import annotations

import argparse
import datetime
import re
from pathlib import Path

from vbc_rules.errors import Code, UsageError

EXAMPLE = (
    "  vbc-rules new acme/readmissions@2025 --participant hospital --into rules\n"
    "  vbc-rules new acme/readmissions@2025 > 2025.yaml"
)

_IDENTIFIER = re.compile(r"([a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*)+)@([a-z0-9][a-z0-9-]*)")
_LEVEL = re.compile(r"[a-z][a-z0-9_]*")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_OURS = ("cohort", "measure")  # levels of the starter, and of every program

_RULES = """\
# A program to start from. Every number in it is marked `illustrative`: replace each, and say where yours come from
# (`source: guide p. 12`, with the guide under `sources`).
program: {program}
edition: {edition}
language: 1
title: {title}
participant: {participant}
in_force: {{from: {year}-01-01, through: {year}-12-31}}
currency: USD

parameters:
  reward_rate: {{type: percent, is: 2%, title: Most that can be earned, illustrative: yes}}

levels:
  measure:
    in: {participant}
    parameters: {{weight: percent, target: percent}}
    expect: sum(weight) = 100%
    title: Measure
    members:
      screening: {{title: Screening, weight: 60%, target: 80%, illustrative: yes}}
      follow_up: {{title: Follow-up within 7 days, weight: 40%, target: 70%, illustrative: yes}}

inputs:
  {participant}:
    operating_payments: {{type: money, range: "$0 to $5,000,000,000", title: Operating payments}}
    agreement_signed: {{type: yes_no, title: The agreement is signed}}
  measure:
    rate: {{type: percent, decimals: 2, range: 0% to 100%, may_be: not_reported, title: Rate}}

values:
  measure:
    score:
      needs: rate
      formula: "if rate >= target then 100% else 0%"
      title: Measure score
      illustrative: yes
  {participant}:
    total_score:
      weighted_mean: score
      by: weight
      absent: redistribute
      title: Total score
      about: the weight of a measure without a rate goes to the others
      illustrative: yes

gates:
  {participant}:
    agreement: {{require: agreement_signed, otherwise: pays_nothing, title: The agreement is signed, illustrative: yes}}

payments:
  {participant}:
    reward:
      needs: total_score
      formula: reward_rate of total_score of operating_payments
      round: 2 down
      absent: pays_nothing
      title: Reward
      illustrative: yes

guarantees:
  - reward <= reward_rate of operating_payments
"""

_TESTS = """\
program: {program}@{edition}
tests:
  - name: Every target is met
    because: "2% of 100% of $1,000,000 is $20,000"
    given:
      {participant}: 'A'
      operating_payments: $1,000,000.00
      agreement_signed: yes
      measure:
        screening: {{rate: 80%}}
        follow_up: {{rate: 71.5%}}
    expect:
      measure:
        screening: {{score: 100%}}
        follow_up: {{score: 100%}}
      total_score: 100%
      reward: $20,000.00

  - name: A measure without a rate leaves its weight to the other
    because: "follow-up alone is scored, and missed"
    given:
      {participant}: 'A'
      operating_payments: $1,000,000.00
      agreement_signed: yes
      measure:
        follow_up: {{rate: 69.99%}}
        others: not_reported
    expect:
      measure:
        screening: {{score: not_reported}}
        follow_up: {{score: 0%}}
      total_score: 0%
      reward: $0.00

  - name: Without the agreement nothing is paid
    because: "the score stands, the reward does not"
    given:
      {participant}: 'A'
      operating_payments: $1,000,000.00
      agreement_signed: no
      measure:
        screening: {{rate: 80%}}
        follow_up: {{rate: 71.5%}}
    expect:
      agreement: no
      total_score: 100%
      reward: $0.00

  - name: More than every patient is refused
    because: a rate is at most 100%
    given:
      {participant}: 'A'
      operating_payments: $1,000,000.00
      agreement_signed: yes
      measure:
        screening: {{rate: 100.01%}}
        follow_up: {{rate: 71.5%}}
    refused: measure.rate
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("identifier", metavar="PROGRAM-ID", help="payer/program@edition, as in acme/readmissions@2025")
    parser.add_argument(
        "--participant", metavar="LEVEL", default="hospital", help="who is paid, as in hospital (default), practice"
    )
    parser.add_argument(
        "--into", metavar="DIR", type=Path, help="write the rule file and its tests below it; otherwise print the rules"
    )


def run(args: argparse.Namespace) -> int:
    """Print the rule file, or write it and its tests; an existing file is never replaced."""
    match = _IDENTIFIER.fullmatch(args.identifier)
    if match is None:
        message = (
            "a program is named payer/program@edition in small letters, digits and `-`, as in acme/readmissions@2025"
        )
        raise UsageError(Code.USAGE, message)
    if not _is_level(args.participant):
        message = "a participant is one word in small letters, digits and `_`, as in hospital or physician_group"
        raise UsageError(Code.USAGE, message)
    program, edition = match.groups()
    named = _YEAR.search(edition)
    words = {
        "program": program,
        "edition": edition,
        "participant": args.participant,
        "title": f"{program.rpartition('/')[2].replace('-', ' ').capitalize()}, {edition}",
        "year": named[0] if named else str(datetime.datetime.now(datetime.UTC).year),
    }
    words["title"] = f'"{words["title"]}"'
    rules, tests = _RULES.format(**words), _TESTS.format(**words)
    if args.into is None:
        print(rules, end="")
        return 0
    folder = args.into.joinpath(*program.split("/"))
    _write({folder / f"{edition}.yaml": rules, folder / f"{edition}.tests.yaml": tests})
    return 0


def _is_level(name: str) -> bool:
    from vbc_rules.language.reading.literals import RESERVED

    return _LEVEL.fullmatch(name) is not None and name not in RESERVED and name not in _OURS


def _write(files: dict[Path, str]) -> None:
    for path in files:
        if path.exists():
            raise UsageError(Code.USAGE, f"{path} exists already; choose another edition")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        print(path)
