"""Reads `round` and `absent`, the keys that say how a value is finished."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from vbc_rules.language.document import AbsentPolicy, Rounding, Word
from vbc_rules.language.reading import codes
from vbc_rules.language.reading.fields import Context, Reader, listed, scalar_at
from vbc_rules.language.reading.literals import named_entries, one_of
from vbc_rules.language.rounding import ROUNDING_MODES
from vbc_rules.source.nearest import nearest
from vbc_rules.source.tree import Block, Tree

_DIGITS = re.compile(r"\d{1,2}")
_STEP = re.compile(r"\d{1,18}(\.\d{1,18})?")
_HOW: Final = "say how: write `2 half_up`, `2 half_even` or `2 down`"


def rounding(tree: Tree, key: str, cx: Context) -> Rounding | None:
    """Read `2 half_even` (digits and mode) or `to 0.5 half_up` (step and mode)."""
    scalar = scalar_at(tree, key, "the digits and the mode", "2 half_up", cx)
    if scalar is None:
        return None
    words = scalar.text.split()
    stepped = words[0] == "to"
    number, rest = (words[1:2], words[2:]) if stepped else (words[:1], words[1:])
    if not number or not (_STEP if stepped else _DIGITS).fullmatch(number[0]) or not number[0].isascii():
        message = f"`{scalar.text}` does not say to what it rounds"
        help = "write the digits and the mode, as in `2 half_up` or `to 0.5 half_up`"
        cx.findings.error(codes.BAD_LITERAL, message, scalar.span, help)
        return None
    if not rest:
        message = f"`{scalar.text}` does not say how it rounds"
        help = _HOW if not stepped else _HOW.replace("`2 ", f"`to {number[0]} ")
        cx.findings.error(codes.BAD_LITERAL, message, scalar.span, help)
        return None
    mode = next((mode for mode in ROUNDING_MODES if [mode] == rest), None)
    if mode is None:
        near = nearest(rest[0], ROUNDING_MODES)
        start = scalar.text.index(rest[0], scalar.text.index(number[0]) + len(number[0]))
        span = scalar.span.part(start, len(scalar.text))
        help = f"write `{near}`" if near and len(rest) == 1 else f"write one of {listed(ROUNDING_MODES)}"
        cx.findings.error(codes.BAD_WORD, f"`{' '.join(rest)}` is not a way to round", span, help)
        return None
    if not stepped:
        return Rounding(int(number[0]), None, mode, scalar.span)
    step = Decimal(number[0])
    if step == 0:
        help = "write a step above 0, as in `to 0.5 half_up`"
        cx.findings.error(codes.BAD_LITERAL, "nothing rounds to steps of 0", scalar.span, help)
        return None
    return Rounding(None, step, mode, scalar.span)


def absent_policy(*words: str) -> Reader[AbsentPolicy]:
    """Return a reader of `absent`: one of `words`, or one of them for every reason."""
    read_word = one_of(*words)

    def read(tree: Tree, key: str, cx: Context) -> AbsentPolicy | None:
        if not isinstance(tree, Block):
            every = read_word(tree, key, cx)
            return None if every is None else AbsentPolicy(every.span, every)
        by_reason: list[tuple[Word, Word]] = []
        for reason, value in named_entries(tree, key, f"{{not_reported: {words[0]}}}", cx):
            word = read_word(value, reason.text, cx)
            if word is not None:
                by_reason.append((reason, word))
        if not tree.entries:
            cx.findings.error(codes.EMPTY, f"`{key}` is empty", tree.span, f"write `{key}: {words[0]}`")
            return None
        return AbsentPolicy(tree.span, None, tuple(by_reason))

    return read
