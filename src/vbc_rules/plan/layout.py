"""Where each input of one participant stands in a row of plain values.

A row is a flat tuple, one place a field: quantities are whole numbers scaled by the field's `scale` (money with two
decimals in cents), yes/no is `bool`, words are `str`, dates are day ordinals (`date.toordinal`), an absence is
`Absent`. A list is a tuple of rows of its own layout. An input with `only_if` that the data do not give is `NOT_GIVEN`;
the engines settle it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from vbc_rules.language.absence import Absent
from vbc_rules.language.types import Type
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Domain, Input, Program

NOT_GIVEN: Final = Absent("not_given")

KEY_DECIMALS: Final = 18
"""Decimals that a row of a group may have of a computed quantity that its groups go by; a percent's, as a fraction."""

Path: TypeAlias = tuple[str | int, ...]
"""Which instance of a level: the keys from just below the participant down to it (a listed member's name, an item's
number from 0). The participant's own path is empty, so is the cohort's."""

Cell: TypeAlias = "int | bool | str | Absent | tuple[Row, ...]"
Row: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One input (or required parameter, or the participant's identifier) of one instance.

    `path` leads from the layout's own level to the instance: listed members only. `domain` is None for the identifier.
    """

    ref: Ref
    path: Path
    type: Type
    scale: int
    domain: Domain | None
    input: Input | None


@dataclass(frozen=True, slots=True)
class ListField:
    """The items of list level `level` under the instance `path`."""

    level: str
    path: Path
    layout: Layout


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of a row for `level` (the participant, or a list level) and all listed members below it."""

    level: str
    fields: tuple[Field | ListField, ...]


def make_layout(program: Program) -> Layout:
    """Return where each input of the participant, of the cohort and of the required parameters stands.

    Order: the participant's identifier, required parameters, inputs of the cohort, of the participant, of the listed
    members level by level in the file's order, then lists.
    """
    participant = program.participant
    fields: list[Field | ListField] = [
        Field(Ref(participant, participant), (), program.slots[Ref(participant, participant)].type, 0, None, None)
    ]
    fields.extend(
        Field(Ref("", parameter.name), (), parameter.type, parameter.domain.scale, parameter.domain, None)
        for parameter in program.parameters.values()
        if parameter.required and parameter.domain is not None
    )
    for level in program.levels.values():
        if level.kind == "cohort":
            fields.extend(_inputs_of(program, level.name, ()))
    fields.extend(_fields_under(program, participant))
    return Layout(participant, tuple(fields))


def make_layouts(program: Program) -> Mapping[str, Layout]:
    """Return the layout of a row of each root of the program: the cohort, the participant, each level of groups.

    The cohort's row begins with the required parameters; a participant's with its identifier; that of a level of groups
    with the names it goes by, in the order of `by` (their `ref` stands on the level gathered, or above it).
    """
    found: dict[str, Layout] = {}
    for root in program.roots:
        level = program.levels[root]
        fields: list[Field | ListField] = []
        if level.kind == "cohort":
            fields.extend(
                Field(Ref("", parameter.name), (), parameter.type, parameter.domain.scale, parameter.domain, None)
                for parameter in program.parameters.values()
                if parameter.required and parameter.domain is not None
            )
        elif level.kind == "participant":
            fields.append(Field(Ref(root, root), (), program.slots[Ref(root, root)].type, 0, None, None))
        else:
            fields.extend(_key(program, ref) for ref in level.by)
        found[root] = Layout(root, (*fields, *_fields_under(program, root)))
    return found


def _key(program: Program, ref: Ref) -> Field:
    """Return the field of what groups go by. A computed quantity has no declared decimals: many are read, exactly."""
    given = program.inputs.get(ref)
    if given is not None:
        return Field(ref, (), given.domain.type, given.domain.scale, given.domain, None)
    type = program.slots[ref].type
    return Field(ref, (), type, KEY_DECIMALS if type.is_numeric else 0, None, None)


def _fields_under(program: Program, level: str) -> list[Field | ListField]:
    """Return the fields of `level` itself, then of everything that lies in it."""
    fields: list[Field | ListField] = list(_inputs_of(program, level, ()))
    instances: dict[str, list[Path]] = {level: [()]}
    lists: list[ListField] = []
    for below in program.levels.values():
        if below.parent not in instances or below.kind not in ("members", "list"):
            continue
        if below.kind == "list":
            layout = Layout(below.name, tuple(_fields_under(program, below.name)))
            lists.extend(ListField(below.name, path, layout) for path in instances[below.parent])
            continue
        paths = [
            (*path, member.name)
            for path in instances[below.parent]
            for member in below.members
            if member.parent is None or (path and path[-1] == member.parent)
        ]
        instances[below.name] = paths
        for path in paths:
            fields.extend(_inputs_of(program, below.name, path))
    return [*fields, *lists]


def _inputs_of(program: Program, level: str, path: Path) -> list[Field]:
    return [
        Field(entry.ref, path, entry.domain.type, entry.domain.scale, entry.domain, entry)
        for entry in program.inputs.values()
        if entry.ref.level == level
    ]


@dataclass(frozen=True, slots=True, repr=False)
class Population:
    """What is given of a whole cohort, each row as its root's layout says.

    `participants` stand in the order of their identifiers, which are all different; `numbers` says at which place of
    the caller's table each stood, counted from 1. `groups` has the rows given for levels of groups that have inputs,
    or lie above levels that have them.
    """

    cohort: Row
    participants: Sequence[Row]
    numbers: Sequence[int]
    groups: Mapping[str, tuple[Row, ...]]

    def __repr__(self) -> str:
        groups = "".join(f", {len(rows)} rows of {name}" for name, rows in self.groups.items())
        return f"<Population: {len(self.participants)} participants{groups}>"


def identifiers_of(population: Population) -> list[str]:
    """Return the participants' identifiers, in the order of the population."""
    rows = population.participants
    held = getattr(rows, "identifiers", None)  # rows held as columns make no row for it
    found: list[str] = held() if callable(held) else [str(row[0]) for row in rows]
    return found


def decode(cell: int | str | Absent, field: Field) -> Datum:
    """Return the exact value a cell of `field` stands for."""
    if isinstance(cell, Absent | str | bool):
        return cell
    if field.type.kind == "date":
        return datetime.date.fromordinal(cell)
    return Fraction(cell, 10**field.scale)


def paths_under(program: Program, level: str, above: Path) -> tuple[Path, ...]:
    """Return the paths of the members of `level` under the instance `above`, as far as the file lists them.

    Raises ValueError where a level between them is a list.
    """
    chain = program.chain(level)
    if program.participant not in chain:
        return ((),)
    paths: list[Path] = [above]
    for name in chain[: chain.index(program.participant)][::-1][len(above) :]:
        if program.levels[name].kind != "members":
            raise ValueError(f"the members of {name} are not listed in the file")
        paths = [
            (*path, member.name)
            for path in paths
            for member in program.levels[name].members
            if member.parent is None or (path and path[-1] == member.parent)
        ]
    return tuple(paths)


def listed_paths(program: Program, level: str) -> Mapping[Path, None]:
    """Return the paths of every instance of a level whose whole chain below the participant lists its members.

    Raises ValueError where a level of the chain is a list.
    """
    return dict.fromkeys(paths_under(program, level, ()))
