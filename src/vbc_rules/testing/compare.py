"""What came out beside what was expected."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from vbc_rules.api.cohort import CohortResult
from vbc_rules.api.program import Program
from vbc_rules.api.result import Result
from vbc_rules.api.views import RootTrace, key_of
from vbc_rules.errors import Code, EvaluationError, InputError, InputProblem, VbcError
from vbc_rules.language.absence import Absent
from vbc_rules.language.document import Word
from vbc_rules.language.types import Type
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Datum, Expr, Gather, IsAbsent, Read, Ref, children
from vbc_rules.run.settle import line_of, place
from vbc_rules.run.trace import Trace
from vbc_rules.source.span import Span
from vbc_rules.testing.expecting import Expected, ExpectedCount, ExpectedValue, Whose

Outcome: TypeAlias = Result | CohortResult | InputError | EvaluationError

_BEHIND = re.compile(r" \(.*\)$")
_NUMBERED = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that came out other than expected, on the engines named.

    `where` is the value, `expected` what the test says at `span`, `found` what came out, both as they are written in
    tests; `explanation` is how the value came about, in short (empty where there is none).
    """

    span: Span
    engines: tuple[str, ...]
    where: str
    expected: str
    found: str
    explanation: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return the failure as plain data."""
        return {
            "file": self.span.file.name,
            "line": self.span.line,
            "column": self.span.column,
            "engines": list(self.engines),
            "where": self.where,
            "expected": self.expected,
            "found": self.found,
            "explanation": self.explanation,
        }

    def __str__(self) -> str:
        told = f"{self.span}: {self.where}: expected {self.expected}, found {self.found} [{', '.join(self.engines)}]"
        return "\n".join([told, *(f"    {line}" for line in self.explanation.splitlines() if line)])


def compare_values(outcome: Outcome, expected: tuple[Expected, ...], place_: Span, engine: str) -> Iterator[Failure]:
    """Yield what differs from the values expected; `place_` is the test's own place."""
    if isinstance(outcome, InputError | EvaluationError):
        yield Failure(place_, (engine,), "the inputs", "a result", str(outcome))
        return
    short = set()
    views: dict[Whose, Trace | None] = {}
    for one in expected:
        whose = one.whose
        if whose not in views:
            views[whose] = _view(outcome, whose)
            if views[whose] is None:
                yield Failure(one.span, (engine,), whose.label, "a group", "no group that goes by this")
        trace = views[whose]
        if trace is None:
            continue
        if isinstance(one, ExpectedCount):
            count = trace.count(one.level, one.above)
            if count != one.count:
                short.add((whose, one.level, one.above))
                where = _of(f"`{one.level}`", whose)
                yield Failure(one.span, (engine,), where, f"{one.count} items", f"{count} items")
            continue
        if any((other, one.path[: len(above)]) == (whose, above) for other, _, above in short):
            continue  # an item that is not there, or is another one: the count has been told
        found = trace.value(one.ref, one.path)
        if found != one.value or type(found) is not type(one.value):
            yield _difference(outcome, trace, one, found, engine)


def _of(where: str, whose: Whose) -> str:
    return f"{whose.label}: {where}" if whose.label else where


def _view(outcome: Result | CohortResult, whose: Whose) -> Trace | None:
    """Return what is seen from where a value is expected; None where there is no such group."""
    if isinstance(outcome, Result):
        return outcome.trace
    program = outcome.program.resolved
    if whose.level == program.participant:
        return outcome[str(whose.key[0])].trace
    if whose.level == COHORT:
        return RootTrace(program, outcome.trace, COHORT, ())
    for number in range(outcome.trace.count(whose.level, ())):
        if key_of(program, outcome.trace, whose.level, number) == whose.key:
            return RootTrace(program, outcome.trace, whose.level, (number,))
    return None


