"""What is wrong with data, collected: every participant refused, the first thousand problems told."""

from __future__ import annotations

from typing import Final

from vbc_rules.errors import InputError, InputProblem

MAX_TOLD: Final = 1_000
"""Problems kept in full: past this one mistake is being repeated, and a file of millions of rows must not fill the
memory."""


class Problems:
    """Collects the problems of one reading. True once there are any; `total` counts also those not kept."""

    def __init__(self) -> None:
        self._told: list[InputProblem] = []
        self.total = 0
        self.broken_off = False

    def add(self, code: str, where: str, message: str, row: int | None = None) -> None:
        """Add a problem."""
        self.total += 1
        if len(self._told) < MAX_TOLD:
            self._told.append(InputProblem(code, where, message, row))

    def break_off(self, code: str, message: str) -> None:
        """Add a problem after which a file cannot be read on."""
        self.broken_off = True
        self.add(code, "", message)

    def take(self, others: Problems) -> None:
        """Add the problems of another reading."""
        for one in others.told:
            self.add(one.code, one.where, one.message, one.row)
        self.total += others.total - len(others.told)

    @property
    def told(self) -> tuple[InputProblem, ...]:
        """The problems in the order found, the first thousand of them."""
        return tuple(self._told)

    def __bool__(self) -> bool:
        return self.total > 0

    def raise_if_any(self) -> None:
        """Raise InputError with all problems, if there are any."""
        if self._told:
            raise InputError(self._told)
