"""The strict reader: what a rule file is read into, and what is refused where, with which words."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_bytes, read_file, read_text
from vbc_rules.source.tree import Block, Listing, Scalar, Tree


def plain(tree: Tree | None) -> object:
    """The tree as nested Python values, without places."""
    match tree:
        case Block():
            return {entry.key.text: plain(entry.value) for entry in tree}
        case Listing():
            return [plain(item) for item in tree.items]
        case Scalar():
            return tree.text
    return None


def good(text: str) -> Block:
    findings = Findings()
    block = read_text(text, "rules.yaml", findings)
    assert findings.all == ()
    assert block is not None
    return block


def found(text: str | bytes) -> list[tuple[str, int, int]]:
    """The codes found, each with its line and column."""
    findings = Findings()
    data = text if isinstance(text, bytes) else text.encode()
    read_bytes(data, "rules.yaml", findings)
    return [(d.code, d.span.line, d.span.column) for d in findings.all]


def only(text: str | bytes) -> tuple[str, str, str]:
    """The one diagnostic found: place, message, help."""
    findings = Findings()
    read_bytes(text if isinstance(text, bytes) else text.encode(), "r", findings)
    (diagnostic,) = findings.all
    return f"{diagnostic.code} {diagnostic.span}", diagnostic.message, diagnostic.help


def place(tree: Tree | None) -> tuple[int, int, int, int]:
    assert tree is not None
    return tree.span.line, tree.span.column, tree.span.end_line, tree.span.end_column


def test_scalars_stay_text_as_written() -> None:
    block = good("id: 010001\nrate: 1.10\nday: 2023-10-01\nbig: 1_0\nhex: 0x10\nflag: yes\nother: no\n")
    assert plain(block) == {
        "id": "010001",
        "rate": "1.10",
        "day": "2023-10-01",
        "big": "1_0",
        "hex": "0x10",
        "flag": "yes",
        "other": "no",
    }


def test_order_and_nesting_are_kept() -> None:
    text = "b:\n  - x\n  - {k: v, l: [1, 2]}\na: {z: 1, y: {}}\n"
    assert plain(good(text)) == {"b": ["x", {"k": "v", "l": ["1", "2"]}], "a": {"z": "1", "y": {}}}
    assert [entry.key.text for entry in good(text)] == ["b", "a"]


def test_style_tells_quotes_from_none() -> None:
    block = good("a: no\nb: 'no'\nc: \"no\"\nd: |\n  no\n")
    assert [e.value.style for e in block if isinstance(e.value, Scalar)] == ["plain", "quoted", "quoted", "block"]


def test_spans_count_characters_from_one_and_leave_quotes_out() -> None:
    block = good("title: é – x\nformula: 'a + b'\nlist: [one, \"two\"]\nblock:\n  k: v\n  l: word\n")
    assert place(block.get("title")) == (1, 8, 1, 13)
    assert place(block.get("formula")) == (2, 11, 2, 16)
    listing = block.get("list")
    assert isinstance(listing, Listing)
    assert place(listing) == (3, 7, 3, 19)
    assert [place(item) for item in listing.items] == [(3, 8, 3, 11), (3, 14, 3, 17)]
    assert place(block.get("block")) == (5, 3, 6, 10)
    assert place(block.entries[0].key) == (1, 1, 1, 6)
    assert place(block) == (1, 1, 6, 10)


def test_spans_of_several_lines_go_from_the_first_to_the_last() -> None:
    block = good("a: one\n  two\nb: |\n\n  three\n  four\n\nc: 'x\n  y'\n")
    assert place(block.get("a")) == (1, 4, 2, 6)
    assert place(block.get("b")) == (5, 3, 6, 7)
    assert place(block.get("c")) == (8, 5, 9, 4)


def test_line_ends_of_windows_and_a_byte_order_mark_are_read() -> None:
    findings = Findings()
    block = read_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "rules.yaml", findings)
    assert findings.all == ()
    assert plain(block) == {"a": "1", "b": "2"}
    assert block is not None
    assert place(block.get("b")) == (2, 4, 2, 5)


def test_prose_keeps_its_dashes_and_quotes() -> None:
    text = "title: Payer – “P4P”\nabout: a—b\nby: 1 − 2\ncite: §\u00a05\npublisher: –\nlink: –\nbecause: –\n"
    assert plain(good(text + "note: '–'\n"))["title"] == "Payer – “P4P”"  # type: ignore[index]


def test_comments_and_one_document_mark_are_allowed() -> None:
    assert plain(good("---\n# note\na: 1  # why\nb: x#y\n")) == {"a": "1", "b": "x#y"}


def test_importing_the_reader_does_not_load_yaml() -> None:
    program = "import sys, vbc_rules.source.reader; sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "where", "message", "help"),
    [
        (b"", "VBC009 r:1:1", "the file is empty", "write `program:` on the first line"),
        (
            b"- a\n",
            "VBC009 r:1:1",
            "the outermost level of a rule file is made of keys",
            "write `program: ..` on the first line, each section below it",
        ),
        (
            b"a: 1\nb: \xe9\n",
            "VBC003 r:2:4",
            "the byte E9 is not UTF-8",
            "save the file as UTF-8, then check this character",
        ),
        (b"\xff\xfea\x00", "VBC003 r:1:1", "the file is saved as UTF-16", "save the file as UTF-8"),
        (
            b"a: x\x00y",
            "VBC004 r:1:5",
            "the character U+0000 NUL may not stand in a rule file",
            "delete this character",
        ),
        (
            "a: x\u202ey",
            "VBC004 r:1:5",
            "the character U+202E RIGHT-TO-LEFT OVERRIDE may not stand in a rule file",
            "delete this character",
        ),
        (
            "a: &x 1",
            "VBC011 r:1:4",
            "`&x` is a YAML anchor, which the rule language does not have",
            "delete `&x`; a value that begins with `&` is put in quotes",
        ),
        (
            "a: *x",
            "VBC012 r:1:4",
            "`*x` is a YAML alias, which the rule language does not have",
            "write the value out; a value that begins with `*` is put in quotes",
        ),
        (
            "<<: {a: 1}",
            "VBC013 r:1:1",
            "`<<` is a YAML merge, which the rule language does not have",
            "write the shared keys out under each block",
        ),
        (
            "a: !!int 1",
            "VBC014 r:1:4",
            "a YAML tag is not part of the rule language",
            "delete the word that begins with `!`; a value that begins with `!` is put in quotes",
        ),
        (
            "%YAML 1.1\n---\na: 1",
            "VBC015 r:1:1",
            "a YAML directive is not part of the rule language",
            "delete the lines that begin with `%`",
        ),
        (
            "a: 1\n---\nb: 1",
            "VBC016 r:2:1",
            "a second document begins here; a rule file holds one program",
            "put each program in a file of its own, and delete this line",
        ),
        (
            "? [a]\n: b",
            "VBC017 r:1:3",
            "a key is a name",
            "write a name before the `:`; a value that begins with `{` or `[` is put in quotes",
        ),
        (
            "a: NO",
            "VBC018 r:1:4",
            "`NO` without quotes can be read as text or as `no`",
            "write `no` in lower case, or `'NO'` in quotes if it is text",
        ),
        (
            "a: ~",
            "VBC018 r:1:4",
            "`~` is no value of the rule language",
            "write what is meant, or `'~'` in quotes if it is text",
        ),
        (
            "a: b – c",
            "VBC019 r:1:6",
            "the pasted character U+2013 EN DASH is not part of the rule language",
            "write `-` instead",
        ),
        (
            "a: ٣",
            "VBC020 r:1:4",
            "the digit U+0663 ARABIC-INDIC DIGIT THREE is not one of 0 to 9",
            "write `3` instead",
        ),
        (
            "a: {b: , c: 1}",
            "VBC021 r:1:5",
            "inside braces `b` has no value",
            "write `b: ..`; a value that holds a comma is put in quotes",
        ),
        (
            "a: {formula: min(a, b)}",
            "VBC021 r:1:14",
            "the value of `formula` holds a comma and its quotes are forgotten",
            'write `formula: "min(a, b)"`',
        ),
        (
            "a: [max(a, b), c]",
            "VBC021 r:1:5",
            "an item of this list holds a comma and its quotes are forgotten",
            'write `"max(a, b)"`',
        ),
        (
            "a:\nb: 1",
            "VBC022 r:1:1",
            "a value is missing after `a:`",
            "write the value on the same line or indented below, or delete `a:`",
        ),
        (
            "a: Step #3",
            "VBC023 r:1:9",
            "from ` #` on this line is a comment and is not read",
            "put the whole value in quotes if this belongs to it; write a space after `#` if it is a comment",
        ),
    ],
)
def test_refused_with_place_message_and_instruction(text: str | bytes, where: str, message: str, help: str) -> None:
    assert only(text) == (where, message, help)


def test_a_key_written_twice_shows_both_places() -> None:
    findings = Findings()
    block = read_text("a: 1\nb: {c: 1, c: 2}\na: 3\n", "r", findings)
    assert [(d.code, str(d.span), str(d.related[0].span)) for d in findings.all] == [
        ("VBC010", "r:2:11", "r:2:5"),
        ("VBC010", "r:3:1", "r:1:1"),
    ]
    assert plain(block) == {"a": "1", "b": {"c": "1"}}


@pytest.mark.parametrize("word", ["NO", "No", "Yes", "ON", "on", "Off", "True", "FALSE", "false", "null", "Null", "~"])
def test_ambiguous_words_need_quotes(word: str) -> None:
    assert found(f"a: {word}") == [("VBC018", 1, 4)]
    assert found(f"a: [{word}]") == [("VBC018", 1, 5)]
    assert found(f"a: '{word}'") == []


def test_keys_of_the_language_may_be_on_yes_and_no() -> None:
    assert plain(good("on: [a]\nyes: 1\nno: 2\n")) == {"on": ["a"], "yes": "1", "no": "2"}
    assert found("NO: 1") == [("VBC018", 1, 1)]


@pytest.mark.parametrize("character", "–—−‐“”‘’\u00a0\u202f\u200b\u2060")
def test_pasted_characters_are_refused_outside_prose_and_quotes(character: str) -> None:
    assert found(f"a: x{character}y") == [("VBC019", 1, 5)]
    assert found(f"x{character}y: 1") == [("VBC019", 1, 2)]
    assert found(f"title: x{character}y") == []
    assert found(f"a: 'x{character}y'") == []


def test_all_errors_of_a_file_are_told_at_once() -> None:
    text = "a: NO\nb: x – y\nc: &d 1\ne: *d\na: 2\nf: {g: max(1, 2)}\nh: [1\nk: 1\n"
    assert found(text) == [
        ("VBC018", 1, 4),
        ("VBC019", 2, 6),
        ("VBC011", 3, 4),
        ("VBC012", 4, 4),
        ("VBC010", 5, 1),
        ("VBC021", 6, 8),
        ("VBC032", 7, 4),
    ]


def test_what_is_refused_is_repaired_where_the_intent_is_plain() -> None:
    findings = Findings()
    text = "a: x – y\nb: {c: min(a, b, c), d: $5,000}\ne: [max(a, b), c]\nf: True\n"
    block = read_text(text, "r", findings)
    repaired = {"a": "x - y", "b": {"c": "min(a, b, c)", "d": "$5,000"}, "e": ["max(a, b)", "c"], "f": "yes"}
    assert plain(block) == repaired
    assert len(findings.errors) == 5


def test_files_are_read_and_missing_ones_reported(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\n")
    findings = Findings()
    assert plain(read_file(path, findings)) == {"a": "1"}
    assert read_file(tmp_path / "b.yaml", findings) is None
    assert read_file(tmp_path, findings) is None
    told = [d.message for d in findings.all]
    assert sorted(told) == ["there is no such file", "this is a folder, not a file"]
