"""The cells of a column as read: their values, which are absent and why, and which are wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from vbc_rules.frames.columns.arrow import ArrowArray
from vbc_rules.frames.columns.quantities import Array

Message: TypeAlias = tuple[str, str]
"""A code, and what is wrong with a cell, said after its column's name."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Texts(Sequence[str]):
    """Texts that stay in Arrow until one is asked for."""

    array: ArrowArray

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 (as a sequence's)
        return self.array[place].as_py() if isinstance(place, int) else Texts(self.array[place])

    def __iter__(self) -> Iterator[str]:
        return iter(self.array.to_pylist())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RowNumbers(Sequence[int]):
    """The numbers of rows, which stay in an array until one is asked for."""

    array: Array

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 (as a sequence's)
        return RowNumbers(self.array[place]) if isinstance(place, slice) else int(self.array[place])

    def __iter__(self) -> Iterator[int]:
        return iter(self.array.tolist())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:  # noqa: ANN401, FBT001 (as numpy calls it)
        return np.array(self.array, dtype=dtype) if copy else np.asarray(self.array, dtype=dtype)


@dataclass(slots=True, eq=False, repr=False)
class Cells:
    """The cells of a column. `values`, `codes` and `texts` are those of a `FieldColumn`, codes of `absences`.

    `wrong` is 0 for what is in order, else 1 + the place in `messages` of what is wrong; None where all is in order.
    """

    values: Array
    codes: Array | None = None
    texts: list[str] | None = None
    wrong: Array | None = None
    messages: list[Message] = field(default_factory=list)

    def at(self, places: Array) -> Cells:
        """Return the cells at other places."""
        return Cells(
            self.values[places],
            None if self.codes is None else self.codes[places],
            self.texts,
            None if self.wrong is None else self.wrong[places],
            self.messages,
        )

    def mark(self, place: int, message: Message) -> None:
        """Note that a cell is wrong."""
        if self.wrong is None:
            self.wrong = np.zeros(len(self.values), dtype=np.int64)
        if message not in self.messages:
            self.messages.append(message)
        self.wrong[place] = self.messages.index(message) + 1
