"""The peers there are, and which of them are installed."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final, cast

from tests.benchmarks.peers.terms import Terms
from tests.benchmarks.peers.way import Peer, Way

PEERS: Final = (
    "decimal_by_hand",
    "interpreter",
    "zen_engine",
    "openfisca_core",
    "common_expression_language",
    "rule_engine",
    "polars_by_hand",
    "duckdb_by_hand",
)


@dataclass(frozen=True, slots=True)
class Known:
    """One peer: its version ("" where it needs nothing installed), and its ways (none where it is not installed)."""

    module: str
    name: str
    version: str
    cannot: str
    missing: str
    ways: tuple[Way, ...]


def known(terms: Terms) -> list[Known]:
    """Return every peer, set up for the terms."""
    return [_known(module, terms) for module in PEERS]


def _known(module: str, terms: Terms) -> Known:
    peer = cast("Peer", importlib.import_module(f"tests.benchmarks.peers.{module}"))
    try:
        ways = peer.setup(terms)
    except ModuleNotFoundError as error:
        return Known(module, peer.NAME, "", peer.CANNOT, f"`{error.name}` is not installed", ())
    return Known(module, peer.NAME, version(peer.DISTRIBUTION) if peer.DISTRIBUTION else "", peer.CANNOT, "", ways)
