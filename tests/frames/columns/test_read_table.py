"""Tables become the rows that files of rows become, or are refused in the same words, by column and row."""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas
import polars
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vbc_rules as vbc
from tests.benchmarks.population import make_forced, make_population
from vbc_rules.errors import InputError, UsageError
from vbc_rules.frames import read_mapping, read_rows
from vbc_rules.frames.columns import read_table
from vbc_rules.frames.columns.keys import is_ascending
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Row

Make = Callable[[Mapping[str, Any]], Any]
Told = list[tuple[str, int | None, str, str]]

TEXT: Mapping[str, list[str]] = {
    "hospital": ["010002", "010001", "Ä3"],
    "payments": ["1,234.50", "$3", "1000000.00"],
    "rate": ["5.25%", "0%", "100.00 %"],
    "beds": ["12", "not_reported", "5,000"],
    "signed": ["yes", "no", "yes"],
    "track": ["basic", "enhanced", "basic"],
    "joined": ["2024-01-31", "2000-01-01", "2020-02-29"],
    "note": ["hello, world", "not_reported", " ümlaut "],
    "extra": ["-.5", "", "10.0"],
    "hai_1.score": ["1.124", "not_reported", "0"],
    "measure.hai_2.score": ["2", "0.5", "10.000"],
}
GRANTS: Mapping[str, list[str]] = {
    "hospital": ["010001", "010002", "010001"],
    "name": ["g1", "g1", "g2"],
    "amount": ["10.00", "$1,000", "5.5"],
}


def typed() -> Mapping[str, list[Any]]:
    return {
        "hospital": ["010002", "010001", "Ä3"],
        "payments": [Decimal("1234.50"), Decimal(3), Decimal(1000000)],
        "rate": [Decimal("0.0525"), Decimal(0), Decimal(1)],
        "beds": ["12", "not_reported", "5000"],
        "signed": [True, False, True],
        "track": ["basic", "enhanced", "basic"],
        "joined": [datetime.date(2024, 1, 31), datetime.date(2000, 1, 1), datetime.date(2020, 2, 29)],
        "note": ["hello, world", "not_reported", " ümlaut "],
        "extra": [Decimal("-0.5"), None, Decimal("10.0")],
        "hai_1.score": ["1.124", "not_reported", "0"],
        "measure.hai_2.score": [Decimal("2.000"), Decimal("0.5"), Decimal(10)],
    }


def written(folder: Path) -> Path:
    for name, columns in (("hospital", TEXT), ("grant", GRANTS)):
        frame = pandas.DataFrame(columns)
        frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def rows_of(program: vbc.Program, folder: Path) -> tuple[Row, ...]:
    """Read the data as files of rows."""
    return tuple(program.read_cohort(read_rows(None, written(folder), program.resolved).rows).participants)


def told(read: Callable[[], object]) -> Told:
    with pytest.raises(InputError) as caught:
        read()
    assert json.dumps(caught.value.to_dict())
    return [(str(one.code), one.row, one.where, one.message) for one in caught.value.problems]


def test_text_is_read_as_files_of_rows_are(program: vbc.Program, make: Make, tmp_path: Path) -> None:
    found = read_table({"hospital": make(TEXT), "grant": make(GRANTS)}, program)
    assert tuple(found.table) == rows_of(program, tmp_path)
    assert list(found.numbers) == [2, 1, 3]


def test_values_of_types_are_the_same_rows(program: vbc.Program, make: Make, tmp_path: Path) -> None:
    grants = {**GRANTS, "amount": [Decimal(10), Decimal(1000), Decimal("5.5")]}
    found = read_table({"hospital": make(typed()), "grant": make(grants)}, program)
    assert tuple(found.table) == rows_of(program, tmp_path)


def test_a_table_is_a_population(program: vbc.Program, make: Make, tmp_path: Path) -> None:
    population = read_table({"hospital": make(TEXT), "grant": make(GRANTS)}, program).population()
    found = program.evaluate_population(population, engine="columns")
    expected = program.evaluate_cohort(read_rows(None, written(tmp_path), program.resolved).rows, engine="scalar")
    assert found.to_rows() == expected.to_rows()


