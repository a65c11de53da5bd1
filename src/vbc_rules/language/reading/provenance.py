"""Reads where numbers come from: the `sources` of a file, and `source`, `derived` or `illustrative` beside a number."""

from __future__ import annotations

from typing import Final

from vbc_rules.language.document import Citation, Provenance, Source, Word
from vbc_rules.language.reading import codes
from vbc_rules.language.reading.fields import (
    Context,
    Fields,
    Keys,
    all_or_none,
    block_at,
    listed,
    listing_at,
    open_fields,
    scalar_at,
)
from vbc_rules.language.reading.literals import date, named_entries, one_of, text
from vbc_rules.source.nearest import nearest
from vbc_rules.source.tree import Listing, Tree

PROVENANCE_KEYS: Final = ("source", "derived", "illustrative")

_SOURCE = Keys("a source", ("title", "publisher", "date", "cite", "link"), ordered=False)
_DERIVED = Keys("`derived`", ("from", "by"))


def sources(tree: Tree, key: str, cx: Context) -> tuple[Source, ...] | None:
    """Read the section `sources`."""
    entries = named_entries(tree, key, "{guide_2024: {title: Program guide}}", cx)
    return all_or_none([_source(name, value, cx) for name, value in entries])


def _source(key: Word, tree: Tree, cx: Context) -> Source | None:
    block = block_at(tree, key.text, "{title: Program guide}", cx)
    if block is None:
        return None
    fields = open_fields(block, _SOURCE, key.span, cx)
    title = fields.required("title", text, "Program guide")
    publisher, day = fields.optional("publisher", text), fields.optional("date", date)
    cite, link = fields.optional("cite", text), fields.optional("link", text)
    return None if title is None else Source(key, title, publisher, day, cite, link)


def provenance(fields: Fields) -> Provenance | None:
    """Read the one of `source`, `derived`, `illustrative` that an opened block has; report a second one."""
    written = [fields.key(key) for key in PROVENANCE_KEYS if fields.has(key)]
    for extra in sorted(written, key=lambda word: (word.span.line, word.span.column))[1:]:
        message = f"a number comes from one place, and {listed([word.text for word in written])} stand together"
        fields.error(codes.SEVERAL_PROVENANCES, message, f"remove `{extra.text}`, or the other", extra.span)
    source, derived = fields.optional("source", _citations), fields.optional("derived", _derived)
    illustrative = fields.optional("illustrative", one_of("yes"))
    if source is not None:
        return Provenance("source", fields.key("source").span, source)
    if derived is not None:
        return Provenance("derived", fields.key("derived").span, derived[0], derived[1])
    if illustrative is not None:
        return Provenance("illustrative", fields.key("illustrative").span)
    return None


def _citations(tree: Tree, key: str, cx: Context) -> tuple[Citation, ...] | None:
    if isinstance(tree, Listing):
        listing = listing_at(tree, key, "[guide_2024 p. 15]", cx)
        return None if listing is None else all_or_none([_citation(item, key, cx) for item in listing.items])
    one = _citation(tree, key, cx)
    return None if one is None else (one,)


def _citation(tree: Tree, key: str, cx: Context) -> Citation | None:
    scalar = scalar_at(tree, key, "the key of a source with a page or section", "guide_2024 p. 15", cx)
    if scalar is None:
        return None
    first, _, place = scalar.text.strip().partition(" ")
    word = Word(first, scalar.span.part(0, len(first)))
    if first in cx.sources:
        return Citation(word, place.strip())
    near = nearest(first, cx.sources)
    help = f"write `{near}`" if near else f"add `{first}` to `sources`, with its title"
    cx.findings.error(codes.UNKNOWN_SOURCE, f"`{first}` is not among the `sources`", word.span, help)
    return None


def _derived(tree: Tree, key: str, cx: Context) -> tuple[tuple[Citation, ...], str] | None:
    block = block_at(tree, key, "{from: [guide_2024 p. 15], by: the arithmetic in words}", cx)
    if block is None:
        return None
    fields = open_fields(block, _DERIVED, block.span, cx)
    citations = fields.required("from", _citations, "[guide_2024 p. 15]")
    by = fields.required("by", text, "the arithmetic in words")
    return None if citations is None or by is None else (citations, by)
