"""Rounding as whole-number code, one short expression for each mode."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Protocol

from vbc_rules.resolve.expressions import Rounding
from vbc_rules.run.exact import round_to
from vbc_rules.run.scalar import terms as sums
from vbc_rules.run.scalar.representation import Carrier, constant, denominator_terms, product, quantity, times
from vbc_rules.run.scalar.terms import Terms


class Proves(Protocol):
    """Tells whether a sum is known to be more than zero (not `strict`: not less)."""

    def __call__(self, terms: Terms, *, strict: bool = True) -> bool: ...


def rounded(carrier: Carrier, rounding: Rounding, bind: Callable[[str], str], proves: Proves) -> Carrier:
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
    found = _whole_part(carrier, units, mode, proves)
    if found is not None:
        above, below = found
        code = sums.render(above)
        if below != sums.number(1):
            code = f"({code} // {sums.render(below)})"
        low = Fraction(0) if low is None else max(low, Fraction(0))
        most = _most(above, below, proves)
        high = high if most is None else most * unit if high is None else min(high, most * unit)
        return Carrier("number", times(code, unit.numerator), unit.denominator, low=low, high=high)
    number = times(carrier.code, units.numerator)
    divisor = units.denominator
    code = _quotient(number, divisor, carrier.denominator, mode, carrier, bind)
    return Carrier("number", times(code, unit.numerator), unit.denominator, low=low, high=high)


def _whole_part(carrier: Carrier, units: Fraction, mode: str, proves: Proves) -> tuple[Terms, Terms] | None:
    """Return a quotient whose whole part is the rounded number, where the number is known not to be below zero."""
    if mode not in ("half_up", "down", "floor"):
        return None
    above = sums.scale(carrier.terms, units.numerator)
    below = sums.scale(denominator_terms(carrier), units.denominator)
    if mode == "half_up":
        # One half more, and down: so too for what lies between minus one half and zero, which becomes zero.
        above, below = sums.plus(sums.scale(above, 2), below), sums.scale(below, 2)
    if not (sums.is_worth_it(above) and sums.is_worth_it(below)) or not proves(above, strict=mode == "half_up"):
        return None
    return sums.whole_part(above, below)


def _most(above: Terms, below: Terms, proves: Proves) -> int | None:
    """Return the most that the whole part of a quotient can be, where what divides it tells."""
    factors = dict(below)
    for names, factor in above:
        most = abs(factor) // abs(factors[names]) if names and names in factors else 0
        if most and proves(sums.plus(sums.scale(below, most), above, -1), strict=True):
            return most - 1
    return None


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
