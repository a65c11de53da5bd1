"""A program over files: inputs in, results out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import merge
from pathlib import Path
from typing import Literal, Protocol

from vbc_rules.api.pools import Pool
from vbc_rules.errors import Code, EvaluationError, InputError, InputProblem, UsageError, VbcError
from vbc_rules.frames.collecting import Participant
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.results import Format, ResultRow, Results, columns_of, values_of, write_results
from vbc_rules.frames.rows import Data, read_rows
from vbc_rules.frames.subjects import Inputs
from vbc_rules.resolve.program import Program
from vbc_rules.run.trace import Trace


class Evaluated(Protocol):
    """A result, as far as it is read here."""

    @property
    def trace(self) -> Trace: ...


class Runnable(Protocol):
    """A program that can be evaluated, as far as it is used here."""

    @property
    def resolved(self) -> Program: ...

    def evaluate_many(
        self, rows: Iterable[Inputs], parameters: Mapping[str, object] | None = None
    ) -> Iterator[Evaluated | VbcError]:
        """Give a result or an error per row, in order; an error's row is the position among `rows`, from 1."""
        ...


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did. `problems` holds the first thousand or so; every skipped participant is counted in `skipped`."""

    program: str
    computed: int
    skipped: int
    problems: tuple[InputProblem, ...]
    totals: Mapping[str, str] = field(default_factory=dict)
    """Of a whole cohort: the sum of each payment, as text."""
    pools: tuple[Pool, ...] = ()
    """Of a whole cohort: each pool beside what was paid from it."""
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the summary as plain data; totals, pools and warnings only where a whole cohort was computed."""
        found: dict[str, object] = {
            "program": self.program,
            "computed": self.computed,
            "skipped": self.skipped,
            "problems": [problem.to_dict() for problem in self.problems],
        }
        if self.totals or self.pools:
            found["totals"] = dict(self.totals)
            found["pools"] = [pool.to_dict() for pool in self.pools]
            found["warnings"] = list(self.warnings)
        return found


def problems_of(error: VbcError, row: int) -> tuple[InputProblem, ...]:
    """Return what an error says about one participant, placed at its row of the file."""
    if isinstance(error, InputError):
        return tuple(replace(problem, row=row) for problem in error.problems)
    if isinstance(error, EvaluationError):
        return (InputProblem(error.code, error.where, error.args[1], row),)
    return (InputProblem(error.code, "", str(error), row),)


def evaluated(
    program: Runnable, participants: Iterable[Participant], parameters: Mapping[str, object] | None
) -> Iterator[tuple[Participant, Evaluated | VbcError]]:
    """Yield each participant with its result or error."""
    people = tuple(participants)
    yield from zip(people, program.evaluate_many((one.inputs for one in people), parameters=parameters), strict=True)


def run_program(
    program: Runnable,
    data: Data,
    mapping: ColumnMapping | None,
    output: Path,
    on_error: Literal["stop", "skip"] = "stop",
    *,
    parameters: Mapping[str, object] | None = None,
    format: Format | None = None,
    standing: Mapping[str, str] | None = None,
) -> RunSummary:
    """Read inputs, compute, and write the results to `output` (`.csv` or `.json`, or `format`).

    With `stop`, the first participant that cannot be computed ends the run and nothing is written; with `skip`, it
    stands in the output as skipped. `standing` is written beside the results: up to which day the data were known. For
    a program that needs the whole cohort, see `run_cohort`.

    Raises InputError (all problems of the files, or those of the first participant refused), EvaluationError, or
    OSError where `output` cannot be written, UsageError for a mapping that brings inputs of groups or of the cohort.
    """
    if mapping is not None and mapping.is_of_cohort:
        raise UsageError(Code.USAGE, "the mapping brings inputs of groups or of the cohort; write `run_cohort`")
    rows = read_rows(mapping, data, program.resolved)
    if on_error == "stop":
        rows.raise_if_any()
    problems = list(rows.problems)
    document = program.resolved.document
    name = f"{document.program.text}@{document.edition.text}"
    columns = columns_of(program.resolved)
    counts = {"computed": 0, "skipped": 0}

    def unread() -> Iterator[ResultRow]:
        for row, key in rows.refused:
            counts["skipped"] += 1
            yield ResultRow(row, key, "skipped", ())

    def results() -> Iterator[ResultRow]:
        for one, result in evaluated(program, rows.participants, parameters):
            if isinstance(result, VbcError):
                found = problems_of(result, one.row)
                if on_error == "stop":
                    raise InputError(found) if isinstance(result, InputError) else result
                problems.extend(found)
                counts["skipped"] += 1
                yield ResultRow(one.row, one.key, "skipped", ())
            else:
                counts["computed"] += 1
                yield ResultRow(one.row, one.key, "computed", values_of(result.trace, columns))

    in_order = merge(unread(), results(), key=lambda one: one.row)
    said = dict(standing or {})
    results_ = Results(name, program.resolved.participant, columns, in_order, problems, said, said)
    write_results(output, format_of(output, format), results_)
    return RunSummary(name, counts["computed"], counts["skipped"], tuple(problems))


def format_of(output: Path, format: Format | None) -> Format:
    """Return how a file is written: as asked for, else as its name says, else as CSV."""
    return format or ("json" if output.suffix.lower() == ".json" else "csv")
