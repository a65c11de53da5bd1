"""One evaluation of a cohort: the stages' functions called for every instance, and what spans roots between them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import repeat
from typing import TYPE_CHECKING, Any

from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Field, Path, Population, Row, decode
from vbc_rules.plan.stages import Forming, Gathering, RootStage, Settling, Stage
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Constant, Datum, Expr, Read, Ref
from vbc_rules.resolve.program import AllocateShape
from vbc_rules.run.scalar.aggregates import UNCOMPUTED, Bucket, aggregated
from vbc_rules.run.scalar.frame import OUTSIDE, Column, Frame, list_position
from vbc_rules.run.scalar.representation import Carrier
from vbc_rules.run.scalar.settlings import wanted_of
from vbc_rules.run.scalar.stage_code import Argument, Known, StageCode
from vbc_rules.run.scalar.together import answers_of
from vbc_rules.run.scalar.trace import TOGETHER
from vbc_rules.run.scalar.values_of import decoded, raw_of
from vbc_rules.run.scalar.writing import Refused

if TYPE_CHECKING:
    from vbc_rules.run.scalar.cohort import CohortEngine


class Run:
    """What one evaluation has found so far.

    `unused` counts the rows of each level of groups that nobody in the program is in. `noted` has the dated parameters
    that were read carried past what is stated, each under the number of the step that read it, in the order of reading.
    """

    def __init__(self, engine: CohortEngine, population: Population) -> None:
        self.engine = engine
        self.program = engine.program
        self.population = population
        self.frame = Frame(engine.program, engine.layouts)
        self.frame.rows[self.program.roots[0]] = [population.cohort]
        self.frame.rows[self.program.participant] = population.participants
        self.returned: dict[int, list[Any]] = {}
        self.columns: dict[tuple[Ref, Path, bool], Column] = {}
        self.unused: dict[str, int] = {}
        self.noted: dict[tuple[int, str], None] = {}
        self._deciding = [gate for gate in self.program.gates if gate.pays is None]

    def take(self, number: int, stage: Stage) -> None:
        """Take one stage. Raises anything where it meets what it does not compute."""
        match stage:
            case RootStage():
                self.returned[number] = self._root(self.engine.codes[number])
                self._find_inside()
            case Forming():
                self._form(stage)
            case Gathering():
                self._gather(stage)
            case Settling():
                self._settle(stage)

    def _find_inside(self) -> None:
        """Find who is in the program, as soon as the gates on it are known."""
        if self._deciding and self.frame.is_inside is None and self._is_known(self._deciding[-1].ref):
            columns = [self.column(gate.ref, ()) for gate in self._deciding]
            self.frame.is_inside = [all(row) for row in zip(*columns, strict=True)]

    def _is_known(self, ref: Ref) -> bool:
        known = self.engine.known[ref, ()]
        return known.stage is None or known.stage in self.returned

    # --- stages of roots

    def _root(self, code: StageCode) -> list[Any]:
        rows = self.frame.rows[code.root]
        given = [self.returned[number] for number in code.earlier]
        given += [self._argument(argument) for argument in code.arguments]
        inside = self.frame.is_inside if code.only_members else None
        if inside is None or all(inside):
            return list(map(code.function, rows, *given))
        function = code.function
        return [
            function(row, *rest) if there else None for there, row, *rest in zip(inside, rows, *given, strict=False)
        ]

    def _argument(self, argument: Argument) -> Any:  # noqa: ANN401 (a column, or one value over and over)
        if argument.kind == "noted":
            return repeat(self.noted)
        if argument.kind == "cohort":
            get = self.below if argument.is_below else self.column
            return repeat((get(argument.ref, argument.path) or [1])[0])
        if argument.kind == "rows":
            top = self.program.roots[0]
            position = list_position(self.engine.layouts[top], argument.ref.level, argument.path)
            return repeat(_rows_at(self.population.cohort, position))
        if argument.kind == "column":
            return self.columns[argument.ref, argument.path, argument.is_below]
        key = (Ref(argument.seen_from, f"{argument.ref} seen"), argument.path, argument.is_below)
        if key not in self.columns:
            group = argument.ref.level
            values = self.below(argument.ref, ()) if argument.is_below else self.column(argument.ref, ())
            uppers = self.frame.upper(argument.seen_from, group)
            none: Any = 1 if argument.is_below else None
            seen = [
                (none or number) if number.__class__ is Absent else (values[number] if values is not None else 1)  # type: ignore[index]
                for number in uppers
            ]
            for path, column in self.frame.spread(argument.seen_from, seen).items():
                self.columns[key[0], path, argument.is_below] = column
        return self.columns[key]

    # --- columns

    def column(self, ref: Ref, path: Path) -> Column:
        """Return a slot's values at a path, for all instances of its root."""
        return self._column(ref, path, is_below=False)

    def below(self, ref: Ref, path: Path) -> Column | None:
        """Return the denominators of a slot's values; None where it has none."""
        known = self.engine.known[ref, path]
        return self._column(ref, path, is_below=True) if known.carrier.denominator is not None else None

    def _column(self, ref: Ref, path: Path, *, is_below: bool) -> Column:
        found = self.columns.get((ref, path, is_below))
        if found is None:
            known = self.engine.known[ref, path]
            found = self.columns[ref, path, is_below] = self._fetched(ref, known, is_below=is_below)
        return found

    def _fetched(self, ref: Ref, known: Known, *, is_below: bool) -> Column:
        root = COHORT if ref.level == "" else self.program.root(ref.level)
        if known.carrier.is_constant:
            return [raw_of(known.carrier)] * len(self.frame.rows[root])
        position = known.below if is_below else known.place
        if position is None:
            raise Refused
        if known.stage is None:
            return [row[position] for row in self.frame.rows[root]]
        first, second = divmod(position, TOGETHER)
        returned = self.returned[known.stage]
        if known.only_members:
            return [OUTSIDE if found is None else found[first][second] for found in returned]
        return [found[first][second] for found in returned]

    def values(self, level: str, expr: Expr) -> tuple[list[Any], int]:
        """Return a name's (or a constant's) values as every instance of `level` sees them, and their divisor.

        Quantities are whole numbers, or fractions where they are quotients, over the divisor.
        """
        if isinstance(expr, Constant):
            carrier = self.engine.carrier_of(expr)
            return [raw_of(carrier, expr.value)] * self.frame.size(level), _divisor(expr.value)
        if not isinstance(expr, Read):
            raise TypeError("a name or a constant stands here")
        ref = self.engine.named(expr.ref)
        own = COHORT if ref.level == "" else ref.level
        values, divisor = self._own(ref)
        if own == level:
            return values, divisor
        if self.program.levels[own].kind == "cohort":
            return values * self.frame.size(level), divisor
        uppers = self.frame.upper(level, own)
        return [number if number.__class__ is Absent else values[number] for number in uppers], divisor  # type: ignore[index]

    def _own(self, ref: Ref) -> tuple[list[Any], int]:
        """Return a slot's values at every instance of its own level."""
        carrier = self.engine.carrier_of_ref(ref)
        divisor = carrier.divisor
        key = (Ref(ref.level, f"{ref.name} of all"), (), False)
        if key in self.columns:
            return self.columns[key], divisor
        own = COHORT if ref.level == "" else ref.level
        if any(other == ref for other, _ in self.engine.known):
            found = self.frame.flat(own, lambda path: self._over(ref, path, divisor))
        else:
            constants = self.engine.constants(ref)
            count = len(self.frame.rows[self.program.root(own)])
            found = self.frame.flat(own, lambda path: [_scaled_constant(constants[path], divisor)] * count)
        self.columns[key] = found
        return found, divisor

    def _over(self, ref: Ref, path: Path, divisor: int) -> Column:
        """Return a column of quantities over a divisor."""
        known = self.engine.known[ref, path]
        if known.carrier.is_constant:
            root = self.program.root(ref.level or COHORT)
            return [_scaled_constant(known.carrier, divisor)] * len(self.frame.rows[root])
        values, below = self.column(ref, path), self.below(ref, path)
        if known.carrier.kind != "number":
            return values
        return _over(values, below, divisor // known.carrier.divisor)

    # --- groups

    def _form(self, stage: Forming) -> None:
        level = self.program.levels[stage.level]
        gathered = level.groups or COHORT
        columns: list[list[Any]] = []
        for ref in level.by:
            values, divisor = self.values(gathered, Read(level.span, self.engine.staged.slots[ref].type, ref))
            columns.append(decoded(values, self.engine.carrier_of_ref(ref).kind, divisor))
        inside = self.frame.inside(gathered)
        members: dict[tuple[Any, ...], int] = {}
        keys: list[Any] = []
        for place, key in enumerate(zip(*columns, strict=True)):
            absent = next((part for part in key if part.__class__ is Absent), None)
            if inside is not None and not inside[place]:
                absent = OUTSIDE
            keys.append(key if absent is None else absent)
            if absent is None:
                members.setdefault(key, 0)
        ordered = sorted(members)
        numbers = {key: number for number, key in enumerate(ordered)}
        self.frame.group_of[level.name] = [key if key.__class__ is Absent else numbers[key] for key in keys]
        self.frame.rows[level.name] = self._rows(stage.level, ordered)
        if len(level.by) == 1:
            own = Ref(level.name, level.name)
            carrier = self.engine.known[own, ()].carrier
            self._put(own, carrier, [encoded(key[0], carrier.divisor) for key in ordered])

    def _rows(self, name: str, ordered: Sequence[tuple[Any, ...]]) -> list[Row]:
        """Return each group's row. Raises Refused where one is wanted and not given."""
        layout = self.engine.layouts[name]
        count = len(self.program.levels[name].by)
        fields = [field for field in layout.fields[:count] if isinstance(field, Field)]
        given: dict[tuple[Datum, ...], Row] = {}
        for row in self.population.groups.get(name, ()):
            given[tuple(decode(cell, field) for cell, field in zip(row, fields, strict=False))] = row  # type: ignore[arg-type]
        unused = len(given.keys() - set(ordered))
        if unused:
            self.unused[name] = unused
        if len(layout.fields) == count:
            return [()] * len(ordered)
        if any(key not in given for key in ordered):
            raise Refused
        return [given[key] for key in ordered]

    # --- across roots

    def _put(self, ref: Ref, form: Carrier, flat: list[Any]) -> None:
        """Keep what was found for every instance of a level: numbers, and their denominators."""
        if form.denominator is not None:
            belows = [1 if value.__class__ is Absent else value.denominator for value in flat]
            for path, column in self.frame.spread(ref.level, belows).items():
                self.columns[ref, path, True] = column
        if form.kind == "number":
            flat = [value if value.__class__ is Absent else value.numerator for value in flat]
        for path, column in self.frame.spread(ref.level, flat).items():
            self.columns[ref, path, False] = column

    def _gather(self, stage: Gathering) -> None:
        frame, level = self.frame, stage.level
        uppers = frame.upper(level, stage.within)
        count = frame.size(level)
        items, divisor = ([True] * count, 1) if stage.item is None else self.values(level, stage.item)
        targets = frame.upper(stage.ref.level, stage.within)
        if stage.is_paired:
            buckets = self._pair(stage, uppers, targets, items)
        else:
            shared = self._buckets(stage, uppers, items)
            buckets = [Bucket() if number.__class__ is Absent else shared[number] for number in targets]  # type: ignore[index]
        needed = [self._here(stage.ref.level, part) for part in (stage.needed_present, stage.needed, stage.at)]
        found = [aggregated(stage, bucket, divisor, *parts) for bucket, *parts in zip(buckets, *needed, strict=True)]
        self._put(stage.ref, self.engine.carrier_of_ref(stage.ref), found)

    def _here(self, level: str, expr: Expr | None) -> list[Any]:
        """Return exact values where the gathering is done."""
        if expr is None:
            return [None] * self.frame.size(level)
        values, divisor = self.values(level, expr)
        return [value if value.__class__ is Absent else Fraction(value) / divisor for value in values]

    def _buckets(self, stage: Gathering, uppers: Sequence[Any], items: Sequence[Any]) -> list[Bucket]:
        buckets = [Bucket() for _ in range(self.frame.size(stage.within))]
        count = len(items)
        where = [True] * count if stage.where is None else self.values(stage.level, stage.where)[0]
        weights = [None] * count if stage.weight is None else self.values(stage.level, stage.weight)[0]
        for number, item, holds, weight in zip(uppers, items, where, weights, strict=True):
            if number.__class__ is Absent or holds is False:
                continue
            bucket = buckets[number]
            if holds is not True:
                bucket.fails = True
            elif item.__class__ is Absent:
                bucket.add(stage, item, weight)
            else:
                bucket.items.append(item)
                bucket.weights.append(weight)
                bucket.present += 1
        return buckets

    def _pair(
        self, stage: Gathering, uppers: Sequence[Any], targets: Sequence[Any], items: Sequence[Any]
    ) -> list[Bucket]:
        """Return a bucket for each gathering instance, the condition asked of every pair of it and a member."""
        paired = self.engine.paired[stage.ref]
        read = [Read(stage.span, stage.type, ref) for ref in (*paired.member, *paired.gathering)]
        own = [self.values(stage.level, one)[0] for one in read[: len(paired.member)]]
        other = [self.values(stage.ref.level, one)[0] for one in read[len(paired.member) :]]
        members = list(zip(*own, strict=True)) if own else [()] * len(items)
        gathering = list(zip(*other, strict=True)) if other else [()] * len(targets)
        buckets: list[Bucket] = []
        for target, sees in zip(targets, gathering, strict=True):
            bucket = Bucket()
            buckets.append(bucket)
            for number, item, own_sees in zip(uppers, items, members, strict=True):
                if number.__class__ is Absent or number != target:
                    continue
                try:
                    if paired.where is not None and not paired.where(*own_sees, *sees):
                        continue
                    weight = paired.weight(*own_sees, *sees) if paired.weight is not None else None
                    bucket.add(stage, item, weight)
                except Exception:  # noqa: BLE001 (it matters only where the aggregate is read)
                    bucket.fails = True
        return buckets

    def _settle(self, stage: Settling) -> None:
        shape, frame = stage.shape, self.frame
        level = shape.level
        uppers = frame.upper(level, shape.within)
        part: Sequence[Any] = [True] * len(uppers)
        if stage.takes_part is not None:
            part = self.values(level, Read(shape.span, stage.type, stage.takes_part))[0]
        given = [None if expr is None else self.values(level, expr) for expr in wanted_of(stage)]
        divisors = [1 if column is None else column[1] for column in given]
        pools: list[Any] = [None] * frame.size(shape.within)
        if isinstance(shape, AllocateShape):
            values, divisor = self.values(shape.within, shape.pool)
            pools = [value if value.__class__ is Absent else Fraction(value) * 100 / divisor for value in values]
        found: list[Any] = [UNCOMPUTED] * len(uppers)
        groups: list[list[int]] = [[] for _ in pools]
        for place, (number, takes) in enumerate(zip(uppers, part, strict=True)):
            if number.__class__ is Absent:
                found[place] = number
            elif takes is True:
                groups[number].append(place)  # type: ignore[index]
        for places, pool in zip(groups, pools, strict=True):
            columns = [[0] * len(places) if column is None else [column[0][at] for at in places] for column in given]
            for at, answer in zip(places, answers_of(shape, columns, divisors, pool), strict=True):
                found[at] = answer
        self._put(stage.ref, self.engine.carrier_of_ref(stage.ref), found)


def _rows_at(row: Row, position: tuple[int, ...]) -> Any:  # noqa: ANN401 (rows, or lists of rows for each item)
    here: Any = row[position[0]]
    return [_rows_at(one, position[1:]) for one in here] if position[1:] else here


def _over(values: Column, below: Column | None, factor: int) -> Column:
    """Return quantities times a factor, as fractions where they have denominators; lists of items item by item."""
    if below is None and factor == 1:
        return values
    if below is None:
        return [_times(value, factor) for value in values]
    return [_quotient(value, under, factor) for value, under in zip(values, below, strict=True)]


def _times(value: Any, factor: int) -> Any:  # noqa: ANN401 (a number, an absence, or items)
    if value.__class__ is Absent:
        return value
    return [_times(one, factor) for one in value] if isinstance(value, list | tuple) else value * factor


def _quotient(value: Any, below: Any, factor: int) -> Any:  # noqa: ANN401 (a number, an absence, or items)
    if value.__class__ is Absent:
        return value
    if isinstance(value, list | tuple):
        return [_quotient(one, under, factor) for one, under in zip(value, below, strict=True)]
    number = value * factor
    whole, rest = divmod(number, below)
    # A whole number does where it can: fractions are slow.
    return Fraction(number, below) if rest else whole


def _scaled_constant(carrier: Carrier, divisor: int) -> Any:  # noqa: ANN401 (values of mixed kinds)
    value = carrier.constant
    return int(value * divisor) if isinstance(value, Fraction) else raw_of(carrier)


def _divisor(value: Datum) -> int:
    return value.denominator if isinstance(value, Fraction) else 1


def encoded(value: Datum, divisor: int) -> Any:  # noqa: ANN401 (values of mixed kinds)
    """Return a group's name as generated code holds it; a quantity over the divisor."""
    if isinstance(value, Fraction):
        return value * divisor
    return value.toordinal() if not isinstance(value, bool | str | Absent) else value
