"""Quantities in columns to whole numbers at a scale: a row that is not regular is left to the reader of single values.

Nothing is rounded: a row is `good` only where the whole number found is exactly the quantity and within its range.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa

from vbc_rules.frames.columns.arrow import ArrowArray

Array: TypeAlias = Any
"""A numpy array."""

Found: TypeAlias = tuple[Array, Array | None]
"""Whole numbers (int64), and which of them are right (bool; None where all are)."""

LEAST: Final = -(2**63)
MOST: Final = 2**63 - 1
_EXACT_POWERS: Final = 22
"""Powers of ten up to this one are binary floats themselves."""
_EXACT_DIGITS: Final = 10**15
"""Decimals with fewer digits than this has are told apart by binary floats, each by its own."""
_FITTING_DIGITS: Final = 18
"""Decimals of so many digits fit in 64 bits."""
_BLOCK: Final = 1 << 16
"""Rows taken apart at a time, so that what is put aside meanwhile stays small."""


def of_whole(numbers: Array, exponent: int, low: int, high: int) -> Found:
    """Return `numbers` times ten to `exponent`; good where that is a whole number from `low` to `high`."""
    low, high = max(low, LEAST), min(high, MOST)
    power: int = 10 ** abs(exponent)
    if power > MOST:
        return np.zeros(len(numbers), dtype=np.int64), (numbers == 0) & (low <= 0 <= high)
    if exponent >= 0:
        least, most = -(-low // power), high // power
        found = numbers if power == 1 else numbers * power
        return found, _between(numbers, least, most)
    found = numbers // power
    return found, both(found * power == numbers, _between(found, low, high))


def both(one: Array | None, other: Array | None) -> Array | None:
    """Return where both hold."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _between(numbers: Array, least: int, most: int) -> Array | None:
    if least <= most and len(numbers) and numbers.min() >= least and numbers.max() <= most:
        return None
    return (numbers >= least) & (numbers <= most)


def of_decimals(column: ArrowArray, exponent: int, low: int, high: int) -> Found:
    """Return an array of decimal128 times ten to `exponent`, as `of_whole`."""
    numbers, fits = words_of(column)
    found, good = of_whole(numbers, exponent - column.type.scale, low, high)
    return found, both(good, fits)


def words_of(column: ArrowArray) -> Found:
    """Return the unscaled numbers of an array of decimal128; good where they fit in 64 bits."""
    data = column.buffers()[1]
    count = len(column)
    if data is None or not count:
        return np.zeros(count, dtype=np.int64), None
    whole = np.frombuffer(data, dtype="<i8")
    pairs = whole[: len(whole) // 2 * 2].reshape(-1, 2)[column.offset : column.offset + count]
    if column.type.precision <= _FITTING_DIGITS:
        return np.ascontiguousarray(pairs[:, 0]), None
    low: Array = np.empty(count, dtype=np.int64)
    fits: Array | None = None
    for first in range(0, count, _BLOCK):
        last = min(first + _BLOCK, count)
        low[first:last] = pairs[first:last, 0]
        held = pairs[first:last, 1] == low[first:last] >> 63
        if fits is None and not held.all():
            fits = np.ones(count, dtype=np.bool_)
        if fits is not None:
            fits[first:last] = held
    return low, fits


def of_floats(numbers: Array, exponent: int, low: int, high: int) -> Found:
    """Return binary floats' shortest decimals times ten to `exponent`.

    Good where it is a whole number k of fewer than 16 digits, and k over the power of ten is the float again: the
    quotient is rounded correctly, and two decimals of so few digits never share a float, so k is the shortest one's.
    """
    if not 0 <= exponent <= _EXACT_POWERS:
        return np.zeros(len(numbers), dtype=np.int64), np.zeros(len(numbers), dtype=np.bool_)
    power = float(10**exponent)
    with np.errstate(all="ignore"):
        found = np.rint(numbers * power)
        good = (np.abs(found) < _EXACT_DIGITS) & (found / power == numbers)
    whole = np.where(good, found, 0).astype(np.int64)
    return whole, both(good, _between(whole, max(low, LEAST), min(high, MOST)))


def to_decimals(numbers: Array, absent: Array | None, scale: int) -> ArrowArray:
    """Return whole numbers over ten to `scale` as decimal128; null where `absent`."""
    pairs = np.empty((len(numbers), 2), dtype="<i8")
    pairs[:, 0] = numbers
    pairs[:, 1] = pairs[:, 0] >> 63
    valid = None if absent is None else pa.py_buffer(np.packbits(~absent, bitorder="little"))
    kind = pa.decimal128(38, scale)
    return pa.Array.from_buffers(kind, len(numbers), [valid, pa.py_buffer(pairs)])
