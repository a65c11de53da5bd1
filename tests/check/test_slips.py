"""A slip is reported where it stands, in the first round, and what follows from it is not reported as well."""

# ruff: noqa: E501 - a finding stands on one line, as it is said

from __future__ import annotations

import pytest

from tests.check.reading import HEADER_LINES, check_sections

GIVEN = """\
inputs:
  hospital:
    x: {type: count, range: 0 to 10, may_be: [not_reported, declined]}
    y: {type: count, range: 0 to 10}
"""
CASES: dict[str, tuple[str, list[str]]] = {
    "a misspelt `missing` before a guarded read": (
        """\
values:
  hospital:
    a: {formula: if x is misng then 0 else x + y}
    b: {only_if: x is not mising, otherwise: excluded, formula: x + 1}
    c: {needs: b, formula: b + 1}
""",
        [
            "VBC709 7:21 `x` is never absent for `misng` | ask for `missing`, or for one of `not_reported`, `declined`",
            "VBC709 8:18 `x` is never absent for `mising` | write `missing`",
        ],
    ),
    "a misspelt reason in a question, and a read that nothing guards": (
        """\
values:
  hospital:
    a: {choose: [{when: x is declned, is: 0}, {when: x is missing, is: 1}, {otherwise: x + 1}]}
    b: {formula: x + 1}
""",
        [
            "VBC709 7:25 `x` is never absent for `declned` | write `declined`",
            "VBC501 8:18 `x` may be absent here (not_reported, declined) | write `needs: x` first, or ask `x is missing` before it is read",
        ],
    ),
    "a misspelt reason of an absence that a policy names": (
        """\
levels:
  part: {in: hospital, list: yes, at_most: 5}
inputs:
  part:
    s: {type: count, range: 0 to 5, may_be: declined}
values:
  part:
    t:
      choose:
        - {when: s is declined, is: absent declind}
        - {otherwise: s}
  hospital:
    a:
      sum: t
      absent: {declined: zero}
payments:
  hospital:
    p: {formula: $1 * y, round: 2 down}
""",
        ["VBC709 13:44 the reason `declind` is one letter from `declined` | write `declined`, or a word apart"],
    ),
    "a misspelt reason in a policy, in a block": (
        """\
levels:
  part: {in: hospital, list: yes, at_most: 5}
inputs:
  part:
    s: {type: count, range: 0 to 5, may_be: [declined, too_new, not_reported]}
values:
  hospital:
    a:
      mean: s
      absent:
        declined: zero
        to_new: ignore
        not_reported: ignore
        wild: zero
    b: {mean: s, absent: {declined: zero, too_new: ignore}}
""",
        [
            "VBC506 15:9 a member of `mean` is never absent for `to_new` | write `too_new`",
            "VBC506 17:9 a member of `mean` is never absent for `wild` | the reasons are `declined`, `too_new`, `not_reported`",
            "VBC505 18:26 `absent` does not say what happens for `not_reported` | name every reason: `declined`, `too_new`, `not_reported`",
        ],
    ),
    "a divisor that may be zero, beside a read that nothing guards": (
        """\
values:
  hospital:
    a: {formula: y / x}
    b: {formula: 10 / y}
    c: {formula: a + 1}
    d: {formula: 1 / (1 + x)}
""",
        [
            "VBC501 7:22 `x` may be absent here (not_reported, declined) | write `needs: x` first, or ask `x is missing` before it is read",
            "VBC801 7:22 the divisor may be zero: `x` was found to be 0 to 10 | write `only_if: x > 0` with an `otherwise` before the formula, or `when: x > 0`",
            "VBC801 8:23 the divisor may be zero: `y` was found to be 0 to 10 | write `only_if: y > 0` with an `otherwise` before the formula, or `when: y > 0`",
            "VBC501 10:27 `x` may be absent here (not_reported, declined) | write `needs: x` first, or ask `x is missing` before it is read",
        ],
    ),
    "what is expected of an input holds where it is read, guarded or not": (
        """\
expected:
  hospital:
    - x > y
values:
  hospital:
    a: {formula: 10 / (x - y)}
    b: {needs: x, formula: 10 / (x - y)}
""",
        [
            "VBC501 10:24 `x` may be absent here (not_reported, declined) | write `needs: x` first, or ask `x is missing` before it is read",
        ],
    ),
    "what reads a value that is not clear yet is left for the next round": (
        """\
levels:
  part: {in: hospital, members: {a: {}, b: {}}}
inputs:
  part:
    s: {type: count, range: 1 to 5, may_be: declined}
values:
  hospital:
    a: {sum: s}
    b: {formula: 10 / (a + 1)}
    c: {formula: 10 / b}
    d: {formula: 10 / y}
""",
        [
            "VBC504 11:9 a member of `sum` may be absent (declined) | say what happens then: write `absent: redistribute` or `ignore` or `zero` or `absent`",
            "VBC801 14:23 the divisor may be zero: `y` was found to be 0 to 10 | write `only_if: y > 0` with an `otherwise` before the formula, or `when: y > 0`",
        ],
    ),
    "a group is missing for the reason of the key by which it is found": (
        """\
levels:
  system: {groups: hospital, by: system_id}
inputs:
  hospital:
    system_id: {type: identifier, may_be: independent}
    n: {type: count, range: 0 to 10}
values:
  system:
    total: {formula: sum(n)}
  hospital:
    own: {formula: if total is independent then n else total}
    odd: {formula: if total is missing or total is indpendent then n else total}
""",
        ["VBC709 14:43 `total` is never absent for `indpendent` | write `independent`"],
    ),
    "a unit that is not the one of the value": (
        """\
values:
  hospital:
    a:
      choose:
        - {when: y = 3, is: 5}
        - {when: y = 2, is: 3%}
        - {otherwise: 0%}
      type: percent
    b:
      choose:
        - {when: y = 3, is: 5}
        - {when: y = 2, is: 3%}
        - {otherwise: 0%}
    c: {choose: [{when: y = 3, is: 5%}, {when: y = 2, is: 3%}, {otherwise: 0}]}
    d: {choose: [{when: y = 3, is: 5}, {otherwise: $1}]}
    e: {choose: [{when: y = 3, is: y}, {when: y = 2, is: 2}, {otherwise: $1}]}
    f: {choose: [{when: y = 3, is: 5%}, {otherwise: $1}], type: money}
""",
        [
            "VBC407 9:29 one case gives a count, and the value says it is a percent | write `5%`",
            "VBC407 15:29 one case gives a count, the others give a percent | write `5%`",
            "VBC407 18:76 one case gives a count, the others give a percent | write `0%`",
            "VBC407 19:36 one case gives a count, the others give an amount of money | write `$5`",
            "VBC407 20:74 one case gives an amount of money, the others give a count | give every case the same unit",
            "VBC407 21:36 one case gives a percent, and the value says it is an amount of money | give every case the same unit",
        ],
    ),
    "a word in a yes/no column": (
        """\
inputs:
  hospital:
    referred: {type: yes_no}
values:
  hospital:
    a:
      table:
        - {referred: ay, is: 1}
        - {referred: no, is: 2}
    b:
      table:
        - {referred: yess, is: 1}
        - {referred: no, is: 2}
""",
        [
            "VBC305 10:22 `ay` is not one of `yes`, `no` | write one of `yes`, `no`",
            "VBC305 14:22 `yess` is not one of `yes`, `no` | write `yes`",
        ],
    ),
}


def _merged(sections: str) -> str:
    """Return the sections after those given; what stands under `inputs` follows the inputs given."""
    if "inputs:\n  hospital:\n" in sections:
        return sections.replace("inputs:\n  hospital:\n", GIVEN)
    before, _, after = sections.partition("inputs:\n")
    return f"{before}{GIVEN}{after}" if after else f"{GIVEN}{sections}"


@pytest.mark.parametrize("case", CASES)
def test_what_is_said(case: str) -> None:
    sections, finds = CASES[case]
    found = [
        f"{one.code} {one.span.line - HEADER_LINES}:{one.span.column} {one.message} | {one.help}"
        for one in check_sections(_merged(sections)).found
        if one.severity == "error" and one.code != "VBC601"
    ]
    assert found == finds
