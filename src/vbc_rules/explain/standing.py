"""Who is among the first: the members in their order, with what they were ordered by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from vbc_rules.explain.company import Company, company_of, numbered, tell_company
from vbc_rules.explain.numbers import literal
from vbc_rules.explain.together import in_units
from vbc_rules.explain.tree import Line
from vbc_rules.explain.view import View
from vbc_rules.explain.words import rounding_arguments, rounding_words
from vbc_rules.explain.workings import Workings
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import COUNT, NUMBER, Type
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Datum, Plain, Read
from vbc_rules.resolve.program import Definition, TopShape
from vbc_rules.run import exact
from vbc_rules.run.oracle.expressions import AbsentRead, datum

Standing: TypeAlias = tuple[tuple[bool, Plain], ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A member that takes part: what it is ordered by, and how that reads."""

    member: View
    standing: Standing
    text: str


@dataclass(frozen=True, slots=True)
class Order:
    """What each of many members is ordered by, as one whole number: all are in `sorted`, the best first.

    `out` counts those that take no part for an absence.
    """

    ranks: dict[Path, int]
    sorted: list[int]
    out: Counter[str]


def on_top(definition: Definition, shape: TopShape, w: Workings) -> Datum:
    """Return whether this member is among the first, shown with the whole order, or with its place among many."""
    company = company_of(definition, shape, w)
    if isinstance(company, Absent):
        return company
    listed, rest = w.view.scene.listed(shape.level, shape.within, company.paths)
    return _among_many(definition, shape, company, w) if rest else _in_order(shape, company, listed, w)


def _in_order(shape: TopShape, company: Company, paths: tuple[Path, ...], w: Workings) -> bool:
    taking_part: list[Placed] = []
    out: list[str] = []
    for path in paths:
        member = w.view.member(shape.level, path, is_other=w.view.is_foreign(shape.level, path, shape.within))
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
    for words in (*out, *([company.out_words()] if company.out else [])):
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


def _among_many(definition: Definition, shape: TopShape, company: Company, w: Workings) -> bool:
    """Return whether this member is among the first, shown with its place and with the last one in."""
    placed = _placed(shape, w.view)
    order = _order(definition, shape, company, w)
    tell_company("compared", len(order.ranks), Company(company.paths, company.out + order.out), shape, w)
    if isinstance(placed, Absent):
        w.note("place", "takes no part: no")
        return False
    w.note("ordered by", placed.text)
    mine = order.ranks[w.view.path]
    ahead = sum(rank > mine for rank in order.ranks.values())
    level = [path for path, rank in order.ranks.items() if rank == mine]
    limit = _limit(shape, len(order.ranks), w)
    said = f"{ahead:,} {'is' if ahead == 1 else 'are'} ahead"
    if len(level) > 1:
        said += f", {len(level) - 1:,} level with it"
    if shape.ties is not None and len(level) > 1:
        tie = w.view.unlisted(shape.level, Read(shape.span, w.view.program.slots[shape.ties].type, shape.ties))
        own = tie(w.view.path)
        before = sum(tie(path) < own for path in level)  # type: ignore[operator]  # keys of one type
        said += f", {before or 'none'} of them before it by {shape.ties.name}"
        ahead += before
    inside = ahead + 1 <= limit
    w.note("ahead", said)
    text = f"{numbered(ahead + 1)} <= {literal(limit, NUMBER)}"
    w.check("place", text, inside, shape.how_many.type, "place in the order")
    within = min(len(order.sorted), limit.numerator // limit.denominator)
    if within > 0:
        last = order.sorted[within - 1]
        read = [w.view.unlisted(shape.level, key) for key in shape.order]
        path = next(path for path, rank in order.ranks.items() if rank == last)
        told = ", ".join(_last_text(each(path), key.type) for each, key in zip(read, shape.order, strict=True))
        w.note("last in", told)
    return inside


def _order(definition: Definition, shape: TopShape, company: Company, w: Workings) -> Order:
    """Return what each member that takes part is ordered by, as whole numbers, and how many do not for an absence."""
    readers = [w.view.unlisted(shape.level, key) for key in shape.order]
    within = w.view.at(shape.within)
    key = (definition.ref, (*within, "order")) if not isinstance(within, Absent) else (definition.ref, ())
    known = w.view.scene.settled.get(key)
    if isinstance(known, Order):
        return known
    columns: list[list[Datum]] = [[] for _ in readers]
    out: Counter[str] = Counter()
    paths: list[Path] = []
    for path in company.paths:
        gone: Absent | None = None
        for column, read in zip(columns, readers, strict=True):
            value = read(path)
            column.append(value)
            if gone is None and isinstance(value, Absent) and _is_out(shape, value):
                gone = value
        if gone is None:
            paths.append(path)
            continue
        out[str(gone)] += 1
        for column in columns:
            column.pop()
    places = [0] * len(paths)
    for column in columns:
        ranks = _in_whole_numbers(column)
        most = max(ranks, default=0) + 1
        places = [place * most + rank for place, rank in zip(places, ranks, strict=True)]
    found = Order(dict(zip(paths, places, strict=True)), sorted(places, reverse=True), out)
    w.view.scene.settled[key] = found
    return found


def _in_whole_numbers(column: list[Datum]) -> list[int]:
    """Return values as whole numbers in the same order: an absent one is 0, all others are above."""
    quantities = [value for value in column if isinstance(value, Fraction)]
    if quantities:
        units = in_units(quantities)[0]
        least, rest = min(units) - 1, iter(units)
        return [next(rest) - least if isinstance(value, Fraction) else 0 for value in column]
    known = sorted({value for value in column if not isinstance(value, Absent)})
    place = {value: number for number, value in enumerate(known, 1)}
    return [0 if isinstance(value, Absent) else place[value] for value in column]


def _last_text(value: Datum, type_: Type) -> str:
    return f"{value}, last" if isinstance(value, Absent) else literal(value, type_)


def _is_out(shape: TopShape, absent: Absent) -> bool:
    return shape.policy is None or shape.policy.action(absent.reason) == "out"


def _placed(shape: TopShape, member: View) -> Placed | Absent:
    found: list[tuple[bool, Plain]] = []
    texts: list[str] = []
    for key in shape.order:
        value = datum(key, member)
        if isinstance(value, Absent):
            if _is_out(shape, value):
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
