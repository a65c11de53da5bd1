"""Tables in and out: declared columns to a program's inputs, results to files, published figures to compare with."""

from __future__ import annotations

from vbc_rules.frames.cohorts import read_cohort, run_cohort
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.mapping_file import read_mapping
from vbc_rules.frames.results import write_results
from vbc_rules.frames.rows import RowSet, read_rows
from vbc_rules.frames.running import RunSummary, run_program
from vbc_rules.frames.validation import Validation, validate, validate_cohort

__all__ = [
    "ColumnMapping",
    "RowSet",
    "RunSummary",
    "Validation",
    "read_cohort",
    "read_mapping",
    "read_rows",
    "run_cohort",
    "run_program",
    "validate",
    "validate_cohort",
    "write_results",
]
