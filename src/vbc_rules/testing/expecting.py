"""What a test expects: each name with its place in the file, which value of which instance it is, and exactly what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from vbc_rules.api.places import paths_under, steps_to
from vbc_rules.api.program import Program
from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.language.document import Word
from vbc_rules.language.types import Type
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.literals import read_literal
from vbc_rules.resolve.program import Input
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.nearest import nearest
from vbc_rules.source.span import Span
from vbc_rules.source.tree import Block, Listing, Scalar, Tree
from vbc_rules.testing import codes
from vbc_rules.testing.giving import is_word, report_form, report_unknown

_QUOTIENT = re.compile(r"(-?)(\$?)([0-9][0-9,]*) ?/ ?([0-9][0-9,]*)(%?)")


@dataclass(frozen=True, slots=True)
class Whose:
    """Where in a cohort a value is expected: at a participant, at a group by its key, or at the cohort.

    `level` is "" for the one participant of a test without a cohort; `label` is how failures tell whose value it is.
    """

    level: str = ""
    key: tuple[Datum, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class ExpectedValue:
    """One value that must come out, `text` as it is written in the test."""

    whose: Whose
    ref: Ref
    path: Path
    type: Type
    value: Datum
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class ExpectedCount:
    """How many items a list must have under the instance `above`."""

    whose: Whose
    level: str
    above: Path
    count: int
    span: Span


Expected = ExpectedValue | ExpectedCount


@dataclass(frozen=True, slots=True)
class Expecting:
    """Reads what one test expects at one participant, group or cohort; `root` is its level."""

    program: Program
    findings: Findings
    root: str
    whose: Whose = field(default_factory=Whose)

    def instance(self, level: str, path: Path, tree: Tree, what: str) -> Iterator[Expected]:
        """Yield what is expected at an instance of `level`, called `what` in messages, and at all below it."""
        if not isinstance(tree, Block):
            report_form(tree, f"{what} is a block of names with their values", "write `{a_name: 1}`", self.findings)
            return
        names, below = self._names(level), self._below(level)
        for entry in tree:
            key = entry.key.text
            ref = names.get(key)
            if key in below and (ref is None or not isinstance(entry.value, Scalar)):
                yield from self._level(key, path, entry.value)
            elif ref is not None:
                yield from self._value(ref, path if ref.level == level else (), entry.value)
            else:
                report_unknown(entry.key, what, (*names, *below), self.findings)

    def _names(self, level: str) -> dict[str, Ref]:
        """Return what can be expected at an instance: its own names, beside a root's also those above it."""
        resolved = self.program.resolved
        own = {ref.name: ref for ref in resolved.slots if ref.level == level}
        if level != self.root:
            return own
        found: dict[str, Ref] = {}
        for upper in reversed(resolved.above(level)):
            if not steps_to(resolved, upper, self.root):
                found.update({ref.name: ref for ref in resolved.slots if ref.level == upper})
        return {**found, **own}

    def _below(self, level: str) -> tuple[str, ...]:
        resolved = self.program.resolved
        return tuple(
            name
            for name, found in resolved.levels.items()
            if resolved.root(name) == self.root
            and (
                (found.kind == "members" and level in resolved.chain(name)[1:])
                or (found.kind == "list" and found.parent == level)
            )
        )

    def _level(self, level: str, above: Path, tree: Tree) -> Iterator[Expected]:
        if self.program.resolved.levels[level].kind == "list":
            yield from self._items(level, above, tree)
            return
        paths = {str(path[-1]): path for path in paths_under(self.program.resolved, level, above, self.root)}
        if not isinstance(tree, Block):
            help = f"write `{level}: {{{next(iter(paths), 'a_member')}: {{..}}}}`"
            report_form(tree, f"`{level}` is a block of its members", help, self.findings)
            return
        for entry in tree:
            if entry.key.text in paths:
                yield from self.instance(level, paths[entry.key.text], entry.value, f"`{level}`")
            else:
                report_unknown(entry.key, f"`{level}`", tuple(paths), self.findings)

    def _items(self, level: str, above: Path, tree: Tree) -> Iterator[Expected]:
        if not isinstance(tree, Listing):
            help = f"write `{level}: [{{..}}, {{..}}]`, one for each item given"
            report_form(tree, f"`{level}` is a list of items", help, self.findings)
            return
        yield ExpectedCount(self.whose, level, above, len(tree.items), tree.span)
        for number, item in enumerate(tree.items):
            yield from self.instance(level, (*above, number), item, f"an item of `{level}`")

    def _value(self, ref: Ref, path: Path, tree: Tree) -> Iterator[Expected]:
        if not isinstance(tree, Scalar):
            report_form(tree, f"`{ref.name}` is one value", f"write `{ref.name}: 1`", self.findings)
            return
        type_ = self.program.resolved.slots[ref].type
        value = self._read(ref, type_, tree)
        if value is not None:
            yield ExpectedValue(self.whose, ref, path, type_, value, tree.text, tree.span)

    def _read(self, ref: Ref, type_: Type, scalar: Scalar) -> Datum | None:
        reasons = self._reasons(ref)
        word = is_word(scalar)
        if word and scalar.text in reasons:
            return Absent(scalar.text)
        if word and type_.kind not in ("category", "direction", "identifier", "text"):
            close = nearest(scalar.text, reasons)
            listed = ", ".join(f"`{reason}`" for reason in reasons)
            help = f"write `{close}`" if close else f"write its value, or one of {listed}"
            message = f"`{scalar.text}` is no absence that `{ref.name}` can have"
            self.findings.error(codes.BAD_ABSENCE, message, scalar.span, help)
            return None
        quotient = _quotient(scalar.text, type_)
        if quotient is not None:
            return quotient
        quiet = Findings()
        found = read_literal(Word(scalar.text, scalar.span), type_, quiet)
        for one in quiet.errors:
            self.findings.error(codes.BAD_VALUE, one.message, one.span, one.help)
        return found

    def _reasons(self, ref: Ref) -> tuple[str, ...]:
        """Return the absences that a name can have; everything can be absent for not being in the program."""
        given = self.program.resolved.inputs.get(ref)
        own = () if given is None else may_be_given(given)
        cells = {
            value.reason: None
            for member in self.program.resolved.levels[ref.level].members
            if isinstance(value := member.cells.get(ref.name), Absent)
        }
        found = (*own, *cells, *self.program.plan.reasons.get(ref, ()), *self._reasons_of_keys(ref.level))
        return tuple(dict.fromkeys((*found, NOT_IN_PROGRAM)))

    def _reasons_of_keys(self, level: str) -> Iterator[str]:
        """Yield the absences of what the groups above go by: seen from below, the group's names have them, too."""
        resolved = self.program.resolved
        group = resolved.levels[resolved.root(level)] if level else None
        if group is None or group.kind != "groups" or group.name == self.root:
            return
        for ref in group.by:
            given = resolved.inputs.get(ref)
            yield from () if given is None else may_be_given(given)
            yield from self.program.plan.reasons.get(ref, ())
        yield from self._reasons_of_keys(group.groups or "")


def may_be_given(entry: Input) -> tuple[str, ...]:
    """Return the absences an input can have."""
    return entry.domain.reasons if entry.otherwise is None else (*entry.domain.reasons, entry.otherwise)


def _quotient(text: str, type_: Type) -> Fraction | None:
    """Return the value of a quotient written `115/3`, `$100/3` or `200/3%`; None for any other text."""
    match = _QUOTIENT.fullmatch(text)
    if match is None or not type_.is_numeric:
        return None
    minus, dollar, above, below, percent = match.groups()
    divisor = int(below.replace(",", ""))
    if divisor == 0 or (dollar != "") != (type_.kind == "money") or (percent != "") != (type_.kind == "percent"):
        return None
    return Fraction(int(f"{minus}{above.replace(',', '')}"), divisor * (100 if percent else 1))
