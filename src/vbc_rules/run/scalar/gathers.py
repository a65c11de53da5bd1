"""Aggregates as code: listed members unrolled into one expression, items of lists gathered in loops."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction

from vbc_rules.errors import Code, UsageError
from vbc_rules.language.absence import NONE_PRESENT, TOO_FEW_PRESENT, Absent
from vbc_rules.resolve.expressions import Expr, Gather
from vbc_rules.resolve.program import GatherShape, Policy
from vbc_rules.run.scalar import functions
from vbc_rules.run.scalar import representation as carry
from vbc_rules.run.scalar.emit import Block, For, If, bare
from vbc_rules.run.scalar.expressions import Expressions, Leaf, bounds
from vbc_rules.run.scalar.representation import Carrier, constant
from vbc_rules.run.scalar.scope import Instance, Loop, Place, chain_below, place_of

ZERO = constant(Fraction(0))
ONE = constant(Fraction(1))
IGNORE = "ignore"


@dataclass(slots=True)
class Visit:
    """One member, or the items of one list: the block that runs there, and what it contributes.

    `counted` are conditions under which it counts, `present` those under which it is also present; `missing` is the
    condition under which its absence makes the whole absent.
    """

    block: Block
    place: Place
    item: Carrier
    weight: Carrier
    counted: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    missing: str | None = None
    never_present: bool = False
    nested: bool = False
    guards: dict[tuple[str, ...], Block] = field(default_factory=dict)


@dataclass(slots=True)
class Gathered:
    """All visits. `root` holds their code, `start` what must come before; `plain`: there is none, only expressions."""

    start: Block
    root: Block
    visits: list[Visit]
    plain: bool
    counts: dict[str, Carrier] = field(default_factory=dict)


@dataclass(slots=True)
class Wanted:
    """An aggregate asked for, by a shape or inside a formula."""

    function: str
    level: str
    within: str
    item: Expr | None
    where: Expr | None
    weight: Expr | None = None
    policy: Policy | None = None
    ignores: bool = False


class Gathers:
    """Writes code for aggregates."""

    def __init__(self, expressions: Expressions) -> None:
        self.of = expressions
        self.writer = expressions.writer
        self.program = expressions.program
        expressions.gather = self.expression

    # --- the two ways in

    def expression(self, gather: Gather, place: Place) -> Carrier:
        """Return an aggregate inside a formula; gathering nothing where it has no value then is refused when run."""
        wanted = Wanted(gather.function, gather.level, gather.within, gather.item, gather.where, ignores=gather.present)
        found = self.gather(wanted, place)
        if gather.function not in ("sum", "count"):
            nothing = self._is_nothing(found)
            if nothing.constant is True:
                self.writer.add("raise Refused")
                return ZERO if gather.function not in ("any", "all") else constant(gather.function == "all")
            if not nothing.is_constant:
                self.writer.branch(nothing.code)[0].add("raise Refused")
        return self.aggregate(wanted.function, found)

    def shape(self, shape: GatherShape, place: Place) -> list[Leaf]:
        """Return the ways an aggregate's value can come about."""
        wanted = Wanted(shape.function, shape.level, shape.within, shape.item, shape.where, shape.weight, shape.policy)
        found = self.gather(wanted, place)
        leaves = self._missing(found)
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

    def _missing(self, found: Gathered) -> list[Leaf]:
        """Return the leaves of absences that make the whole absent, the first member's first."""
        leaves: list[Leaf] = []
        if found.plain:
            for visit in found.visits:
                if visit.missing is not None:
                    code = " and ".join([*visit.counted, visit.missing])
                    always = visit.missing == "True" and not visit.counted
                    test = constant(value=True) if always else Carrier("yes_no", f"({code})")
                    if self._leave(leaves, test, replace(visit.item, always_absent=True)):
                        break
            return leaves
        if not any(visit.missing for visit in found.visits):
            return leaves
        name = self.writer.fresh("m")
        found.start.add(f"{name} = None")
        for visit in found.visits:
            if visit.missing is not None:
                self._guarded(visit, [*visit.counted, visit.missing, f"{name} is None"]).add(
                    f"{name} = {visit.item.code}"
                )
                visit.counted.append(f"not {visit.missing}")
        then, otherwise = self.writer.branch(f"({name} is not None)")
        leaves.append(Leaf(then, Carrier("number", name, maybe_absent=True, always_absent=True)))
        self.writer.block = otherwise
        return leaves

    def _too_few(self, shape: GatherShape, found: Gathered, place: Place) -> Carrier | None:
        if shape.needed_present is None:
            return None
        needed = self.of.expr(shape.needed_present, place)
        return carry.compare("<", self._count(found, "present"), needed)

    # --- visiting

    def gather(self, wanted: Wanted, place: Place) -> Gathered:
        """Visit every member of the level under the place's instance of `within`."""
        found = Gathered(Block(), Block(), [], plain=True)
        start = place.instances[wanted.within]
        chain = chain_below(self.program, wanted.level)
        if not chain or self.program.levels[wanted.within].kind == "cohort":
            raise UsageError(Code.USAGE, f"`{wanted.level}` is gathered over the cohort; evaluate the whole cohort")
        with self.writer.inside(found.root):
            self._walk(wanted, place, start, chain[len(start) :], found)
        found.plain = found.plain and not found.root.entries
        quotients = any(visit.item.denominator or visit.weight.denominator for visit in found.visits)
        guarded = any(visit.counted or visit.present for visit in found.visits)
        if found.plain and (quotients or wanted.function in ("min", "max", "weighted_mean")) and guarded:
            self._unplain(found)
        if not found.plain:
            self.writer.block.entries.extend((found.start, found.root))
        return found

    def _unplain(self, found: Gathered) -> None:
        """Give every member a block, for contributions that need statements."""
        found.plain = False
        for visit in found.visits:
            visit.block = Block()
            found.root.entries.append(visit.block)

    def make_statements(self, found: Gathered) -> None:
        """Place what was gathered as expressions, so that every member has a block."""
        self._unplain(found)
        self.writer.block.entries.extend((found.start, found.root))

    def _walk(self, wanted: Wanted, place: Place, instance: Instance, rest: tuple[str, ...], found: Gathered) -> None:
        if not rest:
            self._member(wanted, place, instance, found)
            return
        level = self.program.levels[rest[0]]
        if level.kind == "members":
            for member in level.members:
                if member.parent is None or (instance and instance[-1] == member.parent):
                    self._walk(wanted, place, (*instance, member.name), rest[1:], found)
            return
        loop = Loop(self.of.store.items(level.name, instance), Block())
        self.writer.block.entries.append(For(loop.header, loop.body))
        with self.writer.inside(loop.body):
            self._walk(wanted, place, (*instance, loop), rest[1:], found)

    def _member(self, wanted: Wanted, place: Place, instance: Instance, found: Gathered) -> None:
        own = place_of(self.program, wanted.level, instance)
        member = Place(wanted.level, {**place.instances, **own.instances})
        known: frozenset[str] = frozenset()
        conditions: list[str] = []
        before = self.writer.block
        if wanted.where is not None:
            test = self.of.expr(wanted.where, member)
            if test.constant is False:
                return
            if test.constant is None:
                conditions.append(test.code)
            known = self.of.facts(wanted.where, True, member)  # noqa: FBT003
        inner = Block()
        with self.writer.inside(inner), self.of.knowing(known), self.of.watching(None):
            item = ONE if wanted.item is None else self.of.expr(wanted.item, member)
            weight = ONE if wanted.weight is None else self.of.expr(wanted.weight, member)
            visit = Visit(before, member, item, weight, conditions)
            visit.nested = any(isinstance(key, Loop) for key in instance)
            if item.is_absent or item.maybe_absent:
                self._absent(wanted, visit)
        if visit.never_present and visit.missing is None and visit.counted == ["False"]:
            return
        if inner.entries:
            self._prepared(visit, inner)
        found.visits.append(visit)

    def _prepared(self, visit: Visit, inner: Block) -> None:
        """Put what prepares a visit's item behind its conditions."""
        if visit.counted and not visit.missing and not visit.present:
            then, _ = self.writer.branch(f"({' and '.join(visit.counted)})")
            visit.counted = []
            then.entries.extend(inner.entries)
            visit.block, visit.nested = then, True
        else:
            visit.block.entries.extend(inner.entries)

    def _absent(self, wanted: Wanted, visit: Visit) -> None:
        """Settle what is done where the item is absent."""
        item = visit.item
        zero = constant(value=False) if wanted.item is not None and wanted.item.type.kind == "yes_no" else ZERO
        every = IGNORE if wanted.ignores else None if wanted.policy is None else wanted.policy.every
        by_reason = () if wanted.policy is None else wanted.policy.by_reason
        every = IGNORE if every == "redistribute" else every
        if isinstance(item.constant, Absent):
            visit.never_present = True
            action = every or dict(by_reason).get(item.constant.reason)
            if action == "zero":
                visit.item = zero
                visit.present = ["False"]
            elif action == "absent":
                visit.missing = "True"
            else:
                visit.counted = ["False"]
            return
        present = f"{item.code}.__class__ is not Absent"
        if every is None and not by_reason:
            self.writer.branch(f"({item.code}.__class__ is Absent)")[0].add("raise Refused")
            return
        if every == IGNORE:
            visit.counted.append(present)
        elif every == "absent":
            visit.missing = f"{item.code}.__class__ is Absent"
        elif every == "zero":
            visit.present = [present]
            visit.item = self._zeroed(item, f"{item.code}.__class__ is Absent", zero)
        else:
            self._by_reason(visit, dict(by_reason), zero)
            return
        if every in (IGNORE, "absent"):
            visit.item = replace(item, maybe_absent=every == "absent")

    def _by_reason(self, visit: Visit, actions: dict[str, str], zero: Carrier) -> None:
        item = visit.item
        code = item.code

        def any_of(*wanted: str) -> str:
            names = [self.writer.absence(reason) for reason, action in actions.items() if action in wanted]
            return " or ".join(f"{code} is {name}" for name in names)

        if left_out := any_of(IGNORE, "redistribute"):
            visit.counted.append(f"not ({left_out})" if " or " in left_out else left_out.replace(" is ", " is not "))
        if missing := any_of("absent"):
            visit.missing = f"({missing})"
        if zeros := any_of("zero"):
            visit.present = [f"{code}.__class__ is not Absent"]
            visit.item = self._zeroed(item, zeros, zero)

    def _zeroed(self, item: Carrier, condition: str, zero: Carrier) -> Carrier:
        # An absent quotient's denominator is 1, so zero over it is zero.
        low, high = bounds(item, ZERO) if item.kind == "number" else (None, None)
        code = f"({zero.code} if {condition} else {item.code})"
        return replace(item, code=code, maybe_absent=False, low=low, high=high)

    def _guarded(self, visit: Visit, conditions: list[str]) -> Block:
        """Return the block of a visit that runs where all conditions hold."""
        key = tuple(condition for condition in conditions if condition != "True")
        if not key:
            return visit.block
        if key not in visit.guards:
            made = If(f"({' and '.join(key)})", Block(), Block())
            visit.block.entries.append(made)
            visit.guards[key] = made.then
        return visit.guards[key]

    # --- aggregates

    def _is_nothing(self, found: Gathered) -> Carrier:
        if any(not visit.counted and not visit.nested for visit in found.visits):
            return constant(value=False)
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
                self._guarded(visit, conditions).add(f"{name} += 1")
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
        for visit, carrier in parts:
            block = self._guarded(visit, visit.counted)
            code = carry.scaled(carrier, divisor)
            if below is None:
                block.add(f"{name} += {bare(code)}")
                continue
            reduced = self.writer.function("reduced", functions.reduced)
            other = carrier.denominator or "1"
            block.add(f"{name}, {below} = {reduced}({name} * {other} + {code} * {below}, {below} * {other})")
        found.start.add(f"{name} = 0" if below is None else f"{name}, {below} = 0, 1")
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
                self._guarded(visit, [*visit.counted, test]).add(f"{name} = {ends}")
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
            block = self._guarded(visit, visit.counted)
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
            self._guarded(visit, visit.counted).add(f"{items}.append(Fraction({bare(code)}, {below}))")
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
