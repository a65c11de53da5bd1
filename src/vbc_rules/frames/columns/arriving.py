"""Batches of Arrow that arrive one after another: rows counted through, what is wrong with them told at the end."""

from __future__ import annotations

from typing import Final

from vbc_rules.errors import InputError, InputProblem
from vbc_rules.frames.columns.arrow import ArrowArray
from vbc_rules.frames.columns.batches import Batches
from vbc_rules.frames.problems import MAX_TOLD
from vbc_rules.plan.layout import Population

_LONGEST: Final = 50
"""Characters of an identifier that stands in a message, as where rows are read one by one."""


class Arriving:
    """The batches of one table, or of a part of it, as they come."""

    def __init__(self, batches: Batches, counted: str) -> None:
        """Begin with row 1. `counted` says what the numbers of rows are, as in `row of the batch`."""
        self.batches = batches
        self._counted = counted
        self._told: list[InputProblem] = []
        self._first = 1

    @property
    def is_full(self) -> bool:
        """Whether so much is wrong that no more is told."""
        return self.batches.problems.total >= MAX_TOLD

    def read(self, table: ArrowArray) -> Population | None:
        """Return the rows of the next batch; None where some cannot be read. `passed` is called once it is computed."""
        population, found_wrong = self.batches.read(table, self._first)
        self.batches.problems.take(found_wrong)
        return population

    def passed(self, table: ArrowArray) -> None:
        """Note whose the problems of a batch are, which is computed."""
        self._told += [self._placed(one, table) for one in self.batches.problems.told[len(self._told) :]]
        self._first += table.num_rows

    def raise_if_any(self) -> None:
        """Raise InputError with the problems of all batches, if there are any."""
        if self._told:
            raise InputError(self._told) from None

    def _placed(self, one: InputProblem, table: ArrowArray) -> InputProblem:
        """Return a problem with whose it is: the identifier where it is public, else the row."""
        if one.row is None:
            return one
        resolved = self.batches.program.resolved
        whose = table.column(self.batches.mapping.tables[0].key)[one.row - self._first].as_py()
        if resolved.document.identifier_is_public and _is_shown(whose):
            return InputProblem(one.code, one.where, f"{one.message} ({resolved.participant} {whose})")
        return InputProblem(one.code, one.where, f"{one.message} ({self._counted})", one.row)


def _is_shown(identifier: object) -> bool:
    return isinstance(identifier, str) and 0 < len(identifier) <= _LONGEST and identifier.isprintable()