@pytest.mark.parametrize(
    "column",
    [
        polars.Series([1, 2, 3], dtype=polars.UInt8),
        polars.Series([1, 2, 3], dtype=polars.UInt64),
        polars.Series([1, 2, 3], dtype=polars.Int64),
        polars.Series(["1", "2", "3"], dtype=polars.Categorical),
        polars.Series([Decimal("1.00"), Decimal(2), Decimal(3)], dtype=polars.Decimal(10, 2)),
    ],
    ids=lambda column: str(column.dtype),
)
def test_whole_numbers_of_every_width_are_taken(program: vbc.Program, column: polars.Series) -> None:
    frame = polars.DataFrame({**TEXT, "beds": ["1", "2", "3"], "payments": ["1", "2", "3"]})
    frame = frame.with_columns(column.alias("beds"), column.alias("payments"))
    found = read_table({"hospital": frame, "grant": polars.DataFrame(GRANTS)}, program).table
    assert [row[1] for row in found] == [200, 100, 300]
    assert [row[3] for row in found] == [2, 1, 3]


def test_wide_decimals_and_chunks_are_taken(alone: vbc.Program) -> None:
    payments = pyarrow.array([Decimal("7.10")], pyarrow.decimal256(60, 4))
    chunks = [pyarrow.table({**GOOD, "payments": payments, "hospital": [key]}) for key in ("b", "a")]
    found = read_table(pyarrow.concat_tables(chunks), alone)
    assert tuple(found.table) == (("a", 710, 500, 10, 5), ("b", 710, 500, 10, 5))


def test_dates_with_midnight_are_dates(program: vbc.Program) -> None:
    frame = pandas.DataFrame({**TEXT, "joined": pandas.to_datetime(TEXT["joined"])})
    plain = read_table({"hospital": pandas.DataFrame(TEXT), "grant": pandas.DataFrame(GRANTS)}, program)
    assert tuple(read_table({"hospital": frame, "grant": pandas.DataFrame(GRANTS)}, program).table) == tuple(
        plain.table
    )
    frame["joined"] += pandas.Timedelta(seconds=1)
    assert told(lambda: read_table({"hospital": frame, "grant": pandas.DataFrame(GRANTS)}, program))[0] == (
        "VBC903",
        1,
        "joined",
        "column `joined` is a date with a time of day; pass the date alone, `.date()`",
    )


def test_members_may_have_a_table_of_their_own(program: vbc.Program, make: Make, tmp_path: Path) -> None:
    own = {name: column for name, column in TEXT.items() if not name.endswith(".score")}
    measures = {
        "hospital": ["Ä3", "010001", "010002", "010001", "010002", "Ä3"],
        "measure": ["hai_1", "hai_2", "hai_1", "hai_1", "hai_2", "hai_2"],
        "score": ["0", "0.5", "1.124", "not_reported", "2", "10"],
    }
    found = read_table({"hospital": make(own), "measure": make(measures), "grant": make(GRANTS)}, program)
    assert tuple(found.table) == rows_of(program, tmp_path)


# --- one table, and what is wrong with it

GOOD: Mapping[str, list[Any]] = {
    "hospital": ["a"],
    "payments": [Decimal("1.00")],
    "share": [Decimal("0.05")],
    "cases": [10],
    "kept": [5],
}


def test_one_row_is_a_table(alone: vbc.Program, make: Make) -> None:
    assert tuple(read_table(make(GOOD), alone).table) == (("a", 100, 500, 10, 5),)


WORD = "is a word where a number is declared; write a number, or declare the word under `missing`"
EMPTY = "is empty; write a value"
FLOAT = "is a binary float, which cannot carry exact digits; pass Decimal or text, or load with floats='shortest'"
PERCENT = "pass text such as `77.5%`, or a Decimal fraction such as Decimal('0.775')"
CASES = "is out of range; write 0 to 1,000"


