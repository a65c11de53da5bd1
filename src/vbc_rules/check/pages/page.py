"""The page of one code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """What a code means, and why: `bad` is a piece of a file that is refused with it, `good` what to write instead.

    Both are empty where the code is not about something written in a rule file.
    """

    code: str
    title: str
    meaning: str
    bad: str = ""
    good: str = ""
