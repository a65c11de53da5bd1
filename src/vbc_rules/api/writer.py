"""A result as JSON text, by a function written for its program: the text around the values is ready, they go between.

What it writes is what `json.dumps(result.to_dict(), ensure_ascii=False)` gives, to the letter.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias

from vbc_rules.api import texts
from vbc_rules.api.places import paths_under, steps_to
from vbc_rules.api.standing import Status
from vbc_rules.api.texts import data_text, quoted
from vbc_rules.language.types import Type
from vbc_rules.plan.layout import Layout, ListField, Path, Row
from vbc_rules.resolve.program import Definition, Gate, Program
from vbc_rules.run.scalar import ITEM, ScalarEngine, ScalarTrace, compiled, in_tuples

Write: TypeAlias = Callable[[Row, tuple[tuple[Any, ...], ...], str, str, str], str]

Items: TypeAlias = tuple[str, ...]
"""The names that count the items on the way to an instance, outermost first."""

_STANDING = "as_of", "status"


class Hole(NamedTuple):
    """Code of the text that goes in here."""

    code: str


Text: TypeAlias = "Sequence[str | Hole]"


class Unwritten(Exception):  # noqa: N818 (a signal that the general way has to be taken)
    """No function can be written for the results of this program."""


class Writer:
    """Writes the results of a program. `source` is the text of its generated function."""

    __slots__ = ("_write", "source")

    def __init__(
        self, program: Program, engine: ScalarEngine, versions: Mapping[str, str], illustrative: tuple[str, ...]
    ) -> None:
        """Write the function. Raises Unwritten."""
        writing = _Writing(program, engine)
        self.source = writing.function(versions, illustrative)
        self._write: Write = compiled(self.source, "write", f"<results of {engine.name[1:]}", writing.known)

    def write(self, trace: ScalarTrace, as_of: datetime.date | None, status: Status | None) -> str:
        """Return a result as JSON text."""
        day = "null" if as_of is None else f'"{as_of.isoformat()}"'
        warnings = trace.warnings
        return self._write(
            trace.row,
            trace.values,
            day,
            "null" if status is None else quoted(status),
            data_text(warnings) if warnings else "[]",
        )


def make_writer(
    program: Program, engine: ScalarEngine | None, versions: Mapping[str, str], illustrative: tuple[str, ...]
) -> Writer | None:
    """Return what writes the results of a program; None where no function can be written for them."""
    try:
        return None if engine is None else Writer(program, engine, versions, illustrative)
    except Unwritten:
        return None


class _Writing:
    """The function of one program in the making. Its names come from counting, never from the rule file."""

    def __init__(self, program: Program, engine: ScalarEngine) -> None:
        self.program = program
        self.engine = engine
        self.known: dict[str, object] = {
            "quoted": quoted,
            "absence_text": texts.absence_text,
            "date_text": texts.date_text,
            "word_text": texts.word_text,
        }
        self._made: dict[tuple[object, ...], str] = {}
        self._definitions = program.definitions
        self._lines: list[str] = []
        self._depth = 1
        self._count = 0
        self._taken: set[int] = set()

    def function(self, versions: Mapping[str, str], illustrative: tuple[str, ...]) -> str:
        """Return the text of the function that writes a whole result."""
        root = self.program.participant
        payments = {
            definition.ref.name: self._value(definition, (), ())
            for definition in self._definitions
            if definition.role == "payment" and definition.ref.level == root
        }
        whole: list[tuple[str, Text]] = [
            *((name, [data_text(version)]) for name, version in versions.items()),
            *((name, [Hole(name)]) for name in _STANDING),
            (root, [Hole("quoted(str(row[0]))")]),
            ("in_program", [Hole(self._named("t", self._in_program()))]),
            ("failed_gates", ["[", Hole(self._named("t", self._failed_gates())), "]"]),
            ("payments", _object(payments.items())),
            ("values", self._instance(root, (), ())),
            ("warnings", [Hole("warnings")]),
            ("illustrative", [data_text(illustrative)]),
        ]
        returned = _code(_object(whole))
        names = [f"v{place}" if place in self._taken else "_" for place in range(self.engine.width)]
        lines = [f"    {in_tuples(names)} = values"] if self._taken else []
        lines = [f"def write(row, values, {', '.join(_STANDING)}, warnings):", *lines, *self._lines]
        return "\n".join((*lines, f"    return {returned}")) + "\n"

    # --- lines

    def _add(self, line: str) -> None:
        self._lines.append("    " * self._depth + line)

    def _fresh(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def _named(self, prefix: str, code: str) -> str:
        name = self._fresh(prefix)
        self._add(f"{name} = {code}")
        return name

    def _knows(self, make: Callable[..., Callable[..., str]], *given: object) -> str:
        """Return the name of the function that `make` makes of what is given, one for all that is given alike."""
        name = self._made.get((make, given))
        if name is None:
            name = self._made[make, given] = self._fresh("write")
            self.known[name] = make(*given)
        return name

    @contextmanager
    def _loop(self, header: str) -> Iterator[None]:
        self._add(header)
        self._depth += 1
        yield
        self._depth -= 1

    # --- instances

    def _instance(self, level: str, path: Path, items: Items) -> Text:
        """Return the text of the values and payments at an instance and below."""
        found = [
            (definition.ref.name, self._value(definition, path, items))
            for definition in self._definitions
            if definition.ref.level == level
        ]
        for name, below in self.program.levels.items():
            if below.parent == level and below.kind == "members":
                found.append((name, self._members(name, path, items)))
            elif below.parent == level and below.kind == "list":
                found.append((name, self._list(name, path, items)))
        return [Hole(self._named("m", _code(_object(found))))]

    def _members(self, level: str, above: Path, items: Items) -> Text:
        paths = paths_under(self.program, level, above, self.program.participant)
        return _object((str(path[-1]), self._instance(level, path, items)) for path in paths)

    def _list(self, level: str, above: Path, items: Items) -> Text:
        rows = _rows_of(self.engine.layout, level, above, items)
        if rows is None:
            raise Unwritten
        found, number = self._named("l", "[]"), self._fresh("n")
        with self._loop(f"for {number} in range(len({rows})):"):
            item = self._instance(level, (*above, ITEM), (*items, number))
            self._add(f"{found}.append({_code(item)})")
        return ["[", Hole(self._named("t", f"', '.join({found})")), "]"]

    # --- gates

    def _in_program(self) -> str:
        depth = {level: len(steps_to(self.program, level, self.program.participant)) for level in self.program.levels}
        deciding = [gate for gate in self.program.gates if gate.pays is None and not depth[gate.ref.level]]
        failed = " or ".join(f"{self._gate(gate)} is False" for gate in deciding)
        return f"'false' if {failed} else 'true'" if failed else "'true'"

    def _failed_gates(self) -> str:
        root = self.program.participant
        levels = (root, *self.program.above(root))
        told = [
            f"({quoted(gate.ref.name if gate.ref.level == root else str(gate.ref))!r}, {self._gate(gate)})"
            for gate in self.program.gates
            if gate.ref.level in levels
        ]
        return f"', '.join([name for name, passed in ({', '.join(told)},) if passed is False])" if told else "''"

    def _gate(self, gate: Gate) -> str:
        where = self.engine.locate(gate.ref, ())
        return self._at(where.position, ()) if where.constant is None else repr(where.constant is not False)

    # --- values

    def _at(self, position: int, items: Items) -> str:
        """Return the code of what the engine returned at a position, at an item."""
        self._taken.add(position)
        return f"v{position}" + "".join(f"[{item}]" for item in items)

    def _value(self, definition: Definition, path: Path, items: Items) -> Text:
        where, type_ = self.engine.locate(definition.ref, path), definition.type
        if where.constant is not None:
            return [texts.datum_text(where.constant, type_)]
        found = self._at(where.position, items)
        if items:
            found = self._named("x", found)
        match where.kind:
            case "number" if where.denominator is not None:
                write = self._knows(texts.quotient_text, where.divisor, type_)
                code = f"{write}({found}, {self._at(where.denominator, items)})"
            case "number":
                code = self._quantity(found, where.divisor, type_)
            case "yes_no":
                code = f"'true' if {found} is True else 'false' if {found} is False else absence_text({found})"
            case "date":
                code = f"date_text({found})"
            case "word":
                code = f"word_text({found})"
        return [Hole(self._named("t", code))]

    def _quantity(self, found: str, divisor: int, type_: Type) -> str:
        """Return the code of a quantity's text: what is usual is written in place, the rest by a function."""
        units, least = texts.in_units(divisor, type_), texts.least_decimals(type_)
        if units is None:
            return f"{self._knows(texts.quotient_text, divisor, type_)}({found})"
        factor, scale = units
        times = f"{found} * {factor}" if factor != 1 else found
        sign = "%" if type_.kind == "percent" else ""
        if scale == least == 0:
            return f"""f'"{{{times}}}{sign}"' if {found}.__class__ is not Absent else absence_text({found})"""
        write = self._knows(texts.units_text, factor, scale, type_)
        if scale < least:
            return f"{write}({found})"
        # Below zero `divmod` counts from the other side, and zeros at the end may have to go.
        usual = f"{found} > 0" + (f" and {times} % 10" if scale > least else "")
        written = f"""'"%d.%0{scale}d{sign * 2}"' % divmod({times}, {10**scale})"""
        return f"{written} if {found}.__class__ is not Absent and {usual} else {write}({found})"


