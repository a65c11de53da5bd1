"""What is gathered across participants, in columns: counts and sums that any part of them can be added up to.

Other functions, and whatever columns do not hold plainly, are left to plain lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from vbc_rules.language.absence import NONE_PRESENT, Absent
from vbc_rules.plan.stages import Gathering
from vbc_rules.resolve.program import Policy, Program
from vbc_rules.run.columns.across import UNCOMPUTED, Members, NotHere, exact_total, flat, members_of
from vbc_rules.run.columns.forms import Array, cast

if TYPE_CHECKING:
    from vbc_rules.run.columns.run import ColumnRun


@dataclass(frozen=True, slots=True)
class Partial:
    """What some members add to each instance that gathers: whole numbers, exact.

    `totals` are sums of the items (of products where they are weighted, of those that hold where they are yes or no),
    or the least or the greatest of them, which count only where `sizes`, how many members counted, is not 0. `weights`
    are the sums of weights, and empty where there are none.
    """

    totals: list[int]
    weights: list[int]
    sizes: list[int]


def is_here(program: Program, stage: Gathering) -> bool:
    """Whether columns can gather this: a plain function of participants, or of members of theirs, one by one."""
    if stage.is_paired or stage.function not in _TOTALS or stage.needed is not None or stage.needed_present is not None:
        return False
    return program.root(stage.level) == program.participant and stage.ref.level == stage.within


def gathered(run: ColumnRun, stage: Gathering) -> list[Any]:
    """Return the aggregate for each instance of `stage.within`. Raises NotHere."""
    return brought_together(stage, [partial(run, stage)])


def partial(run: ColumnRun, stage: Gathering) -> Partial:
    """Return what the members of a run add to each instance of `stage.within`. Raises NotHere."""
    if not is_here(run.program, stage):
        raise NotHere
    members = members_of(run, stage.level, stage.within)
    takes = members.under
    if stage.where is not None:
        holds, _, absent = flat(run, stage.where, stage.level, members.shape)
        takes = takes & holds
        if absent is not None and np.any(takes & (absent != 0)):
            raise NotHere
    item, codes = _items(run, stage, members)
    counted = takes
    if codes is not None:
        if stage.is_formula and not stage.present:
            if np.any(takes & (codes != 0)):
                raise NotHere
        elif not stage.is_formula:
            counted, item = _acted(run, stage.policy, takes, codes, item)
        if counted is takes:
            counted = takes & (codes == 0)
    # Mostly everyone counts: then nothing is picked out.
    places = slice(None) if counted.all() else np.flatnonzero(counted)
    segments = members.segments[places]
    sizes = [len(segments)] if members.count == 1 else np.bincount(segments, minlength=members.count).tolist()
    taken = _Taken(run, stage, members, places, segments, item[places])
    totals, weights = _TOTALS[stage.function](taken)
    return Partial(totals, weights, sizes)


def brought_together(stage: Gathering, parts: Iterable[Partial]) -> list[Any]:
    """Return the aggregate for each instance, of what every part of the members adds to it. There is at least one."""
    first, *others = parts
    totals, weights, sizes = first.totals, first.weights, first.sizes
    for part in others:
        totals = _joined(stage.function, totals, sizes, part)
        weights = [one + other for one, other in zip(weights, part.weights, strict=True)]
        sizes = [one + other for one, other in zip(sizes, part.sizes, strict=True)]
    finish = _FINISH.get(stage.function, _as_it_is)
    none: Any = UNCOMPUTED if stage.is_formula else Absent(NONE_PRESENT)
    if stage.function in ("any", "all"):
        none = UNCOMPUTED if stage.if_none is None else stage.if_none
    elif stage.function in ("sum", "count"):
        none = 0
    return [
        finish(total, weight, size) if size and weight else none
        for total, weight, size in zip(totals, weights or sizes, sizes, strict=True)
    ]


def _joined(function: str, totals: list[int], sizes: list[int], part: Partial) -> list[int]:
    if function not in ("min", "max"):
        return [one + other for one, other in zip(totals, part.totals, strict=True)]
    best = min if function == "min" else max
    return [
        best(one, other) if size and more else one if size else other
        for one, size, other, more in zip(totals, sizes, part.totals, part.sizes, strict=True)
    ]


# --- who counts, with what


def _items(run: ColumnRun, stage: Gathering, members: Members) -> tuple[Array, Array | None]:
    if stage.item is None:
        return np.ones(members.segments.shape), None
    above, below, absent = flat(run, stage.item, stage.level, members.shape)
    if below is not None or above.dtype == object or run.engine.forms[stage.item.ref].kind not in ("number", "yes_no"):
        raise NotHere
    return above, absent


def _acted(run: ColumnRun, policy: Policy | None, takes: Array, codes: Array, item: Array) -> tuple[Array, Array]:
    """Return who counts, and the items with those absent that count as zero set to it."""
    actions = np.zeros(256, dtype=np.int8)
    if policy is None:
        raise NotHere
    for number, absent in enumerate(run.engine.words.absences, 1):
        action = policy.every or dict(policy.by_reason).get(absent.reason)
        actions[number] = {"redistribute": 1, "ignore": 1, "zero": 2, "absent": 3}.get(action or "", 4)
    done = actions[codes]
    if np.any(takes & (done >= 3)):
        raise NotHere
    zero = done == 2
    return takes & ((done == 0) | zero), np.where(zero, 0, item)


# --- functions


@dataclass(frozen=True, slots=True)
class _Taken:
    """The members that count: which of all they are, what each is under, and its item."""

    run: ColumnRun
    stage: Gathering
    members: Members
    places: Array
    segments: Array
    values: Array


_Totals: TypeAlias = tuple[list[int], list[int]]


def _counted(taken: _Taken) -> _Totals:
    return [0] * taken.members.count, []


def _summed(taken: _Taken) -> _Totals:
    return exact_total(taken.values, taken.segments, taken.members.count), []


def _weighted(taken: _Taken) -> _Totals:
    if taken.stage.weight is None:
        raise NotHere
    weight, below, absent = flat(taken.run, taken.stage.weight, taken.stage.level, taken.members.shape)
    if below is not None or weight.dtype == object or (absent is not None and np.any(absent[taken.places])):
        raise NotHere
    by = weight[taken.places]
    # Products are sized in floats, which lose digits but do not wrap, before they are made of whole numbers.
    if len(by) and float(np.abs(np.multiply(taken.values, by, dtype=np.float64)).max()) >= 2**53:
        raise NotHere
    product = taken.values * by
    count = taken.members.count
    return exact_total(product, taken.segments, count), exact_total(by, taken.segments, count)


def _extreme(taken: _Taken) -> _Totals:
    sign = 1 if taken.stage.function == "min" else -1
    best = np.full(taken.members.count, np.inf)
    np.minimum.at(best, taken.segments, sign * cast(taken.values, "float64"))
    return [0 if np.isinf(value) else int(sign * value) for value in best.tolist()], []


def _held(taken: _Taken) -> _Totals:
    yes = np.bincount(taken.segments, weights=taken.values.astype(np.float64), minlength=taken.members.count)
    return [int(count) for count in yes.tolist()], []


_TOTALS: Final[Mapping[str, Callable[[_Taken], _Totals]]] = {
    "count": _counted, "sum": _summed, "mean": _summed, "weighted_mean": _weighted, "min": _extreme, "max": _extreme,
    "any": _held, "all": _held,
}  # fmt: skip


def _as_it_is(total: int, _weight: int, _size: int) -> Any:  # noqa: ANN401 (values of mixed kinds)
    return total


_FINISH: Final[Mapping[str, Callable[[int, int, int], Any]]] = {
    "count": lambda _total, _weight, size: size,
    "mean": lambda total, _weight, size: Fraction(total, size),
    "weighted_mean": lambda total, weight, _size: Fraction(total, weight),
    "any": lambda total, _weight, _size: total > 0,
    "all": lambda total, _weight, size: total == size,
}
