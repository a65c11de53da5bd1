from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from vbc_rules.frames.mapping_file import read_mapping
from vbc_rules.resolve.program import Program

RULES = Path(__file__).parents[2] / "rules"


def test_hospital_value_based_purchasing_names_every_published_figure(load: Callable[[str], Program]) -> None:
    program = load((RULES / "cms/hospital-vbp/fy2024.yaml").read_text(encoding="utf-8"))
    mapping = read_mapping(RULES / "cms/hospital-vbp/fy2024.mapping.yaml", program)
    columns = Counter((one.role, str(one.ref)) for place in mapping.placements for one in place.fields)
    assert columns == {
        ("input", "hospital.combined_ssi_score"): 1,
        ("input", "measure.performance"): 21,
        ("input", "measure.baseline"): 21,
        ("cell", "measure.floor"): 8,
        ("cell", "measure.threshold"): 21,
        ("cell", "measure.benchmark"): 21,
        ("published", "measure.achievement"): 21,
        ("published", "measure.improvement"): 21,
        ("published", "measure.score"): 21,
        ("published", "domain.base"): 1,
        ("published", "domain.consistency"): 1,
        ("published", "domain.domain_score"): 4,
        ("published", "domain.weighted_domain_score"): 4,
        ("published", "hospital.total_performance_score"): 1,
    }


def test_the_shared_savings_program_names_figures_and_the_intervals_they_stand_for(
    load: Callable[[str], Program],
) -> None:
    program = load((RULES / "cms/shared-savings/py2023.yaml").read_text(encoding="utf-8"))
    mapping = read_mapping(RULES / "cms/shared-savings/py2023.mapping.yaml", program)
    fields = {(one.role, one.ref.name): one for place in mapping.placements for one in place.fields}
    assert {name for role, name in fields if role == "published"} == {
        "difference",
        "earned_or_owed",
        "generated",
        "loss_rate",
        "minimum_loss_rate",
        "minimum_savings_rate",
        "savings_rate",
        "sharing_rate",
    }
    by_interval = {name for (_, name), one in fields.items() if one.unit == 1}
    assert by_interval == {
        "benchmark",
        "difference",
        "disaster_offset",
        "earned_or_owed",
        "expenditure",
        "generated",
    }
    assert fields["published", "loss_rate"].unit == Fraction(1, 10_000)
    assert all(one.unit is None for (_, name), one in fields.items() if name not in {*by_interval, "loss_rate"})
    assert {(one.participant, one.ref.name) for one in mapping.known} == {
        ("A1241", "earned_or_owed"),
        ("A4627", "earned_or_owed"),
        ("A5293", "earned_or_owed"),
    }


def test_the_skilled_nursing_program_compares_the_order_of_ranks_and_the_digits_of_all_else(
    load: Callable[[str], Program],
) -> None:
    program = load((RULES / "cms/snf-vbp/fy2025.yaml").read_text(encoding="utf-8"))
    mapping = read_mapping(RULES / "cms/snf-vbp/fy2025.mapping.yaml", program)
    published = {one.ref.name: one for place in mapping.placements for one in place.fields if one.role == "published"}
    assert set(published) == {"achievement", "improvement", "multiplier", "performance", "rank"}
    assert [name for name, one in published.items() if one.by_order] == ["rank"]
    assert all(one.unit is None for one in published.values())


@pytest.mark.parametrize(
    "path", sorted(RULES.rglob("*.mapping.yaml")), ids=lambda path: path.relative_to(RULES).as_posix()
)
def test_every_packaged_mapping_is_for_the_program_beside_it(path: Path, load: Callable[[str], Program]) -> None:
    beside = path.with_name(path.name.replace(".mapping.yaml", ".yaml"))
    mapping = read_mapping(path, load(beside.read_text(encoding="utf-8")))
    assert any(one.role == "published" for place in mapping.placements for one in place.fields)
