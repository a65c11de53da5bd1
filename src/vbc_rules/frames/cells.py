"""One cell's text to a value, exactly, or the reason why not; the reason never repeats the text."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias

from vbc_rules.frames import codes
from vbc_rules.frames.mapping import PARTS, Field, Reading
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import Type
from vbc_rules.resolve.expressions import Datum

CellValue: TypeAlias = str | bool | datetime.date | Absent
"""What a cell becomes: quantities stay text (`1234.50`, `77.4970%`), so nothing is lost on the way."""

MAX_DIGITS: Final = 100

_NUMBER = re.compile(r"(-?)(\$?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.([0-9]+))?")
_OUT_OF = re.compile(r"([0-9]{1,9}) out of ([0-9]{1,9})")
_EXPONENT = re.compile(r"[+-]?[0-9.,]+[eE][+-]?[0-9]+")
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|snan)", re.IGNORECASE)
_DATE_PARTS: Final = {"YYYY": "(?P<year>[0-9]{4})", "MM": "(?P<month>[0-9]{2})", "DD": "(?P<day>[0-9]{2})",
                      "M": "(?P<month>[0-9]{1,2})", "D": "(?P<day>[0-9]{1,2})"}  # fmt: skip
_DATE_TOKEN = re.compile(r"YYYY|MM|DD|M|D")
ISO: Final = "YYYY-MM-DD"

FITTING: Final[Mapping[str, tuple[str, ...]]] = {
    "money": ("decimal", *PARTS),
    "percent": ("percent", "fraction", "bare_percent", *PARTS),
    "number": ("decimal", "percent_as_number", "percent_as_fraction", "out_of", *PARTS),
    "count": ("decimal", "out_of"),
    "points": ("decimal", "percent_as_number", "percent_as_fraction", "out_of", *PARTS),
    "yes_no": ("word", "words"),
    "category": ("word", "words"),
    "direction": ("word", "words"),
    "identifier": ("text", "words"),
    "text": ("text", "words"),
    "date": ("date",),
}
"""The readings that yield each type; the first is the one taken where none is written."""


class CellError(Exception):
    """A cell that cannot be read: the code, and what is wrong with it, said after its column's name."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


def default_reading(type: Type) -> Reading:
    """Return how a column of this type is written where the mapping does not say."""
    form = FITTING[type.kind][0]
    return Reading("date", layout=ISO) if form == "date" else Reading(form)  # type: ignore[arg-type]


def make_reader(field: Field) -> Callable[[str], CellValue | None]:
    """Return the function that reads the cells of a field. None means: not given. It raises CellError."""
    always = field.always
    if always is not None:
        return lambda _: always
    read = _reader_of(field.reading, field.type)
    if field.unit is not None:
        read = _on_unit(read, field.type, field.unit)
    missing = field.missing
    keeps_spaces = field.reading.form == "text"

    def of_cell(text: str) -> CellValue | None:
        word = text.strip(" ")
        absence = missing.get(word)
        if absence is not None:
            return absence
        if not word:
            if field.may_be_left_out:
                return None
            raise CellError(codes.EMPTY_CELL, f"is empty; {_what_to_write(field)}")
        return read(text if keeps_spaces else word)

    return of_cell


def _on_unit(read: Callable[[str], CellValue], type: Type, unit: Fraction) -> Callable[[str], CellValue]:
    def of_cell(text: str) -> CellValue:
        value = read(text)
        found = exact(value, type)
        if isinstance(found, Fraction) and found % unit:
            raise CellError(codes.UNREADABLE, "is finer than the unit declared for it; correct its `to_the_nearest`")
        return value

    return of_cell


def _what_to_write(field: Field) -> str:
    permitted = field.absences
    words = [
        f"`{word}`"
        for word, absent in field.missing.items()
        if word and (permitted is None or absent.reason in permitted)
    ]
    return "write a value" + (f", or {' or '.join(words)}" if words else "")


def _reader_of(reading: Reading, type: Type) -> Callable[[str], CellValue]:
    match reading.form:
        case "decimal":
            return _decimal_reader(type)
        case "percent":
            return lambda text: _of_percent(text) + "%"
        case "bare_percent":
            return lambda text: _without_sign(text, reading.form) + "%"
        case "fraction":
            return lambda text: _shift(_without_sign(text, reading.form), 2) + "%"
        case "percent_as_number":
            return _of_percent
        case "percent_as_fraction":
            return lambda text: _shift(_of_percent(text), -2)
        case "out_of":
            return lambda text: _out_of(text, reading.whole)
        case "tenths" | "hundredths" | "thousandths" | "ten_thousandths" | "hundred_thousandths" | "millionths":
            return _parts_reader(type, reading.form)
        case "date":
            return _date_reader(reading.layout)
        case "words":
            return _word_reader(dict(reading.words or {}), type, "; write one of them, or add the word to its reading")
        case "word":
            own = ("yes", "no") if type.kind == "yes_no" else type.options or ("higher", "lower")
            return _word_reader({word: word for word in own}, type, "; write one of them")
        case "text":
            return _text


