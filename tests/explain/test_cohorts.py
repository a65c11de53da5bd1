"""Explanations of a cohort: from a participant, from a group, from the cohort itself."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal

import pytest

from tests.conformance.running import load as load_checked
from tests.conformance.test_cases import HEADER as CASES_HEADER
from tests.conformance.test_cases import UNSOURCED
from tests.conformance.test_cohort_cases import every_case, populate
from tests.explain.checking import golden, redo
from tests.explain.cohorts import POOL, evaluate, every_step, hospital, load
from tests.run.building import Given
from vbc_rules.errors import EvaluationError
from vbc_rules.explain import Explanation, explain
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Path, make_layouts
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.oracle import evaluate_cohort
from vbc_rules.run.trace import CohortTrace, ParticipantTrace, Trace

PROGRAM = load(POOL)
HEADER = {"program": "test/pool@2024", "title": "Quality pool"}


def thirty(**changed: Mapping[str, Given]) -> CohortTrace:
    """Return thirty hospitals; `changed` says which report something else: `h5={"taken_part": "no"}`."""
    return evaluate(PROGRAM, [hospital(number, **changed.get(f"h{number}", {})) for number in range(1, 31)])


TRACE = thirty(h5={"taken_part": "no"}, h8={"signed": "no"}, h9={"region": Absent("not_reported")})


def of_hospital(
    number: int,
    name: str,
    trace: CohortTrace = TRACE,
    header: Mapping[str, str] | None = None,
    as_of: datetime.date | None = None,
    status: Literal["provisional", "final"] | None = None,
) -> Explanation:
    """Explain a value as one hospital sees it, counted from 1."""
    seen = ParticipantTrace(PROGRAM, trace, number - 1)
    return explain(PROGRAM, seen, Ref("hospital", name), header=header, as_of=as_of, status=status)


def said(explanation: Explanation, *labels: str) -> list[str]:
    """Return the lines of the value itself with these labels, after working out all that are printed."""
    redo(explanation)
    return [line.text for line in explanation.lines if line.label in labels]


def part(explanation: Explanation, name: str) -> Explanation:
    return next(each for each in explanation.walk() if each.name == name and not each.repeated)


# --- whole explanations, read beside the program in cohorts.py


@pytest.mark.parametrize("number", [3, 5, 8])
def test_a_hospital_s_share_reads_as_accepted(number: int) -> None:
    found = of_hospital(number, "share", header={**HEADER, "hospital": f"h{number:04d}"})
    golden(f"pool_share_of_{number}", str(found))
    redo(found)


@pytest.mark.parametrize(
    ("name", "ref", "path"),
    [("pool_of_cohort", Ref("cohort", "best_mean"), ()), ("pool_of_group", Ref("peer_group", "mean_total"), (0,))],
)
def test_what_a_group_and_the_cohort_have_reads_as_accepted(name: str, ref: Ref, path: Path) -> None:
    found = explain(PROGRAM, TRACE, ref, path, header=HEADER)
    golden(name, str(found))
    redo(found)


# --- every value of many programs


@pytest.mark.parametrize("entry", list(every_case()))
def test_every_value_of_every_cohort_can_be_redone(entry: Mapping[str, Any]) -> None:
    program = load_checked(CASES_HEADER + entry["program"], allowing=UNSOURCED | set(entry.get("allowing", ())))
    layouts = make_layouts(program)
    for case in entry["cases"]:
        if "error" in case:
            continue
        trace = evaluate_cohort(program, layouts, populate(program, layouts, case))
        for ref, path in every_step(program, trace):
            for most in (12, 1):
                assert_redone(program, trace, ref, path, most)
            if program.root(ref.level) == program.participant and isinstance(path[0], int):
                assert_redone(program, ParticipantTrace(program, trace, path[0]), ref, path[1:], 12)


def assert_redone(program: Program, trace: Trace | CohortTrace, ref: Ref, path: Path, most: int) -> None:
    found = explain(program, trace, ref, path, most_listed=most)
    assert found.value == trace.value(ref, path)
    redo(found)


def test_every_value_of_thirty_hospitals_can_be_redone() -> None:
    for ref, path in every_step(PROGRAM, TRACE):
        assert_redone(PROGRAM, TRACE, ref, path, 12)


# --- from a participant


def test_a_share_shows_pool_bases_and_the_exact_share() -> None:
    found = of_hospital(3, "share")
    assert said(found, "pool", "sharing", "bases", "together", "numbers", "at most", "in cents", "rounded") == [
        "pool: $1,481,211.23",
        "28 in the cohort take part; 1 takes no part: attested failed",
        "this hospital: $725,300.74; and 27 others, together $20,278,834.87",
        "$725,300.74 + $20,278,834.87 = $21,004,135.61",
        "$1,481,211.23 * $725,300.74 / $21,004,135.61 = $51,148 20365175151/105020678050",
        "9% * $1,004,071.03 = $90,366.3927",
        "round($90,366.3927, 2, down) = $90,366.39",
        "$51,148 20365175151/105020678050 <= $90,366.39 is yes",
        "round($51,148 20365175151/105020678050, 2, down) = $51,148.19",
    ]


def test_odd_cents_go_to_the_largest_fractions() -> None:
    assert said(of_hospital(3, "share"), "odd cents", "fraction", "place", "share") == [
        "$1,481,211.23 - $1,481,211.09 = $0.14",
        "822492643/2100413561 (about 0.391586) of a cent, number 16 by size",
        "16 <= 14 is no",
    ]
    with_one = next(
        n for n in range(1, 31) if n not in (5, 8) and "= " in "".join(said(of_hospital(n, "share"), "share"))
    )
    found = of_hospital(with_one, "share")
    *_, place = said(found, "place")
    assert place.endswith(" <= 14 is yes")
    (odd,) = said(found, "share")
    assert odd.endswith(f"+ $0.01 = {found.text}")


def test_who_is_held_by_a_cap_is_shown_what_it_would_have_in_proportion() -> None:
    small = thirty(h2={"payments": "$10.00"}, h3={"payments": "$0.00"})
    program = load(POOL.replace("at_most: 9% of payments", "at_most: 5.5% of payments"))
    trace = evaluate(program, [hospital(number) for number in range(1, 31)])
    found = explain(program, ParticipantTrace(program, trace, 9), Ref("hospital", "share"))
    assert said(found, "held", "left", "numbers", "at most") == [
        "11 at their cap, together $618,956.78",
        "$1,531,550.48 - $618,956.78 = $912,593.70",
        "5.5% * $1,013,570.10 = $55,746.3555",
        "$912,593.70 * $915,578.14 / $12,362,749.25 = $67,586 1035805609/6181374625",
        "min($67,586 1035805609/6181374625, $55,746.35) = $55,746.35",
    ]
    (left,) = (line for line in found.lines if line.label == "left")
    assert left.note == "left for the others, whose bases are together $12,362,749.25"
    acted = [line for line in found.lines if line.kind == "cap"]
    assert [(line.note, line.after) for line in acted] == [("the cap acts", found.text)]
    assert said(of_hospital(3, "share", small), "none") == ["its basis is zero"]


def test_what_no_cap_allows_to_be_placed_is_shown() -> None:
    program = load(POOL.replace("at_most: 9% of payments", "at_most: 1% of payments"))
    trace = evaluate(program, [hospital(1), hospital(2)])
    found = explain(program, ParticipantTrace(program, trace, 0), Ref("hospital", "share"))
    assert said(found, "cap", "unplaced") == [
        "the cap acts: every share is at a bound, or has no basis",
        "$100,203.55 - $20,040.71 = $80,162.84",
    ]


def test_a_rank_says_with_how_many_it_is_compared() -> None:
    assert said(of_hospital(3, "place"), "compared", "value", "better", "numbers") == [
        "29 in the cohort are compared",
        "total: 72.236%",
        "higher is better",
        "1 + 14 = 15",
    ]


def test_a_z_score_shows_mean_and_deviation_as_used() -> None:
    assert said(of_hospital(3, "z"), "mean", "deviation", "numbers") == [
        "(72.236% + 1977.284%) / 29 = 70 488/725%",
        "sqrt(735067883/50750000000, 12) = 0.120349890805",
        "round((72.236% - 70 488/725%) / sqrt(735067883/50750000000), 4, half even) = 0.1299",
    ]


def test_a_place_among_the_first_shows_who_is_ahead_and_the_last_one_in() -> None:
    assert said(of_hospital(3, "leads"), "compared", "ordered by", "ahead", "top", "rounded", "place", "last in") == [
        "29 in the cohort are compared",
        "72.236%",
        "25% * 29 = 7.25",
        "round(7.25, 0, up) = 8",
        "14 are ahead",
        "15 <= 8 is no",
        "81.648%",
    ]


def test_a_group_is_named_by_what_it_goes_by() -> None:
    found = of_hospital(3, "above_group")
    assert [each.name for each in found.parts] == ["mean_total of peer_group south", "total"]
    assert said(part(found, "mean_total of peer_group south"), "members") == [
        "this hospital: 72.236%; and 8 others, together 588.036%"
    ]


def test_nothing_of_another_participant_is_shown_to_one() -> None:
    for step in PROGRAM.steps:
        if step.ref.level == "hospital":
            text = of_hospital(3, step.ref.name).full_text()
            assert "hospital 1 of 30" not in text
            assert "h0001" not in text


# --- absences


def test_who_is_not_in_the_program_has_nothing_of_what_is_compared() -> None:
    found = of_hospital(5, "place")
    assert found.value is Absent("not_in_program")
    assert said(found, "gate", "so") == [
        "in_program failed: is not in the program",
        "place is only for those in the program, and was not evaluated",
    ]
    assert found.absence is not None
    assert (found.absence.trail, found.absence.cause) == (("place", "in_program"), "`taken_part` does not hold")


def test_who_is_in_no_group_is_told_why() -> None:
    found = of_hospital(9, "above_group")
    assert found.value is Absent("not_reported")
    assert found.absence is not None
    assert found.absence.trail == ("above_group", "mean_total", "region")
    assert said(part(found, "mean_total"), "in") == [
        "this hospital is in no peer_group: region is absent (not reported)"
    ]
    assert of_hospital(9, "standing_in_group").absence is not None


def test_a_failed_gate_takes_no_part_in_sharing() -> None:
    found = of_hospital(8, "share")
    assert said(found, "before", "gate") == [
        "takes no part in sharing pool",
        "in_program held",
        "attested failed: pays nothing",
    ]
    assert found.text == "$0.00"


# --- from a group and from the cohort


def test_the_first_members_are_listed_and_the_others_stand_together() -> None:
    found = explain(PROGRAM, TRACE, Ref("cohort", "pool"), most_listed=2)
    assert said(found, "members", "numbers") == [
        "hospital 1 of 30: $1,001,357.01; hospital 2 of 30: $1,002,714.02; and 27 others, together $27,620,153.57",
        "5% * ($1,001,357.01 + $1,002,714.02 + $27,620,153.57) = $1,481,211.23",
    ]


def test_identifiers_are_shown_where_the_file_says_that_they_are_public() -> None:
    program = load(POOL.replace("participant: hospital\n", "participant: {level: hospital, identifier: public}\n"))
    trace = evaluate(program, [hospital(1), hospital(2)])
    found = explain(program, trace, Ref("cohort", "pool"))
    assert said(found, "members") == ["h0001: $1,001,357.01; h0002: $1,002,714.02"]
    assert "hospital 1 of 2" not in found.full_text()


def test_members_listed_are_opened_down_to_their_inputs_but_not_whom_they_are_compared_with() -> None:
    found = explain(PROGRAM, TRACE, Ref("peer_group", "mean_total"), (1,))
    assert part(found, "score of hospital 3 of 30 / process").kind == "input"
    best = explain(PROGRAM, TRACE, Ref("cohort", "best_mean"))
    listed = [each for each in best.walk() if each.name.startswith("total of ")]
    assert listed
    assert all(each.cut and not each.lines for each in listed)


# --- what must be said beside a result


def test_an_illustrative_number_of_others_is_told() -> None:
    program = load(
        POOL.replace("    region: {type", "    factor: {type: percent, range: 0% to 200%}\n    region: {type")
    )
    assert of_hospital(3, "share").illustrative == ("bonus",)
    assert of_hospital(3, "basis").illustrative == ()
    summed = POOL.replace("    best_mean:", "    earned: {sum: basis}\n    best_mean:")
    program = load(summed)
    trace = evaluate(program, [hospital(number) for number in range(1, 31)])
    assert explain(program, ParticipantTrace(program, trace, 2), Ref("cohort", "earned")).illustrative == ("bonus",)


def test_a_provisional_result_says_so() -> None:
    found = of_hospital(3, "share", header=HEADER, as_of=datetime.date(2024, 6, 30), status="provisional")
    assert str(found).splitlines()[:3] == [
        "Quality pool (test/pool@2024)",
        "provisional as of 2024-06-30; in force 2024-01-01 through 2024-12-31",
        "Share of the pool: $51,148.19 (provisional)",
    ]
    data = found.to_dict()
    assert (data["status"], data["as_of"]) == ("provisional", "2024-06-30")
    page = found._repr_html_()
    assert "<p>provisional as of 2024-06-30; in force 2024-01-01 through 2024-12-31</p>" in page
    assert "<strong>Share of the pool: $51,148.19 (provisional)</strong>" in page


def test_a_final_result_says_so_without_a_header() -> None:
    found = of_hospital(3, "place", as_of=datetime.date(2025, 3, 1), status="final")
    assert str(found).splitlines()[:2] == [
        "final as of 2025-03-01; in force 2024-01-01 through 2024-12-31",
        "place: 15",
    ]


# --- numbers too long to read


def test_a_fraction_of_more_digits_than_anybody_reads_stands_as_a_decimal_and_is_no_checked_line() -> None:
    inverse = "    inverse: {only_if: payments > $0, otherwise: excluded, formula: $1 / payments}\n    place:"
    text = POOL.replace("    best_mean:", "    odd: {mean: inverse, absent: ignore}\n    best_mean:")
    program = load(text.replace("    place:", inverse))
    trace = evaluate(program, [hospital(number) for number in range(1, 31)])
    found = explain(program, trace, Ref("cohort", "odd"))
    redo(found)
    assert found.text == "about 0.000001"
    assert [line.checked for line in found.lines if line.label == "numbers"] == [False]
    assert "+ ≈0.000017) / 30 ≈ 0.000001" in found.lines[-1].text
    numerator, denominator = str(found.to_dict()["value"]).split("/")
    assert trace.value(Ref("cohort", "odd"), ()).as_integer_ratio() == (int(numerator), int(denominator))  # type: ignore[union-attr]


# --- the explanation checks the engine


class Off:
    """A cohort's trace that is off in one value."""

    def __init__(self, right: CohortTrace, wrong: Ref) -> None:
        self.right = right
        self.wrong = wrong

    def value(self, ref: Ref, path: Path) -> Datum:
        found = self.right.value(ref, path)
        is_wrong = ref == self.wrong and path[:1] == (2,)
        return found + 1 if is_wrong and isinstance(found, Fraction) else found

    def count(self, level: str, path: Path) -> int:
        return self.right.count(level, path)

    def group_of(self, group: str, path: Path) -> Path | Absent:
        return self.right.group_of(group, path)

    def gathered(self, level: str, within: str, path: Path) -> tuple[Path, ...]:
        return self.right.gathered(level, within, path)

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.right.warnings


