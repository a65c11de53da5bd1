"""A plan as text: the rows of data, the steps in order, and the stages in which a whole cohort takes them."""

from __future__ import annotations

from collections.abc import Sequence

from vbc_rules.check.show import span_of
from vbc_rules.plan.layout import Layout, ListField, make_layouts
from vbc_rules.plan.plan import Plan
from vbc_rules.plan.stages import Forming, Gathering, RootStage, Settling, Stage, Step, make_stages
from vbc_rules.resolve.program import AllocateShape, Definition, Gate, StandingShape


def show_plan(plan: Plan) -> str:
    """Return the plan as text: the fields of each root's row, then the steps in order with type, range and absences.

    Of a program that needs the whole cohort, also its stages. What a stage computes for another one, and the file does
    not name, is counted.
    """
    document = plan.program.document
    lines = [f"plan of {document.program.text}@{document.edition.text}", f"content {plan.content_hash}"]
    if plan.program.needs_cohort:
        for root, layout in make_layouts(plan.program).items():
            lines += ["", f"row of {root}", *(_fields(layout, "  ") or ["  (nothing)"])]
    else:
        lines += ["", "row", *_fields(plan.layout, "  ")]
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
    if plan.program.needs_cohort:
        lines += ["", "stages", *_stages(plan)]
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


def _stages(plan: Plan) -> list[str]:
    made = make_stages(plan.program)
    hidden = {str(ref) for ref in made.hidden}
    return [f"  {number:3} {_stage(stage, plan, hidden)}" for number, stage in enumerate(made.stages, 1)]


def _stage(stage: Stage, plan: Plan, hidden: set[str]) -> str:
    match stage:
        case RootStage():
            whose = f"each {stage.root}" if stage.root != plan.program.roots[0] else stage.root
            only = " in the program" if stage.only_members and stage.root == plan.program.participant else ""
            opens = ["its row"] if stage.opens else []
            done = ", ".join([*opens, *_named(stage.steps, hidden)])
            return f"{whose}{only}: {done}" if done else f"{whose}{only}: nothing"
        case Forming():
            by = ", ".join(map(str, plan.program.levels[stage.level].by))
            return f"{stage.level} is formed by {by}"
        case Gathering():
            return f"{stage.function} over {stage.level} within {stage.within}{_for(str(stage.ref), hidden)}"
        case Settling():
            shape = stage.shape
            what = "allocate" if isinstance(shape, AllocateShape) else "top"
            what = shape.function if isinstance(shape, StandingShape) else what
            return f"{what} of {shape.level} within {shape.within}{_for(str(stage.ref), hidden)}"


def _named(steps: Sequence[Step], hidden: set[str]) -> list[str]:
    """Return the names of steps, and how many go by none."""
    names = [str(step.ref) for step in steps if isinstance(step, Definition | Gate)]
    shown = [name for name in names if name not in hidden]
    more = len(steps) - len(shown)
    return [*shown, f"{more} more"] if more else shown


def _for(ref: str, hidden: set[str]) -> str:
    return "" if ref in hidden else f": {ref}"
