"""Tables of Spark: computed where their rows are, in columns, with the figures of a local run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from vbc_rules.frames.spark.evaluating import evaluate_spark

__all__ = ["evaluate_spark"]

_EXTRAS: Final = ("narwhals", "numpy", "pyarrow", "pyspark")


def __getattr__(name: str) -> object:
    """Import a name when it is first used: what it needs is an extra. Raises UsageError where that is not installed."""
    from importlib import import_module  # noqa: PLC0415 (so that nothing else is loaded with the package)

    from vbc_rules.errors import Code, UsageError  # noqa: PLC0415 (as above)

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        found: object = getattr(import_module(f"{__name__}.evaluating"), name)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRAS:
            raise
        message = f"tables of Spark need {missing}, which is not installed; install `vbc_rules[spark]`"
        raise UsageError(Code.USAGE, message) from None
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
