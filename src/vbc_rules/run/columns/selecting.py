"""One of two columns by a condition, without a branch a row: processors guess branches, and data give no hint.

Numbers are chosen by arithmetic (b + condition * (a - b)), which is exact for whole numbers below 2 to the 52nd and in
wrapping integers, and needs every number to be finite: so no denominator is ever zero, whatever a row holds.
"""

from __future__ import annotations

import numpy as np

from vbc_rules.run.columns.forms import Array


def select(condition: Array, then: Array, otherwise: Array) -> Array:
    """Return numbers of `then` where the condition holds, elsewhere of `otherwise`; those in floats below 2**52."""
    if np.ndim(condition) == 0:
        return then if condition else otherwise
    if any(getattr(side, "dtype", None) == np.object_ for side in (then, otherwise)):
        return np.where(condition, then, otherwise)
    if np.ndim(otherwise) == 0 and otherwise == 0:
        return then * condition
    return condition * (then - otherwise) + otherwise


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
