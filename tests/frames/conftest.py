"""A small program, and the oracle behind the interface that files are run through."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import pytest

from vbc_rules.errors import VbcError
from vbc_rules.frames.running import Evaluated, Runnable
from vbc_rules.language.absence import Absent
from vbc_rules.language.reading import read_document
from vbc_rules.plan.layout import NOT_GIVEN, Field, Layout, ListField, Row, make_layout
from vbc_rules.resolve.program import Program
from vbc_rules.resolve.resolver import resolve
from vbc_rules.run.oracle.evaluate import OracleTrace, evaluate
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text
from vbc_rules.source.tree import Block

SMALL: Final = """\
program: example/hospital
edition: '2024'
language: 1
title: A small program
participant: {level: hospital, identifier: public}
in_force: {from: 2024-01-01, through: 2024-12-31}
currency: USD
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
    rate: {type: percent, decimals: 4, range: 0% to 100%}
    signed: {type: yes_no}
    track: {type: category, of: [basic, enhanced]}
    joined: {type: date}
    note: {type: text, may_be: not_reported}
  measure:
    score: {type: number, decimals: 3, range: 0 to 10, may_be: not_reported}
  grant:
    name: {type: identifier}
    amount: {type: money, range: "$0 to $1,000"}
values:
  measure:
    third: {needs: score, formula: score / 3}
  hospital:
    average: {mean: score, absent: ignore}
    label: {formula: note}
payments:
  hospital:
    reward: {formula: rate of payments + sum(amount), round: 2 down}
"""


def _loads(text: str) -> Program:
    findings = Findings()
    return _resolved(read_text(text, "program.yaml", findings), findings)


def _resolved(root: Block | None, findings: Findings) -> Program:
    document = None if root is None else read_document(root, findings)
    assert document is not None, findings.all
    program = resolve(document, findings)
    assert not findings.errors, findings.all
    return program


@dataclass(frozen=True)
class Result:
    trace: OracleTrace


class _Runner:
    """Evaluates rows by the oracle; inputs are trusted to be of their types."""

    def __init__(self, program: Program) -> None:
        self.resolved = program
        self._layout = make_layout(program)

    def evaluate_many(
        self, rows: Iterable[dict[str, Any]], parameters: Mapping[str, object] | None = None
    ) -> Iterator[Evaluated | VbcError]:
        assert parameters is None
        for row in rows:
            try:
                yield Result(evaluate(self.resolved, self._layout, _row(row, self._layout)))
            except VbcError as error:
                yield error


def _row(given: Mapping[str, Any], layout: Layout) -> Row:
    cells: list[Any] = []
    for field in layout.fields:
        here: Any = given
        if field.path:
            level = field.level if isinstance(field, ListField) else field.ref.level
            here = given.get(level, {}).get(field.path[-1], {})
        if isinstance(field, ListField):
            cells.append(tuple(_row(item, field.layout) for item in given.get(field.level, [])))
        elif field.domain is None and field.ref.name != layout.level:
            cells.append(NOT_GIVEN)
        else:
            cells.append(_cell(here.get(field.ref.name, NOT_GIVEN), field))
    return tuple(cells)


def _cell(value: object, field: Field) -> object:
    if isinstance(value, Absent | bool):
        return value
    if isinstance(value, datetime.date):
        return value.toordinal()
    if field.type.is_numeric and isinstance(value, str | Decimal):
        text = str(value)
        exact = Fraction(text.rstrip("%")) / (100 if text.endswith("%") else 1) * 10**field.scale
        assert exact.denominator == 1
        return exact.numerator
    return value


@pytest.fixture(scope="session")
def load() -> Callable[[str], Program]:
    return _loads


@pytest.fixture(scope="session")
def small() -> Program:
    return _loads(SMALL)


@pytest.fixture(scope="session")
def runner(small: Program) -> Runnable:
    return _Runner(small)


@pytest.fixture(scope="session")
def runner_of() -> Callable[[Program], Runnable]:
    return _Runner
