"""A program on its way to other machines: its file travels, and what is made of it there must be what was made here."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from vbc_rules.api.result import library_version
from vbc_rules.errors import Code, UsageError
from vbc_rules.frames.columns.computing import engine_of
from vbc_rules.plan.show import show_plan
from vbc_rules.run.columns import ColumnEngine
from vbc_rules.run.scalar import CohortEngine

if TYPE_CHECKING:
    from vbc_rules.api.program import Program

MOST_TEXTS: Final = 500_000
"""Distinct texts of the data that an engine may hold: of free text a worker that never ends meets any number."""


@dataclass(frozen=True, slots=True)
class Travelling:
    """A program as it travels.

    `packed` holds its file and the parameters given (a program is pickled by these); `content_hash` is that of the
    file, `plan_hash` that of the plan made of it, and `library` the version that made it, where it was sent from.
    """

    identifier: str
    packed: bytes
    content_hash: str
    plan_hash: str
    library: str

    @staticmethod
    def of(program: Program) -> Travelling:
        """Return a program ready to travel."""
        return Travelling(
            program.identifier, pickle.dumps(program), program.content_hash, plan_hash(program), library_version()
        )

    def arrived(self) -> Arrived:
        """Return the program compiled on this machine: once in each process, however often it arrives there.

        Raises UsageError where this machine has another version of the library, or makes another plan of the file.
        """
        return _arrived(self)


class Arrived:
    """A program compiled where it arrived, and what computes it."""

    def __init__(self, program: Program) -> None:
        """Compile the program."""
        self.program = program
        self._engine = engine_of(program)

    def engine(self) -> ColumnEngine | CohortEngine:
        """Return what computes the program. It keeps every text it meets, so past many it gives way to another."""
        engine = self._engine
        if isinstance(engine, ColumnEngine) and len(engine.words.texts) > MOST_TEXTS:
            engine = self._engine = engine_of(self.program)
        return engine


def plan_hash(program: Program) -> str:
    """Return the SHA-256 of a program's plan and of the code written from it, in hexadecimal."""
    text = f"{show_plan(program.plan)}\n{program.engine_source}"
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=8)
def _arrived(sent: Travelling) -> Arrived:
    here = library_version()
    if here != sent.library:
        message = (
            f"a worker has vbc_rules {here}, and `{sent.identifier}` was sent by {sent.library}; "
            "install the same version on every machine"
        )
        raise UsageError(Code.USAGE, message)
    program: Program = pickle.loads(sent.packed)  # noqa: S301 (who sends it sends code in any case)
    if program.content_hash != sent.content_hash:
        message = f"the file of `{sent.identifier}` that arrived at a worker is not the one that was sent"
        raise UsageError(Code.USAGE, message)
    if plan_hash(program) != sent.plan_hash:
        message = (
            f"a worker makes another plan of `{sent.identifier}` ({sent.content_hash[:12]}) than was made "
            "where it was sent from; install the same vbc_rules on every machine"
        )
        raise UsageError(Code.USAGE, message)
    return Arrived(program)
