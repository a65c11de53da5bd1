"""Points of `interpolate` do not rise, or nothing is said beyond the first or the last.

Refused:

```yaml
values:
  hospital:
    rate: {interpolate: beds, points: [{at: 999, is: 8.7%}, {at: 500, is: 12.2%}], source: guide_2024}
```

Instead:

```yaml
values:
  hospital:
    rate:
      interpolate: beds
      points: [{at: 500, is: 12.2%}, {at: 999, is: 8.7%}]
      below: absent too_small
      above: 8.7%
      source: guide_2024
```

Why: a straight line runs between two neighbouring points, so there are at least two, each further than the one
before, and they are the same for everyone. Outside them the line does not go on: `below` and `above` say what
holds, unless the range of what is looked up shows that it never lies there.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.facts import Place
from vbc_rules.check.parts import text_of
from vbc_rules.check.ranges import RangeWalk
from vbc_rules.check.show import amount, span_of
from vbc_rules.resolve.program import InterpolateShape, Program
from vbc_rules.source.diagnostic import Findings

code: Final = "VBC706"
name: Final = "points of interpolate"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Report points that are too few, not constant or not rising, and ends that are left open."""
    walk = RangeWalk(estimator)
    for definition in program.definitions:
        shape = definition.shape
        if not isinstance(shape, InterpolateShape):
            continue
        if len(shape.points) < 2:
            findings.error(code, "a line needs two points", shape.span, "write at least two items under `points`")
            continue
        for place in walk.places_of(definition):
            inner = walk.guarded(definition, place)
            if inner is not None:
                _shape(shape, inner, estimator, findings)


def _shape(shape: InterpolateShape, place: Place, estimator: Estimator, findings: Findings) -> None:
    found: list[Fraction] = []
    for point in shape.points:
        at = estimator.bounds(point.at, place)
        if not at.is_point or at.low is None:
            findings.error(
                code,
                f"the point at `{text_of(point.at.span)}` is not the same for everyone",
                point.at.span,
                "write a numeral, a parameter with a value, or a cell of the member",
            )
            return
        found.append(at.low)
    for (_, before), (point, here) in pairwise(zip(shape.points, found, strict=True)):
        if here <= before:
            type_ = shape.subject.type
            findings.error(
                code,
                f"the point at {amount(here, type_)} stands after the one at {amount(before, type_)}",
                point.at.span,
                "write the points from the lowest `at` to the highest, each once",
            )
            return
    _ends(shape, found[0], found[-1], place, estimator, findings)


def _ends(
    shape: InterpolateShape, first: Fraction, last: Fraction, place: Place, estimator: Estimator, findings: Findings
) -> None:
    subject = estimator.bounds(shape.subject, place)
    if subject.is_empty:
        return
    type_ = shape.subject.type
    for key, given, reached in (
        ("below", shape.below, subject.low is None or subject.low < first),
        ("above", shape.above, subject.high is None or subject.high > last),
    ):
        if given is None and reached:
            where = f"below {amount(first, type_)}" if key == "below" else f"above {amount(last, type_)}"
            findings.error(
                code,
                f"nothing is said {where}, and `{text_of(shape.subject.span)}` was found to be "
                f"{span_of(subject, type_)}",
                shape.subject.span,
                f"write `{key}` with what holds there, or `{key}: absent not_applicable`",
            )
