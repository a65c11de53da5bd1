"""What an explanation is: data, from which text and pages are made."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from vbc_rules.explain.numbers import exact_text
from vbc_rules.resolve.expressions import Datum

SCHEMA: Final = "vbc-rules/explanation/1"

Kind: TypeAlias = Literal["input", "parameter", "cell", "value", "payment", "gate", "name"]
LineKind: TypeAlias = Literal["numbers", "test", "case", "members", "order", "floor", "cap", "rounding", "gate", "note"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of how a value came about.

    A `checked` line is arithmetic that stands on its own: `left = right`, or `condition is yes` (or no), where the left
    side evaluates exactly to the right side from nothing but the numbers printed on it. `note` is the rule's own words
    beside it. A line on rounding, a cap or a floor that acted has the values `before` and `after`.
    """

    kind: LineKind
    label: str
    text: str = field(repr=False)
    checked: bool = False
    note: str = ""
    before: str = field(default="", repr=False)
    after: str = field(default="", repr=False)

    def to_dict(self) -> dict[str, object]:
        """Return the line as plain data."""
        found: dict[str, object] = {
            "kind": self.kind,
            "label": self.label,
            "text": self.text,
            "checked": self.checked,
            "note": self.note,
        }
        return {**found, "before": self.before, "after": self.after} if self.after else found


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a number comes from: a source with its place in it, an illustrative mark, or whoever runs the program.

    `derived` numbers have one origin for each source they rest on and `by`, the arithmetic in words.
    """

    kind: Literal["source", "derived", "illustrative", "required"]
    key: str = ""
    title: str = ""
    publisher: str = ""
    cite: str = ""
    place: str = ""
    by: str = ""
    link: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return the origin as plain data, without what is not known."""
        pairs = {
            "kind": self.kind,
            "key": self.key,
            "title": self.title,
            "publisher": self.publisher,
            "cite": self.cite,
            "place": self.place,
            "by": self.by,
            "link": self.link,
        }
        return {key: value for key, value in pairs.items() if value}


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a value is not there: the reason, the names from this one to where it arose, and why it arose there.

    `place` is the file and line where it arose; `test` is the checked line of the condition that did not hold there,
    empty where the absence has another cause.
    """

    reason: str
    trail: tuple[str, ...]
    cause: str
    place: str = ""
    test: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return the absence as plain data."""
        return {
            "reason": self.reason,
            "trail": list(self.trail),
            "cause": self.cause,
            "place": self.place,
            "test": self.test,
        }


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """How one value came about. Its `str()` is the statement; its `repr()` shows no value.

    `name` and `instance` say which value, `value` is exact (a percent is its fraction), `text` how it is written.
    `rule` is the author's own words. `parts` explain every name that was read; a name explained before stands
    there again with its value alone (`repeated`). `cut` says that parts were left out: they lie deeper than was asked
    for, or belong to other participants. `header`, `as_of`, `status` (provisional, final or empty) and `in_force`, the
    period in force, stand at the top only.
    """

    name: str
    instance: tuple[str, ...]
    ref: str
    title: str
    about: str
    kind: Kind
    value: Datum
    text: str
    rule: str = ""
    lines: tuple[Line, ...] = ()
    absence: Absence | None = None
    place: str = ""
    origins: tuple[Origin, ...] = ()
    illustrative: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    parts: tuple[Explanation, ...] = ()
    repeated: bool = False
    cut: bool = False
    header: Mapping[str, str] = field(default_factory=dict)
    as_of: datetime.date | None = None
    status: str = ""
    in_force: str = ""

    @property
    def uses_illustrative(self) -> bool:
        """Whether this value, or anything that it rests on, is marked illustrative."""
        return bool(self.illustrative)

    def walk(self) -> Iterator[Explanation]:
        """Yield this explanation and everything under it, in reading order."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def to_dict(self) -> dict[str, object]:
        """Return the whole tree as plain data, with its schema and header at the top."""
        return {
            "schema": SCHEMA,
            "header": dict(self.header),
            "status": self.status or None,
            "as_of": None if self.as_of is None else self.as_of.isoformat(),
            "in_force": self.in_force,
            "warnings": list(self.warnings),
            **self._to_dict(),
        }

    def _to_dict(self) -> dict[str, object]:
        return {
            "name": self.name,
            "ref": self.ref,
            "instance": list(self.instance),
            "title": self.title,
            "about": self.about,
            "kind": self.kind,
            "value": exact_text(self.value),
            "text": self.text,
            "rule": self.rule,
            "lines": [line.to_dict() for line in self.lines],
            "absence": None if self.absence is None else self.absence.to_dict(),
            "place": self.place,
            "origins": [origin.to_dict() for origin in self.origins],
            "uses_illustrative": self.uses_illustrative,
            "illustrative": list(self.illustrative),
            "repeated": self.repeated,
            "cut": self.cut,
            "parts": [part._to_dict() for part in self.parts],  # noqa: SLF001 (of its own class)
        }

    def __repr__(self) -> str:
        return f"<Explanation of {self.ref}>"

    def __str__(self) -> str:
        """Return the statement: all arithmetic that led to the value, everything beside it said briefly."""
        from vbc_rules.explain.text import render_text  # noqa: PLC0415 (made of explanations, and only when asked for)

        return render_text(self)

    def full_text(self) -> str:
        """Return the whole tree as text: every name that was read is opened, those that were left out too."""
        from vbc_rules.explain.text import render_text  # noqa: PLC0415 (as above)

        return render_text(self, full=True)

    def _repr_html_(self) -> str:
        from vbc_rules.explain.html import render_html  # noqa: PLC0415 (as above)

        return render_html(self)
