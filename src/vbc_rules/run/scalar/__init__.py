"""The scalar engine: a resolved program compiled to Python functions over whole numbers."""

from vbc_rules.run.scalar.cohort import CohortEngine, compile_cohort
from vbc_rules.run.scalar.cohort_trace import ScalarCohortTrace
from vbc_rules.run.scalar.compiler import ScalarEngine, compile_scalar
from vbc_rules.run.scalar.scope import ITEM
from vbc_rules.run.scalar.trace import ScalarTrace
from vbc_rules.run.scalar.writing import compiled, in_tuples

__all__ = [
    "ITEM",
    "CohortEngine",
    "ScalarCohortTrace",
    "ScalarEngine",
    "ScalarTrace",
    "compile_cohort",
    "compile_scalar",
    "compiled",
    "in_tuples",
]
