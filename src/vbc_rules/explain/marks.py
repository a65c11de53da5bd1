"""Which illustrative numbers a name may rest on, whichever its instance."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from vbc_rules.explain.facts import inside
from vbc_rules.language import document
from vbc_rules.resolve.expressions import InCodes, IsAbsent, OnDate, Read, Ref
from vbc_rules.resolve.program import Definition, Program
from vbc_rules.source.span import Span


class Marks:
    """Looks through rules for numbers marked illustrative; remembers what it found."""

    def __init__(self, program: Program) -> None:
        """Look through the rules of `program`."""
        self._program = program
        self._steps = {step.ref: step for step in program.steps}
        self._found: dict[Ref, tuple[str, ...]] = {}

    def under(self, ref: Ref) -> tuple[str, ...]:
        """Return the illustrative names that `ref` may rest on, itself among them."""
        found = self._found.get(ref)
        if found is not None:
            return found
        seen: dict[Ref, None] = {}
        names: dict[str, None] = {}
        waiting = [ref]
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen[here] = None
                names.update(dict.fromkeys(self._own(here)))
                waiting.extend(self._reads(here))
        self._found[ref] = tuple(names)
        return self._found[ref]

    def _own(self, ref: Ref) -> Iterator[str]:
        """Yield the illustrative names of one name: its own, or those of the members' cells."""
        step = self._steps.get(ref)
        if step is not None:
            provenances = [step.provenance, *(inside(step.shape) if isinstance(step, Definition) else ())]
            if any(map(_is_illustrative, provenances)):
                yield ref.name
        elif ref.level == "":
            parameter = self._program.parameters[ref.name]
            if any(map(_is_illustrative, (parameter.provenance, *(entry.provenance for entry in parameter.dated)))):
                yield ref.name
        else:
            for member in self._program.levels[ref.level].members:
                if ref.name in member.cells and _is_illustrative(member.provenance):
                    yield f"{ref.name} of {member.name}"

    def _reads(self, ref: Ref) -> Iterator[Ref]:
        step = self._steps.get(ref)
        if step is None:
            entry = self._program.inputs.get(ref)
            if entry is not None and entry.only_if is not None:
                yield from _names(entry.only_if)
            return
        yield from _names(step)
        if isinstance(step, Definition) and step.role == "payment":
            for gate in self._program.gates:
                if gate.pays is None or step.ref in gate.on:
                    yield gate.ref


def _is_illustrative(provenance: document.Provenance | None) -> bool:
    return provenance is not None and provenance.kind == "illustrative"


def _names(node: object) -> Iterator[Ref]:
    """Yield what a rule reads, wherever inside it."""
    if isinstance(node, Read | IsAbsent):
        yield node.ref
    elif isinstance(node, tuple):
        for part in node:
            yield from _names(part)
    elif dataclasses.is_dataclass(node) and not isinstance(node, Span | Ref | document.Provenance):
        if isinstance(node, InCodes | OnDate):
            yield Ref("", node.parameter)
        for field in dataclasses.fields(node):
            yield from _names(getattr(node, field.name))
