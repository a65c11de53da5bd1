"""What spans participants, in columns: groups, ranks, shares of a pool. Other shapes are left to plain lists."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from vbc_rules.language.absence import NOT_IN_PROGRAM, TOO_FEW_PRESENT, Absent
from vbc_rules.plan.stages import NOT_COMPUTED, Settling
from vbc_rules.resolve.expressions import Constant, Datum, Expr, Read, Ref
from vbc_rules.resolve.program import AllocateShape, StandingShape
from vbc_rules.run.columns.forms import Array, Vector, cast

if TYPE_CHECKING:
    from vbc_rules.run.columns.run import ColumnRun

UNCOMPUTED: Final = Absent(NOT_COMPUTED)
HALF: Final = 2**26
"""Where numbers of 53 bits are cut in two, so that many millions of either half add up exactly."""


class NotHere(Exception):  # noqa: N818 (a signal: plain lists compute it)
    """This is not computed in columns."""


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a level, flat: the number of what each is under, and which are under anything at all."""

    segments: Array
    under: Array
    count: int
    shape: tuple[int, ...]


def members_of(run: ColumnRun, level: str, within: str) -> Members:
    """Return the members of a participants' level under the instances of `within`, a group or the cohort."""
    place = run.geometry.place(level)
    if run.program.levels[place.base].kind == "list":
        raise NotHere
    size = len(run.frame.rows[run.program.participant])
    shape = (size,) if place.members is None else (len(place.members), size)
    if run.program.levels[within].kind == "cohort":
        inside = run.inside
        under = np.ones(shape, dtype=np.bool_) if inside is None else np.broadcast_to(inside, shape)
        return Members(np.broadcast_to(np.int64(0), (under.size,)), under.reshape(-1), 1, shape)
    numbers, codes = run.seen(level, within)
    return Members(
        np.broadcast_to(numbers, shape).reshape(-1), np.broadcast_to(codes == 0, shape).reshape(-1),
        run.frame.size(within), shape,
    )  # fmt: skip


def flat(run: ColumnRun, expr: Expr, level: str, shape: tuple[int, ...]) -> Vector:
    """Return the flat column of a name (of the level itself) or a constant.

    Raises NotHere for others, and for numbers of more than 53 bits: what spans participants compares and adds floats.
    """
    if isinstance(expr, Constant):
        if isinstance(expr.value, bool):
            return np.full(int(np.prod(shape)), expr.value), None, None
        raise NotHere
    if not isinstance(expr, Read) or expr.ref.level != level or expr.ref not in run.engine.forms:
        raise NotHere
    above, below, absent = run.vector(expr.ref)
    if above.dtype == np.int64 and above.size and max(-int(above.min()), int(above.max())) >= 2**53:
        raise NotHere
    return _flat(above, shape), _flat(below, shape), _flat(absent, shape)


def _flat(part: Array, shape: tuple[int, ...]) -> Array:
    """Return an array of members, flat; numbers of few bits in floats of 53, in which they are multiplied and added."""
    if part is None:
        return None
    if part.dtype in (np.int8, np.int16, np.int32, np.float32):
        part = part.astype(np.float64)
    return np.broadcast_to(part, shape).reshape(-1)


def exact_total(values: Array, segments: Array, count: int) -> list[int]:
    """Return the sums of whole numbers by segment: of 53 bits, as `flat` returns them, or of 63 where there is one."""
    if values.dtype == object:
        raise NotHere
    if count == 1:
        return [_total(values)]
    high, low = _halves(values)
    above = np.bincount(segments, weights=high, minlength=count).tolist()
    below = np.bincount(segments, weights=low, minlength=count).tolist()
    return [int(a) * HALF + int(b) for a, b in zip(above, below, strict=True)]


def _total(values: Array) -> int:
    most = max(abs(int(values.min())), abs(int(values.max()))) if len(values) else 0
    if most * len(values) < 2**63:
        return int(values.astype(np.int64, copy=False).sum())
    if values.dtype == np.int64:
        return int((values >> 26).sum()) * HALF + int((values & (HALF - 1)).sum())
    high, low = _halves(values)
    return int(high.sum()) * HALF + int(low.sum())


def _halves(values: Array) -> tuple[Array, Array]:
    """Return the upper and the lower 26 bits of whole numbers, in floats that add up exactly."""
    if values.dtype == np.int64:
        return (values >> 26).astype(np.float64), (values & (HALF - 1)).astype(np.float64)
    high = np.floor(values / HALF)
    return high, values - high * HALF


