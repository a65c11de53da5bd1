"""Whatever a file says: findings or a clean pass, never an exception, and soon."""

from __future__ import annotations

import os
import random
import re
import time
from pathlib import Path

import pytest

from tests.resolve.files import HEADER
from vbc_rules.check.absence import check_absence
from vbc_rules.check.analysis import analyse
from vbc_rules.check.prover import prove_guarantees
from vbc_rules.check.ranges import infer_ranges
from vbc_rules.language.reading import read_document
from vbc_rules.resolve.resolver import resolve
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path
    for folder in (ROOT / "rules", ROOT / "tests" / "language" / "excerpts")
    for path in folder.rglob("*.yaml")
    if not path.name.endswith((".tests.yaml", ".mapping.yaml"))
)
WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|\d[\d,.]*%?|\$[\d,.]+|[<>=!]+|[-+*/]")
MUTANTS = {"quick": 3, "thorough": 100}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 12)
"""Of each file."""
SECONDS = 3.0
"""Of processor time; a file takes a few hundredths."""


def _look(text: str) -> tuple[str, ...]:
    """Return the codes of all that is said of a file, every stage being asked."""
    findings = Findings()
    tree = read_text(text, "rules.yaml", findings)
    document = read_document(tree, findings) if tree is not None else None
    if document is None or findings.errors:
        return tuple(finding.code for finding in findings.errors)
    program = resolve(document, findings)
    analyse(program, findings)
    unsaid = Findings()
    if not any(finding.code < "VBC500" for finding in findings.errors):
        presence = check_absence(program, unsaid)
        estimator = None if unsaid.errors else infer_ranges(program, presence, unsaid)
        if estimator is not None:
            prove_guarantees(estimator, unsaid)
    return tuple(finding.code for finding in (*findings.errors, *unsaid.errors))


