"""The codes of what can be wrong with the structure of a rule file."""

from __future__ import annotations

from typing import Final

UNKNOWN_KEY: Final = "VBC101"
MISSING_KEY: Final = "VBC102"
KEY_ORDER: Final = "VBC103"
WRONG_FORM: Final = "VBC104"  # a block where text is wanted, a list where a block is wanted
EMPTY: Final = "VBC105"
BAD_NAME: Final = "VBC106"
BAD_WORD: Final = "VBC107"  # not one of the words that may stand here
BAD_LITERAL: Final = "VBC108"  # a number, date, range, rounding or list of codes that cannot be read
EXCLUDES: Final = "VBC109"  # keys that exclude each other, or that need each other
REPEATED: Final = "VBC110"
NO_SHAPE: Final = "VBC111"
SEVERAL_SHAPES: Final = "VBC112"
DATED_SPANS: Final = "VBC113"
TABLE_CELL: Final = "VBC114"
TABLE_COLUMNS: Final = "VBC115"
OTHERWISE_LAST: Final = "VBC116"
UNQUOTED_TEXT: Final = "VBC117"
UNKNOWN_SOURCE: Final = "VBC120"
SEVERAL_PROVENANCES: Final = "VBC121"
UNDECIDED_TIES: Final = "VBC428"
