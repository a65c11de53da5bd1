"""The ways up from a level: what it lies in and what gathers it, which groups are joined, what may hold no member."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise

from vbc_rules.resolve.expressions import Datum, Read
from vbc_rules.resolve.program import GatherShape, Program


def way_up(program: Program, level: str, within: str) -> tuple[str, ...]:
    """Return the levels from `level` up to `within`, both included; nothing where `within` is not above."""
    chain = program.chain(level)
    if within in chain:
        return chain[: chain.index(within) + 1]
    for index, name in enumerate(chain):
        for group in program.levels.values():
            if group.groups == name and (rest := way_up(program, group.name, within)):
                return (*chain[: index + 1], *rest)
    return ()


def gathers(program: Program, upper: str, name: str) -> bool:
    """Whether `upper` is a level of groups of the members of `name`."""
    return program.levels[upper].groups == name


def joined(program: Program, level: str, upper: str) -> tuple[str, ...]:
    """Return the levels of groups a member of `level` must be in for an instance of `upper` to be above it."""
    way = way_up(program, level, program.root(upper))
    return tuple(group for name, group in pairwise(way) if gathers(program, group, name))


def all_joined(program: Program, upper: str) -> tuple[str, ...]:
    """Return the levels of groups that may have to be joined to see `upper` from below, wherever that is."""
    found: list[str] = []
    root = program.levels[program.root(upper)]
    while root.kind == "groups" and root.groups is not None:
        found.append(root.name)
        root = program.levels[program.root(root.groups)]
    return tuple(reversed(found))


def is_of_participants(program: Program, level: str) -> bool:
    """Whether a level is the participant or hangs from it."""
    return level in program.levels and program.root(level) == program.participant


def is_across(program: Program, level: str, within: str) -> bool:
    """Whether an instance of `within` has members of `level` of several participants: of those in the program only."""
    return is_of_participants(program, level) and not is_of_participants(program, within)


def may_be_empty(program: Program, level: str, within: str) -> bool:
    """Whether an instance of `within` can have no member of `level` below it. A group always has a member."""
    way = way_up(program, level, within)
    if not way:
        return True
    for name, upper in pairwise(way):
        if gathers(program, upper, name):
            continue
        here, parent = program.levels[name], program.levels[upper]
        if here.kind != "members":
            return True
        if parent.kind == "members":
            filled = {member.parent for member in here.members}
            if any(member.name not in filled for member in parent.members):
                return True
    return False


def are_several(program: Program, level: str, within: str) -> bool:
    """Whether every instance of `within` that has members of `level` has two or more (`level` a listed one)."""
    way = way_up(program, level, within)
    lying = [name for name, upper in pairwise(way) if not gathers(program, upper, name)]
    counts = [Counter(member.parent for member in program.levels[name].members) for name in lying]
    return program.levels[level].kind == "members" and any(min(found.values(), default=0) > 1 for found in counts)


def weigh_something(program: Program, shape: GatherShape) -> bool:
    """Whether the weights of all members certainly add up to more than zero: they are cells that say so."""
    if shape.function != "weighted_mean":
        return True
    if not isinstance(shape.weight, Read) or shape.weight.ref.level != shape.level:
        return False
    weights: dict[str | None, list[Datum | None]] = {}
    for member in program.levels[shape.level].members:
        weights.setdefault(member.parent, []).append(member.cells.get(shape.weight.ref.name))
    cells = [cell for together in weights.values() for cell in together]
    if not cells or not all(isinstance(cell, Fraction) and cell >= 0 for cell in cells):
        return False
    lies_in = shape.within in program.chain(shape.level)  # else a group may have some of them only
    return all(cells) or (lies_in and all(any(together) for together in weights.values()))
