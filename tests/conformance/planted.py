"""Bugs to plant in an engine, one for each operation.

Most are a change of the resolved program before the engine compiles it: an engine that takes `half_even` for `half_up`
is one that sees `half_up` in its place, whatever its code looks like. Others patch what only the scalar engine has.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any, Final, TypeAlias

from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import (
    Apply,
    Arithmetic,
    Compare,
    Constant,
    Every,
    Expr,
    Gain,
    Gather,
    IfElse,
    InCodes,
    IsAbsent,
    Negate,
    Not,
    OneOf,
    Rounding,
    Some,
)
from vbc_rules.resolve.program import (
    ByMemberShape,
    ChooseShape,
    Definition,
    Gate,
    GatherShape,
    HigherOfShape,
    Input,
    InterpolateShape,
    Level,
    Outcome,
    Parameter,
    Point,
    Policy,
    Program,
    Row,
    TableShape,
    TiersShape,
    TopShape,
)
from vbc_rules.run.scalar import functions, gathers, representation, shapes, together, values
from vbc_rules.source.span import Span

Change: TypeAlias = Callable[[Any], Any]

_LEFT_ALONE: Final = (Span, Fraction, Absent, datetime.date, str, bool, int, type(None))


def changed(program: Program, change: Change) -> Program:
    """Return the program with `change` made to every part of its rules, inner parts first."""
    return replace(
        program,
        steps=tuple(_rebuilt(step, change) for step in program.steps),
        expected=tuple(_rebuilt(entry, change) for entry in program.expected),
        inputs={ref: _rebuilt(entry, change) for ref, entry in program.inputs.items()},
        parameters={name: _rebuilt(entry, change) for name, entry in program.parameters.items()},
        levels={name: _rebuilt(entry, change) for name, entry in program.levels.items()},
    )


def _rebuilt(part: Any, change: Change) -> Any:  # noqa: ANN401 (any part of a program)
    if isinstance(part, tuple):
        return tuple(_rebuilt(item, change) for item in part)
    if isinstance(part, (*_LEFT_ALONE, Mapping)) or not is_dataclass(part):
        return part
    given = {
        field.name: _rebuilt(getattr(part, field.name), change)
        for field in fields(part)
        if field.name not in ("span", "type", "provenance")
    }
    return change(replace(part, **given))  # type: ignore[type-var]


def where(form: type | tuple[type, ...], make: Change, test: Callable[[Any], bool] = lambda _: True) -> Change:
    """Return the change that makes of every part of a form (for which `test` holds) another."""
    return lambda part: make(part) if isinstance(part, form) and test(part) else part


def mode(before: str, after: str) -> Change:
    return where(Rounding, lambda part: replace(part, mode=after), lambda part: part.mode == before)


def arithmetic(before: str, after: str) -> Change:
    return where(Arithmetic, lambda part: replace(part, op=after), lambda part: part.op == before)


def comparison(before: str, after: str) -> Change:
    return where(Compare, lambda part: replace(part, op=after), lambda part: part.op == before)


def function(before: str, after: str) -> Change:
    return where(Apply, lambda part: replace(part, function=after), lambda part: part.function == before)


def aggregate(before: str, after: str) -> Change:
    """Gather by another function, in formulas and shapes."""
    return where(
        (Gather, GatherShape), lambda part: replace(part, function=after), lambda part: part.function == before
    )


def definition_of(name: str, before: str, after: str) -> Change:
    return where(
        GatherShape,
        lambda part: replace(part, definition=after),
        lambda part: (part.function, part.definition) == (name, before),
    )


def action(form: type, before: str, after: str) -> Change:
    def other(policy: Policy) -> Policy:
        by_reason = tuple((reason, after if done == before else done) for reason, done in policy.by_reason)
        return replace(policy, every=after if policy.every == before else policy.every, by_reason=by_reason)

    return where(form, lambda part: replace(part, policy=other(part.policy)), lambda part: part.policy is not None)


def without(form: type, name: str) -> Change:
    return where(form, lambda part: replace(part, **{name: None}), lambda part: getattr(part, name) is not None)


def more(expr: Expr) -> Expr:
    """Return the quantity and one more."""
    return Arithmetic(expr.span, expr.type, "+", expr, Constant(expr.span, expr.type, Fraction(1), "1"))


def increased(form: type, name: str) -> Change:
    return where(
        form,
        lambda part: replace(part, **{name: more(getattr(part, name))}),
        lambda part: getattr(part, name) is not None,
    )


def swapped(form: type, one: str, other: str) -> Change:
    return where(form, lambda part: replace(part, **{one: getattr(part, other), other: getattr(part, one)}))


def flipped(form: type, name: str) -> Change:
    return where(
        form,
        lambda part: replace(part, **{name: not getattr(part, name)}),
        lambda part: getattr(part, name) is not None,
    )


def no(expr: Expr) -> Expr:
    return Not(expr.span, expr.type, expr)


def rotated(items: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*items[1:], *items[:1])


def rotated_outcomes(shape: ByMemberShape) -> ByMemberShape:
    members = [member for member, _ in shape.outcomes]
    return replace(shape, outcomes=tuple(zip(members, rotated(tuple(o for _, o in shape.outcomes)), strict=True)))


def a_day_later(parameter: Parameter) -> Parameter:
    day = datetime.timedelta(days=1)
    dated = tuple(
        replace(entry, first=entry.first and entry.first + day, last=entry.last and entry.last + day)
        for entry in parameter.dated
    )
    return replace(parameter, dated=dated)


def without_ends(parameter: Parameter) -> Parameter:
    return replace(parameter, codes=tuple(code.partition(" to ")[0] for code in parameter.codes))


def first_reason(found: Input) -> Input:
    return replace(found, domain=replace(found.domain, reasons=()))


OTHER: Final = "not_planted"

CHANGES: Final[dict[str, Change]] = {
    "half_up as half_even": mode("half_up", "half_even"),
    "half_up as down": mode("half_up", "down"),
    "half_even as half_up": mode("half_even", "half_up"),
    "down as floor": mode("down", "floor"),
    "up as ceiling": mode("up", "ceiling"),
    "up as half_up": mode("up", "half_up"),
    "floor as down": mode("floor", "down"),
    "ceiling as up": mode("ceiling", "up"),
    "a digit too few": where(Rounding, lambda part: replace(part, unit=part.unit * 10)),
    "round left out": without(Definition, "rounding"),
    "round of a case left out": without(Outcome, "rounding"),
    "+ as -": arithmetic("+", "-"),
    "- as +": arithmetic("-", "+"),
    "- the other way round": where(
        Arithmetic, lambda part: replace(part, left=part.right, right=part.left), lambda part: part.op == "-"
    ),
    "* as +": arithmetic("*", "+"),
    "/ as *": arithmetic("/", "*"),
    "minus left out": where(Negate, lambda part: part.operand),
    "= as !=": comparison("=", "!="),
    "!= as =": comparison("!=", "="),
    "< as <=": comparison("<", "<="),
    "<= as <": comparison("<=", "<"),
    "> as >=": comparison(">", ">="),
    ">= as >": comparison(">=", ">"),
    "and as or": where(Every, lambda part: Some(part.span, part.type, part.operands)),
    "or as and": where(Some, lambda part: Every(part.span, part.type, part.operands)),
    "not left out": where(Not, lambda part: part.operand),
    "then and else swapped": swapped(IfElse, "then", "otherwise"),
    "in turned round": flipped(OneOf, "negated"),
    "in without its last": where(
        OneOf, lambda part: replace(part, options=part.options[:-1]), lambda part: len(part.options) > 1
    ),
    "codes turned round": flipped(InCodes, "negated"),
    "codes without their last": where(Parameter, without_ends),
    "is missing turned round": flipped(IsAbsent, "negated"),
    "is missing for any reason": where(IsAbsent, lambda part: replace(part, reason=None)),
    "gain the other way round": swapped(Gain, "left", "right"),
    "gain without its direction": where(
        Gain, lambda part: replace(part, direction=Constant(part.span, part.direction.type, "higher", "higher"))
    ),
    "min as max": function("min", "max"),
    "max as min": function("max", "min"),
    "clamp without its floor": where(
        Apply,
        lambda part: replace(part, function="min", arguments=(part.arguments[0], part.arguments[2])),
        lambda part: part.function == "clamp",
    ),
    "clamp without its cap": where(
        Apply,
        lambda part: replace(part, function="max", arguments=part.arguments[:2]),
        lambda part: part.function == "clamp",
    ),
    "abs left out": where(Apply, lambda part: part.arguments[0], lambda part: part.function == "abs"),
    "sqrt as exp": function("sqrt", "exp"),
    "exp as sqrt": function("exp", "sqrt"),
    "days_between turned round": where(
        Apply, lambda part: replace(part, arguments=part.arguments[::-1]), lambda part: part.function == "days_between"
    ),
    "months_between as days_between": function("months_between", "days_between"),
    "years_between as months_between": function("years_between", "months_between"),
    "add_months of one more": where(
        Apply,
        lambda part: replace(part, arguments=(part.arguments[0], more(part.arguments[1]))),
        lambda part: part.function == "add_months",
    ),
    "the next year": where(Apply, more, lambda part: part.function == "year"),
    "a dated number a day late": where(Parameter, a_day_later, lambda part: bool(part.dated)),
    "carried as unstated": where(Parameter, lambda part: replace(part, carry_after=not part.carry_after)),
    "sum as count": aggregate("sum", "count"),
    "count as sum": where(
        (Gather, GatherShape),
        lambda part: replace(part, function="sum"),
        lambda part: part.function == "count" and part.item is not None and part.item.type.is_numeric,
    ),
    "mean as sum": aggregate("mean", "sum"),
    "min of many as max": aggregate("min", "max"),
    "max of many as min": aggregate("max", "min"),
    "any as all": aggregate("any", "all"),
    "all as any": aggregate("all", "any"),
    "at_least_of as all": aggregate("at_least_of", "all"),
    "at_least_of one more": increased(GatherShape, "needed"),
    "weighted_mean as mean": aggregate("weighted_mean", "mean"),
    "variance as standard_deviation": aggregate("variance", "standard_deviation"),
    "standard_deviation as variance": aggregate("standard_deviation", "variance"),
    "sample variance as population": definition_of("variance", "sample", "population"),
    "population variance as sample": definition_of("variance", "population", "sample"),
    "sample deviation as population": definition_of("standard_deviation", "sample", "population"),
    "population deviation as sample": definition_of("standard_deviation", "population", "sample"),
    "nearest_rank as hyndman_fan_7": definition_of("quantile", "nearest_rank", "hyndman_fan_7"),
    "hyndman_fan_6 as hyndman_fan_7": definition_of("quantile", "hyndman_fan_6", "hyndman_fan_7"),
    "hyndman_fan_7 as hyndman_fan_6": definition_of("quantile", "hyndman_fan_7", "hyndman_fan_6"),
    "where left out in a formula": without(Gather, "where"),
    "where left out in a shape": without(GatherShape, "where"),
    "needs_at_least left out": without(GatherShape, "needed_present"),
    "needs_at_least one more": increased(GatherShape, "needed_present"),
    "if_none turned round": flipped(GatherShape, "if_none"),
    "redistribute as zero": action(GatherShape, "redistribute", "zero"),
    "ignore as zero": action(GatherShape, "ignore", "zero"),
    "ignore as absent": action(GatherShape, "ignore", "absent"),
    "zero as ignore": action(GatherShape, "zero", "ignore"),
    "absent as ignore": action(GatherShape, "absent", "ignore"),
    "ignore as zero in higher_of": action(HigherOfShape, "ignore", "zero"),
    "zero as ignore in higher_of": action(HigherOfShape, "zero", "ignore"),
    "absent as ignore in higher_of": action(HigherOfShape, "absent", "ignore"),
    "higher_of as lower_of": where(HigherOfShape, lambda part: replace(part, lower=True), lambda part: not part.lower),
    "lower_of as higher_of": where(HigherOfShape, lambda part: replace(part, lower=False), lambda part: part.lower),
    "items of higher_of turned round": where(HigherOfShape, lambda part: replace(part, items=part.items[::-1])),
    "the first case left out": where(
        ChooseShape, lambda part: replace(part, cases=part.cases[1:]), lambda part: len(part.cases) > 1
    ),
    "cases turned round": where(ChooseShape, lambda part: replace(part, cases=part.cases[::-1])),
    "steps turned round": where(TiersShape, lambda part: replace(part, steps=part.steps[::-1])),
    "the last step left out": where(TiersShape, lambda part: replace(part, steps=part.steps[:-1])),
    "rows of a table without their last test": where(Row, lambda part: replace(part, tests=(*part.tests[:-1], None))),
    "the first row left out": where(TableShape, lambda part: replace(part, rows=part.rows[1:])),
    "the next member": where(ByMemberShape, rotated_outcomes),
    "a point higher": where(Point, lambda part: replace(part, value=more(part.value))),
    "a point left out": where(
        InterpolateShape,
        lambda part: replace(part, points=(part.points[0], *part.points[2:])),
        lambda part: len(part.points) > 2,
    ),
    "below and above swapped": swapped(InterpolateShape, "below", "above"),
    "top of one more": increased(TopShape, "how_many"),
    "share of top as count": where(TopShape, lambda part: replace(part, is_share=False), lambda part: part.is_share),
    "round of top left out": where(
        TopShape,
        lambda part: replace(part, rounding=replace(part.rounding, mode="ceiling")),
        lambda part: part.rounding is not None and part.rounding.mode in ("down", "floor"),
    ),
    "ties of top all in": without(TopShape, "ties"),
    "the last key of top left out": where(
        TopShape, lambda part: replace(part, order=part.order[:-1]), lambda part: len(part.order) > 1
    ),
    "keys of top turned round": where(TopShape, lambda part: replace(part, order=part.order[::-1])),
    "last as out": action(TopShape, "last", "out"),
    "out as last": action(TopShape, "out", "last"),
    "needs turned round": where(Definition, lambda part: replace(part, needs=part.needs[::-1])),
    "needs left out": where(Definition, lambda part: replace(part, needs=())),
    "only_if left out": without(Definition, "only_if"),
    "only_if turned round": where(
        Definition, lambda part: replace(part, only_if=no(part.only_if)), lambda part: part.only_if is not None
    ),
    "another otherwise": where(
        Definition, lambda part: replace(part, otherwise=OTHER), lambda part: part.otherwise is not None
    ),
    "another reason of a case": where(
        Outcome, lambda part: replace(part, absent=OTHER), lambda part: part.absent is not None
    ),
    "at_least left out": without(Definition, "at_least"),
    "at_most left out": without(Definition, "at_most"),
    "at_least of a case left out": without(Outcome, "at_least"),
    "at_most of a case left out": without(Outcome, "at_most"),
    "at_least and at_most swapped": swapped(Definition, "at_least", "at_most"),
    "pays_nothing left out": where(Definition, lambda part: replace(part, pays_nothing_if_absent=False)),
    "not_in_program as pays_nothing": where(
        Gate, lambda part: replace(part, pays=Fraction(0)), lambda part: part.pays is None
    ),
    "pays_nothing as not_in_program": where(
        Gate, lambda part: replace(part, pays=None), lambda part: part.pays is not None and part.pays == 0
    ),
    "an amount as nothing": where(Gate, lambda part: replace(part, pays=Fraction(0)), lambda part: bool(part.pays)),
    "a gate on nothing": where(Gate, lambda part: replace(part, on=())),
    "a gate turned round": where(Gate, lambda part: replace(part, require=no(part.require))),
    "the last gate decides": where(
        Gate, lambda part: replace(part, span=replace(part.span, line=10_000 - part.span.line))
    ),
    "an input expected where it is not": where(
        Input, lambda part: replace(part, only_if=no(part.only_if)), lambda part: part.only_if is not None
    ),
    "another otherwise of an input": where(
        Input, lambda part: replace(part, otherwise=OTHER), lambda part: part.otherwise is not None
    ),
    "no absence of inputs permitted": where(Input, first_reason),
    "any list permitted": where(
        Level, lambda part: replace(part, at_most=part.at_most + 100), lambda part: part.at_most is not None
    ),
}
"""What an engine might take for something else, by name."""


# --- patches of the scalar engine

Patch: TypeAlias = tuple[object, str, Callable[[Any], Any]]


def _later(test: Callable[..., Any]) -> Callable[[Any], Any]:
    """Return the patch that puts `test` (given what was there before) in place of a function."""
    return lambda before: lambda *given, **named: test(before, *given, **named)


def is_end(text: str, codes: tuple[str, ...]) -> bool:
    return any(code.endswith(f" to {text}") for code in codes)


PATCHES: Final[dict[str, Patch]] = {
    "every quantity taken as never negative": (
        representation.Carrier,
        "never_negative",
        lambda _: property(lambda _: True),
    ),
    "scales not brought together": (representation, "scaled", _later(lambda _before, carrier, _divisor: carrier.code)),
    "denominators forgotten in products": (
        representation,
        "multiply",
        _later(lambda before, left, right: replace(before(left, right), denominator=left.denominator)),
    ),
    "denominators forgotten in sums": (
        representation,
        "add",
        _later(lambda before, left, right, sign=1: replace(before(left, right, sign), denominator=left.denominator)),
    ),
    "the opposite forgotten": (representation, "truth_not", _later(lambda _, carrier: carrier)),
    "bounds decide ties": (
        representation,
        "_decided",
        _later(
            lambda before, op, left, right: (
                True if op == "<" and left.high is not None and left.high == right.low else before(op, left, right)
            )
        ),
    ),
    "the sign of a divisor forgotten": (functions, "signed", _later(lambda _, number, below: (number, below))),
    "a span of codes without its end": (
        functions,
        "codes_test",
        _later(lambda before, codes: lambda text: before(codes)(text) and not is_end(text, codes)),
    ),
    "the better of two as the worse": (
        values.Values,
        "extreme",
        _later(lambda before, self, left, right, *, lower: before(self, left, right, lower=not lower)),
    ),
    "either way swapped": (
        values.Values,
        "either",
        _later(lambda before, self, condition, then, otherwise: before(self, condition, otherwise, then)),
    ),
    "never nothing": (
        gathers.Gathers,
        "_is_nothing",
        _later(lambda *_: representation.constant(value=False)),
    ),
    "caps behind the rounding": (
        shapes.Shapes,
        "finish",
        _later(
            lambda before, self, leaf, low, high, rounding, place: [
                done
                for first in before(self, leaf, None, None, rounding, place)
                for done in before(self, first, low, high, None, place)
            ]
        ),
    ),
    "ties of top by place": (
        together,
        "top_answers",
        _later(lambda before, shape, keys, ties, limits: before(shape, keys, [0] * len(ties), limits)),
    ),
    "the first case always": (
        shapes.Shapes,
        "_cases",
        _later(lambda before, self, cases, otherwise, place: before(self, cases[:1], otherwise, place)),
    ),
}
"""What could go wrong in the scalar engine's own code, by name: where, and what is put in its place."""


@contextmanager
def patched(patch: Patch) -> Iterator[None]:
    """Put the patch in place for a while."""
    owner, name, make = patch
    before = owner.__dict__[name]
    setattr(owner, name, make(before))
    try:
        yield
    finally:
        setattr(owner, name, before)
