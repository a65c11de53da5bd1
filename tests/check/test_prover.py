"""Guarantees: what follows from the file is proven, and nothing else is."""

# ruff: noqa: E501 - a finding stands on one line, as it is said

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.resolve.files import checked

GIVEN = """\
parameters:
  cap: {type: percent, is: 5%, illustrative: yes}
  free: {type: percent, range: 0% to 10%, is: required}
levels:
  part: {in: hospital, parameters: {w: percent}, members: {a: {w: 60%}, b: {w: 40%}}}
  visit: {in: hospital, list: yes, at_most: 5}
inputs:
  hospital:
    base: {type: money, range: "$0 to $1,000"}
    score: {type: percent}
    due: {type: money, range: "-$100 to $100"}
    ok: {type: yes_no}
    fine: {type: yes_no}
    n: {type: count, range: 0 to 50}
    k: {type: count, range: 0 to 50}
    maybe: {type: percent, may_be: not_reported}
    paid: {type: category, of: [now, later]}
    kind: {type: category, of: [small, medium, large]}
    cut: {type: percent, decimals: 2, range: 0% to 100%}
  part:
    earned: {type: percent}
    flag: {type: yes_no}
    hi: {type: number, decimals: 2, range: 0 to 10}
    lo: {type: number, decimals: 2, range: 0 to 10}
  visit:
    cost: {type: money, range: "$0 to $10"}
"""
PROVEN: tuple[tuple[str, str, str, str], ...] = (
    ("p <= cap of base", "", "", "  hospital:\n    p: {formula: cap of score of base, round: 2 down}\n"),
    ("p <= free of base", "", "", "  hospital:\n    p: {formula: free of score of base, round: 2 down}\n"),
    ("p <= cap of base", "", "", "  hospital:\n    p: {formula: base, at_most: cap of base, round: 2 down}\n"),
    (
        "gain = $0 or loss = $0",
        "",
        "",
        '  hospital:\n    gain: {formula: "max(due, $0)", round: 2 down}\n    loss: {formula: "max(-due, $0)", round: 2 down}\n',
    ),
    ("t <= 100%", "  hospital:\n    t: {formula: sum(x)}\n  part:\n    x: {formula: w of earned}\n", "", ""),
    ("t <= 100%", "  hospital:\n    t: {sum: x}\n  part:\n    x: {formula: w of earned, round: 4 down}\n", "", ""),
    ("t is missing or t <= 100%", "  hospital:\n    t: {weighted_mean: earned, by: w}\n", "", ""),
    ("t between -$5 and $5", '  hospital:\n    t: {formula: "clamp(due, -$5, $5)"}\n', "", ""),
    (
        "t <= n",
        "  hospital:\n    t: {tiers: n, steps: [{at_least: 40, is: 10}, {at_least: 20, is: 5}, {otherwise: 0}]}\n",
        "",
        "",
    ),
    (
        "p <= $0 or ok",
        "",
        "  hospital:\n    g: {require: ok, otherwise: pays_nothing}\n",
        "  hospital:\n    p: {formula: cap of base, round: 2 down}\n",
    ),
    (
        "p <= cap of base",
        "",
        "",
        "  hospital:\n    p: {needs: maybe, formula: maybe of cap of base, round: 2 down, absent: pays_nothing}\n",
    ),
    (
        "p >= $0 or n < 5",
        "",
        "  hospital:\n    g: {require: n >= 5, otherwise: not_in_program}\n",
        "  hospital:\n    p: {formula: cap of base, round: 2 down}\n",
    ),
    (
        "p >= $0 and n >= 5",
        "",
        "  hospital:\n    g: {require: n >= 5, otherwise: not_in_program}\n",
        "  hospital:\n    p: {formula: cap of base, round: 2 down}\n",
    ),
    (
        "sum(present q) <= base",
        "",
        "  hospital:\n    g: {require: n >= 5, otherwise: not_in_program}\n",
        "  part:\n    q: {formula: w of base, round: 2 down}\n",
    ),
    ("sum(hi where flag) = sum(hi where flag)", "", "", ""),
    ("t <= $50", "  hospital:\n    t: {formula: sum(cost)}\n", "", ""),
    ("count(visit) <= 5", "", "", ""),
    ("t >= 0", "  hospital:\n    t: {choose: [{when: n > k, is: n - k}, {otherwise: 0}]}\n", "", ""),
    ("t >= 0", "  hospital:\n    t: {choose: [{when: n > k, is: n - k}, {otherwise: k - n}]}\n", "", ""),
    ("t <= n and t <= k", "  hospital:\n    t: {formula: if n > k then k else n}\n", "", ""),
    (
        "t is missing or t <= 1",
        '  hospital:\n    t: {only_if: n > 0, otherwise: excluded, formula: "min(k, n) / n"}\n',
        "",
        "",
    ),
    (
        "b2 <= hi",
        "  part:\n    b2: {choose: [{when: hi > lo, is: hi - lo, round: 0 down}, {otherwise: 0, round: 0 down}]}\n",
        "",
        "",
    ),
    (
        "b2 <= 5",
        "  part:\n    b2: {choose: [{when: hi > lo, is: hi - lo, at_most: 5, round: 0 down}, {otherwise: lo - hi, at_most: 3, round: 0 down}]}\n",
        "",
        "",
    ),
    ("t <= n or t <= k", "  hospital:\n    t: {lower_of: [n, k]}\n", "", ""),
    ("t >= $0 and t <= $100", '  hospital:\n    t: {formula: "abs(due)"}\n', "", ""),
    ("t is missing or t <= 100%", "  hospital:\n    t: {needs: maybe, formula: maybe}\n", "", ""),
    ("ok or not ok", "", "", ""),
    (
        "paid != later or x = $0",
        "  hospital:\n    x: {choose: [{when: paid = later, is: $0}, {otherwise: base}]}\n",
        "",
        "",
    ),
    (
        "paid = later or x = base",
        "  hospital:\n    x: {choose: [{when: paid = now, is: base}, {otherwise: $0}]}\n",
        "",
        "",
    ),
    (
        "kind = small or x <= 2",
        "  hospital:\n    x: {choose: [{when: kind = medium, is: 2}, {when: kind in (large), is: 1}, {otherwise: 9}]}\n",
        "",
        "",
    ),
    (
        "kind not in (small, large) or x = 1",
        "  hospital:\n    x: {choose: [{when: kind = medium, is: 2}, {otherwise: 1}]}\n",
        "",
        "",
    ),
    ("p <= base", "", "", "  hospital:\n    p: {formula: (100% - cut) of base, round: 2 down}\n"),
    ("p <= base and p >= $0", "", "", "  hospital:\n    p: {formula: (100% - cut) of base, round: 2 floor}\n"),
    ("t = 100% - cut", "  hospital:\n    t: {formula: 100% - cut, round: 2 half_up}\n", "", ""),
)
"""(guarantee, values, gates, payments): each is true of every result."""

