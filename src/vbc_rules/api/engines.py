"""The engines of one program: each is compiled once, when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from vbc_rules.errors import Code, UsageError
from vbc_rules.plan.layout import Layout, Population, Row, make_layouts
from vbc_rules.plan.plan import Plan
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.program import Program
from vbc_rules.run.oracle import OracleCohortTrace
from vbc_rules.run.oracle import evaluate as evaluate_by_oracle
from vbc_rules.run.oracle import evaluate_cohort as evaluate_cohort_by_oracle
from vbc_rules.run.scalar import CohortEngine, ScalarEngine, compile_cohort, compile_scalar
from vbc_rules.run.trace import CohortTrace, Trace

if TYPE_CHECKING:
    from vbc_rules.run.columns import ColumnEngine

Engine: TypeAlias = Literal["scalar", "oracle"]
CohortChoice: TypeAlias = Literal["auto", "scalar", "columns", "oracle"]
"""`auto` takes columns for many participants, where the program and the machine have them, else the scalar engine."""
CohortEngineName: TypeAlias = Literal["scalar", "columns", "oracle"]

MANY: Final = 5_000
"""From so many participants on, `auto` takes columns: below, turning rows into columns costs more than it saves."""


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
    def scalar(self) -> ScalarEngine | None:
        """The engine of one participant alone; None where the program needs the whole cohort."""
        return self._one

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

    def cohort(self, population: Population, engine: CohortChoice) -> tuple[CohortTrace, CohortEngineName]:
        """Return what comes of a whole cohort, and which engine computed it: where one cannot, the oracle says why.

        Raises UsageError for an engine there is not, and for columns where the program or the machine has none.
        """
        if engine == "oracle":
            return evaluate_cohort_by_oracle(self._plan.program, self.layouts, population), "oracle"
        if engine == "columns" or (
            engine == "auto" and len(population.participants) >= MANY and self.columns is not None
        ):
            if self.columns is None:
                raise UsageError(Code.USAGE, f"this program cannot be computed in columns: {self.why_no_columns}")
            trace: CohortTrace = self.columns.evaluate(population)
            return trace, _who_computed(trace, "columns")
        if engine not in ("auto", "scalar"):
            raise UsageError(Code.USAGE, "there is no such engine; write 'auto', 'scalar', 'columns' or 'oracle'")
        trace = self._whole.evaluate(population)
        return trace, _who_computed(trace, "scalar")

    @property
    def columns(self) -> ColumnEngine | None:
        """The columnar engine; None where the program or the machine has none (`why_no_columns` says which)."""
        return self._columns[0]

    @property
    def why_no_columns(self) -> str:
        """Why there is no columnar engine, in words."""
        return self._columns[1]

    @cached_property
    def _columns(self) -> tuple[ColumnEngine | None, str]:
        try:
            from vbc_rules.run.columns import Unsupported, compile_columns  # noqa: PLC0415 (an extra, and slow to import)
        except ModuleNotFoundError:
            return None, "numpy is not installed; install `vbc_rules[columns]`"
        try:
            return compile_columns(self._plan.program, self.layouts, self._plan.ranges), ""
        except Unsupported as reason:
            return None, str(reason)

    @cached_property
    def _whole(self) -> CohortEngine:
        return compile_cohort(self._plan.program, self.layouts)


def _who_computed(trace: CohortTrace, engine: CohortEngineName) -> CohortEngineName:
    return "oracle" if isinstance(trace, OracleCohortTrace) else engine


def _check(engine: object) -> None:
    if engine not in ("scalar", "oracle"):
        raise UsageError(Code.USAGE, "there are two engines; write 'scalar' or 'oracle'")
