"""Published figures compared with computed ones: digit for digit, by the intervals they stand for, or by order."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Final, TypeAlias, TypeGuard

from vbc_rules.errors import Code, InputError, InputProblem, UsageError, VbcError
from vbc_rules.frames import codes
from vbc_rules.frames.cells import CellValue, exact
from vbc_rules.frames.cohorts import evaluate_files, read_cohort
from vbc_rules.frames.collecting import Participant
from vbc_rules.frames.intervals import Grid, Point, Range, Side, make_grid, meets, ranges_of, side_of, turns_in
from vbc_rules.frames.mapping import ColumnMapping, Field, KnownDifference, Role, Rounded
from vbc_rules.frames.ordering import Misplaced, Placed, Quantity, misplaced
from vbc_rules.frames.results import render
from vbc_rules.frames.rows import Data, read_rows
from vbc_rules.frames.running import Runnable, problems_of
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import Type
from vbc_rules.plan.layout import Path, listed_paths
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.exact import round_to
from vbc_rules.run.settle import place as place_of
from vbc_rules.run.trace import Trace

if TYPE_CHECKING:
    from vbc_rules.api.program import Program as Api

ROLES: Final[frozenset[Role]] = frozenset({"input", "cell", "published"})
SIGNS: Final = ("more_than_zero", "zero", "less_than_zero")


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


@dataclass(frozen=True, slots=True)
class Known:
    """A published figure that differs as the mapping says it does, and why."""

    difference: Mismatch
    because: str

    def to_dict(self) -> dict[str, object]:
        """Return the difference and its reason as plain data."""
        return {**self.difference.to_dict(), "because": self.because}


@dataclass(slots=True)
class Tally:
    """Published figures of one sign: those compared, those matched, those known to differ."""

    checked: int = 0
    matched: int = 0
    known: int = 0

    def to_dict(self) -> dict[str, int]:
        """Return the counts as plain data."""
        return {"checked": self.checked, "matched": self.matched, "known": self.known}


@dataclass(slots=True)
class Count:
    """How many published figures of one kind were compared, and how that went.

    `checked` = `matched` + `known` (they differ as the mapping says) + mismatches. `unpublished`: computed, but
    published as missing. `matched_by_interval`: of those matched, how many by the intervals that figures stand for. For
    these, `by_sign` counts the published figures above zero, at zero and below. `matched_by_order`: how many by their
    order among the participants alone.
    """

    checked: int = 0
    matched: int = 0
    known: int = 0
    unpublished: int = 0
    matched_by_interval: int = 0
    matched_by_order: int = 0
    by_sign: dict[str, Tally] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Return the counts as plain data."""
        found: dict[str, object] = {
            "checked": self.checked,
            "matched": self.matched,
            "matched_by_interval": self.matched_by_interval,
            "matched_by_order": self.matched_by_order,
            "known": self.known,
            "unpublished": self.unpublished,
        }
        if self.by_sign:
            found["by_sign"] = {sign: tally.to_dict() for sign, tally in self.by_sign.items()}
        return found


@dataclass(frozen=True, slots=True)
class Validation:
    """How the published figures compare. `cells` counts published numbers of the rule itself (thresholds ..).

    `known_differences`: those that differ as the mapping says. `no_longer_known`: known differences of the mapping that
    did not differ, or were not met at all.
    """

    figures: Mapping[str, Count]
    cells: Count
    mismatches: tuple[Mismatch, ...]
    known_differences: tuple[Known, ...]
    no_longer_known: tuple[KnownDifference, ...]

    @property
    def checked(self) -> int:
        """Published figures compared."""
        return sum(count.checked for count in self.figures.values())

    @property
    def matched(self) -> int:
        """Those equal to the computed ones; by interval, having a value in common with them; by order, in order."""
        return sum(count.matched for count in self.figures.values())

    @property
    def matched_by_interval(self) -> int:
        """Of those matched, those compared as the intervals that figures stand for."""
        return sum(count.matched_by_interval for count in self.figures.values())

    @property
    def matched_by_order(self) -> int:
        """Of those matched, those of which only the order among the participants is compared."""
        return sum(count.matched_by_order for count in self.figures.values())

    @property
    def known(self) -> int:
        """Those that differ as the mapping says they do."""
        return sum(count.known for count in self.figures.values())

    @property
    def holds(self) -> bool:
        """Whether every figure is matched or known to differ, and every known difference is still one."""
        return not self.mismatches and not self.no_longer_known

    def to_dict(self) -> dict[str, object]:
        """Return the counts, of all figures and of each, what is known to differ, and what did not match."""
        return {
            "checked": self.checked,
            "matched": self.matched,
            "matched_by_interval": self.matched_by_interval,
            "matched_by_order": self.matched_by_order,
            "known": self.known,
            "figures": {name: count.to_dict() for name, count in self.figures.items()},
            "cells": self.cells.to_dict(),
            "known_differences": [known.to_dict() for known in self.known_differences],
            "mismatches": [mismatch.to_dict() for mismatch in self.mismatches],
        }