@pytest.mark.parametrize("name", ["share", "place", "z", "standing_in_group"])
def test_a_value_that_the_workings_do_not_arrive_at_is_an_error(name: str) -> None:
    with pytest.raises(EvaluationError, match="does not arrive") as error:
        of_hospital(3, name, Off(TRACE, Ref("hospital", name)))
    assert error.value.where == name


# --- many


class Counting(Off):
    """A cohort's trace that counts what is read."""

    def __init__(self, right: CohortTrace) -> None:
        super().__init__(right, Ref("", ""))
        self.reads = 0

    def value(self, ref: Ref, path: Path) -> Datum:
        self.reads += 1
        return self.right.value(ref, path)


class Columns(Counting):
    """One that also reads all participants, or groups, at once."""

    def column(self, ref: Ref) -> list[Datum]:
        return [self.right.value(ref, (number,)) for number in range(self.right.count(ref.level, ()))]


def test_each_name_is_read_once_of_each_of_many() -> None:
    trace = Counting(evaluate(PROGRAM, [hospital(number) for number in range(1, 401)]))
    of_hospital(200, "share", trace)
    # payments, total, basis, the gate, and the few names of the one hospital itself
    assert trace.reads < 4 * 400 + 120


def test_a_trace_that_reads_columns_is_not_asked_one_by_one() -> None:
    rows = [hospital(number) for number in range(1, 401)]
    slow, fast = evaluate(PROGRAM, rows), Columns(evaluate(PROGRAM, rows))
    assert of_hospital(200, "share", fast).to_dict() == of_hospital(200, "share", slow).to_dict()
    assert fast.reads < 120
