"""The cells of a column as read: their values, which are absent and why, and which are wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from vbc_rules.frames.columns.quantities import Array

Message: TypeAlias = tuple[str, str]
"""A code, and what is wrong with a cell, said after its column's name."""


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
