"""Whole cohorts: a program compiled to one function for each stage, and what spans roots settled between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import lcm
from typing import Any

from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Layout, Population
from vbc_rules.plan.stages import Forming, Gathering, RootStage, Settling, Stage, Stages, make_stages
from vbc_rules.resolve.expressions import Constant, Datum, Expr, Read, Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.oracle import OracleCohortTrace, evaluate_cohort
from vbc_rules.run.scalar import aggregates, settlings
from vbc_rules.run.scalar import representation as carry
from vbc_rules.run.scalar.cohort_run import Run
from vbc_rules.run.scalar.cohort_trace import ScalarCohortTrace
from vbc_rules.run.scalar.paired import Paired, compile_paired
from vbc_rules.run.scalar.representation import Carrier
from vbc_rules.run.scalar.stage_code import Knowledge, Known, StageCode, StageWriting, patterns_of
from vbc_rules.run.scalar.warning import all_noted


class CohortEngine:
    """A program compiled for whole cohorts. `sources` are the texts of its generated functions, stage by stage."""

    def __init__(self, program: Program, layouts: Mapping[str, Layout]) -> None:
        """Compile the program for rows of `layouts`."""
        self.program = program
        self.layouts = dict(layouts)
        stages = make_stages(program)
        self.staged = stages.program
        self.stages = stages.stages
        self.known: Knowledge = {}
        self.codes: dict[int, Any] = {}
        # Each a `StageCode`; an engine that runs a stage otherwise holds what runs it.
        self.paired: dict[Ref, Paired] = {}
        document = program.document
        self.name = f"{document.program.text}@{document.edition.text}"
        for number, stage in enumerate(stages.stages):
            if isinstance(stage, RootStage):
                self.codes[number] = self.write_stage(stages, stage, number)
            else:
                self._across(stage)
        self.sources = {number: code.source for number, code in self.codes.items()}
        self.is_noted = all_noted(program, stages)

    def write_stage(self, stages: Stages, stage: RootStage, number: int) -> StageCode:
        """Compile one stage."""
        writing = StageWriting(stages, self.layouts[stage.root], stage, number, self.known)
        return writing.write(f"<vbc_rules {self.name}, stage {number + 1} of the cohort>")

    def __reduce__(self) -> tuple[type[CohortEngine], tuple[Program, Mapping[str, Layout]]]:
        return (CohortEngine, (self.program, self.layouts))

    def evaluate(self, population: Population) -> ScalarCohortTrace | OracleCohortTrace:
        """Return every value of every participant, group and of the cohort.

        Raises InputError with every problem of the inputs, EvaluationError where a value cannot be computed. Where
        anything is met that is not computed here, the oracle answers: it knows what to say. So a trace of the oracle's
        kind tells that this engine did not compute the cohort.
        """
        try:
            return self.compute(population)
        except Exception:  # noqa: BLE001 (whatever it was, the oracle says what it means)
            return evaluate_cohort(self.program, self.layouts, population)

    def compute(self, population: Population) -> ScalarCohortTrace:
        """Return what the generated code finds; raises anything where it does not compute the population."""
        run = Run(self, population)
        for number, stage in enumerate(self.stages):
            run.take(number, stage)
        return ScalarCohortTrace(self, run)

    # --- how what spans roots is carried

    def _across(self, stage: Stage) -> None:
        match stage:
            case Gathering():
                if stage.is_paired:
                    self.paired[stage.ref] = compile_paired(self.staged, stage, self.carrier_of)
                item = None if stage.item is None else self.carrier_of(stage.item)
                self._know(stage.ref, aggregates.form_of(stage, item))
            case Settling():
                self._know(stage.ref, settlings.form_of(stage))
            case Forming():
                level = self.program.levels[stage.level]
                if len(level.by) == 1:
                    found = self.carrier_of_ref(level.by[0])
                    self.known[Ref(stage.level, stage.level), ()] = Known(replace(found, maybe_absent=False))
            case _:
                pass

    def _know(self, ref: Ref, form: Carrier) -> None:
        frame_paths = patterns_of(self.program, ref.level)
        only = self.program.root(ref.level) == self.program.participant and any(
            gate.pays is None for gate in self.program.gates
        )
        for path in frame_paths:
            self.known[ref, path] = Known(form, only_members=only)

    def carrier_of(self, expr: Expr) -> Carrier:
        """Return how a name or a constant is carried, over all instances: one divisor for all of them."""
        if isinstance(expr, Constant):
            return carry.constant(expr.value)
        if isinstance(expr, Read):
            return self.carrier_of_ref(expr.ref)
        raise TypeError("a name or a constant stands here")

    def carrier_of_ref(self, ref: Ref) -> Carrier:
        """Return how a slot or a parameter is carried, over all its instances."""
        found = [known.carrier for known in self.knowns(ref)]
        there = [carrier for carrier in found if not carrier.is_absent]
        kind = there[0].kind if there else "number"
        quotient = any(carrier.denominator for carrier in there)
        lows = [carrier.low for carrier in there]
        return Carrier(
            kind,
            "",
            lcm(*(carrier.divisor for carrier in there)) if kind == "number" else 1,
            "1" if quotient else None,
            maybe_absent=any(carrier.maybe_absent or carrier.is_absent for carrier in found),
            low=None if None in lows or not lows else min(low for low in lows if low is not None),
        )

    def knowns(self, ref: Ref) -> list[Known]:
        """Return what is known of a slot at each path; a parameter, a cell or a member's name as constants."""
        ref = self.named(ref)
        found = [known for (other, _), known in self.known.items() if other == ref]
        return found or [Known(carrier) for carrier in self.constants(ref).values()]

    def named(self, ref: Ref) -> Ref:
        """Return what holds the name of an item: its key."""
        level = self.program.levels.get(ref.level)
        if level is not None and ref.name == ref.level and level.kind == "list" and level.key is not None:
            return Ref(ref.level, level.key)
        return ref

    def constants(self, ref: Ref) -> dict[tuple[str | int, ...], Carrier]:
        """Return the carriers of what the file itself states, by path: a parameter, members' cells and names."""
        if ref.level == "":
            stated = self.program.parameters[ref.name].value
            if stated is None:
                raise KeyError(str(ref))
            return {(): carry.constant(stated)}
        if self.program.levels[ref.level].kind != "members":
            raise KeyError(str(ref))
        found: dict[tuple[str | int, ...], Carrier] = {}
        for path in patterns_of(self.program, ref.level):
            member = str(path[-1])
            value: Datum = member if ref.name == ref.level else self.program.cell(ref, member)
            found[path] = absence(value) if isinstance(value, Absent) else carry.constant(value)
        return found


def absence(value: Absent) -> Carrier:
    """Return the carrier of an absence that is known when compiling."""
    return Carrier("number", "", constant=value)


def compile_cohort(program: Program, layouts: Mapping[str, Layout]) -> CohortEngine:
    """Return the program compiled for whole cohorts, whose rows have the layouts of `make_layouts`."""
    return CohortEngine(program, layouts)
