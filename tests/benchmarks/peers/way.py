"""One way in which a peer computes the workload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from tests.benchmarks.peers.rows import Outcomes, Rows
from tests.benchmarks.peers.terms import Terms

Prepared: TypeAlias = Any
"""What a peer takes, ready: making it is not timed."""


def _nothing(_: Prepared) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Way:
    """What is timed: `run` over what `prepare` made of the rows. `before` is called, not timed, ahead of every run.

    With `columns` all participants are computed at once. With `one` what is prepared is a list, `run` is called for
    each of its entries, and what it returns is thrown away. `outcomes` says what was found: by `run`, or by every call,
    in a list.
    """

    name: str
    kind: Literal["one", "columns"]
    prepare: Callable[[Rows], Prepared]
    run: Callable[[Prepared], Any]
    outcomes: Callable[[Any], Outcomes] | None = None
    before: Callable[[Prepared], None] = field(default=_nothing)


class Peer(Protocol):
    """A module of this folder: what it is, what it cannot say, and its ways.

    `DISTRIBUTION` is "" for what needs nothing installed. `setup` raises ModuleNotFoundError where it is not installed.
    """

    NAME: str
    DISTRIBUTION: str
    CANNOT: str

    def setup(self, terms: Terms) -> tuple[Way, ...]:
        """Return the ways, compiled for the terms."""
        ...
