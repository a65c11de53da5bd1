"""A formula with its numbers put in: text that a calculator, or a test, can work out again."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from vbc_rules.explain.numbers import is_exact, literal, word
from vbc_rules.explain.together import Together, aggregated, others_words, total
from vbc_rules.explain.tree import Line
from vbc_rules.explain.view import Key, View
from vbc_rules.explain.words import rounding_arguments, words
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import NUMBER, Type
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import (
    Apply,
    Arithmetic,
    Compare,
    Constant,
    Datum,
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
    Plain,
    Read,
    Ref,
    Round,
    Some,
)
from vbc_rules.run.oracle import AbsentRead, evaluate_expression

# How tightly a text holds together, loosest first.
OR, AND, NOT, COMPARE, SUM, TERM, MINUS, ATOM = range(8)


@dataclass(frozen=True, slots=True)
class Piece:
    """A text and how tightly it holds together."""

    text: str
    level: int = ATOM

    def at(self, level: int) -> str:
        """Return the text where something at least as tight as `level` must stand."""
        return self.text if self.level >= level else f"({self.text})"

    def right(self, level: int) -> str:
        """Return the text right of an operator: no sign follows an operator bare."""
        return f"({self.text})" if self.text.startswith("-") else self.at(level)

    def divisor(self) -> str:
        """Return the text under a division: a fraction there stands in parentheses."""
        return f"({self.text})" if "/" in self.text and self.level == ATOM else self.right(ATOM)


def piece(value: Datum, type_: Type) -> Piece:
    """Return a value as a piece of text."""
    text = literal(value, type_)
    return Piece(text, MINUS if text.startswith("-") else ATOM)


def equation(text: str, value: Plain, type_: Type) -> str:
    """Return a checked line: `text = value`, or `text is yes`; with a number cut short on it, `text ≈ value`."""
    if isinstance(value, bool):
        return f"{text} is {'yes' if value else 'no'}"
    found = literal(value, type_)
    return f"{text} = {found}" if is_exact(text + found) else f"{text} ≈ {found.replace('≈', '')}"


def condition_line(expr: Expr, text: str, here: View) -> str:
    """Return the checked line of a condition: `5 <= 10 is yes`.

    A yes-or-no name reads `chosen is yes`; a category compared with a word `track is basic: yes`, or
    `track is basic, not enhanced: no`.
    """
    held = holds(expr, here)
    if isinstance(expr, Read):
        return f"{expr.ref.name} is {'yes' if held else 'no'}"
    if _of_words(expr) and isinstance(expr, Compare) and isinstance(expr.left, Read):
        found, wanted = (render(side, here, []).text for side in (expr.left, expr.right))
        name = expr.left.ref.name
        return f"{name} is {wanted}: yes" if held else f"{name} is {found}, not {wanted}: no"
    return equation(text, held, expr.type)


def _of_words(expr: Expr) -> bool:
    return isinstance(expr, Compare) and expr.op == "=" and expr.left.type.kind == "category"


def holds(expr: Expr, here: View) -> bool:
    """Return the value of a condition."""
    return evaluate(expr, here) is True


def evaluate(expr: Expr, here: View) -> Plain:
    """Return the value of an expression; what it gathers is not gathered again, where that was shown already."""
    return evaluate_expression(_settled(expr, here) if here.scene.gathers else expr, here)


def _settled(expr: Expr, here: View) -> Expr:
    """Return an expression in which each gathering that was worked out stands as what it gave."""
    if isinstance(expr, Gather):
        known = here.scene.gathers.get((id(expr), here.level, here.path))
        return expr if known is None else Constant(expr.span, expr.type, known, "")
    if isinstance(expr, Constant | Read | IsAbsent):
        return expr
    changed: dict[str, object] = {}
    for field in dataclasses.fields(expr):
        part = getattr(expr, field.name)
        if isinstance(part, tuple):
            changed[field.name] = tuple(_settled(each, here) for each in part)
        elif isinstance(part, Expr):
            changed[field.name] = _settled(part, here)
    return dataclasses.replace(expr, **changed)  # type: ignore[arg-type]  # each part for its like


def read_name(expr: Read, here: View) -> Datum:
    """Return the value or the absence of a name, and remember that it was read."""
    if expr.ref.level == "" and here.program.parameters[expr.ref.name].dated:
        remember(here, Key(expr.ref, ()))
        return evaluate_expression(expr, here)
    return here.value(expr.ref)


def remember(here: View, key: Key) -> None:
    """Remember that a rule read a name."""
    if here.reads is not None:
        here.reads.keys[key] = None


def render(expr: Expr, here: View, aside: list[Line]) -> Piece:
    """Return `expr` with its numbers put in; which way an `if` went and who was gathered goes to `aside`.

    Only what was needed is there: `and` ends with its first no, `or` with its first yes. Raises AbsentRead.
    """

    def inner(part: Expr) -> Piece:
        return render(part, here, aside)

    match expr:
        case Constant():
            return piece(expr.value, expr.type)
        case Read():
            value = read_name(expr, here)
            if isinstance(value, Absent):
                raise AbsentRead(value)
            return piece(value, expr.type)
        case Negate():
            return Piece(f"-{inner(expr.operand).right(ATOM)}", MINUS)
        case Arithmetic():
            left, right = inner(expr.left), inner(expr.right)
            match expr.op:
                case "+":
                    return Piece(f"{left.at(SUM)} + {right.right(SUM)}", SUM)
                case "-":
                    return Piece(f"{left.at(SUM)} - {right.right(TERM)}", SUM)
                case "*":
                    return Piece(f"{left.at(TERM)} * {right.right(MINUS)}", TERM)
                case "/":
                    return Piece(f"{left.at(TERM)} / {right.divisor()}", TERM)
        case Gain():
            better, worse = inner(expr.left), inner(expr.right)
            if evaluate(expr.direction, here) != "higher":
                better, worse = worse, better
            return Piece(f"{better.at(SUM)} - {worse.right(TERM)}", SUM)
        case Compare(left=Gain() as gap, right=Constant(value=Fraction(numerator=0))):
            return _reached(gap, expr.op, here, aside)
        case Compare():
            return Piece(f"{inner(expr.left).at(SUM)} {expr.op} {inner(expr.right).at(SUM)}", COMPARE)
        case OneOf():
            options = ", ".join(inner(option).at(SUM) for option in expr.options)
            return Piece(f"{inner(expr.subject).at(SUM)} {'not in' if expr.negated else 'in'} ({options})", COMPARE)
        case InCodes():
            codes = ", ".join(_code(code) for code in here.program.parameters[expr.parameter].codes)
            remember(here, Key(Ref("", expr.parameter), ()))
            return Piece(f"{inner(expr.subject).at(SUM)} {'not in' if expr.negated else 'in'} ({codes})", COMPARE)
        case Every() | Some():
            needed: list[Piece] = []
            for operand in expr.operands:
                needed.append(inner(operand))
                if holds(operand, here) == isinstance(expr, Some):
                    break
            joined, level = (" or ", OR) if isinstance(expr, Some) else (" and ", AND)
            texts = [part.at(level + 1) for part in needed]
            return Piece(joined.join(texts), level) if len(needed) > 1 else needed[0]
        case Not():
            return Piece(f"not {inner(expr.operand).at(NOT)}", NOT)
        case IfElse():
            condition = inner(expr.condition)
            held = holds(expr.condition, here)
            test = condition_line(expr.condition, condition.text, here)
            aside.append(Line("test", "if", test, checked=is_exact(test), note=words(expr.condition)))
            return inner(expr.then if held else expr.otherwise)
        case IsAbsent():
            subject = literal(here.value(expr.ref), here.program.slots[expr.ref].type)
            return Piece(f"{subject} {'is not' if expr.negated else 'is'} {expr.reason or 'missing'}", COMPARE)
        case Apply():
            return _applied(expr, [inner(argument) for argument in expr.arguments])
        case Round():
            return Piece(f"round({_rounded(expr, inner(expr.operand))})")
        case OnDate():
            when = inner(expr.when).text
            value = evaluate(expr, here)
            found = piece(value, expr.type)
            remember(here, Key(Ref("", expr.parameter), (str(evaluate(expr.when, here)),)))
            aside.append(Line("note", "dated", f"{expr.parameter} on {when}: {found.text}"))
            return found
        case Gather():
            return _gathered(expr, here, aside)


def _reached(gap: Gain, op: str, here: View, aside: list[Line]) -> Piece:
    """Return a gap compared with 0 as its two sides compared: `77% >= 70%`, or `<=` where lower is better."""
    if evaluate(gap.direction, here) != "higher":
        op = op.translate(str.maketrans("<>", "><"))
    left, right = render(gap.left, here, aside), render(gap.right, here, aside)
    return Piece(f"{left.at(SUM)} {op} {right.at(SUM)}", COMPARE)


def _code(entry: str) -> str:
    first, to, last = entry.partition(" to ")
    return f"'{first}' to '{last}'" if to else f"'{first}'"


def _rounded(expr: Round, operand: Piece) -> str:
    arguments = rounding_arguments(expr.rounding, expr.type)
    # Digits of a percent count as written: that shows on a literal percent, elsewhere the step says it.
    if expr.type.kind == "percent" and not (operand.level == ATOM and operand.text.endswith("%")):
        arguments = _in_steps(expr)
    return f"{operand.text}, {arguments}"


def _in_steps(expr: Round) -> str:
    step = literal(expr.rounding.unit, expr.type)
    return f"to {step}, {expr.rounding.mode.replace('_', ' ')}"


def _applied(expr: Apply, given: list[Piece]) -> Piece:
    if expr.function in ("floor", "ceiling"):
        whole = "to 1%" if expr.type.kind == "percent" else "0"
        return Piece(f"round({given[0].text}, {whole}, {expr.function})")
    return Piece(f"{expr.function}({', '.join(argument.text for argument in given)})")


# --- gathering

_NOTHING: Final = Piece("0")


def gathered_text(function: str, items: Sequence[Piece], others: Together | None = None, type_: Type = NUMBER) -> Piece:
    """Return an aggregate written out over what it gathers; `others`, which are told together, stand as one."""
    if others is not None and others.values:
        return _with_others(function, items, others, type_)
    match function:
        case "sum":
            return added(items)
        case "mean":
            return Piece(f"{added(items).at(TERM)} / {len(items)}", TERM)
        case "any" | "all":
            joined, level = (" or ", OR) if function == "any" else (" and ", AND)
            if len(items) == 1:
                return items[0]
            return Piece(joined.join(item.at(level + 1) for item in items), level)
        case _:
            return Piece(f"{function}({', '.join(item.text for item in items)})")


def _with_others(function: str, items: Sequence[Piece], others: Together, type_: Type) -> Piece:
    """Return an aggregate with what the others come to as its last item."""
    count = len(items) + len(others.values)
    match function:
        case "count":
            numbers = [piece(Fraction(len(part)), NUMBER) for part in (items, others.values)]
            return added(numbers if items else numbers[1:])
        case "sum" | "mean":
            whole = added([*items, piece(total(others.quantities), type_)])
            return whole if function == "sum" else Piece(f"{whole.at(TERM)} / {literal(Fraction(count), NUMBER)}", TERM)
        case _:
            found = aggregated(function, others.values)
            last = piece(found, type_)
            return gathered_text(function, [*items, last]) if items else last


def added(items: Sequence[Piece]) -> Piece:
    """Return the sum of some pieces; of nothing it is 0."""
    if len(items) < 2:
        return items[0] if items else _NOTHING
    return Piece(" + ".join([items[0].at(SUM), *(item.right(SUM) for item in items[1:])]), SUM)


def member_piece(item: Expr | None, member: View, aside: list[Line]) -> Piece | Absent:
    """Return what is gathered at one member: its text, or its absence. Without an item, the member's name."""
    if item is None:
        return Piece(word(member.label))
    if isinstance(item, Read):
        value = read_name(item, member)
        return value if isinstance(value, Absent) else piece(value, item.type)
    return render(item, member, aside)


