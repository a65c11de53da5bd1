"""In what stages a program runs over a whole cohort: what each root computes by itself, and what spans roots between.

A program is rewritten so that whatever spans roots works on finished columns only. An aggregate inside a formula
becomes a read of a hidden slot; a condition, a weight, an order key or a basis that is more than a name becomes a
hidden definition of the member. Hidden slots go by names that no file can write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from vbc_rules.plan.rewriting import Id, Rewriting, Task
from vbc_rules.plan.steps import NOT_COMPUTED, Forming, Gathering, Settling, Step
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Expectation, Program

__all__ = [
    "NOT_COMPUTED",
    "Forming",
    "Gathering",
    "RootStage",
    "Settling",
    "Stage",
    "Stages",
    "Step",
    "local_steps",
    "make_stages",
]


@dataclass(frozen=True, slots=True)
class RootStage:
    """Steps on levels that hang from one root, which read of other roots only what earlier stages finished.

    `opens`: the root's rows are settled here, before the steps. `only_members`: only participants in the program take
    these steps; for all others everything they give is absent, not in the program.
    """

    root: str
    opens: bool
    only_members: bool
    steps: tuple[Step, ...]


Stage: TypeAlias = RootStage | Gathering | Settling | Forming


@dataclass(frozen=True, slots=True)
class Stages:
    """A program in stages.

    `program` has the hidden slots among its slots; its steps are the original ones. `hoisted` are hidden definitions:
    what fails there is not computed, and matters only where it is read. `loud` are hidden slots that stand for an
    aggregate inside a formula: reading one that is absent is an error.
    """

    program: Program
    stages: tuple[Stage, ...]
    hoisted: frozenset[Ref]
    loud: frozenset[Ref]
    hidden: frozenset[Ref]


def make_stages(program: Program) -> Stages:
    """Return the stages of a program over a whole cohort."""
    rewriting = Rewriting(program)
    rewriting.write()
    return _made(rewriting, _schedule(program, rewriting.tasks))


def local_steps(program: Program) -> tuple[Stages, tuple[Step, ...]]:
    """Return the steps of one participant alone, in their order.

    Raises ValueError for a program that computes across participants.
    """
    rewriting = Rewriting(program)
    rewriting.write()
    if any(isinstance(task.payload, Gathering) for task in rewriting.tasks.values()):
        raise ValueError("the program gathers across participants")
    steps = tuple(task.payload for task in rewriting.tasks.values() if isinstance(task.payload, Step))
    return _made(rewriting, ()), tuple(step for step in steps if not isinstance(step, Expectation))


def _made(rewriting: Rewriting, stages: tuple[Stage, ...]) -> Stages:
    """Return the stages with the program that has the hidden slots."""
    program = rewriting.program
    if rewriting.slots:
        program = replace(program, slots={**program.slots, **rewriting.slots})
    hoisted, loud = frozenset(rewriting.hoisted), frozenset(rewriting.loud)
    return Stages(program, stages, hoisted, loud, frozenset(rewriting.slots))


# --- scheduling


def _schedule(program: Program, tasks: Mapping[Id, Task]) -> tuple[Stage, ...]:
    """Return the stages: everything else that can be done is done before the participants have another stage."""
    participant = program.participant
    others = [(root, False) for root in program.roots if root != participant]
    units = [*others, (participant, False), (participant, True)]
    waiting = dict(tasks)
    done: set[Id] = set()
    stages: list[Stage] = []
    while waiting:
        ready = [name for name, task in waiting.items() if task.unit is None and task.needs <= done]
        if ready:
            for name in ready:
                payload = waiting.pop(name).payload
                if isinstance(payload, Gathering | Settling | Forming):
                    stages.append(payload)
            done.update(ready)
            continue
        for unit in units:
            taken = _closure(unit, waiting, done)
            if taken:
                steps = [payload for name in taken if (payload := waiting.pop(name).payload) is not None]
                opens = ("open", unit[0], "") in taken
                own = tuple(step for step in steps if isinstance(step, Step))
                stages.append(RootStage(unit[0], opens, unit[1], own))
                done.update(taken)
                break
        else:
            raise ValueError("the steps of the program wait for each other")
    return tuple(stages)


def _closure(unit: tuple[str, bool], waiting: Mapping[Id, Task], done: set[Id]) -> dict[Id, None]:
    """Return the tasks of a unit that can be done one after the other, in that order."""
    found: dict[Id, None] = {}
    known = set(done)
    own = {name: task for name, task in waiting.items() if task.unit == unit}
    while True:
        ready = [name for name, task in own.items() if name not in found and task.needs <= known]
        if not ready:
            return found
        # One pass takes all that is ready; what becomes ready by it comes in the next pass, after it.
        found.update(dict.fromkeys(ready))
        known.update(ready)
