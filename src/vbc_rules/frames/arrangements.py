"""What a mapping file cannot serve: arrangements of tables, levels and intervals that do not fit together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vbc_rules.frames import codes
from vbc_rules.frames.mapping import Placement, Table
from vbc_rules.language.reading.fields import Context
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Level, Program
from vbc_rules.source.tree import Block, Tree

MAX_INTERVALS: Final = 4
"""Inputs of one participant that may stand for an interval: validation computes three values of each, together."""


def check_arrangement(
    tree: Tree, placed: Placement, found: list[Placement], program: Program, tables: Iterable[Table], cx: Context
) -> None:
    """Report what a mapping cannot serve: mixed kinds of rows in one table, lists in lists, one thing read twice."""
    level = program.levels[placed.level]
    root = program.root(level.name)
    _check_level(tree, level, placed, program, cx)
    if root != program.participant:
        _check_together(tree, level, placed, program, cx)
    table = next((one for one in tables if one.name == placed.table), None)
    own = [one.name for one in tables if table is not None and one.root == table.root]
    if table is not None and (table.root or program.participant) != root:
        message = f"the table `{table.name}` has rows of `{table.root or program.participant}`, not of `{root}`"
        help = "declare another table for it; two tables may be of one file"
        cx.findings.error(codes.UNSERVED, message, tree.span, help)
    kinds = {one.kind for one in found if one.table == placed.table}
    if len(kinds) > 1 or (root != COHORT and own[:1] == [placed.table] and placed.kind != "wide"):
        one_row = "one row" if root == COHORT else f"one row a {root}"
        message = f"the table `{placed.table}` cannot have {one_row} and several"
        help = "name a table with one row each first, and others for members or items"
        cx.findings.error(codes.UNSERVED, message, tree.span, help)
    seen: set[tuple[str, Ref, str | None]] = {
        (one.role, one.ref, one.member) for other in found[:-1] for one in other.fields if one.role != "cell"
    }
    for one in placed.fields:
        if (one.role, one.ref, one.member) in seen and placed.kind != "long":
            message = f"`{one.where}` comes from two columns"
            cx.findings.error(codes.MAPPED_TWICE, message, tree.span, "remove one of the two")


def _check_level(tree: Tree, level: Level, placed: Placement, program: Program, cx: Context) -> None:
    above = program.levels.get(level.parent or "")
    while above is not None and above.kind == "members":
        above = program.levels.get(above.parent or "")
    if above is not None and above.kind == "list":
        message = f"`{level.name}` lies in a list, whose items a table of rows cannot hold"
        cx.findings.error(codes.UNSERVED, message, tree.span, "supply these inputs as JSON")
    root = program.root(level.name)
    if level.kind == "list" and level.parent != root:
        message = f"`{level.name}` does not lie in `{root}` itself"
        cx.findings.error(codes.UNSERVED, message, tree.span, "supply these inputs as JSON")
    if level.kind == "list" and any(one.role != "input" for one in placed.fields):
        message = "items of a list have no published figures here"
        cx.findings.error(codes.UNSERVED, message, tree.span, "remove `published`")


def _check_together(tree: Tree, level: Level, placed: Placement, program: Program, cx: Context) -> None:
    """Report what is for participants only: figures that are compared, and inputs that stand for intervals."""
    for key, role in (("published", "published"), ("cells", "cell")):
        if level.kind != "list" and any(one.role == role for one in placed.fields):
            message = f"`{level.name}` is not of one {program.participant}, and only its figures are compared"
            cx.findings.error(codes.UNSERVED, message, tree.span, f"remove `{key}`")


def check_intervals(found: Iterable[Placement], program: Program, block: Block, cx: Context) -> None:
    """Report more intervals than validation carries through, and those of list items, whose number is not known."""
    count = 0
    together = program.needs_cohort
    for place in found:
        here = [one for one in place.fields if one.role == "input" and one.unit is not None]
        count += len(here) * (len(set((place.members or {}).values())) if place.kind == "long" else 1)
        together = together or program.root(place.level) != program.participant
        if here and place.kind == "items":
            message = f"items of `{place.level}` are as many as the data bring, and intervals must be few"
            cx.findings.error(codes.UNSERVED, message, block.span, "remove `to_the_nearest` there")
    if count and together:
        message = f"the program computes all its {program.participant}s together, so no input can be an interval"
        cx.findings.error(codes.UNSERVED, message, block.span, "remove `to_the_nearest` of the inputs")
    elif count > MAX_INTERVALS:
        message = f"{count} inputs of one {program.participant} are written to the nearest unit"
        help = f"keep `to_the_nearest` for at most {MAX_INTERVALS} of them, those that move a figure most"
        cx.findings.error(codes.UNSERVED, message, block.span, help)
