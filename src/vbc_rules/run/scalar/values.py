"""What is done with carriers whatever they came from: names for them, arithmetic, one of several."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import Rounding
from vbc_rules.run.scalar import functions
from vbc_rules.run.scalar import representation as carry
from vbc_rules.run.scalar import terms as sums
from vbc_rules.run.scalar.emit import Block, Writer, bare
from vbc_rules.run.scalar.representation import Carrier, constant
from vbc_rules.run.scalar.rounding import rounded
from vbc_rules.run.scalar.terms import Fact, Terms, proves


@dataclass(slots=True)
class Leaf:
    """One way a value can come about: the block that is run for it, and the value at the block's end."""

    block: Block
    carrier: Carrier


class Values:
    """Writes code that joins and combines values."""

    def __init__(self, writer: Writer) -> None:
        """Write to `writer`. `present` holds the names known to be present, and the facts known of them."""
        self.writer = writer
        self.present: frozenset[str | Fact] = frozenset()

    def surely_positive(self, terms: Terms, *, strict: bool = True) -> bool:
        """Return whether a sum is known to be more than zero (not `strict`: not less) at the current place."""
        return proves(terms, [fact for fact in self.present if isinstance(fact, Fact)], strict=strict)

    def absent(self, reason: str) -> Carrier:
        """Return the carrier of an absence known when compiling."""
        return Carrier("number", self.writer.absence(reason), constant=Absent(reason))

    def is_absent_code(self, carrier: Carrier) -> str:
        """Return code that is true where the carrier is absent."""
        return f"({self.writer.is_absent(carrier.code)})"

    def simple(self, carrier: Carrier) -> Carrier:
        """Return a carrier whose code costs nothing to repeat."""
        if carrier.is_simple:
            return carrier
        code, denominator = carrier.code, carrier.denominator
        if not code.isidentifier():
            code = self.writer.temporary(code)
        if denominator is not None and not denominator.isidentifier():
            denominator = self.writer.temporary(denominator)
        return replace(carrier, code=code, denominator=denominator)

    def bind(self, code: str) -> str:
        """Return a name for `code`."""
        return code if code.isidentifier() or code.isdigit() else self.writer.temporary(code)

    def aside(self, compile_: Callable[[], Carrier]) -> Leaf:
        """Compile into a block of its own."""
        block = Block()
        with self.writer.inside(block):
            carrier = compile_()
        return Leaf(block, carrier)

    def rounded(self, carrier: Carrier, rounding: Rounding) -> Carrier:
        """Return a quantity rounded."""
        return rounded(carrier, rounding, self.bind, self.surely_positive)

    def arithmetic(self, op: str, left: Carrier, right: Carrier) -> Carrier:
        """Return `left op right` of two quantities."""
        if op == "+":
            return carry.add(left, right)
        if op == "-":
            return carry.add(left, right, -1)
        if op == "*":
            return carry.multiply(left, right)
        return self.divide(left, right)

    def divide(self, left: Carrier, right: Carrier) -> Carrier:
        """Return the exact quotient; its denominator is made positive, and zero raises EvaluationError when run."""
        value = carry.quantity(right)
        if value:
            return carry.multiply(left, constant(1 / value))
        # With n, d, q for number, divisor, denominator: (n / (d * q)) / (m / (e * r)) = n * e * r / (d * q * m).
        common = math.gcd(left.divisor, right.divisor)
        number = carry.product(carry.times(left.code, right.divisor // common), right.denominator) or "0"
        below = right.code
        terms = right.terms
        if right.denominator is None and sums.is_worth_it(terms) and self.surely_positive(terms):
            found = sums.scale(left.terms, right.divisor // common)
            kept = sums.is_worth_it(found)
            code = sums.render(found) if kept else number
            whole = carry.product(left.denominator, below)
            return Carrier(
                "number",
                code,
                left.divisor // common,
                whole,
                low=Fraction(0) if left.never_negative or self.surely_positive(left.terms, strict=False) else None,
                sum=(code, found) if kept else None,
                below=(below, terms) if left.denominator is None else None,
            )
        if right.low is None or right.low <= 0:
            # A name of its own for each: both change their sign where the divisor is negative.
            number, below = self.writer.temporary(bare(number)), self.writer.temporary(bare(below))
            signed = self.writer.function("signed", functions.signed)
            self.writer.branch(f"({below} <= 0)")[0].add(f"{number}, {below} = {signed}({number}, {below})")
        low = high = None
        if right.never_negative and left.never_negative:
            low = Fraction(0)
        return Carrier(
            "number",
            number,
            left.divisor // common,
            carry.product(left.denominator, below),
            low=low,
            high=high,
        )

    def either(self, condition: Carrier, then: Leaf, otherwise: Leaf) -> Carrier:
        """Return what one of two leaves gives."""
        a, b = then.carrier, otherwise.carrier
        plain = not (then.block.entries or otherwise.block.entries or a.maybe_absent or b.maybe_absent)
        if plain and a.denominator is None and b.denominator is None and not a.is_absent and not b.is_absent:
            if a.kind == "number":
                divisor = math.lcm(a.divisor, b.divisor)
                code = f"({carry.scaled(a, divisor)} if {condition.code} else {carry.scaled(b, divisor)})"
                low, high = bounds(a, b)
                return Carrier("number", code, divisor, low=low, high=high)
            return Carrier(a.kind, f"({a.code} if {condition.code} else {b.code})")
        first, second = self.writer.branch(condition.code)
        first.entries[:0], second.entries[:0] = then.block.entries, otherwise.block.entries
        return self.join([Leaf(first, a), Leaf(second, b)], "t")

    def join(self, leaves: list[Leaf], prefix: str, column: str | None = None) -> Carrier:
        """Bind the value of whichever leaf is run to one name (and one denominator), and return its carrier.

        With `column`, the value is the next entry of that list instead.
        """
        carriers = [leaf.carrier for leaf in leaves]
        if column is None and len(leaves) == 1 and carriers[0].is_simple:
            return carriers[0]
        if column is None and all(c.is_constant and c.constant == carriers[0].constant for c in carriers):
            return carriers[0]
        there = [carrier for carrier in carriers if not carrier.is_absent]
        kind = there[0].kind if there else "number"
        divisor = math.lcm(*(carrier.divisor for carrier in there)) if kind == "number" else 1
        quotient = any(carrier.denominator is not None for carrier in there)
        name = self.writer.fresh(prefix)
        below = f"{name}d" if quotient else None
        for leaf in leaves:
            self._assign(leaf, name, below, divisor)
        low, high = bounds(*there) if kind == "number" and there else (None, None)
        absent = [carrier.code for carrier in carriers if carrier.maybe_absent or carrier.is_absent]
        if column is None and len(only := {self.writer.only_absence(code) for code in absent}) == 1:
            self.writer.only(name, only.pop())
        maybe = bool(absent)
        return Carrier(kind, name, divisor, below, maybe_absent=maybe, low=low, high=high)

    def _assign(self, leaf: Leaf, name: str, below: str | None, divisor: int) -> None:
        carrier = leaf.carrier
        below_line = None if below is None else f"{below} = {carrier.denominator or 1}"
        if carrier.is_absent or carrier.kind != "number":
            code = carrier.code
        else:
            code = carry.scaled(carrier, divisor)
            if carrier.maybe_absent and divisor != carrier.divisor:
                code = f"{carrier.code} if {self.writer.is_absent(carrier.code)} else {code}"
        leaf.block.add(f"{name} = {bare(code)}")
        if below_line is not None:
            leaf.block.add(below_line)

    def extreme(self, left: Carrier, right: Carrier, *, lower: bool) -> Carrier:
        """Return the higher (or the lower) of two present quantities or dates; the left one where they are equal."""
        test = carry.compare("<=" if lower else ">=", left, right)
        if test.is_constant:
            return left if test.constant is True else right
        left, right = self.simple(left), self.simple(right)
        test = carry.compare("<=" if lower else ">=", left, right)
        found = self.either(test, Leaf(Block(), left), Leaf(Block(), right))
        if found.kind != "number":
            return found
        lows, highs = (left.low, right.low), (left.high, right.high)
        if lower:
            return replace(found, low=_both(lows, min), high=_either(highs, min))
        return replace(found, low=_either(lows, max), high=_both(highs, max))


def bounds(*carriers: Carrier) -> tuple[Fraction | None, Fraction | None]:
    """Return bounds that hold for any of the quantities."""
    lows = [carrier.low for carrier in carriers]
    highs = [carrier.high for carrier in carriers]
    low = None if None in lows else min(value for value in lows if value is not None)
    high = None if None in highs else max(value for value in highs if value is not None)
    return low, high


def _both(ends: tuple[Fraction | None, ...], pick: Callable[[list[Fraction]], Fraction]) -> Fraction | None:
    known = [end for end in ends if end is not None]
    return pick(known) if len(known) == len(ends) else None


def _either(ends: tuple[Fraction | None, ...], pick: Callable[[list[Fraction]], Fraction]) -> Fraction | None:
    known = [end for end in ends if end is not None]
    return pick(known) if known else None
