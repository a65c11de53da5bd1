"""What a caller gives for one participant, and the row it becomes. Problems are in test_reading_problems.py."""

from __future__ import annotations

import datetime
import linecache
from collections import OrderedDict
from collections.abc import Mapping
from decimal import Decimal, getcontext, localcontext
from fractions import Fraction
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_rules.errors import InputError
from vbc_rules.language.absence import Absent
from vbc_rules.language.reading import read_document
from vbc_rules.plan.layout import NOT_GIVEN, Cell, Field, make_layout
from vbc_rules.resolve.program import Program
from vbc_rules.resolve.resolver import resolve
from vbc_rules.run.reading import Floats, Reader, compile_reader
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

RULES = """\
program: test/reading
edition: "2024"
language: 1
title: A program with every kind of input
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}

parameters:
  rate: {type: percent, decimals: 2, is: required}

levels:
  domain:
    in: hospital
    members: {safety: {title: Safety}, cost: {title: Cost}}
  measure:
    in: domain
    members: {hai_1: {in: safety}, hai_5: {in: safety}, mspb: {in: cost}}
  case: {in: measure, list: yes, at_most: 2}
  cqi_taken_part: {in: hospital, list: yes, key: name, at_most: 3}

inputs:
  cohort:
    statewide_mean: {type: number, decimals: 2, range: 0 to 10}
  hospital:
    payments: {type: money, range: "$0 to $1,000,000,000"}
    beds: {type: count}
    share: {type: percent, decimals: 4, range: 0% to 100%, may_be: not_reported}
    change: {type: number, decimals: 3, range: -5 to 5}
    signed: {type: yes_no}
    peer_group: {type: category, of: [pg1, pg2, pg5]}
    signed_on: {type: date, range: 2023-01-01 to 2024-12-31}
    note: {type: text, may_be: [not_reported, not_applicable]}
    psychiatric_days: {type: count, only_if: peer_group = pg5, otherwise: not_applicable}
  domain:
    reported: {type: yes_no}
  measure:
    performance: {type: number, decimals: 6, range: 0 to 10, may_be: not_reported}
  case:
    days: {type: count}
  cqi_taken_part:
    name: {type: identifier}
    index: {type: percent, decimals: 2, range: 0% to 100%, may_be: [declined, too_new]}

values:
  hospital:
    basis: {formula: rate of payments, round: 2 down}

payments:
  hospital:
    paid: {formula: basis}
"""


def program(text: str = RULES) -> Program:
    findings = Findings()
    tree = read_text(text, "rules.yaml", findings)
    document = read_document(tree, findings) if tree is not None else None
    assert document is not None, findings.all
    found = resolve(document, findings)
    assert not findings.errors, findings.errors
    return found


PROGRAM = program()
LAYOUT = make_layout(PROGRAM)
READER = compile_reader(LAYOUT, PROGRAM)
COHORT: Mapping[str, object] = {"statewide_mean": "5.25"}
PARAMETERS: Mapping[str, object] = {"rate": "5%"}


def inputs(**changes: object) -> dict[str, object]:
    return {
        "hospital": "010001",
        "payments": Decimal("1234567.89"),
        "beds": 120,
        "share": Decimal("0.774970"),
        "change": Decimal("-1.5"),
        "signed": True,
        "peer_group": "pg1",
        "signed_on": datetime.date(2024, 1, 31),
        "note": "as attested",
        "domain": {"safety": {"reported": True}, "cost": {"reported": False}},
        "measure": {
            "hai_1": {"performance": Decimal("0.869247"), "case": [{"days": 3}, {"days": 4}]},
            "hai_5": {"performance": Absent("not_reported"), "case": []},
            "mspb": {"performance": 1, "case": [{"days": 5}]},
        },
        "cqi_taken_part": [
            {"name": "stroke", "index": Decimal("0.9")},
            {"name": "sepsis", "index": Absent("too_new")},
        ],
        **changes,
    }


def read(given: Mapping[str, object], reader: Reader = READER) -> dict[str, Cell]:
    """Return the row by dotted path."""
    row = reader.read(given, cohort=COHORT, parameters=PARAMETERS)
    assert len(row) == len(LAYOUT.fields)
    return {
        ".".join(str(part) for part in (*f.path, f.ref.name if isinstance(f, Field) else f.level)): cell
        for f, cell in zip(LAYOUT.fields, row, strict=True)
    }


def test_a_row_holds_scaled_whole_numbers_words_days_absences_and_rows_of_lists() -> None:
    assert read(inputs()) == {
        "hospital": "010001",
        "rate": 500,
        "statewide_mean": 525,
        "payments": 123456789,
        "beds": 120,
        "share": 774970,
        "change": -1500,
        "signed": True,
        "peer_group": "pg1",
        "signed_on": datetime.date(2024, 1, 31).toordinal(),
        "note": "as attested",
        "psychiatric_days": NOT_GIVEN,
        "safety.reported": True,
        "cost.reported": False,
        "safety.hai_1.performance": 869247,
        "safety.hai_5.performance": Absent("not_reported"),
        "cost.mspb.performance": 1000000,
        "safety.hai_1.case": ((3,), (4,)),
        "safety.hai_5.case": (),
        "cost.mspb.case": ((5,),),
        "cqi_taken_part": (("stroke", 9000), ("sepsis", Absent("too_new"))),
    }


