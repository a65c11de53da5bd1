"""Expressions as code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from functools import partial

from vbc_rules.language.absence import Absent
from vbc_rules.language.types import Type
from vbc_rules.plan.stages import NOT_COMPUTED
from vbc_rules.resolve.expressions import (
    Apply,
    Arithmetic,
    Compare,
    CompareOp,
    Constant,
    Every,
    Expr,
    Gain,
    Gather,
    IfElse,
    InCodes,
    IsAbsent,
    Negate,
    Not,
    OnDate,
    OneOf,
    Read,
    Ref,
    Round,
    Rounding,
    Some,
)
from vbc_rules.resolve.program import Program
from vbc_rules.run import settle
from vbc_rules.run.scalar import functions
from vbc_rules.run.scalar import representation as carry
from vbc_rules.run.scalar.calls import Calls
from vbc_rules.run.scalar.emit import Writer, is_empty
from vbc_rules.run.scalar.representation import Carrier, Kind, constant
from vbc_rules.run.scalar.scope import Loop, Place, Store
from vbc_rules.run.scalar.terms import Fact

_OPPOSITE: dict[CompareOp, CompareOp] = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


class Expressions(Calls):
    """Writes code for expressions. `gather` is set by the writer of gathers, `foreign` by that of a cohort's stages.

    `hidden` are slots that no file names. A value of theirs that was not computed may not be read; one that is `loud`
    may not be read where it is absent at all.
    """

    def __init__(self, program: Program, writer: Writer) -> None:
        super().__init__(program, writer)
        self.store = Store(writer)
        self.loose: dict[str, Carrier] | None = None
        self.refusal: str | None = None
        self.gather: Callable[[Gather, Place], Carrier]
        self.foreign: Callable[[Ref, Place], Carrier | None] = lambda _ref, _place: None
        self.hidden: frozenset[Ref] = frozenset()
        self.loud: frozenset[Ref] = frozenset()

    # --- reading

    def read(self, ref: Ref, place: Place) -> Carrier:
        """Return the carrier of a name seen from `place`."""
        if ref.level == "":
            return self.parameter(ref)
        found = self.foreign(ref, place)
        if found is not None:
            return found
        instance = place.instances[ref.level]
        slot = self.program.slots[ref]
        level = self.program.levels[ref.level]
        if level.kind == "members" and slot.kind in ("cell", "name"):
            key = instance[-1]
            if isinstance(key, Loop):
                raise TypeError("a listed member stands in no loop")
            if slot.kind == "name":
                return constant(key)
            cell = self.program.cell(ref, key)
            return self.absent(cell.reason) if isinstance(cell, Absent) else constant(cell)
        if slot.kind == "name" and level.kind == "list" and level.key is not None:
            ref = Ref(ref.level, level.key)
        found = self.store.read(ref, instance)
        if ref in self.hidden and found.maybe_absent:
            return self._computed(ref, found)
        return carry.widened(found, maybe_absent=False) if found.code in self.present else found

    def _computed(self, ref: Ref, found: Carrier) -> Carrier:
        """Write the test that a hidden value was computed."""
        if ref in self.loud:
            self.writer.branch(self.is_absent_code(found))[0].add("raise Refused")
            return carry.widened(found, maybe_absent=False)
        self.writer.branch(f"({found.code} is {self.writer.absence(NOT_COMPUTED)})")[0].add("raise Refused")
        return found

    def parameter(self, ref: Ref) -> Carrier:
        """Return the carrier of a parameter of the program."""
        parameter = self.program.parameters[ref.name]
        if parameter.value is not None:
            return constant(parameter.value)
        if parameter.required:
            return self.store.read(ref, ())
        return self.stated(parameter, *settle.start_of(self.program))

    @contextmanager
    def knowing(self, present: frozenset[str | Fact]) -> Iterator[None]:
        """Take names as present for a while."""
        before = self.present
        self.present = before | present
        try:
            yield
        finally:
            self.present = before

    @contextmanager
    def watching(self, loose: dict[str, Carrier] | None = None, refusal: str | None = None) -> Iterator[None]:
        """Look after what is read for its value and yet may be absent.

        It is noted in `loose`, by its code; or where it is read, the statement `refusal` is run if it is absent.
        """
        before = self.loose, self.refusal
        self.loose, self.refusal = loose, refusal
        try:
            yield
        finally:
            self.loose, self.refusal = before

    def facts(self, condition: Expr, holds: bool, place: Place) -> frozenset[str | Fact]:  # noqa: FBT001 (a truth value)
        """Return the names that are present, and what is known of them, where `condition` is `holds`."""
        match condition:
            case Compare() if is_plain(condition.left) and is_plain(condition.right):
                return self._compared(condition, holds, place)
            case IsAbsent(reason=None) if holds == condition.negated:
                return frozenset((self.read(condition.ref, place).code,))
            case Not():
                return self.facts(condition.operand, not holds, place)
            case Every() | Some() if holds == isinstance(condition, Every):
                found: frozenset[str | Fact] = frozenset()
                return found.union(*(self.facts(part, holds, place) for part in condition.operands))
        return frozenset()

    def _compared(self, condition: Compare, holds: bool, place: Place) -> frozenset[str | Fact]:  # noqa: FBT001 (as `it holds`)
        """Return which difference is known to be positive."""
        op = condition.op if holds else _OPPOSITE[condition.op]
        with self.watching():
            left, right = (self.aside(partial(self.expr, side, place)) for side in (condition.left, condition.right))
        if op in ("=", "!=") or left.block.entries or right.block.entries:
            return frozenset()
        if op in ("<", "<="):
            left, right = right, left
        a, b = left.carrier, right.carrier
        if a.kind != "number" or b.kind != "number" or a.denominator or b.denominator or a.is_absent or b.is_absent:
            return frozenset()
        difference = carry.add(carry.widened(a, maybe_absent=False), carry.widened(b, maybe_absent=False), -1)
        return frozenset((Fact(difference.terms, op in ("<", ">")),)) if not difference.is_constant else frozenset()

    # --- expressions

    def expr(self, expr: Expr, place: Place) -> Carrier:
        """Return the carrier of an expression, its preparations written at the current place."""
        match expr:
            case Constant():
                return constant(expr.value)
            case Read():
                return self.read(expr.ref, place)
            case Negate():
                return carry.negate(self.present_value(expr.operand, place))
            case Arithmetic():
                left, right = self.present_value(expr.left, place), self.present_value(expr.right, place)
                return self.arithmetic(expr.op, left, right)
            case Compare():
                left, right = self.present_value(expr.left, place), self.present_value(expr.right, place)
                return carry.compare(expr.op, left, right)
            case OneOf():
                return self._one_of(expr, place)
            case InCodes():
                return self._in_codes(expr, place)
            case Every() | Some():
                return self._connected(expr, place)
            case Not():
                return carry.truth_not(self.present_value(expr.operand, place))
            case IfElse():
                return self._if_else(expr, place)
            case IsAbsent():
                return self._is_absent(expr, place)
            case Gain():
                return self._gain(expr, place)
            case Apply():
                return self._apply(expr, place)
            case Round():
                return self.rounded(self.present_value(expr.operand, place), expr.rounding)
            case OnDate():
                when = self.present_value(expr.when, place)
                return self.on_date(self.program.parameters[expr.parameter], when, settle.date_role(expr.when))
            case Gather():
                return self.gather(expr, place)

    def present_value(self, expr: Expr, place: Place) -> Carrier:
        """Return the carrier of an expression that is read for its value, which an absence has not.

        What is absent at this member whatever the data is never a constant here: code is written for it, and either
        never runs or fails.
        """
        found = self.expr(expr, place)
        if found.is_absent:
            kind = kind_of(expr.type)
            found = replace(found, kind=kind, constant=None, always_absent=False, maybe_absent=True)
            if self.loose is not None:
                self.loose[found.code] = replace(found, always_absent=True)
        if not found.maybe_absent or not isinstance(expr, Read):
            return found
        if self.loose is not None:
            self.loose.setdefault(found.code, found)
        if self.refusal is not None:
            self.writer.branch(self.is_absent_code(found))[0].add(self.refusal)
            return carry.widened(found, maybe_absent=False)
        return found

    def _one_of(self, expr: OneOf, place: Place) -> Carrier:
        if self.refusal is not None and not all(isinstance(option, Constant) for option in expr.options):
            # An option is read only where none before it is equal.
            equal = tuple(Compare(expr.span, expr.type, "=", expr.subject, option) for option in expr.options)
            found = self._connected(Some(expr.span, expr.type, equal), place)
            return carry.truth_not(found) if expr.negated else found
        subject = self.simple(carry.loud(self.present_value(expr.subject, place)))
        options = [self.present_value(option, place) for option in expr.options]
        tests = [carry.compare("=", subject, option) for option in options]
        if any(test.constant is True for test in tests):
            return constant(not expr.negated)
        open_ = [(option, test) for option, test in zip(options, tests, strict=True) if not test.is_constant]
        if not open_:
            return constant(expr.negated)
        if subject.kind in ("word", "date") and len(open_) > 1:
            code = f"({subject.code} in ({', '.join(option.code for option, _ in open_)}))"
        else:
            code = " or ".join(test.code for _, test in open_)
            code = code if len(open_) == 1 else f"({code})"
        found = Carrier("yes_no", code)
        return carry.truth_not(found) if expr.negated else found

    def _in_codes(self, expr: InCodes, place: Place) -> Carrier:
        subject = carry.loud(self.present_value(expr.subject, place))
        codes = self.program.parameters[expr.parameter].codes
        test = functions.codes_test(codes)
        if isinstance(subject.constant, str):
            return constant(test(subject.constant) is not expr.negated)
        name = self.writer.fresh("in_codes_")
        found = Carrier("yes_no", f"{self.writer.function(name, test)}({subject.code})")
        return carry.truth_not(found) if expr.negated else found

    def _connected(self, expr: Every | Some, place: Place) -> Carrier:
        """`and`, `or`: a later operand sees what the earlier ones settled."""
        ends = isinstance(expr, Some)  # the truth value at which evaluation stops
        word = " or " if ends else " and "
        parts: list[str] = []
        known = self.present
        before = self.present
        outer = self.writer.block
        settled: str | None = None
        for operand in expr.operands:
            self.present = known
            part = self.aside(partial(self.present_value, operand, place))
            known = known | self.facts(operand, not ends, place)
            # What prepares an operand is run even where its value is known: it may fail.
            if part.carrier.is_constant and is_empty(part.block):
                if part.carrier.constant is ends:
                    if not parts and settled is None:
                        self.present = before
                        return constant(ends)
                    parts.append(repr(ends))
                    break
                continue
            if part.block.entries and parts:
                # What prepares this operand may run only where the earlier ones have not settled the matter.
                if settled is None:
                    settled = self.writer.fresh("b")
                self.writer.add(f"{settled} = {word.join(parts)}")
                then, otherwise = self.writer.branch(settled)
                self.writer.block = otherwise if ends else then
                parts = []
            self.writer.block.entries.extend(part.block.entries)
            parts.append(part.carrier.code)
        self.present = before
        if settled is not None:
            if parts:
                self.writer.add(f"{settled} = {word.join(parts)}")
            self.writer.block = outer
            return Carrier("yes_no", settled)
        if not parts:
            return constant(not ends)
        return Carrier("yes_no", parts[0] if len(parts) == 1 else f"({word.join(parts)})")

    def _if_else(self, expr: IfElse, place: Place) -> Carrier:
        condition = self.present_value(expr.condition, place)
        if condition.is_constant:
            return self.present_value(expr.then if condition.constant is True else expr.otherwise, place)
        with self.knowing(self.facts(expr.condition, True, place)):  # noqa: FBT003 (as `it is true`)
            then = self.aside(lambda: self.present_value(expr.then, place))
        with self.knowing(self.facts(expr.condition, False, place)):  # noqa: FBT003 (as `it is true`)
            otherwise = self.aside(lambda: self.present_value(expr.otherwise, place))
        return self.either(condition, then, otherwise)

    def _is_absent(self, expr: IsAbsent, place: Place) -> Carrier:
        found = self.read(expr.ref, place)
        if isinstance(found.constant, Absent):
            return constant((expr.reason in (None, found.constant.reason)) is not expr.negated)
        if not found.maybe_absent:
            return constant(expr.negated)
        word = "is not" if expr.negated else "is"
        if expr.reason is None:
            return Carrier("yes_no", f"({self.writer.is_absent(found.code, negated=expr.negated)})")
        return Carrier("yes_no", f"({found.code} {word} {self.writer.absence(expr.reason)})")

    def _gain(self, expr: Gain, place: Place) -> Carrier:
        left, right = self.present_value(expr.left, place), self.present_value(expr.right, place)
        direction = self.present_value(expr.direction, place)
        if direction.is_constant:
            return carry.add(left, right, -1) if direction.constant == "higher" else carry.add(right, left, -1)
        difference = self.simple(carry.add(left, right, -1))
        code = f"({difference.code} if {direction.code} == 'higher' else -{difference.code})"
        return Carrier("number", code, difference.divisor, difference.denominator)

    def _apply(self, expr: Apply, place: Place) -> Carrier:
        arguments = [self.present_value(argument, place) for argument in expr.arguments]
        first = arguments[0]
        match expr.function:
            case "min" | "max":
                for other in arguments[1:]:
                    first = self.extreme(first, other, lower=expr.function == "min")
                return first
            case "clamp":
                return self.extreme(self.extreme(first, arguments[1], lower=False), arguments[2], lower=True)
            case "abs":
                value = carry.quantity(first)
                if value is not None:
                    return constant(abs(value))
                if first.never_negative:
                    return first
                return Carrier("number", f"abs({first.code})", first.divisor, first.denominator, low=Fraction(0))
            case "floor" | "ceiling":
                unit = Fraction(1, 100) if expr.type.kind == "percent" else Fraction(1)
                return self.rounded(first, Rounding(unit, expr.function, expr.function, expr.span))
            case "sqrt" | "exp":
                return self.irrational(expr, first, arguments[1])
            case _:
                return self.of_dates(expr, arguments)


def kind_of(type_: Type) -> Kind:
    """Return how values of a type are carried."""
    if type_.is_numeric:
        return "number"
    return "yes_no" if type_.kind == "yes_no" else "date" if type_.kind == "date" else "word"


def is_plain(expr: Expr) -> bool:
    """Return whether an expression is a sum of names and numbers: it can be written twice at no cost."""
    match expr:
        case Read() | Constant():
            return True
        case Negate():
            return is_plain(expr.operand)
        case Gain():
            return is_plain(expr.left) and is_plain(expr.right)
        case Arithmetic():
            return expr.op in ("+", "-") and is_plain(expr.left) and is_plain(expr.right)
    return False
