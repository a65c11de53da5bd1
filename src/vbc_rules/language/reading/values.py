"""Reads the sections `values` and `payments`: one shape each, and keys that act in the order they are written."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

from vbc_rules.language.document import Shape, Value, Word
from vbc_rules.language.reading import codes
from vbc_rules.language.reading.declarations import scalar_type
from vbc_rules.language.reading.fields import Context, Fields, Keys, block_at, listed, open_fields
from vbc_rules.language.reading.inputs import by_level
from vbc_rules.language.reading.literals import formula, name, named_formulas, text
from vbc_rules.language.reading.provenance import PROVENANCE_KEYS, provenance
from vbc_rules.language.reading.rounding import absent_policy, rounding
from vbc_rules.language.reading.shapes import SHAPES
from vbc_rules.source.nearest import nearest
from vbc_rules.source.tree import Block, Scalar, Tree

Role = Literal["value", "payment"]

_HEAD: Final = ("needs", "only_if", "otherwise")
_FINISH: Final = ("at_least", "at_most", "round")
_TAIL: Final = ("type", "title", "about", PROVENANCE_KEYS)
_MOST_NAMED: Final = 4
_PAYMENT_ABSENT = absent_policy("pays_nothing")


def values(tree: Tree, key: str, cx: Context) -> tuple[Value, ...]:
    """Read the section `values`."""
    return by_level(tree, key, "{rate: {formula: met / eligible}}", _value, cx)


def payments(tree: Tree, key: str, cx: Context) -> tuple[Value, ...]:
    """Read the section `payments`."""
    return by_level(tree, key, "{payment: {formula: a + b, round: 2 down}}", _payment, cx)


def _value(level: Word, word: Word, tree: Tree, cx: Context) -> Value | None:
    return _entry("value", level, word, tree, cx)


def _payment(level: Word, word: Word, tree: Tree, cx: Context) -> Value | None:
    return _entry("payment", level, word, tree, cx)


def _entry(role: Role, level: Word, word: Word, tree: Tree, cx: Context) -> Value | None:
    if isinstance(tree, Scalar) and tree.text.strip():
        quoted = f'"{tree.text}"' if set(tree.text) & set(',{}[]"') else tree.text
        help = f"write `{word.text}: {{formula: {quoted}}}`"
        cx.findings.error(codes.WRONG_FORM, f"a {role} is a block with its shape, not text", tree.span, help)
        return None
    block = block_at(tree, word.text, "{formula: a + b}", cx)
    if block is None:
        return None
    written = [entry.key.text for entry in block if entry.key.text in SHAPES]
    shaped = written[0] if len(written) == 1 else None
    owner = _whose_absent(role, shaped, block)
    fields = open_fields(block, _keys(role, written, owner), word.span, cx)
    needs = fields.optional("needs", named_formulas)
    only_if, otherwise = fields.optional("only_if", formula), fields.optional("otherwise", name)
    fields.only_with("only_if", "otherwise", "not_applicable")
    fields.only_with("otherwise", "only_if", "a condition")
    shape_fields = fields
    if owner == "payment":  # the shape's reader would take the payment's `absent` for its own
        rest = Block(tuple(entry for entry in block if entry.key.text != "absent"), block.span)
        shape_fields = dataclasses.replace(fields, block=rest)
    shape = _shape(shape_fields, written, role)
    own = SHAPES[shaped].own if shaped else ()
    finish = [fields.optional(key, formula) if key not in own else None for key in ("at_least", "at_most")]
    rounded = fields.optional("round", rounding) if "round" not in own else None
    absent = fields.optional("absent", _PAYMENT_ABSENT) if owner == "payment" else None
    paid_by = fields.optional("paid_by", name) if role == "payment" else None
    type_ = fields.optional("type", scalar_type)
    title, about = fields.optional("title", text), fields.optional("about", text)
    origin = provenance(fields)
    if shape is None:
        return None
    return Value(
        role, level, word, word.span, needs or (), only_if, otherwise, shape, finish[0], finish[1], rounded, absent,
        paid_by, type_, title, about, origin,
    )  # fmt: skip


def _whose_absent(role: Role, shaped: str | None, block: Block) -> Literal["shape", "payment"]:
    """Tell whether a written `absent` is the shape's or the payment's; a payment's word is `pays_nothing`."""
    if role == "payment" and _pays_nothing(block.get("absent")):
        return "payment"
    of_shape = shaped is not None and "absent" in SHAPES[shaped].own
    return "shape" if of_shape or role == "value" else "payment"


def _pays_nothing(tree: Tree | None) -> bool:
    if isinstance(tree, Block):
        return any(_pays_nothing(entry.value) for entry in tree)
    return isinstance(tree, Scalar) and tree.text == "pays_nothing"


def _keys(role: Role, written: list[str], absent: Literal["shape", "payment"]) -> Keys:
    """Return the keys of a value or payment that has the shapes written (all shapes, if none is)."""
    middle: list[str | tuple[str, ...]] = []
    for shape in written or SHAPES:
        middle += [shape, *(key for key in SHAPES[shape].own if key != "absent" or absent == "shape")]
    payment = () if role == "value" else ("absent", "paid_by") if absent == "payment" else ("paid_by",)
    order = (*_HEAD, *middle, *(key for key in _FINISH if key not in middle), *payment, *_TAIL)
    kind = f"a {role} with {listed(written)}" if len(written) == 1 else f"a {role}"
    return Keys(kind, order, ordered=len(written) == 1, elsewhere=_elsewhere(role))


@cache
def _elsewhere(role: Role) -> Mapping[str, str]:
    """Return the owner of every key that belongs to some shape, or to payments only."""
    owners: dict[str, list[str]] = {}
    for shape, keys in SHAPES.items():
        for key in keys.own:
            owners.setdefault(key, []).append(shape)
    found = {
        key: listed(shapes) if len(shapes) <= _MOST_NAMED else f"{listed(shapes[:_MOST_NAMED])} and others"
        for key, shapes in owners.items()
    }
    return found if role == "payment" else {**found, "paid_by": "payments"}


def _shape(fields: Fields, written: list[str], role: Role) -> Shape | None:
    if len(written) == 1:
        return SHAPES[written[0]].read(fields, fields.key(written[0]))
    if written:
        message = f"a {role} has one shape, and here are {listed(written)}"
        help = f"keep one of {listed(written)}, and give the others values of their own"
        fields.error(codes.SEVERAL_SHAPES, message, help)
    elif not any(_is_misspelt_shape(entry.key.text) for entry in fields.block):
        message = f"a {role} needs a shape"
        fields.error(codes.NO_SHAPE, message, f"write one of {listed(tuple(SHAPES))}")
    return None


def _is_misspelt_shape(key: str) -> bool:
    """Tell whether a key was meant as a shape; then it has been reported as unknown, with the shape to write."""
    return nearest(key, _ALL_KEYS) in SHAPES


_ALL_KEYS: Final = (
    *_HEAD, *SHAPES, *(key for keys in SHAPES.values() for key in keys.own), *_FINISH, "type", "title", "about",
    "paid_by", *PROVENANCE_KEYS,
)  # fmt: skip
