"""Every code block of the README and of the documentation does what the text says it does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import PREAMBLE, accept, read, unknown_languages
from vbc_rules.packaged import list_packaged

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
    *sorted((ROOT / "examples").glob("*.md")),
]
ELSEWHERE = {
    "docs/engines.md": "tests/engines runs its blocks, by `make test-spark`",
    "docs/spark.md": "tests/spark runs its blocks, by `make test-spark`",
}
"""Documents whose blocks need what is not installed here."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_the_blocks_of_a_document(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name_of(path) in ELSEWHERE:
        pytest.skip(ELSEWHERE[name_of(path)])
    monkeypatch.chdir(tmp_path)
    document = read(path)
    for example in document:
        try:
            example.evaluate()
        except Exception as error:
            error.add_note(f"in {name_of(path)}, line {example.line}")
            raise
    accept(document)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_block_is_of_a_kind_that_is_tested(path: Path) -> None:
    assert unknown_languages(path) == set()


def test_the_reference_tells_what_its_examples_are_completed_with() -> None:
    shown = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    assert "\n".join(line for line in PREAMBLE.values() if line) in shown


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_the_readme_names_every_packaged_program() -> None:
    named = set()
    rows = re.findall(r"^\| (`[^|]*@[^|]*) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    for row in rows:
        program = ""
        for own, edition in re.findall(r"`([a-z0-9/-]*)@([a-z0-9.-]+)`", row):
            program = own or program  # a further edition of one program is written without its name
            named.add(f"{program}@{edition}")
    assert named == set(list_packaged())
