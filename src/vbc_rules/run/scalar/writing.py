"""The steps of a program as one generated function: every step at every instance of its level."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.plan.layout import Layout, Path
from vbc_rules.plan.stages import NOT_COMPUTED, Settling, Stages, Step
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Definition, Expectation, Gate
from vbc_rules.run.scalar import representation as carry
from vbc_rules.run.scalar.emit import Block, For, Try, Writer, is_empty, write
from vbc_rules.run.scalar.expressions import Expressions
from vbc_rules.run.scalar.prologue import Prologue, wrapped
from vbc_rules.run.scalar.representation import Carrier, constant
from vbc_rules.run.scalar.scope import Instance, Loop, Place, chain_below, place_of
from vbc_rules.run.scalar.shapes import Shapes
from vbc_rules.run.scalar.trace import TOGETHER
from vbc_rules.run.scalar.values import Leaf


class Refused(Exception):  # noqa: N818 (a signal to ask the oracle, which knows what to say)
    """The generated code met what it does not compute."""


class Inapplicable(Exception):  # noqa: N818 (a signal, caught where it is raised)
    """What is expected reads an absent value, and so does not apply."""


def compiled(source: str, name: str, file: str, constants: dict[str, object]) -> Callable[..., Any]:
    """Return the function `name` of a generated text; a traceback through it shows its lines."""
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    space: dict[str, Any] = {"Absent": Absent, "Refused": Refused, "Inapplicable": Inapplicable, **constants}
    exec(compile(source, file, "exec"), space)  # noqa: S102 (the compiler's own text; a file's words enter it as literals)
    function: Callable[..., Any] = space[name]
    return function


class Writing:
    """One function in the making: for rows of one root, and what hangs from it."""

    def __init__(self, stages: Stages, layout: Layout, root: str, *, only_members: bool = False) -> None:
        self.program = stages.program
        self.hoisted = stages.hoisted
        self.only_members = only_members
        self.writer = Writer()
        self.expressions = Expressions(self.program, self.writer)
        self.expressions.hidden, self.expressions.loud = stages.hidden, stages.loud
        self.shapes = Shapes(self.expressions)
        self.store = self.expressions.store
        self.numbers: dict[Ref, int] = {}
        """Under which number each step notes the carried parameters it reads; without a number it notes nothing."""
        self.prologue = Prologue(self.program, layout, self.expressions, self.walk, root)

    def take(self, steps: Sequence[Step]) -> None:
        """Write steps, in their order."""
        for step in steps:
            if isinstance(step, Expectation):
                self.prologue.expect(step)
            else:
                self._step(step)

    def body(self) -> list[str]:
        """Return the lines of the function's body."""
        self.prologue.check()
        lines: list[str] = []
        write(self.writer.top, 1, lines)
        return lines

    def carriers(self, ref: Ref) -> list[tuple[Path, Carrier]]:
        """Return the carriers of a slot, by path."""
        return [(path, carrier) for (other, path), carrier in self.store.slots.items() if other == ref]

    # --- steps

    def walk(
        self,
        level: str,
        leaf: Callable[[Place], Carrier],
        entering: Callable[[str, Instance], None] = lambda _level, _instance: None,
    ) -> dict[Path, Carrier]:
        """Compile `leaf` at every instance of `level` and return its carriers by path, those of items as columns."""
        root = self.program.root(level)
        entering(root, ())
        return self._walk(level, (), chain_below(self.program, level), leaf, entering)

    def _walk(
        self,
        level: str,
        instance: Instance,
        rest: tuple[str, ...],
        leaf: Callable[[Place], Carrier],
        entering: Callable[[str, Instance], None],
    ) -> dict[Path, Carrier]:
        if not rest:
            return {(): leaf(place_of(self.program, level, instance))}
        here = self.program.levels[rest[0]]
        found: dict[Path, Carrier] = {}
        if here.kind == "members":
            for member in here.members:
                if member.parent is None or (instance and instance[-1] == member.parent):
                    below = (*instance, member.name)
                    entering(here.name, below)
                    for path, carrier in self._walk(level, below, rest[1:], leaf, entering).items():
                        found[(member.name, *path)] = carrier
            return found
        start, loop = Block(), Loop(self.store.items(here.name, instance), Block())
        self.writer.block.entries.extend((start, For(loop.header, loop.body)))
        with self.writer.inside(loop.body):
            entering(here.name, (*instance, loop))
            for path, carrier in self._walk(level, (*instance, loop), rest[1:], leaf, entering).items():
                found[("*", *path)] = self._column(carrier, start)
        return found

    def _column(self, carrier: Carrier, start: Block) -> Carrier:
        """Collect what a loop's body finds for each item."""
        if carrier.is_constant:
            return carrier
        names: list[str | None] = []
        for code in (carrier.code, carrier.denominator):
            if code is None:
                names.append(None)
                continue
            names.append(name := self.writer.fresh("c"))
            start.add(f"{name} = []")
            self.writer.add(f"{name}.append({code})")
        return replace(carrier, code=names[0] or "", denominator=names[1])

    def _step(self, step: Definition | Gate | Settling) -> None:
        self.writer.add(f"# {_comment(str(step.ref))}")
        self.expressions.noting = self.numbers.get(step.ref)

        def leaf(place: Place) -> Carrier:
            block = Block()
            self.writer.block.entries.append(block)
            with self.writer.inside(block):
                if isinstance(step, Settling):
                    return self.shapes.settlings.answer(step)
                if step.ref in self.hoisted:
                    return self._hoisted(step, place)
                return self._gate(step, place) if isinstance(step, Gate) else self._definition(step, place)

        def entering(level: str, instance: Instance) -> None:
            if isinstance(step, Settling) and step.shape.within == level:
                self.shapes.settlings.collect(step, instance)

        for path, carrier in self.walk(step.ref.level, leaf, entering).items():
            self.store.slots[step.ref, path] = carrier

    def _hoisted(self, step: Definition | Gate, place: Place) -> Carrier:
        """Return a hidden value; where it fails it is not computed, which matters only where it is read."""
        inner = Block()
        with self.writer.inside(inner):
            found = self._gate(step, place) if isinstance(step, Gate) else self._definition(step, place)
        if is_empty(inner) and found.is_simple:
            return found
        name = self.writer.fresh("h")
        below = None if found.denominator is None else f"{name}d"
        inner.add(f"{name} = {found.code}")
        otherwise = Block([f"{name} = {self.writer.absence(NOT_COMPUTED)}"])
        if below is not None:
            inner.add(f"{below} = {found.denominator}")
            otherwise.add(f"{below} = 1")
        self.writer.block.entries.append(Try(inner, otherwise))
        return replace(found, code=name, denominator=below, maybe_absent=True, constant=None)

    def _gate(self, gate: Gate, place: Place) -> Carrier:
        required = self.expressions.expr(gate.require, place)
        return self.expressions.join([Leaf(self.writer.block, required)], "g")

    def _definition(self, definition: Definition, place: Place) -> Carrier:
        leaves: list[Leaf] = []
        if definition.role == "payment":
            self._gates(definition, place, leaves)
        # A gate that always fails leaves nothing to compute.
        if not leaves or leaves[-1].block is not self.writer.block:
            leaves.extend(self.shapes.definition(definition, place))
        return self.expressions.join(leaves, "v")

    def _gates(self, payment: Definition, place: Place, leaves: list[Leaf]) -> None:
        """Add the leaves of gates that fail, at the instance and above: first those on being in the program."""
        above = (payment.ref.level, *self.program.uppers.get(payment.ref.level, self.program.chain(payment.ref.level)))
        gates = [gate for gate in self.program.gates if gate.ref.level in above]
        deciding = [gate for gate in gates if gate.pays is None and not self.only_members]
        paying = sorted(
            (gate for gate in gates if gate.pays is not None and payment.ref in gate.on),
            key=lambda gate: (gate.span.line, gate.span.column),
        )
        for gate in (*deciding, *paying):
            passed = self.expressions.read(gate.ref, place)
            if passed.constant is True or passed.is_absent:
                continue
            paid = self.expressions.absent(NOT_IN_PROGRAM) if gate.pays is None else constant(gate.pays)
            if passed.constant is False:
                leaves.append(Leaf(self.writer.block, paid))
                return
            # One that is in no such group is not held back by the group's gate.
            failed = f"({passed.code} is False)" if passed.maybe_absent else carry.truth_not(passed).code
            then, self.writer.block = self.writer.branch(failed)
            leaves.append(Leaf(then, paid))


def in_tuples(names: list[str]) -> str:
    """Return the code of tuples of `TOGETHER` names each, all in one tuple."""
    tuples = [f"({wrapped(names[start : start + TOGETHER])})," for start in range(0, len(names), TOGETHER)]
    return "(" + "\n        ".join(tuples) + ")"


def _comment(text: str) -> str:
    return "".join(character if character.isalnum() or character in "._- " else "?" for character in text)
