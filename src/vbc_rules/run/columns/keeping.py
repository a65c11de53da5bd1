"""What is kept of the rows that a stage computes: written where it stays, in few bytes, lot by lot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.columns.forms import Array, Column, Env, Vector

if TYPE_CHECKING:
    from vbc_rules.run.columns.run import ColumnRun

_FILLS: Final = (0, 1, 0)
"""What stands for a part that some rows lack: numbers have none, denominators are 1, nothing is absent."""

_WHOLE: Final = ((7, np.int8), (15, np.int16), (31, np.int32), (63, np.int64))


@dataclass(slots=True)
class Part:
    """The numbers, the denominators or the codes of absences of one column: whole, and where their first lot lies.

    Parts that are one array in the first lot are mostly one in all, and kept once: `same` is the part that keeps them.
    What is not as in the first lot is held in `others`.
    """

    whole: Array
    same: Part | None = None
    given: tuple[Ref, int] | None = None
    """Which part of an input it is: that is held already."""
    others: list[tuple[int, int, Array]] = field(default_factory=list)


class Kept:
    """The columns that are kept of a stage, from its first lot of rows on."""

    def __init__(
        self, columns: Sequence[tuple[Ref, Column]], base_of: Callable[[Ref], str], lengths: Callable[[str], int]
    ) -> None:
        """Keep columns; `lengths` has how many rows a base has in all."""
        self.columns = columns
        self.bases = [base_of(ref) for ref, _ in columns]
        self.lengths = lengths
        self.types = [_types(column) for _, column in columns]
        self.given: list[Part] = []
        self.parts: list[tuple[Part, Part, Part]] = []

    def add(self, env: Env, run: ColumnRun) -> None:
        """Keep a lot of rows; after the first one, several threads may."""
        if self.parts:
            self._more(env)
        elif self.columns:
            self._begin(env, run)

    def _begin(self, env: Env, run: ColumnRun) -> None:
        owners: dict[tuple[int, Any], Part] = {}
        for ref in run.program.inputs:
            for number, array in enumerate(env.slots.get(ref, ()) if ref in run.vectors else ()):
                whole = run.vectors[ref][number]
                if array is not None and np.may_share_memory(array, whole):
                    part = Part(whole, given=(ref, number))
                    owners[id(array), array.dtype] = part
                    self.given.append(part)
        for (ref, _), base, types in zip(self.columns, self.bases, self.types, strict=True):
            first, last = env.spans[base]
            made: list[Part] = []
            for array, kind in zip(_held(env.slots[ref]), types, strict=True):
                if array is None:
                    made.append(Part(None))
                    continue
                key = id(array), np.dtype(kind or array.dtype)
                if key in owners:
                    made.append(Part(None, owners[key]))
                    continue
                whole = np.empty((*array.shape[:-1], self.lengths(base)), dtype=key[1])
                whole[..., first:last] = array
                made.append(Part(whole))
                owners[key] = made[-1]
            self.parts.append((made[0], made[1], made[2]))

    def _more(self, env: Env) -> None:
        seen: dict[int, Array] = {
            id(part): env.slots[part.given[0]][part.given[1]] for part in self.given if part.given
        }
        for place, (ref, _) in enumerate(self.columns):
            first, last = env.spans[self.bases[place]]
            for part, array, fill in zip(self.parts[place], _held(env.slots[ref]), _FILLS, strict=True):
                if part.same is not None:
                    if seen[id(part.same)] is not array:
                        part.others.append((first, last, fill if array is None else array))
                    continue
                seen[id(part)] = array
                if part.whole is not None:
                    part.whole[..., first:last] = fill if array is None else array
                elif array is not None:
                    part.others.append((first, last, array))

    def whole(self) -> Iterator[Vector]:
        """Yield the columns, each for all rows."""
        for place, parts in enumerate(self.parts):
            found = [self._whole(place, number, part) for number, part in enumerate(parts)]
            yield found[0], found[1], found[2]

    def _whole(self, place: int, number: int, part: Part) -> Array:
        own = part.whole if part.same is None else part.same.whole
        if not part.others:
            return own
        numbers = self.parts[place][0]
        like = numbers.whole if numbers.same is None else numbers.same.whole
        kind = self.types[place][number] or part.others[0][2].dtype
        found = np.full(like.shape, _FILLS[number], dtype=kind) if own is None else own.copy()
        for first, last, array in part.others:
            found[..., first:last] = array
        return found


def _held(vector: Vector) -> Vector:
    """Return a vector without codes of absence where nothing is absent."""
    above, below, absent = vector
    return above, below, (absent if absent is not None and absent.any() else None)


def _types(column: Column) -> tuple[Any, Any, Any]:
    """Return the narrowest whole numbers that a column's range allows; None for what is kept as it is."""
    if column.kind != "number":
        return None, None, None
    return _whole_type(column.low, column.high), _whole_type(1, column.below), np.uint8


def _whole_type(low: int | None, high: int | None) -> Any:  # noqa: ANN401 (a type of numpy, or nothing)
    if low is None or high is None:
        return None
    most = max(-low - 1, high)
    return next((whole for bits, whole in _WHOLE if most < 2**bits), None)
