"""What participants have of some names, handed from the workers to the driver: whole numbers, words, reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vbc_rules.frames.columns.arrow import ArrowArray, joined
from vbc_rules.frames.spark.identifiers import comes_out_differently
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.columns import ColumnEngine
from vbc_rules.run.columns.batched import in_order, whole_numbers
from vbc_rules.run.columns.forms import Array, Column, Vector
from vbc_rules.run.columns.geometry import Geometry

PLACE: Final = "place"
WHOLE: Final = pa.decimal128(38, 0)
"""A whole number that may have more than 63 bits."""


class Handing:
    """The columns that some names of participants are handed over in: of a block of members, some for each."""

    def __init__(self, engine: ColumnEngine, refs: Sequence[Ref]) -> None:
        """Lay out columns for `refs`. Both sides do so, each with its own engine."""
        self._engine = engine
        self._refs = refs
        self._geometry = Geometry(engine.program)

    def schema(self) -> ArrowArray:
        """Return the columns, with the place of each participant first."""
        fields = [(PLACE, pa.int64())]
        for name, form, _, _ in self._slots():
            number = WHOLE if form.width == "object" else pa.int64()
            fields.append((name, {"word": pa.string(), "yes_no": pa.bool_()}.get(form.kind, number)))
            fields += [(f"{name}_below", WHOLE)] if form.has_denominator else []
            fields.append((f"{name}_absent", pa.string()))
        return pa.schema(fields)

    def _slots(self) -> Iterator[tuple[str, Column, Ref, int | None]]:
        for number, ref in enumerate(self._refs):
            form, members = self._engine.forms[ref], self._geometry.place(ref.level).members
            if members is None:
                yield f"n{number}", form, ref, None
            else:
                for row in range(len(members)):
                    yield f"n{number}_{row}", form, ref, row

    # --- where participants are

    def given(self, places: Array, vectors: Mapping[Ref, Vector]) -> ArrowArray:
        """Return as a table what a batch's participants have, who stand at `places` among all."""
        words, schema = self._engine.words, self.schema()
        texts = pa.array(words.texts or [""], pa.string())
        reasons = pa.array([None, *(absence.reason for absence in words.absences)], pa.string())
        found = {PLACE: pa.array(places)}
        for name, form, ref, row in self._slots():
            own = vectors[ref]
            above, below, codes = own if row is None else (None if part is None else part[row] for part in own)
            if form.kind == "word":
                found[name] = texts.take(pa.array(above))
            elif form.kind == "yes_no":
                found[name] = pa.array(above)
            else:
                found[name] = _numbers(above, schema.field(name).type)
            if form.has_denominator:
                found[f"{name}_below"] = _numbers(np.ones_like(places) if below is None else below, WHOLE)
            absent = np.zeros(len(places), dtype=np.uint8) if codes is None else codes
            found[f"{name}_absent"] = reasons.take(pa.array(absent))
        return pa.table(found, schema=schema)

    # --- where they are brought together

    def taken(self, table: ArrowArray, count: int) -> dict[Ref, Vector]:
        """Return what all participants have, in the order of their places. Raises UsageError if some are missing."""
        places = joined(table[PLACE]).to_numpy()
        if len(places) != count or not np.array_equal(np.sort(places), np.arange(count)):
            raise comes_out_differently()
        parts: dict[Ref, list[Vector]] = {ref: [] for ref in self._refs}
        for name, form, ref, _ in self._slots():
            above = self._read(joined(table[name]), form)
            below = _whole_of(joined(table[f"{name}_below"])) if form.has_denominator else None
            parts[ref].append((above, below, self._codes(joined(table[f"{name}_absent"]))))
        blocks = {ref: self._geometry.place(ref.level).members is not None for ref in self._refs}
        return {
            ref: in_order([(places, _stacked(found) if blocks[ref] else found[0])], count)
            for ref, found in parts.items()
        }

    def _read(self, column: ArrowArray, form: Column) -> Array:
        if form.kind == "yes_no":
            return column.to_numpy(zero_copy_only=False)
        if form.kind == "word":
            return self._coded(column, self._engine.words.number, np.int64)
        return _whole_of(column)

    def _codes(self, column: ArrowArray) -> Array | None:
        if column.null_count == len(column):
            return None
        return self._coded(
            pc.fill_null(column, ""), lambda text: self._engine.words.code(text) if text else 0, np.uint8
        )

    def _coded(self, column: ArrowArray, number: Any, kind: Any) -> Array:  # noqa: ANN401 (a function, a type)
        distinct = column.dictionary_encode()
        known = np.array([number(text) for text in distinct.dictionary.to_pylist()], dtype=kind)
        return known[distinct.indices.to_numpy()] if len(known) else np.zeros(0, dtype=kind)


def _numbers(numbers: Array, kind: ArrowArray) -> ArrowArray:
    if numbers.dtype == object:
        return pa.array([Decimal(int(number)) for number in numbers], WHOLE).cast(kind)
    return pa.array(whole_numbers(numbers)).cast(kind)


def _whole_of(column: ArrowArray) -> Array:
    if not pa.types.is_decimal(column.type):
        return column.to_numpy()
    numbers = [int(number) for number in column.to_pylist()]
    return np.array(numbers, dtype=np.int64 if all(abs(number) < 2**62 for number in numbers) else object)


def _stacked(found: Sequence[Vector]) -> Vector:
    """Return the columns of members as a block."""
    below = None if found[0][1] is None else np.stack([part[1] for part in found])
    codes = None
    if any(part[2] is not None for part in found):
        none = np.zeros(len(found[0][0]), dtype=np.uint8)
        codes = np.stack([none if part[2] is None else part[2] for part in found])
    return np.stack([part[0] for part in found]), below, codes
