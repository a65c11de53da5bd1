"""Who is among the first of its participant's members or items, in columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from vbc_rules.plan.stages import Settling
from vbc_rules.resolve.expressions import Read
from vbc_rules.resolve.program import TopShape
from vbc_rules.run import exact
from vbc_rules.run.columns.expressions import Expressions, Words
from vbc_rules.run.columns.forms import Array, Column, Env, Unsupported, Vector
from vbc_rules.run.columns.gathers import acted
from vbc_rules.run.columns.geometry import Geometry


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an order: what is compared (larger first), and which codes of absence keep a member out."""

    column: Column
    out: Callable[[], Array]


def chosen(settling: Settling, of: Expressions, geometry: Geometry) -> Column:
    """Return the yes or no of each member under one participant. Raises Unsupported for what is no `top`."""
    shape = settling.shape
    if not isinstance(shape, TopShape):
        raise Unsupported("members of one participant that are ranked, or share a pool")
    level = shape.level
    place = geometry.place(level)
    base = geometry.program.levels[place.base]
    within = geometry.place(shape.within)
    if within.members is not None or (base.kind == "list" and base.parent != shape.within):
        raise Unsupported(f"the first of `{level}` within `{shape.within}`")
    keys = [Key(_comparable(of.expr(key, level)), acted(of.words, shape.policy, "out")) for key in shape.order]
    ties = None
    if shape.ties is not None:
        ties = of.expr(Read(shape.span, of.program.slots[shape.ties].type, shape.ties), level)
    part = None if settling.takes_part is None else of.slots.read(settling.takes_part, level)
    how_many = of.present(shape.how_many, level).quantity
    if how_many is None:
        raise Unsupported("the first so many, where how many is computed or given")
    words = of.words

    def run(env: Env) -> Vector:
        length = env.length(place.base)
        whole = (length,) if place.members is None else (len(place.members), length)
        if base.kind == "list":
            rows = env.parents[base.name]
            count = env.length(shape.within)
        else:
            rows, count = np.arange(length), length
        segments = np.broadcast_to(rows, whole).reshape(-1)
        takes = np.ones(whole, dtype=np.bool_)
        if part is not None:
            holds, _, absent = part.run(env)
            takes = takes & holds if absent is None else takes & holds & (absent == 0)
        sorting: list[Array] = []
        for key in keys:
            above, _, absent = key.column.run(env)
            there = np.broadcast_to(np.bool_(True) if absent is None else absent == 0, whole)  # noqa: FBT003 (a value)
            if absent is not None:
                takes = takes & ~key.out()[absent]
            value = np.where(there, np.asarray(above, dtype=np.float64), 0.0)
            sorting.extend((-there.astype(np.float64).reshape(-1), -np.broadcast_to(value, whole).reshape(-1)))
        flat = np.broadcast_to(takes, whole).reshape(-1)
        tied = np.zeros(len(segments)) if ties is None else _tie_order(ties, env, words, whole)
        found = _first(shape, segments, flat, sorting, tied, how_many, count)
        return found.reshape(whole), None, None

    return Column("yes_no", run)


def _comparable(column: Column) -> Column:
    if column.has_denominator or (column.width in ("int64", "object") and column.kind == "number"):
        raise Unsupported("an order by quotients or by large numbers")
    if column.kind == "word":
        raise Unsupported("an order by words")
    return column


def _tie_order(ties: Column, env: Env, words: Words, whole: tuple[int, ...]) -> Array:
    """Return numbers in the order of the keys of ties."""
    above = np.broadcast_to(ties.run(env)[0], whole).reshape(-1)
    if ties.kind != "word":
        return above
    used = np.unique(above)
    order = sorted(used.tolist(), key=lambda number: words.texts[number])
    place = np.zeros(len(words.texts), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[above]


def _first(
    shape: TopShape, segments: Array, takes: Array, sorting: list[Array], ties: Array, how_many: Fraction, count: int
) -> Array:
    """Return who is among the first of its segment."""
    places = np.flatnonzero(takes)
    segment = segments[places]
    keys = [key[places] for key in sorting]
    order = np.lexsort([ties[places], *reversed(keys), segment])
    ordered = segment[order]
    sizes = np.bincount(ordered, minlength=count)
    begins = np.concatenate([[0], np.cumsum(sizes)])
    rank = np.arange(len(order)) - begins[ordered] + 1
    limits = _limits(shape, how_many, sizes)
    inside = rank <= limits[ordered]
    if shape.ties is None and len(order):
        same = np.ones(len(order), dtype=np.bool_)
        for key in (*keys, segment):
            sorted_key = key[order]
            same[1:] &= sorted_key[1:] == sorted_key[:-1]
        same[0] = False
        group = np.cumsum(~same)
        last = np.minimum(limits, sizes)
        has = last > 0
        last_group = np.full(count, -1)
        last_group[has] = group[(begins[:-1][has] + last[has] - 1)]
        inside = inside | (group == last_group[ordered])
    found = np.zeros(len(takes), dtype=np.bool_)
    found[places[order]] = inside
    return found


def _limits(shape: TopShape, how_many: Fraction, sizes: Array) -> Array:
    """Return the rank of the last one in, for each segment."""
    largest = int(sizes.max()) if len(sizes) else 0
    table: list[int] = []
    for size in range(largest + 1):
        whole = how_many * size if shape.is_share else how_many
        if shape.rounding is not None:
            whole = exact.round_to(whole, shape.rounding.unit, shape.rounding.mode)
        table.append(whole.numerator // whole.denominator)
    return np.array(table, dtype=np.int64)[sizes]
