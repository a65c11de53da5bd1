"""How large a rule file may be, so that no file, however hostile, costs more than a moment to refuse."""

from __future__ import annotations

import re
from typing import Final

MAX_BYTES: Final = 1_000_000
"""Bytes in a file: the longest real program has about 30,000, and beyond this nobody reviews what decides money."""

MAX_DEPTH: Final = 40
"""Blocks within blocks: the language needs fewer than ten, and every later stage may then recurse safely."""

MAX_LINES: Final = 20_000
"""Lines in a file: counted before anything is read, so that an endless file costs nothing."""

MAX_NODES: Final = 40_000
"""Keys, values and items together: keeps the memory and the time of every later stage bounded."""

MAX_DIGITS: Final = 100
"""Digits in one number: no payment needs more, and arithmetic on endless digits is a way to stall a service."""

MAX_SCALAR: Final = 10_000
"""Characters in one piece of text: a formula or a note longer than this cannot be read by the people it concerns."""

MAX_ERRORS: Final = 200
"""Errors told about one file: past this the same mistake is being repeated, and the first ones explain the rest."""

_RUN: Final = re.compile(r"[0-9][0-9_.]*")
_ONE_NUMBER: Final = re.compile(r"[-+$ ]*[0-9][0-9,_.]*[ %]*")


def longest_number(text: str) -> int:
    """Return the digits of the longest number in a text; commas join digits only where all of it is one number."""
    runs = [text] if _ONE_NUMBER.fullmatch(text) else _RUN.findall(text)
    return max((sum(map(str.isdigit, run)) for run in runs), default=0)
