"""A whole cohort to a population: every row read, told apart and put in order, every problem of every row at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from vbc_rules.errors import Code, InputError, InputProblem
from vbc_rules.plan.layout import Layout, Population, Row
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.program import Program
from vbc_rules.run.reading.numbers import Floats
from vbc_rules.run.reading.reader import Reader, compile_reader
from vbc_rules.source.nearest import nearest

Given: TypeAlias = Mapping[str, object]

MAX_TOLD: Final = 1_000
"""Problems told in full: past this one mistake is being repeated."""


class _Problems:
    """Collects problems; past `MAX_TOLD` they are only counted."""

    def __init__(self) -> None:
        self._told: list[InputProblem] = []
        self._more = 0

    def add(self, *problems: InputProblem) -> None:
        room = MAX_TOLD - len(self._told)
        self._told += problems[:room]
        self._more += len(problems[room:])

    def raise_if_any(self) -> None:
        if self._more:
            message = f"and {self._more:,} more problems; correct these first"
            self._told.append(InputProblem(Code.TOO_MANY, "", message))
        if self._told:
            raise InputError(self._told)


@dataclass(frozen=True, slots=True, eq=False)
class PopulationReader:
    """Reads what is given of a whole cohort; `layouts` has the layout of the rows of each root."""

    layouts: Mapping[str, Layout]
    _program: Program
    _readers: Mapping[str, Reader]

    def read(
        self,
        rows: Iterable[object],
        *,
        cohort: Given | None = None,
        groups: Mapping[str, object] | None = None,
        parameters: Given | None = None,
    ) -> Population:
        """Return the population: participants in the order of their identifiers, groups as they are given.

        Each of `rows` is one participant as `Reader.read` takes it, with its identifier; `groups` has the rows of a
        level of groups under its name, each with the names that its groups go by and with its inputs; `cohort` has the
        cohort's inputs, `parameters` the required parameters. Raises InputError with every problem of every row, up to
        a thousand, with the number of those beyond. A problem of a group has its row in the table of its level, and
        stands at `organization.bonus`.
        """
        problems = _Problems()
        top = self._one(COHORT, cohort or {}, problems, parameters=parameters, prefix=COHORT)
        people = self._participants(rows, problems)
        found = self._groups(groups or {}, problems)
        problems.raise_if_any()
        people.sort(key=lambda one: str(one[1][0]))
        return Population(
            top or (),
            tuple(row for _, row in people),
            tuple(number for number, _ in people),
            found,
        )

    def _one(
        self,
        root: str,
        given: object,
        problems: _Problems,
        *,
        parameters: Given | None = None,
        row: int | None = None,
        prefix: str = "",
    ) -> Row | None:
        try:
            # What is no names with their values is told by the reader.
            return self._readers[root].read(given, parameters=parameters, row=row, prefix=prefix)  # type: ignore[arg-type]
        except InputError as error:
            problems.add(*error.problems)
            return None

    def _participants(self, rows: Iterable[object], problems: _Problems) -> list[tuple[int, Row]]:
        participant = self._program.participant
        found: list[tuple[int, Row]] = []
        first_with: dict[object, int] = {}
        for number, given in enumerate(rows, 1):
            if isinstance(given, Mapping) and participant not in given:
                message = "not given; write the identifier, which tells the participants of a cohort apart"
                problems.add(InputProblem(Code.MISSING, participant, message, number))
            row = self._one(participant, given, problems, row=number)
            # A row with other problems may yet have the identifier of another row.
            key = row[0] if row is not None else given.get(participant) if isinstance(given, Mapping) else None
            if isinstance(key, str) and key and (first := first_with.setdefault(key, number)) != number:
                message = f"the same {participant} stands in row {first} already"
                problems.add(InputProblem(Code.DUPLICATE, participant, message, number))
            if row is not None:
                found.append((number, row))
        return found

    def _groups(self, groups: Mapping[str, object], problems: _Problems) -> Mapping[str, tuple[Row, ...]]:
        known = [name for name, level in self._program.levels.items() if level.kind == "groups"]
        found: dict[str, tuple[Row, ...]] = {}
        for number, (name, rows) in enumerate(groups.items(), 1):
            if name in known:
                found[name] = self._group(name, rows, problems)
                continue
            close = nearest(str(name), known)
            help = f"write `{close}`" if close else f"write {' or '.join(f'`{one}`' for one in known)}"
            if not known:
                help = "leave it out: this program has none"
            # A name close to a valid one is a misspelt name and is shown; any other may be a value in the wrong place.
            where, what = (str(name), "there is no such level of groups") if close else ("groups", f"entry {number}")
            message = f"{what}; {help}" if close else f"{what} is no level of groups; {help}"
            problems.add(InputProblem(Code.UNKNOWN, where, message))
        return found

    def _group(self, name: str, rows: object, problems: _Problems) -> tuple[Row, ...]:
        if isinstance(rows, Mapping | str | bytes) or not isinstance(rows, Iterable):
            message = "needs the rows of its groups; write them in a list, each with the names they go by"
            problems.add(InputProblem(Code.WRONG_TYPE, name, message))
            return ()
        by = self._program.levels[name].by
        found: list[Row] = []
        first_with: dict[Row, int] = {}
        for number, given in enumerate(rows, 1):
            row = self._one(name, given, problems, row=number, prefix=name)
            if row is None:
                continue
            found.append(row)
            if (first := first_with.setdefault(row[: len(by)], number)) != number:
                keys = " and ".join(f"`{ref.name}`" for ref in by)
                message = f"has the same {keys} as row {first}; give each group one row"
                problems.add(InputProblem(Code.DUPLICATE, name, message, number))
        return tuple(found)


def compile_population_reader(
    layouts: Mapping[str, Layout], program: Program, *, floats: Floats = "refuse"
) -> PopulationReader:
    """Return the reader of whole cohorts, whose rows have the layouts of `make_layouts`.

    Raises ValueError where two things given together go by one name.
    """
    readers = {root: compile_reader(layout, program, floats=floats) for root, layout in layouts.items()}
    return PopulationReader(layouts, program, MappingProxyType(readers))
