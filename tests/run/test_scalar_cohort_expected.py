"""What a program expects, of inputs that may be absent: what reads an absent value does not apply, computed directly.

Every combination of values and absences is asked of the oracle and of the generated code, which may not turn to it.
"""

from __future__ import annotations

from itertools import product

import pytest

from tests.run.cohort_sameness import assert_same_cohort
from tests.run.test_scalar_cohort import population_of, program_of
from vbc_rules.errors import EvaluationError, InputError
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import make_layouts
from vbc_rules.run.oracle import evaluate_cohort
from vbc_rules.run.scalar import compile_cohort
from vbc_rules.run.scalar.writing import Refused

UNKNOWN = Absent("unknown")

CONDITIONS = (
    "x or y",
    "x and y",
    "not (x and y)",
    "not x or y",
    "x and (y or a < b)",
    "(x or a < b) and (y or b <= 1)",
    "x is missing or x or y",
    "x is not missing and (x or y)",
    "a < b",
    "a = b",
    "a + 1 <= 2 * b",
    "a < b and x",
    "a in (b, 2)",
    "a not in (b, 2)",
    "x or a not in (b, 0)",
    "(if x then y else a < b)",
    "(if x then a else b) <= 1",
    "(if x is missing then y else x)",
    "max(a, b) >= 2",
    "x = y",
    "x != y or a > 0",
)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_what_is_expected_is_refused_exactly_where_the_oracle_refuses_it(condition: str) -> None:
    program = program_of(f"""
inputs:
  hospital:
    x: {{type: yes_no, may_be: unknown}}
    y: {{type: yes_no, may_be: unknown}}
    a: {{type: count, range: 0 to 2, may_be: unknown}}
    b: {{type: count, range: 0 to 2, may_be: unknown}}
expected: {{hospital: ["{condition}"]}}
values: {{cohort: {{how_many: {{formula: count(hospital)}}}}}}
""")
    layouts = make_layouts(program)
    engine = compile_cohort(program, layouts)
    refused = 0
    for given in product(*2 * [(True, False, UNKNOWN)], *2 * [(0, 1, 2, UNKNOWN)]):
        population = population_of(("a", *given))
        try:
            evaluate_cohort(program, layouts, population)
        except InputError:
            refused += 1
            with pytest.raises(Refused):
                engine.compute(population)
        else:
            engine.compute(population)
    assert 0 < refused < 9 * 16


ITEMS = (
    "count(case where good) <= 1",
    "count(case where cost > 1 and good) = 0",
    "sum(cost) <= 3",
    "sum(present cost) <= 3",
    "any(good)",
    "all(good)",
    "good_overall or all(good)",
    "mean(cost) >= 1",
    "good_overall or max(cost) < 2",
    "count(case) = 0 or sum(cost) <= 2",
)


@pytest.mark.parametrize("condition", ITEMS)
def test_what_is_expected_of_items_reads_them_in_their_order(condition: str) -> None:
    program = program_of(f"""
levels:
  case: {{in: hospital, list: yes, key: number, at_most: 5}}
inputs:
  hospital:
    good_overall: {{type: yes_no, may_be: unknown}}
  case:
    number: {{type: count, range: 0 to 9}}
    good: {{type: yes_no, may_be: unknown}}
    cost: {{type: count, range: 0 to 5, may_be: unknown}}
expected: {{hospital: ["{condition}"]}}
values: {{cohort: {{how_many: {{formula: count(hospital)}}}}}}
""")
    layouts = make_layouts(program)
    engine = compile_cohort(program, layouts)
    refused = 0
    ways = list(product((True, False, UNKNOWN), (0, 2, UNKNOWN)))
    lists = [items for length in range(3) for items in product(ways, repeat=length)]
    for overall, items in product((True, False, UNKNOWN), lists):
        rows = tuple((number, *item) for number, item in enumerate(items))
        population = population_of(("a", overall, rows))
        try:
            evaluate_cohort(program, layouts, population)
        except InputError:
            refused += 1
            with pytest.raises(Refused):
                engine.compute(population)
        else:
            engine.compute(population)
    assert refused


