"""VBC001 to VBC039: reading the bytes and the YAML of a file."""

from __future__ import annotations

from typing import Final

from vbc_rules.check.pages.page import Page


def _page(code: str, title: str, meaning: str, bad: str = "", good: str = "") -> Page:
    return Page(code, title, meaning, bad, good, "file")


PAGES: Final = (
    _page("VBC001", "the file cannot be read", "There is no such file, it is a folder, or it may not be read."),
    _page(
        "VBC002", "the file is too large", "A rule file holds one program and edition; lists of data are no part of it."
    ),
    _page(
        "VBC003",
        "the file is not UTF-8",
        "Text saved in another encoding would be read as other letters. Save the file as UTF-8.",
    ),
    _page(
        "VBC004",
        "a character that may not stand in a rule file",
        "Characters that cannot be seen can make a line read differently from what it says. Delete them.",
        'a: "x\\0y"',
        "a: xy",
    ),
    _page("VBC005", "the file is nested too deep", "No rule file needs such depth: a bracket was not closed."),
    _page("VBC006", "the file has too many parts", "Long lists come in as data, not in the rule file."),
    _page(
        "VBC007",
        "a number with too many digits",
        "No amount has more than 100 digits; such a number would only cost time.",
        "a: " + "9" * 101,
        "a: 999",
    ),
    _page("VBC008", "a text that is too long", "Shorten it, or split it into several values."),
    _page(
        "VBC009",
        "the file is not made of keys",
        "A rule file begins with `program:`; each section is a key of its own.",
        "- program",
        "program: a/b",
    ),
    _page(
        "VBC010",
        "a key is written twice",
        "YAML would take the last one without a word, and the first rule would be lost.",
        "a: 1\na: 2",
        "a: 1\nb: 2",
    ),
    _page(
        "VBC011",
        "a YAML anchor",
        "Rule files are read by people: what holds at a place is written there.",
        "a: &x 1",
        "a: 1",
    ),
    _page("VBC012", "a YAML alias", "What holds at a place is written there; write the value out.", "a: *x", "a: 1"),
    _page(
        "VBC013",
        "a YAML merge",
        "Shared keys are written out under each block, so that each can be read alone.",
        "a:\n  <<: {b: 1}",
        "a: {b: 1}",
    ),
    _page("VBC014", "a YAML tag", "Types are declared by `type`, not by YAML.", "a: !!int 1", "a: 1"),
    _page("VBC015", "a YAML directive", "The rule language has none.", "%YAML 1.1\n---\na: 1", "a: 1"),
    _page(
        "VBC016",
        "more than one document",
        "A rule file holds one program and edition.",
        "a: 1\n---\nb: 1",
        "a: 1\nb: 1",
    ),
    _page("VBC017", "a key that is no name", "A key is a name before a `:`.", "[a]: 1", "a: 1"),
    _page(
        "VBC018",
        "a word that can be read two ways",
        "YAML readers disagree on `NO`, `True` or `~`. Write `yes` or `no`, or put the text in quotes.",
        "a: NO",
        "a: no",
    ),
    _page(
        "VBC019",
        "a pasted character",
        "Dashes, quotes and spaces pasted from a document look like those of the keyboard and are others.",
        "a: b – c",
        "a: b - c",
    ),
    _page("VBC020", "a digit of another script", "Only 0 to 9 are digits.", "a: ٣", "a: 3"),
    _page(
        "VBC021",
        "quotes are forgotten around a comma",
        "Inside braces a comma ends the value.",
        "a: {formula: min(b, c)}",
        'a: {formula: "min(b, c)"}',
    ),
    _page("VBC022", "a value is missing", "Nothing is silently empty.", "a:\nb: 1", "b: 1"),
    _page(
        "VBC023",
        "a `#` that cuts a value off",
        "From ` #` on, a line is a comment: the rest of the value would be lost.",
        "a: Step #3",
        "a: 'Step #3'",
    ),
    _page("VBC024", "too many errors", "Only the first are told. Repair them, then check the file again."),
    _page("VBC030", "a tab", "Indent with spaces, two for each level.", "a:\n\tb: 1", "a:\n  b: 1"),
    _page(
        "VBC031",
        "indentation that fits nothing",
        "Lines that belong together begin in the same column.",
        "a:\n    b: 1\n  c: 2",
        "a:\n  b: 1\n  c: 2",
    ),
    _page("VBC032", "a bracket or comma out of place", "Every bracket is closed once.", "a: {b: 1}}", "a: {b: 1}"),
    _page("VBC033", "a quote that is not closed", "A text in quotes ends on its line.", 'a: "x\nb: 1', 'a: "x"\nb: 1'),
    _page("VBC034", "a second colon", "A value that holds `: ` stands in quotes.", "a: b: c", "a: 'b: c'"),
    _page(
        "VBC035",
        "a value that begins with a special character",
        "YAML gives `>`, `*`, `@` and others a meaning of its own at the beginning of a value.",
        "a: >= 5",
        "a: '>= 5'",
    ),
    _page(
        "VBC036",
        "a line without a key",
        "Every line is `key: value`, with a space after the colon.",
        "a:b\nc: d",
        "a: b\nc: d",
    ),
    _page(
        "VBC039",
        "YAML cannot read this",
        "Compare quotes, brackets and escapes with the lines around.",
        'a: "\\UFFFFFFFF"',
        "a: x",
    ),
)
