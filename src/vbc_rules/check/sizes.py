"""How many digits a value can need: what keeps every program's arithmetic finite in practice.

A decimal grows with its range and its scale. A quotient that does not end is carried as two whole numbers, and sums and
products of such multiply them: squaring one sixty times would need more digits than any machine holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from vbc_rules.check.parts import parts_of
from vbc_rules.check.paths import way_up
from vbc_rules.check.scales import Grids, is_finite_decimal
from vbc_rules.resolve.expressions import Arithmetic, Constant, Expr, Gather, OnDate, Read, Ref, Round, children
from vbc_rules.resolve.program import Definition, GatherShape, Program

_PARTICIPANTS = 1_000
"""So many participants are reckoned with where their quotients are summed: more only take longer."""

_USUAL = 20
"""The digits of an input, a parameter or a decimal between declared ends; the range check bounds these by itself."""


@dataclass(slots=True)
class Sizes:
    """Answers for one program, definition by definition in the order they are computed; sizes are digits, roughly."""

    program: Program
    grids: Grids
    _found: dict[Ref, int] = field(default_factory=dict)

    def add(self, definition: Definition) -> int:
        """Return how many digits a value of `definition` can need, and keep it for what reads it."""
        if definition.rounding is not None or is_finite_decimal(self.grids.of_name(definition.ref)):
            found = _USUAL
        else:
            found = max((self.of(part.expr) for part in parts_of(definition)), default=_USUAL)
            shape = definition.shape
            if (
                isinstance(shape, GatherShape)
                and shape.item is not None
                and shape.function not in ("min", "max", "count")
            ):
                found = self.of(shape.item) * self._gathered(shape.level, shape.within)
        self._found[definition.ref] = found
        return found

    def of(self, expr: Expr) -> int:
        """Return how many digits a formula can need."""
        match expr:
            case Constant(value=Fraction() as value):
                return len(str(value.numerator)) + len(str(value.denominator))
            case Read():
                return self._found.get(expr.ref, _USUAL)
            case Round() | OnDate():
                return _USUAL
            case Arithmetic(op="*" | "/"):
                return self.of(expr.left) + self.of(expr.right)
            case Gather() if expr.item is not None and expr.function in ("sum", "mean"):
                found = self.of(expr.item)
                ends = is_finite_decimal(self.grids.of(expr.item))
                return found if ends else found * self._gathered(expr.level, expr.within)
            case _:
                sizes = [self.of(child) for child in children(expr) if child.type.is_numeric]
                ends = is_finite_decimal(self.grids.of(expr))
                return max(sizes, default=_USUAL) if ends else _total(sizes)

    def _members(self, level: str) -> int:
        here = self.program.levels[level]
        return len(here.members) if here.members else here.at_most or 1

    def _gathered(self, level: str, within: str) -> int:
        """Return how many members are reckoned with in one gathering."""
        way = way_up(self.program, level, within)[:-1]
        if all(self.program.levels[name].kind in ("members", "list") for name in way):
            return self._members(level)
        return max(self._members(level), _PARTICIPANTS)


def _total(sizes: Iterable[int]) -> int:
    return sum(sizes) or _USUAL
