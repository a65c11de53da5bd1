"""What an author is told when a file stops being YAML."""

from __future__ import annotations

import pytest

from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("a:\n\tb: 1\n", "VBC030 r:2:1", "this line is indented with a tab"),
        (
            "a:\n\tb: 1\n\tc: 1\n",
            "VBC030 r:2:1",
            "this line is indented with a tab; 1 more line begins with one",
        ),
        ("a: 1\t# x\n", "VBC030 r:1:5", "a tab stands here"),
        (
            "a: 1\n  b: 2\n",
            "VBC031 r:2:3",
            "this line is indented deeper than the line above, which has its value already",
        ),
        ("a:\n    b: 1\n  c: 2\n", "VBC031 r:3:3", "this line's indentation fits no line above it"),
        ("a: 1\n- b\n", "VBC031 r:2:1", "this line's indentation fits no line above it"),
        ("a: - b\n", "VBC031 r:1:4", "an item that begins with `-` stands on a line of its own"),
        ("a: {b: 1\nc: 2\n", "VBC032 r:1:4", "the brace `{` is not closed"),
        ("a: [1, 2\nb: 3\n", "VBC032 r:1:4", "the bracket `[` is not closed"),
        ("a: {b: 1}}\n", "VBC032 r:1:10", "this bracket or comma closes nothing"),
        ("a: [x, , y]\n", "VBC032 r:1:8", "a value is missing here"),
        (
            "a: {when: x # y, is: 2}\nb: 2\n",
            "VBC023 r:1:13",
            "from ` #` on this line is a comment, so the brace `{` is not closed",
        ),
        ('a: "x\nb: 1\n', "VBC033 r:1:4", "the quote opened here is never closed"),
        ('a: "x\nb: "y"\n', "VBC033 r:1:4", "the quote opened here is closed only on a later line"),
        ("a: 'x' = y\n", "VBC033 r:1:8", "text follows a closing quote"),
        ("a: {b: 'x' = y}\n", "VBC033 r:1:12", "text follows a closing quote"),
        ('a: "\\d"\n', "VBC033 r:1:6", "a backslash begins an escape that YAML does not know"),
        ("a: b: c\n", "VBC034 r:1:5", "a value that holds `: ` stands in quotes"),
        ("a: {b: c: d}\n", "VBC034 r:1:9", "a value that holds `: ` stands in quotes"),
        ("a: >= 5\n", "VBC035 r:1:4", "a value cannot begin with `>`"),
        ("a: {b: >= 5}\n", "VBC035 r:1:8", "a value cannot begin with `>`"),
        ("a: * 3\n", "VBC035 r:1:4", "a value cannot begin with `*`"),
        ("a: @x\n", "VBC035 r:1:4", "a value cannot begin with `@`"),
        ("a: {b: so? c}\n", "VBC035 r:1:10", "inside brackets an unquoted value cannot hold `?`"),
        ("a:b\nc: d\n", "VBC036 r:1:2", "a space is missing after `:`"),
        ("a\nb: 1\n", "VBC036 r:1:1", "this line has no `key:`"),
        ("a: !x!y z\n", "VBC014 r:1:4", "a YAML tag is not part of the rule language"),
        ("a: 1\n...\nb\n", "VBC016 r:3:1", "text follows the end of the document"),
        ('a: "\\UFFFFFFFF"\n', "VBC039 r:1:7", "YAML cannot read this escape or version"),
        (
            "a:\u00a0b\nc: 1\n",
            "VBC019 r:1:3",
            "the pasted character U+00A0 NO-BREAK SPACE is not part of the rule language",
        ),
    ],
)
def test_a_syntax_error_names_the_mistake(text: str, where: str, message: str) -> None:
    findings = Findings()
    assert read_text(text, "r", findings) is None
    assert [(f"{d.code} {d.span}", d.message) for d in findings.all] == [(where, message)]


def test_instructions_can_be_typed_as_they_are() -> None:
    findings = Findings()
    read_text("a: >= 5\n", "r", findings)
    read_text("weight:25%\nb: 1\n", "r", findings)
    assert [d.help for d in findings.all] == ['write `">= 5"` in quotes', "write `weight: 25%`"]
