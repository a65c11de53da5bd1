"""What was found for a whole cohort, decoded when asked."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import repeat
from typing import TYPE_CHECKING, Any

from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.run import settle
from vbc_rules.run.oracle import evaluate_cohort
from vbc_rules.run.scalar.frame import OUTSIDE
from vbc_rules.run.scalar.scope import ITEM
from vbc_rules.run.scalar.warning import warnings_of

if TYPE_CHECKING:
    from vbc_rules.run.scalar.cohort import CohortEngine
    from vbc_rules.run.scalar.cohort_run import Run


class ScalarCohortTrace:
    """The outcome of evaluating a cohort (a `run.trace.CohortTrace`)."""

    __slots__ = ("_counts", "_engine", "_gathered", "_run", "_warnings")

    def __init__(self, engine: CohortEngine, run: Run) -> None:
        """Keep what the evaluation found."""
        self._engine = engine
        self._run = run
        self._counts: dict[str, Counter[int]] = {}
        self._gathered: dict[tuple[str, str], dict[int, tuple[Path, ...]]] = {}
        self._warnings: tuple[str, ...] | None = None

    def value(self, ref: Ref, path: Path) -> Datum:
        """Return a value as `run.trace.CohortTrace` says; a dated parameter's is that of the first day in force."""
        program = self._engine.program
        if ref.level == "":
            return self._parameter(ref)
        if ref not in program.slots:
            raise KeyError(str(ref))
        slot, level = program.slots[ref], program.levels[ref.level]
        ref = self._engine.named(ref)
        root, pattern, items = self._place(ref.level, path)
        if slot.kind == "name" and level.kind == "list" and level.key is None:
            raise KeyError(str(ref))
        if level.kind == "members" and slot.kind in ("cell", "name"):
            member = str(pattern[-1])
            return member if slot.kind == "name" else program.cell(Ref(ref.level, slot.ref.name), member)
        return self._known(ref, root, pattern, items)

    def column(self, ref: Ref) -> Sequence[Datum]:
        """Return the values of `ref` at all participants, or all groups of a level, in their order.

        Raises KeyError for a name that is not theirs.
        """
        program = self._engine.program
        if ref not in program.slots or program.levels[ref.level].kind not in ("participant", "groups"):
            raise KeyError(str(ref))
        size = self._run.frame.size(ref.level)
        known = self._engine.known[ref, ()]
        carrier, inside = known.carrier, self._run.frame.is_inside if known.only_members else None
        if carrier.constant is not None:
            values: list[Datum] = [carrier.constant] * size
        else:
            found, below = self._run.column(ref, ()), self._run.below(ref, ())
            if carrier.kind == "number":
                divisor = carrier.divisor
                values = [
                    value if value.__class__ is Absent else Fraction(value, divisor * under)
                    for value, under in zip(found, repeat(1) if below is None else below, strict=False)
                ]
            elif carrier.kind == "date":
                day = datetime.date.fromordinal
                values = [value if value.__class__ is Absent else day(value) for value in found]
            else:
                values = found
        if inside is None:
            return values
        return [value if there else OUTSIDE for value, there in zip(values, inside, strict=True)]

    def _known(self, ref: Ref, root: int, pattern: Path, items: list[int]) -> Datum:
        known = self._engine.known[ref, pattern]
        carrier = known.carrier
        inside = self._run.frame.is_inside
        if known.only_members and inside is not None and not inside[root]:
            return OUTSIDE
        if carrier.constant is not None:
            return carrier.constant
        found = _at(self._run.column(ref, pattern)[root], items)
        if found.__class__ is Absent:
            kept: Datum = found
            return kept
        if carrier.kind == "number":
            belows = self._run.below(ref, pattern)
            return Fraction(found, carrier.divisor * (1 if belows is None else _at(belows[root], items)))
        if carrier.kind == "date":
            return datetime.date.fromordinal(found)
        plain: Datum = found
        return plain

    def _parameter(self, ref: Ref) -> Datum:
        parameter = self._engine.program.parameters[ref.name]
        if parameter.value is not None:
            return parameter.value
        if parameter.dated:
            return settle.stated(parameter, *settle.start_of(self._engine.program)).value
        return self._known(ref, 0, (), [])

    def _place(self, level: str, path: Path) -> tuple[int, Path, list[int]]:
        """Return the number of the root's instance, the pattern of the path below it, and the items on it."""
        program, frame = self._engine.program, self._run.frame
        is_cohort = program.levels[program.root(level)].kind == "cohort"
        root, rest = (0, path) if is_cohort else (path[0] if path else None, path[1:])
        if not isinstance(root, int) or not 0 <= root < len(frame.rows[program.root(level)]):
            raise KeyError(path)
        pattern = tuple(ITEM if isinstance(key, int) else key for key in rest)
        table = frame.table(level)
        if pattern not in table.patterns:
            raise KeyError(path)
        if table.places is not None:
            frame.number(level, path)
        return root, pattern, [key for key in rest if isinstance(key, int)]

    def count(self, level: str, path: Path) -> int:
        """Return how many instances of a root there are (`path` empty), or how many items a list level has."""
        program, frame = self._engine.program, self._run.frame
        here = program.levels[level]
        if here.kind in ("cohort", "participant", "groups"):
            return frame.size(level)
        if level not in self._counts:
            self._counts[level] = Counter(frame.table(level).parents)
        return self._counts[level][frame.number(here.parent or COHORT, path)]

    def group_of(self, group: str, path: Path) -> Path | Absent:
        """Return the path of the group that a member is in; Absent where it is in none."""
        gathered = self._engine.program.levels[group].groups or COHORT
        found = self._run.frame.group_of[group][self._run.frame.number(gathered, path)]
        return found if isinstance(found, Absent) else (found,)

    def gathered(self, level: str, within: str, path: Path) -> tuple[Path, ...]:
        """Return the paths of the members of `level` under the instance `path` of `within`, in order."""
        frame = self._run.frame
        key = (level, within)
        if key not in self._gathered:
            under: dict[int, list[Path]] = {}
            for place, number in enumerate(frame.upper(level, within)):
                if not isinstance(number, Absent):
                    under.setdefault(number, []).append(frame.path(level, place))
            self._gathered[key] = {number: tuple(paths) for number, paths in under.items()}
        return self._gathered[key].get(frame.number(within, path), ())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be shown beside every figure, in the order in which the oracle comes upon it."""
        if self._warnings is None:
            engine, run = self._engine, self._run
            if engine.is_noted:
                self._warnings = warnings_of(engine.program, run.noted, run.unused)
            else:
                self._warnings = evaluate_cohort(engine.program, engine.layouts, run.population).warnings
        return self._warnings


def _at(found: Any, items: list[int]) -> Any:  # noqa: ANN401 (values of mixed kinds)
    for item in items:
        if not isinstance(found, list | tuple):
            break
        found = found[item]
    return found
