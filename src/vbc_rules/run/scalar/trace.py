"""What the generated function found, decoded when asked."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Path, Row
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.run.scalar.representation import Kind
from vbc_rules.run.scalar.scope import ITEM

if TYPE_CHECKING:
    from vbc_rules.run.scalar.compiler import ScalarEngine


TOGETHER: Final = 20
"""The generated function returns its values in tuples of this many.

Python keeps small tuples for reuse; long ones it must ask the system for, which costs three times as much.
"""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a slot's value stands: in the row, or among what the function returned.

    A quantity is what stands there over `divisor` times what stands at `denominator`. `constant`: it stands nowhere.
    """

    kind: Kind
    in_row: bool = False
    position: int = -1
    divisor: int = 1
    denominator: int | None = None
    constant: Datum | None = None


class ScalarTrace:
    """The outcome of evaluating one participant (a `run.trace.Trace`)."""

    __slots__ = ("_engine", "row", "values")

    def __init__(self, engine: ScalarEngine, row: Row, values: tuple[tuple[Any, ...], ...]) -> None:
        """Keep the row and what the generated function returned for it: tuples of `TOGETHER` values."""
        self._engine = engine
        self.row = row
        self.values = values

    def value(self, ref: Ref, path: Path = ()) -> Datum:
        """Return a value as `run.trace.Trace` says; a dated parameter's is that of the first day in force."""
        pattern = tuple(key if isinstance(key, str) else ITEM for key in path)
        items = [key for key in path if isinstance(key, int)]
        where = self._engine.locate(ref, pattern)
        if where.constant is not None:
            if items:
                self._check(ref.level, path)
            return where.constant
        found = self.row[where.position] if where.in_row else self._returned(where.position)
        found = self._at(found, items, path)
        if where.kind == "number" and found.__class__ is not Absent:
            below = 1 if where.denominator is None else self._at(self._returned(where.denominator), items, path)
            return Fraction(found, where.divisor * below)
        if where.kind == "date" and found.__class__ is not Absent:
            return datetime.date.fromordinal(found)
        kept: Datum = found
        return kept

    def _returned(self, position: int) -> Any:  # noqa: ANN401 (values of mixed kinds)
        return self.values[position // TOGETHER][position % TOGETHER]

    def _at(self, found: Any, items: list[int], path: Path) -> Any:  # noqa: ANN401 (values of mixed kinds)
        """Return the entry of the items in a column of a column; what is no column as it is."""
        try:
            for item in items:
                if item < 0:
                    raise KeyError(path)
                found = found[item]
        except IndexError:
            raise KeyError(path) from None
        return found

    def _check(self, level: str, path: Path) -> None:
        """Raise KeyError where the path leads to an item that the row does not have."""
        for depth, key in enumerate(path):
            if isinstance(key, int):
                name = self._engine.chain(level)[depth]
                if not 0 <= key < self.count(name, path[:depth]):
                    raise KeyError(path)

    def count(self, level: str, path: Path = ()) -> int:
        """Return how many items list level `level` has under the instance `path` of its parent level."""
        return self._engine.count(level, path, self.row)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be shown beside every figure of this result; worked out by the oracle where there may be any."""
        return self._engine.warnings(self.row)
