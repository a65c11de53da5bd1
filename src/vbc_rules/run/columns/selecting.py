"""One of two columns by a condition, without a branch a row: processors guess branches, and data give no hint."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vbc_rules.run.columns.forms import Array

_BITS: Final = {4: np.int32, 8: np.int64}


def select(condition: Array, then: Array, otherwise: Array) -> Array:
    """Return numbers of `then` where the condition holds, elsewhere of `otherwise`; both are of one type.

    Bits are chosen, not numbers: what is not taken may hold anything.
    """
    if np.ndim(condition) == 0:
        return then if condition else otherwise
    kind = getattr(then, "dtype", np.dtype(object))
    if kind == np.object_:
        return np.where(condition, then, otherwise)
    one, other = _bits(then), _bits(otherwise)
    found = one * condition if np.ndim(other) == 0 and other == 0 else ((one ^ other) * condition) ^ other
    return found.view(kind)


def _bits(array: Any) -> Any:  # noqa: ANN401 (an array, or one number)
    return array.view(_BITS[array.dtype.itemsize]) if array.dtype.kind == "f" else array


def full(bound: Array, like: Array) -> Array:
    """Return a bound for every row of an array: numpy compares two arrays many numbers at a time, others one by one."""
    if np.shape(bound) == np.shape(like) or getattr(like, "dtype", None) == np.object_:
        return bound
    found = np.empty(np.broadcast_shapes(np.shape(bound), np.shape(like)), dtype=bound.dtype)
    found[...] = bound
    return found


def select_truth(condition: Array, then: Array, otherwise: Array) -> Array:
    """Return the yes or no of `then` where the condition holds, elsewhere of `otherwise`."""
    if np.ndim(condition) == 0:
        return then if condition else otherwise
    return (condition & then) | (~condition & otherwise)


def select_code(condition: Array, then: Array, otherwise: Array) -> Array:
    """Return codes of absence of `then` where the condition holds, elsewhere of `otherwise`; None is all present."""
    if np.ndim(condition) == 0:
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
