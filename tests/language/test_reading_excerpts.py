"""The programs of the language's description read without a finding, and hold what they say."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from vbc_rules.language import syntax
from vbc_rules.language.document import (
    AllocateShape,
    ByMemberShape,
    ChooseShape,
    Document,
    GatherShape,
    HigherOfShape,
    StandingShape,
    TiersShape,
    Value,
)
from vbc_rules.language.reading import read_document
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_file

EXCERPTS = Path(__file__).parent / "excerpts"


def read(name: str) -> Document:
    findings = Findings()
    root = read_file(EXCERPTS / f"{name}.yaml", findings)
    assert root is not None
    document = read_document(root, findings)
    assert findings.all == ()
    assert document is not None
    return document


def value(document: Document, name: str) -> Value:
    (found,) = [one for one in (*document.values, *document.payments) if one.name.text == name]
    return found


@pytest.mark.parametrize(
    ("name", "values", "gates", "payments"),
    [("hospital_vbp", 6, 0, 0), ("hospital_p4p", 6, 2, 3), ("pgip", 5, 2, 1), ("hospital_vbr", 4, 2, 3)],
)
def test_every_excerpt_reads_whole(name: str, values: int, gates: int, payments: int) -> None:
    document = read(name)
    assert (len(document.values), len(document.gates), len(document.payments)) == (values, gates, payments)


def test_header_and_levels_of_hospital_vbp() -> None:
    document = read("hospital_vbp")
    assert (document.program.text, document.edition.text, document.language) == ("cms/hospital-vbp", "fy2024", 1)
    assert (document.participant.text, document.identifier_is_public) == ("hospital", False)
    assert (document.in_force.first, document.in_force.last) == (datetime.date(2023, 10, 1), datetime.date(2024, 9, 30))
    assert [(source.key.text, source.cite) for source in document.sources] == [
        ("scoring", "76 FR 26490"),
        ("regulation", "42 CFR 412.165"),
        ("standards", None),
    ]
    domain, measure = document.levels
    assert [member.name.text for member in domain.members] == ["clinical", "experience", "safety", "efficiency"]
    assert domain.members[1].title == "Person and community engagement"
    assert {key: cell.text for key, cell in domain.members[1].cells.items()} == {"weight": "25%", "minimum": "8"}
    assert domain.provenance is not None
    assert domain.provenance.citations[0].key.text == "regulation"
    assert {key: declared.type.text for key, (_, declared) in measure.parameters.items()} == {
        "better": "direction",
        "threshold": "number",
        "benchmark": "number",
    }
    assert measure.members[1].cells["benchmark"].text == "0.000"
    assert measure.members[1].parent is not None
    assert measure.members[1].parent.text == "safety"


def test_values_of_hospital_vbp() -> None:
    document = read("hospital_vbp")
    achievement = value(document, "achievement")
    assert [name.text for name in achievement.needs] == ["performance"]
    assert isinstance(achievement.shape, ChooseShape)
    assert len(achievement.shape.cases) == 2
    assert achievement.shape.otherwise.round is not None
    assert (achievement.shape.otherwise.round.digits, achievement.shape.otherwise.round.mode) == (0, "half_up")
    improvement = value(document, "improvement")
    assert improvement.at_least is not None
    assert improvement.at_most is not None
    assert (improvement.at_least.text, improvement.at_most.text) == ("0", "9")
    assert isinstance(value(document, "score").shape, HigherOfShape)
    domain_score = value(document, "domain_score")
    assert isinstance(domain_score.shape, ByMemberShape)
    assert domain_score.otherwise is not None
    assert domain_score.otherwise.text == "below_minimum"
    total = value(document, "total_performance_score")
    assert isinstance(total.shape, GatherShape)
    assert total.shape.by is not None
    assert total.shape.needs_at_least is not None
    assert (total.shape.function.text, total.shape.by.text, total.shape.needs_at_least.text) == (
        "weighted_mean",
        "weight",
        "3",
    )


def test_numbers_say_where_they_come_from() -> None:
    document = read("hospital_p4p")
    cap, preference = document.parameters
    assert cap.value is not None
    assert cap.provenance is not None
    assert (cap.value.text, cap.provenance.kind) == ("5%", "source")
    assert preference.required
    assert preference.provenance is not None
    assert preference.provenance.kind == "required"
    assert preference.declaration is not None
    assert [option.text for option in preference.declaration.options] == ["sponsor_first", "tie_break_only"]
    readmissions = document.levels[0].members[2]
    assert readmissions.provenance is not None
    assert readmissions.provenance.kind == "derived"
    assert [(one.key.text, one.place) for one in readmissions.provenance.citations] == [
        ("guide_2020", "p. 15"),
        ("mroqc_2021", ""),
    ]
    assert readmissions.provenance.by == "unchanged from 2020"


def test_inputs_and_standing_of_hospital_p4p() -> None:
    document = read("hospital_p4p")
    part = document.levels[1]
    assert part.key is not None
    assert (part.is_list, part.key.text, part.at_most) == (True, "name", 30)
    operating = next(one for one in document.inputs if one.name.text == "operating_payments").declaration
    assert isinstance(operating.high, syntax.NumberLiteral)
    assert (operating.high.kind, operating.high.value) == ("money", Decimal(5_000_000_000))
    index = next(one for one in document.inputs if one.name.text == "index").declaration
    assert [reason.text for reason in index.reasons] == ["declined", "too_new"]
    counts = value(document, "counts").shape
    assert isinstance(counts, StandingShape)
    assert counts.how_many is not None
    assert counts.absent is not None
    assert [item.text for item in counts.order] == ["sponsor = bcbsm", "index"]
    assert [(reason.text, word.text) for reason, word in counts.absent.by_reason] == [
        ("declined", "last"),
        ("too_new", "out"),
    ]
    share = value(document, "multiplier_share").shape
    assert isinstance(share, AllocateShape)
    assert (share.pool.text, share.basis.text, share.if_none.text) == ("unearned", "earned", "not_paid")
    earned = value(document, "earned")
    assert earned.absent is not None
    assert earned.absent.every is not None
    assert earned.absent.every.text == "pays_nothing"


def test_tiers_and_gates() -> None:
    pgip = read("pgip")
    band = value(pgip, "band_points").shape
    assert isinstance(band, TiersShape)
    assert [(step.kind, step.bound.text) for step in band.steps] == [
        ("reaches", "p90"),
        ("reaches", "p75"),
        ("reaches", "p50"),
        ("reaches", "p25"),
    ]
    assert value(pgip, "rate").type is not None
    vbr = read("hospital_vbr")
    assert [(gate.name.text, [one.text for one in gate.on]) for gate in vbr.gates] == [
        ("quality", ["performance_gain"]),
        ("milestones", ["infrastructure_payment"]),
    ]
    loss = value(vbr, "performance_loss")
    assert loss.paid_by is not None
    assert loss.paid_by.text == "hospital"
    assert loss.span == loss.name.span
