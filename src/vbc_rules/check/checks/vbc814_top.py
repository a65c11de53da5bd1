"""A `top` has nobody among the first, or more than all.

Refused:

```yaml
values:
  hospital:
    honored: {top: 110%, within: cohort, order: [rate], ties: all_in, absent: out, round: 0 down, source: guide_2024}
```

Instead:

```yaml
values:
  hospital:
    honored: {top: 10%, within: cohort, order: [rate], ties: all_in, absent: out, round: 0 down, source: guide_2024}
```

Why: `top: 0` says no of every member and 110% says yes of every one, whatever they are compared by. Neither needs a
comparison, so a figure was written wrongly, or its place.
"""

from __future__ import annotations

from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.interval import Interval
from vbc_rules.check.parts import text_of
from vbc_rules.check.ranges import RangeWalk
from vbc_rules.resolve.program import Definition, Program, TopShape
from vbc_rules.source.diagnostic import Findings

code: Final = "VBC814"
name: Final = "a `top` of nobody, or of more than all"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Report numbers of the first that are certainly zero or less, or certainly more than all."""
    walk = RangeWalk(estimator)
    for definition in program.definitions:
        if isinstance(definition.shape, TopShape):
            _top(definition, definition.shape, walk, findings)


def _top(definition: Definition, shape: TopShape, walk: RangeWalk, findings: Findings) -> None:
    ranges = [
        walk.estimator.bounds(shape.how_many, inner)
        for place in walk.places_of(definition)
        if (inner := walk.guarded(definition, place)) is not None
    ]
    found = [one for one in ranges if not one.is_empty]
    text = text_of(shape.how_many.span)
    if found and all(_is_at_most_zero(one) for one in found):
        findings.error(
            code,
            f"`top: {text}` has nobody among the first",
            shape.how_many.span,
            "write a percent above 0%" if shape.is_share else "write a count of 1 or more",
        )
    elif found and shape.is_share and all(one.low is not None and one.low > 1 for one in found):
        findings.error(code, f"`top: {text}` is more than all", shape.how_many.span, "write a percent of 100% or less")


def _is_at_most_zero(found: Interval) -> bool:
    return found.high is not None and found.high <= 0
