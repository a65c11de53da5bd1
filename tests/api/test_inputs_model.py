"""The pydantic model made from a file. The program is that of tests/run/test_reading.py."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from decimal import Decimal

import pydantic
import pytest

from tests.run.test_reading import COHORT, LAYOUT, PARAMETERS, PROGRAM, READER, inputs
from vbc_rules.api.inputs_model import make_inputs_model, to_inputs
from vbc_rules.language.absence import Absent

MODEL = make_inputs_model(PROGRAM, LAYOUT)


def as_json(**changes: object) -> str:
    return json.dumps(
        inputs(
            payments="1234567.89",
            share="77.4970%",
            change="-1.5",
            signed_on="2024-01-31",
            measure={
                "hai_1": {"performance": "0.869247", "case": [{"days": 3}, {"days": 4}]},
                "hai_5": {"performance": {"absent": "not_reported"}, "case": []},
                "mspb": {"performance": 1, "case": [{"days": 5}]},
            },
            cqi_taken_part=[
                {"name": "stroke", "index": "90%"},
                {"name": "sepsis", "index": {"absent": "too_new"}},
            ],
            **changes,
        )
    )


def problem(text: str) -> tuple[str, tuple[int | str, ...], str]:
    with pytest.raises(pydantic.ValidationError) as caught:
        MODEL.model_validate_json(text)
    (found,) = caught.value.errors(include_url=False)
    return found["type"], found["loc"], found["msg"]


def test_json_text_and_python_values_make_one_model() -> None:
    found = MODEL.model_validate_json(as_json())
    assert found == MODEL.model_validate(inputs())
    assert found.payments == Decimal("1234567.89")  # type: ignore[attr-defined]
    assert found.share == Decimal("0.774970")  # type: ignore[attr-defined]
    assert found.measure.hai_5.performance is Absent("not_reported")  # type: ignore[attr-defined]
    assert found.signed_on == datetime.date(2024, 1, 31)  # type: ignore[attr-defined]
    assert found.psychiatric_days is None  # type: ignore[attr-defined]


def test_its_repr_shows_no_value() -> None:
    found = MODEL.model_validate_json(as_json())
    assert repr(found) == "Inputs()"
    assert str(found) == ""


def test_a_model_is_read_into_the_same_row() -> None:
    model = MODEL.model_validate_json(as_json())
    row = READER.read(inputs(), cohort=COHORT, parameters=PARAMETERS)
    assert READER.read(to_inputs(model), cohort=COHORT, parameters=PARAMETERS) == row
    assert READER.read(model.model_dump(exclude_none=True), cohort=COHORT, parameters=PARAMETERS) == row
    again = json.loads(model.model_dump_json(exclude_none=True))
    assert READER.read(again, cohort=COHORT, parameters=PARAMETERS) == row


def test_json_is_written_as_text_and_read_back() -> None:
    model = MODEL.model_validate(inputs())
    written = json.loads(model.model_dump_json())
    assert written["payments"] == "1234567.89"
    assert written["share"] == "77.4970%"
    assert written["measure"]["hai_5"]["performance"] == {"absent": "not_reported"}
    assert written["signed_on"] == "2024-01-31"
    assert MODEL.model_validate_json(model.model_dump_json()) == model


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"payments": 1.5},
            (
                "VBC904", ("payments",),
                'is a binary float, which cannot carry exact digits; write it as text, such as `"1234.50"`',
            ),
        ),
        ({"payments": "-1"}, ("VBC906", ("payments",), "is out of range; write $0 to $1,000,000,000")),
        ({"beds": True}, ("VBC903", ("beds",), "is yes or no where a count is declared; pass Decimal or text")),
        ({"peer_group": "pg9"}, ("VBC907", ("peer_group",), "is none of its words; write one of `pg1`, `pg2`, `pg5`")),
        (
            {"note": None},
            (
                "VBC901", ("note",),
                (
                    "is empty (None); write its value, or its absence "
                    '{"absent": "not_reported"} or {"absent": "not_applicable"}'
                ),
            ),
        ),
        ({"paymnets": 1}, ("extra_forbidden", ("paymnets",), "Extra inputs are not permitted")),
    ],
)  # fmt: skip
def test_what_cannot_be_taken(changes: dict[str, object], expected: tuple[str, tuple[str, ...], str]) -> None:
    text = json.dumps({**json.loads(as_json()), **changes})
    assert problem(text) == expected


def test_lists_are_limited_and_their_items_told_apart() -> None:
    item = {"name": "stroke", "index": "1%"}
    four = json.dumps({**json.loads(as_json()), "cqi_taken_part": [{**item, "name": str(n)} for n in range(4)]})
    assert problem(four)[:2] == ("too_long", ("cqi_taken_part",))
    twice = json.dumps({**json.loads(as_json()), "cqi_taken_part": [item, item]})
    assert problem(twice) == ("VBC910", ("cqi_taken_part",), "two items have the same name; give each item its own")


def test_the_message_does_not_repeat_values() -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        MODEL.model_validate(inputs(payments="SECRET", peer_group="SECRET"))
    assert "SECRET" not in str(caught.value)


def test_a_model_cannot_be_changed() -> None:
    model = MODEL.model_validate(inputs())
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        model.payments = Decimal(1)  # type: ignore[attr-defined]


def test_the_json_schema_says_ranges_words_and_absences() -> None:
    schema = MODEL.model_json_schema()
    assert schema["additionalProperties"] is False
    assert schema["properties"]["payments"] == {
        "anyOf": [
            {"type": "string", "pattern": r"^-?[$]?(([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?|\.[0-9]+)$"},
            {"type": "integer", "minimum": 0, "maximum": 1000000000},
        ],
        "title": "payments",
        "x-range": {"at_least": "$0", "at_most": "$1,000,000,000"},
        "x-decimals": 2,
    }
    assert schema["properties"]["peer_group"] == {"enum": ["pg1", "pg2", "pg5"], "title": "peer group"}
    assert schema["properties"]["share"]["anyOf"][1] == {
        "type": "object",
        "properties": {"absent": {"enum": ["not_reported"]}},
        "required": ["absent"],
        "additionalProperties": False,
    }
    assert schema["properties"]["cqi_taken_part"]["maxItems"] == 3
    assert "psychiatric_days" not in schema["required"]


def test_pydantic_is_not_imported_before_a_model_is_made() -> None:
    check = "import sys, vbc_rules.api.inputs_model, vbc_rules.run.reading; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
