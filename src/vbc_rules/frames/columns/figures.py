"""Figures that an engine found to columns of Arrow: from its arrays where it has them, else value by value."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import pyarrow as pa

from vbc_rules.frames.columns import quantities
from vbc_rules.frames.columns.arrow import ArrowArray
from vbc_rules.frames.columns.quantities import Array
from vbc_rules.frames.results import OutputColumn, render
from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.resolve.expressions import Datum
from vbc_rules.run.columns.run import ColumnRun
from vbc_rules.run.scalar.cohort_trace import ScalarCohortTrace

if TYPE_CHECKING:
    from vbc_rules.run.trace import CohortTrace

Pair: TypeAlias = tuple[ArrowArray, ArrowArray]
"""A figure's values, null where it is absent, and the reasons of its absences."""

EPOCH: Final = datetime.date(1970, 1, 1).toordinal()
DIGITS: Final = 38
"""Decimals in columns have no more digits than this."""


def type_of(column: OutputColumn, places: int | None) -> ArrowArray:
    """Return the Arrow type of a figure; `places` are the decimals that every value of it fits in, None: no such."""
    if column.type.is_numeric:
        scale = scale_of(column, places)
        return pa.large_string() if scale is None else pa.decimal128(DIGITS, scale)
    if column.type.kind == "yes_no":
        return pa.bool_()
    return pa.date32() if column.type.kind == "date" else pa.large_string()


def scale_of(column: OutputColumn, places: int | None) -> int | None:
    """Return the decimals a figure is written with; None where they may not end."""
    if places is None or places > DIGITS:
        return None
    return max(places, 2 if column.type.kind == "money" else 0)


def figure_of(trace: CohortTrace, column: OutputColumn, places: int | None, count: int) -> Pair:
    """Return a figure of every participant, in the order of their identifiers.

    Raises OverflowError where a decimal has more than 38 digits.
    """
    kind = type_of(column, places)
    scale = scale_of(column, places) if column.type.is_numeric else None
    fast = _of_arrays(trace, column, scale, count)
    return fast if fast is not None else _of_values(_values(trace, column, count), column, kind, scale)


# --- from arrays


def _of_arrays(trace: CohortTrace, column: OutputColumn, scale: int | None, count: int) -> Pair | None:
    """Return a figure from what columns found; None where they do not hold it, or not as it is written."""
    run = getattr(trace, "_run", None)
    if not isinstance(trace, ScalarCohortTrace) or not isinstance(run, ColumnRun):
        return None
    engine, ref = run.engine, column.ref
    known = engine.known.get((ref, column.path))
    if ref not in engine.forms or known is None or known.carrier.is_constant:
        return None
    above, below, codes = run.vector(ref)
    members = run.geometry.place(ref.level).members
    if members is not None:
        row = members.index(column.path)
        above, below, codes = (None if part is None else part[row] for part in (above, below, codes))
    codes = np.zeros(count, dtype=np.uint8) if codes is None else codes
    if known.only_members and run.inside is not None:
        codes = np.where(run.inside, codes, np.uint8(engine.words.code(NOT_IN_PROGRAM)))
    absent = codes != 0
    reasons = _reasons(codes, [absence.reason for absence in engine.words.absences])
    kind = engine.forms[ref].kind
    if kind == "number":
        if scale is None or above.dtype == object:
            return None
        numbers = _scaled(np.where(absent, 0, above).astype(np.int64), below, known.carrier.divisor, scale, absent)
        return None if numbers is None else (quantities.to_decimals(numbers, absent, scale), reasons)
    if kind == "yes_no":
        return pa.array(above.astype(np.bool_), mask=absent), reasons
    if kind == "date":
        days = np.where(absent, EPOCH, above).astype(np.int64) - EPOCH
        return pa.array(days.astype(np.int32), pa.int32(), mask=absent).cast(pa.date32()), reasons
    places = np.where(absent, 0, above).astype(np.int64)
    used = np.unique(places)
    texts = pa.array([engine.words.texts[place] if engine.words.texts else "" for place in used], pa.large_string())
    return texts.take(pa.array(np.searchsorted(used, places), mask=absent)), reasons


def _scaled(numbers: Array, below: Array, divisor: int, scale: int, absent: Array) -> Array | None:
    """Return numbers over `divisor` (and `below`) as whole numbers at a scale; None unless all fit in 64 bits."""
    factor = 10**scale
    common = int(np.gcd(factor, divisor)) if max(factor, divisor) <= quantities.MOST else 1
    factor, divisor = factor // common, divisor // common
    most = int(np.abs(numbers).max(initial=0))
    if factor * most > quantities.MOST or divisor > quantities.MOST:
        return None
    scaled = numbers * factor
    if below is not None:
        if below.dtype == object:
            return None
        under = np.where(absent, 1, below).astype(np.int64)
        if divisor * int(under.max(initial=1)) > quantities.MOST:
            return None
        under = under * divisor
    elif divisor == 1:
        return scaled
    else:
        under = np.array(divisor)
    found = scaled // under
    return found if bool((found * under == scaled).all()) else None


def _reasons(codes: Array, reasons: Sequence[str]) -> ArrowArray:
    known = pa.array([*reasons, ""], pa.large_string())
    return known.take(pa.array(np.maximum(codes.astype(np.int64) - 1, 0), mask=codes == 0))


# --- value by value


def _values(trace: CohortTrace, column: OutputColumn, count: int) -> Iterable[Datum]:
    return (trace.value(column.ref, (number, *column.path)) for number in range(count))


def _of_values(values: Iterable[Datum], column: OutputColumn, kind: ArrowArray, scale: int | None) -> Pair:
    found: list[object] = []
    reasons: list[str | None] = []
    for value in values:
        reasons.append(value.reason if isinstance(value, Absent) else None)
        if isinstance(value, Absent):
            found.append(None)
        elif isinstance(value, Fraction):
            found.append(render(value, column.type) if scale is None else _decimal(value, scale))
        else:
            found.append(value)
    return pa.array(found, kind), pa.array(reasons, pa.large_string())


def _decimal(value: Fraction, scale: int) -> Decimal:
    scaled = value * 10**scale
    if scaled.denominator != 1:
        raise ArithmeticError("a value has more decimals than its program was found to give it")
    if abs(scaled.numerator) >= 10**DIGITS:
        raise OverflowError
    digits = tuple(map(int, str(abs(scaled.numerator))))
    return Decimal((int(scaled < 0), digits, -scale))
