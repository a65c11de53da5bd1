"""YAML events to the tree, refusing on the way what the rule language does not allow."""

from __future__ import annotations

import re
from typing import Final, NoReturn

from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from vbc_rules.source import characters, limits, mistakes
from vbc_rules.source.diagnostic import Findings, Related
from vbc_rules.source.events import EventStream, end, start
from vbc_rules.source.pieces import FAR, closing, short
from vbc_rules.source.span import SourceFile, Span
from vbc_rules.source.tree import Block, Entry, Listing, Scalar, Tree

PROSE_KEYS: Final = frozenset({"title", "about", "by", "cite", "publisher", "link", "because"})
"""Keys whose text is for people: typographic dashes and quotes are welcome there."""

_YES: Final = frozenset({"yes", "true", "on"})
_NO: Final = frozenset({"no", "false", "off"})
_NOTHING: Final = frozenset({"null", "~"})
_PLAIN_AS_KEY: Final = frozenset({"yes", "no", "on", "off"})
_GLUED_COMMENT: Final = re.compile(r"[ \t]+(#[^\s#!][^\n]*)")


class _StopError(Exception):
    """Reading cannot go on; the reason has been reported."""


def build(file: SourceFile, text: str, findings: Findings) -> Block | None:
    """Return the tree of `text` (the file's text, cleaned), or None if it has no whole one; errors go to `findings`."""
    builder = _Builder(file, text, findings)
    try:
        return builder.document()
    except _StopError:
        return None
    except MarkedYAMLError as error:
        mistakes.explain(error, file, text, builder.last, findings)
    except (ValueError, OverflowError):  # PyYAML on an escape or a version that is no number
        line, column = builder.stream.line + 1, builder.stream.column + 1
        findings.error(
            "VBC039",
            "YAML cannot read this escape or version",
            Span(file, line, column, line, column + 1),
            "write the character itself in single quotes, and no line that begins with `%`",
        )
    return None


