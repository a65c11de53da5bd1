"""For a finance analyst: tables in and out with pandas, exactly, and what drives the payment.

Each `# %%` is a cell for an editor that runs them one by one; the whole also runs as a script. The library knows
nothing of pandas: a participant is a plain mapping going in, and a row of `Decimal`s coming out.
"""

# %% A program, with what the public record leaves open chosen by us
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd

import vbc_rules as vbc

DATA = Path(__file__).parent / "data"
program = vbc.load("bcbsm/hospital-p4p/pg1-4-scoring@2021").with_parameters(
    preference="sponsor_first", share_if_not_prequalified="0%"
)

# %% Tables in: everything as text, so that no cell passes through a binary number on its way
hospitals, cqis, conditions = (
    pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False)
    for name in ("hospital", "cqi_taken_part", "condition")
)
ABSENCES = {"declined", "too_new", "below_minimum"}


def cells(row: dict[str, str]) -> dict[str, object]:
    """Return a row as inputs: an empty cell is not given, a reason is an absence, all else is the text it is."""
    given = {name: value for name, value in row.items() if value and name not in ("hospital", "condition")}
    return {name: vbc.Absent(value) if value in ABSENCES else value for name, value in given.items()}


def inputs_of(hospital: dict[str, str]) -> dict[str, object]:
    """Return one hospital's inputs: its own, its CQIs as a list, its conditions by name."""
    name = hospital["hospital"]
    mine = conditions[conditions["hospital"] == name].to_dict("records")
    return {
        "hospital": name,
        **cells(hospital),
        "cqi_taken_part": [cells(one) for one in cqis[cqis["hospital"] == name].to_dict("records")],
        "condition": {one["condition"]: cells(one) for one in mine},
    }


people = [inputs_of(one) for one in hospitals.to_dict("records")]

# %% Results out: a hospital that cannot be computed says why, and the others are computed all the same
results = list(program.evaluate_many(people))
for error in (one for one in results if isinstance(one, vbc.VbcError)):
    print(f"left out: {error}")
computed = [one for one in results if isinstance(one, vbc.Result) and one.in_program]


def percent(share: Decimal | Fraction, digits: str = "0.01") -> Decimal:
    """Return a share in percent for a table; the exact one stays in the result."""
    exact = Fraction(share) * 100
    return (Decimal(exact.numerator) / exact.denominator).quantize(Decimal(digits))


table = pd.DataFrame(
    {
        "hospital": one.participant,
        "operating": one["operating_payments"],
        "score %": percent(one["total_score"]),
        "earned": one["earned"],
    }
    for one in computed
)
print(f"\n{program.title}\n")
print(table.sort_values("earned", ascending=False).to_string(index=False))
print(f"\n{len(computed)} hospitals, {table['earned'].sum():,} in all")


# %% What drives the payment: the money not earned, by what kept it back; it and `earned` make 5% of operating payments
def unearned(result: vbc.Result) -> dict[str, object]:
    """Return the dollars each component's score kept back, and those the prequalifying condition did."""
    most = Fraction(result["operating_payments"]) * Fraction(5, 100)
    scored = {
        name: (Fraction(one["weight"]), Fraction(one["component_score"]))
        for name, one in result["component"].items()
        if not isinstance(one["component_score"], vbc.Absent)
    }
    all_weights = sum(
        weight for weight, _ in scored.values()
    )  # below 1 where a component without a score passes its on
    found: dict[str, object] = {"hospital": result.participant}
    for component in result["component"]:
        weight, score = scored.get(component, (Fraction(0), Fraction(0)))
        found[component] = f"{round(most * weight / all_weights * (1 - score)):,}" if weight else "no score"
    kept_back = 1 - Fraction(result["prequalifying_factor"])
    found["prequalifying"] = f"{round(most * Fraction(result['total_score']) * kept_back):,}"
    return found


print("\nDollars not earned, and why\n")
print(pd.DataFrame(unearned(one) for one in computed).to_string(index=False))

# %% What if every hospital's readmission score were ten points higher (at most 100%)?
changed = []
for given, before in zip(people, results, strict=True):
    if isinstance(before, vbc.Result) and before.in_program:
        higher = min(Decimal(str(given["readmission_score"]).rstrip("%")) + 10, Decimal(100))
        after = program.evaluate({**given, "readmission_score": f"{higher}%"})
        changed.append({"hospital": before.participant, "more": after["earned"] - before["earned"]})
what_if = pd.DataFrame(changed)
print("\nWith readmission scores ten points higher\n")
print(what_if.to_string(index=False))
print(f"\n{what_if['more'].sum():,} more in all")

# %% Why: any amount opens down to its inputs (in a notebook, `result.explain("earned")` alone shows it as a page)
best = max(computed, key=lambda one: one["earned"])
opened = best.explain("earned")
print(f"\nWhy {best.participant} earned {opened.text}: {opened.rule}")
for line in opened.lines:
    print(f"  {line.label}: {line.text}")
