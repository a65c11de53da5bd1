"""Between what generated code holds and exact values."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import Datum
from vbc_rules.run.scalar.representation import Carrier, Kind


def raw_of(carrier: Carrier, value: Datum | None = None) -> Any:  # noqa: ANN401 (values of mixed kinds)
    """Return what generated code holds of a constant: of a quantity its numerator."""
    found = carrier.constant if value is None else value
    if isinstance(found, Fraction):
        return found.numerator
    return found.toordinal() if isinstance(found, datetime.date) else found


def decoded(values: Sequence[Any], kind: Kind, divisor: int) -> list[Any]:
    """Return exact values; each distinct one is worked out once."""
    if kind in ("word", "yes_no"):
        return list(values)
    known: dict[Any, Any] = {}
    found: list[Any] = []
    for value in values:
        exact = known.get(value)
        if exact is None:
            if value.__class__ is Absent:
                exact = value
            else:
                exact = Fraction(value) / divisor if kind == "number" else datetime.date.fromordinal(value)
            known[value] = exact
        found.append(exact)
    return found
