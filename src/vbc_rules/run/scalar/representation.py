"""How a value is carried in generated code, and the arithmetic on such carriers.

A quantity is `number / (divisor * denominator)`: `number` is code for a whole number, `divisor` a whole number known
when compiling (a power of ten for finite decimals, any other for quotients by constants), `denominator` code for a
positive whole number, or nothing. So a constant divisor costs nothing at run time, and nothing is ever rounded here.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, TypeAlias

from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import CompareOp, Datum, Plain
from vbc_rules.run.scalar import terms as sums
from vbc_rules.run.scalar.terms import Terms

Kind: TypeAlias = Literal["number", "yes_no", "word", "date"]


@dataclass(frozen=True, slots=True)
class Carrier:
    """Code for a value. `constant` is set where the value is known when compiling (then `code` is its literal).

    `sum` is the code again with the terms it was made from, `below` the same of the denominator. `maybe_absent`: the
    code is a name that may hold an `Absent` instead. `low` and `high` bound a quantity (None: open); a row that breaks
    its declared ranges breaks them too.
    """

    kind: Kind
    code: str
    divisor: int = 1
    denominator: str | None = None
    maybe_absent: bool = False
    constant: Datum | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    always_absent: bool = False
    sum: tuple[str, Terms] | None = None
    below: tuple[str, Terms] | None = None

    @property
    def terms(self) -> Terms:
        """The number as a sum of products of names, as far as that is known."""
        if isinstance(self.constant, Fraction):
            return sums.number(self.constant.numerator)
        # The code is kept beside its terms, so that a carrier given other code has none.
        if self.sum is not None and self.sum[0] == self.code:
            return self.sum[1]
        return sums.atom(self.code)

    @property
    def is_constant(self) -> bool:
        """Whether the value is known when compiling."""
        return self.constant is not None

    @property
    def is_absent(self) -> bool:
        """Whether the value is an absence, its reason known when compiling (`constant`) or not (`always_absent`)."""
        return self.always_absent or isinstance(self.constant, Absent)

    @property
    def is_simple(self) -> bool:
        """Whether the code costs nothing to repeat."""
        return self.is_constant or (
            self.code.isidentifier() and (self.denominator is None or self.denominator.isidentifier())
        )

    @property
    def never_negative(self) -> bool:
        """Whether the quantity is known not to be negative."""
        return self.low is not None and self.low >= 0

    @property
    def never_positive(self) -> bool:
        """Whether the quantity is known not to be positive."""
        return self.high is not None and self.high <= 0


def constant(value: Plain) -> Carrier:
    """Return the carrier of a value known when compiling."""
    if isinstance(value, bool):
        return Carrier("yes_no", repr(value), constant=value)
    if isinstance(value, str):
        return Carrier("word", repr(value), constant=value)
    if isinstance(value, datetime.date):
        return Carrier("date", str(value.toordinal()), constant=value)
    value = Fraction(value)
    return Carrier("number", _integer(value.numerator), value.denominator, constant=value, low=value, high=value)


def quantity(carrier: Carrier) -> Fraction | None:
    """Return the value of a constant quantity."""
    return carrier.constant if isinstance(carrier.constant, Fraction) else None


def _integer(value: int) -> str:
    return str(value) if value >= 0 else f"({value})"


def times(code: str, factor: int) -> str:
    """Return code for `code * factor`."""
    if factor == 1:
        return code
    if code.lstrip("-").isdigit():
        return _integer(int(code) * factor)
    return f"({code} * {_integer(factor)})"


def product(left: str | None, right: str | None) -> str | None:
    """Return code for the product of two factors, either of which may be missing."""
    if left is None or right is None:
        return left or right
    if "0" in (left, right):
        return "0"
    if left == "1" or right == "1":
        return right if left == "1" else left
    return f"({left} * {right})"


def scaled(carrier: Carrier, divisor: int) -> str:
    """Return code for the number over `divisor` (a multiple of the carrier's own)."""
    if carrier.constant is not None and isinstance(carrier.constant, Fraction):
        exact = carrier.constant * divisor
        return _integer(exact.numerator)
    return times(carrier.code, divisor // carrier.divisor)


def add(left: Carrier, right: Carrier, sign: int = 1) -> Carrier:
    """Return `left + right`, or `left - right` where `sign` is -1."""
    a, b = quantity(left), quantity(right)
    if a is not None and b is not None:
        return constant(a + sign * b)
    if b == 0:
        return left
    if a == 0 and sign == 1:
        return right
    divisor = math.lcm(left.divisor, right.divisor)
    one, two = scaled(left, divisor), scaled(right, divisor)
    denominator = left.denominator
    if left.denominator != right.denominator:
        one = product(one, right.denominator) or one
        two = product(two, left.denominator) or two
        denominator = product(left.denominator, right.denominator)
    low = high = None
    other_low, other_high = (right.low, right.high) if sign == 1 else (_minus(right.high), _minus(right.low))
    if left.low is not None and other_low is not None:
        low = left.low + other_low
    if left.high is not None and other_high is not None:
        high = left.high + other_high
    code, made = f"({one} {'+' if sign == 1 else '-'} {two})", None
    found = _sum(left, right, sign, divisor)
    if found is not None:
        code = sums.render(found)
        made = (code, found)
    return Carrier("number", code, divisor, denominator, low=low, high=high, sum=made, below=left.below or right.below)


def _sum(left: Carrier, right: Carrier, sign: int, divisor: int) -> Terms | None:
    """Return `left + sign * right` over `divisor` as terms, where that makes code no longer."""
    one: Terms | None = sums.scale(left.terms, divisor // left.divisor)
    two: Terms | None = sums.scale(right.terms, divisor // right.divisor)
    if left.denominator != right.denominator:
        if right.denominator is not None and one is not None:
            one = sums.multiply(one, denominator_terms(right))
        if left.denominator is not None and two is not None:
            two = sums.multiply(two, denominator_terms(left))
    if one is None or two is None:
        return None
    found = sums.plus(one, two, sign)
    return found if sums.is_worth_it(found) else None


def denominator_terms(carrier: Carrier) -> Terms:
    """Return the denominator as a sum of products of names."""
    if carrier.denominator is None:
        return sums.number(1)
    if carrier.below is not None and carrier.below[0] == carrier.denominator:
        return carrier.below[1]
    return sums.atom(carrier.denominator)


def _minus(value: Fraction | None) -> Fraction | None:
    return None if value is None else -value


def negate(carrier: Carrier) -> Carrier:
    """Return the quantity with its sign turned."""
    value = quantity(carrier)
    if value is not None:
        return constant(-value)
    return Carrier(
        "number",
        f"(-{carrier.code})",
        carrier.divisor,
        carrier.denominator,
        low=_minus(carrier.high),
        high=_minus(carrier.low),
    )


def multiply(left: Carrier, right: Carrier) -> Carrier:
    """Return `left * right`, common constant factors removed."""
    a, b = quantity(left), quantity(right)
    if a is not None and b is not None:
        return constant(a * b)
    if a is not None:
        left, right, b = right, left, a
    low, high = _product_bounds(left, right)
    if b is not None:
        if b == 0:
            return constant(Fraction(0))
        if b == 1:
            return left
        common = math.gcd(b.numerator, left.divisor)
        found = sums.scale(left.terms, b.numerator // common)
        code = sums.render(found)
        return Carrier(
            "number",
            code,
            left.divisor // common * b.denominator,
            left.denominator,
            low=low,
            high=high,
            sum=(code, found),
            below=left.below,
        )
    return Carrier(
        "number",
        f"({left.code} * {right.code})",
        left.divisor * right.divisor,
        product(left.denominator, right.denominator),
        low=low,
        high=high,
    )


def _product_bounds(left: Carrier, right: Carrier) -> tuple[Fraction | None, Fraction | None]:
    if None not in (left.low, left.high, right.low, right.high):
        corners = [
            a * b for a in (left.low, left.high) for b in (right.low, right.high) if a is not None and b is not None
        ]
        return min(corners), max(corners)
    if left.never_negative and right.never_negative and left.low is not None and right.low is not None:
        return left.low * right.low, None
    for one, two in ((left, right), (right, left)):
        if one.never_negative and two.never_positive:
            return None, Fraction(0)
    return None, None


def loud(carrier: Carrier) -> Carrier:
    """Return a carrier whose code fails where the value is absent: an absence is equal to nothing, without a word."""
    if not carrier.maybe_absent or carrier.kind == "yes_no":
        return carrier
    nothing = "''" if carrier.kind == "word" else "0"
    return replace(carrier, code=f"({carrier.code} + {nothing})", maybe_absent=False)


def compare(op: CompareOp, left: Carrier, right: Carrier) -> Carrier:
    """Return whether `left op right`; quantities are compared by cross-multiplication."""
    if op in ("=", "!="):
        left, right = loud(left), loud(right)
    if left.is_constant and right.is_constant:
        return constant(_holds(op, left.constant, right.constant))
    if left.kind == "number":
        decided = _decided(op, left, right)
        if decided is not None:
            return constant(decided)
        divisor = math.lcm(left.divisor, right.divisor)
        one, two = scaled(left, divisor), scaled(right, divisor)
        if left.denominator != right.denominator:
            one = product(one, right.denominator) or one
            two = product(two, left.denominator) or two
        one, two = _without_offset(one, two)
    elif left.kind == "yes_no" and (left.is_constant or right.is_constant):
        code, truth = (right.code, left.constant) if left.is_constant else (left.code, right.constant)
        return Carrier("yes_no", code if truth is (op == "=") else f"(not {code})")
    else:
        one, two = left.code, right.code
    return Carrier("yes_no", f"({one} {_PYTHON[op]} {two})")


_PYTHON = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def _holds(op: CompareOp, a: object, b: object) -> bool:
    if op == "=":
        return a == b
    if op == "!=":
        return a != b
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]
    if isinstance(a, datetime.date) and isinstance(b, datetime.date):
        return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]
    raise TypeError(f"{op} does not order these types")


def _decided(op: CompareOp, left: Carrier, right: Carrier) -> bool | None:
    """Return what the bounds alone tell; None where they do not decide."""
    below = left.high is not None and right.low is not None and left.high <= right.low
    apart_below = left.high is not None and right.low is not None and left.high < right.low
    above = left.low is not None and right.high is not None and left.low >= right.high
    apart_above = left.low is not None and right.high is not None and left.low > right.high
    match op:
        case "<":
            return True if apart_below else False if above else None
        case "<=":
            return True if below else False if apart_above else None
        case ">":
            return True if apart_above else False if below else None
        case ">=":
            return True if above else False if apart_below else None
        case "=":
            return False if apart_below or apart_above else None
        case _:
            return True if apart_below or apart_above else None


def _without_offset(one: str, two: str) -> tuple[str, str]:
    """Turn `(x - 5) < 0` into `x < 5`, and `(5 - x) < 0` into `5 < x`."""
    if two == "0" and one.startswith("(") and one.endswith(")"):
        parts = one[1:-1].split(" ")
        if len(parts) == 3 and parts[1] == "-" and "(" not in one[1:]:
            return parts[0], parts[2]
    return one, two


def truth_not(carrier: Carrier) -> Carrier:
    """Return the opposite of a yes or no."""
    if carrier.is_constant:
        return constant(carrier.constant is False)
    return Carrier("yes_no", f"(not {carrier.code})")


def widened(carrier: Carrier, *, maybe_absent: bool) -> Carrier:
    """Return the carrier with its presence restated."""
    return carrier if carrier.maybe_absent == maybe_absent else replace(carrier, maybe_absent=maybe_absent)
