# ruff: noqa: INP001 - a script, not a package
"""Write the page of every diagnostic: `python docs/make_diagnostics.py`."""

from __future__ import annotations

from pathlib import Path

from vbc_rules.check.registry import make_pages

folder = Path(__file__).parent / "diagnostics"
folder.mkdir(exist_ok=True)
made = make_pages()
for stale in folder.glob("VBC*.md"):
    if stale.name not in made:
        stale.unlink()
for name, text in made.items():
    (folder / name).write_text(text, encoding="utf-8")
