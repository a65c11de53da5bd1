"""What names stand for in columns: of this root or another, of the member a row lies in, of the group above it."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from vbc_rules.check.interval import EVERYTHING, Interval
from vbc_rules.language.absence import Absent
from vbc_rules.plan.stages import RootStage, Stages
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Datum, Expr, Read, Ref
from vbc_rules.run.columns.expressions import Expressions, Words
from vbc_rules.run.columns.forms import Array, Column, Env, Kind, Unsupported, Vector, shared, width_of
from vbc_rules.run.columns.geometry import Geometry
from vbc_rules.run.columns.linear import Factors, table
from vbc_rules.run.columns.reducing import BlockReduction, ItemsReduction, by_items, reduction_of, rows_of
from vbc_rules.run.columns.selecting import first_code
from vbc_rules.run.columns.sums import Sum


@dataclass(frozen=True, slots=True)
class Foreign:
    """What stands on another root: how it is carried there, and (once it is known) between what numbers it lies."""

    kind: Kind
    divisor: int
    has_denominator: bool
    may_be_absent: bool
    low: int | None
    high: int | None
    below: int | None


@dataclass(frozen=True, slots=True)
class Check:
    """Rows that must not be: where any is so, another engine says what is wrong."""

    what: str
    rows: Callable[[Env], Array]


class Names:
    """Where expressions and gathers read names of one root's stages."""

    expressions: Expressions

    def __init__(
        self,
        stages: Stages,
        stage: RootStage,
        forms: dict[Ref, Column],
        words: Words,
        foreign: Callable[[Ref], Foreign],
    ) -> None:
        """Read what `forms` has of this root; what stands on others is carried as `foreign` says."""
        self.stages = stages
        self.program = stages.program
        self.stage = stage
        self.forms = forms
        self.words = words
        self.foreign = foreign
        self.geometry = Geometry(self.program)
        self.checks: list[Check] = []
        self.reads_foreign = False

    def read(self, ref: Ref, here: str) -> Column:
        """Return the column of a name as the instances of level `here` see it."""
        if ref.level == "":
            return self._foreign_column(ref)
        level = self.program.levels[ref.level]
        if ref.name == ref.level and level.kind == "list" and level.key is not None:
            ref = Ref(ref.level, level.key)
        slot = self.program.slots[ref]
        root = self.program.root(ref.level)
        if level.kind == "members" and slot.kind in ("cell", "name"):
            return self._cell(ref, here, is_name=slot.kind == "name")
        if root != self.stage.root:
            return self._foreign_seen(ref, root, here)
        return self.carried(self.forms[ref], ref.level, here)

    def carried(self, column: Column, level: str, here: str) -> Column:
        """Return a column of `level` as the instances of `here`, at or below it, see it."""
        focus = self.expressions.focus
        row = focus[1] if focus is not None and focus[0] == here else None
        if level == here:
            return column if row is None else rows_of(column, row)
        above, place = self.geometry.place(level), self.geometry.place(here)
        if above.base != place.base:
            if self.program.levels[place.base].kind != "list" or above.members is not None:
                raise Unsupported(f"`{level}` read from `{here}`")
            return by_items(column, place.base)
        rows = self.geometry.rows_above(here, level)
        if rows is None:
            return column
        return rows_of(column, rows) if row is None else rows_of(column, int(rows[row]))

    def reduction(self, level: str, within: str) -> BlockReduction | ItemsReduction:
        """Return what reduces columns of `level` to columns of `within`."""
        return reduction_of(self.geometry, level, within)

    def signs(self, direction: Expr, here: str) -> Factors | None:
        """Return 1 for each listed member of which higher is better, else -1; None where the file does not list it."""
        if not isinstance(direction, Read) or self.program.slots[direction.ref].kind != "cell":
            return None
        values = self._values(direction.ref, here, is_name=False)
        return tuple(1 if value == "higher" else -1 for value in values)

    def irregular(self, what: str, rows: Callable[[Env], Array]) -> None:
        """Have the run given to another engine where any of `rows` is so."""
        self.checks.append(Check(what, rows))

    def _values(self, ref: Ref, here: str, *, is_name: bool) -> list[Datum]:
        """Return a cell, or the name, of the member that each row of `here` lies in."""
        paths = self.geometry.place(ref.level).members or ()
        values: list[Datum] = [str(path[-1]) if is_name else self.program.cell(ref, str(path[-1])) for path in paths]
        if ref.level != here:
            rows = self.geometry.rows_above(here, ref.level)
            values = values if rows is None else [values[row] for row in rows]
        return values

    def _cell(self, ref: Ref, here: str, *, is_name: bool) -> Column:
        values = self._values(ref, here, is_name=is_name)
        focus = self.expressions.focus
        if focus is not None and focus[0] == here:
            return self.expressions.constant(values[focus[1]])
        if all(value == values[0] for value in values):
            return self.expressions.constant(values[0])
        return self._table(values)

    def _table(self, values: list[Datum]) -> Column:
        """Return the column of a cell of each member, the same for all rows."""
        there = [value for value in values if not isinstance(value, Absent)]
        codes = None
        if len(there) < len(values):
            codes = np.array(
                [[self.words.code(v.reason) if isinstance(v, Absent) else 0] for v in values], dtype=np.uint8
            )
        if isinstance(there[0], Fraction):
            quantities = [value for value in there if isinstance(value, Fraction)]
            divisor = math.lcm(*(value.denominator for value in quantities))
            numbers = [int(value * divisor) if isinstance(value, Fraction) else 0 for value in values]
            if max(abs(number) for number in numbers) > 2**53:
                raise Unsupported("numbers of more than 53 bits in the file")
            interval = Interval(min(quantities), max(quantities))
            if codes is None:
                run, low, high = Sum(table(tuple(numbers))), min(numbers), max(numbers)
                return Column("number", run, divisor, interval=interval, low=low, high=high)
            block = np.array([[number] for number in numbers], dtype=width_of(min(numbers), max(numbers)))
            return Column(
                "number", lambda _: (block, None, codes), divisor, False, codes is not None, interval,  # noqa: FBT003 (as in Column)
                min(numbers), max(numbers),
            )  # fmt: skip
        if isinstance(there[0], bool):
            truths = np.array([[value is True] for value in values])
            return Column("yes_no", lambda _: (truths, None, codes), may_be_absent=codes is not None)
        if isinstance(there[0], datetime.date):
            days = np.array([[v.toordinal() if isinstance(v, datetime.date) else 0] for v in values], dtype=np.float64)
            return Column("date", lambda _: (days, None, codes), may_be_absent=codes is not None)
        words = np.array([[self.words.number(v) if isinstance(v, str) else 0] for v in values], dtype=np.int64)
        return Column("word", lambda _: (words, None, codes), may_be_absent=codes is not None)

    # --- other roots

    def _foreign_column(self, ref: Ref) -> Column:
        """Return the column of what stands on another root, over the rows of that root."""
        self.reads_foreign = True
        found = self.foreign(ref)
        interval = EVERYTHING
        if found.kind == "number" and not found.has_denominator:
            interval = Interval(
                None if found.low is None else Fraction(found.low, found.divisor),
                None if found.high is None else Fraction(found.high, found.divisor),
            )

        def whole(env: Env) -> Vector:
            vector: Vector = env.slots["run"].vector(ref)  # type: ignore[attr-defined]
            return vector

        if ref in self.stages.loud:
            self.checks.append(Check(str(ref), lambda env: np.any(_codes(whole(env)) != 0)))
        return Column(
            found.kind, whole, found.divisor, found.has_denominator, found.may_be_absent, interval,
            found.low, found.high, found.below,
        )  # fmt: skip

    def _foreign_seen(self, ref: Ref, root: str, here: str) -> Column:
        column = self._foreign_column(ref)
        if self.program.levels[root].kind == "cohort":
            if ref.level != root:
                raise Unsupported(f"`{ref}` read from `{here}`")
            return column
        seen_from = self._way_out(ref.level, here)
        base = self.geometry.place(seen_from).base

        def index(env: Env) -> Vector:
            numbers, codes = env.slots["run"].seen(seen_from, root)  # type: ignore[attr-defined]
            first, last = env.spans[base]
            return cut(numbers, first, last), None, cut(codes, first, last)

        may = bool(self._may_be_in_none(root)) or not self.stage.only_members
        numbers = Column("number", index, may_be_absent=may, low=0)
        numbers = shared(self.carried(numbers, seen_from, here))
        run = column.run

        def taken(env: Env) -> Vector:
            above, below, absent = run(env)
            places, _, none = numbers.run(env)
            codes = _taken(absent, places)
            if none is not None:
                codes = first_code(none, codes)
            return _taken(above, places), _taken(below, places), codes

        return replace(column, run=taken, may_be_absent=column.may_be_absent or may)

    def _may_be_in_none(self, group: str) -> bool:
        return (
            any(self.program.slots[key].kind != "name" for key in self.program.levels[group].by)
            or self.program.root(self.program.levels[group].groups or COHORT) != self.program.participant
        )

    def _way_out(self, group: str, here: str) -> str:
        """Return the level from which groups lead up to `group`: the nearest at or above `here`."""
        for name in (here, *self.program.uppers[here]):
            if self.program.root(name) != self.stage.root:
                continue
            for other in self.program.levels.values():
                if other.groups == name and group in (other.name, *self.program.uppers[other.name]):
                    return name
        raise KeyError(group)


