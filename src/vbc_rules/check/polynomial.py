"""Polynomials over named quantities: the common form in which two formulas can be compared."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Protocol, TypeAlias

from vbc_rules.check.interval import Interval

Atom: TypeAlias = Hashable
Monomial: TypeAlias = tuple[Atom, ...]
Polynomial: TypeAlias = Mapping[Monomial, Fraction]
"""Each product of atoms (sorted by their text) with its factor; the empty product is the constant."""

MAX_TERMS = 400
"""Larger formulas are not multiplied out: a range is then found from their parts alone."""


@dataclass(slots=True)
class Effort:
    """How many corners may still be tried; what is not shown until then counts as not shown."""

    left: int = 1000

    def spend(self) -> bool:
        """Count one corner; return whether it may still be tried."""
        self.left -= 1
        return self.left >= 0


class RangeOf(Protocol):
    """The range of each atom at one place."""

    @property
    def effort(self) -> Effort:
        """How much may still be tried."""

    def __call__(self, atom: Atom) -> Interval:
        """Return the range of an atom."""


class TooLarge(Exception):  # noqa: N818 - a signal inside this package
    """A polynomial with more terms than are worth comparing."""


def constant(value: Fraction) -> Polynomial:
    """Return a constant."""
    return {(): value} if value else {}


def variable(atom: Atom) -> Polynomial:
    """Return one atom."""
    return {(atom,): ONE}


ONE: Final = Fraction(1)
MINUS: Final = Fraction(-1)


def add(left: Polynomial, right: Polynomial, factor: Fraction = ONE) -> Polynomial:
    """Return left + factor * right."""
    if factor is ONE:
        if not left:
            return right
        scaled: Polynomial = right
    elif factor is MINUS:
        scaled = {monomial: -value for monomial, value in right.items()}
    else:
        scaled = {monomial: factor * value for monomial, value in right.items()} if factor else {}
    if not left:
        return scaled
    total = dict(left)
    for monomial, value in scaled.items():
        earlier = total.get(monomial)
        if earlier is None:
            total[monomial] = value
        elif found := earlier + value:
            total[monomial] = found
        else:
            del total[monomial]
    return total


def negate(polynomial: Polynomial) -> Polynomial:
    """Return -polynomial."""
    return {monomial: -value for monomial, value in polynomial.items()}


def multiply(left: Polynomial, right: Polynomial) -> Polynomial:
    """Return left * right. Raises TooLarge."""
    if len(left) * len(right) > MAX_TERMS:
        raise TooLarge
    total: dict[Monomial, Fraction] = {}
    for first, a in left.items():
        for second, b in right.items():
            monomial = tuple(sorted((*first, *second), key=repr)) if first and second else (*first, *second)
            found = total.get(monomial, Fraction(0)) + a * b
            if found:
                total[monomial] = found
            else:
                total.pop(monomial, None)
    return total


def atoms(polynomial: Polynomial) -> tuple[Atom, ...]:
    """Return the atoms it is made of, in a fixed order."""
    return tuple(sorted({atom for monomial in polynomial for atom in monomial}, key=repr))


def split(polynomial: Polynomial, atom: Atom) -> tuple[Polynomial, Polynomial] | None:
    """Return (rest, factor) with polynomial = rest + atom * factor; None where the atom stands in a higher power."""
    rest: dict[Monomial, Fraction] = {}
    factor: dict[Monomial, Fraction] = {}
    for monomial, value in polynomial.items():
        match monomial.count(atom):
            case 0:
                rest[monomial] = value
            case 1:
                index = monomial.index(atom)
                factor[(*monomial[:index], *monomial[index + 1 :])] = value
            case _:
                return None
    return rest, factor


def sum_of_ranges(polynomial: Polynomial, range_of: Callable[[Atom], Interval]) -> Interval:
    """Return a range of the polynomial, each product taken by itself."""
    low, high = _Sum(), _Sum()
    for monomial, value in polynomial.items():
        if not monomial:
            low.add(value, ONE, is_open=False)
            high.add(value, ONE, is_open=False)
            continue
        term = range_of(monomial[0])
        for atom in monomial[1:]:
            term = term * range_of(atom)
        if value.numerator > 0:
            low.add(term.low, value, is_open=term.low_open)
            high.add(term.high, value, is_open=term.high_open)
        else:
            low.add(term.high, value, is_open=term.high_open)
            high.add(term.low, value, is_open=term.low_open)
    return Interval(low.total(), high.total(), low.is_open, high.is_open)


@dataclass(slots=True)
class _Sum:
    """One end of a sum, kept as two whole numbers: it is brought to lowest terms once, at the end."""

    above: int = 0
    below: int = 1
    is_open: bool = False
    is_bounded: bool = True

    def add(self, end: Fraction | None, factor: Fraction, *, is_open: bool) -> None:
        """Add factor * end; None is no bound."""
        if end is None:
            self.is_bounded = False
            return
        a, b = end.as_integer_ratio()
        c, d = factor.as_integer_ratio()
        if b == d == self.below == 1:
            self.above += a * c
        else:
            self.above, self.below = self.above * b * d + a * c * self.below, self.below * b * d
        self.is_open = self.is_open or is_open

    def total(self) -> Fraction | None:
        """Return the sum; None where it has no bound."""
        return Fraction(self.above, self.below) if self.is_bounded else None


MAX_CORNERS = 14
"""So many atoms at most are tried at both their ends (2^14 corners in the worst case, far fewer in practice)."""


def is_not_negative(polynomial: Polynomial, range_of: RangeOf) -> bool:
    """Whether the polynomial is proven to be zero or more wherever its atoms lie within their ranges.

    A polynomial with no squares is extreme where each atom is at one of its ends; an atom without an upper end is
    followed along its factor instead. Squares are left to the sum of ranges.
    """
    if sum_of_ranges(polynomial, range_of).is_not_negative:
        return True
    names = [atom for atom in atoms(polynomial) if not range_of(atom).is_point]
    if len(names) > MAX_CORNERS:
        return False
    return _at_corners(polynomial, names, range_of)


def _at_corners(polynomial: Polynomial, names: list[Atom], range_of: RangeOf) -> bool:
    if not range_of.effort.spend():
        return False
    found = sum_of_ranges(polynomial, range_of)
    if found.is_not_negative:
        return True
    names = [name for name in names if any(name in monomial for monomial in polynomial)]
    if not names or (found.high is not None and found.high < 0):
        return False
    atom = names[0]
    parts = split(polynomial, atom)
    if parts is None:
        return False
    rest, factor = parts
    others = names[1:]
    interval = range_of(atom)
    if interval.low is None and interval.high is None:
        return False
    for end, sign in ((interval.low, 1), (interval.high, -1)):
        if end is not None:
            if not _at_corners(add(rest, factor, end), others, range_of):
                return False
        else:
            # unbounded on this side: moving there from the other end must not take anything away
            towards = add({}, factor, Fraction(-sign))
            if not _at_corners(towards, others, range_of):
                return False
    return True
