"""Populations made legal: what is expected of inputs holds, and inputs are given exactly where they are expected.

Nothing here knows the rules of any program. The oracle's own conditions are asked at every instance; where one does not
hold, cells that it reads are changed (to what they are compared with, or drawn again) as long as that brings it nearer.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeAlias

from tests.run.cohort_drawing import Drawing, cell_of
from vbc_rules.errors import InputError
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import NOT_GIVEN, Cell, Field, Layout, ListField, Path, Population, Row, decode
from vbc_rules.resolve.expressions import (
    Compare,
    Datum,
    Every,
    Expr,
    Gather,
    IfElse,
    IsAbsent,
    Not,
    OneOf,
    Read,
    Ref,
    Some,
    children,
)
from vbc_rules.resolve.program import Expectation, Program
from vbc_rules.run.oracle.expressions import AbsentRead, compare, evaluate_expression, holds
from vbc_rules.run.oracle.instances import Counts, Gathered, Instance, NotSettled, Whole, grow, new_whole, spread
from vbc_rules.run.oracle.population import settle_population

ROUNDS = 12
TRIES = 40
LONGEST = 24

Layouts: TypeAlias = Mapping[str, Layout]
Plain: TypeAlias = int | bool | str | Absent


def made_legal(program: Program, layouts: Layouts, population: Population, drawing: Drawing) -> Population:
    """Return the population with inputs changed until it is as the program expects, as far as that is found."""
    for _ in range(ROUNDS):
        population = _settled(program, layouts, population, drawing)
        try:
            whole, _ = settle_population(replace(program, expected=()), layouts, population)
        except InputError:
            return population
        search = _Search(layouts, population, whole, drawing)
        if not search.broken():
            return population
        population = search.improved()
    return _settled(program, layouts, population, drawing)


# --- inputs that are expected only sometimes


def _settled(program: Program, layouts: Layouts, population: Population, drawing: Drawing) -> Population:
    cohort = _settled_row(program, layouts, program.roots[0], (), population.cohort, drawing)

    def settled(root: str, rows: Sequence[Row]) -> tuple[Row, ...]:
        return tuple(_settled_row(program, layouts, root, cohort, row, drawing) for row in rows)

    groups = {name: settled(name, rows) for name, rows in population.groups.items()}
    return Population(cohort, settled(program.participant, population.participants), population.numbers, groups)


def _settled_row(program: Program, layouts: Layouts, root: str, cohort: Row, row: Row, drawing: Drawing) -> Row:
    """Return a row in which every input is given where its condition holds, and only there."""
    whole = new_whole(program)
    top = Instance(whole, program.levels[program.roots[0]], (), None)
    waiting: list[tuple[Instance, Field, Path, Plain]] = []
    if root != program.roots[0]:
        _put(top, layouts[program.roots[0]], cohort, waiting)
        waiting = []
    here = top if root == program.roots[0] else Instance(whole, program.levels[root], (0,), top)
    _put(here, layouts[root], row, waiting)
    while waiting:
        still = []
        for entry in waiting:
            instance, one, path, cell = entry
            assert one.input is not None
            assert one.input.only_if is not None
            try:
                expected = holds(one.input.only_if, instance)
            except NotSettled:
                still.append(entry)
                continue
            except AbsentRead:
                expected = False
            if not expected:
                cell = NOT_GIVEN
            elif cell is NOT_GIVEN:
                cell = drawing.given(one)
            instance.values[one.ref.name] = Absent(one.input.otherwise or "") if not expected else decode(cell, one)
            row = with_cell(layouts[root], row, path[len(here.path) :], one.ref, cell)
        if len(still) == len(waiting):
            break
        waiting = still
    return row


def _put(root: Instance, layout: Layout, row: Row, waiting: list[tuple[Instance, Field, Path, Plain]]) -> None:
    """Hang a row's cells into instances; those that are expected only sometimes wait."""
    counts: Counts = {}
    keys = len(root.level.by)
    given = spread(Layout(layout.level, layout.fields[keys:]), row[keys:], root.path, counts)
    grow(root, counts)
    if keys == 1:
        (key,) = (one for one in layout.fields[:1] if isinstance(one, Field))
        root.values[root.level.name] = decode(_plain(row[0]), key)
    for one, path, cell in given:
        if one.ref.level == "":
            root.whole.parameters[one.ref.name] = decode(cell, one)
            continue
        instance = root.whole.instances[one.ref.level, path]
        if one.input is not None and one.input.only_if is not None:
            waiting.append((instance, one, path, cell))
        else:
            instance.values[one.ref.name] = decode(cell, one)


def _plain(cell: Cell) -> Plain:
    assert not isinstance(cell, tuple)
    return cell


# --- rows with something changed


