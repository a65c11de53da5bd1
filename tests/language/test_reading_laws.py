"""Whatever the tree, reading ends with a document or with errors, never with an exception."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vbc_rules.language.reading import SECTIONS, read_document
from vbc_rules.language.reading.shapes import SHAPES
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.span import SourceFile, Span
from vbc_rules.source.tree import Block, Entry, Listing, Scalar, Tree

SPAN = Span(SourceFile("rules.yaml", ""), 1, 1, 1, 2)
KEYS = sorted(
    {
        *SECTIONS, *SHAPES, *(key for shape in SHAPES.values() for key in shape.own),
        "hospital", "in", "groups", "list", "key", "members", "is", "dated", "type", "range", "when", "at", "needs",
        "only_if", "otherwise", "round", "source", "derived", "illustrative", "from", "through", "unstated", "require",
        "pays", "on", "may_be", "decimals", "level", "identifier", "expect", "Bad-Key", "",
    }
)  # fmt: skip
TEXTS = [
    "", " ", "yes", "no", "a", "a + b", "a +", "5%", "$5", "1 to 2", "2 to 1", "more than 3", "any", "number",
    "category", "category of (a, b)", "category of (,)", "2 half_up", "to 0 down", "to", "2024-01-01", "9999-12-31",
    "0001-01-01", "required", "codes", "absent gone", "absent ", "guide p. 1", "pays_nothing", "ignore", "-1", "1e9",
]  # fmt: skip

scalars = st.builds(Scalar, st.sampled_from(TEXTS), st.just(SPAN), st.sampled_from(["plain", "quoted", "block"]))


def blocks(values: st.SearchStrategy[Tree]) -> st.SearchStrategy[Block]:
    pairs = st.dictionaries(st.sampled_from(KEYS), values, max_size=6)
    return pairs.map(lambda found: Block(tuple(Entry(Scalar(key, SPAN), value) for key, value in found.items()), SPAN))


trees: st.SearchStrategy[Tree] = st.recursive(
    scalars,
    lambda inner: st.one_of(blocks(inner), st.lists(inner, max_size=3).map(lambda items: Listing(tuple(items), SPAN))),
    max_leaves=30,
)


@given(blocks(trees))
def test_reading_any_tree_ends_in_a_document_or_in_errors(root: Block) -> None:
    findings = Findings()
    assert read_document(root, findings) is not None or findings.errors


@given(st.sampled_from(["values", "payments", "gates", "inputs"]), blocks(trees))
def test_reading_anything_on_a_level(section: str, thing: Block) -> None:
    level = Block((Entry(Scalar("hospital", SPAN), Block((Entry(Scalar("it", SPAN), thing),), SPAN)),), SPAN)
    findings = Findings()
    assert read_document(Block((Entry(Scalar(section, SPAN), level),), SPAN), findings) is None
    assert findings.errors


@given(st.sampled_from(["parameters", "levels", "sources", "measured_over"]), blocks(trees))
def test_reading_anything_in_a_section(section: str, thing: Block) -> None:
    findings = Findings()
    named = Block((Entry(Scalar("it", SPAN), thing),), SPAN)
    assert read_document(Block((Entry(Scalar(section, SPAN), named),), SPAN), findings) is None
    assert findings.errors
