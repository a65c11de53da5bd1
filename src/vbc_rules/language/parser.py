"""Reads the text of a formula into an expression.

    expr = "if" expr "then" expr "else" expr | or
    or   = and {"or" and} ;  and = not {"and" not} ;  not = "not" not | cmp
    cmp  = sum [ relop sum [relop sum] | ["not"] "in" ("(" expr {"," expr} ")" | NAME) | "between" sum "and" sum
             | "is" ["not"] ("missing" | REASON) ]
    sum  = term {("+"|"-") term} ; term = unary {("*"|"/"|"of") unary} ; unary = "-" unary | primary ["on" primary]

Names stay words: whether `pg1` is a member or a value is settled in `resolve`.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Final, Literal, cast

from vbc_rules.language import syntax
from vbc_rules.language.functions import FUNCTIONS, GATHERS
from vbc_rules.language.lexer import RESERVED, FormulaError, Problem, Tokens, scan
from vbc_rules.language.rounding import ROUNDING_MODES
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.nearest import nearest
from vbc_rules.source.span import Span

MAX_LENGTH: Final = 5_000
MAX_DEPTH: Final = 60


_RELOPS: Final = frozenset(("=", "!=", "<", "<=", ">", ">="))
_BEGINS_VALUE: Final = frozenset(("name", "number", "date", "text", "yes", "no", "("))


def parse_formula(text: str, span: Span, findings: Findings) -> syntax.Expression | None:
    """Return the expression that `text` writes, or None after adding errors (VBC2xx) to `findings`. Never raises.

    `span` is the place of `text` in its file. Where it stands on one line as written, every part of the expression has
    its own place; in a text folded over several lines, or written with escapes, each part has the whole of `span`.
    A warning (VBC220, VBC221) does not keep the expression from being returned.
    """
    expression = None
    try:
        expression, problems = _read(text, span)
    except FormulaError as refused:
        problems = refused.problems
    for problem in problems:
        place = _place(text, span, problem.start, problem.stop)
        add = findings.error if problem.severity == "error" else findings.warning
        add(problem.code, problem.message, place, problem.help)
    return expression


def _read(text: str, span: Span) -> tuple[syntax.Expression, tuple[Problem, ...]]:
    """Return the expression and the warnings about it; raises FormulaError."""
    if len(text) > MAX_LENGTH:
        message = f"a formula is longer than {MAX_LENGTH:,} characters"
        raise FormulaError(Problem("VBC202", message, 0, len(text), "name its parts as values of their own"))
    tokens = scan(text)
    if len(tokens.kinds) == 1:
        raise FormulaError(Problem("VBC201", "a formula is empty", 0, len(text), "write a formula"))
    parser = _Parser(text, tokens, span)
    return parser.whole(), tuple(parser.warnings)


def _has_columns(text: str, span: Span) -> bool:
    return span.line == span.end_line and span.end_column - span.column == len(text)


def _place(text: str, span: Span, start: int, stop: int) -> Span:
    return span.part(start, stop) if _has_columns(text, span) else span


class _Parser:
    """One reading of one formula: the tokens and how far they are read."""

    __slots__ = (
        "_columns",
        "_depth",
        "_kinds",
        "_of_at",
        "_pos",
        "_span",
        "_starts",
        "_stops",
        "_text",
        "_texts",
        "warnings",
    )

    def __init__(self, text: str, tokens: Tokens, span: Span) -> None:
        self._text = text
        self._kinds = tokens.kinds
        self._texts = tokens.texts
        self._starts = tokens.starts
        self._stops = tokens.stops
        self._span = span
        self._columns = _has_columns(text, span)
        self._pos = 0
        self._depth = 0
        self._of_at = -1  # the last `of` outside parentheses in the term just read, or -1
        self.warnings: list[Problem] = []

    # --- the grammar, loosest first ----------------------------------------------------------------------------------

    def whole(self) -> syntax.Expression:
        expression = self._expr()
        if self._kinds[self._pos] != "end":
            raise self._misplaced()
        if len(self._kinds) > MAX_DEPTH and _height(expression) > MAX_DEPTH:
            raise FormulaError(self._too_deep(0, len(self._text)))
        return expression

    def _expr(self) -> syntax.Expression:
        self._enter()
        first = self._pos
        if self._kinds[first] == "if":
            node = self._conditional()
        else:
            node = self._and()
            if self._kinds[self._pos] == "or":
                operands = [node]
                while self._kinds[self._pos] == "or":
                    self._pos += 1
                    operands.append(self._and())
                node = syntax.Logic(self._from(first), "or", tuple(operands))
        self._depth -= 1
        return node

    def _conditional(self) -> syntax.Expression:
        first = self._pos
        self._pos += 1
        condition = self._expr()
        self._keyword("then", first)
        then = self._expr()
        self._keyword("else", first)
        otherwise = self._expr()
        return syntax.Conditional(self._from(first), condition, then, otherwise)

    def _keyword(self, word: str, first: int) -> None:
        if self._kinds[self._pos] == word:
            self._pos += 1
            return
        if self._kinds[self._pos] in ("end", ")", ",", "then", "else"):
            start, stop = self._starts[first], self._stops[first]
            help = "write `if .. then .. else ..`"
            raise FormulaError(Problem("VBC215", f"an `if` has no `{word}`", start, stop, help))
        raise self._misplaced()

    def _and(self) -> syntax.Expression:
        first = self._pos
        node = self._not() if self._kinds[first] == "not" else self._comparison()
        if self._kinds[self._pos] != "and":
            return node
        operands = [node]
        while self._kinds[self._pos] == "and":
            self._pos += 1
            operands.append(self._not() if self._kinds[self._pos] == "not" else self._comparison())
        return syntax.Logic(self._from(first), "and", tuple(operands))

    def _not(self) -> syntax.Expression:
        self._enter()
        first = self._pos
        self._pos += 1
        operand = self._not() if self._kinds[self._pos] == "not" else self._comparison()
        self._depth -= 1
        return syntax.Unary(self._from(first), "not", operand)

    def _comparison(self) -> syntax.Expression:
        first = self._pos
        left = self._sum()
        kind = self._kinds[self._pos]
        node: syntax.Expression
        if kind in _RELOPS:
            operands = [left]
            ops: list[syntax.CompareOp] = []
            while (op := self._kinds[self._pos]) in _RELOPS and len(ops) < 2:
                self._pos += 1
                ops.append(cast("syntax.CompareOp", op))
                operands.append(self._sum())
            node = syntax.Comparison(self._from(first), tuple(operands), tuple(ops))
        elif kind == "between":
            self._pos += 1
            low = self._sum()
            if self._kinds[self._pos] != "and":
                raise self._refusal("VBC210", "`between` has no `and`", "write `x between a and b`")
            self._pos += 1
            node = syntax.Between(self._from(first), left, low, self._sum())
        elif kind == "in" or (kind == "not" and self._kinds[self._pos + 1] == "in"):
            node = self._in(first, left)
        elif kind == "is":
            node = self._is(first, left)
        elif kind == "not" and self._kinds[self._pos + 1] == "between":
            raise self._refusal("VBC210", "`not` stands before the whole comparison", "write `not x between a and b`")
        else:
            return left
        after = self._kinds[self._pos]
        if after in _RELOPS:
            if isinstance(node, syntax.Comparison):
                raise self._refusal("VBC216", "more than two comparisons in a row", "join them with `and`")
            raise self._refusal("VBC216", "one comparison stands beside another", "put each comparison in parentheses")
        if after in ("is", "in", "between"):
            raise self._refusal("VBC216", "one comparison stands beside another", "put each comparison in parentheses")
        return node

    def _in(self, first: int, subject: syntax.Expression) -> syntax.Expression:
        negated = self._kinds[self._pos] == "not"
        self._pos += 2 if negated else 1
        at = self._pos
        if self._kinds[at] == "name" and self._kinds[at + 1] != "(":
            self._pos += 1
            name = syntax.Name(self._from(at), tuple(self._texts[at].split(".")))
            return syntax.In(self._from(first), subject, (name,), is_list=False, negated=negated)
        if self._kinds[at] != "(":
            raise self._refusal("VBC210", "`in` is followed by a list or a name", "write `x in (a, b)`")
        options = self._arguments(at)
        for i in range(at, self._pos):
            word = self._texts[i]
            if self._kinds[i] == "number" and "," in word and word[0] != "$":
                message = f"`{word}` in a list is read as one number"
                help = f"write `{word.replace(',', '')}` for one number, or a space after each comma between several"
                self.warnings.append(Problem("VBC221", message, self._starts[i], self._stops[i], help, "warning"))
        return syntax.In(self._from(first), subject, tuple(options), is_list=True, negated=negated)

    def _is(self, first: int, subject: syntax.Expression) -> syntax.Expression:
        self._pos += 1
        negated = self._kinds[self._pos] == "not"
        if negated:
            self._pos += 1
        at = self._pos
        kind, word = self._kinds[at], self._texts[at]
        if kind == "missing" or (kind == "name" and "." not in word):
            self._pos += 1
            reason = None if kind == "missing" else word
            return syntax.Is(self._from(first), subject, reason, negated, self._from(at))
        help = f"write `{'!=' if negated else '='}` to compare values"
        if kind == "present":
            help = "write `is missing`" if negated else "write `is not missing`"
        elif kind in ("in", "between"):
            help = f"write `{'not ' if negated and kind == 'in' else ''}{kind}` without `is`"
            if negated and kind == "between":
                help = "write `not x between a and b`"
        raise self._refusal("VBC210", "`is` is followed by `missing` or the reason of an absence", help)

    def _sum(self) -> syntax.Expression:
        first = self._pos
        node = self._term()
        while (op := self._kinds[self._pos]) in ("+", "-"):
            at, of_left = self._pos, self._of_at
            self._pos += 1
            right = self._term()
            if of_left >= 0 or self._of_at >= 0:
                self._warn_of(first, at, of_left)
            place, op_span = self._from(first), self._between(at, at)
            node = syntax.Binary(place, cast("Literal['+', '-']", op), node, right, op_span)
            self._of_at = -1  # told once
        return node

    def _warn_of(self, first: int, at: int, of_left: int) -> None:
        """Ask for parentheses where `of` meets `+` or `-`, at token `at`."""
        op = self._texts[at]
        left = self._text[self._starts[first] : self._stops[at - 1]]
        right = self._text[self._starts[at + 1] : self._stops[self._pos - 1]]
        of_at = of_left if of_left >= 0 else self._of_at
        left_of, right_of = of_left >= 0, self._of_at >= 0
        help = f"write `{f'({left})' if left_of else left} {op} {f'({right})' if right_of else right}`"
        message = f"`of` stands beside `{op}` without parentheses"
        self.warnings.append(Problem("VBC220", message, self._starts[of_at], self._stops[of_at], help, "warning"))

    def _term(self) -> syntax.Expression:
        first = self._pos
        of_at = -1
        node = self._unary()
        while (op := self._kinds[self._pos]) in ("*", "/", "of"):
            at = self._pos
            if op == "of":
                of_at = at
            self._pos += 1
            right = self._unary()
            op_span = self._between(at, at)
            node = syntax.Binary(self._from(first), cast("Literal['*', '/', 'of']", op), node, right, op_span)
        self._of_at = of_at
        return node

    def _unary(self) -> syntax.Expression:
        first = self._pos
        if self._kinds[first] == "-":
            self._enter()
            self._pos += 1
            operand = self._unary()
            self._depth -= 1
            return syntax.Unary(self._from(first), "-", operand)
        node = self._primary()
        if self._kinds[self._pos] == "on":
            self._pos += 1
            when = self._primary()
            if self._kinds[self._pos] == "on":
                raise self._refusal("VBC210", "`on` stands twice in a row", "put the first `x on date` in parentheses")
            return syntax.On(self._from(first), node, when)
        return node

    def _primary(self) -> syntax.Expression:
        at = self._pos
        kind, word = self._kinds[at], self._texts[at]
        if kind == "name":
            if self._kinds[at + 1] == "(":
                return self._call()
            self._pos = at + 1
            return syntax.Name(self._between(at, at), tuple(word.split(".")))
        if kind == "(":
            self._pos = at + 1
            node = self._expr()
            self._close(at)
            return node
        self._pos = at + 1
        place = self._between(at, at)
        if kind == "number":
            return _number(word, place)
        if kind in ("yes", "no"):
            return syntax.YesNoLiteral(place, kind == "yes")
        if kind == "text":
            return syntax.TextLiteral(place, word[1:-1].replace("''", "'"))
        if kind == "date":
            try:
                return syntax.DateLiteral(place, datetime.date.fromisoformat(word))
            except ValueError:
                self._pos = at
                message = f"`{word}` is not a day of the calendar"
                raise self._refusal("VBC206", message, "write a date that exists") from None
        self._pos = at
        raise self._no_value()

    # --- functions ---------------------------------------------------------------------------------------------------

    def _call(self) -> syntax.Expression:
        at = self._pos
        function = self._texts[at]
        if function not in FUNCTIONS and function not in GATHERS:
            known = nearest(function, sorted({*FUNCTIONS, *GATHERS}))
            help = f"write `{known}`" if known else f"write one of {', '.join(sorted({*FUNCTIONS, *GATHERS}))}"
            raise self._refusal("VBC212", f"`{function}` is not a function", help)
        place = self._between(at, at)
        if function in GATHERS:
            gathered = self._aggregate(at, function, place)
            if gathered is not None:
                return gathered
        self._pos = at + 1
        if self._kinds[at + 2] == ")":
            arguments = []
            self._pos = at + 3
        else:
            arguments = self._arguments(at + 1)
        self._check_arguments(at, function, arguments)
        return syntax.Call(self._from(at), function, tuple(arguments), place)

    def _aggregate(self, at: int, function: str, place: Span) -> syntax.Aggregate | None:
        """Read `sum(present score where counts)`; None if what stands in the parentheses is not one name."""
        name = at + 2
        present = self._kinds[name] == "present"
        if present:
            name += 1
        if self._kinds[name] != "name" or self._kinds[name + 1] not in (")", "where", "end"):
            if present:
                self._pos = name
                raise self._refusal("VBC214", "`present` is followed by one name", f"write `{function}(present name)`")
            return None
        self._pos = name + 1
        subject = syntax.Name(self._between(name, name), tuple(self._texts[name].split(".")))
        where = None
        if self._kinds[self._pos] == "where":
            self._pos += 1
            where = self._expr()
        self._close(at + 1)
        return syntax.Aggregate(self._from(at), function, present, subject, where, place)

    def _arguments(self, opening: int) -> list[syntax.Expression]:
        """Read what stands in the parentheses that open at token `opening`: one expression or more."""
        self._pos = opening + 1
        items = [self._expr()]
        while self._kinds[self._pos] == ",":
            self._pos += 1
            items.append(self._expr())
        if self._kinds[self._pos] == "where" and self._texts[opening - 1] in GATHERS:
            raise self._gathers_no_name(opening - 1)
        self._close(opening)
        return items

    def _check_arguments(self, at: int, function: str, arguments: list[syntax.Expression]) -> None:
        count = len(arguments)
        start, stop = self._starts[at], self._stops[self._pos - 1]
        several = GATHERS.get(function)
        if function in GATHERS and count < 2:
            if count == 1:
                raise self._gathers_no_name(at)
            raise FormulaError(
                Problem("VBC213", f"`{function}` has no argument", start, stop, f"write `{function}(name)`")
            )
        if several is not None:
            raise FormulaError(Problem("VBC213", f"`{function}` gathers one name, not several", start, stop, several))
        known = FUNCTIONS[function]
        if count < known.at_least or (known.at_most is not None and count > known.at_most):
            wants = f"{known.at_least} argument{'s' if known.at_least > 1 else ''}"
            message = f"`{function}` takes {wants}, not {count}"
            raise FormulaError(Problem("VBC213", message, start, stop, f"write `{known.written}`"))
        if function == "round":
            mode = arguments[2]
            if not isinstance(mode, syntax.Name) or mode.text not in ROUNDING_MODES:
                message = "the third argument of `round` is a way to round"
                help = f"write one of {', '.join(ROUNDING_MODES)}"
                raise FormulaError(Problem("VBC217", message, start, stop, help))

    def _gathers_no_name(self, at: int) -> FormulaError:
        function = self._texts[at]
        help = f"name what it gathers as a value first, then write `{function}(that_name)`"
        if GATHERS[function] is None:
            help += f", or compare several: `{function}(a, b)`"
        message = f"`{function}` of one argument gathers a name, not a calculation"
        start, stop = self._starts[at + 2], self._stops[self._pos - 1]
        if self._texts[self._pos - 1] == ")":
            stop = self._stops[self._pos - 2]
        return FormulaError(Problem("VBC214", message, start, stop, help))

    # --- places, limits and refusals ---------------------------------------------------------------------------------

    def _between(self, first: int, last: int) -> Span:
        span = self._span
        if not self._columns:
            return span
        column, line = span.column, span.line
        return Span(span.file, line, column + self._starts[first], line, column + self._stops[last])

    def _from(self, first: int) -> Span:
        """Return the place from token `first` to the last token read."""
        return self._between(first, self._pos - 1)

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FormulaError(self._too_deep(self._starts[self._pos], self._stops[self._pos]))

    @staticmethod
    def _too_deep(start: int, stop: int) -> Problem:
        message = f"a formula is nested more than {MAX_DEPTH} deep"
        return Problem("VBC203", message, start, stop, "name its parts as values of their own")

    def _close(self, opening: int) -> None:
        kind = self._kinds[self._pos]
        if kind == ")":
            self._pos += 1
            return
        if kind == "end":
            start, stop = self._starts[opening], self._stops[opening]
            raise FormulaError(Problem("VBC211", "a parenthesis is not closed", start, stop, "write `)` where it ends"))
        raise self._misplaced()

    def _refusal(self, code: str, message: str, help: str) -> FormulaError:
        return FormulaError(Problem(code, message, self._starts[self._pos], self._stops[self._pos], help))

    def _no_value(self) -> FormulaError:
        """Refuse the present token, where a value should begin."""
        kind = self._kinds[self._pos]
        before = self._texts[self._pos - 1] if self._pos else ""
        if kind == "end":
            return self._refusal(
                "VBC210", f"nothing follows `{before}`", "write a number, a name or a parenthesis at the end"
            )
        if kind in ("if", "not"):
            return self._refusal(
                "VBC210", f"`{kind}` stands inside a calculation", f"put it in parentheses: `({kind} ..)`"
            )
        if kind in ("present", "where"):
            help = "write it as in `sum(present score where counts)`"
            return self._refusal("VBC210", f"`{kind}` stands only inside a gathering of one name", help)
        if kind == "missing":
            return self._refusal("VBC210", "`missing` follows `is`", "write `x is missing`")
        if kind == ")" and before == "(":
            return self._refusal("VBC210", "nothing stands between the parentheses", "write a value between them")
        where = f" after `{before}`" if before else " first"
        return self._refusal(
            "VBC210", f"`{self._texts[self._pos]}` stands where a value should", f"write a value{where}"
        )

    def _misplaced(self) -> FormulaError:
        """Refuse the present token, which cannot follow a complete expression."""
        kind, word = self._kinds[self._pos], self._texts[self._pos]
        before = self._texts[self._pos - 1]
        if kind == ")":
            return self._refusal("VBC211", "a parenthesis closes that was never opened", "remove `)`, or write its `(`")
        if kind == ",":
            before_it = self._kinds[: self._pos]
            is_call = "if" in before_it and "then" not in before_it
            help = "write `if .. then .. else ..`, without commas" if is_call else "remove it"
            return self._refusal("VBC210", "a comma stands only between arguments and in lists", help)
        if kind == "where":
            help = "write it as in `sum(present score where counts)`"
            return self._refusal("VBC210", "`where` stands only inside a gathering of one name", help)
        if kind in _BEGINS_VALUE or kind in ("if", "not"):
            help = "write an operator between them, such as `+`, `*`, `of`, `and`"
            if before == "absent":
                help = f"a formula gives no absence: write `choose`, with a case `is: absent {word}`"
            return self._refusal("VBC210", f"no operator stands between `{before}` and `{word}`", help)
        if kind in RESERVED:
            return self._refusal(
                "VBC210", f"`{word}` cannot stand here", "remove it, or put what it belongs to in parentheses"
            )
        return self._refusal("VBC216", f"`{word}` cannot follow `{before}`", "put each comparison in parentheses")


def _number(word: str, place: Span) -> syntax.NumberLiteral:
    kind: syntax.NumberKind = "number"
    if word[0] == "$":
        word, kind = word[1:], "money"
    elif word[-1] == "%":
        word, kind = word[:-1], "percent"
    return syntax.NumberLiteral(place, Decimal(word.replace(",", "")), kind)


def _height(expression: syntax.Expression) -> int:
    """Return how many expressions lie within one another at the deepest place; later stages rely on its limit."""
    height, layer = 0, [expression]
    while layer:
        height += 1
        layer = [child for node in layer for child in syntax.children(node)]
    return height
