"""Inputs to rows: quick where all is regular, careful where anything is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, getcontext, setcontext
from types import MappingProxyType
from typing import Final

from vbc_rules.errors import InputError, InputProblem
from vbc_rules.plan.layout import Field, Layout, Row
from vbc_rules.resolve.program import Program
from vbc_rules.run.reading.careful import CarefulReading
from vbc_rules.run.reading.cells import ReadCell, cell_reader
from vbc_rules.run.reading.generate import FastRead, generate
from vbc_rules.run.reading.numbers import Floats, Refused, exact_context
from vbc_rules.run.reading.shape import Node, Shape, make_shape

_NOTHING: Final[Mapping[str, object]] = {}
_IRREGULAR = (Refused, KeyError, TypeError, ValueError, ArithmeticError, AttributeError)


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """Reads the inputs of one participant into a row of `layout`. `source` is the text of its generated function."""

    layout: Layout
    source: str
    _shape: Shape
    _readers: Mapping[int, ReadCell]
    _fast: FastRead
    _exact: Context
    _participant: str
    _identifier_is_public: bool

    def read(
        self,
        inputs: Mapping[str, object],
        *,
        cohort: Mapping[str, object] | None = None,
        parameters: Mapping[str, object] | None = None,
        row: int | None = None,
        prefix: str = "",
    ) -> Row:
        """Return the row of what a caller gives: quantities scaled to whole numbers, everything checked.

        `inputs` has the participant's fields by name, its identifier under the participant's own name (left out: ""), a
        level of listed members under the level's name by member (`{"measure": {"hai_5": {"performance": "1.124"}}}`), a
        list as a list of items. `cohort` has the cohort's inputs, `parameters` the required parameters, `row` is this
        participant's position for messages; names stand after `prefix` in them. Raises InputError with every problem;
        values never appear in it.
        """
        cohort = _NOTHING if cohort is None else cohort
        parameters = _NOTHING if parameters is None else parameters
        before = getcontext()
        # A copy: a context collects flags, and readers are shared by threads.
        setcontext(self._exact.copy())
        try:
            try:
                found = self._fast(inputs, cohort, parameters)
            except _IRREGULAR:
                found = None
            if found is not None:
                return found
            careful = CarefulReading(self._readers, row, prefix)
            found = careful.read(self._shape, inputs, cohort, parameters)
        finally:
            setcontext(before)
        if careful.problems:
            raise InputError(self._named(careful.problems, inputs))
        return found

    def _named(self, problems: list[InputProblem], inputs: object) -> list[InputProblem]:
        """Add whose problems they are, where the file says that identifiers are public."""
        if not self._identifier_is_public or not isinstance(inputs, Mapping):
            return problems
        identifier = inputs.get(self._participant)
        if not isinstance(identifier, str) or not 0 < len(identifier) <= 50 or not identifier.isprintable():
            return problems
        whose = f"{self._participant} {identifier}"
        return [InputProblem(found.code, found.where, f"{found.message} ({whose})", found.row) for found in problems]


def compile_reader(layout: Layout, program: Program, *, floats: Floats = "refuse") -> Reader:
    """Return the reader of `layout`.

    `floats="shortest"` takes a binary float by its shortest text, of at most 15 significant digits. Raises ValueError
    where two things given together go by one name.
    """
    shape = make_shape(layout, program)
    readers = _readers(
        [field for node in (shape.parameters, shape.cohort, shape.inputs) for field in _fields(node)], floats
    )
    title = f"{program.document.program.text}@{program.document.edition.text}"
    fast, source = generate(shape, readers, title)
    return Reader(
        layout,
        source,
        shape,
        MappingProxyType(readers),
        fast,
        exact_context(),
        program.participant,
        program.document.identifier_is_public,
    )


def _readers(fields: list[Field], floats: Floats) -> dict[int, ReadCell]:
    """Return the cell reader of each field by its `id`, one for all members that declare it alike."""
    made: dict[tuple[object, ...], ReadCell] = {}
    found: dict[int, ReadCell] = {}
    for field in fields:
        declared = (field.type, id(field.domain), id(field.input))
        if declared not in made:
            made[declared] = cell_reader(field, floats)
        found[id(field)] = made[declared]
    return found


def _fields(node: Node) -> list[Field]:
    """Return every field given for `node` or anything in it."""
    found = [entry.field for entry in node.fields]
    for group in node.groups:
        for _, member in group.members:
            found.extend(_fields(member))
    for listed in node.lists:
        found.extend(_fields(listed.item))
    return found
