"""Rows of inputs for any program, from its layout: bounds, numbers the rules speak of, ties, absences, lists."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from vbc_rules.errors import Code, InputError, VbcError
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import NOT_GIVEN, Cell, Field, Layout, ListField, Path, Row
from vbc_rules.resolve.expressions import Constant, Expr, children
from vbc_rules.resolve.program import Definition, Domain, Program
from vbc_rules.run import settle
from vbc_rules.run.oracle.inputs import settle_inputs

IDENTIFIERS = ("010001", "230038", "a", "b", "NO", "99202", "99210", "99215", "G0438", "992020")
_MOST_ITEMS = 15
_SPREAD = 40
"""So far below and above zero values are drawn where a declared range is open or wide."""


@dataclass(slots=True)
class Rows:
    """Draws rows of one program. `near` and `days` are what its formulas name, so that comparisons meet ties."""

    program: Program
    layout: Layout
    near: tuple[Fraction, ...]
    days: tuple[datetime.date, ...]
    rng: random.Random

    def draw(self) -> Row:
        """Return one row. Most are as the program expects; some break a rule on purpose."""
        broken = self.rng.random() < 0.06
        row: Row = ()
        for _ in range(6):
            row = self._settled(self._row(self.layout, broken=broken))
            if broken or self._is_accepted(row):
                break
        return row

    def _is_accepted(self, row: Row) -> bool:
        try:
            settle_inputs(self.program, self.layout, row)
        except VbcError:
            return False
        return True

    def _row(self, layout: Layout, *, broken: bool) -> Row:
        return tuple(self._cell(place, broken=broken) for place in layout.fields)

    def _cell(self, place: Field | ListField, *, broken: bool) -> Cell:
        if isinstance(place, ListField):
            return self._items(place, broken=broken)
        if place.domain is None:
            return self.rng.choice(IDENTIFIERS)
        if broken and self.rng.random() < 0.15:
            return self.rng.choice((NOT_GIVEN, Absent("not_permitted")))
        if place.input is not None and place.input.only_if is not None and not (broken and self.rng.random() < 0.3):
            return NOT_GIVEN
        return self._value(place.domain)

    def _items(self, place: ListField, *, broken: bool) -> tuple[Row, ...]:
        level = self.program.levels[place.level]
        most = min(level.at_most or 0, _MOST_ITEMS) + (1 if broken and self.rng.random() < 0.3 else 0)
        rows = [self._row(place.layout, broken=broken) for _ in range(self.rng.randint(0, most))]
        if level.key is None or (broken and self.rng.random() < 0.3):
            return tuple(rows)
        position = next(
            n for n, field in enumerate(place.layout.fields) if isinstance(field, Field) and field.ref.name == level.key
        )
        own = self.rng.sample((*IDENTIFIERS, *(f"key {n}" for n in range(_MOST_ITEMS))), len(rows))
        return tuple(
            row if isinstance(row[position], Absent) else (*row[:position], key, *row[position + 1 :])
            for row, key in zip(rows, own, strict=True)
        )

    def _value(self, domain: Domain) -> int | bool | str | Absent:
        if domain.reasons and self.rng.random() < 0.3:
            return Absent(self.rng.choice(domain.reasons))
        match domain.type.kind:
            case "yes_no":
                return self.rng.random() < 0.5
            case "category":
                return self.rng.choice(domain.type.options)
            case "direction":
                return self.rng.choice(("higher", "lower"))
            case "identifier" | "text":
                return self.rng.choice(IDENTIFIERS)
            case "date":
                return self._day(domain)
            case _:
                return self._quantity(domain)

    def _day(self, domain: Domain) -> int:
        low = domain.low if isinstance(domain.low, datetime.date) else datetime.date(2022, 12, 1)
        high = domain.high if isinstance(domain.high, datetime.date) else datetime.date(2025, 3, 31)
        near = [day for day in self.days if low <= day <= high]
        kind = self.rng.random()
        if kind < 0.1:
            return low.toordinal()
        if kind < 0.2:
            return high.toordinal()
        if near and kind < 0.6:
            moved = self.rng.choice(near).toordinal() + self.rng.choice((-1, 0, 0, 1))
            return min(max(moved, low.toordinal()), high.toordinal())
        if kind < 0.75:  # ends of months, where calendars differ
            month = self.rng.choice((datetime.date(2023, 3, 1), datetime.date(2024, 3, 1), datetime.date(2024, 1, 1)))
            return min(max(month.toordinal() - self.rng.choice((0, 1, 2)), low.toordinal()), high.toordinal())
        return self.rng.randint(low.toordinal(), high.toordinal())

    def _quantity(self, domain: Domain) -> int:
        scale = 10**domain.scale
        low = domain.low if isinstance(domain.low, Fraction) else Fraction(-_SPREAD)
        high = domain.high if isinstance(domain.high, Fraction) else Fraction(_SPREAD)
        first, last = -(-low * scale // 1), high * scale // 1
        kind = self.rng.random()
        if kind < 0.08:
            return int(first)
        if kind < 0.16:
            return int(last)
        if kind < 0.22:
            return int(min(max(0, first), last))
        near = [n for value in self.near if (n := value * scale).denominator == 1 and first <= n <= last]
        if near and kind < 0.6:
            moved = self.rng.choice(near) + self.rng.choice((-1, 0, 0, 0, 1))
            return int(min(max(moved, first), last))
        if kind < 0.85:  # few digits, so that members are often equal
            unit = max(1, scale // self.rng.choice((1, 1, 2, 4)))
            width = unit * self.rng.choice((3, 10, 40))
            start = min(max(0, first), last)
            drawn = start + self.rng.randrange(-width, width + 1, unit)
            return int(min(max(drawn, first), last))
        return self.rng.randint(int(first), int(last))

    # --- inputs expected only sometimes

    def _settled(self, row: Row) -> Row:
        """Give the inputs whose `only_if` holds a value: those the oracle says are missing."""
        if all(entry.only_if is None for entry in self.program.inputs.values()):
            return row
        for _ in range(4):
            try:
                settle_inputs(self.program, self.layout, row)
            except InputError as error:
                missing = {problem.where for problem in error.problems if problem.code == Code.MISSING}
                if not missing:
                    return row
                row = self._filled(self.layout, row, (), missing)
            except VbcError:
                return row
            else:
                return row
        return row

    def _filled(self, layout: Layout, row: Row, under: Path, missing: set[str]) -> Row:
        cells: list[Cell] = []
        for place, cell in zip(layout.fields, row, strict=True):
            path = (*under, *place.path)
            if isinstance(place, ListField):
                assert isinstance(cell, tuple)
                cells.append(
                    tuple(self._filled(place.layout, item, (*path, n), missing) for n, item in enumerate(cell))
                )
            elif place.domain is not None and settle.place(self.program, place.ref, path) in missing:
                is_expected_sometimes = place.input is not None and place.input.only_if is not None
                cells.append(self._value(place.domain) if is_expected_sometimes else cell)
            else:
                cells.append(cell)
        return tuple(cells)


def rows_of(program: Program, layout: Layout, rng: random.Random) -> Rows:
    """Return what draws rows of `program`."""
    near: dict[Fraction, None] = {}
    days: dict[datetime.date, None] = {}
    for expr in _expressions(program):
        if isinstance(expr, Constant) and isinstance(expr.value, Fraction):
            near[expr.value] = None
        elif isinstance(expr, Constant) and isinstance(expr.value, datetime.date):
            days[expr.value] = None
    for parameter in program.parameters.values():
        if isinstance(parameter.value, Fraction):
            near[parameter.value] = None
        for entry in parameter.dated:
            days.update((day, None) for day in (entry.first, entry.last) if day is not None)
    for level in program.levels.values():
        for member in level.members:
            near.update((value, None) for value in member.cells.values() if isinstance(value, Fraction))
    return Rows(program, layout, tuple(near), tuple(days), rng)


def _expressions(program: Program) -> Iterator[Expr]:
    waiting: list[object] = [*program.steps, *program.expected]
    while waiting:
        here = waiting.pop()
        if isinstance(here, tuple):
            waiting.extend(here)
        elif isinstance(here, Expr):
            yield here
            waiting.extend(children(here))
        elif isinstance(here, Definition) or hasattr(here, "__slots__"):
            waiting.extend(getattr(here, name) for name in _parts(here))


def _parts(record: object) -> list[str]:
    left_out = {"span", "provenance", "type"}
    return [name for name in getattr(record, "__slots__", ()) if name not in left_out]