@pytest.mark.parametrize(
    ("name", "cell", "code", "message"),
    [
        ("cases", "x", "VBC925", WORD),
        ("cases", 1001, "VBC906", CASES),
        ("cases", -1, "VBC906", CASES),
        ("cases", "1001", "VBC906", CASES),
        ("cases", True, "VBC903", "is yes or no where a count is declared; pass Decimal or text"),
        ("cases", Decimal("1.5"), "VBC905", "has decimals; write a whole number"),
        ("cases", None, "VBC926", EMPTY),
        ("cases", float("nan"), "VBC926", EMPTY),
        ("share", None, "VBC926", f"{EMPTY}, or `not_reported`"),
        ("share", "excluded", "VBC925", WORD),
        ("share", 1, "VBC903", f"is a whole number where a percent is declared; {PERCENT}"),
        ("share", Decimal("0.00055"), "VBC905", "has more decimals than declared; write at most 2"),
        ("payments", Decimal("0.001"), "VBC905", "has more decimals than declared; write at most 2"),
        ("payments", Decimal("1e30"), "VBC906", "is out of range; write $0 to $1,000,000"),
        ("payments", 1.5, "VBC904", FLOAT),
        ("payments", datetime.date(2024, 1, 1), "VBC903", "is not a money; pass Decimal or text"),
        ("hospital", None, "VBC929", "is empty; write the identifier"),
        ("hospital", " a", "VBC929", "has spaces around it, or characters that cannot be seen"),
        ("hospital", "a" * 201, "VBC929", "is longer than 200 characters; write a shorter identifier"),
    ],
)
def test_a_bad_cell_is_told_by_column_and_row(
    alone: vbc.Program, make: Make, name: str, cell: object, code: str, message: str
) -> None:
    (found,) = told(lambda: read_table(make({**GOOD, name: [cell]}), alone))
    assert found[:3] == (code, 1, name)
    # The message of a cell of text is that of files, which say where `missing` stands.
    assert found[3].startswith(f"column `{name}` {message}")


def test_identifiers_are_text(alone: vbc.Program, make: Make) -> None:
    message = "column `hospital` is not text; write the identifier as text, with its leading zeros"
    assert told(lambda: read_table(make({**GOOD, "hospital": [1]}), alone)) == [("VBC903", None, "hospital", message)]


def test_every_bad_row_is_told_and_the_first_thousand_in_full(alone: vbc.Program, make: Make) -> None:
    size = 3000
    columns = {name: column * size for name, column in GOOD.items()}
    frame = make({**columns, "hospital": [f"{n:05}" for n in range(size)], "cases": [2000] * size, "kept": [-1] * size})
    found = told(lambda: read_table(frame, alone))
    assert len(found) == 1000
    assert [(row, where) for _, row, where, _ in found[:3]] == [(1, "cases"), (1, "kept"), (2, "cases")]


def test_a_column_that_is_missing_or_unknown_is_told(alone: vbc.Program, make: Make) -> None:
    columns = {("casse" if name == "cases" else name): column for name, column in GOOD.items()}
    assert told(lambda: read_table(make(columns), alone)) == [
        ("VBC923", None, "", "the table of hospital has the unknown column `casse`; write `cases`"),
        ("VBC922", None, "", "the table of hospital has no column `cases`"),
    ]
    assert told(lambda: read_table(make({"x": ["a"]}), alone)) == [
        (
            "VBC922",
            None,
            "",
            "the table of hospital has no column of the program; name its columns, or give a mapping",
        )
    ]


def test_an_empty_table_is_told(alone: vbc.Program, make: Make) -> None:
    empty: dict[str, list[Any]] = {name: [] for name in GOOD}
    assert told(lambda: read_table(make(empty), alone)) == [
        ("VBC920", None, "", "the table of hospital has column names and no rows")
    ]


def test_identifiers_that_stand_twice_are_told(alone: vbc.Program, make: Make) -> None:
    columns = {name: column * 4 for name, column in GOOD.items()}
    assert told(lambda: read_table(make({**columns, "hospital": ["b", "a", "b", "b"]}), alone)) == [
        ("VBC910", 3, "hospital", "the same hospital stands in row 1 already"),
        ("VBC910", 4, "hospital", "the same hospital stands in row 1 already"),
    ]


def test_a_column_of_several_kinds_is_told(alone: vbc.Program) -> None:
    frame = pandas.DataFrame({**GOOD, "cases": pandas.Series(["1"], dtype=object)})
    frame = pandas.concat([frame, pandas.DataFrame({**GOOD, "hospital": ["b"]})], ignore_index=True)
    assert told(lambda: read_table(frame, alone)) == [
        ("VBC925", None, "", "column `cases` holds values of several kinds; make it all text, or all of one type")
    ]


def test_an_index_of_pandas_is_no_column(alone: vbc.Program) -> None:
    frame = pandas.DataFrame(GOOD, index=["x"])
    assert len(read_table(frame, alone)) == 1


def test_what_is_no_table_is_refused(alone: vbc.Program) -> None:
    for what in ([1, 2], polars.LazyFrame(GOOD)):
        with pytest.raises(UsageError, match="that is no table; give a pandas, Polars or PyArrow table"):
            read_table(what, alone)
    twice = pyarrow.table([["a"], ["b"]], names=["hospital", "hospital"])
    with pytest.raises(UsageError, match="a table has the column `hospital` 2 times; keep one"):
        read_table(twice, alone)
    with pytest.raises(UsageError, match="`floats` is one of two words"):
        read_table(polars.DataFrame(GOOD), alone, floats="nearest")  # type: ignore[arg-type]


