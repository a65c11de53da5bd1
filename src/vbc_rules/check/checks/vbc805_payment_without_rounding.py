"""A payment does not say how it is rounded, and may not come out in whole cents.

Refused:

```yaml
payments:
  hospital:
    earned: {formula: 5% of payments, source: guide_2024}
```

Instead:

```yaml
payments:
  hospital:
    earned: {formula: 5% of payments, round: 2 down, source: guide_2024}
```

Why: 5% of $10.01 is $0.5005, and someone has to decide about the half cent. The file does, in words; there is no
silent rounding and no default. A payment that is certain to be in whole cents (a sum of rounded amounts, say) needs
none, nor does one that is no money and whose decimals certainly end.
"""

from __future__ import annotations

from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.scales import CENT, Grids, is_finite_decimal, is_multiple
from vbc_rules.resolve.program import Program
from vbc_rules.source.diagnostic import Findings

code: Final = "VBC805"
name: Final = "a payment without rounding"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Report payments whose decimals do not certainly end, or whose money is not certainly in whole cents."""
    del estimator
    grids = Grids(program)
    for definition in program.definitions:
        if definition.role != "payment" or definition.rounding is not None or not definition.type.is_numeric:
            continue
        grid = grids.of_name(definition.ref)
        money = definition.type.kind == "money"
        if is_multiple(grid, CENT) if money else is_finite_decimal(grid):
            continue
        why = "may not come out in whole cents" if money else "may have no end to its decimals"
        findings.error(
            code,
            f"the payment `{definition.ref.name}` {why}",
            definition.span,
            "write `round` with digits and a mode, as in `round: 2 down`",
        )
