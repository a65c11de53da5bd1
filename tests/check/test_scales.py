"""What quantities are whole multiples of."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.check.reading import AROUND_A_FORMULA, HEADER
from vbc_rules.check.scales import Grids, common, is_finite_decimal, is_multiple
from vbc_rules.language.reading import read_document
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.resolver import resolve
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text


def _grid(formula: str) -> Fraction | None:
    findings = Findings()
    tree = read_text(HEADER + AROUND_A_FORMULA.replace("FORMULA", formula), "rules.yaml", findings)
    assert tree is not None
    document = read_document(tree, findings)
    assert document is not None
    program = resolve(document, findings)
    assert findings.errors == ()
    return Grids(program).of_name(Ref("hospital", "asked"))


@pytest.mark.parametrize(
    ("formula", "grid"),
    [
        ("paid", "0.01"),
        ("paid + $0.25", "0.01"),
        ("$0.50 + $0.75", "0.25"),
        ("rate of paid", "0.000001"),
        ("paid * beds", "0.01"),
        ("paid / 4", "0.0025"),
        ("paid / 3", "1/300"),
        ("paid / beds", None),
        ("paid / whole", "0.01"),
        ("round(paid / 3, 2, down)", "0.01"),
        ("if met then paid else $0.05", "0.01"),
        ("max(paid, $0)", "0.01"),
        ("-paid", "0.01"),
        ("sum(score)", "0.0001"),
        ("count(domain) * 5", "5"),
        ("sqrt(beds, 4)", None),
        ("$0", "0"),
    ],
)
def test_grid_of_a_formula(formula: str, grid: str | None) -> None:
    assert _grid(formula) == (None if grid is None else Fraction(grid))


def test_zero_is_a_multiple_of_everything() -> None:
    assert is_multiple(Fraction(0), Fraction(1, 100))
    assert not is_multiple(None, Fraction(1, 100))


@pytest.mark.parametrize(("number", "finite"), [("1/8", True), ("3/50", True), ("1/3", False), ("1/60", False)])
def test_decimals_that_end(number: str, finite: bool) -> None:  # noqa: FBT001 - a parametrized answer
    assert is_finite_decimal(Fraction(number)) is finite


_GRIDS = st.lists(st.fractions(min_value=0, max_value=10, max_denominator=1000), min_size=1, max_size=4)


@given(_GRIDS)
def test_every_grid_is_a_multiple_of_what_they_have_in_common(grids: list[Fraction]) -> None:
    found = common(grids)
    assert found is not None
    assert all(grid == 0 if found == 0 else is_multiple(grid, found) for grid in grids)