def with_cell(layout: Layout, row: Row, path: Path, ref: Ref, cell: Plain) -> Row:
    """Return a row with another cell; `path` leads from the row's root to the instance."""
    for place, one in enumerate(layout.fields):
        if isinstance(one, Field):
            if one.ref == ref and one.path == path:
                return (*row[:place], cell, *row[place + 1 :])
            continue
        depth = len(one.path)
        if path[:depth] == one.path and len(path) > depth and isinstance(path[depth], int):
            items = row[place]
            item = path[depth]
            assert isinstance(items, tuple)
            assert isinstance(item, int)
            try:
                changed = with_cell(one.layout, items[item], path[depth + 1 :], ref, cell)
            except KeyError:
                continue
            return (*row[:place], (*items[:item], changed, *items[item + 1 :]), *row[place + 1 :])
    raise KeyError(str(ref))


def with_items(layout: Layout, row: Row, level: str, drawing: Drawing) -> Row:
    """Return a row with the items of a list drawn again, in any number; lists within lists stay."""
    return tuple(
        drawing.items(one, LONGEST) if isinstance(one, ListField) and one.level == level else cell
        for one, cell in zip(layout.fields, row, strict=True)
    )


# --- the search


@dataclass(frozen=True, slots=True)
class _Input:
    """An input (or a required parameter) at its instance: where its value is held, and where its cell stands."""

    ref: Ref
    root: str
    path: Path
    values: dict[str, Datum] = field(compare=False, repr=False)


@dataclass(slots=True, eq=False)
class _Asked:
    """One expectation at one instance, and the inputs it reads there."""

    expectation: Expectation
    instance: Instance
    reads: dict[_Input, None]

    def gap(self) -> Fraction:
        """Return how far the inputs are from what is expected; 0 where they are as expected."""
        condition = self.expectation.condition
        try:
            if holds(condition, self.instance):
                return Fraction(0)
        except (AbsentRead, NotSettled):
            return Fraction(0)
        return _gap(condition, self.instance, wanted=True)


class _Search:
    """What is expected of one population at every instance, and what may be changed for it."""

    def __init__(self, layouts: Layouts, population: Population, whole: Whole, drawing: Drawing) -> None:
        self.program = drawing.program
        self.layouts = layouts
        self.population = population
        self.whole = whole
        self.drawing = drawing
        self.fields = {one.ref: one for layout in layouts.values() for one in _fields(layout)}
        self.asked = [
            _Asked(expectation, instance, dict.fromkeys(self._reads(expectation.condition, instance)))
            for expectation in self.program.expected
            for instance in whole.on_level.get(expectation.level, ())
        ]
        self.asking: dict[_Input, list[_Asked]] = {}
        for one in self.asked:
            for read in one.reads:
                self.asking.setdefault(read, []).append(one)

    def broken(self) -> list[_Asked]:
        """Return what is not as expected."""
        return [one for one in self.asked if one.gap()]

    def improved(self) -> Population:
        """Return the population with inputs changed so that more is as expected."""
        changed: dict[_Input, Plain] = {}
        broken = self.broken()
        self.drawing.chance.shuffle(broken)
        for one in broken:
            for _ in range(TRIES):
                if not one.gap() or not one.reads:
                    break
                self._try(one, changed)
        population = self.population
        for read, cell in changed.items():
            population = self._with(population, read, cell)
        for one in self.broken():
            for level in _lists(self.program, one.expectation.condition):
                population = self._with_items(population, one.instance, level)
        return population

    def _try(self, one: _Asked, changed: dict[_Input, Plain]) -> None:
        """Change an input that is read, and keep that where nothing that reads it is farther off than before."""
        chance = self.drawing.chance
        read = chance.choice(list(one.reads))
        field_ = self.fields[read.ref]
        before = read.values.get(read.ref.name)
        if before is None or (
            field_.input is not None and field_.input.only_if is not None and _is_out(before, field_)
        ):
            return
        options = [
            cell
            for value in _compared_with(one.expectation.condition, one.instance, read.ref)
            if (cell := cell_of(value, field_)) is not None
        ]
        cell = chance.choice(options) if options and chance.random() < 0.5 else self.drawing.given(field_)
        if isinstance(before, bool) and chance.random() < 0.7:
            cell = not before
        was = sum(other.gap() for other in self.asking[read])
        read.values[read.ref.name] = decode(cell, field_)
        if sum(other.gap() for other in self.asking[read]) > was:
            read.values[read.ref.name] = before
        else:
            changed[read] = cell

    def _reads(self, expr: Expr, here: Instance | Gathered) -> Iterator[_Input]:
        if isinstance(expr, Gather):
            for member in here.members(expr.level, expr.within):
                for part in (expr.where, expr.item):
                    if part is not None:
                        yield from self._reads(part, member)
            return
        if isinstance(expr, Read | IsAbsent) and expr.ref in self.fields:
            found = self._input(expr.ref, here)
            if found is not None:
                yield found
        for part in children(expr):
            yield from self._reads(part, here)

    def _input(self, ref: Ref, here: Instance | Gathered) -> _Input | None:
        top = self.program.roots[0]
        if ref.level == "":
            return _Input(ref, top, (), self.whole.parameters)
        for one in (here,) if isinstance(here, Instance) else (here.member, here.by):
            try:
                owner = one.at(ref.level)
            except (KeyError, NotSettled):
                continue
            if isinstance(owner, Absent):
                return None
            return _Input(ref, self.program.root(ref.level), owner.path, owner.values)
        return None

    # --- changing rows

    def _with(self, population: Population, read: _Input, cell: Plain) -> Population:
        rest = read.path if read.root == self.program.roots[0] else read.path[1:]

        def changed(row: Row) -> Row:
            return with_cell(self.layouts[read.root], row, rest, read.ref, cell)

        return self._changed(population, read.root, read.path, changed)

    def _with_items(self, population: Population, instance: Instance, level: str) -> Population:
        root = self.program.root(level)
        if root != self.program.root(instance.level.name):
            return population
        return self._changed(
            population, root, instance.path, lambda row: with_items(self.layouts[root], row, level, self.drawing)
        )

    def _changed(self, population: Population, root: str, path: Path, change: object) -> Population:
        assert callable(change)
        if root == self.program.roots[0]:
            return replace(population, cohort=change(population.cohort))
        number = path[0]
        assert isinstance(number, int)
        if root == self.program.participant:
            rows = list(population.participants)
            rows[number] = change(rows[number])
            return replace(population, participants=tuple(rows))
        wanted = self._key_of(root, number)
        groups = tuple(
            change(row) if self._key_in(root, row) == wanted else row for row in population.groups.get(root, ())
        )
        return replace(population, groups={**population.groups, root: groups})

    def _key_of(self, level: str, number: int) -> tuple[Datum, ...]:
        """Return what a group goes by: what its members have."""
        here = self.program.levels[level]
        group = self.whole.instances[level, (number,)]
        for member in self.whole.on_level.get(here.groups or "", ()):
            if member.groups.get(level) is group:
                return tuple(member.value(ref) for ref in here.by)
        raise KeyError(level)

    def _key_in(self, level: str, row: Row) -> tuple[Datum, ...]:
        count = len(self.program.levels[level].by)
        return tuple(
            decode(_plain(cell), one)
            for one, cell in zip(self.layouts[level].fields[:count], row, strict=False)
            if isinstance(one, Field)
        )


