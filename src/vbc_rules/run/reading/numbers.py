"""Quantities to whole numbers at a known scale, exactly; what cannot be exact is refused before it is scaled."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from numbers import Integral
from typing import Final, Literal, NoReturn, TypeAlias

from vbc_rules.errors import Code
from vbc_rules.resolve.program import Domain

Floats: TypeAlias = Literal["refuse", "shortest"]
"""What becomes of a binary float: refused, or read as its shortest text of at most 15 significant digits."""

MAX_DIGITS: Final = 100
"""No quantity has more digits than this before or after its decimal point."""

_FLOAT_DIGITS: Final = 15
_NUMBER = re.compile(r"(-?)(\$?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.([0-9]+))?")
_EXPONENT = re.compile(r"[+-]?[0-9.,]+[eE][+-]?[0-9]+")
_NOT_FINITE = re.compile(r"[+-]?(s?nan[0-9]*|inf|infinity)", re.IGNORECASE)


class Refused(Exception):  # noqa: N818 (it never leaves this package)
    """A value that cannot be taken: the code, and what is wrong with it, said after its field's name."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


def exact_context() -> Context:
    """Return a context in which an operation is exact or raises: a caller's own precision must not round an input."""
    return Context(
        prec=4 * MAX_DIGITS,
        Emax=4 * MAX_DIGITS,
        Emin=-4 * MAX_DIGITS,
        traps=[Inexact, InvalidOperation, Overflow],
        flags=[],
        clamp=0,
    )


def limits(domain: Domain) -> tuple[int, int]:
    """Return the least and the greatest scaled whole number of a quantity's domain."""
    unit = 10**domain.scale
    low = -(10**MAX_DIGITS) if not isinstance(domain.low, Fraction) else -((-domain.low * unit).__floor__())
    high = 10**MAX_DIGITS if not isinstance(domain.high, Fraction) else (domain.high * unit).__floor__()
    return low, high


def text_reader(domain: Domain) -> Callable[[str], int]:
    """Return the function that reads a quantity written as text; it raises Refused."""
    low, high = limits(domain)
    is_percent, dollars = domain.type.kind == "percent", domain.type.kind == "money"
    places = places_written(domain)
    decimals, span, how = _decimals(domain), _span(domain), _how(domain)

    def read(text: str) -> int:
        if is_percent:
            if not text.endswith("%"):
                _digits(text, how, dollars=False)
                raise Refused(Code.WRONG_TYPE, "has no percent sign; write it as in `77.5%`")
            text = text[:-1]
        whole, point, after = text.partition(".")
        if not (
            text.isascii()
            and (whole.isdigit() or (whole[:1] == "-" and whole[1:].isdigit()))
            and (after.isdigit() or not point)
            and len(text) <= MAX_DIGITS
        ):
            whole, after = _digits(text, how, dollars=dollars)
        found = int(whole + after[:places].ljust(places, "0"))
        if not low <= found <= high:
            raise Refused(Code.OUT_OF_RANGE, span)
        if after[places:].strip("0"):
            raise Refused(Code.DECIMALS, decimals)
        return found

    return read


def places_written(domain: Domain) -> int:
    """Return how many decimals the text of a quantity may have: a percent's has two less than its fraction."""
    return domain.scale - 2 if domain.type.kind == "percent" else domain.scale


def quantity_reader(domain: Domain, floats: Floats) -> Callable[[object], int]:
    """Return the function that reads a quantity; it raises Refused. It is run in the exact context."""
    scale, (low, high) = domain.scale, limits(domain)
    is_percent = domain.type.kind == "percent"
    unit: int = 10**scale
    power = Decimal(unit)
    # Far outside these a number is refused by its exponent alone, however many digits it would take to write.
    exact = exact_context()
    ends = exact.scaleb(Decimal(low), -scale), exact.scaleb(Decimal(high), -scale)
    decimals, span, how = _decimals(domain), _span(domain), _how(domain)
    of_text = text_reader(domain)

    def of_decimal(value: Decimal) -> int:
        if not value.is_finite():
            raise Refused(Code.WRONG_TYPE, f"is not a finite number; pass {how}")
        if not ends[0] <= value <= ends[1]:
            raise Refused(Code.OUT_OF_RANGE, span)
        try:
            scaled = value * power
        except Inexact:
            raise Refused(Code.DECIMALS, decimals) from None
        whole = int(scaled)
        if whole != scaled:
            raise Refused(Code.DECIMALS, decimals)
        return whole

    def of_whole(value: int) -> int:
        if is_percent and value != 0:
            raise Refused(Code.WRONG_TYPE, f"is a whole number where a percent is declared; pass {how}")
        # The comparison comes first: it costs nothing, however long the number.
        if not low <= value * unit <= high:
            raise Refused(Code.OUT_OF_RANGE, span)
        return value * unit

    def of_fraction(value: Fraction) -> int:
        if not low <= value * unit <= high:
            raise Refused(Code.OUT_OF_RANGE, span)
        scaled = value * unit
        if scaled.denominator != 1:
            raise Refused(Code.DECIMALS, decimals)
        return scaled.numerator

    def read(value: object) -> int:
        if isinstance(value, Decimal):
            return of_decimal(value)
        if isinstance(value, str):
            return of_text(str.__str__(value))
        if isinstance(value, bool):
            raise Refused(Code.WRONG_TYPE, f"is yes or no where a {domain.type} is declared; pass {how}")
        if isinstance(value, float):
            return of_decimal(_shortest(value, floats, how))
        if isinstance(value, Integral):
            return of_whole(int(value))
        if isinstance(value, Fraction):
            return of_fraction(value)
        raise Refused(Code.WRONG_TYPE, f"is not a {domain.type}; pass {how}")

    return read


