"""A whole cohort: its participants, its groups, itself; what was shared out; and what is refused."""

from __future__ import annotations

import datetime
import decimal
import pickle
import random
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.testing.cohorts import COHORT, GROUPS, ROWS, RULES, hospital, organization, program
from vbc_rules.api.cohort import CohortResult
from vbc_rules.api.program import Program
from vbc_rules.errors import EvaluationError, InputError, UsageError
from vbc_rules.language.absence import Absent


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return program(tmp_path_factory.mktemp("pool"))


@pytest.fixture(scope="module")
def cohort(pool: Program) -> CohortResult:
    return pool.evaluate_cohort(ROWS, cohort=COHORT, groups=GROUPS)


def problems(call: Callable[[], object]) -> list[str]:
    with pytest.raises(InputError) as caught:
        call()
    return [f"{problem} [{problem.code}]" for problem in caught.value.problems]


# --- what comes out


def test_participants_stand_in_the_order_in_which_they_were_given(cohort: CohortResult) -> None:
    assert len(cohort) == 5
    assert cohort.identifiers == ("B", "A", "C", "D", "E")
    assert [result.participant for result in cohort] == ["B", "A", "C", "D", "E"]
    assert "A" in cohort
    assert "Z" not in cohort


def test_a_participant_has_its_own_values_its_groups_and_the_cohorts(cohort: CohortResult) -> None:
    one = cohort["A"]
    assert one["reward"] == Decimal("50.01")
    assert one.payments == {"reward": Decimal("50.01")}
    assert (one["place"], one["total_met"]) == (1, 7)
    assert one["measure"]["screening"]["met"] == 3  # type: ignore[index]
    assert (one["size"], one["bonus"], one["pool"], one["mean_met"]) == (1, 5, Decimal("100.01"), Decimal("5.5"))
    assert one["organization"]["quarter"]["second"]["visits"] == 2  # type: ignore[index]
    assert one["organization"]["site"][0]["beds"] == 3  # type: ignore[index]
    assert one.cohort is cohort


def test_outside_the_program_there_is_no_place_and_no_group(cohort: CohortResult) -> None:
    one = cohort["C"]
    outside = Absent("not_in_program")
    assert not one.in_program
    assert one.failed_gates == ("enrolment",)
    assert (one["place"], one["reward"], one["size"]) == (outside, outside, outside)
    assert one["total_met"] == 7


def test_a_participant_without_a_key_is_in_no_group(cohort: CohortResult) -> None:
    assert cohort["E"]["size"] is Absent("not_reported")
    assert cohort["E"]["reward"] == Decimal("25.00")


def test_a_group_has_its_values_payments_and_members(cohort: CohortResult) -> None:
    groups = cohort.groups("organization")
    assert list(groups) == ["X", "Y"]
    one = groups["X"]
    assert (one["size"], one["all_beds"], one["all_visits"], one["pool"]) == (2, 3, 3, Decimal("100.01"))
    assert one["quarter"]["first"]["visits"] == 1  # type: ignore[index]
    assert one.payments == {"group_bonus": Decimal("5.00")}
    assert one.members == ("B", "D")
    assert one.key == ("X",)


def test_values_of_the_cohort(cohort: CohortResult) -> None:
    assert cohort.value("pool") == Decimal("100.01")
    assert cohort.value("cohort.fund") == Decimal("100.01")
    assert cohort.value("share") == 1
    assert cohort.values["mean_met"] == Decimal("5.5")


def test_every_cent_of_a_pool_is_accounted_for(cohort: CohortResult) -> None:
    (pool,) = cohort.pools
    assert pool.to_dict() == {
        "payment": "reward",
        "within": "cohort",
        "key": [],
        "pool": "100.01",
        "paid": "100.01",
        "not_placed": "0.00",
        "taking_part": 3,
    }
    assert cohort.totals() == {"reward": Decimal("100.01"), "organization.group_bonus": Decimal("10.00")}


def test_nobody_to_share_with_leaves_the_pool_unplaced(pool: Program) -> None:
    nothing = [hospital("A", "X", payments="0.00")]
    cohort = pool.evaluate_cohort(nothing, cohort=COHORT, groups={"organization": [organization("X")]})
    (found,) = cohort.pools
    assert (found.paid, found.not_placed, found.taking_part) == (Decimal(0), Decimal("100.01"), 1)


