"""Steps of tiers run in more than one direction, or a step can never be taken.

Refused:

```yaml
values:
  hospital:
    points:
      tiers: rate
      steps: [{at_least: 75%, is: 3}, {at_least: 90%, is: 5}, {otherwise: 0}]
```

Instead:

```yaml
values:
  hospital:
    points:
      tiers: rate
      steps: [{at_least: 90%, is: 5}, {at_least: 75%, is: 3}, {otherwise: 0}]
```

Why: the first step that holds is taken, so steps stand from the hardest to the easiest; one that stands after an
easier one is dead, and everyone who earned it is paid the easier one. Bounds that come with the data or are
supplied are shown to run in order from their ranges and from `expected` (write `p90 >= p75`, or `gain(p90, p75) >=
0%` for `reaches`). Two equal bounds leave an empty band: published benchmark tables and data may hold them,
numerals may not.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.facts import Place
from vbc_rules.check.parts import text_of
from vbc_rules.check.ranges import RangeWalk
from vbc_rules.language.types import YES_NO
from vbc_rules.resolve.expressions import Arithmetic, Compare, Constant, Expr, Gain, Negate, Read
from vbc_rules.resolve.program import Definition, Program, Step, TiersShape
from vbc_rules.source.diagnostic import Findings, Related

code: Final = "VBC702"
name: Final = "tiers out of order"

_FALLING: Final = frozenset({"at_least", "more_than"})
_RISING: Final = frozenset({"at_most", "less_than"})
_ZERO: Final = {"money": "$0", "percent": "0%"}


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Report steps that are mixed, out of order, empty, or not shown to be in order."""
    walk = RangeWalk(estimator)
    for definition in program.definitions:
        if not isinstance(definition.shape, TiersShape):
            continue
        steps = definition.shape.steps
        if not _one_direction(steps, findings):
            continue
        for place in walk.places_of(definition):
            inner = walk.guarded(definition, place)
            if inner is not None and not all(
                _pair(definition, earlier, later, inner, estimator, findings) for earlier, later in pairwise(steps)
            ):
                break


def _one_direction(steps: tuple[Step, ...], findings: Findings) -> bool:
    kinds = {step.kind for step in steps}
    if kinds <= _FALLING or kinds <= _RISING or len(kinds) == 1:
        return True
    other = next(step for step in steps if _group(step) != _group(steps[0]))
    findings.error(
        code,
        f"`{steps[0].kind}` and `{other.kind}` run in different directions",
        other.bound.span,
        f"write every step with `{steps[0].kind}`",
        Related("the steps begin here", steps[0].bound.span),
    )
    return False


def _group(step: Step) -> str:
    return "falling" if step.kind in _FALLING else "rising" if step.kind in _RISING else step.kind


def _pair(
    definition: Definition, earlier: Step, later: Step, place: Place, estimator: Estimator, findings: Findings
) -> bool:
    """Check two neighbouring steps; return whether they are in order."""
    strictly = _is_harder(earlier, later, place, estimator, strictly=True)
    if strictly is True:
        return True
    at = f" at {', '.join(f'`{member}`' for member in place.members.values())}" if place.members else ""
    first, second = text_of(earlier.bound.span), text_of(later.bound.span)
    beside = Related(f"the step before it, `{first}`", earlier.bound.span)
    in_order = _is_harder(earlier, later, place, estimator, strictly=False)
    if in_order is True:
        overlapping = earlier.kind in ("more_than", "less_than") and later.kind in ("at_least", "at_most")
        if strictly is False and not overlapping and _is_literal(earlier.bound) and _is_literal(later.bound):
            findings.error(
                code,
                f"the step `{second}` can never be taken{at}: its bound is the same as the one before",
                later.bound.span,
                "leave the step out, or correct its bound",
                beside,
            )
            return False
        return True
    if in_order is False:
        findings.error(
            code,
            f"the step `{second}` can never be taken{at}: whoever reaches it has reached `{first}` before",
            later.bound.span,
            "write the steps from the hardest to the easiest, or correct the bound",
            beside,
        )
        return False
    rule = _rule(earlier, first, second)
    findings.error(
        code,
        f"the steps `{first}` and `{second}` are not shown to be in order{at}",
        later.bound.span,
        f"write what the data must fulfil under `expected` of `{_level(definition, earlier, later)}`, as in `{rule}`",
        beside,
    )
    return False


def _is_harder(earlier: Step, later: Step, place: Place, estimator: Estimator, *, strictly: bool) -> bool | None:
    """Return whether the earlier step is harder to reach: as a comparison that holds says, or by what it differs."""
    harder = _harder(earlier, later, strictly=strictly)
    settled = estimator.truth(harder, place)
    if settled is not None or isinstance(harder.left, Gain):
        return settled
    span, type_ = harder.span, harder.left.type
    gap = Arithmetic(span, type_, "-", harder.left, harder.right)
    return estimator.truth(replace(harder, left=gap, right=Constant(span, type_, Fraction(0), "0")), place)


def _harder(earlier: Step, later: Step, *, strictly: bool) -> Compare:
    """Return the comparison that says that the earlier step is harder to reach."""
    span, first, second = later.bound.span, earlier.bound, later.bound
    if isinstance(earlier.test, Compare) and isinstance(earlier.test.left, Gain) and earlier.kind == "reaches":
        gain = Gain(span, first.type, first, second, earlier.test.left.direction)
        zero = Constant(span, first.type, Fraction(0), "0")
        return Compare(span, YES_NO, ">" if strictly else ">=", gain, zero)
    if earlier.kind in _RISING:
        first, second = second, first
    return Compare(span, YES_NO, ">" if strictly else ">=", first, second)


def _rule(earlier: Step, first: str, second: str) -> str:
    if earlier.kind == "reaches":
        return f"gain({first}, {second}) >= {_ZERO.get(earlier.bound.type.kind, '0')}"
    return f"{first} {'<=' if earlier.kind in _RISING else '>='} {second}"


def _level(definition: Definition, earlier: Step, later: Step) -> str:
    levels = [bound.ref.level for bound in (earlier.bound, later.bound) if isinstance(bound, Read) and bound.ref.level]
    return definition.ref.level if definition.ref.level in levels or not levels else levels[0]


def _is_literal(expr: Expr) -> bool:
    while isinstance(expr, Negate):
        expr = expr.operand
    return isinstance(expr, Constant) or (isinstance(expr, Read) and expr.ref.level == "")
