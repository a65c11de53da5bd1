"""Writes one function for one layout: what callers usually give, read inline; anything irregular gives None.

The function holds no rule of its own. Whatever it cannot take at a glance goes to the same cell readers that the
careful reading uses, and what those refuse is read again, carefully, for its words.
"""

from __future__ import annotations

import datetime
import hashlib
import linecache
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import NOT_GIVEN, Field, Row
from vbc_rules.resolve.program import Domain
from vbc_rules.run.reading.cells import MAX_TEXT, ReadCell, date_limits, may_be_absent
from vbc_rules.run.reading.numbers import MAX_DIGITS, limits, places_written, text_reader
from vbc_rules.run.reading.shape import FieldEntry, ListEntry, Node, Shape

Given: TypeAlias = Mapping[str, object]
FastRead: TypeAlias = Callable[[Given, Given, Given], Row | None]


@dataclass(slots=True)
class _Code:
    """Lines so far, and the objects they refer to. Names come from counting, never from the rule file."""

    lines: list[str] = field(default_factory=list)
    known: dict[str, object] = field(default_factory=dict)
    count: int = 0
    _text_readers: dict[int, str] = field(default_factory=dict)

    def add(self, depth: int, *lines: str) -> None:
        self.lines.extend("    " * depth + line for line in lines)

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def knows(self, prefix: str, thing: object) -> str:
        name = self.fresh(prefix)
        self.known[name] = thing
        return name

    def text_reader(self, domain: Domain) -> str:
        """Return the name of the function that reads text of a domain, one for all members that have it."""
        if id(domain) not in self._text_readers:
            self._text_readers[id(domain)] = self.knows("text", text_reader(domain))
        return self._text_readers[id(domain)]


def generate(shape: Shape, readers: Mapping[int, ReadCell], title: str) -> tuple[FastRead, str]:
    """Return the function and its source. `readers` has the cell reader of each field, by the field's `id`.

    The function raises KeyError, TypeError, ValueError, ArithmeticError or Refused where it cannot read; it must run in
    the exact context.
    """
    code = _Code()
    code.known.update(Decimal=Decimal, Absent=Absent, date=datetime.date, NOT_GIVEN=NOT_GIVEN)
    code.add(0, "def read(inputs, cohort, parameters):")
    cells: dict[int, str] = {}
    for given, node in (("parameters", shape.parameters), ("cohort", shape.cohort), ("inputs", shape.inputs)):
        _node(code, 1, given, node, cells, readers)
    code.add(1, f"return {_row(cells, shape.width)}")
    source = "\n".join(code.lines) + "\n"
    name = f"<reader of {title} {hashlib.sha256(source.encode()).hexdigest()[:12]}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), code.known)  # noqa: S102 (the text is ours: keys of the file only as literals)
    return code.known["read"], source  # type: ignore[return-value]  # what `def read` above defines


def _row(cells: Mapping[int, str], width: int) -> str:
    return f"({', '.join(cells[place] for place in range(width))},)" if width else "()"


def _node(
    code: _Code, depth: int, given: str, node: Node, cells: dict[int, str], readers: Mapping[int, ReadCell]
) -> None:
    code.add(depth, f"if {given}.__class__ is not dict: return None")
    optional: list[str] = []
    for entry in node.fields:
        if _may_be_left_out(entry.field):
            optional.append(code.fresh("o"))
            code.add(depth, f"{optional[-1]} = v = {given}.get({entry.key!r}, NOT_GIVEN)")
        else:
            code.add(depth, f"v = {given}[{entry.key!r}]")
        cells[entry.place] = _field(code, depth, entry, readers[id(entry.field)])
    for group in node.groups:
        level = code.fresh("g")
        code.add(depth, f"{level} = {given}[{group.key!r}]")
        code.add(depth, f"if {level}.__class__ is not dict or len({level}) != {len(group.members)}: return None")
        for name, member in group.members:
            inside = code.fresh("m")
            code.add(depth, f"{inside} = {level}[{name!r}]")
            _node(code, depth, inside, member, cells, readers)
    for listed in node.lists:
        items = code.fresh("l")
        code.add(depth, f"{items} = {given}[{listed.key!r}]")
        cells[listed.place] = _list(code, depth, items, listed, readers)
    required = len(node.keys) - len(optional)
    also = "".join(f" + ({name} is not NOT_GIVEN)" for name in optional)
    code.add(depth, f"if len({given}) != {required}{also}: return None")


