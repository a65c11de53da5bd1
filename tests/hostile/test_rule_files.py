"""`vbc-rules check` on files made to stall it, to fill the memory, or to be read differently from what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

import vbc_rules as vbc
from tests.hostile.children import run

HEAD = """\
program: acme/hostile
edition: 2024
language: 1
title: Hostile
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
sources:
  guide: {title: Guide}
"""
NUMBER = "    x: {type: number, decimals: 2, range: 0 to 10}\n"
COUNT = "    x: {type: count, range: 0 to 100000}\n"
ONE = "    y: {formula: x + 1, source: guide}\n"
DIGITS = "9" * 100_000


def rules(values: str = ONE, inputs: str = NUMBER, levels: str = "", more: str = "") -> str:
    """Return a rule file."""
    return f"{HEAD}{levels}inputs:\n  hospital:\n{inputs}values:\n  hospital:\n{values}{more}"


def formula(text: str) -> str:
    """Return a rule file with one formula."""
    return rules(f"    y: {{formula: '{text}', source: guide}}\n")


def chain(length: int) -> str:
    """Return values of which each reads the one before."""
    return rules(ONE.replace("y", "v0") + "".join(f"    v{i}: {{formula: v{i - 1} + x}}\n" for i in range(1, length)))


def circle(length: int) -> str:
    """Return values of which each reads the next, and the last the first."""
    return rules("".join(f"    v{i}: {{formula: v{(i + 1) % length} + x}}\n" for i in range(length)))


LAUGHS = "a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [*{f'b{i - 1}' if i else 'a'}, x]\n" for i in range(50))
MERGES = "a: &a {x: 1}\n" + "".join(f"b{i}: &b{i} {{<<: *{f'b{i - 1}' if i else 'a'}}}\n" for i in range(1_000))

REFUSED = [
    pytest.param(LAUGHS, "VBC011", id="billion laughs"),
    pytest.param(MERGES, "VBC011", id="merge keys"),
    pytest.param("a: " + "[" * 20_000, "VBC005", id="brackets"),
    pytest.param("a: " + "{b: " * 20_000, "VBC005", id="braces"),
    pytest.param("".join(" " * i + "a:\n" for i in range(1_300)), "VBC005", id="indentation"),
    pytest.param("".join(" " * i + "a:\n" for i in range(20_000)), "VBC002", id="indentation without end"),
    pytest.param(rules(inputs=NUMBER.replace("10}", DIGITS + "}")), "VBC008", id="digits in a range"),
    pytest.param(formula(f"x + {DIGITS}"), "VBC008", id="digits in a formula"),
    pytest.param(formula(f"x + {'9' * 4000}"), "VBC007", id="fewer digits in a formula"),
    pytest.param(HEAD.replace("edition: 2024", f"edition: {DIGITS}"), "VBC008", id="digits in the edition"),
    pytest.param(HEAD.replace("language: 1", f"language: {DIGITS}"), "VBC008", id="digits in the language"),
    pytest.param(HEAD.replace("2024-01-01", f"{DIGITS}-01-01"), "VBC008", id="digits in a date"),
    pytest.param(rules(inputs=NUMBER.replace("decimals: 2", "decimals: 100000")), "VBC108", id="decimals"),
    pytest.param(rules(ONE.replace("source", "round: 1000000 down, source")), "VBC108", id="rounding"),
    pytest.param(rules().replace("Host", "Ho\0st"), "VBC004", id="NUL"),
    pytest.param("\0" * 900_000, "VBC004", id="nothing but NUL"),
    pytest.param(rules().replace("Host", "\x1b[31mHost"), "VBC004", id="escape to a terminal"),
    pytest.param(rules().replace("Host", "Ho\u202est"), "VBC004", id="right to left in prose"),
    pytest.param(rules(ONE.replace("y", "y\u202e")), "VBC004", id="right to left in a name"),
    pytest.param(rules(ONE.replace("y", "\U0001f600")), "VBC106", id="emoji in a name"),
    pytest.param(rules(ONE.replace("x", "\u0445")), "VBC208", id="a letter that looks like another"),
    pytest.param(rules().encode().replace(b"Host", b"Ho\xffst"), "VBC003", id="not UTF-8"),
    pytest.param(rules().encode().replace(b"Host", b"\xed\xa0\x80"), "VBC003", id="half a surrogate pair"),
    pytest.param(rules().encode("utf-16"), "VBC003", id="UTF-16"),
    pytest.param(rules().encode("utf-16-le"), "VBC004", id="UTF-16 without a mark"),
    pytest.param(rules().encode("utf-32"), "VBC003", id="UTF-32"),
    pytest.param("", "VBC009", id="empty"),
    pytest.param("# nothing\n" * 15_000, "VBC009", id="only comments"),
    pytest.param("\n" * 900_000, "VBC002", id="only lines"),
    pytest.param("a: " + "x" * 50_000_000, "VBC002", id="50 megabytes"),
    pytest.param("".join(f"k{i}: 1\n" for i in range(100_000)), "VBC002", id="100,000 keys"),
    pytest.param("a: [" + "x," * 100_000 + "]", "VBC006", id="100,000 items"),
    pytest.param(rules(ONE.replace("y", "n" * 10_001)), "VBC008", id="a name without end"),
    pytest.param(rules().replace("\n", "\r"), "VBC004", id="only carriage returns"),
    pytest.param(rules().replace("    y", "\ty"), "VBC030", id="tabs"),
    pytest.param(rules() + "---\n" + rules(), "VBC016", id="two documents"),
    pytest.param("a: !!python/object/apply:os.system [id]\n", "VBC014", id="a tag that would run something"),
    pytest.param(formula("(" * 2_000 + "x" + ")" * 2_000), "VBC203", id="parentheses"),
    pytest.param(formula("-" * 4_000 + "x"), "VBC203", id="minus signs"),
    pytest.param(formula("not " * 1_000 + "x"), "VBC203", id="not not"),
    pytest.param(formula("min(1, " * 500 + "x" + ")" * 500), "VBC203", id="calls in calls"),
    pytest.param(formula("if x > 1 then 1 else " * 200 + "x"), "VBC203", id="ifs in ifs"),
    pytest.param(formula(" + ".join(["x"] * 25_000)), "VBC008", id="a formula of 100,000 characters"),
    pytest.param(formula(" * ".join(["(x + 1)"] * 400)), "VBC203", id="a product to multiply out"),
    pytest.param(circle(3_000), "VBC314", id="3,000 values in a circle"),
    pytest.param(chain(10_000), "VBC006", id="10,000 values in a chain"),
    pytest.param(
        rules("".join(f"    v{i}: {{formula: zz{i} + x}}\n" for i in range(3_000))), "VBC301", id="unknown names"
    ),
    pytest.param(
        rules(ONE.replace("y", "v0") + "".join(f"    v{i}: {{formula: v{i - 1} * v{i - 1}}}\n" for i in range(1, 60))),
        "VBC806",
        id="squares of squares",
    ),
    pytest.param(
        rules(
            "    v0: {formula: x / 10, source: guide}\n"
            + "".join(f"    v{i}: {{formula: v{i - 1} * v{i - 1}}}\n" for i in range(1, 60)),
        ),
        "VBC806",
        id="decimals of decimals",
    ),
]


@pytest.mark.parametrize(("data", "code"), REFUSED)
def test_a_hostile_file_is_refused(data: str | bytes, code: str, tmp_path: Path) -> None:
    file = tmp_path / "hostile.yaml"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    ran = run(tmp_path, "check", file.name)
    assert (ran.code, ran.err) == (1, "")
    assert f"error[{code}]" in ran.out
    assert len(ran.out) < 2_000_000
    with pytest.raises(vbc.RuleFileError) as error:
        vbc.load(file)
    assert code in {diagnostic.code for diagnostic in error.value.diagnostics}


LARGE = [
    pytest.param(rules().replace("\n", "\r\n"), id="CRLF"),
    pytest.param("\ufeff" + rules(), id="byte order mark"),
    pytest.param(rules().replace("Hostile", "\u05d0\u05d1 \U0001f600 H\u00f4pital"), id="letters of many scripts"),
    pytest.param(rules().replace("Hostile", "H" * 9_999), id="a long title"),
    pytest.param(chain(1_000), id="1,000 values in a chain"),
    pytest.param(
        rules(ONE.replace("y", "v0") + "".join(f"    v{i}: {{formula: v{i - 1} + v{i - 1}}}\n" for i in range(1, 500))),
        id="doubled 500 times",
    ),
    pytest.param(
        rules(
            "    y:\n      tiers: x\n      steps:\n"
            + "".join(f"        - {{at_least: {1_000 - i}, is: {1_000 - i}}}\n" for i in range(1_000))
            + "        - {otherwise: 0}\n      source: guide\n",
            COUNT,
        ),
        id="1,000 steps",
    ),
    pytest.param(
        rules(
            "    y:\n      choose:\n"
            + "".join(f"        - {{when: x = {i}, is: {i}}}\n" for i in range(500))
            + "        - {otherwise: 0}\n      source: guide\n",
            COUNT,
        ),
        id="500 cases",
    ),
    pytest.param(
        rules(
            "    t: {mean: r}\n",
            NUMBER + "  measure:\n    r: {type: percent}\n",
            "levels:\n  measure:\n    in: hospital\n    members:\n"
            + "".join(f"      m{i}: {{title: M {i}}}\n" for i in range(2_000)),
        ),
        id="2,000 members",
    ),
]


@pytest.mark.parametrize("data", LARGE)
def test_a_large_file_is_checked(data: str, tmp_path: Path) -> None:
    (tmp_path / "large.yaml").write_bytes(data.encode())
    ran = run(tmp_path, "check", "large.yaml")
    assert (ran.code, ran.err) == (0, "")
    assert "error[" not in ran.out


def table(rows: int) -> str:
    """Return a table of `rows` rows and six columns that leaves no gap."""
    columns = "abcdef"
    inputs = "".join(f"    {name}: {{type: count, range: 0 to 100000}}\n" for name in columns)
    cells = ", ".join(f"{name}: any" for name in columns[1:])
    lines = [f"        - {{a: {i}, {cells}, is: {i}}}\n" for i in range(rows - 1)]
    lines.append(f"        - {{a: {rows - 1} or more, {cells}, is: 0}}\n")
    return rules("    y:\n      table:\n" + "".join(lines) + "      source: guide\n", inputs)


def test_a_table_of_a_thousand_rows(tmp_path: Path) -> None:
    (tmp_path / "table.yaml").write_text(table(1_000))
    ran = run(tmp_path, "check", "table.yaml")
    assert (ran.code, ran.err) == (0, "")


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    for name in ("folder.yaml", "missing.yaml", "loop.yaml"):
        ran = run(tmp_path, "check", name)
        assert (ran.code, ran.err) == (1, "")
        assert "error[VBC001]" in ran.out
        with pytest.raises(vbc.UsageError, match="cannot be opened"):
            vbc.load(tmp_path / name)


def test_a_file_without_an_end(tmp_path: Path) -> None:
    (tmp_path / "endless.yaml").symlink_to("/dev/zero")
    assert "error[VBC002]" in run(tmp_path, "check", "endless.yaml").out
    assert "error[VBC002]" in run(tmp_path, "show", "endless.yaml").err
