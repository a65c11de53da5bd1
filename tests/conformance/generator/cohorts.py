"""Programs over whole cohorts made at random, as text: values on every root, each reading what stands before it.

What is read by name is needed first, so that most programs compute on most populations; where one does not, every
engine must say so in the same words.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

START = """\
program: test/cohort
edition: '2024'
language: 1
title: A cohort
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
levels:
  component:
    in: hospital
    parameters: {weight: percent, better: direction}
    members: {one: {weight: 30%, better: higher}, two: {weight: 70%, better: lower}}
  case: {in: hospital, list: yes, key: case_number, at_most: 5}
  system: {groups: hospital, by: system_id}
  component_pool: {groups: component, by: component}
  kind_pool: {groups: case, by: [kind, urgent]}
  region: {groups: system, by: area}
  measure: {in: system, members: {first: {}, second: {}}}
inputs:
  cohort:
    given: {type: number, decimals: 1, range: 0 to 50}
  hospital:
    system_id: {type: identifier, may_be: independent}
    peer: {type: count, range: 1 to 5}
    amount: {type: number, decimals: 2, range: 0 to 100, may_be: not_reported}
    ok: {type: yes_no}
  component:
    score: {type: number, decimals: 1, range: -5 to 5, may_be: [not_reported, excluded]}
  case:
    case_number: {type: count, range: 0 to 1000000}
    kind: {type: category, of: [x, y], may_be: unknown}
    urgent: {type: yes_no}
    cost: {type: number, decimals: 2, range: 0 to 9}
  system:
    area: {type: category, of: [east, west]}
    bonus: {type: number, decimals: 0, range: 0 to 9}
  measure:
    result: {type: number, decimals: 2, range: 0 to 1}
