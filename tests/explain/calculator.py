"""A calculator that works out again every line of arithmetic that an explanation prints, exactly.

It knows nothing of the library but how to round and take roots: it reads only the numbers on the line.

    left = right              amounts, percents, fractions (`38 1/3`), dates
    condition is yes          comparisons, and, or, not, in, is missing
    chosen is yes             a reading: what a name holds, nothing to work out (`reading` returns it)
    track is basic: yes       a word compared with the word that is wanted; `track is basic, not enhanced: no`

`/` between spaces divides; without spaces it belongs to a fraction. `sqrt(2, 4)` is a root to four decimals; `sqrt(2)`
is the root itself, by which something may be divided inside `round(.., 4, half even)`: exact, as it is rounded at once.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from vbc_rules.run import exact

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<number>\$?(?:\d{1,3}(?:,\d{3})+|\d+)(?: \d+/\d+|/\d+|\.\d+)?%?)"
    r"|(?P<absent>absent \([a-z_ ]+\))"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<sign><=|>=|!=|[-+*/<>=(),])"
    r")"
)


_READING = re.compile(r"(?P<name>(?!(?:yes|no)\b)[a-z_]\w*) is (?P<value>yes|no)")
_WORDS = re.compile(r"(?P<name>[a-z_]\w*) is (?P<value>\w+)(?:, not (?P<wanted>\w+))?: (?P<held>yes|no)")


@dataclass(frozen=True, slots=True)
class Absence:
    reason: str


@dataclass(frozen=True, slots=True)
class Root:
    """`over` divided by the square root of `radicand`; the root alone has no `over`."""

    radicand: Fraction
    over: Fraction | None = None


Value: TypeAlias = Fraction | bool | str | datetime.date | Absence | Root


class WrongError(AssertionError):
    """A line that cannot be read, or is not true."""


def reading(line: str) -> tuple[str, str] | None:
    """Return the name and the value that a line reads off, which must be what the name holds; None for arithmetic."""
    found = _READING.fullmatch(line) or _WORDS.fullmatch(line)
    return None if found is None else (found["name"], found["value"])


def check(line: str) -> None:
    """Raise WrongError unless the line reads `left = right` or `condition is yes` and is exactly true."""
    if words := _WORDS.fullmatch(line):
        if (words["wanted"] is None) != (words["held"] == "yes") or words["value"] == words["wanted"]:
            raise WrongError(line)
        return
    if _READING.fullmatch(line):
        return
    for ending, expected in ((" is yes", True), (" is no", False)):
        if line.endswith(ending):
            if value(line.removesuffix(ending)) is not expected:
                raise WrongError(line)
            return
    left, equals, right = line.rpartition(" = ")
    if not equals:
        raise WrongError(f"neither an equation nor a condition: {line}")
    one, other = value(left), value(right)
    if type(one) is not type(other) or one != other:
        raise WrongError(f"{line}: the left side is {one}, the right side {other}")


def value(text: str) -> Value:
    """Return what an expression is worth."""
    reader = _Reader(text)
    found = reader.either()
    if reader.kind is not None:
        raise WrongError(f"cannot read {reader.here!r} in: {text}")
    return found


def number_of(text: str) -> Fraction:
    digits = text.replace("$", "").replace(",", "").removesuffix("%")
    whole, space, part = digits.partition(" ")
    amount = Fraction(whole) + Fraction(part) if space else Fraction(digits)
    return amount / 100 if text.endswith("%") else amount


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.kind: str | None = None
        self.here = ""
        self.next()

    def next(self) -> str:
        before = self.here
        if not self.text[self.place :].strip():
            self.kind, self.here = None, ""
            return before
        found = _TOKEN.match(self.text, self.place)
        if found is None or found.lastgroup is None:
            raise WrongError(f"cannot read: {self.text[self.place :]!r}")
        self.kind, self.here, self.place = found.lastgroup, found[found.lastgroup], found.end()
        return before

    def take(self, *tokens: str) -> str | None:
        return self.next() if self.here in tokens and self.kind in ("word", "sign") else None

    def need(self, token: str) -> None:
        if self.take(token) is None:
            raise WrongError(f"`{token}` is wanted, not {self.here!r}, in: {self.text}")

    def either(self) -> Value:
        found = self.both()
        while self.take("or"):
            other = self.both()
            found = _yes_no(found) or _yes_no(other)
        return found

    def both(self) -> Value:
        found = self.negation()
        while self.take("and"):
            other = self.negation()
            found = _yes_no(found) and _yes_no(other)
        return found

    def negation(self) -> Value:
        return not _yes_no(self.negation()) if self.take("not") else self.comparison()

    def comparison(self) -> Value:
        left = self.sum()
        if sign := self.take("=", "!=", "<", "<=", ">", ">="):
            return _compare(sign, left, self.sum())
        if self.take("in"):
            return self.one_of(left)
        if self.take("not"):
            self.need("in")
            return not self.one_of(left)
        if self.take("is"):
            negated = self.take("not") is not None
            reason = self.next()
            return (isinstance(left, Absence) and reason in ("missing", left.reason)) != negated
        return left

    def one_of(self, left: Value) -> bool:
        self.need("(")
        found = False
        while True:
            low = high = self.sum()
            if self.take("to"):
                high = self.sum()
            if isinstance(low, str) and isinstance(high, str) and isinstance(left, str) and low != high:
                found |= len(low) == len(left) == len(high) and low <= left <= high
            else:
                found |= left == low
            if not self.take(","):
                self.need(")")
                return found

    def sum(self) -> Value:
        found = self.term()
        while sign := self.take("+", "-"):
            other = _number(self.term())
            found = _number(found) + other if sign == "+" else _number(found) - other
        return found

    def term(self) -> Value:
        found = self.factor()
        while sign := self.take("*", "/"):
            factor = self.factor()
            if sign == "/" and isinstance(factor, Root) and factor.over is None:
                found = Root(factor.radicand, _number(found))
                continue
            other = _number(factor)
            found = _number(found) * other if sign == "*" else _number(found) / other
        return found

    def factor(self) -> Value:
        return -_number(self.factor()) if self.take("-") else self.atom()

    def atom(self) -> Value:
        match self.kind:
            case "number":
                return number_of(self.next())
            case "date":
                return datetime.date.fromisoformat(self.next())
            case "absent":
                return Absence(self.next()[8:-1].replace(" ", "_"))
            case "text":
                return self.next()[1:-1].replace("''", "'")
            case "word":
                word = self.next()
                if self.take("("):
                    return self.call(word)
                return word == "yes" if word in ("yes", "no") else word
        if self.take("("):
            found = self.either()
            self.need(")")
            return found
        raise WrongError(f"cannot read {self.here!r} in: {self.text}")

    def call(self, function: str) -> Value:
        if function == "round":
            return self.rounding()
        given: list[Value] = []
        while not self.take(")"):
            given.append(self.either())
            if self.here != ")":
                self.need(",")
        return _call(function, given)

    def rounding(self) -> Fraction:
        start = self.place - len(self.here)
        amount = self.sum()
        written = self.text[start : self.place].strip().rstrip(", ")
        self.need(",")
        if self.take("to"):
            unit = number_of(self.next())
        else:
            digits = int(self.next())
            # Digits of a percent count as written, where one percent stands there alone.
            alone = re.fullmatch(r"-?[\d,./ ]+%", written) is not None
            unit = Fraction(1, 10 ** (digits + (2 if alone else 0)))
        self.need(",")
        mode = "_".join(iter(lambda: "" if self.here == ")" else self.next(), ""))
        self.need(")")
        if isinstance(amount, Root):
            over = _number(Fraction(0) if amount.over is None else amount.over)
            squared = over**2 / amount.radicand
            return exact.round_root(squared, unit, mode, negative=over < 0)  # type: ignore[arg-type]  # as below
        return exact.round_to(_number(amount), unit, mode)  # type: ignore[arg-type]  # round_to refuses any other


def _call(function: str, given: list[Value]) -> Value:
    dates = [each for each in given if isinstance(each, datetime.date)]
    match function:
        case "count":
            return Fraction(len(given))
        case "min" | "max" if dates:
            return min(dates) if function == "min" else max(dates)
        case "min":
            return min(map(_number, given))
        case "max":
            return max(map(_number, given))
        case "abs":
            return abs(_number(given[0]))
        case "clamp":
            low, high = _number(given[1]), _number(given[2])
            return min(max(_number(given[0]), low), high)
        case "sqrt" if len(given) == 1:
            return Root(_number(given[0]))
        case "sqrt":
            return exact.square_root(_number(given[0]), int(_number(given[1])))
        case "exp":
            return exact.exponential(_number(given[0]), int(_number(given[1])))
        case "year":
            return Fraction(dates[0].year)
        case "days_between":
            return Fraction((dates[1] - dates[0]).days)
        case "months_between":
            return Fraction(exact.months_between(dates[0], dates[1]))
        case "years_between":
            return Fraction(exact.years_between(dates[0], dates[1]))
        case "add_months":
            return exact.add_months(dates[0], int(_number(given[1])))
    raise WrongError(f"no such function: {function}")


def _number(found: Value) -> Fraction:
    if not isinstance(found, Fraction):
        raise WrongError(f"a number is wanted, not {found!r}")
    return found


def _yes_no(found: Value) -> bool:
    if not isinstance(found, bool):
        raise WrongError(f"yes or no is wanted, not {found!r}")
    return found


def _compare(sign: str, left: Value, right: Value) -> bool:
    if sign in ("=", "!="):
        return (left == right) == (sign == "=")
    difference = (
        Fraction((left - right).days)
        if isinstance(left, datetime.date) and isinstance(right, datetime.date)
        else _number(left) - _number(right)
    )
    return {"<": difference < 0, "<=": difference <= 0, ">": difference > 0, ">=": difference >= 0}[sign]
