"""A whole rule in one phrase: its shape in plain words, its formulas as the author wrote them."""

from __future__ import annotations

from vbc_rules.explain.words import Author, rounding_words
from vbc_rules.language.types import COUNT
from vbc_rules.resolve.expressions import Constant, Expr, Rounding
from vbc_rules.resolve.program import (
    AllocateShape,
    ByMemberShape,
    ChooseShape,
    Definition,
    FormulaShape,
    GatherShape,
    HigherOfShape,
    InterpolateShape,
    Policy,
    Shape,
    StandingShape,
    TableShape,
    TiersShape,
    TopShape,
)

_FUNCTIONS = {
    "weighted_mean": "weighted mean",
    "at_least_of": "at least",
    "standard_deviation": "standard deviation",
}


def rule_words(definition: Definition, author: Author) -> str:
    """Return a definition in words, in the order in which its parts act."""
    parts: list[str] = []
    if definition.only_if is not None:
        parts.append(f"only if {author.words(definition.only_if)}")
    parts.append(_shape(definition.shape, author))
    parts.extend(
        f"{label} {author.words(bound)}"
        for label, bound in (("at least", definition.at_least), ("at most", definition.at_most))
        if bound is not None
    )
    if definition.rounding is not None:
        parts.append(rounding_words(definition.rounding, definition.type))
    if definition.pays_nothing_if_absent:
        parts.append("nothing where it is absent")
    if definition.paid_by is not None:
        parts.append(f"paid by {definition.paid_by}")
    return ", ".join(parts)


def _shape(shape: Shape, author: Author) -> str:
    match shape:
        case FormulaShape():
            return "absent" if shape.outcome.expr is None else author.words(shape.outcome.expr)
        case ChooseShape():
            return f"{_first(len(shape.cases), 'case')} that holds, else otherwise"
        case TiersShape():
            return f"{_first(len(shape.steps), 'step')} that {author.words(shape.subject)} meets, else otherwise"
        case InterpolateShape():
            return f"on straight lines between {len(shape.points)} points of {author.words(shape.subject)}"
        case TableShape():
            return f"the one row that matches {', '.join(map(author.words, shape.columns))}"
        case ByMemberShape():
            return f"as stated for each {shape.level}"
        case HigherOfShape():
            which = "lowest" if shape.lower else "highest"
            return f"the {which} of {', '.join(map(author.words, shape.items))}{_absent(shape.policy)}"
        case GatherShape():
            return _gather(shape, author)
        case TopShape():
            how = f"among the first {author.words(shape.how_many)} within {shape.within}"
            ties = "all who are equal in" if shape.ties is None else f"by {shape.ties.name}"
            order = ", ".join(map(author.words, shape.order))
            rounded = _rounded(shape.rounding)
            return f"{how}, ordered by {order}, ties {ties}{_absent(shape.policy)}{rounded}"
        case StandingShape():
            return _standing(shape, author)
        case AllocateShape():
            rule = f"a share of {author.words(shape.pool)} in proportion to {author.words(shape.basis)}"
            rule += _also(", at most", shape.at_most, author) + _also(", at least", shape.at_least, author)
            return f"{rule}; odd cents by largest fraction, ties by {shape.ties.name}"


def _standing(shape: StandingShape, author: Author) -> str:
    function = {"rank": "rank", "percentile_rank": "percentile rank", "z_score": "z-score"}[shape.function]
    definition = f" ({shape.definition})" if shape.definition else ""
    rule = f"{function}{definition} of {author.words(shape.subject)} within {shape.within}"
    if isinstance(shape.better, Constant):
        rule += f", {shape.better.text} is better"
    elif shape.better is not None:
        rule += f", better as {author.words(shape.better)} says"
    if shape.ties is not None:
        rule += f", ties: {shape.ties}"
    return rule + _absent(shape.policy)


def _first(count: int, what: str) -> str:
    return f"the one {what}" if count == 1 else f"the first of {count} {what}s"


def _gather(shape: GatherShape, author: Author) -> str:
    function = _FUNCTIONS.get(shape.function, shape.function.replace("_", " "))
    if shape.needed is not None:
        function = f"{function} {author.words(shape.needed)}"
    if shape.at is not None:
        function = f"{author.words(shape.at)} {function}"
    item = shape.level if shape.item is None else f"{author.words(shape.item)} over each {shape.level}"
    return (
        f"{function} of {item}"
        + _also(" by", shape.weight, author)
        + _also(" where", shape.where, author)
        + _absent(shape.policy)
        + _also(", needs at least", shape.needed_present, author)
    )


def _also(label: str, expr: Expr | None, author: Author) -> str:
    return "" if expr is None else f"{label} {author.words(expr)}"


def _absent(policy: Policy | None) -> str:
    if policy is None:
        return ""
    if policy.every is not None:
        return f", absent: {policy.every}"
    return ", absent: " + ", ".join(f"{reason}: {action}" for reason, action in policy.by_reason)


def _rounded(rounding: Rounding | None) -> str:
    return "" if rounding is None else f", {rounding_words(rounding, COUNT)}"
