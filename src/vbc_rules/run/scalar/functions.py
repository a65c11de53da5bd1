"""What generated code calls: the rare functions, over whole numbers and day ordinals."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from fractions import Fraction
from math import gcd, lcm

from vbc_rules.errors import Code, EvaluationError
from vbc_rules.language.absence import TOO_FEW_PRESENT, Absent
from vbc_rules.resolve.expressions import Datum
from vbc_rules.resolve.program import GatherShape, Parameter
from vbc_rules.run import exact, settle
from vbc_rules.run.oracle.shapes import DEVIATION_DIGITS, _quantile, _variance

_day = datetime.date.fromordinal


def signed(number: int, denominator: int) -> tuple[int, int]:
    """Return the quotient with its sign in the number. Raises EvaluationError for a denominator of zero."""
    if denominator == 0:
        raise EvaluationError(Code.EVALUATION, "a divisor is zero")
    return (number, denominator) if denominator > 0 else (-number, -denominator)


def reduced(number: int, denominator: int) -> tuple[int, int]:
    """Return the quotient in lowest terms."""
    common = gcd(number, denominator)
    return number // common, denominator // common


def square_root(number: int, denominator: int, digits: int) -> int:
    """Return the square root in units of the last of `digits` decimals."""
    return int(exact.square_root(Fraction(number, denominator), digits) * 10**digits)


def exponential(number: int, denominator: int, digits: int) -> int:
    """Return e to the power of the quotient in units of the last of `digits` decimals."""
    return int(exact.exponential(Fraction(number, denominator), digits) * 10**digits)


def months_between(first: int, last: int) -> int:
    return exact.months_between(_day(first), _day(last))


def years_between(first: int, last: int) -> int:
    return exact.years_between(_day(first), _day(last))


def days_between(first: int, last: int) -> int:
    return last - first


def add_months(day: int, months: int) -> int:
    return exact.add_months(_day(day), months).toordinal()


def year(day: int) -> int:
    return _day(day).year


def ordinal(value: datetime.date | Fraction) -> int:
    """Return a date or a whole number as generated code holds it."""
    return value.toordinal() if isinstance(value, datetime.date) else int(value)


def codes_test(codes: tuple[str, ...]) -> Callable[[str], bool]:
    """Return whether a text is one of `codes`: single codes, and spans `first to last` of equal length."""
    single = frozenset(code for code in codes if " to " not in code)
    spans = tuple(tuple(code.split(" to ")) for code in codes if " to " in code)

    def is_code(text: str) -> bool:
        return text in single or any(
            len(first) == len(text) == len(last) and first <= text <= last for first, last in spans
        )

    return is_code if spans else single.__contains__


def dated_function(
    parameter: Parameter, role: str
) -> tuple[Callable[[int], object], int | None, Fraction | None, Fraction | None]:
    """Return the look-up by day ordinal, the divisor of what it gives (None for words and dates) and its bounds."""
    values = [entry.value for entry in parameter.dated if entry.value is not None]
    numbers = [value for value in values if isinstance(value, Fraction)]
    divisor = lcm(*(value.denominator for value in numbers)) if numbers else None

    def look_up(day: int) -> object:
        value = settle.stated(parameter, _day(day), role).value
        if isinstance(value, Fraction):
            return int(value * (divisor or 1))
        return value.toordinal() if isinstance(value, datetime.date) else value

    return look_up, divisor, min(numbers, default=None), max(numbers, default=None)


def statistic(shape: GatherShape) -> Callable[..., tuple[int | Absent, int]]:
    """Return the function that takes the items (and the share of a quantile) to the statistic, as a quotient."""

    def quotient(items: list[Fraction], at: Fraction | None = None) -> tuple[int | Absent, int]:
        found: Datum
        if shape.function == "quantile" and at is not None:
            found = _quantile(shape, sorted(items), at)
        else:
            found = _variance(shape, items)
            if shape.function == "standard_deviation" and isinstance(found, Fraction):
                found = exact.square_root(found, DEVIATION_DIGITS)
        return (found.numerator, found.denominator) if isinstance(found, Fraction) else (Absent(TOO_FEW_PRESENT), 1)

    return quotient
