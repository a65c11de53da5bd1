"""What a quantity is always a whole multiple of: a cent, a tenth of a point, a third; None where nothing is known.

A sum of multiples of 0.01 and 0.25 is a multiple of 0.01; a product of multiples of 0.1 and 0.01 one of 0.001. Zero is
a multiple of everything, so the grid of the literal 0 is 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from vbc_rules.check.parts import outcomes_of
from vbc_rules.language.numerals import decimals_of
from vbc_rules.resolve.expressions import (
    Apply,
    Arithmetic,
    Constant,
    Expr,
    Gain,
    Gather,
    IfElse,
    Negate,
    OnDate,
    Read,
    Ref,
    Round,
)
from vbc_rules.resolve.program import (
    AllocateShape,
    Definition,
    GatherShape,
    HigherOfShape,
    InterpolateShape,
    Outcome,
    Program,
    StandingShape,
    TopShape,
)

ONE: Final = Fraction(1)
CENT: Final = Fraction(1, 100)


def is_multiple(grid: Fraction | None, unit: Fraction) -> bool:
    """Return whether every multiple of `grid` is one of `unit`; no where `grid` is not known."""
    return grid is not None and (grid / unit).denominator == 1


def is_finite_decimal(grid: Fraction | None) -> bool:
    """Return whether every multiple of `grid` has an end to its decimals."""
    return grid is not None and decimals_of(grid) is not None


def common(grids: Iterable[Fraction | None]) -> Fraction | None:
    """Return the largest number that all the grids are multiples of; None if one is not known."""
    found = Fraction(0)
    for grid in grids:
        if grid is None:
            return None
        denominator = math.lcm(found.denominator, grid.denominator)
        found = Fraction(math.gcd(int(found * denominator), int(grid * denominator)), denominator)
    return found


@dataclass(slots=True)
class Grids:
    """Answers for one program; each definition is looked at once."""

    program: Program
    _definitions: dict[Ref, Definition] = field(default_factory=dict)
    _found: dict[Ref, Fraction | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._definitions.update((definition.ref, definition) for definition in self.program.definitions)

    def of(self, expr: Expr) -> Fraction | None:
        """Return the grid of a formula."""
        match expr:
            case Constant(value=Fraction() as value):
                return abs(value)
            case Read():
                return self.of_name(expr.ref)
            case Negate():
                return self.of(expr.operand)
            case Arithmetic(op="+" | "-") | Gain():
                return common((self.of(expr.left), self.of(expr.right)))
            case Arithmetic(op="*"):
                left, right = self.of(expr.left), self.of(expr.right)
                return None if left is None or right is None else left * right
            case Arithmetic():
                divisor = self._constant(expr.right)
                left = self.of(expr.left)
                return left / abs(divisor) if divisor and left is not None else None
            case IfElse():
                return common((self.of(expr.then), self.of(expr.otherwise)))
            case Apply(function="min" | "max" | "abs" | "clamp"):
                return common(self.of(argument) for argument in expr.arguments)
            case Apply(function="days_between" | "months_between" | "years_between" | "year"):
                return ONE
            case Round():
                return expr.rounding.unit
            case OnDate():
                return self.of_name(Ref("", expr.parameter))
            case Gather(function="count"):
                return ONE
            case Gather(function="sum" | "min" | "max", item=item) if item is not None:
                return self.of(item)
            case _:
                return None

    def _constant(self, expr: Expr) -> Fraction | None:
        if isinstance(expr, Read) and expr.ref.level == "":
            value = self.program.parameters[expr.ref.name].value
            return value if isinstance(value, Fraction) else None
        return expr.value if isinstance(expr, Constant) and isinstance(expr.value, Fraction) else None

    def of_name(self, ref: Ref) -> Fraction | None:
        """Return the grid of a parameter, input, cell, value or payment."""
        if ref not in self._found:
            self._found[ref] = self._name(ref)
        return self._found[ref]

    def _name(self, ref: Ref) -> Fraction | None:
        if ref.level == "":
            parameter = self.program.parameters[ref.name]
            if parameter.domain is not None:
                return Fraction(1, 10**parameter.domain.scale)
            values = (parameter.value, *(step.value for step in parameter.dated))
            return common(abs(value) for value in values if isinstance(value, Fraction))
        if ref in self.program.inputs:
            return Fraction(1, 10 ** self.program.inputs[ref].domain.scale)
        if ref in self._definitions:
            return self._definition(self._definitions[ref])
        if self.program.slots[ref].kind != "cell":
            return None
        cells = (member.cells.get(ref.name) for member in self.program.levels[ref.level].members)
        return common(abs(cell) for cell in cells if isinstance(cell, Fraction))

    def _definition(self, definition: Definition) -> Fraction | None:
        found = definition.rounding.unit if definition.rounding is not None else self.before_rounding(definition)
        gates = (gate.pays for gate in self.program.gates if gate.pays is not None and definition.ref in gate.on)
        return common((found, *gates))

    def before_rounding(self, definition: Definition) -> Fraction | None:
        """Return the grid of what a definition gives before its own rounding."""
        bounds = (bound for bound in (definition.at_least, definition.at_most) if bound is not None)
        return common((self._shape(definition), *(self.of(bound) for bound in bounds)))

    def _shape(self, definition: Definition) -> Fraction | None:
        match definition.shape:
            case InterpolateShape() | TopShape():
                return None
            case AllocateShape():
                return CENT
            case StandingShape(function="rank"):
                return ONE
            case StandingShape(rounding=rounding):
                return rounding.unit if rounding is not None else None
            case HigherOfShape(items=items):
                return common(self.of(item) for item in items)
            case GatherShape(function="count"):
                return ONE
            case GatherShape(function="sum" | "min" | "max", item=item) if item is not None:
                return self.of(item)
            case GatherShape():
                return None
            case shape:
                return common(self.of_outcome(outcome) for outcome in outcomes_of(shape) if outcome.expr is not None)

    def of_outcome(self, outcome: Outcome) -> Fraction | None:
        """Return the grid of what a case gives, held and rounded."""
        if outcome.rounding is not None:
            return outcome.rounding.unit
        exprs = (outcome.expr, outcome.at_least, outcome.at_most)
        return common(self.of(expr) for expr in exprs if expr is not None)
