"""No file, however hostile, costs more than a moment and a little memory, and none ends in a traceback."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_rules.source import limits
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_bytes, read_text
from vbc_rules.source.render import render_text

LAUGHS = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (98 + i, 98 + i, 97 + i, 97 + i) for i in range(20))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"a: " + b"x" * 50_000_000, "VBC002", id="50 megabytes"),
        pytest.param(LAUGHS, "VBC011", id="billion laughs"),
        pytest.param(b"a: " + b"[" * 20_000, "VBC005", id="nested brackets"),
        pytest.param(b"a: " + b"[\n" * 20_000, "VBC005", id="nested brackets on lines"),
        pytest.param(b"a: " + b"{b: " * 20_000, "VBC005", id="nested braces"),
        pytest.param(b"- " * 20_000, "VBC005", id="nested items"),
        pytest.param(b"".join(b" " * i + b"a:\n" for i in range(1_300)), "VBC005", id="nested keys"),
        pytest.param(b"a: " + b"9" * 100_000, "VBC008", id="number of 100,000 digits"),
        pytest.param(b"a: " + b"9" * 101, "VBC007", id="number of 101 digits"),
        pytest.param(b"a: " + b"9," * 101, "VBC007", id="number with separators"),
        pytest.param(b"a: 'min(1, " + b"9" * 5_000 + b")'", "VBC007", id="number in a formula"),
        pytest.param(b"a: 1\n" * 15_000, "VBC010", id="one key many times"),
        pytest.param(b"a:\n" * 15_000, "VBC022", id="many empty values"),
        pytest.param(b"a: 1\n" * 100_000, "VBC002", id="many lines"),
        pytest.param(b"\x01" * 900_000, "VBC004", id="control characters"),
        pytest.param(b"a: \xff" * 100_000, "VBC003", id="not text"),
        pytest.param(b"a: [" + b"," * 900_000, "VBC032", id="commas"),
    ],
)
def test_refused_in_a_moment(data: bytes, code: str) -> None:
    findings = Findings()
    began = time.process_time()
    read_bytes(data, "hostile.yaml", findings)
    told = render_text(findings.all)
    assert time.process_time() - began < 1
    assert code in {d.code for d in findings.all}
    assert len(told) < 200_000


@pytest.mark.parametrize(
    "data", [b"a: " + b"x" * 50_000_000, LAUGHS, b"a: [" + b"x, " * 40_000 + b"]", b"a: " + b"[" * 20_000]
)
def test_memory_stays_small(data: bytes) -> None:
    tracemalloc.start()
    read_bytes(data, "hostile.yaml", Findings())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000


def test_limits_are_inclusive() -> None:
    findings = Findings()
    nested = "a: " + "[" * (limits.MAX_DEPTH - 1) + "]" * (limits.MAX_DEPTH - 1)
    number = "9" * limits.MAX_DIGITS
    read_text(f"{nested}\nb: {number}\nc: {'x' * limits.MAX_SCALAR}\n", "r", findings)
    assert findings.all == ()


def test_too_many_nodes() -> None:
    findings = Findings()
    assert read_text("a: [" + "x," * limits.MAX_NODES + "]", "r", findings) is None
    assert [d.code for d in findings.all] == ["VBC006"]


def test_errors_end_somewhere() -> None:
    findings = Findings()
    read_text("a: 1\n" * 1_000, "r", findings)
    assert len(findings.all) == limits.MAX_ERRORS + 1
    assert findings.all[-1].code == "VBC024"


@given(st.text(alphabet="ab:,-?{}[]'\"#&*!|>%@ \n\t\\0–\u200b<~", max_size=60))
def test_any_text_is_a_tree_or_a_diagnostic(text: str) -> None:
    findings = Findings()
    block = read_text(text, "r", findings)
    assert block is not None or findings.errors
    assert render_text(findings.all).count("\x1b") == 0


@given(st.binary(max_size=60))
def test_any_bytes_are_a_tree_or_a_diagnostic(data: bytes) -> None:
    findings = Findings()
    assert read_bytes(data, "r", findings) is not None or findings.errors
