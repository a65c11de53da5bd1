"""The ranges of values, and divisors proven to be other than zero."""

# ruff: noqa: E501 - a finding stands on one line, as it is said

from __future__ import annotations

import pytest

from tests.resolve.files import accepted, checked
from vbc_rules.check.show import span_of
from vbc_rules.resolve.expressions import Ref

GIVEN = """\
parameters:
  cap: {type: percent, is: 5%, illustrative: yes}
  free: {type: percent, range: 1% to 10%, is: required}
  changing:
    type: percent
    dated:
      - {from: 2020-01-01, through: 2024-06-30, is: 2%, illustrative: yes}
      - {from: 2024-07-01, is: 3%, illustrative: yes}
    stated_through: 2025-12-31
    after: error
levels:
  part: {in: hospital, parameters: {w: percent, better: direction}, members: {a: {w: 60%, better: higher}, b: {w: 40%, better: lower}}}
  visit: {in: hospital, list: yes, at_most: 5}
inputs:
  hospital:
    paid: {type: money, range: "$0 to $1,000"}
    due: {type: money, range: "-$100 to $50"}
    n: {type: count, range: 0 to 50}
    k: {type: count, range: 2 to 10}
    day: {type: date}
    flag: {type: yes_no}
    maybe: {type: count, range: 5 to 9, may_be: not_reported}
  part:
    x: {type: number, decimals: 2, range: -3 to 10}
  visit:
    cost: {type: money, range: "$1 to $10"}
    met: {type: yes_no}
"""


@pytest.mark.parametrize(
    ("shape", "range_"),
    [
        ("formula: n + k", "2 to 60"),
        ("formula: n - k", "-10 to 48"),
        ("formula: due * k", "-$1,000 to $500"),
        ("formula: cap of paid", "$0 to $50"),
        ("formula: free of paid", "$0 to $100"),
        ("formula: changing on day", "2% to 3%"),
        ("formula: n / k", "0 to 25"),
        ("formula: k / (n + 1)", "2/51 to 10"),
        ("formula: -due", "-$50 to $100"),
        ('formula: "abs(due)"', "$0 to $100"),
        ('formula: "max(due, $0)"', "$0 to $50"),
        ('formula: "min(due, $0)"', "-$100 to $0"),
        ('formula: "clamp(due, -$5, $5)"', "-$5 to $5"),
        ("formula: if n > k then n - k else 0", "0 to 48"),
        ("formula: if n > 7 then n else 7", "7 to 50"),
        ("choose: [{when: n >= 20, is: n}, {when: n > 10, is: -n}, {otherwise: 3}]", "more than -20 to 50"),
        ("choose: [{when: flag, is: n, at_most: 5}, {otherwise: absent excluded}]", "0 to 5"),
        ("tiers: n, steps: [{at_least: 40, is: 10}, {at_least: 60, is: 99}, {otherwise: 1}]", "1 to 10"),
        ("interpolate: k, points: [{at: 2, is: 7}, {at: 5, is: 1}, {at: 10, is: 3}]", "1 to 7"),
        ("higher_of: [n, k]", "2 to 50"),
        ("lower_of: [n, k]", "0 to 10"),
        ("higher_of: [maybe, k], absent: ignore", "2 to 10"),
        ("higher_of: [maybe, maybe], absent: zero", "0 to 9"),
        ("formula: sum(x)", "-6 to 20"),
        ("formula: sum(x where x > 1)", "0 to 20"),
        ("formula: sum(cost)", "$0 to $50"),
        ("formula: count(visit where met)", "0 to 5"),
        ("formula: mean(x)", "-3 to 10"),
        ("mean: cost", "$1 to $10"),
        ("weighted_mean: x, by: w", "-3 to 10"),
        ("formula: n, at_least: 5, at_most: 8", "5 to 8"),
        ("formula: n, at_least: k", "2 to 50"),
        ("formula: n / 3, round: 0 half_up", "0 to 17"),
        ("formula: n / 3, round: 0 up", "0 to 17"),
        ("formula: n / 3, round: 0 down", "0 to 16"),
        ('formula: "min(n, k) / k"', "0 to 1"),
        ("formula: year(day)", "1 to 9,999"),
        ('formula: "sqrt(k, 2)"', "0 or more"),
        ("needs: maybe, formula: maybe * 2", "10 to 18"),
        ("only_if: n > 10, otherwise: excluded, formula: 100 / (n - 10)", "2.5 or more"),
    ],
)
def test_the_range_of_a_value(shape: str, range_: str) -> None:
    estimator = accepted(f"{GIVEN}values:\n  hospital:\n    v: {{{shape}}}\n")
    ref = Ref("hospital", "v")
    assert span_of(estimator.ranges[(ref, None)], estimator.program.slots[ref].type) == range_


