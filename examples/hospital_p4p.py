"""A hospital pay-for-performance program over twelve made-up hospitals: who is paid what, and why.

Run it with `make run`. To open everything that was read for one hospital, also what did not count:

    python examples/hospital_p4p.py "Sample Hospital E"
"""

from __future__ import annotations

import sys
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import vbc_rules as vbc
from vbc_rules.frames import read_rows

DATA = Path(__file__).parent / "data"
SHOWN = "Sample Hospital A"

# What the public record leaves open, whoever runs the program decides. These two choices are ours, for this example.
CHOICES = {
    "preference": "sponsor_first",  # BCBSM-sponsored CQIs are taken before all others
    "share_if_not_prequalified": "0%",  # a hospital that fails the prequalifying condition earns nothing
}
ABOUT = """\
A hospital earns up to 5% of what it was paid for care, in proportion to its score. The score weighs taking part in
collaborative quality initiatives (CQI), health information exchange (HIE), readmissions, and the Michigan Value
Collaborative (MVC).
What is not earned is paid out again; bcbsm/hospital-p4p/pg1-4 computes that, for all hospitals of the state at once.
"""
HEADINGS = ("hospital", "score", "payment", "gates failed", "status")


def main(arguments: list[str]) -> None:
    """Print the table, what in it is illustrative, and how one payment came about."""
    program = vbc.load("bcbsm/hospital-p4p/pg1-4-scoring@2021", parameters=CHOICES)
    rows = read_rows(None, DATA, program.resolved)
    rows.raise_if_any()
    hospitals = [one.key for one in rows.participants]
    results = dict(zip(hospitals, program.evaluate_many(one.inputs for one in rows.participants), strict=True))

    if arguments:
        result = results[arguments[0]]
        print(result.explain("earned").full_text() if isinstance(result, vbc.Result) else result)
        return

    print(f"{program.title}\n{program.identifier}, made-up hospitals\n")
    print(ABOUT)
    print("Chosen for this run, because the public record leaves it open:")
    for name, value in CHOICES.items():
        print(f"  {program.resolved.parameters[name].title}: {value}")
    print()
    print_table([HEADINGS, *(row(hospital, result) for hospital, result in results.items())])
    print("\nThe score is shown to 0.01%; the payment is computed from its exact value.")

    for hospital, result in results.items():
        for line in remarks(program, hospital, result):
            print(line)

    print("\nIllustrative, and so not the payer's own:")
    for name in program.illustrative:
        definition = program.definition(name)
        print(f"  {definition.title}\n    {definition.about}")

    shown = results[SHOWN]
    if isinstance(shown, vbc.Result):
        print(f"\nHow the payment of {SHOWN} came about\n")
        print(shown.explain("earned"))


def row(hospital: str, result: vbc.Result | vbc.VbcError) -> tuple[str, ...]:
    """Return one line of the table."""
    if not isinstance(result, vbc.Result):
        return (hospital, "", "", "", "refused, see below")
    payment = result["earned"]
    if isinstance(payment, vbc.Absent):
        return (hospital, percent(result["total_score"]), "", ", ".join(result.failed_gates), "not in the program")
    status = "paid" if payment else "earned nothing"
    return (hospital, percent(result["total_score"]), f"${payment:,}", ", ".join(result.failed_gates), status)


def remarks(program: vbc.Program, hospital: str, result: vbc.Result | vbc.VbcError) -> list[str]:
    """Return what must be said of a hospital that is paid nothing: why."""
    if not isinstance(result, vbc.Result):
        return [f"\nRefused: {hospital}", f"  {result}"]
    if result.failed_gates:
        titles = [gate.title for gate in program.resolved.gates if gate.ref.name in result.failed_gates]
        return [f"\nNot in the program: {hospital}", *(f"  does not hold: {title}" for title in titles)]
    if result["earned"] == 0:
        worked = [*result.explain("earned").lines, *result.explain("prequalifying_factor").lines]
        return [
            f"\nEarned nothing: {hospital}",
            *(f"  {line.text}" for line in worked if line.kind in ("numbers", "test")),
        ]
    return []


def percent(value: object) -> str:
    """Return a share to 0.01%; a share that never ends in decimals arrives as a Fraction."""
    if not isinstance(value, Decimal | Fraction):
        return str(value)
    exact = Fraction(value) * 100
    return f"{(Decimal(exact.numerator) / exact.denominator).quantize(Decimal('0.01'), ROUND_HALF_UP)}%"


def print_table(lines: list[tuple[str, ...]]) -> None:
    """Print lines in columns as wide as their widest cell; amounts and scores stand to the right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        cells = [
            f"{cell:>{width}}" if column in (1, 2) else f"{cell:<{width}}"
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    main(sys.argv[1:])
