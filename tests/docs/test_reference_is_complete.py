"""The reference leaves nothing out: every word of the language stands in it, and every code in the page of errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import SECTIONS
from vbc_rules.errors import Code
from vbc_rules.frames import codes as of_tables
from vbc_rules.language.absence import NONE_PRESENT, STANDARD_REASONS, TOO_FEW_PRESENT
from vbc_rules.language.functions import FUNCTIONS, GATHERS
from vbc_rules.language.reading.declarations import TYPES
from vbc_rules.language.reading.literals import RESERVED
from vbc_rules.language.reading.shapes import SHAPES
from vbc_rules.language.rounding import ROUNDING_MODES
from vbc_rules.testing import codes as of_tests

DOCS = Path(__file__).parents[2] / "docs"
LANGUAGE = (DOCS / "language.md").read_text(encoding="utf-8")
ERRORS = (DOCS / "errors.md").read_text(encoding="utf-8")

WORDS = {
    "a section": SECTIONS,
    "a type": TYPES,
    "a shape": SHAPES,
    "a key of a shape": [key for shape in SHAPES.values() for key in shape.own],
    "a way of rounding": ROUNDING_MODES,
    "a function": FUNCTIONS,
    "an aggregate": GATHERS,
    "a word of formulas": RESERVED,
    "a reason": (*STANDARD_REASONS, NONE_PRESENT, TOO_FEW_PRESENT),
}


@pytest.mark.parametrize("kind", WORDS)
def test_the_reference_has_every_word(kind: str) -> None:
    assert [word for word in WORDS[kind] if not re.search(rf"\b{word}\b", LANGUAGE)] == []


def test_every_code_outside_rule_files_is_listed() -> None:
    ranges = [(int(low), int(high)) for low, high in re.findall(r"`VBC(\d{3})` to `VBC(\d{3})`", ERRORS)]
    listed = {int(code) for code in re.findall(r"^\| `VBC(\d{3})` \|", ERRORS, re.MULTILINE)}
    listed |= {code for low, high in ranges for code in range(low, high + 1)}
    codes = [*Code, *(value for module in (of_tables, of_tests) for value in vars(module).values())]
    wanted = {int(code[3:]) for code in codes if isinstance(code, str) and re.fullmatch(r"VBC\d{3}", code)}
    assert wanted - listed == set()
