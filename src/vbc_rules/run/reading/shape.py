"""How a caller nests inputs: which names stand under which, and the place of each field in the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from vbc_rules.plan.layout import Field, Layout, ListField, Path
from vbc_rules.resolve.program import Domain, Program


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """One field, given under `key`; `place` is its cell's place in the row."""

    key: str
    place: int
    field: Field


@dataclass(frozen=True, slots=True)
class ListEntry:
    """The items of a list level, given under the level's name. `unique` is the field that tells items apart."""

    key: str
    place: int
    at_most: int
    unique: str | None
    width: int
    item: Node


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """A level of listed members, given under the level's name: its members by name, whatever member they lie in."""

    key: str
    members: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Node:
    """What is given together for one instance of `level` (for required parameters: the level "")."""

    level: str
    fields: tuple[FieldEntry, ...]
    lists: tuple[ListEntry, ...]
    groups: tuple[GroupEntry, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """All names that may be given."""
        lists, groups = (entry.key for entry in self.lists), (entry.key for entry in self.groups)
        return (*(entry.key for entry in self.fields), *lists, *groups)


@dataclass(frozen=True, slots=True)
class Shape:
    """The three things a row is read from; `width` is the number of its cells.

    A row of groups has the names they go by among its inputs. A row of the cohort has the cohort's inputs as its
    `inputs`, and nothing in `cohort`.
    """

    width: int
    inputs: Node
    cohort: Node
    parameters: Node


def make_shape(layout: Layout, program: Program) -> Shape:
    """Return how the inputs of `layout` nest.

    Raises ValueError where two things given together go by one name.
    """
    cohort = next(level.name for level in program.levels.values() if level.kind == "cohort")
    return Shape(
        len(layout.fields),
        _make_node(layout, program),
        Node(cohort, (), (), ()) if layout.level == cohort else _node(cohort, (), layout, program, {}),
        _node("", (), layout, program, {}),
    )


def _make_node(layout: Layout, program: Program) -> Node:
    members: dict[str, dict[str, Path]] = {}
    for field in layout.fields:
        if field.path:
            level = program.levels[field.level].parent if isinstance(field, ListField) else field.ref.level
            members.setdefault(level or "", {})[str(field.path[-1])] = field.path
    # In the file's order of levels: a level that only holds lists stands last in the layout.
    groups = {name: members[name] for name in program.levels if name in members}
    return _node(layout.level, (), layout, program, groups)


def _node(level: str, path: Path, layout: Layout, program: Program, groups: dict[str, dict[str, Path]]) -> Node:
    fields: list[FieldEntry] = []
    lists: list[ListEntry] = []
    keys = len(program.levels[level].by) if level == layout.level else 0
    for place, field in enumerate(layout.fields):
        if field.path != path:
            continue
        if isinstance(field, Field):
            if place < keys:
                fields.append(FieldEntry(field.ref.name, place, _key(field)))
            elif field.ref.level == level:
                fields.append(FieldEntry(field.ref.name, place, field))
        elif program.levels[field.level].parent == level:
            listed = program.levels[field.level]
            # `at_most` is always stated in a checked file.
            lists.append(
                ListEntry(
                    field.level,
                    place,
                    listed.at_most or 0,
                    listed.key,
                    len(field.layout.fields),
                    _make_node(field.layout, program),
                )
            )
    found = Node(
        level,
        tuple(fields),
        tuple(lists),
        tuple(
            GroupEntry(name, tuple((member, _node(name, at, layout, program, {})) for member, at in members.items()))
            for name, members in groups.items()
        ),
    )
    twice = [key for key, times in Counter(found.keys).items() if times > 1]
    if twice:
        raise ValueError(f"two things given for one {level} are both named {twice[0]}")
    return found


def _key(field: Field) -> Field:
    """Return a name that groups go by as it is given for a group: it is always there, else there were no group."""
    domain = field.domain
    if domain is None:  # it is a value, which declares no bounds
        return replace(
            field, domain=Domain(field.type, field.scale - (2 if field.type.kind == "percent" else 0), None, None, ())
        )
    return replace(field, domain=replace(domain, reasons=()))


def nodes(node: Node) -> Iterator[Node]:
    """Yield a node of every level from `node` down, one for each level, innermost first."""
    for entry in node.groups:
        yield from nodes(entry.members[0][1])
    for listed in node.lists:
        yield from nodes(listed.item)
    yield node
