"""Every amount opens down to its inputs, the rule's own words, the file and line, and where its numbers come from."""

from vbc_rules.explain.build import explain
from vbc_rules.explain.tree import SCHEMA, Absence, Explanation, Line, Origin

__all__ = ["SCHEMA", "Absence", "Explanation", "Line", "Origin", "explain"]
