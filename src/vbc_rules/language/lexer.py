"""Cuts the text of a formula into tokens.

Numbers and commas: a comma directly after one to three digits and directly before exactly three is a thousands
separator (`12,500`, `$1,250.00`); a comma that separates arguments is followed by a space or by something that is not a
number. So `min(1,250, x)` has two arguments, 1250 and x, and `min(1, 250, x)` has three. Any other comma between two
digits (`1,25`) is refused. A date is four digits, two and two without spaces (`2019-01-31`); with spaces it is a
subtraction. A text stands in single quotes; an apostrophe inside it is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

RESERVED: Final = frozenset(
    (
        "if",
        "then",
        "else",
        "and",
        "or",
        "not",
        "in",
        "between",
        "is",
        "missing",
        "of",
        "on",
        "where",
        "present",
        "yes",
        "no",
    )
)
"""Words of the formula language: never names."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a formula, from character `start` to `stop` of its text."""

    code: str
    message: str
    start: int
    stop: int
    help: str
    severity: str = "error"


class FormulaError(Exception):
    """A formula cannot be read; carries what to tell its author."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*(problem.message for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one formula, side by side: token `i` is of `kinds[i]` and stands at `starts[i]` to `stops[i]`.

    A kind is `name`, `number`, `date`, `text`, `end`, or the operator or reserved word itself.
    """

    kinds: list[str]
    texts: list[str]
    starts: list[int]
    stops: list[int]


_DIGITS: Final = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+(?![0-9])|0|[1-9][0-9]*)(?:\.[0-9]+)?"
_MASTER: Final = re.compile(
    r"""[ \t\n]*(?:
      (?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*(?!\w|\.\w))
    | (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w-]))
    | (?P<baddate>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![\w-])|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}(?!\w))
    | (?P<number>(?:{_DIGITS}%?|\${_DIGITS})(?![\w.%$]|,[0-9]))
    | (?P<badoperator>==|<>|=<|=>|&&|\|\||[≤≥≠×÷−–—])
    | (?P<operator><=|>=|!=|\*(?!\*)|[-+/(),=<>])
    | (?P<text>'(?:[^'\x00-\x1f]|'')*+')
    | (?P<badnumber>\$?[ ]*\.?[0-9](?:[\w%$]|[.](?!\s|$)|,(?=[0-9]))*\.?)
    | (?P<word>[^\W\d]\w*(?:\.\w+)*)
    | (?P<quoted>"[^"]*"?)
    | (?P<other>\*\*|.)
    )""".replace("{_DIGITS}", _DIGITS),
    re.VERBOSE | re.DOTALL,
)

_WRITE: Final[Mapping[str, str]] = {
    "==": "=",
    "<>": "!=",
    "=<": "<=",
    "=>": ">=",
    "&&": "and",
    "||": "or",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "×": "*",
    "÷": "/",
    "−": "-",
    "–": "-",
    "—": "-",
}
_NOT_THERE: Final[Mapping[str, str]] = {
    "**": "write the product: `x * x`",
    "^": "write the product: `x * x`",
    "?": "write `if .. then .. else ..`",
    ":": "write `if .. then .. else ..` to choose, `/` to divide, and `x between a and b` for a range",
    "!": "write `not`, or `!=` between two values",
    "&": "write `and`",
    "|": "write `or`",
    "#": "write remarks under `about`, not in a formula",
    "[": "write parentheses: `(` and `)`",
    "]": "write parentheses: `(` and `)`",
    "{": "write parentheses: `(` and `)`",
    "}": "write parentheses: `(` and `)`",
    ";": "write one formula, without `;`",
    "$": "write `$` directly before a number: `$5`",
    "%": "write `%` only directly after a number: `5%`",
    ".": "write a qualified name without spaces: `level.name`",
    "‘": "write straight quotes: `'`",
    "’": "write straight quotes: `'`",
    "“": "write straight single quotes: `'`",
    "”": "write straight single quotes: `'`",
    "`": "write names without quotes, and texts in `'`",
    "\u00a0": "write an ordinary space",
}
_YES_NO: Final[Mapping[str, str]] = {"true": "yes", "false": "no"}
_MOST_PROBLEMS: Final = 20
_NAME_HELP: Final = "write a name of lower-case letters, digits and underscores that begins with a letter"


def scan(text: str) -> Tokens:
    """Return the tokens of `text`, the last of kind `end`.

    Raises FormulaError at the first thing that is no token; operators with an obvious replacement are told together,
    up to a score of them.
    """
    kinds: list[str] = []
    texts: list[str] = []
    starts: list[int] = []
    stops: list[int] = []
    problems: list[Problem] = []
    text = text.rstrip(" \t\n")
    for match in _MASTER.finditer(text):
        kind = match.lastgroup or "other"
        word = match[kind]
        start, stop = match.span(kind)
        if kind == "name":
            if word in RESERVED:
                kind = word
            elif word in _YES_NO:
                kind = "word"
            elif "." in word:
                problems.extend(_qualified(word, start, stop))
        elif kind == "operator":
            kind = word
        if kind == "badoperator":
            message = f"`{word}` is not an operator of the rule language"
            problems.append(Problem("VBC204", message, start, stop, f"write `{_WRITE[word]}`"))
        elif kind in _REFUSALS:
            before = starts[-1] if kinds and kinds[-1] == "number" else None
            raise FormulaError(*problems, _refuse(kind, word, start, stop, text, before))
        if len(problems) >= _MOST_PROBLEMS:
            break
        kinds.append(kind)
        texts.append(word)
        starts.append(start)
        stops.append(stop)
    if problems:
        raise FormulaError(*problems)
    kinds.append("end")
    texts.append("")
    starts.append(len(text))
    stops.append(len(text) + 1)
    return Tokens(kinds, texts, starts, stops)


