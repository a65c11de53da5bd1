"""A reason for absence that is misspelt, or that nothing gives.

Refused:

```yaml
inputs:
  hospital:
    rate: {type: percent, may_be: [declined, too_new]}
    prior: {type: percent, may_be: declind}
values:
  hospital:
    seen: {formula: rate is not to_new}
```

Instead:

```yaml
inputs:
  hospital:
    rate: {type: percent, may_be: [declined, too_new]}
    prior: {type: percent, may_be: declined}
values:
  hospital:
    seen: {formula: rate is not too_new}
```

Why: a file may name reasons of its own, so a slip in one would make a new reason that no policy, question or report
knows. Two reasons that differ by one letter are taken for one reason and a slip; a question for a reason that the name
never has is taken for a slip too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.parts import parts_of, walk
from vbc_rules.check.presence import Presence, Slips
from vbc_rules.language.absence import NO_VARIATION, NONE_PRESENT, STANDARD_REASONS, TOO_FEW_PRESENT
from vbc_rules.language.document import (
    Branch,
    ByMemberShape,
    ChooseShape,
    Document,
    InterpolateShape,
    Shape,
    TableShape,
    TiersShape,
    Word,
)
from vbc_rules.resolve.expressions import Expr, IsAbsent, Ref
from vbc_rules.resolve.program import Program
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.nearest import differs_by_one_letter, nearest

code: Final = "VBC709"
name: Final = "a reason for absence"

_KNOWN: Final = (*STANDARD_REASONS, NONE_PRESENT, TOO_FEW_PRESENT, NO_VARIATION)


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Report reasons that are one letter from another, and questions for reasons that do not occur."""
    find_slips(program, estimator.presence, findings)


def find_slips(program: Program, presence: Presence, findings: Findings) -> Slips:
    """Return the reasons that are misspelt or cannot be, having reported each at its place."""
    found = _misspelt(program, findings)
    slips = Slips(found)
    return Slips(found, frozenset(_unanswered(program, presence, slips, findings)))


def _misspelt(program: Program, findings: Findings) -> dict[str, str]:
    found: dict[str, str] = {}
    words = tuple(_reasons(program.document))
    uses = Counter(word.text for word in words)
    for word in words:
        if word.text in _KNOWN:
            continue
        others = [other for other in (*_KNOWN, *uses) if differs_by_one_letter(word.text, other)]
        meant = next((other for other in others if other in _KNOWN or uses[other] > uses[word.text]), None)
        if meant is None:
            meant = next((other for other in others if _first(other, words) < _first(word.text, words)), None)
        if meant is not None:
            found[word.text] = meant
            findings.error(
                code,
                f"the reason `{word.text}` is one letter from `{meant}`",
                word.span,
                f"write `{meant}`, or a word apart",
            )
    return found


def _unanswered(program: Program, presence: Presence, slips: Slips, findings: Findings) -> Iterator[tuple[Ref, str]]:
    """Yield the questions for reasons that do not occur."""
    for expr in _questions(program):
        reason = expr.reason or ""
        found = tuple(slips.reason(one) for one in presence.possible_reasons(expr.ref))
        if slips.reason(reason) not in found:
            yield expr.ref, reason
            close = nearest(reason, ("missing", *found))
            listed = ", ".join(f"`{reason}`" for reason in found)
            other = f"ask for `missing`, or for one of {listed}" if found else "leave the question out"
            findings.error(
                code,
                f"`{expr.ref.name}` is never absent for `{expr.reason}`",
                expr.span,
                f"write `{close}`" if close else other,
            )


def _first(reason: str, words: tuple[Word, ...]) -> tuple[int, int]:
    return min((word.span.line, word.span.column) for word in words if word.text == reason)


def _questions(program: Program) -> Iterator[IsAbsent]:
    """Yield every question for a named reason."""
    roots: list[Expr] = [entry.only_if for entry in program.inputs.values() if entry.only_if is not None]
    roots += [expectation.condition for expectation in program.expected]
    roots += [guarantee.condition for guarantee in program.guarantees]
    for step in program.steps:
        roots += [part.expr for part in parts_of(step)]
    for root in roots:
        for expr in walk(root):
            if isinstance(expr, IsAbsent) and expr.reason is not None:
                yield expr


def _reasons(doc: Document) -> Iterator[Word]:
    """Yield every reason the file names where it makes one, in the order of the file's sections."""
    for level in doc.levels:
        for _, declaration in level.parameters.values():
            yield from declaration.reasons
    for given in doc.inputs:
        yield from given.declaration.reasons
        if given.otherwise is not None:
            yield given.otherwise
    for value in (*doc.values, *doc.payments):
        if value.otherwise is not None:
            yield value.otherwise
        for branch in _branches(value.shape):
            if branch.absent is not None:
                yield branch.absent


def _branches(shape: Shape) -> Iterator[Branch]:
    match shape:
        case ChooseShape():
            yield from (branch for _, branch in shape.cases)
            yield shape.otherwise
        case TiersShape():
            yield from (step.branch for step in shape.steps)
            yield shape.otherwise
        case InterpolateShape():
            yield from (end for end in (shape.below, shape.above) if end is not None)
        case TableShape():
            yield from (row.branch for row in shape.rows)
        case ByMemberShape():
            yield from (branch for _, branch in shape.branches)
        case _:
            return
