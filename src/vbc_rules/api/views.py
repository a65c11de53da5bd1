"""A cohort's trace seen from one of its groups, or from the cohort itself."""

from __future__ import annotations

from collections.abc import Iterator

from vbc_rules.api.places import steps_to
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.trace import CohortTrace


class RootTrace:
    """One group, or the cohort, as `Trace` has it: paths begin below it."""

    __slots__ = ("_base", "_cohort", "_program", "_root")

    def __init__(self, program: Program, cohort: CohortTrace, root: str, base: Path) -> None:
        """Look at the instance `base` of `root`: a group's number, or nothing for the cohort."""
        self._program = program
        self._cohort = cohort
        self._root = root
        self._base = base

    def value(self, ref: Ref, path: Path = ()) -> Datum:
        """Return the value as `Trace` says; absent where the group is in no such group."""
        where = self.absolute(ref.level or COHORT, path)
        return where if isinstance(where, Absent) else self._cohort.value(ref, where)

    def count(self, level: str, path: Path = ()) -> int:
        """Return how many items list level `level` has under the instance `path` of its parent level."""
        where = self.absolute(self._program.levels[level].parent or COHORT, path)
        return 0 if isinstance(where, Absent) else self._cohort.count(level, where)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be shown beside every figure of this result."""
        return self._cohort.warnings

    def absolute(self, level: str, path: Path) -> Path | Absent:
        """Return the path within the cohort; Absent where the group is in no such group. Raises KeyError."""
        root = self._program.levels[self._program.root(level)]
        if root.name == self._root:
            return (*self._base, *path)
        if root.kind == "cohort":
            return path
        if root.kind == "participant":
            raise KeyError(level)
        gathered = root.groups or COHORT
        depth = len(steps_to(self._program, gathered, self._root))
        member = self.absolute(gathered, path[:depth])
        group = member if isinstance(member, Absent) else self._cohort.group_of(root.name, member)
        return group if isinstance(group, Absent) else (*group, *path[depth:])


def climb(program: Program, trace: CohortTrace, level: str, path: Path, upper: str) -> Path | Absent:
    """Return the instance of `upper` above the instance `path` of `level`; both paths are absolute."""
    chain = program.chain(level)
    if upper in chain:
        steps = chain.index(upper)
        # The cohort has the empty path, and so does what lies in it directly begin.
        return () if program.levels[upper].kind == "cohort" else path[: len(path) - steps]
    for number, here in enumerate(chain):
        own = path[: len(path) - number]
        for group in program.levels.values():
            if group.groups == here and (group.name == upper or upper in program.above(group.name)):
                found = trace.group_of(group.name, own)
                return found if isinstance(found, Absent) else climb(program, trace, group.name, found, upper)
    raise KeyError(upper)


def instances_of(program: Program, trace: CohortTrace, level: str) -> Iterator[Path]:
    """Yield the absolute path of every instance of a level, in order."""
    here = program.levels[level]
    if here.kind == "cohort":
        yield ()
    elif here.kind in ("participant", "groups"):
        for number in range(trace.count(level, ())):
            yield (number,)
    else:
        for above in instances_of(program, trace, here.parent or COHORT):
            if here.kind == "list":
                yield from ((*above, number) for number in range(trace.count(level, above)))
            else:
                inside = above[-1] if above else None
                yield from ((*above, one.name) for one in here.members if one.parent in (None, inside))


def key_of(program: Program, trace: CohortTrace, level: str, number: int) -> tuple[Datum, ...]:
    """Return what a group goes by: the values of `by` at the first member it gathers."""
    here = program.levels[level]
    gathered = here.groups or COHORT
    first = trace.gathered(gathered, level, (number,))[0]
    found: list[Datum] = []
    for ref in here.by:
        at = climb(program, trace, gathered, first, ref.level)
        found.append(at if isinstance(at, Absent) else trace.value(ref, at))
    return tuple(found)
