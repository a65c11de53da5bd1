"""Mappings of whole cohorts: tables of groups, of what lies in them, and of the cohort itself."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest

import vbc_rules as vbc
from vbc_rules.errors import InputError, RuleFileError, UsageError
from vbc_rules.frames import read_cohort, read_mapping, run_cohort, run_program, validate
from vbc_rules.frames.cohorts import evaluate_files

PROGRAM: Final = """\
program: acme/network
edition: 2024
language: 1
title: Network
participant: {level: practice, identifier: public}
in_force: {from: 2024-01-01, through: 2024-12-31}

levels:
  organization: {groups: practice, by: organization_id}
  service: {in: organization, members: {clinic: {}, home: {}}}
  county: {groups: practice, by: [region, kind]}
  domain: {in: cohort, members: {quality: {}, cost: {}}}
  grant: {in: cohort, list: yes, key: name, at_most: 10}

inputs:
  cohort:
    fund: {type: money, range: "$0 to $1,000,000,000"}
  domain:
    target: {type: percent}
  grant:
    name: {type: identifier}
    amount: {type: money, range: "$0 to $1,000,000"}
  practice:
    organization_id: {type: identifier}
    region: {type: category, of: [north, south]}
    kind: {type: category, of: [urban, rural]}
    visits: {type: count, range: 0 to 1000000}
  organization:
    board: {type: yes_no}
  service:
    hours: {type: count, range: 0 to 100000}
  county:
    need: {type: percent}

values:
  practice:
    weight: {formula: visits * need}
  organization:
    hours_given: {sum: hours}
  cohort:
    targets: {mean: target}
    grants: {sum: amount}

gates:
  practice:
    governed: {require: board, otherwise: pays_nothing}

payments:
  practice:
    reward: {allocate: fund, in_proportion_to: weight, remainder: largest, ties: practice, if_none: not_paid}
"""

MAPPING: Final = """\
mapping: acme/network@2024
tables:
  practices: {file: practices.csv, key: Practice}
  orgs: {file: orgs.csv, key: Org No}
  services: {file: services.csv, key: Org No}
  counties: {file: counties.csv, key: {region: {column: Region, reading: regions}, kind: Kind}}
  state: {file: state.csv}
  grants: {file: grants.csv}

missing: {n/a: not_reported}
readings:
  regions: {words: {N: north, S: south}}
  y_n: {words: {Y: 'yes', N: 'no'}}

columns:
  practice:
    - from: practices
      inputs: {organization_id: Org, region: {column: Region, reading: regions}, kind: Kind, visits: Visits}
  organization:
    - from: orgs
      inputs: {board: {column: Board, reading: y_n}}
  service:
    - from: services
      members: {clinic: Clinic, home: Home}
      member: Service
      inputs: {hours: Hours}
  county:
    - from: counties
      inputs: {need: {column: Need, reading: bare_percent}}
  cohort:
    - from: state
      inputs: {fund: Fund}
  domain:
    - from: state
      members: {quality: Quality, cost: Cost}
      inputs: {target: "{member} target"}
  grant:
    - from: grants
      inputs: {name: Grant, amount: Amount}
