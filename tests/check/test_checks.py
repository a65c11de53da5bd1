"""Every check: its cases, its page, and a page for every code there is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from tests.check.reading import HEADER_LINES, check_formula, check_sections, check_text
from vbc_rules.check.pages import Page, pages
from vbc_rules.check.registry import CHECKS, make_pages
from vbc_rules.packaged import find_packaged, list_packaged
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_text

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WARNINGS = {"VBC602", "VBC708", "VBC815"}


@dataclass(frozen=True)
class Case:
    """Sections of a rule file, and what is found in them: line (within the sections), column, message, help."""

    code: str
    name: str
    sections: str
    finds: tuple[tuple[int, int, str, str], ...]


def _cases(verdict: str) -> list[Case]:
    found = []
    for path in sorted((HERE / "cases").glob("VBC*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))[verdict]:
            finds = tuple((one["line"], one["column"], one["message"], one["help"]) for one in case.get("finds", ()))
            found.append(Case(path.stem, case["name"], case["file"], finds))
    return found


PASS, FAIL = _cases("pass"), _cases("fail")


def _of(case: Case) -> list[tuple[int, int, str, str]]:
    checked = check_sections(case.sections)
    assert checked.to_the_end or case.code < "VBC500", checked.found
    return [
        (one.span.line - HEADER_LINES, one.span.column, one.message, one.help)
        for one in checked.found
        if one.code == case.code
    ]


@pytest.mark.parametrize("case", PASS, ids=lambda case: f"{case.code} {case.name}")
def test_passes(case: Case) -> None:
    assert _of(case) == []


@pytest.mark.parametrize("case", FAIL, ids=lambda case: f"{case.code} {case.name}")
def test_is_found(case: Case) -> None:
    assert case.finds
    assert sorted(_of(case)) == sorted(case.finds)


def test_checks_stand_in_the_order_of_their_codes() -> None:
    codes = [check.code for check in CHECKS]
    assert codes == sorted(set(codes))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_every_check_has_cases_and_a_page(check: ModuleType) -> None:
    assert sum(case.code == check.code for case in PASS) >= 2
    assert sum(case.code == check.code for case in FAIL) >= 2
    assert check.__name__.rpartition(".")[2].startswith(check.code.lower())
    text = check.__doc__ or ""
    assert "\nRefused:" in text
    assert "\nInstead:" in text
    assert "\nWhy: " in text
    assert (check.__doc__ or "").strip() in make_pages()[f"{check.code}.md"]


def test_every_module_of_a_check_is_registered() -> None:
    modules = {path.stem for path in (ROOT / "src/vbc_rules/check/checks").glob("vbc*.py")}
    assert {check.__name__.rpartition(".")[2] for check in CHECKS if isinstance(check, ModuleType)} == modules


def test_severity_is_the_same_wherever_a_check_finds_something() -> None:
    for case in FAIL:
        severities = {one.severity for one in check_sections(case.sections).found if one.code == case.code}
        assert severities == {"warning" if case.code in WARNINGS else "error"}


# --- pages -----------------------------------------------------------------------------------------------------------


def test_every_code_in_the_source_has_a_page() -> None:
    used = {
        code
        for path in (ROOT / "src").rglob("*.py")
        for code in re.findall(r'"(VBC\d{3})"', path.read_text(encoding="utf-8"))
    }
    assert sorted(f"{code}.md" for code in used) == list(make_pages())


def test_pages_in_the_documentation_are_those_made() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs/diagnostics").glob("VBC*.md")}
    assert written == dict(make_pages()), "run `python docs/make_diagnostics.py`"


def _codes(page: Page, text: str) -> set[str]:
    if page.kind == "file":
        findings = Findings()
        read_text(text, "rules.yaml", findings)
        return {one.code for one in findings.all}
    checked = check_formula(text) if page.kind == "formula" else check_sections(text + "\n")
    return set(checked.codes) - WARNINGS


@pytest.mark.parametrize("page", [page for page in pages() if page.bad], ids=lambda page: page.code)
def test_what_a_page_shows_is_refused_and_what_it_advises_is_not(page: Page) -> None:
    assert page.code in _codes(page, page.bad)
    assert _codes(page, page.good) == set()


# --- packaged programs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", list_packaged())
def test_packaged_programs_have_no_errors(identifier: str) -> None:
    file = find_packaged(identifier)
    assert file is not None
    checked = check_text(file.read_text(encoding="utf-8"))
    assert [one for one in checked.found if one.severity == "error"] == []
    assert checked.to_the_end
