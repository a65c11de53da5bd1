"""Formulas to typed expressions: names found, units checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, NoReturn, cast

from vbc_rules.language import document, syntax
from vbc_rules.language.numerals import plain
from vbc_rules.language.rounding import ROUNDING_MODES, RoundingMode
from vbc_rules.language.show import show
from vbc_rules.language.types import (
    COUNT,
    DATE,
    MONEY,
    NUMBER,
    NUMBER_FAMILY,
    PERCENT,
    RATIO,
    TEXT,
    YES_NO,
    Type,
)
from vbc_rules.resolve import units
from vbc_rules.resolve.declarations import steady_value
from vbc_rules.resolve.expressions import (
    Apply,
    Arithmetic,
    Compare,
    Constant,
    Every,
    Expr,
    Function,
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
    children,
)
from vbc_rules.resolve.program import Level, Parameter, Slot
from vbc_rules.resolve.scope import Scope
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.nearest import nearest
from vbc_rules.source.span import Span

WORDY = frozenset({"category", "identifier", "text", "direction"})


class Refused(Exception):  # noqa: N818 - a signal inside this package: the finding has been recorded already
    """A formula that was refused; the finding stands in the findings."""


@dataclass(frozen=True, slots=True)
class Lowering:
    """What lowering a formula needs to know: where it stands, and the slots whose types are settled so far."""

    scope: Scope
    slots: Mapping[Ref, Slot]
    parameters: Mapping[str, Parameter]
    levels: Mapping[str, Level]
    in_force: document.Period
    findings: Findings

    def at(self, level: str) -> Lowering:
        """Return the same, seen from another level."""
        return replace(self, scope=self.scope.at(level))

    def inside(self, gathered: str) -> Lowering:
        """Return the same, within a gathering of `gathered`."""
        return replace(self, scope=self.scope.inside(gathered))

    # --- entry --------------------------------------------------------------------------------------------------------

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
                return self._call(node)
            case syntax.Aggregate():
                return self._aggregate(node)

    def condition(self, node: syntax.Expression) -> Expr:
        """Return the typed expression of a yes/no formula."""
        return self._of_type(node, lambda t: t.kind == "yes_no", "a yes/no is wanted here", "write a comparison")

    def quantity(self, node: syntax.Expression) -> Expr:
        """Return the typed expression of a quantity."""
        return self._of_type(
            node, lambda t: t.is_numeric, "a quantity is wanted here", "write a number, percent or money"
        )

    # --- names --------------------------------------------------------------------------------------------------------

    def ref(self, node: syntax.Name) -> Ref:
        """Return what a name means. Raises Refused for an unknown or ambiguous one."""
        found = self.scope.find(node.parts)
        if found.ref is not None:
            return found.ref
        if found.refs:
            choices = " or ".join(f"`{ref}`" if ref.level else f"the parameter `{ref.name}`" for ref in found.refs)
            self.refuse("VBC302", f"`{node.text}` may mean more than one thing here", node.span, f"write {choices}")
        below = self.scope.find_gathered(node.parts)
        if below:
            what = below[0][0]
            if isinstance(what, str):
                self.refuse(
                    "VBC303",
                    f"`{what}` is a level, and here it has no name that can be read",
                    node.span,
                    f"count its members: write `count({what})`"
                    if what != self.scope.level
                    else f"write `key` beside `list` to tell the items of `{what}` apart",
                )
            here = self.scope.gathered or self.scope.level
            where = "below" if what.level in self.scope.below(here) else "beside"
            self.refuse(
                "VBC303",
                f"`{node.text}` stands on `{what.level}`, {where} `{here}`: there is one for each member",
                node.span,
                f"gather it: write `sum({node.text})`, `count(..)`, `min(..)` or another aggregate",
            )
        self.unknown(node, () if self.findings.are_many else self.scope.all_names())

    def name(self, node: syntax.Name) -> Expr:
        """Return the expression that reads a name."""
        ref = self.ref(node)
        if ref.level == "":
            parameter = self.parameters.get(ref.name)
            if parameter is None:
                raise Refused  # its own entry was refused; that finding is enough
            if parameter.codes:
                self.refuse("VBC405", f"`{ref.name}` is a list of codes", node.span, f"write `code in {ref.name}`")
            if parameter.dated and steady_value(parameter, self.in_force) is None:
                self.refuse(
                    "VBC425",
                    f"`{ref.name}` is not one number over all of `in_force`",
                    node.span,
                    f"say at which date: write `{ref.name} on` and a date",
                )
            return Read(node.span, parameter.type, ref)
        return Read(node.span, self.slot(ref, node).type, ref)

    def slot(self, ref: Ref, node: syntax.Name) -> Slot:
        """Return what stands under a name on a level. Raises Refused for a gate, and for what was itself refused."""
        slot = self.slots.get(ref)
        if slot is None:
            if not self.findings.errors:  # else its own finding is enough
                self.refuse(
                    "VBC319",
                    f"`{ref.name}` is computed and not known yet where this is asked",
                    node.span,
                    "read inputs and parameters only",
                )
            raise Refused
        if slot.kind == "gate":
            self.refuse(
                "VBC304",
                f"`{ref.name}` is a gate; gates act on payments and are not read",
                node.span,
                "name the condition as a value and read that in both places",
            )
        return slot

    def unknown(self, node: syntax.Name, candidates: tuple[str, ...]) -> NoReturn:
        """Record an unknown name, pointing at the nearest."""
        if len(node.parts) == 2:
            levels = (node.parts[0],) if node.parts[0] in self.levels else tuple(self.levels)
            candidates = tuple(
                f"{level}.{name}" for level in levels for name in sorted(self.scope.names.get(level, ()))
            )
        where = self.scope.gathered or self.scope.level
        if node.text in candidates:
            self.refuse(
                "VBC303",
                f"`{node.parts[0]}` does not lie above `{where}`: which of its members is meant does not show",
                node.span,
                f"gather it on a level above both, and read that on `{where}`",
            )
        close = None if self.findings.are_many else nearest(node.text, candidates)
        help = f"write `{close}`" if close else f"declare `{node.text}` under inputs or values of `{where}` or above"
        self.refuse("VBC301", f"nothing named `{node.text}` can be read on `{where}`", node.span, help)

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
                        f"`of` takes a percent on its left, here stands a {left.type}",
                        left.span,
                        self.as_written(left, PERCENT) or "write a percent before `of`, or `*` for a product",
                    )
                self.refuse("VBC402", f"a percent of a {right.type} has no meaning", node.op_span, "name a quantity")
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
            self.refuse("VBC401", f"a {left.type} is {verb} a {right.type}", node.op_span, hint)
        if node.op in ("+", "-") and result == PERCENT:
            self.as_percent(left, right)
        return Arithmetic(node.span, result, node.op, left, right)

    def _comparison(self, node: syntax.Comparison) -> Expr:
        parts = []
        for index, op in enumerate(node.ops):
            left, right = self._sides(node.operands[index], node.operands[index + 1])
            self._comparable(left, right, op, node.span)
            parts.append(Compare(node.span, YES_NO, op, left, right))
        return parts[0] if len(parts) == 1 else Every(node.span, YES_NO, tuple(parts))

    def _sides(self, left: syntax.Expression, right: syntax.Expression) -> tuple[Expr, Expr]:
        """Return both sides of a comparison; a word of the other side's category means that member."""
        for first, second, swapped in ((left, right, False), (right, left, True)):
            kind = self._peek(first)
            if kind is not None and kind.kind in ("category", "direction"):
                member = _as_word(second)
                if member is not None and member in _options(kind):
                    pair = (self.expression(first), Constant(second.span, kind, member, member))
                    return (pair[1], pair[0]) if swapped else pair
                if member is not None and (isinstance(second, syntax.NumberLiteral) or self._peek(second) is None):
                    self._unknown_option(second.span, member, kind)
        return self.expression(left), self.expression(right)

    def _peek(self, node: syntax.Expression) -> Type | None:
        """Return the type of a name without recording anything; None where it is no name or not known."""
        if not isinstance(node, syntax.Name):
            return None
        ref = self.scope.find(node.parts).ref
        if ref is None:
            return None
        if ref.level == "":
            parameter = self.parameters.get(ref.name)
            return parameter.type if parameter is not None else None
        slot = self.slots.get(ref)
        return slot.type if slot is not None else None

    def _unknown_option(self, span: Span, word: str, kind: Type) -> NoReturn:
        options = _options(kind)
        close = nearest(word, options)
        self.refuse(
            "VBC305",
            f"`{word}` is not one of {_listed(options)}",
            span,
            f"write `{close}`" if close else f"write one of {_listed(options)}",
        )

    def _comparable(self, left: Expr, right: Expr, op: str, span: Span) -> None:
        joined = units.join(left.type, right.type)
        if left.type.kind == right.type.kind == "category" and not set(left.type.options) & set(right.type.options):
            self.refuse("VBC403", "the two categories have no word in common", span, "compare words of one category")
        if joined is None:
            self.refuse("VBC403", f"a {left.type} is compared with a {right.type}", span, self.mixed_hint(left, right))
        if joined == PERCENT:
            self.as_percent(left, right)
        if op not in ("=", "!=") and (joined.kind in WORDY or joined.kind == "yes_no"):
            self.refuse(
                "VBC404", f"`{op}` orders quantities and dates, here stands a {joined}", span, "write `=` or `!=`"
            )

    def as_percent(self, *parts: Expr) -> None:
        """Refuse a quotient of like quantities that was rounded as a number where a percent is wanted."""
        for part in parts:
            waiting = [part] if part.type == RATIO else []
            while waiting:
                here = waiting.pop()
                if isinstance(here, Round) and here.type == RATIO:
                    self.refuse(
                        "VBC426",
                        "a quotient is rounded before it is known to be a percent, whose digits count differently",
                        here.span,
                        "name the quotient as a value with `type: percent`, and round that",
                    )
                waiting.extend(child for child in children(here) if child.type == RATIO)

    def _between(self, node: syntax.Between) -> Expr:
        subject, low, high = self.expression(node.subject), self.expression(node.low), self.expression(node.high)
        self._comparable(subject, low, ">=", node.span)
        self._comparable(subject, high, "<=", node.span)
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
                            f"codes are text; here stands a {subject.type}",
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
            word = _as_word(option) if subject.type.kind in ("category", "direction") else None
            if word is not None and word in _options(subject.type):
                options.append(Constant(option.span, subject.type, word, word))
            elif word is not None and self._peek(option) is None:
                self._unknown_option(option.span, word, subject.type)
            else:
                lowered = self.expression(option)
                self._comparable(subject, lowered, "=", option.span)
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
                f"the two ways give a {then.type} and a {otherwise.type}",
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
        when = self._of_type(node.when, lambda t: t.kind == "date", "a date is wanted here", "write a date")
        return OnDate(node.span, parameter.type, parameter.name, when)

    # --- functions ----------------------------------------------------------------------------------------------------

    def _call(self, node: syntax.Call) -> Expr:
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
            value = self._of_type(
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
                    f"`{function}` is given a {joined} and a {argument.type}"
                    if together is None
                    else f"`{function}` takes quantities, here stands a {argument.type}",
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
                "VBC410", "the way of rounding is not known", mode.span, f"write one of {_listed(ROUNDING_MODES)}"
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
        self._comparable(left, right, "<", node.span)
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
            return self._of_type(
                argument, lambda t: t.kind == "date", f"`{node.function}` takes a date", "write a date"
            )

        if node.function == "add_months":
            months = self._of_type(
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
                    f"read it as it is: write `{name.text}`",
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
        here = self.levels[level]
        if here.kind == "groups" or self.levels[self.scope.level].kind == "groups":
            raise Refused  # the level itself was refused; that finding is enough
        if self.levels[within].kind == "cohort" and level not in self._in_cohort():
            self.refuse(
                "VBC390",
                f"`{name.text}` is gathered over participants, which this version does not run",
                name.span,
                "leave it out of this file, or take the result as an input",
            )
        return None if isinstance(what, str) else what, level, within

    def _in_cohort(self) -> tuple[str, ...]:
        """Return the levels that lie in the cohort without a participant between."""
        found = [name for name, level in self.levels.items() if level.kind == "cohort"]
        for name, level in self.levels.items():
            if level.parent in found and level.kind != "participant":
                found.append(name)
        return tuple(found)

    def _aggregate(self, node: syntax.Aggregate) -> Expr:
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
                    "VBC414", f"`{function}` gathers yes/no, here stands a {item.type}", item_span, "name a yes/no"
                )
            return YES_NO
        if function in ("min", "max") and item.type.kind == "date":
            return item.type
        if not item.type.is_numeric:
            self.refuse(
                "VBC414", f"`{function}` gathers quantities, here stands a {item.type}", item_span, "name a quantity"
            )
        if function in ("mean", "weighted_mean") and item.type.kind in NUMBER_FAMILY:
            return NUMBER
        if function in ("variance", "standard_deviation") and item.type.kind != "percent":
            if item.type.kind == "money":
                self.refuse("VBC414", f"the {function} of money has no unit", item_span, "divide by $1.00 first")
            return NUMBER
        return item.type

    # --- how it should be written ---------------------------------------------------------------------------------

    def as_written(self, expr: Expr, unit: Type) -> str | None:
        """Return how a bare number is written in `unit`: a numeral where it stands, a parameter where it is given."""
        text, value, place = "", None, ""
        if isinstance(expr, Constant):
            text, value = expr.text, expr.value
        elif isinstance(expr, Read) and expr.ref.level == "":
            parameter = self.parameters[expr.ref.name]
            text, value, place = parameter.text, parameter.value, f" where `{parameter.name}` is given"
        if not isinstance(value, Fraction) or expr.type.kind not in ("count", "number") or not text:
            return None
        if unit.kind == "money":
            return f"write `${text}`{place}"
        if unit.kind != "percent":
            return None
        if 0 < value < 1:
            return f"write `{plain(value * 100)}%`{place}, or `{text}%` if less than one percent is meant"
        return f"write `{text}%`{place}"

    def mixed_hint(self, left: Expr, right: Expr) -> str:
        """Say how one of two things that do not go together should be written."""
        for one, other in ((left, right), (right, left)):
            written = self.as_written(one, other.type)
            if written is not None:
                return written
            if other.type == DATE and isinstance(one, Constant) and one.type == TEXT:
                return f"write the date without quotes: `{one.value}`"
        if RATIO in (left.type, right.type):
            return "name the quotient as a value with a `type`"
        if left.type == right.type == MONEY:
            return f"write a number or a percent in the place of one {left.type}"
        return "both sides must have the same unit: bring them to one"

    # --- small helpers ------------------------------------------------------------------------------------------------

    def _of_type(self, node: syntax.Expression, wanted: Callable[[Type], bool], message: str, help: str) -> Expr:
        expr = self.expression(node)
        if not wanted(expr.type):
            self.refuse("VBC415", f"{message}; here stands a {expr.type}", expr.span, help)
        return expr

    def refuse(self, code: str, message: str, span: Span, help: str) -> NoReturn:
        """Record an error and leave the formula."""
        self.findings.error(code, message, span, help)
        raise Refused


def number_constant(node: syntax.NumberLiteral) -> Constant:
    """Return the constant of a numeral: whole numbers are counts, `5%` is one twentieth."""
    value = Fraction(node.value)
    match node.kind:
        case "percent":
            return Constant(node.span, PERCENT, value / 100, show(node))
        case "money":
            return Constant(node.span, MONEY, value, show(node))
        case _:
            return Constant(node.span, COUNT if value.denominator == 1 else NUMBER, value, show(node))


def unit_of(digits: int, type_: Type) -> Fraction:
    """Return what `digits` digits are a multiple of; digits of a percent count as written."""
    return Fraction(1, 10 ** (digits + (2 if type_.kind == "percent" else 0)))


def _options(type_: Type) -> tuple[str, ...]:
    return ("higher", "lower") if type_.kind == "direction" else type_.options


def _as_word(node: syntax.Expression) -> str | None:
    if isinstance(node, syntax.Name) and len(node.parts) == 1:
        return node.parts[0]
    if isinstance(node, syntax.TextLiteral):
        return node.value
    if isinstance(node, syntax.NumberLiteral) and node.kind == "number":
        return str(node.value)
    return None


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)
