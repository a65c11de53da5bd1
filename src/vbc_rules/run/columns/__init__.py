"""The columnar engine: participants in numpy arrays, exact to the last digit."""

from vbc_rules.run.columns.engine import ColumnEngine, compile_columns
from vbc_rules.run.columns.forms import Unsupported

__all__ = ["ColumnEngine", "Unsupported", "compile_columns"]