GATES = """gates:
  organization:
    large: {require: size >= 2, otherwise: pays_nothing, on: [reward], title: Large, illustrative: yes}
  cohort:
    funded: {require: fund > $0, otherwise: pays_nothing, on: [reward], title: Funded}
"""


def test_gates_of_groups_and_of_the_cohort(tmp_path: Path) -> None:
    gated = program(tmp_path, rules=RULES.replace("gates:\n", GATES))
    cohort = gated.evaluate_cohort(ROWS, cohort=COHORT, groups=GROUPS)
    assert {one.participant: one.failed_gates for one in cohort} == {
        "B": (),
        "A": ("organization.large",),
        "C": ("enrolment",),
        "D": ("signature",),
        "E": (),  # is in no organization, so its gate holds it back from nothing
    }
    (pool,) = cohort.pools
    assert (pool.pool, pool.paid, pool.not_placed) == (Decimal("100.01"), Decimal("100.01"), Decimal(0))
    assert pool.taking_part == 2
    nothing = gated.evaluate_cohort(ROWS, cohort={"fund": "0"}, groups=GROUPS)
    assert nothing["A"].failed_gates == ("cohort.funded", "organization.large")
    assert nothing.pools[0].taking_part == 0


def test_who_lacks_what_a_share_needs_takes_no_part(tmp_path: Path) -> None:
    needs = "needs: total_met\n      only_if: total_met > 1 and count(measure where met > 0) = 2\n"
    only = f"{needs}      otherwise: below_minimum"
    rules = RULES.replace("      allocate: pool\n", f"      {only}\n      allocate: pool\n")
    rules = rules.replace("      if_none: not_paid\n", "      if_none: not_paid\n      absent: pays_nothing\n")
    rules = rules.replace("range: 0 to 1000, may_be: not_reported", "range: 0 to 1000")
    rules = rules.replace("{sum: met, absent: ignore,", "{sum: met,").replace("title: Reward", "illustrative: yes")
    cohort = program(tmp_path, rules=rules).evaluate_cohort(ROWS, cohort=COHORT, groups=GROUPS)
    assert cohort["E"]["reward"] == 0
    (pool,) = cohort.pools
    assert (pool.taking_part, pool.paid, pool.not_placed) == (2, Decimal("100.01"), Decimal(0))


def test_the_order_of_rows_changes_nothing(pool: Program, cohort: CohortResult) -> None:
    rows = list(ROWS)
    random.Random(7).shuffle(rows)  # noqa: S311 (any order will do)
    again = pool.evaluate_cohort(rows, cohort=COHORT, groups={"organization": GROUPS["organization"][::-1]})
    assert {one.participant: one.to_dict() for one in again} == {one.participant: one.to_dict() for one in cohort}
    assert again.identifiers == tuple(str(row["hospital"]) for row in rows)


def test_both_engines_give_the_same(pool: Program, cohort: CohortResult) -> None:
    oracle = pool.evaluate_cohort(ROWS, cohort=COHORT, groups=GROUPS, engine="oracle")
    assert oracle.to_dict() == cohort.to_dict()


def test_rows_and_plain_data(cohort: CohortResult) -> None:
    assert cohort.to_rows()[1] == {"hospital": "A", "total_met": 7, "place": 1, "reward": Decimal("50.01")}
    found = cohort.to_dict()
    assert found["schema"] == "vbc-rules/cohort/1"
    assert found["cohort"] == {"mean_met": "5.5", "pool": "100.01"}
    assert found["totals"] == {"reward": "100.01", "organization.group_bonus": "10.00"}
    participants: Any = found["participants"]
    assert participants[2]["payments"] == {"reward": {"absent": "not_in_program"}}
    groups: Any = found["groups"]
    assert groups["organization"][0]["key"] == {"organization_id": "X"}
    assert cohort.to_json().startswith('{"program": "acme/pool", "edition": "2024"')


def test_it_travels(cohort: CohortResult) -> None:
    again = pickle.loads(pickle.dumps(cohort))  # noqa: S301 (made on this line)
    assert again.to_dict() == cohort.to_dict()
    assert again.identifiers == cohort.identifiers
    one = pickle.loads(pickle.dumps(cohort["A"]))  # noqa: S301 (made on this line)
    assert one["reward"] == Decimal("50.01")


