"""What is looked up or computed by a call: dated parameters, dates, roots and exponentials."""

from __future__ import annotations

import datetime
from fractions import Fraction

from vbc_rules.errors import EvaluationError
from vbc_rules.resolve.expressions import Apply
from vbc_rules.resolve.program import Parameter, Program
from vbc_rules.run import settle
from vbc_rules.run.scalar import functions
from vbc_rules.run.scalar import representation as carry
from vbc_rules.run.scalar.emit import Writer
from vbc_rules.run.scalar.representation import Carrier, constant
from vbc_rules.run.scalar.values import Values


class Calls(Values):
    """Writes code that calls helpers.

    `noting` is the number under which a step notes that it reads a dated parameter carried past what is stated, in the
    argument `noted` of the function; None where nothing is noted.
    """

    def __init__(self, program: Program, writer: Writer) -> None:
        super().__init__(writer)
        self.program = program
        self.noting: int | None = None

    def irrational(self, expr: Apply, value: Carrier, digits: Carrier) -> Carrier:
        exact = carry.quantity(digits)
        if exact is None:
            raise TypeError(f"{expr.function} takes its digits as a number written in the file")
        places = int(exact)
        name = "square_root" if expr.function == "sqrt" else "exponential"
        function = self.writer.function(name, getattr(functions, name))
        below = carry.product(str(value.divisor), value.denominator)
        number = value.code if not value.is_constant else carry.scaled(value, value.divisor)
        return Carrier("number", f"{function}({number}, {below}, {places})", 10**places, low=Fraction(0))

    def of_dates(self, expr: Apply, arguments: list[Carrier]) -> Carrier:
        name = expr.function
        helper = getattr(functions, name)
        given = [
            functions.ordinal(argument.constant) if isinstance(argument.constant, datetime.date | Fraction) else None
            for argument in arguments
        ]
        kind = "date" if name == "add_months" else "number"
        if None not in given:
            found = helper(*given)
            return constant(datetime.date.fromordinal(found) if kind == "date" else Fraction(found))
        codes = [
            carry.scaled(argument, 1) if argument.kind == "number" and argument.is_constant else argument.code
            for argument in arguments
        ]
        if name == "days_between":
            return Carrier("number", f"({codes[1]} - {codes[0]})")
        code = f"{self.writer.function(name, helper)}({', '.join(codes)})"
        return Carrier("date" if kind == "date" else "number", code)

    def stated(self, parameter: Parameter, date: datetime.date | None, role: str) -> Carrier:
        """Return a dated parameter's value on a day known when compiling; reading what is not stated is refused."""
        try:
            found = settle.stated(parameter, date, role)
            if found.carried:
                self._note(parameter)
            return constant(found.value)
        except EvaluationError:
            self.writer.add("raise Refused")
            return constant(next(entry.value for entry in parameter.dated if entry.value is not None))

    def on_date(self, parameter: Parameter, when: Carrier, role: str) -> Carrier:
        """Return a dated parameter's value on a day."""
        if isinstance(when.constant, datetime.date):
            return self.stated(parameter, when.constant, role)
        look_up, divisor, low, high = functions.dated_function(parameter, role)
        name = self.writer.function(self.writer.fresh("on_date_"), look_up)
        if parameter.carry_after and self.noting is not None:
            when = self.simple(when)
        # Looked up even where what follows does not need it: a date that is not stated is an error wherever it is read.
        code = self.writer.temporary(f"{name}({when.code})")
        end = parameter.stated_through or parameter.dated[-1].last
        if parameter.carry_after and self.noting is not None and end is not None:
            with self.writer.inside(self.writer.branch(f"({when.code} > {end.toordinal()})")[0]):
                self._note(parameter)
        if divisor is None:
            sample = next(entry.value for entry in parameter.dated if entry.value is not None)
            return Carrier(constant(sample).kind, code)
        return Carrier("number", code, divisor, low=low, high=high)

    def _note(self, parameter: Parameter) -> None:
        """Write that a parameter is read carried past what is stated."""
        if self.noting is not None:
            self.writer.add(f"noted[{self.noting}, {parameter.name!r}] = None")
