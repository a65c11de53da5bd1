"""Groups, and what spans participants: which levels are above which, what groups go by, what needs the whole cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from vbc_rules.language import document
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Collective, Definition, Gate, Level
from vbc_rules.resolve.scope import Scope
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.nearest import nearest


class Populations:
    """The levels with what groups go by, and what follows from them."""

    def __init__(
        self,
        doc: document.Document,
        levels: Mapping[str, Level],
        names: Mapping[str, frozenset[str]],
        findings: Findings,
    ) -> None:
        """Find what each level of groups goes by; what cannot be found is left out and stands in `findings`."""
        self.uppers = uppers_of(levels)
        self.levels = levels
        self.findings = findings
        scope = Scope(levels, names, self.uppers, doc.participant.text)
        words = {entry.name.text: entry.by for entry in doc.levels}
        self.levels = MappingProxyType(
            {
                name: replace(level, by=tuple(self._key(word, level, scope) for word in words[name]))
                if level.kind == "groups"
                else level
                for name, level in levels.items()
            }
        )

    def _key(self, word: document.Word, level: Level, scope: Scope) -> Ref:
        gathered = level.groups or COHORT
        found = scope.at(gathered).find((word.text,))
        if found.ref is not None and found.ref.level != "":
            return found.ref
        close = nearest(word.text, [name for name in scope.at(gathered).all_names() if name != word.text])
        self.findings.error(
            "VBC321",
            f"`{gathered}` has no `{word.text}` for its members to be gathered by",
            word.span,
            f"write `{close}`" if close else f"declare `{word.text}` under the inputs of `{gathered}`",
        )
        return Ref(gathered, word.text)

    # --- what reads what ----------------------------------------------------------------------------------------------

    def root(self, level: str) -> str:
        """Return what a level hangs from: the participant, a level of groups, or the cohort."""
        here = self.levels[level]
        while here.kind in ("members", "list") and here.parent is not None:
            here = self.levels[here.parent]
        return here.name

    def with_keys(self, ref: Ref, reads: frozenset[Ref]) -> frozenset[Ref]:
        """Return what `ref` reads, and what the groups it stands on, or reads, go by."""
        waiting = [level for level in (ref.level, *(read.level for read in reads)) if level in self.levels]
        found: dict[str, None] = {}
        while waiting:
            root = self.levels[self.root(waiting.pop())]
            if root.kind == "groups" and root.name not in found:
                found[root.name] = None
                waiting.append(root.groups or COHORT)
        keys = (key for group in found for key in self.levels[group].by)
        return reads | {key for key in keys if key.name != key.level}

    # --- what spans participants --------------------------------------------------------------------------------------

    def across(
        self, steps: tuple[Definition | Gate, ...], reads: Mapping[Ref, frozenset[Ref]]
    ) -> tuple[tuple[Ref, ...], frozenset[Ref]]:
        """Return what needs the whole cohort, in the order of `steps`, and what only those in the program have."""
        spanning: dict[Ref, None] = {}
        membership: set[Ref] = set()
        for step in steps:
            root = self.root(step.ref.level)
            found = reads[step.ref]
            together = self._is_together(step)
            on_participant = self.levels[root].kind == "participant"
            gathers = not on_participant and any(self._is_participants(read.level) for read in found)
            in_groups = any(self._is_groups(level) for level in (step.ref.level, *(read.level for read in found)))
            if together or gathers or in_groups or any(read in spanning for read in found):
                spanning[step.ref] = None
            if on_participant and (together or in_groups or any(read in membership for read in found)):
                membership.add(step.ref)
        self._check_keys(spanning)
        return tuple(spanning), frozenset(membership)

    def _is_together(self, step: Definition | Gate) -> bool:
        """Whether a step settles members of several participants together."""
        if not isinstance(step, Definition) or not isinstance(step.shape, Collective):
            return False
        return not self._is_participants(step.shape.within) and self._is_participants(step.ref.level)

    def _is_participants(self, level: str) -> bool:
        return level in self.levels and self.levels[self.root(level)].kind == "participant"

    def _is_groups(self, level: str) -> bool:
        return level in self.levels and self.levels[self.root(level)].kind == "groups"

    def _check_keys(self, spanning: Mapping[Ref, None]) -> None:
        """Refuse groups that go by what is known only once there are groups, or once the cohort is known."""
        for level in self.levels.values():
            for key in level.by:
                if key in spanning:
                    self.findings.error(
                        "VBC322",
                        f"`{level.name}` gathers by `{key.name}`, which needs the cohort itself",
                        level.span,
                        "gather by inputs, or by values made of inputs and parameters of one participant",
                    )


def uppers_of(levels: Mapping[str, Level]) -> Mapping[str, tuple[str, ...]]:
    """Return for each level the levels above it, nearest first."""
    steps: dict[str, list[str]] = {}
    for name, level in levels.items():
        gathering = [other for other, candidate in levels.items() if candidate.groups == name]
        steps[name] = ([level.parent] if level.parent is not None else []) + gathering
    return {name: _walk(name, steps) for name in levels}


def _walk(start: str, steps: Mapping[str, list[str]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    waiting = [start]
    while waiting:
        for upper in steps[waiting.pop(0)]:
            if upper not in found:
                found[upper] = None
                waiting.append(upper)
    return tuple(found)
