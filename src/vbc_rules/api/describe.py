"""A program in words and as data: what it takes and gives, between what bounds, and where its numbers come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vbc_rules.api.engines import why_cohort
from vbc_rules.api.provenance import provenance_counts
from vbc_rules.check.show import span_of
from vbc_rules.language import document as doc
from vbc_rules.plan.plan import Plan
from vbc_rules.resolve.program import AllocateShape, Definition, Input, Level, Parameter

if TYPE_CHECKING:
    from vbc_rules.api.program import Program


def describe(program: Program) -> str:
    """Return the program in words."""
    resolved, plan = program.resolved, program.plan
    head = resolved.document
    lines = [program.title, f"{program.identifier}, for each {resolved.participant}{_in_force(head.in_force)}"]
    if resolved.parameters:
        lines += ["", "Parameters"]
        lines += [f"  {entry.name}: {_parameter(entry)}" for entry in resolved.parameters.values()]
    if program.needs_cohort:
        spanning = ", ".join(map(str, resolved.spanning)) or why_cohort(resolved)
        lines += ["", "Computed for a whole cohort at once", f"  {spanning}"]
    groups = [level for level in resolved.levels.values() if level.kind == "groups"]
    if groups:
        lines += ["", "Groups"]
        lines += [f"  {level.name}: {_groups(level)}" for level in groups]
    lines += ["", "Inputs"]
    for entry in resolved.inputs.values():
        lines.append(f"  {entry.ref}: {_input(entry)}")
    for role, title in (("value", "Values"), ("payment", "Payments")):
        entries = [step for step in resolved.definitions if step.role == role]
        if entries:
            lines += ["", title]
            lines += [f"  {entry.ref}: {_definition(entry, plan)}" for entry in entries]
    if resolved.gates:
        lines += ["", "Gates"]
        for gate in resolved.gates:
            effect = "otherwise not in the program" if gate.pays is None else f"acts on {', '.join(map(str, gate.on))}"
            lines.append(f"  {gate.ref}: {gate.title}; {effect}")
    if resolved.guarantees:
        lines += ["", "Guarantees, proven from the file"]
        lines += [f"  {guarantee.text}" for guarantee in resolved.guarantees]
    if head.sources:
        lines += ["", "Sources"]
        lines += [f"  {entry.key.text}: {_source(entry)}" for entry in head.sources]
    if program.illustrative:
        lines += ["", "Illustrative, not the payer's numbers", f"  {', '.join(program.illustrative)}"]
    return "\n".join(lines)


def _groups(level: Level) -> str:
    return f"{level.title}; every {level.groups} by {' and '.join(ref.name for ref in level.by)}"


def _in_force(period: doc.Period) -> str:
    first = f" from {period.first.isoformat()}" if period.first is not None else ""
    last = f" through {period.last.isoformat()}" if period.last is not None else ""
    return f", in force{first}{last}" if first or last else ""


def _parameter(entry: Parameter) -> str:
    if entry.required:
        allowed = f" ({', '.join(entry.type.options)})" if entry.type.options else ""
        return f"{entry.title}; {entry.type}{allowed}, required from whoever runs the program"
    if entry.codes:
        return f"{entry.title}; codes {', '.join(entry.codes)}"
    if entry.dated:
        return f"{entry.title}; {entry.type} by date, {len(entry.dated)} spans"
    return f"{entry.title}; {entry.text}"


def _input(entry: Input) -> str:
    domain = entry.domain
    kind = str(domain.type)
    if domain.type.options:
        kind += f" ({', '.join(domain.type.options)})"
    elif domain.type.is_numeric:
        from vbc_rules.check.interval import Interval  # noqa: PLC0415 (needed only where somebody asks)

        low, high = domain.low, domain.high
        bounds = Interval(low, high)  # type: ignore[arg-type]
        kind += f", {domain.decimals} decimals, {span_of(bounds, domain.type)}"
    absent = f", may be {' or '.join(domain.reasons)}" if domain.reasons else ""
    only = f", only under its condition (else {entry.otherwise})" if entry.only_if is not None else ""
    return f"{entry.title}; {kind}{absent}{only}"


def _definition(entry: Definition, plan: Plan) -> str:
    found = plan.range_of(entry.ref)
    bounds = f", {span_of(found, entry.type)}" if found is not None and entry.type.is_numeric else ""
    reasons = plan.reasons.get(entry.ref, ())
    absent = f", may be absent: {', '.join(reasons)}" if reasons else ""
    payer = f", paid by the {entry.paid_by}" if entry.paid_by else ""
    pool = f", a share of {entry.shape.pool.ref}" if isinstance(entry.shape, AllocateShape) else ""
    return f"{entry.title}; {entry.type}{bounds}{absent}{payer}{pool}"


def _source(entry: doc.Source) -> str:
    parts = (entry.title, entry.publisher, entry.date.isoformat() if entry.date else None, entry.cite, entry.link)
    return ", ".join(part for part in parts if part)


def describe_data(program: Program) -> dict[str, object]:
    """Return the description as plain data (schema "vbc-rules/description/1")."""
    resolved, plan = program.resolved, program.plan
    head = resolved.document
    return {
        "schema": "vbc-rules/description/1",
        "program": head.program.text,
        "edition": head.edition.text,
        "title": head.title,
        "participant": resolved.participant,
        "content_hash": program.content_hash,
        "in_force": {
            "from": head.in_force.first.isoformat() if head.in_force.first else None,
            "through": head.in_force.last.isoformat() if head.in_force.last else None,
        },
        "parameters": [
            {
                "name": entry.name,
                "title": entry.title,
                "type": entry.type.kind,
                "required": entry.required,
                "is": entry.text,
            }
            for entry in resolved.parameters.values()
        ],
        "levels": [
            {
                "name": level.name,
                "kind": level.kind,
                "in": level.parent,
                "members": [member.name for member in level.members],
                "groups": level.groups,
                "by": [ref.name for ref in level.by],
            }
            for level in resolved.levels.values()
        ],
        "needs_cohort": program.needs_cohort,
        "inputs": [
            {
                "level": entry.ref.level,
                "name": entry.ref.name,
                "title": entry.title,
                "type": entry.domain.type.kind,
                "options": list(entry.domain.type.options),
                "decimals": entry.domain.decimals,
                "may_be": list(entry.domain.reasons),
            }
            for entry in resolved.inputs.values()
        ],
        "values": [
            {
                "level": entry.ref.level,
                "name": entry.ref.name,
                "role": entry.role,
                "title": entry.title,
                "type": entry.type.kind,
                "range": _range_text(entry, plan),
                "may_be_absent": list(plan.reasons.get(entry.ref, ())),
            }
            for entry in resolved.definitions
        ],
        "gates": [{"level": gate.ref.level, "name": gate.ref.name, "title": gate.title} for gate in resolved.gates],
        "guarantees": [guarantee.text for guarantee in resolved.guarantees],
        "sources": [
            {
                "key": entry.key.text,
                "title": entry.title,
                "publisher": entry.publisher,
                "cite": entry.cite,
                "link": entry.link,
            }
            for entry in head.sources
        ],
        "numbers": dict(provenance_counts(resolved)),
        "illustrative": list(program.illustrative),
    }


def _range_text(entry: Definition, plan: Plan) -> str | None:
    found = plan.range_of(entry.ref)
    return span_of(found, entry.type) if found is not None and entry.type.is_numeric else None
