"""What an engine found: the exact value of every slot at every instance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Program


class Trace(Protocol):
    """The outcome of evaluating one participant, kept whole and read on demand."""

    def value(self, ref: Ref, path: Path) -> Datum:
        """Return the value of an input, value, payment, gate, cell, name or parameter at an instance.

        `path` leads to the instance of `ref.level`; it is empty for the participant, the cohort and parameters.
        Raises KeyError for a name or an instance that does not exist.
        """
        ...

    def count(self, level: str, path: Path) -> int:
        """Return how many items list level `level` has under the instance `path` of its parent level."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be shown beside every figure of this result (a dated parameter carried past its stated span)."""
        ...


@runtime_checkable
class CohortTrace(Protocol):
    """The outcome of evaluating a whole cohort, kept whole and read on demand.

    A path here is absolute: below a participant it begins with the participant's number (from 0, in the order of the
    population), below a group with the group's number (from 0, in ascending order of what the groups go by).
    """

    def value(self, ref: Ref, path: Path) -> Datum:
        """Return the value of `ref` at an instance of its level. Raises KeyError where there is none."""
        ...

    def count(self, level: str, path: Path) -> int:
        """Return how many instances of a root there are (`path` empty), or how many items a list level has."""
        ...

    def group_of(self, group: str, path: Path) -> Path | Absent:
        """Return the path of the group that the instance `path` of the level it gathers is in.

        Absent where it is in none: for the reason its key is absent, or `not_in_program`.
        """
        ...

    def gathered(self, level: str, within: str, path: Path) -> tuple[Path, ...]:
        """Return the paths of the members of `level` under the instance `path` of `within`, in order.

        Participants that are not in the program, and what is below them, are members of no group and no cohort.
        """
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be shown beside every figure of this result."""
        ...


@runtime_checkable
class ColumnTrace(Protocol):
    """A cohort's trace that reads a name at all participants, or all groups of a level, at once. Not every engine's."""

    def column(self, ref: Ref) -> Sequence[Datum]:
        """Return the values of `ref`, which stands on participants or on a level of groups, in the order of these."""
        ...


class ParticipantTrace:
    """One participant of a cohort, as `Trace` has it: paths begin below the participant.

    An instance of a level of groups has the path of the member seen from which it is the group (for a group of
    participants the empty path); what lies in groups has that path and its own keys.
    """

    __slots__ = ("_cohort", "_number", "_program")

    def __init__(self, program: Program, cohort: CohortTrace, number: int) -> None:
        """Look at participant `number` of the population."""
        self._program = program
        self._cohort = cohort
        self._number = number

    @property
    def cohort(self) -> CohortTrace:
        """The whole cohort that the participant is one of."""
        return self._cohort

    @property
    def number(self) -> int:
        """The participant's number in the order of the population, from 0."""
        return self._number

    def value(self, ref: Ref, path: Path = ()) -> Datum:
        """Return the value as `Trace` says; absent where the participant is in no such group."""
        where = self.absolute(ref.level or COHORT, path)
        return where if isinstance(where, Absent) else self._cohort.value(ref, where)

    def count(self, level: str, path: Path = ()) -> int:
        """Return how many items list level `level` has under the instance `path` of its parent level."""
        parent = self._program.levels[level].parent
        where = self.absolute(parent or COHORT, path)
        return 0 if isinstance(where, Absent) else self._cohort.count(level, where)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be shown beside every figure of this result."""
        return self._cohort.warnings

    def absolute(self, level: str, path: Path) -> Path | Absent:
        """Return the path within the cohort; Absent (with the reason) where the participant is in no such group."""
        root = self._program.levels[self._program.root(level)]
        if root.kind == "participant":
            return (self._number, *path)
        if root.kind == "cohort":
            return path
        gathered = root.groups or COHORT
        depth = relative_depth(self._program, gathered)
        member = self.absolute(gathered, path[:depth])
        group = member if isinstance(member, Absent) else self._cohort.group_of(root.name, member)
        return group if isinstance(group, Absent) else (*group, *path[depth:])


def relative_depth(program: Program, level: str) -> int:
    """Return how many keys lead from a participant to an instance of `level`, as `ParticipantTrace` counts them."""
    chain = program.chain(level)
    root = program.levels[program.root(level)]
    own = chain.index(root.name)
    return own if root.kind != "groups" else own + relative_depth(program, root.groups or COHORT)
