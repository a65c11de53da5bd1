"""What is measured: evaluation against versions written by hand, the cost of the trace, loading, importing."""

from __future__ import annotations

import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import localcontext
from pathlib import Path
from time import perf_counter

import vbc_rules as vbc
from tests.benchmarks import baseline
from tests.benchmarks.agreement import differences
from tests.benchmarks.population import make_forced, make_population
from tests.benchmarks.timing import Rounds, interleaved
from vbc_rules.check.analysis import analyse
from vbc_rules.language.reading import read_document
from vbc_rules.plan.plan import make_plan
from vbc_rules.resolve.resolver import resolve
from vbc_rules.run.reading import compile_reader
from vbc_rules.run.scalar import compile_scalar
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_bytes

PROGRAM = Path(__file__).with_name("program.yaml")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    hospitals: int = 200
    turns: int = 5
    rounds: int = 31
    checked: int = 2_000
    loads: int = 9
    imports: int = 15


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its unit, and the bar it must keep to, if any (a least ratio, or a greatest time or share)."""

    name: str
    value: float
    unit: str
    bar: float | None = None

    @property
    def is_kept(self) -> bool | None:
        """Whether the bar is kept; None where there is none."""
        if self.bar is None:
            return None
        return self.value >= self.bar if self.unit == "times" else self.value <= self.bar


def measure(size: Size) -> list[Figure]:
    """Return every figure. Raises AssertionError where anything computes a different value."""
    program = vbc.load(PROGRAM)
    return [*_evaluation(program, size), *_loading(size), *_importing(size)]


def check(program: vbc.Program, size: Size) -> None:
    """Raise AssertionError where the versions by hand, the oracle and the compiled program differ."""
    resolved = program.resolved
    half = size.checked // 2
    found = differences(program, [*make_population(resolved, size.checked - half), *make_forced(resolved, half)])
    if found:
        raise AssertionError(f"{len(found)} differences; the first: {found[0]}")


def _evaluation(program: vbc.Program, size: Size) -> list[Figure]:
    check(program, size)
    domains = baseline.constants(program.resolved)
    # Several turns over the same hospitals: what is timed should be long beside a collector's visit or a cold cache.
    given = make_population(program.resolved, size.hospitals) * size.turns
    engine = compile_scalar(program.resolved, program.plan.layout)
    rows = [program.read(one) for one in given]
    exact, usual = baseline.exact_context(), baseline.context()
    with localcontext(exact):
        inputs = [baseline.read(one, domains) for one in given]

    def by_hand(evaluate: Callable[[baseline.Inputs, baseline.Domains], object]) -> None:
        with localcontext(usual):
            for one in inputs:
                evaluate(one, domains)

    def by_hand_from_mappings(evaluate: Callable[[baseline.Inputs, baseline.Domains], object]) -> None:
        # Inexact is trapped while reading only; the two contexts are each set once.
        with localcontext(exact):
            read = [baseline.read(one, domains) for one in given]
        with localcontext(usual):
            for one in read:
                evaluate(one, domains)

    def over_rows(evaluate: Callable[[tuple[object, ...]], object]) -> None:
        for row in rows:
            evaluate(row)

    def over_mappings() -> None:
        for one in given:
            program.evaluate(one)

    def reading() -> None:
        for one in given:
            program.read(one)

    names = (
        "plain",
        "tuned",
        "with trace",
        "without trace",
        "plain, mappings",
        "tuned, mappings",
        "mappings",
        "reading",
    )
    rounds = interleaved(
        dict(
            zip(
                names,
                (
                    lambda: by_hand(baseline.evaluate),
                    lambda: by_hand(baseline.evaluate_tuned),
                    lambda: over_rows(engine.evaluate),  # type: ignore[arg-type]
                    lambda: over_rows(engine.evaluate_without_trace),  # type: ignore[arg-type]
                    lambda: by_hand_from_mappings(baseline.evaluate),
                    lambda: by_hand_from_mappings(baseline.evaluate_tuned),
                    over_mappings,
                    reading,
                ),
                strict=True,
            )
        ),
        size.rounds,
    )

    def each(name: str) -> float:
        return rounds.median(name) / len(given) * 1e6

    return [
        Figure("by hand, plain: every value of the program", each("plain"), "us"),
        Figure("by hand, tuned: domain scores and payment only", each("tuned"), "us"),
        Figure("evaluate a row, with trace", each("with trace"), "us"),
        Figure("evaluate a row, without trace", each("without trace"), "us"),
        Figure("by hand, plain, from a mapping", each("plain, mappings"), "us"),
        Figure("by hand, tuned, from a mapping", each("tuned, mappings"), "us"),
        Figure("program.evaluate, from a mapping", each("mappings"), "us"),
        Figure("program.read alone", each("reading"), "us"),
        Figure("with trace, against plain", rounds.ratio("plain", "with trace"), "times", 3.5),
        Figure("with trace, against tuned", rounds.ratio("tuned", "with trace"), "times"),
        Figure("from a mapping, against plain", rounds.ratio("plain, mappings", "mappings"), "times", 1.3),
        Figure("from a mapping, against tuned", rounds.ratio("tuned, mappings", "mappings"), "times"),
        Figure("what the trace costs", 100 * (rounds.ratio("with trace", "without trace") - 1), "%", 15),
    ]


def _loading(size: Size) -> list[Figure]:
    """Load the program from its bytes to the compiled function, stage by stage."""
    data = PROGRAM.read_bytes()
    stages: dict[str, list[float]] = {}

    def load() -> None:
        start = last = perf_counter()

        def done(stage: str) -> None:
            nonlocal last
            now = perf_counter()
            stages.setdefault(stage, []).append((now - last) * 1e3)
            last = now

        findings = Findings()
        tree = read_bytes(data, str(PROGRAM), findings)
        done("read")
        assert tree is not None, findings.all
        document = read_document(tree, findings)
        done("model")
        assert document is not None, findings.all
        resolved = resolve(document, findings)
        done("resolve")
        estimator = analyse(resolved, findings)
        done("check")
        assert estimator is not None, findings.all
        plan = make_plan(resolved, estimator, hashlib.sha256(data).hexdigest())
        done("plan")
        compile_reader(plan.layout, resolved)
        done("compile the reader")
        compile_scalar(resolved, plan.layout)
        done("compile the program")
        stages.setdefault("all", []).append((last - start) * 1e3)

    load()
    stages.clear()
    whole: Rounds = interleaved({"stages": load, "load": lambda: vbc.load(PROGRAM)}, size.loads)
    figures = [
        Figure(f"load: {stage}", statistics.median(times), "ms") for stage, times in stages.items() if stage != "all"
    ]
    lines = data.count(b"\n")
    return [*figures, Figure(f"vbc.load of {lines} lines, compiled", whole.median("load") * 1e3, "ms", 150)]


_IMPORTS = {
    "bare": "pass",
    "package": "import vbc_rules",
    "load": "import vbc_rules; vbc_rules.load",
}


def _importing(size: Size) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        # Compiled modules are kept, as in any installation, but not among the sources.
        surroundings = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "PYTHONPATH": os.pathsep.join(sys.path)}
        surroundings.pop("PYTHONDONTWRITEBYTECODE", None)

        def run(code: str) -> Callable[[], object]:
            return lambda: subprocess.run([sys.executable, "-c", code], check=True, env=surroundings)

        rounds = interleaved({name: run(code) for name, code in _IMPORTS.items()}, size.imports)
    bare = rounds.median("bare")
    return [
        Figure("a bare interpreter", bare * 1e3, "ms"),
        Figure("import vbc_rules, over that", (rounds.median("package") - bare) * 1e3, "ms", 60),
        Figure("import vbc_rules; vbc_rules.load, over that", (rounds.median("load") - bare) * 1e3, "ms"),
    ]
