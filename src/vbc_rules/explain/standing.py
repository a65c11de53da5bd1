"""Who is among the first: the members in their order, with what they were ordered by."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from vbc_rules.explain.numbers import literal
from vbc_rules.explain.tree import Line
from vbc_rules.explain.view import View
from vbc_rules.explain.words import rounding_arguments, rounding_words
from vbc_rules.explain.workings import Workings
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import COUNT, NUMBER
from vbc_rules.resolve.expressions import Plain
from vbc_rules.resolve.program import TopShape
from vbc_rules.run import exact
from vbc_rules.run.oracle.expressions import AbsentRead, datum

Standing: TypeAlias = tuple[tuple[bool, Plain], ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A member that takes part: what it is ordered by, and how that reads."""

    member: View
    standing: Standing
    text: str


def on_top(shape: TopShape, w: Workings) -> bool:
    """Return whether this member is among the first, shown with the whole order."""
    taking_part: list[Placed] = []
    out: list[str] = []
    for member in w.view.members(shape.level, shape.within):
        placed = _placed(shape, member)
        if isinstance(placed, Absent):
            out.append(f"{member.label}: {placed}, takes no part")
        else:
            taking_part.append(placed)
    if shape.ties is not None:
        keys = {each.member.path: _present(each.member, shape) for each in taking_part}
        taking_part.sort(key=lambda each: keys[each.member.path])
    taking_part.sort(key=lambda each: each.standing, reverse=True)
    limit = _limit(shape, len(taking_part), w)
    for rank, each in enumerate(taking_part, 1):
        place = "here" if each.member.path == w.view.path else ""
        w.lines.append(Line("order", f"{rank}.", f"{each.member.label}: {each.text}", note=place))
    for words in out:
        w.lines.append(Line("order", "-", words))
    mine = next((rank for rank, each in enumerate(taking_part, 1) if each.member.path == w.view.path), None)
    if mine is None:
        w.note("place", "takes no part: no")
        return False
    inside = mine <= limit
    w.check("place", f"{mine} <= {literal(limit, NUMBER)}", inside, shape.how_many.type, "place in the order")
    if inside or shape.ties is not None:
        return inside
    last_in = [each for rank, each in enumerate(taking_part, 1) if rank <= limit][-1:]
    level_with = bool(last_in) and last_in[0].standing == taking_part[mine - 1].standing
    if level_with:
        w.note("ties", f"equal to {last_in[0].member.label}, the last one in: in too")
    return level_with


def _placed(shape: TopShape, member: View) -> Placed | Absent:
    found: list[tuple[bool, Plain]] = []
    texts: list[str] = []
    for key in shape.order:
        value = datum(key, member)
        if isinstance(value, Absent):
            if shape.policy is None or shape.policy.action(value.reason) == "out":
                return value
            found.append((False, False))
            texts.append(f"{value}, last")
        else:
            found.append((True, value))
            texts.append(literal(value, key.type))
    return Placed(member, tuple(found), ", ".join(texts))


def _present(member: View, shape: TopShape) -> Plain:
    value = member.value(shape.ties) if shape.ties is not None else Absent("not_reported")
    if isinstance(value, Absent):
        raise AbsentRead(value)
    return value


def _limit(shape: TopShape, taking_part: int, w: Workings) -> Fraction:
    limit = w.quantity("top", shape.how_many)
    if shape.is_share:
        share = literal(limit, shape.how_many.type)
        limit *= taking_part
        w.check("top", f"{share} * {taking_part}", limit, NUMBER, "of those that take part")
    if shape.rounding is not None:
        rounded = exact.round_to(limit, shape.rounding.unit, shape.rounding.mode)
        text = f"round({literal(limit, NUMBER)}, {rounding_arguments(shape.rounding, COUNT)})"
        w.check("rounded", text, rounded, COUNT, rounding_words(shape.rounding, COUNT))
        limit = rounded
    return limit