REFUSED: tuple[tuple[str, str, str, str], ...] = (
    ("p <= cap of base", "", "", "  hospital:\n    p: {formula: cap of score of base, round: 2 up}\n"),
    ("p <= cap of base", "", "", "  hospital:\n    p: {formula: cap of score of base, round: 2 half_up}\n"),
    ("p < cap of base", "", "", "  hospital:\n    p: {formula: base, at_most: cap of base, round: 2 down}\n"),
    (
        "gain > $0 or loss > $0",
        "",
        "",
        '  hospital:\n    gain: {formula: "max(due, $0)", round: 2 down}\n    loss: {formula: "max(-due, $0)", round: 2 down}\n',
    ),
    ("t <= 99%", "  hospital:\n    t: {formula: sum(x)}\n  part:\n    x: {formula: w of earned}\n", "", ""),
    ("t <= 100%", "  hospital:\n    t: {sum: x}\n  part:\n    x: {formula: w of earned + 0.01%}\n", "", ""),
    ("t between -$4 and $5", '  hospital:\n    t: {formula: "clamp(due, -$5, $5)"}\n', "", ""),
    (
        "t <= n",
        "  hospital:\n    t: {tiers: n, steps: [{at_least: 40, is: 10}, {at_least: 4, is: 5}, {otherwise: 0}]}\n",
        "",
        "",
    ),
    (
        "p <= $0 or fine",
        "",
        "  hospital:\n    g: {require: ok, otherwise: pays_nothing}\n",
        "  hospital:\n    p: {formula: cap of base, round: 2 down}\n",
    ),
    (
        "p >= $1",
        "",
        "",
        "  hospital:\n    p: {needs: maybe, formula: maybe of cap of base + $1, round: 2 down, absent: pays_nothing}\n",
    ),
    (
        "n >= 5",
        "",
        "  hospital:\n    g: {require: n >= 5, otherwise: not_in_program}\n",
        "  hospital:\n    p: {formula: cap of base, round: 2 down}\n",
    ),
    (
        "n >= 5 and p >= $0",
        "",
        "  hospital:\n    g: {require: n >= 5, otherwise: not_in_program}\n",
        "  hospital:\n    p: {formula: cap of base, round: 2 down}\n",
    ),
    (
        "sum(present q) >= $1",
        "",
        "  hospital:\n    g: {require: n >= 5, otherwise: not_in_program}\n",
        "  part:\n    q: {formula: w of base + $2, round: 2 down}\n",
    ),
    (
        "t = 0",
        '  hospital:\n    t: {formula: sum(x)}\n  part:\n    x: {by_member: {a: "max(hi, lo)", b: "-max(hi, lo)"}}\n',
        "",
        "",
    ),
    (
        "t = 0 or t = 10",
        "  hospital:\n    t: {formula: sum(x)}\n  part:\n    x: {formula: if flag then 5 else 0}\n",
        "",
        "",
    ),
    ("sum(hi where flag) = sum(hi where not flag)", "", "", ""),
    ("sum(hi where flag) >= sum(hi)", "", "", ""),
    ("t <= $49", "  hospital:\n    t: {formula: sum(cost)}\n", "", ""),
    ("count(visit) >= 1", "", "", ""),
    ("t > 0", "  hospital:\n    t: {choose: [{when: n > k, is: n - k}, {otherwise: 0}]}\n", "", ""),
    ("t < n or t < k or n > k", "  hospital:\n    t: {formula: if n > k then k else n}\n", "", ""),
    ("t is missing or t <= 1", "  hospital:\n    t: {only_if: n > 0, otherwise: excluded, formula: k / n}\n", "", ""),
    (
        "b2 <= hi",
        "  part:\n    b2: {choose: [{when: hi > lo, is: hi - lo, round: 0 up}, {otherwise: 0, round: 0 down}]}\n",
        "",
        "",
    ),
    (
        "b2 <= 4",
        "  part:\n    b2: {choose: [{when: hi > lo, is: hi - lo, at_most: 5, round: 0 down}, {otherwise: lo - hi, at_most: 3, round: 0 down}]}\n",
        "",
        "",
    ),
    ("t <= $99", '  hospital:\n    t: {formula: "abs(due)"}\n', "", ""),
    ("t is missing or t < 100%", "  hospital:\n    t: {needs: maybe, formula: maybe}\n", "", ""),
    ("not ok", "", "", ""),
    (
        "paid != later or x = $0",
        "  hospital:\n    x: {choose: [{when: paid = now, is: $0}, {otherwise: base}]}\n",
        "",
        "",
    ),
    (
        "kind = small or x <= 2",
        "  hospital:\n    x: {choose: [{when: kind = medium, is: 2}, {otherwise: 9}]}\n",
        "",
        "",
    ),
    ("p < base", "", "", "  hospital:\n    p: {formula: (100% - cut) of base, round: 2 down}\n"),
    ("p <= base", "", "", "  hospital:\n    p: {formula: (101% - cut) of base, round: 2 down}\n"),
    ("t = 100% - cut", "  hospital:\n    t: {formula: 100% - cut, round: 1 half_up}\n", "", ""),
)
"""(guarantee, values, gates, payments): for each there are data that break it."""


