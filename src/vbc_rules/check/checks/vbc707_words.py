"""A definition of `quantile` that is not known, or ties of `top` that do not tell members apart.

Refused:

```yaml
values:
  cqi:
    counts: {top: 10, within: hospital, order: [index], ties: sponsor}
  hospital:
    middle: {quantile: index, at: 50%, definition: usual}
```

Instead:

```yaml
values:
  cqi:
    counts: {top: 10, within: hospital, order: [index], ties: name}
  hospital:
    middle: {quantile: index, at: 50%, definition: hyndman_fan_7}
```

Why: statistics packages have nine definitions of a quantile, and they give different money: `nearest_rank` (always
one of the items), `hyndman_fan_6` (interpolates over n + 1) and `hyndman_fan_7` (over n - 1, the usual one of
spreadsheets). `top` must say who comes first among equals by something no two have in common within the level it
looks at: the key of the list, or the name of the level; or take them all, `ties: all_in`.
"""

from __future__ import annotations

from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.paths import is_of_participants
from vbc_rules.language.document import Value
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Definition, GatherShape, Program, TopShape
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.nearest import nearest
from vbc_rules.source.span import Span

code: Final = "VBC707"
name: Final = "words of quantile and top"

_QUANTILES: Final = ("nearest_rank", "hyndman_fan_6", "hyndman_fan_7")


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Report unknown definitions of quantiles and ties that are not unique."""
    del estimator
    written = written_by_name(program)
    for definition in program.definitions:
        match definition.shape:
            case GatherShape(function="quantile", definition=word) if word not in _QUANTILES:
                close = nearest(word or "", _QUANTILES)
                findings.error(
                    code,
                    f"`{word}` is not a definition of quantile",
                    span_of_word(written, definition, "definition"),
                    f"write `{close}`" if close else f"write one of {', '.join(f'`{one}`' for one in _QUANTILES)}",
                )
            case TopShape(ties=Ref() as ties) as shape if _is_unclear(ties, shape, program):
                key = _key(shape, program)
                findings.error(
                    code,
                    f"two of `{shape.level}` within one `{shape.within}` may have the same `{ties.name}`",
                    span_of_word(written, definition, "ties"),
                    f"write `ties: {key}`" if key is not None else "write `ties: all_in`",
                )
            case _:
                pass


def written_by_name(program: Program) -> dict[Ref, Value]:
    """Return each value and payment as it is written."""
    return {
        Ref(value.level.text, value.name.text): value
        for value in (*program.document.values, *program.document.payments)
    }


def span_of_word(written: dict[Ref, Value], definition: Definition, key: str) -> Span:
    """Return where a word of a definition's shape stands; else where the definition does."""
    word = getattr(written[definition.ref].shape, key, None)
    return word.span if word is not None else definition.span


def _key(shape: TopShape, program: Program) -> str | None:
    """Return what tells the members of the level apart within what `top` looks at; None if nothing does."""
    chain = program.chain(shape.level)
    between = [program.levels[level] for level in chain[1 : chain.index(shape.within)]]
    here = program.levels[shape.level]
    if here.kind == "list":
        return here.key if not between else None
    return here.name if all(level.kind == "members" for level in between) else None


def _is_unclear(ties: Ref, shape: TopShape, program: Program) -> bool:
    if not is_of_participants(program, shape.within):
        return False  # the ties of several participants are VBC713's
    key = _key(shape, program)
    return key is None or ties.level != shape.level or ties.name not in (key, shape.level)
