"""The columns of a table checked against a program by their names and types, before any row is there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pyarrow as pa

from vbc_rules.frames.columns.arrow import ArrowArray, Frame
from vbc_rules.frames.columns.batches import needed_columns
from vbc_rules.frames.columns.cells import ColumnReader
from vbc_rules.frames.columns.joining import Source, fields_of, join
from vbc_rules.frames.columns.reading import check_frame
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.problems import Problems
from vbc_rules.plan.layout import make_layouts
from vbc_rules.resolve.program import Program
from vbc_rules.run.reading.numbers import Floats
from vbc_rules.run.settle import place

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def check_schema(
    program: Program,
    arrives: Mapping[str, ArrowArray],
    mapping: ColumnMapping,
    floats: Floats,
    others: Mapping[str, str] = _NOTHING,
) -> tuple[str, ...]:
    """Return the columns that are read of a table, the identifier's first.

    `arrives` has the type of Arrow of each column, in their order; None for one that Arrow has no type for, which
    `others` then names. Raises InputError with every problem of the columns.
    """
    problems = Problems()
    table = mapping.tables[0]
    # Whether there are rows is not known before they are there.
    check_frame(table, Frame(tuple(arrives), 1, None), mapping, problems)
    problems.raise_if_any()
    needed = needed_columns(mapping)
    _check_types(program, arrives, others, mapping, floats, problems)
    problems.raise_if_any()
    empty = {name: pa.array([], arrives[name]) for name in needed}
    join(program, mapping, {table.name: Source(table, empty, np.arange(0))}, floats, problems)
    problems.raise_if_any()
    return needed


def _check_types(
    program: Program,
    arrives: Mapping[str, ArrowArray],
    others: Mapping[str, str],
    mapping: ColumnMapping,
    floats: Floats,
    problems: Problems,
) -> None:
    """Report columns of a type that is not read for their inputs."""
    fields = fields_of(make_layouts(program)[program.participant])
    for one in (one for each in mapping.placements for one in each.fields):
        field = fields.get((one.ref, one.member))
        if one.role != "input" or one.always is not None or field is None:
            continue
        kind = arrives[one.column]
        reader = ColumnReader(one, field, floats, is_plain=mapping.strict)
        refused = reader.refusal(kind) if kind is not None else reader.not_read(others[one.column])
        if refused is not None:
            code, message = refused
            problems.add(str(code), place(program, field.ref, field.path), f"column `{one.column}` {message}")
