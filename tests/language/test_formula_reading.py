"""What formulas read as: each beside its expression, written with the operator first."""

from __future__ import annotations

import datetime
import time
from decimal import Decimal

import pytest

from vbc_rules.language import syntax
from vbc_rules.language.parser import parse_formula
from vbc_rules.language.show import show
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.span import SourceFile, Span


def place(text: str) -> Span:
    """Return the place of `text` as line 3 of a file, from column 10."""
    file = SourceFile("program.yaml", "\n\n" + " " * 9 + text)
    return Span(file, 3, 10, 3, 10 + len(text))


def read(text: str) -> syntax.Expression:
    """Return the expression of a formula that has no error."""
    findings = Findings()
    expression = parse_formula(text, place(text), findings)
    assert findings.errors == ()
    assert expression is not None
    return expression


def prefix(e: syntax.Expression) -> str:
    """Write an expression with its operator first, everything in parentheses."""
    match e:
        case syntax.NumberLiteral(value=value, kind=kind):
            return {"number": f"{value}", "percent": f"{value}%", "money": f"${value}"}[kind]
        case syntax.TextLiteral(value=text):
            return repr(text)
        case syntax.DateLiteral(value=day):
            return day.isoformat()
        case syntax.YesNoLiteral(value=holds):
            return "yes" if holds else "no"
        case syntax.Name():
            return e.text
        case syntax.Unary():
            return f"({e.op} {prefix(e.operand)})"
        case syntax.Binary():
            return f"({e.op} {prefix(e.left)} {prefix(e.right)})"
        case syntax.Logic():
            return f"({e.op} {' '.join(map(prefix, e.operands))})"
        case syntax.Comparison():
            return f"({' '.join(e.ops)} {' '.join(map(prefix, e.operands))})"
        case syntax.Between():
            return f"(between {prefix(e.subject)} {prefix(e.low)} {prefix(e.high)})"
        case syntax.In():
            options = " ".join(map(prefix, e.options))
            head = "not-in" if e.negated else "in"
            return f"({head} {prefix(e.subject)} {f'[{options}]' if e.is_list else options})"
        case syntax.Is():
            return f"({'is-not' if e.negated else 'is'} {prefix(e.subject)} {e.reason or 'MISSING'})"
        case syntax.Conditional():
            return f"(if {prefix(e.condition)} {prefix(e.then)} {prefix(e.otherwise)})"
        case syntax.On():
            return f"(on {prefix(e.subject)} {prefix(e.when)})"
        case syntax.Call():
            return f"({e.function} {' '.join(map(prefix, e.arguments))})"
        case syntax.Aggregate():
            where = f" where {prefix(e.where)}" if e.where else ""
            return f"({e.function}! {'present ' if e.present else ''}{e.subject.text}{where})"


READINGS = [
    # literals
    ("12500", "12500"),
    ("12,500", "12500"),
    ("1,234,567.80", "1234567.80"),
    ("0.869247", "0.869247"),
    ("1.10", "1.10"),
    ("5%", "5%"),
    ("77.4970%", "77.4970%"),
    ("$1,250.00", "$1250.00"),
    ("$0", "$0"),
    ("-5%", "(- 5%)"),
    ("2019-01-31", "2019-01-31"),
    ("2019 - 1 - 31", "(- (- 2019 1) 31)"),
    ("'children''s wing'", '"children\'s wing"'),
    ("yes", "yes"),
    ("measure.rate", "measure.rate"),
    ("hospital.domain.measure_2", "hospital.domain.measure_2"),
    # arithmetic
    ("a - b - c", "(- (- a b) c)"),
    ("a + b * c / d", "(+ a (/ (* b c) d))"),
    ("(a + b) * c", "(* (+ a b) c)"),
    ("cap of total_score of payments", "(of (of cap total_score) payments)"),
    ("full_rate * (100% - s) of difference", "(of (* full_rate (- 100% s)) difference)"),
    ("-loss_cap of target", "(of (- loss_cap) target)"),
    ("- -a", "(- (- a))"),
    ("a--b", "(- a (- b))"),
    ("-fee on paid_on", "(- (on fee paid_on))"),
    ("fee on 2019-01-31 * 2", "(* (on fee 2019-01-31) 2)"),
    # comparison
    ("a < b <= c", "(< <= a b c)"),
    ("a + 1 >= b", "(>= (+ a 1) b)"),
    ("a = b = c", "(= = a b c)"),
    ("x between 1 and 2 and y", "(and (between x 1 2) y)"),
    ("peer_group in (pg1, pg2)", "(in peer_group [pg1 pg2])"),
    ("code not in vbr_codes", "(not-in code vbr_codes)"),
    ("code in (99202)", "(in code [99202])"),
    ("rate is missing", "(is rate MISSING)"),
    ("rate is not missing", "(is-not rate MISSING)"),
    ("rate is below_minimum", "(is rate below_minimum)"),
    # logic
    ("a or b and not c", "(or a (and b (not c)))"),
    ("a and b and c", "(and a b c)"),
    ("(a and b) and c", "(and (and a b) c)"),
    ("not a = b", "(not (= a b))"),
    ("not not a", "(not (not a))"),
    ("if done_on is missing then no else done_on <= due", "(if (is done_on MISSING) no (<= done_on due))"),
    ("if a then 1 else if b then 2 else 3", "(if a 1 (if b 2 3))"),
    # functions
    ("gain(rate, prior_rate) >= improve_by", "(>= (gain rate prior_rate) improve_by)"),
    ("round(x / 3, 2, down)", "(round (/ x 3) 2 down)"),
    ("max(-shared, $0)", "(max (- shared) $0)"),
    ("min(1,250, x)", "(min 1250 x)"),
    ("min(1, 250, x)", "(min 1 250 x)"),
    ("min(a,1)", "(min a 1)"),
    ("abs(x)", "(abs x)"),
    ("year(paid_on)", "(year paid_on)"),
    # gatherings
    ("sum(operating_payments)", "(sum! operating_payments)"),
    ("max(measure.rate)", "(max! measure.rate)"),
    ("count(present score) >= minimum", "(>= (count! present score) minimum)"),
    ("count(milestone where met)", "(count! milestone where met)"),
    ("sum(present x where a and b > 2)", "(sum! present x where (and a (> b 2)))"),
    ("any(x where y or z)", "(any! x where (or y z))"),
    # function names are names where no parenthesis follows
    ("count + sum", "(+ count sum)"),
    # folded over two lines
    ("a +\nb", "(+ a b)"),
]