def left_out(where: Expr) -> str:
    """Return the words for a member that the condition of a gathering leaves out."""
    return f"left out, `{words(where)}` is no"


def members_text(told: Sequence[tuple[str, str]], level: str, others: str = "") -> str:
    """Return the members with what became of each; those left out for one reason stand together, at the first."""
    together: dict[str, list[str]] = {}
    for label, said in told:
        alike = said.startswith(("absent", "left out"))
        together.setdefault(said if alike else f"{label}: {said}" if said else label, []).append(label if alike else "")
    found = [f"{', '.join(labels)}: {said}" if labels[0] else said for said, labels in together.items()]
    return "; ".join([*found, *([others] if others else [])]) or f"no {level}"


def _gathered(expr: Gather, here: View, aside: list[Line]) -> Piece:
    values: list[Plain] = []
    found: list[Piece] = []
    told: list[tuple[str, str]] = []
    listed, rest = here.scene.listed(expr.level, expr.within, here.member_paths(expr.level, expr.within))
    for path in listed:
        member = here.member(expr.level, path, is_other=here.is_foreign(expr.level, path, expr.within))
        if expr.where is not None and not holds(expr.where, member):
            told.append((member.label, left_out(expr.where)))
            continue
        item = member_piece(expr.item, member, aside)
        if isinstance(item, Absent):
            if not expr.present:
                raise AbsentRead(item)
            told.append((member.label, f"{item}, left out"))
            continue
        found.append(item)
        values.append(True if expr.item is None else evaluate(expr.item, member))
        told.append((member.label, "" if expr.item is None else item.text))
    others = _others(expr, here, rest) if rest else Together()
    kind = NUMBER if expr.item is None else expr.item.type
    told_together = others_words("count" if expr.item is None else expr.function, others, kind)
    aside.append(Line("members", "members", members_text(told, expr.level, told_together), note=words(expr)))
    if rest:
        result = aggregated(expr.function, [*values, *others.values])
        if isinstance(result, Absent):
            raise AbsentRead(result)
        here.scene.gathers[id(expr), here.level, here.path] = result
    return gathered_text(expr.function, found, others, kind)


def _others(expr: Gather, here: View, rest: Sequence[Path]) -> Together:
    """Return what a gathering finds at the members that are not listed."""
    found = Together()
    where = None if expr.where is None else here.unlisted(expr.level, expr.where)
    item = None if expr.item is None else here.unlisted(expr.level, expr.item)
    for path in rest:
        if where is not None and where(path) is not True:
            found.left_out["left out, `" + words(expr.where or expr) + "` is no"] += 1
            continue
        value = True if item is None else item(path)
        if isinstance(value, Absent):
            if not expr.present:
                raise AbsentRead(value)
            found.left_out[f"{value}, left out"] += 1
            continue
        found.values.append(value)
    return found
