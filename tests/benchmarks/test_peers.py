"""What the library is compared with computes the same program: how many participants each gets wrong is counted right.

A peer that is not installed is skipped; `make bench-peers` has an environment with all of them. No times are asserted.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

if importlib.util.find_spec("numpy") is None:
    pytest.skip("numpy is not installed; the extra `columns` brings it", allow_module_level=True)

import numpy as np

import vbc_rules as vbc
from tests.benchmarks.peers import decimal_by_hand, files, measuring, ours, report
from tests.benchmarks.peers.correctness import Wrong, judged, wrong
from tests.benchmarks.peers.known import PEERS, Known, known
from tests.benchmarks.peers.measuring import Figure, Report, Size, Timed
from tests.benchmarks.peers.ours import Columns
from tests.benchmarks.peers.rows import Outcomes, Rows, forced, plausible, together
from tests.benchmarks.peers.terms import WORKLOAD, Terms, alone, terms

FLOATS = ("float", "Float64", "DOUBLE")
"""What the name of a way over binary floats contains: these may be wrong, all others may not."""


@pytest.fixture(scope="module")
def numbers() -> Terms:
    return terms()


@pytest.fixture(scope="module")
def columns(numbers: Terms) -> Columns:
    return ours.columns(numbers)


@pytest.fixture(scope="module")
def peers(numbers: Terms) -> dict[str, Known]:
    return {peer.module: peer for peer in known(numbers)}


@pytest.fixture(scope="module")
def rows(numbers: Terms) -> Rows:
    return together(plausible(numbers, 100), forced(numbers, 100))


def test_the_workload_has_no_findings() -> None:
    assert vbc.check_file(WORKLOAD) == ()


def test_the_workload_without_its_pool_has_no_findings_and_needs_no_cohort() -> None:
    program = alone()
    assert program.warnings == ()
    assert not program.needs_cohort


def test_the_workload_has_25_measures_in_five_domains(numbers: Terms) -> None:
    assert len(numbers.measures) == 25
    assert [domain.weight for domain in numbers.domains] == [25, 25, 20, 20, 10]
    assert sum(measure.lower for measure in numbers.measures) == 5


def test_the_columns_are_the_oracles(columns: Columns, rows: Rows) -> None:
    assert columns.differences(rows) == 0


def test_rows_hold_every_branch(numbers: Terms, columns: Columns) -> None:
    rows = together(plausible(numbers, 300), forced(numbers, 300))
    found = columns.outcomes(columns.engine.compute(columns.population(rows)))
    assert set(found.tier.tolist()) == {0, 15, 30, 45, 60}
    assert -1 in found.domain_scores
    assert found.shared is not None
    assert 0 < (found.shared > 0).sum() < len(rows)
    assert not rows.attested.all()
    assert (rows.numerator <= rows.denominator).all()


def test_what_is_shared_is_what_was_not_earned(columns: Columns, rows: Rows) -> None:
    found = columns.outcomes(columns.engine.compute(columns.population(rows)))
    assert found.shared is not None
    assert found.shared.sum() == rows.payments.sum() * 5 // 100 - found.earned.sum()


def test_keeping_only_results_gives_the_same_results(columns: Columns, rows: Rows) -> None:
    ways = [way for way in columns.ways() if way.outcomes is not None]
    assert [way.name for way in ways] == ["every value kept, with the pool", "results kept, with the pool"]
    assert [judged(way, rows, columns) for way in ways] == [Wrong(200, 0, 0, 0, 0)] * 2


def test_files_of_whole_numbers_and_of_decimals_give_the_same_payments(numbers: Terms, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra `frames` brings it")
    pytest.importorskip("narwhals", reason="the extra `frames` brings it")
    found = []
    kinds: tuple[files.Kind, ...] = ("whole", "decimal")
    for kind in kinds:
        files.write(tmp_path / "in.parquet", numbers, 300, kind)
        files.run(tmp_path / "in.parquet", tmp_path / "out.parquet", numbers, kind, batch_rows=100)
        found.append(parquet.read_table(tmp_path / "out.parquet"))
    assert found[0].equals(found[1])
    wanted = ours.columns(numbers)
    outcomes = wanted.outcomes(wanted.engine.compute(wanted.population(plausible(numbers, 300))))
    assert [int(cents * 100) for cents in found[0]["earned"].to_pylist()] == outcomes.earned.tolist()
    assert outcomes.shared is not None
    assert [int(cents * 100) for cents in found[0]["shared"].to_pylist()] == outcomes.shared.tolist()


def test_one_at_a_time_gives_what_columns_give(numbers: Terms, columns: Columns, rows: Rows) -> None:
    ways = [way for way in ours.setup(numbers) if way.outcomes is not None]
    assert {way.name: judged(way, rows, columns).any for way in ways} == {
        "a row already read, with trace": 0,
        "from a mapping of Decimals, with trace": 0,
        "from JSON, with trace": 0,
    }


@pytest.mark.filterwarnings("ignore")  # of the peers' own making
@pytest.mark.parametrize("module", PEERS)
def test_a_peer_computes_the_workload(module: str, peers: dict[str, Known], columns: Columns, rows: Rows) -> None:
    peer = peers[module]
    if peer.missing:
        pytest.skip(peer.missing)
    assert peer.cannot.endswith(".")
    for way in peer.ways:
        if way.outcomes is None:
            way.run(way.prepare(rows)[0])
            continue
        found = judged(way, rows, columns)
        assert found.rows == 200
        assert found.shares is None or way.name.endswith("with the pool")
        if any(word in way.name for word in FLOATS):
            assert 0 < found.any < 200, way.name
        else:
            assert (found.any, found.payments, found.worst, found.shares or 0) == (0, 0, 0, 0), way.name


def test_a_peer_that_is_not_installed_is_reported(monkeypatch: pytest.MonkeyPatch, numbers: Terms) -> None:
    def setup(_: Terms) -> tuple[()]:
        raise ModuleNotFoundError("No module named 'absent'", name="absent")

    monkeypatch.setattr(decimal_by_hand, "setup", setup)
    peer = next(peer for peer in known(numbers) if peer.module == "decimal_by_hand")
    assert (peer.missing, peer.ways) == ("`absent` is not installed", ())


def _outcomes(**changes: list[int]) -> Outcomes:
    plain = {"weighted": [5, 5, 5], "tier": [0, 0, 15], "earned": [0, 0, 700], "shared": [1, 0, 0], **changes}
    return Outcomes(np.array([[1, 2, 3]]), **{name: np.array(values) for name, values in plain.items()})


def test_wrong_participants_are_counted_once() -> None:
    found = _outcomes(weighted=[5, 6, 5], earned=[0, 3, 100], shared=[0, 1, 0])
    assert wrong(_outcomes(), found) == Wrong(rows=3, any=2, payments=2, worst=600, shares=2)
    assert wrong(_outcomes(), Outcomes(found.domain_scores, found.weighted, found.tier, found.earned)).shares is None


def test_a_bar_is_least_or_greatest() -> None:
    least, most = Figure("a", 1.3, "times", 1.1, 1.5), Figure("b", 6.0, "%", 5, at_most=True)
    assert (least.keeps(least.floor), least.keeps(least.goal), least.keeps(None)) == (True, False, None)
    assert most.keeps(most.floor) is False


def _report() -> Report:
    figures = [
        Figure("speed", 1.3, "times", 1.1, 1.5),
        Figure("pool", 6.0, "%", 5, at_most=True),
        Figure("free", 2, "x"),
    ]
    timed = [
        Timed("one", "first", "one", 12.34, 200, Wrong(50, 1, 2, 312, None), Wrong(50, 0, 0, 0, None)),
        Timed("two", "second", "columns", 0.5, 1000, None, None),
    ]
    return Report(Size(), [Known("two", "two", "1.0", "Nothing.", "", ())], timed, figures, 0, 100)


def test_the_page_has_ratios_ways_and_what_cannot_be_said() -> None:
    text = report.markdown(_report())
    for line in (
        "| speed | 1.30 times | at least 1.1 | at least 1.5 | the bar, not the goal |",
        "| pool | 6.00 % | at most 5 |  | **no** |",
        "| free | 2.00 x |  |  |  |",
        "| one | first | 12.3 | 200 | 1 of 50 | 0 of 50 | 2 | 3.12 | none made |",
        "| two | second | 0.50 | 1,000 |  |  |  |  |  |",
        "- **two 1.0**: Nothing.",
    ):
        assert line in text.splitlines()


def test_the_page_keeps_what_stands_around_the_tables(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.START}\nold\n{report.END}\nafter\n", encoding="utf-8")
    report.write_page(page, "new")
    assert page.read_text(encoding="utf-8") == f"before\n{report.START}\n\nnew\n\n{report.END}\nafter\n"


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"^page\.md has no marks; write <!-- peers: start --> and <!-- peers: end -->"
    ):
        report.write_page(page, "new")


def test_everything_is_written_as_data() -> None:
    found = json.loads(json.dumps(report.data(_report())))
    assert found["figures"][0]["keeps_goal"] is False
    assert found["ways"][0]["plausible"]["worst"] == 312
    assert found["peers"] == [{"name": "two", "version": "1.0", "missing": "", "cannot": "Nothing."}]


@pytest.mark.filterwarnings("ignore")  # of the peers' own making
def test_a_small_run_measures_everything() -> None:
    size = Size(
        ones=3,
        one_rounds=1,
        rows=300,
        rounds=1,
        by_hand=50,
        few=50,
        many=100,
        checked=50,
        checked_ones=10,
        oracle=10,
        in_file=200 if importlib.util.find_spec("narwhals") else 0,
        file_rounds=1,
        small_file=100,
    )
    said: list[str] = []
    found = measuring.measure(size, said.append)
    names = {figure.name for figure in found.figures}
    assert found.differing == 0
    assert {"Decimal by hand, every value", "two threads over one", "the pool, of the time of the whole"} <= names
    assert said[-1] == "comparing with the oracle"
