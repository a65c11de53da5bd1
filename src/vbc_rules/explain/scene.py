"""What an explanation looks at: one participant alone, or a cohort, seen from a participant or from above."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final, NamedTuple

from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Datum, Plain, Ref
from vbc_rules.resolve.program import Gate, Program
from vbc_rules.run import settle
from vbc_rules.run.trace import CohortTrace, ColumnTrace, ParticipantTrace, Trace, relative_depth

MOST_LISTED: Final = 12
"""Members of a group or of the cohort that are listed one by one; the others are told together."""


class Key(NamedTuple):
    """A name and the instance it stands on.

    Where a group is read by a member that is in none, `path` is the member's and `outside` the member's level.
    """

    ref: Ref
    path: Path
    outside: str = ""


class Scene:
    """Reads a trace. Paths are as `CohortTrace` has them, for a single participant as `Trace` has them.

    `own` is the participant that a cohort is seen from: of the others, nothing is listed one by one. None: the cohort
    is seen from above, or there is no cohort.
    """

    def __init__(self, program: Program, trace: Trace | CohortTrace, path: Path, level: str, most: int) -> None:
        """Look at a trace, to explain something at the instance `path` of `level`."""
        self.program = program
        self.most = most
        self.cohort: CohortTrace | None = None
        self.own: int | None = None
        self.trace: Trace | CohortTrace = trace
        self.given = trace
        self.warnings = trace.warnings
        if isinstance(trace, ParticipantTrace):
            self.cohort, self.own = trace.cohort, trace.number
            self.trace = trace.cohort
        elif isinstance(trace, CohortTrace):
            self.cohort = trace
            if level and program.root(level) == program.participant and path and isinstance(path[0], int):
                self.own = path[0]
        self.gathers: dict[tuple[int, str, Path], Plain] = {}
        """What gatherings inside formulas gave, where they were already worked out."""
        self.settled: dict[tuple[Ref, Path], object] = {}
        """What members have together, worked out once."""
        self._members: dict[tuple[str, str, Path], tuple[Path, ...]] = {}
        self._columns: dict[Ref, dict[Path, Datum]] = {}
        self._roots: dict[str, list[Path]] = {}
        self._out: dict[int, Gate | None] = {}
        self._gates = tuple(gate for gate in program.gates if gate.pays is None)

    def start(self, ref: Ref, path: Path) -> Key:
        """Return the name at the instance that the trace calls `path`. Raises KeyError where there is none."""
        if isinstance(self.given, ParticipantTrace) and ref.level:
            absolute = self.given.absolute(ref.level, path)
            if isinstance(absolute, Absent):
                return Key(ref, *self._outside_from(ref.level, path, self.given))
            return Key(ref, self.shared(ref, absolute))
        return Key(ref, path if ref.level else ())

    def _outside_from(self, level: str, path: Path, trace: ParticipantTrace) -> tuple[Path, str]:
        gathered = self.program.levels[self.program.root(level)].groups or COHORT
        member = trace.absolute(gathered, path[: relative_depth(self.program, gathered)])
        if isinstance(member, Absent):
            return self._outside_from(gathered, path, trace)
        return member, gathered

    # --- reading

    def value(self, ref: Ref, path: Path) -> Datum:
        """Return the value of `ref` at an instance of its level. Raises KeyError where there is none."""
        return self.trace.value(ref, path)

    def read(self, key: Key) -> Datum:
        """Return the value of a name; absent where it is a group's that its reader is not in."""
        if not key.outside:
            return self.value(key.ref, key.path)
        found = self.above(key.outside, key.path, key.ref.level)
        if not isinstance(found, Absent):
            raise KeyError(str(key.ref))
        return found

    def column(self, ref: Ref) -> Callable[[Path], Datum]:
        """Return what reads a name at many instances, each of them once."""
        if ref not in self._columns:
            is_root = self.program.root(ref.level) == ref.level
            if is_root and isinstance(self.trace, ColumnTrace):
                values = self.trace.column(ref)
                if ref.level not in self._roots:
                    self._roots[ref.level] = [(number,) for number in range(len(values))]
                paths = self._roots[ref.level]
                self._columns[ref] = dict(zip(paths, values, strict=True))
        known, read = self._columns.setdefault(ref, {}), self.trace.value

        def value(path: Path) -> Datum:
            found = known.get(path)
            if found is None:
                found = known[path] = read(ref, path)
            return found

        return value

    def keys(self, level: str) -> int:
        """Return how long the path to an instance of `level` is."""
        if level == "":
            return 0
        numbered = self.cohort is not None and self.program.root(level) != COHORT
        return settle.depth(self.program, level) + numbered

    def above(self, level: str, path: Path, target: str) -> Path | Absent | None:
        """Return the instance of `target` that an instance of `level` lies in, or that gathers it.

        Absent where it is in no such group; None where `target` is not above `level`.
        """
        if target == "":
            return ()
        program = self.program
        if target in program.chain(level):
            return path[: self.keys(target)] if program.root(target) == program.root(level) else ()
        gathered = program.levels[target].groups
        if gathered is None or self.cohort is None or (gathered != level and gathered not in program.uppers[level]):
            return None
        member = self.above(level, path, gathered)
        if member is None or isinstance(member, Absent):
            return member
        return self.cohort.group_of(target, member)

    def shared(self, ref: Ref, path: Path) -> Path:
        """Return the path of a name; a cell of the file's is the same in every participant or group, and has one."""
        if self.cohort is None or not path or not isinstance(path[0], int) or ref.level == "":
            return path
        is_cell = self.program.slots[ref].kind == "cell" and self.program.root(ref.level) != COHORT
        return (0, *path[1:]) if is_cell else path

    def outside(self, level: str, path: Path, target: str) -> tuple[str, Path]:
        """Return the level and path of the member that is in no group, where `above` is absent."""
        gathered = self.program.levels[target].groups or COHORT
        member = self.above(level, path, gathered)
        if isinstance(member, Absent) or member is None:
            return self.outside(level, path, gathered)
        return gathered, member

    def members(self, level: str, within: str, path: Path) -> tuple[Path, ...]:
        """Return the paths of the members of `level` under the instance `path` of `within`, in order."""
        if not self.is_across(level, within):
            return self._under(level, within, path)
        key = (level, within, path)
        if key not in self._members:
            if self.cohort is None:
                raise KeyError(f"{level} within {within}")
            self._members[key] = tuple(self.cohort.gathered(level, within, path))
        return self._members[key]

    def is_across(self, level: str, within: str) -> bool:
        """Whether members of different participants, or of different groups, are gathered."""
        return self.program.root(level) != self.program.root(within)

    def _under(self, level: str, within: str, path: Path) -> tuple[Path, ...]:
        chain = self.program.chain(level)
        paths = [path]
        for step in reversed(chain[: chain.index(within)]):
            paths = [below for each in paths for below in self._below(step, each)]
        return tuple(paths)

    def _below(self, level: str, path: Path) -> list[Path]:
        here = self.program.levels[level]
        if here.kind == "list":
            return [(*path, number) for number in range(self.trace.count(level, path))]
        inside = path[-1] if path else None
        return [(*path, member.name) for member in here.members if member.parent in (None, inside)]

    def place(self, ref: Ref, path: Path) -> str:
        """Return where a name stands, for messages: never whose it is."""
        return settle.place(self.program, ref, path[len(path) - settle.depth(self.program, ref.level) :])

    # --- who is told one by one

    def listed(self, level: str, within: str, paths: tuple[Path, ...]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
        """Return the members that are told one by one, and the others.

        Seen from a participant, its own stand alone among participants; else the first members are listed.
        """
        if not self.is_across(level, within):
            return paths, ()
        if self.own is not None and self.program.root(level) == self.program.participant:
            own = tuple(path for path in paths if path[0] == self.own)
            return own, tuple(path for path in paths if path[0] != self.own) if len(own) < len(paths) else ()
        if len(paths) <= self.most + 1:
            return paths, ()
        return paths[: self.most], paths[self.most :]

    def is_own(self, level: str, path: Path) -> bool:
        """Whether an instance is the participant's from which the cohort is seen, or lies below it."""
        if self.cohort is None:
            return True
        return self.own is not None and self.program.root(level) == self.program.participant and path[0] == self.own

    # --- who is in the program

    def failed_gate(self, level: str, path: Path) -> Gate | None:
        """Return the gate that keeps an instance's participant out of the program; None where it is in it."""
        if self.program.root(level) != self.program.participant:
            return None
        number = path[0] if self.cohort is not None else -1
        if not isinstance(number, int):
            return None
        if number not in self._out:
            whose: Path = (number,) if self.cohort is not None else ()
            failed = (gate for gate in self._gates if self.value(gate.ref, whose) is False)
            self._out[number] = next(failed, None)
        return self._out[number]

    def why_outside(self, level: str, path: Path, group: str) -> tuple[str, Ref, Path]:
        """Return why a member is in no group: the reason, and the name it comes from with its instance."""
        gate = self.failed_gate(level, path)
        if gate is not None:
            return NOT_IN_PROGRAM, gate.ref, path[:1]
        for ref in self.program.levels[group].by:
            at = self.above(level, path, ref.level)
            if at is None or isinstance(at, Absent):
                continue
            found = self.value(ref, at)
            if isinstance(found, Absent):
                return found.reason, ref, at
        raise KeyError(group)

    # --- names of instances

    def label(self, level: str, path: Path, *, is_near: bool) -> str:
        """Return the name of a member, for a line on which its level is known.

        With `is_near`, without the participant or group in which it lies together with what gathers it.
        """
        labels = self.labels(level, path)
        if not labels:
            return f"this {self.program.participant}"
        return labels[-1] if is_near else " / ".join(labels)

    def labels(self, level: str, path: Path) -> tuple[str, ...]:
        """Return the names of an instance, one for each step of its path; its own participant goes without saying.

        A member's name, an item's key or its number, a group by its keys. A participant's identifier is shown only
        where the file says that it is public.
        """
        program = self.program
        if not level or not path:
            return ()
        chain = [name for name in reversed(program.chain(level)) if self.keys(name) > 0]
        found: list[str] = []
        for end, name in enumerate(chain, 1):
            kind, step = program.levels[name].kind, path[end - 1]
            if kind == "participant":
                if not self.is_own(level, path):
                    found.append(self._participant(path[:1]))
            elif kind == "groups":
                found.append(self._group(name, path[:1]))
            elif isinstance(step, str):
                found.append(step)
            elif program.levels[name].key is None:
                found.append(f"item {step + 1}")
            else:
                found.append(str(self.value(Ref(name, name), path[:end])))
        return tuple(found)

    def _participant(self, path: Path) -> str:
        name = self.program.participant
        if self.program.document.identifier_is_public:
            return str(self.value(Ref(name, name), path))
        return self._numbered(name, path)

    def _numbered(self, level: str, path: Path) -> str:
        return f"{level} {int(path[0]) + 1} of {self.trace.count(level, ()):,}"

    def _group(self, group: str, path: Path) -> str:
        level = self.program.levels[group]
        kinds = {self.program.slots[ref].type.kind for ref in level.by}
        if "identifier" in kinds and not self.program.document.identifier_is_public:
            return self._numbered(group, path)
        keys: list[str] = []
        gathered = level.groups or COHORT
        member = None if self.cohort is None else next(iter(self.cohort.gathered(gathered, group, path)), None)
        for ref in level.by:
            at = None if member is None else self.above(gathered, member, ref.level)
            if at is None or isinstance(at, Absent):
                return self._numbered(group, path)
            found = self.value(ref, at)
            keys.append(_plain(found))
        return f"{group} {' / '.join(keys)}"


def _plain(value: Datum) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Fraction):
        return str(value)
    return str(value)
