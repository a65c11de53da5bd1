"""What compares or pays members together: a standing among others, and shares of a pool."""

from __future__ import annotations

from typing import Final, Literal, cast

from vbc_rules.language import document, syntax
from vbc_rules.language.show import either
from vbc_rules.language.types import COUNT, DIRECTION, MONEY, NUMBER, PERCENT, RATIO, YES_NO, Type
from vbc_rules.resolve import program
from vbc_rules.resolve.declarations import gathering_by
from vbc_rules.resolve.expressions import Constant, Expr, Read, Ref
from vbc_rules.resolve.formulas import Lowering
from vbc_rules.resolve.naming import Refused
from vbc_rules.resolve.roundings import policy_of, rounding_of
from vbc_rules.source.nearest import nearest

_MOVE: Final = "move the value to the level whose members are compared"
_GIVES: dict[str, Type] = {"rank": COUNT, "percentile_rank": RATIO, "z_score": NUMBER}


def lower_top(lower: Lowering, level: str, node: document.StandingShape) -> tuple[program.TopShape, Type]:
    """Return the lowered choice of the first members, and the type it gives. Raises Refused."""
    within = _within(lower, level, node)
    how_many = lower.quantity(node.how_many.expression) if node.how_many is not None else None
    if how_many is None or how_many.type.kind not in ("count", "percent"):
        lower.refuse("VBC415", "`top` takes a count or a percent", node.span, "write `top: 10` or `top: 30%`")
    if how_many.type == PERCENT and node.round_count is None:
        lower.refuse(
            "VBC102",
            "a value with `top` of a percent needs `round`",
            node.span,
            "write how it comes to whole members, as in `round: 0 down`",
        )
    rounding = rounding_of(node.round_count, COUNT)
    if node.round_count is not None and rounding is not None and rounding.unit.denominator != 1:
        lower.refuse(
            "VBC108",
            f"`{rounding.text}` leaves parts of a member among the first",
            node.round_count.span,
            f"write `0 {rounding.mode}`",
        )
    ties = None
    if node.ties is not None and node.ties.text != "all_in":
        ties = lower.ref(syntax.Name(node.ties.span, (node.ties.text,)))
    shape = program.TopShape(
        node.span,
        level,
        within,
        how_many,
        how_many.type == PERCENT,
        tuple(lower.expression(order.expression) for order in node.order),
        ties,
        policy_of(node.absent),
        rounding,
    )
    return shape, YES_NO


def lower_standing(
    lower: Lowering, level: str, node: document.StandingShape, rounding: document.Rounding | None
) -> tuple[program.StandingShape, Type]:
    """Return the lowered standing, and the type it gives. Raises Refused."""
    function = cast("Literal['rank', 'percentile_rank', 'z_score']", node.function.text)
    within = _within(lower, level, node)
    subject = lower.quantity(node.subject.expression) if node.subject is not None else None
    if not isinstance(subject, Read):
        lower.refuse(
            "VBC414",
            f"`{function}` compares one name",
            node.subject.span if node.subject is not None else node.span,
            "name the formula as a value first",
        )
    if function == "z_score" and rounding is None:
        lower.refuse(
            "VBC429",
            "a standard deviation never ends, and so neither does a `z_score`",
            node.span,
            "write to how many digits it is taken, as in `round: 6 half_even`",
        )
    shape = program.StandingShape(
        span=node.span,
        function=function,
        level=level,
        within=within,
        subject=subject,
        better=_better(lower, node, needed=function != "z_score"),
        ties=node.ties.text if node.ties is not None else None,
        definition=node.definition.text if node.definition is not None else None,
        policy=policy_of(node.absent),
        rounding=rounding_of(rounding, NUMBER) if function == "z_score" else None,
    )
    return shape, _GIVES[function]


def lower_allocate(lower: Lowering, level: str, node: document.AllocateShape) -> tuple[program.AllocateShape, Type]:
    """Return the lowered shares of a pool, and the type they have. Raises Refused."""
    pool = lower.quantity(node.pool.expression)
    if not isinstance(pool, Read) or pool.ref.level not in lower.scope.above(level):
        lower.refuse(
            "VBC430",
            f"`allocate` shares an amount of a level above `{level}` among its members",
            node.pool.span,
            "name the amount as a value there, in whole cents (`round: 2 down`), and write that name",
        )
    if pool.type != MONEY:
        lower.refuse("VBC415", f"a pool is money; here stands {pool.type.one}", pool.span, "write an amount of money")
    bounds = tuple(
        None
        if formula is None
        else lower.of_type(
            formula.expression, lambda t: t == MONEY, "the bound of a share is money", "write an amount of money"
        )
        for formula in (node.at_most, node.at_least)
    )
    shape = program.AllocateShape(
        span=node.span,
        level=level,
        within=pool.ref.level,
        pool=pool,
        basis=lower.quantity(node.basis.expression),
        at_most=bounds[0],
        at_least=bounds[1],
        ties=_own_name(lower, node.ties),
        if_none=cast("Literal['not_paid', 'error']", node.if_none.text),
    )
    return shape, MONEY


def _within(lower: Lowering, level: str, node: document.StandingShape) -> str:
    within = node.within.text
    chain = lower.scope.above(level)
    if within not in chain:
        if within in lower.refused_levels:
            raise Refused  # that it was refused is enough
        close = nearest(within, chain)
        lower.refuse(
            "VBC309",
            f"`{within}` is not a level above `{level}`",
            node.within.span,
            gathering_by(within, {name: [key.name for key in lower.levels[name].by] for name in chain})
            or (f"write {either((close,) if close else chain)}" if chain else _MOVE),
        )
    return within


def _better(lower: Lowering, node: document.StandingShape, *, needed: bool) -> Expr | None:
    """Return which direction is better: as written, else (where one is needed) as the level's parameter says."""
    if node.better is not None:
        return Constant(node.better.span, DIRECTION, node.better.text, node.better.text)
    if not needed:
        return None
    found = [
        ref
        for ref in lower.scope.find(("better",)).refs
        if (slot := lower.slots.get(ref)) is not None and slot.type == DIRECTION
    ]
    if len(found) != 1:
        lower.refuse(
            "VBC412",
            f"`{node.function.text}` needs to know which direction is better",
            node.span,
            "write `better: higher` or `better: lower`",
        )
    return Read(node.span, DIRECTION, found[0])


def _own_name(lower: Lowering, word: document.Word) -> Ref:
    return lower.ref(syntax.Name(word.span, (word.text,)))
