"""The instances of every level in order, numbered: which lies in which, and columns of values over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.plan.layout import Layout, ListField, Path, Row
from vbc_rules.resolve.program import Program
from vbc_rules.run.scalar.scope import ITEM, chain_below

OUTSIDE = Absent(NOT_IN_PROGRAM)

Column: TypeAlias = list[Any]
"""One entry for each instance of a root; below lists, a list of the items' entries."""
Upper: TypeAlias = "int | Absent"
"""The number of the instance above; an absence where there is none."""


@dataclass(frozen=True, slots=True)
class Table:
    """The instances of a level, in order.

    `patterns` are their paths below the root, `*` for any item. Where no list lies above, every instance of the root
    has one instance for each pattern, in this order, and `places` is None. Else `places` has root, pattern and items of
    each. `parents` has the number of the instance each lies in.
    """

    patterns: tuple[Path, ...]
    places: list[tuple[int, Path, tuple[int, ...]]] | None
    parents: list[int]
    size: int


class Frame:
    """The instances of one evaluation. Groups are added as they are formed."""

    def __init__(self, program: Program, layouts: Mapping[str, Layout]) -> None:
        self.program = program
        self.layouts = layouts
        self.rows: dict[str, Sequence[Row]] = {}
        self.is_inside: list[bool] | None = None
        self.group_of: dict[str, list[Upper]] = {}
        self._tables: dict[str, Table] = {}
        self._uppers: dict[tuple[str, str], list[Upper]] = {}
        self._numbers: dict[str, dict[Path, int]] = {}

    # --- instances

    def table(self, level: str) -> Table:
        """Return the instances of a level whose root's rows are known."""
        found = self._tables.get(level)
        if found is None:
            found = self._tables[level] = self._table(level)
        return found

    def size(self, level: str) -> int:
        """Return how many instances a level has."""
        return self.table(level).size

    def _table(self, level: str) -> Table:
        here = self.program.levels[level]
        if here.kind not in ("members", "list") or here.parent is None:
            count = len(self.rows[level])
            return Table(((),), None, [], count)
        above = self.table(here.parent)
        if here.kind == "members":
            below = {
                pattern: [
                    (*pattern, member.name)
                    for member in here.members
                    if member.parent is None or (pattern and pattern[-1] == member.parent)
                ]
                for pattern in above.patterns
            }
            patterns = tuple(path for pattern in above.patterns for path in below[pattern])
            if above.places is None:
                offsets = [number for number, pattern in enumerate(above.patterns) for _ in below[pattern]]
                each = len(above.patterns)
                count = above.size // each if each else 0
                parents = [root * each + offset for root in range(count) for offset in offsets]
                return Table(patterns, None, parents, len(parents))
            places = [(root, path, items) for root, pattern, items in above.places for path in below[pattern]]
            parents = [number for number, place in enumerate(above.places) for _ in below[place[1]]]
            return Table(patterns, places, parents, len(places))
        root = self.program.root(level)
        patterns = tuple((*pattern, ITEM) for pattern in above.patterns)
        positions = {pattern: list_position(self.layouts[root], level, pattern) for pattern in above.patterns}
        places, parents = [], []
        for number, (place, pattern, items) in enumerate(self.places(here.parent)):
            found = _dig(self.rows[root][place], positions[pattern], items)
            for item in range(len(found)):
                places.append((place, (*pattern, ITEM), (*items, item)))
                parents.append(number)
        return Table(patterns, places, parents, len(places))

    def places(self, level: str) -> list[tuple[int, Path, tuple[int, ...]]]:
        """Return root, pattern and items of each instance."""
        table = self.table(level)
        if table.places is not None:
            return table.places
        each = len(table.patterns)
        return [(root, pattern, ()) for root in range(table.size // each if each else 0) for pattern in table.patterns]

    def path(self, level: str, number: int) -> Path:
        """Return the absolute path of an instance."""
        root = self.program.root(level)
        table = self.table(level)
        items: tuple[int, ...] = ()
        if table.places is None:
            place, offset = divmod(number, len(table.patterns))
            pattern = table.patterns[offset]
        else:
            place, pattern, items = table.places[number]
        waiting = iter(items)
        rest = tuple(next(waiting) if key == ITEM else key for key in pattern)
        return rest if self.program.levels[root].kind == "cohort" else (place, *rest)

    def number(self, level: str, path: Path) -> int:
        """Return the number of the instance with an absolute path. Raises KeyError where there is none."""
        found = self._numbers.get(level)
        if found is None:
            found = self._numbers[level] = {self.path(level, at): at for at in range(self.size(level))}
        return found[path]

    # --- columns

    def flat(self, level: str, column: Callable[[Path], Column]) -> list[Any]:
        """Return one entry for each instance of a level, from the column of each pattern."""
        table = self.table(level)
        if table.places is None:
            if len(table.patterns) == 1:
                return column(table.patterns[0])
            columns = [column(pattern) for pattern in table.patterns]
            return [value for row in zip(*columns, strict=True) for value in row]
        known = {pattern: column(pattern) for pattern in table.patterns}
        return [_entry(known[pattern][root], items) for root, pattern, items in table.places]

    def spread(self, level: str, flat: list[Any]) -> dict[Path, Column]:
        """Return the columns by pattern of one entry for each instance."""
        table = self.table(level)
        if table.places is None:
            each = len(table.patterns)
            return {pattern: flat[offset::each] for offset, pattern in enumerate(table.patterns)}
        columns = {pattern: self._nests(level, pattern) for pattern in table.patterns}
        for (at, pattern, items), value in zip(table.places, flat, strict=True):
            here = columns[pattern][at] if items else columns[pattern]
            for item in items[:-1]:
                here = here[item]
            here[items[-1] if items else at] = value
        return columns

    def _nests(self, level: str, pattern: Path) -> Column:
        """Return, for each instance of the root, nested lists for the items under it, to be filled."""
        root = self.program.root(level)
        chain = chain_below(self.program, level)
        depths = [depth for depth, key in enumerate(pattern) if key == ITEM]
        positions = [list_position(self.layouts[root], chain[depth], pattern[:depth]) for depth in depths]

        def nest(row: Row, number: int, items: tuple[int, ...]) -> Any:  # noqa: ANN401 (lists, as deep as the path)
            count = len(_dig(row, positions[number], items))
            if number == len(positions) - 1:
                return [None] * count
            return [nest(row, number + 1, (*items, item)) for item in range(count)]

        return [nest(row, 0, ()) if positions else None for row in self.rows[root]]

    # --- what is above

    def upper(self, level: str, above: str) -> list[Upper]:
        """Return for each instance of a level the number of the instance of `above` over it.

        Across participants, those outside the program are below none.
        """
        key = (level, above)
        if key not in self._uppers:
            self._uppers[key] = self._upper(level, above)
        return self._uppers[key]

    def _upper(self, level: str, above: str) -> list[Upper]:
        if level == above:
            return list(range(self.size(level)))
        chain = self.program.chain(level)
        if above in chain and self.program.root(level) == self.program.root(above):
            parents = self.table(level).parents
            parent = self.program.levels[level].parent or above
            return list(parents) if parent == above else _through(parents, self.upper(parent, above))
        if self.program.levels[above].kind == "cohort":
            inside = self.inside(level)
            return [0] * self.size(level) if inside is None else [0 if there else OUTSIDE for there in inside]
        for name in chain:
            for group in self.program.levels.values():
                if group.groups == name and above in (group.name, *self.program.uppers[group.name]):
                    found: list[Upper] = self.group_of[group.name]
                    if above != group.name:
                        found = _through(found, self.upper(group.name, above))
                    return found if name == level else _through(self.upper(level, name), found)
        raise KeyError(above)

    def inside(self, level: str) -> list[bool] | None:
        """Return whether each instance is, or lies below, a participant in the program; None where all are."""
        if self.is_inside is None or self.program.root(level) != self.program.participant:
            return None
        if level == self.program.participant:
            return self.is_inside
        return [self.is_inside[place] for place, _, _ in self.places(level)]


def _through(first: list[Upper] | list[int], second: list[Upper]) -> list[Upper]:
    return [number if number.__class__ is Absent else second[number] for number in first]  # type: ignore[index]


def list_position(layout: Layout, level: str, path: Path) -> tuple[int, ...]:
    """Return where the rows of list `level` under `path` stand in a row: a position for each list on the way."""
    for position, field in enumerate(layout.fields):
        if not isinstance(field, ListField):
            continue
        if field.level == level and field.path == path:
            return (position,)
        depth = len(field.path)
        if path[:depth] == field.path and path[depth : depth + 1] == (ITEM,):
            try:
                return (position, *list_position(field.layout, level, path[depth + 1 :]))
            except KeyError:
                continue
    raise KeyError(level)


def _dig(row: Row, positions: tuple[int, ...], items: tuple[int, ...]) -> Any:  # noqa: ANN401 (rows of rows)
    """Return the rows of a list; `items` choose among those of the lists on the way."""
    found: Any = row[positions[0]]
    for item, position in zip(items, positions[1:], strict=True):
        found = found[item][position]
    return found


def _entry(value: Any, items: tuple[int, ...]) -> Any:  # noqa: ANN401 (values of mixed kinds)
    # What is the same for all items, or absent for all, stands there once.
    for item in items:
        if not isinstance(value, list | tuple):
            break
        value = value[item]
    return value
