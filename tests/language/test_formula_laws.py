"""Law: showing an expression and reading it back gives the same expression, spans apart."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from vbc_rules.language import syntax
from vbc_rules.language.functions import FUNCTIONS, GATHERS
from vbc_rules.language.lexer import RESERVED
from vbc_rules.language.parser import parse_formula
from vbc_rules.language.rounding import ROUNDING_MODES
from vbc_rules.language.show import show
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.span import SourceFile, Span

NOWHERE = Span(SourceFile("program.yaml", ""), 1, 1, 1, 1)


def bare(e: object) -> object:
    """Return an expression as nested tuples without its spans; decimals as text, so that digits count."""
    if isinstance(e, Decimal):
        return str(e)
    if isinstance(e, tuple):
        return tuple(bare(item) for item in e)
    if not dataclasses.is_dataclass(e):
        return e
    fields = [field.name for field in dataclasses.fields(e) if not field.name.endswith("span")]
    return (type(e).__name__, *(bare(getattr(e, name)) for name in fields))


WORDS = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True).filter(lambda w: w not in RESERVED | {"true", "false"})
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(lambda parts: syntax.Name(NOWHERE, tuple(parts)))
NUMBERS = st.builds(
    lambda units, places, kind: syntax.NumberLiteral(NOWHERE, Decimal(units).scaleb(-places), kind),
    st.integers(0, 10**9),
    st.integers(0, 8),
    st.sampled_from(["number", "percent", "money"]),
)
TEXTS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=8)
LEAVES = st.one_of(
    NUMBERS,
    NAMES,
    st.builds(lambda text: syntax.TextLiteral(NOWHERE, text), TEXTS),
    st.builds(lambda day: syntax.DateLiteral(NOWHERE, day), st.dates()),
    st.builds(lambda holds: syntax.YesNoLiteral(NOWHERE, holds), st.booleans()),
)


def _comparison(operands: list[syntax.Expression], ops: list[syntax.CompareOp]) -> syntax.Expression:
    return syntax.Comparison(NOWHERE, tuple(operands), tuple(ops[: len(operands) - 1]))


@st.composite
def _call(draw: st.DrawFn, inner: st.SearchStrategy[syntax.Expression]) -> syntax.Expression:
    name = draw(st.sampled_from(sorted(FUNCTIONS)))
    known = FUNCTIONS[name]
    arguments = draw(st.lists(inner, min_size=known.at_least, max_size=known.at_most or 4))
    if name == "round":
        arguments[2] = syntax.Name(NOWHERE, (draw(st.sampled_from(ROUNDING_MODES)),))
    return syntax.Call(NOWHERE, name, tuple(arguments), NOWHERE)


def _larger(inner: st.SearchStrategy[syntax.Expression]) -> st.SearchStrategy[syntax.Expression]:
    several = st.lists(inner, min_size=2, max_size=3)
    relops: st.SearchStrategy[Any] = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    here = st.just(NOWHERE)
    return st.one_of(
        st.builds(syntax.Unary, here, st.sampled_from(["-", "not"]), inner),
        st.builds(syntax.Binary, here, st.sampled_from(["+", "-", "*", "/", "of"]), inner, inner, here),
        st.builds(syntax.Logic, here, st.sampled_from(["and", "or"]), several.map(tuple)),
        st.builds(_comparison, several, st.lists(relops, min_size=2, max_size=2)),
        st.builds(syntax.Between, here, inner, inner, inner),
        st.builds(syntax.In, here, inner, several.map(tuple), st.just(value=True), st.booleans()),
        st.builds(syntax.In, here, inner, st.tuples(NAMES), st.booleans(), st.booleans()),
        st.builds(syntax.Is, here, inner, st.none() | WORDS, st.booleans(), here),
        st.builds(syntax.Conditional, here, inner, inner, inner),
        st.builds(syntax.On, here, inner, inner),
        _call(inner),
        st.builds(
            syntax.Aggregate, here, st.sampled_from(sorted(GATHERS)), st.booleans(), NAMES, st.none() | inner, here
        ),
    )


EXPRESSIONS: st.SearchStrategy[syntax.Expression] = st.recursive(LEAVES, _larger, max_leaves=14)


def reread(text: str) -> tuple[syntax.Expression | None, Findings]:
    findings = Findings()
    return parse_formula(text, Span(NOWHERE.file, 1, 1, 1, 1 + len(text)), findings), findings


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS)
def test_shown_and_read_back_is_the_same(expression: syntax.Expression) -> None:
    text = show(expression)
    again, findings = reread(text)
    assert findings.all == (), text
    assert bare(again) == bare(expression), text


@settings(max_examples=100, deadline=None)
@given(EXPRESSIONS)
def test_showing_twice_changes_nothing(expression: syntax.Expression) -> None:
    again, _ = reread(show(expression))
    assert again is not None
    assert show(again) == show(expression)
