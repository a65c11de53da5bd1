"""Published figures compared with computed ones, digit for digit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from vbc_rules.errors import InputError, InputProblem, VbcError
from vbc_rules.frames.cells import CellValue, exact
from vbc_rules.frames.mapping import ColumnMapping, Field, KnownDifference, Rounded
from vbc_rules.frames.results import render
from vbc_rules.frames.rows import Data, Participant, read_rows
from vbc_rules.frames.running import Runnable, evaluated, problems_of
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import Type
from vbc_rules.plan.layout import Path, listed_paths
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.exact import round_to
from vbc_rules.run.trace import Trace


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A published figure that is not the computed one. `participant` is None where identifiers are not public."""

    figure: str
    member: str | None
    row: int
    participant: str | None
    published: str
    computed: str

    def to_dict(self) -> dict[str, object]:
        """Return the mismatch as plain data."""
        return {
            "figure": self.figure,
            "member": self.member,
            "row": self.row,
            "participant": self.participant,
            "published": self.published,
            "computed": self.computed,
        }


@dataclass(slots=True)
class Count:
    """How many published figures of one kind were compared, and how that went.

    `checked` = `matched` + `known` (they differ as the mapping says) + mismatches. `unpublished`: computed, but
    published as missing.
    """

    checked: int = 0
    matched: int = 0
    known: int = 0
    unpublished: int = 0

    def to_dict(self) -> dict[str, int]:
        """Return the counts as plain data."""
        return {
            "checked": self.checked,
            "matched": self.matched,
            "known": self.known,
            "unpublished": self.unpublished,
        }


@dataclass(frozen=True, slots=True)
class Validation:
    """How the published figures compare. `cells` counts published numbers of the rule itself (thresholds ..).

    `no_longer_known`: known differences of the mapping that did not differ, or were not met at all.
    """

    figures: Mapping[str, Count]
    cells: Count
    mismatches: tuple[Mismatch, ...]
    no_longer_known: tuple[KnownDifference, ...]

    @property
    def checked(self) -> int:
        """Published figures compared."""
        return sum(count.checked for count in self.figures.values())

    @property
    def matched(self) -> int:
        """Those equal to the computed ones."""
        return sum(count.matched for count in self.figures.values())

    @property
    def known(self) -> int:
        """Those that differ as the mapping says they do."""
        return sum(count.known for count in self.figures.values())

    @property
    def holds(self) -> bool:
        """Whether every figure is matched or known to differ, and every known difference is still one."""
        return not self.mismatches and not self.no_longer_known

    def to_dict(self) -> dict[str, object]:
        """Return checked, matched, known, the counts of each figure, and what did not match, as plain data."""
        return {
            "checked": self.checked,
            "matched": self.matched,
            "known": self.known,
            "figures": {name: count.to_dict() for name, count in self.figures.items()},
            "cells": self.cells.to_dict(),
            "mismatches": [mismatch.to_dict() for mismatch in self.mismatches],
        }


def validate(
    program: Runnable, data: Data, mapping: ColumnMapping, *, parameters: Mapping[str, object] | None = None
) -> Validation:
    """Compute every participant of the published files and compare each published figure with the computed one.

    A published figure is exactly what its digits say; where the mapping declares it `rounded`, the computed figure is
    rounded the same way first.

    Raises InputError where the files cannot be read or a participant's inputs are refused.
    """
    rows = read_rows(mapping, data, program.resolved, frozenset({"input", "cell", "published"}))
    rows.raise_if_any()
    comparison = _Comparison(program.resolved, mapping)
    problems: list[InputProblem] = []
    for one, result in evaluated(program, rows.participants, parameters):
        if isinstance(result, VbcError):
            problems.extend(problems_of(result, one.row))
        elif not problems:
            comparison.compare(one, result.trace)
    if problems:
        raise InputError(problems)
    return comparison.finish()


@dataclass(slots=True)
class _Comparison:
    program: Program
    mapping: ColumnMapping
    figures: dict[str, Count] = field(default_factory=dict)
    cells: Count = field(default_factory=Count)
    mismatches: list[Mismatch] = field(default_factory=list)
    met: set[tuple[str, Ref, str | None]] = field(default_factory=set)
    paths: dict[str, dict[str | None, Path]] = field(default_factory=dict)
    known: dict[tuple[str, Ref, str | None], KnownDifference] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = {(one.participant, one.ref, one.member): one for one in self.mapping.known}
        for place in self.mapping.placements:
            for one in place.fields:
                if one.role == "published":
                    self.figures.setdefault(str(one.ref), Count())
            if place.kind != "items" and place.level not in self.paths:
                found = listed_paths(self.program, place.level)
                self.paths[place.level] = {str(path[-1]) if path else None: path for path in found}

    def compare(self, one: Participant, trace: Trace) -> None:
        for where, member, value in one.cells:
            published = exact(value, where.type)
            count = self.cells if where.role == "cell" else self.figures[str(where.ref)]
            if where.role == "cell":
                computed: Datum = self.program.cell(where.ref, member or "")
            else:
                computed = trace.value(where.ref, self.paths[where.ref.level][member])
            if isinstance(published, Absent):
                count.unpublished += not isinstance(computed, Absent)
                continue
            count.checked += 1
            key = (one.key, where.ref, member)
            if _same(published, computed, where.rounded, where.type):
                count.matched += 1
            elif key in self.known:
                count.known += 1
                self.met.add(key)
            else:
                self.mismatches.append(self._mismatch(one, where, member, value, computed))

    def _mismatch(
        self, one: Participant, where: Field, member: str | None, value: CellValue, computed: Datum
    ) -> Mismatch:
        shown = computed.reason if isinstance(computed, Absent) else render(computed, where.type)
        public = self.program.document.identifier_is_public
        published = "" if isinstance(value, Absent) else value if isinstance(value, str) else render(value, where.type)
        return Mismatch(str(where.ref), member, one.row, one.key if public else None, published, shown)

    def finish(self) -> Validation:
        stale: Iterable[KnownDifference] = (one for key, one in self.known.items() if key not in self.met)
        return Validation(self.figures, self.cells, tuple(self.mismatches), tuple(stale))


def _same(published: Datum, computed: Datum, rounded: Rounded | None, type: Type) -> bool:
    if isinstance(computed, Fraction) and rounded is not None:
        digits = rounded.digits + (2 if type.kind == "percent" else 0)
        computed = round_to(computed, Fraction(1, 10**digits), rounded.mode)
    return computed == published
