"""A program as tasks: every step, and what spans roots made explicit, with what each has to wait for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from vbc_rules.language.types import YES_NO, Type
from vbc_rules.plan.rebuilding import rebuilt, walk
from vbc_rules.plan.steps import NOT_COMPUTED, Forming, Gathering, Settling, Step
from vbc_rules.resolve.expressions import Constant, Every, Expr, Gather, IsAbsent, Read, Ref, Some
from vbc_rules.resolve.program import (
    AllocateShape,
    Collective,
    Definition,
    Expectation,
    FormulaShape,
    Gate,
    GatherShape,
    Outcome,
    Program,
    Slot,
    StandingShape,
    TopShape,
)
from vbc_rules.source.span import Span

Id: TypeAlias = tuple[str, str, str]


def _id(kind: str, ref: Ref) -> Id:
    return (kind, ref.level, ref.name)


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done once everything it `needs` is; on a `unit` (root, only members), or (None) across roots."""

    unit: tuple[str, bool] | None
    payload: Step | Gathering | Forming | None
    needs: frozenset[Id]


@dataclass(slots=True)
class Rewriting:
    """A program as tasks that wait for each other; what spans roots reads finished columns only.

    `slots` are the hidden ones; `hoisted` and `loud` as `Stages` has them.
    """

    program: Program
    tasks: dict[Id, Task] = field(default_factory=dict)
    slots: dict[Ref, Slot] = field(default_factory=dict)
    hoisted: set[Ref] = field(default_factory=set)
    loud: set[Ref] = field(default_factory=set)
    plain: dict[tuple[object, ...], Ref] = field(default_factory=dict)

    def write(self) -> None:
        """Make the tasks, in the order of the program."""
        for root in self.program.roots:
            level = self.program.levels[root]
            needs: set[Id] = set()
            if level.kind == "groups":
                needs.add(("form", root, ""))
            elif level.kind == "participant":
                needs.add(("open", self.program.roots[0], ""))
            self.tasks["open", root, ""] = Task((root, False), None, frozenset(needs))
        for number, expectation in enumerate(self.program.expected):
            on = expectation.level
            changed = replace(expectation, condition=self._rewritten(expectation.condition, on))
            self._add(("expect", on, str(number)), self._unit(on, None), changed, self._reads(changed.condition))
        for level in self.program.levels.values():
            if level.kind == "groups" and level.groups is not None:
                reads = [read for key in level.by for read in self._of(key)]
                self.tasks["form", level.name, ""] = Task(
                    None, Forming(level.name), frozenset((*reads, *self._members(level.groups, "")))
                )
        for step in self.program.steps:
            if isinstance(step, Gate):
                gate = replace(step, require=self._rewritten(step.require, step.ref.level))
                self._add(_id("step", gate.ref), self._unit(gate.ref.level, gate.ref), gate, self._reads(gate.require))
            else:
                self._definition(step)

    def _add(self, name: Id, unit: tuple[str, bool] | None, payload: Step | Gathering, reads: Iterable[Id]) -> None:
        root = self.program.root(payload.ref.level if not isinstance(payload, Expectation) else payload.level)
        opened = () if unit is None else (("open", root, ""),)
        self.tasks[name] = Task(unit, payload, frozenset((*opened, *reads)))

    def _unit(self, level: str, ref: Ref | None) -> tuple[str, bool]:
        root = self.program.root(level)
        return (root, ref in self.program.membership and self._has_outside)

    @property
    def _has_outside(self) -> bool:
        """Whether a participant may be outside the program."""
        return any(gate.pays is None for gate in self.program.gates)

    # --- what reads what

    def _reads(self, node: object) -> set[Id]:
        found: set[Id] = set()
        for part in walk(node):
            if isinstance(part, Read | IsAbsent):
                found |= self._of(part.ref)
            elif isinstance(part, Gather | GatherShape):
                found.add(("open", self.program.root(part.level), ""))
        return found

    def _of(self, ref: Ref) -> set[Id]:
        """Return what must be done before `ref` can be read."""
        if ref.level == "":
            return {("open", self.program.roots[0], "")}
        root = self.program.root(ref.level)
        kind = "open" if ref not in self.slots and self.program.slots[ref].kind in ("input", "name", "cell") else "step"
        return {("open", root, "")} if kind == "open" else {_id("step", ref)}

    def _members(self, level: str, within: str) -> set[Id]:
        """Return what must be done before the members of `level` under instances of `within` are known."""
        found: set[Id] = {("open", self.program.root(level), "")}
        if self.program.root(level) == self.program.participant:
            found |= {_id("step", gate.ref) for gate in self.program.gates if gate.pays is None}
        if within and self.program.levels[self.program.root(within)].kind == "groups":
            found.add(("form", self.program.root(within), ""))
        return found

    # --- expressions

    def _rewritten(self, expr: Expr, level: str) -> Expr:
        """Return an expression of `level` whose aggregates across roots are reads of hidden slots."""
        return rebuilt(expr, lambda part: self._gather(part, level) if isinstance(part, Gather) else part)

    def _is_across(self, level: str, within: str) -> bool:
        return self.program.root(level) != self.program.root(within)

    def _gather(self, part: Gather, here: str) -> Expr:
        if not self._is_across(part.level, part.within):
            return part
        item = part.item if isinstance(part.item, Read) or part.item is None else self._hoisted(part.item, part.level)
        key = (part.function, part.level, part.within, None if item is None else item.ref, part.present)
        if part.where is None and key in self.plain:
            return Read(part.span, part.type, self.plain[key])
        is_paired = self._is_paired(part.level, part.where)
        ref = self._hidden(here if is_paired else part.within, part.type, part.span)
        self.loud.add(ref)
        where = part.where if is_paired or part.where is None else self._named(part.where, part.level)
        gathering = Gathering(
            ref,
            part.type,
            part.function,
            part.level,
            part.within,
            item,
            where,
            weight=None,
            policy=None,
            present=part.present,
            needed_present=None,
            needed=None,
            at=None,
            definition=None,
            if_none=None,
            is_formula=True,
            is_paired=is_paired,
            span=part.span,
        )
        self._across(gathering)
        if part.where is None:
            self.plain[key] = ref
        return Read(part.span, part.type, ref)

    def _across(self, gathering: Gathering) -> None:
        parts = (gathering.item, gathering.where, gathering.weight, gathering.needed_present, gathering.needed)
        reads = {found for part in (*parts, gathering.at) for found in self._reads(part)}
        own = ("open", self.program.root(gathering.ref.level), "")
        reads |= {own, *self._members(gathering.level, gathering.within)}
        self._add(_id("step", gathering.ref), None, gathering, reads)

    def _is_paired(self, level: str, *exprs: Expr | None) -> bool:
        """Whether an expression at a member of `level` reads what the member does not see."""
        seen = {level, *self.program.uppers[level], ""}
        read = (part.ref.level for part in walk(exprs) if isinstance(part, Read | IsAbsent))
        return any(other not in seen for other in read)

    def _named(self, expr: Expr, level: str, needs: tuple[Read, ...] = (), only_if: Expr | None = None) -> Expr:
        """Return a name for an expression at `level`; names and constants as they are."""
        return expr if isinstance(expr, Read | Constant) else self._hoisted(expr, level, needs, only_if)

    def _hoisted(self, expr: Expr, level: str, needs: tuple[Read, ...] = (), only_if: Expr | None = None) -> Read:
        ref = self._hidden(level, expr.type, expr.span)
        self.hoisted.add(ref)
        outcome = Outcome(expr.span, expr, None, None, None, None, None)
        self._hidden_definition(ref, expr.type, expr.span, needs, only_if, FormulaShape(expr.span, outcome))
        return Read(expr.span, expr.type, ref)

    def _hidden(self, level: str, type_: Type, span: Span) -> Ref:
        ref = Ref(level, f"~{len(self.slots) + 1}")
        self.slots[ref] = Slot(ref, "value", type_, span)
        return ref

    def _hidden_definition(
        self, ref: Ref, type_: Type, span: Span, needs: tuple[Read, ...], only_if: Expr | None, shape: FormulaShape
    ) -> None:
        made = Definition(
            "value", ref, type_, needs, only_if, None if only_if is None else NOT_COMPUTED, shape, None, None, None,
            pays_nothing_if_absent=False, paid_by=None, title="", about="", provenance=None, span=span,
        )  # fmt: skip
        root = self.program.root(ref.level)
        is_participants = root == self.program.participant
        # What serves an operation across participants is wanted of those in the program only.
        unit = (root, is_participants and self._has_outside and self._serves_members)
        self._add(_id("step", ref), unit, made, self._reads((needs, only_if, shape)))

    _serves_members: bool = True

    # --- definitions

    def _definition(self, step: Definition) -> None:
        level = step.ref.level
        changed = rebuilt(step, lambda part: self._gather(part, level) if isinstance(part, Gather) else part)
        unit = self._unit(level, step.ref)
        gates = self._acting(step, only_members=unit[1])
        match changed.shape:
            case GatherShape() as shape if self._is_across(shape.level, shape.within):
                changed = replace(changed, shape=self._gathered(shape, changed))
            case TopShape() | StandingShape() | AllocateShape() as shape:
                changed = replace(changed, shape=self._settled(shape, changed, gates, unit))
            case _:
                pass
        reads = self._reads(changed) | {found for gate in gates for found in self._of(gate.ref)}
        self._add(_id("step", step.ref), unit, changed, reads)

    def _acting(self, step: Definition, *, only_members: bool) -> list[Gate]:
        """Return the gates that act on a payment; of members only, not those on being in the program."""
        if step.role != "payment":
            return []
        above = (step.ref.level, *self.program.uppers[step.ref.level])
        return [
            gate
            for gate in self.program.gates
            if gate.ref.level in above and (step.ref in gate.on if gate.pays is not None else not only_members)
        ]

    def _gathered(self, shape: GatherShape, step: Definition) -> FormulaShape:
        level = step.ref.level
        is_paired = self._is_paired(shape.level, shape.where, shape.weight)
        where, weight = shape.where, shape.weight
        if not is_paired:
            where = None if where is None else self._named(where, shape.level)
            weight = None if weight is None else self._named(weight, shape.level, only_if=where)
        ref = self._hidden(level, step.type, shape.span)
        item = shape.item
        if item is not None and not isinstance(item, Read):
            item = self._hoisted(item, shape.level)

        def here(part: Expr | None) -> Expr | None:
            return None if part is None else self._named(part, level, step.needs, step.only_if)

        gathering = Gathering(
            ref,
            step.type,
            shape.function,
            shape.level,
            shape.within,
            item,
            where,
            weight,
            shape.policy,
            present=False,
            needed_present=here(shape.needed_present),
            needed=here(shape.needed),
            at=here(shape.at),
            definition=shape.definition,
            if_none=shape.if_none,
            is_formula=False,
            is_paired=is_paired,
            span=shape.span,
        )
        self._across(gathering)
        return _reading(ref, step.type, shape.span)

    def _settled(self, shape: Collective, step: Definition, gates: list[Gate], unit: tuple[str, bool]) -> FormulaShape:
        across = self._is_across(shape.level, shape.within)
        self._serves_members = across or unit[1]
        part = self._taking_part(step, gates)
        needs = () if part is None else (part,)

        def named(expr: Expr | None) -> Expr | None:
            return None if expr is None else self._named(expr, shape.level, needs)

        match shape:
            case TopShape():
                order = tuple(self._named(key, shape.level, needs) for key in shape.order)
                shape = replace(shape, order=order, how_many=self._named(shape.how_many, shape.level, needs))
            case StandingShape():
                shape = replace(shape, better=named(shape.better))
            case AllocateShape():
                basis = self._named(shape.basis, shape.level, needs)
                shape = replace(shape, basis=basis, at_most=named(shape.at_most), at_least=named(shape.at_least))
        ref = self._hidden(shape.level, step.type, shape.span)
        settling = Settling(ref, step.type, shape, None if part is None else part.ref)
        reads = self._reads((shape, part))
        if isinstance(shape, TopShape | AllocateShape) and shape.ties is not None:
            reads |= self._of(shape.ties)
        if across:
            reads |= {("open", self.program.root(shape.within), ""), *self._members(shape.level, shape.within)}
        self._add(_id("step", ref), None if across else unit, settling, reads)
        self._serves_members = True
        return _reading(ref, step.type, shape.span)

    def _taking_part(self, step: Definition, gates: list[Gate]) -> Read | None:
        """Return the hidden yes of the members that take part, not computed for the others; None where all do."""
        conditions: list[Expr] = []
        for gate in gates:
            read = Read(gate.span, YES_NO, gate.ref)
            absent = IsAbsent(gate.span, YES_NO, gate.ref, None, negated=False)
            conditions.append(Some(gate.span, YES_NO, (absent, read)))
        if step.only_if is not None:
            conditions.append(step.only_if)
        if not conditions and not step.needs:
            return None
        only_if = None if not conditions else Every(step.span, YES_NO, tuple(conditions))
        yes = Constant(step.span, YES_NO, value=True, text="yes")
        outcome = Outcome(step.span, yes, None, None, None, None, None)
        ref = self._hidden(step.ref.level, YES_NO, step.span)
        self._hidden_definition(ref, YES_NO, step.span, step.needs, only_if, FormulaShape(step.span, outcome))
        return Read(step.span, YES_NO, ref)


def _reading(ref: Ref, type_: Type, span: Span) -> FormulaShape:
    return FormulaShape(span, Outcome(span, Read(span, type_, ref), None, None, None, None, None))
