"""A gathering written out: every member with its value, its weight, or why it is not there."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from vbc_rules.errors import Code, EvaluationError
from vbc_rules.explain.arithmetic import (
    ATOM,
    MINUS,
    Piece,
    added,
    gathered_text,
    holds,
    left_out,
    member_piece,
    members_text,
    piece,
    render,
)
from vbc_rules.explain.numbers import literal
from vbc_rules.explain.tree import Line
from vbc_rules.explain.view import Key, View
from vbc_rules.explain.workings import Workings
from vbc_rules.language.absence import NONE_PRESENT, TOO_FEW_PRESENT, Absent
from vbc_rules.language.types import COUNT, NUMBER, YES_NO
from vbc_rules.resolve.expressions import Datum, Plain, Read
from vbc_rules.resolve.program import GatherShape
from vbc_rules.run import exact
from vbc_rules.run.oracle import evaluate_expression
from vbc_rules.run.oracle.expressions import aggregate
from vbc_rules.run.oracle.shapes import DEVIATION_DIGITS


@dataclass(frozen=True, slots=True)
class Counted:
    """A member that counts: its value and how it stands on the line."""

    member: View
    value: Plain
    text: Piece


def gathered(shape: GatherShape, w: Workings) -> Datum:
    """Return what a gathering gives, shown with every member."""
    counted: list[Counted] = []
    told: list[tuple[str, str]] = []
    present = 0
    missing: tuple[Absent, Key | None] | None = None
    for member in w.view.members(shape.level, shape.within):
        if shape.where is not None and not holds(shape.where, member):
            told.append((member.label, left_out(shape.where)))
            continue
        aside: list[Line] = []
        text = member_piece(shape.item, member, aside)
        w.lines.extend(aside)
        if not isinstance(text, Absent):
            present += 1
            value: Plain = True if shape.item is None else evaluate_expression(shape.item, member)
            counted.append(Counted(member, value, text))
            told.append((member.label, "" if shape.item is None else text.text))
            continue
        action = "absent" if shape.policy is None else shape.policy.action(text.reason)
        key = member.key(shape.item.ref) if isinstance(shape.item, Read) else None
        told.append((member.label, f"{text}, {_done(action)}"))
        if action == "absent":
            missing = missing or (text, key)
        elif action == "zero":
            kind = COUNT if shape.item is None else shape.item.type
            zero: Plain = False if kind.kind == "yes_no" else Fraction(0)
            counted.append(Counted(member, zero, piece(zero, kind)))
    w.lines.append(Line("members", "members", members_text(told, shape.level)))
    if missing is not None:
        return w.absent(missing[0].reason, "", missing[1])
    if shape.needed_present is not None:
        needed = w.quantity("needed", shape.needed_present)
        enough = present >= needed
        test = f"{present} >= {literal(needed, NUMBER)} is {'yes' if enough else 'no'}"
        w.lines.append(Line("test", "present", test, checked=True, note="needs at least"))
        if not enough:
            return w.absent(TOO_FEW_PRESENT, f"only {present} present, at least {literal(needed, NUMBER)} needed")
    return _aggregated(shape, counted, w)


def _done(action: str) -> str:
    return {
        "zero": "counts as 0",
        "absent": "makes the whole absent",
        "redistribute": "its weight goes to the others",
    }.get(action, "left out")


def _aggregated(shape: GatherShape, counted: list[Counted], w: Workings) -> Datum:
    if not counted and shape.function in ("any", "all", "at_least_of"):
        if shape.if_none is None:
            raise EvaluationError(Code.EVALUATION, f"{shape.function} gathers nothing; write `if_none`")
        w.note("none", f"nothing is gathered: {'yes' if shape.if_none else 'no'}")
        return shape.if_none
    if not counted and shape.function not in ("sum", "count"):
        return w.absent(NONE_PRESENT, "nothing is present")
    texts = [each.text for each in counted]
    match shape.function:
        case "at_least_of":
            return _at_least_of(shape, counted, w)
        case "weighted_mean":
            return _weighted_mean(shape, counted, w)
        case "variance":
            return _variance(shape, counted, w)
        case "standard_deviation":
            found = _variance(shape, counted, w)
            if not isinstance(found, Fraction):
                return found
            root = exact.square_root(found, DEVIATION_DIGITS)
            text = f"sqrt({literal(found, NUMBER)}, {DEVIATION_DIGITS})"
            w.check("numbers", text, root, w.type)
            return root
        case "quantile":
            return _quantile(shape, counted, w)
        case _:
            result = aggregate(shape.function, [each.value for each in counted])
            if not isinstance(result, Absent):
                w.check("numbers", gathered_text(shape.function, texts).text, result, w.type)
            return result


def _at_least_of(shape: GatherShape, counted: list[Counted], w: Workings) -> bool:
    needed = w.quantity("needed", shape.needed) if shape.needed is not None else Fraction(0)
    ones = [Piece("1" if each.value is True else "0") for each in counted]
    enough = sum(each.value is True for each in counted) >= needed
    w.check("numbers", f"{added(ones).text} >= {literal(needed, NUMBER)}", enough, YES_NO, "one for each yes")
    return enough


def _weighted_mean(shape: GatherShape, counted: list[Counted], w: Workings) -> Datum:
    if shape.weight is None:
        raise EvaluationError(Code.EVALUATION, "a weighted mean has no weight")
    products: list[Piece] = []
    weights: list[Piece] = []
    top = total = Fraction(0)
    for each in counted:
        aside: list[Line] = []
        weight_text = render(shape.weight, each.member, aside)
        w.lines.extend(aside)
        weight = evaluate_expression(shape.weight, each.member)
        if not isinstance(weight, Fraction) or not isinstance(each.value, Fraction):
            raise EvaluationError(Code.EVALUATION, "a quantity is wanted here", str(w.view.level))
        weights.append(weight_text)
        products.append(Piece(f"{weight_text.right(MINUS)} * {each.text.right(MINUS)}", MINUS - 1))
        top, total = top + weight * each.value, total + weight
    if total == 0:
        w.check("weights", added(weights).text, total, shape.weight.type)
        return w.absent(NONE_PRESENT, "the weights add up to zero")
    w.check("numbers", f"({added(products).text}) / {added(weights).divisor()}", top / total, w.type)
    return top / total


def _variance(shape: GatherShape, counted: list[Counted], w: Workings) -> Datum:
    divisor = len(counted) - 1 if shape.definition == "sample" else len(counted)
    if divisor == 0:
        return w.absent(TOO_FEW_PRESENT, "a sample of one has no variance")
    values = [each.value for each in counted if isinstance(each.value, Fraction)]
    kind = w.type if shape.item is None else shape.item.type
    mean = sum(values, Fraction(0)) / len(values)
    w.check("mean", gathered_text("mean", [each.text for each in counted]).text, mean, kind)
    centre = piece(mean, kind).right(ATOM)
    squares = [Piece(f"({each.text.text} - {centre}) * ({each.text.text} - {centre})", MINUS - 1) for each in counted]
    found = sum(((value - mean) ** 2 for value in values), Fraction(0)) / divisor
    result_type = w.type if shape.function == "variance" else NUMBER
    w.check("variance", f"({added(squares).text}) / {divisor}", found, result_type, f"{shape.definition}")
    return found


def _quantile(shape: GatherShape, counted: list[Counted], w: Workings) -> Fraction:
    if shape.at is None:
        raise EvaluationError(Code.EVALUATION, "a quantile does not say at what share")
    kind = w.type
    items = sorted(each.value for each in counted if isinstance(each.value, Fraction))
    at = w.quantity("share", shape.at)
    share, count = literal(at, shape.at.type), len(items)
    w.note("sorted", "; ".join(f"{place}. {literal(item, kind)}" for place, item in enumerate(items, 1)))
    rank, text = {
        "nearest_rank": (exact.round_to(at * count, Fraction(1), "ceiling"), f"round({share} * {count}, 0, ceiling)"),
        "hyndman_fan_6": (at * (count + 1), f"{share} * ({count} + 1)"),
        "hyndman_fan_7": (at * (count - 1) + 1, f"{share} * ({count} - 1) + 1"),
    }[shape.definition or ""]
    kept = min(max(rank, Fraction(1)), Fraction(count))
    w.check("rank", f"min(max({text}, 1), {count})", kept, NUMBER, str(shape.definition).replace("_", " "))
    below = kept.numerator // kept.denominator
    if below == kept:
        w.note("so", f"number {below} in order: {literal(items[below - 1], kind)}")
        return items[below - 1]
    low, high = items[below - 1], items[below]
    found = low + (kept - below) * (high - low)
    a, b = piece(low, kind), piece(high, kind)
    w.check("numbers", f"{a.text} + ({literal(kept, NUMBER)} - {below}) * ({b.text} - {a.right(ATOM)})", found, kind)
    return found
