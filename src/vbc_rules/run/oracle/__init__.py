"""The oracle: an interpreter on exact fractions, written for obviousness. What it finds is what a program means."""

from vbc_rules.run.oracle.evaluate import OracleCohortTrace, OracleTrace, decided_by_gates, evaluate, evaluate_cohort
from vbc_rules.run.oracle.expressions import AbsentRead, Environment, evaluate_expression
from vbc_rules.run.oracle.shapes import evaluate_definition, evaluate_outcome, evaluate_shape

__all__ = [
    "AbsentRead",
    "Environment",
    "OracleCohortTrace",
    "OracleTrace",
    "decided_by_gates",
    "evaluate",
    "evaluate_cohort",
    "evaluate_definition",
    "evaluate_expression",
    "evaluate_outcome",
    "evaluate_shape",
]