def test_items_are_checked(program: vbc.Program, make: Make) -> None:
    grants: dict[str, list[Any]] = {
        "hospital": ["010001", "nobody", "010002", "010002", "010002", "010002", "010001"],
        "name": ["g1", "g2", "a", "b", "c", "d", "g1"],
        "amount": [1, 2, 3, 4, 5, 6, 7],
    }
    assert told(lambda: read_table({"hospital": make(TEXT), "grant": make(grants)}, program)) == [
        (
            "VBC927",
            2,
            "hospital",
            "this hospital of grant has no row in hospital; add it there, or declare `unmatched: ignore`",
        )
    ]
    without = {name: [*column[:1], *column[2:]] for name, column in grants.items()}
    assert told(lambda: read_table({"hospital": make(TEXT), "grant": make(without)}, program)) == [
        ("VBC911", 1, "grant", "has 4 items where at most 3 are declared; leave some out"),
        ("VBC910", 6, "grant.name", "column `name` is also that of row 1; give each item of a hospital its own"),
    ]
    assert told(lambda: read_table(make(TEXT), program)) == [
        ("VBC920", None, "grant", "there is no table for it; give one, as in {'grant': ..}")
    ]


# --- absences and floats


def test_what_a_missing_value_means_is_said(alone: vbc.Program, make: Make) -> None:
    columns = {name: column * 2 for name, column in GOOD.items()}
    frame = make({**columns, "hospital": ["a", "b"], "share": [Decimal("0.5"), None]})
    table = read_table(frame, alone, missing={"": "not_reported"}).table
    assert [row[2] for row in table] == [5000, Absent("not_reported")]
    with pytest.raises(
        UsageError, match="no input may be absent for a reason given in `missing`; write `not_reported`"
    ):
        read_table(frame, alone, missing={"": "unknown"})


def test_numbers_that_mean_an_absence_are_never_values(program: vbc.Program) -> None:
    frame = polars.DataFrame({**TEXT, "beds": [-9, 5, 4]})
    found = read_table({"hospital": frame, "grant": polars.DataFrame(GRANTS)}, program, missing={"-9": "excluded"})
    assert [row[3] for row in found.table] == [5, Absent("excluded"), 4]


def test_an_input_that_is_not_expected_may_be_null(program: vbc.Program, tmp_path: Path) -> None:
    frame = polars.DataFrame(typed())
    assert frame["extra"].null_count() == 1
    found = read_table({"hospital": frame, "grant": polars.DataFrame(GRANTS)}, program)
    assert tuple(found.table) == rows_of(program, tmp_path)


def test_floats_are_taken_by_their_shortest_text(alone: vbc.Program, make: Make) -> None:
    frame = make({**GOOD, "payments": [0.1], "share": [0.29]})
    assert tuple(read_table(frame, alone, floats="shortest").table) == (("a", 10, 2900, 10, 5),)
    wrong = make({**GOOD, "payments": [0.1 + 0.2]})
    assert told(lambda: read_table(wrong, alone, floats="shortest")) == [
        (
            "VBC904",
            1,
            "payments",
            "column `payments` is a binary float with more than 15 significant digits; pass Decimal or text",
        )
    ]


@given(st.lists(st.floats(min_value=-5, max_value=2e6) | st.integers(0, 10**8).map(lambda c: c / 100), min_size=1))
def test_floats_are_taken_as_single_ones_are(alone: vbc.Program, numbers: list[float]) -> None:
    strict = vbc.load(_path_of(alone), floats="shortest")
    rows = [{**{name: column[0] for name, column in GOOD.items()}, "payments": number} for number in numbers]
    for number, row in zip(numbers, rows, strict=True):
        frame = polars.DataFrame({**GOOD, "payments": [number]})
        try:
            expected: object = strict.read_cohort([row]).participants[0][1]
        except InputError as error:
            expected = error.problems[0].code
        try:
            found: object = read_table(frame, alone, floats="shortest").table[0][1]
        except InputError as error:
            found = error.problems[0].code
        assert found == expected


def _path_of(program: vbc.Program) -> str:
    return program._name


