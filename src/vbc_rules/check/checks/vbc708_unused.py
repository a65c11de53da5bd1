"""An input, a parameter, a cell or a list that nothing reads (a warning).

Refused:

```yaml
inputs:
  hospital:
    discharges: {type: count}
    payments: {type: money, range: "$0 to $5,000,000,000"}
payments:
  hospital:
    earned: {formula: 5% of payments, round: 2 down, source: guide_2024}
```

Instead: leave `discharges` out, or read it where it should decide.

Why: everyone who runs the program must supply every input. One that decides nothing is either work for nothing, or
a rule that was forgotten.
"""

from __future__ import annotations

from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.parts import used_by
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program
from vbc_rules.source.diagnostic import Findings

code: Final = "VBC708"
name: Final = "a name that nothing reads"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Warn of names that nothing reads."""
    del estimator
    used = used_by(program)
    idle = {
        level.name
        for level in program.levels.values()
        if level.kind == "list"
        and level.name not in used.levels
        and not any(ref.level == level.name and ref.name != level.key for ref in used.refs)
    }
    for name_, parameter in program.parameters.items():
        if Ref("", name_) not in used.refs:
            findings.warning(
                code,
                f"nothing reads the parameter `{name_}`",
                parameter.span,
                "read it where it should decide, or leave it out",
            )
    for level in sorted(idle):
        findings.warning(
            code,
            f"nothing reads the list `{level}`",
            program.levels[level].span,
            f"gather it, as in `count({level})`, or leave it and its inputs out",
        )
    for slot in program.slots.values():
        if slot.kind in ("input", "cell") and slot.ref not in used.refs and slot.ref.level not in idle:
            what = "input" if slot.kind == "input" else "column"
            findings.warning(
                code,
                f"nothing reads the {what} `{slot.ref.name}` of `{slot.ref.level}`",
                slot.span,
                "read it where it should decide, or leave it out",
            )
