"""Rows drawn at random: within every declared range, on its ends, on what the file compares with, and beside that."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping
from fractions import Fraction

from vbc_rules.language.absence import Absent
from vbc_rules.language.types import NUMBER_FAMILY, Type
from vbc_rules.plan.layout import NOT_GIVEN, Cell, Field, Layout, ListField, Row
from vbc_rules.plan.rebuilding import walk
from vbc_rules.resolve.expressions import Constant, Datum, Ref
from vbc_rules.resolve.program import Domain, Program

FEW = ("a", "b", "c")
"""Identifiers of groups: few, so that they meet."""


class Drawing:
    """Draws cells and rows for a program; always the same ones from the same `chance`."""

    def __init__(self, program: Program, chance: random.Random) -> None:
        self.program = program
        self.chance = chance
        self._stated = stated(program)
        self._words = stated_words(program)
        self._keys = {ref for level in program.levels.values() for ref in level.by}

    def row(self, layout: Layout) -> Row:
        """Return a row. An input that is expected only sometimes is not given: whether it is, is settled later."""
        return tuple(self.cell(one) if isinstance(one, Field) else self.items(one) for one in layout.fields)

    def items(self, field: ListField, most: int = 3) -> tuple[Row, ...]:
        """Return up to `most` items, each with a key of its own."""
        level = self.program.levels[field.level]
        count = self.chance.randint(0, most if level.at_most is None else min(most, level.at_most))
        rows = [self.row(field.layout) for _ in range(count)]
        for place, one in enumerate(field.layout.fields):
            if isinstance(one, Field) and one.ref == Ref(level.name, level.key or ""):
                rows = [(*row[:place], _key(one, number), *row[place + 1 :]) for number, row in enumerate(rows)]
        return tuple(rows)

    def cell(self, field: Field) -> int | bool | str | Absent:
        """Return what a cell may hold."""
        if field.input is not None and field.input.only_if is not None:
            return NOT_GIVEN
        return self.given(field)

    def given(self, field: Field) -> int | bool | str | Absent:
        """Return what a cell may hold where it is expected."""
        domain, chance = field.domain, self.chance
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
                is_key = field.ref in self._keys
                return chance.choice(FEW if is_key or chance.random() < 0.5 or not self._words else self._words)
        low, high = _ends(domain)
        beside: list[int] = [
            scaled.numerator + step
            for scaled in (value * 10**domain.scale for value in self._stated.get(_family(domain.type), ()))
            if scaled.denominator == 1
            for step in (-1, 0, 0, 1)
            if low <= scaled + step <= high
        ]
        kind = chance.random()
        if beside and kind < 0.3:
            return chance.choice(beside)
        if kind < 0.4:
            return low
        if kind < 0.5:
            return high
        if kind < 0.7:
            # A few round values, so that members are equal.
            return low + (high - low) * chance.randint(0, 4) // 4
        return chance.randint(low, high)


def cell_of(value: Datum, field: Field) -> int | bool | str | Absent | None:
    """Return the cell that holds a value; None where the field cannot."""
    domain = field.domain
    if domain is None or isinstance(value, Absent):
        return value if domain is not None and isinstance(value, Absent) and value.reason in domain.reasons else None
    if isinstance(value, datetime.date | Fraction) is not (domain.type.is_numeric or domain.type.kind == "date"):
        return None
    if isinstance(value, bool | str):
        return value
    number = Fraction(value.toordinal()) if isinstance(value, datetime.date) else value * 10**domain.scale
    low, high = _ends(domain)
    return number.numerator if number.denominator == 1 and low <= number <= high else None


def stated(program: Program) -> Mapping[str, tuple[Fraction, ...]]:
    """Return the quantities (and dates, as ordinals) that the file states, by what they can be compared with."""
    found: dict[str, dict[Fraction, None]] = {}

    def note(type_: Type, value: Datum | None) -> None:
        if isinstance(value, datetime.date):
            value = Fraction(value.toordinal())
        if isinstance(value, Fraction):
            found.setdefault(_family(type_), {})[value] = None

    for part in walk((*program.steps, *program.expected)):
        if isinstance(part, Constant):
            note(part.type, part.value)
    for parameter in program.parameters.values():
        note(parameter.type, parameter.value)
        for entry in parameter.dated:
            note(parameter.type, entry.value)
            note(Type("date"), entry.first)
            note(Type("date"), entry.last)
    for ref, slot in program.slots.items():
        if slot.kind == "cell":
            for member in program.levels[ref.level].members:
                note(slot.type, member.cells[ref.name])
    return {family: tuple(values) for family, values in found.items()}


def stated_words(program: Program) -> tuple[str, ...]:
    """Return the texts that the file compares with, and the codes that it lists."""
    found: dict[str, None] = {}
    for part in walk((*program.steps, *program.expected)):
        if isinstance(part, Constant) and part.type.kind in ("identifier", "text") and isinstance(part.value, str):
            found[part.value] = None
    for parameter in program.parameters.values():
        for code in parameter.codes:
            found.update(dict.fromkeys(code.split(" to ")))
    return tuple(found)


def _family(type_: Type) -> str:
    return "number" if type_.kind in NUMBER_FAMILY or type_.kind == "ratio" else type_.kind


def _ends(domain: Domain) -> tuple[int, int]:
    """Return the least and the greatest number a cell may hold; where an end is open, some way on."""
    if domain.type.kind == "date":
        low = domain.low.toordinal() if isinstance(domain.low, datetime.date) else 737_000
        return low, domain.high.toordinal() if isinstance(domain.high, datetime.date) else low + 1_000
    unit = 10**domain.scale
    low = int(domain.low * unit) if isinstance(domain.low, Fraction) else 0
    return low, int(domain.high * unit) if isinstance(domain.high, Fraction) else low + 1_000 * unit


def _key(field: Field, number: int) -> Cell:
    if field.type.kind == "date":
        return 738_000 + number
    return number if field.type.is_numeric else f"k{number}"
