"""The library called wrongly, by many at once, or by somebody who wants to change what it computes."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import vbc_rules as vbc
from tests.hostile.test_data import RULES, given


@pytest.fixture
def program(tmp_path: Path) -> vbc.Program:
    (tmp_path / "rules.yaml").write_text(RULES)
    return vbc.load(tmp_path / "rules.yaml")


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "acme",
        "../../etc/passwd",
        "cms/hospital-vbp@1999",
        "a\0b",
        "x" * 10_000,
        "\0.yaml",
        "x" * 10_000 + ".yaml",
    ],
)
def test_no_such_program(name: str) -> None:
    with pytest.raises(vbc.UsageError) as error:
        vbc.load(name)
    assert error.value.code == "VBC971"


@pytest.mark.parametrize("source", [None, 1, b"rules.yaml", ["rules.yaml"], {}, object()])
def test_what_is_no_program(source: object) -> None:
    with pytest.raises(vbc.UsageError):
        vbc.load(source)  # type: ignore[arg-type]


def test_unknown_names(program: vbc.Program) -> None:
    result = program.evaluate(given())
    for name in ("earnt", "", "earned.earned", "hospital.", "measure.met.x"):
        with pytest.raises(vbc.UsageError):
            result.explain(name)
        with pytest.raises(KeyError):
            result[name]
    for instance in (("nobody",), (0,), ("screening", "falls"), (None,)):
        with pytest.raises(vbc.UsageError):
            result.explain("met", *instance)
    for item in (1, -1, 10**9, "0"):
        with pytest.raises(vbc.UsageError):
            result.explain("days", item)
    with pytest.raises(vbc.UsageError):
        program.with_parameters(share="5%")
    with pytest.raises(vbc.InputError):
        program.evaluate(given(), parameters={"share": "5%"})
    with pytest.raises(vbc.InputError):
        program.evaluate(given(), cohort={"share": "5%"})


def test_both_engines_agree(program: vbc.Program) -> None:
    fast, plain = program.evaluate(given()), program.evaluate(given(), engine="oracle")
    assert fast.to_dict() == plain.to_dict()
    with pytest.raises(vbc.UsageError, match="engine"):
        program.evaluate(given(), engine="quick")  # type: ignore[arg-type]


def test_many_at_once(program: vbc.Program) -> None:
    rows = [given(hospital=str(number), paid=f"{number}.25") for number in range(200)]
    expected = [program.evaluate(row).to_json() for row in rows]

    def everything(_: int) -> list[str]:
        return [program.evaluate(row).to_json() for row in rows]

    with ThreadPoolExecutor(8) as pool:
        assert all(found == expected for found in pool.map(everything, range(8)))


def test_the_same_file_is_the_same_program(program: vbc.Program, tmp_path: Path) -> None:
    other = vbc.load(tmp_path / "rules.yaml")
    assert (program == other, hash(program) == hash(other)) == (True, True)
    assert program != RULES
    for twin in (pickle.loads(pickle.dumps(program)), copy.copy(program), copy.deepcopy(program)):  # noqa: S301 - its own
        assert twin == program
        assert twin.evaluate(given()).to_json() == program.evaluate(given()).to_json()


def test_nothing_can_be_changed(program: vbc.Program) -> None:
    result = program.evaluate(given())
    before = result.to_json()
    for thing, name in ((program, "title"), (program, "_engine"), (result, "trace"), (program.resolved, "steps")):
        with pytest.raises((AttributeError, TypeError)):
            setattr(thing, name, None)
        with pytest.raises((AttributeError, TypeError)):
            delattr(thing, name)
    with pytest.raises(TypeError):
        result["earned"] = 1  # type: ignore[index]
    result.to_dict().clear()
    inputs = given()
    again = program.evaluate(inputs)
    inputs.clear()
    assert again.to_json() == before


def test_errors_survive_a_process(program: vbc.Program) -> None:
    with pytest.raises(vbc.InputError) as caught:
        program.evaluate(given(paid="x"))
    twin = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - its own
    assert twin.to_dict() == caught.value.to_dict()
