"""Hospitals for the benchmarks: plausible ones, and ones made to hit every tie and every end of a range."""

from __future__ import annotations

import random
from decimal import Decimal

from vbc_rules.language.absence import Absent
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program

Given = dict[str, object]

NOT_REPORTED = Absent("not_reported")


def make_population(program: Program, size: int, seed: int = 1) -> list[Given]:
    """Return hospitals as callers give them: 6% of the measures below their minimum, 5% without a rate of last year."""
    return _Population(program, seed).make(size, forced=False)


def make_forced(program: Program, size: int, seed: int = 2) -> list[Given]:
    """Return hospitals on ties and ends: rates on and beside every half point, empty domains, the largest payments."""
    return _Population(program, seed).make(size, forced=True)


class _Population:
    def __init__(self, program: Program, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 (no secret)
        self.domains: dict[str, str] = {}
        self.standards: dict[str, tuple[int, int, int]] = {}
        for member in program.levels["measure"].members:
            threshold, benchmark = (
                int(program.cell(Ref("measure", name), member.name) * 10_000)  # type: ignore[operator]
                for name in ("threshold", "benchmark")
            )
            minimum = int(program.cell(Ref("measure", "minimum"), member.name))  # type: ignore[arg-type]
            self.standards[member.name] = threshold, benchmark, minimum
            self.domains[member.name] = member.parent or ""

    def make(self, size: int, *, forced: bool) -> list[Given]:
        return [self._hospital(number, forced=forced) for number in range(size)]

    def _hospital(self, number: int, *, forced: bool) -> Given:
        pick = self.random
        cents = pick.randrange(20_000_000_00) if forced else int(pick.lognormvariate(17.9, 0.8) * 100)
        if forced and number % 5 == 0:
            cents = pick.choice((0, 1, 500_000_000_000, 499_999_999_999, 33))
        empty = set(pick.sample(sorted(set(self.domains.values())), pick.choice((0, 0, 1, 3, 5)))) if forced else set()
        quality = pick.gauss(0.75, 0.45)
        return {
            "hospital": f"{number:06}",
            "operating_payments": Decimal(min(cents, 500_000_000_000)).scaleb(-2),
            "attestation_signed": pick.random() < 0.97,
            "measure": {
                name: self._measure(name, quality, forced=forced, empty=self.domains[name] in empty)
                for name in self.standards
            },
        }

    def _measure(self, name: str, quality: float, *, forced: bool, empty: bool) -> Given:
        threshold, benchmark, minimum = self.standards[name]
        pick = self.random
        if forced:
            cases = 0 if empty else pick.choice((minimum - 1, minimum, minimum, 1_000_000))
            rate, before = self._at_a_tie(threshold, benchmark), self._at_a_tie(threshold, benchmark)
            if pick.random() < 0.2:
                # Last year's rate so that the improvement is a whole number of tenths of the way, or half of one more.
                tenths = pick.choice((1, 2, 3, 5, 10, 15, 19))
                before = rate - (benchmark - rate) * tenths // max(20 - tenths, 1)
        else:
            cases = pick.randrange(minimum) if pick.random() < 0.06 else pick.randrange(minimum, 3000)
            rate = round(threshold + (benchmark - threshold) * pick.gauss(quality, 0.6))
            before = round(threshold + (benchmark - threshold) * pick.gauss(quality - 0.3, 0.6))
        reported = pick.random() >= 0.05
        return {
            "cases": cases,
            "rate": _decimal(rate),
            "baseline": _decimal(before) if reported else NOT_REPORTED,
        }

    def _at_a_tie(self, threshold: int, benchmark: int) -> int:
        pick = self.random
        ninths = pick.randrange(-1, 20)
        return threshold + (benchmark - threshold) * ninths // 18 + pick.choice((-1, 0, 0, 1))


def _decimal(ten_thousandths: int) -> Decimal:
    return Decimal(min(max(ten_thousandths, 0), 10_000)).scaleb(-4)
