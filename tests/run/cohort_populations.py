"""Populations made at random for any program: within every declared range, ends and absences often."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping
from fractions import Fraction

from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import NOT_GIVEN, Cell, Field, Layout, ListField, Population, Row
from vbc_rules.resolve.expressions import Read, Ref
from vbc_rules.resolve.program import Domain, Program

FEW = ("a", "b", "c")
"""Identifiers of groups: few, so that they meet."""


def make_population(program: Program, layouts: Mapping[str, Layout], count: int, seed: int) -> Population:
    """Return `count` participants and what else the program is given; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 (test data)
    cohort = _row(program, layouts["cohort"], chance)
    participants = tuple(
        _with_name(_row(program, layouts[program.participant], chance), f"{number:06d}") for number in range(count)
    )
    groups = {
        name: tuple(_row_of_group(program, layouts[name], chance, key) for key in _keys(program, layouts[name], chance))
        for name, level in program.levels.items()
        if level.kind == "groups" and len(layouts[name].fields) > len(level.by)
    }
    return Population(cohort, participants, tuple(range(1, count + 1)), groups)


def shuffled(population: Population, seed: int) -> Population:
    """Return the same population with its groups' rows in another order."""
    chance = random.Random(seed)  # noqa: S311 (test data)
    groups = {name: tuple(chance.sample(rows, len(rows))) for name, rows in population.groups.items()}
    return Population(population.cohort, population.participants, population.numbers, groups)


def _with_name(row: Row, name: str) -> Row:
    return (name, *row[1:])


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


def _row_of_group(program: Program, layout: Layout, chance: random.Random, key: tuple[Cell, ...]) -> Row:
    return (*key, *_row(program, layout, chance)[len(key) :])


def _row(program: Program, layout: Layout, chance: random.Random) -> Row:
    row = [
        _cell(field, chance) if isinstance(field, Field) else _items(program, field, chance) for field in layout.fields
    ]
    for place, field in enumerate(layout.fields):
        if not isinstance(field, Field) or field.input is None or not isinstance(field.input.only_if, Read):
            continue
        condition = (field.input.only_if.ref, field.path)
        (asked,) = [at for at, f in enumerate(layout.fields) if isinstance(f, Field) and (f.ref, f.path) == condition]
        row[place] = _cell(field, chance) if row[asked] else NOT_GIVEN
    return tuple(row)


def _items(program: Program, field: ListField, chance: random.Random) -> tuple[Row, ...]:
    """Return up to three items, each with a key of its own."""
    level = program.levels[field.level]
    rows = [_row(program, field.layout, chance) for _ in range(chance.randint(0, min(3, level.at_most or 3)))]
    keys = [f for f in field.layout.fields if isinstance(f, Field) and f.ref == Ref(level.name, level.key or "")]
    for key in keys:
        place = field.layout.fields.index(key)
        rows = [(*row[:place], _key(key, number), *row[place + 1 :]) for number, row in enumerate(rows)]
    return tuple(rows)


def _key(field: Field, number: int) -> Cell:
    if field.type.kind == "date":
        return 738_000 + number
    return number if field.type.is_numeric else f"k{number}"


def _cell(field: Field, chance: random.Random) -> Cell:
    domain = field.domain
    if domain is None:
        return "x"
    if domain.reasons and chance.random() < 0.2:
        return Absent(chance.choice(domain.reasons))
    match domain.type.kind:
        case "yes_no":
            return chance.random() < 0.8
        case "category":
            return chance.choice(domain.type.options)
        case "direction":
            return chance.choice(("higher", "lower"))
        case "identifier" | "text":
            return chance.choice(FEW)
        case "date":
            low, high = _days(domain)
            return chance.randint(low, high)
    return _quantity(domain, chance)


def _days(domain: Domain) -> tuple[int, int]:
    low = domain.low.toordinal() if isinstance(domain.low, datetime.date) else 737_000
    high = domain.high.toordinal() if isinstance(domain.high, datetime.date) else low + 1_000
    return low, high


def _quantity(domain: Domain, chance: random.Random) -> int:
    unit = 10**domain.scale
    low = int(domain.low * unit) if isinstance(domain.low, Fraction) else 0
    high = int(domain.high * unit) if isinstance(domain.high, Fraction) else low + 1_000 * unit
    kind = chance.random()
    if kind < 0.2:
        return low
    if kind < 0.3:
        return high
    if kind < 0.6:
        # A few round values, so that members are equal.
        return low + (high - low) * chance.randint(0, 4) // 4
    return chance.randint(low, high)
