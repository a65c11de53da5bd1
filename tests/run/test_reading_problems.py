"""What cannot be taken, and what is said about it. The program is that of test_reading.py."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.run.test_reading import COHORT, LAYOUT, PARAMETERS, PROGRAM, READER, RULES, inputs, program
from vbc_rules.errors import InputError, InputProblem
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import make_layout
from vbc_rules.run.reading import Reader, compile_reader


def problems(given: object, reader: Reader = READER, row: int | None = None) -> list[tuple[str, str, str]]:
    with pytest.raises(InputError) as caught:
        reader.read(given, cohort=COHORT, parameters=PARAMETERS, row=row)  # type: ignore[arg-type]
    assert {problem.row for problem in caught.value.problems} == {row}
    return [(str(problem.code), problem.where, problem.message) for problem in caught.value.problems]


NAMES = (
    "write `hospital`, `payments`, `beds`, `share`, `change`, `signed`, `peer_group`, `signed_on`, `note`, "
    "`psychiatric_days`, `cqi_taken_part`, `domain` and 1 more"
)
MISPLACED: dict[object, object] = {**dict(inputs().items()), 7: 1, "Jane Q Public": 2}
SHARE = "text such as `77.5%`, or a Decimal fraction such as Decimal('0.775')"


@pytest.mark.parametrize(
    ("name", "value", "code", "message"),
    [
        (
            "payments", 1234.5, "VBC904",
            "is a binary float, which cannot carry exact digits; pass Decimal or text, or load with floats='shortest'",
        ),
        ("payments", True, "VBC903", "is yes or no where a money is declared; pass Decimal or text"),
        ("payments", Decimal("NaN"), "VBC903", "is not a finite number; pass Decimal or text"),
        ("payments", Decimal("sNaN"), "VBC903", "is not a finite number; pass Decimal or text"),
        ("payments", Decimal("Infinity"), "VBC903", "is not a finite number; pass Decimal or text"),
        ("payments", "nan", "VBC903", "is not a finite number; pass Decimal or text"),
        ("payments", "1e6", "VBC903", "is written with an exponent; write all its digits"),
        ("payments", "١٢", "VBC903", "has digits other than 0 to 9; write plain digits"),
        ("payments", "", "VBC903", "is empty; pass Decimal or text, or its absence"),
        *(
            (
                "payments", text, "VBC903",
                "is not a number written plainly; write digits with a decimal point, as in `1,234.50`",
            )
            for text in ("12,34", "1_000", " 1", "1.", "+1", "--1", "abc", "1\n")
        ),
        (
            "payments", "5%", "VBC903",
            "is a percent where none is declared; leave out `%` only if the number means the same",
        ),
        ("payments", b"12", "VBC903", "is not a money; pass Decimal or text"),
        ("payments", [], "VBC903", "is not a money; pass Decimal or text"),
        ("payments", {}, "VBC903", "is one value; write it alone"),
        ("payments", None, "VBC901", "is empty (None); write its value"),
        ("share", None, "VBC901", 'is empty (None); write its value, or its absence {"absent": "not_reported"}'),
        (
            "share", float("nan"), "VBC901",
            (
                "is blank (NaN or NaT, as tables hold for an empty cell); write its value, or its absence "
                '{"absent": "not_reported"}'
            ),
        ),
        (
            "share", "not_reported", "VBC908",
            'is the word of an absence; write its absence {"absent": "not_reported"}',
        ),
        ("payments", Absent("not_reported"), "VBC908", "cannot be absent; give its value"),
        ("payments", Decimal("0.001"), "VBC905", "has more decimals than declared; write at most 2"),
        ("payments", "1.234", "VBC905", "has more decimals than declared; write at most 2"),
        ("payments", Fraction(1, 3), "VBC905", "has more decimals than declared; write at most 2"),
        ("payments", Decimal("1E-999999"), "VBC905", "has more decimals than declared; write at most 2"),
        *(
            ("payments", huge, "VBC906", "is out of range; write $0 to $1,000,000,000")
            for huge in (
                -1, "1000000000.01", Decimal("1e400"), Decimal("1E+999999"), 10**5000, Fraction(10**500), "9" * 100,
            )
        ),
        ("payments", "9" * 201, "VBC903", "has more than 100 digits; write fewer"),
        ("beds", "1.5", "VBC905", "has decimals; write a whole number"),
        ("beds", "$5", "VBC903", "has a dollar sign where no money is declared; leave it out"),
        ("change", Decimal("5.001"), "VBC906", "is out of range; write -5 to 5"),
        ("share", 1, "VBC903", f"is a whole number where a percent is declared; pass {SHARE}"),
        ("share", "0.05", "VBC903", "has no percent sign; write it as in `77.5%`"),
        ("share", "100.1%", "VBC906", "is out of range; write 0% to 100%"),
        ("share", Decimal(5), "VBC906", "is out of range; write 0% to 100%"),
        ("share", "1.00001%", "VBC905", "has more decimals than declared; write at most 4"),
        (
            "share", Absent("excluded"), "VBC908",
            "cannot be absent for this reason; write one of `not_reported`",
        ),
        (
            "share", {"absent": 5}, "VBC903",
            'is one value; write it alone, or its absence {"absent": "not_reported"}',
        ),
        ("signed", "NO", "VBC903", "is neither yes nor no; pass True, False, `yes` or `no`"),
        ("signed", 1, "VBC903", "is neither yes nor no; pass True, False, `yes` or `no`"),
        ("peer_group", "pg9", "VBC907", "is none of its words; write one of `pg1`, `pg2`, `pg5`"),
        ("peer_group", ["pg1"], "VBC907", "is none of its words; write one of `pg1`, `pg2`, `pg5`"),
        (
            "signed_on", datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC), "VBC903",
            "is a date with a time of day; pass the date alone, `.date()`",
        ),
        ("signed_on", "20240101", "VBC903", "is not a date; write it as YYYY-MM-DD"),
        ("signed_on", "2023-02-29", "VBC903", "is not a day of the calendar"),
        ("signed_on", 20240101, "VBC903", "is not a date; pass a date, or text as YYYY-MM-DD"),
        (
            "signed_on", "2022-12-31", "VBC906",
            "is out of range; write a date not before 2023-01-01 and not after 2024-12-31",
        ),
        ("note", "a\x00b", "VBC903", "has control characters; leave them out"),
        ("note", "x" * 201, "VBC906", "is longer than 200 characters; write a shorter text"),
        ("note", 12, "VBC903", "is not text; write the text as text, with its leading zeros"),
        (
            "note", None, "VBC901",
            (
                "is empty (None); write its value, or its absence "
                '{"absent": "not_reported"} or {"absent": "not_applicable"}'
            ),
        ),
        ("hospital", 10001, "VBC903", "is not text; write the identifier as text, with its leading zeros"),
        ("hospital", "", "VBC903", "is empty; write the identifier"),
        (
            "psychiatric_days", None, "VBC901",
            'is empty (None); write its value, or its absence {"absent": "not_applicable"}',
        ),
        (
            "psychiatric_days", Absent("not_given"), "VBC908",
            "cannot be absent for this reason; write one of `not_applicable`",
        ),
    ],
    ids=map(str, range(66)),
)  # fmt: skip
def test_a_value_that_cannot_be_taken(name: str, value: object, code: str, message: str) -> None:
    assert problems(inputs(**{name: value}), row=7) == [(code, name, message)]


def without(name: str) -> dict[str, object]:
    return {key: value for key, value in inputs().items() if key != name}


def measures(**changes: object) -> dict[str, object]:
    usual = inputs()["measure"]
    assert isinstance(usual, dict)
    return inputs(measure={**usual, **changes})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (without("payments"), [("VBC901", "payments", "not given; write its value")]),
        (
            without("share"),
            [("VBC901", "share", 'not given; write its value, or its absence {"absent": "not_reported"}')],
        ),
        (
            without("measure"),
            [("VBC901", "measure", "not given; needs names with their values; write `hai_1`, `hai_5`, `mspb`")],
        ),
        (
            without("cqi_taken_part"),
            [("VBC901", "cqi_taken_part", "not given; write its items in a list, or [] where there are none")],
        ),
        (
            {**without("payments"), "paymnets": 5},
            [
                ("VBC902", "paymnets", "there is no such input; write `payments`"),
                ("VBC901", "payments", "not given; write its value"),
            ],
        ),
        (
            measures(hai_9={}),
            [("VBC902", "measure.hai_9", "there is no such measure; write `hai_1`")],
        ),
        (
            measures(hai_5={"perfomance": "1", "case": []}),
            [
                ("VBC902", "measure.hai_5.perfomance", "there is no such input; write `performance`"),
                (
                    "VBC901", "measure.hai_5.performance",
                    'not given; write its value, or its absence {"absent": "not_reported"}',
                ),
            ],
        ),
        (
            measures(hai_5=[]),
            [("VBC903", "measure.hai_5", "needs names with their values; write `performance`, `case`")],
        ),
        (
            measures(hai_5={"performance": 11, "case": [{"days": 1}, {"days": -1}]}),
            [
                ("VBC906", "measure.hai_5.performance", "is out of range; write 0 to 10"),
                ("VBC906", "measure.hai_5.case[2].days", "is out of range; write 0 to 999,999,999"),
            ],
        ),
        (
            measures(hai_5={"performance": 1, "case": [{"days": 1}] * 3}),
            [("VBC911", "measure.hai_5.case", "has 3 items where at most 2 are declared; leave some out")],
        ),
        (
            inputs(cqi_taken_part={"stroke": {"index": "5%"}}),
            [("VBC903", "cqi_taken_part", "is a list; write its items in a list, each with its names")],
        ),
        (
            inputs(cqi_taken_part=["stroke"]),
            [("VBC903", "cqi_taken_part[1]", "needs names with their values; write `name`, `index`")],
        ),
        (
            inputs(cqi_taken_part=[{"name": "stroke", "index": "5%"}, {"name": "stroke", "index": "6%"}]),
            [("VBC910", "cqi_taken_part[2].name", "is also that of item 1; give each item its own")],
        ),
        (
            MISPLACED,
            [
                ("VBC902", "", f"entry 13 has a name that the program does not have; {NAMES}"),
                ("VBC902", "", f"entry 14 has a name that the program does not have; {NAMES}"),
            ],
        ),
        ([], [("VBC903", "", f"needs names with their values; {NAMES}")]),
    ],
)  # fmt: skip
def test_what_is_nested_wrongly_missing_or_unknown(given: object, expected: list[tuple[str, str, str]]) -> None:
    assert problems(given) == expected


def test_required_parameters_and_the_cohorts_inputs_are_checked_with_the_rest() -> None:
    with pytest.raises(InputError) as caught:
        READER.read(inputs(beds=-1), cohort={"statewide_mean": "5.251"}, parameters={"rte": "5%"})
    assert caught.value.problems == (
        InputProblem("VBC902", "rte", "there is no such required parameter; write `rate`"),
        InputProblem("VBC901", "rate", "not given; pass this required parameter in `parameters`"),
        InputProblem("VBC905", "cohort.statewide_mean", "has more decimals than declared; write at most 2"),
        InputProblem("VBC906", "beds", "is out of range; write 0 to 999,999,999"),
    )
    with pytest.raises(InputError) as caught:
        READER.read(inputs())
    assert [problem.where for problem in caught.value.problems] == ["rate", "cohort.statewide_mean"]


def test_whose_problem_it_is_shows_only_where_identifiers_are_public() -> None:
    public = program(RULES.replace("participant: hospital", "participant: {level: hospital, identifier: public}"))
    reader = compile_reader(make_layout(public), public)
    assert problems(inputs(beds=-1), reader) == [
        ("VBC906", "beds", "is out of range; write 0 to 999,999,999 (hospital 010001)")
    ]
    assert "010001" not in str(problems(inputs(beds=-1)))


SECRETS: Mapping[str, object] = {"payments": "SECRET", "peer_group": "SECRET", "signed_on": "SECRET", "beds": "SECRET"}


def test_no_value_is_ever_told() -> None:
    given = inputs(**SECRETS, measure={"SECRET": 1}, cqi_taken_part=[{"name": ["SECRET"], "SECRET": "SECRET"}])
    with pytest.raises(InputError) as caught:
        READER.read(given, cohort=COHORT, parameters=PARAMETERS)
    assert "SECRET" not in f"{caught.value} {caught.value!r} {caught.value.to_dict()}"
    assert caught.value.__context__ is None


def test_a_float_of_too_many_digits_is_refused_even_where_floats_are_taken() -> None:
    reader = compile_reader(LAYOUT, PROGRAM, floats="shortest")
    message = "is a binary float with more than 15 significant digits; pass Decimal or text"
    assert problems(inputs(change=0.1 + 0.2), reader) == [("VBC904", "change", message)]
    assert problems(inputs(change=float("nan")), reader) == [
        ("VBC901", "change", "is blank (NaN or NaT, as tables hold for an empty cell); write its value")
    ]
