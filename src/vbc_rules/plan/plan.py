"""The plan: what is computed, in what order, from a row of what layout, and between what bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.interval import NOTHING, Interval
from vbc_rules.plan.layout import Layout, make_layout
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked program, ready to run.

    `ranges` holds the range of each quantity, by name and (where it differs) listed member. `reasons` holds the
    absences each name can have. `content_hash` is the SHA-256 of the rule file's bytes, in hexadecimal.
    """

    program: Program
    layout: Layout
    ranges: Mapping[tuple[Ref, str | None], Interval]
    reasons: Mapping[Ref, tuple[str, ...]]
    content_hash: str

    def range_of(self, ref: Ref) -> Interval | None:
        """Return the range of a value over all members; None where it is no quantity or never comes about."""
        found = NOTHING
        for (other, _), interval in self.ranges.items():
            if other == ref:
                found = found.hull(interval)
        return None if found.is_empty else found


def make_plan(program: Program, estimator: Estimator, content_hash: str) -> Plan:
    """Return the plan of a program that was checked without errors."""
    reasons = {
        ref: tuple(dict.fromkeys(cause.reason for cause in causes)) for ref, causes in estimator.presence.causes.items()
    }
    return Plan(
        program, make_layout(program), MappingProxyType(dict(estimator.ranges)), MappingProxyType(reasons), content_hash
    )
