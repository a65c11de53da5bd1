"""What a program came to, in one line of account; and the check that every cent of it is accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import vbc_rules as vbc

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Count:
    """So many of so many."""

    number: int
    of: int
    unit: str

    def __str__(self) -> str:
        return f"{self.number:,} of {self.of:,} {self.unit}"


@dataclass(frozen=True, slots=True)
class Money:
    """What was paid, out of which pool: None where there is none, and then `again` is what was paid, computed anew.

    `not_placed` is what of the pool could not be paid to anybody.
    """

    paid: Decimal
    pool: Decimal | None = None
    not_placed: Decimal = NOTHING
    again: Decimal = NOTHING

    @property
    def difference(self) -> Decimal:
        """What is not accounted for: it must be nothing."""
        return (self.again if self.pool is None else self.pool) - self.paid - self.not_placed


@dataclass(frozen=True, slots=True)
class Line:
    """One program in the portfolio; `money` is None where it pays none, `rates` are the lowest and the highest."""

    name: str
    result: vbc.CohortResult
    scored: Count
    paid: Count
    money: Money | None
    rates: tuple[str, str]
    rate_of: str
    why_not: Mapping[str, int]

    @property
    def chosen(self) -> int:
        """How many numbers and rules the public record leaves open, and this run chose."""
        return len(self.result.program.required_parameters)


def must_be(what: str, found: Decimal, wanted: Decimal) -> None:
    """Raise ArithmeticError where two ways to one amount do not come to the same cent."""
    if found != wanted:
        raise ArithmeticError(f"{what}: {found:,} is not {wanted:,}")


def amount(value: object) -> Decimal:
    """Return an amount of money as it is known to be. Raises TypeError for what is absent."""
    if not isinstance(value, Decimal):
        raise TypeError("an amount of money is missing")
    return value


def total(values: Iterable[object]) -> Decimal:
    """Return what amounts of money come to. Raises TypeError where one is absent."""
    return sum(map(amount, values), NOTHING)


def shared_out(result: vbc.CohortResult) -> Money:
    """Return what was paid from all pools of a result; each of them must come out even."""
    for one in result.pools:
        must_be(f"a pool of {one.payment}", one.paid + one.not_placed, amount(one.pool))
    pools = result.pools
    paid, pool, left = (total(getattr(one, name) for one in pools) for name in ("paid", "pool", "not_placed"))
    return Money(paid, pool, left)


def above_nothing(results: Iterable[vbc.Result], name: str) -> dict[str, Decimal]:
    """Return an amount by participant, of those who have more than nothing of it."""
    found = {one.participant: one[name] for one in results}
    return {key: value for key, value in found.items() if isinstance(value, Decimal) and value > 0}


def failed(result: vbc.CohortResult) -> Counter[str]:
    """Return how many participants each gate of their own holds back, by its title: the first that does not hold."""
    titles = {gate.ref.name: gate.title for gate in result.program.resolved.gates}
    return Counter(titles[one.failed_gates[0]] for one in result if one.failed_gates)


def percents(shares: Iterable[Decimal | Fraction]) -> tuple[str, str]:
    """Return the lowest and the highest share."""
    found = list(shares)
    return percent(min(found)), percent(max(found))


def rates(amounts: Mapping[str, Decimal], sizes: Mapping[str, int]) -> tuple[str, str]:
    """Return the lowest and the highest amount for each of what they are paid by."""
    found = [Fraction(value) / sizes[name] for name, value in amounts.items()]
    return dollars(min(found)), dollars(max(found))


def percent(share: object) -> str:
    """Return a share to 0.01%."""
    if not isinstance(share, Decimal | Fraction):
        raise TypeError("a share is missing")
    return f"{_to_hundredths(Fraction(share) * 100):,}%"


def dollars(money: object) -> str:
    """Return an amount to the cent."""
    if not isinstance(money, Decimal | Fraction):
        raise TypeError("an amount of money is missing")
    return f"${_to_hundredths(Fraction(money)):,}"


def _to_hundredths(number: Fraction) -> Decimal:
    return Decimal(round(number * 100)).scaleb(-2)
