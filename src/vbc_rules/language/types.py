"""The types of values and the units they carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

Kind: TypeAlias = Literal[
    "money",
    "percent",
    "number",
    "count",
    "points",
    "ratio",
    "yes_no",
    "category",
    "identifier",
    "text",
    "date",
    "direction",
    "codes",
]

NUMBER_FAMILY: frozenset[Kind] = frozenset({"number", "count", "points"})
NUMERIC: frozenset[Kind] = frozenset({"number", "count", "points", "ratio", "money", "percent"})


@dataclass(frozen=True, slots=True)
class Type:
    """A type. `options` are the words of a category.

    `ratio` is a quotient of like quantities (money / money, count / count ..) whose place has not yet said whether it
    is a number or a percent; a value's own type is never a ratio.
    """

    kind: Kind
    options: tuple[str, ...] = ()

    @property
    def is_numeric(self) -> bool:
        """Whether the value is a quantity."""
        return self.kind in NUMERIC

    @property
    def one(self) -> str:
        """One such thing, in words: `an amount of money`, `an identifier`, `a percent`."""
        match self.kind:
            case "money" | "points":
                return f"an amount of {self}"
            case "codes":
                return "a list of codes"
            case _:
                return f"an {self}" if self.kind == "identifier" else f"a {self}"

    def __str__(self) -> str:
        return self.kind.replace("_", "/") if self.kind == "yes_no" else self.kind


MONEY = Type("money")
PERCENT = Type("percent")
NUMBER = Type("number")
COUNT = Type("count")
POINTS = Type("points")
RATIO = Type("ratio")
YES_NO = Type("yes_no")
IDENTIFIER = Type("identifier")
TEXT = Type("text")
DATE = Type("date")
DIRECTION = Type("direction")


def type_named(name: str, options: tuple[str, ...] = ()) -> Type:
    """Return the type a file calls `name`; that it is one of the language's was settled when the file was read."""
    return Type(cast("Kind", name), options)
