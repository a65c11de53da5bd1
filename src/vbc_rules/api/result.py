"""What came out for one participant."""

from __future__ import annotations

import json
from collections.abc import Iterator, KeysView, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from vbc_rules.api.values import Value, public_value, text_value
from vbc_rules.errors import Code, UsageError
from vbc_rules.plan.layout import Path, Row
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.run.trace import Trace
from vbc_rules.source.nearest import nearest

if TYPE_CHECKING:
    from vbc_rules.api.program import Program
    from vbc_rules.explain.tree import Explanation

SCHEMA: Final = "vbc-rules/result/1"


def library_version() -> str:
    """Return the version of this library; "0" where it is used without being installed."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 (slow to import, and asked for rarely)

    try:
        return version("vbc-rules")
    except PackageNotFoundError:
        return "0"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Instance(Mapping[str, "Value | Members | Items"]):
    """The values at one instance: of the participant, of a listed member, of an item of a list.

    Keys are the names that stand on its level, then the levels directly below it.
    """

    program: Program
    trace: Trace
    level: str
    path: Path

    def __getitem__(self, name: str) -> Value | Members | Items:
        """Return a value by name, or everything on a level below. Raises KeyError with the nearest name."""
        ref = Ref(self.level, name)
        slot = self.program.resolved.slots.get(ref)
        if slot is not None:
            return public_value(self.trace.value(ref, self.path), slot.type, self.program.places(ref))
        below = self.program.resolved.levels.get(name)
        if below is not None and name in self._below():
            return self._level(name)
        for level in self.program.resolved.chain(self.level)[1:]:
            upper = Ref(level, name)
            if upper in self.program.resolved.slots:
                path = self.path[: self.program.depth(level)]
                slot = self.program.resolved.slots[upper]
                return public_value(self.trace.value(upper, path), slot.type, self.program.places(upper))
        close = nearest(str(name), tuple(self))
        raise KeyError(f"`{self.level}` has no `{name}`" + (f"; write `{close}`" if close else ""))

    def __iter__(self) -> Iterator[str]:
        for ref in self.program.resolved.slots:
            if ref.level == self.level:
                yield ref.name
        yield from self._below()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        place = ".".join(map(str, self.path))
        return f"<{self.level}{f' {place}' if place else ''}>"

    def _below(self) -> tuple[str, ...]:
        return tuple(
            name
            for name, level in self.program.resolved.levels.items()
            if level.kind in ("members", "list") and self.level in self.program.resolved.chain(name)[1:]
        )

    def _level(self, name: str) -> Members | Items:
        if self.program.resolved.levels[name].kind == "list":
            return Items(self.program, self.trace, name, self.path)
        return Members(self.program, self.trace, name, self.path)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Members(Mapping[str, Instance]):
    """The listed members of a level under one instance, by name."""

    program: Program
    trace: Trace
    level: str
    above: Path

    def __getitem__(self, member: str) -> Instance:
        """Return what stands at a member. Raises KeyError with the nearest name."""
        for path in self.program.paths_under(self.level, self.above):
            if path[-1] == member:
                return Instance(self.program, self.trace, self.level, path)
        close = nearest(str(member), tuple(self))
        raise KeyError(f"there is no {self.level} `{member}`" + (f"; write `{close}`" if close else ""))

    def __iter__(self) -> Iterator[str]:
        return (str(path[-1]) for path in self.program.paths_under(self.level, self.above))

    def __len__(self) -> int:
        return len(self.program.paths_under(self.level, self.above))

    def __repr__(self) -> str:
        return f"<{self.level}: {', '.join(self)}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Items:
    """The items of a list under one instance, in the order given."""

    program: Program
    trace: Trace
    level: str
    above: Path

    def __getitem__(self, index: int) -> Instance:
        """Return what stands at an item, counted from 0. Raises IndexError."""
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"`{self.level}` has {count} items")
        return Instance(self.program, self.trace, self.level, (*self.above, index % count))

    def __iter__(self) -> Iterator[Instance]:
        return (self[index] for index in range(len(self)))

    def __len__(self) -> int:
        return self.trace.count(self.level, self.above)

    def __repr__(self) -> str:
        return f"<{self.level}: {len(self)} items>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Result:
    """The result of one participant: `result["amount"]`, `result["measure"]["hai_5"]["score"]`.

    Quantities are `Decimal` where their decimals always end, `Fraction` where they may not (a rate such as 2/3); a
    percent is its fraction (5% is `Decimal("0.05")`); an absent value is `Absent(reason)`.
    """

    program: Program
    trace: Trace
    row: Row

    def __reduce__(self) -> tuple[object, ...]:
        """Travel as the program and the row: they give the same result wherever they are evaluated."""
        return (_again, (self.program, self.row))

    def __getitem__(self, name: str) -> Value | Members | Items:
        """Return a value of the participant or cohort, or everything on a level below. Raises KeyError."""
        return self._root[name]

    def __contains__(self, name: object) -> bool:
        return name in self._root

    def __iter__(self) -> Iterator[str]:
        return iter(self._root)

    def __len__(self) -> int:
        return len(self._root)

    def keys(self) -> KeysView[str]:
        """Return the names that can be read, the levels below among them."""
        return self._root.keys()

    @property
    def _root(self) -> Instance:
        return Instance(self.program, self.trace, self.program.resolved.participant, ())

    @property
    def participant(self) -> str:
        """The participant's identifier as given, "" where none was."""
        name = self.program.resolved.participant
        return str(self.trace.value(Ref(name, name), ()))

    @property
    def payments(self) -> Mapping[str, Value]:
        """The participant's payments by name."""
        return {
            definition.ref.name: public_value(
                self.trace.value(definition.ref, ()), definition.type, self.program.places(definition.ref)
            )
            for definition in self.program.resolved.definitions
            if definition.role == "payment" and definition.ref.level == self.program.resolved.participant
        }

    @property
    def failed_gates(self) -> tuple[str, ...]:
        """The participant's gates that did not hold, every one."""
        return tuple(
            gate.ref.name
            for gate in self.program.resolved.gates
            if gate.ref.level == self.program.resolved.participant and self.trace.value(gate.ref, ()) is False
        )

    @property
    def in_program(self) -> bool:
        """Whether the participant is in the program at all."""
        return not any(
            gate.pays is None and self.trace.value(gate.ref, ()) is False for gate in self.program.resolved.gates
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be shown beside every figure of this result."""
        return self.trace.warnings

    @property
    def illustrative(self) -> tuple[str, ...]:
        """The illustrative numbers this program uses: figures that rest on them are examples, not a payer's."""
        return self.program.illustrative

    @property
    def versions(self) -> Mapping[str, str]:
        """What computed this: program, edition, content hash, and the versions of language, library and schema."""
        document = self.program.resolved.document
        return {
            "program": document.program.text,
            "edition": document.edition.text,
            "content_hash": self.program.content_hash,
            "language": str(document.language),
            "library": library_version(),
            "schema": SCHEMA,
        }

    def explain(self, name: str, *instance: str | int) -> Explanation:
        """Return how a value came about: a tree; `str()` is text, `.to_dict()` data, notebooks show it as HTML.

        `instance` says which one for a level below the participant: `explain("score", "hai_5")`, or an item of a list
        counted from 0. Raises UsageError for a name or an instance that does not exist.
        """
        from vbc_rules.explain import explain  # noqa: PLC0415 (needed only where somebody asks)

        ref, path = self.program.locate(name, instance)
        try:
            self.trace.value(ref, path)
        except KeyError:
            raise UsageError(Code.NO_SUCH_RESULT, f"there is no such instance of `{ref.level}`") from None
        header = {"program": self.program.identifier, "title": self.program.title}
        if self.participant:
            header[self.program.resolved.participant] = self.participant
        return explain(self.program.resolved, self.trace, ref, path, header=header)

    def to_dict(self) -> dict[str, object]:
        """Return the result as plain data: quantities as text, percents with their sign, absences by reason."""
        root = self.program.resolved.participant
        return {
            **self.versions,
            root: self.participant,
            "in_program": self.in_program,
            "failed_gates": list(self.failed_gates),
            "payments": {
                definition.ref.name: text_value(self.trace.value(definition.ref, ()), definition.type)
                for definition in self.program.resolved.definitions
                if definition.role == "payment" and definition.ref.level == root
            },
            "values": self._level_data(root, ()),
            "warnings": list(self.warnings),
            "illustrative": list(self.illustrative),
        }

    def to_json(self, *, indent: int | None = None) -> str:
        """Return `to_dict()` as JSON text."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)

    def _level_data(self, level: str, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        for definition in self.program.resolved.definitions:
            if definition.ref.level == level:
                value: Datum = self.trace.value(definition.ref, path)
                found[definition.ref.name] = text_value(value, definition.type)
        for name, below in self.program.resolved.levels.items():
            if below.kind == "members" and below.parent == level:
                for inner in self.program.paths_under(name, path):
                    found.setdefault(name, {})[str(inner[-1])] = self._level_data(name, inner)  # type: ignore[index]
            elif below.kind == "list" and below.parent == level:
                count = self.trace.count(name, path)
                found[name] = [self._level_data(name, (*path, index)) for index in range(count)]
        return found

    def __repr__(self) -> str:
        return f"<Result of {self.program.identifier}: {', '.join(self.payments) or 'values only'}>"

    def __str__(self) -> str:
        from vbc_rules.api.summary import summary  # noqa: PLC0415 (needed only where somebody looks)

        return summary(self)


def _again(program: Program, row: Row) -> Result:
    return program.evaluate_row(row)
