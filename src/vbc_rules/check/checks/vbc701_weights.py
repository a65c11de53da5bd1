"""Weights do not add up to what the level expects, or the level does not say what to expect.

Refused:

```yaml
levels:
  domain:
    in: hospital
    parameters: {weight: percent}
    members: {clinical: {weight: 45%}, safety: {weight: 45%}}
```

Instead:

```yaml
levels:
  domain:
    in: hospital
    parameters: {weight: percent}
    expect: sum(weight) = 100%
    members: {clinical: {weight: 50%}, safety: {weight: 50%}}
```

Why: a weighted mean divides by the sum of its weights, so a slip in one weight moves every score a little and shows
nowhere. `expect` is checked against the members when the file is read, for each member of the level above. Weights
that rightly add up to something else say so: `expect: sum(weight) = 90%`. Weights that are values and come out the
same for everyone must add up to 100% or be expected otherwise.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.facts import Place
from vbc_rules.check.interval import ZERO, Interval
from vbc_rules.check.parts import walk
from vbc_rules.check.ranges import RangeWalk
from vbc_rules.check.show import amount
from vbc_rules.language.numerals import plain
from vbc_rules.resolve.expressions import Compare, Every, Expr, Gather, Read, Ref
from vbc_rules.resolve.program import Definition, Expectation, GatherShape, Program
from vbc_rules.source.diagnostic import Findings, Related

code: Final = "VBC701"
name: Final = "weights that do not add up"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Settle every expectation about members, and require one where percents weigh a mean."""
    for expectation in program.member_expectations:
        _expectation(expectation, estimator, findings)
    reported: set[Ref] = set()
    for definition in program.definitions:
        match definition.shape:
            case GatherShape(function="weighted_mean", weight=Read(ref=ref)) if ref not in reported:
                if _weight(definition, ref, estimator, findings):
                    reported.add(ref)
            case _:
                pass


def _places(estimator: Estimator, level: str) -> list[Place]:
    return list(RangeWalk(estimator).places(level))


def _at(place: Place) -> str:
    return " in " + ", ".join(f"`{member}`" for member in place.members.values()) if place.members else ""


# --- expectations ----------------------------------------------------------------------------------------------------


def _expectation(expectation: Expectation, estimator: Estimator, findings: Findings) -> None:
    for place in _places(estimator, expectation.level):
        settled = estimator.truth(expectation.condition, place)
        if settled is None:
            findings.error(
                code,
                "what is expected of members depends on data",
                expectation.span,
                "name cells of the members and parameters only; what data must fulfil stands under `expected`",
            )
            return
        if not settled:
            findings.error(
                code,
                f"`{expectation.text}` does not hold{_at(place)}: {_found(expectation.condition, estimator, place)}",
                expectation.span,
                "correct the cells of the members, or the number that is expected",
            )


def _found(condition: Expr, estimator: Estimator, place: Place) -> str:
    """Return the first comparison that fails, in numbers."""
    if isinstance(condition, Every):
        failing = (one for one in condition.operands if estimator.truth(one, place) is False)
        return _found(next(failing, condition.operands[0]), estimator, place)
    if isinstance(condition, Compare) and condition.left.type.is_numeric:
        left = estimator.bounds(condition.left, place)
        if left.is_point and left.low is not None:
            return f"found {amount(left.low, condition.left.type)}"
    return "it is not so"


# --- weights of a mean -----------------------------------------------------------------------------------------------


def _weight(definition: Definition, ref: Ref, estimator: Estimator, findings: Findings) -> bool:
    """Check one weight; return whether something was reported."""
    program = estimator.program
    slot = program.slots.get(ref)
    if slot is None or slot.kind not in ("cell", "value") or slot.type.kind != "percent":
        return False
    if any(_sums(expectation.condition, ref) for expectation in program.member_expectations):
        return False
    if slot.kind == "cell":
        findings.error(
            code,
            f"`{ref.name}` weighs a mean, and `{ref.level}` does not say what its weights add up to",
            program.levels[ref.level].span,
            f"write `expect: sum({ref.name}) = 100%` in `{ref.level}`",
            Related("they weigh this mean", definition.span),
        )
        return True
    parent = program.levels[ref.level].parent
    if parent is None:
        return False
    for place in _places(estimator, parent):
        total = _total(ref, parent, estimator, place)
        if total is not None and total != 1:
            findings.error(
                code,
                f"the weights `{ref.name}` add up to {plain(total * 100)}%{_at(place)}",
                slot.span,
                f"bring them to 100%, or write `expect: sum({ref.name}) = {plain(total * 100)}%` in `{ref.level}`",
                Related("they weigh this mean", definition.span),
            )
            return True
    return False


def _sums(condition: Expr, ref: Ref) -> bool:
    return any(
        isinstance(inner, Gather) and inner.function == "sum" and isinstance(inner.item, Read) and inner.item.ref == ref
        for inner in walk(condition)
    )


def _total(ref: Ref, parent: str, estimator: Estimator, place: Place) -> Fraction | None:
    """Return what the weights add up to where they are the same for everyone; else None."""
    total = Interval.point(ZERO)
    for instance in estimator.instances(ref.level, parent, place):
        found = estimator.read_range(ref, instance.place)
        if instance.least != 1 or instance.most != 1 or not found.is_point:
            return None
        total = total + found
    return total.low
