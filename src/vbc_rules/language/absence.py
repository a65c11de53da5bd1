"""A value that is not there, and the reason why."""

from __future__ import annotations

from typing import ClassVar, Final

STANDARD_REASONS: Final = ("not_reported", "below_minimum", "not_applicable", "excluded")
NONE_PRESENT: Final = "none_present"
TOO_FEW_PRESENT: Final = "too_few_present"
NO_VARIATION: Final = "no_variation"
"""All values compared are equal, so there is no standard deviation to measure in."""
NOT_IN_PROGRAM: Final = "not_in_program"


class Absent:
    """The absence of a value for a named reason; one object per reason, so `is` compares reasons.

    >>> Absent("not_reported") is Absent("not_reported")
    True
    """

    __slots__ = ("reason",)
    reason: str
    _known: ClassVar[dict[str, Absent]] = {}

    def __new__(cls, reason: str) -> Absent:  # noqa: PYI034 (one object a reason, so never a subclass's)
        """Return the one object that stands for `reason`."""
        found = cls._known.get(reason)
        if found is None:
            found = super().__new__(cls)
            object.__setattr__(found, "reason", reason)
            found = cls._known.setdefault(reason, found)
        return found

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an absence cannot be changed")

    def __reduce__(self) -> tuple[type[Absent], tuple[str]]:
        return (Absent, (self.reason,))

    def __repr__(self) -> str:
        return f"Absent({self.reason!r})"

    def __str__(self) -> str:
        return f"absent ({self.reason.replace('_', ' ')})"

    def __bool__(self) -> bool:
        raise TypeError("an absent value is neither true nor false; compare it with `Absent(reason)` using `is`")
