"""Aggregates over the members of one instance, gathered across roots: whole numbers and fractions, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import isqrt
from typing import Any

from vbc_rules.language.absence import NONE_PRESENT, TOO_FEW_PRESENT, Absent
from vbc_rules.plan.stages import NOT_COMPUTED, Gathering
from vbc_rules.run.scalar.allocation import Unshareable
from vbc_rules.run.scalar.ordering import Number, ordered_keys, total, total_of_squares
from vbc_rules.run.scalar.representation import Carrier
from vbc_rules.run.scalar.together import acted

UNCOMPUTED = Absent(NOT_COMPUTED)
DEVIATION = 10**12
"""What a standard deviation is a whole number of parts of."""


@dataclass(slots=True)
class Bucket:
    """What is gathered for one instance: items that count, their weights, how many are present, what is missing."""

    items: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)
    present: int = 0
    missing: Absent | None = None
    fails: bool = False

    def add(self, gathering: Gathering, item: Any, weight: Any) -> None:  # noqa: ANN401 (values of mixed kinds)
        """Add a member for which the condition holds."""
        if item.__class__ is Absent:
            if gathering.is_formula:
                self.fails = self.fails or not gathering.present
                return
            try:
                action = acted(gathering.policy, item)
            except Unshareable:
                self.fails = True
                return
            if action == "absent":
                self.missing = item if self.missing is None else self.missing
            if action != "zero":
                return
            item = False if gathering.item is not None and gathering.item.type.kind == "yes_no" else 0
        else:
            self.present += 1
        self.items.append(item)
        self.weights.append(weight)


def form_of(gathering: Gathering, item: Carrier | None) -> Carrier:
    """Return how the aggregate is carried, from how its items are; code stands for nothing."""
    function = gathering.function
    if function in ("any", "all", "at_least_of"):
        return Carrier("yes_no", "", maybe_absent=True)
    if function == "count" or item is None:
        return Carrier("number", "", maybe_absent=True, low=Fraction(0))
    if function in ("sum", "min", "max"):
        low = Fraction(0) if item.never_negative else None
        return Carrier(item.kind, "", item.divisor, item.denominator, maybe_absent=True, low=low)
    if function == "standard_deviation":
        return Carrier("number", "", DEVIATION, maybe_absent=True, low=Fraction(0))
    divisor = item.divisor**2 if function == "variance" else item.divisor
    low = Fraction(0) if item.never_negative or function == "variance" else None
    return Carrier("number", "", divisor, "1", maybe_absent=True, low=low)


def aggregated(
    gathering: Gathering,
    bucket: Bucket,
    divisor: int,
    needed_present: Number | Absent | None,
    needed: Number | Absent | None,
    at: Number | Absent | None,
) -> Any:  # noqa: ANN401 (values of mixed kinds)
    """Return the aggregate, a quantity over the divisor of its form; not computed where it has no value."""
    if bucket.fails:
        return UNCOMPUTED
    if bucket.missing is not None:
        return bucket.missing
    if needed_present is not None:
        if isinstance(needed_present, Absent):
            return UNCOMPUTED
        if bucket.present < needed_present:
            return Absent(TOO_FEW_PRESENT)
    items, function = bucket.items, gathering.function
    if function == "count":
        return len(items)
    if function == "sum":
        return total(items)
    if function in ("any", "all", "at_least_of"):
        return _truth(gathering, items, needed)
    if not items:
        return UNCOMPUTED if gathering.is_formula else Absent(NONE_PRESENT)
    match function:
        case "min" | "max":
            keys = ordered_keys(items)
            best = min(keys) if function == "min" else max(keys)
            return items[keys.index(best)]
        case "mean":
            return Fraction(total(items)) / len(items)
        case "weighted_mean":
            return _weighted_mean(items, bucket.weights)
        case "variance" | "standard_deviation":
            return _spread(gathering, items, divisor)
        case "quantile" if at is not None and not isinstance(at, Absent):
            return _quantile(gathering, items, Fraction(at))
        case _:
            return UNCOMPUTED


def _truth(gathering: Gathering, items: Sequence[Any], needed: Number | Absent | None) -> Any:  # noqa: ANN401
    if not items:
        return UNCOMPUTED if gathering.if_none is None else gathering.if_none
    if gathering.function == "any":
        return True in items
    if gathering.function == "all":
        return False not in items
    if needed is None or isinstance(needed, Absent):
        return UNCOMPUTED
    return items.count(True) >= needed


def _weighted_mean(items: Sequence[Number], weights: Sequence[Any]) -> Number | Absent:
    if any(weight.__class__ is Absent for weight in weights):
        return UNCOMPUTED
    weight = total(weights)
    if weight == 0:
        return Absent(NONE_PRESENT)
    return Fraction(total(item * by for item, by in zip(items, weights, strict=True))) / weight


def _spread(gathering: Gathering, items: Sequence[Number], divisor: int) -> Number | Absent:
    """Return the variance, from the sums of the values and of their squares; or its root."""
    count = len(items)
    below = count - 1 if gathering.definition == "sample" else count
    if below == 0:
        return Absent(TOO_FEW_PRESENT)
    sum_of = total(items)
    variance = Fraction(count * total_of_squares(items) - sum_of * sum_of) / (count * below)
    if gathering.function == "variance":
        return variance
    # Half even: twice the root is never a whole number of units unless the root is exact to half a unit.
    squared = variance * DEVIATION**2 / divisor**2
    root = isqrt(squared.numerator // squared.denominator)
    half = Fraction((2 * root + 1) ** 2, 4)
    return root + (squared > half or (squared == half and root % 2 == 1))


def _quantile(gathering: Gathering, items: Sequence[Number], at: Fraction) -> Number | Absent:
    if not 0 <= at <= 1:
        return UNCOMPUTED
    count = len(items)
    keys = ordered_keys(items)
    order = sorted(range(count), key=keys.__getitem__)
    match gathering.definition:
        case "nearest_rank":
            rank = Fraction(-(-at.numerator * count // at.denominator))
        case "hyndman_fan_6":
            rank = at * (count + 1)
        case "hyndman_fan_7":
            rank = at * (count - 1) + 1
        case _:
            return UNCOMPUTED
    rank = min(max(rank, Fraction(1)), Fraction(count))
    below = rank.numerator // rank.denominator
    low = items[order[below - 1]]
    return low if below == rank else low + (rank - below) * (items[order[below]] - low)
