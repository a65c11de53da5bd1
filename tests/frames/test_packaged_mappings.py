from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

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