def validate(
    program: Runnable, data: Data, mapping: ColumnMapping, *, parameters: Mapping[str, object] | None = None
) -> Validation:
    """Compute every participant of the published files and compare each published figure with the computed one.

    A published figure is exactly what its digits say; where the mapping declares it `rounded`, the computed figure is
    rounded the same way first. Where it is declared `to_the_nearest` a unit, it stands for half a unit either way, and
    so do the inputs so declared: it matches where it has a value in common with the computed range (see `intervals`).
    Where it is declared `compare: order`, only its order among the participants is compared (see `ordering`). For a
    program that needs the whole cohort, see `validate_cohort`.

    Raises InputError where the files cannot be read, a participant's inputs are refused, or a range cannot be told;
    UsageError for a mapping that brings inputs of groups or of the cohort.
    """
    if mapping.is_of_cohort:
        message = "the mapping brings inputs of groups or of the cohort; write `validate_cohort`"
        raise UsageError(Code.USAGE, message)
    rows = read_rows(mapping, data, program.resolved, ROLES)
    rows.raise_if_any()
    comparison = _Comparison(program.resolved, mapping)
    problems = comparison.problems
    for one in rows.participants:
        grid = make_grid(one, mapping, program.resolved)
        results = program.evaluate_many(grid.inputs(one), parameters=parameters)
        written = next(results)
        if isinstance(written, VbcError):
            problems.extend(problems_of(written, one.row))
        elif not problems:
            others = zip(grid.points[1:], results, strict=True)
            traces = {point: result.trace for point, result in others if not isinstance(result, VbcError)}
            comparison.compare(one, grid, {grid.written: written.trace, **traces})
    if problems:
        raise InputError(problems)
    return comparison.finish()


def validate_cohort(
    program: Api,
    data: Data,
    mapping: ColumnMapping,
    *,
    groups: Mapping[str, FilePath] | None = None,
    cohort: Mapping[str, object] | None = None,
    parameters: Mapping[str, object] | None = None,
) -> Validation:
    """Compute the participants of the published files as one cohort, and compare as `validate` does.

    `groups` has a file for each level of groups that has inputs, `cohort` the cohort's inputs. A mapping that declares
    an input `to_the_nearest` is for no such program: each participant's interval would move all others' figures.

    Raises InputError where the files cannot be read or inputs are refused, EvaluationError, UsageError for such a
    mapping.
    """
    if any(one.unit is not None and one.role == "input" for place in mapping.placements for one in place.fields):
        message = "a whole cohort is computed at once, so no input can be an interval; remove its `to_the_nearest`"
        raise UsageError(Code.USAGE, message)
    read = read_cohort(program.resolved, data, mapping, groups, ROLES)
    comparison = _Comparison(program.resolved, mapping)
    found = evaluate_files(program, read, cohort=cohort, parameters=parameters)
    # A participant's result stands in the order of the data, and so do the rows read.
    for one, result in zip(read.participants, found, strict=True):
        grid = Grid(())
        comparison.compare(one, grid, {grid.written: result.trace})
    return comparison.finish()


_Cell: TypeAlias = tuple[Participant, Field, str | None, CellValue]
"""A published figure: whose, of what, of which member, as written."""


