"""An explanation as plain text: one block for each value, its parts indented under it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from vbc_rules.explain.statement import (
    Cited,
    absence_words,
    beside,
    file_of,
    heading,
    in_one_line,
    mark,
    reason_of,
    said_of,
    says_more,
    short_place,
)
from vbc_rules.explain.tree import Explanation, Line
from vbc_rules.language.absence import Absent

_INDENT: Final = "  "
_LABEL: Final = 10
_TEXT: Final = 44
_GIVEN: Final = "given so"

_Key: TypeAlias = tuple[str, tuple[str, ...], str]


def render_text(explanation: Explanation, *, full: bool = False) -> str:
    """Return the explanation as text: the head, the value with its parts, and the sources cited.

    Each value stands on a line with its name; under it its title and place, the rule, the rule with its numbers, and
    its parts, each opened once. Arithmetic stands alone on its line up to three spaces and a note in parentheses.

    The statement has all arithmetic that led to the value. What was left out for its absence stands on one line for
    each cause, and what all members of a level share is said of the first. With `full`, every name is opened.
    """
    return "\n".join(_Page(explanation, full=full).whole())


class _Page:
    """Writes one explanation. Used once."""

    def __init__(self, explanation: Explanation, *, full: bool) -> None:
        self.top = explanation
        self.full = full
        self.cited = Cited()
        self.opened: set[_Key] = set()
        self.told: dict[str, Explanation] = {}
        """The first instance that was told of each name."""
        self.lines: set[tuple[str, str]] = set()
        """The lines told of each name, whichever its instance."""
        self.whole_parts = {_key(e): e for e in explanation.walk() if not e.repeated and not (e.cut and not e.lines)}

    def whole(self) -> Iterator[str]:
        """Yield every line."""
        head = list(self._head())
        yield from [*head, ""] if head else []
        yield from self._block(self.top, 0)
        sources = list(self.cited.entries())
        if sources:
            yield from ("", "Sources")
        for key, about, link in sources:
            yield f"{_INDENT}{key}: {about}{f', {link}' if link else ''}"

    def _head(self) -> Iterator[str]:
        head = heading(self.top)
        yield from head
        line = in_one_line(self.top)
        if head and line:
            yield f"in one line: {line}"
        yield from (f"warning: {warning}" for warning in self.top.warnings)
        if self.top.uses_illustrative:
            yield f"uses illustrative numbers: {', '.join(self.top.illustrative)}"
        if "/" in file_of(self.top):
            yield f"rule file: {file_of(self.top)}"

    # --- one name

    def _block(self, e: Explanation, depth: int) -> Iterator[str]:
        known = e.ref in self.told
        short = self._short(e) if known and not self.full else ""
        if short:
            yield f"{_INDENT * depth}{short}"
            return
        self.opened.add(_key(e))
        self.told.setdefault(e.ref, e)
        inner = _INDENT * (depth + 1)
        if self._is_leaf(e):
            yield from self._leaves([e], depth, known=known)
            return
        yield from self._named(e, depth, known=known)
        rule, lines = _by_member(e)
        if rule and (self.full or not known or rule != e.rule):
            yield f"{inner}{'rule:':<{_LABEL}}{rule}"
        for line in lines:
            if self.full or not known or not (line.kind == "order" or line.label == "order"):
                yield f"{inner}{_line(line)}"
            self.lines.add((e.ref, line.text))
        if e.absence is not None:
            yield f"{inner}{'why:':<{_LABEL}}{absence_words(e)}"
        yield from self._parts(e, depth + 1)

    def _short(self, e: Explanation) -> str:
        """Return a further member of a yes-or-no name on one line, where one line alone is new; otherwise nothing."""
        if not isinstance(e.value, bool):
            return ""
        opened: list[_Key] = []
        new: list[Line] = []
        waiting = [e]
        while waiting:
            here = waiting.pop()
            if _key(here) in self.opened:
                continue
            opened.append(_key(here))
            if self._is_leaf(here) and self._known(here):
                continue
            if not (self._known(here) and isinstance(here.value, bool)) or any(
                line.kind not in ("test", "numbers", "order", "note") for line in here.lines
            ):
                return ""
            new.extend(line for line in here.lines if line.checked and (here.ref, line.text) not in self.lines)
            waiting.extend(self.whole_parts.get(_key(part), part) for part in here.parts)
        if len(new) != 1 or not new[0].text.endswith((" is yes", " is no")):
            return ""
        self.opened.update(opened)
        note = beside(new[0])
        return f"{e.name}  {e.text}, because {new[0].text}{f'   ({note})' if note else ''}"

    def _named(self, e: Explanation, depth: int, *, known: bool) -> Iterator[str]:
        """Yield the name with its value, and what it is; in a statement that is said of the first member only."""
        first = f"{_INDENT * depth}{e.name}  {e.text}"
        if known and not self.full:
            yield first
            return
        yield f"{first}  {self._said(e, title=f'{e.title}; ' if says_more(e) else '')}"
        if not known:
            yield from self._more(e, depth + 1)

    def _more(self, e: Explanation, depth: int) -> Iterator[str]:
        """Yield what the author says about a name, and how its number was derived.

        In a statement, only an illustrative name says what is not known of it.
        """
        if e.about and (self.full or e.name in self.top.illustrative):
            yield f"{_INDENT * depth}{e.about}"
        if reason_of(e.origins):
            yield f"{_INDENT * depth}{'derived:':<{_LABEL}}{reason_of(e.origins)}"

    def _said(self, e: Explanation, *, title: str = "", places: str = "") -> str:
        self.cited.add(e.origins)
        about = f"({title}{f'{e.kind}; {places}' if places else said_of(e)})"
        return f"{about} {mark(e.origins)}".rstrip()

    # --- names without parts

    def _is_leaf(self, e: Explanation) -> bool:
        if e.cut and not e.lines:
            return True
        given = e.kind == "input" and not isinstance(e.value, Absent) and not self.full
        return given or not (e.lines or e.rule or e.parts)

    def _leaves(self, leaves: list[Explanation], depth: int, *, known: bool) -> Iterator[str]:
        """Yield some instances of one name on a line: their values, what they are, and where they stand."""
        first = leaves[0]
        self.opened.update(map(_key, leaves))
        title = f"{first.title}; " if says_more(first) else ""
        if first.cut and not first.lines:
            said = self._said(first, title=f"not opened; {title}")
        else:
            places = dict.fromkeys(short_place(leaf.place) for leaf in leaves)
            file, _, line = next(iter(places)).rpartition(":")
            lines = [line, *(place.rpartition(":")[2] for place in list(places)[1:])]
            said = self._said(first, title=title, places=f"{file}:{', '.join(lines)}")
        base = _base(first)
        if len(leaves) > 1:
            yield f"{_INDENT * depth}{base}  {'; '.join(f'{_whose(e)}: {e.text}' for e in leaves)}  {said}"
        else:
            cause = f": {first.absence.cause}" if first.absence is not None and first.absence.cause else ""
            yield f"{_INDENT * depth}{first.name}  {first.text}{cause}  {said}"
        if not known or first.kind == "cell":
            yield from self._more(first, depth + 1)

    def _known(self, e: Explanation) -> bool:
        """Return whether all that could be said of this name was said of another instance."""
        first = self.told.get(e.ref)
        return first is not None and first.origins == e.origins and not (e.cut and not e.lines)

    # --- parts

    def _parts(self, e: Explanation, depth: int) -> Iterator[str]:
        parts = [self.whole_parts.get(_key(part), part) for part in e.parts]
        parts = [part for part in parts if _key(part) not in self.opened]
        if not self.full:
            out = [part for part in parts if _left_out(part, e)]
            yield from _absences(out, depth)
            parts = [part for part in parts if part not in out]
            more = [part for part in parts if self._is_leaf(part) and self._known(part)]
            if more:
                self.opened.update(map(_key, more))
                yield _INDENT * depth + "; ".join(f"{part.name}  {part.text}" for part in more)
        for part in parts:
            if _key(part) in self.opened:
                continue
            alike = [each for each in parts if each is part or (self._is_leaf(each) and _alike(each, part))]
            if not self._is_leaf(part) or (part.cut and not part.lines and len(alike) == 1):
                if depth == 1:
                    yield ""
                yield from self._block(part, depth)
                continue
            known = part.ref in self.told
            self.told.setdefault(part.ref, part)
            yield from self._leaves([each for each in alike if _key(each) not in self.opened], depth, known=known)


def _key(e: Explanation) -> _Key:
    return e.ref, e.instance, e.name


def _base(e: Explanation) -> str:
    return e.name.partition(" of ")[0]


def _whose(e: Explanation) -> str:
    return e.name.partition(" of ")[2] or e.name


def _alike(one: Explanation, other: Explanation) -> bool:
    return (one.ref, one.origins, one.cut) == (other.ref, other.origins, other.cut) and bool(one.instance)


def _left_out(part: Explanation, e: Explanation) -> bool:
    """Return whether a part is absent and yet the value is not absent because of it."""
    return isinstance(part.value, Absent) and (e.absence is None or part.name not in e.absence.trail)


def _absences(parts: list[Explanation], depth: int) -> Iterator[str]:
    """Yield a line for each cause of absence; what was given as absent stands on the line that would have read it."""
    causes: dict[tuple[str, str, str, str], list[Explanation]] = {}
    for part in parts:
        absence = part.absence
        if absence is None or (absence.cause == _GIVEN and len(absence.trail) == 1):
            continue
        why = f", because {absence.test}" if absence.test else f": {absence.cause}" if absence.cause else ""
        formula = absence.cause.removesuffix(" does not hold").strip("`") if absence.test else ""
        note = beside(Line("test", "", absence.test, note=formula))
        said = f"{absence.reason.replace('_', ' ')}{why}"
        causes.setdefault((part.ref, said, note, short_place(absence.place)), []).append(part)
    together: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for (_, said, note, place), alike in causes.items():
        whose = f" of {', '.join(map(_whose, alike))}" if alike[0].instance else ""
        together.setdefault((whose, said, note), []).append((_base(alike[0]), place))
    for (whose, said, note), named in together.items():
        bases, (first, *others) = ", ".join(base for base, _ in named), dict.fromkeys(place for _, place in named)
        where = ", ".join([first, *(place.rpartition(":")[2] for place in others)])
        remark = f"{note}; {where}" if note else where
        yield f"{_INDENT * depth}{'absent:':<{_LABEL}}{bases}{whose}: {said}   ({remark})"


def _by_member(e: Explanation) -> tuple[str, tuple[Line, ...]]:
    """Return the rule and the lines; where each member has its own formula, that formula is the rule."""
    own = next((line for line in e.lines if (line.kind, line.label) == ("case", "member")), None)
    if own is None:
        return e.rule, e.lines
    return own.note, tuple(line for line in e.lines if line is not own)


def _line(line: Line) -> str:
    text = f"{line.label + ':':<{_LABEL}}"
    text = text if text.endswith(" ") else f"{text} "
    note = beside(line)
    return f"{text}{line.text:<{_TEXT}}   ({note})" if note else f"{text}{line.text}"
