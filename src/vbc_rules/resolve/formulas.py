"""Formulas to typed expressions: operators, comparisons and conditions, units checked."""

from __future__ import annotations

from dataclasses import dataclass

from vbc_rules.language import syntax
from vbc_rules.language.types import (
    DATE,
    PERCENT,
    TEXT,
    YES_NO,
)
from vbc_rules.resolve import units
from vbc_rules.resolve.calls import Calling
from vbc_rules.resolve.expressions import (
    Arithmetic,
    Compare,
    Constant,
    Every,
    Expr,
    IfElse,
    InCodes,
    IsAbsent,
    Negate,
    Not,
    OnDate,
    OneOf,
    Some,
)
from vbc_rules.resolve.naming import as_word, number_constant, options_of
from vbc_rules.source.nearest import nearest


@dataclass(frozen=True, slots=True)
class Lowering(Calling):
    """Lowers whole formulas."""

    def expression(self, node: syntax.Expression) -> Expr:
        """Return the typed expression. Raises Refused once a finding has been recorded."""
        match node:
            case syntax.NumberLiteral():
                return number_constant(node)
            case syntax.TextLiteral():
                return Constant(node.span, TEXT, node.value, f"'{node.value}'")
            case syntax.DateLiteral():
                return Constant(node.span, DATE, node.value, node.value.isoformat())
            case syntax.YesNoLiteral():
                return Constant(node.span, YES_NO, node.value, "yes" if node.value else "no")
            case syntax.Name():
                return self.name(node)
            case syntax.Unary():
                return self._unary(node)
            case syntax.Binary():
                return self._binary(node)
            case syntax.Logic():
                operands = tuple(self.condition(operand) for operand in node.operands)
                return Every(node.span, YES_NO, operands) if node.op == "and" else Some(node.span, YES_NO, operands)
            case syntax.Comparison():
                return self._comparison(node)
            case syntax.Between():
                return self._between(node)
            case syntax.In():
                return self._in(node)
            case syntax.Is():
                return self._is(node)
            case syntax.Conditional():
                return self._conditional(node)
            case syntax.On():
                return self._on(node)
            case syntax.Call():
                return self.call(node)
            case syntax.Aggregate():
                return self.aggregate(node)

    # --- operators ----------------------------------------------------------------------------------------------------

    def _unary(self, node: syntax.Unary) -> Expr:
        if node.op == "not":
            return Not(node.span, YES_NO, self.condition(node.operand))
        operand = self.quantity(node.operand)
        return Negate(node.span, operand.type, operand)

    def _binary(self, node: syntax.Binary) -> Expr:
        left, right = self.expression(node.left), self.expression(node.right)
        if node.op == "of":
            result = units.share(left.type, right.type)
            if result is None:
                if left.type.kind not in ("percent", "ratio"):
                    self.refuse(
                        "VBC402",
                        f"`of` takes a percent on its left, here stands {left.type.one}",
                        left.span,
                        self.as_written(left, PERCENT) or "write a percent before `of`, or `*` for a product",
                    )
                self.refuse("VBC402", f"a percent of {right.type.one} has no meaning", node.op_span, "name a quantity")
            self.as_percent(left)
            return Arithmetic(node.span, result, "*", left, right, is_of=True)
        result = {"+": units.join, "-": units.join, "*": units.product, "/": units.quotient}[node.op](
            left.type, right.type
        )
        if result is None or not result.is_numeric:
            verb = {"+": "added to", "-": "combined by `-` with", "*": "multiplied by", "/": "divided by"}[node.op]
            hint = self.mixed_hint(left, right)
            if DATE in (left.type, right.type):
                hint = "write `days_between(earlier, later)` or `add_months(date, months)`"
            elif not (left.type.is_numeric and right.type.is_numeric):
                hint = "name quantities on both sides"
            self.refuse("VBC401", f"{left.type.one} is {verb} {right.type.one}", node.op_span, hint)
        if node.op in ("+", "-") and result == PERCENT:
            self.as_percent(left, right)
        return Arithmetic(node.span, result, node.op, left, right)

    def _comparison(self, node: syntax.Comparison) -> Expr:
        parts = []
        for index, op in enumerate(node.ops):
            left, right = self._sides(node.operands[index], node.operands[index + 1])
            self.comparable(left, right, op, node.span)
            parts.append(Compare(node.span, YES_NO, op, left, right))
        return parts[0] if len(parts) == 1 else Every(node.span, YES_NO, tuple(parts))

    def _sides(self, left: syntax.Expression, right: syntax.Expression) -> tuple[Expr, Expr]:
        """Return both sides of a comparison; a word of the other side's category means that member."""
        for first, second, swapped in ((left, right, False), (right, left, True)):
            kind = self.peek(first)
            if kind is not None and kind.kind in ("category", "direction"):
                member = as_word(second)
                if member is not None and member in options_of(kind):
                    pair = (self.expression(first), Constant(second.span, kind, member, member))
                    return (pair[1], pair[0]) if swapped else pair
                if member is not None and (isinstance(second, syntax.NumberLiteral) or self.peek(second) is None):
                    self.unknown_option(second.span, member, kind)
        return self.expression(left), self.expression(right)

    def _between(self, node: syntax.Between) -> Expr:
        subject, low, high = self.expression(node.subject), self.expression(node.low), self.expression(node.high)
        self.comparable(subject, low, ">=", node.span)
        self.comparable(subject, high, "<=", node.span)
        return Every(
            node.span,
            YES_NO,
            (Compare(node.span, YES_NO, ">=", subject, low), Compare(node.span, YES_NO, "<=", subject, high)),
        )

    def _in(self, node: syntax.In) -> Expr:
        subject = self.expression(node.subject)
        if not node.is_list:
            option = node.options[0]
            if isinstance(option, syntax.Name) and len(option.parts) == 1 and option.text in self.parameters:
                if self.parameters[option.text].codes:
                    if subject.type.kind not in ("identifier", "text"):
                        self.refuse(
                            "VBC415",
                            f"codes are text; here stands {subject.type.one}",
                            subject.span,
                            "name an identifier or a text",
                        )
                    return InCodes(node.span, YES_NO, subject, option.text, node.negated)
                self.refuse(
                    "VBC405", f"`{option.text}` is not a list of codes", option.span, "write the words in parentheses"
                )
            codes = tuple(name for name, parameter in self.parameters.items() if parameter.codes)
            close = nearest(option.text, codes) if isinstance(option, syntax.Name) else None
            self.refuse(
                "VBC301",
                "`in` takes words in parentheses or a parameter that lists codes",
                option.span,
                f"write `{close}`" if close else "write `in (a, b)`",
            )
        options: list[Expr] = []
        for option in node.options:
            word = as_word(option) if subject.type.kind in ("category", "direction") else None
            if word is not None and word in options_of(subject.type):
                options.append(Constant(option.span, subject.type, word, word))
            elif word is not None and self.peek(option) is None:
                self.unknown_option(option.span, word, subject.type)
            else:
                lowered = self.expression(option)
                self.comparable(subject, lowered, "=", option.span)
                options.append(lowered)
        return OneOf(node.span, YES_NO, subject, tuple(options), node.negated)

    def _is(self, node: syntax.Is) -> Expr:
        if not isinstance(node.subject, syntax.Name):
            self.refuse("VBC406", "only a name can be missing", node.subject.span, "name the formula as a value first")
        ref = self.ref(node.subject)
        if ref.level:
            self.slot(ref, node.subject)
        return IsAbsent(node.span, YES_NO, ref, node.reason, node.negated)

    def _conditional(self, node: syntax.Conditional) -> Expr:
        condition = self.condition(node.condition)
        then, otherwise = self.expression(node.then), self.expression(node.otherwise)
        joined = units.join(then.type, otherwise.type)
        if joined is None:
            self.refuse(
                "VBC407",
                f"the two ways give {then.type.one} and {otherwise.type.one}",
                node.otherwise.span,
                self.mixed_hint(then, otherwise),
            )
        return IfElse(node.span, joined, condition, then, otherwise)

    def _on(self, node: syntax.On) -> Expr:
        if not isinstance(node.subject, syntax.Name) or node.subject.text not in self.parameters:
            self.refuse("VBC408", "`on` reads a dated parameter", node.subject.span, "write `parameter on date`")
        parameter = self.parameters[node.subject.text]
        if not parameter.dated:
            self.refuse(
                "VBC408",
                f"`{parameter.name}` has no dated values",
                node.subject.span,
                f"write `{parameter.name}` alone",
            )
        when = self.of_type(node.when, lambda t: t.kind == "date", "a date is wanted here", "write a date")
        return OnDate(node.span, parameter.type, parameter.name, when)
