"""The resolved program: levels, slots and definitions, every word bound to what it means."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from vbc_rules.language import document
from vbc_rules.language.types import Type
from vbc_rules.resolve.expressions import Datum, Expr, Plain, Read, Ref, Rounding
from vbc_rules.source.span import Span

# --- levels and slots ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """A member the file lists. `parent` is the member it lies in (None where the parent level lists none)."""

    name: str
    parent: str | None
    cells: Mapping[str, Datum]
    title: str
    span: Span
    provenance: document.Provenance | None


@dataclass(frozen=True, slots=True)
class Level:
    """A level. `parent` is what it lies in (None for the cohort); `members` only for kind "members".

    For kind "list" the data brings the items: at most `at_most`, told apart by the input `key` (None: not told apart).
    For kind "groups" the level gathers the members of `groups` into one group for each combination of the names `by`
    (on `groups` or above it); its parent is the cohort. A member for which one of them is absent is in no group.
    """

    name: str
    kind: Literal["cohort", "participant", "members", "list", "groups"]
    parent: str | None
    members: tuple[Member, ...]
    key: str | None
    at_most: int | None
    groups: str | None
    by: tuple[Ref, ...]
    span: Span
    title: str


@dataclass(frozen=True, slots=True)
class Domain:
    """What an input or a required parameter may hold.

    `decimals` counts digits as written (a percent's fraction has two more); `low` and `high` are inclusive, None for an
    open end (fractions for quantities, dates for dates).
    """

    type: Type
    decimals: int
    low: Fraction | datetime.date | None
    high: Fraction | datetime.date | None
    reasons: tuple[str, ...]

    @property
    def scale(self) -> int:
        """Decimals of the exact fraction."""
        return self.decimals + (2 if self.type.kind == "percent" else 0)


@dataclass(frozen=True, slots=True)
class Input:
    """An input. It is expected only where `only_if` holds; elsewhere it is absent for `otherwise`."""

    ref: Ref
    domain: Domain
    only_if: Expr | None
    otherwise: str | None
    title: str
    about: str
    span: Span


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A dated parameter's value from `first` through `last` (None: open); `value` None where the record is silent."""

    first: datetime.date | None
    last: datetime.date | None
    value: Plain | None
    provenance: document.Provenance | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: exactly one of `value`, `required` (then `domain`), `dated`, `codes` tells what it holds."""

    name: str
    type: Type
    value: Plain | None
    text: str
    required: bool
    domain: Domain | None
    dated: tuple[DatedValue, ...]
    stated_through: datetime.date | None
    carry_after: bool
    codes: tuple[str, ...]
    title: str
    about: str
    provenance: document.Provenance | None
    span: Span


# --- definitions --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case gives: an expression, clamped and rounded in that order; or an absence (`absent`)."""

    span: Span
    expr: Expr | None
    absent: str | None
    at_least: Expr | None
    at_most: Expr | None
    rounding: Rounding | None
    provenance: document.Provenance | None


@dataclass(frozen=True, slots=True)
class Policy:
    """What is done with an absent member.

    `redistribute` and `ignore` leave it out, `zero` counts it as zero, `absent` makes the whole absent for the member's
    reason; for `top`: `last`, `out`. `every` is None where each reason has its own action; `spans` has where each of
    these reasons stands.
    """

    every: str | None
    by_reason: tuple[tuple[str, str], ...]
    span: Span
    spans: tuple[Span, ...] = ()

    def action(self, reason: str) -> str:
        """Return what to do with a member absent for `reason`. Raises KeyError for a reason the file does not name."""
        return self.every if self.every is not None else dict(self.by_reason)[reason]


@dataclass(frozen=True, slots=True)
class FormulaShape:
    """One expression. A bare `Read` carries absence along; any other expression reads only what is present."""

    span: Span
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Case:
    when: Expr
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ChooseShape:
    """The first case whose `when` holds, else `otherwise`."""

    span: Span
    cases: tuple[Case, ...]
    otherwise: Outcome


@dataclass(frozen=True, slots=True)
class Step:
    """`test` is the whole comparison of subject and bound; `kind` is the word written."""

    kind: str
    bound: Expr
    test: Expr
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class TiersShape:
    """The first step whose `test` holds, else `otherwise`."""

    span: Span
    subject: Expr
    steps: tuple[Step, ...]
    otherwise: Outcome


@dataclass(frozen=True, slots=True)
class Point:
    at: Expr
    value: Expr
    provenance: document.Provenance | None


@dataclass(frozen=True, slots=True)
class InterpolateShape:
    """Straight lines between points of strictly rising `at` (constants); at a point its value exactly.

    Between (x0, y0) and (x1, y1): y0 + (y1 - y0) * (x - x0) / (x1 - x0). Outside: `below` / `above` (None: proven
    never).
    """

    span: Span
    subject: Expr
    points: tuple[Point, ...]
    below: Outcome | None
    above: Outcome | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `tests` beside `columns`, None where the cell says any; the row matches where all tests hold."""

    tests: tuple[Expr | None, ...]
    outcome: Outcome
    span: Span


@dataclass(frozen=True, slots=True)
class TableShape:
    """Exactly one row matches (shown when checked)."""

    span: Span
    columns: tuple[Expr, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ByMemberShape:
    """The outcome named for the current member of `level` (the level of the value)."""

    span: Span
    level: str
    outcomes: tuple[tuple[str, Outcome], ...]


@dataclass(frozen=True, slots=True)
class HigherOfShape:
    """The highest (or with `lower` the lowest) of the items that are present.

    Items are bare names or expressions. `policy` (ignore, zero or absent) says what happens with absent items; where
    all are absent and ignored, the whole is absent for the first item's reason.
    """

    span: Span
    lower: bool
    items: tuple[Expr, ...]
    policy: Policy | None


@dataclass(frozen=True, slots=True)
class GatherShape:
    """An aggregate over the members of `level` under the current instance of `within` for which `where` holds.

    functions: sum, count, mean, weighted_mean (`weight`), min, max, any, all, at_least_of (`needed`), variance,
    standard_deviation, quantile (`at`). `item` is evaluated at each member (None: count of members). Absent items
    follow `policy`; fewer than `needed_present` present items: absent `too_few_present`. Over nothing: sum and count
    are 0; any, all, at_least_of are `if_none`; the rest are absent `none_present` (weighted_mean also where the weights
    add up to zero).
    """

    span: Span
    function: str
    level: str
    within: str
    item: Expr | None
    where: Expr | None
    weight: Expr | None
    policy: Policy | None
    needed_present: Expr | None
    needed: Expr | None
    at: Expr | None
    definition: str | None
    if_none: bool | None


@dataclass(frozen=True, slots=True)
class TopShape:
    """Yes or no on each member of `level`: whether it is among the first `how_many` under the same `within`.

    Members are ordered by `order`, best first: yes before no, larger before smaller, later before earlier; members
    equal in all of these by `ties` (ascending; a key unique within `within`) or all in (`ties` None: every member equal
    to the last one in is in too). `policy` says what an absent order value means: `last` puts it behind every present
    value of that key (earlier keys still come first), `out` never in.
    """

    span: Span
    level: str
    within: str
    how_many: Expr
    is_share: bool
    order: tuple[Expr, ...]
    ties: Ref | None
    policy: Policy | None
    rounding: Rounding | None


@dataclass(frozen=True, slots=True)
class StandingShape:
    """Where each member of `level` (the level of the value) stands among the members under the same `within`.

    `subject` is a bare name; a member for which it is absent has no standing (absent for that reason) and is not
    counted among the others, unless `policy` counts it as zero. With n members counted, of which w are worse and e
    equal to this one (itself among them), in the direction `better` (None: higher):

    - `rank`: `competition` 1 + the number better; `dense` 1 + the number of distinct better values.
    - `percentile_rank`: `inclusive` w / (n - 1), `exclusive` (w + 1) / (n + 1), `midpoint` (w + e / 2) / n. With
      `inclusive` and n = 1: absent `too_few_present`.
    - `z_score`: (value - mean) / standard deviation (negated where lower is better), `sample` dividing the squared
      distances by n - 1, `population` by n; correctly rounded by `rounding`. Absent `too_few_present` where n - 1 is 0,
      `no_variation` where all values are equal.
    """

    span: Span
    function: Literal["rank", "percentile_rank", "z_score"]
    level: str
    within: str
    subject: Read
    better: Expr | None
    ties: str | None
    definition: str | None
    policy: Policy | None
    rounding: Rounding | None


@dataclass(frozen=True, slots=True)
class AllocateShape:
    """A share of `pool` for each member of `level` (the level of the payment) under the same `within`.

    `pool` is read at the instance of `within`, in whole cents and not negative. Members take part that are in the
    program, that no gate on the payment holds back, and for which `needs` and `only_if` hold; the others follow those.
    `basis`, `at_most` and `at_least` are evaluated at each member. Caps are rounded down and floors up to whole cents.
    The shares solve min(cap, max(floor, factor * basis)) for the one factor that spends the pool, exactly; then whole
    cents: each rounded down, the cents left over one each by largest fraction, ties by the key `ties` (ascending).
    Where caps (or a basis of zero) do not let the pool be spent, everybody has what is possible. Where no member has a
    basis above zero, `if_none` decides: `not_paid` gives the floors, `error` is an EvaluationError. Floors above the
    pool, a floor above its cap, and a negative basis are EvaluationErrors.
    """

    span: Span
    level: str
    within: str
    pool: Read
    basis: Expr
    at_most: Expr | None
    at_least: Expr | None
    ties: Ref
    if_none: Literal["not_paid", "error"]


Shape: TypeAlias = (
    FormulaShape
    | ChooseShape
    | TiersShape
    | InterpolateShape
    | TableShape
    | ByMemberShape
    | HigherOfShape
    | GatherShape
    | TopShape
    | StandingShape
    | AllocateShape
)

Collective: TypeAlias = TopShape | StandingShape | AllocateShape
"""Shapes that settle all members under one instance of `within` together."""


@dataclass(frozen=True, slots=True)
class Definition:
    """How a value or a payment comes about.

    The fields act in their order: `needs` (absent for the first missing one's reason), `only_if` (else absent for
    `otherwise`), `shape`, `at_least`, `at_most`, `rounding`; then for a payment `pays_nothing_if_absent`, and the gates
    on it.
    """

    role: Literal["value", "payment"]
    ref: Ref
    type: Type
    needs: tuple[Read, ...]
    only_if: Expr | None
    otherwise: str | None
    shape: Shape
    at_least: Expr | None
    at_most: Expr | None
    rounding: Rounding | None
    pays_nothing_if_absent: bool
    paid_by: str | None
    title: str
    about: str
    provenance: document.Provenance | None
    span: Span


@dataclass(frozen=True, slots=True)
class Gate:
    """What must hold. `pays` None: `not_in_program` (all payments are absent for that reason).

    Otherwise the payments `on` are replaced by the amount `pays` where the gate fails (`pays_nothing` is zero). Where
    several gates fail on one payment, the first in the file decides.
    """

    ref: Ref
    require: Expr
    pays: Fraction | None
    on: tuple[Ref, ...]
    title: str
    provenance: document.Provenance | None
    span: Span


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must hold among inputs of `level`; data that break it are refused."""

    level: str
    condition: Expr
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Guarantee:
    """What is true of every result at every instance of `level`."""

    level: str
    condition: Expr
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Slot:
    """A named thing on a level and its type."""

    ref: Ref
    kind: Literal["input", "value", "payment", "gate", "cell", "name"]
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Program:
    """A rule file whose every name is bound.

    `steps` stand in an order in which each reads only earlier ones (a payment comes after the gates on it). Gates that
    decide on being in the program come first. `member_expectations` is what levels `expect` of their listed members,
    seen from the level they lie in; the file itself settles them, never the data.

    `uppers` has the levels above each level, nearest first. `spanning` names what needs the whole cohort, in the order
    of `steps`: what stands on groups, gathers or compares across participants, or reads such a one. `membership` names
    what only a participant in the program has, on its own levels: what is compared or allocated among participants,
    what reads a level of groups, and what reads such a one. For a participant that is not in the program these are
    absent, `not_in_program`, and nothing of them is evaluated.
    """

    document: document.Document
    participant: str
    levels: Mapping[str, Level]
    slots: Mapping[Ref, Slot]
    parameters: Mapping[str, Parameter]
    inputs: Mapping[Ref, Input]
    steps: tuple[Definition | Gate, ...]
    expected: tuple[Expectation, ...]
    guarantees: tuple[Guarantee, ...]
    member_expectations: tuple[Expectation, ...] = ()
    uppers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spanning: tuple[Ref, ...] = ()
    membership: frozenset[Ref] = frozenset()

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """The values and payments, in the order of `steps`."""
        return tuple(step for step in self.steps if isinstance(step, Definition))

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates, in the order of `steps`."""
        return tuple(step for step in self.steps if isinstance(step, Gate))

    def definition(self, ref: Ref) -> Definition:
        """Return the definition of a value or payment. Raises KeyError for any other name."""
        for step in self.steps:
            if isinstance(step, Definition) and step.ref == ref:
                return step
        raise KeyError(str(ref))

    def cell(self, ref: Ref, member: str) -> Datum:
        """Return the cell `ref.name` of a listed member. Raises KeyError for an unknown one."""
        for candidate in self.levels[ref.level].members:
            if candidate.name == member:
                return candidate.cells[ref.name]
        raise KeyError(member)

    def chain(self, level: str) -> tuple[str, ...]:
        """Return `level` and what it lies in, from itself up to the cohort."""
        found = [level]
        while (parent := self.levels[found[-1]].parent) is not None:
            found.append(parent)
        return tuple(found)

    # --- populations -----------------------------------------------------------------------------------------------

    def root(self, level: str) -> str:
        """Return what a level hangs from: the participant, a level of groups, or the cohort."""
        return next(name for name in self.chain(level) if self.levels[name].kind in ("participant", "groups", "cohort"))

    def levels_of(self, root: str) -> tuple[str, ...]:
        """Return the levels that hang from a root, itself first, in the order of the file."""
        return (root, *(name for name in self.levels if name != root and self.root(name) == root))

    @property
    def roots(self) -> tuple[str, ...]:
        """The cohort, the participant, and every level of groups, in the order of the file."""
        return tuple(name for name in self.levels if self.root(name) == name)

    def above(self, level: str) -> tuple[str, ...]:
        """Return the levels above: what it lies in, what gathers it, and what is above those; nearest first."""
        return self.uppers[level]

    @property
    def needs_cohort(self) -> bool:
        """Whether one participant alone cannot be evaluated: something gathers, compares or pays across them."""
        return bool(self.spanning)
