"""An explanation as data and as a page."""

from __future__ import annotations

import html.parser
import json
from fractions import Fraction

import pytest

from tests.explain.programs import GIVEN_P4P, HEADER, HOSPITAL_P4P, load, run
from vbc_rules.explain import Explanation, explain
from vbc_rules.explain.numbers import exact_text, quantity_text, value_text
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import MONEY, NUMBER, PERCENT, YES_NO, Type
from vbc_rules.resolve.expressions import Datum, Ref

KEYS = {
    "name", "ref", "instance", "title", "about", "kind", "value", "text", "rule", "lines", "absence", "place",
    "origins", "uses_illustrative", "illustrative", "repeated", "cut", "parts",
}  # fmt: skip


def explained(text: str = HOSPITAL_P4P, header: dict[str, str] | None = None) -> Explanation:
    program = load(text)
    return explain(program, run(program, GIVEN_P4P), Ref("hospital", "earned"), header=header or HEADER)


# --- numbers


@pytest.mark.parametrize(
    ("value", "type_", "exact", "reading"),
    [
        (Fraction(45000), MONEY, "$45,000.00", "$45,000.00"),
        (Fraction("45000.0049"), MONEY, "$45,000.0049", "$45,000.0049"),
        (Fraction("-0.5"), MONEY, "-$0.50", "-$0.50"),
        (Fraction(1, 3), MONEY, "$0 1/3", "$0 1/3 (about $0.333333)"),
        (Fraction(115, 3), NUMBER, "38 1/3", "38 1/3 (115/3, about 38.333333)"),
        (Fraction(-115, 3), NUMBER, "-38 1/3", "-38 1/3 (-115/3, about -38.333333)"),
        (Fraction(2, 3), PERCENT, "66 2/3%", "66 2/3% (about 66.666667%)"),
        (Fraction("0.77497"), PERCENT, "77.497%", "77.497%"),
        (Fraction(2024), NUMBER, "2024", "2024"),
        (Fraction(12345), NUMBER, "12,345", "12,345"),
    ],
)
def test_quantities_keep_every_digit(value: Fraction, type_: Type, exact: str, reading: str) -> None:
    assert quantity_text(value, type_.kind) == exact
    assert value_text(value, type_) == reading


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(1, 20), "0.05"),
        (Fraction(115, 3), "115/3"),
        (Fraction(-5, 2), "-2.5"),
        (True, True),
        (Absent("lost"), None),
        ("pg1", "pg1"),
    ],
)
def test_values_in_data_are_exact(value: Datum, expected: str | bool | None) -> None:  # noqa: FBT001 (a value)
    assert exact_text(value) == expected
    assert value_text(True, YES_NO) == "yes"  # noqa: FBT003 (a value)


# --- data


def test_data_has_its_schema_header_and_the_whole_tree() -> None:
    data = explained().to_dict()
    assert json.loads(json.dumps(data)) == data
    assert data["schema"] == "vbc-rules/explanation/1"
    assert data["header"] == {"program": "test/program", "edition": "2024"}
    assert set(data) == {"schema", "header", "status", "as_of", "in_force", "warnings", *KEYS}
    assert (data["status"], data["as_of"], data["in_force"]) == (None, None, "2021-07-01 through 2022-06-30")
    assert (data["value"], data["text"], data["kind"]) == ("41666.66", "$41,666.66", "payment")
    parts = data["parts"]
    assert isinstance(parts, list)
    assert all(set(part) == KEYS for part in parts)
    assert (parts[0]["ref"], parts[0]["value"]) == ("hospital.total_score", "5/6")


def test_a_rounding_in_data_has_before_and_after() -> None:
    lines = explained().to_dict()["lines"]
    assert isinstance(lines, list)
    assert lines[2] == {
        "kind": "rounding",
        "label": "rounded",
        "text": "round($41,666 1601/2400, 2, down) = $41,666.66",
        "checked": True,
        "note": "rounded down to 2 decimals",
        "before": "$41,666 1601/2400",
        "after": "$41,666.66",
    }


# --- the page


class Outline(html.parser.HTMLParser):
    """Checks that tags nest, and keeps them with their text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.tags.append(tag)
        self.ids.extend(value or "" for key, value in attrs if key == "id")
        self.links.extend(value or "" for key, value in attrs if key == "href")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    found.close()
    assert found.open == []
    return found


def test_the_page_opens_and_closes_without_a_script() -> None:
    found = outline(explained()._repr_html_())
    assert {"section", "details", "summary", "dl", "dt", "dd", "code"} <= set(found.tags)
    assert "script" not in found.tags
    assert "5% * 83 1/3% * $1,000,000.01 = $41,666 1601/2400" in found.text
    assert "Uses illustrative numbers: weight of readmissions, attested" in found.text


def test_links_lead_to_the_first_mention() -> None:
    program = load(HOSPITAL_P4P)
    items = [{"name": name, "sponsor": "mha", "index": "50%"} for name in ("alpha", "beta")]
    trace = run(program, {**GIVEN_P4P, "registry": items})
    found = outline(explain(program, trace, Ref("hospital", "earned"))._repr_html_())
    assert found.links
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids)
    assert len(set(found.ids)) == len(found.ids)


def test_titles_and_headers_cannot_bring_in_tags() -> None:
    evil = "<script>alert('x')</script>"
    text = HOSPITAL_P4P.replace("Incentive earned before redistribution", f'"{evil}"')
    text = text.replace("BCBSM inpatient and outpatient payments", f'"{evil}"')
    page = explained(text, {"program": evil})._repr_html_()
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;") == 4
    assert "script" not in outline(page).tags