# --- groups


def grouped(run: ColumnRun, by: tuple[Ref, ...]) -> tuple[Array, Array, list[tuple[Datum, ...]]]:
    """Return the number of the group each participant is in, the codes of those in none, and what each group goes by.

    Groups are numbered in ascending order of what they go by. Raises NotHere for keys that columns do not hold plainly.
    """
    size = len(run.frame.rows[run.program.participant])
    places = np.zeros(size, dtype=np.int64)
    codes = np.zeros(size, dtype=np.uint8)
    tables: list[list[Datum]] = []
    for ref in by:
        if ref.level != run.program.participant or ref not in run.engine.forms:
            raise NotHere
        above, below, absent = run.vector(ref)
        if below is not None or above.dtype == object:
            raise NotHere
        used, inverse = np.unique(above, return_inverse=True)
        values = _decoded(run, ref, used)
        order = sorted(range(len(values)), key=values.__getitem__)  # type: ignore[arg-type]
        rank = np.empty(len(values), dtype=np.int64)
        rank[order] = np.arange(len(values))
        tables.append([values[place] for place in order])
        if len(values) and int(places.max()) * len(values) >= 2**62:
            raise NotHere
        places = places * max(len(values), 1) + (rank[inverse] if size else inverse)
        if absent is not None:
            codes = np.where(codes != 0, codes, absent)
    inside = run.inside
    if inside is not None:
        codes = np.where(inside, codes, np.uint8(run.engine.words.code(NOT_IN_PROGRAM)))
    there = codes == 0
    kept = np.unique(places[there])
    numbers = np.where(there, np.searchsorted(kept, places), 0)
    return numbers, codes, [_key(tables, place) for place in kept.tolist()]


def _key(tables: list[list[Datum]], place: int) -> tuple[Datum, ...]:
    found: list[Datum] = []
    for table in reversed(tables):
        place, here = divmod(place, max(len(table), 1))
        found.append(table[here])
    return tuple(reversed(found))


def _decoded(run: ColumnRun, ref: Ref, used: Array) -> list[Datum]:
    form = run.engine.forms[ref]
    if form.kind == "word":
        return [run.engine.words.texts[number] for number in used.tolist()]
    if form.kind == "yes_no":
        return [bool(value) for value in used.tolist()]
    if form.kind == "date":
        return [datetime.date.fromordinal(max(int(value), 1)) for value in used.tolist()]
    return [Fraction(int(value), form.divisor) for value in used.tolist()]


# --- settling


def settled(run: ColumnRun, stage: Settling) -> Vector:
    """Return what each member has by comparison with the others. Raises NotHere."""
    shape = stage.shape
    if run.program.root(shape.level) != run.program.participant:
        raise NotHere
    members = members_of(run, shape.level, shape.within)
    takes = members.under
    if stage.takes_part is not None:
        part, _, absent = run.vector(stage.takes_part)
        holds = np.broadcast_to(part, members.shape).reshape(-1)
        takes = takes & holds
        if absent is not None:
            takes = takes & (np.broadcast_to(absent, members.shape).reshape(-1) == 0)
    codes = ~takes * np.uint8(run.engine.words.code(NOT_COMPUTED))
    if run.program.levels[shape.within].kind != "cohort":
        _, none = run.seen(shape.level, shape.within)
        outside = np.broadcast_to(none, members.shape).reshape(-1)
        codes = np.where(outside != 0, outside, codes)
    match shape:
        case StandingShape(function="rank" | "percentile_rank"):
            found = _standings(run, shape, members, takes, codes)
        case AllocateShape():
            found = _shares(run, shape, members, takes, codes)
        case _:
            raise NotHere
    return tuple(None if part is None else part.reshape(members.shape) for part in found)  # type: ignore[return-value]


