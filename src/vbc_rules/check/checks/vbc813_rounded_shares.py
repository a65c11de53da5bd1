"""Shares of a pool are rounded again, to more than a cent.

Refused:

```yaml
inputs:
  cohort:
    pool: {type: money, range: "$0 to $1,000,000"}
  hospital:
    earned: {type: money, range: "$0 to $1,000"}
payments:
  hospital:
    share:
      allocate: pool
      in_proportion_to: earned
      remainder: largest
      ties: hospital
      if_none: not_paid
      round: 0 half_up
```

Instead:

```yaml
inputs:
  cohort:
    pool: {type: money, range: "$0 to $1,000,000"}
  hospital:
    earned: {type: money, range: "$0 to $1,000"}
payments:
  hospital:
    share:
      allocate: pool
      in_proportion_to: earned
      remainder: largest
      ties: hospital
      if_none: not_paid
```

Why: `allocate` gives whole cents that add up to the pool. Each share rounded by itself afterwards does not: to whole
dollars, three shares of a pool of $100 would pay $99.
"""

from __future__ import annotations

from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.scales import CENT, is_multiple
from vbc_rules.resolve.program import AllocateShape, Program
from vbc_rules.source.diagnostic import Findings

code: Final = "VBC813"
name: Final = "shares that are rounded again"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Report roundings of shares that do not leave whole cents as they are."""
    del estimator
    for definition in program.definitions:
        rounding = definition.rounding
        if not isinstance(definition.shape, AllocateShape) or rounding is None or is_multiple(CENT, rounding.unit):
            continue
        findings.error(
            code,
            f"rounding `{rounding.text}` changes the shares `{definition.ref.name}`, which are whole cents and add up "
            "to the pool",
            rounding.span,
            "leave out `round`",
        )