def _rows_of(layout: Layout, level: str, above: Path, items: Items, rows: str = "row") -> str | None:
    """Return the code of the rows of a list at an instance; None where there is no such list."""
    for place, field in enumerate(layout.fields):
        if not isinstance(field, ListField) or above[: len(field.path)] != field.path:
            continue
        rest = above[len(field.path) :]
        if not rest and field.level == level:
            return f"{rows}[{place}]"
        if rest[:1] == (ITEM,):
            found = _rows_of(field.layout, level, rest[1:], items[1:], f"{rows}[{place}][{items[0]}]")
            if found is not None:
                return found
    return None


def _object(members: Iterable[tuple[str, Text]]) -> Text:
    """Return the text of an object. Raises Unwritten where a name comes twice: one would hide the other."""
    found: list[str | Hole] = ["{"]
    names: set[str] = set()
    for name, text in members:
        if name in names:
            raise Unwritten
        found.extend((", " if names else "", f"{quoted(name)}: ", *text))
        names.add(name)
    return [*found, "}"]


def _code(text: Text) -> str:
    """Return the code of a text: literals beside each other, which Python makes one."""
    parts: list[str] = []
    ready = ""
    for part in (*text, Hole("")):
        if isinstance(part, str):
            ready += part
            continue
        if ready:
            parts.append(repr(ready))
        if part.code:
            parts.append(f"f'{{{part.code}}}'")
        ready = ""
    return "(" + "\n        ".join(parts) + ")"