def test_representations_show_no_values(cohort: CohortResult) -> None:
    assert repr(cohort) == "<CohortResult of acme/pool@2024: 5 hospital, 2 organization>"
    assert repr(cohort.groups("organization")) == "<2 organization>"
    assert repr(cohort.groups("organization")["X"]) == "<GroupResult of organization: group_bonus>"
    assert repr(cohort.pools) == "(<Pool of reward>,)"
    assert repr(cohort["A"]) == "<Result of acme/pool@2024: reward>"


def test_printed_it_says_the_totals_and_that_the_pools_add_up(cohort: CohortResult) -> None:
    with decimal.localcontext(prec=2):  # whoever prints has set that: figures do not change
        printed = str(cohort)
    assert printed.splitlines() == [
        "A pool (acme/pool@2024)",
        "  5 hospital, 2 organization",
        "  total of reward: $100.01",
        "  total of organization.group_bonus: $10.00",
        "  pool of reward in cohort: $100.01 = $100.01 paid + $0.00 not placed, 3 taking part",
        f"  warning: {cohort.warnings[0]}",
        f"  illustrative numbers: {', '.join(cohort.illustrative)}",
    ]


def test_printed_pools_of_groups_are_added_up(tmp_path: Path) -> None:
    rules = RULES.replace("allocate: pool\n", "allocate: bonus\n")
    rules = rules.replace("if_none: not_paid\n", "if_none: not_paid\n      absent: pays_nothing\n")
    cohort = program(tmp_path, rules=rules).evaluate_cohort(ROWS, cohort=COHORT, groups=GROUPS)
    assert str(cohort).splitlines()[4] == (
        "  2 pools of reward in organization: $10.00 = $10.00 paid + $0.00 not placed, 2 taking part"
    )


def test_a_printed_pool_that_is_absent_says_why(tmp_path: Path) -> None:
    rules = RULES.replace("formula: share of fund,", "needs: mean_met, formula: mean_met * share of fund,")
    rules = rules.replace("if_none: not_paid\n", "if_none: not_paid\n      absent: pays_nothing\n")
    rules = rules.replace("allocate: pool\n", "needs: pool\n      allocate: pool\n")
    cohort = program(tmp_path, rules=rules).evaluate_cohort([], cohort=COHORT)
    assert "  pool of reward in cohort: absent (none present)" in str(cohort).splitlines()


def test_rows_of_groups_that_nobody_is_in_are_a_warning(cohort: CohortResult) -> None:
    warning = "1 of the rows given for `organization` are of groups that no participant in the program is in"
    assert cohort.warnings == (warning,)
    assert cohort["A"].warnings == (warning,)


def test_an_empty_cohort(pool: Program) -> None:
    cohort = pool.evaluate_cohort([], cohort=COHORT)
    assert len(cohort) == 0
    assert cohort.value("mean_met") is Absent("none_present")
    assert cohort.totals() == {"reward": 0, "organization.group_bonus": 0}
    assert cohort.pools[0].not_placed == Decimal("100.01")
    assert dict(cohort.groups("organization")) == {}


def test_explanations_of_all_three(cohort: CohortResult) -> None:
    assert str(cohort["A"].explain("reward")).startswith("A pool (acme/pool@2024); hospital: A\nReward: $50.01\n")
    group = cohort.groups("organization")["X"]
    assert str(group.explain("all_beds")).startswith("A pool (acme/pool@2024); organization: X\nBeds: 3\n")
    assert str(cohort.explain("pool")).startswith("A pool (acme/pool@2024)\nPool: $100.01\n")


# --- how far the data go


