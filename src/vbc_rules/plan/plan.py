"""The plan: what is computed, in what order, from a row of what layout, and between what bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.interval import NOTHING, Interval
from vbc_rules.check.show import span_of
from vbc_rules.plan.layout import Layout, ListField, make_layout
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Gate, Program


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


def show_plan(plan: Plan) -> str:
    """Return the plan as text: the row's fields, then the steps in order with their type, range and absences."""
    document = plan.program.document
    lines = [f"plan of {document.program.text}@{document.edition.text}", f"content {plan.content_hash}", "", "row"]
    lines += _fields(plan.layout, "  ")
    lines += ["", "steps"]
    for number, step in enumerate(plan.program.steps, 1):
        if isinstance(step, Gate):
            effect = (
                "decides on being in the program" if step.pays is None else f"acts on {', '.join(map(str, step.on))}"
            )
            lines.append(f"  {number:3} gate {step.ref}: {effect}")
            continue
        found = plan.range_of(step.ref)
        known = f", {span_of(found, step.type)}" if found is not None and step.type.is_numeric else ""
        absent = plan.reasons.get(step.ref, ())
        missing = f", may be absent: {', '.join(absent)}" if absent else ""
        lines.append(f"  {number:3} {step.role} {step.ref}: {step.type}{known}{missing}")
    return "\n".join(lines)


def _fields(layout: Layout, indent: str) -> list[str]:
    lines: list[str] = []
    for field in layout.fields:
        place = ".".join(map(str, field.path))
        if isinstance(field, ListField):
            lines.append(f"{indent}{field.level}{f' of {place}' if place else ''}: a list of rows")
            lines += _fields(field.layout, indent + "  ")
        else:
            scale = f", {field.scale} decimals" if field.type.is_numeric else ""
            lines.append(f"{indent}{field.ref}{f' of {place}' if place else ''}: {field.type}{scale}")
    return lines
