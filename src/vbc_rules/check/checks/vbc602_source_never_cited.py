"""A source is listed and nothing cites it (a warning).

Refused:

```yaml
sources:
  guide_2023: {title: Program guide 2023}
  guide_2024: {title: Program guide 2024}
parameters:
  cap: {type: percent, is: 5%, source: guide_2024 p. 15}
```

Instead: leave `guide_2023` out, or cite it beside what was taken from it.

Why: a reader takes the list for what the file rests on. A source that nothing cites is a left-over of an earlier
edition or a citation that was forgotten.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.language import document
from vbc_rules.resolve.program import Program
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.span import Span

code: Final = "VBC602"
name: Final = "a source that nothing cites"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Warn of sources without a citation."""
    del estimator
    doc = program.document
    holders = (doc.parameters, doc.levels, doc.values, doc.gates, doc.payments)
    cited = {citation.key.text for holder in holders for citation in _citations(holder)}
    for source in doc.sources:
        if source.key.text not in cited:
            findings.warning(
                code,
                f"nothing cites the source `{source.key.text}`",
                source.key.span,
                f"write `source: {source.key.text}` beside what was taken from it, or leave it out",
            )


def _citations(part: object) -> Iterator[document.Citation]:
    if isinstance(part, document.Citation):
        yield part
    elif isinstance(part, document.Formula | Span | str):
        return
    elif isinstance(part, tuple):
        for item in part:
            yield from _citations(item)
    elif isinstance(part, Mapping):
        for item in part.values():
            yield from _citations(item)
    elif dataclasses.is_dataclass(part):
        for one in dataclasses.fields(part):
            yield from _citations(getattr(part, one.name))
