"""Results to tables: figures as exact decimals, absences as null beside their reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import numpy as np
import pyarrow as pa

from vbc_rules.errors import Code, UsageError
from vbc_rules.frames.columns.arrow import ArrowArray
from vbc_rules.frames.columns.computing import Found
from vbc_rules.frames.columns.figures import figure_of, type_of
from vbc_rules.frames.columns.held import Texts
from vbc_rules.frames.results import OutputColumn, columns_of
from vbc_rules.plan.layout import Population
from vbc_rules.run.columns.table import FieldColumn, Table
from vbc_rules.source.nearest import nearest

if TYPE_CHECKING:
    from vbc_rules.api.program import Program

Kind: TypeAlias = Literal["polars", "pandas", "pyarrow"]

ROW: Final = "row"


def to_frame(found: Found, kind: Kind = "polars", columns: Sequence[str] | None = None) -> Any:  # noqa: ANN401 (of one of three libraries)
    """Return the results of participants as a table of Polars, pandas or PyArrow, in the order they were given.

    It has `row`, the row each had in the table given (from 1), the participant, then for each figure its value, null
    where it is absent, and in `.._absent` the reason. `columns` names the figures, as in `payment` or
    `instalment.january.reward`; without it they are the participant's values and payments, and its members' payments.
    Quantities are decimals with the digits that every value of the figure fits in, a percent as its fraction; a figure
    whose decimals may not end is text, as in results files.

    Raises UsageError for a figure there is not, for one beyond 38 digits, and for a library that is not installed.
    """
    if kind not in get_args(Kind):
        raise UsageError(Code.USAGE, "there are three kinds of tables; write 'polars', 'pandas' or 'pyarrow'")
    table = to_arrow(found, wanted_of(found.program, columns))
    try:
        if kind == "polars":
            import polars  # noqa: PLC0415 (only where it is asked for)

            return polars.from_arrow(table)
        if kind == "pandas":
            import pandas  # noqa: PLC0415 (only where it is asked for)

            # Types of Arrow, so that decimals stay exact, and a column with nulls what it is.
            return table.to_pandas(types_mapper=pandas.ArrowDtype)
    except ModuleNotFoundError:
        raise UsageError(Code.USAGE, f"{kind} is not installed; install it, or write kind='pyarrow'") from None
    return table


def wanted_of(program: Program, columns: Sequence[str] | None) -> tuple[OutputColumn, ...]:
    """Return the figures asked for by name, or those of results files. Raises UsageError for one there is not."""
    known = {column.name: column for column in columns_of(program.resolved)}
    if columns is None:
        return tuple(known.values())
    for name in columns:
        if name not in known:
            near = nearest(name, known)
            help = f"write `{near}`" if near else f"write some of {', '.join(f'`{one}`' for one in known)}"
            raise UsageError(Code.NO_SUCH_RESULT, f"there is no such figure of a participant; {help}")
    return tuple(known[name] for name in dict.fromkeys(columns))


def schema_of(program: Program, columns: Sequence[OutputColumn]) -> ArrowArray:
    """Return the columns that `to_arrow` gives, and their types, whatever the data."""
    fields = [(ROW, pa.int64()), (program.resolved.participant, pa.large_string())]
    for column in columns:
        fields += [
            (column.name, type_of(column, program.places(column.ref))),
            (f"{column.name}_absent", pa.large_string()),
        ]
    counts = Counter(name for name, _ in fields)
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice is not None:
        raise UsageError(Code.USAGE, f"two columns would be named `{twice}`; name the figures, and leave one out")
    return pa.schema(fields)


def to_arrow(found: Found, columns: Sequence[OutputColumn]) -> ArrowArray:
    """Return figures as a table of Arrow, in the order in which participants were given."""
    program, population = found.program, found.population
    schema = schema_of(program, columns)
    numbers = np.asarray(population.numbers, dtype=np.int64)
    arrays = [pa.array(numbers), identifiers_of(population)]
    for column in columns:
        try:
            arrays += figure_of(found.trace, column, program.places(column.ref), len(numbers))
        except OverflowError:
            message = f"`{column.name}` has more than 38 digits, which no column holds; leave it out"
            raise UsageError(Code.USAGE, message) from None
    table = pa.Table.from_arrays(arrays, schema=schema)
    in_order = len(numbers) < 2 or bool((numbers[1:] > numbers[:-1]).all())
    return table if in_order else table.take(pa.array(np.argsort(numbers, kind="stable")))


def identifiers_of(population: Population) -> ArrowArray:
    """Return who the participants are, in their order."""
    rows = population.participants
    if isinstance(rows, Table):
        column = rows.column(0)
        if isinstance(column, FieldColumn) and column.texts is not None:
            texts = column.texts.array if isinstance(column.texts, Texts) else pa.array(column.texts, pa.large_string())
            return texts.take(pa.array(column.values))
    return pa.array([str(row[0]) for row in rows], pa.large_string())