@pytest.mark.parametrize(
    "shape",
    [
        "formula: n / k",
        "formula: n / (k - 1)",
        "formula: if n > 0 then k / n else 0",
        "formula: if n = 0 then 0 else k / n",
        "formula: if n != 0 then k / n else 0",
        "formula: if n <= 0 then 0 else k / n",
        "formula: if n - k > 0 then 1 / (n - k) else 0",
        "formula: if n > k then 1 / (n - k) else 0",
        "formula: if n > 5 and 5 >= k then 1 / (n - k) else 0",
        "formula: if n > 2 * k then 1 / (n - k) else 0",
        "formula: if flag and n > 0 then k / n else 0",
        "only_if: n > 0, otherwise: excluded, formula: k / n",
        "choose: [{when: n = 0, is: 0}, {otherwise: k / n}]",
        "tiers: n, steps: [{at_least: 1, is: k / n}, {otherwise: 0}]",
        "formula: 'if count(visit) > 0 then n / count(visit) else 0'",
        "formula: if sum(cost) > $0 then $5 / sum(cost) else 0",
        "formula: 1 / (n * k + 1)",
        "formula: 1 / max(n, 1)",
    ],
)
def test_a_divisor_is_proven(shape: str) -> None:
    shape = shape.replace("1 / max(n, 1)", '"1 / max(n, 1)"')
    accepted(f"{GIVEN}values:\n  hospital:\n    v: {{{shape}}}\n")


@pytest.mark.parametrize(
    ("shape", "divisor", "range_"),
    [
        ("formula: k / n", "n", "0 to 50"),
        ("formula: if n >= 0 then k / n else 0", "n", "0 to 50"),
        ("formula: if flag or n > 0 then k / n else 0", "n", "0 to 50"),
        ("formula: if n >= k then 1 / (n - k) else 0", "n - k", "0 to 48"),
        ("formula: if n < k then 0 else 1 / (n - k)", "n - k", "0 to 48"),
        ("formula: $5 / due", "due", "-$100 to $50"),
        ("formula: n / count(visit)", "count(visit)", "0 to 5"),
        ("formula: $5 / sum(cost)", "sum(cost)", "$0 to $50"),
        ("choose: [{when: k / n > 1, is: 1}, {otherwise: 0}]", "n", "0 to 50"),
        ("formula: 1 / (n - 25)", "n - 25", "-25 to 25"),
        ("formula: 'k in (1, 5 / n)'", "n", "0 to 50"),
        ("formula: flag = (k / n > 1)", "n", "0 to 50"),
        ("formula: sum(cost where k / n > 1)", "n", "0 to 50"),
        ("sum: cost, where: k / n > 1", "n", "0 to 50"),
    ],
)
def test_a_divisor_that_may_be_zero_is_refused(shape: str, divisor: str, range_: str) -> None:
    text = f"    v: {{{shape}}}"
    (found,) = checked(f"{GIVEN}values:\n  hospital:\n{text}\n")[1]
    column = text.rindex("/ ") + 3 + (1 if divisor.startswith(("n - ", "n -")) else 0)
    zero = "$0" if range_.endswith("$50") else "0"
    assert found == (
        f"VBC801 {GIVEN.count(chr(10)) + 3}:{column} the divisor may be zero: `{divisor}` was found to be {range_} | "
        f"write `only_if: {divisor} > {zero}` with an `otherwise` before the formula, or `when: {divisor} > {zero}`"
    )


def test_a_divisor_is_looked_at_for_every_member() -> None:
    """`better` differs: where it is lower the first case leaves the other difference above zero."""
    accepted(
        f"""{GIVEN}values:
  part:
    v:
      choose:
        - {{when: "gain(x, 5) <= 0", is: 0}}
        - {{otherwise: "10 / gain(x, 5)"}}
"""
    )
    (found,) = checked(
        f"""{GIVEN}values:
  part:
    v: {{formula: 10 / (x * w)}}
"""
    )[1]
    assert "`x * w` was found to be -1.8 to 6 at `a`" in found


def test_items_of_a_list_under_several_members_share_one_range() -> None:
    estimator = accepted(
        """\
levels:
  part: {in: hospital, parameters: {w: count}, members: {a: {w: 2}, b: {w: 9}}}
  case: {in: part, list: yes, at_most: 3}
inputs:
  case:
    x: {type: count, range: 1 to 10}
values:
  case:
    v: {formula: x * w}
  part:
    total: {formula: sum(v)}
"""
    )
    spans = {
        (str(ref), member): span_of(found, estimator.program.slots[ref].type)
        for (ref, member), found in estimator.ranges.items()
    }
    assert spans == {("case.v", None): "2 to 90", ("part.total", "a"): "0 to 270", ("part.total", "b"): "0 to 270"}


def test_an_expectation_that_may_go_unasked_shows_nothing() -> None:
    given = """\
inputs:
  hospital:
    x: {type: count, range: 0 to 100}
    y: {type: count, range: 0 to 10, may_be: not_reported}
expected:
  hospital:
    - x <= y
values:
  hospital:
    v: {NEEDSformula: 1 / (11 - x)}
"""
    assert checked(given.replace("NEEDS", "needs: y, "))[1] == []
    (found,) = checked(given.replace("NEEDS", ""))[1]
    assert found.startswith("VBC801 10:")


def test_a_weight_below_zero_is_refused() -> None:
    (found,) = checked(f"{GIVEN}values:\n  hospital:\n    v: {{weighted_mean: w, by: x}}\n")[1]
    assert "a weight may be negative: it was found to be -3 to 10" in found


def test_a_root_of_a_negative_number_is_refused() -> None:
    found = checked(f'{GIVEN}values:\n  part:\n    v: {{formula: "sqrt(x, 3)"}}\n')[1]
    assert [line.split(" | ")[0].split(" ", 2)[2] for line in found] == [
        "the root of a negative number: it was found to be -3 to 10"
    ]
