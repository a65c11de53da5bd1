"""The programs over the state, one after the other: what one of them decides is given to the next."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import vbc_rules as vbc
from statewide import hospital_inputs, organization_inputs, physician_inputs
from statewide.choices import CHOICES, KEPT, POLICY
from statewide.draws import Draws
from statewide.ledger import (
    NOTHING,
    Count,
    Line,
    Money,
    above_nothing,
    amount,
    failed,
    must_be,
    percents,
    rates,
    shared_out,
    total,
)
from statewide.population import State

HOSPITALS = "bcbsm/hospital-p4p/pg1-4@2021"
REWARD_POOL = "bcbsm/pgip/reward-pool@2023"
DISTRIBUTION = "bcbsm/pgip/practice-distribution@2020"
DESIGNATION = "bcbsm/pcmh/designation@2020"
REIMBURSEMENT = "bcbsm/vbr/professional@2018"
INITIATIVES = "bcbsm/vbr/cqi@2026"

_CENT = Decimal("0.01")


@dataclass(slots=True)
class Portfolio:
    """What came out, a line for each program, and how many seconds each took."""

    state: State
    lines: dict[str, Line] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def result(self, program: str) -> vbc.CohortResult:
        """Return the result of a program that has been run."""
        return self.lines[program].result


def run(state: State, draws: Draws) -> Portfolio:
    """Return every program's result. Raises ArithmeticError where a cent is not accounted for."""
    done = Portfolio(state)
    for name, make in PROGRAMS.items():
        begun = time.perf_counter()
        line = make(done, vbc.load(name, parameters=CHOICES[name]), draws)
        if line.money is not None:
            must_be(name, line.money.difference, NOTHING)
        done.lines[name] = line
        done.seconds[name] = time.perf_counter() - begun
    return done


def hospitals(done: Portfolio, program: vbc.Program, draws: Draws) -> Line:
    """Return hospital pay-for-performance: 5% of the operating payments of all hospitals is paid out."""
    rows = hospital_inputs.hospital_rows(done.state, draws)
    result = program.evaluate_cohort(rows)
    shared_out(result)  # bonuses and multiplier are pools within the program's pool
    taking_part = [one for one in result if one.in_program]
    paid = above_nothing(taking_part, "payment")
    pool, left = amount(result.value("pool")), amount(result.value("not_paid_out"))
    must_be("payments", total(paid.values()), amount(result.totals()["payment"]))
    base = sum(
        one.inpatient + one.outpatient
        for one, row in zip(done.state.hospitals, rows, strict=True)
        if row["peer_group"] != "pg5" and row["prequalifying_condition_met"]
    )
    must_be("the pool", pool, (base * 5 / 100).quantize(_CENT, ROUND_DOWN))
    return Line(
        name="Hospital pay-for-performance",
        result=result,
        scored=Count(len(taking_part), len(rows), "hospitals"),
        paid=Count(len(paid), len(rows), "hospitals"),
        money=Money(total(paid.values()), pool, left),
        rates=percents(result[name]["payment_rate"] for name in paid),
        rate_of="of operating payments",
        why_not=failed(result),
    )


def organizations(done: Portfolio, program: vbc.Program, draws: Draws) -> Line:
    """Return the reward pool of physician organizations: a share of professional fees, paid out twice a year."""
    rows = organization_inputs.organization_rows(done.state, draws)
    months = organization_inputs.month_rows(done.state, draws)
    result = program.evaluate_cohort(
        rows, groups={"national": organization_inputs.national_rows()}, cohort={"month": months}
    )
    money = shared_out(result)
    allowed = total(month["allowed"] for month in months)
    must_be("the pool", amount(money.pool), (allowed * 7 / 100).quantize(_CENT, ROUND_DOWN))
    rewards = above_nothing(result, "reward_of_the_year")
    must_be("rewards", total(rewards.values()), money.paid)
    return Line(
        name="Physician group reward pool",
        result=result,
        scored=Count(sum(one.in_program for one in result), len(rows), "organizations"),
        paid=Count(len(rewards), len(rows), "organizations"),
        money=money,
        rates=rates(rewards, {one.name: one.members for one in done.state.organizations}),
        rate_of="for a member and year",
        why_not=failed(result),
    )


