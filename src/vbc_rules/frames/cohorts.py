"""A whole cohort over files: participants, groups and the cohort in; payments, groups and reconciled pools out."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from vbc_rules.api.pools import text_totals
from vbc_rules.api.standing import Status, standing_data
from vbc_rules.api.views import RootTrace, key_of
from vbc_rules.errors import Code, EvaluationError, InputError, InputProblem, UsageError
from vbc_rules.frames import codes
from vbc_rules.frames.collecting import Participant
from vbc_rules.frames.groups import GroupRow as Given
from vbc_rules.frames.groups import read_groups
from vbc_rules.frames.mapping import ColumnMapping, Role
from vbc_rules.frames.problems import Problems
from vbc_rules.frames.results import (
    Format,
    GroupResults,
    GroupRow,
    OutputColumn,
    ResultRow,
    Results,
    columns_of,
    group_columns_of,
    values_of,
    write_together,
)
from vbc_rules.frames.rows import INPUTS, Data, read_rows, read_together
from vbc_rules.frames.running import RunSummary, format_of
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.program import Program as Resolved

if TYPE_CHECKING:
    from vbc_rules.api.cohort import CohortResult
    from vbc_rules.api.program import Program


@dataclass(frozen=True, slots=True)
class CohortData:
    """What was read of a whole cohort: its participants and its groups, each with its row in its file, and its own."""

    participants: tuple[Participant, ...]
    groups: Mapping[str, Sequence[Given]]
    cohort: Mapping[str, object] = field(default_factory=dict, repr=False)


def read_cohort(
    program: Resolved,
    data: Data,
    mapping: ColumnMapping | None = None,
    groups: Mapping[str, Path] | None = None,
    roles: Collection[Role] = INPUTS,
) -> CohortData:
    """Return the participants and groups of files; `groups` has a file for each level of groups and what lies in it.

    Where `data` is a folder, files in it that are named like such levels are read, too, except of levels that the
    mapping has tables of. `roles` are those of `read_rows`. Raises InputError with what is wrong with any of them.
    """
    rows = read_rows(mapping, data, program, roles)
    problems = Problems()
    mapped: dict[str, tuple[Participant, ...]] = {}
    try:
        mapped.update({} if mapping is None else read_together(mapping, data, program))
    except InputError as error:
        raise InputError([*rows.problems, *error.problems]) from None
    files = dict(groups or {})
    for name in groups or ():
        if name in program.levels and program.root(name) in mapped:
            problems.add(codes.FILE, name, "the mapping has tables of it; leave this file out")
            del files[name]
    near = {name: path for name, path in _in_folder(program, data).items() if program.root(name) not in mapped}
    found = read_groups({**near, **files}, program, problems)
    if rows.problems or problems:
        raise InputError([*rows.problems, *problems.told])
    alone = mapped.pop(COHORT, ())
    given = {name: [Given(one.row, one.inputs) for one in ones] for name, ones in mapped.items()}
    return CohortData(rows.participants, {**found, **given}, alone[0].inputs if alone else {})


def _in_folder(program: Resolved, data: Data) -> Mapping[str, Path]:
    if not isinstance(data, Path) or not data.is_dir():
        return {}
    levels = [name for name in program.levels if program.levels[program.root(name)].kind == "groups"]
    return {name: path for name in levels if (path := data / f"{name}.csv").exists()}


def evaluate_files(
    program: Program,
    read: CohortData,
    *,
    cohort: Mapping[str, object] | None = None,
    parameters: Mapping[str, object] | None = None,
    as_of: datetime.date | None = None,
    status: Status | None = None,
) -> CohortResult:
    """Return the result of a cohort that was read from files; `cohort` has what is given beside the files.

    Raises InputError with the rows of the files, UsageError for an input of the cohort given twice.
    """
    for name in cohort or ():
        if name in read.cohort:
            raise UsageError(Code.USAGE, f"the cohort's input `{name}` stands in the files; give it once")
    try:
        return program.evaluate_cohort(
            [one.inputs for one in read.participants],
            cohort={**read.cohort, **(cohort or {})} or None,
            groups={name: [row.inputs for row in rows] for name, rows in read.groups.items()},
            parameters=parameters,
            as_of=as_of,
            status=status,
        )
    except InputError as error:
        placed = [_placed(problem, read, program.resolved) for problem in error.problems]
        raise InputError(_without_files(placed, read, program.resolved)) from None
    except EvaluationError as error:
        row = None if error.row is None else read.participants[error.row - 1].row
        raise EvaluationError(error.code, error.message, error.where, row) from None


def _without_files(problems: Sequence[InputProblem], read: CohortData, program: Resolved) -> list[InputProblem]:
    """Return the problems; where a level of groups has no file at all, that alone, and not each group without a row."""
    found: list[InputProblem] = []
    for problem in problems:
        level = program.levels.get(problem.where)
        if level is None or level.kind != "groups" or problem.code != Code.MISSING or level.name in read.groups:
            found.append(problem)
        elif not any(one.where == level.name for one in found):
            message = (
                f"its groups have inputs, and there is no file for it; name one, as in {level.name}={level.name}.csv"
            )
            found.append(InputProblem(codes.FILE, level.name, message))
    return found


def _placed(problem: InputProblem, read: CohortData, program: Resolved) -> InputProblem:
    """Return a problem with its row in the file. What lacks a row itself is told at the participant's."""
    if problem.row is None:
        return problem
    first, dot, _ = problem.where.partition(".")
    root = program.root(first) if dot and first in program.levels else program.participant
    rows: Sequence[Participant | Given] = read.groups.get(root, read.participants)
    return replace(problem, row=rows[problem.row - 1].row)


