"""Shapes as written to shapes with typed expressions."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import NoReturn, TypeVar

from vbc_rules.language import document, syntax
from vbc_rules.language.types import COUNT, NUMBER_FAMILY, PERCENT, RATIO, YES_NO, Type
from vbc_rules.resolve import program, units
from vbc_rules.resolve.expressions import Compare, Constant, Every, Expr, Gain, Read, Ref
from vbc_rules.resolve.formulas import Lowering
from vbc_rules.resolve.naming import Refused
from vbc_rules.resolve.roundings import policy_of, rounding_of
from vbc_rules.resolve.standings import lower_allocate, lower_standing, lower_top
from vbc_rules.source.nearest import nearest
from vbc_rules.source.span import Span

S = TypeVar("S", bound=program.TopShape | program.StandingShape | program.AllocateShape)

_STEP_OPS = {"at_least": ">=", "at_most": "<=", "more_than": ">", "less_than": "<"}


@dataclass(slots=True)
class ShapeLowering:
    """Lowers one definition's shape; gathers the types its branches give."""

    lower: Lowering
    level: str
    wanted: Type | None
    rounding: document.Rounding | None = None
    given: list[tuple[Type, Span]] = field(default_factory=list)
    given_exprs: dict[Span, Expr] = field(default_factory=dict)
    given_ratios: list[Expr] = field(default_factory=list)
    rounded_ratios: list[Span] = field(default_factory=list)

    def shape(self, node: document.Shape) -> program.Shape:
        """Return the lowered shape. Raises Refused once a finding has been recorded."""
        match node:
            case document.FormulaShape():
                return program.FormulaShape(node.span, self._formula_outcome(node.formula))
            case document.ChooseShape():
                cases = tuple(
                    program.Case(self.lower.condition(when.expression), self.outcome(branch))
                    for when, branch in node.cases
                )
                return program.ChooseShape(node.span, cases, self.outcome(node.otherwise))
            case document.TiersShape():
                subject = self.lower.expression(node.subject.expression)
                steps = tuple(self._step(step, node.subject.expression, subject) for step in node.steps)
                return program.TiersShape(node.span, subject, steps, self.outcome(node.otherwise))
            case document.InterpolateShape():
                return self._interpolate(node)
            case document.TableShape():
                return self._table(node)
            case document.ByMemberShape():
                return self._by_member(node)
            case document.HigherOfShape():
                items = tuple(self.lower.quantity(item.expression) for item in node.items)
                self.given.extend((item.type, item.span) for item in items)
                return program.HigherOfShape(node.span, node.lower, items, policy_of(node.absent))
            case document.GatherShape():
                return self._gather(node)
            case document.StandingShape():
                if node.function.text == "top":
                    return self._together(lower_top(self.lower, self.level, node), node.span)
                return self._together(lower_standing(self.lower, self.level, node, self.rounding), node.span)
            case document.AllocateShape():
                return self._together(lower_allocate(self.lower, self.level, node), node.span)

    def _together(self, lowered: tuple[S, Type], span: Span) -> S:
        """Return a lowered shape whose members are settled together, having noted the type it gives."""
        shape, type_ = lowered
        self.given.append((type_, span))
        return shape

    def other_than(self, wanted: Type | None) -> Span | None:
        """Return where the first case stands whose unit is not the one wanted; None if there is none."""
        return next((span for type_, span in self.given if units.settle(type_, wanted) is None), None)

    def type(self) -> Type:
        """Return the one type all branches give. Raises Refused where they disagree."""
        found = self.given[0][0] if self.given else self.wanted or COUNT
        for other, _ in self.given:
            joined = units.join(found, other)
            if joined is None:
                self._refuse_the_odd_one_out(found, other)
            found = joined
        if PERCENT in (found, self.wanted):
            self.lower.as_percent(*self.given_ratios)
            for span in self.rounded_ratios:
                self.lower.refuse(
                    "VBC426",
                    "a quotient is rounded before it is known to be a percent, whose digits count differently",
                    span,
                    "write `type: percent`",
                )
        return found

    def _refuse_the_odd_one_out(self, one: Type, other: Type) -> NoReturn:
        """Refuse the case that has not the unit wanted; where none is, that of the fewer cases, or the one without."""
        wanted = self.wanted
        if wanted is None:
            alike = {kind: sum(units.join(kind, given) is not None for given, _ in self.given) for kind in (one, other)}
            wanted = max((one, other), key=lambda kind: (alike[kind], kind.kind not in NUMBER_FAMILY))
        odd, span = next((kind, span) for kind, span in self.given if units.settle(kind, wanted) is None)
        written = self.lower.as_written(self.given_exprs[span], wanted) if span in self.given_exprs else None
        self.lower.refuse(
            "VBC407",
            f"one case gives {odd.one}, the others give {wanted.one}"
            if self.wanted is None
            else f"one case gives {odd.one}, and the value says it is {wanted.one}",
            span,
            written or "give every case the same unit",
        )

    def _give(self, expr: Expr) -> None:
        self.given.append((expr.type, expr.span))
        self.given_exprs[expr.span] = expr
        if expr.type == RATIO:
            self.given_ratios.append(expr)

    # --- outcomes -----------------------------------------------------------------------------------------------------

    def _formula_outcome(self, formula: document.Formula) -> program.Outcome:
        expr = self.lower.expression(formula.expression)
        self._give(expr)
        return program.Outcome(formula.span, expr, None, None, None, None, None)

    def outcome(self, branch: document.Branch) -> program.Outcome:
        """Return what a case gives."""
        if branch.absent is not None:
            return program.Outcome(branch.span, None, branch.absent.text, None, None, None, branch.provenance)
        if branch.formula is None:
            raise Refused
        expr = self.lower.expression(branch.formula.expression)
        self._give(expr)
        if branch.round is not None:
            if not expr.type.is_numeric:
                self.lower.refuse(
                    "VBC415",
                    f"`round` takes a quantity; here stands {expr.type.one}",
                    branch.round.span,
                    "leave out `round`",
                )
            if expr.type == RATIO and self.wanted is None:
                self.rounded_ratios.append(branch.round.span)
        return program.Outcome(
            branch.span,
            expr,
            None,
            *self.caps(branch.at_least, branch.at_most, expr.type),
            rounding_of(branch.round, self.wanted or expr.type),
            branch.provenance,
        )

    def caps(
        self, at_least: document.Formula | None, at_most: document.Formula | None, type_: Type
    ) -> tuple[Expr | None, Expr | None]:
        """Return the lowered floor and cap, which must have the unit of what they hold."""
        found: list[Expr | None] = []
        for formula in (at_least, at_most):
            expr = self.lower.quantity(formula.expression) if formula is not None else None
            if expr is not None and units.join(expr.type, type_) is None:
                message = f"{type_.one} is held within {expr.type.one}"
                self.lower.refuse("VBC403", message, expr.span, f"write the bound as {type_.one}")
            found.append(expr)
        return found[0], found[1]

    # --- tiers, tables, points ----------------------------------------------------------------------------------------

    def _step(self, step: document.Step, subject_node: syntax.Expression, subject: Expr) -> program.Step:
        test: Expr
        if step.kind == "reaches":
            call = syntax.Call(step.bound.span, "gain", (subject_node, step.bound.expression), step.bound.span)
            gain = self.lower.expression(call)
            bound = gain.right if isinstance(gain, Gain) else gain
            zero = Constant(step.bound.span, gain.type, Fraction(0), "0")
            test = Compare(step.bound.span, YES_NO, ">=", gain, zero)
        else:
            node = syntax.Comparison(
                step.bound.span,
                (subject_node, step.bound.expression),
                (_STEP_OPS[step.kind],),  # type: ignore[arg-type]
            )
            test = self.lower.condition(node)
            bound = test.right if isinstance(test, Compare) else subject
        return program.Step(step.kind, bound, test, self.outcome(step.branch))

    def _interpolate(self, node: document.InterpolateShape) -> program.InterpolateShape:
        subject = self.lower.quantity(node.subject.expression)
        points = []
        for point in node.points:
            at, value = self.lower.quantity(point.at.expression), self.lower.quantity(point.value.expression)
            if units.join(subject.type, at.type) is None:
                self.lower.refuse(
                    "VBC403",
                    f"the subject is {subject.type.one}, the point stands at {at.type.one}",
                    at.span,
                    f"write the point as {subject.type.one}",
                )
            self.given.append((value.type, value.span))
            points.append(program.Point(at, value, point.provenance))
        below = self.outcome(node.below) if node.below is not None else None
        above = self.outcome(node.above) if node.above is not None else None
        return program.InterpolateShape(node.span, subject, tuple(points), below, above)

    def _table(self, node: document.TableShape) -> program.TableShape:
        columns = tuple(
            self.lower.expression(syntax.Name(word.span, tuple(word.text.split(".")))) for word, _ in node.rows[0].cells
        )
        rows = tuple(
            program.Row(
                tuple(self._cell(column, cell) for column, (_, cell) in zip(columns, row.cells, strict=True)),
                self.outcome(row.branch),
                row.span,
            )
            for row in node.rows
        )
        return program.TableShape(node.span, columns, rows)

    def _cell(self, column: Expr, cell: document.Cell) -> Expr | None:
        name = column
        if cell.any:
            return None
        if not isinstance(name, Read):
            raise Refused
        subject = syntax.Name(cell.span, (name.ref.level, name.ref.name) if name.ref.level else (name.ref.name,))
        is_amount = cell.low is not None and (column.type.is_numeric or column.type.kind == "date")
        if cell.words and not is_amount:
            if column.type.kind == "yes_no":
                for word in cell.words:
                    if word.text not in ("yes", "no"):
                        self.lower.unknown_option(word.span, word.text, Type("category", ("yes", "no")))
                options: tuple[syntax.Expression, ...] = tuple(
                    syntax.YesNoLiteral(word.span, word.text == "yes") for word in cell.words
                )
            else:
                options = tuple(syntax.Name(word.span, (word.text,)) for word in cell.words)
            return self.lower.condition(syntax.In(cell.span, subject, options, is_list=True, negated=False))
        tests: list[Expr] = []
        if cell.low is not None and cell.low == cell.high:
            return self.lower.condition(syntax.Comparison(cell.span, (subject, cell.low), ("=",)))
        if cell.low is not None:
            tests.append(
                self.lower.condition(
                    syntax.Comparison(cell.span, (subject, cell.low), (">" if cell.low_open else ">=",))
                )
            )
        if cell.high is not None:
            tests.append(
                self.lower.condition(
                    syntax.Comparison(cell.span, (subject, cell.high), ("<" if cell.high_open else "<=",))
                )
            )
        return tests[0] if len(tests) == 1 else Every(cell.span, YES_NO, tuple(tests))

    # --- members ------------------------------------------------------------------------------------------------------

    def _by_member(self, node: document.ByMemberShape) -> program.ByMemberShape:
        members = tuple(member.name for member in self.lower.levels[self.level].members)
        own = self.lower.slots.get(Ref(self.level, self.level))
        if self.lower.levels[self.level].kind == "groups" and own is not None:
            members = own.type.options
        if not members:
            self.lower.refuse(
                "VBC313", f"`{self.level}` has no listed members", node.span, "write a formula or another shape"
            )
        named = {word.text: branch for word, branch in node.branches}
        for word, _ in node.branches:
            if word.text not in members:
                close = nearest(word.text, members)
                self.lower.refuse(
                    "VBC312",
                    f"there is no {self.level} `{word.text}`",
                    word.span,
                    f"write `{close}`" if close else f"write one of {', '.join(members)}",
                )
        missing = [member for member in members if member not in named]
        if missing:
            self.lower.refuse(
                "VBC313",
                f"`by_member` leaves out {', '.join(f'`{name}`' for name in missing)}",
                node.span,
                "name every member",
            )
        outcomes = tuple((word.text, self.outcome(branch)) for word, branch in node.branches)
        return program.ByMemberShape(node.span, self.level, outcomes)

    def _gather(self, node: document.GatherShape) -> program.GatherShape:
        function = node.function.text
        subject = node.subject.expression
        if not isinstance(subject, syntax.Name):
            self.lower.refuse(
                "VBC414", f"`{function}` gathers one name", subject.span, "name the formula as a value first"
            )
        ref, level, within = self.lower.gathered(subject)
        inner = self.lower.inside(level)
        slot = self.lower.slots.get(ref) if ref is not None else None
        if ref is not None and slot is None:
            raise Refused
        item = Read(subject.span, slot.type, ref) if slot is not None and ref is not None else None
        type_ = self.lower.aggregate_type(function, item, subject.span)
        self.given.append((type_, subject.span))
        return program.GatherShape(
            span=node.span,
            function=function,
            level=level,
            within=within,
            item=item,
            where=inner.condition(node.where.expression) if node.where is not None else None,
            weight=inner.quantity(node.by.expression) if node.by is not None else None,
            policy=policy_of(node.absent),
            needed_present=self._count(node.needs_at_least),
            needed=self._count(node.needed),
            at=self.lower.quantity(node.at.expression) if node.at is not None else None,
            definition=node.definition.text if node.definition is not None else None,
            if_none=None if node.if_none is None else node.if_none.text == "yes",
        )

    def _count(self, formula: document.Formula | None) -> Expr | None:
        if formula is None:
            return None
        expr = self.lower.quantity(formula.expression)
        if expr.type.kind != "count":
            self.lower.refuse(
                "VBC415", f"a count is wanted here; here stands {expr.type.one}", expr.span, "write a count"
            )
        return expr