def _how(domain: Domain) -> str:
    if domain.type.kind == "percent":
        return "text such as `77.5%`, or a Decimal fraction such as Decimal('0.775')"
    return "Decimal or text"


def _decimals(domain: Domain) -> str:
    match domain.decimals:
        case 0 if domain.type.kind == "percent":
            return "has more decimals than declared; write whole percents"
        case 0:
            return "has decimals; write a whole number"
        case 1:
            return "has more decimals than declared; write at most 1"
        case more:
            return f"has more decimals than declared; write at most {more}"


def _span(domain: Domain) -> str:
    if domain.low is None and domain.high is None:
        return f"has more than {MAX_DIGITS} digits; write fewer"
    low, high = (None if end is None else shown(end, domain) for end in (domain.low, domain.high))
    if low is None:
        return f"is out of range; write at most {high}"
    if high is None:
        return f"is out of range; write at least {low}"
    return f"is out of range; write {low} to {high}"


def shown(end: object, domain: Domain) -> str:
    """Return an end of a declared range as it is written in a file."""
    if not isinstance(end, Fraction):
        return str(end)
    kind = domain.type.kind
    scaled = end * (100 if kind == "percent" else 1)
    if scaled.denominator == 1:
        text = f"{abs(scaled.numerator):,}"
    else:
        digits = abs(scaled * 10**domain.decimals).__floor__()
        text = f"{digits // 10**domain.decimals:,}.{digits % 10**domain.decimals:0{domain.decimals}}"
    return f"{'-' if end < 0 else ''}{'$' if kind == 'money' else ''}{text}{'%' if kind == 'percent' else ''}"


def _shortest(value: float, floats: Floats, how: str) -> Decimal:
    if floats == "refuse":
        raise Refused(
            Code.BINARY_FLOAT,
            f"is a binary float, which cannot carry exact digits; pass {how}, or load with floats='shortest'",
        )
    number = Decimal(float.__repr__(value))
    if number.is_finite() and len(number.normalize().as_tuple().digits) > _FLOAT_DIGITS:
        raise Refused(
            Code.BINARY_FLOAT, f"is a binary float with more than {_FLOAT_DIGITS} significant digits; pass {how}"
        )
    return number


def _digits(text: str, how: str, *, dollars: bool) -> tuple[str, str]:
    """Return the digits (with their minus) before and after the point of a number written plainly, or raise Refused."""
    match = _NUMBER.fullmatch(text) if len(text) <= 2 * MAX_DIGITS else None
    if match is None:
        _refuse_text(text, how)
    minus, dollar, whole, after = match.groups()
    if (dollar and not dollars) or not (whole or after):
        _refuse_text(text, how)
    return minus + (whole or "0").replace(",", ""), after or ""


def _refuse_text(text: str, how: str) -> NoReturn:
    if len(text) > 2 * MAX_DIGITS:
        message = f"has more than {MAX_DIGITS} digits; write fewer"
    elif not text:
        message = f"is empty; pass {how}, or its absence"
    elif _EXPONENT.fullmatch(text):
        message = "is written with an exponent; write all its digits"
    elif _NOT_FINITE.fullmatch(text):
        message = f"is not a finite number; pass {how}"
    elif any(character.isdigit() and not character.isascii() for character in text):
        message = "has digits other than 0 to 9; write plain digits"
    elif text.endswith("%"):
        message = "is a percent where none is declared; leave out `%` only if the number means the same"
    elif "$" in text:
        message = "has a dollar sign where no money is declared; leave it out"
    else:
        message = "is not a number written plainly; write digits with a decimal point, as in `1,234.50`"
    raise Refused(Code.WRONG_TYPE, message)
