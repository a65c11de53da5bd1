"""YAML's events, from PyYAML's pure parser over text that was already cleaned.

Imported late, because PyYAML is not cheap to load.
"""

from __future__ import annotations

from typing import cast

from yaml.error import Mark
from yaml.events import Event
from yaml.parser import Parser
from yaml.scanner import Scanner


class _Cursor:
    """PyYAML's reader for text in memory whose only line end is a line feed; about twice as fast as the general one."""

    def __init__(self, text: str) -> None:
        self.name = ""
        self.encoding: str | None = None
        self.buffer = text + "\0\0\0\0"  # the scanner looks up to four characters ahead
        self.pointer = 0
        self.index = 0
        self.line = 0
        self.column = 0

    def peek(self, index: int = 0) -> str:
        return self.buffer[self.pointer + index]

    def prefix(self, length: int = 1) -> str:
        return self.buffer[self.pointer : self.pointer + length]

    def forward(self, length: int = 1) -> None:
        start = self.pointer
        self.pointer = self.index = stop = start + length
        lines = self.buffer.count("\n", start, stop)
        if lines:
            self.line += lines
            self.column = stop - self.buffer.rindex("\n", start, stop) - 1
        else:
            self.column += length

    def get_mark(self) -> Mark:
        return Mark(self.name, self.index, self.line, self.column, None, 0)


class EventStream(_Cursor, Scanner, Parser):
    """The events of one text, one at a time, so that reading can stop early. Raises `yaml.MarkedYAMLError`.

    On a malformed escape PyYAML raises ValueError or OverflowError instead; `line` and `column` then tell the place.
    """

    def __init__(self, text: str) -> None:
        _Cursor.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def next(self) -> Event:
        """Return the next event; a stream's last one is a StreamEndEvent."""
        event: Event = self.get_event()  # type: ignore[no-untyped-call]
        return event


def start(event: Event) -> Mark:
    """Return where an event begins (the parser gives every event both marks; only the stubs doubt it)."""
    return cast("Mark", event.start_mark)


def end(event: Event) -> Mark:
    """Return where an event ends."""
    return cast("Mark", event.end_mark)
