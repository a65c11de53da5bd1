"""What is inferred before any data arrive holds of every result: ranges, absences, divisors and guarantees.

Whole programs are drawn at random and computed by the oracle on random and extreme inputs.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from tests.check.promises import Promises
from tests.conformance.generator.programs import program_text
from tests.conformance.generator.rows import rows_of
from vbc_rules.check.absence import check_absence
from vbc_rules.check.estimate import Estimator
from vbc_rules.check.prover import prove_guarantees
from vbc_rules.check.ranges import infer_ranges
from vbc_rules.errors import Code, EvaluationError, InputError
from vbc_rules.language.absence import Absent
from vbc_rules.language.reading import read_document
from vbc_rules.plan.layout import Path, make_layout
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Guarantee, Program
from vbc_rules.resolve.resolver import resolve
from vbc_rules.run.oracle import OracleTrace, evaluate
from vbc_rules.run.oracle.expressions import AbsentRead, holds
from vbc_rules.run.oracle.inputs import instances_of
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

SEEDS = range(60)
ROWS = 12
PROMISES = 16
MOST_REFUSED = 6
"""Of the seeds' programs so many at most may be refused: the generator writes programs that pass."""


def _read(text: str) -> tuple[Program, Findings] | None:
    findings = Findings()
    tree = read_text(text, "rules.yaml", findings)
    document = read_document(tree, findings) if tree is not None else None
    if document is None or findings.errors:
        return None
    return resolve(document, findings), findings


def _known(text: str) -> Estimator | None:
    """Return what is known of a program; None where it is refused."""
    found = _read(text)
    if found is None or found[1].errors:
        return None
    program, findings = found
    presence = check_absence(program, findings)
    if findings.errors:
        return None
    estimator = infer_ranges(program, presence, findings)
    return None if findings.errors else estimator


def _results(estimator: Estimator, seed: int) -> list[OracleTrace]:
    """Return results of random inputs. A date that the file says nothing of is the only thing that may stop one."""
    program, layout = estimator.program, make_layout(estimator.program)
    rows = rows_of(program, layout, random.Random(seed))  # noqa: S311 - the same seed gives the same file
    found: list[OracleTrace] = []
    for _ in range(ROWS):
        try:
            found.append(evaluate(program, layout, rows.draw()))
        except InputError:
            continue
        except EvaluationError as error:
            assert error.code == Code.UNSTATED or "date" in error.message, error  # noqa: PT017 - what stops one is asserted
    return found


def _values(result: OracleTrace) -> Iterator[tuple[Ref, Path, Datum]]:
    for (level, path), instance in result.whole.instances.items():
        for name, value in instance.values.items():
            yield Ref(level, name), path, value


def _broken(estimator: Estimator, results: list[OracleTrace]) -> list[str]:
    """Return the values outside their range, and the absences nobody foresaw."""
    program = estimator.program
    found: list[str] = []
    for result in results:
        for ref, path, value in _values(result):
            if program.slots[ref].kind not in ("value", "payment"):
                continue
            member = path[-1] if program.levels[ref.level].kind == "members" else None
            if isinstance(value, Absent):
                if value.reason not in {cause.reason for cause in estimator.presence.causes[ref]}:
                    found.append(f"{ref} {path} is {value}")
            elif isinstance(value, Fraction) and value not in estimator.ranges[(ref, member)]:  # type: ignore[index]
                found.append(f"{ref} {path} is {value}, not in {estimator.ranges[(ref, member)]}")  # type: ignore[index]
    return found


def _proven(estimator: Estimator, text: str, promises: list[str]) -> Iterator[Guarantee]:
    """Yield the guarantees that are proven, each by itself."""
    listed = "".join(f"  - {promise}\n" for promise in promises)
    found = _read(f"{text.rstrip()}\nguarantees:\n{listed}")
    assert found is not None
    program, findings = found
    check_absence(program, findings)
    unguarded = {finding.span.line for finding in findings.errors}
    for guarantee in program.guarantees:
        if guarantee.span.line in unguarded:
            continue
        said = Findings()
        prove_guarantees(replace(estimator, program=replace(program, guarantees=(guarantee,))), said)
        if not said.errors:
            yield guarantee


def _is_kept(guarantee: Guarantee, result: OracleTrace) -> bool:
    for instance in instances_of(result.whole, guarantee.level):
        try:
            if not holds(guarantee.condition, instance):
                return False
        except AbsentRead:  # what reads an absent value says nothing
            continue
    return True


@pytest.fixture(scope="module")
def tally() -> Iterator[Counter[str]]:
    """Count what was seen, and see to it that the test below is not empty."""
    seen: Counter[str] = Counter()
    yield seen
    if seen["programs"] == len(SEEDS):
        assert seen["refused"] <= MOST_REFUSED
        assert seen["results"] > 400
        assert seen["proven"] > 100
        assert seen["untrue"] > 100


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_inferred_holds_of_every_result(seed: int, tally: Counter[str]) -> None:
    tally["programs"] += 1
    text = program_text(seed)
    estimator = _known(text)
    if estimator is None:
        tally["refused"] += 1
        return
    results = _results(estimator, seed)
    tally["results"] += len(results)
    assert _broken(estimator, results) == []

    seen: dict[Ref, list[Fraction]] = defaultdict(list)
    for result in results:
        for ref, _, value in _values(result):
            if isinstance(value, Fraction):
                seen[ref].append(value)
    promises = list(Promises(estimator.program, seen, random.Random(seed)).draw(PROMISES))  # noqa: S311 - the same seed gives the same file
    if not promises:
        return
    proven = list(_proven(estimator, text, promises))
    tally["proven"] += len(proven)
    tally["untrue"] += len(promises) - len(proven)
    untrue = [guarantee.text for guarantee in proven if not all(_is_kept(guarantee, result) for result in results)]
    assert untrue == []
