"""Diagnostics as people and programs see them."""

from __future__ import annotations

import json
import re

from vbc_rules.source.diagnostic import Diagnostic, Findings, Related
from vbc_rules.source.reader import read_text
from vbc_rules.source.render import render_json, render_text
from vbc_rules.source.span import SourceFile, Span


def one(text: str, line: int, column: int, end_line: int, end_column: int, *, severity: str = "error") -> Diagnostic:
    span = Span(SourceFile("rules.yaml", text), line, column, end_line, end_column)
    return Diagnostic("VBC301", "warning" if severity == "warning" else "error", "no such name", span, "write `cap`")


def excerpt(diagnostic: Diagnostic) -> list[str]:
    return render_text([diagnostic]).split("\n")[3:5]


def test_the_whole_text() -> None:
    findings = Findings()
    read_text("a: 1\nflag: NO\n" + "\n" * 7 + "a: 2\n", "rules.yaml", findings)
    findings.warning("VBC999", "take care", findings.errors[0].span, "first line\nsecond line")
    assert (
        render_text(findings.all)
        == """\
error[VBC018]: `NO` without quotes can be read as text or as `no`
 --> rules.yaml:2:7
  |
2 | flag: NO
  |       ^^
  = help: write `no` in lower case, or `'NO'` in quotes if it is text

warning[VBC999]: take care
 --> rules.yaml:2:7
  |
2 | flag: NO
  |       ^^
  = help: first line
          second line

error[VBC010]: the key `a` is written twice in one block
  --> rules.yaml:10:1
   |
10 | a: 2
   | ^
   = help: keep one of the two and delete the other
note: it is first written here
  --> rules.yaml:1:1
   |
 1 | a: 1
   | ^

2 errors, 1 warning in rules.yaml
"""
    )


def test_nothing_found_is_no_text() -> None:
    assert render_text([]) == ""
    assert render_json([]) == "[]\n"


def test_several_files_are_counted() -> None:
    other = Span(SourceFile("other.yaml", "b"), 1, 1, 1, 2)
    both = [one("a", 1, 1, 1, 2), Diagnostic("VBC301", "error", "m", other, "h", (Related("r", other),))]
    assert render_text(both).endswith("\n2 errors in 2 files\n")


def test_a_span_of_several_lines_is_underlined_on_its_first() -> None:
    assert excerpt(one("a: one\n  two\n", 1, 4, 2, 6)) == ["1 | a: one", "  |    ^^^"]


def test_an_empty_span_still_gets_a_caret() -> None:
    assert excerpt(one("a: ''", 1, 5, 1, 5)) == ["1 | a: ''", "  |     ^"]
    assert excerpt(one("a:", 1, 3, 1, 4)) == ["1 | a:", "  |   ^"]


def test_tabs_wide_and_combining_characters_keep_the_carets_in_place() -> None:
    assert excerpt(one("\tab", 1, 2, 1, 4)) == ["1 |     ab", "  |     ^^"]
    assert excerpt(one("漢字 ab", 1, 4, 1, 6)) == ["1 | 漢字 ab", "  |      ^^"]
    assert excerpt(one("e\u0301 ab", 1, 4, 1, 6)) == ["1 | e\u0301 ab", "  |   ^^"]
    assert excerpt(one("漢", 1, 1, 1, 2)) == ["1 | 漢", "  | ^^"]


def test_nothing_in_a_file_can_steer_the_terminal() -> None:
    text = render_text([one("a: \x1b[2J\u202ex", 1, 4, 1, 5)])
    assert "1 | a: \ufffd[2J\ufffdx" in text


def test_long_lines_are_cut_around_the_span() -> None:
    line, carets = excerpt(one("x" * 500 + "HERE" + "y" * 500, 1, 501, 1, 505))
    assert line == "1 | .." + "x" * 30 + "HERE" + "y" * 86 + ".."
    assert carets == "  | " + " " * 32 + "^^^^"
    line, carets = excerpt(one("z" * 100_000, 1, 1, 1, 100_001))
    assert line == "1 | " + "z" * 120 + ".."
    assert carets == "  | " + "^" * 120


def test_a_place_past_the_end_of_the_file_has_no_excerpt() -> None:
    assert render_text([one("", 1, 1, 1, 1)]).split("\n")[1:3] == [" --> rules.yaml:1:1", "  = help: write `cap`"]


def test_colour_only_adds_codes() -> None:
    diagnostics = [one("a: b", 1, 4, 1, 5), one("a: b", 1, 1, 1, 2, severity="warning")]
    coloured = render_text(diagnostics, colour=True)
    assert coloured.startswith("\x1b[1;31merror[VBC301]\x1b[0m")
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render_text(diagnostics)


def test_json() -> None:
    assert json.loads(render_json([one("a: b", 1, 4, 1, 5)])) == [
        {
            "code": "VBC301",
            "severity": "error",
            "message": "no such name",
            "file": "rules.yaml",
            "line": 1,
            "column": 4,
            "help": "write `cap`",
        }
    ]
