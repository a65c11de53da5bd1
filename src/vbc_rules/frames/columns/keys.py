"""Whose rows a table holds: identifiers checked, put in order, and found again in other tables."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vbc_rules.errors import Code
from vbc_rules.frames import codes
from vbc_rules.frames.collecting import report_duplicate
from vbc_rules.frames.columns.arrow import ArrowArray
from vbc_rules.frames.columns.quantities import Array
from vbc_rules.frames.problems import MAX_TOLD, Problems
from vbc_rules.run.reading.cells import MAX_TEXT

_SEEN: Final = rf"^[!-~](?:[ -~]{{0,{MAX_TEXT - 2}}}[!-~])?$"


def check_keys(keys: ArrowArray, numbers: Array, name: str, column: str, problems: Problems) -> bool:
    """Tell whether every row has an identifier; report those that have none, or none that can be read."""
    if pa.types.is_null(keys.type):
        keys = keys.cast(pa.large_string())
    if not pa.types.is_large_string(keys.type):
        message = f"column `{column}` is not text; write the identifier as text, with its leading zeros"
        problems.add(Code.WRONG_TYPE, name, message)
        return False
    if _are_plain(keys):
        return True
    plain = pc.fill_null(pc.match_substring_regex(keys, _SEEN), fill_value=False)
    odd = np.flatnonzero(~plain.to_numpy(zero_copy_only=False))
    before = problems.total
    for place in odd.tolist():
        what = _wrong_with(keys[place].as_py())
        if what:
            problems.add(codes.BAD_KEY, name, f"column `{column}` {what}", int(numbers[place]))
    return problems.total == before


def _are_plain(keys: ArrowArray) -> bool:
    """Tell whether all are some letters, digits and signs of ASCII without a space: mostly they are, told at once."""
    if keys.null_count or not len(keys):
        return False
    _, ends, data = keys.buffers()
    offsets = np.frombuffer(ends, dtype=np.int64)[keys.offset : keys.offset + len(keys) + 1]
    lengths = np.diff(offsets)
    if int(lengths.min()) < 1 or int(lengths.max()) > MAX_TEXT:
        return False
    seen = np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]]
    return int(seen.min()) > ord(" ") and int(seen.max()) <= ord("~")


def _wrong_with(key: str | None) -> str:
    if key is None or not key.strip():
        return "is empty; write the identifier"
    if key != key.strip() or not key.isprintable():
        return "has spaces around it, or characters that cannot be seen"
    return f"is longer than {MAX_TEXT} characters; write a shorter identifier" if len(key) > MAX_TEXT else ""


def in_order(keys: ArrowArray, numbers: Array, name: str, problems: Problems) -> Array | None:
    """Return the places of rows in the order of their identifiers; None where they stand in it. Report doubles."""
    if is_ascending(keys):
        return None
    order = pc.sort_indices(keys).to_numpy().astype(np.int64)
    put = keys.take(pa.array(order))
    same = pc.equal(put.slice(1), put.slice(0, len(put) - 1)).to_numpy(zero_copy_only=False)
    if same.any():
        report_doubles(np.cumsum(np.concatenate([[True], ~same])), numbers[order], name, problems)
    return order


def is_ascending(keys: ArrowArray) -> bool:
    """Tell whether each key is above the one before it."""
    return len(keys) < 2 or bool(pc.all(pc.greater(keys.slice(1), keys.slice(0, len(keys) - 1))).as_py())


def report_doubles(segments: Array, numbers: Array, name: str, problems: Problems) -> None:
    """Report every row but the first of each segment: rows of one participant stand beside each other."""
    order = np.lexsort((numbers, segments))
    segments, numbers = segments[order], numbers[order]
    starts = np.flatnonzero(np.concatenate([[True], segments[1:] != segments[:-1]]))
    firsts = np.repeat(numbers[starts], np.diff(np.append(starts, len(segments))))
    later = np.flatnonzero(numbers != firsts)
    later = later[np.argsort(numbers[later], kind="stable")]
    for place in later[:MAX_TOLD].tolist():
        report_duplicate(name, int(numbers[place]), int(firsts[place]), problems)
    problems.total += max(len(later) - MAX_TOLD, 0)


def places_in(keys: ArrowArray, known: ArrowArray) -> Array:
    """Return for each key its place among those known, -1 where it is none of them."""
    return pc.fill_null(pc.index_in(keys, value_set=known), -1).to_numpy(zero_copy_only=False).astype(np.int64)
