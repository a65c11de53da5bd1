"""Cohorts larger than memory: pools, ranks and groups over batches are those of the whole, and errors name rows."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars
import pyarrow
import pyarrow.parquet
import pytest

import vbc_rules as vbc
from vbc_rules.cli import main
from vbc_rules.errors import EvaluationError, InputError, UsageError
from vbc_rules.frames.columns import evaluate_table, read_table, run_parquet, to_frame
from vbc_rules.run.columns.batched import BatchedRun

POOL: Final = """\
program: example/batches
edition: '2024'
language: 1
title: Two pools, one after the other
participant: {level: practice, identifier: public}
in_force: {from: 2024-01-01, through: 2024-12-31}
currency: USD
levels:
  organization: {groups: practice, by: organization_id}
inputs:
  cohort:
    fund: {type: money, range: "$0 to $1,000,000,000"}
  organization:
    board: {type: yes_no}
  practice:
    organization_id: {type: identifier, may_be: not_applicable}
    score: {type: points, decimals: 2, range: 0 to 100, may_be: not_reported}
    visits: {type: count, range: 0 to 1000000}
    seen: {type: count, range: 0 to 1000000}
    signed: {type: yes_no}
expected:
  practice:
    - seen <= visits
values:
  practice:
    weight: {needs: score, formula: score * visits}
    place: {rank: weight, within: cohort, better: higher, ties: competition, absent: ignore}
    in_group:
      percentile_rank: weight
      within: organization
      better: higher
      definition: midpoint
      ties: share
      absent: ignore
    governed: {formula: organization_id is missing or (board is not missing and board)}
    much: {formula: "reward > $100", illustrative: yes}
  organization:
    weights: {formula: sum(present weight)}
  cohort:
    paid: {formula: sum(reward)}
    bonus_fund: {formula: fund / 10, round: 2 half_up, illustrative: yes}
gates:
  practice:
    agreement: {require: signed, otherwise: not_in_program}
    held: {require: governed, otherwise: pays_nothing}
payments:
  practice:
    reward:
      needs: score
      allocate: fund
      in_proportion_to: weight
      remainder: largest
      ties: practice
      if_none: not_paid
      absent: pays_nothing
    bonus:
      only_if: much
      otherwise: not_applicable
      allocate: bonus_fund
      in_proportion_to: visits
      remainder: largest
      ties: practice
      if_none: not_paid
      absent: pays_nothing
