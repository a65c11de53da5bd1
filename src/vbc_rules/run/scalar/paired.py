"""Conditions and weights of a gathering that read the gathered member and the gathering instance alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from vbc_rules.plan.rebuilding import walk
from vbc_rules.plan.stages import Gathering
from vbc_rules.resolve.expressions import Expr, IsAbsent, Read, Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.scalar.emit import Writer, write
from vbc_rules.run.scalar.expressions import Expressions
from vbc_rules.run.scalar.representation import Carrier
from vbc_rules.run.scalar.scope import Place
from vbc_rules.run.scalar.writing import compiled


@dataclass(frozen=True, slots=True)
class Paired:
    """Functions of what the member sees, then of what only the gathering instance sees.

    They take a value for each of `member` and `gathering` (quantities over `divisors`, as whole numbers or fractions);
    `weight` gives a whole number or a fraction over `weight_divisor`.
    """

    member: tuple[Ref, ...]
    gathering: tuple[Ref, ...]
    where: Callable[..., bool] | None
    weight: Callable[..., Any] | None
    weight_divisor: int


class _Pairing(Expressions):
    """Writes code in which every name is an argument."""

    def __init__(self, program: Program, names: dict[Ref, Carrier]) -> None:
        super().__init__(program, Writer())
        self.names = names

    def read(self, ref: Ref, place: Place) -> Carrier:
        """Return the argument that stands for a name."""
        found = self.names.get(ref)
        return super().read(ref, place) if found is None else found


def compile_paired(program: Program, gathering: Gathering, carrier_of: Callable[[Expr], Carrier]) -> Paired:
    """Return the compiled condition and weight of a gathering."""
    reads = {
        part.ref: part
        for part in walk((gathering.where, gathering.weight))
        if isinstance(part, Read | IsAbsent) and (part.ref.level or program.parameters[part.ref.name].required)
    }
    seen = {gathering.level, *program.uppers[gathering.level], ""}
    names: dict[Ref, Carrier] = {}
    for number, ref in enumerate(reads):
        found = carrier_of(Read(gathering.span, gathering.type, ref))
        # A quotient arrives as a fraction, which computes as a whole number does.
        names[ref] = replace(found, code=f"a_{number}", denominator=None, maybe_absent=True)
    member = tuple(ref for ref in reads if ref.level in seen)
    rest = tuple(ref for ref in reads if ref.level not in seen)

    def function(expr: Expr | None) -> tuple[Callable[..., Any] | None, int]:
        if expr is None:
            return None, 1
        expressions = _Pairing(program, names)
        result = expressions.expr(expr, Place(gathering.level, {}))
        lines: list[str] = []
        write(expressions.writer.top, 1, lines)
        code = result.code
        if result.denominator is not None:
            expressions.writer.function("Fraction", Fraction)
            code = f"Fraction({code}, {result.denominator})"
        arguments = ", ".join(names[ref].code for ref in (*member, *rest))
        text = "\n".join([f"def pair({arguments}):", *lines, f"    return {code}"]) + "\n"
        where = f"<vbc_rules, gathering of {gathering.level} within {gathering.within}>"
        return compiled(text, "pair", where, expressions.writer.constants), result.divisor

    where, _ = function(gathering.where)
    weight, divisor = function(gathering.weight)
    return Paired(member, rest, where, weight, divisor)
