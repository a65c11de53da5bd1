"""One stage of the participants compiled to columns, and run over chunks of them."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Container, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, get_args

import numpy as np

from vbc_rules.check.interval import Interval
from vbc_rules.check.keys import key_of
from vbc_rules.language.absence import NOT_IN_PROGRAM
from vbc_rules.plan.layout import NOT_GIVEN, Path
from vbc_rules.plan.rebuilding import walk
from vbc_rules.plan.stages import RootStage, Settling, Stages
from vbc_rules.resolve.expressions import Every, Expr, Gather, IfElse, IsAbsent, Read, Ref, Some, children
from vbc_rules.resolve.program import Definition, Domain, Expectation, Gate, Input
from vbc_rules.run.columns.choosing import chosen
from vbc_rules.run.columns.expressions import Expressions, Words
from vbc_rules.run.columns.forms import Array, Column, Env, Unsupported, Vector, cast, from_interval, narrowed, shared
from vbc_rules.run.columns.gathers import Gathers
from vbc_rules.run.columns.geometry import Geometry
from vbc_rules.run.columns.keeping import Kept
from vbc_rules.run.columns.names import Check, Foreign, Names, as_given, stored
from vbc_rules.run.columns.selecting import select_code, select_truth, spread
from vbc_rules.run.columns.shapes import Shapes
from vbc_rules.run.scalar.representation import Carrier
from vbc_rules.run.scalar.stage_code import Known

if TYPE_CHECKING:
    from vbc_rules.run.columns.run import ColumnRun

_EXPRESSIONS: Final = get_args(Expr)

CHUNK: Final = 16_384
"""Rows computed at a time: what is found for them stays in the processor's caches."""

OF_THREADS: Final = 49_152
"""Rows computed at a time by each of several threads: they wait for each other between the steps of Python."""

FIRST: Final = 1024
"""Rows that one thread computes before others join: what all rows share is found for them."""


class Irregular(Exception):  # noqa: N818 (a signal to ask the oracle, which knows what to say)
    """The rows hold what columns do not compute."""


