"""Which instance of each level the code being written stands at, and where every value of every instance is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Level, Program
from vbc_rules.run.scalar.emit import Block, Writer
from vbc_rules.run.scalar.representation import Carrier

ITEM = "*"
"""Stands in a path for any item of a list."""


@dataclass(eq=False, slots=True)
class Loop:
    """A loop over the items of a list. Columns that its body reads are bound in its header when first read."""

    items: str
    body: Block
    bound: dict[str, str] = field(default_factory=dict)

    def read(self, column: str, writer: Writer) -> str:
        """Return the name under which the body sees the current item's entry of `column`."""
        name = self.bound.get(column)
        if name is None:
            name = self.bound[column] = writer.fresh("e")
        return name

    def header(self) -> str:
        """Return the `for` line."""
        if not self.bound:
            return f"for _ in {self.items}:"
        if len(self.bound) == 1:
            ((column, name),) = self.bound.items()
            return f"for {name} in {column}:"
        return f"for {', '.join(self.bound.values())} in zip({', '.join(self.bound)}):"


Instance: TypeAlias = tuple["str | Loop", ...]
"""A path in which an item of a list is the loop that goes through the list."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression is evaluated: the instance of each level it can see."""

    level: str
    instances: Mapping[str, Instance]

    @property
    def instance(self) -> Instance:
        """The instance of the place's own level."""
        return self.instances[self.level]


def symbolic(instance: Instance) -> Path:
    """Return the instance as a path, `*` for items."""
    return tuple(key if isinstance(key, str) else ITEM for key in instance)


class Store:
    """The carriers of all slots, by slot and path. At an item of a list a carrier's code names a column."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.slots: dict[tuple[Ref, Path], Carrier] = {}
        self.lists: dict[tuple[str, Path], str] = {}

    def read(self, ref: Ref, instance: Instance) -> Carrier:
        """Return the carrier of `ref` as the code at `instance` sees it."""
        return self.seen(self.slots[ref, symbolic(instance)], instance)

    def seen(self, carrier: Carrier, instance: Instance) -> Carrier:
        """Return a carrier that is kept for an instance as the code there sees it: the items' entries of columns."""
        loops = [key for key in instance if isinstance(key, Loop)]
        if not loops or carrier.is_constant:
            return carrier
        denominator = carrier.denominator
        return replace(
            carrier,
            code=self._item(carrier.code, loops),
            denominator=None if denominator is None else self._item(denominator, loops),
        )

    def items(self, level: str, parent: Instance) -> str:
        """Return code for the rows of list `level` under the instance `parent`."""
        code = self.lists[level, symbolic(parent)]
        return self._item(code, [key for key in parent if isinstance(key, Loop)])

    def _item(self, column: str, loops: list[Loop]) -> str:
        for loop in loops:
            column = loop.read(column, self.writer)
        return column


def place_of(program: Program, level: str, instance: Instance) -> Place:
    """Return the place at `instance` of `level`, which sees everything that `level` lies in."""
    chain = chain_below(program, level)
    instances: dict[str, Instance] = {name: instance[: depth + 1] for depth, name in enumerate(chain)}
    for other in program.levels.values():
        if other.kind in ("cohort", "participant", "groups"):
            instances[other.name] = ()
    return Place(level, instances)


def chain_below(program: Program, level: str) -> tuple[str, ...]:
    """Return the levels from just below the participant down to `level`."""
    found: list[str] = []
    at: Level | None = program.levels[level]
    while at is not None and at.kind in ("members", "list"):
        found.append(at.name)
        at = program.levels[at.parent] if at.parent is not None else None
    return tuple(reversed(found))
