"""The engines of one program: each is compiled once, when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Literal, TypeAlias

from vbc_rules.errors import Code, UsageError
from vbc_rules.plan.layout import Layout, Population, Row, make_layouts
from vbc_rules.plan.plan import Plan
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.program import Program
from vbc_rules.run.oracle import evaluate as evaluate_by_oracle
from vbc_rules.run.oracle import evaluate_cohort as evaluate_cohort_by_oracle
from vbc_rules.run.scalar import CohortEngine, ScalarEngine, compile_cohort, compile_scalar
from vbc_rules.run.trace import CohortTrace, Trace

Engine: TypeAlias = Literal["scalar", "oracle"]


def why_cohort(program: Program) -> str:
    """Return what cannot be known of one participant alone, "" where nothing is: then it can be evaluated alone.

    That is what spans participants, and inputs of what lies in the cohort, which no participant's row has a place for.
    """
    below = [ref for ref in program.inputs if ref.level != COHORT and program.root(ref.level) == COHORT]
    return next(map(str, (*program.spanning, *below)), "")


class Engines:
    """What evaluates a plan: one participant, or a whole cohort."""

    def __init__(self, plan: Plan) -> None:
        """Compile what evaluates one participant, if the program can be evaluated so."""
        self._plan = plan
        self._one: ScalarEngine | None = None
        if not why_cohort(plan.program):
            self._one = compile_scalar(plan.program, plan.layout)

    @cached_property
    def layouts(self) -> Mapping[str, Layout]:
        """The layouts of the rows of a cohort."""
        return make_layouts(self._plan.program)

    @property
    def source(self) -> str:
        """The Python text generated for one participant, or for a cohort where it is needed."""
        return "\n\n".join(self._whole.sources.values()) if self._one is None else self._one.source

    def one(self, row: Row, engine: Engine) -> Trace:
        """Return what comes of one participant. Raises UsageError for an engine there is not."""
        if engine == "scalar" and self._one is not None:
            return self._one.evaluate(row)
        _check(engine)
        return evaluate_by_oracle(self._plan.program, self._plan.layout, row)

    def cohort(self, population: Population, engine: Engine) -> CohortTrace:
        """Return what comes of a whole cohort. Raises UsageError for an engine there is not."""
        if engine == "scalar":
            return self._whole.evaluate(population)
        _check(engine)
        return evaluate_cohort_by_oracle(self._plan.program, self.layouts, population)

    @cached_property
    def _whole(self) -> CohortEngine:
        return compile_cohort(self._plan.program, self.layouts)


def _check(engine: object) -> None:
    if engine not in ("scalar", "oracle"):
        raise UsageError(Code.USAGE, "there are two engines; write 'scalar' or 'oracle'")
