"""One instance of a level seen through a trace: what its rule read, it remembers."""

from __future__ import annotations

from dataclasses import dataclass, field

from vbc_rules.explain.quiet import Quiet, Ratios, names_in, quiet, ratios
from vbc_rules.explain.scene import Key, Scene
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Datum, Expr, Ref
from vbc_rules.resolve.program import Program


@dataclass(slots=True)
class Reads:
    """What a rule read, in order.

    `others` are keys read of members of other participants or groups; `unlisted` are names read of members that are
    only told together.
    """

    keys: dict[Key, None] = field(default_factory=dict)
    others: dict[Key, None] = field(default_factory=dict)
    unlisted: dict[Ref, None] = field(default_factory=dict)


class View:
    """The environment in which a rule is worked through again; `reads` (None: not kept) fills with every name read."""

    __slots__ = ("by", "is_near", "is_other", "level", "path", "reads", "scene")

    def __init__(
        self,
        scene: Scene,
        level: str,
        path: Path,
        reads: Reads | None,
        *,
        by: View | None = None,
        is_other: bool = False,
    ) -> None:
        """Stand at the instance `path` of `level`; `by` gathers it, and sees what it does not see itself."""
        self.scene = scene
        self.level = level
        self.path = path
        self.reads = reads
        self.by = by
        self.is_other = is_other
        self.is_near = False
        """Whether it lies with what gathers it in one participant or group, and so needs no name of that."""

    @property
    def program(self) -> Program:
        """The program being explained."""
        return self.scene.program

    def value(self, ref: Ref) -> Datum:
        """Return the value of `ref` at this instance or the one above that its level names."""
        key = self.key(ref)
        if self.reads is not None:
            self.reads.keys[key] = None
            if self.is_other and key.path and self._is_own(ref):
                self.reads.others[key] = None
        return self.scene.read(key)

    def _is_own(self, ref: Ref) -> bool:
        return ref.level in self.program.levels and self.program.root(ref.level) == self.program.root(self.level)

    def key(self, ref: Ref) -> Key:
        """Return `ref` with the instance it is read at. Raises KeyError for a level that is not above."""
        found = self.scene.above(self.level, self.path, ref.level)
        if isinstance(found, Absent):
            level, path = self.scene.outside(self.level, self.path, ref.level)
            return Key(ref, path, level)
        if found is not None:
            return Key(ref, self.scene.shared(ref, found))
        if self.by is None:
            raise KeyError(str(ref))
        return self.by.key(ref)

    def at(self, level: str) -> Path | Absent:
        """Return this instance, or the one of `level` above it. Raises KeyError for a level that is not above."""
        found = self.scene.above(self.level, self.path, level)
        if found is None:
            raise KeyError(level)
        return found

    def members(self, level: str, within: str) -> tuple[View, ...]:
        """Return the members of `level` under the current instance of `within`, in order."""
        return tuple(self.member(level, path) for path in self.member_paths(level, within))

    def member_paths(self, level: str, within: str) -> tuple[Path, ...]:
        """Return the paths of the members of `level` under the current instance of `within`, in order."""
        under = self.at(within)
        return () if isinstance(under, Absent) else self.scene.members(level, within, under)

    def member(self, level: str, path: Path, *, is_other: bool = False) -> View:
        """Return a member that this gathers."""
        by = None if self.level in self.program.uppers.get(level, ()) else self
        found = View(self.scene, level, path, self.reads, by=by, is_other=is_other or self.is_other)
        found.is_near = self.program.root(level) == self.program.root(self.level)
        return found

    def is_foreign(self, level: str, path: Path, within: str) -> bool:
        """Whether a member that is gathered belongs to another participant or group than the one looked at."""
        return self.scene.is_across(level, within) and not self.scene.is_own(level, path)

    def unlisted(self, level: str, expr: Expr) -> Quiet:
        """Return what gives `expr` at members of `level` told together: nothing is remembered but the names."""
        if self.reads is not None:
            self.reads.unlisted.update(dict.fromkeys(names_in(expr)))
        return quiet(self.scene, level, expr, None if self.level in self.program.uppers.get(level, ()) else self)

    def unlisted_ratio(self, level: str, expr: Expr) -> Ratios:
        """Return what gives the quantity `expr` at members of `level` told together: a numerator and a denominator."""
        if self.reads is not None:
            self.reads.unlisted.update(dict.fromkeys(names_in(expr)))
        return ratios(self.scene, level, expr, None if self.level in self.program.uppers.get(level, ()) else self)

    def warn(self, message: str) -> None:
        """Do nothing: the trace has kept its warnings."""

    @property
    def label(self) -> str:
        """The name of this member."""
        return self.scene.label(self.level, self.path, is_near=self.is_near)


__all__ = ["Key", "Quiet", "Ratios", "Reads", "View"]
