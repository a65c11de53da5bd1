"""What a test of one participant, or of a cohort, expects: whose values they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vbc_rules.api.program import Program
from vbc_rules.language.document import Word
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Datum
from vbc_rules.resolve.literals import read_literal
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.tree import Block, Listing, Scalar, Tree
from vbc_rules.testing import codes
from vbc_rules.testing.expecting import Expected, Expecting, Whose
from vbc_rules.testing.giving import report_form, report_unknown


def expect_alone(program: Program, tree: Block, findings: Findings) -> tuple[Expected, ...]:
    """Return what is expected of one participant without a cohort."""
    root = program.resolved.participant
    return tuple(Expecting(program, findings, root).instance(root, (), tree, f"the {root}"))


def expect_cohort(program: Program, tree: Block, given: Block, findings: Findings) -> tuple[Expected, ...]:
    """Return what is expected of a cohort: of its `participants`, its `groups`, and of the `cohort` itself."""
    return tuple(_Sections(program, given, findings).read(tree))


@dataclass(frozen=True, slots=True)
class _Sections:
    program: Program
    given: Block
    findings: Findings

    def read(self, tree: Block) -> Iterator[Expected]:
        """Yield everything expected, section by section."""
        sections = {"participants": self._participants, "groups": self._groups, COHORT: self._cohort}
        for entry in tree:
            section = sections.get(entry.key.text)
            if section is None:
                report_unknown(entry.key, "`expect` of a cohort", tuple(sections), self.findings)
            else:
                yield from section(entry.value)

    def _participants(self, tree: Tree) -> Iterator[Expected]:
        root = self.program.resolved.participant
        block = self._block(tree, "`participants` is a block of identifiers", "write `participants: {'A': {..}}`")
        known = tuple(entry.key.text for entry in self.given)
        for entry in block or ():
            identifier = entry.key.text
            if identifier not in known:
                report_unknown(entry.key, "`participants`", known, self.findings)
                continue
            whose = Whose(root, (identifier,), identifier)
            yield from self._at(root, whose, entry.value, f"the {root}")

    def _cohort(self, tree: Tree) -> Iterator[Expected]:
        yield from self._at(COHORT, Whose(COHORT, (), COHORT), tree, "the cohort")

    def _at(self, root: str, whose: Whose, tree: Tree, what: str) -> Iterator[Expected]:
        return Expecting(self.program, self.findings, root, whose).instance(root, (), tree, what)

    def _groups(self, tree: Tree) -> Iterator[Expected]:
        levels = self.program.resolved.levels
        known = tuple(name for name, level in levels.items() if level.kind == "groups")
        block = self._block(tree, "`groups` is a block of levels of groups", "write `groups: {a_level: {..}}`")
        for entry in block or ():
            if entry.key.text in known:
                yield from self._level(entry.key.text, entry.value)
            else:
                report_unknown(entry.key, "`groups`", known, self.findings)

    def _level(self, name: str, tree: Tree) -> Iterator[Expected]:
        by = self.program.resolved.levels[name].by
        if isinstance(tree, Listing):
            for item in tree.items:
                if not isinstance(item, Block):
                    report_form(item, f"a group of `{name}` is a block", "write `{a_name: 1}`", self.findings)
                    continue
                written = {key.name: item.get(key.name) for key in by}
                rest = Block(tuple(entry for entry in item if entry.key.text not in written), item.span)
                yield from self._group(name, written, rest, item)
        elif len(by) == 1 and isinstance(tree, Block):
            for entry in tree:
                yield from self._group(name, {by[0].name: entry.key}, entry.value, entry.key)
        else:
            keys = ", ".join(f"{key.name}: .." for key in by)
            report_form(tree, f"`{name}` is a list of its groups", f"write `{name}: [{{{keys}, ..}}]`", self.findings)

    def _group(self, name: str, written: Mapping[str, Tree | None], rest: Tree, place: Tree) -> Iterator[Expected]:
        key: list[Datum] = []
        texts: list[str] = []
        for ref in self.program.resolved.levels[name].by:
            scalar = written[ref.name]
            if not isinstance(scalar, Scalar):
                message = f"a group of `{name}` says its `{ref.name}`"
                self.findings.error(codes.BAD_FORM, message, place.span, f"write `{ref.name}` first")
                return
            quiet = Findings()
            found = read_literal(Word(scalar.text, scalar.span), self.program.resolved.slots[ref].type, quiet)
            for one in quiet.errors:
                self.findings.error(codes.BAD_VALUE, one.message, one.span, one.help)
            if found is None:
                return
            key.append(found)
            texts.append(scalar.text)
        yield from self._at(name, Whose(name, tuple(key), f"{name} {' / '.join(texts)}"), rest, f"`{name}`")

    def _block(self, tree: Tree, message: str, help: str) -> Block | None:
        if isinstance(tree, Block):
            return tree
        report_form(tree, message, help, self.findings)
        return None
