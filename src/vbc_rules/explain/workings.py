"""One rule worked through again at one instance: its lines, what it arrives at, and where an absence came from."""

from __future__ import annotations

import datetime
from fractions import Fraction

from vbc_rules.errors import Code, EvaluationError
from vbc_rules.explain.arithmetic import condition_line, equation, evaluate, holds, piece, read_name, render
from vbc_rules.explain.numbers import about, is_exact, literal
from vbc_rules.explain.tree import Line
from vbc_rules.explain.view import Key, View
from vbc_rules.explain.words import Author, rounding_arguments, rounding_words
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import Type
from vbc_rules.resolve.expressions import Datum, Expr, Plain, Read, Rounding
from vbc_rules.resolve.program import Outcome
from vbc_rules.run import exact


class Workings:
    """Collects the lines of one value; used once."""

    def __init__(self, view: View, author: Author, type_: Type) -> None:
        """Work at the instance `view`, in the words of `author`, towards a value of `type_`."""
        self.view = view
        self.author = author
        self.type = type_
        self.lines: list[Line] = []
        self.because: Key | None = None
        """The name from which an absence came; None where it arose here."""
        self.reason = ""
        """The reason of an absence, also where a payment then pays nothing."""
        self.cause = ""
        """Why an absence arose here."""

    # --- saying

    def note(self, label: str, text: str, note: str = "") -> None:
        """Add a line of words."""
        self.lines.append(Line("note", label, text, note=note))

    def check(self, label: str, text: str, value: Plain, type_: Type, note: str = "") -> None:
        """Add a checked line of arithmetic, unless it would say `5 = 5`."""
        if text != literal(value, type_):
            said = note or about(value, type_)
            line = equation(text, value, type_)
            self.lines.append(Line("numbers", label, line, checked=is_exact(line), note=said))

    def test(self, label: str, condition: Expr, note: str) -> bool:
        """Add a condition with its numbers put in, and return whether it holds."""
        aside: list[Line] = []
        text = render(condition, self.view, aside).text
        self.lines.extend(aside)
        line = condition_line(condition, text, self.view)
        self.lines.append(Line("test", label, line, checked=is_exact(line), note=note))
        return holds(condition, self.view)

    def forget(self) -> None:
        """Leave out everything said so far."""
        self.lines.clear()
        self.reason, self.cause, self.because = "", "", None

    def absent(self, reason: str, cause: str, because: Key | None = None) -> Absent:
        """Return an absence, with why it arose here or the name it came from."""
        self.reason, self.cause, self.because = reason, cause, because
        return Absent(reason)

    # --- working

    def compute(self, label: str, expr: Expr, type_: Type | None = None, note: str = "") -> Plain:
        """Return the value of `expr`, and show it with its numbers put in."""
        aside: list[Line] = []
        text = render(expr, self.view, aside).text
        value = evaluate(expr, self.view)
        self.lines.extend(aside)
        self.check(label, text, value, type_ or _shown(expr.type, self.type), note)
        return value

    def quantity(self, label: str, expr: Expr, note: str = "") -> Fraction:
        """Return a quantity, as `compute` does. Raises EvaluationError for anything else."""
        found = self.compute(label, expr, None, note)
        if not isinstance(found, Fraction):
            raise EvaluationError(Code.EVALUATION, "a quantity is wanted here", label)
        return found

    def outcome(self, outcome: Outcome) -> Datum:
        """Return what a case gives, shown step by step."""
        if outcome.expr is None:
            reason = outcome.absent or ""
            return self.absent(reason, f"the rule gives `absent {reason}` here")
        if isinstance(outcome.expr, Read):
            found = read_name(outcome.expr, self.view)
            if isinstance(found, Absent):
                return self.absent(found.reason, "", self.view.key(outcome.expr.ref))
        else:
            found = self.compute("numbers", outcome.expr, self.type)
        return self.finish(found, outcome.at_least, outcome.at_most, outcome.rounding)

    def finish(self, found: Datum, at_least: Expr | None, at_most: Expr | None, rounding: Rounding | None) -> Datum:
        """Return `found` raised to a floor, lowered to a cap, then rounded, each shown where it acted."""
        if isinstance(found, Absent):
            return found
        if at_least is not None:
            found = self._bound(found, at_least, is_floor=True)
        if at_most is not None:
            found = self._bound(found, at_most, is_floor=False)
        if rounding is not None and isinstance(found, Fraction):
            rounded = exact.round_to(found, rounding.unit, rounding.mode)
            if rounded != found:
                before, after = literal(found, self.type), literal(rounded, self.type)
                text = equation(f"round({before}, {rounding_arguments(rounding, self.type)})", rounded, self.type)
                self.lines.append(
                    Line(
                        "rounding",
                        "rounded",
                        text,
                        checked=is_exact(text),
                        note=rounding_words(rounding, self.type),
                        before=before,
                        after=after,
                    )
                )
            found = rounded
        return found

    def _bound(self, found: Plain, bound: Expr, *, is_floor: bool) -> Plain:
        label, kind, function = ("at least", "floor", "max") if is_floor else ("at most", "cap", "min")
        limit = self.compute(label, bound, self.type, self.author.words(bound))
        before, at = piece(found, self.type).text, piece(limit, self.type).text
        if within(found, limit, is_floor=is_floor):
            test = f"{before} {'>=' if is_floor else '<='} {at} is yes"
            self.lines.append(Line("test", label, test, checked=is_exact(test), note=f"the {kind} does not act"))
            return found
        text = equation(f"{function}({before}, {at})", limit, self.type)
        self.lines.append(
            Line(
                "floor" if is_floor else "cap",
                label,
                text,
                checked=is_exact(text),
                note=f"the {kind} acts: {self.author.words(bound)}",
                before=before,
                after=literal(limit, self.type),
            )
        )
        return limit


def within(found: Plain, limit: Plain, *, is_floor: bool) -> bool:
    """Return whether a floor (or a cap) leaves a quantity or a date as it is."""
    if isinstance(found, datetime.date) and isinstance(limit, datetime.date):
        return found >= limit if is_floor else found <= limit
    if isinstance(found, Fraction) and isinstance(limit, Fraction):
        return found >= limit if is_floor else found <= limit
    raise EvaluationError(Code.EVALUATION, "only a quantity or a date has a floor or a cap")


def _shown(type_: Type, wanted: Type) -> Type:
    """Return the type in which to write a value: a ratio as what its place wants."""
    return wanted if type_.kind == "ratio" and wanted.is_numeric else type_
