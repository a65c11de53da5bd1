"""Files of data to one nested row of inputs a participant, in the shape that `Program.evaluate` takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from vbc_rules.errors import InputError, InputProblem
from vbc_rules.frames import codes, jsontext
from vbc_rules.frames.collecting import Collector, Participant, report_duplicate
from vbc_rules.frames.mapping import ColumnMapping, Role
from vbc_rules.frames.plain import needed_files, plain_mapping
from vbc_rules.frames.problems import Problems
from vbc_rules.frames.subjects import Inputs, Subject
from vbc_rules.resolve.program import Program

Data: TypeAlias = Path | Mapping[str, Path]
"""Where the data are: a folder, one file, or a file for each table by the table's name."""

INPUTS: Final[frozenset[Role]] = frozenset({"input"})


@dataclass(frozen=True, slots=True)
class RowSet:
    """What was read: the participants without a problem, and (row, identifier) of the others, who are `refused`.

    `problems` holds the first thousand problems, `total_problems` counts all. An identifier is ""
    where it cannot be told.
    """

    participants: tuple[Participant, ...]
    refused: tuple[tuple[int, str], ...] = field(repr=False)
    problems: tuple[InputProblem, ...]
    total_problems: int

    @property
    def rows(self) -> list[Inputs]:
        """The inputs of every participant without a problem, in the order of the first table."""
        return [participant.inputs for participant in self.participants]

    def raise_if_any(self) -> None:
        """Raise InputError with all problems told, if there are any."""
        if self.problems:
            raise InputError(self.problems)


def read_rows(mapping: ColumnMapping | None, data: Data, program: Program, roles: Collection[Role] = INPUTS) -> RowSet:
    """Return one nested row of inputs a participant, numbers as exact text, absences as `Absent`.

    Without a mapping, columns are named like the inputs, or a JSON file holds the rows as they are. With other
    `roles`, also the cells that are the rule's own or published figures are read.

    Raises InputError where a file cannot be read at all, or lacks a column; what is wrong with single rows is in the
    result.
    """
    problems = Problems()
    if mapping is None:
        if isinstance(data, Path) and data.suffix.lower() == ".json":
            return _json_rows(data, program, problems)
        files = _plain_files(data, program, problems)
        problems.raise_if_any()
        mapping = plain_mapping(program, files)
    else:
        files = _mapped_files(data, mapping, problems)
        problems.raise_if_any()
    collector = Collector(mapping, program, problems, Subject(program, program.participant))
    collector.collect(files, roles)
    return RowSet(collector.good, collector.refused, problems.told, problems.total)


def read_together(mapping: ColumnMapping, data: Data, program: Program) -> Mapping[str, tuple[Participant, ...]]:
    """Return what the tables of a mapping bring of levels of groups and of the cohort, by level.

    Raises InputError with what is wrong with any of them.
    """
    problems = Problems()
    files = _mapped_files(data, mapping, problems)
    problems.raise_if_any()
    found: dict[str, tuple[Participant, ...]] = {}
    for root in dict.fromkeys(table.root for table in mapping.tables if table.root):
        collector = Collector(mapping, program, problems, Subject(program, root))
        collector.collect(files, INPUTS)
        found[root] = collector.good
    problems.raise_if_any()
    return found


def _json_rows(path: Path, program: Program, problems: Problems) -> RowSet:
    found: list[Participant] = []
    refused: list[tuple[int, str]] = []
    seen: dict[str, int] = {}
    for number, item in jsontext.participants(path, problems):
        if item is None:
            refused.append((number, ""))
            continue
        key = item.get(program.participant)
        if isinstance(key, str) and seen.setdefault(key, number) != number:
            report_duplicate(program.participant, number, seen[key], problems)
            refused.append((number, key))
            continue
        found.append(Participant(key if isinstance(key, str) else "", number, item))
    if problems.broken_off:
        problems.raise_if_any()
    return RowSet(tuple(found), tuple(refused), problems.told, problems.total)


def _plain_files(data: Data, program: Program, problems: Problems) -> Mapping[str, Path]:
    participant = program.participant
    if isinstance(data, Path) and not data.is_dir():
        files: dict[str, Path] = {participant: data}
    elif isinstance(data, Path):
        names = program.levels_of(participant)
        files = {name: path for name in names if (path := data / f"{name}.csv").exists()}
    else:
        files = {participant: data[participant]} if participant in data else {}
        files.update(data)
    for name in (participant, *needed_files(program)):
        if name not in files:
            problems.add(codes.FILE, name, f"there is no file for it; write one named {name}.csv")
    for name in files:
        if name not in program.levels_of(participant):
            problems.add(codes.FILE, name, f"no level of the {participant} has this name")
    return files


def _mapped_files(data: Data, mapping: ColumnMapping, problems: Problems) -> Mapping[str, Path]:
    if not isinstance(data, Path):
        for table in mapping.tables:
            if table.name not in data:
                problems.add(codes.FILE, "", f"the table {table.name} has no file; name one")
        return data
    if data.is_dir():
        return {table.name: data / table.file for table in mapping.tables}
    if len(mapping.tables) > 1:
        problems.add(codes.FILE, "", f"the mapping reads {len(mapping.tables)} tables; name the folder of their files")
    return {mapping.tables[0].name: data}