class ColumnStage(Names):
    """One stage of the participants."""

    def __init__(
        self,
        stages: Stages,
        stage: RootStage,
        number: int,
        forms: dict[Ref, Column],
        words: Words,
        foreign: Callable[[Ref], Foreign],
        ranges: Mapping[Ref, Interval],
    ) -> None:
        """Compile the stage; `forms` has what earlier ones found, and is added to."""
        super().__init__(stages, stage, forms, words, foreign)
        self.number = number
        self.ranges = ranges
        if self.geometry.unsupported:
            raise Unsupported(self.geometry.unsupported)
        self.expressions = Expressions(self.program, self.geometry, words, self)
        self.gathers = Gathers(self.expressions, self)
        self.shapes = Shapes(self.expressions, self.gathers)
        self.expressions.counts = Counter(key_of(part) for part in walk(stage.steps) if isinstance(part, _EXPRESSIONS))
        self.given: list[tuple[Ref, Column]] = []
        self.taken: list[tuple[Ref, Column]] = []
        self.source = ""
        self.only_members = stage.only_members
        self.root = stage.root
        if stage.opens:
            self._open()
        for step in stage.steps:
            self._step(step)

    # --- compiling

    def _open(self) -> None:
        """Compile the reading of inputs: what the rows give, settled."""
        program = self.program
        levels = program.levels_of(self.stage.root)
        entries = [entry for entry in program.inputs.values() if entry.ref.level in levels]
        for entry in entries:
            self.forms[entry.ref] = self._input(entry)
        name = Ref(program.participant, program.participant)
        self.forms[name] = Column("word", self._stored(name))
        waiting = [entry for entry in entries if entry.only_if is not None]
        for entry in entries:
            if entry.only_if is None:
                self._permitted(entry)
        while waiting:
            refs = {entry.ref for entry in waiting}
            ready = [e for e in waiting if e.only_if is not None and not refs & _reads(e.only_if)]
            if not ready:
                raise Unsupported("inputs that are expected only if each other are")
            for entry in ready:
                self._settle(entry)
            waiting = [entry for entry in waiting if entry not in ready]

    def _input(self, entry: Input) -> Column:
        domain = entry.domain
        may = bool(domain.reasons) or entry.only_if is not None
        kind = _kind(domain)
        stored = self._stored(entry.ref if entry.only_if is None else as_given(entry.ref))
        if kind != "number":
            return Column(kind, stored, may_be_absent=may)
        interval = Interval(_bound(domain.low), _bound(domain.high))
        divisor = 10**domain.scale
        low, high = from_interval(interval, divisor)
        return Column("number", stored, divisor, may_be_absent=may, interval=interval, low=low, high=high)

    def _stored(self, ref: Ref) -> Callable[[Env], Vector]:
        return stored(self.geometry, ref)

    def _permitted(self, entry: Input) -> None:
        run = self.forms[entry.ref].run
        refused = np.ones(256, dtype=np.bool_)
        refused[[0, *(self.words.code(reason) for reason in entry.domain.reasons)]] = False

        def wrong(env: Env) -> Array:
            absent = run(env)[2]
            return np.False_ if absent is None else refused[absent]

        self.checks.append(Check(f"an absence of {entry.ref}", wrong))

    def _settle(self, entry: Input) -> None:
        """Compile an input that is expected only sometimes."""
        if entry.only_if is None:
            return
        given = shared(self.forms[entry.ref])
        condition = shared(self.expressions.expr(entry.only_if, entry.ref.level))
        permitted = [self.words.code(reason) for reason in entry.domain.reasons]
        not_given, otherwise = self.words.code(NOT_GIVEN.reason), self.words.code(entry.otherwise or "")

        def codes(env: Env) -> Array:
            absent = given.run(env)[2]
            return np.uint8(0) if absent is None else absent

        def wrong(env: Env) -> Array:
            there = codes(env)
            expected = condition.run(env)[0]
            lacking = (there != 0) & ~np.isin(there, permitted)
            return select_truth(expected, lacking, (there != not_given) & (there != otherwise))

        def settled(env: Env) -> Vector:
            above, below, _ = given.run(env)
            return above, below, select_code(condition.run(env)[0], codes(env), np.uint8(otherwise))

        self.checks.append(Check(f"{entry.ref} where it is (not) expected", wrong))
        column = replace(given, run=settled, may_be_absent=True)
        self.given.append((entry.ref, column))
        self.forms[entry.ref] = replace(column, run=self._stored(entry.ref))

    def _step(self, step: object) -> None:
        match step:
            case Expectation():
                self._expect(step)
            case Gate():
                self._keep(step.ref, self.expressions.expr(step.require, step.ref.level))
            case Definition():
                self._keep(step.ref, self.shapes.definition(step, self._acting(step)))
            case Settling():
                self._keep(step.ref, chosen(step, self.expressions, self.geometry))
            case _:
                raise TypeError("a stage has steps of other kinds only")

    def _acting(self, step: Definition) -> list[Gate]:
        if step.role != "payment":
            return []
        above = (step.ref.level, *self.program.uppers[step.ref.level])
        gates = [gate for gate in self.program.gates if gate.ref.level in above]
        deciding = [gate for gate in gates if gate.pays is None and not self.stage.only_members]
        paying = [gate for gate in gates if gate.pays is not None and step.ref in gate.on]
        return [*deciding, *sorted(paying, key=lambda gate: (gate.span.line, gate.span.column))]

    def _keep(self, ref: Ref, column: Column) -> None:
        if ref in self.ranges and column.kind == "number":
            column = narrowed(column, self.ranges[ref])
        if self.stage.only_members:
            column = self._of_members(column, ref.level)
        self.taken.append((ref, column))
        self.forms[ref] = replace(column, run=self._stored(ref), constant=None)

    def _of_members(self, column: Column, level: str) -> Column:
        """Return a column absent for participants that are not in the program."""
        run, code = column.run, self.words.code(NOT_IN_PROGRAM)
        root, base = self.stage.root, self.geometry.place(level).base

        def members(env: Env) -> Vector:
            above, below, absent = run(env)
            inside = env.slots["run"].inside  # type: ignore[attr-defined]
            if inside is None:
                return above, below, absent
            first, last = env.spans[root]
            there = inside[first:last]
            if base != root:
                there = there[env.parents[base]]
            return above, below, select_code(there, absent, np.uint8(code))

        return replace(column, run=members, may_be_absent=True, constant=None)

    def _expect(self, expectation: Expectation) -> None:
        condition = expectation.condition
        operands = condition.operands if isinstance(condition, Every) else (condition,)
        before: list[Callable[[Env], Vector]] = []
        for operand in operands:
            holds = self.expressions.expr(operand, expectation.level).run
            reads = [self.read(ref, expectation.level) for ref in sorted(_direct(operand), key=str) if ref.level != ""]
            absent = [column.run for column in reads if column.may_be_absent]
            before = [*before, *absent]
            tested = _broken(holds, before, settles=_is_simple(operand))
            self.checks.append(Check(f"what is expected of {expectation.level}", tested))

    # --- running

    def known(self) -> dict[tuple[Ref, Path], Known]:
        """Return how what this stage finds is carried, for each path below the participant."""
        found: dict[tuple[Ref, Path], Known] = {}
        for ref, column in (*self.given, *self.taken):
            carrier = Carrier(
                column.kind, "", column.divisor, "1" if column.has_denominator else None,
                maybe_absent=column.may_be_absent, low=column.interval.low, high=column.interval.high,
            )  # fmt: skip
            for path in paths_of(self.geometry, ref.level):
                found[ref, path] = Known(carrier, self.number, 0, 0 if column.has_denominator else None, False)  # noqa: FBT003 (as in Known)
        return found

    def run(self, run: ColumnRun, keep: Container[Ref] | None = None, threads: int = 1) -> dict[Ref, Vector]:
        """Return what is found for all rows, chunk by chunk, of the names in `keep` (None: of all).

        What is kept is held in the narrowest whole numbers its range allows. With several `threads` chunks are computed
        beside each other. Raises Irregular where another engine must say what is wrong.
        """
        count = len(run.frame.rows[self.stage.root])
        chunks = lots(count, threads)
        columns = [entry for entry in (*self.given, *self.taken) if keep is None or entry[0] in keep]

        def length(base: str) -> int:
            return count if base == self.stage.root else int(run.starts(base)[-1])

        kept = Kept(columns, lambda ref: self.geometry.place(ref.level).base, length)

        def lot(chunk: tuple[int, int]) -> None:
            # What a row does not read may be no number, or too large for what is kept.
            with np.errstate(all="ignore"):
                kept.add(self._computed(run, *chunk), run)

        # The first chunk finds what all share: inputs as columns, who is in the program, groups.
        lot(chunks[0])
        if threads > 1 and len(chunks) > 1:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(lot, chunks[1:]))
        else:
            for chunk in chunks[1:]:
                lot(chunk)
        return {ref: vector for (ref, _), vector in zip(columns, kept.whole(), strict=True)}

    def _computed(self, run: ColumnRun, first: int, last: int) -> Env:
        """Return some rows with everything that is found for them."""
        env = run.env(self.stage.root, first, last)
        for ref, column in self.given:
            self._take(env, ref, column)
        if last > first:
            self._check(env)
        for ref, column in self.taken:
            self._take(env, ref, column)
        return env

    def _take(self, env: Env, ref: Ref, column: Column) -> None:
        place = self.geometry.place(ref.level)
        length = env.length(place.base)
        shape = (length,) if place.members is None else (len(place.members), length)
        above, below, absent = column.run(env)
        if not column.has_denominator:
            below = None
        if column.kind == "number":
            above, below = cast(above, column.width), None if below is None else cast(below, column.width_below)
        env.slots[ref] = (
            spread(above, shape),
            None if below is None else spread(below, shape),
            spread(absent, shape) if column.may_be_absent and absent is not None else None,
        )

    def _check(self, env: Env) -> None:
        for check in self.checks:
            if np.any(check.rows(env)):
                raise Irregular(check.what)


