"""What formulas are refused for: each with code, the text under the caret, the message's place and the help."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_rules.language.lexer import RESERVED
from vbc_rules.language.parser import parse_formula
from vbc_rules.source.diagnostic import Diagnostic, Findings
from vbc_rules.source.span import SourceFile, Span


def diagnose(text: str) -> tuple[bool, tuple[Diagnostic, ...]]:
    """Return whether `text`, on line 1 of a file, was read, and what was found."""
    findings = Findings()
    span = Span(SourceFile("program.yaml", text), 1, 1, 1, 1 + len(text))
    return parse_formula(text, span, findings) is not None, findings.all


# formula, code, column, text under the caret, help
BAD = [
    ("", "VBC201", 1, "", "write a formula"),
    ("  ", "VBC201", 1, "  ", "write a formula"),
    # operators of other languages
    ("a == b", "VBC204", 3, "==", "write `=`"),
    ("a <> b", "VBC204", 3, "<>", "write `!=`"),
    ("a && b", "VBC204", 3, "&&", "write `and`"),
    ("a || b", "VBC204", 3, "||", "write `or`"),
    ("a ** 2", "VBC204", 3, "**", "write the product: `x * x`"),
    ("a ^ 2", "VBC204", 3, "^", "write the product: `x * x`"),
    ("a ? b : c", "VBC204", 3, "?", "write `if .. then .. else ..`"),
    ("a ≤ b", "VBC204", 3, "≤", "write `<=`"),
    ("a ≥ b", "VBC204", 3, "≥", "write `>=`"),
    ("a ≠ b", "VBC204", 3, "≠", "write `!=`"),
    ("a × b", "VBC204", 3, "×", "write `*`"),
    ("a − b", "VBC204", 3, "−", "write `-`"),
    ("a # b", "VBC204", 3, "#", "write remarks under `about`, not in a formula"),
    ("a[1]", "VBC204", 2, "[", "write parentheses: `(` and `)`"),
    ("a\u00a0+ b", "VBC204", 2, "\u00a0", "write an ordinary space"),
    ("true", "VBC204", 1, "true", "write `yes`"),
    ("a = FALSE", "VBC204", 5, "FALSE", "write `no`"),
    # numbers and dates
    ("5 %", "VBC205", 1, "5 %", "write `5%`"),
    ("$ 5", "VBC205", 1, "$ 5", "write `$5`"),
    ("rate %", "VBC204", 6, "%", "write `%` only directly after a number: `5%`"),
    ("a + $", "VBC204", 5, "$", "write `$` directly before a number: `$5`"),
    ("a * .5", "VBC205", 5, ".5", "write `0.5`"),
    ("a * 5.", "VBC205", 5, "5.", "write `5`"),
    ("$5%", "VBC205", 1, "$5%", "write `$5` or `5%`"),
    ("5%%", "VBC205", 1, "5%%", "write `5%`"),
    (
        "if a > b then 1 else absent too_few",
        "VBC210",
        29,
        "too_few",
        "a formula gives no absence: write `choose`, with a case `is: absent too_few`",
    ),
    ("if(a > b, 1, 2)", "VBC210", 9, ",", "write `if .. then .. else ..`, without commas"),
    ("1,25", "VBC205", 1, "1,25", "write `125` for one number, or a space after each comma between several"),
    ("a in (1,2)", "VBC205", 7, "1,2", "write `12` for one number, or a space after each comma between several"),
    ("1e5", "VBC205", 1, "1e5", "write the number out in full, without an exponent"),
    ("1_000", "VBC205", 1, "1_000", "write `1000`"),
    ("007", "VBC205", 1, "007", "write `7`, or `'007'` if it is a code"),
    ("30d", "VBC205", 1, "30d", "write a space after a number; a name begins with a letter"),
    ("1.2.3", "VBC205", 1, "1.2.3", "write a space after a number; a name begins with a letter"),
    ("2019-02-29", "VBC206", 1, "2019-02-29", "write a date that exists"),
    ("a < 2019-1-31", "VBC206", 5, "2019-1-31", "write year, month and day: `2019-01-31`"),
    ("1/31/2019", "VBC206", 1, "1/31/2019", "write year, month and day: `2019-01-31`"),
    # texts and names
    ('a = "bcbsm"', "VBC207", 5, '"bcbsm"', "write `'bcbsm'`"),
    ("a = 'bcbsm", "VBC207", 5, "'bcbsm", "write `'` at the end of the text"),
    ("a = ‘b’", "VBC204", 5, "‘", "write straight quotes: `'`"),
    ("a AND b", "VBC208", 3, "AND", "write `and`"),
    ("IF a then b else c", "VBC208", 1, "IF", "write `if`"),
    ("Rate", "VBC208", 1, "Rate", "write `rate`"),
    ("_x", "VBC208", 1, "_x", "write a name of lower-case letters, digits and underscores that begins with a letter"),
    ("a.b.c.d", "VBC208", 1, "a.b.c.d", "write `c.d`: the level and the name"),
    ("a.of", "VBC208", 1, "a.of", "write another name"),
    # something missing or left over
    ("a +", "VBC210", 4, "", "write a number, a name or a parenthesis at the end"),
    ("a + * b", "VBC210", 5, "*", "write a value after `+`"),
    ("= b", "VBC210", 1, "=", "write a value first"),
    ("a b", "VBC210", 3, "b", "write an operator between them, such as `+`, `*`, `of`, `and`"),
    ("a, b", "VBC210", 2, ",", "remove it"),
    ("()", "VBC210", 2, ")", "write a value between them"),
    ("(a + b", "VBC211", 1, "(", "write `)` where it ends"),
    ("a + b)", "VBC211", 6, ")", "remove `)`, or write its `(`"),
    ("1 + if a then b else c", "VBC210", 5, "if", "put it in parentheses: `(if ..)`"),
    ("1 + not a", "VBC210", 5, "not", "put it in parentheses: `(not ..)`"),
    ("a then b", "VBC210", 3, "then", "remove it, or put what it belongs to in parentheses"),
    ("present a", "VBC210", 1, "present", "write it as in `sum(present score where counts)`"),
    ("a where b", "VBC210", 3, "where", "write it as in `sum(present score where counts)`"),
    ("missing", "VBC210", 1, "missing", "write `x is missing`"),
    ("a is yes", "VBC210", 6, "yes", "write `=` to compare values"),
    ("a is not 5", "VBC210", 10, "5", "write `!=` to compare values"),
    ("a is present", "VBC210", 6, "present", "write `is not missing`"),
    ("a is not present", "VBC210", 10, "present", "write `is missing`"),
    ("a is in (b, c)", "VBC210", 6, "in", "write `in` without `is`"),
    ("a is not in (b, c)", "VBC210", 10, "in", "write `not in` without `is`"),
    ("a in 5", "VBC210", 6, "5", "write `x in (a, b)`"),
    ("a not between 1 and 2", "VBC210", 3, "not", "write `not x between a and b`"),
    ("a between 1", "VBC210", 12, "", "write `x between a and b`"),
    ("a on b on c", "VBC210", 8, "on", "put the first `x on date` in parentheses"),
    ("if a then b", "VBC215", 1, "if", "write `if .. then .. else ..`"),
    ("if a", "VBC215", 1, "if", "write `if .. then .. else ..`"),
    ("a < b < c < d", "VBC216", 11, "<", "join them with `and`"),
    ("a = b is missing", "VBC216", 7, "is", "put each comparison in parentheses"),
    ("a is missing = no", "VBC216", 14, "=", "put each comparison in parentheses"),
    ("not a = b = c = d", "VBC216", 15, "=", "join them with `and`"),
    # functions
    ("rouns(x, 2, down)", "VBC212", 1, "rouns", "write `round`"),
    ("abs(a, b)", "VBC213", 1, "abs(a, b)", "write `abs(x)`"),
    ("round(x, 2)", "VBC213", 1, "round(x, 2)", "write `round(x, digits, mode)`"),
    ("clamp(x, 1,000)", "VBC213", 1, "clamp(x, 1,000)", "write `clamp(x, low, high)`"),
    ("gain(a)", "VBC213", 1, "gain(a)", "write `gain(a, b)`"),
    ("sum()", "VBC213", 1, "sum()", "write `sum(name)`"),
    ("sum(a, b)", "VBC213", 1, "sum(a, b)", "write `a + b`"),
    ("any(a, b)", "VBC213", 1, "any(a, b)", "write `a or b`"),
    ("sum(a + b)", "VBC214", 5, "a + b", "name what it gathers as a value first, then write `sum(that_name)`"),
    ("sum(a + b where c)", "VBC214", 5, "a + b", "name what it gathers as a value first, then write `sum(that_name)`"),
    (
        "max(a + b)",
        "VBC214",
        5,
        "a + b",
        "name what it gathers as a value first, then write `max(that_name)`, or compare several: `max(a, b)`",
    ),
    ("sum(present (a))", "VBC214", 13, "(", "write `sum(present name)`"),
    ("sum(a", "VBC211", 4, "(", "write `)` where it ends"),
    (
        "round(x, 2, nearest)",
        "VBC217",
        1,
        "round(x, 2, nearest)",
        "write one of half_up, half_even, down, up, floor, ceiling",
    ),
]


@pytest.mark.parametrize(("text", "code", "column", "under", "help"), BAD, ids=[bad[0] for bad in BAD])
def test_is_refused(text: str, code: str, column: int, under: str, help: str) -> None:
    was_read, (found, *more) = diagnose(text)
    assert not was_read
    assert more == []
    assert found.severity == "error"
    assert (found.code, found.span.line, found.span.column, found.help) == (code, 1, column, help)
    assert text[found.span.column - 1 : found.span.end_column - 1] == under


MESSAGES = [
    ("a == b", "`==` is not an operator of the rule language"),
    ("a +", "nothing follows `+`"),
    ("a b", "no operator stands between `a` and `b`"),
    ("5 %", "`%` stands directly after its number"),
    ("round(x, 2)", "`round` takes 3 arguments, not 2"),
    ("min(100,200)", "`min` of one argument gathers a name, not a calculation"),
    ("2019-02-29", "`2019-02-29` is not a day of the calendar"),
]


@pytest.mark.parametrize(("text", "message"), MESSAGES, ids=[text for text, _ in MESSAGES])
def test_says(text: str, message: str) -> None:
    assert [found.message for found in diagnose(text)[1]] == [message]


def test_every_replaced_operator_is_told_at_once() -> None:
    assert [(d.span.column, d.help) for d in diagnose("a == b && c <> d")[1]] == [
        (3, "write `=`"),
        (8, "write `and`"),
        (13, "write `!=`"),
    ]


WARNED = [
    ("cap of total + bonus", "VBC220", 5, "write `(cap of total) + bonus`"),
    ("pool - cap of total", "VBC220", 12, "write `pool - (cap of total)`"),
    ("a of b - c of d", "VBC220", 3, "write `(a of b) - (c of d)`"),
    ("code in (100,200)", "VBC221", 10, "write `100200` for one number, or a space after each comma between several"),
]


@pytest.mark.parametrize(("text", "code", "column", "help"), WARNED, ids=[warned[0] for warned in WARNED])
def test_is_read_with_a_warning(text: str, code: str, column: int, help: str) -> None:
    was_read, found = diagnose(text)
    assert was_read
    assert [(d.severity, d.code, d.span.column, d.help) for d in found] == [("warning", code, column, help)]


@pytest.mark.parametrize("text", ["(a of b) + c", "a of (b + c)", "a of b * c", "amount in ($1,250, $2,000)"])
def test_is_read_without_a_warning(text: str) -> None:
    assert diagnose(text) == (True, ())


@pytest.mark.parametrize(
    "text",
    [
        "(" * 60 + "a" + ")" * 60,
        "(" * 2400 + "a" + ")" * 2400,
        "-" * 4000 + "a",
        "not " * 1000 + "a",
        "if a then b else " * 200 + "c",
        "abs(" * 1000,
        "a" + " + a" * 1000,
        "a in (" * 500,
        "sum(x where " * 300,
    ],
    ids=["60 deep", "2400 deep", "minus", "not", "if", "call", "sum", "in", "where"],
)
def test_nesting_has_a_limit(text: str) -> None:
    was_read, (found, *more) = diagnose(text)
    assert not was_read
    assert more == []
    assert (found.code, found.message) == ("VBC203", "a formula is nested more than 60 deep")
    assert found.help == "name its parts as values of their own"


def test_length_has_a_limit() -> None:
    was_read, (found,) = diagnose("a" * 5001)
    assert not was_read
    assert (found.code, found.message) == ("VBC202", "a formula is longer than 5,000 characters")


PIECES = [
    *("a", "b.c", "1", "5%", "$1,250", "2019-01-31", "2019-13-01", "'x'", "'", '"', "(", ")", ",", "+", "-", "*", "/"),
    *("=", "!=", "<", "<=", "==", "$5%", "sum(", "min(", "round(", "down", "true", ".5", "5.", "%", "$", "?", ":"),
    *("of", "#", "é", "\u00a0", "\t", *sorted(RESERVED)),
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join) | st.text(max_size=60))
def test_never_raises_and_never_fails_without_a_word(text: str) -> None:
    was_read, found = diagnose(text)
    assert was_read == (not any(d.severity == "error" for d in found))
    for d in found:
        assert d.help
        assert d.code.startswith("VBC2")
        assert 1 <= d.span.column <= max(1, len(text) + 1)
