"""The columnar engine on every case written by hand: the oracle's values to the last digit, or why it has none."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

if importlib.util.find_spec("numpy") is None:
    pytest.skip("numpy is not installed; the extra `columns` brings it", allow_module_level=True)

from tests.conformance import test_cases, test_cohort_cases
from tests.conformance.running import load
from tests.conformance.test_cases import HEADER, UNSOURCED
from tests.conformance.test_cohort_cases import populate
from tests.run.building import encode
from vbc_rules.check.absence import check_absence
from vbc_rules.check.ranges import infer_ranges
from vbc_rules.errors import VbcError
from vbc_rules.plan.layout import Layout, Population, make_layouts
from vbc_rules.resolve.program import Program
from vbc_rules.run.columns import ColumnEngine, Unsupported, compile_columns, stage
from vbc_rules.run.columns.engine import Ranges
from vbc_rules.run.oracle import evaluate_cohort
from vbc_rules.source.diagnostic import Findings

NOT_ON_COLUMNS: Final = {
    "a dated parameter may be carried past what is stated",
    "the items of `visit` lie below `unit`, not directly below a root",
    "variance within a participant",
    "members of `visit` gathered by a condition on who gathers them",
}
"""What columns say they do not compute, of what the cases hold; a reason that no case gives any more is an error."""


def every_population() -> Iterator[Any]:
    """Yield each program with the populations of its cases."""
    for parameter in test_cohort_cases.every_case():
        entry = parameter.values[0]
        yield pytest.param(entry, True, id=parameter.id)
    for parameter in test_cases.every_case():
        entry = parameter.values[0]
        yield pytest.param(entry, False, id=parameter.id)


@pytest.mark.parametrize(("entry", "is_cohort"), list(every_population()))
def test_columns_find_what_the_oracle_finds(entry: Mapping[str, Any], is_cohort: bool) -> None:  # noqa: FBT001 (a parameter)
    program = load(HEADER + entry["program"], allowing=UNSOURCED | set(entry.get("allowing", ())))
    layouts = make_layouts(program)
    engine = compiled(program, layouts)
    if isinstance(engine, str):
        assert engine in NOT_ON_COLUMNS
        return
    for case in entry["cases"]:
        population = populate(program, layouts, case) if is_cohort else alone(program, layouts, case)
        try:
            expected = evaluate_cohort(program, layouts, population)
        except VbcError:
            with pytest.raises(Exception):  # noqa: B017, PT011 (anything makes the oracle answer)
                engine.compute(population)
            continue
        found = engine.compute(population)
        for ref in program.slots:
            for instance in expected.whole.on_level.get(ref.level, ()):
                try:
                    wanted = expected.value(ref, instance.path)
                except KeyError:
                    continue
                value = found.value(ref, instance.path)
                assert (type(value), value) == (type(wanted), wanted), f"{case}: {ref} {instance.path}"


def compiled(program: Program, layouts: Mapping[str, Layout]) -> ColumnEngine | str:
    """Return the engine, or why there is none."""
    try:
        return compile_columns(program, layouts, ranges_of(program))
    except Unsupported as reason:
        return str(reason)


def alone(program: Program, layouts: Mapping[str, Layout], case: Mapping[str, Any]) -> Population:
    """Return the population of one participant that a case is."""
    given = {name: test_cases._given(value) for name, value in (case.get("given") or {}).items()}
    cohort = program.roots[0]
    above = {
        ".".join((*map(str, field.path), field.ref.name)) for field in layouts[cohort].fields if hasattr(field, "ref")
    }
    own = {name: value for name, value in given.items() if name not in above}
    row = encode(program, own, layouts[program.participant])
    shared = encode(program, {name: value for name, value in given.items() if name in above}, layouts[cohort])
    return Population(shared, (row,), (1,), {})


def ranges_of(program: Program) -> Ranges:
    """Return the ranges that are inferred for a program."""
    estimator = infer_ranges(program, check_absence(program, Findings()), Findings())
    return estimator.ranges if estimator is not None else {}


def test_every_reason_is_still_given() -> None:
    given = set()
    for parameter in every_population():
        entry = parameter.values[0]
        program = load(HEADER + entry["program"], allowing=UNSOURCED | set(entry.get("allowing", ())))
        engine = compiled(program, make_layouts(program))
        if isinstance(engine, str):
            given.add(engine)
    assert given == NOT_ON_COLUMNS


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_chunks_and_threads_change_nothing(threads: int, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "CHUNK", size)
    for parameter in test_cohort_cases.every_case():
        entry = parameter.values[0]
        program = load(HEADER + entry["program"], allowing=UNSOURCED | set(entry.get("allowing", ())))
        layouts = make_layouts(program)
        engine = compiled(program, layouts)
        assert not isinstance(engine, str)
        for case in (case for case in entry["cases"] if "error" not in case):
            population = populate(program, layouts, case)
            expected = engine.compute(population)
            # Nothing is kept but what other stages need: what is asked for is computed again.
            found = engine.compute(population, keep=frozenset(), threads=threads)
            oracle = evaluate_cohort(program, layouts, population)
            for ref in program.slots:
                for instance in oracle.whole.on_level.get(ref.level, ()):
                    try:
                        wanted = oracle.value(ref, instance.path)
                    except KeyError:
                        continue
                    assert found.value(ref, instance.path) == expected.value(ref, instance.path) == wanted