def run_cohort(
    program: Program,
    data: Data,
    mapping: ColumnMapping | None,
    output: Path,
    *,
    groups: Mapping[str, Path] | None = None,
    groups_out: Mapping[str, Path] | None = None,
    cohort: Mapping[str, object] | None = None,
    parameters: Mapping[str, object] | None = None,
    format: Format | None = None,
    as_of: datetime.date | None = None,
    status: Status | None = None,
) -> RunSummary:
    """Read a whole cohort, compute it, and write the participants' results to `output`.

    `groups_out` has a file for each level of groups to be written. Every participant's figures rest on all others', so
    one that cannot be read ends the run, and nothing is written; nor is any file where one cannot be. `as_of` and
    `status` are those of `Program.evaluate_cohort`, and stand in every file.

    Raises InputError with all problems of the files, EvaluationError, OSError where a file cannot be written,
    UsageError for a level of groups that there is not, or two files that are one.
    """
    _check_outputs(output, groups_out or {})
    read = read_cohort(program.resolved, data, mapping, groups)
    found = evaluate_files(program, read, cohort=cohort, parameters=parameters, as_of=as_of, status=status)
    tables = {found.groups(level).level: path for level, path in (groups_out or {}).items()}
    standing = {f"data_{name}": text for name, text in standing_data(as_of, status).items() if text is not None}
    columns = columns_of(program.resolved)
    # A participant's result stands in the order of the data, and so do the rows read.
    rows = [
        ResultRow(one.row, one.key or result.participant, "computed", values_of(result.trace, columns))
        for one, result in zip(read.participants, found, strict=True)
    ]
    totals = {name: str(text) for name, text in text_totals(found.totals()).items()}
    said = {
        **standing,
        "cohort": found.values.plain(),
        "totals": totals,
        "pools": [pool.to_dict() for pool in found.pools],
        "warnings": list(found.warnings),
    }
    name, participant = program.identifier, program.resolved.participant
    results = Results(name, participant, columns, rows, (), said, standing)
    groups_results = [
        (path, format_of(path, format), _group_results(found, level, standing)) for level, path in tables.items()
    ]
    write_together(output, format_of(output, format), results, groups_results)
    return RunSummary(name, len(rows), 0, (), totals, found.pools, found.warnings)


def _check_outputs(output: Path, groups_out: Mapping[str, Path]) -> None:
    taken = {output.resolve()}
    for level, path in groups_out.items():
        if path.resolve() in taken:
            message = f"the results of `{level}` would take the place of others in one file; name another file for them"
            raise UsageError(Code.USAGE, message)
        taken.add(path.resolve())


def _group_results(found: CohortResult, level: str, standing: Mapping[str, str]) -> GroupResults:
    program = found.program.resolved
    by = program.levels[level].by
    keys = tuple(OutputColumn(ref.name, ref, (), program.slots[ref].type) for ref in by)
    columns = group_columns_of(program, level)
    rows = [
        GroupRow(
            key_of(program, found.trace, level, one.number),
            values_of(RootTrace(program, found.trace, level, (one.number,)), columns),
            len(one.members),
        )
        for one in found.groups(level).values()
    ]
    return GroupResults(found.program.identifier, level, keys, columns, rows, standing, standing)
