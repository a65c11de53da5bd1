"""Who is among the first: all members of one instance are ordered at once, then each reads its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from vbc_rules.resolve.expressions import Expr, Read, Rounding
from vbc_rules.resolve.program import TopShape
from vbc_rules.run import exact
from vbc_rules.run.scalar import representation as carry
from vbc_rules.run.scalar.emit import Block, If
from vbc_rules.run.scalar.expressions import Expressions
from vbc_rules.run.scalar.gathers import Gathers
from vbc_rules.run.scalar.representation import Carrier
from vbc_rules.run.scalar.scope import Instance, place_of
from vbc_rules.run.scalar.visits import Visit, Wanted


class Tops:
    """Writes code for `top`. `answer` is the current member's."""

    def __init__(self, expressions: Expressions, gathers: Gathers) -> None:
        self.of = expressions
        self.writer = expressions.writer
        self.gathers = gathers
        self.answer = carry.constant(value=False)
        self._answers = ""

    def order(self, shape: TopShape, instance: Instance) -> None:
        """Write what orders the members under `instance` of the shape's `within`."""
        place = place_of(self.of.program, shape.within, instance)
        found = self.gathers.gather(Wanted("top", shape.level, shape.within, None, None), place)
        if found.plain:
            self.gathers.make_statements(found)
        standings, self._answers = self.writer.fresh("standings"), self.writer.fresh("answers")
        found.start.add(f"{standings} = []")
        keys = [[self._key(visit, key) for key in shape.order] for visit in found.visits]
        divisors = [
            lcm(*(row[number].divisor for row in keys if row[number].kind == "number"))
            for number in range(len(shape.order))
        ]
        for visit, row in zip(found.visits, keys, strict=True):
            self._stand(shape, visit, row, divisors, standings)
        limit = self.of.expr(shape.how_many, place)
        below = carry.product(str(limit.divisor), limit.denominator)
        name = self.writer.function(self.writer.fresh("top_"), top_members(shape))
        self.writer.function("Fraction", Fraction)
        number = carry.scaled(limit, limit.divisor)
        self.writer.add(f"{self._answers} = iter({name}({standings}, Fraction({number}, {below})))")

    def next(self) -> None:
        """Write the reading of the next member's answer, in the order in which members are gathered."""
        self.answer = Carrier("yes_no", self.writer.temporary(f"next({self._answers})"))

    def _key(self, visit: Visit, key: Expr) -> Carrier:
        with self.writer.inside(visit.block):
            found = self.of.expr(key, visit.place)
            if not isinstance(key, Read):
                found = carry.widened(found, maybe_absent=False)
            return self.of.simple(found)

    def _stand(
        self, shape: TopShape, visit: Visit, keys: Sequence[Carrier], divisors: Sequence[int], standings: str
    ) -> None:
        parts: list[str] = []
        out: list[str] = []
        with self.writer.inside(visit.block):
            for key, divisor in zip(keys, divisors, strict=True):
                code = self._comparable(key, divisor)
                if not key.is_absent and not key.maybe_absent:
                    parts.append(f"(True, {code})")
                    continue
                last = self._reasons(shape, key, "last")
                leave = self._reasons(shape, key, "out")
                if shape.policy is None or shape.policy.every is None:
                    known = " or ".join(test for test in (last, leave) if test) or "False"
                    self.writer.branch(f"({key.code}.__class__ is Absent and not ({known}))")[0].add("raise Refused")
                if leave:
                    out.append(leave)
                parts.append(f"((False, False) if {key.code}.__class__ is Absent else (True, {code}))")
            tie = ""
            if shape.ties is not None:
                found = self.of.read(shape.ties, visit.place)
                if found.maybe_absent:
                    self.writer.branch(self.of.is_absent_code(found))[0].add("raise Refused")
                tie = f", {self._comparable(found, found.divisor)}"
            add = f"{standings}.append((({', '.join(parts)},){tie or ', None'}))"
            if not out:
                self.writer.add(add)
                return
            made = If(f"({' or '.join(out)})", Block(), Block())
            self.writer.block.entries.append(made)
            made.then.add(f"{standings}.append(None)")
            made.otherwise.add(add)

    def _reasons(self, shape: TopShape, key: Carrier, action: str) -> str:
        if shape.policy is None:
            return ""
        if shape.policy.every is not None:
            return f"{key.code}.__class__ is Absent" if shape.policy.every == action else ""
        reasons = [reason for reason, done in shape.policy.by_reason if done == action]
        return " or ".join(f"{key.code} is {self.writer.absence(reason)}" for reason in reasons)

    def _comparable(self, carrier: Carrier, divisor: int) -> str:
        if carrier.kind != "number" or carrier.is_absent:
            return carrier.code
        code = carry.scaled(carrier, divisor)
        if carrier.denominator is None:
            return code
        self.writer.function("Fraction", Fraction)
        return f"Fraction({code}, {carrier.denominator})"


Standing = Any
"""The order values and the tie key of a member; None for one that takes no part."""


def top_members(shape: TopShape) -> Callable[[list[Standing], Fraction], list[bool]]:
    """Return the function from all members' standings and the limit to who is among the first."""
    has_ties, is_share = shape.ties is not None, shape.is_share
    rounding: Rounding | None = shape.rounding

    def answers(standings: list[Standing], limit: Fraction) -> list[bool]:
        part = [number for number, standing in enumerate(standings) if standing is not None]
        if has_ties:
            part.sort(key=lambda number: standings[number][1])
        part.sort(key=lambda number: standings[number][0], reverse=True)
        if is_share:
            limit *= len(part)
        if rounding is not None:
            limit = exact.round_to(limit, rounding.unit, rounding.mode)
        first = part[: max(0, limit.numerator // limit.denominator)]
        chosen = set(first)
        if not has_ties and first:
            last = standings[first[-1]][0]
            chosen.update(number for number in part if standings[number][0] == last)
        return [number in chosen for number in range(len(standings))]

    return answers