class _Builder:
    """Builds one file's tree; holds the place in the event stream and the counts the limits need."""

    def __init__(self, file: SourceFile, text: str, findings: Findings) -> None:
        self.stream = EventStream(text)
        self.last: Scalar | None = None
        self._file = file
        self._text = text
        self._findings = findings
        self._depth = 0
        self._nodes = 0
        self._errors = 0

    def document(self) -> Block | None:
        """Return the one document's tree, or None if its outermost level is not keys."""
        self.stream.next()  # the start of the stream
        opening = self.stream.next()
        if not isinstance(opening, DocumentStartEvent):
            self._error(
                "VBC009", "the file is empty", Span(self._file, 1, 1, 1, 1), "write `program:` on the first line"
            )
            return None
        if opening.version or opening.tags:
            help = "delete the lines that begin with `%`"
            self._error("VBC015", "a YAML directive is not part of the rule language", self._span(opening), help)
        first = self.stream.next()
        tree = self._node(first, "")
        self.stream.next()  # the end of the document
        after = self.stream.next()
        if not isinstance(after, StreamEndEvent):
            message = "a second document begins here; a rule file holds one program"
            self._stop(
                "VBC016", message, self._span(after), "put each program in a file of its own, and delete this line"
            )
        if isinstance(tree, Block):
            return tree
        if tree is not None:
            message = "the outermost level of a rule file is made of keys"
            self._error("VBC009", message, tree.span, "write `program: ..` on the first line, each section below it")
        return None

    def _node(self, event: Event, key: str) -> Tree | None:
        """Return the tree that begins with `event`, the value of `key`; None for what is left out of it."""
        self._nodes += 1
        if self._nodes > limits.MAX_NODES:
            message = f"the file holds more than {limits.MAX_NODES:,} keys and values"
            self._stop("VBC006", message, self._span(event), "bring long lists in as data, not in the rule file")
        if isinstance(event, AliasEvent):
            help = "write the value out; a value that begins with `*` is put in quotes"
            self._error(
                "VBC012",
                f"`*{short(event.anchor)}` is a YAML alias, which the rule language does not have",
                self._span(event),
                help,
            )
            return None
        if isinstance(event, NodeEvent) and event.anchor is not None:
            help = f"delete `&{short(event.anchor)}`; a value that begins with `&` is put in quotes"
            self._error(
                "VBC011",
                f"`&{short(event.anchor)}` is a YAML anchor, which the rule language does not have",
                self._mark(event),
                help,
            )
        if isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent)) and event.tag is not None:
            help = "delete the word that begins with `!`; a value that begins with `!` is put in quotes"
            self._error("VBC014", "a YAML tag is not part of the rule language", self._mark(event), help)
        if isinstance(event, ScalarEvent):
            return self._scalar(event, key)
        self._depth += 1
        if self._depth > limits.MAX_DEPTH:
            message = f"more than {limits.MAX_DEPTH} levels lie within each other here"
            self._stop("VBC005", message, self._mark(event), "close the brackets or the indentation opened before")
        tree = self._block(event) if isinstance(event, MappingStartEvent) else self._listing(event)
        self._depth -= 1
        return tree

    # --- blocks and listings ---------------------------------------------------------------------------------------

    def _block(self, opening: Event) -> Block:
        braces = bool(getattr(opening, "flow_style", False))
        entries: list[Entry] = []
        places: dict[str, Span] = {}
        split: dict[int, Scalar] = {}  # which entries go on after a comma, and the last piece of each
        final: Event = opening
        while not isinstance(event := self.stream.next(), MappingEndEvent):
            key = self._key(event)
            value_event = self.stream.next()
            if _is_empty(value_event) and key is not None:
                if self._missing(key, event, value_event, entries[-1] if entries else None, braces=braces):
                    split[len(entries) - 1] = key
                final = event
                continue
            merge = key is not None and key.text == "<<" and key.style == "plain"
            if merge and key is not None:
                help = "write the shared keys out under each block"
                self._error("VBC013", "`<<` is a YAML merge, which the rule language does not have", key.span, help)
            alias = merge and isinstance(value_event, AliasEvent)
            value = None if alias else self._node(value_event, "" if key is None else key.text)
            final = value_event
            if key is None or merge:
                continue
            if key.text in places:
                message = f"the key `{short(key.text)}` is written twice in one block"
                first = Related("it is first written here", places[key.text])
                self._error("VBC010", message, key.span, "keep one of the two and delete the other", first)
                continue
            places[key.text] = key.span
            if value is not None:
                entries.append(Entry(key, value))
        for at, last in split.items():
            entries[at] = self._rejoined(entries[at], last)
        return Block(tuple(entries), self._extent(opening, event if braces else final, [e.value for e in entries]))

    def _listing(self, opening: Event) -> Listing:
        brackets = bool(getattr(opening, "flow_style", False))
        items: list[Tree] = []
        final: Event = opening
        while not isinstance(event := self.stream.next(), SequenceEndEvent):
            final = event
            if _is_empty(event):
                self._error(
                    "VBC022",
                    "a value is missing after `-`",
                    self._mark(event),
                    "write the item after `-`, or delete the `-`",
                )
                continue
            item = self._node(event, "")
            if item is not None:
                items.append(item)
        if brackets:
            items = self._joined(items)
        return Listing(tuple(items), self._extent(opening, event if brackets else final, items))

    def _extent(self, opening: Event, final: Event, values: list[Tree]) -> Span:
        """Return the span from one event to another, or to the last value if that ends later."""
        first, last = start(opening), end(final)
        line, column = last.line + 1, last.column + 1
        if values and (values[-1].span.end_line, values[-1].span.end_column) > (line, column):
            line, column = values[-1].span.end_line, values[-1].span.end_column
        return Span(self._file, first.line + 1, first.column + 1, line, column)

    def _key(self, event: Event) -> Scalar | None:
        """Return a key, or None if it is no text; either way the events of it are used up."""
        if not isinstance(event, ScalarEvent):
            help = "write a name before the `:`; a value that begins with `{` or `[` is put in quotes"
            self._error("VBC017", "a key is a name", self._mark(event), help)
            self._node(event, "")
            return None
        if _is_empty(event):
            self._error("VBC017", "a key is missing before `:`", self._mark(event), "write a name before the `:`")
            return None
        key = self._node(event, "\0key")
        return key if isinstance(key, Scalar) else None

    def _missing(self, key: Scalar, event: Event, empty: Event, before: Entry | None, *, braces: bool) -> bool:
        """Report a key without a value; or return True if it is the rest of the value before, split by a comma."""
        name = short(key.text)
        if not braces:
            help = f"write the value on the same line or indented below, or delete `{name}:`"
            self._error("VBC022", f"a value is missing after `{name}:`", key.span, help)
            return False
        colon = ":" in self._text[end(event).index : start(empty).index]
        if not colon and before is not None and isinstance(before.value, Scalar) and before.value.style == "plain":
            return True
        help = f"write `{name}: ..`; a value that holds a comma is put in quotes"
        self._error("VBC021", f"inside braces `{name}` has no value", key.span, help)
        return False

    def _rejoined(self, entry: Entry, last: Scalar) -> Entry:
        """Return an entry with its value put together again from what commas split, up to `last`; report it."""
        if not isinstance(entry.value, Scalar):
            return entry
        whole = self._between(entry.value, last)
        name = short(entry.key.text)
        message = f"the value of `{name}` holds a comma and its quotes are forgotten"
        self._error("VBC021", message, whole.span, f'write `{name}: "{short(whole.text)}"`')
        return Entry(entry.key, whole)

    def _joined(self, items: list[Tree]) -> list[Tree]:
        """Put together the items that a comma within parentheses has split, and report it."""
        joined: list[Tree] = []
        at = 0
        while at < len(items):
            item = items[at]
            rest = closing(items[at : at + FAR]) if isinstance(item, Scalar) else 0
            last = items[at + rest]
            if rest and isinstance(item, Scalar) and isinstance(last, Scalar):
                item = self._between(item, last)
                message = "an item of this list holds a comma and its quotes are forgotten"
                self._error("VBC021", message, item.span, f'write `"{short(item.text)}"`')
            joined.append(item)
            at += rest + 1
        return joined

    def _between(self, first: Scalar, last: Scalar) -> Scalar:
        """Return the plain text from `first` to `last` as it stands in the file."""
        a, b = first.span, last.span
        span = Span(self._file, a.line, a.column, b.end_line, b.end_column)
        if a.line == b.end_line:
            text = characters.plain(self._file.line(a.line)[a.column - 1 : b.end_column - 1])
        else:
            text = f"{first.text}, {last.text}"
        return Scalar(text, span)

    # --- scalars ---------------------------------------------------------------------------------------------------

    def _scalar(self, event: ScalarEvent, key: str) -> Scalar:
        text: str = event.value
        if event.style is None:
            scalar = Scalar(text, self._span(event), "plain")
        elif event.style in ("'", '"'):
            scalar = Scalar(text, self._inside_quotes(event), "quoted")
        else:
            scalar = Scalar(text, self._inside_block(event), "block")
        self.last = scalar
        if len(text) > limits.MAX_SCALAR:
            message = f"this text is longer than {limits.MAX_SCALAR:,} characters"
            self._error("VBC008", message, scalar.span, "shorten it, or split it into several values")
            return Scalar("", scalar.span, scalar.style)
        if len(text) > limits.MAX_DIGITS and limits.longest_number(text) > limits.MAX_DIGITS:
            message = f"a number has at most {limits.MAX_DIGITS} digits"
            self._error("VBC007", message, scalar.span, "write the number with fewer digits; text is free to be longer")
            return Scalar("", scalar.span, scalar.style)
        if event.style == '"' and characters.FORBIDDEN.search(text):
            message = "this text holds an escape for a character that may not stand in a rule file"
            self._error("VBC004", message, scalar.span, "delete the escape that begins with a backslash")
        is_key = key == "\0key"
        if scalar.style == "plain":
            scalar = self._unambiguous(scalar, is_key=is_key)
            self._comment(event, scalar)
        if not text.isascii() and (is_key or (scalar.style != "quoted" and key not in PROSE_KEYS)):
            scalar = self._typed_on_a_keyboard(event, scalar)
        return scalar

    def _unambiguous(self, scalar: Scalar, *, is_key: bool) -> Scalar:
        text, word = scalar.text, scalar.text.lower()
        if (
            len(word) > 5
            or word not in _YES | _NO | _NOTHING
            or text in ("yes", "no")
            or (is_key and text in _PLAIN_AS_KEY)
        ):
            return scalar
        if word in _NOTHING:
            help = f"write what is meant, or `'{text}'` in quotes if it is text"
            self._error("VBC018", f"`{text}` is no value of the rule language", scalar.span, help)
            return scalar
        answer = "yes" if word in _YES else "no"
        help = f"write `{answer}` in lower case, or `'{text}'` in quotes if it is text"
        self._error("VBC018", f"`{text}` without quotes can be read as text or as `{answer}`", scalar.span, help)
        return Scalar(answer, scalar.span)

    def _comment(self, event: ScalarEvent, scalar: Scalar) -> None:
        """Refuse `Step #3`, where everything from the hash on would be lost without a word."""
        match = _GLUED_COMMENT.match(self._text, end(event).index)
        if match is None:
            return
        line, column = scalar.span.end_line, scalar.span.end_column + match.start(1) - match.start()
        span = Span(self._file, line, column, line, column + len(match.group(1)))
        help = "put the whole value in quotes if this belongs to it; write a space after `#` if it is a comment"
        self._error("VBC023", "from ` #` on this line is a comment and is not read", span, help)

    def _typed_on_a_keyboard(self, event: ScalarEvent, scalar: Scalar) -> Scalar:
        text = scalar.text
        for stray in characters.pasted(text):
            self._error("VBC019", characters.refusal(stray), self._character(event, text[stray.offset]), stray.help)
        digit = characters.foreign_digit(text)
        if digit is not None:
            message = f"the digit {digit.name} is not one of 0 to 9"
            self._error("VBC020", message, self._character(event, text[digit.offset]), digit.help)
        return Scalar(characters.plain(text), scalar.span, scalar.style)

    # --- places ----------------------------------------------------------------------------------------------------

    def _character(self, event: Event, character: str) -> Span:
        """Return the first place of a character in an event; the whole event if it is written as an escape."""
        a = start(event)
        at = self._text.find(character, a.index, end(event).index)
        if at < 0:
            return self._span(event)
        line = a.line + 1 + self._text.count("\n", a.index, at)
        column = at - self._text.rfind("\n", 0, at)
        return Span(self._file, line, column, line, column + 1)

    def _span(self, event: Event) -> Span:
        a, b = start(event), end(event)
        return Span(self._file, a.line + 1, a.column + 1, b.line + 1, b.column + 1)

    def _mark(self, event: Event) -> Span:
        """Return the first character of an event."""
        a = start(event)
        return Span(self._file, a.line + 1, a.column + 1, a.line + 1, a.column + 2)

    def _inside_quotes(self, event: Event) -> Span:
        # An anchor or a tag may stand before the quote: look for the quote itself.
        a, b = start(event), end(event)
        quote = self._text[b.index - 1]
        skipped = self._text.find(quote, a.index, b.index) - a.index if self._text[a.index] != quote else 0
        return Span(self._file, a.line + 1, a.column + 2 + skipped, b.line + 1, b.column)

    def _inside_block(self, event: Event) -> Span:
        """Return the lines of a text after `|` or `>`, from the first to the last that is not blank."""
        body = self._text[start(event).index : end(event).index].split("\n")
        written = [n for n, line in enumerate(body) if n and line.strip()]
        if not written:
            return self._mark(event)
        first, last = body[written[0]], body[written[-1]].rstrip()
        top = start(event).line + 1
        return Span(
            self._file, top + written[0], len(first) - len(first.lstrip()) + 1, top + written[-1], len(last) + 1
        )

    # --- errors ----------------------------------------------------------------------------------------------------

    def _error(self, code: str, message: str, span: Span, help: str, *related: Related) -> None:
        self._findings.error(code, message, span, help, *related)
        self._errors += 1
        if self._errors >= limits.MAX_ERRORS:
            message = f"reading stops here, after {limits.MAX_ERRORS} errors"
            self._findings.error("VBC024", message, span, "repair the errors above, then check the file again")
            raise _StopError

    def _stop(self, code: str, message: str, span: Span, help: str) -> NoReturn:
        self._error(code, message, span, help)
        raise _StopError


def _is_empty(event: Event) -> bool:
    """Tell whether nothing at all was written where this scalar is."""
    if not isinstance(event, ScalarEvent) or event.value or event.style is not None:
        return False
    return event.anchor is None and event.tag is None
