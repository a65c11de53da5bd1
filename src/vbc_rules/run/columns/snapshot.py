"""What a cohort in batches has found so far, to be sent to where its batches are computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Path, Row
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.columns.batched import BatchedRun, Batches
from vbc_rules.run.columns.expressions import Words
from vbc_rules.run.columns.forms import Array, Vector

if TYPE_CHECKING:
    from vbc_rules.run.columns.engine import ColumnEngine


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Snapshot:
    """A `BatchedRun` as plain data and arrays, which can be pickled.

    Of participants it has what they were found to have beside each other, and the number of each one's group: all else
    is found again from a batch's own rows. `words` are numbered as the run numbers them.
    """

    words: tuple[str, ...]
    reasons: tuple[str, ...]
    cohort: Row
    groups: Mapping[str, tuple[Row, ...]]
    length: int
    rows: Mapping[str, Sequence[Row]]
    returned: Mapping[int, list[Any]]
    columns: Mapping[tuple[Ref, Path, bool], Any]
    vectors: Mapping[Ref, Vector]
    numbered: Mapping[tuple[str, str], tuple[Array, Array]]
    group_of: Mapping[str, Sequence[Any]]
    unused: Mapping[str, int]
    noted: Mapping[tuple[int, str], None]

    @staticmethod
    def of(run: BatchedRun) -> Snapshot:
        """Return what a run has found so far."""
        participant, words = run.program.participant, run.engine.words
        settled = run.settled()
        return Snapshot(
            words=tuple(words.texts),
            reasons=tuple(absence.reason for absence in words.absences),
            cohort=run.population.cohort,
            groups=run.population.groups,
            length=run.batches.length,
            rows={name: rows for name, rows in run.frame.rows.items() if name != participant},
            returned={number: found for number, found in run.returned.items() if number not in run.compiled},
            columns={key: column for key, column in run.columns.items() if not run.is_own(key[0])},
            vectors={**{ref: found for ref, found in run.vectors.items() if not run.is_own(ref)}, **settled},
            numbered=dict(run.numbered),
            group_of={name: _packed(run, name, found) for name, found in run.frame.group_of.items()},
            unused=dict(run.unused),
            noted=dict(run.noted),
        )

    def numbering(self) -> Words:
        """Return the words and the absences as the run numbers them: an engine that restores it goes on from there."""
        words = Words()
        for text in self.words:
            words.number(text)
        for reason in self.reasons:
            words.code(reason)
        return words

    def restored(self, engine: ColumnEngine) -> BatchedRun:
        """Return the run, for `BatchRun`. The engine is one compiled with `numbering`."""
        run = BatchedRun(engine, self.cohort, self.groups, Batches(self.length))
        run.frame.rows.update(self.rows)
        run.returned.update(self.returned)
        run.columns.update(self.columns)
        run.vectors.update(self.vectors)
        run.numbered.update(self.numbered)
        for name, found in self.group_of.items():
            run.frame.group_of[name] = found  # type: ignore[assignment]
        run.unused.update(self.unused)
        run.noted.update(self.noted)
        for ref, vector in run.settled().items():
            run.note_settled(ref, vector)
        return run


def _packed(run: BatchedRun, level: str, found: Sequence[Any]) -> Sequence[Any]:
    """Return what group each instance is in; as arrays where there is one for each participant."""
    gathered = run.program.levels[level].groups or COHORT
    return _Groups.of(found) if run.is_own(Ref(gathered, gathered)) else found


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Groups(Sequence[Any]):
    """The number of the group that each instance is in, or the absence that says why it is in none."""

    numbers: Array
    codes: Array
    absences: tuple[Absent, ...]

    @staticmethod
    def of(found: Sequence[Any]) -> _Groups:
        absences: dict[Absent, int] = {}
        codes = [absences.setdefault(one, len(absences) + 1) if one.__class__ is Absent else 0 for one in found]
        numbers = [0 if one.__class__ is Absent else one for one in found]
        return _Groups(np.array(numbers, dtype=np.int64), np.array(codes, dtype=np.uint8), tuple(absences))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 (as a sequence's)
        code = int(self.codes[place])
        return self.absences[code - 1] if code else int(self.numbers[place])
