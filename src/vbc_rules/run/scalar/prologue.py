"""What comes before the first value: the row unpacked, its inputs settled, what the program expects tested.

Nothing is explained here: where a test fails the generated code refuses, and the oracle says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial

from vbc_rules.plan.layout import NOT_GIVEN, Field, Layout, Path
from vbc_rules.resolve.expressions import (
    Compare,
    Every,
    Expr,
    Gather,
    IfElse,
    IsAbsent,
    OneOf,
    Read,
    Ref,
    Some,
    children,
)
from vbc_rules.resolve.program import Domain, Expectation, Level, Program
from vbc_rules.run.scalar import representation as carry
from vbc_rules.run.scalar.emit import Block, Try, write
from vbc_rules.run.scalar.expressions import Expressions, is_plain
from vbc_rules.run.scalar.representation import Carrier, Kind
from vbc_rules.run.scalar.scope import ITEM, Place, symbolic
from vbc_rules.run.scalar.trace import Location
from vbc_rules.run.scalar.values import Leaf

_INAPPLICABLE = "raise Inapplicable"

Walk = Callable[[str, Callable[[Place], Carrier]], dict[Path, Carrier]]


class Prologue:
    """Writes the beginning of the function. `locations` says where unchanged inputs stand in the row."""

    def __init__(self, program: Program, layout: Layout, expressions: Expressions, walk: Walk, root: str) -> None:
        """Write for rows of `layout`; `root` is what they are rows of, with the levels that hang from it."""
        self.root = root
        self.program = program
        self.layout = layout
        self.of = expressions
        self.writer = expressions.writer
        self.store = expressions.store
        self.walk = walk
        self.locations: dict[tuple[Ref, Path], Location] = {}
        self.kept: list[Ref] = []
        self.settled: list[Ref] = []
        self._refuse: dict[str, str] = {}
        self._checks = Block()
        self._loud: set[str] = set()

    def write(self) -> None:
        """Write the unpacking and settling of the row."""
        self._unpack()
        self.writer.block.entries.append(self._checks)
        self._lists()
        self._settle()

    def check(self) -> None:
        """Write the tests that no input is absent without leave, save of those that then fail by themselves."""
        tests = [test for name, test in self._refuse.items() if name not in self._loud]
        self._checks.entries.clear()
        with self.writer.inside(self._checks):
            for start in range(0, len(tests), 4):
                self.writer.branch(f"({' or '.join(tests[start : start + 4])})")[0].add("raise Refused")

    def _is_own(self, level: str) -> bool:
        """Whether the row has the inputs of a level: of its root, and one participant's has those of the cohort."""
        fields = self.layout.fields[len(self.program.levels[self.root].by) :]
        return self.program.root(level) == self.root or any(
            isinstance(field, Field) and field.ref.level == level for field in fields
        )

    # --- the row

    def _unpack(self) -> None:
        names = [f"i{position}" for position in range(len(self.layout.fields))]
        keys = len(self.program.levels[self.root].by)
        if names[keys:]:
            self.writer.add(f"({wrapped(names[keys:])}) = row{f'[{keys}:]' if keys else ''}")
        for position, (field, name) in enumerate(zip(self.layout.fields, names, strict=True)):
            if position < keys:
                continue
            if not isinstance(field, Field):
                self.store.lists[field.level, field.path] = name
                self._items(field.layout, (*field.path, ITEM), name, 1)
                continue
            self._field(field, field.path, name, position)

    def _field(self, field: Field, path: Path, name: str, position: int) -> None:
        carrier = carrier_of(field, name)
        self.store.slots[field.ref, path] = carrier
        if field.input is not None and field.input.only_if is not None:
            return
        self.locations[field.ref, path] = Location(carrier.kind, True, position, carrier.divisor)  # noqa: FBT003 (as `it is true`)
        if carrier.maybe_absent and field.domain is not None:
            self._refuse[name] = self._not_permitted(name, field.domain)
            if len(field.domain.reasons) == 1:
                self.writer.only(name, self.writer.absence(field.domain.reasons[0]))
        elif field.domain is not None:
            self._refuse[name] = f"{name}.__class__ is Absent"

    def _items(self, layout: Layout, path: Path, rows: str, depth: int) -> None:
        """Turn the rows of a list into a column for each of its fields."""
        columns = [self.writer.fresh("c") for _ in layout.fields]
        if depth == 1:
            empty = f"{'(), ' * len(columns)}".rstrip()
            self.writer.add(f"{', '.join(columns)}, = zip(*{rows}) if {rows} else ({empty})")
        for place, (field, column) in enumerate(zip(layout.fields, columns, strict=True)):
            if depth > 1:
                self.writer.add(f"{column} = {_deep(rows, place, depth)}")
            if isinstance(field, Field):
                below = (*path, *field.path)
                self.store.slots[field.ref, below] = carrier_of(field, column)
                self.settled.append(field.ref)
                continue
            below = (*path, *field.path)
            self.store.lists[field.level, below] = column
            self._items(field.layout, (*below, ITEM), column, depth + 1)
        self.settled = list(dict.fromkeys(self.settled))

    def _not_permitted(self, name: str, domain: Domain) -> str:
        """Return code that is true where an input is absent for a reason that its declaration does not permit."""
        tests = [f"{name}.__class__ is Absent"]
        tests.extend(f"{name} is not {self.writer.absence(reason)}" for reason in domain.reasons)
        return " and ".join(tests)

    # --- lists

    def _lists(self) -> None:
        """Refuse lists that are too long, keys that are not an item's own, and cells that may not be absent."""
        for level in self.program.levels.values():
            if level.kind == "list" and level.parent is not None and self.program.root(level.name) == self.root:
                self.walk(level.parent, partial(self._list, level))

    def _list(self, level: Level, place: Place) -> Carrier:
        rows = self.store.items(level.name, place.instance)
        if level.at_most is not None:
            self.writer.branch(f"(len({rows}) > {level.at_most})")[0].add("raise Refused")
        below = (*symbolic(place.instance), ITEM)
        if level.key is not None:
            key = self.store.slots[Ref(level.name, level.key), below]
            column = key.code
            for loop in place.instance:
                if not isinstance(loop, str):
                    column = loop.read(column, self.writer)
            if key.maybe_absent or self.program.inputs[Ref(level.name, level.key)].only_if is not None:
                column = self.writer.temporary(f"[key for key in {column} if key.__class__ is not Absent]")
            self.writer.branch(f"(len(set({column})) != len({column}))")[0].add("raise Refused")
        return carry.constant(value=True)

    # --- inputs that are expected only sometimes, and the cells of lists

    def _settle(self) -> None:
        own = [entry for entry in self.program.inputs.values() if self._is_own(entry.ref.level)]
        waiting = [entry for entry in own if entry.only_if is not None]
        for entry in own:
            if entry.only_if is None and self._in_list(entry.ref):
                self._check_items(entry.ref, entry.domain)
        while waiting:
            refs = {entry.ref for entry in waiting}
            ready = [e for e in waiting if e.only_if is not None and not refs.intersection(reads(e.only_if))]
            if not ready:
                self.writer.add("raise Refused")
                ready = waiting
            for entry in ready:
                self._settle_one(entry.ref, entry.domain, entry.only_if, entry.otherwise or "")
            waiting = [entry for entry in waiting if entry not in ready]

    def _in_list(self, ref: Ref) -> bool:
        return any(other == ref and ITEM in path for other, path in self.store.slots)

    def _check_items(self, ref: Ref, domain: Domain) -> None:
        def leaf(place: Place) -> Carrier:
            found = self.of.read(ref, place)
            test = self._not_permitted(found.code, domain)
            if ITEM in symbolic(place.instance):
                self.writer.branch(f"({test})")[0].add("raise Refused")
            return carry.constant(value=True)

        self.walk(ref.level, leaf)

    def _settle_one(self, ref: Ref, domain: Domain, only_if: Expr | None, otherwise: str) -> None:
        if only_if is None:
            return

        def leaf(place: Place) -> Carrier:
            given = self.of.read(ref, place)
            with self.of.watching(refusal="raise Refused"):
                condition = self.of.present_value(only_if, place)
            absent = self.of.absent(otherwise)
            block = Block()
            self.writer.block.entries.append(block)
            not_given = self.writer.absence(NOT_GIVEN.reason)
            with self.writer.inside(block):
                then, other = self.writer.branch(condition.code)
            with self.writer.inside(then):
                self.writer.branch(f"({self._not_permitted(given.code, domain)})")[0].add("raise Refused")
            with self.writer.inside(other):
                test = f"{given.code} is not {not_given} and {given.code} is not {absent.code}"
                self.writer.branch(f"({test})")[0].add("raise Refused")
            there = carry.widened(given, maybe_absent=bool(domain.reasons))
            return self.of.join([Leaf(then, there), Leaf(other, absent)], "s")

        for path, carrier in self.walk(ref.level, leaf).items():
            self.store.slots[ref, path] = carrier
        if ref not in self.settled:
            self.settled.append(ref)

    # --- what the program expects

    def expect(self, expectation: Expectation) -> None:
        """Write the test of what the program expects."""
        condition = expectation.condition
        operands = condition.operands if isinstance(condition, Every) else (condition,)

        def leaf(place: Place) -> Carrier:
            start = self.writer.block
            known = self.of.present
            if is_flat:
                self._expect_flat(operands, place)
            else:
                self._expect_in_order(operands, place)
            self.writer.block, self.of.present = start, known
            return carry.constant(value=True)

        is_flat = not any(isinstance(part, Every | Some | IfElse | OneOf | Gather) for part in parts(*operands))
        self.writer.add("# expected")
        self.walk(expectation.level, leaf)

    def _expect_flat(self, operands: tuple[Expr, ...], place: Place) -> None:
        """Write the tests of operands that read all their names: where one is absent, none from it on applies."""
        for operand in operands:
            loose: dict[str, Carrier] = {}
            block = Block()
            with self.of.watching(loose), self.writer.inside(block):
                condition = self.of.present_value(operand, place)
            if any(carrier.is_absent for carrier in loose.values()):
                return
            if loose:
                absent = " or ".join(self.writer.is_absent(code) for code in loose)
                self.writer.block = self.writer.branch(f"({absent})")[1]
            self.writer.block.entries.append(block)
            self._must_hold(condition)
            self._note_loud(operand, condition)
            self.of.present |= self.of.facts(operand, True, place)  # noqa: FBT003 (as `it is true`)

    def _note_loud(self, operand: Expr, condition: Carrier) -> None:
        """Note what is surely compared: an absence is neither more nor less than anything, and comparing it fails."""
        if not isinstance(operand, Compare) or operand.op in ("=", "!=") or condition.is_constant:
            return
        if self.writer.block is self.writer.top and is_plain(operand.left) and is_plain(operand.right):
            self._loud.update(re.findall(r"\bi[0-9]+\b", condition.code))

    def _expect_in_order(self, operands: tuple[Expr, ...], place: Place) -> None:
        """Write the tests of operands that may leave names unread; the first absent one that is read ends them."""
        inner = Block()
        with self.of.watching(refusal=_INAPPLICABLE), self.writer.inside(inner):
            for operand in operands:
                self._must_hold(self.of.present_value(operand, place))
                self.of.present |= self.of.facts(operand, True, place)  # noqa: FBT003 (as `it is true`)
        lines: list[str] = []
        write(inner, 0, lines)
        may_end = any(line.strip() == _INAPPLICABLE for line in lines)
        self.writer.block.entries.append(Try(inner, Block(), "Inapplicable") if may_end else inner)

    def _must_hold(self, condition: Carrier) -> None:
        if not condition.is_constant:
            self.writer.branch(carry.truth_not(condition).code)[0].add("raise Refused")
        elif condition.constant is False:
            self.writer.add("raise Refused")


