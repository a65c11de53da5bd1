"""The values at one instance, and at those that lie in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vbc_rules.api.places import paths_under, steps_to
from vbc_rules.api.values import Value, public_value, text_value
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Definition, Level
from vbc_rules.run.trace import Trace
from vbc_rules.source.nearest import nearest

if TYPE_CHECKING:
    from vbc_rules.api.program import Program


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Instance(Mapping[str, "Value | Instance | Members | Items"]):
    """The values at one instance: of the participant, a group, the cohort, a listed member, an item of a list.

    Keys are the names that stand on its level, then the levels directly below it. What stands above can be read by
    name, too. `root` is what paths lead from.
    """

    program: Program
    trace: Trace
    level: str
    path: Path
    root: str

    def __getitem__(self, name: str) -> Value | Instance | Members | Items:
        """Return a value by name, or everything on a level below. Raises KeyError with the nearest name."""
        resolved = self.program.resolved
        if Ref(self.level, name) in resolved.slots:
            return self._value(Ref(self.level, name))
        if name in self._below():
            return self._level(name)
        above = resolved.above(self.level)
        if name in above and resolved.levels[name].kind == "groups":
            return Instance(self.program, self.trace, name, self._path_above(name), self.root)
        for level in above:
            if Ref(level, name) in resolved.slots:
                return self._value(Ref(level, name))
        close = nearest(str(name), tuple(self))
        raise KeyError(f"`{self.level}` has no `{name}`" + (f"; write `{close}`" if close else ""))

    def _value(self, ref: Ref) -> Value:
        path = self.path if ref.level == self.level else self._path_above(ref.level)
        slot = self.program.resolved.slots[ref]
        return public_value(self.trace.value(ref, path), slot.type, self.program.places(ref))

    def _path_above(self, level: str) -> Path:
        return self.path[: len(steps_to(self.program.resolved, level, self.root))]

    def __iter__(self) -> Iterator[str]:
        for ref in self.program.resolved.slots:
            if ref.level == self.level:
                yield ref.name
        yield from self._below()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        place = ".".join(map(str, self.path))
        return f"<{self.level}{f' {place}' if place else ''}>"

    def _below(self) -> tuple[str, ...]:
        resolved = self.program.resolved
        return tuple(
            name
            for name, level in resolved.levels.items()
            if level.kind in ("members", "list")
            and self.level in resolved.chain(name)[1:]
            and resolved.root(name) == resolved.root(self.level)
        )

    def _level(self, name: str) -> Members | Items:
        if self.program.resolved.levels[name].kind == "list":
            return Items(self.program, self.trace, name, self.path, self.root)
        return Members(self.program, self.trace, name, self.path, self.root)

    def plain(self) -> dict[str, object]:
        """Return the values and payments here and below as plain data: quantities as text, absences by reason."""
        return _Plain(self).of(self.level, self.path)


class _Plain:
    """Values and payments as plain data, level by level."""

    def __init__(self, top: Instance) -> None:
        resolved = top.program.resolved
        self._program = resolved
        self._trace = top.trace
        self._root = top.root
        self._definitions: dict[str, list[Definition]] = {}
        for definition in resolved.definitions:
            self._definitions.setdefault(definition.ref.level, []).append(definition)
        self._below: dict[str | None, list[Level]] = {}
        for level in resolved.levels.values():
            self._below.setdefault(level.parent, []).append(level)

    def of(self, level: str, path: Path) -> dict[str, object]:
        """Return what stands at one instance and below."""
        value = self._trace.value
        found: dict[str, object] = {
            definition.ref.name: text_value(value(definition.ref, path), definition.type)
            for definition in self._definitions.get(level, ())
        }
        for below in self._below.get(level, ()):
            name = below.name
            if below.kind == "members":
                paths = paths_under(self._program, name, path, self._root)
                found[name] = {str(one[-1]): self.of(name, one) for one in paths}
            elif below.kind == "list":
                count = self._trace.count(name, path)
                found[name] = [self.of(name, (*path, item)) for item in range(count)]
        return found


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Members(Mapping[str, Instance]):
    """The listed members of a level under one instance, by name."""

    program: Program
    trace: Trace
    level: str
    above: Path
    root: str

    def __getitem__(self, member: str) -> Instance:
        """Return what stands at a member. Raises KeyError with the nearest name."""
        for path in self._paths():
            if path[-1] == member:
                return Instance(self.program, self.trace, self.level, path, self.root)
        close = nearest(str(member), tuple(self))
        raise KeyError(f"there is no {self.level} `{member}`" + (f"; write `{close}`" if close else ""))

    def __iter__(self) -> Iterator[str]:
        return (str(path[-1]) for path in self._paths())

    def __len__(self) -> int:
        return len(self._paths())

    def __repr__(self) -> str:
        return f"<{self.level}: {', '.join(self)}>"

    def _paths(self) -> tuple[Path, ...]:
        return paths_under(self.program.resolved, self.level, self.above, self.root)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Items:
    """The items of a list under one instance, in the order given."""

    program: Program
    trace: Trace
    level: str
    above: Path
    root: str

    def __getitem__(self, index: int) -> Instance:
        """Return what stands at an item, counted from 0. Raises IndexError."""
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"`{self.level}` has {count} items")
        return Instance(self.program, self.trace, self.level, (*self.above, index % count), self.root)

    def __iter__(self) -> Iterator[Instance]:
        return (self[index] for index in range(len(self)))

    def __len__(self) -> int:
        return self.trace.count(self.level, self.above)

    def __repr__(self) -> str:
        return f"<{self.level}: {len(self)} items>"
