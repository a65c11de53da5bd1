"""What came out for the groups of a cohort."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vbc_rules.api.instance import Instance, Items, Members
from vbc_rules.api.places import locate
from vbc_rules.api.pools import public_key
from vbc_rules.api.values import Value, public_value, text_value
from vbc_rules.api.views import RootTrace, instances_of
from vbc_rules.errors import Code, UsageError
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Ref

if TYPE_CHECKING:
    from vbc_rules.api.cohort import CohortResult
    from vbc_rules.explain.tree import Explanation


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Groups(Mapping["Value | tuple[object, ...]", "GroupResult"]):
    """The groups of one level, by what they go by, in ascending order."""

    cohort: CohortResult
    level: str
    _keys: Mapping[object, int] = field(init=False)

    def __post_init__(self) -> None:
        program, trace = self.cohort.program, self.cohort.trace
        keys = {
            key[0] if len(key) == 1 else key: number
            for number in range(trace.count(self.level, ()))
            for key in (public_key(program, trace, self.level, number),)
        }
        object.__setattr__(self, "_keys", keys)

    def __getitem__(self, key: object) -> GroupResult:
        """Return the result of a group. Raises KeyError, which does not repeat the key."""
        number = self._keys.get(key)
        if number is None:
            by = self.cohort.program.resolved.levels[self.level].by
            what = " and ".join(ref.name for ref in by)
            raise KeyError(f"no {self.level} of the cohort has this {what}")
        return GroupResult(self.cohort, self.level, key if isinstance(key, tuple) else (key,), number)

    def __iter__(self) -> Iterator[Value | tuple[object, ...]]:
        return iter(self._keys)  # type: ignore[arg-type] # values, or tuples of them

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"<{len(self)} {self.level}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GroupResult(Mapping[str, "Value | Instance | Members | Items"]):
    """The result of one group: `group["quality"]`; `key` is what it goes by."""

    cohort: CohortResult
    level: str
    key: tuple[object, ...]
    number: int

    @property
    def _root(self) -> Instance:
        program, trace = self.cohort.program, self.cohort.trace
        view = RootTrace(program.resolved, trace, self.level, (self.number,))
        return Instance(program, view, self.level, (), self.level)

    def __getitem__(self, name: str) -> Value | Instance | Members | Items:
        """Return a value of the group or the cohort, or everything on a level in the group. Raises KeyError."""
        return self._root[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._root)

    def __len__(self) -> int:
        return len(self._root)

    @property
    def members(self) -> tuple[str, ...]:
        """The identifiers of the participants in the group, or that have members in it, in order."""
        program, trace = self.cohort.program.resolved, self.cohort.trace
        whole = self.level in program.above(program.participant)
        gathered = program.participant if whole else program.levels[self.level].groups or COHORT
        rows = self.cohort.population.participants
        if program.root(gathered) != program.participant:
            return ()
        paths = trace.gathered(gathered, self.level, (self.number,))
        return tuple(dict.fromkeys(str(rows[int(path[0])][0]) for path in paths))

    @property
    def payments(self) -> Mapping[str, Value]:
        """The group's own payments by name."""
        return payments_of(self._root)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be shown beside every figure of this result."""
        return self.cohort.warnings

    def explain(self, name: str, *instance: str | int) -> Explanation:
        """Return how a value of the group came about; see `Result.explain`. Raises UsageError."""
        resolved = self.cohort.program.resolved
        ref, path = locate(resolved, name, instance, self.level)
        view = RootTrace(resolved, self.cohort.trace, self.level, (self.number,))
        where = view.absolute(ref.level or COHORT, path)
        if isinstance(where, Absent):
            raise UsageError(Code.NO_SUCH_RESULT, f"this {self.level} is in no {resolved.root(ref.level)}")
        return explained(self.cohort, ref, where, {self.level: ", ".join(map(str, self.key))})

    def to_dict(self) -> dict[str, object]:
        """Return the group's result as plain data."""
        resolved = self.cohort.program.resolved
        by = resolved.levels[self.level].by
        root = self._root
        return {
            "key": {ref.name: _key_text(part) for ref, part in zip(by, self.key, strict=True)},
            "payments": {
                definition.ref.name: text_value(root.trace.value(definition.ref, ()), definition.type)
                for definition in resolved.definitions
                if definition.role == "payment" and definition.ref.level == self.level
            },
            "values": root.plain(),
        }

    def __repr__(self) -> str:
        return f"<GroupResult of {self.level}: {', '.join(self.payments) or 'values only'}>"


def _key_text(part: object) -> object:
    return part if isinstance(part, bool | str) else str(part)


def payments_of(here: Instance) -> Mapping[str, Value]:
    """Return the payments of a root's own level by name."""
    program = here.program
    return {
        definition.ref.name: public_value(
            here.trace.value(definition.ref, ()), definition.type, program.places(definition.ref)
        )
        for definition in program.resolved.definitions
        if definition.role == "payment" and definition.ref.level == here.level
    }


def explained(cohort: CohortResult, ref: Ref, path: Path, whose: Mapping[str, str]) -> Explanation:
    """Return how a value at an absolute path came about; `whose` is said at the top. Raises UsageError."""
    from vbc_rules.explain import explain  # noqa: PLC0415 (needed only where somebody asks)

    program = cohort.program
    header = {"program": program.identifier, "title": program.title, **whose}
    if ref.level and path not in tuple(instances_of(program.resolved, cohort.trace, ref.level)):
        raise UsageError(Code.NO_SUCH_RESULT, f"there is no such instance of `{ref.level}`")
    return explain(program.resolved, cohort.trace, ref, path, header=header, as_of=cohort.as_of, status=cohort.status)
