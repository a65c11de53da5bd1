"""Whose rows a Spark table holds: counted by identifier, so that each participant has one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from vbc_rules.errors import Code, UsageError
from vbc_rules.frames import codes
from vbc_rules.frames.columns.arrow import ArrowArray, joined
from vbc_rules.frames.columns.quantities import Array
from vbc_rules.frames.problems import MAX_TOLD, Problems

if TYPE_CHECKING:
    from vbc_rules.resolve.program import Program

_KEY, _ROWS = "key", "rows"


def check_identifiers(keys: DataFrame, program: Program, column: str) -> None:
    """Raise InputError for rows without an identifier, identifiers of several rows, and a table without rows.

    `keys` is the one column of identifiers, `column` its name in the table. This runs a job over that column alone,
    and one more where something is wrong. What else may be wrong with an identifier is found with the other cells.
    """
    # Text is compared byte by byte, whatever the column's collation.
    plain = keys.select(f.col(keys.columns[0]).cast("string").alias(_KEY))
    counted = plain.groupBy(_KEY).agg(f.count(f.lit(1)).alias(_ROWS))
    is_wrong = (f.col(_ROWS) > 1) | f.col(_KEY).isNull() | (f.trim(f.col(_KEY)) == "")
    totals = counted.agg(f.sum(_ROWS), f.sum(f.when(is_wrong, 1).otherwise(0))).first()
    rows, wrong = (0, 0) if totals is None else (totals[0] or 0, totals[1] or 0)
    problems = Problems()
    name = program.participant
    if not rows:
        problems.add(codes.FILE, "", f"the table of {name} has column names and no rows")
    if wrong:
        for found in counted.where(is_wrong).orderBy(_KEY).limit(MAX_TOLD).collect():
            _tell(found[_KEY], found[_ROWS], program, column, problems)
    problems.raise_if_any()


def _tell(key: str | None, rows: int, program: Program, column: str, problems: Problems) -> None:
    name = program.participant
    if key is None or not key.strip():
        those = "one row" if rows == 1 else f"{rows:,} rows"
        problems.add(codes.BAD_KEY, name, f"column `{column}` is empty in {those}; write the identifier")
        return
    whose = f" ({name} {key})" if program.document.identifier_is_public and key.isprintable() else ""
    problems.add(Code.DUPLICATE, name, f"the same {name} stands in {rows:,} rows; keep one{whose}")


def comes_out_differently() -> UsageError:
    """Return what to say where a job finds other rows than the one before."""
    message = "the table comes out differently each time it is computed; `persist()` it first, and give that"
    return UsageError(Code.USAGE, message)


class Places:
    """Where each participant stands among all, in the order of identifiers."""

    def __init__(self, keys: ArrowArray) -> None:
        """Take all identifiers, as text."""
        ordered = keys.take(pc.sort_indices(keys))
        width = pc.max(pc.binary_length(ordered)).as_py()
        self.keys = np.array(ordered.cast(pa.large_binary()).to_pylist(), dtype=f"S{width}")

    def of(self, identifiers: ArrowArray) -> Array:
        """Return the places of some participants, counted from 0. Raises UsageError for one that is not among all."""
        wanted = np.array(identifiers.cast(pa.large_binary()).to_pylist(), dtype=np.bytes_)
        places = np.searchsorted(self.keys, wanted)
        if len(places) and (int(places.max()) >= len(self.keys) or (self.keys[places] != wanted).any()):
            raise comes_out_differently()
        return places.astype(np.int64)


def places_of(keys: DataFrame) -> Places:
    """Return where each participant of a table stands, of its one column of identifiers, brought to the driver."""
    found = keys.select(f.col(keys.columns[0]).cast("string")).toArrow()
    return Places(joined(found.column(0)))
