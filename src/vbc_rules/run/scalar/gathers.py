"""Aggregates as code: listed members unrolled into one expression, items of lists gathered in loops."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from vbc_rules.language.absence import NONE_PRESENT, TOO_FEW_PRESENT
from vbc_rules.resolve.expressions import Gather
from vbc_rules.resolve.program import GatherShape
from vbc_rules.run.scalar import functions
from vbc_rules.run.scalar import representation as carry
from vbc_rules.run.scalar.emit import Block, If, bare
from vbc_rules.run.scalar.expressions import Expressions
from vbc_rules.run.scalar.representation import Carrier, constant
from vbc_rules.run.scalar.scope import Place
from vbc_rules.run.scalar.values import Leaf, bounds
from vbc_rules.run.scalar.visits import ZERO, Gathered, Visit, Visits, Wanted


class Gathers(Visits):
    """Writes code for aggregates."""

    def __init__(self, expressions: Expressions) -> None:
        super().__init__(expressions)
        expressions.gather = self.expression

    # --- the two ways in

    def expression(self, gather: Gather, place: Place) -> Carrier:
        """Return an aggregate inside a formula; gathering nothing where it has no value then is refused when run."""
        wanted = Wanted(gather.function, gather.level, gather.within, gather.item, gather.where, ignores=gather.present)
        found = self.gather(wanted, place)
        if gather.function not in ("sum", "count"):
            nothing = self._is_nothing(found)
            if nothing.constant is True:
                self.writer.add(self.of.refusal or "raise Refused")
                return ZERO if gather.function not in ("any", "all") else constant(gather.function == "all")
            if not nothing.is_constant:
                self.writer.branch(nothing.code)[0].add(self.of.refusal or "raise Refused")
        return self.aggregate(wanted.function, found)

    def shape(self, shape: GatherShape, place: Place) -> list[Leaf]:
        """Return the ways an aggregate's value can come about."""
        wanted = Wanted(shape.function, shape.level, shape.within, shape.item, shape.where, shape.weight, shape.policy)
        found = self.gather(wanted, place)
        leaves: list[Leaf] = []
        if self._missing(found, leaves):
            return leaves
        too_few = self._too_few(shape, found, place)
        if too_few is not None and self._leave(leaves, too_few, self.of.absent(TOO_FEW_PRESENT)):
            return leaves
        function = shape.function
        if function in ("sum", "count"):
            self._end(leaves, self.aggregate(function, found))
            return leaves
        if function == "weighted_mean":
            self._weighted_mean(found, leaves)
            return leaves
        none: Carrier = self.of.absent(NONE_PRESENT)
        if function in ("any", "all", "at_least_of"):
            if shape.if_none is not None:
                none = constant(shape.if_none)
            elif self._is_nothing(found).constant is not False:
                self.writer.branch(self._is_nothing(found).code)[0].add("raise Refused")
        if self._leave(leaves, self._is_nothing(found), none):
            return leaves
        if function == "at_least_of" and shape.needed is not None:
            needed = self.of.expr(shape.needed, place)
            self._end(leaves, carry.compare(">=", self._count(found, "yes"), needed))
        elif function in ("variance", "standard_deviation", "quantile"):
            self._statistic(shape, found, place, leaves)
        else:
            self._end(leaves, self.aggregate(function, found))
        return leaves

    # --- leaves

    def _end(self, leaves: list[Leaf], carrier: Carrier) -> None:
        leaves.append(Leaf(self.writer.block, carrier))

    def _leave(self, leaves: list[Leaf], condition: Carrier, carrier: Carrier) -> bool:
        """Add the leaf for where `condition` holds and go on elsewhere; return whether it always holds."""
        if condition.constant is True:
            self._end(leaves, carrier)
            return True
        if condition.constant is None:
            then, otherwise = self.writer.branch(condition.code)
            leaves.append(Leaf(then, carrier))
            self.writer.block = otherwise
        return False

    def _missing(self, found: Gathered, leaves: list[Leaf]) -> bool:
        """Add the leaves of absences that make the whole absent, the first member's first; return if it always is."""
        if found.plain:
            for visit in found.visits:
                if visit.missing is not None:
                    code = " and ".join([*visit.counted, visit.missing])
                    always = visit.missing == "True" and not visit.counted
                    test = constant(value=True) if always else Carrier("yes_no", f"({code})")
                    if self._leave(leaves, test, replace(visit.item, always_absent=True)):
                        return True
            return False
        if not any(visit.missing for visit in found.visits):
            return False
        name = self.writer.fresh("m")
        found.start.add(f"{name} = None")
        for visit in found.visits:
            if visit.missing is not None:
                self.guarded(visit, [*visit.counted, visit.missing, f"{name} is None"]).add(
                    f"{name} = {visit.item.code}"
                )
                visit.counted.append(f"not {visit.missing}")
        then, otherwise = self.writer.branch(f"({name} is not None)")
        leaves.append(Leaf(then, Carrier("number", name, maybe_absent=True, always_absent=True)))
        self.writer.block = otherwise
        return False

    def _too_few(self, shape: GatherShape, found: Gathered, place: Place) -> Carrier | None:
        if shape.needed_present is None:
            return None
        needed = self.of.expr(shape.needed_present, place)
        return carry.compare("<", self._count(found, "present"), needed)

    # --- aggregates

    def _is_nothing(self, found: Gathered) -> Carrier:
        if any(not visit.counted and not visit.nested for visit in found.visits):
            return constant(value=False)
        if all("False" in visit.counted for visit in found.visits):
            return constant(value=True)
        return carry.compare("=", self._count(found, "counted"), ZERO)

    def _count(self, found: Gathered, what: str) -> Carrier:
        """Return how many visits count, are present, or (of yes/no) are yes."""
        if what == "present" and not any(visit.present for visit in found.visits):
            what = "counted"
        if what not in found.counts:
            found.counts[what] = self._counted(found, what)
        return found.counts[what]

    def _counted(self, found: Gathered, what: str) -> Carrier:
        """Return how many visits count, are present, or (of yes/no) are yes."""
        fixed = 0
        parts: list[str] = []
        name = "" if found.plain else self.writer.fresh("n")
        for visit in found.visits:
            conditions = [*visit.counted, *(visit.present if what == "present" else [])]
            if what == "yes":
                if visit.item.constant is False:
                    continue
                if visit.item.constant is None:
                    conditions.append(visit.item.code)
            if "False" in conditions:
                continue
            if not found.plain:
                self.guarded(visit, conditions).add(f"{name} += 1")
            elif conditions:
                parts.append(f"({' and '.join(conditions)})")
            else:
                fixed += 1
        most = Fraction(len(found.visits))
        if not found.plain:
            found.start.add(f"{name} = 0")
            return Carrier("number", name, low=Fraction(0))
        if not parts:
            return constant(Fraction(fixed))
        codes = ([str(fixed)] if fixed else []) + parts
        code = f"({' + '.join(codes)})" if len(codes) > 1 else f"(1 if {bare(codes[0])} else 0)"
        return Carrier("number", code, low=Fraction(fixed), high=most)

    def aggregate(self, function: str, found: Gathered) -> Carrier:
        """Return a sum, count, mean, minimum, maximum, any or all of what was found to be something."""
        match function:
            case "count":
                return self._count(found, "counted")
            case "sum":
                return self._sum(found, lambda visit: visit.item)
            case "mean":
                total, count = self._sum(found, lambda visit: visit.item), self._count(found, "counted")
                low, high = self._bounds(found)
                return replace(self._over(total, count), low=low, high=high)
            case "any" | "all":
                return self._connected(found, function)
            case "min" | "max":
                return self._extreme(found, lower=function == "min")
        raise NotImplementedError(function)

    def _over(self, total: Carrier, count: Carrier) -> Carrier:
        if not count.is_constant:
            count = replace(count, low=Fraction(1))
        return self.of.divide(total, count)

    def _bounds(self, found: Gathered) -> tuple[Fraction | None, Fraction | None]:
        return bounds(*(visit.item for visit in found.visits)) if found.visits else (None, None)

    def _sum(self, found: Gathered, part: Callable[[Visit], Carrier]) -> Carrier:
        parts = [(visit, part(visit)) for visit in found.visits if "False" not in visit.counted]
        if not parts:
            return ZERO
        if found.plain:
            total = ZERO
            if any(carrier.denominator for _, carrier in parts):
                for _, carrier in parts:
                    total = carry.add(total, carrier)
                return total
            return self._flat_sum(parts)
        divisor = math.lcm(*(carrier.divisor for _, carrier in parts))
        quotient = any(carrier.denominator for _, carrier in parts)
        name = self.writer.fresh("s")
        below = f"{name}d" if quotient else None
        fixed = Fraction(0)
        for visit, carrier in parts:
            value = carry.quantity(carrier)
            if value is not None and below is None and not visit.nested:
                # Most members count: the sum begins with what each adds, and loses what one adds that does not.
                fixed += value
                if visit.counted:
                    self.otherwise(visit, visit.counted).add(f"{name} -= {carry.scaled(carrier, divisor)}")
                continue
            block = self.guarded(visit, visit.counted)
            code = carry.scaled(carrier, divisor)
            if below is None:
                block.add(f"{name} += {bare(code)}")
                continue
            reduced = self.writer.function("reduced", functions.reduced)
            other = carrier.denominator or "1"
            block.add(f"{name}, {below} = {reduced}({name} * {other} + {code} * {below}, {below} * {other})")
        if all(carrier.is_constant and not visit.counted and not visit.nested for visit, carrier in parts):
            return constant(fixed)
        start = carry.scaled(constant(fixed), divisor)
        found.start.add(f"{name} = {start}" if below is None else f"{name}, {below} = 0, 1")
        low = Fraction(0) if all(carrier.never_negative for _, carrier in parts) else None
        return Carrier("number", name, divisor, below, low=low)

    def _flat_sum(self, parts: list[tuple[Visit, Carrier]]) -> Carrier:
        divisor = math.lcm(*(carrier.divisor for _, carrier in parts))
        codes: list[str] = []
        low: Fraction | None = Fraction(0)
        high: Fraction | None = Fraction(0)
        fixed = Fraction(0)
        for visit, carrier in parts:
            value = carry.quantity(carrier)
            if value is not None and not visit.counted:
                fixed += value
            else:
                code = carry.scaled(carrier, divisor)
                codes.append(f"({bare(code)} if {' and '.join(visit.counted)} else 0)" if visit.counted else code)
            least, most = bounds(carrier, ZERO) if visit.counted else (carrier.low, carrier.high)
            low = None if low is None or least is None else low + least
            high = None if high is None or most is None else high + most
        if not codes:
            return constant(fixed)
        if fixed:
            codes.append(carry.scaled(constant(fixed), divisor))
        code = codes[0] if len(codes) == 1 else f"({' + '.join(codes)})"
        return Carrier("number", code, divisor, low=low, high=high)

    def _connected(self, found: Gathered, function: str) -> Carrier:
        ends = function == "any"
        if not found.plain:
            name = self.writer.fresh("b")
            for visit in found.visits:
                test = visit.item.code if ends else f"not {visit.item.code}"
                self.guarded(visit, [*visit.counted, test]).add(f"{name} = {ends}")
            found.start.add(f"{name} = {not ends}")
            return Carrier("yes_no", name)
        parts: list[str] = []
        for visit in found.visits:
            if "False" in visit.counted or visit.item.constant is (not ends):
                continue
            if visit.item.constant is ends and not visit.counted:
                return constant(ends)
            if ends:
                parts.append(" and ".join([*visit.counted, *([] if visit.item.is_constant else [visit.item.code])]))
            else:
                unless = [f"not ({' and '.join(visit.counted)})"] if visit.counted else []
                parts.append(f"({' or '.join([*unless, *([] if visit.item.is_constant else [visit.item.code])])})")
        if not parts:
            return constant(not ends)
        return Carrier("yes_no", f"({(' or ' if ends else ' and ').join(parts)})")

    def _extreme(self, found: Gathered, *, lower: bool) -> Carrier:
        parts = [visit for visit in found.visits if "False" not in visit.counted]
        if found.plain:
            best = parts[0].item
            for visit in parts[1:]:
                best = self.of.extreme(best, visit.item, lower=lower)
            return best
        kind = parts[0].item.kind
        divisor = math.lcm(*(visit.item.divisor for visit in parts)) if kind == "number" else 1
        name = self.writer.fresh("m")
        below = f"{name}d" if any(visit.item.denominator for visit in parts) else None
        sign = "<" if lower else ">"
        for visit in parts:
            block = self.guarded(visit, visit.counted)
            item = visit.item
            code = carry.scaled(item, divisor) if kind == "number" else item.code
            if not code.isidentifier():
                bound = self.writer.fresh()
                block.add(f"{bound} = {bare(code)}")
                code = bound
            other = item.denominator or "1"
            test = f"{code} {sign} {name}" if below is None else f"{code} * {below} {sign} {name} * {other}"
            made = If(f"({name} is None or {test})", Block(), Block())
            block.entries.append(made)
            then = made.then
            then.add(f"{name} = {code}")
            if below is not None:
                then.add(f"{below} = {other}")
        found.start.add(f"{name} = None" if below is None else f"{name}, {below} = None, 1")
        low, high = self._bounds(found) if kind == "number" else (None, None)
        return Carrier(kind, name, divisor, below, low=low, high=high)

    def _weighted_mean(self, found: Gathered, leaves: list[Leaf]) -> None:
        weights = self._sum(found, lambda visit: visit.weight)
        total = self._sum(found, lambda visit: carry.multiply(visit.item, visit.weight))
        weights = self.of.simple(weights)
        if self._leave(leaves, carry.compare("=", weights, ZERO), self.of.absent(NONE_PRESENT)):
            return
        low, high = None, None
        if all(visit.weight.never_negative for visit in found.visits):
            low, high = self._bounds(found)
            if not weights.is_constant:
                weights = replace(weights, low=Fraction(1, 10**100))  # zero has left above
        self._end(leaves, replace(self.of.divide(total, weights), low=low, high=high))

    def _statistic(self, shape: GatherShape, found: Gathered, place: Place, leaves: list[Leaf]) -> None:
        """Call the oracle's own statistics: they are rare, and need every item at once."""
        items = self.writer.fresh("items")
        if found.plain:
            self.make_statements(found)
        for visit in found.visits:
            below = carry.product(str(visit.item.divisor), visit.item.denominator)
            code = carry.scaled(visit.item, visit.item.divisor)
            self.writer.function("Fraction", Fraction)
            self.guarded(visit, visit.counted).add(f"{items}.append(Fraction({bare(code)}, {below}))")
        found.start.add(f"{items} = []")
        name = self.writer.fresh("statistic_")
        self.writer.function(name, functions.statistic(shape))
        at = ""
        if shape.at is not None:
            share = self.of.expr(shape.at, place)
            number = carry.scaled(share, share.divisor)
            at = f", Fraction({number}, {carry.product(str(share.divisor), share.denominator)})"
        number, below = self.writer.fresh(), self.writer.fresh()
        self.writer.add(f"{number}, {below} = {name}({items}{at})")
        low = Fraction(0) if shape.function != "quantile" else None
        self._end(leaves, Carrier("number", number, 1, below, maybe_absent=shape.function != "quantile", low=low))
