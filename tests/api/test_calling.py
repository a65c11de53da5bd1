"""How a program and its results may be called, and what is said to who calls them otherwise."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

import vbc_rules as vbc

TEXT = """\
program: acme/calling
edition: 2024
language: 1
title: Calling
participant: hospital
in_force: {from: 2024-01-01}
sources:
  guide: {title: Guide}
parameters:
  share: {type: percent, is: required}
  cap: {is: 5%, source: guide}
levels:
  measure: {in: hospital, members: {falls: {}, sepsis: {}}}
inputs:
  hospital:
    payments: {type: money, range: "$0 to $1,000,000"}
  measure:
    met: {type: yes_no}
values:
  measure:
    points: {formula: if met then 1 else 0}
  hospital:
    most: {formula: cap of payments}
    kept: {formula: share of payments}
    reached: {formula: count(measure where met)}
"""
GIVEN = {
    "hospital": "A",
    "payments": "100.00",
    "measure": {"falls": {"met": True}, "sepsis": {"met": False}},
}
NO_INPUTS = (
    "one participant's inputs are names with their values; pass a dict or a `program.Inputs` "
    "(of a pandas row, `row.to_dict()`; to `evaluate_many`, `frame.to_dict('records')`) [VBC970]"
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("calling") / "calling.yaml"
    found.write_text(TEXT)
    return found


@pytest.fixture(scope="module")
def program(path: Path) -> vbc.Program:
    return vbc.load(path, parameters={"share": "4%"})


def test_what_is_no_inputs_is_refused_in_words(program: vbc.Program) -> None:
    for wrong in ("A", [GIVEN], None, SimpleNamespace(payments="100.00")):
        with pytest.raises(vbc.UsageError) as caught:
            program.evaluate(wrong)  # type: ignore[arg-type]
        assert str(caught.value) == NO_INPUTS
    with pytest.raises(vbc.UsageError):
        list(program.evaluate_many(GIVEN))  # type: ignore[arg-type]


def test_typed_inputs_are_taken_as_they_are(
    program: vbc.Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "calling_inputs.py").write_text(program.static_types())
    monkeypatch.syspath_prepend(tmp_path)
    names = import_module("calling_inputs")
    measures = names.MeasureMembers(falls=names.Measure(met=True), sepsis=names.Measure(met=False))
    inputs = names.Inputs(hospital="A", payments=Decimal("100.00"), measure=measures)
    assert program.evaluate(inputs).to_dict() == program.evaluate(GIVEN).to_dict()
    (one,) = program.evaluate_many([inputs])
    assert isinstance(one, vbc.Result)


def test_words_that_choose_are_checked(path: Path, program: vbc.Program) -> None:
    with pytest.raises(vbc.UsageError, match="`floats` is one of two words; write 'refuse' or 'shortest'"):
        vbc.load(path, floats="short")  # type: ignore[arg-type]
    with pytest.raises(vbc.UsageError, match="there are two engines; write 'scalar' or 'oracle'"):
        program.evaluate(GIVEN, engine="fast")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parameter", "help"),
    [
        ("shares", "write `share`"),
        ("cap", "the rule file says what it is: change it there, or write `is: required` there to give it here"),
        ("quantity", "write one of `share`"),
    ],
)
def test_a_parameter_that_is_not_required(path: Path, parameter: str, help: str) -> None:
    with pytest.raises(vbc.UsageError) as caught:
        vbc.load(path, parameters={parameter: "5%"})
    assert caught.value.message == f"`{parameter}` is not a parameter this program requires; {help}"


def test_a_result_is_gone_through_by_name(program: vbc.Program) -> None:
    result = program.evaluate(GIVEN)
    assert list(result) == ["hospital", "payments", "most", "kept", "reached", "measure"]
    assert len(result) == 6
    assert dict(result)["kept"] == Decimal(4)
    with pytest.raises(KeyError):
        result[0]  # type: ignore[index]


def test_a_value_of_a_member_is_explained_by_either_name(program: vbc.Program) -> None:
    result = program.evaluate(GIVEN)
    for explained in (
        result.explain("points", "falls"),
        result.explain("measure.points", "falls"),
        result.explain("measure.falls.points"),
    ):
        assert (explained.text, explained.instance) == ("1", result.explain("points", "falls").instance)


def test_a_misspelt_member_is_told_the_nearest(program: vbc.Program) -> None:
    result = program.evaluate(GIVEN)
    for call in (("points", "fall"), ("measure.fall.points",)):
        with pytest.raises(vbc.UsageError) as caught:
            result.explain(*call)
        assert caught.value.message == "say which measure: write `falls`"
    with pytest.raises(vbc.UsageError) as caught:
        result.explain("points")
    assert caught.value.message == "say which measure: one of falls, sepsis"
