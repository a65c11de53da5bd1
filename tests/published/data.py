"""Where published data lie: they are not part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

VARIABLE = "VBC_RULES_PUBLISHED_DATA"


def published(folder: str) -> Path:
    """Return a folder of published files; skip the test where they are not there."""
    named = os.environ.get(VARIABLE)
    root = Path(named) if named else Path(__file__).parents[3] / "shared" / "data" / "cms"
    found = root / folder
    if not found.is_dir():
        pytest.skip(f"needs the published files {folder}; name the folder that holds it in {VARIABLE}")
    return found
