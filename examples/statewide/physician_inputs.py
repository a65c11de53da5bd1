"""What value-based reimbursement asks, made up from the state."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from statewide.draws import Draws, between
from statewide.population import Physician, Practice, State
from vbc_rules import Absent

INITIATIVES = ("in_pci", "in_vascular", "in_tavr", "in_aspire")


def physician_rows(state: State, draws: Draws) -> list[dict[str, object]]:
    """Return the inputs of every physician: the standard fees of a quarter, one line for a kind of claims."""
    return [_physician_row(one, draws) for one in state.physicians]


def _physician_row(one: Physician, draws: Draws) -> dict[str, object]:
    first = draws.happens(95)
    return {
        "practitioner": one.name,
        "practice_id": one.practice,
        "primary_care": one.primary_care,
        "in_first_snapshot": first,
        "in_second_snapshot": first or draws.happens(80),
        "claim_line": _claims(one, draws) if one.primary_care else [],
    }


def _claims(one: Physician, draws: Draws) -> list[dict[str, object]]:
    visits = (one.fees * (40 + draws.below(40)) / 100).quantize(Decimal("0.01"))
    line = draws.below(100)
    return [
        {
            "line": "visits",
            "code": draws.one_of(("99213", "99214", "99396")),
            "line_of_business": "commercial_ppo" if line < 80 else "traditional" if line < 94 else "other",
            "served_on": "2018-12-31",
            "standard_fee": visits,
        },
        {
            "line": "all_else",
            "code": "93000",
            "line_of_business": "commercial_ppo",
            "served_on": "2018-12-31",
            "standard_fee": one.fees - visits,
        },
    ]


def practice_performance(state: State, uplift: Mapping[str, Decimal | None], draws: Draws) -> list[dict[str, object]]:
    """Return the inputs of every practice; `uplift` is what its designation adds, None where it has none."""
    ranked = sorted(state.practices, key=lambda one: one.standing)
    percentile = {one.name: 100 * Decimal(place) / len(ranked) for place, one in enumerate(ranked, 1)}
    return [_practice(one, percentile[one.name], uplift[one.name], draws) for one in state.practices]


def _practice(one: Practice, percentile: Decimal, uplift: Decimal | None, draws: Draws) -> dict[str, object]:
    small = one.members < 250
    cost = between(600, 1000 - 70 * draws.standing((40, one.standing)) // 1000, 1600)
    touched = between(0, 45 + 25 * draws.standing((50, one.standing)) // 1000, 200)
    row: dict[str, object] = {
        "practice_id": one.name,
        "designated": uplift is not None,
        "quality_percentile": Absent("below_minimum") if small else f"{percentile:.6f}%",
        "cost_to_benchmark": Absent("below_minimum") if small else f"{Decimal(cost) / 10}%",
        "care_management_attested": draws.happens(70),
        "physician_champion": draws.happens(85),
        "care_manager_trained": draws.happens(85),
        "touched": Absent("not_reported") if draws.happens(5) else f"{Decimal(touched) / 10}%",
    }
    return row if uplift is None else {**row, "designation_uplift": uplift}


def initiative_rows(state: State, factors: Mapping[str, Decimal], draws: Draws) -> list[dict[str, object]]:
    """Return the inputs of every physician to the reimbursement for initiatives; `factors` are what is paid without."""
    return [_initiative_row(one, factors.get(one.name, Decimal(1)), draws) for one in state.physicians]


def _initiative_row(one: Physician, factor: Decimal, draws: Draws) -> dict[str, object]:
    # One specialist in eight takes part in an initiative, and one of those in a second one.
    joined: set[str] = set()
    if not one.primary_care and draws.happens(12):
        joined = {draws.one_of(INITIATIVES)} | ({draws.one_of(INITIATIVES)} if draws.happens(15) else set())
    years = draws.below(6)
    first = draws.happens(92)
    return {
        "practitioner": one.name,
        "organization_id": one.organization,
        "main_hospital": one.hospital if not one.primary_care or draws.happens(30) else Absent("not_applicable"),
        "in_first_snapshot": first,
        "in_second_snapshot": first or draws.happens(70),
        "data_years": years,
        "baseline_data_years": min(years, 1),
        **{name: name in joined for name in INITIATIVES},
        "claim_line": [_procedures(one, factor)] if joined else [],
    }


def _procedures(one: Physician, factor: Decimal) -> dict[str, object]:
    return {
        "line": "procedures",
        "in_code_set": True,
        "line_of_business": "commercial_ppo",
        "served_on": "2026-06-30",
        "standard_fee": one.fees,
        "other_factor": factor,
    }


def organization_measures(state: State, draws: Draws) -> list[dict[str, object]]:
    """Return which organizations met the measures of an initiative."""
    return [
        {
            "organization_id": one.name,
            "pci_measure": {name: {"met": draws.happens(85)} for name in ("first", "second", "third")},
        }
        for one in state.organizations
    ]


def hospital_measures(state: State, draws: Draws) -> list[dict[str, object]]:
    """Return how the hospitals did in initiatives, where they are in them."""
    found: list[dict[str, object]] = []
    for one in state.hospitals:
        vascular, aspire, smokers = draws.happens(60), draws.happens(70), draws.below(120)
        rates = {
            name: f"{between(20, middle + 10 * draws.standing((40, one.standing)) // 1000, 99)}%"
            for name, middle in (("glu_11", 60), ("sus_02", 55), ("ponv_05", 65))
        }
        found.append(
            {
                "main_hospital": one.name,
                "smokers": smokers if vascular else 0,
                "smokers_helped": smokers * draws.below(60) // 100 if vascular else 0,
                "smoking_documented": f"{60 + draws.below(40)}%" if aspire else Absent("not_applicable"),
                "vascular_measure": {
                    name: {"met": draws.happens(75) if vascular else Absent("not_applicable")}
                    for name in ("first", "second")
                },
                "aspire_measure": {
                    name: {"rate": rate if aspire else Absent("not_applicable")} for name, rate in rates.items()
                },
            }
        )
    return found
