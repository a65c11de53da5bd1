"""Tables of pandas, Polars and PyArrow, and Parquet files: into columns and out, without an object a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from vbc_rules.frames.columns.computing import Computed, evaluate_table
    from vbc_rules.frames.columns.files import ParquetBatch, read_parquet_batches, write_frame
    from vbc_rules.frames.columns.kernel import BatchKernel, batch_kernel
    from vbc_rules.frames.columns.out import to_frame
    from vbc_rules.frames.columns.reading import Participants, read_table
    from vbc_rules.frames.columns.running import run_parquet

__all__ = [
    "BatchKernel",
    "Computed",
    "ParquetBatch",
    "Participants",
    "batch_kernel",
    "evaluate_table",
    "read_parquet_batches",
    "read_table",
    "run_parquet",
    "to_frame",
    "write_frame",
]

_HOMES: Final = {
    "BatchKernel": "kernel",
    "Computed": "computing",
    "ParquetBatch": "files",
    "Participants": "reading",
    "batch_kernel": "kernel",
    "evaluate_table": "computing",
    "read_parquet_batches": "files",
    "read_table": "reading",
    "run_parquet": "running",
    "to_frame": "out",
    "write_frame": "files",
}
_EXTRAS: Final = ("narwhals", "numpy", "pyarrow")


def __getattr__(name: str) -> object:
    """Import a name when it is first used: what it needs is an extra. Raises UsageError where that is not installed."""
    from importlib import import_module  # noqa: PLC0415 (so that nothing else is loaded with the package)

    from vbc_rules.errors import Code, UsageError  # noqa: PLC0415 (as above)

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(f"{__name__}.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRAS:
            raise
        message = f"tables in columns need {missing}, which is not installed; install `vbc_rules[frames]`"
        raise UsageError(Code.USAGE, message) from None
    found: object = getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
