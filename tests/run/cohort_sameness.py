"""The scalar engine beside the oracle over whole cohorts: every slot of every instance, or the same error."""

from __future__ import annotations

from collections.abc import Mapping

from vbc_rules.errors import VbcError
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Layout, Population
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.oracle import OracleCohortTrace, evaluate_cohort
from vbc_rules.run.scalar import CohortEngine, ScalarCohortTrace, compile_cohort


def assert_same_cohort(
    program: Program, layouts: Mapping[str, Layout], population: Population, engine: CohortEngine | None = None
) -> ScalarCohortTrace | None:
    """Evaluate a population by both engines, without the help of the oracle; None where both raise the same error."""
    engine = engine or compile_cohort(program, layouts)
    try:
        expected = evaluate_cohort(program, layouts, population)
    except VbcError as error:
        try:
            engine.evaluate(population)
        except VbcError as other:
            assert other.to_dict() == error.to_dict()  # noqa: PT017 (two errors are compared)
            return None
        assert "guarantee" in str(error), error  # noqa: PT017 (only guarantees are left to the oracle)
        return None
    warnings = expected.warnings
    trace = engine.compute(population)
    found = differences(program, expected, trace)
    assert found == [], found[:5]
    assert trace.warnings == warnings
    assert isinstance(engine.evaluate(population), ScalarCohortTrace)
    return trace


def differences(program: Program, expected: OracleCohortTrace, trace: ScalarCohortTrace) -> list[str]:
    """Return where the answers differ, one line each."""
    found: list[str] = []

    def compare(what: str, wanted: object, got: object) -> None:
        if (type(wanted), wanted) != (type(got), got):
            found.append(f"{what}: oracle {wanted!r}, scalar {got!r}")

    whole = expected.whole
    for (level, path), instance in whole.instances.items():
        for ref in program.slots:
            if ref.level != level:
                continue
            try:
                wanted = expected.value(ref, path)
            except KeyError:
                continue
            try:
                compare(f"{ref} {path}", wanted, trace.value(ref, path))
            except KeyError as error:
                found.append(f"{ref} {path}: oracle {wanted!r}, scalar has none ({error})")
        for below, items in instance.below.items():
            if program.levels[below].kind == "list":
                compare(f"count {below} {path}", len(items), trace.count(below, path))
        for group in instance.groups:
            compare(f"{group} of {path}", expected.group_of(group, path), trace.group_of(group, path))
        for lower, uppers in program.uppers.items():
            if level in uppers:
                compare(f"{lower} in {path}", expected.gathered(lower, level, path), trace.gathered(lower, level, path))
    for ref in program.slots:
        if program.levels[ref.level].kind in ("participant", "groups"):
            try:
                column = trace.column(ref)
            except KeyError:
                continue
            for number in range(trace.count(ref.level, ())):
                compare(f"column of {ref} {number}", trace.value(ref, (number,)), column[number])
    for name, parameter in program.parameters.items():
        if not parameter.codes:
            try:
                wanted = expected.value(Ref("", name), ())
            except VbcError:
                continue
            compare(name, wanted, trace.value(Ref("", name), ()))
    for root in program.roots:
        compare(f"count {root}", expected.count(root, ()), trace.count(root, ()))
    return found


__all__ = ["Absent", "assert_same_cohort", "differences"]
