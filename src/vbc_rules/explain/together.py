"""Members that are told together: their values, counted and added up exactly, and why others are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from vbc_rules.explain.numbers import literal
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import Type
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Datum, Plain
from vbc_rules.run.oracle.expressions import aggregate


@dataclass(slots=True)
class Together:
    """Members that are not listed: the `values` that count with their `paths`, and how many are `left_out`, and why.

    `missing` is the first absent one, where that makes the whole absent.
    """

    values: list[Plain] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    present: int = 0
    missing: tuple[Absent, Path] | None = None

    @property
    def quantities(self) -> list[Fraction]:
        """The values, which are quantities."""
        return [value for value in self.values if isinstance(value, Fraction)]


def total(values: Iterable[Fraction]) -> Fraction:
    """Return the exact sum of many quantities: those of one denominator are added as whole numbers."""
    found: dict[int, int] = {}
    for value in values:
        numerator, denominator = value.as_integer_ratio()
        found[denominator] = found.get(denominator, 0) + numerator
    common = lcm(*found)
    return Fraction(sum(part * (common // denominator) for denominator, part in found.items()), common)


def squared(values: Sequence[Fraction], centre: Fraction) -> Fraction:
    """Return the sum of the squared distances of some values from their centre, exactly."""
    found: dict[int, int] = {}
    for value in values:
        numerator, denominator = value.as_integer_ratio()
        found[denominator] = found.get(denominator, 0) + numerator**2
    common = lcm(*found)
    squares = sum(part * (common // denominator) ** 2 for denominator, part in found.items())
    return Fraction(squares, common**2) - 2 * centre * total(values) + len(values) * centre**2


def aggregated(function: str, values: list[Plain]) -> Datum:
    """Return sum, count, mean, min, max, any or all of `values`; absent where nothing has none."""
    if function in ("sum", "mean") and values:
        whole = total(value for value in values if isinstance(value, Fraction))
        return whole if function == "sum" else whole / len(values)
    return aggregate(function, values)


def in_units(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """Return quantities as whole numbers of one unit, and how many of the units make one."""
    return in_one_unit([value.as_integer_ratio() for value in values])


def in_one_unit(pairs: Sequence[tuple[int, int]]) -> tuple[list[int], int]:
    """Return numerators and denominators as whole numbers of one unit, and how many of the units make one."""
    common = lcm(*{denominator for _, denominator in pairs})
    return [numerator * (common // denominator) for numerator, denominator in pairs], common


def others_words(function: str, together: Together, type_: Type) -> str:
    """Return what is said of the members that are not listed: `and 118 others, together $5.00`."""
    count = len(together.values)
    said = [f"and {count:,} {'other' if count == 1 else 'others'}{_said(function, together, type_)}"] if count else []
    said.extend(
        f"{number:,} {'other' if number == 1 else 'others'} {why if why.startswith('left out') else f'are {why}'}"
        for why, number in together.left_out.items()
    )
    return "; ".join(said)


def _said(function: str, together: Together, type_: Type) -> str:
    values = together.values
    match function:
        case "count":
            return ""
        case "any" | "all" | "at_least_of":
            yes = sum(value is True for value in values)
            return f", {yes:,} of them yes"
        case "min" | "max" if together.quantities:
            best = min(together.quantities) if function == "min" else max(together.quantities)
            return f", at {'least' if function == 'min' else 'most'} {literal(best, type_)}"
        case _ if together.quantities:
            return f", together {literal(total(together.quantities), type_)}"
    return ""