_REFUSALS: Final = frozenset(("baddate", "badnumber", "word", "quoted", "other"))


def _refuse(kind: str, word: str, start: int, stop: int, text: str, number_at: int | None) -> Problem:
    """Say what is wrong with something that is no token; `number_at` is where a number directly before it begins."""
    if kind == "baddate":
        return Problem("VBC206", f"`{word}` is not a date", start, stop, "write year, month and day: `2019-01-31`")
    if kind == "badnumber":
        message, help = _number(word)
        return Problem("VBC205", message, start, stop, help)
    if kind == "word":
        return _word(word, start, stop)
    if kind == "quoted":
        inner = word.strip('"').replace("'", "''")
        return Problem("VBC207", "a text stands in single quotes", start, stop, f"write `'{inner}'`")
    if word == "'":
        return Problem("VBC207", "a text has no closing quote", start, len(text), "write `'` at the end of the text")
    if word == "%" and number_at is not None:
        number = text[number_at:start].strip()
        if number[0] != "$" and number[-1] != "%":
            message = "`%` stands directly after its number"
            return Problem("VBC205", message, number_at, stop, f"write `{number}%`")
    help = _NOT_THERE.get(word, "remove it")
    shown = f"`{word}`" if word.isprintable() and not word.isspace() and word != "`" else f"U+{ord(word):04X}"
    return Problem("VBC204", f"{shown} is not part of the rule language", start, stop, help)


def _number(word: str) -> tuple[str, str]:
    """Return message and help for a number that is not written as numbers are."""
    bare = word.replace("$", "").replace("%", "").strip()
    money = "$" if word.startswith("$") else ""
    percent = "%" if word.endswith("%") else ""
    plain = bare.replace(",", "")
    if re.fullmatch(r"[0-9]*\.?[0-9]+|[0-9]+\.", plain) is None:
        if re.fullmatch(r"[0-9.]+[eE][0-9]+", plain):
            return f"`{word}` is not a number", "write the number out in full, without an exponent"
        if re.fullmatch(r"[0-9]+(_[0-9]+)+", plain):
            return f"`{word}` is not a number", f"write `{money}{plain.replace('_', '')}{percent}`"
        return f"`{word}` is neither a number nor a name", "write a space after a number; a name begins with a letter"
    if money and (percent or "%" in word):
        return f"`{word}` is both money and a percent", f"write `${bare}` or `{bare}%`"
    if word.count("%") > 1 or word.count("$") > 1:
        return f"`{word}` is not a number", f"write `{money}{bare}{percent}`"
    if "," in bare:
        return f"the commas in `{word}` do not separate thousands", (
            f"write `{money}{plain}{percent}` for one number, or a space after each comma between several"
        )
    if bare.startswith("."):
        return f"`{word}` has no digit before the point", f"write `{money}0{bare}{percent}`"
    if bare.endswith("."):
        return f"`{word}` has no digit after the point", f"write `{money}{bare[:-1]}{percent}`"
    if money and word[1] == " ":
        return "`$` stands directly before its number", f"write `{money}{bare}{percent}`"
    if bare[0] == "0" and bare[1:2].isdigit():
        whole = re.sub(r"^0+(?=[0-9])", "", bare)
        return f"`{word}` begins with a zero", f"write `{money}{whole}{percent}`, or `'{bare}'` if it is a code"
    return f"`{word}` is not a number", f"write `{money}{bare}{percent}`"


def _word(word: str, start: int, stop: int) -> Problem:
    """Refuse a word with capital letters or other characters that names do not have, and true and false."""
    lower = word.lower()
    if lower in _YES_NO:
        message = f"`{word}` is not a word of the rule language"
        return Problem("VBC204", message, start, stop, f"write `{_YES_NO[lower]}`")
    if re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", lower):
        return Problem("VBC208", f"`{word}` has capital letters", start, stop, f"write `{lower}`")
    return Problem("VBC208", f"`{word}` is not a name", start, stop, _NAME_HELP)


def _qualified(word: str, start: int, stop: int) -> list[Problem]:
    """Check a name with points: at most three parts, none of them a reserved word."""
    parts = word.split(".")
    if len(parts) > 3:
        message = f"`{word}` has more than three parts"
        return [Problem("VBC208", message, start, stop, f"write `{'.'.join(parts[-2:])}`: the level and the name")]
    for part in parts:
        if part in RESERVED:
            message = f"`{part}` is a word of the formula language and cannot be part of a name"
            return [Problem("VBC208", message, start, stop, "write another name")]
    return []