def _standings(run: ColumnRun, shape: StandingShape, members: Members, takes: Array, codes: Array) -> Vector:
    if shape.policy is not None and "zero" in {shape.policy.every, *(done for _, done in shape.policy.by_reason)}:
        raise NotHere
    if shape.better is not None and not isinstance(shape.better, Constant):
        raise NotHere
    higher = shape.better is None or shape.better.value == "higher"
    above, below, absent = flat(run, shape.subject, shape.level, members.shape)
    if below is not None or above.dtype == object:
        raise NotHere
    if absent is not None:
        codes = np.where(takes & (absent != 0), absent, codes)
        takes = takes & (absent == 0)
    places = np.flatnonzero(takes)
    segments, values = members.segments[places], cast(above, "float64")[places]
    better, equal, sizes = _compared(segments, values if higher else -values, members.count)
    number, under = np.zeros(len(takes)), np.ones(len(takes))
    count = sizes[segments].astype(np.float64)
    match shape.function, shape.ties, shape.definition:
        case "rank", "competition", _:
            number[places] = better + 1
            return number, None, codes
        case "percentile_rank", _, "inclusive":
            number[places], under[places] = count - better - equal, np.maximum(count - 1, 1)
            alone = places[count == 1]
            codes = codes.copy()
            codes[alone] = run.engine.words.code(TOO_FEW_PRESENT)
        case "percentile_rank", _, "exclusive":
            number[places], under[places] = count - better - equal + 1, count + 1
        case "percentile_rank", _, "midpoint":
            number[places], under[places] = 2 * (count - better - equal) + equal, 2 * count
        case _:
            raise NotHere
    return number, under, codes


def _compared(segments: Array, values: Array, count: int) -> tuple[Array, Array, Array]:
    """Return how many of its segment are larger than each value, how many equal, and the sizes of the segments."""
    order = np.lexsort((values, segments))
    sizes = np.bincount(segments, minlength=count)
    ends = np.cumsum(sizes)
    ordered, group = values[order], segments[order]
    starts_run = np.ones(len(order), dtype=np.bool_)
    starts_run[1:] = (ordered[1:] != ordered[:-1]) | (group[1:] != group[:-1])
    firsts = np.flatnonzero(starts_run)
    lengths = np.diff(np.append(firsts, len(order)))
    run_of = np.cumsum(starts_run) - 1
    after = (firsts + lengths)[run_of]
    larger, equal = np.zeros(len(order)), np.zeros(len(order))
    larger[order] = ends[group] - after
    equal[order] = lengths[run_of]
    return larger, equal, sizes


def _shares(run: ColumnRun, shape: AllocateShape, members: Members, takes: Array, codes: Array) -> Vector:
    if shape.at_most is not None or shape.at_least is not None:
        raise NotHere
    if shape.ties != Ref(run.program.participant, run.program.participant) or len(members.shape) > 1:
        raise NotHere
    basis, below, absent = flat(run, shape.basis, shape.level, members.shape)
    if below is not None or basis.dtype == object or (absent is not None and np.any(absent[takes])):
        raise NotHere
    pools = run.exactly(shape.within, shape.pool)
    cents = np.zeros(len(takes))
    for number, pool in enumerate(pools):
        if isinstance(pool, Absent):
            raise NotHere
        whole = pool * 100
        if whole.denominator != 1 or whole < 0:
            raise NotHere
        here = takes if members.count == 1 else takes & (members.segments == number)
        # Who has no claim gets nothing: not even an odd cent, of which there are fewer than claims.
        places = np.flatnonzero(here & (basis != 0))
        cents[places] = share_out(int(whole), basis[places], needed=shape.if_none == "error")
    return cents, None, codes


def share_out(pool: int, basis: Array, *, needed: bool) -> Array:
    """Return cents of a pool in proportion to whole numbers (none is zero), odd cents by largest fraction, then order.

    Raises NotHere for what plain lists, or the oracle, must settle.
    """
    if not len(basis):
        if needed and pool:
            raise NotHere
        return np.zeros(0)
    if float(basis.min()) < 0:
        raise NotHere
    total = _total(basis)
    if total >= 2**61 or pool >= 2**51:
        raise NotHere
    units = cast(basis, "int64")
    quotient = np.floor(basis.astype(np.float64) * (pool / total)).astype(np.int64)
    with np.errstate(over="ignore"):
        # Products may pass 63 bits; what is left after the quotient does not, and wraps to itself.
        rest = units * np.int64(pool) - quotient * np.int64(total)
    for _ in range(4):
        low, high = rest < 0, rest >= total
        if not (low.any() or high.any()):
            break
        quotient = quotient - low + high
        rest = rest + np.where(low, total, 0) - np.where(high, total, 0)
    else:
        raise NotHere
    left = pool - _total(quotient)
    return (quotient + _largest(rest, left)).astype(np.float64)


def _largest(values: Array, count: int) -> Array:
    """Return which are the `count` largest, of equal ones those that come first."""
    if not count:
        return np.False_
    place = len(values) - count
    least = np.partition(values, place)[place]
    found = values > least
    found[np.flatnonzero(values == least)[: count - int(np.count_nonzero(found))]] = True
    return found