def _mutated(text: str, rng: random.Random) -> str:
    """Return the text with words swapped, dropped or misspelt, or lines dropped or said twice."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        lines = text.split("\n")
        kind = rng.random()
        if kind < 0.1:
            del lines[rng.randrange(len(lines))]
            text = "\n".join(lines)
        elif kind < 0.2:
            lines.insert(rng.randrange(len(lines)), rng.choice(lines))
            text = "\n".join(lines)
        else:
            words = list(WORD.finditer(text))
            here, other = rng.choice(words), rng.choice(words).group()
            put = "" if kind < 0.3 else other if kind < 0.85 else f"{here.group()}x"
            text = text[: here.start()] + put + text[here.end() :]
    return text


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_with_mistakes_is_answered(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for seed in range(MUTANTS):
        begun = time.process_time()
        _look(_mutated(text, random.Random(seed)))  # noqa: S311 - the same seed gives the same file
        assert time.process_time() - begun < SECONDS, seed


def _inputs(count: int) -> str:
    lines = "".join(f"    x{n}: {{type: number, decimals: 2, range: -10 to 10}}\n" for n in range(count))
    return f"inputs:\n  hospital:\n{lines}"


def _value(formula: str) -> str:
    return f'values:\n  hospital:\n    v: {{formula: "{formula}"}}\n'


def _chain(count: int, formula: str) -> str:
    """Return values of which each is made of the one before (`{last}`)."""
    lines = "".join(f"    v{n}: {{formula: {formula.format(last=f'v{n - 1}')}}}\n" for n in range(1, count))
    return f"values:\n  hospital:\n    v0: {{formula: x0 + x1}}\n{lines}"


def _promise(*guarantees: str) -> str:
    return "guarantees:\n" + "".join(f"  - {guarantee}\n" for guarantee in guarantees)


LARGE = {
    "a product of 40": _inputs(40) + _value(" * ".join(f"x{n}" for n in range(40))) + _promise("v >= 0"),
    "a product of 20 sums": _inputs(40)
    + _value(" * ".join(f"(x{n} + x{n + 1})" for n in range(0, 40, 2)))
    + _promise("v <= 5"),
    "a divisor of 39 products": _inputs(40) + _value(f"1 / ({' + '.join(f'x{n} * x{n + 1}' for n in range(39))})"),
    "39 facts": _inputs(40)
    + _value(f"if {' and '.join(f'x{n} * x{n + 1} > x{(n + 7) % 40}' for n in range(39))} then 1 / (x1 - x2) else 0"),
    "300 cases": _inputs(2)
    + "values:\n  hospital:\n    v:\n      choose:\n"
    + "".join(f"        - {{when: x0 > {300 - n} and x1 > x0, is: {n}}}\n" for n in range(300))
    + "        - {otherwise: 0}\n"
    + _promise("v <= 299", "v <= 5"),
    "300 steps": _inputs(2)
    + "values:\n  hospital:\n    v:\n      tiers: x0 - x1\n      steps:\n"
    + "".join(f"        - {{at_least: {300 - n}, is: {300 - n}}}\n" for n in range(300))
    + "        - {otherwise: 0}\n"
    + _promise("v <= x0 - x1 or v = 0", "v < x0"),
    "500 members": "levels:\n  part: {in: hospital, parameters: {w: count}, members: {"
    + ", ".join(f"m{n}: {{w: {n}}}" for n in range(500))
    + "}}\ninputs:\n  part:\n    x: {type: count, range: 0 to 10}\n    f: {type: yes_no}\nvalues:\n  part:\n"
    "    v: {formula: if f then x * w else x}\n  hospital:\n    t: {formula: sum(v where f)}\n"
    + _promise("t >= 0", "t <= 5"),
    "200 values that double": _inputs(2) + _chain(200, "{last} + {last} - x0") + _promise("v199 >= 0"),
    "200 values that square": _inputs(2) + _chain(200, "{last} * {last} + {last}") + _promise("v199 >= 0"),
    "39 maxima": _inputs(40) + _value(" + ".join(f"max(x{n}, x{n + 1})" for n in range(39))) + _promise("v >= x0"),
    "29 ways": _inputs(30)
    + _value("".join(f"if x{n} > x{n + 1} then x{n} else " for n in range(29)) + "0")
    + _promise("v <= 10", "v <= 9"),
    "100 gates": "inputs:\n  hospital:\n"
    + "".join(f"    f{n}: {{type: yes_no}}\n" for n in range(100))
    + '    m: {type: money, range: "$0 to $5"}\ngates:\n  hospital:\n'
    + "".join(
        f"    g{n}: {{require: f{n}, otherwise: {'pays_nothing' if n % 2 else 'not_in_program'}}}\n" for n in range(100)
    )
    + "payments:\n  hospital:\n    p: {formula: m, round: 2 down}\n"
    + _promise("p <= $5", "p <= $4"),
    "50 expectations": _inputs(51)
    + "expected:\n  hospital:\n"
    + "".join(f"    - x{n} <= x{n + 1}\n" for n in range(50))
    + "values:\n  hospital:\n"
    + "".join(f"    v{n}: {{formula: 1 / (x{n + 1} - x0 + 1)}}\n" for n in range(50)),
    "lists in lists": "levels:\n  a: {in: hospital, list: yes, at_most: 1000}\n  b: {in: a, list: yes, at_most: 1000}\n"
    '  c: {in: b, list: yes, at_most: 1000}\ninputs:\n  c:\n    x: {type: money, range: "$0 to $1,000,000"}\n'
    "values:\n  hospital:\n    t: {formula: sum(x)}\n" + _promise("t <= $5"),
}


@pytest.mark.parametrize("case", LARGE)
def test_a_large_file_is_answered_soon(case: str) -> None:
    begun = time.process_time()
    codes = _look(HEADER + LARGE[case])
    assert time.process_time() - begun < SECONDS
    assert not any(code < "VBC500" for code in codes), codes
