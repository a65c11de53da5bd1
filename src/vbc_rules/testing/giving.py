"""What a test gives, as `Program.evaluate` takes it: every name checked at its place in the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vbc_rules.language.absence import STANDARD_REASONS, Absent
from vbc_rules.plan.layout import Field
from vbc_rules.run.reading.shape import GroupEntry, ListEntry, Node
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.nearest import nearest
from vbc_rules.source.tree import Block, Listing, Scalar, Tree
from vbc_rules.testing import codes

OTHERS: Final = "others"
"""Beside members, stands for every input not given: `others: not_reported`."""

_WORD = re.compile(r"[a-z][a-z0-9_]*")


def is_word(scalar: Scalar) -> bool:
    """Return whether a scalar is one bare word, as absences are written; `yes` and `no` are none."""
    return scalar.style == "plain" and _WORD.fullmatch(scalar.text) is not None and scalar.text not in ("yes", "no")


def report_unknown(key: Scalar, what: str, candidates: Sequence[str], findings: Findings) -> None:
    """Report a name that is none of `candidates`, and say what to write instead."""
    close = nearest(key.text, candidates)
    if close is not None:
        help = f"write `{close}`"
    elif candidates:
        few = ", ".join(f"`{name}`" for name in candidates[:12])
        help = f"write one of {few}" + (f" and {len(candidates) - 12} more" if len(candidates) > 12 else "")
    else:
        help = "leave it out"
    findings.error(codes.NO_SUCH_NAME, f"{what} has no `{key.text}`", key.span, help)


def report_form(tree: Tree, message: str, help: str, findings: Findings) -> None:
    """Report what is written in another form than belongs here."""
    findings.error(codes.BAD_FORM, message, tree.span, help)


@dataclass(frozen=True, slots=True)
class Giving:
    """Reads the parameters, the cohort's inputs or the inputs of one test."""

    reasons: frozenset[str]
    """The absences that any input of the program can have."""
    findings: Findings

    def node(self, node: Node, tree: Tree, what: str) -> dict[str, object]:
        """Return what is given for one instance, called `what` in messages."""
        found: dict[str, object] = {}
        if not isinstance(tree, Block):
            report_form(tree, f"{what} is a block of names with their values", "write `{a_name: 1}`", self.findings)
            return found
        fields = {entry.key: entry.field for entry in node.fields}
        groups = {entry.key: entry for entry in node.groups}
        lists = {entry.key: entry for entry in node.lists}
        for entry in tree:
            key = entry.key.text
            if key in fields:
                value = self._value(fields[key], entry.value, key)
                if value is not None:
                    found[key] = value
            elif key in groups:
                found[key] = self._members(groups[key], entry.value)
            elif key in lists:
                found[key] = self._items(lists[key], entry.value)
            else:
                report_unknown(entry.key, what, node.keys, self.findings)
        return found

    def _value(self, field: Field, tree: Tree, key: str) -> str | Absent | None:
        if not isinstance(tree, Scalar) or (tree.style == "plain" and not tree.text):
            report_form(tree, f"`{key}` is one value", f"write `{key}: 1`, or the word of its absence", self.findings)
            return None
        own = may_be(field)
        if not is_word(tree):
            return tree.text
        if tree.text in own:
            return Absent(tree.text)
        if field.type.kind in ("category", "direction", "identifier", "text"):
            return tree.text
        if tree.text in self.reasons or tree.text in STANDARD_REASONS:
            return Absent(tree.text)  # another input's absence: refused when it is given, which a test may want
        close = nearest(tree.text, own)
        words = ["`yes`", "`no`"] if field.type.kind == "yes_no" else ["its value"]
        others = " or ".join([*words, *(f"`{reason}`" for reason in own)])
        self.findings.error(
            codes.BAD_ABSENCE,
            f"`{tree.text}` is no absence of `{key}`",
            tree.span,
            f"write `{close}`" if close else f"write {others}",
        )
        return None

    def _members(self, group: GroupEntry, tree: Tree) -> dict[str, object]:
        found: dict[str, object] = {}
        members = dict(group.members)
        if not isinstance(tree, Block):
            help = f"write `{{{next(iter(members))}: {{..}}}}`"
            report_form(tree, f"`{group.key}` is a block of its members", help, self.findings)
            return found
        others: Tree | None = None
        for entry in tree:
            name = entry.key.text
            if name in members:
                found[name] = self.node(members[name], entry.value, f"`{group.key}`")
            elif name == OTHERS:
                others = entry.value
            else:
                report_unknown(entry.key, f"`{group.key}`", tuple(members), self.findings)
        return found if others is None else self._fill(group, members, found, others)

    def _fill(
        self, group: GroupEntry, members: Mapping[str, Node], found: dict[str, object], others: Tree
    ) -> dict[str, object]:
        """Give every input not given of every member the absence that `others` names."""
        possible = tuple(
            dict.fromkeys(reason for node in members.values() for e in node.fields for reason in may_be(e.field))
        )
        if not isinstance(others, Scalar) or others.text not in possible:
            listed = ", ".join(f"`{reason}`" for reason in possible)
            help = f"write one of {listed}" if possible else f"give every input of `{group.key}`"
            message = f"`{OTHERS}` is an absence that inputs of `{group.key}` can have"
            self.findings.error(codes.BAD_ABSENCE, message, others.span, help)
            return found
        whole: dict[str, object] = {}
        for name, node in members.items():
            given = found.get(name, {})
            rest = {e.key: Absent(others.text) for e in node.fields if others.text in may_be(e.field)}
            whole[name] = {**rest, **given} if isinstance(given, dict) else given
        return whole

    def _items(self, listed: ListEntry, tree: Tree) -> list[object]:
        if not isinstance(tree, Listing):
            report_form(
                tree, f"`{listed.key}` is a list of items", f"write `{listed.key}: [{{..}}, {{..}}]`", self.findings
            )
            return []
        return [self.node(listed.item, item, f"an item of `{listed.key}`") for item in tree.items]


def may_be(field: Field) -> tuple[str, ...]:
    """Return the absences an input can be given with."""
    own = () if field.domain is None else field.domain.reasons
    otherwise = None if field.input is None else field.input.otherwise
    return own if otherwise is None or otherwise in own else (*own, otherwise)
