"""Published figures that stand for intervals: what matches, what does not, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vbc_rules.errors import InputError
from vbc_rules.frames.mapping_file import read_mapping
from vbc_rules.frames.running import Runnable
from vbc_rules.frames.validation import Mismatch, Validation, validate
from vbc_rules.resolve.program import Program

PROGRAM = """\
program: example/savings
edition: '2024'
language: 1
title: Savings
participant: {level: aco, identifier: public}
in_force: {from: 2024-01-01, through: 2024-12-31}
currency: USD
sources:
  guide: {title: Guide}
inputs:
  aco:
    benchmark: {type: money, range: "$1 to $1,000,000"}
    spent: {type: money, range: "$0 to $1,000,000"}
    offset: {type: money, range: "-$1,000 to $0", may_be: not_applicable}
values:
  aco:
    counts: {formula: benchmark - spent >= $100, source: guide}
    saved: {formula: benchmark - spent}
    generated: {formula: if counts then benchmark - spent else $0}
    earned: {formula: "50% of max(generated, $0)", source: guide}
    less_offset: {formula: if offset is missing then earned else earned + offset}
    rate: {formula: saved / benchmark, type: percent}
    distance: {formula: "abs(benchmark - spent)"}
"""
MAPPING = """\
mapping: example/savings@2024
tables:
  main: {file: main.csv, key: ID}
missing: {NA: not_applicable}
columns:
  aco:
    - from: main
      inputs:
        benchmark: {column: Benchmark, to_the_nearest: $1}
        spent: {column: Spent, to_the_nearest: $1}
        offset: {column: Offset, to_the_nearest: $1}
      published:
        FIGURE: {column: Figure, to_the_nearest: $1}
"""

Compare = Callable[..., Validation]


@pytest.fixture
def compare(tmp_path: Path, load: Callable[[str], Program], runner_of: Callable[[Program], Runnable]) -> Compare:
    runner = runner_of(load(PROGRAM))

    def run(figure: str, *rows: str, mapping: str = MAPPING) -> Validation:
        (tmp_path / "m.yaml").write_text(mapping.replace("FIGURE", figure))
        (tmp_path / "main.csv").write_text("\n".join(["ID,Benchmark,Spent,Offset,Figure", *rows]))
        return validate(runner, tmp_path, read_mapping(tmp_path / "m.yaml", runner.resolved))

    return run


def test_a_figure_matches_where_the_intervals_have_a_value_in_common(compare: Compare) -> None:
    # 999.50 - 800.50 = 199 to 1000.50 - 799.50 = 201; a published 198 stands for 197.50 to 198.50, 202 for 201.50 on.
    rows = [f"A{figure},1000,800,NA,{figure}" for figure in (198, 199, 200, 201, 202)]
    found = compare("saved", *rows)
    assert found.mismatches == (
        Mismatch("aco.saved", None, 1, "A198", "198", "199.00 to 201.00"),
        Mismatch("aco.saved", None, 5, "A202", "202", "199.00 to 201.00"),
    )
    assert found.figures["aco.saved"].to_dict() == {
        "checked": 5,
        "matched": 3,
        "matched_by_interval": 3,
        "matched_by_order": 0,
        "known": 0,
        "unpublished": 0,
        "by_sign": {"more_than_zero": {"checked": 5, "matched": 3, "known": 0}},
    }
    assert (found.matched, found.matched_by_interval) == (3, 3)


def test_intervals_that_touch_have_a_value_in_common(compare: Compare) -> None:
    # 50% of 199 to 201 is 99.50 to 100.50: 99 stands for up to 99.50, 101 for 100.50 on.
    found = compare("earned", "A,1000,800,NA,99", "B,1000,800,NA,101", "C,1000,800,NA,98", "D,1000,800,NA,102")
    assert [one.participant for one in found.mismatches] == ["C", "D"]


def test_an_exact_input_leaves_only_the_published_interval(compare: Compare) -> None:
    mapping = MAPPING.replace("{column: Benchmark, to_the_nearest: $1}", "Benchmark").replace(
        "{column: Spent, to_the_nearest: $1}", "Spent"
    )
    found = compare("saved", "A,1000,799.50,NA,200", "B,1000,799.50,NA,201", "C,1000,799.50,NA,199", mapping=mapping)
    assert found.mismatches == (Mismatch("aco.saved", None, 3, "C", "199", "200.50"),)


def test_an_interval_ends_where_the_declared_range_does(compare: Compare) -> None:
    # The offset is 0 at most, so with an offset of 0 at most 100.50 remains; and it is at least -0.50.
    found = compare("less_offset", "A,1000,800,0,101", "B,1000,800,0,99", "C,1000,800,0,98", "D,1000,800,0,102")
    assert found.mismatches == (
        Mismatch("aco.less_offset", None, 3, "C", "98", "99.00 to 100.50"),
        Mismatch("aco.less_offset", None, 4, "D", "102", "99.00 to 100.50"),
    )


def test_each_side_of_a_gate_has_a_range_of_its_own(compare: Compare) -> None:
    # 99 to 101 saved: below 100 nothing counts, from 100 on 100 to 101 does. What lies in the gap does not match.
    found = compare("generated", "A,1000,900,NA,0", "B,1000,900,NA,100", "C,1000,900,NA,50", "D,1000,900,NA,99")
    assert found.mismatches == (Mismatch("aco.generated", None, 3, "C", "50", "100.00 to 101.00 or 0.00"),
                                Mismatch("aco.generated", None, 4, "D", "99", "100.00 to 101.00 or 0.00"))  # fmt: skip


def test_a_figure_that_turns_within_an_interval_is_refused(compare: Compare) -> None:
    with pytest.raises(InputError) as caught:
        compare("distance", "A,1000,900,NA,100", "B,1000,1000,NA,0")
    assert [(str(one.code), one.row, one.where, one.message) for one in caught.value.problems] == [
        (
            "VBC930",
            2,
            "distance",
            (
                "turns within the interval that `aco.benchmark` stands for, so its range cannot be told from the ends; "
                "declare it `rounded`, or remove it from the mapping"
            ),
        )
    ]


def test_a_rounded_figure_is_compared_at_what_is_written(compare: Compare) -> None:
    mapping = MAPPING.replace("{column: Figure, to_the_nearest: $1}", "{column: Figure, rounded: 2 half_up}")
    found = compare("rate", "A,1000,800,NA,20%", "B,1000,800,NA,20.01%", mapping=mapping)
    assert found.mismatches == (Mismatch("aco.rate", None, 2, "B", "20.01%", "20%"),)
    assert found.matched_by_interval == 0


def test_figures_are_counted_by_sign(compare: Compare) -> None:
    found = compare("saved", "A,1000,800,NA,200", "B,800,1000,NA,-200", "C,800,800,NA,0", "D,800,1000,NA,-300")
    assert list(found.figures["aco.saved"].by_sign) == ["more_than_zero", "zero", "less_than_zero"]
    assert found.figures["aco.saved"].by_sign["less_than_zero"].to_dict() == {"checked": 2, "matched": 1, "known": 0}
