"""A gathering written out: every member with its value, its weight, or why it is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from vbc_rules.errors import Code, EvaluationError
from vbc_rules.explain.arithmetic import (
    ATOM,
    MINUS,
    Piece,
    added,
    evaluate,
    gathered_text,
    holds,
    left_out,
    member_piece,
    members_text,
    piece,
    read_name,
    render,
)
from vbc_rules.explain.numbers import literal
from vbc_rules.explain.together import Together, aggregated, in_units, others_words, squared, total
from vbc_rules.explain.tree import Line
from vbc_rules.explain.view import View
from vbc_rules.explain.workings import Workings
from vbc_rules.language.absence import NONE_PRESENT, TOO_FEW_PRESENT, Absent
from vbc_rules.language.types import COUNT, NUMBER, YES_NO, Type
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Datum, Plain, Read
from vbc_rules.resolve.program import GatherShape
from vbc_rules.run import exact
from vbc_rules.run.oracle.shapes import DEVIATION_DIGITS


@dataclass(frozen=True, slots=True)
class Counted:
    """A member that counts: its value and how it stands on the line."""

    member: View
    value: Plain
    text: Piece


def gathered(shape: GatherShape, w: Workings) -> Datum:
    """Return what a gathering gives, shown with every member, or the first of many and the others together."""
    counted: list[Counted] = []
    told: list[tuple[str, str]] = []
    missing: tuple[Absent, View] | None = None
    present = 0
    listed, rest = w.view.scene.listed(shape.level, shape.within, w.view.member_paths(shape.level, shape.within))
    for path in listed:
        member = w.view.member(shape.level, path, is_other=w.view.is_foreign(shape.level, path, shape.within))
        if shape.where is not None and not holds(shape.where, member):
            told.append((member.label, left_out(shape.where)))
            continue
        aside: list[Line] = []
        text = member_piece(shape.item, member, aside)
        w.lines.extend(aside)
        if not isinstance(text, Absent):
            present += 1
            own: Plain = True if shape.item is None else evaluate(shape.item, member)
            counted.append(Counted(member, own, text))
            told.append((member.label, "" if shape.item is None else text.text))
            continue
        action = _action(shape, text)
        told.append((member.label, f"{text}, {_done(action)}"))
        if action == "absent":
            missing = missing or (text, member)
        elif action == "zero":
            counted.append(Counted(member, _zero(shape), piece(_zero(shape), _kind(shape))))
    others = _others(shape, w, rest) if rest else Together()
    words = others_words("count" if shape.item is None else shape.function, others, _kind(shape))
    w.lines.append(Line("members", "members", members_text(told, shape.level, words)))
    first = _first_missing(shape, w, missing, others)
    if first is not None:
        absent, member = first
        return w.absent(absent.reason, "", member.key(shape.item.ref) if isinstance(shape.item, Read) else None)
    if shape.needed_present is not None:
        needed = w.quantity("needed", shape.needed_present)
        present += others.present
        enough = present >= needed
        test = f"{literal(Fraction(present), NUMBER)} >= {literal(needed, NUMBER)} is {'yes' if enough else 'no'}"
        w.lines.append(Line("test", "present", test, checked=True, note="needs at least"))
        if not enough:
            return w.absent(TOO_FEW_PRESENT, f"only {present} present, at least {literal(needed, NUMBER)} needed")
    return _aggregated(shape, counted, others, w)


def _first_missing(
    shape: GatherShape, w: Workings, listed: tuple[Absent, View] | None, others: Together
) -> tuple[Absent, View] | None:
    """Return the first member, in order, whose absence makes the whole absent; what it lacks is opened."""
    if others.missing is None or (listed is not None and listed[1].path < others.missing[1]):
        return listed
    absent, path = others.missing
    member = w.view.member(shape.level, path, is_other=True)
    if shape.item is not None:
        w.note("missing", f"{member.label}: {absent}, {_done('absent')}")
        if isinstance(shape.item, Read):
            read_name(shape.item, member)
    return absent, member


def _others(shape: GatherShape, w: Workings, rest: Sequence[Path]) -> Together:
    """Return what is gathered at the members that are not listed."""
    found = Together()
    where = None if shape.where is None else w.view.unlisted(shape.level, shape.where)
    item = None if shape.item is None else w.view.unlisted(shape.level, shape.item)
    for path in rest:
        if where is not None and shape.where is not None and where(path) is not True:
            found.left_out[left_out(shape.where)] += 1
            continue
        value = True if item is None else item(path)
        if not isinstance(value, Absent):
            found.present += 1
            found.values.append(value)
            found.paths.append(path)
            continue
        action = _action(shape, value)
        found.left_out[f"{value}, {_done(action)}"] += 1
        if action == "absent":
            found.missing = found.missing or (value, path)
        elif action == "zero":
            found.values.append(_zero(shape))
            found.paths.append(path)
    return found


def _action(shape: GatherShape, absent: Absent) -> str:
    return "absent" if shape.policy is None else shape.policy.action(absent.reason)


def _kind(shape: GatherShape) -> Type:
    return COUNT if shape.item is None else shape.item.type


def _zero(shape: GatherShape) -> Plain:
    return False if _kind(shape).kind == "yes_no" else Fraction(0)


def _done(action: str) -> str:
    return {
        "zero": "counts as 0",
        "absent": "makes the whole absent",
        "redistribute": "its weight goes to the others",
    }.get(action, "left out")


def _aggregated(shape: GatherShape, counted: list[Counted], others: Together, w: Workings) -> Datum:
    nothing = not counted and not others.values
    if nothing and shape.function in ("any", "all", "at_least_of"):
        if shape.if_none is None:
            raise EvaluationError(Code.EVALUATION, f"{shape.function} gathers nothing; write `if_none`")
        w.note("none", f"nothing is gathered: {'yes' if shape.if_none else 'no'}")
        return shape.if_none
    if nothing and shape.function not in ("sum", "count"):
        return w.absent(NONE_PRESENT, "nothing is present")
    match shape.function:
        case "at_least_of":
            return _at_least_of(shape, counted, others, w)
        case "weighted_mean":
            return _weighted_mean(shape, counted, others, w)
        case "variance":
            return _variance(shape, counted, others, w)
        case "standard_deviation":
            found = _variance(shape, counted, others, w)
            if not isinstance(found, Fraction):
                return found
            root = exact.square_root(found, DEVIATION_DIGITS)
            text = f"sqrt({literal(found, NUMBER)}, {DEVIATION_DIGITS})"
            w.check("numbers", text, root, w.type)
            return root
        case "quantile":
            return _quantile(shape, counted, others, w)
        case _:
            result = aggregated(shape.function, [*(each.value for each in counted), *others.values])
            if not isinstance(result, Absent):
                texts = [each.text for each in counted]
                w.check("numbers", gathered_text(shape.function, texts, others, _kind(shape)).text, result, w.type)
            return result


def _at_least_of(shape: GatherShape, counted: list[Counted], others: Together, w: Workings) -> bool:
    needed = w.quantity("needed", shape.needed) if shape.needed is not None else Fraction(0)
    ones = [Piece("1" if each.value is True else "0") for each in counted]
    more = sum(each is True for each in others.values)
    enough = sum(each.value is True for each in counted) + more >= needed
    if others.values:
        ones.append(piece(Fraction(more), NUMBER))
    w.check("numbers", f"{added(ones).text} >= {literal(needed, NUMBER)}", enough, YES_NO, "one for each yes")
    return enough


def _weighted_mean(shape: GatherShape, counted: list[Counted], others: Together, w: Workings) -> Datum:
    if shape.weight is None:
        raise EvaluationError(Code.EVALUATION, "a weighted mean has no weight")
    products: list[Piece] = []
    weights: list[Piece] = []
    top = bottom = Fraction(0)
    for each in counted:
        aside: list[Line] = []
        weight_text = render(shape.weight, each.member, aside)
        w.lines.extend(aside)
        weight = evaluate(shape.weight, each.member)
        if not isinstance(weight, Fraction) or not isinstance(each.value, Fraction):
            raise EvaluationError(Code.EVALUATION, "a quantity is wanted here", str(w.view.level))
        weights.append(weight_text)
        products.append(Piece(f"{weight_text.right(MINUS)} * {each.text.right(MINUS)}", MINUS - 1))
        top, bottom = top + weight * each.value, bottom + weight
    if others.values:
        weigh = w.view.unlisted(shape.level, shape.weight)
        found = [part for path in others.paths if isinstance(part := weigh(path), Fraction)]
        more = total(part * value for part, value in zip(found, others.quantities, strict=True))
        top, bottom = top + more, bottom + total(found)
        weights.append(piece(total(found), shape.weight.type))
        products.append(piece(more, _product(shape.weight.type, _kind(shape))))
    if bottom == 0:
        w.check("weights", added(weights).text, bottom, shape.weight.type)
        return w.absent(NONE_PRESENT, "the weights add up to zero")
    w.check("numbers", f"({added(products).text}) / {added(weights).divisor()}", top / bottom, w.type)
    return top / bottom


def _product(weight: Type, item: Type) -> Type:
    """Return in what type to write the product of a weight and a value."""
    money = next((each for each in (weight, item) if each.kind == "money"), None)
    return money or NUMBER


def _variance(shape: GatherShape, counted: list[Counted], others: Together, w: Workings) -> Datum:
    count = len(counted) + len(others.values)
    divisor = count - 1 if shape.definition == "sample" else count
    if divisor == 0:
        return w.absent(TOO_FEW_PRESENT, "a sample of one has no variance")
    values = [*(each.value for each in counted if isinstance(each.value, Fraction)), *others.quantities]
    kind = w.type if shape.item is None else shape.item.type
    mean = total(values) / count
    w.check("mean", gathered_text("mean", [each.text for each in counted], others, kind).text, mean, kind)
    centre = piece(mean, kind).right(ATOM)
    squares = [Piece(f"({each.text.text} - {centre}) * ({each.text.text} - {centre})", MINUS - 1) for each in counted]
    if others.values:
        squares.append(piece(squared(others.quantities, mean), NUMBER))
    found = squared(values, mean) / divisor
    result_type = w.type if shape.function == "variance" else NUMBER
    text = f"({added(squares).text}) / {literal(Fraction(divisor), NUMBER)}"
    w.check("variance", text, found, result_type, f"{shape.definition}")
    return found


def _quantile(shape: GatherShape, counted: list[Counted], others: Together, w: Workings) -> Fraction:
    if shape.at is None:
        raise EvaluationError(Code.EVALUATION, "a quantile does not say at what share")
    kind = w.type
    items = [*(each.value for each in counted if isinstance(each.value, Fraction)), *others.quantities]
    units, _ = in_units(items)
    items = [items[place] for place in sorted(range(len(items)), key=units.__getitem__)]
    at = w.quantity("share", shape.at)
    share, count = literal(at, shape.at.type), literal(Fraction(len(items)), NUMBER)
    if not others.values:
        w.note("sorted", "; ".join(f"{place}. {literal(item, kind)}" for place, item in enumerate(items, 1)))
    nearest = exact.round_to(at * len(items), Fraction(1), "ceiling")
    rank, text = {
        "nearest_rank": (nearest, f"round({share} * {count}, 0, ceiling)"),
        "hyndman_fan_6": (at * (len(items) + 1), f"{share} * ({count} + 1)"),
        "hyndman_fan_7": (at * (len(items) - 1) + 1, f"{share} * ({count} - 1) + 1"),
    }[shape.definition or ""]
    kept = min(max(rank, Fraction(1)), Fraction(len(items)))
    w.check("rank", f"min(max({text}, 1), {count})", kept, NUMBER, str(shape.definition).replace("_", " "))
    below = kept.numerator // kept.denominator
    if below == kept:
        w.note("so", f"number {below:,} in order: {literal(items[below - 1], kind)}")
        return items[below - 1]
    low, high = items[below - 1], items[below]
    if others.values:
        told = f"number {below:,}: {literal(low, kind)}; number {below + 1:,}: {literal(high, kind)}"
        w.note("in order", told)
    found = low + (kept - below) * (high - low)
    a, b = piece(low, kind), piece(high, kind)
    text = f"{a.text} + ({literal(kept, NUMBER)} - {literal(Fraction(below), NUMBER)}) * ({b.text} - {a.right(ATOM)})"
    w.check("numbers", text, found, kind)
    return found
