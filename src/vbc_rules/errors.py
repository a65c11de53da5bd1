"""The errors a caller can meet: each has a stable code and a form as plain data, and none tells an input's value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vbc_rules.source.diagnostic import Diagnostic


class Code(StrEnum):
    """What can go wrong outside a rule file; what can be wrong inside one has codes below VBC900."""

    MISSING = "VBC901"
    """An input or a required parameter was not supplied."""
    UNKNOWN = "VBC902"
    """A name was supplied that the program does not have."""
    WRONG_TYPE = "VBC903"
    """A value is not of the declared type."""
    BINARY_FLOAT = "VBC904"
    """A binary floating-point number was supplied, which cannot carry exact cents."""
    DECIMALS = "VBC905"
    """A number has more decimals than declared."""
    OUT_OF_RANGE = "VBC906"
    """A number or date lies outside the declared range."""
    NOT_IN_CATEGORY = "VBC907"
    """A word is not one of the category's."""
    ABSENCE = "VBC908"
    """A value is absent for a reason that its declaration does not permit."""
    EXPECTATION = "VBC909"
    """What the file says must hold among inputs does not."""
    DUPLICATE = "VBC910"
    """Two rows, or two items of a list, have the same key."""
    TOO_MANY = "VBC911"
    """There are more items or participants than declared."""

    EVALUATION = "VBC950"
    """An evaluation could not be finished."""
    UNSTATED = "VBC951"
    """A dated number is not stated for the day it is read on."""
    ALLOCATION = "VBC952"
    """A pool cannot be shared out as the file says."""

    USAGE = "VBC970"
    """The library was called in a way it cannot serve."""
    NO_SUCH_PROGRAM = "VBC971"
    """No program goes by this name."""
    WHICH_EDITION = "VBC972"
    """A program was named without its edition, and has several."""
    NO_SUCH_RESULT = "VBC973"
    """A result was asked for something that the program does not compute."""


class VbcError(Exception):
    """Anything this library raises on purpose."""

    @property
    def code(self) -> str:
        """The stable code, `VBC` and three digits."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, object]:
        """Return the error as plain data: error (the class's name), code, message, and what the class adds."""
        return {"error": type(self).__name__, "code": self.code, "message": str(self)}


class RuleFileError(VbcError):
    """A rule file is wrong; all of its diagnostics at once, in the order they were given."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Keep the diagnostics; ValueError when there are none."""
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        if not self.diagnostics:
            raise ValueError("a rule file error needs at least one diagnostic")
        super().__init__(self.diagnostics)

    @property
    def code(self) -> str:
        """The first error's code."""
        first = next((d for d in self.diagnostics if d.severity == "error"), self.diagnostics[0])
        return first.code

    def __str__(self) -> str:
        from vbc_rules.source.render import render_text  # noqa: PLC0415 (the renderer is needed only here)

        return render_text(self.diagnostics)

    def to_dict(self) -> dict[str, object]:
        """Return the error as plain data, with `diagnostics`."""
        return {**super().to_dict(), "diagnostics": [diagnostic.to_dict() for diagnostic in self.diagnostics]}


@dataclass(frozen=True, slots=True)
class InputProblem:
    """One thing wrong with what was supplied.

    `where` names the field (`operating_payments`, `cqi_taken_part.index`), or is empty when it concerns a whole row;
    `row` is the row's position in what was supplied, counted from 1. `message` never contains a supplied value.
    """

    code: str
    where: str
    message: str
    row: int | None = None

    def __str__(self) -> str:
        return _placed(self.row, self.where, self.message)

    def to_dict(self) -> dict[str, object]:
        """Return the problem as plain data: code, where, message, row."""
        return {"code": str(self.code), "where": self.where, "message": self.message, "row": self.row}


class InputError(VbcError):
    """What was supplied cannot be computed with; all of its problems at once."""

    def __init__(self, problems: InputProblem | Iterable[InputProblem]) -> None:
        """Keep one problem or several; ValueError when there are none."""
        self.problems: tuple[InputProblem, ...] = (problems,) if isinstance(problems, InputProblem) else tuple(problems)
        if not self.problems:
            raise ValueError("an input error needs at least one problem")
        super().__init__(self.problems)

    @property
    def code(self) -> str:
        """The first problem's code."""
        return str(self.problems[0].code)

    def __str__(self) -> str:
        lines = [f"{problem} [{problem.code}]" for problem in self.problems]
        if len(lines) == 1:
            return lines[0]
        return "\n".join([f"{len(lines)} problems with the inputs", *(f"  {line}" for line in lines)])

    def to_dict(self) -> dict[str, object]:
        """Return the error as plain data, with `problems`."""
        return {**super().to_dict(), "problems": [problem.to_dict() for problem in self.problems]}


class _CodedError(VbcError):
    """An error that is one code and one message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self._code = str(code)
        self.message = message

    @property
    def code(self) -> str:
        return self._code

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"


class EvaluationError(_CodedError):
    """A checked program and accepted inputs, and yet no result.

    `where` names the value that could not be computed, `row` the participant's position in what was supplied, from 1.
    """

    def __init__(self, code: str, message: str, where: str = "", row: int | None = None) -> None:
        """Keep code, message and place; the message never contains an input's value."""
        super().__init__(code, message)
        self.args = (code, message, where, row)
        self.where = where
        self.row = row

    def __str__(self) -> str:
        return f"{_placed(self.row, self.where, self.message)} [{self.code}]"

    def to_dict(self) -> dict[str, object]:
        """Return the error as plain data, with `where` and `row`."""
        return {**super().to_dict(), "where": self.where, "row": self.row}


class UsageError(_CodedError):
    """The library was asked for something it cannot do; the message says what to ask instead."""


def _placed(row: int | None, where: str, message: str) -> str:
    place = ", ".join(part for part in ("" if row is None else f"row {row}", where) if part)
    return f"{place}: {message}" if place else message
