"""Members of one instance that are settled together, as code: all are collected, a helper answers, each has its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from math import lcm
from typing import Any

from vbc_rules.language.absence import Absent
from vbc_rules.plan.stages import NOT_COMPUTED, Settling
from vbc_rules.resolve.expressions import Constant, Expr, Read, Ref
from vbc_rules.resolve.program import AllocateShape, StandingShape, TopShape
from vbc_rules.run.scalar import representation as carry
from vbc_rules.run.scalar.expressions import Expressions
from vbc_rules.run.scalar.gathers import Gathers
from vbc_rules.run.scalar.representation import Carrier
from vbc_rules.run.scalar.scope import Instance, Place, place_of
from vbc_rules.run.scalar.together import Answer, answers_of
from vbc_rules.run.scalar.visits import Visit, Wanted

_NOT_COMPUTED = Absent(NOT_COMPUTED)


class Settlings:
    """Writes code for what settles members together."""

    def __init__(self, expressions: Expressions, gathers: Gathers) -> None:
        self.of = expressions
        self.writer = expressions.writer
        self.gathers = gathers
        self._answers = ""

    def collect(self, settling: Settling, instance: Instance) -> None:
        """Write what collects the members under `instance` of the shape's `within`, and settles them."""
        shape = settling.shape
        place = place_of(self.of.program, shape.within, instance)
        found = self.gathers.gather(Wanted("top", shape.level, shape.within, None, None), place)
        if found.plain:
            self.gathers.make_statements(found)
        rows, self._answers = self.writer.fresh("rows"), self.writer.fresh("answers")
        found.start.add(f"{rows} = []")
        given = [self._column(found.visits, expr) for expr in wanted_of(settling)]
        columns = [column for column, _ in given]
        for number, visit in enumerate(found.visits):
            with self.writer.inside(visit.block):
                row = f"({', '.join(column[number] for column in columns)},)"
                if settling.takes_part is None:
                    self.writer.add(f"{rows}.append({row})")
                    continue
                part = self.of.store.read(settling.takes_part, visit.place.instances[settling.takes_part.level])
                then, otherwise = self.writer.branch(f"({part.code} is True)")
                then.add(f"{rows}.append({row})")
                otherwise.add(f"{rows}.append(None)")
        pool = ""
        if isinstance(shape, AllocateShape):
            pool = f", {self._exactly(self.of.expr(shape.pool, place), Fraction(100))}"
        helper = settled(settling, [divisor for _, divisor in given])
        name = self.writer.function(self.writer.fresh("settle_"), helper)
        self.writer.add(f"{self._answers} = iter({name}({rows}{pool}))")

    def answer(self, settling: Settling) -> Carrier:
        """Write the reading of the next member's answer, in the order in which members are collected."""
        form = form_of(settling)
        name = self.writer.temporary(f"next({self._answers})")
        if form.denominator is None:
            return replace(form, code=name)
        below = self.writer.fresh()
        self.writer.add(f"{below} = 1 if {name}.__class__ is Absent else {name}.denominator")
        self.writer.add(f"if {name}.__class__ is not Absent: {name} = {name}.numerator")
        return replace(form, code=name, denominator=below)

    def _column(self, visits: Sequence[Visit], expr: Expr | None) -> tuple[list[str], int]:
        """Return the code of each member's value, all over one divisor, and the divisor."""
        found: list[Carrier] = []
        for visit in visits:
            with self.writer.inside(visit.block):
                # Read only where the member takes part, so absences are left for the helper to judge.
                found.append(carry.constant(Fraction(0)) if expr is None else self._value(expr, visit.place))
        divisor = lcm(*(carrier.divisor for carrier in found if carrier.kind == "number" and not carrier.is_absent))
        return [self._comparable(carrier, divisor) for carrier in found], divisor

    def _value(self, expr: Expr, place: Place) -> Carrier:
        if isinstance(expr, Constant):
            return carry.constant(expr.value)
        if isinstance(expr, Read) and expr.ref in self.of.hidden:
            return self.of.store.read(expr.ref, place.instances[expr.ref.level])
        return self.of.simple(self.of.expr(expr, place))

    def _comparable(self, carrier: Carrier, divisor: int) -> str:
        if carrier.kind != "number" or carrier.is_absent:
            return carrier.code
        code = carry.scaled(carrier, divisor)
        if carrier.denominator is not None:
            self.writer.function("Fraction", Fraction)
            code = f"Fraction({code}, {carrier.denominator})"
        if carrier.maybe_absent and code != carrier.code:
            return f"({carrier.code} if {carrier.code}.__class__ is Absent else {code})"
        return code

    def _exactly(self, carrier: Carrier, factor: Fraction) -> str:
        if carrier.is_absent:
            return carrier.code
        self.writer.function("Fraction", Fraction)
        number = carry.scaled(carrier, carrier.divisor)
        return f"Fraction({number}, {carry.product(str(carrier.divisor), carrier.denominator)}) * {factor}"


def wanted_of(settling: Settling) -> list[Expr | None]:
    """Return what is collected of each member: the columns that `answers_of` takes."""
    shape = settling.shape
    match shape:
        case TopShape():
            return [*shape.order, _read(settling, shape.ties), shape.how_many]
        case StandingShape():
            return [shape.subject, shape.better]
        case AllocateShape():
            return [shape.basis, shape.at_least, shape.at_most, _read(settling, shape.ties)]


def _read(settling: Settling, ref: Ref | None) -> Expr | None:
    return None if ref is None else Read(settling.shape.span, settling.type, ref)


def form_of(settling: Settling) -> Carrier:
    """Return how what the members have is carried; code stands for nothing."""
    match settling.shape:
        case TopShape():
            return Carrier("yes_no", "", maybe_absent=True)
        case AllocateShape():
            return Carrier("number", "", 100, maybe_absent=True, low=Fraction(0))
        case StandingShape(function="z_score", rounding=rounding) if rounding is not None:
            return Carrier("number", "", rounding.unit.denominator, maybe_absent=True)
        case StandingShape(function="rank"):
            return Carrier("number", "", maybe_absent=True, low=Fraction(1))
        case _:
            return Carrier("number", "", 1, "1", maybe_absent=True, low=Fraction(0), high=Fraction(1))


def settled(settling: Settling, divisors: Sequence[int]) -> Callable[..., list[Answer]]:
    """Return the function from the members' rows (None: takes no part), and a pool, to what each member has."""
    shape = settling.shape

    def answers(rows: Sequence[tuple[Any, ...] | None], pool: Fraction | None = None) -> list[Answer]:
        taking_part = [row for row in rows if row is not None]
        columns = list(zip(*taking_part, strict=True)) if taking_part else [()] * len(divisors)
        found = iter(answers_of(shape, columns, divisors, pool))
        return [_NOT_COMPUTED if row is None else next(found) for row in rows]

    return answers
