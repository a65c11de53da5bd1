"""The careful reading of one participant: takes all that is accepted, and finds all that is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from vbc_rules.errors import Code, InputProblem
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import NOT_GIVEN, Cell, Row
from vbc_rules.run.reading.cells import ReadCell, absence_example
from vbc_rules.run.reading.numbers import Refused
from vbc_rules.run.reading.shape import FieldEntry, ListEntry, Node, Shape
from vbc_rules.source.nearest import nearest


class CarefulReading:
    """One participant being read; `problems` fills on the way. Used once."""

    def __init__(self, readers: Mapping[int, ReadCell], row: int | None, prefix: str = "") -> None:
        """Read what is given for row `row`; the names of its inputs are told after `prefix`."""
        self.problems: list[InputProblem] = []
        self._readers = readers
        self._row = row
        self._prefix = prefix

    def read(self, shape: Shape, inputs: object, cohort: object, parameters: object) -> Row:
        """Return the row; it is whole only if no problem was found."""
        cells: dict[int, Cell] = {}
        self._node(shape.parameters, parameters, "parameters", "", cells)
        self._node(shape.cohort, cohort, "cohort", "cohort", cells)
        self._node(shape.inputs, inputs, self._prefix, self._prefix, cells)
        return tuple(cells.get(place, NOT_GIVEN) for place in range(shape.width))

    def _problem(self, code: Code, where: str, message: str) -> None:
        self.problems.append(InputProblem(code, where, message, self._row))

    def _node(self, node: Node, given: object, where: str, prefix: str, cells: dict[int, Cell]) -> None:
        """Read what is given for one instance; its fields are named after `prefix`, itself after `where`."""
        if not isinstance(given, Mapping):
            self._problem(Code.WRONG_TYPE, where, _names_wanted(node.keys))
            return
        self._unknown(node, given, where, prefix)
        for entry in node.fields:
            place = _under(prefix, entry.key)
            if entry.key in given:
                self._field(entry, given[entry.key], place, cells)
            elif entry.field.domain is None:
                cells[entry.place] = ""
            elif entry.field.input is not None and entry.field.input.only_if is not None:
                cells[entry.place] = NOT_GIVEN
            else:
                self._problem(Code.MISSING, place, _write_it(entry))
        for group in node.groups:
            self._group(group.key, dict(group.members), given, _under(prefix, group.key), cells)
        for listed in node.lists:
            place = _under(prefix, listed.key)
            if listed.key not in given:
                self._problem(Code.MISSING, place, "not given; write its items in a list, or [] where there are none")
            else:
                cells[listed.place] = self._list(listed, given[listed.key], place)

    def _field(self, entry: FieldEntry, value: object, where: str, cells: dict[int, Cell]) -> None:
        try:
            cells[entry.place] = self._readers[id(entry.field)](value)
        except Refused as refused:
            self._problem(refused.code, where, refused.message)

    def _group(
        self, key: str, members: Mapping[str, Node], given: Mapping[object, object], where: str, cells: dict[int, Cell]
    ) -> None:
        if key not in given:
            self._problem(Code.MISSING, where, f"not given; {_names_wanted(tuple(members))}")
            return
        inside = given[key]
        if not isinstance(inside, Mapping):
            self._problem(Code.WRONG_TYPE, where, _names_wanted(tuple(members)))
            return
        self._unknown_keys(tuple(members), inside, where, where, key)
        for name, node in members.items():
            place = _under(where, name)
            if name in inside:
                self._node(node, inside[name], place, place, cells)
            else:
                # An empty instance tells each of its fields' problems, and none where nothing is expected.
                self._node(node, {}, place, place, cells)

    def _list(self, listed: ListEntry, given: object, where: str) -> Cell:
        if isinstance(given, Mapping | str | bytes) or not isinstance(given, Sequence):
            self._problem(Code.WRONG_TYPE, where, "is a list; write its items in a list, each with its names")
            return ()
        if len(given) > listed.at_most:
            message = f"has {len(given)} items where at most {listed.at_most} are declared; leave some out"
            self._problem(Code.TOO_MANY, where, message)
            return ()
        unique = next((entry.place for entry in listed.item.fields if entry.key == listed.unique), None)
        rows: list[Row] = []
        first_with: dict[object, int] = {}
        for number, item in enumerate(given, 1):
            place = f"{where}[{number}]"
            cells: dict[int, Cell] = {}
            self._node(listed.item, item, place, place, cells)
            rows.append(tuple(cells.get(at, NOT_GIVEN) for at in range(listed.width)))
            key = cells.get(unique, NOT_GIVEN) if unique is not None else NOT_GIVEN
            if not isinstance(key, Absent) and (first := first_with.setdefault(key, number)) != number:
                self._problem(
                    Code.DUPLICATE, f"{place}.{listed.unique}", f"is also that of item {first}; give each item its own"
                )
        return tuple(rows)

    # --- names that the program does not have

    def _unknown(self, node: Node, given: Mapping[object, object], where: str, prefix: str) -> None:
        what = "required parameter" if node.level == "" else "input"
        self._unknown_keys(node.keys, given, where, prefix, what)

    def _unknown_keys(
        self, keys: tuple[str, ...], given: Mapping[object, object], where: str, prefix: str, what: str
    ) -> None:
        """Report the names that are none of `keys`.

        A name close to a valid one is a misspelt name and is shown; any other may be a value in the wrong place.
        """
        for number, key in enumerate(given, 1):
            if isinstance(key, str) and key in keys:
                continue
            meant = nearest(key, keys) if isinstance(key, str) else None
            if meant is not None:
                self._problem(Code.UNKNOWN, _under(prefix, str(key)), f"there is no such {what}; write `{meant}`")
            else:
                message = f"entry {number} has a name that the program does not have; {_write_names(keys)}"
                self._problem(Code.UNKNOWN, where, message)


def _under(prefix: str, key: str) -> str:
    return f"{prefix}.{key}" if prefix else key


def _write_it(entry: FieldEntry) -> str:
    if entry.field.ref.level == "":
        return "not given; pass this required parameter in `parameters`"
    absence = absence_example(entry.field)
    return f"not given; write its value, or {absence}" if absence else "not given; write its value"


def _names_wanted(keys: tuple[str, ...]) -> str:
    return f"needs names with their values; {_write_names(keys)}"


def _write_names(keys: tuple[str, ...]) -> str:
    if not keys:
        return "leave it out: nothing is given here"
    few = ", ".join(f"`{key}`" for key in islice(keys, 12))
    return f"write {few}" + (f" and {len(keys) - 12} more" if len(keys) > 12 else "")
