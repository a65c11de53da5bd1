"""Whole cohorts written by hand: what groups, gatherings, standings and shares mean, on every engine and in any order.

A file in `cohorts/` is a list of programs. Each has `about`, the sections of a rule file from `parameters` on, and
`cases`: the inputs of `participants` by identifier, of the `cohort`, and of `groups` (a list of rows a level); and what
to `expect` by name, with the participant before it (`A.share`, `A.cqi.score`), or the level of groups and the group
(`system.north.total`, `system.north.second.met`). `error` is the code of the error raised instead. `allowing` lists
findings of the checker that the program is meant to have.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
import yaml

from tests.conformance.running import load
from tests.conformance.test_cases import HEADER, UNSOURCED, _given, _wanted
from tests.run.building import encode
from vbc_rules.errors import VbcError
from vbc_rules.plan.layout import Layout, Path, Population, make_layouts
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.oracle import evaluate_cohort
from vbc_rules.run.trace import CohortTrace

COHORTS: Final = pathlib.Path(__file__).parent / "cohorts"


def every_case() -> Iterator[Any]:
    """Yield each program of each file as a test's parameter."""
    for file in sorted(COHORTS.glob("*.yaml")):
        for entry in yaml.load(file.read_text(), yaml.BaseLoader):  # noqa: S506 (texts only)
            yield pytest.param(entry, id=f"{file.stem}: {entry['about']}")


@pytest.mark.parametrize("entry", list(every_case()))
def test_the_oracle_finds_what_the_case_expects(entry: Mapping[str, Any]) -> None:
    program = load(HEADER + entry["program"], allowing=UNSOURCED | set(entry.get("allowing", ())))
    layouts = make_layouts(program)
    for case in entry["cases"]:
        for backwards in (False, True):
            population = populate(program, layouts, case, backwards=backwards)
            if "error" in case:
                with pytest.raises(VbcError) as error:
                    evaluate_cohort(program, layouts, population)
                assert error.value.code == case["error"], case
                continue
            trace = evaluate_cohort(program, layouts, population)
            for name, written in case["expect"].items():
                ref, found = find(program, trace, name)
                wanted = _wanted(written, program, ref)
                assert (type(found), found) == (type(wanted), wanted), f"{case}: {name} is {found!r}, not {wanted!r}"


def populate(
    program: Program, layouts: Mapping[str, Layout], case: Mapping[str, Any], *, backwards: bool = False
) -> Population:
    """Return what a case gives; `backwards`, the rows of groups in reverse."""
    rows = {
        name: encode(program, {program.participant: name, **_all_given(given)}, layouts[program.participant])
        for name, given in sorted(case["participants"].items())
    }
    groups = {
        level: tuple(encode(program, _all_given(given), layouts[level]) for given in given_rows)
        for level, given_rows in case.get("groups", {}).items()
    }
    if backwards:
        groups = {level: given_rows[::-1] for level, given_rows in groups.items()}
    cohort = encode(program, _all_given(case.get("cohort", {})), layouts["cohort"])
    return Population(cohort, tuple(rows.values()), tuple(range(1, len(rows) + 1)), groups)


def _all_given(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _given(value) for name, value in given.items()}


@dataclass(frozen=True, slots=True)
class _Root:
    level: str
    number: int


def find(program: Program, trace: CohortTrace, name: str) -> tuple[Ref, Datum]:
    """Return which name is meant, and what it was found to be."""
    *keys, own = name.split(".")
    root, rest = _root(program, trace, keys)
    levels = program.levels_of(root.level)
    (ref,) = [ref for ref in program.slots if ref.name == own and ref.level in levels]
    path: Path = tuple(rest) if root.number < 0 else (root.number, *rest)
    return ref, trace.value(ref, path)


def _root(program: Program, trace: CohortTrace, keys: list[str]) -> tuple[_Root, list[str]]:
    if not keys:
        return _Root("cohort", -1), []
    if keys[0] in program.levels and program.levels[keys[0]].kind == "groups":
        return _Root(keys[0], _number(trace, keys[0], keys[1])), keys[2:]
    return _Root(program.participant, _number(trace, program.participant, keys[0])), keys[1:]


def _number(trace: CohortTrace, level: str, name: str) -> int:
    names = [trace.value(Ref(level, level), (number,)) for number in range(trace.count(level, ()))]
    return names.index(name)
