"""One value as a caller gives it to one cell of a row, or the reason why not; the reason never repeats the value."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final, TypeAlias

from vbc_rules.errors import Code
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Field
from vbc_rules.resolve.program import Domain
from vbc_rules.run.reading.numbers import Floats, Refused, quantity_reader, shown

ReadCell: TypeAlias = Callable[[object], int | bool | str | Absent]

MAX_TEXT: Final = 200
"""The longest text or identifier, in characters."""

_SHOWN_OPTIONS: Final = 20
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def may_be_absent(field: Field) -> tuple[str, ...]:
    """Return the reasons that may be given: those permitted, then that of an input which is not expected.

    Whether an input is expected is settled by the engines.
    """
    reasons = field.domain.reasons if field.domain else ()
    otherwise = field.input.otherwise if field.input is not None and field.input.only_if is not None else None
    return reasons if otherwise is None or otherwise in reasons else (*reasons, otherwise)


def absence_example(field: Field) -> str:
    """Return how to write that there is no value, or an empty text where there must be one."""
    reasons = [f'{{"absent": "{reason}"}}' for reason in may_be_absent(field)]
    return f"its absence {' or '.join(reasons)}" if reasons else ""


def cell_reader(field: Field, floats: Floats) -> ReadCell:
    """Return the function that reads the values of a field. It raises Refused; it is run in the exact context."""
    absences = {reason: Absent(reason) for reason in may_be_absent(field)}
    read = _present_reader(field, floats)
    is_text = field.type.kind in ("identifier", "text")

    def of_value(value: object) -> int | bool | str | Absent:
        if isinstance(value, str | Decimal | int):
            if is_text and isinstance(value, str) and value in absences:
                # As text it would name something: a group of all that have none.
                raise Refused(Code.ABSENCE, f"is the word of an absence; write {absence_example(field)}")
            try:
                return read(value)
            except Refused:
                # The word is one of the file's, so it may be said.
                if isinstance(value, str) and value in absences:
                    raise Refused(Code.ABSENCE, f"is the word of an absence; write {absence_example(field)}") from None
                raise
        if isinstance(value, Absent):
            return _absence(value.reason, absences)
        if value is None:
            raise Refused(Code.MISSING, _what_instead("is empty (None)", field))
        if isinstance(value, Mapping):
            if set(value) != {"absent"} or not isinstance(value["absent"], str):
                raise Refused(Code.WRONG_TYPE, _one_value(field))
            return _absence(value["absent"], absences)
        if _is_blank(value):
            raise Refused(Code.MISSING, _what_instead("is blank (NaN or NaT, as tables hold for an empty cell)", field))
        return read(value)

    return of_value


def _is_blank(value: object) -> bool:
    """Whether a value differs from itself, as what tables hold for an empty cell does."""
    try:
        return bool(value != value)  # noqa: PLR0124 (that is the point)
    except (TypeError, ValueError):
        return False


def _absence(reason: str, absences: Mapping[str, Absent]) -> Absent:
    # Looked up as text: asking for `Absent(reason)` would keep an object for every word that a caller makes up.
    found = absences.get(reason)
    if found is not None:
        return found
    if not absences:
        raise Refused(Code.ABSENCE, "cannot be absent; give its value")
    raise Refused(Code.ABSENCE, f"cannot be absent for this reason; write one of {_listed(absences)}")


def _what_instead(what: str, field: Field) -> str:
    absence = absence_example(field)
    return f"{what}; write its value, or {absence}" if absence else f"{what}; write its value"


def _one_value(field: Field) -> str:
    absence = absence_example(field)
    return f"is one value; write it alone, or {absence}" if absence else "is one value; write it alone"


def _present_reader(field: Field, floats: Floats) -> ReadCell:
    if field.domain is not None and field.type.is_numeric:
        return quantity_reader(field.domain, floats)
    match field.type.kind:
        case "yes_no":
            return _yes_no
        case "date" if field.domain is not None:
            return _date_reader(field.domain)
        case "category" | "direction":
            return _word_reader(field.type.options or ("higher", "lower"))
        case kind:
            return _text_reader(kind)


def _yes_no(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in ("yes", "no"):
        return value == "yes"
    raise Refused(Code.WRONG_TYPE, "is neither yes nor no; pass True, False, `yes` or `no`")


def _word_reader(options: tuple[str, ...]) -> ReadCell:
    known = {option: option for option in options}

    def read(value: object) -> str:
        found = known.get(value) if isinstance(value, str) else None
        if found is None:
            raise Refused(Code.NOT_IN_CATEGORY, f"is none of its words; write one of {_listed(options)}")
        return found

    return read


def _listed(words: Iterable[str]) -> str:
    found = [f"`{word}`" for word in words]
    more = len(found) - _SHOWN_OPTIONS
    return ", ".join(found[:_SHOWN_OPTIONS]) + (f" and {more} more" if more > 0 else "")


def _text_reader(kind: str) -> ReadCell:
    def read(value: object) -> str:
        if not isinstance(value, str):
            raise Refused(Code.WRONG_TYPE, f"is not text; write the {kind} as text, with its leading zeros")
        if len(value) > MAX_TEXT:
            raise Refused(Code.OUT_OF_RANGE, f"is longer than {MAX_TEXT} characters; write a shorter {kind}")
        if kind == "identifier" and not value:
            raise Refused(Code.WRONG_TYPE, "is empty; write the identifier")
        if _CONTROL.search(value):
            raise Refused(Code.WRONG_TYPE, "has control characters; leave them out")
        return str.__str__(value)

    return read


def _date_reader(domain: Domain) -> ReadCell:
    low, high = date_limits(domain)
    ends = [None if not isinstance(end, datetime.date) else shown(end, domain) for end in (domain.low, domain.high)]
    span = " and ".join(
        f"{word} {end}" for word, end in zip(("not before", "not after"), ends, strict=True) if end is not None
    )

    def read(value: object) -> int:
        if isinstance(value, datetime.datetime):
            raise Refused(Code.WRONG_TYPE, "is a date with a time of day; pass the date alone, `.date()`")
        if isinstance(value, str):
            if not _ISO_DATE.fullmatch(value):
                raise Refused(Code.WRONG_TYPE, "is not a date; write it as YYYY-MM-DD")
            try:
                value = datetime.date.fromisoformat(value)
            except ValueError:
                raise Refused(Code.WRONG_TYPE, "is not a day of the calendar") from None
        if not isinstance(value, datetime.date):
            raise Refused(Code.WRONG_TYPE, "is not a date; pass a date, or text as YYYY-MM-DD")
        day = value.toordinal()
        if not low <= day <= high:
            raise Refused(Code.OUT_OF_RANGE, f"is out of range; write a date {span}")
        return day

    return read


def date_limits(domain: Domain) -> tuple[int, int]:
    """Return the first and the last day of a date's domain, as ordinals."""
    low = domain.low if isinstance(domain.low, datetime.date) else datetime.date.min
    high = domain.high if isinstance(domain.high, datetime.date) else datetime.date.max
    return low.toordinal(), high.toordinal()
