"""A case of `choose` can never be taken.

Refused:

```yaml
values:
  hospital:
    points:
      choose:
        - {when: rate >= 50%, is: 1}
        - {when: rate >= 90%, is: 5}
        - {otherwise: 0}
```

Instead:

```yaml
values:
  hospital:
    points:
      choose:
        - {when: rate >= 90%, is: 5}
        - {when: rate >= 50%, is: 1}
        - {otherwise: 0}
```

Why: the first case that holds is taken. A case that an earlier one covers, or that the ranges of the inputs rule
out, looks like a rule and is none. It is refused only where this is certain for every member; a case that a
parameter of this edition switches off is left alone.
"""

from __future__ import annotations

from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.parts import walk
from vbc_rules.check.ranges import RangeWalk
from vbc_rules.resolve.expressions import Expr, IsAbsent, OnDate, Read
from vbc_rules.resolve.program import ChooseShape, Definition, Program
from vbc_rules.source.diagnostic import Findings

code: Final = "VBC703"
name: Final = "a case that never holds"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Report the cases that are dead at every member."""
    for definition in program.definitions:
        if isinstance(definition.shape, ChooseShape):
            for index, covered in _dead(definition, definition.shape, estimator):
                findings.error(
                    code,
                    f"this case of `{definition.ref.name}` can never be taken: "
                    + ("an earlier one holds wherever it does" if covered else "its condition never holds"),
                    definition.shape.cases[index].when.span,
                    "move the narrower case up, correct the condition, or leave the case out",
                )


def _dead(definition: Definition, shape: ChooseShape, estimator: Estimator) -> list[tuple[int, bool]]:
    """Return the places of the dead cases, each with whether it is dead for what stands before it."""
    ranges = RangeWalk(estimator)
    covered: set[int] = set()
    dead = {index for index, case in enumerate(shape.cases) if not _is_switch(case.when)}
    reached = False
    for start in ranges.places_of(definition):
        place = ranges.guarded(definition, start)
        if place is None:
            continue
        reached = True
        covered |= {index for index, case in enumerate(shape.cases) if estimator.truth(case.when, place) is not False}
        for index, case in enumerate(shape.cases):
            settled = estimator.truth(case.when, place)
            if settled is not False and not estimator.assume(place, case.when, truth=True).impossible:
                dead.discard(index)
            if _is_switch(case.when):
                continue
            place = estimator.assume(place, case.when, truth=False)
            if place.impossible:
                break
    return [(index, index in covered) for index in sorted(dead)] if reached else []


def _is_switch(when: Expr) -> bool:
    """Whether a condition reads parameters, and so may hold in another edition."""
    reads = [inner for inner in walk(when) if isinstance(inner, Read | IsAbsent)]
    return any(isinstance(inner, OnDate) for inner in walk(when)) or any(read.ref.level == "" for read in reads)
