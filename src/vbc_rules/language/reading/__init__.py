"""Reading: the tree of a rule file becomes a typed `Document`, every formula parsed, nothing resolved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from vbc_rules.language.document import Document
from vbc_rules.language.reading import codes
from vbc_rules.language.reading.fields import Context, Keys, open_fields
from vbc_rules.language.reading.gates import gates
from vbc_rules.language.reading.header import header
from vbc_rules.language.reading.inputs import expected, inputs
from vbc_rules.language.reading.levels import levels
from vbc_rules.language.reading.literals import formulas
from vbc_rules.language.reading.parameters import parameters
from vbc_rules.language.reading.provenance import sources
from vbc_rules.language.reading.values import payments, values
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.tree import Block, Tree

__all__ = ["SECTIONS", "read_document"]

SECTIONS: Final = (
    "program", "edition", "language", "title", "participant", "in_force", "measured_over", "currency", "sources",
    "parameters", "levels", "inputs", "expected", "values", "gates", "payments", "guarantees",
)  # fmt: skip
"""The sections of a rule file, in the order they stand."""

_KEYS = Keys("a rule file", SECTIONS)

T = TypeVar("T")


def read_document(root: Block, findings: Findings) -> Document | None:
    """Read the tree of a rule file.

    All errors of the file are reported in one call. Returns None unless the whole file could be read (only keys out of
    order leave it whole), so that what follows never reports a thing as missing which could not be read.
    """
    before = len(findings.errors)
    named = root.get("sources")
    cx = Context(findings, tuple(entry.key.text for entry in named) if isinstance(named, Block) else ())
    fields = open_fields(root, _KEYS, root.span, cx)

    def section(key: str, read: Callable[[Tree, str, Context], tuple[T, ...] | None]) -> tuple[T, ...]:
        return fields.optional(key, read) or ()

    head = header(fields)
    found_sources, found_parameters = section("sources", sources), section("parameters", parameters)
    found_levels, found_inputs = section("levels", levels), section("inputs", inputs)
    found_expected, found_values = section("expected", expected), section("values", values)
    found_gates, found_payments = section("gates", gates), section("payments", payments)
    found_guarantees = section("guarantees", formulas)
    if head is None or any(error.code != codes.KEY_ORDER for error in findings.errors[before:]):
        return None
    return Document(
        span=root.span,
        program=head.program,
        edition=head.edition,
        language=1,
        title=head.title,
        participant=head.participant,
        identifier_is_public=head.identifier_is_public,
        in_force=head.in_force,
        measured_over=head.measured_over,
        currency=head.currency,
        sources=found_sources,
        parameters=found_parameters,
        levels=found_levels,
        inputs=found_inputs,
        expected=found_expected,
        values=found_values,
        gates=found_gates,
        payments=found_payments,
        guarantees=found_guarantees,
    )
