"""A table says nothing about a combination that can happen.

Refused:

```yaml
values:
  hospital:
    share:
      table:
        - {track: basic, score: 85 or more, is: 40%}
        - {track: basic, score: less than 80, is: 0%}
        - {track: enhanced, score: any, is: 75%}
      source: guide_2024
```

Instead:

```yaml
values:
  hospital:
    share:
      table:
        - {track: basic, score: 85 or more, is: 40%}
        - {track: basic, score: less than 85, is: 0%}
        - {track: enhanced, score: any, is: 75%}
      source: guide_2024
```

Why: a participant in the gap would be paid nothing, or stop the run in the month it first happens. Every
combination of words, and every stretch of a quantity within the range it was found to have, needs its row. Between
84 and 85 there is nothing for a count and there is something for a number with decimals. A table of more than
100,000 combinations is not looked through: split it in two values.
"""

from __future__ import annotations

from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.tables import MOST_COMBINATIONS, tables_of
from vbc_rules.resolve.program import Program
from vbc_rules.source.diagnostic import Findings

code: Final = "VBC704"
name: Final = "a gap in a table"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Report the first combination of each table that no row matches."""
    del program
    for definition, shape, tables in tables_of(estimator):
        for table in tables:
            if table.size > MOST_COMBINATIONS:
                findings.error(
                    code,
                    f"the table of `{definition.ref.name}` has {table.size:,} combinations, "
                    f"more than the {MOST_COMBINATIONS:,} that are looked through",
                    shape.span,
                    "split it in two values, each with fewer columns",
                )
                break
            gap = table.first_gap()
            if gap is not None:
                findings.error(
                    code,
                    f"no row of `{definition.ref.name}` says what holds where {gap.words}",
                    shape.span,
                    "write a row for it, or widen a cell",
                )
                break
