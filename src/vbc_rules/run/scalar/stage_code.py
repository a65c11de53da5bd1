"""One stage of a root as a generated function, and where everything it finds can be read from afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vbc_rules.plan.layout import Field, Layout, Path
from vbc_rules.plan.stages import RootStage, Stages
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.scalar.emit import Block
from vbc_rules.run.scalar.representation import Carrier
from vbc_rules.run.scalar.scope import ITEM, Place, chain_below, symbolic
from vbc_rules.run.scalar.trace import TOGETHER
from vbc_rules.run.scalar.warning import step_numbers
from vbc_rules.run.scalar.writing import Writing, compiled, in_tuples


@dataclass(frozen=True, slots=True)
class Known:
    """Where the values of a slot at one path stand, for all instances of its root.

    In the rows (`place` is the position), in what a stage returned (`stage`; `place` and `below` are positions there),
    or (both None) in a column of their own. A carrier with a constant stands nowhere. `only_members`: participants that
    are not in the program have none.
    """

    carrier: Carrier
    stage: int | None = None
    place: int | None = None
    below: int | None = None
    only_members: bool = False


Knowledge = dict[tuple[Ref, Path], Known]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a stage's function: for each instance of the root, what it reads from elsewhere.

    `kind` is `column` (a column of the root itself), `cohort` (one value for all), `rows` (those of the cohort's list
    on the level of `ref`, under `path`) or `foreign`: the value `ref` of the group above the instance `path` of the
    level `seen_from`. `is_below`: its denominator. The one of kind `noted` is where reads of carried parameters are
    noted.
    """

    name: str
    kind: str
    ref: Ref
    path: Path
    is_below: bool
    seen_from: str = ""


@dataclass(frozen=True, slots=True)
class StageCode:
    """A compiled stage: call `function` with a row, what earlier stages of the root returned, and the arguments."""

    root: str
    only_members: bool
    function: Callable[..., Any]
    earlier: tuple[int, ...]
    arguments: tuple[Argument, ...]
    source: str


