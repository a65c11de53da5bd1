"""How many participants each peer gets wrong: everything it hands over is compared, to the last digit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.peers.ours import Columns
from tests.benchmarks.peers.rows import Outcomes, Rows
from tests.benchmarks.peers.way import Way


@dataclass(frozen=True, slots=True)
class Wrong:
    """How many participants of `rows` are wrong: in anything before the pool, in a payment, in a share of the pool.

    `worst` is the largest error of a payment before the pool, in cents. `shares` is None where there is no pool.
    """

    rows: int
    any: int
    payments: int
    worst: int
    shares: int | None


def wrong(expected: Outcomes, found: Outcomes) -> Wrong:
    """Return where what was found differs from what is expected."""
    paid = np.abs(expected.earned - found.earned)
    differs = paid != 0
    differs |= (expected.domain_scores != found.domain_scores).any(axis=0)
    differs |= (expected.weighted != found.weighted) | (expected.tier != found.tier)
    shares = None
    if found.shared is not None and expected.shared is not None:
        shares = int((expected.shared != found.shared).sum())
    return Wrong(len(paid), int(differs.sum()), int((paid != 0).sum()), int(paid.max(initial=0)), shares)


def judged(way: Way, rows: Rows, columns: Columns) -> Wrong:
    """Run one way over rows, and compare with the library."""
    assert way.outcomes is not None, way.name
    prepared = way.prepare(rows)
    way.before(prepared)
    found = way.outcomes([way.run(one) for one in prepared] if way.kind == "one" else way.run(prepared))
    return wrong(columns.outcomes(columns.engine.compute(columns.population(rows))), found)
