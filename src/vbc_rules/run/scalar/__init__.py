"""The scalar engine: a resolved program compiled to one Python function over whole numbers."""

from vbc_rules.run.scalar.compiler import ScalarEngine, compile_scalar
from vbc_rules.run.scalar.trace import ScalarTrace

__all__ = ["ScalarEngine", "ScalarTrace", "compile_scalar"]
