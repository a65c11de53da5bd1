"""Populations made at random for any program: within every declared range, and as the program expects."""

from __future__ import annotations

import random
from collections.abc import Mapping

from tests.run.cohort_drawing import FEW, Drawing
from tests.run.cohort_legal import made_legal
from vbc_rules.plan.layout import Cell, Field, Layout, Population
from vbc_rules.resolve.program import Program


def make_population(program: Program, layouts: Mapping[str, Layout], count: int, seed: int) -> Population:
    """Return `count` participants and what else the program is given; the same for the same seed.

    Inputs are given where they are expected and meet what is expected of them; what a program then makes of them may
    still have no result.
    """
    chance = random.Random(seed)  # noqa: S311 (test data)
    drawing = Drawing(program, chance)
    cohort = drawing.row(layouts[program.roots[0]])
    rows = (drawing.row(layouts[program.participant]) for _ in range(count))
    participants = tuple((f"{number:06d}", *row[1:]) for number, row in enumerate(rows))
    groups = {
        name: tuple((*key, *drawing.row(layouts[name])[len(key) :]) for key in _keys(program, layouts[name], chance))
        for name, level in program.levels.items()
        if level.kind == "groups" and len(layouts[name].fields) > len(level.by)
    }
    population = Population(cohort, participants, tuple(range(1, count + 1)), groups)
    return made_legal(program, layouts, population, drawing)


def shuffled(population: Population, seed: int) -> Population:
    """Return the same population with its groups' rows in another order."""
    chance = random.Random(seed)  # noqa: S311 (test data)
    groups = {name: tuple(chance.sample(rows, len(rows))) for name, rows in population.groups.items()}
    return Population(population.cohort, population.participants, population.numbers, groups)


def _keys(program: Program, layout: Layout, chance: random.Random) -> list[tuple[Cell, ...]]:
    """Return every combination of what a level of groups may go by, as far as it can be listed."""
    found: list[tuple[Cell, ...]] = [()]
    for ref, field in zip(program.levels[layout.level].by, layout.fields, strict=False):
        assert isinstance(field, Field)
        slot = program.slots[ref]
        options: list[Cell] = list(slot.type.options or FEW)
        if slot.type.kind == "yes_no":
            options = [False, True]
        elif slot.type.is_numeric:
            options = list(range(10))
        found = [(*key, option) for key in found for option in options]
    chance.shuffle(found)
    return found