def distribution(done: Portfolio, program: vbc.Program, draws: Draws) -> Line:
    """Return what organizations hand on to their practices, out of what the reward pool paid them."""
    rewarded = {one.participant: one for one in done.result(REWARD_POOL) if one.in_program}
    rows = organization_inputs.handed_on_rows(done.state, rewarded, draws)
    paydays = [
        {"organization_id": name, "instalment": payday, "reward": paid["reward"], "administrative_share": KEPT}
        for name, result in rewarded.items()
        for payday, paid in result["instalment"].items()
    ]
    policies = [{"organization_id": name, **POLICY} for name in rewarded]
    result = program.evaluate_cohort(rows, groups={"organization": policies, "payday": paydays})
    money = shared_out(result)
    kept = total(one["kept"] for one in result.groups("payday").values())
    must_be("what organizations got", kept + amount(money.pool), total(one["reward"] for one in paydays))
    shares = above_nothing(result, "paid_in_the_year")
    must_be("what practices got", total(shares.values()), money.paid)
    why_not = Counter(f"{payday} payment is $0" for one in result for payday in _unpaid(one))
    why_not["its organization is not in the reward pool"] = len(done.state.practices) - len(rows)
    return Line(
        name="The same, handed on to practices",
        result=result,
        scored=Count(len(rows), len(done.state.practices), "practices"),
        paid=Count(len(shares), len(done.state.practices), "practices"),
        money=money,
        rates=rates(shares, {one.name: one.members for one in done.state.practices}),
        rate_of="for a member and year",
        why_not=why_not,
    )


def _unpaid(one: vbc.Result) -> list[str]:
    return [payday for payday, paid in one["instalment"].items() if not paid["share"]]


def designation(done: Portfolio, program: vbc.Program, draws: Draws) -> Line:
    """Return which practices are designated as patient-centered medical homes; that pays nothing by itself."""
    rows = organization_inputs.practice_rows(done.state, draws)
    result = program.evaluate_cohort(rows)
    scores = [one["score"] for one in result]
    there = [score for score in scores if not isinstance(score, vbc.Absent)]
    return Line(
        name="Medical home designation",
        result=result,
        scored=Count(len(there), len(rows), "practices"),
        paid=Count(sum(one["designated"] is True for one in result), len(rows), "practices"),
        money=None,
        rates=percents(there),
        rate_of="the score",
        why_not=Counter(f"the score is {score}" for score in scores if isinstance(score, vbc.Absent)),
    )


def reimbursement(done: Portfolio, program: vbc.Program, draws: Draws) -> Line:
    """Return value-based reimbursement of primary care physicians, with the designation of their practices."""
    uplift = {one.participant: one["fee_uplift"] if one["designated"] else None for one in done.result(DESIGNATION)}
    rows = physician_inputs.physician_rows(done.state, draws)
    practices = physician_inputs.practice_performance(done.state, uplift, draws)
    result = program.evaluate_cohort(rows, groups={"practice": practices})
    more = above_nothing(result, "paid_more")
    standard = total(line["standard_fee"] for row in rows for line in row["claim_line"])
    return Line(
        name="Value-based reimbursement",
        result=result,
        scored=Count(len(result.groups("practice")), len(done.state.practices), "practices"),
        paid=Count(len(more), len(rows), "physicians"),
        money=Money(total(more.values()), again=amount(result.totals()["claim_line.paid_fee"]) - standard),
        rates=percents(one["fee_factor"] for one in result if one.in_program),
        rate_of="of standard fees",
        why_not=failed(result),
    )


def initiatives(done: Portfolio, program: vbc.Program, draws: Draws) -> Line:
    """Return what physicians in quality initiatives are paid more, on top of all other reimbursement."""
    factors = {one.participant: one["fee_factor"] for one in done.result(REIMBURSEMENT) if one.in_program}
    rows = physician_inputs.initiative_rows(done.state, factors, draws)
    groups = {
        "organization": physician_inputs.organization_measures(done.state, draws),
        "hospital": physician_inputs.hospital_measures(done.state, draws),
    }
    measures = {name: {"met": name != "third"} for name in ("first", "second", "third")}
    result = program.evaluate_cohort(rows, groups=groups, cohort={"tavr_measure": measures})
    more = above_nothing(result, "paid_more")
    lines = [line for row in rows for line in row["claim_line"]]
    others = total((line["other_factor"] * line["standard_fee"]).quantize(_CENT, ROUND_HALF_UP) for line in lines)
    scored = sum(len(result.groups(level)) for level in groups)
    return Line(
        name="The same, for quality initiatives",
        result=result,
        scored=Count(scored, sum(map(len, groups.values())), "hospitals and organizations"),
        paid=Count(len(more), len(rows), "physicians"),
        money=Money(total(more.values()), again=amount(result.totals()["claim_line.paid_fee"]) - others),
        rates=percents(one["uplift"] for one in result if one.participant in more),
        rate_of="of standard fees",
        why_not=failed(result),
    )


PROGRAMS: dict[str, Callable[[Portfolio, vbc.Program, Draws], Line]] = {
    HOSPITALS: hospitals,
    REWARD_POOL: organizations,
    DISTRIBUTION: distribution,
    DESIGNATION: designation,
    REIMBURSEMENT: reimbursement,
    INITIATIVES: initiatives,
}
