"""The instances of a participant or a whole cohort: what hangs from each root, and which group each member is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

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
    on_level: dict[str, list[Instance]] = field(default_factory=dict)
    """The instances of each level, in order."""
    outside: set[int] = field(default_factory=set)
    """The numbers of the participants of a cohort that are not in the program."""
    gathered: dict[tuple[str, str], dict[Path, list[Instance]]] = field(default_factory=dict)
    """For a level and one above it across participants: the members under each instance, as far as asked."""


@dataclass(slots=True, eq=False, repr=False)
class Instance:
    """One member of a level. It is the environment in which the rules of its level are evaluated."""

    whole: Whole
    level: Level
    path: Path
    above: Instance | None
    values: dict[str, Datum] = field(default_factory=dict)
    below: dict[str, list[Instance]] = field(default_factory=dict)
    groups: dict[str, Instance | Absent] = field(default_factory=dict)
    """The group this is in, of each level that gathers its own, once formed; Absent where it is in none."""

    @property
    def program(self) -> Program:
        """The program being evaluated."""
        return self.whole.program

    def value(self, ref: Ref) -> Datum:
        """Return the value of `ref` here or above; absent where this is in no such group.

        Raises NotSettled for an input without a value (or a group not formed yet), else KeyError.
        """
        if ref.level == "":
            return _read(self.whole.parameters, ref.name, is_input=ref.name in self.program.parameters)
        owner = self.at(ref.level)
        if isinstance(owner, Absent):
            return owner
        name = owner.level.key if ref.name == ref.level and owner.level.kind == "list" else ref.name
        if name is None:
            raise KeyError(str(ref))
        return _read(owner.values, name, is_input=Ref(ref.level, name) in self.program.inputs)

    def members(self, level: str, within: str) -> list[Instance | Gathered]:
        """Return the members of `level` under the current instance of `within`, in order.

        Across participants: of those in the program. From among siblings a member also sees the instance that gathers
        it.
        """
        found = members_under(self.at(within), level)
        if self.level.name in self.program.uppers[level]:
            return [*found]
        return [Gathered(member, self) for member in found]

    def warn(self, message: str) -> None:
        """Remember what must be shown beside the result."""
        self.whole.warnings[message] = None

    def at(self, level: str) -> Instance | Absent:
        """Return this instance, or the one above it that is of `level`; Absent where this is in no such group.

        Raises KeyError where `level` is not above, NotSettled where its groups are not formed yet.
        """
        here: Instance | None = self
        while here is not None:
            if here.level.name == level:
                return here
            for group in self.program.levels.values():
                reach = (group.name, *self.program.uppers[group.name])
                if group.groups == here.level.name and level in reach and level != self.program.roots[0]:
                    if group.name not in here.groups:
                        raise NotSettled
                    found = here.groups[group.name]
                    return found if isinstance(found, Absent) else found.at(level)
            here = here.above
        raise KeyError(level)

    @property
    def is_outside(self) -> bool:
        """Whether this is, or lies below, a participant of a cohort that is not in the program."""
        number = self.path[0] if self.path else None
        return number in self.whole.outside and self.program.root(self.level.name) == self.program.participant


def members_under(within: Instance | Absent, level: str) -> list[Instance]:
    """Return the members of `level` under an instance, in order; across participants, of those in the program."""
    if isinstance(within, Absent):
        return []
    program = within.program
    chain = program.chain(level)
    if within.level.name in chain and program.root(level) == program.root(within.level.name):
        found = [within]
        for step in reversed(chain[: chain.index(within.level.name)]):
            found = [below for instance in found for below in instance.below.get(step, ())]
        return found
    key = (level, within.level.name)
    if key not in within.whole.gathered:
        under: dict[Path, list[Instance]] = {}
        for member in within.whole.on_level.get(level, ()):
            upper = member.at(within.level.name)
            if not isinstance(upper, Absent) and not member.is_outside:
                under.setdefault(upper.path, []).append(member)
        within.whole.gathered[key] = under
    return within.whole.gathered[key].get(within.path, [])


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
        own = self.member.level.name
        return self.member.value(ref) if ref.level in (own, *self.program.uppers[own], "") else self.by.value(ref)

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


def new_whole(program: Program) -> Whole:
    """Return what the instances of an evaluation share, with the parameters that the file states."""
    whole = Whole(program)
    whole.parameters.update(
        {name: parameter.value for name, parameter in program.parameters.items() if parameter.value is not None}
    )
    return whole


def build(program: Program, layout: Layout, row: Row) -> tuple[Whole, list[Given]]:
    """Return the instances of one participant and what it needs of the cohort, and what the row gives, in its order."""
    whole = new_whole(program)
    counts: Counts = {}
    given = spread(layout, row, (), counts)
    cohort = Instance(whole, program.levels[program.roots[0]], (), None)
    grow(cohort, counts)
    participant = Instance(whole, program.levels[program.participant], (), cohort)
    cohort.below[program.participant] = [participant]
    grow(participant, counts)
    return whole, given


Counts: TypeAlias = dict[tuple[str, Path], int]
"""How many items each list has under each instance of its parent."""


def spread(layout: Layout, row: Row, under: Path, counts: Counts) -> list[Given]:
    """Return the cells of a row whose root stands at `under`, and note how many items its lists have."""
    given: list[Given] = []
    _spread(layout, row, under, given, counts)
    return given


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


def grow(instance: Instance, counts: Mapping[tuple[str, Path], int]) -> list[Instance]:
    """Add an instance to the whole, and what hangs from it (listed members and items); return all of these."""
    added = [instance]
    whole, here = instance.whole, instance.level
    whole.instances[here.name, instance.path] = instance
    whole.on_level.setdefault(here.name, []).append(instance)
    for level in whole.program.levels.values():
        if level.parent != here.name or level.kind not in ("members", "list"):
            continue
        below = instance.below.setdefault(level.name, [])
        if level.kind == "members":
            below.extend(_listed(instance, level))
        else:
            count = counts.get((level.name, instance.path), 0)
            below.extend(Instance(whole, level, (*instance.path, number), instance) for number in range(count))
        for found in below:
            added += grow(found, counts)
    return added


def _listed(instance: Instance, level: Level) -> Iterator[Instance]:
    for member in level.members:
        if member.parent is None or (instance.path and instance.path[-1] == member.parent):
            values: dict[str, Datum] = {**member.cells, level.name: member.name}
            yield Instance(instance.whole, level, (*instance.path, member.name), instance, values)
