"""The columnar engine: participants in numpy arrays, exact to the last digit."""

from vbc_rules.run.columns.engine import ColumnEngine, compile_columns
from vbc_rules.run.columns.forms import Unsupported
from vbc_rules.run.columns.table import FieldColumn, ListColumn, Table

__all__ = ["ColumnEngine", "FieldColumn", "ListColumn", "Table", "Unsupported", "compile_columns"]
