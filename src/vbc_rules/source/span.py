"""Where a piece of text stands in a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was read: the name people know it by, and its text."""

    name: str
    text: str

    def line(self, number: int) -> str:
        """Return line `number` (from 1) without its line end; empty past the end."""
        lines = self.text.split("\n")
        return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one file. Lines and columns count from 1; `end_column` is just past the last character."""

    file: SourceFile
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file.name}:{self.line}:{self.column}"

    def __repr__(self) -> str:
        return f"Span({self})"

    def part(self, start: int, stop: int) -> Span:
        """Return the stretch from character `start` to `stop` of a one-line span (offsets from its beginning)."""
        column = self.column + start
        return Span(self.file, self.line, column, self.line, max(column + 1, self.column + stop))
