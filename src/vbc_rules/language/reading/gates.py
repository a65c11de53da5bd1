"""Reads the section `gates`: what must hold, and what happens otherwise."""

from __future__ import annotations

from vbc_rules.language.document import Gate, Word
from vbc_rules.language.reading import codes
from vbc_rules.language.reading.fields import Context, Keys, block_at, open_fields
from vbc_rules.language.reading.inputs import by_level
from vbc_rules.language.reading.literals import formula, names, one_of, text
from vbc_rules.language.reading.provenance import PROVENANCE_KEYS, provenance
from vbc_rules.source.tree import Tree

_KEYS = Keys("a gate", ("require", ("otherwise", "pays"), "on", "title", "about", PROVENANCE_KEYS))


def gates(tree: Tree, key: str, cx: Context) -> tuple[Gate, ...]:
    """Read the section `gates`."""
    return by_level(tree, key, "{signed: {require: attestation_signed, otherwise: pays_nothing}}", _gate, cx)


def _gate(level: Word, word: Word, tree: Tree, cx: Context) -> Gate | None:
    block = block_at(tree, word.text, "{require: a condition, otherwise: pays_nothing}", cx)
    if block is None:
        return None
    fields = open_fields(block, _KEYS, word.span, cx)
    require = fields.required("require", formula, "a condition")
    otherwise = fields.optional("otherwise", one_of("not_in_program", "pays_nothing"))
    pays = fields.optional("pays", formula)
    on = fields.optional("on", names)
    title, about = fields.optional("title", text), fields.optional("about", text)
    origin = provenance(fields)
    if fields.has("otherwise") and fields.has("pays"):
        fields.refuse("pays", "and `otherwise` exclude each other", "remove `pays`, or `otherwise`")
    elif not fields.has("otherwise") and not fields.has("pays"):
        help = "write `otherwise: not_in_program`, `otherwise: pays_nothing` or `pays: 100%`"
        fields.error(codes.MISSING_KEY, "a gate needs `otherwise` or `pays`", help)
    if otherwise is not None and otherwise.text == "not_in_program":
        fields.refuse("on", "does not go with `not_in_program`", "remove `on`, or write `otherwise: pays_nothing`")
    if require is None:
        return None
    return Gate(level, word, word.span, require, otherwise, pays, on or (), title, about, origin)
