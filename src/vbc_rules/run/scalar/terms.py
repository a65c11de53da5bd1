"""Sums of products of names, kept beside their code: what cancels is not computed, and signs can be known.

`round(10 * (p - b) / (B - b) - 0.5, half up)` is `(p - b) * 10 // (B - b)` where b < p < B is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

Product: TypeAlias = tuple[str, ...]
Terms: TypeAlias = tuple[tuple[Product, int], ...]
"""Products of names (or of other code) with their factors, none of them zero; `()` is the constant's."""

_MOST = 4
"""A sum of more products than this is not kept: it would cost more to multiply out than to compute as written."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A sum that is known to be more than zero, or (not `strict`) not less."""

    terms: Terms
    strict: bool


def number(value: int) -> Terms:
    """Return the terms of a whole number."""
    return (((), value),) if value else ()


def atom(code: str) -> Terms:
    """Return the terms of code of which nothing else is known."""
    return (((code,), 1),)


def _made(terms: dict[Product, int]) -> Terms:
    return tuple(sorted((product, factor) for product, factor in terms.items() if factor))


def scale(terms: Terms, factor: int) -> Terms:
    """Return the terms times a whole number."""
    return tuple((product, value * factor) for product, value in terms) if factor else ()


def plus(one: Terms, two: Terms, factor: int = 1) -> Terms:
    """Return `one + factor * two`."""
    found = dict(one)
    for product, value in two:
        found[product] = found.get(product, 0) + factor * value
    return _made(found)


def multiply(one: Terms, two: Terms) -> Terms | None:
    """Return the product, or None where it would have to be multiplied out."""
    if len(one) > 1:
        one, two = two, one
    if len(one) > 1 or (len(two) > 1 and one and one[0][0]):
        return None
    return _made({tuple(sorted((*a, *b))): x * y for a, x in one for b, y in two})


def is_worth_it(terms: Terms) -> bool:
    """Return whether code made from the terms repeats nothing that costs anything."""
    if len(terms) > _MOST:
        return False
    codes = [code for product, _ in terms for code in product]
    return all(code.isidentifier() or codes.count(code) == 1 for code in codes)


def divided(above: Terms, below: Terms) -> tuple[Terms, Terms]:
    """Return the same quotient without common whole factors."""
    common = math.gcd(*(value for _, value in (*above, *below)))
    if common <= 1:
        return above, below
    return _over(above, common), _over(below, common)


def whole_part(above: Terms, below: Terms) -> tuple[Terms, Terms]:
    """Return a quotient with the same whole part (rounded down) and the smallest numbers."""
    above, below = divided(above, below)
    if len(below) == 1 and below[0][0] == ():
        # Only whole multiples of `common` are added to the constant: what it has beyond one never counts.
        common = math.gcd(below[0][1], *(value for product, value in above if product))
        rest = dict(above).get((), 0)
        above = plus(tuple(entry for entry in above if entry[0]), number(rest // common * common))
        return _over(above, common), _over(below, common)
    return above, below


def _over(terms: Terms, divisor: int) -> Terms:
    return tuple((product, value // divisor) for product, value in terms)


def render(terms: Terms) -> str:
    """Return code for the sum, in parentheses where it is more than one word."""
    if not terms:
        return "0"
    named = [(product, factor) for product, factor in terms if product]
    rest = dict(terms).get((), 0)
    if not named:
        return str(rest) if rest >= 0 else f"({rest})"
    common = math.gcd(*(factor for _, factor in named))
    # `(p - b) * 10` rather than `p * 10 - b * 10`; a single product has its own factor.
    taken = common if len(named) > 1 or rest % common == 0 else 1
    if taken > 1 and (len(named) > 1 or rest):
        inside = rest // taken if rest % taken == 0 else 0
        code = f"{_sum([(product, factor // taken) for product, factor in named], inside)} * {taken}"
        outside = rest - inside * taken
        return f"({code})" if not outside else f"({code} {'+' if outside > 0 else '-'} {abs(outside)})"
    return _sum(named, rest)


def _sum(named: list[tuple[Product, int]], rest: int) -> str:
    first = [entry for entry in named if entry[1] > 0]
    code = ""
    if not first and rest > 0:
        code, rest = str(rest), 0
    for product, factor in (*first, *(entry for entry in named if entry[1] < 0)):
        part = " * ".join((*product, *((str(abs(factor)),) if abs(factor) != 1 else ())))
        if code:
            code += f" {'+' if factor > 0 else '-'} {part}"
        else:
            code = part if factor > 0 else f"-{part}"
    if rest:
        code += f" {'+' if rest > 0 else '-'} {abs(rest)}"
    return code if code.isidentifier() else f"({code})"


def proves(terms: Terms, known: Iterable[Fact], *, strict: bool = True, depth: int = 2) -> bool:
    """Return whether at most `depth` of the facts prove the sum to be more than zero (not `strict`: not less)."""
    named = [(product, factor) for product, factor in terms if product]
    if not named:
        rest = dict(terms).get((), 0)
        return rest > 0 if strict else rest >= 0
    if not depth:
        return False
    facts = tuple(known)
    product, factor = named[0]
    for fact in facts:
        other = dict(fact.terms).get(product, 0)
        if other * factor > 0:
            # terms = factor / other * fact + rest, all of it times |other|
            left = plus(scale(terms, abs(other)), fact.terms, -abs(factor))
            if proves(left, facts, strict=strict and not fact.strict, depth=depth - 1):
                return True
    return False
