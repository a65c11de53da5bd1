"""What callers give for one participant, in the forms they have it in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from vbc_rules.errors import Code, UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel

Given: TypeAlias = "Mapping[str, object]"


class Typed(Protocol):
    """Inputs of the classes that `vbc-rules types` writes."""

    def to_inputs(self) -> dict[str, object]:
        """Return this as the mapping that the program takes."""
        ...


AnyInputs: TypeAlias = "Given | BaseModel | Typed"


_ONE: Final = (
    "one participant's inputs are names with their values; pass a dict or a `program.Inputs` "
    "(of a pandas row, `row.to_dict()`; to `evaluate_many`, `frame.to_dict('records')`)"
)
_COHORT: Final = "the cohort's inputs are names with their values; pass a dict or a `program.CohortInputs`"


def plain_inputs(inputs: AnyInputs, what: str = _ONE) -> Given:
    """Return inputs as names with their values. Raises UsageError for what is none, which says `what`."""
    if isinstance(inputs, Mapping):
        return inputs
    if hasattr(type(inputs), "model_fields"):
        from vbc_rules.api.inputs_model import to_inputs  # noqa: PLC0415 (pydantic is slow to import)

        return to_inputs(inputs)  # type: ignore[arg-type]
    typed = getattr(inputs, "to_inputs", None)
    if callable(typed):
        found = typed()
        if isinstance(found, Mapping):
            return found
    raise UsageError(Code.USAGE, what)


def plain_cohort(inputs: AnyInputs) -> Given:
    """Return the cohort's inputs as names with their values. Raises UsageError for what is none."""
    return plain_inputs(inputs, _COHORT)


def plain_rows(rows: Iterable[AnyInputs], what: str) -> Iterator[Given]:
    """Return rows as names with their values. Raises UsageError for what is no rows; `what` says whose they are."""
    if isinstance(rows, Mapping | str | bytes) or not isinstance(rows, Iterable):
        raise UsageError(Code.USAGE, f"{what} are given row by row; pass a list, each with its names and values")
    if hasattr(rows, "to_dict") or hasattr(rows, "to_dicts") or hasattr(rows, "to_pylist"):
        # Iterating a table gives its columns, never its rows.
        how = "`frame.to_dict('records')` of pandas, `frame.to_dicts()` of Polars, `table.to_pylist()` of Arrow"
        raise UsageError(Code.USAGE, f"{what} are given row by row; pass the table's rows: {how}")
    whose = what.removeprefix("the rows of ")
    wanted = "are names with their values; pass a dict, or a model of `program.Inputs` or `program.GroupInputs`"
    return (plain_inputs(one, f"row {number} of {whose}: inputs {wanted}") for number, one in enumerate(rows, 1))


def plain_groups(groups: Mapping[str, Iterable[AnyInputs]]) -> dict[str, Iterator[Given]]:
    """Return the rows of each level of groups. Raises UsageError for what is no rows by level."""
    if not isinstance(groups, Mapping):
        raise UsageError(Code.USAGE, 'groups are given by their level; pass `groups={"a_level": [..]}`')
    return {name: plain_rows(rows, f"the rows of `{name}`") for name, rows in groups.items()}
