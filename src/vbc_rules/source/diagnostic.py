"""Diagnostics are data; text, JSON and other forms are made of them elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vbc_rules.source import limits
from vbc_rules.source.span import Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that matters to a diagnostic, with what it has to do with it."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about a file.

    `code` is stable (`VBC` and three digits), `message` says what is wrong in the words of the rule language, `help` is
    an instruction: what to write instead.
    """

    code: str
    severity: Severity
    message: str
    span: Span
    help: str
    related: tuple[Related, ...] = ()

    def to_dict(self) -> dict[str, str | int]:
        """Return the diagnostic as plain data: code, severity, message, file, line, column, help."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "file": self.span.file.name,
            "line": self.span.line,
            "column": self.span.column,
            "help": self.help,
        }


class Findings:
    """Collects diagnostics in the order they are found, so that all of a file's errors are told at once."""

    def __init__(self) -> None:
        self._all: dict[Diagnostic, None] = {}  # in the order found, each once
        self._errors = 0

    def error(self, code: str, message: str, span: Span, help: str, *related: Related) -> None:
        """Add an error."""
        self._add(Diagnostic(code, "error", message, span, help, related))

    def warning(self, code: str, message: str, span: Span, help: str, *related: Related) -> None:
        """Add a warning."""
        self._add(Diagnostic(code, "warning", message, span, help, related))

    def _add(self, diagnostic: Diagnostic) -> None:
        if diagnostic not in self._all:
            self._all[diagnostic] = None
            self._errors += diagnostic.severity == "error"

    @property
    def are_many(self) -> bool:
        """Whether so many errors are found that looking for advice on one more would only cost time."""
        return self._errors >= limits.MAX_ERRORS

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The errors found so far."""
        return tuple(d for d in self._all if d.severity == "error")

    @property
    def all(self) -> tuple[Diagnostic, ...]:
        """Everything found so far, by place in the file."""
        return tuple(sorted(self._all, key=lambda d: (d.span.file.name, d.span.line, d.span.column)))
