"""Characters that look like others or cannot be seen: which are refused where, and what to write instead."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]|\r(?!\n)"
)
"""Characters that may stand nowhere in a file: controls, odd line ends, and marks that reorder what is shown."""

_HYPHENS: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_QUOTES: Final = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb"
_SPACES: Final = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_NOTHING: Final = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064"

_REPLACEMENT: Final = str.maketrans(
    dict.fromkeys(_HYPHENS, "-")
    | dict.fromkeys(_QUOTES, "'")
    | dict.fromkeys(_SPACES, " ")
    | dict.fromkeys(_NOTHING, "")
)
_PASTED: Final = re.compile(f"[{_HYPHENS}{_QUOTES}{_SPACES}{_NOTHING}]")
_FOREIGN_DIGIT: Final = re.compile(r"(?![0-9])\d")
_CONTROL_NAMES: Final = {
    "\0": "NUL",
    "\x1b": "ESCAPE",
    "\r": "CARRIAGE RETURN",
    "\x0c": "FORM FEED",
    "\x0b": "LINE TABULATION",
}


@dataclass(frozen=True, slots=True)
class Stray:
    """A pasted character: its offset, its name, and the instruction that removes it."""

    offset: int
    name: str
    help: str


def refusal(stray: Stray) -> str:
    """Return the message for a pasted character."""
    return f"the pasted character {stray.name} is not part of the rule language"


def name_of(character: str) -> str:
    """Return how to speak of a character that may not be shown: `U+2013 EN DASH`."""
    name = unicodedata.name(character, _CONTROL_NAMES.get(character, ""))
    return f"U+{ord(character):04X} {name}".rstrip()


def pasted(text: str) -> tuple[Stray, ...]:
    """Return a text's pasted dashes, quotes, spaces and invisible characters, each once, at its first place."""
    found: dict[str, Stray] = {}
    for match in _PASTED.finditer(text):
        character = match.group()
        if character not in found:
            found[character] = Stray(match.start(), name_of(character), _instruction(character))
    return tuple(found.values())


def foreign_digit(text: str) -> Stray | None:
    """Return the first digit that is not one of 0 to 9, or None."""
    match = _FOREIGN_DIGIT.search(text)
    if match is None:
        return None
    digit = unicodedata.digit(match.group(), None)
    plain = "the digits 0 to 9" if digit is None else f"`{digit}`"
    return Stray(match.start(), name_of(match.group()), f"write {plain} instead")


def plain(text: str) -> str:
    """Return the text with every pasted character replaced by the one on the keyboard."""
    return text.translate(_REPLACEMENT)


def _instruction(character: str) -> str:
    if character in _HYPHENS:
        return "write `-` instead"
    if character in _QUOTES:
        return "write a straight quote `'` instead"
    if character in _SPACES:
        return "write an ordinary space instead"
    return "delete this invisible character"
