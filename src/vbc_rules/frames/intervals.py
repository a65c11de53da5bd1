"""Figures written to the nearest unit, carried through a program as the intervals that they stand for.

A figure of `$1,234` written to the nearest dollar stands for $1,233.50 to $1,234.50, both included. Every input so
written is given its lowest, its written and its highest value, all of them together (27 evaluations for three inputs),
and a computed figure's range is from the least to the greatest result. Everything is exact.

What is assumed: in each single input, while the others stand still, the figure goes one way; which way may depend on
the others. Then the least and the greatest stand at the ends of the inputs. This is checked where it can be seen: along
every input, the result at the written value must lie between those at the ends, else the comparison is refused. A
figure that turns and turns back between these three values is not seen, and neither is one that turns where an
interval ends at the written value.

Where a yes or no, a word or an absence of the program differs between the values (a gate is passed on one side only),
the figure may jump. Then each side has a range of its own, from the values computed on it, and what lies in the gap
does not match. A jump that no named value shows is not seen.

An input's interval ends where its declared range ends, and values that the program refuses are left out: both make the
range narrower, never wider.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from vbc_rules.frames.cells import exact
from vbc_rules.frames.collecting import Participant
from vbc_rules.frames.mapping import ColumnMapping, Field
from vbc_rules.frames.subjects import Inputs
from vbc_rules.language.numerals import in_decimals
from vbc_rules.plan.layout import Path, listed_paths
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.trace import Trace

Point: TypeAlias = tuple[int, ...]
"""Which of its values each interval input has: 0 the lowest, and so on."""

Side: TypeAlias = Hashable
"""All that a program decides (yes or no, words, absences): values of two evaluations with one side are comparable."""

Range: TypeAlias = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Axis:
    """One input of one participant that stands for an interval: its distinct values in order, and the written one."""

    field: Field
    member: str | None
    values: tuple[Fraction, ...]
    written: int

    @property
    def name(self) -> str:
        """The input's name for people: `aco.benchmark`."""
        ref = self.field.ref
        return ".".join(part for part in (ref.level, self.member, ref.name) if part)


@dataclass(frozen=True, slots=True)
class Grid:
    """Every combination of the values of one participant's interval inputs."""

    axes: tuple[Axis, ...]

    @property
    def written(self) -> Point:
        """The combination as the files have it."""
        return tuple(axis.written for axis in self.axes)

    @property
    def points(self) -> tuple[Point, ...]:
        """All combinations, that of the files first."""
        rest = itertools.product(*(range(len(axis.values)) for axis in self.axes))
        return (self.written, *(point for point in rest if point != self.written))

    def inputs(self, one: Participant) -> Iterator[Inputs]:
        """Yield the participant's inputs at each of the points, in their order."""
        for point in self.points:
            if point == self.written:
                yield one.inputs
                continue
            inputs = copy.deepcopy(one.inputs)
            for axis, index in zip(self.axes, point, strict=True):
                ref = axis.field.ref
                place = inputs if axis.member is None else inputs[ref.level][axis.member]
                place[ref.name] = _text(axis.values[index], axis.field)
            yield inputs


def make_grid(one: Participant, mapping: ColumnMapping, program: Program) -> Grid:
    """Return the combinations to compute for one participant: a single one where no input stands for an interval."""
    axes: list[Axis] = []
    for place in mapping.placements:
        for field in place.fields:
            if field.role != "input" or field.unit is None:
                continue
            members = [field.member] if place.kind == "wide" else sorted(set((place.members or {}).values()))
            axes.extend(axis for member in members if (axis := _axis(one, field, member, program)) is not None)
    return Grid(tuple(axes))


def _axis(one: Participant, field: Field, member: str | None, program: Program) -> Axis | None:
    place = one.inputs if member is None else one.inputs.get(field.ref.level, {}).get(member, {})
    value = exact(place[field.ref.name], field.type) if field.ref.name in place else None
    if not isinstance(value, Fraction) or field.unit is None:
        return None
    domain = program.inputs[field.ref].domain
    low, high = value - field.unit / 2, value + field.unit / 2
    if isinstance(domain.low, Fraction):
        low = min(max(low, domain.low), value)
    if isinstance(domain.high, Fraction):
        high = max(min(high, domain.high), value)
    values = tuple(sorted({low, value, high}))
    return Axis(field, member, values, values.index(value))


def _text(value: Fraction, field: Field) -> str:
    percent = field.type.kind == "percent"
    text = in_decimals(value * 100 if percent else value)
    if text is None:
        raise ValueError("half a unit fits the declared decimals; the mapping's reader has checked that")
    return text + "%" if percent else text


def side_of(program: Program, trace: Trace) -> Side:
    """Return what one evaluation decided: each yes or no, word and absence of what the file lists."""
    paths: dict[str, Sequence[Path]] = {}
    found: list[tuple[Ref, Path, Datum]] = []
    for ref, slot in program.slots.items():
        if slot.kind not in ("value", "payment", "gate"):
            continue
        if ref.level not in paths:
            try:
                paths[ref.level] = tuple(listed_paths(program, ref.level))
            except ValueError:
                paths[ref.level] = ()
        for path in paths[ref.level]:
            value = trace.value(ref, path)
            if not isinstance(value, Fraction):
                found.append((ref, path, value))
    return tuple(found)


def ranges_of(values: Mapping[Point, Datum], sides: Mapping[Point, Side]) -> tuple[Range, ...]:
    """Return a figure's range on each side on which it is a quantity."""
    found: dict[Side, Range] = {}
    for point, value in values.items():
        if isinstance(value, Fraction):
            low, high = found.get(sides[point], (value, value))
            found[sides[point]] = min(low, value), max(high, value)
    return tuple(found.values())


def turns_in(values: Mapping[Point, Datum], sides: Mapping[Point, Side], grid: Grid) -> Axis | None:
    """Return an input along which the figure turns between the values computed; None where there is no such input."""
    for at, axis in enumerate(grid.axes):
        if len(axis.values) < 3:
            continue
        for point in values:
            if point[at] != 1:
                continue
            line = [(*point[:at], index, *point[at + 1 :]) for index in range(3)]
            if any(one not in values or sides[one] != sides[point] for one in line):
                continue
            low, middle, high = (values[one] for one in line)
            if not (isinstance(low, Fraction) and isinstance(middle, Fraction) and isinstance(high, Fraction)):
                continue
            if not min(low, high) <= middle <= max(low, high):
                return axis
    return None


def meets(published: Fraction, unit: Fraction, ranges: Sequence[Range]) -> bool:
    """Tell whether what a published figure stands for, and what was computed, have a value in common."""
    low, high = published - unit / 2, published + unit / 2
    return any(least <= high and low <= greatest for least, greatest in ranges)
