"""Each shape of a value worked through: which case applied and why, what was gathered, who came first."""

from __future__ import annotations

from fractions import Fraction

from vbc_rules.errors import Code, EvaluationError
from vbc_rules.explain.arithmetic import ATOM, evaluate, holds, member_piece, piece, read_name
from vbc_rules.explain.gathering import gathered
from vbc_rules.explain.numbers import is_exact, literal
from vbc_rules.explain.ranks import standing
from vbc_rules.explain.shares import shared
from vbc_rules.explain.standing import on_top
from vbc_rules.explain.tree import Line
from vbc_rules.explain.view import Key
from vbc_rules.explain.words import rounding_words, words
from vbc_rules.explain.workings import Workings
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import Datum, Expr, Read, Ref
from vbc_rules.resolve.program import (
    AllocateShape,
    ByMemberShape,
    ChooseShape,
    Definition,
    FormulaShape,
    GatherShape,
    HigherOfShape,
    InterpolateShape,
    Outcome,
    StandingShape,
    TableShape,
    TiersShape,
    TopShape,
)
from vbc_rules.run.oracle.expressions import datum


def work(definition: Definition, w: Workings) -> Datum:
    """Return what a definition gives before any gate acts, shown line by line."""
    result = _defined(definition, w)
    if isinstance(result, Absent) and definition.pays_nothing_if_absent:
        w.note("absent", f"{result.reason.replace('_', ' ')}: pays nothing")
        return Fraction(0)
    return result


def _defined(definition: Definition, w: Workings) -> Datum:
    for needed in definition.needs:
        found = read_name(needed, w.view)
        if isinstance(found, Absent):
            w.note("needs", f"{needed.ref.name} is {found}")
            return w.absent(found.reason, "", w.view.key(needed.ref))
    if definition.only_if is not None:
        rule = w.author.words(definition.only_if)
        if not w.test("only if", definition.only_if, rule):
            return w.absent(definition.otherwise or "", f"`{rule}` does not hold")
    found = _shape(definition, w)
    return w.finish(found, definition.at_least, definition.at_most, definition.rounding)


def _shape(definition: Definition, w: Workings) -> Datum:
    shape = definition.shape
    match shape:
        case FormulaShape():
            return w.outcome(shape.outcome)
        case ChooseShape():
            tests = [(case.when, w.author.words(case.when), case.outcome) for case in shape.cases]
            return _first(tests, shape.otherwise, "case", w)
        case TiersShape():
            tests = [
                (step.test, f"{step.kind.replace('_', ' ')} {w.author.words(step.bound)}", step.outcome)
                for step in shape.steps
            ]
            return _first(tests, shape.otherwise, "step", w)
        case InterpolateShape():
            return _interpolated(shape, w)
        case TableShape():
            return _row(shape, w)
        case ByMemberShape():
            member = str(w.view.value(Ref(shape.level, shape.level)))
            outcome = dict(shape.outcomes)[member]
            w.lines.append(Line("case", "member", f"{member} applies", note=outcome_words(outcome, w)))
            return w.outcome(outcome)
        case HigherOfShape():
            return _higher(shape, w)
        case GatherShape():
            return gathered(shape, w)
        case TopShape():
            return on_top(definition, shape, w)
        case StandingShape():
            return standing(definition, shape, w)
        case AllocateShape():
            return shared(definition, shape, w)


def _first(tests: list[tuple[Expr, str, Outcome]], otherwise: Outcome, label: str, w: Workings) -> Datum:
    """Return the outcome of the first test that holds; those that failed before it are shown."""
    for number, (test, rule, outcome) in enumerate(tests, 1):
        if w.test(f"{label} {number}", test, rule):
            w.lines.append(Line("case", "so", f"{label} {number} applies", note=outcome_words(outcome, w)))
            return w.outcome(outcome)
    w.lines.append(Line("case", "so", f"no {label} holds: otherwise applies", note=outcome_words(otherwise, w)))
    return w.outcome(otherwise)


def outcome_words(outcome: Outcome, w: Workings) -> str:
    """Return what a case gives, in the author's words."""
    if outcome.expr is None:
        return f"absent {outcome.absent}"
    found = [w.author.words(outcome.expr)]
    found.extend(
        f"{label} {w.author.words(bound)}"
        for label, bound in (("at least", outcome.at_least), ("at most", outcome.at_most))
        if bound is not None
    )
    if outcome.rounding is not None:
        found.append(rounding_words(outcome.rounding, w.type))
    return ", ".join(found)


