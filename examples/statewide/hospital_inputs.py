"""What the hospital program asks, made up from the state."""

from __future__ import annotations

from decimal import Decimal

from statewide.draws import Draws, between
from statewide.population import Hospital, State
from vbc_rules import Absent

CQIS = tuple(f"cqi_{number:02}" for number in range(1, 15))
"""Of the 14 collaborative quality initiatives, the first eleven are sponsored by the payer."""
PAYERS_OWN = CQIS[:11]


def hospital_rows(state: State, draws: Draws) -> list[dict[str, object]]:
    """Return the inputs of every hospital."""
    return [_hospital_row(number, one, draws) for number, one in enumerate(state.hospitals)]


def _hospital_row(number: int, one: Hospital, draws: Draws) -> dict[str, object]:
    def points(low: int, middle: int, high: int, spread: int) -> int:
        return between(low, middle + spread * draws.standing((60, one.standing)) // 1000, high)

    # One hospital in a dozen is too small for this program, and a few fail the prequalifying condition.
    return {
        "hospital": one.name,
        "peer_group": "pg5" if number % 12 == 5 else draws.one_of(("pg1", "pg2", "pg3", "pg4")),
        "inpatient_operating_payments": one.inpatient,
        "outpatient_operating_payments": one.outpatient,
        "prequalifying_condition_met": number != 3 and not draws.happens(2),
        "hie_points": Decimal(points(0, 56, 80, 16)) / 4,
        "readmission_score": f"{points(0, 6000, 10000, 2400) / Decimal(100)}%",
        "mvc_points": Decimal(points(0, 12, 20, 5)) / 2,
        "cqi_eligible": [_cqi(name, points(30, 82, 100, 14), draws) for name in CQIS if draws.happens(80)],
    }


def _cqi(name: str, score: int, draws: Draws) -> dict[str, object]:
    """Return one initiative; scores are whole percents, so some are equal."""
    declined, too_new = draws.happens(2), draws.happens(4)
    return {
        "name": name,
        "sponsor": "bcbsm" if name in PAYERS_OWN else "mha",
        "recruited": declined or draws.happens(85),
        "index": Absent("declined") if declined else Absent("too_new") if too_new else f"{score}%",
    }