@pytest.mark.parametrize(("text", "expected"), READINGS, ids=[text for text, _ in READINGS])
def test_reads_as(text: str, expected: str) -> None:
    assert prefix(read(text)) == expected


SHOWN = [
    ("((a))", "a"),
    ("(a + b) - (c - d)", "a + b - (c - d)"),
    ("(a * b) / (c * d)", "a * b / (c * d)"),
    ("cap of total + bonus", "(cap of total) + bonus"),
    ("pool - (cap of total)", "pool - (cap of total)"),
    ("-(a of b)", "-(a of b)"),
    ("(-a) of b", "-a of b"),
    ("$1250.00", "$1,250.00"),
    ("12,500", "12500"),
    ("0.0000000", "0.0000000"),
    ("not (a and b)", "not (a and b)"),
    ("(x between (1) and (2))", "x between 1 and 2"),
    ("not (x in (a,b))", "not x in (a, b)"),
    ("(if a then b else c) + 1", "(if a then b else c) + 1"),
    ("if (if a then b else c) then 1 else 2", "if (if a then b else c) then 1 else 2"),
    ("(fee on a) on b", "(fee on a) on b"),
    ("sum( present x  where (a) )", "sum(present x where a)"),
]


@pytest.mark.parametrize(("text", "expected"), SHOWN, ids=[text for text, _ in SHOWN])
def test_is_shown_as(text: str, expected: str) -> None:
    assert show(read(text)) == expected


def test_parts_have_their_own_places() -> None:
    text = "(cap + 1) * round(x, 2, down)"
    product = read(text)
    assert isinstance(product, syntax.Binary)
    assert product.span == place(text)
    assert (product.op_span.column, product.op_span.end_column) == (20, 21)
    assert (product.left.span.column, product.left.span.end_column) == (11, 18)
    assert isinstance(product.right, syntax.Call)
    assert (product.right.function_span.column, product.right.function_span.end_column) == (22, 27)
    assert (product.right.span.column, product.right.span.end_column) == (22, 39)


def test_the_parts_of_a_folded_formula_have_the_place_of_the_whole() -> None:
    whole = Span(SourceFile("program.yaml", "a +\n  b"), 1, 1, 2, 4)
    total = parse_formula("a + b", whole, Findings())
    assert isinstance(total, syntax.Binary)
    assert total.span == total.left.span == total.op_span == whole


def test_literals_keep_their_digits_and_kind() -> None:
    amount = read("$1,250.00")
    assert isinstance(amount, syntax.NumberLiteral)
    assert (str(amount.value), amount.kind) == ("1250.00", "money")
    assert read("5%") == syntax.NumberLiteral(place("5%"), Decimal(5), "percent")
    day = read("2020-02-29")
    assert isinstance(day, syntax.DateLiteral)
    assert day.value == datetime.date(2020, 2, 29)


def test_sixty_levels_are_read() -> None:
    assert prefix(read("(" * 59 + "a" + ")" * 59)) == "a"
    assert prefix(read("a" + " + a" * 59)).count("+") == 59


def test_three_hundred_formulas_take_less_than_half_a_second() -> None:
    texts = [text for text, _ in READINGS] * 6
    places = [(text, place(text)) for text in texts[:300]]
    began = time.perf_counter()
    for text, span in places:
        parse_formula(text, span, Findings())
    assert time.perf_counter() - began < 0.5  # about 0.005 s; the margin is for slow machines
