"""What came out for one participant."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, KeysView, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from vbc_rules.api.instance import Instance, Items, Members
from vbc_rules.api.standing import Status, standing_data
from vbc_rules.api.values import Value, public_value, text_value
from vbc_rules.errors import Code, UsageError
from vbc_rules.plan.layout import Row
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.scalar import ScalarTrace
from vbc_rules.run.trace import Trace

if TYPE_CHECKING:
    from vbc_rules.api.cohort import CohortResult
    from vbc_rules.api.program import Program
    from vbc_rules.explain.tree import Explanation

SCHEMA: Final = "vbc-rules/result/1"


@cache
def library_version() -> str:
    """Return the version of this library; "0" where it is used without being installed. Found once: it takes long."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 (slow to import, and asked for rarely)

    try:
        return version("vbc-rules")
    except PackageNotFoundError:
        return "0"


def versions_of(program: Program, schema: str) -> Mapping[str, str]:
    """Return what computes results of a program, and the schema that they are written in."""
    document = program.resolved.document
    return {
        "program": document.program.text,
        "edition": document.edition.text,
        "content_hash": program.content_hash,
        "language": str(document.language),
        "library": library_version(),
        "schema": schema,
    }


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Result:
    """The result of one participant: `result["amount"]`, `result["measure"]["hai_5"]["score"]`.

    Quantities are `Decimal` where their decimals always end, `Fraction` where they may not (a rate such as 2/3); a
    percent is its fraction (5% is `Decimal("0.05")`); an absent value is `Absent(reason)`.
    """

    program: Program
    trace: Trace
    row: Row
    as_of: datetime.date | None = None
    """The day up to which the data were known; it is not the period in force, and changes no figure."""
    status: Status | None = None
    """Whether the data are provisional or final, as whoever ran the program says."""
    cohort: CohortResult | None = None
    """The cohort that the participant is one of; None where it was evaluated alone."""
    number: int = 0

    def __reduce__(self) -> tuple[object, ...]:
        """Travel as the program and what was given: they give the same result wherever they are evaluated."""
        if self.cohort is not None:
            return (_again_in, (self.cohort, self.number))
        return (_again, (self.program, self.row, self.as_of, self.status))

    def __getitem__(self, name: str) -> Value | Instance | Members | Items:
        """Return a value of the participant, its groups or the cohort, or everything on a level. Raises KeyError."""
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
        participant = self.program.resolved.participant
        return Instance(self.program, self.trace, participant, (), participant)

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
        """The gates that did not hold, every one: its own by name, its groups' and the cohort's with their level."""
        root = self.program.resolved.participant
        levels = (root, *self.program.resolved.above(root))
        return tuple(
            gate.ref.name if gate.ref.level == root else str(gate.ref)
            for gate in self.program.resolved.gates
            if gate.ref.level in levels and self.trace.value(gate.ref, ()) is False
        )

    @property
    def in_program(self) -> bool:
        """Whether the participant is in the program at all."""
        return not any(
            gate.pays is None and not self.program.depth(gate.ref.level) and self.trace.value(gate.ref, ()) is False
            for gate in self.program.resolved.gates
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
        return versions_of(self.program, SCHEMA)

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
        resolved = self.program.resolved
        return explain(resolved, self.trace, ref, path, header=header, as_of=self.as_of, status=self.status)

    def to_dict(self) -> dict[str, object]:
        """Return the result as plain data: quantities as text, percents with their sign, absences by reason."""
        return {
            **self.versions,
            **standing_data(self.as_of, self.status),
            **self.figures(),
            "warnings": list(self.warnings),
            "illustrative": list(self.illustrative),
        }

    def figures(self) -> dict[str, object]:
        """Return the participant's own part of `to_dict()`: who it is, its gates, payments and values."""
        root = self.program.resolved.participant
        return {
            root: self.participant,
            "in_program": self.in_program,
            "failed_gates": list(self.failed_gates),
            "payments": {
                definition.ref.name: text_value(self.trace.value(definition.ref, ()), definition.type)
                for definition in self.program.resolved.definitions
                if definition.role == "payment" and definition.ref.level == root
            },
            "values": self._root.plain(),
        }

    def to_json(self, *, indent: int | None = None) -> str:
        """Return `to_dict()` as JSON text."""
        if indent is None and isinstance(self.trace, ScalarTrace) and (writer := self.program.writer) is not None:
            return writer.write(self.trace, self.as_of, self.status)
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)

    def __repr__(self) -> str:
        return f"<Result of {self.program.identifier}: {', '.join(self.payments) or 'values only'}>"

    def __str__(self) -> str:
        from vbc_rules.api.summary import summary  # noqa: PLC0415 (needed only where somebody looks)

        return summary(self)


def _again(program: Program, row: Row, as_of: datetime.date | None, status: Status | None) -> Result:
    return program.evaluate_row(row, as_of=as_of, status=status)


def _again_in(cohort: CohortResult, number: int) -> Result:
    return cohort.at(number)
