"""How the instances of levels lie in arrays: listed members as rows of a block, a root's rows (or items) as columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from vbc_rules.plan.layout import Path
from vbc_rules.resolve.program import Program
from vbc_rules.run.columns.forms import Unsupported

Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Place:
    """A level's place: its `base` (a root or a list) and the members below that, as keys from the base on.

    Arrays of the base itself have one dimension; those of listed members below it one more before it, a row a member.
    """

    base: str
    members: tuple[Path, ...] | None


@dataclass(frozen=True)
class Geometry:
    """Where the levels of a program lie in arrays."""

    program: Program
    _places: dict[str, Place] = field(default_factory=dict)

    def place(self, level: str) -> Place:
        """Return where a level's instances lie."""
        if level not in self._places:
            self._places[level] = self._place(level)
        return self._places[level]

    def _place(self, level: str) -> Place:
        here = self.program.levels[level]
        if here.kind != "members":
            return Place(level, None)
        above = self.place(here.parent or "")
        paths = above.members if above.members is not None else ((),)
        found = tuple(
            (*path, member.name)
            for path in paths
            for member in here.members
            if member.parent is None or (path and path[-1] == member.parent)
        )
        return Place(above.base, found)

    def rows_above(self, level: str, upper: str) -> Index | None:
        """Return for each member of `level` the row of `upper` it lies in; None where `upper` is their base."""
        here, there = self.place(level), self.place(upper)
        if there.members is None or here.members is None:
            return None
        depth = len(there.members[0])
        rows = {path: row for row, path in enumerate(there.members)}
        return np.array([rows[path[:depth]] for path in here.members], dtype=np.int64)

    def rows_below(self, level: str, upper: str) -> list[list[int]]:
        """Return for each instance of `upper` the rows of its members of `level`; one list where it is their base."""
        here, there = self.place(level), self.place(upper)
        if here.members is None:
            raise Unsupported("members that are not listed")
        if there.members is None:
            return [list(range(len(here.members)))]
        depth = len(there.members[0])
        return [[row for row, path in enumerate(here.members) if path[:depth] == above] for above in there.members]

    def lists(self, root: str) -> Iterator[str]:
        """Yield the lists that hang from a root, in the order of the file."""
        for name in self.program.levels_of(root):
            if self.program.levels[name].kind == "list":
                yield name

    @cached_property
    def unsupported(self) -> str | None:
        """What columns cannot hold, in words; None where they can hold everything."""
        for level in self.program.levels.values():
            if level.kind == "list":
                parent = self.program.levels[level.parent or ""]
                if parent.kind not in ("participant", "cohort", "groups"):
                    return f"the items of `{level.name}` lie below `{parent.name}`, not directly below a root"
        return None
