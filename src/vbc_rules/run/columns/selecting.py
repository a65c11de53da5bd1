"""One of two columns by a condition, without a branch a row: processors guess branches, and data give no hint."""

from __future__ import annotations

from typing import Final

import numpy as np

from vbc_rules.run.columns.forms import Array

_BITS: Final = {4: np.int32, 8: np.int64}


def select(condition: Array, then: Array, otherwise: Array) -> Array:
    """Return numbers of `then` where the condition holds, elsewhere of `otherwise`; both are of one type.

    Bits are chosen, not numbers: what is not taken may hold anything.
    """
    if not getattr(condition, "ndim", 0):
        return then if condition else otherwise
    kind = getattr(then, "dtype", None)
    if kind is None or kind.kind == "O":
        return np.where(condition, then, otherwise)
    if kind.kind == "f":
        bits = _BITS[kind.itemsize]
        return _of_bits(condition, then.view(bits), otherwise.view(bits)).view(kind)
    return _of_bits(condition, then, otherwise)


def _of_bits(condition: Array, then: Array, otherwise: Array) -> Array:
    if not otherwise.ndim and not otherwise:
        return then * condition
    return ((then ^ otherwise) * condition) ^ otherwise


def full(bound: Array, like: Array) -> Array:
    """Return a bound for every row of an array: numpy compares two arrays many numbers at a time, others one by one."""
    kind, shape = getattr(like, "dtype", None), getattr(like, "shape", ())
    if kind is None or kind.kind == "O" or getattr(bound, "shape", ()) == shape:
        return bound
    found = np.empty(np.broadcast_shapes(np.shape(bound), shape), dtype=kind)
    found[...] = bound
    return found


def spread(array: Array, shape: tuple[int, ...]) -> Array:
    """Return an array of a shape, its numbers repeated where it has fewer; the array itself where it has that shape."""
    return array if getattr(array, "shape", ()) == shape else np.broadcast_to(array, shape)


def select_truth(condition: Array, then: Array, otherwise: Array) -> Array:
    """Return the yes or no of `then` where the condition holds, elsewhere of `otherwise`."""
    if not getattr(condition, "ndim", 0):
        return then if condition else otherwise
    return (condition & then) | (~condition & otherwise)


def select_code(condition: Array, then: Array, otherwise: Array) -> Array:
    """Return codes of absence of `then` where the condition holds, elsewhere of `otherwise`; None is all present."""
    if then is otherwise and then is not None:
        return then
    if not getattr(condition, "ndim", 0):
        found = then if condition else otherwise
        return np.uint8(0) if found is None else found
    if otherwise is None:
        return np.zeros(condition.shape, dtype=np.uint8) if then is None else then * condition
    if then is None:
        return otherwise * ~condition
    return then * condition + otherwise * ~condition


def first_code(codes: Array, otherwise: Array) -> Array:
    """Return the codes of absence where there are any, elsewhere those of `otherwise` (None: all present)."""
    if otherwise is None:
        return codes
    return codes + otherwise * (codes == 0)
