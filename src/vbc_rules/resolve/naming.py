"""What a formula reads: names found from where it stands, their types, and how they should be written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NoReturn, Self

from vbc_rules.language import document, syntax
from vbc_rules.language.numerals import plain
from vbc_rules.language.show import show
from vbc_rules.language.types import (
    COUNT,
    DATE,
    MONEY,
    NUMBER,
    PERCENT,
    RATIO,
    TEXT,
    Type,
)
from vbc_rules.resolve import units
from vbc_rules.resolve.declarations import steady_value
from vbc_rules.resolve.expressions import (
    Constant,
    Expr,
    Read,
    Ref,
    Round,
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
class Naming(ABC):
    """What lowering a formula needs to know: where it stands, and the slots whose types are settled so far."""

    scope: Scope
    slots: Mapping[Ref, Slot]
    parameters: Mapping[str, Parameter]
    levels: Mapping[str, Level]
    in_force: document.Period
    findings: Findings
    refused_levels: frozenset[str] = frozenset()

    def at(self, level: str) -> Self:
        """Return the same, seen from another level."""
        return replace(self, scope=self.scope.at(level))

    def inside(self, gathered: str) -> Self:
        """Return the same, within a gathering of `gathered`."""
        return replace(self, scope=self.scope.inside(gathered))

    @abstractmethod
    def expression(self, node: syntax.Expression) -> Expr:
        """Return the typed expression. Raises Refused once a finding has been recorded."""

    def condition(self, node: syntax.Expression) -> Expr:
        """Return the typed expression of a yes/no formula."""
        return self.of_type(node, lambda t: t.kind == "yes_no", "a yes/no is wanted here", "write a comparison")

    def quantity(self, node: syntax.Expression) -> Expr:
        """Return the typed expression of a quantity."""
        return self.of_type(
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

    def peek(self, node: syntax.Expression) -> Type | None:
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

    def unknown_option(self, span: Span, word: str, kind: Type) -> NoReturn:
        options = options_of(kind)
        close = nearest(word, options)
        self.refuse(
            "VBC305",
            f"`{word}` is not one of {listed(options)}",
            span,
            f"write `{close}`" if close else f"write one of {listed(options)}",
        )

    def comparable(self, left: Expr, right: Expr, op: str, span: Span) -> None:
        joined = units.join(left.type, right.type)
        if left.type.kind == right.type.kind == "category" and not set(left.type.options) & set(right.type.options):
            self.refuse("VBC403", "the two categories have no word in common", span, "compare words of one category")
        if joined is None:
            message = f"{left.type.one} is compared with {right.type.one}"
            self.refuse("VBC403", message, span, self.mixed_hint(left, right))
        if joined == PERCENT:
            self.as_percent(left, right)
        if op not in ("=", "!=") and (joined.kind in WORDY or joined.kind == "yes_no"):
            self.refuse(
                "VBC404", f"`{op}` orders quantities and dates, here stands {joined.one}", span, "write `=` or `!=`"
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
            return "write a number or a percent in the place of one amount"
        return "both sides must have the same unit: bring them to one"

    # --- small helpers ------------------------------------------------------------------------------------------------

    def of_type(self, node: syntax.Expression, wanted: Callable[[Type], bool], message: str, help: str) -> Expr:
        expr = self.expression(node)
        if not wanted(expr.type):
            self.refuse("VBC415", f"{message}; here stands {expr.type.one}", expr.span, help)
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


def options_of(type_: Type) -> tuple[str, ...]:
    return ("higher", "lower") if type_.kind == "direction" else type_.options


def as_word(node: syntax.Expression) -> str | None:
    if isinstance(node, syntax.Name) and len(node.parts) == 1:
        return node.parts[0]
    if isinstance(node, syntax.TextLiteral):
        return node.value
    if isinstance(node, syntax.NumberLiteral) and node.kind == "number":
        return str(node.value)
    return None


def listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)