"""
ABOVE = {
    "component": ("hospital", "component_pool", "system", "region", "cohort"),
    "case": ("hospital", "kind_pool", "system", "region", "cohort"),
    "hospital": ("system", "region", "cohort"),
    "measure": ("system", "region", "cohort"),
    "system": ("region", "cohort"),
    "component_pool": ("cohort",),
    "kind_pool": ("cohort",),
    "region": ("cohort",),
    "cohort": (),
}
TIES = {
    "component": "component",
    "case": "case_number",
    "hospital": "hospital",
    "measure": "measure",
    "system": "system",
}
GATHERED = ("sum", "mean", "min", "max", "variance", "standard_deviation", "quantile")


@dataclass
class Draft:
    """A program as it grows; `numbers` and `truths` are what can be read, by level."""

    chance: random.Random
    numbers: dict[str, list[str]] = field(
        default_factory=lambda: {
            "component": ["score"],
            "case": ["cost"],
            "hospital": ["amount"],
            "measure": ["result"],
            "system": ["bonus"],
            "component_pool": [],
            "kind_pool": [],
            "region": [],
            "cohort": ["given"],
        }
    )
    truths: dict[str, list[str]] = field(default_factory=lambda: {level: [] for level in ABOVE})
    values: dict[str, list[str]] = field(default_factory=lambda: {level: [] for level in ABOVE})
    payments: dict[str, list[str]] = field(default_factory=lambda: {level: [] for level in ABOVE})
    count: int = 0

    def name(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def seen(self, level: str) -> list[str]:
        """Return the numbers that a level can read."""
        return [name for here in (level, *ABOVE[level]) for name in self.numbers[here]]

    def below(self, level: str) -> list[str]:
        return [here for here, above in ABOVE.items() if level in above and self.numbers[here]]

    def value(self) -> None:
        """Add one value on some level."""
        level = self.chance.choice(list(ABOVE))
        kinds = ["formula"] if self.seen(level) else []
        kinds += ["gather", "gather", "inside"] if self.below(level) else []
        kinds += ["rank", "percentile", "z", "top", "pool"] if level in TIES else []
        if not kinds:
            return
        kind = self.chance.choice(kinds)
        name = self.name()
        if kind == "pool":
            self.pool(level, name)
            return
        text = {
            "formula": self.formula,
            "gather": self.gather,
            "inside": self.inside,
            "rank": self.rank,
            "percentile": self.percentile,
            "z": self.z_score,
            "top": self.top,
        }[kind](level)
        self.values[level].append(f"{name}: {{{text}}}")
        (self.truths if kind == "top" else self.numbers)[level].append(name)

    def formula(self, level: str) -> str:
        one, two = self.chance.choice(self.seen(level)), self.chance.choice(self.seen(level))
        text = self.chance.choice(
            (
                "{0} + {1} / 3",
                "{0} - {1}",
                "min({0}, 3) * min({1}, 2)",
                "{0} / (1 + abs({1}))",
                "if {0} > {1} then 1 else {1}",
            )
        ).format(one, two)
        ending = self.chance.choice(("", "", ", round: 2 half_even", ", at_least: 0, at_most: 5", ", round: 0 up"))
        return f'needs: [{", ".join(dict.fromkeys((one, two)))}], formula: "{text}"{ending}'

    def gather(self, level: str) -> str:
        lower = self.chance.choice(self.below(level))
        item = self.chance.choice(self.numbers[lower])
        function = self.chance.choice(GATHERED)
        where = self.where(level, lower)
        also = ""
        if function == "quantile":
            definition = self.chance.choice(("nearest_rank", "hyndman_fan_6", "hyndman_fan_7"))
            also += f", at: {self.chance.choice(('10%', '50%', '75%'))}, definition: {definition}"
        if function in ("variance", "standard_deviation"):
            also += f", definition: {self.chance.choice(('sample', 'population'))}"
        if function == "mean" and lower == "component":
            function, also = "weighted_mean", f", by: weight * 2{also}"
        also += f', where: "{where}"' if where else ""
        also += f", absent: {self.chance.choice(('ignore', 'zero', 'absent'))}"
        also += self.chance.choice(("", "", ", needs_at_least: 2"))
        return f"{function}: {item}{also}"

    def where(self, level: str, lower: str) -> str:
        found = self.numbers[lower] + [name for here in ABOVE[lower] for name in self.numbers[here]]
        if self.truths[lower] and self.chance.random() < 0.5:
            truth = self.chance.choice(self.truths[lower])
            return f"{truth} is not missing and {truth}"
        if self.chance.random() < 0.5:
            return ""
        name = self.chance.choice(found)
        own = self.numbers[level]
        if own and name not in own and self.chance.random() < 0.3:
            other = self.chance.choice(own)
            return f"{name} is not missing and {other} is not missing and {name} >= {other}"
        return f"{name} is not missing and {name} > {self.chance.choice((0, 1, 3))}"

    def inside(self, level: str) -> str:
        lower = self.chance.choice(self.below(level))
        item = self.chance.choice(self.numbers[lower])
        where = self.where(level, lower)
        condition = f" where {where}" if where else ""
        return self.chance.choice(
            (
                f'formula: "sum(present {item}{condition}) + count({lower})"',
                f'formula: "sum(present {item}{condition}) / (1 + count(present {item}))"',
                (
                    f"only_if: count(present {item}) > 0, otherwise: none_here, "
                    f'formula: "max(present {item}) - mean(present {item})"'
                ),
            )
        )

    def subject(self, level: str) -> tuple[str, str]:
        return self.chance.choice(self.numbers[level]), self.chance.choice(ABOVE[level])

    def prefix(self, level: str) -> str:
        """Return what must hold for a member to take part."""
        name = self.chance.choice(self.seen(level))
        return self.chance.choice(
            ("", "", f"needs: {name}, ", f"only_if: {name} is not missing, otherwise: not_here, ")
        )

    def rank(self, level: str) -> str:
        subject, within = self.subject(level)
        better, ties = self.chance.choice(("higher", "lower")), self.chance.choice(("competition", "dense"))
        absent = self.chance.choice(("absent", "zero"))
        return (
            f"{self.prefix(level)}rank: {subject}, within: {within}, better: {better}, ties: {ties}, absent: {absent}"
        )

    def percentile(self, level: str) -> str:
        subject, within = self.subject(level)
        better = self.chance.choice(("higher", "lower"))
        definition = self.chance.choice(("inclusive", "exclusive", "midpoint"))
        return (
            f"{self.prefix(level)}percentile_rank: {subject}, within: {within}, better: {better}, "
            f"definition: {definition}, ties: share, absent: absent, type: number"
        )

    def z_score(self, level: str) -> str:
        subject, within = self.subject(level)
        definition = self.chance.choice(("sample", "population"))
        mode = self.chance.choice(("half_up", "half_even", "down", "up", "floor", "ceiling"))
        return (
            f"{self.prefix(level)}z_score: {subject}, within: {within}, definition: {definition}, absent: absent, "
            f"round: {self.chance.randint(0, 4)} {mode}"
        )

    def top(self, level: str) -> str:
        subject, within = self.subject(level)
        count = self.chance.choice(("1", "2", "30%", "50%"))
        rounding = ", round: 0 down" if count.endswith("%") else ""
        ties = self.chance.choice((TIES[level], "all_in")) if within in (ABOVE[level][0], "cohort") else "all_in"
        # A component's name is its own within a hospital only.
        ties = "all_in" if level in ("component", "case", "measure") and within != ABOVE[level][0] else ties
        absent = self.chance.choice(("last", "out"))
        return (
            f"{self.prefix(level)}top: {count}, within: {within}, order: [{subject}], ties: {ties}, absent: {absent}"
            f"{rounding}"
        )

    def pool(self, level: str, name: str) -> None:
        """Add a pool above and its shares."""
        within = self.chance.choice(ABOVE[level])
        names = self.seen(within)
        pool = f"{name}_pool"
        if names:
            source = self.chance.choice(names)
            cases = (
                f'{{when: {source} is missing, is: $5}}, {{otherwise: "min(abs({source}), 100) * $1", round: 2 down}}'
            )
            self.values[within].append(f"{pool}: {{choose: [{cases}]}}")
        else:
            self.values[within].append(f'{pool}: {{formula: "$7.77"}}')
        basis = self.chance.choice(self.numbers[level])
        shown = f"{name}_basis"
        self.values[level].append(
            f'{shown}: {{choose: [{{when: {basis} is missing, is: 0}}, {{otherwise: "abs({basis})"}}]}}'
        )
        bounds = self.chance.choice(
            ("", f'at_most: "$1 * {shown}", ', 'at_most: "$2.505", ', 'at_most: "$0.50", at_least: "$0", ')
        )
        absent = ", absent: pays_nothing" if self.chance.random() < 0.5 else ""
        self.payments[level].append(
            f"{name}: {{{self.prefix(level)}allocate: {pool}, in_proportion_to: {shown}, {bounds}remainder: largest, "
            f"ties: {TIES[level]}, if_none: not_paid{absent}}}"
        )

    def text(self) -> str:
        """Return the rule file."""
        lines = [START + "values:"]
        for section in (self.values, None, self.payments):
            if section is None:
                lines.append("gates:\n  hospital:")
                if self.chance.random() < 0.6:
                    lines.append("    in_program: {require: peer <= 4, otherwise: not_in_program}")
                lines.append("    fine: {require: ok, otherwise: pays_nothing}")
                if self.chance.random() < 0.4:
                    lines.append("  system:\n    rich: {require: bonus > 1, otherwise: pays_nothing}")
                lines.append("payments:")
                continue
            for level, entries in section.items():
                if entries:
                    lines.append("\n".join([f"  {level}:", *(f"    {entry}" for entry in entries)]))
        if not any(self.payments.values()):
            lines.append("  hospital:\n    paid: {formula: $1}")
        return "\n".join(lines) + "\n"


def make_cohort_program(seed: int) -> str:
    """Return the text of a program; the same for the same seed."""
    draft = Draft(random.Random(seed))  # noqa: S311 (test data)
    for _ in range(draft.chance.randint(4, 22)):
        draft.value()
    if not any(draft.values.values()):
        draft.values["cohort"].append("hospitals: {formula: count(hospital)}")
    return draft.text()
