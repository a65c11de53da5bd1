"""Whatever is given: the workings arrive at the engine's value, and every printed line can be redone."""

from __future__ import annotations

import datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.explain.checking import redo
from tests.explain.programs import GIVEN_MEASURES, GIVEN_P4P, HOSPITAL_P4P, MEASURES, load, run
from tests.run.building import Given
from vbc_rules.explain import explain
from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import Ref

_HOSPITAL = load(HOSPITAL_P4P)
_MEASURES = load(MEASURES)

_cents = st.integers(0, 10**11).map(lambda cents: f"${cents // 100}.{cents % 100:02d}")
_percents = st.integers(0, 10**4).map(lambda hundredths: f"{hundredths // 100}.{hundredths % 100:02d}%")
_yes_no = st.sampled_from(["yes", "no"])
_items = st.lists(
    st.tuples(
        st.sampled_from(["alpha", "o'hara", "item 3", "d"]),
        st.sampled_from(["bcbsm", "mha"]),
        st.one_of(_percents, st.sampled_from([Absent("declined"), Absent("too_new")])),
    ),
    max_size=4,
    unique_by=lambda item: item[0],
)


@given(
    payments=_cents,
    hie=st.integers(0, 200).map(lambda tenths: f"{tenths // 10}.{tenths % 10}"),
    readmissions=st.one_of(_percents, st.just(Absent("below_minimum"))),
    signed=_yes_no,
    group=st.sampled_from(["pg1", "pg2", "pg5"]),
    items=_items,
)
def test_a_hospital(
    payments: str,
    hie: str,
    readmissions: str | Absent,
    signed: str,
    group: str,
    items: list[tuple[str, str, str | Absent]],
) -> None:
    registry: list[dict[str, Given]] = [{"name": n, "sponsor": s, "index": i} for n, s, i in items]
    trace = run(
        _HOSPITAL,
        {
            **GIVEN_P4P,
            "operating_payments": payments,
            "hie_points": hie,
            "readmission_score": readmissions,
            "attestation_signed": signed,
            "peer_group": group,
            "registry": registry,
        },
    )
    assert redo(explain(_HOSPITAL, trace, Ref("hospital", "earned"))) > 0


@given(
    panel=st.integers(0, 3000),
    track=st.sampled_from(["basic", "enhanced"]),
    met=st.one_of(st.integers(0, 30), st.just(Absent("not_reported"))),
    eligible=st.integers(30, 120),
    losses=st.integers(-300_000, 300_000).map(lambda c: f"{'-' * (c < 0)}${abs(c) // 100}.{abs(c) % 100:02d}"),
    day=st.dates(min_value=datetime.date(2024, 1, 1), max_value=datetime.date(2024, 12, 31)),
)
def test_a_group(panel: int, track: str, met: int | Absent, eligible: int, losses: str, day: datetime.date) -> None:
    trace = run(
        _MEASURES,
        {
            **GIVEN_MEASURES,
            "panel": panel,
            "track": track,
            "screening.met": met,
            "screening.eligible": eligible,
            "losses": losses,
            "paid_on": str(day),
        },
    )
    for name in ("reward", "held", "shared", "office", "best"):
        redo(explain(_MEASURES, trace, Ref("group", name)))
