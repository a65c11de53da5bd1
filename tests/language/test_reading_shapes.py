"""Every shape of the language reads, with its own keys; a key that two could own goes to the right one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from vbc_rules.language import document, syntax
from vbc_rules.language.document import Document, Shape, Value
from vbc_rules.language.reading import read_document
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

HEADER = (
    "program: a/b\nedition: e1\ntitle: T\nparticipant: hospital\nin_force: {from: 2024-01-01}\n"
    "sources:\n  guide: {title: G}\n"
)


def read(text: str) -> Document:
    findings = Findings()
    root = read_text(HEADER + text, "rules.yaml", findings)
    assert root is not None
    found = read_document(root, findings)
    assert findings.all == ()
    assert found is not None
    return found


def value(text: str) -> Value:
    return read(f"values:\n  hospital:\n    rate: {text}\n").values[0]


def payment(text: str) -> Value:
    return read(f"payments:\n  hospital:\n    pay: {text}\n").payments[0]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{formula: "9 * gain(performance, threshold) / gain(benchmark, threshold)"}', document.FormulaShape),
        ("{choose: [{when: a > b, is: a}, {otherwise: b, round: 0 half_up}]}", document.ChooseShape),
        ("{tiers: rate, steps: [{reaches: p90, is: 5}, {reaches: p75, is: 4}, {otherwise: 0}]}", document.TiersShape),
        (
            "{interpolate: n, points: [{at: 500, is: 12%}, {at: 999, is: 8.7%}], below: absent too_small, above: 2%}",
            document.InterpolateShape,
        ),
        ("{table: [{track: basic_a, score: 85 or more, is: 40%}]}", document.TableShape),
        ("{by_member: {cqi: cqi_score, hie: hie_points / 20}}", document.ByMemberShape),
        ("{higher_of: [achievement, improvement], absent: ignore}", document.HigherOfShape),
        ("{lower_of: [achievement, improvement]}", document.HigherOfShape),
        (
            "{weighted_mean: score, by: weight, where: chosen, absent: redistribute, needs_at_least: 3}",
            document.GatherShape,
        ),
        ("{mean: score, where: chosen, absent: ignore, needs_at_least: 1}", document.GatherShape),
        ("{sum: score, absent: zero}", document.GatherShape),
        ("{count: practice, where: designated}", document.GatherShape),
        ("{min: score, absent: absent}", document.GatherShape),
        ("{max: score, absent: {declined: zero, too_new: ignore}}", document.GatherShape),
        ("{any: met, if_none: no}", document.GatherShape),
        ("{all: met, where: chosen, absent: absent, if_none: yes}", document.GatherShape),
        ("{at_least_of: 2, of: met, if_none: no}", document.GatherShape),
        ("{variance: score, definition: population}", document.GatherShape),
        ("{standard_deviation: score, definition: sample, absent: ignore, round: 8 half_even}", document.GatherShape),
        ("{quantile: score, at: 90%, definition: inclusive}", document.GatherShape),
        ("{rank: x, within: cohort, better: higher, ties: competition}", document.StandingShape),
        ("{percentile_rank: x, within: cohort, definition: inclusive, ties: share}", document.StandingShape),
        ("{z_score: x, within: condition_cohort, definition: sample, round: 6 half_even}", document.StandingShape),
        ("{top: 10, within: hospital, order: [sponsor = bcbsm, index], ties: name}", document.StandingShape),
        ("{top: 30%, within: cohort, order: [overall], ties: all_in, round: 0 down}", document.StandingShape),
        (
            (
                "{allocate: pool, in_proportion_to: earned, at_most: a, at_least: b, remainder: largest, "
                "ties: hospital, if_none: not_paid}"
            ),
            document.AllocateShape,
        ),
    ],
)
def test_every_shape_reads(text: str, kind: type[Shape]) -> None:
    assert isinstance(value(text).shape, kind)


def test_rounding_of_top_rounds_how_many() -> None:
    found = value("{top: 30%, within: cohort, order: [overall], ties: all_in, round: 0 down}")
    assert isinstance(found.shape, document.StandingShape)
    assert found.shape.round_count is not None
    assert found.round is None


def test_caps_of_allocate_belong_to_the_shares() -> None:
    found = payment(
        "{allocate: pool, in_proportion_to: x, at_most: due, remainder: largest, ties: hospital, if_none: error}"
    )
    assert isinstance(found.shape, document.AllocateShape)
    assert found.shape.at_most is not None
    assert found.at_most is None


def test_pays_nothing_belongs_to_the_payment() -> None:
    found = payment("{sum: share, round: 2 down, absent: pays_nothing, paid_by: hospital}")
    assert isinstance(found.shape, document.GatherShape)
    assert found.shape.absent is None
    assert found.absent is not None


def test_absent_of_a_gathering_payment_belongs_to_the_gathering() -> None:
    found = payment("{sum: share, absent: ignore, round: 2 down}")
    assert isinstance(found.shape, document.GatherShape)
    assert found.shape.absent is not None
    assert found.absent is None


def test_rounding_to_a_step() -> None:
    found = value("{formula: a, round: to 0.5 half_up}").round
    assert found is not None
    assert (found.digits, found.step, found.mode) == (None, Decimal("0.5"), "half_up")


def test_a_step_may_have_caps_after_what_it_gives() -> None:
    capped = value("{tiers: x, steps: [{reaches: 1, is: y, at_least: 0, at_most: 9, round: 1 down}, {otherwise: 0}]}")
    assert isinstance(capped.shape, document.TiersShape)
    branch = capped.shape.steps[0].branch
    assert branch.at_least is not None
    assert branch.at_most is not None
    assert branch.round is not None


def cell(text: str) -> document.Cell:
    shape = value(f"{{table: [{{size: {text}, is: 1}}]}}").shape
    assert isinstance(shape, document.TableShape)
    return shape.rows[0].cells[0][1]


def number(expression: syntax.Expression | None) -> Decimal | None:
    if expression is None:
        return None
    assert isinstance(expression, syntax.NumberLiteral)
    return expression.value


@pytest.mark.parametrize(
    ("text", "low", "low_open", "high", "high_open"),
    [
        ("1 to 10", 1, False, 10, False),
        ("85 or more", 85, False, None, False),
        ("85% or less", None, False, 85, False),
        ("more than 3", 3, True, None, False),
        ("less than $3", None, False, 3, True),
        ("7", 7, False, 7, False),
    ],
)
def test_ranges_in_cells(text: str, low: int | None, low_open: bool, high: int | None, high_open: bool) -> None:  # noqa: FBT001 - a table's columns
    found = cell(text)
    assert (number(found.low), found.low_open) == (low, low_open)
    assert (number(found.high), found.high_open) == (high, high_open)


def test_words_in_cells() -> None:
    assert cell("any").any
    assert [word.text for word in cell("basic_a").words] == ["basic_a"]
    assert [word.text for word in cell("yes").words] == ["yes"]
    assert [word.text for word in cell("1").words] == ["1"]


def test_dated_parameter() -> None:
    (found,) = read(
        "parameters:\n"
        "  allocation:\n"
        "    type: percent\n"
        "    dated:\n"
        "      - {from: 2005-01-01, through: 2005-12-31, is: 0.5%, source: guide}\n"
        "      - {from: 2006-01-01, through: 2010-12-31, unstated: yes}\n"
        "      - {from: 2011-01-01, is: 7%, source: guide p. 2}\n"
        "    stated_through: 2023-12-31\n"
        "    after: error\n"
    ).parameters
    assert [one.value and one.value.text for one in found.dated] == ["0.5%", None, "7%"]
    assert found.after is not None
    assert found.after.text == "error"


def test_lists_of_codes() -> None:
    (found,) = read("parameters: {visits: {type: codes, is: [99202 to 99215, G0438], source: guide}}\n").parameters
    assert [code.text for code in found.codes] == ["99202 to 99215", "G0438"]


def test_short_and_full_forms_of_a_levels_parameters() -> None:
    (level,) = read(
        "levels:\n"
        "  item:\n"
        "    in: hospital\n"
        '    parameters: {kind: "category of (medical, cabg)", floor: {type: number, may_be: not_applicable}}\n'
        "    members: {a: {kind: cabg, floor: not_applicable}}\n"
    ).levels
    kind, floor = (declared for _, declared in level.parameters.values())
    assert [(option.text, option.span.column) for option in kind.options] == [("medical", 38), ("cabg", 47)]
    assert [reason.text for reason in floor.reasons] == ["not_applicable"]
