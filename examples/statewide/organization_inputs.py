"""What the programs of physician organizations and practices ask, made up from the state."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from statewide.draws import Draws, between
from statewide.population import Organization, Practice, State
from vbc_rules import Absent

MEASURES = {
    # National percentiles: 25th, 50th, 75th and 90th, made up.
    "adult_bmi": (72, 80, 87, 92),
    "breast_cancer_screening": (64, 70, 75, 80),
    "cervical_cancer_screening": (62, 70, 76, 82),
    "colorectal_cancer_screening": (52, 60, 67, 73),
    "pdc_diabetes": (70, 75, 79, 83),
    "pdc_ras": (72, 77, 81, 85),
    "pdc_statins": (68, 74, 78, 82),
    "controlling_blood_pressure": (52, 60, 67, 74),
}
DOMAINS = {
    # Capabilities assessed in each domain; the last three are parameters of the program.
    "partnership": 8,
    "registry": 18,
    "performance_reporting": 13,
    "care_management": 15,
    "extended_access": 9,
    "test_results": 9,
    "preventive_services": 8,
    "community_services": 8,
    "self_management": 8,
    "web_portal": 12,
    "coordination": 10,
    "referral": 8,
}


def organization_rows(state: State, draws: Draws) -> list[dict[str, object]]:
    """Return the inputs of every organization to the reward pool."""
    return [_organization_row(one, draws) for one in state.organizations]


def _organization_row(one: Organization, draws: Draws) -> dict[str, object]:
    before = draws.skewed(430, "0.08", draws.standing())
    trend = Decimal(1040 - 15 * draws.standing((50, one.standing)) // 1000) / 1000
    return {
        "organization": one.name,
        "practitioners": one.practitioners,
        "primary_care": one.primary_care,
        "attributed_members": one.members,
        "physician_board_share": f"{one.board}%",
        "initiatives_offered": 12,
        "initiatives_joined": between(2, 8 + 2 * draws.standing((50, one.standing)) // 1000, 12),
        "cost_pmpm": before * trend.quantize(Decimal("0.01")),
        "cost_pmpm_before": before,
        "measure": {name: _measure(name, one, draws) for name in MEASURES},
    }


def _measure(name: str, one: Organization, draws: Draws) -> dict[str, object]:
    eligible = one.members * (5 + draws.below(20)) // 100 if one.members > 2_000 else draws.below(60)
    middle, spread = MEASURES[name][1], 6
    rate = between(2000, middle * 100 + spread * draws.standing((60, one.standing)) // 10, 9900)
    prior = between(2000, rate - 50 + 15 * draws.standing() // 100, 9900)
    return {
        "met": eligible * rate // 10_000,
        "eligible": eligible,
        "prior_rate": Absent("not_reported") if draws.happens(6) else f"{Decimal(prior) / 100}%",
    }


def national_rows() -> list[dict[str, object]]:
    """Return the percentiles of every measure."""
    names = ("p25", "p50", "p75", "p90")
    return [
        {"measure": name, **{key: f"{bound}%" for key, bound in zip(names, bounds, strict=True)}}
        for name, bounds in MEASURES.items()
    ]


def month_rows(state: State, draws: Draws) -> list[dict[str, object]]:
    """Return the allowed amounts of 2023, month by month."""
    found = []
    for month in range(1, 13):
        allowed = draws.skewed(14_000 * len(state.physicians), "0.04", draws.standing())
        ppo = (allowed * 62 / 100).quantize(Decimal("0.01"))
        found.append({"starts_on": f"2023-{month:02}-01", "allowed": allowed, "ppo_allowed": ppo})
    return found


def practice_rows(state: State, draws: Draws) -> list[dict[str, object]]:
    """Return the inputs of every practice to designation."""
    return [_practice_row(one, draws) for one in state.practices]


def _practice_row(one: Practice, draws: Draws) -> dict[str, object]:
    def domain(most: int) -> dict[str, object]:
        share = between(0, 68 + 22 * draws.standing((60, one.standing)) // 1000, 100)
        return {"in_place": most * share // 100}

    def metric(middle: int, spread: int, better: int) -> dict[str, object]:
        found = middle + better * spread * draws.standing((60, one.standing)) // 1000
        return {"measured": Absent("below_minimum") if one.members < 250 else Decimal(max(found, 0)) / 10}

    return {
        "practice": one.name,
        "organization_id": one.organization,
        "physicians": one.primary_care,
        "designated_last_year": one.standing > draws.standing() // 2,
        "domain": {name: domain(most) for name, most in DOMAINS.items()},
        "metric": {
            "quality": metric(720, 90, 1),
            "emergency_visits": metric(2100, 400, -1),
            "hospital_stays": metric(130, 40, -1),
            "radiology": metric(900, 150, -1),
        },
    }


def handed_on_rows(state: State, rewarded: Mapping[str, object], draws: Draws) -> list[dict[str, object]]:
    """Return the inputs of the practices of the organizations that were rewarded."""
    return [
        {
            "practice": one.name,
            "organization_id": one.organization,
            "instalment": {name: _scored(one, draws) for name in ("first", "second")},
        }
        for one in state.practices
        if one.organization in rewarded
    ]


def _scored(one: Practice, draws: Draws) -> dict[str, object]:
    score = between(20, 74 + 12 * draws.standing((60, one.standing)) // 1000, 100)
    return {
        "members": one.members,
        "score": Absent("not_scored") if draws.happens(2) else f"{score}%",
        "criteria_met": between(0, 6 + 2 * draws.standing((60, one.standing)) // 1000, 8),
    }
