"""A program arrives as it was sent, or is refused: another version, another file, another plan."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import vbc_rules as vbc
from vbc_rules.errors import UsageError
from vbc_rules.run.columns import ColumnEngine

if TYPE_CHECKING:
    from vbc_rules.frames.columns.travelling import Travelling


@pytest.fixture
def sent(alone: vbc.Program) -> Travelling:
    module = pytest.importorskip("vbc_rules.frames.columns.travelling", reason="the extra `frames` brings numpy")
    made: Travelling = module.Travelling.of(alone)
    return made


def test_a_program_arrives_as_it_was_sent_and_is_compiled_once(sent: Travelling, alone: vbc.Program) -> None:
    again: Travelling = pickle.loads(pickle.dumps(sent))  # noqa: S301 (made on the same line)
    assert again == sent
    arrived = again.arrived()
    assert arrived.program == alone
    assert sent.arrived() is arrived


def test_another_version_of_the_library_is_refused(sent: Travelling) -> None:
    with pytest.raises(UsageError) as caught:
        replace(sent, library="9.0").arrived()
    assert str(caught.value) == (
        f"a worker has vbc_rules {sent.library}, and `example/alone@2024` was sent by 9.0; "
        "install the same version on every machine [VBC970]"
    )


def test_another_file_is_refused(sent: Travelling, private: vbc.Program) -> None:
    with pytest.raises(UsageError, match="that arrived at a worker is not the one that was sent"):
        replace(sent, packed=pickle.dumps(private)).arrived()


def test_another_plan_of_the_file_is_refused(sent: Travelling) -> None:
    with pytest.raises(UsageError, match=f"makes another plan of `example/alone@2024` .{sent.content_hash[:12]}. than"):
        replace(sent, plan_hash="0" * 64).arrived()


def test_an_engine_that_holds_many_texts_gives_way_to_another(
    sent: Travelling, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = replace(sent, packed=sent.packed + b" ").arrived()  # one of its own
    engine = arrived.engine()
    assert isinstance(engine, ColumnEngine)
    monkeypatch.setattr("vbc_rules.frames.columns.travelling.MOST_TEXTS", 3)
    for text in ("not_reported", "b", "c"):
        engine.words.number(text)
    assert arrived.engine() is engine
    engine.words.number("d")
    assert arrived.engine() is not engine
    assert arrived.engine() is arrived.engine()
