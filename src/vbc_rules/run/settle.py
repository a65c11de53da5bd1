"""What every engine says in the same words: where a thing stands and what is wrong with it, never an input's value."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from vbc_rules.errors import Code, EvaluationError, InputProblem, UsageError
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import NOT_GIVEN, Path
from vbc_rules.resolve.expressions import Constant, Datum, Expr, IsAbsent, Plain, Read, Ref, children
from vbc_rules.resolve.program import DatedValue, Expectation, Guarantee, Parameter, Program
from vbc_rules.source.span import Span


def place(program: Program, ref: Ref, path: Path) -> str:
    """Return where a slot stands: `payments`, `domain.points (safety)`, `case.cost (item 2)` (items counted from 1)."""
    own = ref.name if ref.level in ("", program.participant) else str(ref)
    steps = ", ".join(step if isinstance(step, str) else f"item {step + 1}" for step in path)
    return f"{own} ({steps})" if steps else own


def line_of(span: Span) -> str:
    """Return `file:line`; the file by its own name, since where it lies is nobody's business who calls a service."""
    return f"{span.file.name.replace(chr(92), '/').rpartition('/')[2]}:{span.line}"


# --- inputs


def missing(where: str) -> InputProblem:
    """Return the problem of an input that was not given."""
    return InputProblem(
        Code.MISSING, where, "is not given; give its value, or a reason for its absence that is permitted"
    )


def wrong_absence(where: str, reasons: tuple[str, ...]) -> InputProblem:
    """Return the problem of an input that is absent for a reason its declaration does not permit."""
    permitted = f"give its value, or one of {', '.join(reasons)}" if reasons else "give its value"
    return InputProblem(Code.ABSENCE, where, f"may not be absent for this reason; {permitted}")


def not_expected(where: str, otherwise: str) -> InputProblem:
    """Return the problem of an input that was given where its `only_if` does not hold."""
    return InputProblem(Code.ABSENCE, where, f"is not expected here; leave it out (it is absent: {otherwise})")


def too_many(where: str, at_most: int) -> InputProblem:
    """Return the problem of a list with more items than declared."""
    return InputProblem(Code.TOO_MANY, where, f"has more than {at_most:,} items, the most that the program allows")


def duplicate(where: str) -> InputProblem:
    """Return the problem of a list item whose key an earlier item of the list has."""
    return InputProblem(Code.DUPLICATE, where, "has the same key as an earlier item of its list; give each key once")


def broken(program: Program, expectation: Expectation, path: Path) -> InputProblem:
    """Return the problem of inputs that break what the file expects, at the instance `path` of the expectation's level.

    Its place is the first input that the condition reads.
    """
    chain = program.chain(expectation.level)
    where = ""
    for ref in _inputs_read(program, expectation.condition):
        above = path[: depth(program, ref.level)] if ref.level in chain else ()
        where = place(program, ref, above)
        break
    rule = f"`{expectation.text}` ({line_of(expectation.span)})"
    return InputProblem(Code.EXPECTATION, where, f"does not meet what the program expects: {rule}")


def depth(program: Program, level: str) -> int:
    """Return how many keys lead from what a level hangs from (participant, group, cohort) to an instance of it."""
    return program.chain(level).index(program.root(level)) if level else 0


def _inputs_read(program: Program, expr: Expr) -> Iterator[Ref]:
    if isinstance(expr, Read | IsAbsent) and expr.ref in program.inputs:
        yield expr.ref
    for part in children(expr):
        yield from _inputs_read(program, part)


def settled(cell: Datum, where: str, reasons: tuple[str, ...]) -> Datum | InputProblem:
    """Return the value of an input that is expected, or what is wrong with it."""
    if cell is NOT_GIVEN:
        return missing(where)
    if isinstance(cell, Absent) and cell.reason not in reasons:
        return wrong_absence(where, reasons)
    return cell


def settled_otherwise(cell: Datum, where: str, otherwise: str) -> Datum | InputProblem:
    """Return the value of an input that is not expected (absent for `otherwise`), or what is wrong with it."""
    absent = Absent(otherwise)
    return absent if cell is NOT_GIVEN or cell is absent else not_expected(where, otherwise)


# --- evaluation


def needs_cohort(program: Program) -> UsageError:
    """Return the error of evaluating one participant of a program that computes across participants."""
    names = [f"`{ref.name}`" for ref in program.spanning]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    one = program.levels[program.participant].title
    return UsageError(
        Code.USAGE,
        f"one {one} alone cannot be evaluated: {shown} need every {one} of the cohort; "
        "pass all rows to `evaluate_cohort`",
    )


def violated(where: str, guarantee: Guarantee) -> EvaluationError:
    """Return the error of a guarantee that does not hold."""
    rule = f"`{guarantee.text}` ({line_of(guarantee.span)})"
    return EvaluationError(Code.EVALUATION, f"the guarantee does not hold: {rule}", where)


def impossible(what: str, span: Span, where: str = "") -> EvaluationError:
    """Return the error of something that a checked program never does."""
    return EvaluationError(Code.EVALUATION, f"{what} ({line_of(span)})", where)


def unshareable(what: str, span: Span) -> EvaluationError:
    """Return the error of a pool that the data make impossible to share as the file says."""
    return EvaluationError(Code.ALLOCATION, f"{what} ({line_of(span)})")


@dataclass(frozen=True, slots=True)
class Stated:
    """A dated parameter's value at a date; `carried` where it was carried past the last day stated."""

    value: Plain
    carried: bool


def stated(parameter: Parameter, date: datetime.date | None, role: str) -> Stated:
    """Return a dated parameter's value on `date` (None: at any time, for a parameter that never changes).

    `role` says in the message what the date is. Raises EvaluationError where the value is not stated.
    """
    end = parameter.stated_through or parameter.dated[-1].last
    after = date is not None and end is not None and date > end
    if after and not parameter.carry_after:
        raise _unstated(parameter, role)
    found = _entry(parameter, end if after else date)
    if found is None or found.value is None:
        raise _unstated(parameter, role)
    return Stated(found.value, after)


def _entry(parameter: Parameter, date: datetime.date | None) -> DatedValue | None:
    for entry in parameter.dated:
        starts = entry.first is None or (date is not None and entry.first <= date)
        ends = entry.last is None or (date is not None and date <= entry.last)
        if starts and ends:
            return entry
    return None


def _unstated(parameter: Parameter, role: str) -> EvaluationError:
    message = f"`{parameter.name}` is not stated for {role} ({line_of(parameter.span)}); state it in the rule file"
    return EvaluationError(Code.UNSTATED, message)


def carried(parameter: Parameter) -> str:
    """Return the warning that a dated parameter was carried past the last day stated."""
    end = parameter.stated_through or parameter.dated[-1].last
    return f"`{parameter.name}` is stated through {end}; its last value was carried past that day"


def date_role(when: Expr) -> str:
    """Return what a date is in a rule's words: an input's date is never told, only its name."""
    match when:
        case Read():
            return f"`{when.ref}`"
        case Constant():
            return when.text
        case _:
            return f"the date at {line_of(when.span)}"


def start_of(program: Program) -> tuple[datetime.date | None, str]:
    """Return the date at which a dated parameter is read that names no date, and what that date is."""
    period = program.document.in_force
    if period.first is not None:
        return period.first, "the first day in force"
    return period.last, "the last day in force"
