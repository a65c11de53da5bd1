"""Whole explanations, as people read them. Read a golden file beside its program in programs.py."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.explain.checking import golden, redo
from tests.explain.programs import GIVEN_MEASURES, GIVEN_P4P, HEADER, HOSPITAL_P4P, MEASURES, load, run
from tests.run.building import Given
from vbc_rules.explain import explain
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Ref


def registry(name: str, sponsor: str, index: str | Absent) -> dict[str, Given]:
    return {"name": name, "sponsor": sponsor, "index": index}


REGISTRIES: list[dict[str, Given]] = [
    registry("alpha", "mha", "99%"),
    registry("beta", "bcbsm", Absent("declined")),
    registry("gamma", "bcbsm", "88.25%"),
    registry("delta", "mha", Absent("too_new")),
]

CASES: Mapping[str, tuple[str, Mapping[str, Given], Ref]] = {
    "hospital_paid": (HOSPITAL_P4P, {**GIVEN_P4P, "registry": REGISTRIES}, Ref("hospital", "earned")),
    "hospital_capped_and_redistributed": (
        HOSPITAL_P4P,
        {**GIVEN_P4P, "ceiling": "$30,000.50", "readmission_score": Absent("below_minimum")},
        Ref("hospital", "earned"),
    ),
    "hospital_gate_failed": (HOSPITAL_P4P, {**GIVEN_P4P, "attestation_signed": "no"}, Ref("hospital", "earned")),
    "hospital_not_in_program": (
        HOSPITAL_P4P,
        {**GIVEN_P4P, "peer_group": "pg5", "attestation_signed": "no"},
        Ref("hospital", "earned"),
    ),
    "group_reward": (MEASURES, GIVEN_MEASURES, Ref("group", "reward")),
    "group_nothing_for_an_absence": (MEASURES, GIVEN_MEASURES, Ref("group", "held")),
    "group_loss_floored": (MEASURES, {**GIVEN_MEASURES, "losses": "-$2,000"}, Ref("group", "shared")),
}

OPENED = ("hospital_paid", "group_reward")
"""Those whose full text is accepted too."""


@pytest.mark.parametrize("name", CASES)
def test_an_explanation_reads_as_accepted_and_every_line_can_be_redone(name: str) -> None:
    text, given, ref = CASES[name]
    program = load(text)
    explanation = explain(program, run(program, given), ref, header=HEADER)
    golden(name, str(explanation))
    if name in OPENED:
        golden(f"{name}_in_full", explanation.full_text())
    assert redo(explanation) > 0


@pytest.mark.parametrize("text", [HOSPITAL_P4P, MEASURES])
def test_every_value_of_a_program_can_be_explained(text: str) -> None:
    program = load(text)
    given = {**GIVEN_P4P, "registry": REGISTRIES} if text == HOSPITAL_P4P else GIVEN_MEASURES
    trace = run(program, given)
    explained = 0
    for step in program.steps:
        level = program.levels[step.ref.level]
        paths: list[Path] = [()]
        if level.kind == "members":
            paths = [(member.name,) for member in level.members]
        elif level.kind == "list":
            paths = [(number,) for number in range(len(REGISTRIES))]
        for path in paths:
            explanation = explain(program, trace, step.ref, path)
            assert explanation.value == trace.value(step.ref, path)
            redo(explanation)
            explained += 1
    assert explained >= len(program.steps)
