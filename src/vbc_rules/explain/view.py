"""One instance of a level seen through a trace: what its rule read, it remembers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run import settle
from vbc_rules.run.trace import Trace

Key: TypeAlias = tuple[Ref, Path]
"""A name and the instance it stands on."""


@dataclass(frozen=True, slots=True)
class View:
    """The environment in which a rule is worked through again; `reads` fills with every name read, in order."""

    program: Program
    trace: Trace
    level: str
    path: Path
    reads: dict[Key, None]

    def value(self, ref: Ref) -> Datum:
        """Return the value of `ref` at this instance or the one above that its level names."""
        key = self.key(ref)
        self.reads[key] = None
        return self.trace.value(*key)

    def key(self, ref: Ref) -> Key:
        """Return `ref` with the instance it is read at. Raises KeyError for a level that is not above."""
        if ref.level and ref.level not in self.program.chain(self.level):
            raise KeyError(str(ref))
        return ref, self.path[: settle.depth(self.program, ref.level)]

    def members(self, level: str, within: str) -> tuple[View, ...]:
        """Return the members of `level` under the current instance of `within`, in the order of file or list."""
        chain = self.program.chain(level)
        paths = [self.path[: settle.depth(self.program, within)]]
        for step in reversed(chain[: chain.index(within)]):
            paths = [below for path in paths for below in self._below(step, path)]
        return tuple(View(self.program, self.trace, level, path, self.reads) for path in paths)

    def _below(self, level: str, path: Path) -> list[Path]:
        here = self.program.levels[level]
        match here.kind:
            case "members":
                inside = path[-1] if path else None
                return [(*path, member.name) for member in here.members if member.parent in (None, inside)]
            case "list":
                return [(*path, number) for number in range(self.trace.count(level, path))]
            case _:
                return [path]

    def warn(self, message: str) -> None:
        """Do nothing: the trace has kept its warnings."""

    @property
    def label(self) -> str:
        """The name of this member."""
        return instance_labels(self.program, self.trace, self.level, self.path)[-1]


def instance_labels(program: Program, trace: Trace, level: str, path: Path) -> tuple[str, ...]:
    """Return the names of an instance, one for each step of its path: a member's name, an item's key or its number."""
    chain = [name for name in reversed(program.chain(level)) if settle.depth(program, name) > 0] if path else []
    found: list[str] = []
    for end, name in enumerate(chain, 1):
        step = path[end - 1]
        if isinstance(step, str):
            found.append(step)
        elif program.levels[name].key is None:
            found.append(f"item {step + 1}")
        else:
            found.append(str(trace.value(Ref(name, name), path[:end])))
    return tuple(found)