def _row(shape: TableShape, w: Workings) -> Datum:
    for number, row in enumerate(shape.rows, 1):
        failing = next((test for test in row.tests if test is not None and not holds(test, w.view)), None)
        if failing is not None:
            w.test(f"row {number}", failing, words(failing))
            continue
        for test in row.tests:
            if test is not None:
                w.test(f"row {number}", test, words(test))
        w.lines.append(Line("case", "so", f"row {number} applies", note=outcome_words(row.outcome, w)))
        return w.outcome(row.outcome)
    raise EvaluationError(Code.EVALUATION, "no row of the table matches")


def _interpolated(shape: InterpolateShape, w: Workings) -> Datum:
    x = w.quantity("at", shape.subject)
    kind = shape.subject.type
    points = [(w.quantity("point", point.at), point.value) for point in shape.points]
    here = literal(x, kind)
    (first, _), (last, _) = points[0], points[-1]
    for outside, side, sign, end in ((shape.below, "below", "<", first), (shape.above, "above", ">", last)):
        if (x < end if sign == "<" else x > end) and outside is not None:
            test = f"{here} {sign} {literal(end, kind)} is yes"
            w.lines.append(Line("test", side, test, checked=is_exact(test)))
            return w.outcome(outside)
    for at, value in points:
        if x == at:
            test = f"{here} = {literal(at, kind)} is yes"
            w.lines.append(Line("test", "point", test, checked=is_exact(test)))
            return w.compute("numbers", value, w.type)
    after = next((index for index, (at, _) in enumerate(points) if x < at), 0)
    if after == 0:
        raise EvaluationError(Code.EVALUATION, "what is interpolated lies outside the points")
    (x0, low), (x1, high) = points[after - 1], points[after]
    y0, y1 = w.quantity("value", low), w.quantity("value", high)
    between = f"{literal(x0, kind)} < {here} and {here} < {literal(x1, kind)} is yes"
    w.lines.append(Line("test", "between", between, checked=is_exact(between)))
    start, left = piece(y0, w.type), piece(x0, kind).right(ATOM)
    rise = f"({literal(y1, w.type)} - {start.right(ATOM)})"
    text = f"{start.text} + {rise} * ({here} - {left}) / ({literal(x1, kind)} - {left})"
    found = y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    w.check("numbers", text, found, w.type)
    return found


def _higher(shape: HigherOfShape, w: Workings) -> Datum:
    texts: list[str] = []
    told: list[str] = []
    kept: list[Fraction] = []
    missing: list[tuple[Absent, Expr]] = []
    alone = ""
    for item in shape.items:
        name = w.author.words(item)
        aside: list[Line] = []
        found = member_piece(item, w.view, aside)
        w.lines.extend(aside)
        if isinstance(found, Absent):
            action = "absent" if shape.policy is None else shape.policy.action(found.reason)
            told.append(f"{name}: {found}, {_done(action)}")
            if action == "absent":
                w.note("of", "; ".join(told))
                return w.absent(found.reason, "", _key(item, w))
            if action == "zero":
                kept.append(Fraction(0))
                texts.append(literal(Fraction(0), item.type))
            else:
                missing.append((found, item))
            continue
        value = datum(item, w.view) if isinstance(item, Read) else evaluate(item, w.view)
        if not isinstance(value, Fraction):
            raise EvaluationError(Code.EVALUATION, "a quantity is wanted here", name)
        kept.append(value)
        texts.append(found.text)
        shown = literal(value, w.type if item.type.kind == "ratio" else item.type)
        told.append(f"{name}: {shown}")
        alone = f"{name} alone: {shown}"
    if alone and len(kept) == 1 and missing:
        without = " and ".join(f"{w.author.words(item)} is {absent}" for absent, item in missing)
        w.note("of", f"{without}, so {alone}")
    else:
        w.note("of", "; ".join(told))
    if not kept:
        absent, item = missing[0]
        return w.absent(absent.reason, "", _key(item, w))
    if len(kept) == 1:
        w.check("numbers", texts[0], kept[0], w.type)
        return kept[0]
    result = min(kept) if shape.lower else max(kept)
    w.check("numbers", f"{'min' if shape.lower else 'max'}({', '.join(texts)})", result, w.type)
    return result


def _done(action: str) -> str:
    return {"zero": "counts as 0", "absent": "makes the whole absent"}.get(action, "left out")


def _key(item: Expr, w: Workings) -> Key | None:
    return w.view.key(item.ref) if isinstance(item, Read) else None