def lots(count: int, threads: int) -> list[tuple[int, int]]:
    """Return which rows are computed at a time; for several threads as many for each, but for few that come first."""
    first = min(count, FIRST) if threads > 1 else 0
    number = max(math.ceil((count - first) / (CHUNK if threads == 1 else OF_THREADS)), 1)
    number = math.ceil(number / threads) * threads
    size = max(math.ceil((count - first) / number), 1)
    cuts = [*([0] if first else []), *range(first, max(count, 1), size), count]
    return list(itertools.pairwise(cuts))


def paths_of(geometry: Geometry, level: str) -> tuple[Path, ...]:
    """Return the paths of a level's instances below its root, `*` for items."""
    place = geometry.place(level)
    base = geometry.program.levels[place.base]
    above: Path = ("*",) if base.kind == "list" else ()
    return (above,) if place.members is None else tuple((*above, *path) for path in place.members)


def _broken(
    holds: Callable[[Env], Vector], reads: list[Callable[[Env], Vector]], *, settles: bool
) -> Callable[[Env], Array]:
    """Return where an expectation is broken: it does not hold, and reads nothing absent (then it does not apply).

    With `settles` no, what it read first is not told by columns: where it does not hold, another engine decides.
    """

    def broken(env: Env) -> Array:
        found = np.logical_not(holds(env)[0])
        for read in reads if settles else ():
            absent = read(env)[2]
            if absent is not None:
                found = found & (absent == 0)
        return found

    return broken


def _is_simple(expr: Expr) -> bool:
    """Whether everything an expression reads is read wherever it does not hold."""
    if isinstance(expr, Some):
        return all(_is_simple(operand) for operand in expr.operands)
    return not any(isinstance(part, Some | IfElse | Every) for part in _parts(expr))


def _kind(domain: Domain) -> Any:  # noqa: ANN401 (one of the kinds)
    if domain.type.is_numeric:
        return "number"
    return domain.type.kind if domain.type.kind in ("yes_no", "date") else "word"


def _bound(value: object) -> Fraction | None:
    return value if isinstance(value, Fraction) else None


def _parts(expr: Expr) -> list[Expr]:
    return [expr, *(part for child in children(expr) for part in _parts(child))]


def _direct(expr: Expr) -> set[Ref]:
    """Return what an expression reads for its value itself, not what it gathers."""
    if isinstance(expr, Gather):
        return set()
    own = {expr.ref} if isinstance(expr, Read) else set()
    return own.union(*(_direct(child) for child in children(expr)))


def _reads(expr: Expr) -> set[Ref]:
    return {part.ref for part in _parts(expr) if isinstance(part, Read | IsAbsent)}
