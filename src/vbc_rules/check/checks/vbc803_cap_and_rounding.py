"""Rounding comes last and may carry a number past its cap or floor.

Refused:

```yaml
payments:
  hospital:
    earned: {formula: share of payments, at_most: cap of payments, round: 2 half_up}
```

Instead:

```yaml
payments:
  hospital:
    earned: {formula: share of payments, at_most: cap of payments, round: 2 down}
```

Why: a cap is a promise about the amount that is paid. Half up turns a cap of $10.005 into $10.01. Round in the
direction that keeps the promise, or round the cap itself to the same digits. A cap that is a multiple of the unit
anyway, as `$500` is, holds with every way of rounding.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.interval import Interval
from vbc_rules.check.parts import outcomes_of, text_of
from vbc_rules.check.ranges import RangeWalk
from vbc_rules.check.scales import Grids, is_multiple
from vbc_rules.resolve.expressions import Expr, Rounding
from vbc_rules.resolve.program import Definition, Outcome, Program
from vbc_rules.source.diagnostic import Findings, Related

code: Final = "VBC803"
name: Final = "a cap that rounding can pass"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Report caps and floors that the rounding after them may pass."""
    grids = Grids(program)
    for definition in program.definitions:
        several: tuple[Definition | Outcome, ...] = (definition, *outcomes_of(definition.shape))
        for held in several:
            _held(held, definition, grids, estimator, findings)


def _held(
    held: Definition | Outcome, definition: Definition, grids: Grids, estimator: Estimator, findings: Findings
) -> None:
    if held.rounding is None:
        return
    for key, bound in (("at_most", held.at_most), ("at_least", held.at_least)):
        if bound is None or is_multiple(grids.of(bound), held.rounding.unit):
            continue
        cap = key == "at_most"
        if not _keeps(held.rounding, _range(bound, definition, estimator), cap=cap):
            word = "cap" if cap else "floor"
            findings.error(
                code,
                f"rounding `{held.rounding.text}` may carry `{definition.ref.name}` past its {word} "
                f"`{text_of(bound.span)}`",
                held.rounding.span,
                f"round {'down' if cap else 'up'}, or round the {word}: write "
                f"`{key}: round({text_of(bound.span)}, {held.rounding.text.replace(' ', ', ')})`"
                if not held.rounding.text.startswith("to ")
                else f"round {'down' if cap else 'up'}, or make the {word} a multiple of the step",
                Related(f"the {word}", bound.span),
            )


def _range(bound: Expr, definition: Definition, estimator: Estimator) -> Interval:
    walk = RangeWalk(estimator)
    found = [
        estimator.bounds(bound, inner)
        for place in walk.places_of(definition)
        if (inner := walk.guarded(definition, place)) is not None
    ]
    hull = Interval(Fraction(1), Fraction(0))
    for interval in found:
        hull = hull.hull(interval)
    return hull


def _keeps(rounding: Rounding, bound: Interval, *, cap: bool) -> bool:
    """Whether the rounded bound never passes the bound; rounding keeps the order, so nothing below it passes either."""
    match rounding.mode:
        case "floor":
            return cap
        case "ceiling":
            return not cap
        case "down":
            return bound.is_not_negative if cap else bound.is_not_positive
        case "up":
            return bound.is_not_positive if cap else bound.is_not_negative
        case _:
            return False
