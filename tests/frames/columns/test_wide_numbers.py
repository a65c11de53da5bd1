"""What spans participants, of numbers near the widest that columns hold: as exact as of others."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest

import vbc_rules as vbc
from vbc_rules.frames.columns import evaluate_table, read_table
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.columns.across import exact_total

RULES = """
program: acme/wide
edition: 2024
language: 1
title: Wide numbers
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
levels:
  area: {groups: hospital, by: area_id}
inputs:
  hospital:
    area_id: {type: identifier}
    amount: {type: number, decimals: 9, range: 0 to 4400000000}
    weight: {type: number, decimals: 9, range: 0 to 4400000000}
values:
  area:
    least: {min: hospital.amount}
    most: {max: hospital.amount}
    total: {sum: hospital.amount}
  hospital:
    place: {rank: amount, within: cohort, better: higher, ties: competition}
  cohort:
    mean: {weighted_mean: hospital.amount, by: hospital.weight}
"""


def test_products_that_pass_64_bits_do_not_wrap() -> None:
    program = vbc.Program(RULES.encode(), "rules.yaml")
    count = 20
    # 2**32 billionths each: their product is 2**64 of the units it is held in.
    table = pa.table(
        {
            "hospital": [f"{number:03}" for number in range(count + 1)],
            "area_id": ["a"] * (count + 1),
            "amount": ["4.294967296"] * count + ["0"],
            "weight": ["4.294967296"] * count + ["1"],
        }
    )
    amount = Fraction(2**32, 10**9)
    found = evaluate_table(program, read_table(table, program)).trace.value(Ref("cohort", "mean"), ())
    assert found == count * amount * amount / (count * amount + 1)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_sum_of_wide_numbers_is_exact(sign: int) -> None:
    numbers = sign * (2**62 - 1 - np.arange(300_000, dtype=np.int64))
    assert exact_total(numbers, np.zeros(len(numbers), dtype=np.int64), 1) == [sum(numbers.tolist())]


def test_wide_numbers_are_told_apart() -> None:
    program = vbc.Program(RULES.encode(), "rules.yaml")
    # Floats of 53 bits hold only every other one of these.
    amounts = [f"4000000000.{number:09}" for number in (3, 1, 2, 4, 0, 5)]
    rows = [
        {"hospital": f"{number}", "area_id": "a" if number % 2 else "b", "amount": amount, "weight": "1"}
        for number, amount in enumerate(amounts)
    ]
    table = pa.table({name: [row[name] for row in rows] for name in rows[0]})
    found = evaluate_table(program, read_table(table, program)).trace
    wanted = program.evaluate_cohort(rows, engine="scalar").trace
    for name in ("least", "most", "total"):
        for group in range(2):
            assert found.value(Ref("area", name), (group,)) == wanted.value(Ref("area", name), (group,))
    places = [found.value(Ref("hospital", "place"), (row,)) for row in range(len(rows))]
    assert places == [3, 5, 4, 2, 6, 1]
    assert places == [wanted.value(Ref("hospital", "place"), (row,)) for row in range(len(rows))]
