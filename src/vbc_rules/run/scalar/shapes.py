"""The shapes of values as code: each becomes leaves, the ways in which its value can come about."""

from __future__ import annotations

import itertools
from fractions import Fraction

from vbc_rules.language.absence import Absent
from vbc_rules.language.types import YES_NO
from vbc_rules.resolve.expressions import Compare, Constant, Expr, Read, Ref, Rounding
from vbc_rules.resolve.program import (
    AllocateShape,
    ByMemberShape,
    ChooseShape,
    Definition,
    FormulaShape,
    GatherShape,
    HigherOfShape,
    InterpolateShape,
    Outcome,
    Policy,
    Shape,
    StandingShape,
    TableShape,
    TiersShape,
    TopShape,
)
from vbc_rules.run.scalar import representation as carry
from vbc_rules.run.scalar.emit import Block, If
from vbc_rules.run.scalar.expressions import Expressions
from vbc_rules.run.scalar.gathers import Gathers
from vbc_rules.run.scalar.representation import Carrier, constant
from vbc_rules.run.scalar.scope import Place
from vbc_rules.run.scalar.settlings import Settlings
from vbc_rules.run.scalar.values import Leaf

NOTHING = constant(Fraction(0))


class Shapes:
    """Writes code for definitions. What a method returns has been written from the current block on."""

    def __init__(self, expressions: Expressions) -> None:
        self.of = expressions
        self.writer = expressions.writer
        self.gathers = Gathers(expressions)
        self.settlings = Settlings(expressions, self.gathers)

    def definition(self, definition: Definition, place: Place) -> list[Leaf]:
        """Return the leaves of a value or payment, before gates."""
        leaves: list[Leaf] = []
        known = self.of.present
        start = self.writer.block
        if self._needs(definition, place, leaves) and self._only_if(definition, place, leaves):
            for leaf in self.shape(definition.shape, place):
                leaves.extend(self.finish(leaf, definition.at_least, definition.at_most, definition.rounding, place))
        self.of.present = known
        self.writer.block = start
        if definition.pays_nothing_if_absent:
            leaves = [found for leaf in leaves for found in self._paying_nothing(leaf)]
        return leaves

    def _needs(self, definition: Definition, place: Place, leaves: list[Leaf]) -> bool:
        """Add a leaf for each needed name that may be absent; return whether there is anything beyond."""
        for needed in definition.needs:
            found = self.of.read(needed.ref, place)
            if found.is_absent:
                leaves.append(Leaf(self.writer.block, found))
                return False
            if found.maybe_absent:
                then, self.writer.block = self.writer.branch(self.of.is_absent_code(found))
                leaves.append(Leaf(then, _as_absence(found)))
                self.of.present |= {found.code}
        return True

    def _only_if(self, definition: Definition, place: Place, leaves: list[Leaf]) -> bool:
        if definition.only_if is None or definition.otherwise is None:
            return True
        condition = self.of.expr(definition.only_if, place)
        absent = self.of.absent(definition.otherwise)
        if condition.constant is False:
            leaves.append(Leaf(self.writer.block, absent))
            return False
        if condition.constant is None:
            self.of.present |= self.of.facts(definition.only_if, True, place)  # noqa: FBT003 (as `it is true`)
            then, self.writer.block = self.writer.branch(carry.truth_not(condition).code)
            leaves.append(Leaf(then, absent))
        return True

    def _paying_nothing(self, leaf: Leaf) -> list[Leaf]:
        if leaf.carrier.is_absent:
            return [Leaf(leaf.block, NOTHING)]
        if not leaf.carrier.maybe_absent:
            return [leaf]
        with self.writer.inside(leaf.block):
            then, otherwise = self.writer.branch(self.of.is_absent_code(leaf.carrier))
        return [Leaf(then, NOTHING), Leaf(otherwise, carry.widened(leaf.carrier, maybe_absent=False))]

    def finish(
        self, leaf: Leaf, at_least: Expr | None, at_most: Expr | None, rounding: Rounding | None, place: Place
    ) -> list[Leaf]:
        """Return the leaf clamped and rounded; an absence stays as it is."""
        carrier = leaf.carrier
        if carrier.is_absent or (at_least is None and at_most is None and rounding is None):
            return [leaf]
        block = leaf.block
        leaves: list[Leaf] = []
        if carrier.maybe_absent:
            with self.writer.inside(block):
                then, block = self.writer.branch(self.of.is_absent_code(carrier))
            leaves.append(Leaf(then, _as_absence(carrier)))
            carrier = carry.widened(carrier, maybe_absent=False)
        with self.writer.inside(block):
            if at_least is not None:
                carrier = self.of.extreme(carrier, self.of.expr(at_least, place), lower=False)
            if at_most is not None:
                carrier = self.of.extreme(carrier, self.of.expr(at_most, place), lower=True)
            if rounding is not None:
                carrier = self.of.rounded(carrier, rounding)
        leaves.append(Leaf(block, carrier))
        return leaves

    # --- shapes

    def shape(self, shape: Shape, place: Place) -> list[Leaf]:
        """Return the leaves of a shape."""
        match shape:
            case FormulaShape():
                return self.outcome(shape.outcome, place)
            case ChooseShape():
                return self._cases([(case.when, case.outcome) for case in shape.cases], shape.otherwise, place)
            case TiersShape():
                return self._cases([(step.test, step.outcome) for step in shape.steps], shape.otherwise, place)
            case TableShape():
                return self._table(shape, place)
            case InterpolateShape():
                return self._interpolate(shape, place)
            case ByMemberShape():
                if self.of.program.levels[shape.level].kind == "groups":
                    return self._by_group(shape, place)
                member = place.instances[shape.level][-1]
                return self.outcome(dict(shape.outcomes)[str(member)], place)
            case HigherOfShape():
                return self._higher_of(shape, place)
            case GatherShape():
                return self.gathers.shape(shape, place)
            case TopShape() | StandingShape() | AllocateShape():
                raise TypeError("members that are settled together are not evaluated one by one")

    def _by_group(self, shape: ByMemberShape, place: Place) -> list[Leaf]:
        ref = Ref(shape.level, shape.level)
        name = Read(shape.span, self.of.program.slots[ref].type, ref)
        cases: list[tuple[Expr, Outcome]] = [
            (Compare(shape.span, YES_NO, "=", name, Constant(shape.span, name.type, member, member)), outcome)
            for member, outcome in shape.outcomes
        ]
        return self._cases(cases, None, place)

    def outcome(self, outcome: Outcome, place: Place) -> list[Leaf]:
        """Return the leaves of a case."""
        if outcome.expr is None:
            return [Leaf(self.writer.block, self.of.absent(outcome.absent or ""))]
        carrier = self.of.expr(outcome.expr, place)
        if not isinstance(outcome.expr, Read):
            carrier = carry.widened(carrier, maybe_absent=False)
        leaf = Leaf(self.writer.block, carrier)
        return self.finish(leaf, outcome.at_least, outcome.at_most, outcome.rounding, place)

    def _cases(self, cases: list[tuple[Expr, Outcome]], otherwise: Outcome | None, place: Place) -> list[Leaf]:
        """Return the leaves of the first case that holds; without `otherwise`, none holding is refused when run."""
        leaves: list[Leaf] = []
        known = self.of.present
        for when, outcome in cases:
            condition = self.of.expr(when, place)
            if condition.constant is False:
                continue
            if condition.constant is True:
                leaves.extend(self.outcome(outcome, place))
                break
            then, rest = self.writer.branch(condition.code)
            with self.writer.inside(then), self.of.knowing(self.of.facts(when, True, place)):  # noqa: FBT003 (as `it is true`)
                leaves.extend(self.outcome(outcome, place))
            self.of.present |= self.of.facts(when, False, place)  # noqa: FBT003 (as `it is true`)
            self.writer.block = rest
        else:
            if otherwise is None:
                self.writer.add("raise Refused")
            else:
                leaves.extend(self.outcome(otherwise, place))
        self.of.present = known
        return leaves

    def _table(self, shape: TableShape, place: Place) -> list[Leaf]:
        leaves: list[Leaf] = []
        known = self.of.present
        for row in shape.rows:
            tests: list[str] = []
            settled = True
            for test in row.tests:
                if test is None:
                    continue
                found = self.of.expr(test, place)
                if found.constant is False:
                    settled = False
                    break
                if found.constant is None:
                    tests.append(found.code)
            if not settled:
                continue
            if not tests:
                leaves.extend(self.outcome(row.outcome, place))
                break
            then, rest = self.writer.branch(f"({' and '.join(tests)})")
            with self.writer.inside(then):
                leaves.extend(self.outcome(row.outcome, place))
            self.writer.block = rest
        else:
            self.writer.add("raise Refused")
        self.of.present = known
        return leaves

    def _interpolate(self, shape: InterpolateShape, place: Place) -> list[Leaf]:
        x = self.of.simple(self.of.expr(shape.subject, place))
        points = [(self.of.expr(point.at, place), point.value) for point in shape.points]
        leaves: list[Leaf] = []
        for op, bound, outside in (("<", points[0][0], shape.below), (">", points[-1][0], shape.above)):
            condition = carry.compare("<" if op == "<" else ">", x, bound)
            if condition.constant is False:
                continue
            then, rest = self.writer.branch(condition.code)
            with self.writer.inside(then):
                if outside is None:
                    self.writer.add("raise Refused")
                else:
                    leaves.extend(self.outcome(outside, place))
            self.writer.block = rest
        if len(points) == 1:
            leaves.append(Leaf(self.writer.block, self.of.expr(points[0][1], place)))
            return leaves
        for number, ((x0, first), (x1, second)) in enumerate(itertools.pairwise(points), 1):
            block = self.writer.block
            rest = block
            if number < len(points) - 1:
                condition = carry.compare("<=", x, x1)
                if condition.constant is False:
                    continue
                if condition.constant is None:
                    block, rest = self.writer.branch(condition.code)
            with self.writer.inside(block):
                leaves.append(
                    Leaf(block, self._line(x, x0, self.of.expr(first, place), x1, self.of.expr(second, place)))
                )
            if rest is block:
                break
            self.writer.block = rest
        return leaves

    def _line(self, x: Carrier, x0: Carrier, y0: Carrier, x1: Carrier, y1: Carrier) -> Carrier:
        """Return y0 + (y1 - y0) * (x - x0) / (x1 - x0); between constants it is a * x + b."""
        rise = carry.add(y1, y0, -1)
        run = carry.add(x1, x0, -1)
        slope = self.of.divide(rise, run)
        if slope.is_constant:
            offset = carry.add(y0, carry.multiply(slope, x0), -1)
            found = carry.add(carry.multiply(slope, x), offset)
            a, b = carry.quantity(y0), carry.quantity(y1)
            if a is not None and b is not None and not found.is_constant:
                return Carrier("number", found.code, found.divisor, found.denominator, low=min(a, b), high=max(a, b))
            return found
        return carry.add(y0, carry.multiply(slope, carry.add(x, x0, -1)))

    def _higher_of(self, shape: HigherOfShape, place: Place) -> list[Leaf]:
        leaves: list[Leaf] = []
        kept: list[Carrier] = []
        left_out: list[Carrier] = []
        for item in shape.items:
            found = self.of.expr(item, place)
            if not isinstance(item, Read):
                found = carry.widened(found, maybe_absent=False)
            if isinstance(found.constant, Absent):
                action = self._action(shape.policy, found.constant.reason)
                if action == "absent":
                    leaves.append(Leaf(self.writer.block, found))
                    return leaves
                if action is None:
                    self.writer.add("raise Refused")
                (kept if action == "zero" else left_out).append(NOTHING if action == "zero" else found)
            else:
                kept.append(self._acted_upon(found, shape.policy, leaves) if found.maybe_absent else found)
        if not kept:
            leaves.append(Leaf(self.writer.block, left_out[0]))
            return leaves
        leaves.append(Leaf(self.writer.block, self._best(kept, left_out, shape, place)))
        return leaves

    def _action(self, policy: Policy | None, reason: str) -> str | None:
        if policy is None:
            return None
        return policy.every or dict(policy.by_reason).get(reason)

    def _acted_upon(self, found: Carrier, policy: Policy | None, leaves: list[Leaf]) -> Carrier:
        """Return an item that may be absent as the policy leaves it: present, or absent and to be left out."""
        absent = self.of.is_absent_code(found)
        there = carry.widened(found, maybe_absent=False)
        every = None if policy is None else policy.every
        by_reason = () if policy is None else policy.by_reason

        def test(*actions: str) -> str:
            names = [self.writer.absence(reason) for reason, action in by_reason if action in actions]
            return " or ".join(f"{found.code} is {name}" for name in names)

        if every is None:
            known = " or ".join(f"{found.code} is {self.writer.absence(reason)}" for reason, _ in by_reason)
            unknown = f"({absent} and not ({known}))" if known else absent
            self.writer.branch(unknown)[0].add("raise Refused")
        whole = absent if every == "absent" else test("absent")
        if whole:
            then, self.writer.block = self.writer.branch(f"({whole})")
            leaves.append(Leaf(then, _as_absence(found)))
        ignored = every in ("ignore", "redistribute") or bool(test("ignore", "redistribute"))
        zero = absent if every == "zero" else test("zero")
        rest = found if ignored else there
        if not zero:
            return rest
        return self.of.either(Carrier("yes_no", f"({zero})"), Leaf(Block(), NOTHING), Leaf(Block(), rest))

    def _best(self, kept: list[Carrier], left_out: list[Carrier], shape: HigherOfShape, place: Place) -> Carrier:
        """Return the best of the items that are present; where none is, the first item's absence."""
        sure = [carrier for carrier in kept if not carrier.maybe_absent]
        unsure = [carrier for carrier in kept if carrier.maybe_absent]
        best: Carrier | None = None
        for carrier in sure:
            best = carrier if best is None else self.of.extreme(best, carrier, lower=shape.lower)
        for carrier in unsure:
            best = (
                self._first_of(carrier, left_out, shape, place) if best is None else self._better(best, carrier, shape)
            )
        if best is None:
            raise TypeError("an item is kept")
        return best

    def _first_of(self, carrier: Carrier, left_out: list[Carrier], shape: HigherOfShape, place: Place) -> Carrier:
        """Return the first item that may be present, absent for an earlier item's reason where one is always absent."""
        if not left_out:
            return carrier
        first = self.of.read(shape.items[0].ref, place) if isinstance(shape.items[0], Read) else None
        if first is None or not first.is_absent:
            return carrier
        then, otherwise = self.writer.branch(self.of.is_absent_code(carrier))
        return self.of.join([Leaf(then, first), Leaf(otherwise, carry.widened(carrier, maybe_absent=False))], "t")

    def _better(self, best: Carrier, other: Carrier, shape: HigherOfShape) -> Carrier:
        """Return the better of what was found so far and an item that may be absent."""
        best = self.of.simple(best)
        test = carry.compare(
            "<" if shape.lower else ">",
            carry.widened(other, maybe_absent=False),
            carry.widened(best, maybe_absent=False),
        )
        conditions: list[str] = []
        if best.maybe_absent:
            conditions.append(self.writer.is_absent(best.code))
        if test.constant is not True:
            conditions.append(test.code)
        better = " or ".join(conditions) if test.constant is not True else "True"
        present = self.writer.is_absent(other.code, negated=True)
        code = present if better == "True" else f"{present} and ({better})"
        made = If(f"({code})", Block(), Block())
        self.writer.block.entries.append(made)
        there = carry.widened(other, maybe_absent=False)
        if not best.maybe_absent:
            return self.of.join([Leaf(made.then, there), Leaf(made.otherwise, best)], "t")
        return self.of.join([Leaf(made.then, there), Leaf(made.otherwise, best)], "t")


def _as_absence(carrier: Carrier) -> Carrier:
    """Return a carrier whose code is known to hold an absence."""
    return Carrier("number", carrier.code, maybe_absent=True, always_absent=True)
