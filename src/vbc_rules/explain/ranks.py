"""How a member stands among others: its rank, its percentile rank, its distance from the mean."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
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
    member_piece,
    members_text,
    piece,
    read_name,
)
from vbc_rules.explain.company import Company, company_of, numbered, tell_company
from vbc_rules.explain.numbers import literal
from vbc_rules.explain.together import Together, in_units, squared, total
from vbc_rules.explain.tree import Line
from vbc_rules.explain.words import rounding_arguments, rounding_words
from vbc_rules.explain.workings import Workings
from vbc_rules.language.absence import NO_VARIATION, TOO_FEW_PRESENT, Absent
from vbc_rules.language.types import COUNT, NUMBER
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Datum, Plain
from vbc_rules.resolve.program import Definition, StandingShape
from vbc_rules.run import exact


@dataclass(frozen=True, slots=True)
class Field:
    """The values compared, in the order of the members, and sorted as whole numbers of one unit."""

    values: dict[Path, Fraction]
    units: list[int]
    scale: int
    out: Counter[str]


def standing(definition: Definition, shape: StandingShape, w: Workings) -> Datum:
    """Return where this member stands, shown with how many it is compared with."""
    company = company_of(definition, shape, w)
    if isinstance(company, Absent):
        return company
    read = read_name(shape.subject, w.view)
    if isinstance(read, Absent) and _zero(shape, read) is None:
        return w.absent(read.reason, "", w.view.key(shape.subject.ref))
    field = _field(definition, shape, company, w)
    own = field.values[w.view.path]
    kind = shape.subject.type
    company = Company(company.paths, company.out + field.out)
    tell_company("compared", len(field.values), company, shape, w)
    _tell_members(shape, company, field, w)
    told = f"{shape.subject.ref.name}: {literal(own, kind)}"
    w.note("value", f"{told}, counted as 0" if isinstance(read, Absent) else told)
    higher = True
    if shape.better is not None:
        higher = evaluate(shape.better, w.view) == "higher"
        w.note("better", f"{'higher' if higher else 'lower'} is better")
    if shape.function == "z_score":
        return _z_score(shape, company, field, own, w, higher=higher)
    unit = int(own * field.scale)
    count, below = len(field.units), bisect_left(field.units, unit)
    equal = bisect_right(field.units, unit) - below
    worse = below if higher else count - below - equal
    if equal > 1:
        w.note("equal", f"{equal - 1:,} {'other has' if equal == 2 else 'others have'} the same value")
    if shape.function == "rank":
        return _rank(shape, field, unit, count - worse - equal, w, higher=higher)
    return _percentile(shape, count, worse, equal, w)


def _zero(shape: StandingShape, absent: Absent) -> Fraction | None:
    """Return what an absent value counts as; None where it is not compared."""
    counts = shape.policy is not None and shape.policy.action(absent.reason) == "zero"
    return Fraction(0) if counts else None


def _field(definition: Definition, shape: StandingShape, company: Company, w: Workings) -> Field:
    read = w.view.unlisted(shape.level, shape.subject)
    within = w.view.at(shape.within)
    key = (definition.ref, (*within, "values")) if not isinstance(within, Absent) else (definition.ref, ())
    known = w.view.scene.settled.get(key)
    if isinstance(known, Field):
        return known
    values: dict[Path, Fraction] = {}
    out: Counter[str] = Counter()
    for path in company.paths:
        value: Plain | Absent | None = read(path)
        if isinstance(value, Absent):
            said, value = str(value), _zero(shape, value)
            if value is None:
                out[said] += 1
                continue
        if not isinstance(value, Fraction):
            raise EvaluationError(Code.EVALUATION, "a quantity is wanted here", str(definition.ref))
        values[path] = value
    units, scale = in_units(list(values.values()))
    found = Field(values, sorted(units), scale, out)
    w.view.scene.settled[key] = found
    return found


def _tell_members(shape: StandingShape, company: Company, field: Field, w: Workings) -> None:
    """List the members compared, where they are listed one by one."""
    listed, rest = w.view.scene.listed(shape.level, shape.within, company.paths)
    if len(listed) < 2 and rest:
        return
    told: list[tuple[str, str]] = []
    for path in listed:
        member = w.view.member(shape.level, path, is_other=w.view.is_foreign(shape.level, path, shape.within))
        text = member_piece(shape.subject, member, [])
        counted = ", counted as 0" if path in field.values else ", not compared"
        told.append((member.label, f"{text}{counted}" if isinstance(text, Absent) else text.text))
    others = f"and {len(rest):,} {'other' if len(rest) == 1 else 'others'}" if rest else ""
    w.lines.append(Line("members", "members", members_text(told, shape.level, others)))


def _rank(shape: StandingShape, field: Field, unit: int, better: int, w: Workings, *, higher: bool) -> Fraction:
    said = f"{better:,} {'is' if better == 1 else 'are'} better"
    if shape.ties == "dense":
        above, below = field.units[bisect_right(field.units, unit) :], field.units[: bisect_left(field.units, unit)]
        better = len(set(above if higher else below))
        said = f"{better:,} different {'value is' if better == 1 else 'values are'} better"
    w.check("numbers", f"1 + {numbered(better)}", Fraction(1 + better), COUNT, said)
    return Fraction(1 + better)


def _percentile(shape: StandingShape, count: int, worse: int, equal: int, w: Workings) -> Datum:
    said = f"{worse:,} {'is' if worse == 1 else 'are'} worse; {shape.definition}"
    n, less = numbered(count), numbered(worse)
    match shape.definition:
        case "inclusive":
            if count == 1:
                return w.absent(TOO_FEW_PRESENT, "it is compared with no other")
            found, text = Fraction(worse, count - 1), f"{less} / ({n} - 1)"
        case "exclusive":
            found, text = Fraction(worse + 1, count + 1), f"({less} + 1) / ({n} + 1)"
        case _:
            found = (worse + Fraction(equal, 2)) / count
            text = f"({less} + {numbered(equal)} / 2) / {n}"
    w.check("numbers", text, found, w.type, said)
    return found


def _z_score(
    shape: StandingShape, company: Company, field: Field, own: Fraction, w: Workings, *, higher: bool
) -> Datum:
    if shape.rounding is None:
        raise EvaluationError(Code.EVALUATION, "a z_score is rounded")
    kind, values = shape.subject.type, list(field.values.values())
    divisor = len(values) - (1 if shape.definition == "sample" else 0)
    if divisor == 0:
        return w.absent(TOO_FEW_PRESENT, "it is compared with no other")
    listed, rest = w.view.scene.listed(shape.level, shape.within, company.paths)
    pieces = [piece(field.values[path], kind) for path in listed if path in field.values]
    others = Together([field.values[path] for path in rest if path in field.values])
    mean = total(values) / len(values)
    w.check("mean", gathered_text("mean", pieces, others, kind).text, mean, kind)
    centre = piece(mean, kind).right(ATOM)
    squares = [Piece(f"({each.text} - {centre}) * ({each.text} - {centre})", MINUS - 1) for each in pieces]
    if others.values:
        squares.append(piece(squared(others.quantities, mean), NUMBER))
    variance = squared(values, mean) / divisor
    w.check("variance", f"({added(squares).text}) / {numbered(divisor)}", variance, NUMBER, str(shape.definition))
    if variance == 0:
        return w.absent(NO_VARIATION, "all values compared are equal")
    deviation = exact.square_root(variance, 12)
    w.check("deviation", f"sqrt({literal(variance, NUMBER)}, 12)", deviation, NUMBER, "to 12 decimals; below, exactly")
    distance = own - mean if higher else mean - own
    unit, mode = shape.rounding.unit, shape.rounding.mode
    found = exact.round_root(distance**2 / variance, unit, mode, negative=distance < 0)
    value, near = piece(own, kind), piece(mean, kind)
    apart = f"{value.text} - {near.right(ATOM)}" if higher else f"{near.text} - {value.right(ATOM)}"
    arguments = rounding_arguments(shape.rounding, NUMBER)
    text = f"round(({apart}) / sqrt({literal(variance, NUMBER)}), {arguments})"
    w.check("numbers", text, found, NUMBER, rounding_words(shape.rounding, NUMBER))
    return found
