"""Tables to the columns that the columnar engine takes, with the names, readings and rules of files of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from vbc_rules.errors import Code, UsageError
from vbc_rules.frames import codes
from vbc_rules.frames.columns.arrow import Frame, frame_of
from vbc_rules.frames.columns.held import RowNumbers
from vbc_rules.frames.columns.joining import Joined, Readers, Source, join
from vbc_rules.frames.columns.naming import plain_columns
from vbc_rules.frames.columns.quantities import Array
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.mapping import Table as NamedTable
from vbc_rules.frames.plain import needed_files
from vbc_rules.frames.problems import Problems
from vbc_rules.frames.running import Runnable
from vbc_rules.plan.layout import Population, Row
from vbc_rules.resolve.program import Program
from vbc_rules.run.columns.table import Table
from vbc_rules.run.reading.numbers import Floats
from vbc_rules.source.nearest import nearest


@dataclass(frozen=True, slots=True, eq=False)
class Participants:
    """Participants read from tables: their rows in the order of identifiers, and which row of the table each was."""

    table: Table
    numbers: Array

    def __len__(self) -> int:
        return self.table.length

    def __repr__(self) -> str:
        return f"<Participants: {len(self)} rows in columns>"

    def population(self, cohort: Row = (), groups: Mapping[str, tuple[Row, ...]] | None = None) -> Population:
        """Return the population of these participants; `cohort` and `groups` are those of `Program.read_cohort`."""
        return Population(cohort, self.table, RowNumbers(self.numbers), groups or {})


def read_table(
    frame: object | Mapping[str, object],
    program: Program | Runnable,
    mapping: ColumnMapping | None = None,
    *,
    floats: Floats = "refuse",
    missing: Mapping[str, str] | None = None,
) -> Participants:
    """Return the participants of a pandas, Polars or PyArrow table, or of several by name, as columns.

    Without a mapping, columns are named like the inputs and tables like the levels, as in files of rows. A column of
    text is read as a cell of a file is. Whole numbers, decimals, yes or no and dates are taken as they are, a percent
    as its fraction where no reading is declared. A cell without a value (null, None, NaN) is what an empty cell of a
    file is: a mapping, or `missing` as in `{"": "not_reported"}`, says what it means. Binary floats are refused;
    `floats="shortest"` takes each by its shortest text of at most 15 digits.

    Raises InputError with every problem, by column and row (from 1), up to a thousand, and no value; UsageError for
    what is no table, and where `missing` and a mapping are both given.
    """
    resolved = program if isinstance(program, Program) else program.resolved
    if floats not in get_args(Floats):
        raise UsageError(Code.USAGE, "`floats` is one of two words; write 'refuse' or 'shortest'")
    if missing and mapping is not None:
        raise UsageError(Code.USAGE, "the mapping says what missing cells mean; leave `missing` out")
    first = resolved.participant if mapping is None else mapping.tables[0].name
    given = frame if isinstance(frame, Mapping) else {first: frame}
    frames = {str(name): frame_of(table) for name, table in given.items()}
    problems = Problems()
    _check_names(frames, resolved, mapping, problems)
    problems.raise_if_any()
    if mapping is None:
        mapping = plain_columns(resolved, {name: table.names for name, table in frames.items()}, missing)
    joined = read_frames(frames, resolved, mapping, floats, problems)
    problems.raise_if_any()
    return Participants(joined.table, joined.numbers)


def read_frames(
    frames: Mapping[str, Frame],
    program: Program,
    mapping: ColumnMapping,
    floats: Floats,
    problems: Problems,
    first_row: int = 1,
    readers: Readers | None = None,
) -> Joined:
    """Return the participants of tables by name; what is wrong stands in `problems`. Raises InputError with it."""
    tables = [table for table in mapping.tables if not table.root]
    sources = {table.name: _source(table, frames[table.name], mapping, problems, first_row) for table in tables}
    problems.raise_if_any()
    return join(program, mapping, {name: one for name, one in sources.items() if one}, floats, problems, readers)


def check_frame(table: NamedTable, frame: Frame, mapping: ColumnMapping, problems: Problems) -> tuple[str, ...] | None:
    """Return the columns that are read of a table; None after having reported what it lacks."""
    placements = [place for place in mapping.placements if place.table == table.name]
    wanted = dict.fromkeys((table.key, *(column for column, _ in table.where)))
    for place in placements:
        if place.member_column:
            wanted[place.member_column] = None
        wanted.update((one.column, None) for one in place.fields if one.role == "input")
    before = problems.total
    _check_columns(table, frame, tuple(wanted), problems, is_strict=mapping.strict)
    if problems.total == before and not frame.length and any(place.kind != "items" for place in placements):
        problems.add(codes.FILE, "", f"the table of {table.name} has column names and no rows")
    return None if problems.total > before else tuple(wanted)


def _source(
    table: NamedTable, frame: Frame, mapping: ColumnMapping, problems: Problems, first_row: int
) -> Source | None:
    wanted = check_frame(table, frame, mapping, problems)
    return None if wanted is None else Source.of(table, frame, wanted, first_row, problems)


def _check_columns(
    table: NamedTable, frame: Frame, wanted: tuple[str, ...], problems: Problems, *, is_strict: bool
) -> None:
    if is_strict and not set(frame.names) & set(wanted):
        message = f"the table of {table.name} has no column of the program; name its columns, or give a mapping"
        problems.add(codes.MISSING_COLUMN, "", message)
        return
    for column in frame.names if is_strict else ():
        if column not in wanted:
            near = nearest(column, wanted)
            advice = f"write `{near}`" if near else "leave it out"
            problems.add(
                codes.UNKNOWN_COLUMN, "", f"the table of {table.name} has the unknown column `{column}`; {advice}"
            )
    for column in wanted:
        if column not in frame.names:
            near = nearest(column, frame.names) if not is_strict else None
            advice = f"; the nearest is `{near}`" if near else ""
            problems.add(codes.MISSING_COLUMN, "", f"the table of {table.name} has no column `{column}`{advice}")


def _check_names(
    frames: Mapping[str, Frame], program: Program, mapping: ColumnMapping | None, problems: Problems
) -> None:
    """Report tables that are not there, and those that are of nothing."""
    if mapping is not None:
        wanted = [table.name for table in mapping.tables if not table.root]
        known = wanted
    else:
        wanted = [program.participant, *needed_files(program)]
        known = program.levels_of(program.participant)  # type: ignore[assignment]
    for name in wanted:
        if name not in frames:
            problems.add(codes.FILE, name, f"there is no table for it; give one, as in {{'{name}': ..}}")
    for name in frames:
        if name not in known:
            what = f"no level of the {program.participant}" if mapping is None else "no table of the mapping"
            problems.add(codes.FILE, name, f"{what} has this name")
