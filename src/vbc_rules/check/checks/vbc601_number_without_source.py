"""A number decides money, and nothing says where it comes from.

Refused:

```yaml
parameters:
  cap: {type: percent, is: 5%}
values:
  hospital:
    bonus: {formula: if met then 250 else 0}
```

Instead:

```yaml
parameters:
  cap: {type: percent, is: 5%, source: guide_2024 p. 15}
values:
  hospital:
    bonus: {formula: if met then 250 else 0, illustrative: yes}
```

Why: whoever checks a payment must be able to open the page that a number stands on. Every parameter, every cell of
a member and every numeral in a formula says so, itself or through its case, its value, its member or its level:
`source` (stated there), `derived` (arithmetic on stated facts), `illustrative: yes` (ours, and shown as such); a
parameter may be `is: required`. Only 0 and 1 (also `0%`, `100%`, `$0`, and `$1` to divide by), digits of `round`,
`sqrt` and `exp`, and what inputs and guarantees say of themselves need nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.parts import parts_of
from vbc_rules.resolve.expressions import Apply, Arithmetic, Constant, Expr, children
from vbc_rules.resolve.program import Definition, Gate, Level, Parameter, Program
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.span import Span

code: Final = "VBC601"
name: Final = "a number without a source"

_STRUCTURAL: Final = (Fraction(0), Fraction(1))
_INSTEAD: Final = "`derived: {from: [..], by: ..}` or `illustrative: yes`"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Report parameters, cells and numerals without provenance."""
    del estimator
    sample = _sample(program)
    for parameter in program.parameters.values():
        _parameter(parameter, sample, findings)
    for level in program.levels.values():
        _cells(level, sample, findings)
    for step in program.steps:
        _step(step, sample, findings)


def _sample(program: Program) -> str:
    sources = program.document.sources
    return f"source: {sources[0].key.text}" if len(sources) == 1 else "source: key_of_a_source p. 1"


def _parameter(parameter: Parameter, sample: str, findings: Findings) -> None:
    if parameter.provenance is not None or parameter.required:
        return
    if parameter.dated and all(step.provenance is not None for step in parameter.dated if step.value is not None):
        return
    where = " beside every dated number" if parameter.dated else ""
    findings.error(
        code,
        f"the parameter `{parameter.name}` does not say where it comes from",
        parameter.span,
        f"write `{sample}`{where}, {_INSTEAD}; or `is: required` if whoever runs the program supplies it",
    )


def _cells(level: Level, sample: str, findings: Findings) -> None:
    bare = [member for member in level.members if member.cells and member.provenance is None]
    if not bare:
        return
    if len(bare) == len(level.members):
        findings.error(
            code,
            f"the cells of `{level.name}` do not say where they come from",
            level.span,
            f"write `{sample}` on the level or on each member, {_INSTEAD}",
        )
        return
    for member in bare:
        findings.error(
            code,
            f"the cells of `{member.name}` do not say where they come from",
            member.span,
            f"write `{sample}` on the member, {_INSTEAD}",
        )


def _step(step: Definition | Gate, sample: str, findings: Findings) -> None:
    if step.provenance is not None:
        return
    found: Mapping[Span, Constant] = {
        constant.span: constant
        for part in parts_of(step)
        if part.provenance is None
        for constant in numerals(part.expr)
    }
    pays = isinstance(step, Gate) and step.pays is not None and step.pays not in _STRUCTURAL
    if not found and not pays:
        return
    texts = dict.fromkeys(constant.text for constant in found.values())
    what = ", ".join(f"`{text}`" for text in texts) or "what is paid"
    verb = "do" if len(texts) > 1 else "does"
    findings.error(
        code,
        f"{what} in `{step.ref.name}` {verb} not say where {'they come' if len(texts) > 1 else 'it comes'} from",
        next(iter(found), step.span),
        f"write `{sample}` in `{step.ref.name}`, {_INSTEAD}; or name a parameter that says it",
    )


def numerals(expr: Expr) -> Iterator[Constant]:
    """Yield the numerals of an expression that must say where they come from."""
    match expr:
        case Constant(value=Fraction() as value):
            if value not in _STRUCTURAL or (expr.type.kind == "money" and value == 1):
                yield expr
        case Arithmetic(op="/", right=Constant(value=Fraction() as value)) if value == 1:
            yield from numerals(expr.left)
        case Apply(function="sqrt" | "exp"):
            yield from numerals(expr.arguments[0])
        case _:
            for child in children(expr):
                yield from numerals(child)