def _list(code: _Code, depth: int, items: str, listed: ListEntry, readers: Mapping[int, ReadCell]) -> str:
    rows, item, key = code.fresh("c"), code.fresh("i"), code.fresh("k")
    code.add(depth, f"if {items}.__class__ is not list or len({items}) > {listed.at_most}: return None")
    code.add(depth, f"{rows} = []", f"{key} = set()", f"for {item} in {items}:")
    cells: dict[int, str] = {}
    _node(code, depth + 1, item, listed.item, cells, readers)
    code.add(depth + 1, f"{rows}.append({_row(cells, listed.width)})")
    unique = next((entry for entry in listed.item.fields if entry.key == listed.unique), None)
    if unique is not None:
        code.add(depth + 1, f"{key}.add({cells[unique.place]})")
        # Equal keys are reported by the careful reading, which also knows that two absent keys are not equal.
        code.add(depth, f"if len({key}) != len({rows}): return None")
    return f"tuple({rows})"


def _may_be_left_out(field: Field) -> bool:
    # The participant's identifier, and an input that is expected only under a condition.
    return field.domain is None or (field.input is not None and field.input.only_if is not None)


def _field(code: _Code, depth: int, entry: FieldEntry, read: ReadCell) -> str:
    """Write the lines that make a cell of `v`; return its name."""
    cell, slow = code.fresh("c"), code.knows("read", read)
    field = entry.field
    if field.domain is not None and field.type.is_numeric:
        _quantity(code, depth, field.domain, cell)
    else:
        first, then = _glance(code, field, cell)
        code.add(depth, f"if {first}:")
        code.add(depth + 1, *then)
    if field.domain is None:
        code.add(depth, f'elif v is NOT_GIVEN: {cell} = ""')
    else:
        absences = {Absent(reason) for reason in may_be_absent(field)}
        if _may_be_left_out(field):
            # Given in so many words, it makes one name more than is counted at the end.
            absences.add(NOT_GIVEN)
        if absences:
            known = code.knows("absences", frozenset(absences))
            code.add(depth, f"elif v.__class__ is Absent and v in {known}: {cell} = v")
    code.add(depth, f"else: {cell} = {slow}(v)")
    return cell


def _quantity(code: _Code, depth: int, domain: Domain, cell: str) -> None:
    """Write the branches that take what quantities are mostly given as: a count as a whole number, others as text."""
    low, high = limits(domain)
    outside = f"not {low} <= {cell} <= {high}: return None"
    text = f"{cell} = {code.text_reader(domain)}(v)"
    if domain.type.kind == "count" and not domain.scale:
        code.add(depth, "if v.__class__ is int:")
        code.add(depth + 1, f"{cell} = v", f"if {outside}")
        code.add(depth, f"elif v.__class__ is str: {text}")
        return
    digits, usual = _written(domain)
    code.add(depth, "if v.__class__ is str:")
    code.add(depth + 1, f"if {usual}:", f"    {cell} = int({digits})", f"    if {outside}", f"else: {text}")
    power = code.knows("power", Decimal(10**domain.scale))
    code.add(depth, "elif v.__class__ is Decimal:")
    # `__trunc__` gives what int() does, in half the time.
    code.add(depth + 1, f"x = v * {power}", f"{cell} = x.__trunc__()", f"if {cell} != x or {outside}")


def _written(domain: Domain) -> tuple[str, str]:
    """Return the code of the digits of text with all decimals declared, and the test that it is such text.

    Anything else that may be written (fewer decimals, a minus, commas) is taken by the function that reads text.
    """
    places, is_percent = places_written(domain), domain.type.kind == "percent"
    if not places and not is_percent:
        return "v", f"len(v) <= {MAX_DIGITS} and v.isdigit() and v.isascii()"
    sign, point = ("v[-1] == '%'", "v[:-1]") if is_percent else ("", "v")
    tests = [f"{places + is_percent + bool(places)} < len(v) <= {MAX_DIGITS}", sign]
    if places:
        tests.append(f"v[-{places + is_percent + 1}] == '.'")
        point += ".replace('.', '', 1)"
    tests.append(f"(t := {point}).isdigit() and t.isascii()")
    return "t", " and ".join(filter(None, tests))


def _glance(code: _Code, field: Field, cell: str) -> tuple[str, list[str]]:
    """Return the test for what is usually given, and the lines that take it."""
    match field.type.kind:
        case "yes_no":
            return "v is True or v is False", [f"{cell} = v"]
        case "date" if field.domain is not None:
            first, last = date_limits(field.domain)
            outside = f"not {first} <= {cell} <= {last}: return None"
            return "v.__class__ is date", [f"{cell} = v.toordinal()", f"if {outside}"]
        case "category" | "direction":
            options = code.knows("words", frozenset(field.type.options or ("higher", "lower")))
            return f"v.__class__ is str and v in {options}", [f"{cell} = v"]
        case _:
            absences = frozenset(may_be_absent(field)) if field.domain is not None else frozenset()
            other = f" and v not in {code.knows('reasons', absences)}" if absences else ""
            return f"v.__class__ is str and 0 < len(v) <= {MAX_TEXT} and v.isprintable(){other}", [f"{cell} = v"]
