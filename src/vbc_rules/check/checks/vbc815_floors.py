"""The floors of the shares of a pool may be more than the pool, and nothing relates the two.

Refused:

```yaml
inputs:
  cohort:
    pool: {type: money, range: "$0 to $1,000,000"}
  hospital:
    earned: {type: money, range: "$0 to $1,000"}
    least: {type: money, range: "$0 to $100"}
payments:
  hospital:
    share:
      allocate: pool
      in_proportion_to: earned
      at_least: least
      remainder: largest
      ties: hospital
      if_none: not_paid
```

Instead:

```yaml
inputs:
  cohort:
    pool: {type: money, range: "$0 to $1,000,000"}
  hospital:
    earned: {type: money, range: "$0 to $1,000"}
    least: {type: money, range: "$0 to $100"}
expected:
  cohort: sum(least) <= pool
payments:
  hospital:
    share:
      allocate: pool
      in_proportion_to: earned
      at_least: least
      remainder: largest
      ties: hospital
      if_none: not_paid
```

Why: a pool is never overspent, so floors that add up to more than it are an error when the program is run. Say what
keeps them within it: what the data must fulfil, under `expected`, or a floor that is made of the pool itself, as in
`min(least, pool / number_paid)` rounded down. The warning goes away where one of the two names both sides; that they
are in order for all data is not proven. A floor of $0 needs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.parts import parts_of, text_of, walk
from vbc_rules.check.ranges import RangeWalk
from vbc_rules.check.together import how_many
from vbc_rules.resolve.expressions import Expr, Gather, Read, Ref
from vbc_rules.resolve.program import AllocateShape, Definition, Program
from vbc_rules.source.diagnostic import Findings

code: Final = "VBC815"
name: Final = "floors that may be more than the pool"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Warn of floors that may add up to more than the pool, where nothing relates them."""
    ranges = RangeWalk(estimator)
    for definition in program.definitions:
        shape = definition.shape
        if not isinstance(shape, AllocateShape) or shape.at_least is None:
            continue
        if _fits(definition, shape, shape.at_least, ranges) or _is_related(definition.ref, shape, program, estimator):
            continue
        floor, pool = text_of(shape.at_least.span), shape.pool.ref.name
        findings.warning(
            code,
            f"the floors `{floor}` may add up to more than the pool `{pool}`, which is an error when they do",
            shape.at_least.span,
            f"write under `expected` what keeps the sum of the floors within `{pool}`, or make the floor of `{pool}`",
        )


def _fits(definition: Definition, shape: AllocateShape, floor: Expr, ranges: RangeWalk) -> bool:
    """Whether the floors of as many members as there may be are never more than the pool."""
    estimator = ranges.estimator
    for place in ranges.places_of(definition):
        inner = ranges.guarded(definition, place)
        if inner is None:
            continue
        highest, lowest = estimator.bounds(floor, inner).high, estimator.bounds(shape.pool, inner).low
        if highest is not None and highest <= 0:
            continue
        most = how_many(shape.level, shape.within, place, estimator)
        if highest is None or lowest is None or most is None or highest * most > lowest:
            return False
    return True


def _is_related(share: Ref, shape: AllocateShape, program: Program, estimator: Estimator) -> bool:
    """Whether a floor is made of what its pool is made of, or what is expected or guaranteed names both.

    A guarantee that reads the shares themselves says nothing of the data for which there are any.
    """
    floors, pools = _made_of([shape.at_least], estimator), _made_of([shape.pool], estimator)
    if floors & pools:
        return True
    expected = [told.condition for told in program.expected]
    for condition in (*expected, *(told.condition for told in program.guarantees)):
        named = _made_of([condition], estimator)
        counted = any(isinstance(part, Gather) and part.level == shape.level for part in walk(condition))
        if share not in named and named & pools and (named & floors or (not floors and counted)):
            return True
    return False


def _made_of(exprs: Iterable[Expr | None], estimator: Estimator) -> frozenset[Ref]:
    """Return every name that formulas read, by way of other names too; parameters are the same for everyone."""
    found: set[Ref] = set()
    waiting = [expr for expr in exprs if expr is not None]
    while waiting:
        for part in walk(waiting.pop()):
            if isinstance(part, Read) and part.ref.level != "" and part.ref not in found:
                found.add(part.ref)
                if part.ref in estimator.definitions:
                    waiting += [inner.expr for inner in parts_of(estimator.definitions[part.ref])]
    return frozenset(found)
