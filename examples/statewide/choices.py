"""What the public record leaves open, whoever runs a program decides. All of this is ours, chosen for this example."""

from __future__ import annotations

from collections.abc import Mapping

from statewide.organization_inputs import DOMAINS

CHOICES: Mapping[str, Mapping[str, object]] = {
    "bcbsm/hospital-p4p/pg1-4@2021": {
        "preference": "sponsor_first",
        "share_if_not_prequalified": "0%",
        "base_of_unpaid": "left_out",
        "redistribution": "program",
        "cap_after_redistribution": "none",
    },
    "bcbsm/pgip/reward-pool@2023": {"minimum_eligible": 30, "first_closes_on": "2023-06-30"},
    "bcbsm/pgip/practice-distribution@2020": {},
    "bcbsm/pcmh/designation@2020": {
        "cycle": "first_year",
        "top_portion": "60%",
        "minimum_capabilities": 60,
        "equal_scores": "all_designated",
        "web_portal_capabilities": DOMAINS["web_portal"],
        "coordination_capabilities": DOMAINS["coordination"],
        "referral_capabilities": DOMAINS["referral"],
        "designation_uplift": "10%",
    },
    "bcbsm/vbr/professional@2018": {
        "percentile_reading": "rounded",
        "third_tier_from": "75%",
        "quality_of_designated": "same_tiers",
        "low_cost": "90%",
        "middle_cost": "95%",
        "high_cost": "100%",
        "low_cost_uplift": "15%",
        "middle_cost_uplift": "10%",
        "high_cost_uplift": "5%",
        "minimum_touched": "4%",
        "tenure_asked": True,
    },
    "bcbsm/vbr/cqi@2026": {"aspire_smoking": "within_the_cap"},
}
POLICY: Mapping[str, object] = {
    "criteria": 4,
    "lowest_score": "50%",
    "smallest_payment": "500.00",
    "largest_share": "7%",
}
"""How an organization hands on its reward: here, all of them in the same way."""
KEPT = "5%"
"""What an organization keeps for its administration."""
