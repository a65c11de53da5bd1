"""Guarantees drawn at random for a program: many near what its results are, so that some hold and some do not."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from vbc_rules.language.numerals import plain
from vbc_rules.language.types import Type
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program


def written(value: Fraction, type_: Type) -> str:
    """Return a number as a formula's literal of its unit, cut to four decimals."""
    cut = Fraction(round(value * 10_000), 10_000)
    digits = plain(abs(cut) * 100 if type_.kind == "percent" else abs(cut)).replace(",", "")
    sign = "-" if cut < 0 else ""
    return (
        f"({sign}${digits})" if type_.kind == "money" else f"({sign}{digits}{'%' if type_.kind == 'percent' else ''})"
    )


@dataclass(frozen=True, slots=True)
class Promises:
    """Draws guarantees about the quantities that were `seen` in results of `program`."""

    program: Program
    seen: Mapping[Ref, Sequence[Fraction]]
    rng: random.Random

    def draw(self, count: int) -> Iterator[str]:
        """Yield guarantees."""
        names = [ref for ref, slot in self.program.slots.items() if slot.type.is_numeric and self.seen.get(ref)]
        for _ in range(count if names else 0):
            ref = self.rng.choice(names)
            found = self._one(ref, names)
            if found:
                yield found

    def _one(self, ref: Ref, names: Sequence[Ref]) -> str:
        type_ = self.program.slots[ref].type
        low, high = min(self.seen[ref]), max(self.seen[ref])
        alike = [other for other in names if other.level == ref.level and self.program.slots[other].type == type_]
        other = self.rng.choice(alike)
        margin = self.rng.choice((Fraction(0), Fraction(1, 100), Fraction(1), high - low))
        match self.rng.randrange(7):
            case 0:
                return f"{ref.name} {self.rng.choice(('<=', '<'))} {written(high + margin, type_)}"
            case 1:
                return f"{ref.name} {self.rng.choice(('>=', '>'))} {written(low - margin, type_)}"
            case 2:
                return f"{ref.name} {self.rng.choice(('<=', '>=', '!='))} {other.name}"
            case 3:
                bound = self.rng.choice(self.seen[ref]) + self.rng.choice(self.seen[other])
                sign = self.rng.choice("+-")
                return f"{ref.name} {sign} {other.name} {self.rng.choice(('<=', '>='))} {written(bound, type_)}"
            case 4:
                mine, its = self.rng.choice(self.seen[ref]), self.rng.choice(self.seen[other])
                return f"{ref.name} <= {written(mine, type_)} or {other.name} > {written(its, type_)}"
            case 5 if ref.level != self.program.participant:
                return f"sum(present {ref.name}) {self.rng.choice(('<=', '>='))} {written(3 * high, type_)}"
            case 6 if ref.level != self.program.participant:
                return self._parted(ref)
        return ""

    def _parted(self, ref: Ref) -> str:
        tests = [
            name.name
            for name, slot in self.program.slots.items()
            if name.level == ref.level and slot.type.kind == "yes_no" and slot.kind in ("input", "value")
        ]
        if not tests:
            return ""
        where = self.rng.choice(tests)
        op = self.rng.choice(("<=", ">=", "="))
        return f"sum(present {ref.name} where {where}) {op} sum(present {ref.name} where not {where})"
