"""Two rows of a table hold for the same combination.

Refused:

```yaml
values:
  hospital:
    share:
      table:
        - {score: 85 or more, is: 40%}
        - {score: 0 to 85, is: 0%}
      source: guide_2024
```

Instead:

```yaml
values:
  hospital:
    share:
      table:
        - {score: 85 or more, is: 40%}
        - {score: less than 85, is: 0%}
      source: guide_2024
```

Why: exactly one row of a table holds; their order means nothing, so that each row can be read by itself and
compared with the guide. Where the first of several should win, write `choose`.
"""

from __future__ import annotations

from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.tables import MOST_COMBINATIONS, tables_of
from vbc_rules.resolve.program import Program
from vbc_rules.source.diagnostic import Findings, Related

code: Final = "VBC705"
name: Final = "rows of a table that overlap"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Report the first two rows of each table that hold for the same combination."""
    del program
    for definition, shape, tables in tables_of(estimator):
        for table in tables:
            overlap = table.first_overlap() if table.size <= MOST_COMBINATIONS else None
            if overlap is not None:
                first, second = [row for index, row in enumerate(shape.rows) if overlap.rows >> index & 1][:2]
                findings.error(
                    code,
                    f"two rows of `{definition.ref.name}` hold where {overlap.words}",
                    second.span,
                    "narrow one of the two rows, or write `choose` if the first should win",
                    Related("the other row", first.span),
                )
                break
