"""The tree of one participant's instances: itself, its listed members, its items, each with its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from vbc_rules.errors import Code, UsageError
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Cell, Field, Layout, Path, Row
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Level, Program


class NotSettled(Exception):  # noqa: N818 (a signal, not an error)
    """An input was read whose value is not settled yet, or was not given as it must be."""


Given: TypeAlias = tuple[Field, Path, int | bool | str | Absent]
"""One cell of the participant's row: what it is, of which instance, and what it holds."""


@dataclass(slots=True, repr=False)
class Whole:
    """What all instances of one evaluation share."""

    program: Program
    parameters: dict[str, Datum] = field(default_factory=dict)
    """The values of plain and required parameters."""
    warnings: dict[str, None] = field(default_factory=dict)
    instances: dict[tuple[str, Path], Instance] = field(default_factory=dict)


@dataclass(slots=True, eq=False, repr=False)
class Instance:
    """One member of a level. It is the environment in which the rules of its level are evaluated."""

    whole: Whole
    level: Level
    path: Path
    above: Instance | None
    values: dict[str, Datum] = field(default_factory=dict)
    below: dict[str, list[Instance]] = field(default_factory=dict)

    @property
    def program(self) -> Program:
        """The program being evaluated."""
        return self.whole.program

    def value(self, ref: Ref) -> Datum:
        """Return the value of `ref` here or above. Raises NotSettled for an input without a value, else KeyError."""
        if ref.level == "":
            return _read(self.whole.parameters, ref.name, is_input=ref.name in self.program.parameters)
        owner = self.at(ref.level)
        name = owner.level.key if ref.name == ref.level and owner.level.kind == "list" else ref.name
        if name is None:
            raise KeyError(str(ref))
        return _read(owner.values, name, is_input=Ref(ref.level, name) in self.program.inputs)

    def members(self, level: str, within: str) -> list[Instance | Gathered]:
        """Return the members of `level` under the current instance of `within`, in the order of file or list.

        From among siblings a member also sees the instance that gathers it.
        """
        chain = self.program.chain(level)
        if self.program.levels[within].kind == "cohort" and self.program.participant in chain:
            raise UsageError(Code.USAGE, f"`{level}` is gathered over the cohort; evaluate the whole cohort")
        found = [self.at(within)]
        for step in reversed(chain[: chain.index(within)]):
            found = [below for instance in found for below in instance.below.get(step, ())]
        if self.level.name in chain:
            return [*found]
        return [Gathered(member, self) for member in found]

    def warn(self, message: str) -> None:
        """Remember what must be shown beside the result."""
        self.whole.warnings[message] = None

    def at(self, level: str) -> Instance:
        """Return this instance, or the one above it that is of `level`. Raises KeyError where none is."""
        here: Instance | None = self
        while here is not None:
            if here.level.name == level:
                return here
            here = here.above
        raise KeyError(level)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A member gathered by one that is not above it: what the member does not see, the gathering one may."""

    member: Instance
    by: Instance

    @property
    def program(self) -> Program:
        """The program being evaluated."""
        return self.member.program

    @property
    def path(self) -> Path:
        """Which instance of its level the member is."""
        return self.member.path

    def value(self, ref: Ref) -> Datum:
        """Return the value of `ref` at the member or above it, else at the gathering one."""
        seen = self.program.chain(self.member.level.name)
        return self.member.value(ref) if ref.level in (*seen, "") else self.by.value(ref)

    def members(self, level: str, within: str) -> list[Instance | Gathered]:
        """Return the members of `level` under the member's instance of `within`."""
        return self.member.members(level, within)

    def warn(self, message: str) -> None:
        """Remember what must be shown beside the result."""
        self.member.warn(message)


def _read(values: Mapping[str, Datum], name: str, *, is_input: bool) -> Datum:
    if name not in values and is_input:
        raise NotSettled
    return values[name]


def build(program: Program, layout: Layout, row: Row) -> tuple[Whole, list[Given]]:
    """Return the tree of instances, with names and members' cells, and what the row gives, in its order."""
    given: list[Given] = []
    counts: dict[tuple[str, Path], int] = {}
    _spread(layout, row, (), given, counts)
    whole = Whole(program)
    whole.parameters.update(
        {name: parameter.value for name, parameter in program.parameters.items() if parameter.value is not None}
    )
    top = next(level for level in program.levels.values() if level.kind == "cohort")
    _grow(Instance(whole, top, (), None), counts)
    return whole, given


def _spread(
    layout: Layout,
    row: Row,
    under: Path,
    given: list[Given],
    counts: dict[tuple[str, Path], int],
) -> None:
    """Add the cells of a row that stands at `under`, and how many items its lists have."""
    for place, cell in zip(layout.fields, row, strict=True):
        if isinstance(place, Field):
            given.append((place, (*under, *place.path), _plain(cell)))
            continue
        items = _items(cell)
        path = (*under, *place.path)
        counts[place.level, path] = len(items)
        for number, item in enumerate(items):
            _spread(place.layout, item, (*path, number), given, counts)


def _plain(cell: Cell) -> int | bool | str | Absent:
    if isinstance(cell, tuple):
        raise TypeError("one value is wanted here, not the items of a list")
    return cell


def _items(cell: Cell) -> tuple[Row, ...]:
    if not isinstance(cell, tuple):
        raise TypeError("the items of a list are wanted here")
    return cell


def _grow(instance: Instance, counts: Mapping[tuple[str, Path], int]) -> None:
    """Add an instance to the whole, and everything below it."""
    whole, here = instance.whole, instance.level
    whole.instances[here.name, instance.path] = instance
    for level in whole.program.levels.values():
        if level.parent != here.name:
            continue
        below = instance.below.setdefault(level.name, [])
        match level.kind:
            case "participant":
                below.append(Instance(whole, level, (), instance))
            case "members":
                below.extend(_listed(instance, level))
            case "list":
                count = counts[level.name, instance.path]
                below.extend(Instance(whole, level, (*instance.path, number), instance) for number in range(count))
            case _:
                raise UsageError(Code.USAGE, f"`{level.name}` gathers participants; evaluate the whole cohort")
        for found in below:
            _grow(found, counts)


def _listed(instance: Instance, level: Level) -> Iterator[Instance]:
    for member in level.members:
        if member.parent is None or (instance.path and instance.path[-1] == member.parent):
            values: dict[str, Datum] = {**member.cells, level.name: member.name}
            yield Instance(instance.whole, level, (*instance.path, member.name), instance, values)
