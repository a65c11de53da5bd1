"""The ranges of what members have by comparison with each other: a place among the first, a standing, a share.

Codes: VBC810 a pool may be negative; VBC811 a pool may not be in whole cents; VBC812 what shares are made of may be
negative.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Shares:
    """The ranges of shares of pools; what they must not be made of is reported once."""

    estimator: Estimator
    grids: Grids
    reported: set[tuple[Span, str]] = field(default_factory=set)

    def range(self, shape: AllocateShape, place: Place) -> Interval:
        """Return the range of a share: within its floor and cap, and never more than the pool."""
        pool, name = self.estimator.bounds(shape.pool, place), shape.pool.ref.name
        if not pool.is_empty and not pool.is_not_negative:
            self._report(
                "VBC810",
                f"the pool `{name}` may be negative: it was found to be {span_of(pool, shape.pool.type)}",
                shape.pool.span,
                f"write `at_least: $0` in `{name}`"
                if shape.pool.ref in self.estimator.definitions
                else f"declare a range of `{name}` that does not go below $0",
            )
        if not is_multiple(self.grids.of_name(shape.pool.ref), CENT):
            self._report(
                "VBC811",
                f"the pool `{name}` may not be in whole cents",
                shape.pool.span,
                f"write `round: 2 down` in `{name}`"
                if shape.pool.ref in self.estimator.definitions
                else f"declare no more than two decimals of `{name}`",
            )
        self._not_negative("basis", shape.basis, place)
        lows, highs = [ZERO], [pool.high]
        if shape.at_least is not None:
            lows.append(self._not_negative("floor", shape.at_least, place).low or ZERO)
        if shape.at_most is not None:
            highs.append(self._not_negative("cap", shape.at_most, place).high)
        ends = [high for high in highs if high is not None]
        return Interval(max(lows), min(ends) if ends else None)

    def _not_negative(self, what: str, expr: Expr, place: Place) -> Interval:
        found = self.estimator.bounds(expr, place)
        if not found.is_empty and not found.is_not_negative:
            zero = {"money": "$0", "percent": "0%"}.get(expr.type.kind, "0")
            text = text_of(expr.span)
            self._report(
                "VBC812",
                f"the {what} `{text}` may be negative: it was found to be {span_of(found, expr.type)}",
                expr.span,
                f"write `max({text}, {zero})`, or let it come from what is never negative",
            )
        return found

    def _report(self, code: str, message: str, span: Span, help: str) -> None:
        if (span, code) not in self.reported:
            self.reported.add((span, code))
            self.estimator.findings.error(code, message, span, help)
