"""What a cohort's stages consist of beside values and gates: aggregates, standings and groups that span roots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from vbc_rules.language.types import Type
from vbc_rules.resolve.expressions import Expr, Read, Ref
from vbc_rules.resolve.program import Collective, Definition, Expectation, Gate, Policy
from vbc_rules.source.span import Span

NOT_COMPUTED: Final = "not computed"
"""The reason of a hidden value that nothing may read. No file can write it."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """An aggregate over members that hang from another root than `within`; `ref` receives it.

    `ref` stands on `within` or, for a shape, on the level that gathers. `item`, `where` and `weight` are read at each
    member, `needed_present`, `needed` and `at` where `ref` stands; all are names or constants. Only where `is_paired`,
    `where` and `weight` are whole expressions, which read what the gathering instance sees as well. With `is_formula`
    an absent item that `present` does not leave out, and gathering nothing that has no value, leave it not computed.
    """

    ref: Ref
    type: Type
    function: str
    level: str
    within: str
    item: Read | None
    where: Expr | None
    weight: Expr | None
    policy: Policy | None
    present: bool
    needed_present: Expr | None
    needed: Expr | None
    at: Expr | None
    definition: str | None
    if_none: bool | None
    is_formula: bool
    is_paired: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Settling:
    """A shape that settles all members under one instance of its `within` together; `ref` receives each one's.

    Every expression of the shape is a name or a constant. Members take part for which `takes_part` is yes (None: all).
    One that is in no instance of `within` has the absence of that.
    """

    ref: Ref
    type: Type
    shape: Collective
    takes_part: Ref | None


@dataclass(frozen=True, slots=True)
class Forming:
    """The forming of the groups of a level: its keys are known."""

    level: str


Step: TypeAlias = Definition | Gate | Settling | Expectation