"""

FILES: Final = {
    "practices.csv": "Practice,Org,Region,Kind,Visits\nP1,A,N,urban,10\nP2,B,S,urban,20\nP3,A,N,urban,30\n",
    "orgs.csv": "Org No,Board\nA,Y\nB,N\n",
    "services.csv": "Org No,Service,Hours\nA,Clinic,5\nA,Home,6\nB,Clinic,7\nB,Home,8\n",
    "counties.csv": "Region,Kind,Need\nN,urban,50\nS,urban,25\n",
    "state.csv": 'Fund,Quality target,Cost target\n"1,000.00",80%,60%\n',
    "grants.csv": "Grant,Amount\ng1,$5\ng2,7.50\n",
}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> vbc.Program:
    path = tmp_path_factory.mktemp("network") / "network.yaml"
    path.write_text(PROGRAM)
    return vbc.load(path)


def mapping_in(folder: Path, program: vbc.Program, mapping: str = MAPPING, **files: str) -> vbc.frames.ColumnMapping:
    """Write the files, `files` in place of those of the same name, and read the mapping."""
    for name, text in {**FILES, **{f"{name}.csv": text for name, text in files.items()}}.items():
        (folder / name).write_text(text)
    path = folder / "network.mapping.yaml"
    path.write_text(mapping)
    return read_mapping(path, program.resolved)


def test_tables_of_groups_and_of_the_cohort_are_read(tmp_path: Path, network: vbc.Program) -> None:
    mapping = mapping_in(tmp_path, network)
    read = read_cohort(network.resolved, tmp_path, mapping)
    assert read.cohort == {
        "fund": "1000.00",
        "domain": {"quality": {"target": "80%"}, "cost": {"target": "60%"}},
        "grant": [{"name": "g1", "amount": "5"}, {"name": "g2", "amount": "7.50"}],
    }
    assert [one.inputs for one in read.groups["organization"]] == [
        {"organization_id": "A", "board": True, "service": {"clinic": {"hours": "5"}, "home": {"hours": "6"}}},
        {"organization_id": "B", "board": False, "service": {"clinic": {"hours": "7"}, "home": {"hours": "8"}}},
    ]
    assert [one.inputs for one in read.groups["county"]] == [
        {"region": "north", "kind": "urban", "need": "50%"},
        {"region": "south", "kind": "urban", "need": "25%"},
    ]
    found = evaluate_files(network, read)
    assert [result["reward"] for result in found] == [250, 0, 750]
    assert found.groups("organization")["A"]["hours_given"] == 11
    assert found.value("targets") == Fraction(7, 10)


def test_one_table_may_hold_the_members_of_a_group_in_its_own_row(tmp_path: Path, network: vbc.Program) -> None:
    mapping = MAPPING.replace("      member: Service\n", "").replace(
        "inputs: {hours: Hours}", 'inputs: {hours: "{member}"}'
    )
    mapping = mapping.replace("    - from: services", "    - from: orgs")
    read = mapping_in(tmp_path, network, mapping, orgs="Org No,Board,Clinic,Home\nA,Y,5,6\nB,N,7,8\n")
    found = read_cohort(network.resolved, tmp_path, read).groups["organization"]
    assert found[1].inputs["service"] == {"clinic": {"hours": "7"}, "home": {"hours": "8"}}


def test_a_run_over_mapped_tables(tmp_path: Path, network: vbc.Program) -> None:
    mapping = mapping_in(tmp_path, network)
    summary = run_cohort(network, tmp_path, mapping, tmp_path / "out.csv")
    assert summary.totals == {"reward": "1000.00"}
    with pytest.raises(UsageError, match="the mapping brings inputs of groups or of the cohort; write `run_cohort`"):
        run_program(network, tmp_path, mapping, tmp_path / "out.csv")
    with pytest.raises(UsageError, match="the cohort; write `validate_cohort`"):
        validate(network, tmp_path, mapping)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("{file: state.csv}", "{file: state.csv, key: Fund}",
         ("VBC109", 7, "`key` belongs to a table of many, and the cohort is one", "remove `key`")),
        ("{file: orgs.csv, key: Org No}", "{file: orgs.csv}",
         ("VBC102", 4, "a table needs `key`", "write `key: {organization_id: Organization id}`")),
        ("kind: Kind}}\n  state", "knd: Kind}}\n  state",
         ("VBC954", 6, "`knd` is not what `county` goes by", "write `kind`")),
        (", kind: Kind}}\n  state", "}}\n  state",
         ("VBC102", 6, "`county` goes by `kind`, too", "write its column, as in `{region: Region, kind: Kind}`")),
        ("reading: regions}, kind: Kind}}", "reading: regiosn}, kind: Kind}}",
         ("VBC954", 6, "`regiosn` is not a reading", "write `regions`")),
        ("  practices: {file: practices.csv, key: Practice}\n", "",
         ("VBC958", 3, "the first table lists every practice, and `orgs` has rows of `organization`",
          "write the table of `practice` above it")),
        ("    - from: orgs", "    - from: practices",
         ("VBC958", 20, "the table `practices` has rows of `practice`, not of `organization`",
          "declare another table for it; two tables may be of one file")),
        ("y_n}}\n  service", "y_n}}\n      published: {hours_given: Hours}\n  service",
         ("VBC958", 20, "`organization` is not of one practice, and only its figures are compared",
          "remove `published`")),
        ("inputs: {hours: Hours}", "inputs: {hors: Hours}",
         ("VBC954", 26, "`hors` is not an input of `service`", "write `hours`")),
        ("{fund: Fund}", "{fund: {column: Fund, to_the_nearest: $1}}",
         ("VBC958", 16, "the program computes all its practices together, so no input can be an interval",
          "remove `to_the_nearest` of the inputs")),
        ("{name: Grant, amount: Amount}",
         "{name: Grant, amount: Amount}\n    - from: state\n      inputs: {amount: Fund}",
         ("VBC958", 40, "the table `state` cannot have one row and several",
          "name a table with one row each first, and others for members or items")),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_table_of_groups_or_of_the_cohort_is_told_with_its_place(
    tmp_path: Path, network: vbc.Program, old: str, new: str, found: tuple[str, int, str, str]
) -> None:
    assert old in MAPPING
    with pytest.raises(RuleFileError) as caught:
        mapping_in(tmp_path, network, MAPPING.replace(old, new))
    told = [(one.code, one.span.line, one.message, one.help) for one in caught.value.diagnostics]
    assert told[0] == found


@pytest.mark.parametrize(
    ("table", "text", "found"),
    [
        ("orgs", "Org No,Board\nA,Y\nA,N\nB,N\n",
         ("VBC910", "organization", "the same organization stands in row 1 already", 2)),
        ("orgs", "Org No,Board\nA,Y\n,N\nB,N\n",
         ("VBC926", "organization.organization_id", "column `Org No` is empty; write a value, or `n/a`", 2)),
        ("orgs", "Org No,Board\nA,Y\nn/a,N\nB,N\n",
         ("VBC929", "organization.organization_id",
          "column `Org No` is what this organization goes by, and is not there; fill it in", 2)),
        ("orgs", "Org No,Board\nA,Y\nB,maybe\n",
         ("VBC925", "organization.board",
          "column `Board` is none of `Y`, `N`; write one of them, or add the word to its reading", 2)),
        ("orgs", "Org No,Board\nA,Y\n", ("VBC927", "organization",
          "this organization of services has no row in orgs; add it there, or declare `unmatched: ignore`", 3)),
        ("services", FILES["services.csv"].replace("B,Home,8\n", ""),
         ("VBC927", "service.home", "this organization has no row for it in services", 2)),
        ("services", FILES["services.csv"] + "C,Home,8\n",
         ("VBC927", "organization",
          "this organization of services has no row in orgs; add it there, or declare `unmatched: ignore`", 5)),
        ("services", FILES["services.csv"] + "B,Home,8\n",
         ("VBC910", "service.home", "the same organization has row 4 for it already", 5)),
        ("services", FILES["services.csv"].replace("B,Home", "B,Hospice"),
         ("VBC925", "service", "column `Service` names none of the members declared for it", 4)),
        ("counties", "Region,Kind,Need\nN,urban,50\nX,urban,25\n",
         ("VBC925", "county.region",
          "column `Region` is none of `N`, `S`; write one of them, or add the word to its reading", 2)),
        ("state", FILES["state.csv"] + "2,80%,60%\n",
         ("VBC910", "cohort", "row 1 is the cohort's already, and it has one; remove this row", 2)),
        ("state", "Fund,Quality target,Cost target\n1,,60%\n",
         ("VBC926", "domain.quality.target", "column `Quality target` is empty; write a value", 1)),
        ("state", "Fund,Quality target\n1,80%\n", ("VBC922", "", "state.csv has no column `Cost target`", None)),
        ("grants", "Grant,Amount\ng1,5\ng1,6\n",
         ("VBC910", "cohort.grant[2].name", "is also that of item 1; give each item its own", None)),
    ],
)  # fmt: skip
def test_what_is_wrong_with_their_data_is_told_with_its_row(
    tmp_path: Path, network: vbc.Program, table: str, text: str, found: tuple[str, str, str, int | None]
) -> None:
    mapping = mapping_in(tmp_path, network, **{table: text})
    with pytest.raises(InputError) as caught:
        run_cohort(network, tmp_path, mapping, tmp_path / "out.csv")
    told = [(one.code, one.where, one.message, one.row) for one in caught.value.problems]
    assert told[0] == found
    assert not (tmp_path / "out.csv").exists()


def test_what_the_mapping_brings_is_not_given_again(tmp_path: Path, network: vbc.Program) -> None:
    mapping = mapping_in(tmp_path, network)
    with pytest.raises(InputError) as caught:
        read_cohort(network.resolved, tmp_path, mapping, {"organization": tmp_path / "orgs.csv"})
    assert [one.message for one in caught.value.problems] == ["the mapping has tables of it; leave this file out"]
    with pytest.raises(UsageError) as twice:
        run_cohort(network, tmp_path, mapping, tmp_path / "out.csv", cohort={"fund": "5"})
    assert twice.value.message == "the cohort's input `fund` stands in the files; give it once"
