"""What a run pays in all: the exact sum of each payment, added up batch by batch."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from vbc_rules.api.pools import text_totals
from vbc_rules.api.views import instances_of
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program as Resolved
from vbc_rules.run.columns import ColumnEngine
from vbc_rules.run.columns.across import exact_total
from vbc_rules.run.columns.run import ColumnRun
from vbc_rules.run.scalar.cohort_trace import ScalarCohortTrace
from vbc_rules.run.trace import CohortTrace

if TYPE_CHECKING:
    from vbc_rules.api.program import Program


class Totals:
    """The total of each payment of money over all batches; what is absent adds nothing."""

    def __init__(self, program: Program) -> None:
        """Begin with nothing paid."""
        self._program = program.resolved
        self._sums = dict.fromkeys(payments_of(program.resolved), Fraction(0))

    def add(self, trace: CohortTrace) -> None:
        """Add what the participants of a batch are paid; what groups or the cohort are paid is the same in all."""
        for ref in self._sums:
            if self._program.root(ref.level) != self._program.participant:
                self._sums[ref] = _by_value(self._program, trace, ref)
                continue
            found = _in_columns(trace, ref)
            self._sums[ref] += _by_value(self._program, trace, ref) if found is None else found

    def texts(self) -> Mapping[str, str]:
        """Return the totals by name of the payment, with its level where it is not the participant's."""
        own = self._program.participant
        named = {ref.name if ref.level == own else str(ref): total for ref, total in self._sums.items()}
        return {name: str(text) for name, text in text_totals(named).items()}


def payments_of(program: Resolved) -> tuple[Ref, ...]:
    """Return the payments of money, in the order of the file."""
    return tuple(one.ref for one in program.definitions if one.role == "payment" and one.type.kind == "money")


def _by_value(program: Resolved, trace: CohortTrace, ref: Ref) -> Fraction:
    values = (trace.value(ref, path) for path in instances_of(program, trace, ref.level))
    return sum((value for value in values if isinstance(value, Fraction)), Fraction(0))


def _in_columns(trace: CohortTrace, ref: Ref) -> Fraction | None:
    """Return the sum of a column of whole numbers; None where the trace holds no such column."""
    run = getattr(trace, "_run", None)
    if not isinstance(trace, ScalarCohortTrace) or not isinstance(run, ColumnRun):
        return None
    engine: ColumnEngine = run.engine
    known = [known for (other, _), known in engine.known.items() if other == ref]
    if ref not in engine.forms or any(one.carrier.is_constant for one in known):
        return None
    above, below, codes = run.vector(ref)
    if below is not None or above.dtype == np.object_:
        return None
    counts = np.ones(above.shape, dtype=np.bool_) if codes is None else codes == 0
    if any(one.only_members for one in known) and run.inside is not None:
        counts = counts & run.inside
    paid = above[counts]
    return Fraction(exact_total(paid, np.zeros(len(paid), dtype=np.int64), 1)[0], engine.forms[ref].divisor)
