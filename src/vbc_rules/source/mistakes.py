"""Where a file stops being YAML: what its author most likely did, in plain words, and what to write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from yaml.error import MarkedYAMLError

from vbc_rules.source import characters
from vbc_rules.source.diagnostic import Findings, Related
from vbc_rules.source.span import SourceFile, Span
from vbc_rules.source.tree import Scalar

_NO_START: Final = re.compile(r"found character '(.+)' that cannot start any token", re.DOTALL)
_KEY: Final = re.compile(r"[\s\-{\[,]*[\w.\- ]+:( |$)")
_COLON_GLUED: Final = re.compile(r"\s*(?:- )?([A-Za-z_]\w*):([^ \n].*)")
_QUOTE_IT: Final = "put the whole value in quotes"
_ALIGN: Final = "begin this line in the same column as the lines it belongs with"


@dataclass(frozen=True, slots=True)
class _Mistake:
    """What PyYAML said and where, lines and columns from 1; `opening` is the bracket or quote it named, if any."""

    problem: str
    context: str
    line: int
    column: int
    text: str
    opening: tuple[int, int] | None
    last: Scalar | None

    @property
    def before(self) -> str:
        return self.text[: self.column - 1]


@dataclass(frozen=True, slots=True)
class _Advice:
    """A diagnostic in the making; `at` is another place than where PyYAML stopped."""

    code: str
    message: str
    help: str
    at: tuple[int, int] | None = None
    related: tuple[str, tuple[int, int]] | None = None


def explain(error: MarkedYAMLError, file: SourceFile, text: str, last: Scalar | None, findings: Findings) -> None:
    """Report a syntax error of YAML. `text` is the text PyYAML read; `last` is the last value before the error."""
    lines = text.split("\n")
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    opening = error.context_mark
    mistake = _Mistake(
        error.problem or "",
        error.context or "",
        line,
        column,
        lines[line - 1] if line <= len(lines) else "",
        (opening.line + 1, opening.column + 1) if opening else None,
        last,
    )
    advice = _advice(mistake, lines)
    place = advice.at or (line, column)
    related = [Related(advice.related[0], _point(file, advice.related[1]))] if advice.related else []
    findings.error(advice.code, advice.message, _point(file, place), advice.help, *related)


def _point(file: SourceFile, place: tuple[int, int]) -> Span:
    line, column = place
    return Span(file, line, column, line, column + 1)


def _advice(mistake: _Mistake, lines: list[str]) -> _Advice:
    problem, context = mistake.problem, mistake.context
    stray = _NO_START.match(problem)
    if stray is not None:
        return _tab(mistake, lines) if stray.group(1) in ("\\t", "\t") else _reserved(mistake)
    if "undefined tag handle" in problem or context in ("while scanning a tag", "while parsing a tag"):
        help = "delete the word that begins with `!`; a value that begins with `!` is put in quotes"
        return _Advice("VBC014", "a YAML tag is not part of the rule language", help, mistake.opening)
    if "directive" in context or "directive" in problem or "<document start>" in problem:
        return _after_the_end(mistake)
    if context.startswith(("while scanning an a", "while scanning a block scalar")):
        return _reserved(mistake)
    if "quoted scalar" in context:
        return _in_quotes(mistake)
    if "flow" in context:
        return _in_brackets(mistake, lines)
    if "mapping values are not allowed" in problem:
        return _second_colon(mistake, lines)
    if "could not find expected ':'" in problem:
        return _no_colon(mistake.opening or (mistake.line, mistake.column), lines)
    if "'<scalar>'" in problem:
        return _after_quotes(mistake)
    if "node content" in problem or problem.endswith(("found '}'", "found ']'", "found ','")):
        help = "delete it, or open its pair before; a value that begins with a bracket or a comma is put in quotes"
        return _Advice("VBC032", "this bracket or comma closes nothing", help)
    if "sequence entries are not allowed" in problem:
        return _Advice(
            "VBC031",
            "an item that begins with `-` stands on a line of its own",
            "write `- ..` on the next line, indented",
        )
    if "<block end>" in problem:
        return _Advice(
            "VBC031", "this line's indentation fits no line above it", _ALIGN, _first_word(mistake.line, lines)
        )
    return _Advice(
        "VBC039",
        "the file stops being YAML here",
        "compare the indentation, quotes and brackets with the lines around it",
    )


def _tab(mistake: _Mistake, lines: list[str]) -> _Advice:
    if mistake.before.strip():
        return _Advice("VBC030", "a tab stands here", "write a space instead of the tab")
    others = sum(1 for line in lines if line.lstrip(" ").startswith("\t")) - 1
    more = f"; {others} more {'lines begin' if others > 1 else 'line begins'} with one" if others > 0 else ""
    return _Advice("VBC030", f"this line is indented with a tab{more}", "indent with spaces, two for each level")


def _reserved(mistake: _Mistake) -> _Advice:
    place = mistake.opening or (mistake.line, mistake.column)
    sign = mistake.text[place[1] - 1 : place[1]] if place[0] == mistake.line else ""
    rest = mistake.text[place[1] - 1 :].strip()
    told = f"`{sign}`" if sign else "this sign"
    plain = rest and not set(rest) & set('"{}[],') and len(rest) <= 60
    return _Advice(
        "VBC035", f"a value cannot begin with {told}", f'write `"{rest}"` in quotes' if plain else _QUOTE_IT, place
    )


def _after_the_end(mistake: _Mistake) -> _Advice:
    if mistake.text.startswith("%") or "directive" in mistake.problem + mistake.context:
        return _Advice(
            "VBC015", "a YAML directive is not part of the rule language", "delete the lines that begin with `%`"
        )
    return _Advice(
        "VBC016", "text follows the end of the document", "delete the line `...` above, or everything after it"
    )


def _in_quotes(mistake: _Mistake) -> _Advice:
    if "unexpected end of stream" in mistake.problem or "document separator" in mistake.problem:
        return _Advice("VBC033", "the quote opened here is never closed", "write the closing quote", mistake.opening)
    return _Advice("VBC033", "a backslash begins an escape that YAML does not know", "write the text in single quotes")


def _after_quotes(mistake: _Mistake) -> _Advice:
    last = mistake.last
    if last is not None and last.style == "quoted" and last.span.line < mistake.line:
        opened = (last.span.line, max(1, last.span.column - 1))
        return _Advice(
            "VBC033",
            "the quote opened here is closed only on a later line",
            "write its closing quote on this line",
            opened,
        )
    help = f"{_QUOTE_IT}: double quotes around it, single quotes within"
    return _Advice("VBC033", "text follows a closing quote", help)


def _in_brackets(mistake: _Mistake, lines: list[str]) -> _Advice:
    opened = mistake.opening or (mistake.line, mistake.column)
    top = lines[opened[0] - 1] if opened[0] <= len(lines) else ""
    opener = top[opened[1] - 1 : opened[1]]
    name, closer = ("brace", "}") if opener == "{" else ("bracket", "]")
    if "node content" in mistake.problem:
        return _Advice("VBC032", "a value is missing here", "write a value between the commas, or delete one comma")
    if mistake.problem.endswith("got '?'"):
        return _Advice("VBC035", "inside brackets an unquoted value cannot hold `?`", _QUOTE_IT)
    if mistake.line == opened[0] and mistake.problem.endswith("got ':'"):
        return _Advice(
            "VBC034", "a value that holds `: ` stands in quotes", f"{_QUOTE_IT}, or write a comma before the next key"
        )
    if mistake.line == opened[0] and mistake.problem.endswith("got '<scalar>'"):
        return _after_quotes(mistake)
    hash_at = top.find(" #", opened[1])
    if mistake.line > opened[0] and hash_at >= 0:
        message = f"from ` #` on this line is a comment, so the {name} `{opener}` is not closed"
        return _Advice(
            "VBC023",
            message,
            f"put the value that holds ` #` in quotes, or move the comment after `{closer}`",
            (opened[0], hash_at + 2),
        )
    noticed = ("it must be closed before this", (mistake.line, mistake.column)) if mistake.text.strip() else None
    return _Advice("VBC032", f"the {name} `{opener}` is not closed", f"write `{closer}` where it ends", opened, noticed)


def _second_colon(mistake: _Mistake, lines: list[str]) -> _Advice:
    if _KEY.match(mistake.before):
        value = mistake.before.split(":", 1)[1].strip()
        return _Advice(
            "VBC034",
            "a value that holds `: ` stands in quotes",
            f"put the value that begins with `{value[:40]}` in quotes",
        )
    last = mistake.last
    if last is not None and last.span.line < mistake.line:
        written = lines[last.span.line - 1]
        key = _KEY.match(written)
        if key is None or last.span.column == 1 + len(written) - len(written.lstrip()):
            return _no_colon((last.span.line, last.span.column), lines)
        message = "this line is indented deeper than the line above, which has its value already"
        above = ("the value is here", (last.span.line, last.span.column))
        return _Advice("VBC031", message, _ALIGN, _first_word(mistake.line, lines), above)
    return _Advice("VBC034", "a `:` may not stand here", f"{_QUOTE_IT}, or correct the indentation of the line")


def _no_colon(place: tuple[int, int], lines: list[str]) -> _Advice:
    text = lines[place[0] - 1] if place[0] <= len(lines) else ""
    glued = _COLON_GLUED.match(text)
    if glued is not None:
        at = (place[0], glued.start(2))
        key, rest = glued.group(1), glued.group(2)
        strays = characters.pasted(rest[0])
        if strays:
            return _Advice("VBC019", characters.refusal(strays[0]), strays[0].help, (at[0], at[1] + 1))
        return _Advice("VBC036", "a space is missing after `:`", f"write `{key}: {rest[:40]}`", at)
    help = "write `key: value`; text that goes on from the line above is indented deeper than its key"
    return _Advice("VBC036", "this line has no `key:`", help, place)


def _first_word(line: int, lines: list[str]) -> tuple[int, int]:
    text = lines[line - 1] if line <= len(lines) else ""
    return line, len(text) - len(text.lstrip()) + 1