"""
SIZE: Final = 1200
GROUPS: Final[Mapping[str, list[Mapping[str, object]]]] = {
    "organization": [{"organization_id": f"O{number}", "board": number != 3} for number in range(9)],
}


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> vbc.Program:
    path = tmp_path_factory.mktemp("pool") / "program.yaml"
    path.write_text(POOL)
    return vbc.load(path)


def practices(size: int = SIZE, *, shuffled: bool = False) -> dict[str, list[Any]]:
    chance = random.Random(7)  # noqa: S311 (test data)
    numbers = list(range(size))
    if shuffled:
        chance.shuffle(numbers)
    visits = [chance.choice((0, 10, 10, 400, 999_999)) for _ in numbers]
    return {
        "practice": [f"P{number:07}" for number in numbers],
        "organization_id": [chance.choice(("not_applicable", *(f"O{n}" for n in range(9)))) for _ in numbers],
        "score": [chance.choice(("not_reported", "70", "0", "99.99", "33.33")) for _ in numbers],
        "visits": visits,
        "seen": [chance.randint(0, most) for most in visits],
        "signed": [chance.random() < 0.9 for _ in numbers],
    }


def written(path: Path, columns: dict[str, list[Any]]) -> Path:
    polars.DataFrame(columns).write_parquet(path, row_group_size=500)
    return path


def whole(pool: vbc.Program, columns: dict[str, list[Any]], fund: str) -> Any:  # noqa: ANN401 (a result)
    return evaluate_table(pool, read_table(polars.DataFrame(columns), pool), cohort={"fund": fund}, groups=GROUPS)


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("batch_rows", [37, 500, SIZE, 5 * SIZE])
@pytest.mark.parametrize("kept_bytes", [0, 2**28])
def test_batches_give_what_the_whole_gives(
    pool: vbc.Program,
    tmp_path: Path,
    batch_rows: int,
    kept_bytes: int,
    *,
    shuffled: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vbc_rules.frames.columns.running.MOST_WHOLE", -1)  # in batches, or not at all
    columns = practices(shuffled=shuffled)
    path = written(tmp_path / "in.parquet", columns)
    summary = run_parquet(
        pool,
        path,
        tmp_path / "out.parquet",
        batch_rows=batch_rows,
        cohort={"fund": "1234567.89"},
        groups=GROUPS,
        kept_bytes=kept_bytes,
    )
    expected = whole(pool, columns, "1234567.89")
    found = pyarrow.parquet.read_table(tmp_path / "out.parquet")
    assert found.equals(to_frame(expected, "pyarrow"))
    assert summary.computed == SIZE
    bonus = sum(value.as_py() for value in found["bonus"] if value.is_valid)
    assert dict(summary.totals) == {"reward": "1234567.89", "bonus": "123456.79"}
    assert bonus == Decimal("123456.79")


def test_chosen_figures_need_no_others(pool: vbc.Program, tmp_path: Path) -> None:
    path = written(tmp_path / "in.parquet", practices())
    run_parquet(
        pool, path, tmp_path / "out.parquet", columns=["place"], cohort={"fund": "1"}, groups=GROUPS, batch_rows=99
    )
    found = pyarrow.parquet.read_table(tmp_path / "out.parquet")
    assert found.column_names == ["row", "practice", "place", "place_absent"]
    assert found["place"].equals(to_frame(whole(pool, practices(), "1"), "pyarrow")["place"])


def refused(pool: vbc.Program, path: Path, **given: Any) -> list[tuple[str, int | None, str, str]]:  # noqa: ANN401
    with pytest.raises(InputError) as caught:
        run_parquet(
            pool,
            path,
            path.with_name("out.parquet"),
            batch_rows=100,
            **{"cohort": {"fund": "1"}, "groups": GROUPS, **given},
        )
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    return [(str(one.code), one.row, one.where, one.message) for one in caught.value.problems]


def test_what_is_wrong_is_told_by_rows_of_the_file(pool: vbc.Program, tmp_path: Path) -> None:
    columns = practices(shuffled=True)
    columns["seen"][130] = columns["visits"][130] + 1
    columns["seen"][1130] = columns["visits"][1130] + 1
    problems = refused(pool, written(tmp_path / "in.parquet", columns))
    assert [(code, row, where) for code, row, where, _ in problems] == [
        ("VBC909", 131, "seen"),
        ("VBC909", 1131, "seen"),
    ]
    columns["score"][900] = "not_applicable"
    columns["visits"][2] = -1
    problems = refused(pool, written(tmp_path / "in.parquet", columns))
    assert {row for _, row, _, _ in problems} >= {3, 901}


def test_a_group_without_its_row_is_told(pool: vbc.Program, tmp_path: Path) -> None:
    path = written(tmp_path / "in.parquet", practices())
    problems = refused(pool, path, groups={"organization": GROUPS["organization"][:-1]})
    assert [(code, where) for code, _, where, _ in problems] == [("VBC901", "organization")]


def test_a_pool_that_cannot_be_shared_out_is_told_as_for_the_whole(tmp_path: Path) -> None:
    text = POOL.replace("if_none: not_paid", "if_none: error", 1)
    (tmp_path / "program.yaml").write_text(text)
    strict = vbc.load(tmp_path / "program.yaml")
    columns = practices()
    columns["score"] = ["0"] * SIZE
    path = written(tmp_path / "in.parquet", columns)
    with pytest.raises(EvaluationError) as expected:
        whole(strict, columns, "1")
    with pytest.raises(EvaluationError) as caught:
        run_parquet(strict, path, tmp_path / "out.parquet", cohort={"fund": "1"}, groups=GROUPS)
    assert str(caught.value) == str(expected.value)
    assert not (tmp_path / "out.parquet").exists()


def test_a_cohort_that_columns_do_not_compute_is_computed_whole_if_small(
    pool: vbc.Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ArithmeticError

    path = written(tmp_path / "in.parquet", practices())
    monkeypatch.setattr(BatchedRun, "evaluate", refuse)
    run_parquet(pool, path, tmp_path / "out.parquet", cohort={"fund": "100.01"}, groups=GROUPS)
    found = pyarrow.parquet.read_table(tmp_path / "out.parquet")
    assert found.equals(to_frame(whole(pool, practices(), "100.01"), "pyarrow"))
    monkeypatch.setattr("vbc_rules.frames.columns.running.MOST_WHOLE", SIZE - 1)
    with pytest.raises(UsageError, match="too large to be computed here in memory"):
        run_parquet(pool, path, tmp_path / "out2.parquet", cohort={"fund": "100.01"}, groups=GROUPS)
    assert not (tmp_path / "out2.parquet").exists()


# --- the command


def test_the_command_computes_a_parquet_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "program.yaml").write_text(POOL)
    (tmp_path / "organizations.csv").write_text(
        "organization_id,board\n" + "".join(f"O{number},{'no' if number == 3 else 'yes'}\n" for number in range(9))
    )
    path, out = written(tmp_path / "in.parquet", practices()), tmp_path / "out.parquet"
    call = [
        "run",
        str(tmp_path / "program.yaml"),
        "--data",
        str(path),
        "--output",
        str(out),
        "--cohort",
        "fund=1234567.89",
    ]
    groups = ["--groups", f"organization={tmp_path / 'organizations.csv'}"]
    assert main([*call, *groups, "--as-of", "2024-03-31", "--status", "provisional"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"computed 1,200, written to {out}",
        "total of reward: $1,234,567.89",
        "total of bonus: $123,456.79",
        "illustrative, not the payer's numbers: much, bonus_fund",
    ]
    found = pyarrow.parquet.read_table(out)
    assert set(found["data_as_of"].to_pylist()) == {"2024-03-31"}
    assert set(found["data_status"].to_pylist()) == {"provisional"}
    assert main([*call, *groups, "--on-error", "skip"]) == 2
    assert main([*call, *groups, "--groups-out", f"organization={tmp_path / 'out.csv'}"]) == 2
    assert main([*call, *groups, "--format", "json"]) == 2
    assert main([*call]) == 1
    told = capsys.readouterr().err
    assert "leave out `--on-error skip`" in told
    assert "the results of groups are not written for a Parquet file" in told
    assert "[VBC901]" in told
    assert main(["explain", *call[1:4], "reward", "--participant", "P0000001"]) == 2
    assert "one Parquet file of participants is read by `vbc-rules run`" in capsys.readouterr().err
