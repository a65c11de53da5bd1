"""What every explanation must stand: each printed line of arithmetic is worked out again, from the page alone."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.explain.calculator import check
from vbc_rules.explain import Explanation

_GOLDEN = Path(__file__).parent / "golden"
_PRINTED = re.compile(r"\s*(?P<label>[\w.-]+(?: \w+)*):\s+(?P<body>.*?)(?:\s{3,}\(.*\))?")
_WORDS = frozenset({"rule", "why", "members", "of", "gate", "needs", "dated", "uses illustrative numbers"})


def printed_arithmetic(text: str) -> list[str]:
    """Return the lines of a page that claim something a calculator can redo, without label and note."""
    found = []
    for line in text.splitlines():
        printed = _PRINTED.fullmatch(line)
        if printed is None or printed["label"] in _WORDS or printed["label"][0] in "-0123456789":
            continue
        if " = " in printed["body"] or printed["body"].endswith((" is yes", " is no")):
            found.append(printed["body"].rstrip())
    return found


def redo(explanation: Explanation) -> int:
    """Work out every printed line again; return how many there were. The page has every checked line, and no other."""
    printed = printed_arithmetic(str(explanation))
    for line in printed:
        check(line)
    marked = [line.text for part in explanation.walk() for line in part.lines if line.checked]
    assert printed == marked
    return len(printed)


def golden(name: str, text: str) -> None:
    """Compare with tests/explain/golden/NAME.txt; ACCEPT_GOLDEN=1 writes it anew, to be read before it is kept."""
    path = _GOLDEN / f"{name}.txt"
    if os.environ.get("ACCEPT_GOLDEN") == "1":
        path.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == path.read_text(encoding="utf-8")
