"""The scalar engine beside the oracle: every slot of every instance, or the same error."""

from __future__ import annotations

from vbc_rules.errors import VbcError
from vbc_rules.plan.layout import Row, make_layout
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.oracle import OracleTrace
from vbc_rules.run.oracle import evaluate as evaluate_by_oracle
from vbc_rules.run.scalar import ScalarEngine, ScalarTrace, compile_scalar


def assert_same(program: Program, row: Row, engine: ScalarEngine | None = None) -> ScalarTrace | None:
    """Evaluate a row by both engines; return the scalar trace, or None where both raise the same error."""
    layout = make_layout(program)
    engine = engine or compile_scalar(program, layout)
    try:
        expected = evaluate_by_oracle(program, layout, row)
    except VbcError as error:
        try:
            found = engine.evaluate(row)
        except VbcError as other:
            assert other.to_dict() == error.to_dict()  # noqa: PT017 (two errors are compared)
            return None
        if str(error).find("guarantee") < 0:
            raise AssertionError(f"the oracle raises {error}; the scalar engine does not\n{engine.source}") from error
        assert isinstance(found, ScalarTrace)
        return None
    try:
        values = engine._evaluate(row)
    except Exception as error:
        raise AssertionError(f"generated code fails: {error!r}\n{engine.source}") from error
    trace = ScalarTrace(engine, row, values)
    compare_traces(program, expected, trace, engine.source)
    return trace


def compare_traces(program: Program, expected: OracleTrace, trace: ScalarTrace, source: str) -> None:
    """Assert that every slot of every instance, every parameter and every count is the same."""
    for name, parameter in program.parameters.items():
        if not parameter.codes:
            try:
                wanted = expected.value(Ref("", name), ())
            except VbcError:
                continue
            assert trace.value(Ref("", name), ()) == wanted, name
    for (level, path), instance in expected.whole.instances.items():
        for below, items in instance.below.items():
            if program.levels[below].kind == "list":
                assert trace.count(below, path) == len(items)
        for ref in program.slots:
            if ref.level != level:
                continue
            try:
                wanted = expected.value(ref, path)
            except KeyError:
                continue
            found = trace.value(ref, path)
            assert found == wanted, f"{ref} {path}: {found} instead of {wanted}\n{source}"
            assert type(found) is type(wanted), f"{ref} {path}: {found!r}\n{source}"
    assert trace.warnings == expected.warnings
