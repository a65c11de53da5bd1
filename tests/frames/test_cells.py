from __future__ import annotations

import datetime
from fractions import Fraction

import pytest

from vbc_rules.frames.cells import CellError, CellValue, default_reading, exact, make_reader
from vbc_rules.frames.mapping import Field, Form, Reading
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import DATE, IDENTIFIER, MONEY, NUMBER, PERCENT, POINTS, TEXT, YES_NO, Type
from vbc_rules.resolve.expressions import Ref

TRACK = Type("category", ("basic", "enhanced"))


def read(text: str, type: Type, reading: Reading | None = None) -> CellValue | None:
    missing = {"Not Available": Absent("not_reported")}
    return make_reader(Field("input", Ref("a", "b"), None, "B", type, reading or default_reading(type), missing))(text)


def refusal(text: str, type: Type, reading: Reading | None = None) -> str:
    with pytest.raises(CellError) as caught:
        read(text, type, reading)
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "type", "form", "found"),
    [
        ("1,234.50", NUMBER, "decimal", "1234.50"),
        ("  -0.10 ", NUMBER, "decimal", "-0.10"),
        (".5", NUMBER, "decimal", "0.5"),
        ("007", NUMBER, "decimal", "007"),
        ("$1,234.50", MONEY, "decimal", "1234.50"),
        ("-$5", MONEY, "decimal", "-5"),
        ("77.4970%", PERCENT, "percent", "77.4970%"),
        ("0.774970", PERCENT, "fraction", "77.4970%"),
        ("5", PERCENT, "bare_percent", "5%"),
        ("77.4970%", NUMBER, "percent_as_number", "77.4970"),
        ("77.4970%", NUMBER, "percent_as_fraction", "0.774970"),
        ("-5%", NUMBER, "percent_as_fraction", "-0.05"),
        ("12345", MONEY, "hundredths", "123.45"),
        ("-5", MONEY, "hundredths", "-0.05"),
        ("12,345", NUMBER, "thousandths", "12.345"),
        ("7", POINTS, "tenths", "0.7"),
        ("725", PERCENT, "ten_thousandths", "7.25%"),
        ("5", PERCENT, "hundredths", "5%"),
        ("5", PERCENT, "tenths", "50%"),
        ("1", NUMBER, "hundred_thousandths", "0.00001"),
        ("1000000", NUMBER, "millionths", "1.000000"),
        (" 01 ", TEXT, "text", " 01 "),
        ("010001", IDENTIFIER, "text", "010001"),
        ("basic", TRACK, "word", "basic"),
        ("yes", YES_NO, "word", True),
        ("Not Available", NUMBER, "decimal", Absent("not_reported")),
    ],
)
def test_a_cell_is_read_exactly(text: str, type: Type, form: Form, found: CellValue) -> None:
    assert read(text, type, Reading(form)) == found


def test_more_digits_than_any_decimal_context_holds_are_kept() -> None:
    digits = "0." + "1" * 60
    assert read(digits + "%", NUMBER, Reading("percent_as_fraction")) == "0.00" + "1" * 60


def test_readings_with_parameters() -> None:
    assert read("7 out of 10", POINTS, Reading("out_of", whole=10)) == "7"
    assert read("01/31/2024", DATE, Reading("date", layout="MM/DD/YYYY")) == datetime.date(2024, 1, 31)
    assert read("1.2.2024", DATE, Reading("date", layout="D.M.YYYY")) == datetime.date(2024, 2, 1)
    assert read("2024-01-31", DATE) == datetime.date(2024, 1, 31)
    assert read("A", TRACK, Reading("words", words={"A": "basic"})) == "basic"
    assert read("N", YES_NO, Reading("words", words={"Y": "yes", "N": "no"})) is False


