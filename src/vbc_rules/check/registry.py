"""The checks on shapes, provenance and caps, and the pages that explain every code."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

from vbc_rules.check.checks import (
    vbc601_number_without_source,
    vbc602_source_never_cited,
    vbc701_weights,
    vbc702_tiers,
    vbc703_choose,
    vbc704_table_gaps,
    vbc705_table_overlaps,
    vbc706_interpolate,
    vbc707_words,
    vbc708_unused,
    vbc709_reasons,
    vbc713_ties,
    vbc803_cap_and_rounding,
    vbc805_payment_without_rounding,
    vbc813_rounded_shares,
    vbc814_top,
    vbc815_floors,
)
from vbc_rules.check.estimate import Estimator
from vbc_rules.check.pages import Page, pages
from vbc_rules.resolve.program import Program
from vbc_rules.source.diagnostic import Findings


class Check(Protocol):
    """What a module of `checks` holds; its docstring is its page."""

    @property
    def code(self) -> str:
        """The code of what it finds."""

    @property
    def name(self) -> str:
        """What it is about, in a few words."""

    def check(self, program: Program, estimator: Estimator, findings: Findings) -> None:
        """Add what is wrong with the program to `findings`."""


CHECKS: Final[tuple[Check, ...]] = (
    vbc601_number_without_source,
    vbc602_source_never_cited,
    vbc701_weights,
    vbc702_tiers,
    vbc703_choose,
    vbc704_table_gaps,
    vbc705_table_overlaps,
    vbc706_interpolate,
    vbc707_words,
    vbc708_unused,
    vbc709_reasons,
    vbc713_ties,
    vbc803_cap_and_rounding,
    vbc805_payment_without_rounding,
    vbc813_rounded_shares,
    vbc814_top,
    vbc815_floors,
)
"""Every check, in the order of the codes."""


def run_checks(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Run every check, in the order of the codes.

    The estimator answers questions about places of its own here, so what it would report of them is not recorded again.
    """
    quiet = replace(estimator, findings=Findings(), _reported=set())
    for check in CHECKS:
        check.check(program, quiet, findings)


def make_pages() -> Mapping[str, str]:
    """Return the documentation page of every code: `VBC601.md` and its Markdown text."""
    found = {f"{page.code}.md": _page(page) for page in pages()}
    for check in CHECKS:
        found[f"{check.code}.md"] = f"# {check.code}: {check.name}\n\n{inspect.cleandoc(check.__doc__ or '')}\n"
    return dict(sorted(found.items()))


def _page(page: Page) -> str:
    language = "text" if page.kind == "formula" else "yaml"
    text = f"# {page.code}: {page.title}\n\n{page.meaning}\n"
    if page.bad:
        text += f"\nRefused:\n\n```{language}\n{page.bad}\n```\n"
    if page.good:
        text += f"\nInstead:\n\n```{language}\n{page.good}\n```\n"
    return text
