"""A resolved program compiled to one Python function over whole numbers."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from vbc_rules.errors import Code, UsageError
from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.plan.layout import Layout, ListField, Path, Row
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Definition, Gate, Program, TopShape
from vbc_rules.run import settle
from vbc_rules.run.oracle import OracleTrace
from vbc_rules.run.oracle import evaluate as evaluate_by_oracle
from vbc_rules.run.scalar import representation as carry
from vbc_rules.run.scalar.emit import Block, For, Writer, write
from vbc_rules.run.scalar.expressions import Expressions
from vbc_rules.run.scalar.prologue import Prologue, wrapped
from vbc_rules.run.scalar.representation import Carrier, constant
from vbc_rules.run.scalar.scope import Instance, Loop, Place, chain_below, place_of
from vbc_rules.run.scalar.shapes import Shapes
from vbc_rules.run.scalar.trace import TOGETHER, Location, ScalarTrace
from vbc_rules.run.scalar.values import Leaf

Function: TypeAlias = Callable[[Row], tuple[Any, ...]]


class Refused(Exception):  # noqa: N818 (a signal to ask the oracle, which knows what to say)
    """The generated code met what it does not compute."""


class ScalarEngine:
    """A compiled program. `source` is the text of the generated function."""

    def __init__(self, program: Program, layout: Layout) -> None:
        """Compile the program for rows of `layout`. Raises UsageError for a program that needs the whole cohort."""
        self.program = program
        self.layout = layout
        writing = _Writing(program, layout)
        writing.write()
        document = program.document
        self.name = f"<vbc_rules {document.program.text}@{document.edition.text}>"
        self._locations = writing.locations
        self._warns = any(parameter.carry_after for parameter in program.parameters.values())
        self.source = writing.text("evaluate", _in_tuples(writing.returned))
        self._evaluate = _compiled(self.source, "evaluate", self.name, writing.writer.constants)
        self._payments_source = writing.text("evaluate", f"({wrapped(writing.payments)})")
        self._constants = writing.writer.constants
        self._payments: Function | None = None

    def __reduce__(self) -> tuple[type[ScalarEngine], tuple[Program, Layout]]:
        return (ScalarEngine, (self.program, self.layout))

    def evaluate(self, row: Row) -> ScalarTrace | OracleTrace:
        """Return every value of one participant.

        Raises InputError with every problem of the inputs, EvaluationError where a value cannot be computed. Where the
        generated code meets anything it does not compute, the oracle answers: it knows what to say.
        """
        try:
            return ScalarTrace(self, row, self._evaluate(row))
        except Exception:  # noqa: BLE001 (whatever it was, the oracle says what it means)
            return evaluate_by_oracle(self.program, self.layout, row)

    def evaluate_without_trace(self, row: Row) -> tuple[Any, ...]:
        """Return only what the payments' names hold, as whole numbers in their own units."""
        if self._payments is None:
            name = self.name.replace("<", "<payments of ")
            self._payments = _compiled(self._payments_source, "evaluate", name, self._constants)
        return self._payments(row)

    # --- for traces

    def locate(self, ref: Ref, pattern: Path) -> Location:
        """Return where the slot's value stands. Raises KeyError for a name or an instance that does not exist."""
        found = self._locations.get((ref, pattern))
        if found is not None:
            return found
        if ref.level == "":
            parameter = self.program.parameters[ref.name]
            if parameter.value is None and not parameter.dated:
                raise KeyError(str(ref))
            value: Datum | None = parameter.value
            if value is None:
                value = settle.stated(parameter, *settle.start_of(self.program)).value
            return Location("word", constant=value)
        level, slot = self.program.levels[ref.level], self.program.slots[ref]
        if slot.kind == "name" and level.kind == "list" and level.key is not None:
            return self.locate(Ref(ref.level, level.key), pattern)
        if level.kind == "members" and slot.kind in ("cell", "name") and self._exists(ref.level, pattern):
            member = str(pattern[-1])
            return Location("word", constant=member if slot.kind == "name" else self.program.cell(ref, member))
        raise KeyError(f"{ref} {pattern}")

    def _exists(self, level: str, pattern: Path) -> bool:
        chain = self.chain(level)
        if len(chain) != len(pattern):
            return False
        for depth, (name, key) in enumerate(zip(chain, pattern, strict=True)):
            here = self.program.levels[name]
            if here.kind == "list":
                continue
            member = next((member for member in here.members if member.name == key), None)
            if member is None or (member.parent is not None and depth and member.parent != pattern[depth - 1]):
                return False
        return True

    def chain(self, level: str) -> tuple[str, ...]:
        """Return the levels from just below the participant down to `level`."""
        return chain_below(self.program, level)

    def count(self, level: str, path: Path, row: Row) -> int:
        """Return how many items a list has. Raises KeyError for a list that does not exist."""
        layout, cells, rest = self.layout, row, path
        while True:
            for place, cell in zip(layout.fields, cells, strict=True):
                if not isinstance(place, ListField) or not isinstance(cell, tuple):
                    continue
                if rest[: len(place.path)] != place.path:
                    continue
                depth = len(place.path)
                if place.level == level and len(rest) == depth:
                    return len(cell)
                if len(rest) > depth and isinstance(rest[depth], int) and place.level in self.chain(level):
                    item = rest[depth]
                    if not isinstance(item, int) or not 0 <= item < len(cell):
                        raise KeyError(path)
                    layout, cells, rest = place.layout, cell[item], rest[depth + 1 :]
                    break
            else:
                raise KeyError(path)

    def warnings(self, row: Row) -> tuple[str, ...]:
        """Return the warnings of an evaluation, from the oracle where there may be any."""
        return evaluate_by_oracle(self.program, self.layout, row).warnings if self._warns else ()