def as_given(ref: Ref) -> Ref:
    """Return the name of an input as the rows hold it, before it is settled whether it was expected."""
    return Ref(ref.level, f"{ref.name} as given")


def given_of(ref: Ref) -> Ref | None:
    """Return the input whose name as given this is; None for any other name."""
    name = ref.name.removesuffix(" as given")
    return Ref(ref.level, name) if name != ref.name else None


def stored(geometry: Geometry, ref: Ref) -> Callable[[Env], Vector]:
    """Return what reads a column that was found earlier (or is found in this stage) for the rows of an environment."""
    base = geometry.place(ref.level).base

    def read(env: Env) -> Vector:
        found = env.slots.get(ref)
        if found is None:
            whole: Vector = env.slots["run"].vector(ref)  # type: ignore[attr-defined]
            first, last = env.spans[base]
            found = env.slots[ref] = (
                cut(whole[0], first, last), cut(whole[1], first, last), cut(whole[2], first, last),
            )  # fmt: skip
        return found

    return read


def cut(array: Array, first: int, last: int) -> Array:
    """Return the columns from `first` to before `last`; one number for all rows as it is."""
    return array[..., first:last] if getattr(array, "ndim", 0) else array


def _taken(array: Array, places: Array) -> Array:
    if array is None or not getattr(array, "ndim", 0):
        return array
    return array[places] if len(array) else np.zeros(np.shape(places), dtype=array.dtype)


def _codes(vector: Vector) -> Array:
    return np.uint8(0) if vector[2] is None else vector[2]
