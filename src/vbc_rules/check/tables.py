"""A table cut into combinations: each column into the stretches or words that its rows tell apart."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Final

from vbc_rules.check.estimate import Estimator
from vbc_rules.check.facts import Place
from vbc_rules.check.interval import Interval
from vbc_rules.check.parts import text_of
from vbc_rules.check.ranges import RangeWalk
from vbc_rules.check.scales import Grids
from vbc_rules.check.show import span_of
from vbc_rules.language.types import DATE, YES_NO
from vbc_rules.resolve.expressions import Compare, CompareOp, Constant, Every, Expr, Negate, OneOf, Plain
from vbc_rules.resolve.program import Definition, TableShape

MOST_COMBINATIONS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Values of one column that every row treats alike: what they are in words, what says so, and which rows match."""

    words: str
    tests: tuple[Expr, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Combination:
    """A combination of pieces and the rows that match it (a bit each); columns that do not matter are left out."""

    pieces: tuple[Piece, ...]
    rows: int

    @property
    def words(self) -> str:
        """The combination in words."""
        return " and ".join(piece.words for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Table:
    """A table at one place of the file."""

    shape: TableShape
    place: Place
    estimator: Estimator
    columns: tuple[tuple[Piece, ...], ...]

    @property
    def size(self) -> int:
        """How many combinations there are."""
        return math.prod(len(pieces) for pieces in self.columns)

    def first_gap(self) -> Combination | None:
        """Return the first combination without a row."""
        return next(self._combinations(0, (), (1 << len(self.shape.rows)) - 1, least=0), None)

    def first_overlap(self) -> Combination | None:
        """Return the first combination with more than one row."""
        return next(self._combinations(0, (), (1 << len(self.shape.rows)) - 1, least=2), None)

    def _combinations(self, index: int, pieces: tuple[Piece, ...], rows: int, *, least: int) -> Iterator[Combination]:
        """Yield combinations that can happen and have no row (`least` 0), or at least two."""
        if rows.bit_count() < least:
            return
        if index == len(self.columns) or (least == 0 and rows == 0):
            if (rows == 0 or least) and self._can_happen(pieces):
                yield Combination(pieces, rows)
            return
        for piece in self.columns[index]:
            yield from self._combinations(index + 1, (*pieces, piece), rows & piece.rows, least=least)

    def _can_happen(self, pieces: tuple[Piece, ...]) -> bool:
        place = self.place
        for test in chain.from_iterable(piece.tests for piece in pieces):
            if self.estimator.truth(test, place) is False:
                return False
            place = self.estimator.assume(place, test, truth=True)
        return not place.impossible


def tables_of(estimator: Estimator) -> Iterator[tuple[Definition, TableShape, Iterator[Table]]]:
    """Yield each definition by table, with its table at every place that is reached, made as it is asked for."""
    walk, grids = RangeWalk(estimator), Grids(estimator.program)
    for definition in estimator.program.definitions:
        if isinstance(definition.shape, TableShape):
            yield definition, definition.shape, _at_each_place(definition, definition.shape, walk, grids)


def _at_each_place(definition: Definition, shape: TableShape, walk: RangeWalk, grids: Grids) -> Iterator[Table]:
    for start in walk.places_of(definition):
        place = walk.guarded(definition, start)
        if place is not None:
            yield table_at(shape, place, walk.estimator, grids)


def table_at(shape: TableShape, place: Place, estimator: Estimator, grids: Grids) -> Table:
    """Return the table as it stands at `place`."""
    columns = tuple(
        _pieces(column, [row.tests[index] for row in shape.rows], place, estimator, grids)
        for index, column in enumerate(shape.columns)
    )
    return Table(shape, place, estimator, columns)


# --- pieces of a column ----------------------------------------------------------------------------------------------


def _pieces(
    column: Expr, tests: list[Expr | None], place: Place, estimator: Estimator, grids: Grids
) -> tuple[Piece, ...]:
    if column.type.is_numeric:
        return tuple(_stretches(column, tests, estimator.bounds(column, place), grids.of(column)))
    if column.type == DATE:
        return tuple(_stretches(column, tests, Interval(None, None), Fraction(1)))
    options = _options(column, tests)
    name = text_of(column.span)
    pieces = []
    for option in options:
        equal = Compare(column.span, YES_NO, "=", column, Constant(column.span, column.type, option, str(option)))
        if option == _ANOTHER:
            pieces.append(Piece(f"`{name}` is anything else", (), _matching(tests, option)))
        elif estimator.truth(equal, place) is not False:
            word = ("yes" if option else "no") if isinstance(option, bool) else option
            pieces.append(Piece(f"`{name}` is {word}", (equal,), _matching(tests, option)))
    return tuple(pieces)


_ANOTHER: Final = "\0"
"""Stands for every text that no row names."""


def _options(column: Expr, tests: list[Expr | None]) -> tuple[Plain, ...]:
    match column.type.kind:
        case "yes_no":
            return (True, False)
        case "direction":
            return ("higher", "lower")
        case "identifier" | "text":
            found = {option for test in tests if test is not None for option in _literals(test)}
            return (*sorted(str(option) for option in found), _ANOTHER)
        case _:
            return column.type.options


def _stretches(column: Expr, tests: list[Expr | None], within: Interval, grid: Fraction | None) -> Iterator[Piece]:
    found = {_number(literal) for test in tests if test is not None for literal in _literals(test)}
    ends = sorted(number for number in found if number is not None)
    edges: list[Fraction | None] = [None, *ends, None]
    for index in range(len(edges) - 1):
        low, high = edges[index], edges[index + 1]
        if low is not None:
            yield from _stretch(column, tests, Interval.point(low).meet(within), grid)
        between = Interval(low, high, low_open=low is not None, high_open=high is not None)
        yield from _stretch(column, tests, between.meet(within), grid)


def _stretch(column: Expr, tests: list[Expr | None], interval: Interval, grid: Fraction | None) -> Iterator[Piece]:
    if interval.is_empty or not _holds_a_multiple(interval, grid):
        return
    rows = _matching(tests, _inside(interval))
    name = text_of(column.span)
    if column.type == DATE:
        yield Piece(f"`{name}` is {_days(interval)}", (), rows)
        return
    words = span_of(interval, column.type)
    yield Piece(f"`{name}` is {words}", tuple(_says(column, interval)), rows)


def _says(column: Expr, interval: Interval) -> Iterator[Expr]:
    """Yield the comparisons that put a column inside an interval."""

    def compare(op: CompareOp, value: Fraction) -> Expr:
        return Compare(column.span, YES_NO, op, column, Constant(column.span, column.type, value, str(value)))

    if interval.low is not None:
        yield compare(">" if interval.low_open else ">=", interval.low)
    if interval.high is not None:
        yield compare("<" if interval.high_open else "<=", interval.high)


def _holds_a_multiple(interval: Interval, grid: Fraction | None) -> bool:
    if grid is None or interval.low is None or interval.high is None:
        return True
    if grid == 0:
        return Fraction(0) in interval
    first = math.ceil(interval.low / grid) * grid
    if first == interval.low and interval.low_open:
        first += grid
    return first in interval


def _inside(interval: Interval) -> Fraction:
    """Return some number inside; rows only tell apart what their own ends tell apart."""
    low, high = interval.low, interval.high
    if low is not None and high is not None:
        return (low + high) / 2
    if low is not None:
        return low + 1
    return high - 1 if high is not None else Fraction(0)


def _days(interval: Interval) -> str:
    """Return days in words; whole days are counted, so an open end is the day beside it."""
    first = None if interval.low is None else int(interval.low) + interval.low_open
    last = None if interval.high is None else int(interval.high) - interval.high_open
    begin = datetime.date.fromordinal(first).isoformat() if first is not None else None
    end = datetime.date.fromordinal(last).isoformat() if last is not None else None
    if begin is None:
        return f"{end} or before" if end is not None else "any day"
    return begin if begin == end else f"{begin} or later" if end is None else f"{begin} to {end}"


# --- rows ------------------------------------------------------------------------------------------------------------


def _matching(tests: list[Expr | None], value: Plain) -> int:
    return sum(1 << index for index, test in enumerate(tests) if test is None or _matches(test, value))


def _matches(test: Expr, value: Plain) -> bool:
    match test:
        case Every():
            return all(_matches(operand, value) for operand in test.operands)
        case OneOf():
            return (value in [_literal(option) for option in test.options]) != test.negated
        case Compare():
            bound = _literal(test.right)
            if test.op in ("=", "!="):
                return (value == _comparable(bound)) == (test.op == "=")
            number = _number(bound)
            if number is None or not isinstance(value, Fraction):
                return False
            return {"<": value < number, "<=": value <= number, ">": value > number, ">=": value >= number}[test.op]
        case _:
            return False


def _literals(test: Expr) -> Iterator[Plain]:
    match test:
        case Every():
            for operand in test.operands:
                yield from _literals(operand)
        case OneOf():
            yield from (literal for option in test.options if (literal := _literal(option)) is not None)
        case Compare():
            literal = _literal(test.right)
            if literal is not None:
                yield literal
        case _:
            return


def _literal(expr: Expr) -> Plain | None:
    if isinstance(expr, Negate):
        value = _literal(expr.operand)
        return -value if isinstance(value, Fraction) else None
    return expr.value if isinstance(expr, Constant) else None


def _comparable(literal: Plain | None) -> Plain | None:
    number = _number(literal)
    return literal if number is None else number


def _number(literal: Plain | None) -> Fraction | None:
    """Return a quantity as it is and a date as its day's number; None for words."""
    if isinstance(literal, datetime.date):
        return Fraction(literal.toordinal())
    return literal if isinstance(literal, Fraction) else None
