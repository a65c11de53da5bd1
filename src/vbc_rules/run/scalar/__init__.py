"""The scalar engine: a resolved program compiled to Python functions over whole numbers."""

from vbc_rules.run.scalar.cohort import CohortEngine, compile_cohort
from vbc_rules.run.scalar.cohort_trace import ScalarCohortTrace
from vbc_rules.run.scalar.compiler import ScalarEngine, compile_scalar
from vbc_rules.run.scalar.trace import ScalarTrace

__all__ = [
    "CohortEngine",
    "ScalarCohortTrace",
    "ScalarEngine",
    "ScalarTrace",
    "compile_cohort",
    "compile_scalar",
]