def _fields(layout: Layout) -> Iterator[Field]:
    """Yield what the data give: inputs and required parameters."""
    for one in layout.fields:
        if isinstance(one, ListField):
            yield from _fields(one.layout)
        elif one.domain is not None and (one.input is not None or one.ref.level == ""):
            yield one


def _is_out(value: Datum, field_: Field) -> bool:
    """Whether an input is not expected where it stands."""
    return field_.input is not None and isinstance(value, Absent) and value.reason == field_.input.otherwise


def _lists(program: Program, expr: Expr) -> Iterator[str]:
    if isinstance(expr, Gather) and program.levels[expr.level].kind == "list":
        yield expr.level
    for part in children(expr):
        yield from _lists(program, part)


def _compared_with(expr: Expr, here: Instance, ref: Ref) -> Iterator[Datum]:
    """Yield the values of what a name is compared with."""
    sides: tuple[Expr, ...] = ()
    match expr:
        case Compare():
            sides = (expr.left, expr.right)
        case OneOf():
            sides = (expr.subject, *expr.options)
    if any(isinstance(side, Read) and side.ref == ref for side in sides):
        for side in sides:
            if not (isinstance(side, Read) and side.ref == ref):
                try:
                    yield evaluate_expression(side, here)
                except (AbsentRead, NotSettled, KeyError):
                    continue
    for part in children(expr):
        if not isinstance(expr, Gather):
            yield from _compared_with(part, here, ref)


def _gap(expr: Expr, here: Instance, *, wanted: bool) -> Fraction:
    """Return how far a condition is from being as wanted; what reads an absent value is one step off."""
    try:
        match expr:
            case Every() | Some():
                parts = [_gap(part, here, wanted=wanted) for part in expr.operands]
                return sum(parts, Fraction(0)) if isinstance(expr, Every) is wanted else min(parts)
            case Not():
                return _gap(expr.operand, here, wanted=not wanted)
            case IfElse():
                return _gap(expr.then if holds(expr.condition, here) else expr.otherwise, here, wanted=wanted)
            case Compare():
                left, right = evaluate_expression(expr.left, here), evaluate_expression(expr.right, here)
                return Fraction(0) if compare(expr.op, left, right) is wanted else _distance(left, right)
            case _:
                return Fraction(0 if holds(expr, here) is wanted else 1)
    except (AbsentRead, NotSettled):
        return Fraction(1)


def _distance(left: Datum, right: Datum) -> Fraction:
    """Return a number between one half and one, the smaller the nearer."""
    if isinstance(left, datetime.date) and isinstance(right, datetime.date):
        apart = Fraction(abs((left - right).days))
    elif isinstance(left, Fraction) and isinstance(right, Fraction):
        apart = abs(left - right)
    else:
        return Fraction(1)
    return (1 + apart) / (2 + apart)