def _file(guarantee: str, values: str, gates: str, payments: str) -> str:
    sections = {"values": values, "gates": gates, "payments": payments}
    written = "".join(f"{name}:\n{text}" for name, text in sections.items() if text)
    return f"{GIVEN}{written}guarantees:\n  - {guarantee}\n"


@pytest.mark.parametrize(("guarantee", "values", "gates", "payments"), PROVEN)
def test_it_is_proven(guarantee: str, values: str, gates: str, payments: str) -> None:
    assert checked(_file(guarantee, values, gates, payments))[1] == []


@pytest.mark.parametrize(("guarantee", "values", "gates", "payments"), REFUSED)
def test_it_is_refused(guarantee: str, values: str, gates: str, payments: str) -> None:
    (said,) = checked(_file(guarantee, values, gates, payments))[1]
    assert said.startswith("VBC808 ")


def test_the_finding_says_what_was_found_and_where() -> None:
    found = checked(
        """\
levels:
  part: {in: hospital, members: {a: {}, b: {}}}
inputs:
  part:
    rate: {type: percent}
    paid: {type: money, range: "$0 to $1,000"}
payments:
  part:
    bonus: {formula: rate of paid, round: 2 up}
guarantees:
  - bonus <= $5
"""
    )[1]
    assert found == [
        (
            "VBC808 11:5 the guarantee is not proven at `a`: `bonus` was found to be $0 to $1,000 | "
            "let the rules make it so (a cap, a floor, a condition, rounding down), or promise less"
        )
    ]