def test_a_provisional_run_says_so_everywhere_and_changes_no_figure(pool: Program, cohort: CohortResult) -> None:
    day = datetime.date(2024, 3, 31)
    early = pool.evaluate_cohort(ROWS, cohort=COHORT, groups=GROUPS, as_of=day, status="provisional")
    assert (early.as_of, early.status) == (day, "provisional")
    assert (early["A"].as_of, early["A"].status) == (day, "provisional")
    assert early.to_dict() == {**cohort.to_dict(), "as_of": "2024-03-31", "status": "provisional"}
    assert early["A"].to_dict()["status"] == "provisional"
    said = "provisional as of 2024-03-31; in force 2024-01-01 through 2024-12-31"
    assert str(early["A"].explain("reward")).splitlines()[:3] == [
        "A pool (acme/pool@2024); hospital: A",
        said,
        "Reward: $50.01 (provisional)",
    ]
    assert str(early.groups("organization")["X"].explain("all_beds")).splitlines()[1] == said
    data = early.explain("pool").to_dict()
    assert (data["as_of"], data["status"]) == ("2024-03-31", "provisional")
    again = pickle.loads(pickle.dumps(early))  # noqa: S301 (made on this line)
    assert (again.as_of, again.status) == (day, "provisional")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"status": "provisional"}, "a provisional run says up to which day its data were known; pass `as_of`"),
        ({"status": "draft"}, "`status` is one of two words; write 'provisional' or 'final'"),
        ({"as_of": "2024-03-31"}, "`as_of` is the day up to which the data were known; pass a datetime.date"),
        (
            {"as_of": datetime.datetime(2024, 3, 31)},  # noqa: DTZ001 (no moment belongs here)
            "`as_of` is the day up to which the data were known; pass a datetime.date",
        ),
    ],
)
def test_how_far_data_go_is_a_day_and_one_of_two_words(pool: Program, given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        pool.evaluate_cohort(ROWS, cohort=COHORT, groups=GROUPS, **given)
    assert caught.value.message == message


# --- what is refused


def test_one_participant_alone_is_no_cohort(pool: Program) -> None:
    assert pool.needs_cohort
    wanted = (
        "`hospital.place` is known only for a whole cohort; write `program.evaluate_cohort(rows)` "
        "with the inputs of every hospital"
    )
    for call in (pool.read, pool.evaluate, lambda one: pool.evaluate_many([one])):
        with pytest.raises(UsageError) as caught:
            call(ROWS[0])
        assert caught.value.message == wanted


def test_every_problem_of_every_row_is_told_at_once(pool: Program) -> None:
    rows: list[Any] = [
        hospital("A", "X"),
        hospital("A", "X", payments="-1"),
        hospital("B", None),
        hospital("", "X"),
        {name: value for name, value in hospital("C", "X").items() if name != "hospital"},
        hospital("D", "X", measure={"screening": {"met": float("nan")}, "follow_up": {"met": "x"}}),
    ]
    groups: Any = {
        "organization": [organization("X"), organization("X"), organization("Y", bonus=5.0), {"bonus": "1"}],
        "organisation": [],
        "secret": [],
    }
    absence = 'write its value, or its absence {"absent": "not_reported"}'
    unreadable = "is not a number written plainly; write digits with a decimal point, as in `1,234.50`"
    instead = "pass Decimal or text, or load with floats='shortest'"
    assert problems(lambda: pool.evaluate_cohort(rows, cohort={}, groups=groups)) == [
        "cohort.fund: not given; write its value [VBC901]",
        "row 2, payments: is out of range; write $0 to $1,000,000 [VBC906]",
        "row 2, hospital: the same hospital stands in row 1 already [VBC910]",
        f"row 3, organization_id: is empty (None); {absence} [VBC901]",
        "row 4, hospital: is empty; write the identifier [VBC903]",
        "row 5, hospital: not given; write the identifier, which tells the participants of a cohort apart [VBC901]",
        f"row 6, measure.screening.met: is blank (NaN or NaT, as tables hold for an empty cell); {absence} [VBC901]",
        f"row 6, measure.follow_up.met: {unreadable} [VBC903]",
        "row 2, organization: has the same `organization_id` as row 1; give each group one row [VBC910]",
        f"row 3, organization.bonus: is a binary float, which cannot carry exact digits; {instead} [VBC904]",
        "row 4, organization.organization_id: not given; write its value [VBC901]",
        "row 4, organization.quarter: not given; needs names with their values; write `first`, `second` [VBC901]",
        "row 4, organization.site: not given; write its items in a list, or [] where there are none [VBC901]",
        "organisation: there is no such level of groups; write `organization` [VBC902]",
        "groups: entry 3 is no level of groups; write `organization` [VBC902]",
    ]


def test_past_a_thousand_problems_are_counted(pool: Program) -> None:
    rows = [hospital(str(number), "X", payments="x") for number in range(1_200)]
    found = problems(lambda: pool.evaluate_cohort(rows, cohort=COHORT))
    assert len(found) == 1_001
    assert found[-1] == "and 200 more problems; correct these first [VBC911]"


def test_a_group_without_its_row(pool: Program) -> None:
    groups = {"organization": [organization("X")]}
    (found,) = problems(lambda: pool.evaluate_cohort(ROWS[:2], cohort=COHORT, groups=groups))
    wanted = "has no row for the organization of this row; give one, with what the groups go by"
    assert found == f"row 2, organization: {wanted} [VBC901]"


@pytest.mark.parametrize("rows", [ROWS[0], "A", 7, None])
def test_what_is_no_rows(pool: Program, rows: object) -> None:
    with pytest.raises(UsageError) as caught:
        pool.evaluate_cohort(rows, cohort=COHORT)  # type: ignore[arg-type]
    wanted = "the participants are given row by row; pass a list, each with its names and values"
    assert caught.value.message == wanted


def test_a_table_is_given_by_its_rows(pool: Program) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame([{**row, "measure": str(row["measure"])} for row in ROWS])
    with pytest.raises(UsageError, match=r"frame\.to_dict\('records'\)"):
        pool.evaluate_cohort(frame, cohort=COHORT)


def test_groups_are_given_by_level(pool: Program) -> None:
    with pytest.raises(UsageError, match="groups are given by their level"):
        pool.evaluate_cohort(ROWS, cohort=COHORT, groups=[organization("X")])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda one: one.groups("organisation"), "there is no such level of groups; write `organization`"),
        (
            lambda one: one.value("reward"),
            '`hospital.reward` is not the cohort\'s; write `cohort[identifier]["reward"]`',
        ),
        (
            lambda one: one.value("size"),
            '`organization.size` is not the cohort\'s; write `cohort.groups("organization")[key]["size"]`',
        ),
        (lambda one: one.value("poool"), "nothing is named `poool`; write `pool`"),
    ],
)
def test_what_there_is_not(cohort: CohortResult, call: Callable[[CohortResult], object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        call(cohort)
    assert caught.value.message == message


def test_an_unknown_participant_or_group_is_not_repeated(cohort: CohortResult) -> None:
    with pytest.raises(KeyError) as caught:
        cohort["123-45-6789"]
    assert "123-45-6789" not in str(caught.value)
    with pytest.raises(KeyError) as caught:
        cohort.groups("organization")["123-45-6789"]
    assert "123-45-6789" not in str(caught.value)


def test_a_pool_that_cannot_be_shared_is_an_error(tmp_path: Path) -> None:
    rules = RULES.replace("if_none: not_paid", "if_none: error")
    nobody = [hospital("A", "X", payments="0.00")]
    with pytest.raises(EvaluationError) as caught:
        program(tmp_path, rules=rules).evaluate_cohort(
            nobody, cohort=COHORT, groups={"organization": [organization("X")]}
        )
    assert caught.value.where == "cohort.reward"
    assert caught.value.message.startswith("nobody has a basis above zero, so the pool is shared with no one")
    assert caught.value.code == "VBC952"


# --- the typed faces


def test_models_of_groups_and_of_the_cohort(pool: Program) -> None:
    assert list(pool.GroupInputs) == ["organization"]
    one = pool.GroupInputs["organization"](**organization("X"))
    assert repr(one) == "Organization()"
    top = pool.CohortInputs(fund="100.01")
    people = [pool.Inputs(**row) for row in ROWS[:1]]
    cohort = pool.evaluate_cohort(people, cohort=top, groups={"organization": [one]})
    assert cohort["B"]["reward"] == Decimal("100.01")


def test_static_classes_of_groups_and_of_the_cohort(pool: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("pool_inputs")
    monkeypatch.setitem(sys.modules, "pool_inputs", module)
    names = vars(module)
    exec(pool.static_types(), names)  # noqa: S102 (the text is ours)
    assert names["Cohort"](fund=Decimal(5)).to_inputs() == {"fund": Decimal(5)}
    quarter = names["QuarterMembers"](first=names["Quarter"](visits=1), second=names["Quarter"](visits=2))
    one = names["Organization"](organization_id="X", bonus=Decimal(5), quarter=quarter, site=())
    assert one.to_inputs()["quarter"] == {"first": {"visits": 1}, "second": {"visits": 2}}


def test_the_description_says_what_needs_the_cohort(pool: Program) -> None:
    text = pool.describe()
    assert "\nGroups\n  organization: Organization; every hospital by organization_id\n" in text
    assert "\nComputed for a whole cohort at once\n  hospital.place, organization.size, " in text
    assert pool.to_dict()["needs_cohort"] is True
