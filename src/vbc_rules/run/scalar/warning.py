"""What a cohort's result is shown with: rows that nobody needed, and numbers carried past what is stated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from vbc_rules.plan.rebuilding import walk
from vbc_rules.plan.stages import Gathering, RootStage, Settling, Stages
from vbc_rules.resolve.expressions import Gather, OnDate, Read, Ref
from vbc_rules.resolve.program import (
    ByMemberShape,
    ChooseShape,
    Definition,
    FormulaShape,
    Gate,
    Parameter,
    Program,
    TiersShape,
)
from vbc_rules.run import settle
from vbc_rules.run.oracle.population import unused_rows

When: TypeAlias = tuple[int, ...]
"""When something happens in the oracle's order; earlier is less."""

_DECIDING = -1
"""The number of all gates on being in the program: the oracle asks them participant by participant."""
_IN_ORDER = (FormulaShape, ChooseShape, TiersShape, ByMemberShape)
"""The shapes whose code reads parameters exactly where, and in the order in which, the oracle reads them."""


def step_numbers(program: Program) -> dict[Ref, int]:
    """Return the numbers under which steps note what they read."""
    return {
        step.ref: _DECIDING if isinstance(step, Gate) and step.pays is None else number
        for number, step in enumerate(program.steps)
    }


def warnings_of(program: Program, noted: Iterable[tuple[int, str]], unused: Mapping[str, int]) -> tuple[str, ...]:
    """Return the warnings in the oracle's order, each once.

    `noted` are steps' numbers with the parameters they read, in the order of reading; `unused` counts unused rows.
    """
    formed = _formed(program)
    found: list[tuple[When, str]] = [
        ((number,), settle.carried(program.parameters[parameter])) for number, parameter in noted
    ]
    found += [(formed[level], unused_rows(level, count)) for level, count in unused.items()]
    return tuple(dict.fromkeys(message for _, message in sorted(found, key=lambda entry: entry[0])))


def _formed(program: Program) -> dict[str, When]:
    """Return when the groups of each level are formed: as soon as what they gather exists and their keys are known."""
    known = {ref for ref, slot in program.slots.items() if slot.kind in ("input", "cell", "name")}
    waiting = [level for level in program.levels.values() if level.kind == "groups"]
    found: dict[str, When] = {}

    def form(after: int) -> None:
        while ready := [
            level
            for level in waiting
            if level.groups not in [other.name for other in waiting] and known.issuperset(level.by)
        ]:
            for level in ready:
                waiting.remove(level)
                found[level.name] = (after, len(found))

    form(_DECIDING)
    for number, step in enumerate(program.steps):
        if not isinstance(step, Gate) or step.pays is not None:
            known.add(step.ref)
            form(number)
    return found


def all_noted(program: Program, stages: Stages) -> bool:
    """Whether every read of a carried parameter is noted when and only when the oracle makes it.

    It is where gates and plain definitions read them; not inside aggregates, in what is worked out beforehand for
    operations across roots, in what is expected, and in guarantees.
    """
    carried = {name for name, parameter in program.parameters.items() if parameter.carry_after}
    if not carried:
        return True
    elsewhere: list[object] = [entry.condition for entry in program.expected]
    elsewhere += [entry.condition for entry in program.guarantees]
    elsewhere += [entry.only_if for entry in program.inputs.values()]
    for stage in stages.stages:
        if isinstance(stage, Gathering):
            elsewhere += [stage.where, stage.weight, stage.needed_present, stage.needed, stage.at]
        for step in stage.steps if isinstance(stage, RootStage) else (stage,):
            if isinstance(step, Settling):
                elsewhere.append(step.shape)
            elif isinstance(step, Definition) and (step.ref in stages.hidden or not isinstance(step.shape, _IN_ORDER)):
                elsewhere.append(step)
            elif isinstance(step, Definition | Gate):
                elsewhere += [part for part in walk(step) if isinstance(part, Gather)]
    return not any(_may_carry(program, carried, part) for part in elsewhere)


def _may_carry(program: Program, carried: set[str], node: object) -> bool:
    for part in walk(node):
        if isinstance(part, OnDate) and part.parameter in carried:
            return True
        if isinstance(part, Read) and part.ref.level == "" and part.ref.name in carried:
            parameter = program.parameters[part.ref.name]
            if _is_carried_at_start(program, parameter):
                return True
    return False


def _is_carried_at_start(program: Program, parameter: Parameter) -> bool:
    end = parameter.stated_through or parameter.dated[-1].last
    start, _ = settle.start_of(program)
    return start is not None and end is not None and start > end
