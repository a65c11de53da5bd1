"""One column of Arrow to the cells of one field: at once where it is regular, one by one where a cell is not.

What is not regular is read by the readers of single cells, so both take the same and say the same about the rest.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation, localcontext
from fractions import Fraction
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vbc_rules.errors import Code
from vbc_rules.frames import codes
from vbc_rules.frames.cells import CellError, CellValue, make_reader
from vbc_rules.frames.columns import quantities
from vbc_rules.frames.columns.arrow import ArrowArray
from vbc_rules.frames.columns.held import Cells, Message
from vbc_rules.frames.columns.quantities import Array, Found
from vbc_rules.frames.mapping import PARTS
from vbc_rules.frames.mapping import Field as Named
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import NOT_GIVEN, Field
from vbc_rules.run.reading.cells import MAX_TEXT, cell_reader, date_limits, may_be_absent
from vbc_rules.run.reading.numbers import Floats, Refused, exact_context, limits

_Value: TypeAlias = int | bool | str | Absent

_EPOCH: Final = datetime.date(1970, 1, 1).toordinal()
_A_DAY: Final = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_NUMBER: Final = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,15})"
_SEEN: Final = rf"^[!-~](?:[ -~]{{0,{MAX_TEXT - 2}}}[!-~])?$"
"""Text of characters that all can be seen, with no space around it."""
_MOST_PLACES: Final = 20
_SHIFTS: Final[Mapping[str, int]] = {"decimal": 0, "fraction": 0, "percent": -2, "bare_percent": -2,
                  "percent_as_number": 0, "percent_as_fraction": -2,
                  **{form: -places for form, places in PARTS.items()}}  # fmt: skip
"""By what power of ten the digits of a cell differ from the quantity."""
_TOO_FINE: Final = (codes.UNREADABLE, "is finer than the unit declared for it; correct its `to_the_nearest`")
_SAMPLES: Final[tuple[tuple[Callable[[object], bool], object], ...]] = (
    (pa.types.is_boolean, True),
    (pa.types.is_integer, 1),
    (pa.types.is_floating, 1.0),
    (pa.types.is_decimal, Decimal(1)),
    (pa.types.is_temporal, datetime.date(2000, 1, 1)),
)
_SIGNED: Final = ("percent", "percent_as_number", "percent_as_fraction")


class ColumnReader:
    """Reads the columns of one field. `is_plain`: the column is named like the input, and no reading was declared."""

    def __init__(self, named: Named, field: Field, floats: Floats, *, is_plain: bool) -> None:
        self.named = named
        self.field = field
        self.absences = tuple(dict.fromkeys((*map(Absent, may_be_absent(field)), NOT_GIVEN)))
        self._codes = {absent: number for number, absent in enumerate(self.absences, 1)}
        self._of_cell = make_reader(named)
        self._of_value = cell_reader(field, floats)
        self._floats = floats
        self._is_plain = is_plain
        self._form = named.reading.form
        self._kind = field.type.kind
        domain = field.domain
        self._numeric = field.type.is_numeric and domain is not None
        self._low, self._high = limits(domain) if domain is not None and self._numeric else (0, 0)
        self._holds_texts = not self._numeric and self._kind not in ("yes_no", "date")

    # --- columns

    def read(self, column: ArrowArray) -> Cells:
        """Return the cells of a column."""
        kind = column.type
        if self.named.always is not None or pa.types.is_null(kind):
            return self.constant(len(column), self.named.always)
        if pa.types.is_large_string(kind):
            return self._texts(column)
        if self._form in ("words", "date") and pa.types.is_integer(kind):
            return self._texts(column.cast(pa.large_string()))
        if self._numeric:
            return self._quantities(column)
        if self._kind == "yes_no" and pa.types.is_boolean(kind):
            values = _filled(column, blank=False)
            return self._settled(column, values, None, lambda _: None)
        refused = self.refusal(kind)
        return self._dates(column) if refused is None else self._refused(column, refused)

    def refusal(self, kind: ArrowArray) -> Message | None:
        """Return what is wrong with every value of a column of a type of Arrow; None where such values are read."""
        if self.named.always is not None or pa.types.is_null(kind) or pa.types.is_large_string(kind):
            return None
        if self._form in ("words", "date") and pa.types.is_integer(kind):
            return None
        if self._numeric:
            is_float = pa.types.is_floating(kind)
            if not (is_float or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
                return self._of_one(kind)
            if is_float and self._floats == "refuse":
                return self._of_one(kind)
            if self._form in PARTS and not pa.types.is_integer(kind):
                message = f"is no column of whole numbers, as its reading `{self._form}` says; give such"
                return codes.UNREADABLE, message
            return self._unread_numbers() if self._shift() is None else None
        if self._kind == "yes_no" and pa.types.is_boolean(kind):
            return None
        if self._kind == "date" and pa.types.is_timestamp(kind) and kind.tz is not None:
            return Code.WRONG_TYPE, "has a time zone; give the dates alone"
        if self._kind == "date" and (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
            return None
        return self._of_one(kind)

    def not_read(self, kind: object) -> Message:
        """Return that columns of a type are not read."""
        return Code.WRONG_TYPE, f"is a column of {kind}, which is not read for {self.field.type.one}; give it as text"

    def constant(self, count: int, absent: Absent | None) -> Cells:
        """Return cells that are all absent: for a reason, or because nothing is there."""
        cells = self._blank(count)
        found = self._null() if absent is None else self._try(lambda: self._of_value(absent))
        self._fill(cells, np.arange(count), found)
        return cells

    def not_given(self, count: int) -> Cells:
        """Return cells that are not given."""
        cells = self._blank(count)
        self._fill(cells, np.arange(count), NOT_GIVEN)
        return cells

    def _blank(self, count: int) -> Cells:
        return Cells(self._zeros(count), texts=[] if self._holds_texts else None)

    def _zeros(self, count: int) -> Array:
        return np.zeros(count, dtype=np.bool_ if self._kind == "yes_no" else np.int64)

    def _refused(self, column: ArrowArray, message: Message) -> Cells:
        """Return cells of a column that is of another type: told once, at its first row that has a value."""
        there = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
        if not len(there):
            return self.constant(len(column), None)
        cells = self._blank(len(column))
        cells.mark(int(there[0]), message)
        return cells

    def _of_one(self, kind: ArrowArray) -> Message:
        """Return what is wrong with a column of a type that no reading takes: what a single value is told."""
        sample = next((value for is_of, value in _SAMPLES if is_of(kind)), None)
        found = self._try(lambda: self._of_value(sample)) if sample is not None else None
        return found if isinstance(found, tuple) else self.not_read(kind)

    # --- quantities

    def _quantities(self, column: ArrowArray) -> Cells:
        kind = column.type
        is_float = pa.types.is_floating(kind)
        if is_float and column.null_count == 0:
            numbers = column.cast(pa.float64()).to_numpy()
            if np.isnan(numbers).any():
                column = pc.if_else(pc.is_nan(column), None, column)
        elif is_float:
            column = pc.if_else(pc.fill_null(pc.is_nan(column), fill_value=True), None, column)
        if column.null_count == len(column):
            return self.constant(len(column), None)
        refused = self.refusal(kind)
        if refused is not None:
            return self._refused(column, refused)
        shift = self._shift() or 0
        values, good = self._regular(column, shift) or self._none_of(len(column))
        return self._settled(column, values, good, self._number(column, shift))

    def _none_of(self, count: int) -> Found:
        """Return cells of which none has been read yet."""
        return self._zeros(count), np.zeros(count, dtype=np.bool_)

    def _shift(self) -> int | None:
        """Return by what power of ten numbers differ from the quantity; None where numbers are not read here."""
        form = self._form
        if form == "percent" and self._is_plain:
            return 0  # As in `evaluate`: a number is the fraction itself, 0.05 where text says 5%.
        return _SHIFTS[form] if form in ("decimal", "fraction", "bare_percent", *PARTS) else None

    def _unread_numbers(self) -> Message:
        help = "`fraction` or `bare_percent`" if self._kind == "percent" else "`decimal`"
        message = f"is a column of numbers where its reading is `{self._form}`; declare {help}, or give text"
        return codes.UNREADABLE, message

    def _regular(self, column: ArrowArray, shift: int) -> Found | None:
        """Return the numbers of a column at once; None where it is of a type for which that is not done."""
        kind, exponent = column.type, self.field.scale + shift
        ends = self._low, self._high
        if pa.types.is_floating(kind):
            numbers = _filled(column.cast(pa.float64()), 0.0)
            found = quantities.of_floats(numbers, exponent, *ends)
        elif pa.types.is_integer(kind) and not pa.types.is_uint64(kind):
            numbers = _filled(column.cast(pa.int64()), 0)
            found = quantities.of_whole(numbers, exponent, *ends)
            if self._kind == "percent" and shift == 0 and self._is_plain:
                found = found[0], quantities.both(found[1], numbers == 0)
        else:
            if not pa.types.is_decimal128(kind):
                try:
                    column = column.cast(pa.decimal128(38, kind.scale if pa.types.is_decimal(kind) else 0))
                except pa.ArrowInvalid:
                    return None
            found = quantities.of_decimals(column, exponent, *ends)
        values, good = found
        for word in self.named.missing:
            exact = _plain(word)
            if exact is not None:
                scaled = exact * Fraction(10) ** exponent
                if scaled.denominator == 1 and abs(scaled) <= quantities.MOST:
                    good = quantities.both(good, values != int(scaled))
        if self.named.unit is not None:
            unit = self.named.unit * 10**self.field.scale
            if unit.denominator != 1:
                return None
            good = quantities.both(good, values % int(unit) == 0)
        return values, good

    def _number(self, column: ArrowArray, shift: int) -> Callable[[int], _Value | Message]:
        """Return what reads one number of a column."""
        is_as_given = self._is_plain and shift == 0

        def read(place: int) -> _Value | Message:
            value = column[place].as_py()
            exact = _plain(str(value)) if self.named.missing else None
            for word, absent in self.named.missing.items():
                if exact is not None and _plain(word) == exact:
                    return self._of_value(absent)
            if isinstance(value, float):
                found = self._try(lambda: self._of_value(value))
                if isinstance(found, tuple) and found[0] == Code.BINARY_FLOAT:
                    return found
                value = Decimal(repr(value))
            number = self._of_value(value if is_as_given else Decimal(value).scaleb(shift))
            return _TOO_FINE if self._is_finer(number) else number

        return read

    def _is_finer(self, number: _Value) -> bool:
        if self.named.unit is None or not isinstance(number, int):
            return False
        return bool(number % (self.named.unit * 10**self.field.scale))

    # --- dates

    def _dates(self, column: ArrowArray) -> Cells:
        kind = column.type
        low, high = date_limits(self.field.domain) if self.field.domain is not None else (1, 1)
        whole = np.ones(len(column), dtype=np.bool_)
        if pa.types.is_timestamp(kind):
            ticks = _filled(column.cast(pa.int64()), 0)
            numbers = ticks // _A_DAY[kind.unit]
            whole = numbers * _A_DAY[kind.unit] == ticks
        else:
            days = column.cast(pa.date32()).cast(pa.int32())
            numbers = _filled(days, 0).astype(np.int64)
        values = numbers + _EPOCH

        def read(place: int) -> _Value | Message:
            if not whole[place]:
                return self._of_value(datetime.datetime.min)  # noqa: DTZ901 (any moment says what is wrong)
            day = int(values[place])
            if not 1 <= day <= datetime.date.max.toordinal():
                return Code.WRONG_TYPE, "is not a day of the calendar"
            return self._of_value(datetime.date.fromordinal(day))

        return self._settled(column, values, whole & (values >= low) & (values <= high), read)

    # --- text

    def _texts(self, column: ArrowArray) -> Cells:
        """Return the cells of text: each text is read once, however often it stands there."""
        encoded = column.dictionary_encode()
        unique = encoded.dictionary
        found = self._unique(unique)
        if column.null_count == 0:
            return found.at(encoded.indices.to_numpy())
        places = encoded.indices.fill_null(len(unique)).to_numpy(zero_copy_only=False)
        with_null = Cells(
            np.append(found.values, self._zeros(1)),
            None if found.codes is None else np.append(found.codes, np.uint8(0)),
            found.texts,
            None if found.wrong is None else np.append(found.wrong, 0),
            found.messages,
        )
        self._fill(with_null, np.array([len(unique)]), self._null())
        return with_null.at(places)

    def _unique(self, unique: ArrowArray) -> Cells:
        read: Callable[[int], _Value | Message] = lambda place: self._text(unique[place].as_py())  # noqa: E731
        if self._numeric:
            values, good = self._regular_texts(unique) or self._none_of(len(unique))
            return self._settled(unique, values, good, read)
        if self._form == "text":
            texts = unique.to_pylist()
            words = [word for word in self.named.missing if word]
            good = _matches(unique, _SEEN) & ~_among(unique, words)
            return self._settled(unique, np.arange(len(texts)), good, read, texts)
        values, good = self._none_of(len(unique))
        return self._settled(unique, values, good, read, [] if self._holds_texts else None)

    def _regular_texts(self, unique: ArrowArray) -> Found | None:
        """Return the numbers of texts written plainly; None where the reading is not one of plain numbers."""
        form = self._form
        places = self.field.scale + _SHIFTS.get(form, 0)
        if form not in _SHIFTS or form in PARTS or self.named.unit is not None or not 0 <= places <= _MOST_PLACES:
            return None
        point = rf"(?:\.[0-9]{{1,{places}}})?" if places else ""
        after = " *%" if form in _SIGNED else ""
        sign = r"-?\$?" if form == "decimal" and self._kind == "money" else "-?"
        digits, plain = unique, None
        if after or not _matches(unique, f"^-?[0-9]{{1,15}}{point}$").all():
            digits = pc.utf8_trim(unique, " ")
            plain = _matches(digits, f"^{sign}{_NUMBER}{point}{after}$")
            digits = pc.replace_substring_regex(pc.if_else(pa.array(plain), digits, "0"), "[$,% ]", "")
        words = [word for word in self.named.missing if any(map(str.isdigit, word))]
        if words:
            plain = quantities.both(plain, ~_among(pc.utf8_trim(unique, " "), words))
        values, good = quantities.of_decimals(digits.cast(pa.decimal128(38, places)), places, self._low, self._high)
        return values, quantities.both(good, plain)

    def _text(self, text: str) -> _Value | Message:
        value: CellValue | None = self._of_cell(text)
        return NOT_GIVEN if value is None else self._of_value(value)

    # --- what is common

    def _settled(
        self,
        column: ArrowArray,
        values: Array,
        good: Array | None,
        read: Callable[[int], _Value | Message | None],
        texts: list[str] | None = None,
    ) -> Cells:
        """Return cells: what is null, then what is good, and the others read one by one."""
        cells = Cells(values, texts=texts)
        if column.null_count:
            null = column.is_null().to_numpy(zero_copy_only=False)
            if good is not None:
                good = good | null
            self._fill(cells, np.flatnonzero(null), self._null())
        places: Iterable[int] = () if good is None else np.flatnonzero(~good).tolist()
        numbers: dict[str, int] = {}
        with localcontext(exact_context()):
            for place in places:
                found = self._try(lambda: read(place))  # noqa: B023 (called at once)
                if isinstance(found, str) and texts is not None:
                    if found not in numbers:
                        numbers[found] = len(texts)
                        texts.append(found)
                    found = numbers[found]
                self._put(cells, place, found)
        return cells

    def _put(self, cells: Cells, place: int, found: object) -> None:
        if isinstance(found, Absent | tuple):
            self._fill(cells, np.array([place]), found)
            return
        if isinstance(found, int) and quantities.LEAST <= found <= quantities.MOST:
            if not cells.values.flags.writeable:
                cells.values = cells.values.copy()
            cells.values[place] = found
            return
        self._fill(cells, np.array([place]), (Code.OUT_OF_RANGE, "has more digits than columns hold; give fewer"))

    def _fill(self, cells: Cells, places: Array, found: Absent | Message | object) -> None:
        """Make cells absent, or wrong."""
        if not len(places):
            return
        if not cells.values.flags.writeable:
            cells.values = cells.values.copy()
        cells.values[places] = 0
        if isinstance(found, Absent):
            if cells.codes is None:
                cells.codes = np.zeros(len(cells.values), dtype=np.uint8)
            cells.codes[places] = self._codes[found]
        elif isinstance(found, tuple):
            cells.mark(int(places[0]), found)
            if cells.wrong is not None:
                cells.wrong[places] = cells.wrong[places[0]]

    def _null(self) -> Absent | Message | object:
        """Return what a cell without a value stands for."""
        return self._try(lambda: self._text(""))

    @staticmethod
    def _try(read: Callable[[], object]) -> object:
        try:
            return read()
        except (CellError, Refused) as error:
            return str(error.code), error.message


def _filled(column: ArrowArray, blank: object) -> Array:
    """Return the values of a column, with something for what is null."""
    if column.null_count:
        column = column.fill_null(blank)
    return column.to_numpy(zero_copy_only=False)


def _plain(word: str) -> Fraction | None:
    """Return the number that a word is; None where it is none."""
    try:
        found = Decimal(word)
    except InvalidOperation:
        return None
    return Fraction(found) if found.is_finite() else None


def _matches(texts: ArrowArray, pattern: str) -> Array:
    found: Array = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found


def _among(texts: ArrowArray, words: Iterable[str]) -> Array:
    known: Sequence[str] = list(words)
    found: Array = pc.is_in(texts, value_set=pa.array(known, texts.type)).to_numpy(zero_copy_only=False)
    return found
