"""A resolved program compiled to one Python function over whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeAlias

from vbc_rules.plan.layout import Layout, ListField, Path, Row
from vbc_rules.plan.stages import Settling, local_steps
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Definition, Expectation, Program
from vbc_rules.run import settle
from vbc_rules.run.oracle import OracleTrace
from vbc_rules.run.oracle import evaluate as evaluate_by_oracle
from vbc_rules.run.scalar.prologue import wrapped
from vbc_rules.run.scalar.scope import chain_below
from vbc_rules.run.scalar.trace import Location, ScalarTrace
from vbc_rules.run.scalar.writing import Writing, compiled, in_tuples

Function: TypeAlias = Callable[[Row], tuple[Any, ...]]


class ScalarEngine:
    """A compiled program. `source` is the text of the generated function."""

    def __init__(self, program: Program, layout: Layout) -> None:
        """Compile the program for rows of `layout`. Raises UsageError for a program that needs the whole cohort."""
        self.program = program
        self.layout = layout
        if program.needs_cohort:
            raise settle.needs_cohort(program)
        writing = _Whole(program, layout)
        document = program.document
        self.name = f"<vbc_rules {document.program.text}@{document.edition.text}>"
        self.width = len(writing.returned)
        """How many values the generated function returns, in tuples of so many as a trace says."""
        self._locations = writing.locations
        self._warns = any(parameter.carry_after for parameter in program.parameters.values())
        self.source = writing.text("evaluate", in_tuples(writing.returned))
        self._evaluate = compiled(self.source, "evaluate", self.name, writing.constants)
        self._payments_source = writing.text("evaluate", f"({wrapped(writing.payments)})")
        self._constants = writing.constants

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

    @cached_property
    def evaluate_without_trace(self) -> Function:
        """What returns only what the payments' names hold for a row, as whole numbers in their own units.

        It raises some exception where `evaluate` raises an error, or asks the oracle.
        """
        name = self.name.replace("<", "<payments of ")
        return compiled(self._payments_source, "evaluate", name, self._constants)

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


class _Whole:
    """The whole program as one function of one participant's row."""

    def __init__(self, program: Program, layout: Layout) -> None:
        try:
            stages, steps = local_steps(program)
        except ValueError:
            raise settle.needs_cohort(program) from None
        self._writing = writing = Writing(stages, layout, program.participant)
        self.locations: dict[tuple[Ref, Path], Location] = {}
        self.returned: list[str] = []
        self.payments: list[str] = []
        writing.prologue.write()
        for expectation in program.expected:
            writing.prologue.expect(expectation)
        self.locations.update(writing.prologue.locations)
        for ref in writing.prologue.settled:
            self._keep(ref)
        for step in steps:
            writing.take((step,))
            if isinstance(step, Expectation | Settling) or step.ref in stages.hidden:
                continue
            self._keep(step.ref)
            if isinstance(step, Definition) and step.role == "payment":
                self.payments.extend(self._names(step.ref))
        self.constants = writing.writer.constants
        self._lines = writing.body()

    def text(self, name: str, returned: str) -> str:
        """Return the text of the function that returns this."""
        lines = [f"def {name}(row, Absent=Absent):", *self._lines, f"    return {returned}"]
        return "\n".join(lines) + "\n"

    def _names(self, ref: Ref) -> list[str]:
        found: list[str] = []
        for _, carrier in self._writing.carriers(ref):
            found.append(carrier.code)
            if carrier.denominator is not None:
                found.append(carrier.denominator)
        return found

    def _keep(self, ref: Ref) -> None:
        """Have a slot's values returned, and remember where."""
        for path, carrier in self._writing.carriers(ref):
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
