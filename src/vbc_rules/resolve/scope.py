"""Which thing a name means, seen from a level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Level


@dataclass(frozen=True, slots=True)
class Found:
    """What a name means; `refs` has several entries where it is ambiguous, none where it is unknown."""

    refs: tuple[Ref, ...]

    @property
    def ref(self) -> Ref | None:
        """The one thing it means, if there is exactly one."""
        return self.refs[0] if len(self.refs) == 1 else None


@dataclass(frozen=True, slots=True)
class Scope:
    """What can be seen from `level`; inside a gathering also from the gathered member (`gathered`).

    `names` has the names that stand on each level (with the parameters on level ""), a level's own name among them.
    """

    levels: Mapping[str, Level]
    names: Mapping[str, frozenset[str]]
    uppers: Mapping[str, tuple[str, ...]]
    level: str
    gathered: str | None = None

    def above(self, level: str) -> tuple[str, ...]:
        """Return the levels above `level`: what it lies in, what gathers it, and what is above those; nearest first."""
        return self.uppers[level]

    def below(self, level: str) -> tuple[str, ...]:
        """Return the levels below `level`, in the order of the file."""
        return tuple(name for name, uppers in self.uppers.items() if level in uppers)

    def at(self, level: str) -> Scope:
        """Return the scope of another level."""
        return replace(self, level=level, gathered=None)

    def inside(self, gathered: str) -> Scope:
        """Return the scope within a gathering of `gathered`."""
        return replace(self, gathered=gathered)

    def find(self, parts: tuple[str, ...]) -> Found:
        """Return what `name` or `level.name` means here."""
        if len(parts) == 2:
            level, name = parts
            visible = set(self._visible(self.level))
            if self.gathered is not None:
                visible |= set(self._visible(self.gathered))
            return Found((Ref(level, name),) if level in visible and name in self._on(level) else ())
        if len(parts) != 1:
            return Found(())
        name = parts[0]
        here = self._find_from(self.level, name)
        if self.gathered is None:
            return Found(here)
        there = self._find_from(self.gathered, name)
        return Found(tuple(dict.fromkeys((*there, *here))))

    def find_gathered(self, parts: tuple[str, ...]) -> tuple[tuple[Ref | str, str], ...]:
        """Return what the gathered name may mean: (a name or a whole level, the level within which it is gathered).

        Looked up below only; failing that among siblings within the same parent (for a participant and for groups:
        what lies in the cohort itself; other participants are gathered by the cohort only).
        """
        below = self.below(self.level)
        found = self._gatherable(parts, below)
        if found:
            return tuple((what, self.level) for what in found)
        parent = self.levels[self.level].parent
        if parent is None:
            return ()
        if self.levels[self.level].kind in ("participant", "groups"):
            siblings = [name for name in self.below(parent) if self._hangs_from(name, parent)]
        else:
            siblings = [name for name in self.below(parent) if name not in below]
        return tuple((what, parent) for what in self._gatherable(parts, siblings))

    def _hangs_from(self, level: str, root: str) -> bool:
        """Whether a level lies in `root` with only listed members and items between."""
        here = self.levels[level]
        while here.kind in ("members", "list") and here.parent is not None:
            if here.parent == root:
                return True
            here = self.levels[here.parent]
        return False

    def all_names(self) -> tuple[str, ...]:
        """Return every name that can be written here, for pointing at the nearest."""
        levels = dict.fromkeys((*self._visible(self.level), *(self._visible(self.gathered) if self.gathered else ())))
        return tuple(dict.fromkeys(name for level in levels for name in sorted(self._on(level))))

    def names_below(self) -> tuple[str, ...]:
        """Return every name that can be gathered here."""
        below = self.below(self.level)
        return tuple(dict.fromkeys([*(name for level in below for name in sorted(self._on(level))), *below]))

    def _gatherable(self, parts: tuple[str, ...], levels: tuple[str, ...] | list[str]) -> list[Ref | str]:
        if len(parts) == 2:
            return [Ref(*parts)] if parts[0] in levels and parts[1] in self._on(parts[0]) else []
        name = parts[0]
        found: list[Ref | str] = [Ref(level, name) for level in levels if name in self._on(level) and name != level]
        if name in levels:
            found.append(name)
        return found

    def _visible(self, level: str) -> tuple[str, ...]:
        return (level, *self.above(level), "")

    def _find_from(self, level: str, name: str) -> tuple[Ref, ...]:
        if name in self._on(level):
            return (Ref(level, name),)
        return tuple(Ref(upper, name) for upper in (*self.above(level), "") if name in self._on(upper))

    def _on(self, level: str) -> frozenset[str]:
        return self.names.get(level, frozenset())