def plain_number(text: str, *, dollars: bool = False) -> str:
    """Return a number as written, without thousands separators (and with `dollars`, without its dollar sign).

    Raises CellError for anything but digits, separators in their places, one decimal point and a minus.
    """
    match = _NUMBER.fullmatch(text)
    if match is None or (match[2] and not dollars) or not (match[3] or match[4]):
        raise CellError(codes.UNREADABLE, _why_no_number(text))
    whole = (match[3] or "0").replace(",", "")
    decimals = match[4]
    if len(whole) + len(decimals or "") > MAX_DIGITS:
        raise CellError(codes.UNREADABLE, f"has more than {MAX_DIGITS} digits")
    return f"{match[1]}{whole}.{decimals}" if decimals else f"{match[1]}{whole}"


def _why_no_number(text: str) -> str:
    if _EXPONENT.fullmatch(text):
        return "is written with an exponent; write all its digits"
    if _NOT_FINITE.fullmatch(text):
        return "is not a finite number; write a number, or declare the word under `missing` in a mapping file"
    if any(character.isdigit() and not character.isascii() for character in text):
        return "has digits other than 0 to 9"
    if any(character.isalpha() for character in text) and not any(character.isdigit() for character in text):
        what = "is a word where a number is declared"
        return f"{what}; write a number, or declare the word under `missing` in a mapping file"
    return "is not a number; write digits with a decimal point, as in `1,234.50`"


def _decimal_reader(type: Type) -> Callable[[str], str]:
    dollars = type.kind == "money"
    help = (
        "declare its reading, as in `reading: percent_as_number`"
        if "percent_as_number" in FITTING[type.kind]
        else "write it without the sign"
    )

    def read(text: str) -> str:
        if text.endswith("%"):
            raise CellError(codes.UNREADABLE, f"is a percent where a {type.kind} is declared; {help}")
        return plain_number(text, dollars=dollars)

    return read


def _parts_reader(type: Type, form: str) -> Callable[[str], str]:
    # What is read as a percent is written as one.
    places, sign = (2 - PARTS[form], "%") if type.kind == "percent" else (-PARTS[form], "")

    def read(text: str) -> str:
        number = _without_sign(text, form)
        if "." in number:
            raise CellError(
                codes.UNREADABLE, f"is no whole number, as its reading `{form}` says; write it without a point"
            )
        return _shift(number, places) + sign

    return read


def _without_sign(text: str, form: str) -> str:
    if text.endswith("%"):
        help = "write it without the sign, or declare `reading: percent`"
        raise CellError(codes.UNREADABLE, f"has a percent sign where its reading is `{form}`; {help}")
    return plain_number(text)


def _of_percent(text: str) -> str:
    if not text.endswith("%"):
        # Says what is wrong with the number itself first, where it is none.
        plain_number(text)
        raise CellError(
            codes.UNREADABLE,
            "has no percent sign; write it as in `77.5%`, or declare another reading in a mapping file",
        )
    return plain_number(text[:-1].rstrip(" "))


def _shift(number: str, places: int) -> str:
    sign, digits, exponent = Decimal(number).as_tuple()
    return f"{Decimal((sign, digits, int(exponent) + places)):f}"


def _out_of(text: str, whole: int) -> str:
    match = _OUT_OF.fullmatch(text)
    if match is None:
        raise CellError(codes.UNREADABLE, f"is not written as in `7 out of {whole}`")
    if int(match[2]) != whole:
        raise CellError(codes.UNREADABLE, f"is out of another number than {whole}")
    if int(match[1]) > whole:
        raise CellError(codes.UNREADABLE, f"is more than {whole}")
    return str(int(match[1]))


def date_pattern(layout: str) -> re.Pattern[str] | None:
    """Return the pattern of a layout such as `MM/DD/YYYY`; None unless it has a year, a month and a day, once each."""
    tokens = _DATE_TOKEN.findall(layout)
    if sorted(token[0] for token in tokens) != ["D", "M", "Y"]:
        return None
    between = _DATE_TOKEN.split(layout)
    parts = [re.escape(between[0])]
    for token, after in zip(tokens, between[1:], strict=True):
        parts += [_DATE_PARTS[token], re.escape(after)]
    return re.compile("".join(parts))


def _date_reader(layout: str) -> Callable[[str], datetime.date]:
    pattern = date_pattern(layout)
    if pattern is None:
        raise ValueError(f"not a layout of dates: {layout}")

    def read(text: str) -> datetime.date:
        match = pattern.fullmatch(text)
        if match is None:
            raise CellError(codes.UNREADABLE, f"is not a date written as {layout}")
        try:
            return datetime.date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            raise CellError(codes.UNREADABLE, "is not a day of the calendar") from None

    return read


def _word_reader(words: Mapping[str, str], type: Type, help: str) -> Callable[[str], CellValue]:
    meant: Mapping[str, CellValue] = (
        {word: meaning == "yes" for word, meaning in words.items()} if type.kind == "yes_no" else words
    )
    message = "is none of " + ", ".join(f"`{word}`" for word in words) + help

    def read(text: str) -> CellValue:
        found = meant.get(text)
        if found is None:
            raise CellError(codes.UNREADABLE, message)
        return found

    return read


def _text(text: str) -> str:
    if not text.isprintable():
        raise CellError(codes.UNREADABLE, "has characters that cannot be seen")
    return text


def exact(value: CellValue, type: Type) -> Datum:
    """Return the exact value that a read cell stands for."""
    if not isinstance(value, str) or not type.is_numeric:
        return value
    if value.endswith("%"):
        return Fraction(value[:-1]) / 100
    return Fraction(value)