@dataclass(slots=True)
class _Comparison:
    program: Program
    mapping: ColumnMapping
    figures: dict[str, Count] = field(default_factory=dict)
    cells: Count = field(default_factory=Count)
    mismatches: list[Mismatch] = field(default_factory=list)
    problems: list[InputProblem] = field(default_factory=list)
    differing: list[Known] = field(default_factory=list)
    met: set[tuple[str, Ref, str | None]] = field(default_factory=set)
    paths: dict[str, dict[str | None, Path]] = field(default_factory=dict)
    known: dict[tuple[str, Ref, str | None], KnownDifference] = field(default_factory=dict)
    ordered: dict[tuple[Ref, str | None], list[Placed[_Cell]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = {(one.participant, one.ref, one.member): one for one in self.mapping.known}
        for place in self.mapping.placements:
            for one in place.fields:
                if one.role == "published":
                    self.figures.setdefault(str(one.ref), Count())
            if place.kind != "items" and place.level not in self.paths:
                found = listed_paths(self.program, place.level)
                self.paths[place.level] = {str(path[-1]) if path else None: path for path in found}

    def compare(self, one: Participant, grid: Grid, traces: Mapping[Point, Trace]) -> None:
        """Compare every published figure of one participant, computed at each point of its grid."""
        sides = {point: side_of(self.program, trace) for point, trace in traces.items()} if grid.axes else {}
        for where, member, value in one.cells:
            published = exact(value, where.type)
            count = self.cells if where.role == "cell" else self.figures[str(where.ref)]
            path = self.paths[where.ref.level][member]
            if where.role == "cell":
                values: Mapping[Point, Datum] = {grid.written: self.program.cell(where.ref, member or "")}
            else:
                values = {point: trace.value(where.ref, path) for point, trace in traces.items()}
            computed = values[grid.written]
            if isinstance(published, Absent):
                count.unpublished += not isinstance(computed, Absent)
                continue
            count.checked += 1
            cell = (one, where, member, value)
            if where.by_order and _goes_up_and_down(published) and _goes_up_and_down(computed):
                placed = Placed(one.row, published, computed, cell)
                self.ordered.setdefault((where.ref, member), []).append(placed)
                continue
            by_interval = where.unit is not None
            if where.unit is not None and isinstance(published, Fraction):
                ranges = self._ranges(one, where, path, grid, values, sides)
                matches = meets(published, where.unit, ranges)
                shown = _shown(ranges, computed, where.type)
                tally = count.by_sign.setdefault(_sign(published), Tally())
                tally.checked += 1
            else:
                matches = _same(published, computed, where.rounded, where.type)
                shown = _shown((), computed, where.type)
                tally = Tally()
            if matches:
                count.matched += 1
                count.matched_by_interval += by_interval
                tally.matched += 1
                continue
            tally.known += self._differs(cell, shown)

    def _differs(self, cell: _Cell, shown: str) -> bool:
        """Take note of a figure that differs; return whether the mapping says so."""
        one, where, member, value = cell
        mismatch = self._mismatch(one, where, member, value, shown)
        key = (one.key, where.ref, member)
        if key not in self.known:
            self.mismatches.append(mismatch)
            return False
        self.figures[str(where.ref)].known += 1
        self.met.add(key)
        self.differing.append(Known(mismatch, self.known[key].because))
        return True

    def _compare_orders(self) -> None:
        """Compare the figures of which only the order counts, once all of them are known."""
        for (ref, _), figures in self.ordered.items():
            found = tuple(misplaced(figures))
            for one in found:
                self._differs(one.figure.one, _placed_as(one, one.figure.one[1].type))
            count = self.figures[str(ref)]
            count.matched += len(figures) - len(found)
            count.matched_by_order += len(figures) - len(found)

    def _ranges(
        self,
        one: Participant,
        where: Field,
        path: Path,
        grid: Grid,
        values: Mapping[Point, Datum],
        sides: Mapping[Point, Side],
    ) -> tuple[Range, ...]:
        turning = turns_in(values, sides, grid)
        if turning is not None:
            message = (
                f"turns within the interval that `{turning.name}` stands for, so its range cannot be told "
                "from the ends; declare it `rounded`, or remove it from the mapping"
            )
            place = place_of(self.program, where.ref, path)
            self.problems.append(InputProblem(codes.NOT_ONE_WAY, place, message, one.row))
        return ranges_of(values, sides or dict.fromkeys(values))

    def _mismatch(self, one: Participant, where: Field, member: str | None, value: CellValue, shown: str) -> Mismatch:
        public = self.program.document.identifier_is_public
        published = "" if isinstance(value, Absent) else value if isinstance(value, str) else render(value, where.type)
        return Mismatch(str(where.ref), member, one.row, one.key if public else None, published, shown)

    def finish(self) -> Validation:
        """Return what was found."""
        self._compare_orders()
        stale = tuple(one for key, one in self.known.items() if key not in self.met)
        for count in self.figures.values():
            count.by_sign = {sign: count.by_sign[sign] for sign in SIGNS if sign in count.by_sign}
        return Validation(self.figures, self.cells, tuple(self.mismatches), tuple(self.differing), stale)


def _same(published: Datum, computed: Datum, rounded: Rounded | None, type: Type) -> bool:
    if isinstance(computed, Fraction) and rounded is not None:
        digits = rounded.digits + (2 if type.kind == "percent" else 0)
        computed = round_to(computed, Fraction(1, 10**digits), rounded.mode)
    return computed == published


def _goes_up_and_down(value: Datum) -> TypeGuard[Quantity]:
    return isinstance(value, Fraction | datetime.date)


def _placed_as(one: Misplaced[_Cell], type: Type) -> str:
    """Return in words what was computed, and what it is out of order with."""
    wanted = "not equal to" if one.equal else "not above"
    computed, before = render(one.figure.computed, type), render(one.before.computed, type)
    return f"{computed}, {wanted} {before} of row {one.before.row}"


def _sign(value: Fraction) -> str:
    return "more_than_zero" if value > 0 else "less_than_zero" if value < 0 else "zero"


def _shown(ranges: Sequence[Range], computed: Datum, type: Type) -> str:
    """Return what was computed in words: a value, an absence's reason, or the range of each side."""
    if not ranges:
        return computed.reason if isinstance(computed, Absent) else render(computed, type)
    ends = ((render(low, type), render(high, type)) for low, high in ranges)
    return " or ".join(low if low == high else f"{low} to {high}" for low, high in ends)