@given(
    st.lists(
        st.decimals(-2, 2 * 10**6, places=3, allow_nan=False)
        | st.integers(-3, 10**20).map(lambda n: Decimal(n) / 1000)
        | st.sampled_from([Decimal(10) ** 25, Decimal(2) ** 63, Decimal(2) ** 63 / 100]),
        min_size=1,
        max_size=30,
    )
)
def test_decimals_are_taken_as_single_ones_are(alone: vbc.Program, numbers: list[Decimal]) -> None:
    with decimal.localcontext(prec=60):
        kind = pyarrow.decimal128(38, 3)
        count = len(numbers)
        keys = [f"{place:03}" for place in range(count)]
        rounded = [number.quantize(Decimal("0.001")) for number in numbers]
    frame = pyarrow.table(
        {**{n: c * count for n, c in GOOD.items()}, "hospital": keys, "payments": pyarrow.array(rounded, kind)}
    )
    wanted = [number if 0 <= number <= 10**6 and Fraction(number) * 100 % 1 == 0 else None for number in rounded]
    if None in wanted:
        assert [row for _, row, _, _ in told(lambda: read_table(frame, alone))] == [
            row for row, number in enumerate(wanted, 1) if number is None
        ]
    else:
        assert [row[1] for row in read_table(frame, alone).table] == [
            number * 100 for number in wanted if number is not None
        ]


@given(st.lists(st.from_regex(r"-?\$?[0-9,]{0,9}(\.[0-9]{0,3})?%?( not_reported)?", fullmatch=True), min_size=1))
def test_texts_are_taken_as_those_of_files_are(alone: vbc.Program, texts: list[str]) -> None:
    from vbc_rules.frames.cells import CellError, make_reader
    from vbc_rules.frames.plain import field_of

    entry = next(one for one in alone.resolved.inputs.values() if one.ref.name == "payments")
    read = make_reader(field_of(entry, None, "payments"))
    for text in texts:
        frame = polars.DataFrame({**GOOD, "payments": [text]})
        row = {name: column[0] for name, column in GOOD.items()}
        try:
            expected: object = alone.read_cohort([{**row, "payments": read(text)}]).participants[0][1]
        except (CellError, InputError) as error:
            expected = str(error.code)
        try:
            found: object = read_table(frame, alone).table[0][1]
        except InputError as error:
            found = str(error.problems[0].code)
        assert found == expected


# --- mappings

MAPPING = """\
mapping: example/alone@2024
tables:
  main: {file: main.csv, key: Id, where: {Model: [A, B]}}
  more: {file: more.csv, key: Who, unmatched: ignore, no_row: not_reported}
missing: {"-1": not_reported}
readings:
  points: {out_of: 10}
columns:
  hospital:
    - from: main
      inputs:
        payments: Paid
        cases: Cases
        kept: {column: Kept, reading: points}
    - from: more
      inputs:
        share: {column: Share, reading: bare_percent}
"""


