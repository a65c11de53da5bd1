"""The portfolio as text."""

from __future__ import annotations

import vbc_rules as vbc
from statewide.ledger import Line, dollars, percent, total
from statewide.run import DESIGNATION, DISTRIBUTION, HOSPITALS, REIMBURSEMENT, REWARD_POOL, Portfolio

MONEY = ("program", "edition", "scored", "paid", "pool", "paid out", "not placed", "difference")
NOTE = """\
Every pool comes out even: what was paid from it and what nobody could be paid make all of it, to the cent. What
reimbursement pays is what it adds to the fees that are paid without it; the difference is to the sum of all claims."""
RATES = ("program", "lowest", "highest", "rate", "illustrative", "chosen here", "packaged as")


def print_portfolio(portfolio: Portfolio) -> None:
    """Print what each program came to: the money, the rates and what they rest on, and who got nothing."""
    lines = portfolio.lines.values()
    print_table([MONEY, *map(_money, lines)], right=(4, 5, 6, 7))
    print(f"\n{NOTE}\n")
    print_table([RATES, *map(_rates, lines)], right=(1, 2, 4, 5))
    print("\nIllustrative numbers and rules are in the packaged program; those chosen here, in statewide/choices.py.")
    print("\nWho is not in the program, not scored or not paid in full: what does not hold, or is missing")
    for line in lines:
        print(f"  {line.name}")
        for reason, number in sorted(line.why_not.items(), key=lambda one: (-one[1], one[0])):
            print(f"    {number:6,}  {reason}")


def _money(line: Line) -> tuple[str, ...]:
    start = (line.name, line.result.versions["edition"], str(line.scored), str(line.paid))
    money = line.money
    if money is None:
        return (*start, "none", "no money", "", "")
    if money.pool is None:
        return (*start, "none", dollars(money.paid), "", dollars(money.difference))
    return (*start, *map(dollars, (money.pool, money.paid, money.not_placed, money.difference)))


def _rates(line: Line) -> tuple[str, ...]:
    program = line.result.program
    counts = (str(len(program.illustrative)), str(line.chosen))
    return (line.name, *line.rates, line.rate_of, *counts, program.identifier)


def print_samples(portfolio: Portfolio) -> None:
    """Print what one hospital and one organization got, each with one line that says how."""
    hospital = next(one for one in portfolio.result(HOSPITALS) if one.in_program and one["participation_bonus"])
    print(
        f"\n{hospital.participant}: a score of {percent(hospital['total_score'])}, {dollars(hospital['payment'])} paid"
    )
    print(f"  earned                            {arithmetic(hospital, 'earned')}")
    print(f"  with bonus and what others left   {arithmetic(hospital, 'payment')}")

    organization = next(one for one in portfolio.result(REWARD_POOL) if one.in_program)
    name = organization.participant
    _headline(organization, "score", "reward_of_the_year")
    print(f"  first payment, before rounding    {arithmetic(organization, 'reward', 'first')}")
    handed = portfolio.result(DISTRIBUTION)
    shares = {one: handed[one]["paid_in_the_year"] for one in handed.groups("organization")[name].members}
    most = max(shares, key=shares.__getitem__)
    print(
        f"  handed on                         {dollars(total(shares.values()))}, to "
        f"{sum(map(bool, shares.values()))} of {len(shares)} practices; the most, {dollars(shares[most])}, to {most}"
    )
    homes = portfolio.result(DESIGNATION).groups("organization")[name]
    print(f"  designated                        {homes['designated_practices']} of {homes['practices']} practices")
    doctors = [one.name for one in portfolio.state.physicians if one.organization == name and one.primary_care]
    more = total(portfolio.result(REIMBURSEMENT)[one]["paid_more"] for one in doctors)
    print(f"  above the standard fees           {dollars(more)}, to {len(doctors):,} primary care physicians")


def _headline(result: vbc.Result, score: str, paid: str) -> None:
    print(f"\n{result.participant}: a score of {percent(result[score])}, {dollars(result[paid])} paid")


def arithmetic(result: vbc.Result, name: str, *instance: str) -> str:
    """Return how an amount came about, on one line: of a share in a pool, what it was before rounding."""
    plain = ("", "in proportion to its basis")
    lines = result.explain(name, *instance).lines
    return next(line.text for line in lines if line.kind == "numbers" and line.note in plain)


def print_table(lines: list[tuple[str, ...]], right: tuple[int, ...]) -> None:
    """Print lines in columns as wide as their widest cell, those of numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [
            f"{cell:>{width}}" if column in right else f"{cell:<{width}}"
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
