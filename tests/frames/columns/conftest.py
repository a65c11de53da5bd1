"""A program with every type of input, its data as files, and the same data as tables of each library."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

import vbc_rules as vbc

NEEDED: Final = ("narwhals", "numpy", "pandas", "polars", "pyarrow")

collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in NEEDED) else ["test_*.py"]

EVERY_TYPE: Final = """\
program: example/columns
edition: '2024'
language: 1
title: Every type of input
participant: {level: hospital, identifier: public}
in_force: {from: 2024-01-01, through: 2024-12-31}
currency: USD
sources:
  guide: {title: Program guide}
levels:
  measure:
    in: hospital
    parameters: {weight: percent}
    members:
      hai_1: {weight: 50%, illustrative: yes}
      hai_2: {weight: 50%, illustrative: yes}
  grant: {in: hospital, list: yes, key: name, at_most: 3}
inputs:
  hospital:
    payments: {type: money, range: "$0 to $1,000,000"}
    rate: {type: percent, decimals: 2, range: 0% to 100%}
    beds: {type: count, range: 0 to 5000, may_be: [not_reported, excluded]}
    signed: {type: yes_no}
    track: {type: category, of: [basic, enhanced]}
    joined: {type: date, range: 2000-01-01 to 2024-12-31}
    note: {type: text, may_be: not_reported}
    extra: {type: number, decimals: 1, range: -10 to 10, only_if: signed, otherwise: not_applicable}
  measure:
    score: {type: number, decimals: 3, range: 0 to 10, may_be: not_reported}
  grant:
    name: {type: identifier}
    amount: {type: money, range: "$0 to $1,000"}
values:
  measure:
    weighted: {needs: score, formula: score * weight}
  hospital:
    total: {sum: weighted, absent: ignore, source: guide p. 1}
    third: {formula: total / 3, source: guide p. 1}
    label: {formula: note}
    since: {formula: joined}
    early: {formula: joined < 2020-01-01, source: guide p. 2}
    added: {formula: extra}
    size: {formula: beds}
    kind: {formula: track}
gates:
  hospital:
    has_signed: {require: signed, otherwise: not_in_program}
payments:
  hospital:
    reward: {formula: (rate of payments) + sum(amount), round: 2 down}
"""

ONE_TABLE: Final = (
    EVERY_TYPE.replace("  grant: {in: hospital, list: yes, key: name, at_most: 3}\n", "")
    .replace("""  grant:
    name: {type: identifier}
    amount: {type: money, range: "$0 to $1,000"}
""", "")
    .replace("(rate of payments) + sum(amount)", "rate of payments")
)  # fmt: skip
"""Every type of input, in one table."""

ALONE: Final = """\
program: example/alone
edition: '2024'
language: 1
title: One row each
participant: {level: hospital, identifier: public}
in_force: {from: 2024-01-01, through: 2024-12-31}
currency: USD
inputs:
  hospital:
    payments: {type: money, range: "$0 to $1,000,000"}
    share: {type: percent, decimals: 2, range: 0% to 100%, may_be: not_reported}
    cases: {type: count, range: 0 to 1000}
    kept: {type: count, range: 0 to 1000}
expected:
  hospital:
    - kept <= cases
values:
  hospital:
    part: {needs: share, formula: share}
payments:
  hospital:
    reward: {needs: share, formula: share of payments, round: 2 half_up, absent: pays_nothing}
"""

COHORT: Final = """\
program: example/ranked
edition: '2024'
language: 1
title: Ranked
participant: {level: hospital, identifier: public}
in_force: {from: 2024-01-01, through: 2024-12-31}
inputs:
  hospital:
    score: {type: points, range: 0 to 100}
values:
  hospital:
    place: {rank: score, within: cohort, better: higher, ties: competition}
"""


def load_text(folder: Path, text: str) -> vbc.Program:
    """Load a program from text; it is `program.yaml` in a folder."""
    path = folder / "program.yaml"
    path.write_text(text)
    return vbc.load(path)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> vbc.Program:
    return load_text(tmp_path_factory.mktemp("every"), EVERY_TYPE)


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> vbc.Program:
    return load_text(tmp_path_factory.mktemp("alone"), ALONE)


@pytest.fixture(scope="session")
def one_table(tmp_path_factory: pytest.TempPathFactory) -> vbc.Program:
    """Load a program with every type of input, in one table."""
    return load_text(tmp_path_factory.mktemp("one_table"), ONE_TABLE)


@pytest.fixture(scope="session")
def private(tmp_path_factory: pytest.TempPathFactory) -> vbc.Program:
    """Load the program `alone` with identifiers that must not be shown."""
    text = ALONE.replace("{level: hospital, identifier: public}", "hospital")
    return load_text(tmp_path_factory.mktemp("private"), text)


@pytest.fixture(scope="session")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> vbc.Program:
    return load_text(tmp_path_factory.mktemp("ranked"), COHORT)


def _made(kind: str) -> Callable[[Mapping[str, Any]], Any]:
    import pandas
    import polars
    import pyarrow

    tables: dict[str, Callable[[Mapping[str, Any]], Any]] = {
        "pandas": pandas.DataFrame,
        "polars": polars.DataFrame,
        "pyarrow": pyarrow.table,
    }
    return tables[kind]


@pytest.fixture(params=["pandas", "polars", "pyarrow"])
def make(request: pytest.FixtureRequest) -> Callable[[Mapping[str, Any]], Any]:
    """Make a table of each library from columns."""
    return _made(request.param)