def test_a_mapping_names_columns_readings_and_absences(alone: vbc.Program, make: Make, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(MAPPING)
    mapping = read_mapping(tmp_path / "m.yaml", alone.resolved)
    main = {
        "Id": ["c", "b", "a", "d"],
        "Model": ["A", "B", "A ", "C"],
        "Paid": [1, 2, 3, 4],
        "Cases": [10, 10, 10, 10],
        "Kept": ["7 out of 10", "1 out of 10", "0 out of 10", "none"],
        "Other": ["x", "x", "x", "x"],
    }
    more = {"Who": ["z", "a", "b"], "Share": [Decimal(5), Decimal("7.25"), Decimal(-1)]}
    found = read_table({"main": make(main), "more": make(more)}, alone, mapping)
    for name, columns in (("main", main), ("more", more)):
        pandas.DataFrame(columns).to_csv(tmp_path / f"{name}.csv", index=False)
    rows = read_rows(mapping, tmp_path, alone.resolved)
    assert rows.problems == ()
    assert tuple(found.table) == tuple(alone.read_cohort(rows.rows).participants)
    assert [row[2] for row in found.table] == [725, Absent("not_reported"), Absent("not_reported")]
    assert list(found.numbers) == [3, 2, 1]


def test_a_percent_column_of_numbers_needs_its_reading(alone: vbc.Program, make: Make, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(MAPPING.replace("{column: Share, reading: bare_percent}", "Share"))
    mapping = read_mapping(tmp_path / "m.yaml", alone.resolved)
    main = {"Id": ["a"], "Model": ["A"], "Paid": [1], "Cases": [10], "Kept": ["7 out of 10"]}
    more = {"Who": ["a"], "Share": [Decimal(5)]}
    assert told(lambda: read_table({"main": make(main), "more": make(more)}, alone, mapping)) == [
        (
            "VBC925",
            1,
            "share",
            (
                "column `Share` is a column of numbers where its reading is `percent`; "
                "declare `fraction` or `bare_percent`, or give text"
            ),
        )
    ]


PARTS = """\
mapping: example/alone@2024
tables:
  main: {file: main.csv, key: Id}
columns:
  hospital:
    - from: main
      inputs:
        payments: {column: Paid, reading: hundredths}
        share: {column: Share, reading: ten_thousandths}
        cases: Cases
        kept: Kept
"""


def test_whole_numbers_may_count_cents_and_basis_points(alone: vbc.Program, make: Make, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(PARTS)
    mapping = read_mapping(tmp_path / "m.yaml", alone.resolved)
    columns = {"Id": ["a", "b"], "Paid": [12345, 0], "Share": [725, 10_000], "Cases": [1, 2], "Kept": [1, 2]}
    found = read_table(make(columns), alone, mapping).table
    pandas.DataFrame(columns).to_csv(tmp_path / "main.csv", index=False)
    rows = read_rows(mapping, tmp_path, alone.resolved)
    assert rows.problems == ()
    assert rows.rows[0]["payments"] == "123.45"
    assert tuple(found) == tuple(alone.read_cohort(rows.rows).participants)
    assert [row[1:3] for row in found] == [(12345, 725), (0, 10_000)]
    fine = make({**columns, "Share": [725, 10_001]})
    assert told(lambda: read_table(fine, alone, mapping)) == [
        ("VBC906", 2, "share", "column `Share` is out of range; write 0% to 100%")
    ]
    decimals = make({**columns, "Paid": [Decimal("1.5"), Decimal(1)]})
    assert told(lambda: read_table(decimals, alone, mapping)) == [
        (
            "VBC925",
            1,
            "payments",
            "column `Paid` is no column of whole numbers, as its reading `hundredths` says; give such",
        )
    ]


def test_order_is_that_of_identifiers_as_text() -> None:
    keys = ["", "a", "b", "ä", "\U0001f600"]
    assert keys == sorted(keys)
    assert is_ascending(pyarrow.array(keys, pyarrow.large_string()))
    assert not is_ascending(pyarrow.array(["a", "a"], pyarrow.large_string()))


def test_members_in_a_table_of_their_own_have_one_row_each(program: vbc.Program, make: Make) -> None:
    own = {name: column for name, column in TEXT.items() if not name.endswith(".score")}
    measures = {
        "hospital": ["Ä3", "010001", "010002", "010001", "010002", "010002"],
        "measure": ["hai_1", "hai_2", "hai_1", "hai_9", "hai_2", "hai_1"],
        "score": ["0", "0.5", "1.124", "1", "2", "11"],
    }
    given = {"hospital": make(own), "measure": make(measures), "grant": make(GRANTS)}
    assert told(lambda: read_table(given, program)) == [
        ("VBC906", 6, "measure.score", "column `score` is out of range; write 0 to 10"),
    ]
    given["measure"] = make({**measures, "score": ["1"] * 6})
    assert told(lambda: read_table(given, program)) == [
        ("VBC925", 4, "measure", "column `measure` names none of the members declared for it"),
        ("VBC910", 6, "measure.hai_1", "the same hospital has row 3 for it already"),
        ("VBC927", 2, "measure.hai_1", "this hospital has no row for it in measure"),
        ("VBC927", 3, "measure.hai_2", "this hospital has no row for it in measure"),
    ]


def test_a_program_of_many_columns_is_read_as_its_rows_are() -> None:
    program = vbc.load(Path(__file__).parents[2] / "benchmarks" / "program.yaml")
    for rows in (make_population(program.resolved, 150), make_forced(program.resolved, 150)):
        frame = pyarrow.Table.from_pylist([_flat(row) for row in reversed(rows)])
        found = read_table(frame, program, missing={"": "not_reported"})
        assert tuple(found.table) == tuple(program.read_cohort(rows).participants)


def _flat(row: Mapping[str, Any]) -> dict[str, object]:
    flat = {name: value for name, value in row.items() if name != "measure"}
    for member, measure in row["measure"].items():
        for name, value in measure.items():
            flat[f"measure.{member}.{name}"] = None if isinstance(value, Absent) else value
    return flat