class StageWriting:
    """Writes one stage."""

    def __init__(self, stages: Stages, layout: Layout, stage: RootStage, number: int, known: Knowledge) -> None:
        """Write `stage`, the one numbered so among all stages; `known` is added to."""
        self.program: Program = stages.program
        self.stage = stage
        self.number = number
        self.known = known
        self.hidden = stages.hidden
        self.has_outside = any(gate.pays is None for gate in self.program.gates)
        self.writing = Writing(stages, layout, stage.root, only_members=stage.only_members)
        self.layout = layout
        self._bindings: dict[str, Block] = {}
        self._arguments: dict[str, Argument] = {}
        self._foreign: dict[tuple[Ref, str, Path], Carrier] = {}
        self._earlier: dict[str, int] = {}
        self.writing.expressions.foreign = self._read_foreign
        self.writing.numbers = step_numbers(self.program)
        self._arguments["noted"] = Argument("noted", "noted", Ref("", "noted"), (), is_below=False)

    def write(self, file: str) -> StageCode:
        """Write and compile the function."""
        writing = self.writing
        self._seed()
        self._rows_of_the_cohort()
        if self.stage.opens:
            writing.prologue.write()
            for place, location in writing.prologue.locations.items():
                self.known[place] = Known(writing.store.slots[place], place=location.position)
        else:
            self._rows()
        before = dict(writing.store.slots)
        writing.take(self.stage.steps)
        returned = self._keep(before)
        return self._made(returned, file)

    # --- what is known already

    def _seed(self) -> None:
        for number, ((ref, path), known) in enumerate(self.known.items()):
            root = COHORT if ref.level == "" else self.program.root(ref.level)
            if root not in (self.stage.root, self.program.roots[0]):
                continue
            carrier = known.carrier
            if not carrier.is_constant:
                carrier = self._bound(carrier, f"p_{number}", ref, path, known, is_own=root == self.stage.root)
            self.writing.store.slots[ref, path] = carrier

    def _bound(self, carrier: Carrier, name: str, ref: Ref, path: Path, known: Known, *, is_own: bool) -> Carrier:
        """Return the carrier under a name of this function."""
        below = None if carrier.denominator is None else f"{name}d"
        for part, position in ((name, known.place), (below, known.below)):
            if part is None:
                continue
            if not is_own:
                self._arguments[part] = Argument(part, "cohort", ref, path, part is below)
            elif known.stage is not None and position is not None:
                earlier = f"stage_{known.stage}"
                self._earlier[earlier] = known.stage
                self._bind(part, f"{earlier}[{position // TOGETHER}][{position % TOGETHER}]")
            elif known.place is not None:
                self._bind(part, f"row[{known.place}]")
            else:
                self._arguments[part] = Argument(part, "column", ref, path, part is below)
        return replace(carrier, code=name, denominator=below, sum=None, below=None)

    def _bind(self, name: str, code: str) -> None:
        block = Block([f"{name} = {code}"])
        self._bindings[name] = block
        self.writing.writer.top.entries.append(block)

    def _rows(self) -> None:
        """Make the rows of lists known, which the first stage has settled."""
        for position, field in enumerate(self.layout.fields):
            if not isinstance(field, Field):
                name = f"i{position}"
                self._bind(name, f"row[{position}]")
                self.writing.store.lists[field.level, field.path] = name
                self._items(field.layout, (*field.path, "*"), name, 1)

    def _rows_of_the_cohort(self) -> None:
        """Make the rows of the cohort's lists known to other roots."""
        top = self.program.roots[0]
        if self.stage.root == top:
            return
        for level in self.program.levels_of(top):
            for path in list_paths(self.program, level):
                name = f"l_{len(self._arguments)}"
                self._arguments[name] = Argument(name, "rows", Ref(level, level), path, is_below=False)
                self.writing.store.lists[level, path] = name

    def _items(self, layout: Layout, path: Path, rows: str, depth: int) -> None:
        for place, field in enumerate(layout.fields):
            if not isinstance(field, Field):
                name = f"{rows}_{place}"
                code = f"[r{depth}[{place}] for r{depth} in {'r' + str(depth - 1) if depth > 1 else rows}]"
                for level in range(depth - 1, 0, -1):
                    code = f"[{code} for r{level} in {rows if level == 1 else 'r' + str(level - 1)}]"
                self._bind(name, code)
                self.writing.store.lists[field.level, (*path, *field.path)] = name
                self._items(field.layout, (*path, *field.path, "*"), name, depth + 1)

    # --- groups above

    def _read_foreign(self, ref: Ref, place: Place) -> Carrier | None:
        """Return the carrier of a value of a group above; None for what does not stand on groups of another root."""
        level = self.program.levels[ref.level]
        if level.kind != "groups" or ref.level == self.stage.root:
            return None
        seen_from = self._way_out(ref.level, place)
        instance = place.instances[seen_from]
        key = (ref, seen_from, symbolic(instance))
        carrier = self._foreign.get(key)
        if carrier is None:
            carrier = self._foreign[key] = self._foreign_carrier(ref, seen_from, symbolic(instance))
        return self.writing.store.seen(carrier, instance)

    def _way_out(self, group: str, place: Place) -> str:
        """Return the level from which groups lead up to `group`: the nearest above the place."""
        chain = [*self.program.chain(place.level), *(name for name in place.instances if name != COHORT)]
        for name in chain:
            for other in self.program.levels.values():
                if other.groups == name and group in (other.name, *self.program.uppers[other.name]):
                    return name
        raise KeyError(group)

    def _foreign_carrier(self, ref: Ref, seen_from: str, path: Path) -> Carrier:
        known = self.known[ref, ()]
        maybe = (self.has_outside and not self.stage.only_members) or keys_may_be_absent(
            self.program, self.known, seen_from, ref.level
        )
        if known.carrier.is_constant and not maybe:
            return known.carrier
        name = f"f_{len(self._foreign)}"
        below = None if known.carrier.denominator is None else f"{name}d"
        for part in (name, below):
            if part is not None:
                self._arguments[part] = Argument(part, "foreign", ref, path, part is below, seen_from)
        return replace(
            known.carrier,
            code=name,
            denominator=below,
            sum=None,
            below=None,
            constant=None,
            maybe_absent=known.carrier.maybe_absent or known.carrier.is_absent or maybe,
        )

    # --- the text

    def _keep(self, before: Mapping[tuple[Ref, Path], Carrier]) -> list[str]:
        """Note where what was found will stand, and return the names to be returned."""
        returned: list[str] = []
        for place, carrier in self.writing.store.slots.items():
            is_settled = self.stage.opens and place[0] in self.writing.prologue.settled
            if (before.get(place) is carrier or not self._is_own(place[0])) and not is_settled:
                continue
            only = self.stage.only_members
            if carrier.is_constant:
                self.known[place] = Known(carrier, only_members=only, stage=self.number)
                continue
            returned.append(carrier.code)
            at, below = len(returned) - 1, None
            if carrier.denominator is not None:
                returned.append(carrier.denominator)
                below = len(returned) - 1
            self.known[place] = Known(carrier, self.number, at, below, only)
        return returned

    def _is_own(self, ref: Ref) -> bool:
        return ref.level != "" and self.program.root(ref.level) == self.stage.root

    def _made(self, returned: list[str], file: str) -> StageCode:
        end = f"    return {in_tuples(returned)}"
        used = set(re.findall(r"\w+", "\n".join((*self.writing.body(), end))))
        # What a binding reads is used as well where the binding is; later ones read earlier ones.
        counts: dict[str, int] = {}
        for word in re.findall(r"\w+", "\n".join((*self.writing.body(), end))):
            counts[word] = counts.get(word, 0) + 1
        for name, block in reversed(self._bindings.items()):
            if counts.get(name, 0) <= 1:
                for word in re.findall(r"\w+", str(block.entries[0])):
                    counts[word] = counts.get(word, 0) - 1
                block.entries.clear()
        arguments = tuple(argument for name, argument in self._arguments.items() if name in used)
        body = self.writing.body()
        words = set(re.findall(r"\w+", "\n".join((*body, end))))
        earlier = {name: number for name, number in self._earlier.items() if name in words}
        parameters = ["row", *earlier, *(argument.name for argument in arguments), "Absent=Absent"]
        source = "\n".join([f"def stage({', '.join(parameters)}):", *body, end]) + "\n"
        function = compiled(source, "stage", file, self.writing.writer.constants)
        return StageCode(self.stage.root, self.stage.only_members, function, tuple(earlier.values()), arguments, source)


