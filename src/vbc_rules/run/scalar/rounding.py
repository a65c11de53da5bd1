"""Rounding as whole-number code, one short expression for each mode."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from vbc_rules.resolve.expressions import Rounding
from vbc_rules.run.exact import round_to
from vbc_rules.run.scalar.representation import Carrier, constant, product, quantity, times


def rounded(carrier: Carrier, rounding: Rounding, bind: Callable[[str], str]) -> Carrier:
    """Return `carrier` rounded. `bind` binds code that is used more than once to a name and returns the name."""
    unit, mode = rounding.unit, rounding.mode
    value = quantity(carrier)
    if value is not None:
        return constant(round_to(value, unit, mode))
    low = None if carrier.low is None else round_to(carrier.low, unit, mode)
    high = None if carrier.high is None else round_to(carrier.high, unit, mode)
    # How many units: number * unit.denominator / (divisor * unit.numerator), common factors removed.
    units = Fraction(unit.denominator, carrier.divisor * unit.numerator)
    if units.denominator == 1 and carrier.denominator is None:
        return carrier  # already a multiple of the unit
    number = times(carrier.code, units.numerator)
    divisor = units.denominator
    code = _quotient(number, divisor, carrier.denominator, mode, carrier, bind)
    return Carrier("number", times(code, unit.numerator), unit.denominator, low=low, high=high)


def _quotient(
    number: str, divisor: int, denominator: str | None, mode: str, carrier: Carrier, bind: Callable[[str], str]
) -> str:
    """Return code for `number / (divisor * denominator)` rounded to a whole number."""
    whole = str(divisor)
    if denominator is not None:
        whole = product(None if divisor == 1 else whole, denominator) or whole
        if not whole.isidentifier():
            whole = bind(whole)
    odd = denominator is None and divisor % 2 == 1
    half = str(divisor // 2) if denominator is None else f"({whole} >> 1)"
    if mode == "floor" or (mode == "down" and carrier.never_negative):
        return f"({number} // {whole})"
    if mode == "ceiling" or (mode == "up" and carrier.never_negative):
        return f"(-(-{number} // {whole}))"
    if mode.startswith("half") and (odd or (mode == "half_up" and carrier.never_negative)):
        return f"(({number} + {half}) // {whole})"
    if not number.isidentifier():
        number = bind(number)
    if mode == "half_even":
        if denominator is None:
            return f"(({number} + {int(half) - 1} + ({number} // {whole} & 1)) // {whole})"
        return f"(({number} * 2 + {whole} - 1 + ({number} // {whole} & 1)) // ({whole} * 2))"
    toward_zero = f"{number} // {whole} if {number} >= 0 else -(-{number} // {whole})"
    away = f"-(-{number} // {whole}) if {number} >= 0 else {number} // {whole}"
    if mode == "half_up":
        return f"(({number} + {half}) // {whole} if {number} >= 0 else -(({half} - {number}) // {whole}))"
    return f"({toward_zero if mode == 'down' else away})"