@pytest.mark.parametrize(
    ("name", "value", "cell"),
    [
        ("payments", 1000, 100000),
        ("payments", "1234.50", 123450),
        ("payments", "1,234.50", 123450),
        ("payments", "$1,234.50", 123450),
        ("payments", "$1234.5", 123450),
        ("payments", "1234.500000", 123450),
        ("payments", Decimal("1234.5000000"), 123450),
        ("payments", Decimal("1E+3"), 100000),
        ("payments", Decimal("-0.00"), 0),
        ("payments", "-0", 0),
        ("payments", Fraction(1, 4), 25),
        ("payments", ".25", 25),
        ("beds", "1,200", 1200),
        ("beds", Decimal("3.000"), 3),
        ("change", "-4.999", -4999),
        ("change", Fraction(-1, 8), -125),
        ("share", "77.4970%", 774970),
        ("share", "0%", 0),
        ("share", "100.00000%", 1000000),
        ("share", Decimal("0.05"), 50000),
        ("share", Fraction(1, 20), 50000),
        ("share", 0, 0),
        ("share", {"absent": "not_reported"}, Absent("not_reported")),
        ("signed", "yes", True),
        ("signed", "no", False),
        ("signed_on", "2024-02-29", datetime.date(2024, 2, 29).toordinal()),
        ("note", "Café, 2nd floor", "Café, 2nd floor"),
        ("note", "", ""),
        ("note", "x" * 200, "x" * 200),
        ("note", {"absent": "not_applicable"}, Absent("not_applicable")),
        ("psychiatric_days", 7, 7),
        ("psychiatric_days", Absent("not_applicable"), Absent("not_applicable")),
        ("psychiatric_days", {"absent": "not_applicable"}, Absent("not_applicable")),
    ],
)
def test_each_accepted_form_is_read_exactly(name: str, value: object, cell: Cell) -> None:
    found = read(inputs(**{name: value}))[name]
    assert (found, type(found)) == (cell, type(cell))


def test_the_identifier_may_be_left_out_of_one_evaluation() -> None:
    given = inputs()
    del given["hospital"]
    assert read(given)["hospital"] == ""


def test_any_mapping_and_any_sequence_will_do() -> None:
    frozen = MappingProxyType(OrderedDict(inputs(cqi_taken_part=({"name": "a", "index": "1%"},))))
    assert read(frozen)["cqi_taken_part"] == (("a", 100),)


def test_a_precision_set_by_the_caller_neither_rounds_nor_is_changed() -> None:
    with localcontext() as context:
        context.prec = 3
        assert read(inputs())["payments"] == 123456789
        assert read(inputs(payments="123456789.12"))["payments"] == 12345678912
        assert getcontext() is context
        assert context.prec == 3


def shortest() -> Reader:
    floats: Floats = "shortest"
    return compile_reader(LAYOUT, PROGRAM, floats=floats)


@pytest.mark.parametrize(
    ("name", "value", "cell"),
    [("payments", 0.1, 10), ("payments", 1234567.89, 123456789), ("share", 0.05, 50000), ("beds", 3.0, 3)],
)
def test_a_float_is_taken_by_its_shortest_text_where_asked(name: str, value: float, cell: int) -> None:
    assert read(inputs(**{name: value}), shortest())[name] == cell


def test_the_generated_function_is_in_tracebacks_and_the_same_each_time() -> None:
    again = compile_reader(LAYOUT, PROGRAM)
    assert again.source == READER.source
    assert READER.source.splitlines(keepends=True) in [entry[2] for entry in linecache.cache.values() if len(entry) > 2]


QUANTITIES = st.decimals(-10, 10, allow_nan=False, allow_infinity=False) | st.integers(-10, 10) | st.fractions(-10, 10)


@given(QUANTITIES)
def test_a_quantity_is_read_exactly_or_refused(value: Decimal | int | Fraction) -> None:
    exact = Fraction(value)
    fits = -5 <= exact <= 5 and (exact * 1000).denominator == 1
    if fits:
        assert Fraction(int(str(read(inputs(change=value))["change"])), 1000) == exact
    else:
        with pytest.raises(InputError):
            read(inputs(change=value))


@given(st.integers(-5000, 5000), st.integers(0, 5))
def test_text_and_decimal_are_read_alike(thousandths: int, zeros: int) -> None:
    written = f"{Decimal(thousandths).scaleb(-3):f}" + "0" * zeros
    assert read(inputs(change=written))["change"] == thousandths == read(inputs(change=Decimal(written)))["change"]
