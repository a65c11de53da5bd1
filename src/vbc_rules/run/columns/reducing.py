"""Columns of one level read from another, and reduced to one above."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vbc_rules.run.columns.forms import Array, Column, Env, Unsupported, Vector
from vbc_rules.run.columns.geometry import Geometry
from vbc_rules.run.columns.selecting import spread


@dataclass(frozen=True, slots=True)
class BlockReduction:
    """Listed members reduced: `groups` has, for each row of the result, the rows it is made of."""

    base: str
    groups: tuple[tuple[int, ...], ...]
    is_base: bool

    @property
    def most(self) -> int | None:
        """Members of one instance at most."""
        return max((len(group) for group in self.groups), default=0)

    def total(self, env: Env, array: Array) -> Array:
        """Return the sums, which the type of the items holds."""
        return self._reduced(env, array, np.add, 0)

    def least(self, env: Env, array: Array, empty: float) -> Array:
        """Return the smallest; `empty` where there are none."""
        return self._reduced(env, array, np.minimum, empty)

    def _reduced(self, env: Env, array: Array, ufunc: Any, empty: float) -> Array:  # noqa: ANN401 (a numpy function)
        count = sum(len(group) for group in self.groups)
        length = env.length(self.base)
        whole = spread(array, (count, length))
        kind = whole.dtype
        if self.is_base:
            return ufunc.reduce(whole, axis=0, dtype=kind) if count else np.full(length, empty, dtype=kind)
        size = count // len(self.groups)
        if self.groups == tuple(tuple(range(first, first + size)) for first in range(0, count, size or 1)):
            # Groups of one size lie one after another.
            return ufunc.reduce(whole.reshape(len(self.groups), size, length), axis=1, dtype=kind)
        found = np.empty((len(self.groups), length), dtype=kind)
        for row, group in zip(found, self.groups, strict=True):
            if group:
                ufunc.reduce(whole[_slice(group)], axis=0, dtype=kind, out=row)
            else:
                row[...] = empty
        return found

    def rows(self, column: Column) -> list[list[Column]] | None:
        """Return, for each row of the result, the columns of its members."""
        return [[rows_of(column, row) for row in group] for group in self.groups]


def _slice(group: tuple[int, ...]) -> Any:  # noqa: ANN401 (a slice, or the rows one by one)
    first, last = group[0], group[-1]
    return slice(first, last + 1) if group == tuple(range(first, last + 1)) else list(group)


@dataclass(frozen=True, slots=True)
class ItemsReduction:
    """Items of a list reduced to the root's rows; `members` listed members below each item first."""

    items: str
    members: int | None
    at_most: int | None

    @property
    def most(self) -> int | None:
        """Items of one instance at most, with what lies below them."""
        return None if self.at_most is None else self.at_most * (self.members or 1)

    def total(self, env: Env, array: Array) -> Array:
        """Return the sums."""
        whole = self._whole(env, array)
        exact = whole if whole.dtype == np.object_ else whole.astype(np.int64)
        flat = exact.sum(axis=0) if self.members is not None else exact
        starts = env.starts[self.items]
        sums = np.concatenate([np.zeros(1, dtype=flat.dtype), np.cumsum(flat)])
        found = sums[starts[1:]] - sums[starts[:-1]]
        return found.astype(whole.dtype)

    def least(self, env: Env, array: Array, empty: float) -> Array:
        """Return the smallest; `empty` where there are none."""
        whole = self._whole(env, array)
        flat = whole.min(axis=0) if self.members is not None else whole
        starts = env.starts[self.items]
        found = np.full(len(starts) - 1, empty, dtype=flat.dtype)
        filled = starts[1:] > starts[:-1]
        if filled.any():
            found[filled] = np.minimum.reduceat(flat, starts[:-1][filled])
        return found

    def _whole(self, env: Env, array: Array) -> Array:
        length = env.length(self.items)
        return np.broadcast_to(array, (length,) if self.members is None else (self.members, length))

    def rows(self, _column: Column) -> list[list[Column]] | None:
        """Return None: items are not told apart one by one."""
        return None


def reduction_of(geometry: Geometry, level: str, within: str) -> BlockReduction | ItemsReduction:
    """Return what reduces columns of `level` to columns of `within`. Raises Unsupported."""
    here, there = geometry.place(level), geometry.place(within)
    if here.base == there.base:
        groups = tuple(tuple(rows) for rows in geometry.rows_below(level, within))
        return BlockReduction(here.base, groups, there.members is None)
    base = geometry.program.levels[here.base]
    if base.kind != "list" or base.parent != within:
        raise Unsupported(f"`{level}` gathered within `{within}`")
    return ItemsReduction(here.base, None if here.members is None else len(here.members), base.at_most)


def rows_of(column: Column, rows: Any) -> Column:  # noqa: ANN401 (a number, an index, or a slice)
    """Return rows of a block, repeated as the index says; a number gives that row, as a column of its base."""
    if column.constant is not None:
        return column
    run = column.run

    def taken(env: Env) -> Vector:
        above, below, absent = run(env)
        return _rows(above, rows), _rows(below, rows), _rows(absent, rows)

    return replace(column, run=taken)


def _rows(array: Array, rows: Any) -> Array:  # noqa: ANN401 (an index, or a slice)
    return array[rows] if getattr(array, "ndim", 0) == 2 else array


def by_items(column: Column, items: str) -> Column:
    """Return a column of the root as its items see it."""
    if column.constant is not None:
        return column
    run = column.run

    def taken(env: Env) -> Vector:
        parents = env.parents[items]
        above, below, absent = run(env)
        return _at(above, parents), _at(below, parents), _at(absent, parents)

    return replace(column, run=taken)


def _at(array: Array, places: Array) -> Array:
    return array[..., places] if getattr(array, "ndim", 0) else array
