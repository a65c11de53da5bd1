"""Whose rows a table holds: a participant's, a group's, or the cohort's; and how a row says whose it is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeAlias

from vbc_rules.frames import codes
from vbc_rules.frames.cells import CellError, CellValue, exact, make_reader
from vbc_rules.frames.mapping import Field, Table
from vbc_rules.frames.problems import Problems
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Datum
from vbc_rules.resolve.program import Program

Key: TypeAlias = Hashable
"""What tells a row's owner: an identifier, the values that a group goes by, or () of the cohort."""

Inputs: TypeAlias = dict[str, Any]
"""One participant's inputs by name, or a group's with the names it goes by; those of members and of items nested under
their level's name."""

Owner: TypeAlias = tuple[Key, Inputs] | None
"""The key of a row, and the inputs that hold it; None for a row that does not say whose it is."""


class Subject:
    """A root of the program whose inputs tables bring: participants, groups of a level, or the cohort."""

    def __init__(self, program: Program, root: str) -> None:
        self.name = root
        self.kind = program.levels[root].kind
        self._participant = program.participant

    @property
    def is_alone(self) -> bool:
        """Whether there is one of it, which no table lists."""
        return self.kind == COHORT

    def columns(self, table: Table) -> tuple[str, ...]:
        """Return the columns that say whose a row is."""
        if self.is_alone:
            return ()
        return (table.key,) if self.kind == "participant" else tuple(one.column for one in table.keys)

    def reader(self, table: Table, columns: Sequence[str], problems: Problems) -> Callable[[int, Sequence[str]], Owner]:
        """Return what tells whose a row is, by its number and its cells; it reports a row that does not say."""
        if self.is_alone:
            return lambda _number, _cells: ((), {})
        if self.kind == "participant":
            return self._by_identifier(table, columns.index(table.key), problems)
        return self._by_keys(table.keys, [columns.index(one.column) for one in table.keys], problems)

    def _by_identifier(self, table: Table, place: int, problems: Problems) -> Callable[[int, Sequence[str]], Owner]:
        def read(number: int, cells: Sequence[str]) -> Owner:
            key = cells[place]
            if key and key == key.strip() and key.isprintable():
                return key, {self._participant: key}
            what = (
                "is empty; write the identifier"
                if not key.strip()
                else "has spaces around it, or characters that cannot be seen"
            )
            problems.add(codes.BAD_KEY, self._participant, f"column `{table.key}` {what}", number)
            return None

        return read

    def _by_keys(
        self, keys: Sequence[Field], places: Sequence[int], problems: Problems
    ) -> Callable[[int, Sequence[str]], Owner]:
        readers = [(one, place, make_reader(one)) for one, place in zip(keys, places, strict=True)]

        def read(number: int, cells: Sequence[str]) -> Owner:
            given: dict[str, CellValue] = {}
            key: list[Datum] = []
            for field, place, reader in readers:
                where = f"{self.name}.{field.ref.name}"
                try:
                    value = reader(cells[place])
                except CellError as error:
                    problems.add(error.code, where, f"column `{field.column}` {error.message}", number)
                    continue
                if value is None or isinstance(value, Absent):
                    message = f"column `{field.column}` is what this {self.name} goes by, and is not there; fill it in"
                    problems.add(codes.BAD_KEY, where, message, number)
                    continue
                given[field.ref.name] = value
                key.append(exact(value, field.type))
            return (tuple(key), dict(given)) if len(key) == len(keys) else None

        return read