def compile_scalar(program: Program, layout: Layout) -> ScalarEngine:
    """Return the program compiled. Raises UsageError for a program that needs the whole cohort."""
    return ScalarEngine(program, layout)


def _compiled(source: str, name: str, file: str, constants: dict[str, object]) -> Function:
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    space: dict[str, Any] = {"Absent": Absent, "Refused": Refused, **constants}
    exec(compile(source, file, "exec"), space)  # noqa: S102 (the compiler's own text; a file's words enter it as literals)
    function: Function = space[name]
    return function


class _Writing:
    """One compilation."""

    def __init__(self, program: Program, layout: Layout) -> None:
        self.program = program
        self.layout = layout
        self.writer = Writer()
        self.expressions = Expressions(program, self.writer)
        self.shapes = Shapes(self.expressions)
        self.store = self.expressions.store
        self.locations: dict[tuple[Ref, Path], Location] = {}
        self.returned: list[str] = []
        self.payments: list[str] = []
        self._lines: list[str] = []

    def write(self) -> None:
        """Write the body of the function."""
        for level in self.program.levels.values():
            if level.kind == "groups":
                raise UsageError(Code.USAGE, f"`{level.name}` gathers participants; evaluate the whole cohort")
        prologue = Prologue(self.program, self.layout, self.expressions, self.walk)
        prologue.write()
        self.locations.update(prologue.locations)
        for ref in prologue.settled:
            self._keep(ref)
        for step in self.program.steps:
            self._step(step)
            self._keep(step.ref)
            if isinstance(step, Definition) and step.role == "payment":
                self.payments.extend(self._names(step.ref))
        write(self.writer.top, 1, self._lines)

    def text(self, name: str, returned: str) -> str:
        """Return the text of the function that returns this."""
        lines = [f"def {name}(row, Absent=Absent):", *self._lines, f"    return {returned}"]
        return "\n".join(lines) + "\n"

    def _names(self, ref: Ref) -> list[str]:
        found: list[str] = []
        for (other, _), carrier in self.store.slots.items():
            if other == ref:
                found.append(carrier.code)
                if carrier.denominator is not None:
                    found.append(carrier.denominator)
        return found

    def _keep(self, ref: Ref) -> None:
        """Have a slot's values returned, and remember where."""
        for (other, path), carrier in self.store.slots.items():
            if other != ref:
                continue
            if carrier.constant is not None:
                self.locations[ref, path] = Location(carrier.kind, constant=carrier.constant)
                continue
            self.returned.append(carrier.code)
            position = len(self.returned) - 1
            below = None
            if carrier.denominator is not None:
                self.returned.append(carrier.denominator)
                below = len(self.returned) - 1
            self.locations[ref, path] = Location(carrier.kind, False, position, carrier.divisor, below)  # noqa: FBT003 (as `it is true`)

    # --- steps

    def walk(
        self,
        level: str,
        leaf: Callable[[Place], Carrier],
        entering: Callable[[str, Instance], None] = lambda _level, _instance: None,
    ) -> dict[Path, Carrier]:
        """Compile `leaf` at every instance of `level` and return its carriers by path, those of items as columns."""
        kind = self.program.levels[level].kind
        if kind in ("cohort", "participant"):
            entering(level, ())
            return {(): leaf(place_of(self.program, level, ()))}
        entering(self.program.participant, ())
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

    def _step(self, step: Definition | Gate) -> None:
        self.writer.add(f"# {_comment(str(step.ref))}")
        is_top = isinstance(step, Definition) and isinstance(step.shape, TopShape)

        def leaf(place: Place) -> Carrier:
            if is_top:
                self.shapes.tops.next()
            block = Block()
            self.writer.block.entries.append(block)
            with self.writer.inside(block):
                return self._gate(step, place) if isinstance(step, Gate) else self._definition(step, place)

        def entering(level: str, instance: Instance) -> None:
            if isinstance(step, Definition) and isinstance(step.shape, TopShape) and step.shape.within == level:
                self.shapes.tops.order(step.shape, instance)

        for path, carrier in self.walk(step.ref.level, leaf, entering).items():
            self.store.slots[step.ref, path] = carrier

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
        above = self.program.chain(payment.ref.level)
        gates = [gate for gate in self.program.gates if gate.ref.level in above]
        deciding = [gate for gate in gates if gate.pays is None]
        paying = sorted(
            (gate for gate in gates if gate.pays is not None and payment.ref in gate.on),
            key=lambda gate: (gate.span.line, gate.span.column),
        )
        for gate in (*deciding, *paying):
            passed = self.expressions.read(gate.ref, place)
            if passed.constant is True:
                continue
            paid = self.expressions.absent(NOT_IN_PROGRAM) if gate.pays is None else constant(gate.pays)
            if passed.constant is False:
                leaves.append(Leaf(self.writer.block, paid))
                return
            then, self.writer.block = self.writer.branch(carry.truth_not(passed).code)
            leaves.append(Leaf(then, paid))


def _in_tuples(names: list[str]) -> str:
    """Return the code of tuples of `TOGETHER` names each, all in one tuple."""
    tuples = [f"({wrapped(names[start : start + TOGETHER])})," for start in range(0, len(names), TOGETHER)]
    return "(" + "\n        ".join(tuples) + ")"


def _comment(text: str) -> str:
    return "".join(character if character.isalnum() or character in "._- " else "?" for character in text)
