"""What every code outside the checks means, as data: one short page each."""

from __future__ import annotations

from vbc_rules.check.pages import absence, formulas, names, reader, running, structure, units
from vbc_rules.check.pages.page import Page

__all__ = ["Page", "pages"]


def pages() -> tuple[Page, ...]:
    """Return every page, in the order of the codes."""
    return (
        *reader.PAGES,
        *structure.PAGES,
        *formulas.PAGES,
        *names.PAGES,
        *units.PAGES,
        *absence.PAGES,
        *running.PAGES,
    )