NOT_A_NUMBER = "is not a number; write digits with a decimal point, as in `1,234.50`"
NO_WHOLE = "is no whole number, as its reading `hundredths` says; write it without a point"
SIGN_OF_PARTS = (
    "has a percent sign where its reading is `tenths`; write it without the sign, or declare `reading: percent`"
)
NO_SIGN = "has no percent sign; write it as in `77.5%`, or declare another reading in a mapping file"
A_WORD = "is a word where a number is declared; write a number, or declare the word under `missing` in a mapping file"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1e400", "is written with an exponent; write all its digits"),
        ("1.5E3", "is written with an exponent; write all its digits"),
        ("NaN", "is not a finite number; write a number, or declare the word under `missing` in a mapping file"),
        ("-Infinity", "is not a finite number; write a number, or declare the word under `missing` in a mapping file"),
        ("\u0661\u0662", "has digits other than 0 to 9"),
        ("\uff11", "has digits other than 0 to 9"),
        ("5%", "is a percent where a number is declared; declare its reading, as in `reading: percent_as_number`"),
        ("$5", NOT_A_NUMBER),
        ("1,23.4", NOT_A_NUMBER),
        ("1.234,50", NOT_A_NUMBER),
        ("+5", NOT_A_NUMBER),
        ("5.", NOT_A_NUMBER),
        (".", NOT_A_NUMBER),
        ("-", NOT_A_NUMBER),
        ("(5)", NOT_A_NUMBER),
        ("1_000", NOT_A_NUMBER),
        ("0x10", NOT_A_NUMBER),
        ("5\n", NOT_A_NUMBER),
        ("", "is empty; write a value, or `Not Available`"),
        ("   ", "is empty; write a value, or `Not Available`"),
        ("not available", A_WORD),
        ("n/a", A_WORD),
        ("1" * 101, "has more than 100 digits"),
    ],
)
def test_what_is_no_number_is_refused_without_being_repeated(text: str, message: str) -> None:
    assert refusal(text, NUMBER) == message


@pytest.mark.parametrize(
    ("text", "type", "reading", "message"),
    [
        ("5", PERCENT, None, NO_SIGN),
        ("7 of 10", POINTS, Reading("out_of", whole=10), "is not written as in `7 out of 10`"),
        ("7 out of 9", POINTS, Reading("out_of", whole=10), "is out of another number than 10"),
        ("1.5", MONEY, Reading("hundredths"), NO_WHOLE),
        ("5%", PERCENT, Reading("tenths"), SIGN_OF_PARTS),
        ("11 out of 10", POINTS, Reading("out_of", whole=10), "is more than 10"),
        ("2024-1-31", DATE, None, "is not a date written as YYYY-MM-DD"),
        ("2024-02-30", DATE, None, "is not a day of the calendar"),
        ("Yes", YES_NO, None, "is none of `yes`, `no`; write one of them"),
        (
            "B",
            TRACK,
            Reading("words", words={"A": "basic"}),
            "is none of `A`; write one of them, or add the word to its reading",
        ),
        ("5%", MONEY, None, "is a percent where a money is declared; write it without the sign"),
        (
            "5%",
            PERCENT,
            Reading("bare_percent"),
            ("has a percent sign where its reading is `bare_percent`; "
            "write it without the sign, or declare `reading: percent`"),
        ),
        (
            "5%",
            PERCENT,
            Reading("fraction"),
            ("has a percent sign where its reading is `fraction`; "
            "write it without the sign, or declare `reading: percent`"),
        ),
        ("a\u202eb", TEXT, None, "has characters that cannot be seen"),
    ],
)  # fmt: skip
def test_what_does_not_fit_its_reading_is_refused(text: str, type: Type, reading: Reading | None, message: str) -> None:
    assert refusal(text, type, reading) == message


def test_an_empty_cell_is_told_only_the_words_that_its_input_permits() -> None:
    words = {"N/A": Absent("not_reported"), "New": Absent("too_new")}
    field = Field("input", Ref("a", "b"), None, "B", NUMBER, Reading("decimal"), words, absences=frozenset({"too_new"}))
    with pytest.raises(CellError, match="is empty; write a value, or `New`"):
        make_reader(field)("")
    none = Field("input", Ref("a", "b"), None, "B", NUMBER, Reading("decimal"), words, absences=())
    with pytest.raises(CellError, match="is empty; write a value'"):
        make_reader(none)("")


def test_an_empty_cell_may_mean_an_absence_or_nothing_given() -> None:
    field = Field("input", Ref("a", "b"), None, "B", NUMBER, Reading("decimal"), {"": Absent("not_reported")})
    assert make_reader(field)(" ") is Absent("not_reported")
    left_out = Field("input", Ref("a", "b"), None, "B", NUMBER, Reading("decimal"), {}, may_be_left_out=True)
    assert make_reader(left_out)("") is None


def test_the_exact_value_of_a_cell() -> None:
    assert exact("38.33", NUMBER) == Fraction(3833, 100)
    assert exact("5.25%", PERCENT) == Fraction(21, 400)
    assert exact("010001", IDENTIFIER) == "010001"
    assert exact(Absent("not_reported"), NUMBER) is Absent("not_reported")
