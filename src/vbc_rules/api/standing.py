"""How far the data of a run go: up to which day they were known, and whether they are provisional or final.

This is said beside figures and changes none. It is something else than the period a program is in force: that is the
time the rules are for (and the day on which dated numbers are read), whatever day the data were taken.
"""

from __future__ import annotations

import datetime
from typing import Literal, TypeAlias, get_args

from vbc_rules.errors import Code, UsageError

Status: TypeAlias = Literal["provisional", "final"]


def check_standing(as_of: object, status: object) -> None:
    """Raise UsageError for what is no day or no status, and for a provisional run that names no day."""
    if as_of is not None and (not isinstance(as_of, datetime.date) or isinstance(as_of, datetime.datetime)):
        raise UsageError(Code.USAGE, "`as_of` is the day up to which the data were known; pass a datetime.date")
    if status is not None and status not in get_args(Status):
        raise UsageError(Code.USAGE, "`status` is one of two words; write 'provisional' or 'final'")
    if status == "provisional" and as_of is None:
        raise UsageError(Code.USAGE, "a provisional run says up to which day its data were known; pass `as_of`")


def standing_data(as_of: datetime.date | None, status: Status | None) -> dict[str, str | None]:
    """Return the day and the status as plain data."""
    return {"as_of": None if as_of is None else as_of.isoformat(), "status": status}
