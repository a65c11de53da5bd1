"""How far a long run has come, on a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Final, Self, TextIO

AFTER: Final = 2.0
"""Seconds before anything is shown: a short run needs no bar."""
_EVERY: Final = 0.2
_WIDTH: Final = 30


class Progress:
    """A bar on standard error, once two seconds have passed, if that is a terminal; silent otherwise."""

    def __init__(self, what: str, total: int, stream: TextIO | None = None) -> None:
        """Show how many of `total` rows are done; `what` stands before the bar."""
        self._what = what
        self._total = total
        self._stream = sys.stderr if stream is None else stream
        self._is_shown = self._stream is not None and self._stream.isatty()
        self._started = time.monotonic()
        self._last = 0.0
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._width:
            self._write("")

    def at(self, done: int) -> None:
        """Say how many rows are done."""
        now = time.monotonic()
        if not self._is_shown or now - self._started < AFTER or now - self._last < _EVERY:
            return
        self._last = now
        part = min(done / self._total, 1.0) if self._total else 1.0
        filled = int(part * _WIDTH)
        bar = "#" * filled + "-" * (_WIDTH - filled)
        self._write(f"{self._what} [{bar}] {done:,} of {self._total:,} rows")

    def _write(self, text: str) -> None:
        self._stream.write(f"\r{text.ljust(self._width)}" + ("\r" if not text else ""))
        self._stream.flush()
        self._width = len(text)
