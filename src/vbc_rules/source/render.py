"""Diagnostics in words for a terminal, and as JSON for other programs."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from typing import Final

from vbc_rules.source.diagnostic import Diagnostic
from vbc_rules.source.span import SourceFile, Span

_TAB: Final = "    "
_WIDEST: Final = 120  # cells of an excerpt; longer lines are cut around the span
_LEAD: Final = 30  # cells kept before the span of a cut line

_RED: Final = "1;31"
_YELLOW: Final = "1;33"
_BLUE: Final = "1;34"
_BOLD: Final = "1"
_CYAN: Final = "1;36"


def render_text(diagnostics: Sequence[Diagnostic], *, colour: bool = False) -> str:
    """Return the diagnostics for reading, each with the lines of the file it is about, and how many there are.

    `colour` adds the codes by which terminals colour text. It ends in a line feed, and is empty for no diagnostics.
    """
    if not diagnostics:
        return ""
    painter = _Painter(colour=colour)
    lines = _Lines()
    parts = [painter.diagnostic(diagnostic, lines) for diagnostic in diagnostics]
    return "\n\n".join([*parts, _tally(diagnostics)]) + "\n"


def render_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Return a JSON list of objects with `code`, `severity`, `message`, `file`, `line`, `column` and `help`."""
    return json.dumps([diagnostic.to_dict() for diagnostic in diagnostics], ensure_ascii=False, indent=2) + "\n"


def _tally(diagnostics: Sequence[Diagnostic]) -> str:
    counts = []
    for severity in ("error", "warning"):
        number = sum(1 for diagnostic in diagnostics if diagnostic.severity == severity)
        if number:
            counts.append(f"{number} {severity}{'s' if number > 1 else ''}")
    names = {diagnostic.span.file.name for diagnostic in diagnostics}
    where = _shown(names.pop()) if len(names) == 1 else f"{len(names)} files"
    return f"{', '.join(counts)} in {where}"


class _Lines:
    """The lines of the files of one rendering, each file split once."""

    def __init__(self) -> None:
        self._files: dict[int, list[str]] = {}

    def line(self, file: SourceFile, number: int) -> str:
        lines = self._files.setdefault(id(file), [])
        if not lines:
            lines.extend(file.text.split("\n"))
        return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


class _Painter:
    """Writes one diagnostic; `colour` is the only thing it remembers."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def diagnostic(self, diagnostic: Diagnostic, lines: _Lines) -> str:
        tone = _RED if diagnostic.severity == "error" else _YELLOW
        spans = [diagnostic.span, *(related.span for related in diagnostic.related)]
        gutter = max(len(str(span.line)) for span in spans)
        head = self._paint(f"{diagnostic.severity}[{diagnostic.code}]", tone)
        written = [head + self._paint(f": {_shown(diagnostic.message)}", _BOLD)]
        written += self._excerpt(diagnostic.span, gutter, tone, lines)
        label = " " * gutter + " " + self._paint("=", _BLUE) + " " + self._paint("help", _CYAN) + ": "
        following = "\n" + " " * (gutter + len(" = help: "))
        written.append(label + following.join(_shown(line) for line in diagnostic.help.split("\n")))
        for related in diagnostic.related:
            written.append(self._paint("note", _CYAN) + self._paint(f": {_shown(related.message)}", _BOLD))
            written += self._excerpt(related.span, gutter, _BLUE, lines)
        return "\n".join(written)

    def _excerpt(self, span: Span, gutter: int, tone: str, lines: _Lines) -> list[str]:
        pad = " " * gutter
        place = f"{pad}{self._paint('-->', _BLUE)} {_shown(str(span))}"
        text = lines.line(span.file, span.line)
        if not text:
            return [place]
        shown, offset, width = _cut(text, span)
        bar = self._paint("|", _BLUE)
        number = self._paint(f"{span.line:>{gutter}}", _BLUE)
        carets = self._paint("^" * width, tone)
        return [place, f"{pad} {bar}", f"{number} {bar} {shown}".rstrip(), f"{pad} {bar} {' ' * offset}{carets}"]

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text


def _cut(text: str, span: Span) -> tuple[str, int, int]:
    """Return the line as shown, the cells before the span, and the cells under it (at least one).

    Of a span of several lines the first is underlined. A long line is cut around the span, with `..` where it goes on.
    """
    start = min(span.column - 1, len(text))
    stop = span.end_column - 1 if span.end_line == span.line else len(text)
    stop = min(max(start, stop), len(text))
    # Look at no more of a line than can be shown, however long it is.
    left = max(0, start - 2 * _WIDEST)
    before, under, after = text[left:start], text[start : min(stop, start + _WIDEST)], text[stop : stop + _WIDEST]
    cells = [_cells(before), _cells(under), _cells(after)]
    lead, trail = left > 0, stop + _WIDEST < len(text) or start + _WIDEST < stop
    if sum(map(_width, cells)) > _WIDEST or lead or trail:
        if _width(cells[0]) > _LEAD:
            cells[0], lead = _last(cells[0], _LEAD), True
        room = _WIDEST - _width(cells[0])
        if _width(cells[1]) > room:
            cells[1], cells[2], trail = _first(cells[1], room), [], True
        room -= _width(cells[1])
        if _width(cells[2]) > room:
            cells[2], trail = _first(cells[2], room), True
    offset = _width(cells[0]) + (2 if lead else 0)
    shown = (".." if lead else "") + "".join(map("".join, cells)) + (".." if trail else "")
    return shown, offset, max(1, _width(cells[1]))


def _cells(text: str) -> list[str]:
    """Return each character as it is shown."""
    return [_TAB if character == "\t" else _shown(character) for character in text]


def _first(cells: list[str], room: int) -> list[str]:
    taken = 0
    for count, cell in enumerate(cells):
        taken += _width([cell])
        if taken > room:
            return cells[:count]
    return cells


def _last(cells: list[str], room: int) -> list[str]:
    return _first(cells[::-1], room)[::-1]


def _width(cells: list[str]) -> int:
    """Return how many columns of a terminal the characters take: two for wide ones, none for those that combine."""
    return sum(_columns(character) for cell in cells for character in cell)


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _shown(text: str) -> str:
    """Return text in which nothing can move the cursor, hide, or reorder what is shown, with U+FFFD for such things."""
    if text.isprintable():
        return text
    return "".join(_VISIBLE if unicodedata.category(c) in _UNSEEN else " " if c in _SPACES else c for c in text)


_VISIBLE: Final = "\ufffd"
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SPACES: Final = frozenset("\u00a0\u2007\u202f\u3000")
