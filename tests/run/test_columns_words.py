"""Runs of several threads add words to one engine: none is told a number before its word stands there."""

from __future__ import annotations

import pytest

expressions = pytest.importorskip("vbc_rules.run.columns.expressions", reason="the extra `columns` brings numpy")


def test_a_number_is_given_under_the_lock_and_told_last() -> None:
    words = expressions.Words()

    class Texts(list[str]):
        def append(self, text: str) -> None:
            assert words.lock.locked()
            assert text not in words.numbers
            super().append(text)

    words.texts = Texts()
    assert [words.number(text) for text in ("a", "b", "a")] == [0, 1, 0]
    assert words.texts == ["a", "b"]
    assert not words.lock.locked()


def test_absences_have_numbers_from_one() -> None:
    words = expressions.Words()
    assert [words.code(reason) for reason in ("not_reported", "excluded", "not_reported")] == [1, 2, 1]
    assert [absent.reason for absent in words.absences] == ["not_reported", "excluded"]
