"""A result on a few lines, for whoever prints it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from vbc_rules.api.standing import standing_data
from vbc_rules.api.values import text_value
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import Type
from vbc_rules.resolve.expressions import Datum

if TYPE_CHECKING:
    from vbc_rules.api.cohort import CohortResult
    from vbc_rules.api.pools import Pool
    from vbc_rules.api.result import Result

_MONEY = Type("money")


def summary(result: Result) -> str:
    """Return the payments (the participant's values where nothing is paid), and what must be said beside them."""
    program = result.program
    root = program.resolved.participant
    own = [definition for definition in program.resolved.definitions if definition.ref.level == root]
    shown = [definition for definition in own if definition.role == "payment"] or own
    width = max((len(definition.title) for definition in shown), default=0)
    lines = [f"{program.title} ({program.identifier})"]
    lines += [
        f"  {definition.title:{width}}  {shown_value(result.trace.value(definition.ref, ()), definition.type)}"
        for definition in shown
    ]
    if result.failed_gates:
        lines.append(f"  failed gates: {', '.join(result.failed_gates)}")
    return "\n".join([*lines, *_beside(result)])


def cohort_summary(result: CohortResult) -> str:
    """Return how many were computed, the total of each payment, every kind of pool, and what must be said beside them.

    Pools of one payment at one level are added up; `CohortResult.pools` has each of them.
    """
    program = result.program
    levels = program.resolved.levels
    counts = [f"{len(result):,} {program.resolved.participant}"]
    counts += [f"{len(result.groups(name)):,} {name}" for name, level in levels.items() if level.kind == "groups"]
    standing = [text for text in standing_data(result.as_of, result.status).values() if text is not None]
    lines = [f"{program.title} ({program.identifier})", f"  {', '.join([*counts, *standing])}"]
    lines += [f"  total of {name}: {_sum([total])}" for name, total in result.totals().items()]
    kinds: dict[tuple[str, str], list[Pool]] = {}
    for pool in result.pools:
        kinds.setdefault((pool.payment, pool.within), []).append(pool)
    lines += [f"  {_pools(payment, within, pools)}" for (payment, within), pools in kinds.items()]
    return "\n".join([*lines, *_beside(result)])


def _beside(result: Result | CohortResult) -> list[str]:
    """Return what must be said beside every figure."""
    found = [f"  warning: {warning}" for warning in result.warnings]
    if result.illustrative:
        found.append(f"  illustrative numbers: {', '.join(result.illustrative)}")
    return found


def _pools(payment: str, within: str, pools: list[Pool]) -> str:
    if len(pools) == 1 and isinstance(pools[0].pool, Absent):
        return f"pool of {payment} in {within}: {pools[0].pool}"
    there = [pool.pool for pool in pools if isinstance(pool.pool, Decimal)]
    whole, paid = _sum(there), _sum(pool.paid for pool in pools)
    not_placed = _sum(pool.not_placed for pool in pools)
    whose = f"pool of {payment}" if len(pools) == 1 else f"{len(pools):,} pools of {payment}"
    absent = f", {len(pools) - len(there):,} absent" if len(there) < len(pools) else ""
    taking_part = sum(pool.taking_part for pool in pools)
    return f"{whose} in {within}: {whole} = {paid} paid + {not_placed} not placed{absent}, {taking_part:,} taking part"


def _sum(amounts: Iterable[Decimal | Fraction]) -> str:
    return shown_value(sum((Fraction(amount) for amount in amounts), Fraction(0)), _MONEY)


def shown_value(value: Datum, type_: Type) -> str:
    """Return a value as people read it: money with its sign and thousands, percents with theirs, absences in words."""
    if isinstance(value, Absent):
        return str(value)
    text = text_value(value, type_)
    if isinstance(text, bool):
        return "yes" if text else "no"
    if type_.kind == "money" and "/" not in str(text):
        whole, _, cents = str(text).lstrip("-").partition(".")
        return f"{'-' if str(text).startswith('-') else ''}${int(whole):,}.{cents}"
    return str(text)
