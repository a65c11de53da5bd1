"""Every code block of the document about other engines does what the text says it does."""

from __future__ import annotations

from pathlib import Path

import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "engines.md"


def test_the_blocks_of_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dask.dataframe", reason="no extra brings Dask; run `make test-spark`")
    from tests.docs.blocks import accept, read

    monkeypatch.chdir(tmp_path)
    document = read(DOCUMENT)
    for example in document:
        example.evaluate()
    accept(document)
