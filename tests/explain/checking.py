"""What every explanation must stand: each printed line of arithmetic is worked out again, from the page alone."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.explain.calculator import check, reading
from vbc_rules.explain import Explanation
from vbc_rules.language.absence import Absent

_GOLDEN = Path(__file__).parent / "golden"
_PRINTED = re.compile(r"\s*(?P<label>[\w.-]+(?: \w+)*):\s+(?P<body>.*?)(?:\s{3,}\(.*\))?")
_WORDS = frozenset(
    {"rule", "why", "members", "of", "gate", "needs", "dated", "derived", "rule file", "uses illustrative numbers"}
)
_SHORT = re.compile(r"\s*\S.*  (?:yes|no), because (?P<body>.*?)(?:\s{3,}\(.*\))?")
_CLAIMS = re.compile(r".* = .*|.*(?: is|:) (?:yes|no)")


def printed(text: str) -> list[tuple[str, str]]:
    """Return the lines of a page that claim something a calculator can redo: label and claim, without the note."""
    found = []
    for line in text.partition("\nSources\n")[0].splitlines():
        if short := _SHORT.fullmatch(line):
            found.append(("because", short["body"]))
            continue
        matched = _PRINTED.fullmatch(line)
        if matched is None or matched["label"] in _WORDS or matched["label"][0] in "-0123456789":
            continue
        label, body = matched["label"], matched["body"].rstrip()
        if label == "absent":
            body = body.partition(", because ")[2]
        # A number cut short stands behind `≈`: nobody can redo that line exactly, and it does not claim so.
        if (
            _CLAIMS.fullmatch(body)
            and "≈" not in body
            and not body.startswith(("takes no part", "nothing is gathered"))
        ):
            found.append((label, body))
    return found


def redo(explanation: Explanation) -> int:
    """Work out every printed line of the statement and of the full text again; return how many there were.

    The full text has every checked line of the tree, and no other. The statement has none but these, and among them
    all arithmetic that led to the value. What a line reads off is what the name holds.
    """
    marked = [line.text for part in explanation.walk() for line in part.lines if line.checked]
    holds = {(part.ref.rpartition(".")[2], part.text) for part in explanation.walk()}
    whole, brief = printed(explanation.full_text()), printed(str(explanation))
    for _, line in (*whole, *brief):
        check(line)
        assert reading(line) is None or reading(line) in holds or any(part.cut for part in explanation.walk())
    assert [line for label, line in whole if label != "in one line"] == marked
    on_page = Counter(line for label, line in brief if label not in ("in one line", "absent"))
    assert on_page <= Counter(marked)
    assert Counter(_led_to(explanation)) <= on_page
    assert {line for label, line in brief if label == "absent"} <= set(marked)
    return len(whole)


def _led_to(explanation: Explanation) -> Iterator[str]:
    """Yield the arithmetic that led to the value: all, but for names that were left out because they are absent."""
    first = {(part.ref, part.name): part for part in explanation.walk() if not part.repeated}
    seen = set()
    waiting = [explanation]
    while waiting:
        part = waiting.pop()
        if (part.ref, part.name) in seen:
            continue
        seen.add((part.ref, part.name))
        yield from (
            line.text
            for line in part.lines
            if line.checked and line.kind not in ("test", "order") and line.label != "place"
        )
        if part.kind == "input" and not isinstance(part.value, Absent):
            continue
        for each in part.parts:
            trail = part.absence.trail if part.absence is not None else ()
            if not isinstance(each.value, Absent) or each.name in trail:
                waiting.append(first[each.ref, each.name])


def golden(name: str, text: str) -> None:
    """Compare with tests/explain/golden/NAME.txt; ACCEPT_GOLDEN=1 writes it anew, to be read before it is kept."""
    path = _GOLDEN / f"{name}.txt"
    if os.environ.get("ACCEPT_GOLDEN") == "1":
        path.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == path.read_text(encoding="utf-8")
