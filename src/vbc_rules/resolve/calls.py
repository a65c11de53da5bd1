"""Functions and gatherings of a formula: `round(x, 2, down)`, `gain(a, b)`, `sum(present score)`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast

from vbc_rules.language import syntax
from vbc_rules.language.rounding import ROUNDING_MODES, RoundingMode
from vbc_rules.language.show import either
from vbc_rules.language.types import (
    COUNT,
    DATE,
    NUMBER,
    NUMBER_FAMILY,
    YES_NO,
    Type,
)
from vbc_rules.resolve import units
from vbc_rules.resolve.expressions import (
    Apply,
    Constant,
    Expr,
    Function,
    Gain,
    Gather,
    Read,
    Ref,
    Round,
    Rounding,
)
from vbc_rules.resolve.naming import Naming, Refused, listed, number_constant, unit_of
from vbc_rules.source.nearest import nearest
from vbc_rules.source.span import Span


@dataclass(frozen=True, slots=True)
class Calling(Naming):
    """Lowers what is written with parentheses."""

    # --- functions ----------------------------------------------------------------------------------------------------

    def call(self, node: syntax.Call) -> Expr:
        function, arguments = node.function, node.arguments
        if function == "round":
            return self._round(node)
        if function in ("floor", "ceiling"):
            operand = self.quantity(arguments[0])
            unit = Fraction(1, 100) if operand.type.kind == "percent" else Fraction(1)
            mode: Literal["floor", "ceiling"] = "floor" if function == "floor" else "ceiling"
            return Round(node.span, operand.type, operand, Rounding(unit, mode, f"0 {mode}", node.span))
        if function == "gain":
            return self._gain(node)
        if function in ("days_between", "months_between", "years_between", "add_months", "year"):
            return self._date_function(node)
        if function in ("sqrt", "exp"):
            value = self.of_type(
                arguments[0],
                lambda t: t.kind in NUMBER_FAMILY or t.kind == "ratio",
                f"`{function}` takes a number",
                "write a number",
            )
            return Apply(node.span, NUMBER, cast("Function", function), (value, self._digits(arguments[1])))
        lowered = tuple(self.expression(argument) for argument in arguments)
        joined = lowered[0].type
        for argument in lowered:
            together = units.join(joined, argument.type)
            orders = together is not None and (together.is_numeric or (together == DATE and function in ("min", "max")))
            if together is None or not orders:
                self.refuse(
                    "VBC409",
                    f"`{function}` is given {joined.one} and {argument.type.one}"
                    if together is None
                    else f"`{function}` takes quantities, here stands {argument.type.one}",
                    argument.span,
                    self.mixed_hint(lowered[0], argument) if together is None else "name a quantity",
                )
            joined = together
        return Apply(node.span, joined, cast("Function", function), lowered)

    def _round(self, node: syntax.Call) -> Expr:
        operand = self.quantity(node.arguments[0])
        digits = self._digits(node.arguments[1])
        mode = node.arguments[2]
        if not isinstance(mode, syntax.Name) or mode.text not in ROUNDING_MODES:
            self.refuse(
                "VBC410", "the way of rounding is not known", mode.span, f"write one of {listed(ROUNDING_MODES)}"
            )
        places = int(cast("Fraction", digits.value))
        way: RoundingMode = mode.text
        rounding = Rounding(unit_of(places, operand.type), way, f"{places} {way}", node.span)
        return Round(node.span, operand.type, operand, rounding)

    def _digits(self, node: syntax.Expression) -> Constant:
        if (
            not isinstance(node, syntax.NumberLiteral)
            or node.kind != "number"
            or node.value != int(node.value)
            or not 0 <= node.value <= 40
        ):
            self.refuse(
                "VBC411", "the number of digits is a whole number from 0 to 40", node.span, "write it as a numeral"
            )
        return number_constant(node)

    def _gain(self, node: syntax.Call) -> Expr:
        left, right = self.quantity(node.arguments[0]), self.quantity(node.arguments[1])
        self.comparable(left, right, "<", node.span)
        found = [
            ref
            for ref in self.scope.find(("better",)).refs
            if (slot := self.slots.get(ref)) is not None and slot.type.kind == "direction"
        ]
        if len(found) != 1:
            self.refuse(
                "VBC412",
                "`gain` needs to know which direction is better",
                node.function_span,
                "declare `better: direction` among the parameters of the level",
            )
        joined = units.join(left.type, right.type) or left.type
        return Gain(node.span, joined, left, right, Read(node.function_span, self.slots[found[0]].type, found[0]))

    def _date_function(self, node: syntax.Call) -> Expr:
        def date(argument: syntax.Expression) -> Expr:
            return self.of_type(argument, lambda t: t.kind == "date", f"`{node.function}` takes a date", "write a date")

        if node.function == "add_months":
            months = self.of_type(
                node.arguments[1], lambda t: t.kind == "count", "a whole number of months is wanted", "write a count"
            )
            return Apply(node.span, DATE, "add_months", (date(node.arguments[0]), months))
        return Apply(
            node.span, COUNT, cast("Function", node.function), tuple(date(argument) for argument in node.arguments)
        )

    # --- gathering ----------------------------------------------------------------------------------------------------

    def gathered(self, name: syntax.Name) -> tuple[Ref | None, str, str]:
        """Return what is gathered: (the name, or None for the members themselves; its level; within which level)."""
        found = self.scope.find_gathered(name.parts)
        if len(found) > 1:
            choices = " or ".join(f"`{what}`" for what, _ in found)
            self.refuse("VBC302", f"`{name.text}` may mean more than one thing below", name.span, f"write {choices}")
        if not found:
            if self.scope.find(name.parts).refs:
                self.refuse(
                    "VBC306",
                    f"`{name.text}` has one value here; a gathering takes a name of a level below",
                    name.span,
                    f"read it as it is: write `{name.text}`{self._gathered_above(name)}",
                )
            close = nearest(name.text, self.scope.names_below())
            self.refuse(
                "VBC301",
                f"nothing named `{name.text}` lies below `{self.scope.level}`",
                name.span,
                f"write `{close}`" if close else "name a value of a level below",
            )
        what, within = found[0]
        level = what if isinstance(what, str) else what.level
        return None if isinstance(what, str) else what, level, within

    def _gathered_above(self, name: syntax.Name) -> str:
        """Say where a name that has one value here is gathered over all members; nothing where that is nowhere."""
        ref = self.scope.find(name.parts).ref
        uppers = self.scope.above(ref.level) if ref is not None and ref.level != "" else ()
        if not uppers:
            return ""
        return f"; to gather it, name the result as a value of {either(uppers)}, and read that name here"

    def aggregate(self, node: syntax.Aggregate) -> Expr:
        ref, level, within = self.gathered(node.subject)
        inner = self.inside(level)
        where = inner.condition(node.where) if node.where is not None else None
        item: Expr | None = None
        if ref is not None:
            slot = self.slots.get(ref)
            if slot is None:
                raise Refused
            item = Read(node.subject.span, slot.type, ref)
        type_ = self.aggregate_type(node.function, item, node.subject.span)
        if item is None and node.present:
            self.refuse("VBC413", "the members themselves are always present", node.span, f"write `count({level})`")
        return Gather(node.span, type_, node.function, level, within, item, where, node.present)

    def aggregate_type(self, function: str, item: Expr | None, item_span: Span) -> Type:
        """Return the type an aggregate gives, refusing what it cannot gather."""
        if function == "count":
            return COUNT
        if item is None:
            if function in ("any", "all"):
                return YES_NO
            self.refuse(
                "VBC414", f"`{function}` takes a name that stands on the level", item_span, "name what is gathered"
            )
        if function in ("any", "all", "at_least_of"):
            if item.type.kind != "yes_no":
                self.refuse(
                    "VBC414", f"`{function}` gathers yes/no, here stands {item.type.one}", item_span, "name a yes/no"
                )
            return YES_NO
        if function in ("min", "max") and item.type.kind == "date":
            return item.type
        if not item.type.is_numeric:
            self.refuse(
                "VBC414", f"`{function}` gathers quantities, here stands {item.type.one}", item_span, "name a quantity"
            )
        if function in ("mean", "weighted_mean") and item.type.kind in NUMBER_FAMILY:
            return NUMBER
        if function in ("variance", "standard_deviation") and item.type.kind != "percent":
            if item.type.kind == "money":
                self.refuse("VBC414", f"the {function} of money has no unit", item_span, "divide by $1.00 first")
            return NUMBER
        return item.type
