"""Participants in columns: plausible ones, and ones made to hit every tie and every end of a range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from tests.benchmarks.peers.terms import MINIMUM_CASES, Terms

Array: TypeAlias = Any

MOST_CENTS = 999_999_999_999


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Participants: what is of measures has a row for each measure; rates in ten-thousandths, payments in cents."""

    payments: Array
    attested: Array
    numerator: Array
    denominator: Array
    rate: Array
    baseline: Array

    def __len__(self) -> int:
        return len(self.payments)

    def part(self, first: int, last: int) -> Rows:
        """Return the participants from `first` to before `last`."""
        return Rows(
            self.payments[first:last],
            self.attested[first:last],
            *(np.ascontiguousarray(block[:, first:last]) for block in self.blocks),
        )

    @property
    def blocks(self) -> tuple[Array, Array, Array, Array]:
        """Return what is given of measures."""
        return self.numerator, self.denominator, self.rate, self.baseline

    def each(self) -> Iterator[tuple[int, bool, list[int], list[int], list[int], list[int]]]:
        """Yield each participant: payments, attested, then numerators, denominators, rates and baselines."""
        columns = [block.T.tolist() for block in self.blocks]
        yield from zip(self.payments.tolist(), self.attested.tolist(), *columns, strict=True)

    @property
    def names(self) -> list[str]:
        """The identifiers, in ascending order."""
        return [f"{number:08}" for number in range(len(self))]


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """What came out, in whole numbers: what every peer is compared by.

    Domain scores are in ten-thousandths (-1 where there is none), the weighted score in millionths, tiers in
    thousandths, payments in cents. `shared` is None where a peer cannot share a pool.
    """

    domain_scores: Array
    weighted: Array
    tier: Array
    earned: Array
    shared: Array | None = None


def together(*parts: Rows) -> Rows:
    """Return several lots of participants as one."""
    return Rows(
        np.concatenate([part.payments for part in parts]),
        np.concatenate([part.attested for part in parts]),
        *(np.concatenate(blocks, axis=1) for blocks in zip(*(part.blocks for part in parts), strict=True)),
    )


def plausible(terms: Terms, count: int, seed: int = 1) -> Rows:
    """Return participants as they could be: six in a hundred measures have too few cases."""
    pick = np.random.default_rng(seed)
    number = len(terms.measures)
    payments = np.minimum(pick.lognormal(17.9, 0.8, count) * 100, MOST_CENTS).astype(np.int64)
    quality = pick.normal(0.78, 0.32, count)
    few = pick.random((number, count)) < 0.06
    denominator = np.where(
        few, pick.integers(0, MINIMUM_CASES, (number, count)), pick.integers(MINIMUM_CASES, 3000, (number, count))
    )
    rate, baseline = np.empty((number, count), np.int64), np.empty((number, count), np.int64)
    for place, measure in enumerate(terms.measures):
        span = measure.benchmark - measure.threshold
        for block, level in ((rate, quality), (baseline, quality - 0.3)):
            block[place] = np.rint(measure.threshold + span * pick.normal(level, 0.6))
    return _made(pick, payments, denominator, rate, baseline)


def forced(terms: Terms, count: int, seed: int = 2) -> Rows:
    """Return participants on ties and ends: rates on and beside half points, empty domains, the largest payments."""
    pick = np.random.default_rng(seed)
    number = len(terms.measures)
    payments = pick.integers(0, 2_000_000_000_000, count) // 2
    ends = pick.choice(np.array([0, 1, 33, MOST_CENTS - 1, MOST_CENTS]), count)
    payments = np.where(np.arange(count) % 5 == 0, ends, payments)
    empty = pick.random((len(terms.domains), count)) < pick.choice(np.array([0, 0, 0.2, 0.6, 1.0]), count)
    denominator = pick.choice(np.array([MINIMUM_CASES - 1, MINIMUM_CASES, MINIMUM_CASES, 1_000_000]), (number, count))
    for hidden, domain in zip(empty, terms.domains, strict=True):
        denominator[list(domain.places)] = np.where(hidden, 0, denominator[list(domain.places)])
    rate, baseline = np.empty((number, count), np.int64), np.empty((number, count), np.int64)
    for place, measure in enumerate(terms.measures):
        span = measure.benchmark - measure.threshold
        for block in (rate, baseline):
            steps = pick.integers(-1, 20, count)
            block[place] = measure.threshold + span * steps // 18 + pick.choice(np.array([-1, 0, 0, 1]), count)
        # Last year's rate so that the improvement is a whole number of tenths of the way, or half of one more.
        tenths = pick.choice(np.array([1, 2, 3, 5, 10, 15, 19]), count)
        before = rate[place] - (measure.benchmark - rate[place]) * tenths // np.maximum(20 - tenths, 1)
        baseline[place] = np.where(pick.random(count) < 0.2, before, baseline[place])
    # A tenth of the participants reach the benchmark everywhere.
    best = pick.random(count) < 0.1
    tops = np.array([measure.benchmark for measure in terms.measures])[:, None]
    rate = np.where(best, tops, rate)
    return _made(pick, payments, denominator, rate, baseline)


def _made(pick: np.random.Generator, payments: Array, denominator: Array, rate: Array, baseline: Array) -> Rows:
    rate, baseline = np.clip(rate, 0, 10_000), np.clip(baseline, 0, 10_000)
    return Rows(
        np.minimum(payments, MOST_CENTS),
        pick.random(len(payments)) < 0.97,
        np.minimum(np.rint(denominator * (rate / 10_000)).astype(np.int64), denominator),
        denominator,
        rate,
        baseline,
    )