CELLS = """
levels:
  domain:
    in: hospital
    parameters: {most: {type: count, may_be: [not_public, open]}}
    members: {a: {most: 8}, b: {most: not_public}, c: {most: open}}
inputs:
  domain:
    in_place: {type: count, range: 0 to 9}
values:
  cohort: {all_in_place: {formula: sum(in_place)}}
"""


@pytest.mark.parametrize(
    ("expected", "limits"),
    [
        ("domain: [in_place <= most]", (8, 9, 9)),
        ("domain: [most is missing or in_place <= most]", (8, 9, 9)),
        ("domain: [in_place <= 8 and in_place <= most]", (8, 8, 8)),
        ("domain: [in_place > 8 or in_place <= most]", (9, 9, 9)),
        ("domain: [in_place <= 5 or in_place <= most]", (8, 9, 9)),
        ("domain: [most = 8]", (9, 9, 9)),
        ("domain: [most < 9 and in_place <= 3]", (3, 9, 9)),
        ("hospital: [sum(most) < sum(in_place)]", (9, 9, 9)),
        ("hospital: [sum(present most) >= sum(in_place)]", (8, 8, 8)),
    ],
)
def test_a_cell_that_is_absent_for_a_member_is_expected_nothing_of(expected: str, limits: tuple[int, ...]) -> None:
    program = program_of(CELLS.replace("values:", f"expected:\n  {expected}\nvalues:"))
    layouts = make_layouts(program)
    engine = compile_cohort(program, layouts)
    for place, limit in enumerate(limits):
        for number in range(10):
            given = [0, 0, 0]
            given[place] = number
            population = population_of(("h", *given))
            if number <= limit:
                evaluate_cohort(program, layouts, population)
                engine.compute(population)
            else:
                with pytest.raises(InputError):
                    evaluate_cohort(program, layouts, population)
                with pytest.raises(Refused):
                    engine.compute(population)


def test_a_cell_that_is_absent_is_not_read_where_another_name_tells_that_it_is_there() -> None:
    program = program_of(
        CELLS
        + """
  domain:
    room: {needs: most, only_if: in_place > 2, otherwise: too_few, formula: most - in_place}
    is_full: {needs: room, formula: in_place >= most or room = 0}
    double: {needs: room, formula: "if in_place = 9 then 0 else (most + in_place) * 2"}
"""
    )
    layouts = make_layouts(program)
    engine = compile_cohort(program, layouts)
    for given in product((0, 3, 8, 9), repeat=3):
        population = population_of(("h", *given))
        expected, found = evaluate_cohort(program, layouts, population), engine.compute(population)
        for member in "abc":
            for name in ("room", "is_full", "double"):
                ref = next(ref for ref in program.slots if ref.name == name)
                assert found.value(ref, (0, member)) == expected.value(ref, (0, member))


def test_a_date_that_is_not_stated_is_an_error_even_where_the_ranges_alone_decide() -> None:
    program = program_of("""
parameters:
  rate: {type: count, dated: [{from: 2024-01-01, is: 3, illustrative: yes}], stated_through: 2024-06-30, after: error}
inputs:
  hospital:
    x: {type: yes_no}
    day: {type: date, range: 2024-01-01 to 2024-12-31}
values:
  hospital:
    any_of: {formula: x or rate on day > 9}
    all_of: {formula: x and rate on day < 9}
    first: {formula: (rate on day > 9) or x}
""")
    layouts = make_layouts(program)
    engine = compile_cohort(program, layouts)
    early, late = 738_900, 739_200
    assert_same_cohort(program, layouts, population_of(("a", True, early), ("b", False, early)), engine)
    for is_x in (True, False):
        population = population_of(("a", is_x, late))
        with pytest.raises(EvaluationError):
            evaluate_cohort(program, layouts, population)
        with pytest.raises(EvaluationError):
            engine.compute(population)
