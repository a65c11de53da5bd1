"""Programs written by hand: what every construct means, with exact values, on every engine.

A file in `cases/` is a list of programs. Each has `about`, the sections of a rule file from `parameters` on (what
comes before them is the same for all) and `cases`: what is `given` and what to `expect`, both by name, with the
members' names or the items' numbers before it (`safety.points`, `0.cost`). Quantities are written as in a rule
file, or as a fraction (`1/3`).
`absent reason` stands for an absence; `error` is the code of the error that is raised instead of a result.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
import yaml

from tests.conformance.running import ask_oracle, both, differences, is_same, load
from tests.run.building import datum, encode
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import Program

CASES: Final = pathlib.Path(__file__).parent / "cases"
UNSOURCED: Final = frozenset({"VBC601"})
"""Where a number comes from says nothing about what it means, and would fill every line of the cases."""
HEADER: Final = """\
program: test/case
edition: '2024'
language: 1
title: A case
participant: hospital
in_force: {from: 2024-01-01, through: 2024-12-31}
"""


def every_case() -> Iterator[Any]:
    """Yield each program of each file as a test's parameter."""
    for file in sorted(CASES.glob("*.yaml")):
        for entry in yaml.load(file.read_text(), yaml.BaseLoader):  # noqa: S506 (texts only)
            yield pytest.param(entry, id=f"{file.stem}: {entry['about']}")


@pytest.mark.parametrize("entry", list(every_case()))
def test_every_engine_finds_what_the_case_expects(entry: Mapping[str, Any]) -> None:
    program = load(HEADER + entry["program"], allowing=UNSOURCED)
    layout, engine = both(program)
    for case in entry["cases"]:
        row = encode(program, {name: _given(value) for name, value in (case.get("given") or {}).items()}, layout)
        expected = ask_oracle(program, layout, row)
        if "error" in case:
            assert expected.error is not None, case
            assert expected.error.code == case["error"]
        else:
            assert expected.error is None, (case, expected.error)
            for name, written in case["expect"].items():
                ref, path = _place(program, name)
                wanted = _wanted(written, program, ref)
                found = expected.slots[ref, path]
                assert is_same(found, wanted), f"{case}: {name} is {found!r}, not {wanted!r}"
        assert differences(engine, expected) == [], case


def _given(value: Any) -> Any:  # noqa: ANN401 (texts, and lists of mappings)
    if isinstance(value, list):
        return [{name: _given(part) for name, part in (item or {}).items()} for item in value]
    return Absent(value.removeprefix("absent ")) if value.startswith("absent ") else value


def _place(program: Program, name: str) -> tuple[Ref, Path]:
    *keys, own = name.split(".")
    (ref,) = [ref for ref in program.slots if ref.name == own]
    return ref, tuple(int(key) if key.isdigit() else key for key in keys)


def _wanted(written: str, program: Program, ref: Ref) -> Datum:
    if written.startswith("absent "):
        return Absent(written.removeprefix("absent "))
    return datum(written, program.slots[ref].type)
