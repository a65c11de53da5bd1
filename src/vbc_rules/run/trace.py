"""What an engine found: the exact value of every slot at every instance."""

from __future__ import annotations

from typing import Protocol

from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Datum, Ref


class Trace(Protocol):
    """The outcome of evaluating one participant, kept whole and read on demand."""

    def value(self, ref: Ref, path: Path) -> Datum:
        """Return the value of an input, value, payment, gate, cell, name or parameter at an instance.

        `path` leads to the instance of `ref.level`; it is empty for the participant, the cohort and parameters.
        Raises KeyError for a name or an instance that does not exist.
        """
        ...

    def count(self, level: str, path: Path) -> int:
        """Return how many items list level `level` has under the instance `path` of its parent level."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be shown beside every figure of this result (a dated parameter carried past its stated span)."""
        ...