def wrapped(names: list[str]) -> str:
    """Return names as the inside of a tuple, a dozen a line."""
    lines = [", ".join(names[start : start + 12]) for start in range(0, len(names), 12)]
    return ",\n        ".join(lines) + ("," if len(names) == 1 else "")


def carrier_of(field: Field, name: str) -> Carrier:
    """Return how a field's cell is carried."""
    kind: Kind = "word"
    if field.type.is_numeric:
        kind = "number"
    elif field.type.kind in ("yes_no", "date"):
        kind = "yes_no" if field.type.kind == "yes_no" else "date"
    domain = field.domain
    low, high = (None, None) if domain is None else (domain.low, domain.high)
    conditional = field.input is not None and field.input.only_if is not None
    return Carrier(
        kind,
        name,
        10**field.scale if kind == "number" else 1,
        maybe_absent=domain is not None and (bool(domain.reasons) or conditional),
        low=low if isinstance(low, Fraction) else None,
        high=high if isinstance(high, Fraction) else None,
    )


def _deep(rows: str, place: int, depth: int) -> str:
    """Return code for a column of a list within a list: the field of each row, one more list for each depth."""
    code = f"[r{depth}[{place}] for r{depth} in r{depth - 1}]"
    for level in range(depth - 1, 0, -1):
        outer = rows if level == 1 else f"r{level - 1}"
        code = f"[{code} for r{level} in {outer}]"
    return code


def parts(*exprs: Expr) -> Iterator[Expr]:
    """Yield the expressions and everything inside them."""
    for expr in exprs:
        yield expr
        yield from parts(*children(expr))


def reads(expr: Expr) -> set[Ref]:
    """Return the names that an expression reads or asks about."""
    return {part.ref for part in parts(expr) if isinstance(part, Read | IsAbsent)}