def patterns_of(program: Program, level: str) -> tuple[Path, ...]:
    """Return the paths of a level's instances below its root, `*` for items."""
    found: list[Path] = [()]
    for name in chain_below(program, level):
        here = program.levels[name]
        if here.kind == "list":
            found = [(*path, ITEM) for path in found]
            continue
        found = [
            (*path, member.name)
            for path in found
            for member in here.members
            if member.parent is None or (path and path[-1] == member.parent)
        ]
    return tuple(found)


def list_paths(program: Program, level: str) -> tuple[Path, ...]:
    """Return the paths under which a list level has items; none for other levels."""
    here = program.levels[level]
    return patterns_of(program, here.parent) if here.kind == "list" and here.parent is not None else ()


def keys_may_be_absent(program: Program, known: Mapping[tuple[Ref, Path], Known], level: str, group: str) -> bool:
    """Whether a member of `level` may be in no group above it, up to `group`."""
    here = program.levels[group]
    while here.groups is not None:
        for key in here.by:
            if any(ref == key and (at.carrier.maybe_absent or at.carrier.is_absent) for (ref, _), at in known.items()):
                return True
            if program.root(key.level) != program.root(here.groups) and keys_may_be_absent(
                program, known, here.groups, key.level
            ):
                return True
        if here.groups in program.chain(level):
            return False
        here = program.levels[program.root(here.groups)]
    return False