def _difference(outcome: Result | CohortResult, trace: Trace, one: ExpectedValue, found: Datum, engine: str) -> Failure:
    from vbc_rules.explain import explain  # noqa: PLC0415 (needed only where a test fails)
    from vbc_rules.explain.text import render_text  # noqa: PLC0415 (as above)

    program = outcome.program.resolved
    explanation = ""  # where none can be told, the value stands
    try:
        if isinstance(trace, RootTrace) and isinstance(outcome, CohortResult):
            at = trace.absolute(one.ref.level, one.path)
            if not isinstance(at, Absent):
                explanation = render_text(explain(program, outcome.trace, one.ref, at, depth=1))
        else:
            explanation = render_text(explain(program, trace, one.ref, one.path, depth=1))
    except (VbcError, KeyError):
        pass
    where = _of(place(program, one.ref, one.path), one.whose)
    return Failure(one.span, (engine,), where, one.text, written(found, one.type), explanation)


def compare_refusal(outcome: Outcome, refused: tuple[Word, ...], program: Program, engine: str) -> Iterator[Failure]:
    """Yield the names that were not refused although a test says so; then, what was refused beside them."""
    names = " and ".join(f"`{word.text}`" for word in refused)
    if isinstance(outcome, EvaluationError) and outcome.code == Code.ALLOCATION:
        # A pool that cannot be shared as the file says is refused, too: it is told at its payment.
        outcome = InputError(InputProblem(outcome.code, outcome.where, outcome.message, outcome.row))
    if not isinstance(outcome, InputError):
        found = str(outcome) if isinstance(outcome, EvaluationError) else "a result"
        yield Failure(refused[0].span, (engine,), "the inputs", f"{names} refused", found)
        return
    places = [(problem, _concerned(problem, program)) for problem in outcome.problems]
    missed = [word for word in refused if not any(_names(word.text, concerned) for _, concerned in places)]
    for word in missed:
        yield Failure(word.span, (engine,), "the inputs", f"`{word.text}` refused", str(outcome))
    for problem, concerned in places if not missed else ():
        if not any(_names(word.text, concerned) for word in refused):
            yield Failure(refused[0].span, (engine,), "the inputs", f"only {names} refused", str(problem))


def _concerned(problem: InputProblem, program: Program) -> tuple[tuple[str, ...], ...]:
    """Return the inputs that a problem is about, each as its names from the outermost level inward.

    What is expected among several inputs is about each of them, and of members counted about their level, wherever the
    problem is placed.
    """
    # A place is `rate`, `measure.hai_5.rate`, `case[2].cost` or `case.cost (item 2)`.
    place_ = tuple(_NUMBERED.sub("", _BEHIND.sub("", problem.where)).split("."))
    if problem.code != Code.EXPECTATION:
        return (place_,)
    broken = [one for one in program.resolved.expected if f"`{one.text}` ({line_of(one.span)})" in problem.message]
    return (place_, *((ref.level, ref.name) for one in broken for ref in names_expected(one.condition)))


def names_expected(expr: Expr) -> Iterator[Ref]:
    """Yield what an expectation reads; members that it counts are read by their level's name."""
    if isinstance(expr, Read | IsAbsent):
        yield expr.ref
    elif isinstance(expr, Gather) and expr.item is None:
        yield Ref(expr.level, expr.level)
    for part in children(expr):
        yield from names_expected(part)


def _names(name: str, concerned: tuple[tuple[str, ...], ...]) -> bool:
    level, _, bare = name.rpartition(".")
    return any(parts[-1] == bare and (not level or level in parts[:-1]) for parts in concerned)


def written(value: Datum, type_: Type) -> str:
    """Return a value as it is written in a test."""
    match value:
        case Absent():
            return value.reason
        case bool():
            return "yes" if value else "no"
        case Fraction():
            return _quantity(value, type_)
        case datetime.date():
            return value.isoformat()
        case _:
            return value


def _quantity(value: Fraction, type_: Type) -> str:
    from vbc_rules.explain.numbers import ends, quantity_text  # noqa: PLC0415 (needed only where a test fails)

    shown = value * 100 if type_.kind == "percent" else value
    if ends(shown):
        return quantity_text(value, type_.kind)
    dollar, percent = "$" * (type_.kind == "money"), "%" * (type_.kind == "percent")
    return f"{'-' if value < 0 else ''}{dollar}{abs(shown.numerator)}/{shown.denominator}{percent}"