def test_a_guarantee_that_is_hard_is_given_up_not_sought_for_ever() -> None:
    names = [f"x{n}" for n in range(40)]
    inputs = "".join(f"    {name}: {{type: number, decimals: 2, range: -10 to 10}}\n" for name in names)
    values = "".join(
        f'    v{n}: {{formula: "max({first} * {second}, {second} - {first})"}}\n'
        for n, (first, second) in enumerate(pairwise(names))
    )
    total = " + ".join(f"v{n}" for n in range(39))
    found = checked(f"inputs:\n  hospital:\n{inputs}values:\n  hospital:\n{values}guarantees:\n  - {total} >= 0\n")[1]
    assert [line.split()[0] for line in found] == ["VBC808"]


POOL = """\
parameters:
  part: {type: percent, is: 5%, illustrative: yes}
inputs:
  hospital:
    base: {type: money, range: "$0 to $1,000"}
    score: {type: percent}
    more: {type: money, range: "$0 to $10"}
values:
  cohort:
    total: {formula: sum(base)}
    pool: {formula: part of total, round: 2 down}
    all_earned: {formula: sum(earned)}
    left: {formula: pool - all_earned, at_least: $0}
payments:
  hospital:
    earned: {formula: part of score of base, round: 2 down}
    rest: {allocate: left, in_proportion_to: base, at_most: more, remainder: largest, ties: hospital, if_none: not_paid}
    payment: {formula: earned + rest, round: 2 down}
guarantees:
"""


def _on_a_pool(*guarantees: str) -> list[str]:
    return checked(POOL + "".join(f"  - {guarantee}\n" for guarantee in guarantees))[1]


def test_what_is_proven_before_helps_to_prove_what_follows() -> None:
    steps = ("sum(payment) <= sum(earned) + left", "sum(earned) + left <= part of sum(base)")
    assert _on_a_pool(*steps, "sum(payment) <= part of sum(base)") == []
    assert _on_a_pool(*steps, "sum(payment) <= part of total") == []
    assert _on_a_pool(*steps, "sum(payment) <= all_earned + left", "all_earned <= part of total") == []


def test_a_sum_of_whole_cents_is_at_most_what_it_is_at_most_rounded_down() -> None:
    steps = ("sum(payment) <= sum(earned) + left", "sum(earned) + left <= part of sum(base)")
    assert _on_a_pool(*steps, "sum(payment) <= pool") == []


def test_what_does_not_follow_from_what_is_proven_before_is_refused() -> None:
    steps = ("sum(payment) <= sum(earned) + left", "sum(earned) + left <= part of sum(base)")
    for guarantee in (
        "sum(payment) < pool",
        "sum(payment) <= pool - $0.01",
        "sum(payment) <= all_earned",
        "left <= $9",
    ):
        (finding,) = _on_a_pool(*steps, guarantee)
        assert finding.startswith("VBC808 22:5 the guarantee is not proven")


def test_a_word_of_a_category_that_a_level_is_called_by_does_not_move_a_guarantee() -> None:
    levels = "levels:\n  component: {in: hospital, members: {cqi: {}, hie: {}}}\n"
    file = POOL.replace("inputs:", f"  shared: {{type: category, of: [component, all], is: required}}\n{levels}inputs:")
    for guarantee in (
        "shared = component or sum(payment) <= sum(earned) + left",
        "component != shared or sum(payment) <= sum(earned) + left",
        "shared in (component) or sum(payment) <= sum(earned) + left",
    ):
        assert checked(f"{file}  - {guarantee}\n")[1] == []
