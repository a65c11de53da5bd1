"""A rule file as it grows: its levels, the names on them with what they may hold, and the text of its sections."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

NUMBERS = ("number", "count", "points")
MODES = ("half_up", "half_even", "down", "up", "floor", "ceiling")
REASONS = ("not_reported", "below_minimum", "not_applicable", "excluded", "too_new", "withdrawn")

Text: TypeAlias = "str | Sequence[Text] | Mapping[str, Text]"
"""What stands in the file: a scalar as written, a list or a block, both on one line."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that formulas can read. `reasons`: for which it may be absent; `positive`: never zero or less."""

    level: str
    text: str
    kind: str
    reasons: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    positive: bool = False
    never_negative: bool = False
    is_input: bool = False
    is_weight: bool = False
    dated: bool = False


@dataclass(slots=True)
class Shelf:
    """A level: the cohort, the participant, listed members or a list."""

    name: str
    kind: str
    parent: str | None
    members: list[tuple[str, str | None]] = field(default_factory=list)
    columns: dict[str, Text] = field(default_factory=dict)
    cells: dict[str, dict[str, str]] = field(default_factory=dict)
    expect: str = ""
    key: str = ""
    at_most: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a formula stands: its level, the level it gathers from (inside a gathering), names known to be present."""

    level: str
    gathered: str | None = None
    present: frozenset[str] = frozenset()

    def knowing(self, *names: str) -> Seat:
        """Return the seat with more names known to be present."""
        return replace(self, present=self.present | set(names))


class Draft:
    """The file. Its text is made by `text`."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.shelves: dict[str, Shelf] = {}
        self.names: dict[str, Name] = {}
        self.parameters: dict[str, Text] = {}
        self.inputs: dict[str, dict[str, Text]] = {}
        self.expected: dict[str, list[Text]] = {}
        self.values: dict[str, dict[str, Text]] = {}
        self.gates: dict[str, dict[str, Text]] = {}
        self.payments: dict[str, dict[str, Text]] = {}
        self.codes: list[str] = []
        self._count = 0

    # --- names

    def fresh(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._count}"

    def add(self, name: Name) -> Name:
        self.names[name.text] = name
        return name

    def chain(self, level: str) -> list[str]:
        """Return `level` and what it lies in, up to the cohort."""
        found = [level]
        while (parent := self.shelves[found[-1]].parent) is not None:
            found.append(parent)
        return found

    def below(self, level: str) -> list[str]:
        return [name for name in self.shelves if name != level and level in self.chain(name)]

    def gatherable(self, level: str) -> list[str]:
        """Return the levels that can be gathered from `level`: those below, and its siblings (itself among them).

        Not what only a whole cohort could be gathered from.
        """
        here = self.shelves[level]
        if here.kind == "cohort":
            return []
        siblings = self.below(here.parent) if here.parent is not None and here.kind != "participant" else []
        return list(dict.fromkeys((*self.below(level), *siblings)))

    def within(self, level: str, gathered: str) -> str:
        """Return the level within which `gathered` is gathered from `level`."""
        return level if gathered in self.below(level) else self.shelves[level].parent or level

    def seen(self, seat: Seat) -> list[Name]:
        """Return every name that can be read from a seat, absent or not."""
        levels = {*self.chain(seat.level), ""}
        if seat.gathered is not None:
            levels |= set(self.chain(seat.gathered))
        return [name for name in self.names.values() if name.level in levels]

    def reasons(self, name: Name, seat: Seat) -> tuple[str, ...]:
        return () if name.text in seat.present else name.reasons

    def readable(self, seat: Seat, kinds: Iterable[str]) -> list[Name]:
        """Return the names of these kinds that are certainly present."""
        wanted = set(kinds)
        return [n for n in self.seen(seat) if n.kind in wanted and not n.dated and not self.reasons(n, seat)]

    def may_be_empty(self, level: str, within: str) -> bool:
        """Whether an instance of `within` can have no member of `level`."""
        chain = self.chain(level)
        if within not in chain:
            return True
        for name in chain[: chain.index(within)]:
            here = self.shelves[name]
            if here.kind == "list":
                return True
            above = self.shelves[here.parent or ""] if here.parent else None
            if above is not None and above.kind == "members":
                filled = {parent for _, parent in here.members}
                if any(member not in filled for member, _ in above.members):
                    return True
        return False

    def chance(self, likely: float) -> bool:
        return self.rng.random() < likely

    # --- text

    def text(self) -> str:
        """Return the whole file."""
        lines = [
            "program: test/generated",
            "edition: '2024'",
            "language: 1",
            "title: Generated",
            "participant: hospital",
            "in_force: {from: 2024-01-01, through: 2024-12-31}",
        ]
        levels: dict[str, Text] = {
            shelf.name: _level(shelf) for shelf in self.shelves.values() if shelf.kind in ("members", "list")
        }
        for title, section in (
            ("parameters", self.parameters),
            ("levels", levels),
            ("inputs", self.inputs),
            ("expected", self.expected),
            ("values", self.values),
            ("gates", self.gates),
            ("payments", self.payments),
        ):
            if not section:
                continue
            lines.append(f"{title}:")
            for key, entry in section.items():
                if isinstance(entry, Mapping) and title in ("inputs", "values", "gates", "payments"):
                    lines.append(f"  {key}:")
                    lines.extend(f"    {name}: {inline(made)}" for name, made in entry.items())
                else:
                    lines.append(f"  {key}: {inline(entry)}")
        return "\n".join(lines) + "\n"


def _level(shelf: Shelf) -> Text:
    parent = shelf.parent or ""
    if shelf.kind == "list":
        key: dict[str, Text] = {"key": shelf.key} if shelf.key else {}
        return {"in": parent, "list": "yes", **key, "at_most": str(shelf.at_most)}
    members: dict[str, Text] = {
        name: {**({"in": inside} if inside else {}), **shelf.cells.get(name, {})} for name, inside in shelf.members
    }
    columns: dict[str, Text] = {}
    if shelf.columns:
        expect: dict[str, Text] = {"expect": shelf.expect} if shelf.expect else {}
        columns = {"parameters": shelf.columns, **expect, "illustrative": "yes"}
    return {"in": parent, **columns, "members": members}


def formula(text: str) -> str:
    """Return a formula as it is written in a file."""
    return f'"{text}"'


def inline(part: Text) -> str:
    """Return a part of the file on one line."""
    if isinstance(part, str):
        return part
    if isinstance(part, Mapping):
        return "{" + ", ".join(f"{key}: {inline(value)}" for key, value in part.items()) + "}"
    return "[" + ", ".join(inline(item) for item in part) + "]"
