"""The ranges of what members have by comparison with each other: a place among the first, a standing, a share.

Codes: VBC810 a pool may be negative; VBC811 a pool may not be in whole cents; VBC812 what shares are made of may be
negative.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.facts import Place
from vbc_rules.check.interval import EVERYTHING, ZERO, Interval
from vbc_rules.check.parts import text_of
from vbc_rules.check.scales import CENT, Grids, is_multiple
from vbc_rules.check.show import span_of
from vbc_rules.resolve.expressions import Expr
from vbc_rules.resolve.program import AllocateShape, StandingShape
from vbc_rules.source.span import Span

ONE: Final = Fraction(1)


def how_many(level: str, within: str, place: Place, estimator: Estimator) -> Fraction | None:
    """Return how many members may be compared at most; None where there is no end."""
    total = 0
    for instance in estimator.instances(level, within, place):
        if instance.most is None:
            return None
        total += instance.most
    return Fraction(total)


def standing_range(shape: StandingShape, place: Place, estimator: Estimator) -> Interval:
    """Return the range of a standing."""
    estimator.bounds(shape.subject, place)
    most = how_many(shape.level, shape.within, place, estimator)
    if shape.function == "rank":
        return Interval(ONE, None if most is None else max(most, ONE))
    if shape.function == "percentile_rank":
        inside = shape.definition != "inclusive"
        return Interval(ZERO, ONE, low_open=inside, high_open=inside)
    if most is None or shape.rounding is None:
        return EVERYTHING
    return Interval(-most, most).rounded(shape.rounding)  # nobody is further from the mean than the root of n - 1


def share_range(shape: AllocateShape, place: Place, estimator: Estimator, grids: Grids, reported: set[Span]) -> Interval:
    """Return the range of a share, having recorded what it must not be made of: each once (`reported`)."""
    pool = estimator.bounds(shape.pool, place)
    name = shape.pool.ref.name
    if not pool.is_empty and not pool.is_not_negative and _is_new(shape.pool.span, "negative", reported):
        estimator.findings.error(
            "VBC810",
            f"the pool `{name}` may be negative: it was found to be {span_of(pool, shape.pool.type)}",
            shape.pool.span,
            f"write `at_least: $0` in `{name}`",
        )
    if not is_multiple(grids.of_name(shape.pool.ref), CENT) and _is_new(shape.span, "cents", reported):
        estimator.findings.error(
            "VBC811",
            f"the pool `{name}` may not be in whole cents",
            shape.pool.span,
            f"write `round: 2 down` in `{name}`",
        )
    _not_negative("basis", shape.basis, place, estimator, reported)
    found = Interval(ZERO, pool.high)
    if shape.at_least is not None:
        floor = _not_negative("floor", shape.at_least, place, estimator, reported)
        found = found.at_least(Interval(floor.low, found.high)) if floor.low is not None else found
    if shape.at_most is not None:
        cap = _not_negative("cap", shape.at_most, place, estimator, reported)
        if cap.high is not None:
            found = found.at_most(Interval(found.low, cap.high))
    return found.at_least(Interval.point(ZERO)).meet(Interval(ZERO, pool.high))


def _not_negative(what: str, expr: Expr, place: Place, estimator: Estimator, reported: set[Span]) -> Interval:
    found = estimator.bounds(expr, place)
    if found.is_empty or found.is_not_negative or not _is_new(expr.span, what, reported):
        return found
    zero = {"money": "$0", "percent": "0%"}.get(expr.type.kind, "0")
    text = text_of(expr.span)
    estimator.findings.error(
        "VBC812",
        f"the {what} `{text}` may be negative: it was found to be {span_of(found, expr.type)}",
        expr.span,
        f"write `max({text}, {zero})`, or declare a range that does not go below zero",
    )
    return found


def _is_new(span: Span, what: str, reported: set[Span]) -> bool:
    del what
    if span in reported:
        return False
    reported.add(span)
    return True
