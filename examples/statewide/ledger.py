"""What a program came to, in one line of account; and the check that every cent of it is accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import vbc_rules as vbc

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Line:
    """One program in the portfolio; `pool` is None where money comes out of none, `paid` where no money is paid.

    `again` is what was paid, and in `pool_again` what the pool is, computed once more without the library: from the
    rows that were given.
    """

    name: str
    result: vbc.CohortResult
    scored: str
    number_scored: int
    paid_unit: str
    number_paid: int
    pool: Decimal | None
    paid: Decimal | None
    not_placed: Decimal
    again: Decimal
    rate: str
    lowest: str
    highest: str

    @property
    def difference(self) -> Decimal:
        """What is not accounted for: it must be nothing."""
        if self.paid is None:
            return NOTHING
        return (self.again if self.pool is None else self.pool) - self.paid - self.not_placed

    @property
    def chosen(self) -> int:
        """How many numbers and rules the public record leaves open, and this run chose."""
        return len(self.result.program.required_parameters)


def must_be(what: str, found: Decimal, wanted: Decimal) -> None:
    """Raise ArithmeticError where two ways to one amount do not come to the same cent."""
    if found != wanted:
        raise ArithmeticError(f"{what}: {found:,} is not {wanted:,}")


def shared_out(result: vbc.CohortResult) -> tuple[Decimal, Decimal, Decimal]:
    """Return what all pools of a result hold, what was paid from them, and what could not be placed."""
    pool, paid, left = NOTHING, NOTHING, NOTHING
    for one in result.pools:
        if isinstance(one.pool, vbc.Absent):
            raise ArithmeticError(f"a pool of {one.payment} is {one.pool}")
        must_be(f"a pool of {one.payment}", one.paid + one.not_placed, one.pool)
        pool, paid, left = pool + one.pool, paid + one.paid, left + one.not_placed
    return pool, paid, left


def amounts(results: Iterable[vbc.Result], name: str) -> dict[str, Decimal]:
    """Return an amount by participant, of those who have it and have more than nothing."""
    found = {one.participant: one[name] for one in results}
    return {key: value for key, value in found.items() if isinstance(value, Decimal) and value > 0}


def extremes(values: Iterable[Decimal | Fraction], shown: Callable[[Decimal | Fraction], str]) -> tuple[str, str]:
    """Return the lowest and the highest of the values, as they are shown."""
    found = list(values)
    return (shown(min(found)), shown(max(found))) if found else ("", "")


def percent(share: Decimal | Fraction) -> str:
    """Return a share to 0.01%."""
    return f"{_two_places(Fraction(share) * 100)}%"


def dollars(amount: Decimal | Fraction) -> str:
    """Return an amount to the cent."""
    return f"${_two_places(Fraction(amount)):,}"


def _two_places(number: Fraction) -> Decimal:
    return Decimal(round(number * 100)).scaleb(-2)
