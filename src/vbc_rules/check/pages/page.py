"""The page of one code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Page:
    """What a code means and why it is refused.

    `bad` is a piece of text that is refused with it, `good` what to write instead; `kind` tells what the two are:
    sections of a rule file, a whole file, or one formula. Both are empty where the code is not about what a file says.
    """

    code: str
    title: str
    meaning: str
    bad: str = ""
    good: str = ""
    kind: Literal["sections", "file", "formula"] = "sections"
